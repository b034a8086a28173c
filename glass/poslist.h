/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * poslist: the positions of a term in one document, as glass stores them.
 *
 * Interpolative coding (Moffat and Stuiver, "Binary Interpolative Coding for Effective Index Compression",
 * Information Retrieval 3, 2000): the last position, then, as bits, the first one, how many there are, and
 * the one in the middle, of which it is known between which two it lies; and so on in both halves.  The two positions
 * { 0, 1 } alone are written as { 1 } is: nothing is left to say of them in bits.  The library has it so.
 */
#ifndef VOISIN_GLASS_POSLIST_H
#define VOISIN_GLASS_POSLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

enum { POSLIST_MOST = 4 << 20 }; /* positions of a term in one document */

/* No list of n positions takes more bytes. */
#define POSLIST_BYTES(n) (4 * (size_t)(n) + 16)

/* Writes pos[0..n), 0 < n <= POSLIST_MOST, strictly ascending, at `to`; returns the number of bytes. */
size_t poslist_encode(const uint32_t *pos, size_t n, unsigned char *to);

/* ---- In runs --------------------------------------------------------------------------------- */

/*
 * The same as pack_uint() writes them: the first position, then of each how many there are between it and the one before.  No longer than
 * that for the few positions that most terms have in a document, and read at once.
 */
#define POSLIST_PACKED_BYTES(n) (5 * (size_t)(n)) /* at most */
size_t poslist_pack(const uint32_t *pos, size_t n, unsigned char *to);

/* Positions that were read.  Begin with { NULL, 0, 0 }, use one for many lists, and free v. */
struct poslist {
	uint32_t *v; /* strictly ascending */
	size_t n;
	size_t capacity;
};

/* Reads what poslist_pack() wrote into *list.  STATUS_CORRUPT: nothing it writes is so; STATUS_NOMEM. */
enum status poslist_unpack(struct str bytes, struct poslist *list, struct error *reterr) MUST_CHECK;

#endif
