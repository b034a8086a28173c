/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ascii: eight bytes at a time, as str_load() gives them, the first the lowest (Mycroft's tests; Warren, "Hacker's Delight", section 6-1).
 *
 * Each answer is how many bytes there are before the first one that is something else.
 *
 *	ascii_letters(str_load(STR("mot sûr!")))    3
 */
#ifndef VOISIN_BASE_ASCII_H
#define VOISIN_BASE_ASCII_H

#include <stdint.h>

#define ASCII_ALL(byte) (0x0101010101010101u * (uint64_t)(byte))
#define ASCII_SMALL(bytes) ((bytes) | ASCII_ALL(0x20)) /* of letters */

/* How many bytes there are before the first one whose highest bit is set. */
static inline unsigned
ascii_before(uint64_t bits)
{
	bits &= ASCII_ALL(0x80);
	return bits != 0 ? (unsigned)__builtin_ctzll(bits) / 8 : 8;
}

static inline unsigned
ascii_count(uint64_t bytes)
{
	return ascii_before(bytes);
}

static inline unsigned
ascii_letters(uint64_t bytes)
{
	uint64_t small = ASCII_SMALL(bytes) & ASCII_ALL(0x7F);
	uint64_t from_a = small + ASCII_ALL(0x80 - 'a');
	uint64_t past_z = small + ASCII_ALL(0x80 - 'z' - 1);

	return ascii_before(~from_a | past_z | bytes);
}

/* Before a quotation mark, a backslash or a control character: what a string of JSON has as it is.  A borrow marks bytes behind one alone. */
static inline unsigned
ascii_plain(uint64_t bytes)
{
	uint64_t quote = bytes ^ ASCII_ALL('"'), backslash = bytes ^ ASCII_ALL('\\');

	return ascii_before(((quote - ASCII_ALL(1)) & ~quote) | ((backslash - ASCII_ALL(1)) & ~backslash) |
			    ((bytes - ASCII_ALL(0x20)) & ~bytes));
}

#endif
