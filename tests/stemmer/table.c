/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/stemmer/table.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "tests/base/cmocka_first.h"

/* Where row_fail() goes on: with the next row. */
static jmp_buf next_row;

void
row_fail(const struct row *row, const char *format, ...)
{
	va_list args;

	(void)fprintf(stderr, "%s:%d: ", row->file, row->line);
	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fprintf(stderr, "\n");
	longjmp(next_row, 1);
}

/* Writes the character that the escape at `p` (behind its backslash) stands for; returns its end. */
static const char *
unescape_one(const struct row *row, const char *p, char **to)
{
	char *end = NULL;

	switch (*p) {
	case 'n': *(*to)++ = '\n'; return p + 1;
	case 't': *(*to)++ = '\t'; return p + 1;
	case 'r': *(*to)++ = '\r'; return p + 1;
	case 'x': {
		char digits[3] = { p[1], p[1] != '\0' ? p[2] : '\0', '\0' };

		*(*to)++ = (char)strtoul(digits, &end, 16);
		if (end != digits + 2)
			row_fail(row, "\\x wants two digits");
		return p + 3;
	}
	case 'u':
		*to += utf8_encode(p[1] == '{' ? (uint32_t)strtoul(p + 2, &end, 16) : UINT32_MAX, *to);
		if (end == NULL || *end != '}')
			row_fail(row, "\\u wants {digits}");
		return end + 1;
	case '\\':
	case '|': *(*to)++ = *p; return p + 1;
	default: row_fail(row, "unknown escape \\%c", *p);
	}
}

/* Resolves the escapes of [from, to) in place; they only shrink. */
static struct str
unescape(const struct row *row, char *from, char *to)
{
	char *out = from, saved = *to;
	const char *p = from;

	*to = '\0';
	while (p < to) {
		if (*p == '\\')
			p = unescape_one(row, p + 1, &out);
		else
			*out++ = *p++;
	}
	*to = saved;
	return (struct str) { from, (size_t)(out - from) };
}

static void
split(struct row *row, char *line, char *end)
{
	row->n = 0;
	while (row->n < TABLE_FIELDS_MAX) {
		char *bar = strstr(line, " | "), *field_end = bar != NULL ? bar : end;

		while (line < field_end && *line == ' ')
			line++;
		while (field_end > line && field_end[-1] == ' ')
			field_end--;
		row->fields[row->n++] = unescape(row, line, field_end);
		if (bar == NULL)
			return;
		line = bar + 3;
	}
	row_fail(row, "more than %d fields", TABLE_FIELDS_MAX);
}

/* Checks one row; returns whether it holds. */
static bool
check_row(struct row *row, char *line, size_t len, void (*check)(const struct row *row, void *context), void *context)
{
	if (setjmp(next_row) != 0)
		return false;
	split(row, line, line + len);
	check(row, context);
	return true;
}

void
table_each(const char *name, size_t least, void (*check)(const struct row *row, void *context), void *context)
{
	char path[1024], *line = NULL;
	size_t cap = 0, n = 0, n_failed = 0;
	ssize_t len;
	FILE *file;
	struct row row = { .file = name };

	(void)snprintf(path, sizeof(path), "%s/%s", TEST_DATA_DIR, name);
	file = fopen(path, "r");
	assert_non_null(file);
	while ((len = getline(&line, &cap, file)) > 0) {
		row.line++;
		if (line[len - 1] == '\n')
			line[--len] = '\0';
		if (len == 0 || line[0] == '#')
			continue;
		n_failed += !check_row(&row, line, (size_t)len, check, context);
		n++;
	}
	free(line);
	(void)fclose(file);
	assert_int_equal(n_failed, 0);
	assert_true(n >= least);
}
