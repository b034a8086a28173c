/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/query/table.h"

#include "base/file.h"
#include "tests/base/cmocka_first.h"

struct arena *test_arena;
struct analyzer *test_analyzer;

void
table_read(const char *path, struct buf *ret_text)
{
	struct error error;

	buf_init(ret_text, 1 << 24);
	if (file_read(path, ret_text, &error) != STATUS_OK)
		fail_msg("%s", error.message);
}

bool
table_line(struct str *rest, struct str *ret_line)
{
	const char *newline;

	if (rest->len == 0)
		return false;
	newline = memchr(rest->p, '\n', rest->len);
	ret_line->p = rest->p;
	ret_line->len = newline != NULL ? (size_t)(newline - rest->p) : rest->len;
	rest->p += ret_line->len + (newline != NULL ? 1 : 0);
	rest->len -= ret_line->len + (newline != NULL ? 1 : 0);
	return true;
}

struct str
table_trim(struct str s)
{
	while (s.len > 0 && s.p[0] == ' ') {
		s.p++;
		s.len--;
	}
	while (s.len > 0 && s.p[s.len - 1] == ' ')
		s.len--;
	return s;
}

struct str
table_cell(struct str *line)
{
	struct str cell = *line;

	for (size_t i = 0; i + 3 <= line->len; i++) {
		if (memcmp(line->p + i, " | ", 3) == 0) {
			cell.len = i;
			line->p += i + 3;
			line->len -= i + 3;
			return table_trim(cell);
		}
	}
	line->p += line->len;
	line->len = 0;
	return table_trim(cell);
}

int
table_setup(void **state)
{
	(void)state;
	return arena_new(1 << 24, &test_arena) != STATUS_OK || analyzer_new(&test_analyzer, NULL) != STATUS_OK;
}

int
table_teardown(void **state)
{
	(void)state;
	analyzer_free(test_analyzer);
	arena_free(test_arena);
	return 0;
}
