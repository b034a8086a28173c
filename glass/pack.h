/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pack: numbers and strings as glass writes them (docs/glass-format.md, section 2).
 *
 * Each pack function writes at `to`, where the caller has made room, and returns the place behind what it
 * wrote, so that calls can be strung together:
 *
 *	p = pack_uint(p, freq);
 *	p = pack_uint(p, docid - 1);
 */
#ifndef VOISIN_GLASS_PACK_H
#define VOISIN_GLASS_PACK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "base/varint.h"

enum {
	PACK_UINT_BYTES = VARINT_BYTES, /* of the longest pack_uint() */
	PACK_DOCID_BYTES = 5, /* of the longest pack_docid() */
	PACK_LAST_BYTES = 4 /* of the longest pack_last() */
};

static inline unsigned char *
pack_uint(unsigned char *to, uint64_t number)
{
	return varint_put(to, number);
}

/* The lowest byte first, without leading zeros and so without its length: only at the end of something. */
unsigned char *pack_last(unsigned char *to, uint32_t number);

/* A document id so that ids sort as their bytes do. */
unsigned char *pack_docid(unsigned char *to, uint32_t docid);

/* `bytes` with 0xFF behind each NUL: a key that something may follow after one more NUL.  2 * len at most. */
unsigned char *pack_escaped(unsigned char *to, struct str bytes);

/* The length of what pack_escaped() would write. */
size_t pack_escaped_len(struct str bytes);

/* What pack_escaped() was given, written to `to`; returns its length. */
size_t pack_unescape(unsigned char *to, struct str escaped);

/* Two and four bytes, the highest first. */
static inline void
pack_be16(unsigned char *to, unsigned number)
{
	to[0] = (unsigned char)(number >> 8);
	to[1] = (unsigned char)number;
}

static inline void
pack_be32(unsigned char *to, uint32_t number)
{
	pack_be16(to, number >> 16);
	pack_be16(to + 2, number & 0xFFFF);
}

/* Bytes to be read from the front. */
struct unpack {
	const unsigned char *p;
	const unsigned char *end;
};

/* Reads what pack_uint() wrote; false where the bytes end before it does or it has more than 64 bits. */
static inline bool
unpack_uint(struct unpack *from, uint64_t *ret_number)
{
	return varint_get(&from->p, from->end, ret_number);
}

/* Takes `len` bytes; false where there are fewer. */
bool unpack_bytes(struct unpack *from, uint64_t len, struct str *ret_bytes);

#endif
