/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "protocol/reply.h"

#include "base/utf8.h"

static void
begin(struct buf *out, struct str id)
{
	json_write_open(out, '{');
	json_write_key(out, "jsonrpc");
	json_write_string(out, STR("2.0"));
	json_write_key(out, "id");
	json_write_raw(out, id);
}

void
reply_begin(struct buf *out, struct str id)
{
	begin(out, id);
	json_write_key(out, "result");
}

enum status
reply_end(struct buf *out)
{
	json_write_close(out, '}');
	return buf_append_char(out, '\n');
}

size_t
reply_column(struct str q, size_t off)
{
	size_t column = 1, at = 0;

	while (at < q.len && at < off) {
		(void)utf8_next(q, &at, NULL);
		/* A place inside a character is the character's own. */
		if (at <= off)
			column++;
	}
	return column;
}

static void
write_error_data(struct buf *out, const struct error *error, struct str q, unsigned retry_after_ms)
{
	json_write_key(out, "data");
	json_write_open(out, '{');
	json_write_key(out, "status");
	json_write_string(out, str_of(status_name(error->code)));
	if (error->off != ERROR_NO_OFFSET) {
		json_write_key(out, "column");
		json_write_uint(out, reply_column(q, error->off));
		json_write_key(out, "offset");
		json_write_uint(out, error->off);
	}
	if (retry_after_ms > 0) {
		json_write_key(out, "retry_after_ms");
		json_write_uint(out, retry_after_ms);
	}
	json_write_close(out, '}');
}

enum status
reply_error(struct buf *out, struct str id, int code, const struct error *error, struct str q, unsigned retry_after_ms)
{
	begin(out, id);
	json_write_key(out, "error");
	json_write_open(out, '{');
	json_write_key(out, "code");
	json_write_int(out, code);
	json_write_key(out, "message");
	json_write_string(out, str_of(error->message));
	write_error_data(out, error, q, retry_after_ms);
	json_write_close(out, '}');
	return reply_end(out);
}
