/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/requestlog.h"

#include "base/buf.h"
#include "base/log.h"
#include "daemon/pool.h"
#include "protocol/json.h"
#include "protocol/protocol.h"

enum {
	LINE_BYTES = 32 * 1024, /* which log.c cuts to its own measure */
	ID_BYTES = 64,
	QUERY_BYTES = 1024,
	NS_PER_US = 1000,
	US_PER_MS = 1000
};

static void
write_quoted(struct buf *line, struct str q)
{
	struct buf json;

	buf_init(&json, 6 * QUERY_BYTES + 2);
	q.len = q.len < QUERY_BYTES ? q.len : QUERY_BYTES;
	json_write_string(&json, q);
	(void)buf_append_str(line, buf_str(&json));
	buf_done(&json);
}

static void
word(struct buf *line, struct str key, struct str value)
{
	(void)buf_append_str(line, key);
	(void)buf_append_str(line, value);
}

static void
number_word(struct buf *line, struct str key, uint64_t value)
{
	(void)buf_append_str(line, key);
	(void)buf_append_uint(line, value, 1);
}

/* An id is JSON already; of a long one there is the beginning. */
static void
id_word(struct buf *line, struct str id)
{
	bool cut = id.len > ID_BYTES;

	word(line, STR(" id="), (struct str) { id.p, cut ? ID_BYTES : id.len });
	(void)buf_append_str(line, cut ? STR("...\"") : STR(""));
}

static void
ms_word(struct buf *line, int64_t ns)
{
	uint64_t us = (uint64_t)ns / NS_PER_US;

	number_word(line, STR(" ms="), us / US_PER_MS);
	(void)buf_append_char(line, '.');
	(void)buf_append_uint(line, us % US_PER_MS, 3);
}

/*
 * The line of a request in the log, of key=value words.  An id is JSON already; a query is written as JSON, so that
 * neither can look like other words.  There is one a request: printf(3) took a quarter of this process's time for it.
 */
static void
put_words(
    struct buf *line, const struct conn *conn, uint64_t number, const struct ending *ending, int64_t ns, bool slow)
{
	number_word(line, STR("request conn="), conn != NULL ? conn_number(conn) : 0);
	number_word(line, STR(" number="), number);
	id_word(line, ending->id);
	word(line, STR(" method="),
	    str_of(ending->method < METHOD_COUNT ? method_name((enum method)ending->method) : "-"));
	word(line, STR(" status="), str_of(status_name(ending->status)));
	ms_word(line, ns);
	number_word(line, STR(" hits="), ending->hits);
	if (ending->frame != NULL && ending->frame->generation[0] != '\0')
		word(line, STR(" generation="), str_of(ending->frame->generation));
	number_word(line, STR(" bytes="), ending->bytes);
	if (conn != NULL && conn_user(conn) != NULL)
		(void)buf_printf(line, " user=\"%s\"", conn_user(conn));
	if (ending->frame != NULL && (ending->frame->flags & FRAME_FLAG_CACHED) != 0)
		(void)buf_append_str(line, STR(" cached=yes"));
	if (slow)
		(void)buf_append_str(line, STR(" slow=yes"));
	if (ending->q.len == 0)
		return;
	(void)buf_append_str(line, STR(" q="));
	write_quoted(line, ending->q);
}

static void
write_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	log_flush();
}

struct event *
requestlog_new(struct event_base *base)
{
	struct event *log = event_new(base, -1, 0, write_cb, NULL);

	/* Of a base of one priority all events are alike. */
	if (log != NULL)
		(void)event_priority_set(log, PRIORITY_LOG);
	return log;
}

void
requestlog_free(struct event *log)
{
	if (log == NULL)
		return;
	event_free(log);
	log_flush();
}

void
requestlog_write(
    struct event *log, const struct conn *conn, uint64_t number, const struct ending *ending, int64_t ns, bool slow)
{
	struct buf line;
	const char *text;

	buf_init(&line, LINE_BYTES);
	put_words(&line, conn, number, ending, ns, slow);
	text = buf_status(&line) == STATUS_OK ? line.data : "request";
	if (slow)
		log_warnx("%s", text);
	else
		log_info_later("%s", text);
	buf_done(&line);
	event_active(log, 0, 0);
}
