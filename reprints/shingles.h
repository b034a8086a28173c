/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shingles: how much of two texts is the same?
 *
 * The shingles of a text are its runs of SHINGLE_WORDS words, each counted once, and the likeness of two
 * texts is the Jaccard coefficient of these sets: what they share, over all that either has (Broder, On the resemblance and
 * containment of documents, 1997).  Three words: with five, one changed word in a text of eighty costs it 5 of
 * its 76 shingles, and short dispatches and articles of law would not be known again (docs/reprints.md).
 *
 *	"le cessez-le-feu tient"    le cessez le | cessez le feu | le feu tient
 */
#ifndef VOISIN_REPRINTS_SHINGLES_H
#define VOISIN_REPRINTS_SHINGLES_H

#include <stdbool.h>

#include "reprints/words.h"

enum { SHINGLE_WORDS = 3 };

/* A hash table of hashes.  All zero is an empty set. */
struct shingle_set {
	uint64_t *slots; /* 0 where empty */
	size_t capacity; /* a power of two */
	size_t n;
};

/* The hash of the run that begins at words[0]; never 0. */
static inline uint64_t
shingle_hash(const struct reprint_word *words)
{
	uint64_t hash = 0;

	for (int i = 0; i < SHINGLE_WORDS; i++)
		hash = (hash ^ words[i].hash) * 0x9e3779b97f4a7c15u;
	hash = hash_mix(hash);
	return hash != 0 ? hash : 1;
}

/* How many runs so many words have: none where they are too few. */
static inline size_t
shingle_count(size_t words)
{
	return words >= SHINGLE_WORDS ? words - SHINGLE_WORDS + 1 : 0;
}

/* Replaces what the set holds by the shingles of a list of words.  STATUS_NOMEM leaves it empty. */
enum status shingle_set_fill(struct shingle_set *set, const struct word_list *words) MUST_CHECK;

/* Frees the hashes and leaves an empty set. */
void shingle_set_done(struct shingle_set *set);

bool shingle_set_has(const struct shingle_set *set, uint64_t hash);

/* The Jaccard coefficient, 0 to 1; 0 where both are empty. */
double shingle_sets_likeness(const struct shingle_set *a, const struct shingle_set *b);

#endif
