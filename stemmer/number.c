/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stemmer/number.h"

#include <stdbool.h>
#include <stdint.h>

#include "base/utf8.h"
#include "stemmer/chars.h"

enum {
	GROUPS_MAX = 7, /* of thousands: up to a sextillion */
	INITIALS_MAX = 16,
	RUN_CHARS_MAX = 15 /* of 4 bytes they are still no longer than a word */
};

static bool
is_digit_at(struct str text, size_t off)
{
	return off < text.len && text.p[off] >= '0' && text.p[off] <= '9';
}

static size_t
skip_digits(struct str text, size_t off)
{
	while (is_digit_at(text, off))
		off++;
	return off;
}

/* Whether `sign` stands at `off` with a digit behind it. */
static bool
is_sign_before_digit(struct str text, size_t off, char sign)
{
	return off < text.len && text.p[off] == sign && is_digit_at(text, off + 1);
}

/* Whether [start, ...) goes on a row of numbers: the 2 of "1.2", of "1,2". */
static bool
is_behind_sign(struct str text, size_t start)
{
	return start >= 2 && (text.p[start - 1] == '.' || text.p[start - 1] == ',') && is_digit_at(text, start - 2);
}

/* What separates two groups of digits at `off`: '.', ',', ' ' for a space, '\'' for an apostrophe, 0. */
static char
separator_at(struct str text, size_t off, size_t *ret_len)
{
	if (off >= text.len)
		return 0;
	switch (char_class_at(text, off, ret_len)) {
	case CHAR_STOP: return text.p[off] == '.' ? '.' : 0;
	case CHAR_COMMA: return text.p[off] == ',' ? ',' : 0;
	case CHAR_SPACE: return text.p[off] != '\t' ? ' ' : 0;
	case CHAR_APOSTROPHE: return '\'';
	default: return 0;
	}
}

/* Whether the `len` bytes at `off` are those at `other`, which are in the text. */
static bool
is_same_at(struct str text, size_t off, size_t other, size_t len)
{
	return len <= text.len - off && memcmp(text.p + off, text.p + other, len) == 0;
}

/* The end of the groups of three behind the first group; *ret_separator is 0 where there are none. */
static size_t
thousands_end(struct str text, size_t start, size_t digits_end, char *ret_separator)
{
	size_t len = 0, end = digits_end, groups = 0;
	char separator = separator_at(text, digits_end, &len);

	*ret_separator = 0;
	if (separator == 0 || digits_end - start > 3 || text.p[start] == '0')
		return digits_end;
	while (groups < GROUPS_MAX && is_same_at(text, end, digits_end, len) &&
	       skip_digits(text, end + len) == end + len + 3) {
		end += len + 3;
		groups++;
	}
	if (groups == 0 || ((separator == '.' || separator == ',') && is_sign_before_digit(text, end, separator)))
		return digits_end;
	/* "10,500" is ten and a half in French; "1,000,000" and "1,234.5" are English. */
	if (separator == ',' && groups == 1 && !is_sign_before_digit(text, end, '.'))
		return digits_end;
	*ret_separator = separator;
	return end;
}

/* The end of the decimals behind `end`, or `end`. */
static size_t
decimals_end(struct str text, size_t start, size_t end, char separator)
{
	size_t decimals;

	if (separator != ',' && is_sign_before_digit(text, end, ',')) {
		decimals = skip_digits(text, end + 1);
		return is_sign_before_digit(text, decimals, ',') ? end : decimals;
	}
	if (separator == '.' || !is_sign_before_digit(text, end, '.') || (separator == 0 && end - start > 3))
		return end;
	decimals = skip_digits(text, end + 1);
	if (is_sign_before_digit(text, decimals, '.'))
		return end;
	/* Three digits would be a group of thousands, but for "0.125". */
	if (decimals - end - 1 == 3 && !(end - start == 1 && text.p[start] == '0'))
		return end;
	return decimals;
}

size_t
number_end(struct str text, size_t start, size_t digits_end)
{
	char separator;
	size_t end;

	if (is_behind_sign(text, start))
		return digits_end;
	end = thousands_end(text, start, digits_end, &separator);
	return decimals_end(text, start, end, separator);
}

/* Units that are written right behind their number; `least` digits, so that 5G and 4T stay what they are. */
static const struct unit {
	const char *written; /* in lower case */
	size_t least;
} units[] = {
	{ "h", 1 },
	{ "km", 1 },
	{ "m", 2 },
	{ "cm", 1 },
	{ "mm", 1 },
	{ "m2", 1 },
	{ "m3", 1 },
	{ "km2", 1 },
	{ "cm3", 1 },
	{ "kg", 1 },
	{ "g", 2 },
	{ "t", 2 },
	{ "ha", 1 },
	{ "cl", 1 },
	{ "ml", 1 },
	{ "min", 1 },
	{ "mn", 1 },
	{ "kmh", 1 },
	{ "ch", 2 },
	{ "go", 1 },
	{ "mo", 1 },
	{ "to", 1 },
	{ "kw", 1 },
	{ "mw", 1 },
	{ "gw", 1 },
	{ "kwh", 1 },
	{ "mwh", 1 },
	{ "mhz", 1 },
	{ "ghz", 1 },
	{ "ans", 1 },
	{ "euros", 1 },
};

/* Letters and a figure that are one word: units, and formulas, which are written with a small figure. */
static const char *const formulas[] = { "m2", "m3", "dm2", "dm3", "cm2", "cm3", "mm2", "mm3", "km2", "km3", "dam2",
	"hm2", "co2", "so2", "no2", "o2", "o3", "h2", "n2", "ch4", "sf6" };

/* A run of letters and digits, one row a character; what the analysis drops is not in it. */
struct run {
	char c[RUN_CHARS_MAX]; /* in lower case and without accents, '?' for any other letter */
	bool is_digit[RUN_CHARS_MAX];
	size_t off[RUN_CHARS_MAX + 1];
	size_t n;
};

/* The digit of a superscript or subscript, 0 for another character. */
static char
small_digit(uint32_t c)
{
	if (c == 0xB2 || c == 0xB3 || c == 0xB9)
		return c == 0xB9 ? '1' : (char)('2' + (c - 0xB2));
	if (c == 0x2070 || (c >= 0x2074 && c <= 0x2079))
		return (char)('0' + (c - 0x2070));
	return c >= 0x2080 && c <= 0x2089 ? (char)('0' + (c - 0x2080)) : 0;
}

/* Whether a word is the same without the character: soft hyphens, joiners, the line end behind them. */
static bool
is_dropped(uint32_t c)
{
	return c == 0xAD || c == 0x200C || c == 0x200D || c == 0x2060 || c == 0xFEFF || c == '\n' || c == '\r';
}

/* Reads [start, end); false where it is longer than any word with a number that is cut. */
static bool
read_run(struct str text, size_t start, size_t end, struct run *run)
{
	run->n = 0;
	while (start < end) {
		size_t off = start;
		uint32_t c = utf8_next(text, &start, NULL);
		char small = small_digit(c), letter = small != 0 ? small : char_to_ascii(c);

		if (is_dropped(c))
			continue;
		if (char_class_of(c) == CHAR_EXTEND && run->n > 0) {
			/* A letter with a mark, or a digit with one, which is no digit. */
			run->c[run->n - 1] = '?';
			run->is_digit[run->n - 1] = false;
			continue;
		}
		if (run->n == RUN_CHARS_MAX)
			return false;
		run->c[run->n] = letter != 0 && c < 0x80 ? letter : small != 0 ? small : '?';
		run->is_digit[run->n] = small != 0 || (c >= '0' && c <= '9');
		run->off[run->n++] = off;
	}
	run->off[run->n] = end;
	return true;
}

/* Whether the characters from `from` on are `written`. */
static bool
is_written(const struct run *run, size_t from, const char *written)
{
	return strlen(written) == run->n - from && memcmp(run->c + from, written, run->n - from) == 0;
}

/* Whether a number of `n_digits` is followed by a unit, or by the rest of an hour: "h30". */
static bool
is_unit(const struct run *run, size_t n_digits)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (n_digits >= units[i].least && is_written(run, n_digits, units[i].written))
			return true;
	}
	return run->n == n_digits + 3 && run->c[n_digits] == 'h' && run->is_digit[n_digits + 1] &&
	       run->is_digit[n_digits + 2];
}

static bool
is_formula(const struct run *run)
{
	for (size_t i = 0; i < sizeof(formulas) / sizeof(formulas[0]); i++) {
		if (is_written(run, 0, formulas[i]))
			return true;
	}
	return false;
}

size_t
number_cut(struct str text, size_t start, size_t end)
{
	struct run run;
	size_t cut = 0;

	if (!read_run(text, start, end, &run) || run.n == 0)
		return end;
	if (run.is_digit[0]) {
		while (cut < run.n && run.is_digit[cut])
			cut++;
		return is_unit(&run, cut) ? run.off[cut] : end;
	}
	for (cut = run.n; run.is_digit[cut - 1]; cut--)
		;
	for (size_t i = 0; i < cut; i++) {
		if (run.is_digit[i])
			return end;
	}
	return is_formula(&run) ? end : run.off[cut];
}

/* The end of the one letter at `off` with its combining marks, or `off` where there is none. */
static size_t
letter_end_at(struct str text, size_t off, uint32_t *ret_letter)
{
	size_t end = off, len;

	if (char_class_peek(text, off) != CHAR_LETTER)
		return off;
	*ret_letter = utf8_next(text, &end, NULL);
	while (end < text.len && char_class_at(text, end, &len) == CHAR_EXTEND)
		end += len;
	return end;
}

size_t
initials_end(struct str text, size_t start, size_t letter_end)
{
	size_t off = start, end = letter_end, letters = 1;
	uint32_t first, letter;

	if (start > 0 && text.p[start - 1] == '.')
		return letter_end;
	(void)letter_end_at(text, start, &first);
	off = letter_end;
	while (off < text.len && text.p[off] == '.' && letters < INITIALS_MAX) {
		size_t next = letter_end_at(text, off + 1, &letter);

		end = off + 1;
		if (next == off + 1 || char_is_upper(letter) != char_is_upper(first))
			break;
		if (char_class_is_word(char_class_peek(text, next)))
			break;
		off = end = next;
		letters++;
	}
	/* "O.N" is initials only with a full stop behind it: "la vitamine C.A partir". */
	if (letters == 1 || (letters == 2 && text.p[end - 1] != '.'))
		return letter_end;
	return end;
}
