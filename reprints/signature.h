/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * signature: a text in a few dozen numbers, so that texts that share most of their shingles share many of these.
 *
 * MinHash (Broder 1997) in one pass: each shingle's hash chooses one of SIGNATURE_MINS bins and the smallest
 * one of a bin is kept (one permutation hashing, Li, Owen and Zhang 2012).  An empty bin takes the number of another,
 * by a sequence of bins that is the same for every text (optimal densification, Shrivastava 2017).  Two signatures agree in a
 * bin with a probability that is the likeness of their texts.
 *
 * SIGNATURE_ROWS bins are a band (locality-sensitive hashing; Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, 3.4).
 * Texts that have any band in common are candidates; of those of likeness s, a part of 1 - (1 - s^rows)^bands is.  A
 * signature is a function of its text alone, so that it never has to be revised.
 */
#ifndef VOISIN_REPRINTS_SIGNATURE_H
#define VOISIN_REPRINTS_SIGNATURE_H

#include <stdbool.h>

#include "reprints/shingles.h"

enum {
	SIGNATURE_ROWS = 3,
	SIGNATURE_BANDS = 12,
	SIGNATURE_MINS = SIGNATURE_ROWS * SIGNATURE_BANDS,
	SIGNATURE_BYTES = 2 * SIGNATURE_MINS,
	SIGNATURE_BAND_DIGITS =
	    5, /* of signature_band_text(): 30 bits, for what falls together by chance is decided on the texts */
	SIGNATURE_WORDS_MIN = 8 /* a text that is shorter is a heading or a caption, and no reprint of anything */
};

struct signature {
	uint16_t mins[SIGNATURE_MINS];
};

/* False where the text is shorter than SIGNATURE_WORDS_MIN: it has no signature. */
bool signature_of(const struct word_list *words, struct signature *ret_signature);

/* A band as a number that other bands do not have. */
uint64_t signature_band(const struct signature *signature, unsigned band);

/* The same as digits 0-9a-v, NUL-terminated. */
void signature_band_text(const struct signature *signature, unsigned band, char ret_text[SIGNATURE_BAND_DIGITS + 1]);

/* The part of the bins that agree. */
double signature_likeness(const struct signature *a, const struct signature *b);

/* As bytes, little-endian, and back; false for what has another length. */
void signature_write(const struct signature *signature, char ret_bytes[SIGNATURE_BYTES]);
bool signature_read(struct str bytes, struct signature *ret_signature);

#endif
