/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * correct: which words of the vocabulary may have been meant by this one?
 *
 * Candidates are the words at a Damerau-Levenshtein distance of one or two: a letter missing, one too
 * many, one for another, two exchanged (Damerau 1964).  Among them decides what is likely: how such a
 * slip happens on a French keyboard or by ear, and how frequent the word is (the noisy channel of
 * Kernighan, Church and Gale 1990).  Words are folded, so that accents are no slips here.
 */
#ifndef VOISIN_QUERY_SUGGEST_CORRECT_H
#define VOISIN_QUERY_SUGGEST_CORRECT_H

#include "query/suggest/vocabulary.h"

struct candidate {
	struct str word; /* folded, borrowed from the vocabulary */
	uint32_t freq;
	double score; /* natural logarithm; of candidates for one word, larger is likelier */
};

/*
 * The likeliest words for `word` (folded, itself left out), at most `max`, the likeliest first;
 * returns their number.  None for words below three letters or of more than 64 bytes.  Cost: a walk
 * over the vocabulary, some milliseconds for 200,000 words.
 */
uint32_t correct_word(
    const struct vocabulary *vocabulary, struct str word, struct candidate *ret_candidates, uint32_t max);

/* The most frequent words that begin with `prefix`, which is not empty, at most `max`; their number. */
uint32_t complete_word(
    const struct vocabulary *vocabulary, struct str prefix, struct candidate *ret_candidates, uint32_t max);

#endif
