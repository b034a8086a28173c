/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * str: a borrowed run of bytes.
 *
 * Strings in Voisin are (pointer, length), UTF-8 unless said otherwise, and never assumed to end
 * in NUL.  A struct str owns nothing: whoever hands one out says until when it is valid.
 */
#ifndef VOISIN_BASE_STR_H
#define VOISIN_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *p;
	size_t len;
};

/* STR("text"): a struct str of a literal. */
#define STR(literal) ((struct str) { (literal), sizeof(literal) - 1 })

/* "%.*s" arguments of a struct str that is known to be shorter than INT_MAX. */
#define STR_FMT(s) (int)(s).len, (s).p

/* A struct str of a C string; NULL gives the empty string. */
static inline struct str
str_of(const char *c_string)
{
	return (struct str) { c_string != NULL ? c_string : "", c_string != NULL ? strlen(c_string) : 0 };
}

/* Whether two strings hold the same bytes. */
static inline bool
str_eq(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

/* Order by bytes, the shorter first where one is the start of the other: <0, 0, >0. */
static inline int
str_cmp(struct str a, struct str b)
{
	size_t shorter = a.len < b.len ? a.len : b.len;
	int order = shorter == 0 ? 0 : memcmp(a.p, b.p, shorter);

	if (order != 0)
		return order;
	return (a.len > b.len) - (a.len < b.len);
}

/* Numbers that were loaded lowest byte first.  No <endian.h>, which a program in strict C11 does not get. */
static inline uint64_t
str_le64(uint64_t number)
{
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? number : __builtin_bswap64(number);
}

static inline uint32_t
str_le32(uint32_t number)
{
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? number : __builtin_bswap32(number);
}

/* The first eight bytes as a number, the first the lowest; the shorter are filled up with zeros.  Loads of fixed sizes: no call. */
static inline uint64_t
str_load(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	uint64_t number;
	uint32_t first, last;

	if (s.len >= sizeof(number)) {
		memcpy(&number, p, sizeof(number));
		return str_le64(number);
	}
	if (s.len >= sizeof(first)) {
		/* The two overlap, and agree where they do. */
		memcpy(&first, p, sizeof(first));
		memcpy(&last, p + s.len - sizeof(last), sizeof(last));
		return str_le32(first) | (uint64_t)str_le32(last) << 8 * (s.len - sizeof(last));
	}
	if (s.len == 0)
		return 0;
	return p[0] | (uint64_t)p[s.len / 2] << 8 * (s.len / 2) | (uint64_t)p[s.len - 1] << 8 * (s.len - 1);
}

/* The same as a number that orders as the bytes do. */
static inline uint64_t
str_start(struct str s)
{
	return __builtin_bswap64(str_load(s));
}

/* Whether `s` begins with `prefix`. */
static inline bool
str_has_prefix(struct str s, struct str prefix)
{
	return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.p, prefix.p, prefix.len) == 0);
}

#endif
