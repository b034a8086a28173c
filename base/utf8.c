/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/utf8.h"

#include "base/ascii.h"

/*
 * Well-formed sequences (table 3-7).  The range of the second byte depends on the first:
 *
 *	00..7F
 *	C2..DF 80..BF
 *	E0     A0..BF 80..BF           E1..EC, EE..EF  80..BF 80..BF      ED  80..9F 80..BF
 *	F0     90..BF 80..BF 80..BF    F1..F3  80..BF x3                  F4  80..8F 80..BF 80..BF
 */
static size_t
sequence_length(unsigned char first)
{
	if (first >= 0xC2 && first <= 0xDF)
		return 2;
	if (first >= 0xE0 && first <= 0xEF)
		return 3;
	if (first >= 0xF0 && first <= 0xF4)
		return 4;
	return 0;
}

static bool
second_is_valid(unsigned char first, unsigned char second)
{
	switch (first) {
	case 0xE0: return second >= 0xA0 && second <= 0xBF;
	case 0xED: return second >= 0x80 && second <= 0x9F;
	case 0xF0: return second >= 0x90 && second <= 0xBF;
	case 0xF4: return second >= 0x80 && second <= 0x8F;
	default: return second >= 0x80 && second <= 0xBF;
	}
}

static uint32_t
ill_formed(bool *ret_valid)
{
	if (ret_valid != NULL)
		*ret_valid = false;
	return UTF8_REPLACEMENT;
}

uint32_t
utf8_next(struct str s, size_t *off, bool *ret_valid)
{
	unsigned char first = (unsigned char)s.p[(*off)++];
	size_t length;
	uint32_t c;

	if (ret_valid != NULL)
		*ret_valid = true;
	if (first < 0x80)
		return first;
	length = sequence_length(first);
	if (length == 2 && *off < s.len && ((unsigned char)s.p[*off] & 0xC0) == 0x80)
		return (first & 0x1Fu) << 6 | ((unsigned char)s.p[(*off)++] & 0x3Fu);
	if (length == 0)
		return ill_formed(ret_valid);
	c = first & (0x7Fu >> length);
	for (size_t i = 1; i < length; i++) {
		unsigned char byte = *off < s.len ? (unsigned char)s.p[*off] : 0;

		if (i == 1 ? !second_is_valid(first, byte) : (byte & 0xC0) != 0x80)
			return ill_formed(ret_valid);
		c = c << 6 | (byte & 0x3Fu);
		(*off)++;
	}
	return c;
}

/* What is behind the ASCII characters at `off`. */
static size_t
skip_ascii(struct str s, size_t off)
{
	while (s.len - off >= sizeof(uint64_t)) {
		unsigned n = ascii_count(str_load((struct str) { s.p + off, sizeof(uint64_t) }));

		off += n;
		if (n < sizeof(uint64_t))
			return off;
	}
	while (off < s.len && (unsigned char)s.p[off] < 0x80)
		off++;
	return off;
}

/* Whether a character of two bytes stands at `off`, as most do that are not ASCII. */
static bool
is_pair(struct str s, size_t off)
{
	return s.len - off >= 2 && sequence_length((unsigned char)s.p[off]) == 2 &&
	       ((unsigned char)s.p[off + 1] & 0xC0) == 0x80;
}

size_t
utf8_valid_prefix(struct str s)
{
	size_t off = skip_ascii(s, 0);

	while (off < s.len) {
		size_t start = off;
		bool valid = true;

		if (is_pair(s, off))
			off += 2;
		else
			(void)utf8_next(s, &off, &valid);
		if (!valid)
			return start;
		off = skip_ascii(s, off);
	}
	return s.len;
}

size_t
utf8_encode(uint32_t c, char out[4])
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xC0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3F));
		return 2;
	}
	if (c >= 0xD800 && c <= 0xDFFF)
		return 0;
	if (c < 0x10000) {
		out[0] = (char)(0xE0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3F));
		out[2] = (char)(0x80 | (c & 0x3F));
		return 3;
	}
	if (c > 0x10FFFF)
		return 0;
	out[0] = (char)(0xF0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3F));
	out[2] = (char)(0x80 | (c >> 6 & 0x3F));
	out[3] = (char)(0x80 | (c & 0x3F));
	return 4;
}
