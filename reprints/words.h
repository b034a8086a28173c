/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * words: a text as a row of words, for comparing it with others.
 *
 * A word is a run of letters, digits and underscores, told apart by a hash of its letters without case
 * and accents, so that ARMÉE, armée and armee are one, cœur and coeur too.  Elided particles and the parts of compounds are words of
 * their own: a copy is found by what was copied, not by what it means.  Not for: searching, which goes by stemmer/analyzer.h.
 *
 *	L'armée d’Alep-Est     l armee d alep est
 */
#ifndef VOISIN_REPRINTS_WORDS_H
#define VOISIN_REPRINTS_WORDS_H

#include <stdint.h>

#include "base/status.h"
#include "base/str.h"

struct reprint_word {
	uint64_t hash;
	uint32_t off; /* bytes of the text */
	uint32_t end; /* behind its last byte */
};

/* All zero is an empty list. */
struct word_list {
	struct reprint_word *v;
	size_t n;
	size_t capacity;
};

/* Replaces what the list holds by the words of `text` (any bytes, less than 4 GiB).  STATUS_NOMEM leaves it empty.  Cost: linear. */
enum status word_list_read(struct word_list *list, struct str text) MUST_CHECK;

/* Frees the words and leaves an empty list. */
void word_list_done(struct word_list *list);

/* Spreads the bits of a number over all others (the finalizer of MurmurHash3, Appleby 2011). */
static inline uint64_t
hash_mix(uint64_t x)
{
	x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdu;
	x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53u;
	return x ^ (x >> 33);
}

#endif
