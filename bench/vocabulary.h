/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vocabulary: the distinct words of a corpus, in how many documents each stands, and how common that is.
 *
 * Queries are drawn by these figures: "common" and "rare" mean a word's rank and its documents.
 */
#ifndef VOISIN_BENCH_VOCABULARY_H
#define VOISIN_BENCH_VOCABULARY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "stemmer/analyzer.h"

enum { VOCABULARY_STEMS = 4 };

struct vocabulary_word {
	struct str lower; /* the words' own */
	struct str folded;
	uint32_t documents; /* that hold it */
	uint32_t rank; /* 0 for the word in the most documents; after vocabulary_rank() */
	uint32_t last_document; /* + 1 */
	bool is_plain; /* French letters alone, and at most VOCABULARY_STEMS stems */
	uint8_t n_stems;
	uint64_t stems[VOCABULARY_STEMS]; /* hashes */
};

struct vocabulary;

enum status vocabulary_new(struct vocabulary **ret_vocabulary, struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void vocabulary_free(struct vocabulary *vocabulary);

/* Counts a word of document number `document` (in ascending order); *ret_number is the word's. */
enum status vocabulary_add(struct vocabulary *vocabulary, const struct word *word, uint32_t document,
    uint32_t *ret_number, struct error *reterr) MUST_CHECK;

/* Ranks the words when all were added. */
enum status vocabulary_rank(struct vocabulary *vocabulary, struct error *reterr) MUST_CHECK;

/* How many words there are; their numbers are 0 and on. */
uint32_t vocabulary_size(const struct vocabulary *vocabulary);

/* A word by its number; borrowed until the next vocabulary_add(). */
const struct vocabulary_word *vocabulary_get(const struct vocabulary *vocabulary, uint32_t number);

/* How many distinct folded forms begin with `prefix`; after vocabulary_rank(). */
size_t vocabulary_with_prefix(const struct vocabulary *vocabulary, struct str prefix);

/* Whether two words have no stem in common. */
bool vocabulary_apart(const struct vocabulary_word *a, const struct vocabulary_word *b);

#endif
