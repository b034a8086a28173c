/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/cursor.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum status
cursor_read(const struct store_reader *reader, struct str cursor, uint32_t *ret_docid, struct error *reterr)
{
	const char *colon = cursor.len > 0 ? memchr(cursor.p, ':', cursor.len) : NULL;
	struct store_stats stats;
	char digits[12], *end;
	unsigned long docid;
	enum status status = store_reader_stats(reader, &stats, reterr);
	struct str generation, number;

	*ret_docid = 1;
	if (status != STATUS_OK || cursor.len == 0)
		return status;
	generation = (struct str) { cursor.p, colon != NULL ? (size_t)(colon - cursor.p) : 0 };
	number = (struct str) { cursor.p + generation.len + 1, colon != NULL ? cursor.len - generation.len - 1 : 0 };
	if (number.len == 0 || number.len >= sizeof(digits) || number.p[0] < '0' || number.p[0] > '9')
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "this is no cursor of ours");
	if (!str_eq(generation, stats.generation))
		return error_set(reterr, STATUS_STALE, ERROR_NO_OFFSET,
		    "the index was rebuilt since the walk began; begin again without a cursor");
	memcpy(digits, number.p, number.len);
	digits[number.len] = '\0';
	docid = strtoul(digits, &end, 10);
	if (*end != '\0' || docid == 0 || docid > UINT32_MAX)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "this is no cursor of ours");
	*ret_docid = (uint32_t)docid;
	return STATUS_OK;
}

enum status
cursor_write(
    const struct store_reader *reader, uint32_t last, struct arena *arena, struct str *ret_cursor, struct error *reterr)
{
	struct store_stats stats;
	char text[128];
	enum status status = store_reader_stats(reader, &stats, reterr);
	int len;

	if (status != STATUS_OK)
		return status;
	*ret_cursor = (struct str) { "", 0 };
	if (last == UINT32_MAX)
		return STATUS_OK;
	len = snprintf(text, sizeof(text), "%.*s:%" PRIu32, STR_FMT(stats.generation), last + 1);
	if (len < 0 || (size_t)len >= sizeof(text))
		return error_set(
		    reterr, STATUS_INTERNAL, ERROR_NO_OFFSET, "the generation's name is too long for a cursor");
	*ret_cursor = arena_str(arena, (struct str) { text, (size_t)len });
	if (ret_cursor->p == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory for the answer");
	return STATUS_OK;
}
