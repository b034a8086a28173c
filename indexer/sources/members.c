/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "indexer/sources/members.h"

#include "base/jsonstring.h"
#include "base/utf8.h"

struct reading {
	const char *p;
	const char *end;
	char *space; /* where the next unescaped byte goes */
};

static void
skip_blanks(struct reading *reading)
{
	jsonstring_skip_blanks(&reading->p, reading->end);
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

/* One with a NUL is left to others. */
static bool
take_string(struct reading *reading, struct str *ret_string)
{
	if (reading->p == reading->end || *reading->p != '"')
		return false;
	reading->p++;
	if (jsonstring_plain(&reading->p, reading->end, ret_string))
		return true;
	if (!jsonstring_escaped(&reading->p, reading->end, reading->space, ret_string))
		return false;
	reading->space += ret_string->len;
	return ret_string->len == 0 || memchr(ret_string->p, '\0', ret_string->len) == NULL;
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
