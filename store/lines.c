/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/lines.h"

#include "store/hash.h"
#include "store/schema.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

bool
lines_next(struct str text, size_t *off, struct str *ret_line)
{
	const char *newline;
	size_t start = *off, end;

	if (start >= text.len)
		return false;
	newline = memchr(text.p + start, '\n', text.len - start);
	end = newline != NULL ? (size_t)(newline - text.p) : text.len;
	*off = newline != NULL ? end + 1 : end;
	while (start < end && is_blank(text.p[start]))
		start++;
	while (end > start && is_blank(text.p[end - 1]))
		end--;
	*ret_line = (struct str) { text.p + start, end - start };
	return true;
}

bool
lines_is_short(struct str line)
{
	return line.len > 0 && line.len <= LINES_SHORT_BYTES;
}

struct str
lines_term(struct str source, struct str line, char space[LINES_TERM_BYTES + 1])
{
	const size_t prefix = sizeof(SCHEMA_PREFIX_LINE) - 1;
	char hex[HASH_HEX_BYTES + 1];
	struct hash_state state;
	struct hash hash;

	hash_init(&state);
	hash_field(&state, source);
	hash_field(&state, line);
	hash_final(&state, &hash);
	hash_to_hex(&hash, hex);
	memcpy(space, SCHEMA_PREFIX_LINE, prefix);
	memcpy(space + prefix, hex, LINES_TERM_BYTES - prefix);
	space[LINES_TERM_BYTES] = '\0';
	return (struct str) { space, LINES_TERM_BYTES };
}
