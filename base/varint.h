/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * varint: a number in as few bytes as it takes: seven bits a byte, the lowest first; all bytes but the last have
 * their top bit set.
 */
#ifndef VOISIN_BASE_VARINT_H
#define VOISIN_BASE_VARINT_H

#include <stdbool.h>
#include <stdint.h>

enum { VARINT_BYTES = 10 /* of the longest one */ };

/* Writes at `to`, where there is room; returns the place behind. */
static inline unsigned char *
varint_put(unsigned char *to, uint64_t number)
{
	for (; number >= 0x80; number >>= 7)
		*to++ = (unsigned char)(number | 0x80);
	*to++ = (unsigned char)number;
	return to;
}

/* Moves *from behind a varint.  False where it does not end before `end`, or within ten bytes. */
static inline bool
varint_get(const unsigned char **from, const unsigned char *end, uint64_t *ret_number)
{
	const unsigned char *p = *from;
	uint64_t number = 0;

	for (unsigned shift = 0; p < end && shift < 64; shift += 7) {
		number |= (uint64_t)(*p & 0x7F) << shift;
		if (*p++ >= 0x80)
			continue;
		*from = p;
		*ret_number = number;
		return true;
	}
	return false;
}

#endif
