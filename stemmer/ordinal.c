/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stemmer/ordinal.h"

#include <stdbool.h>

/* What stands behind the number, without its plural s, and what it is made to be. */
static const struct ending {
	const char *written;
	const char *stem;
} endings[] = {
	{ "er", "er" },
	{ "ere", "er" },
	{ "re", "er" },
	{ "iere", "er" },
	{ "e", "e" },
	{ "eme", "e" },
	{ "ieme", "e" },
};

static bool
is_roman(char c)
{
	return c == 'i' || c == 'v' || c == 'x';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The bytes of the number that the word begins with; Roman ones up to XXXIX, as of centuries. */
static size_t
number_bytes(struct str word)
{
	size_t n = 0;

	while (n < word.len && is_digit(word.p[n]))
		n++;
	if (n > 0)
		return n;
	while (n < word.len && is_roman(word.p[n]))
		n++;
	return n;
}

static const char *
find_ending(struct str ending)
{
	if (ending.len > 1 && ending.p[ending.len - 1] == 's')
		ending.len--;
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		if (str_eq(ending, str_of(endings[i].written)))
			return endings[i].stem;
	}
	return NULL;
}

size_t
ordinal_stem(struct str folded, char out[LIMIT_WORD_BYTES])
{
	size_t number = number_bytes(folded);
	const char *stem;

	if (number == 0 || number == folded.len)
		return 0;
	stem = find_ending((struct str) { folded.p + number, folded.len - number });
	if (stem == NULL || number + strlen(stem) > LIMIT_WORD_BYTES)
		return 0;
	memcpy(out, folded.p, number);
	memcpy(out + number, stem, strlen(stem));
	return number + strlen(stem);
}
