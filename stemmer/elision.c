/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stemmer/elision.h"

#include <stdbool.h>
#include <stdint.h>

#include "base/utf8.h"
#include "stemmer/chars.h"

/* Rows are written in lower case and without accents.  Grevisse, Le bon usage, sections 44-45. */
static const char *const particles[] = {
	"l",
	"d",
	"j",
	"m",
	"t",
	"s",
	"n",
	"c", /* c also stands for c cedilla: ç'a été */
	"qu",
	"jusqu",
	"lorsqu",
	"puisqu",
	"quoiqu",
	"presqu",
	"quelqu",
};

#define ANY NULL
#define CONSONANT "-"

/* Looked at before the particles; the first row that fits decides. */
static const struct exception {
	const char *left;
	const char *right; /* all of it, ANY, or CONSONANT for what begins with one (h and y are none here) */
	enum elision elision;
} exceptions[] = {
	{ "aujourd", "hui", ELISION_JOIN }, { "quelqu", "un", ELISION_JOIN }, { "quelqu", "une", ELISION_JOIN },
	{ "quelqu", "uns", ELISION_JOIN }, { "quelqu", "unes", ELISION_JOIN }, { "presqu", "ile", ELISION_JOIN },
	{ "presqu", "iles", ELISION_JOIN }, { "prud", ANY, ELISION_JOIN }, /* prud'homme, prud'homie, prud'homal */
	{ "entr", ANY, ELISION_JOIN }, /* entr'aimer, now entraimer */
	{ "o", ANY, ELISION_JOIN }, /* O'Brien, O'Neill */
	{ "ch", ANY, ELISION_JOIN }, /* ch'ti, also chti */
	{ "p", ANY, ELISION_JOIN }, /* p'tit, also ptit */
	{ "n", "roll", ELISION_PARTS }, /* rock n'roll, R n'B: the positions of rock'n'roll */
	{ "n", "b", ELISION_PARTS },
	/* n' and m' are elided before a vowel only; before a consonant stands a name. */
	{ "n", CONSONANT, ELISION_JOIN }, /* N'Djamena, N'Golo */
	{ "m", CONSONANT, ELISION_JOIN }, /* M'Bala, M'Barki */
};

/* Lower case without accents, NUL-terminated; false for what is longer than the tables' rows. */
static bool
to_plain(struct str part, char out[ELISION_LETTERS_MAX + 1])
{
	size_t n = 0;

	for (size_t off = 0; off < part.len;) {
		uint32_t c = utf8_next(part, &off, NULL);
		char letter = char_to_ascii(c);

		if (letter == 0 && char_class_of(c) == CHAR_EXTEND)
			continue;
		if (letter == 0 || n == ELISION_LETTERS_MAX)
			return false;
		out[n++] = letter;
	}
	out[n] = '\0';
	return true;
}

static bool
begins_with_consonant(struct str part)
{
	size_t off = 0;
	char letter = part.len > 0 ? char_to_ascii(utf8_next(part, &off, NULL)) : 0;

	return letter >= 'a' && letter <= 'z' && strchr("aeiouyh", letter) == NULL;
}

static bool
fits(const struct exception *row, const char *left, struct str right)
{
	char plain[ELISION_LETTERS_MAX + 1];

	if (row->left[0] != left[0] || strcmp(row->left, left) != 0)
		return false;
	if (row->right == NULL)
		return true;
	if (strcmp(row->right, CONSONANT) == 0)
		return begins_with_consonant(right);
	return to_plain(right, plain) && strcmp(row->right, plain) == 0;
}

static bool
is_particle(const char *left)
{
	for (size_t i = 0; i < sizeof(particles) / sizeof(particles[0]); i++) {
		if (particles[i][0] == left[0] && strcmp(particles[i], left) == 0)
			return true;
	}
	return false;
}

enum elision
elision_of(struct str left, struct str right)
{
	char plain[ELISION_LETTERS_MAX + 1];

	/* Two bytes a letter and one mark: anything longer is in no table. */
	if (left.len > 4 * ELISION_LETTERS_MAX || !to_plain(left, plain))
		return ELISION_PARTS;
	for (size_t i = 0; right.len > 0 && i < sizeof(exceptions) / sizeof(exceptions[0]); i++) {
		if (fits(&exceptions[i], plain, right))
			return exceptions[i].elision;
	}
	return is_particle(plain) ? ELISION_CUT : ELISION_PARTS;
}
