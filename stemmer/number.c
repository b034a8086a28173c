/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stemmer/number.h"

#include <stdbool.h>
#include <stdint.h>

#include "base/utf8.h"
#include "stemmer/chars.h"

enum {
	GROUPS_MAX = 7, /* of thousands: up to a sextillion */
	INITIALS_MAX = 16
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
