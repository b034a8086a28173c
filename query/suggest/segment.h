/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * segment: words that were typed as one, and one that was typed as two.
 *
 *	cessezlefeu     cessez le feu
 *	aujourd hui     aujourd'hui
 *
 * The likeliest cut is that whose words are the most frequent together, each taken by itself (the unigram model of
 * Norvig, Natural language corpus data, in: Beautiful Data, 2009), with a price for each blank that was forgotten.
 */
#ifndef VOISIN_QUERY_SUGGEST_SEGMENT_H
#define VOISIN_QUERY_SUGGEST_SEGMENT_H

#include "base/limits.h"
#include "query/suggest/vocabulary.h"

enum {
	SEGMENT_PARTS = 4, /* at most */
	SEGMENT_LETTERS_MIN = 6, /* of what is cut */
	SEGMENT_PART_MIN = 2 /* of each part */
};

struct segments {
	struct str v[SEGMENT_PARTS]; /* of the word that was cut */
	uint32_t n; /* 0 where it cannot be cut */
	double score; /* as a candidate's (correct.h), to be compared with those for the same word */
};

/*
 * Cuts `word` (folded) into words of the vocabulary; `n_documents` is how many the index has.  Cost: a search for each
 * part of it, some hundreds.
 */
struct segments segment_split(const struct vocabulary *vocabulary, struct str word, uint32_t n_documents);

/*
 * Writes the two words (folded) as the one word of the vocabulary that they are, solid or with an apostrophe, to
 * `buffer`; an empty string where there is none.
 */
struct str segment_join(
    const struct vocabulary *vocabulary, struct str first, struct str second, char buffer[LIMIT_WORD_BYTES]);

#endif
