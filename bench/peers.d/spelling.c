/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/peers.d/spelling.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* U+00DF to U+017F without the signs of division and multiplication, and without what is not lower case by itself. */
static bool
is_letter_of_two(unsigned char lead, unsigned char next)
{
	if (lead == 0xC3)
		return next >= 0x9F && next != 0xB7;
	return (lead == 0xC4 || lead == 0xC5) && next >= 0x80;
}

/* How many bytes of the word, from i on, are a letter or digit that stays; 0 where the byte is to be spelled out. */
static size_t
plain_at(struct str word, size_t i)
{
	unsigned char c = (unsigned char)word.p[i];

	if (c == 'q' && i > 0 && word.p[i - 1] == 'z')
		return 0; /* "zq" is what begins a byte that is spelled out */
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
		return 1;
	return i + 1 < word.len && is_letter_of_two(c, (unsigned char)word.p[i + 1]) ? 2 : 0;
}

/* FNV-1a. */
static uint64_t
hash_of(struct str word)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < word.len; i++)
		hash = (hash ^ (unsigned char)word.p[i]) * 0x100000001b3u;
	return hash;
}

const char *
spelling_of(struct str word, char spelled[SPELLING_BYTES])
{
	size_t len = 0, taken;

	for (size_t i = 0; i<word.len; i += taken> 0 ? taken : 1) {
		taken = plain_at(word, i);
		if (len + (taken > 0 ? taken : 4) > SPELLING_MAX) {
			snprintf(spelled, SPELLING_BYTES, "zr%016llx", (unsigned long long)hash_of(word));
			return spelled;
		}
		if (taken > 0)
			memcpy(spelled + len, word.p + i, taken);
		else
			snprintf(spelled + len, 5, "zq%02x", (unsigned char)word.p[i]);
		len += taken > 0 ? taken : 4;
	}
	spelled[len] = '\0';
	return spelled;
}
