/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * poslist: the positions of a term in one document, as glass stores them.
 *
 * Interpolative coding (Moffat and Stuiver, "Binary Interpolative Coding for Effective Index Compression",
 * Information Retrieval 3, 2000): the last position, then, as bits, the first one, how many there are, and
 * the one in the middle, of which it is known between which two it lies; and so on in both halves.
 */
#ifndef VOISIN_GLASS_POSLIST_H
#define VOISIN_GLASS_POSLIST_H

#include <stddef.h>
#include <stdint.h>

/* No list of n positions takes more bytes. */
#define POSLIST_BYTES(n) (4 * (size_t)(n) + 16)

/* Writes pos[0..n), n > 0, strictly ascending, at `to`; returns the number of bytes. */
size_t poslist_encode(const uint32_t *pos, size_t n, unsigned char *to);

#endif
