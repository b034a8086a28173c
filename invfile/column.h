/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * column: one number of each of up to 128 postings, all in as many bits as the widest takes.
 *
 * A full column is laid out for registers of four numbers (Lemire and Boytsov, "Decoding billions of integers per second
 * through vectorization", 2015, section 4): number i stands in lane i % 4, and every lane is a run of bits of its own:
 *
 *	row of 16 bytes    lane 0     lane 1     lane 2     lane 3      (32 bits each)
 *	       0           0, 4, ...  1, 5, ...  2, 6, ...  3, 7, ...
 *	       width - 1   ...124     ...125     ...126     ...127
 *
 * A shorter one is one run of bits.
 */
#ifndef VOISIN_INVFILE_COLUMN_H
#define VOISIN_INVFILE_COLUMN_H

#include "invfile/bytes.h"

enum { COLUMN_FULL = 128 };

/* How many bits the widest of n numbers takes. */
unsigned column_width(const uint32_t *numbers, unsigned n);

static inline uint32_t
column_bytes(unsigned n, unsigned width)
{
	return n == COLUMN_FULL ? 16 * width : (uint32_t)bits_bytes(n, width);
}

/* Writes n (at most 128) numbers, and may write BYTES_SLACK bytes of zeros behind; returns the place behind the column. */
unsigned char *column_put(unsigned char *to, const uint32_t *numbers, unsigned n, unsigned width);

/* Reads them all.  `width` is at most 32. */
void column_read(const unsigned char *from, uint32_t *ret_numbers, unsigned n, unsigned width);

/* The same, added up: number i becomes base + the sum of the first i + 1 numbers + (i + 1) * plus, modulo 2^32. */
void column_read_sums(
    const unsigned char *from, uint32_t base, uint32_t plus, uint32_t *ret_numbers, unsigned n, unsigned width);

#endif
