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

static bool
is_plain(struct str word)
{
	for (size_t i = 0; i < word.len; i++) {
		unsigned char c = (unsigned char)word.p[i];

		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			continue;
		if (i + 1 == word.len || !is_letter_of_two(c, (unsigned char)word.p[i + 1]))
			return false;
		i++;
	}
	return word.len > 0 && !(word.len >= 2 && word.p[0] == 'z' && (word.p[1] == 'q' || word.p[1] == 'r'));
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
	bool plain = is_plain(word);

	if ((plain ? word.len : 2 + 2 * word.len) > SPELLING_MAX) {
		snprintf(spelled, SPELLING_BYTES, "zr%016llx", (unsigned long long)hash_of(word));
		return spelled;
	}
	if (plain) {
		memcpy(spelled, word.p, word.len);
		spelled[word.len] = '\0';
		return spelled;
	}
	memcpy(spelled, "zq", 3);
	for (size_t i = 0; i < word.len; i++)
		snprintf(spelled + 2 + 2 * i, 3, "%02x", (unsigned char)word.p[i]);
	return spelled;
}
