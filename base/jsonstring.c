/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/jsonstring.h"

#include "base/ascii.h"
#include "base/utf8.h"

/* The end of what stands for itself: a quotation mark, an escape, a control character. */
static const char *
plain_end(const char *p, const char *end)
{
	while ((size_t)(end - p) >= sizeof(uint64_t)) {
		unsigned n = ascii_plain(str_load((struct str) { p, sizeof(uint64_t) }));

		p += n;
		if (n < sizeof(uint64_t))
			return p;
	}
	while (p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20)
		p++;
	return p;
}

bool
jsonstring_plain(const char **from, const char *end, struct str *ret_string)
{
	const char *p = plain_end(*from, end);

	if (p == end || *p != '"')
		return false;
	*ret_string = (struct str) { *from, (size_t)(p - *from) };
	*from = p + 1;
	return true;
}

/* ---- Escapes --------------------------------------------------------------------------------- */

static bool
take(const char **from, const char *end, char c)
{
	if (*from == end || **from != c)
		return false;
	++*from;
	return true;
}

static bool
take_digit(const char **from, const char *end, uint32_t *number)
{
	char c = *from < end ? *(*from)++ : '\0';
	uint32_t digit = 16;

	if (c >= '0' && c <= '9')
		digit = (uint32_t)(c - '0');
	else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
		digit = (uint32_t)((c | 0x20) - 'a') + 10;
	*number = *number << 4 | digit;
	return digit < 16;
}

/* Four digits. */
static bool
take_unit(const char **from, const char *end, uint32_t *unit)
{
	*unit = 0;
	for (int i = 0; i < 4; i++) {
		if (!take_digit(from, end, unit))
			return false;
	}
	return true;
}

/* What stands behind \u: a character, or the two halves of one. */
static bool
take_code(const char **from, const char *end, char **out)
{
	uint32_t c, low;
	size_t len;

	if (!take_unit(from, end, &c))
		return false;
	if (c >= 0xD800 && c <= 0xDBFF) {
		if (!take(from, end, '\\') || !take(from, end, 'u') || !take_unit(from, end, &low) || low < 0xDC00 ||
		    low > 0xDFFF)
			return false;
		c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
	}
	/* Nothing for the second half of a pair alone. */
	len = utf8_encode(c, *out);
	*out += len;
	return len > 0;
}

/* What stands behind a backslash.  No escape is shorter than what it stands for. */
static bool
take_escape(const char **from, const char *end, char **out)
{
	static const char escapes[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
	const char *escape;
	char c = *from < end ? *(*from)++ : '\0';

	if (c == 'u')
		return take_code(from, end, out);
	escape = c != '\0' ? strchr(escapes, c) : NULL;
	if (escape == NULL)
		return false;
	*(*out)++ = meanings[escape - escapes];
	return true;
}

bool
jsonstring_escaped(const char **from, const char *end, char *space, struct str *ret_string)
{
	char *out = space;

	for (;;) {
		const char *p = plain_end(*from, end);

		memcpy(out, *from, (size_t)(p - *from));
		out += p - *from;
		*from = p;
		if (!take(from, end, '\\'))
			break;
		if (!take_escape(from, end, &out))
			return false;
	}
	*ret_string = (struct str) { space, (size_t)(out - space) };
	return take(from, end, '"');
}
