/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "indexer/sources/members.h"

#include <stdint.h>

#include "base/ascii.h"
#include "base/utf8.h"

struct reading {
	const char *p;
	const char *end;
	char *space; /* where the next unescaped byte goes */
};

static void
skip_blanks(struct reading *reading)
{
	while (reading->p < reading->end &&
	       (*reading->p == ' ' || *reading->p == '\t' || *reading->p == '\n' || *reading->p == '\r'))
		reading->p++;
}

/* Takes `c`, and the blanks around it. */
static bool
take(struct reading *reading, char c)
{
	skip_blanks(reading);
	if (reading->p == reading->end || *reading->p != c)
		return false;
	reading->p++;
	skip_blanks(reading);
	return true;
}

static bool
take_digit(struct reading *reading, uint32_t *number)
{
	char c = reading->p < reading->end ? *reading->p++ : '\0';
	uint32_t digit = 16;

	if (c >= '0' && c <= '9')
		digit = (uint32_t)(c - '0');
	else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
		digit = (uint32_t)((c | 0x20) - 'a') + 10;
	*number = *number << 4 | digit;
	return digit < 16;
}

/* The four digits of an escape; false for half of a pair, too. */
static bool
take_code(struct reading *reading)
{
	uint32_t c = 0;
	size_t len;

	for (int i = 0; i < 4; i++)
		if (!take_digit(reading, &c))
			return false;
	len = c != 0 ? utf8_encode(c, reading->space) : 0;
	reading->space += len;
	return len > 0;
}

static bool
take_escape(struct reading *reading)
{
	static const char escapes[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
	char c = ++reading->p < reading->end ? *reading->p++ : '\0';
	const char *escape;

	if (c == 'u')
		return take_code(reading);
	escape = c != '\0' ? strchr(escapes, c) : NULL;
	if (escape == NULL)
		return false;
	*reading->space++ = meanings[escape - escapes];
	return true;
}

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

/* The string behind its first quotation mark, which has escapes from `p` on. */
static bool
take_escaped(struct reading *reading, const char *p, struct str *ret_string)
{
	char *start = reading->space;

	for (;;) {
		size_t n = (size_t)(p - reading->p);

		memcpy(reading->space, reading->p, n);
		reading->space += n;
		reading->p = p;
		if (p == reading->end || (unsigned char)*p < 0x20)
			return false;
		if (*p == '"')
			break;
		if (!take_escape(reading))
			return false;
		p = plain_end(reading->p, reading->end);
	}
	reading->p++;
	*ret_string = (struct str) { start, (size_t)(reading->space - start) };
	return true;
}

static bool
take_string(struct reading *reading, struct str *ret_string)
{
	const char *p;

	if (reading->p == reading->end || *reading->p != '"')
		return false;
	p = plain_end(++reading->p, reading->end);
	if (p == reading->end || *p != '"')
		return take_escaped(reading, p, ret_string);
	*ret_string = (struct str) { reading->p, (size_t)(p - reading->p) };
	reading->p = p + 1;
	return true;
}

static bool
take_value(struct reading *reading, struct str *ret_value)
{
	struct str rest = { reading->p, (size_t)(reading->end - reading->p) };

	if (!str_has_prefix(rest, STR("null")))
		return take_string(reading, ret_value);
	reading->p += sizeof("null") - 1;
	*ret_value = STR("");
	return true;
}

const struct str *
members_find(const struct members *members, struct str key)
{
	for (size_t i = 0; i < members->n; i++)
		if (str_eq(members->list[i].key, key))
			return &members->list[i].value;
	return NULL;
}

static bool
take_member(struct reading *reading, struct members *members)
{
	struct member member;

	if (members->n == MEMBERS_MOST || !take_string(reading, &member.key) || !take(reading, ':') ||
	    !take_value(reading, &member.value) || members_find(members, member.key) != NULL)
		return false;
	members->list[members->n++] = member;
	return true;
}

bool
members_read(struct str line, char *space, struct members *ret_members)
{
	struct reading reading = { line.p, line.p + line.len, space };

	ret_members->n = 0;
	if (!take(&reading, '{') || utf8_valid_prefix(line) != line.len)
		return false;
	do
		if (!take_member(&reading, ret_members))
			return false;
	while (take(&reading, ','));
	return take(&reading, '}') && reading.p == reading.end;
}
