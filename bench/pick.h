/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pick: words that stand in a corpus in the way that a query asks for.
 *
 * Each pick_x() makes one try at the words of a query, from a place that chance gives, and says whether
 * they are of the kind that is wanted.  Words of one query share no stem: Voisin never lets one
 * occurrence serve two operands, and Xapian does.
 */
#ifndef VOISIN_BENCH_PICK_H
#define VOISIN_BENCH_PICK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/vocabulary.h"

struct token_ref {
	uint32_t word;
	uint32_t sentence;
};

struct text {
	size_t first; /* of its tokens */
	uint32_t n;
};

struct draw {
	struct vocabulary *words;
	struct token_ref *tokens; /* of all texts, in a row */
	size_t n_tokens, token_room;
	struct text *texts;
	size_t n_texts, text_room;
	uint64_t state; /* of the chance */
};

/*
 * Reads a corpus (bench/corpus.h).  All of its words are counted, and queries drawn from the first `texts_max` texts.  Ends the
 * program where that fails.
 */
void draw_read_corpus(struct draw *draw, const char *path, size_t texts_max);
void draw_done(struct draw *draw);

/* A number of the command line, up to `most`; ends the program where it is none. */
unsigned long draw_number(const char *text, unsigned long most, const char *what);

enum { PICKED_MAX = 5 };

/* The words of one query. */
struct picked {
	const struct vocabulary_word *words[PICKED_MAX];
	size_t bytes; /* of the first word that are used, 0 for all */
	size_t n; /* of the words, where that is left to chance */
};

/* Content words from anywhere in one text. */
bool pick_one(struct draw *draw, struct picked *picked);
bool pick_two(struct draw *draw, struct picked *picked);
bool pick_three(struct draw *draw, struct picked *picked);

/* Two content words in a row, in one sentence. */
bool pick_phrase(struct draw *draw, struct picked *picked);

/* Three words in a row, two stop words or three among them. */
bool pick_stop_phrase(struct draw *draw, struct picked *picked);

/* Three to five words in a row, at least two of them no stop words; picked->n says how many. */
bool pick_long_phrase(struct draw *draw, struct picked *picked);

/* Two words with ten others between at most: content words, two common ones, a rare one and a common one, two rare ones. */
bool pick_near(struct draw *draw, struct picked *picked);
bool pick_near_common(struct draw *draw, struct picked *picked);
bool pick_near_rare(struct draw *draw, struct picked *picked);
bool pick_near_rare_rare(struct draw *draw, struct picked *picked);

/* Two content words in a row, and one with ten others between at most. */
bool pick_phrase_near(struct draw *draw, struct picked *picked);

/* Two content words with five others between at most, and one with ten between it and the first. */
bool pick_near_near(struct draw *draw, struct picked *picked);

/* Two content words of one sentence. */
bool pick_sentence(struct draw *draw, struct picked *picked);

/* The first letters of a content word: four, or as many more as it takes to begin no more words than are allowed. */
bool pick_prefix(struct draw *draw, struct picked *picked);

#endif
