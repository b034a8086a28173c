/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/conn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/bounds.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "daemon/tokens.h"
#include "protocol/protocol.h"

enum {
	INPUT_BYTES = LIMIT_REQUEST_BYTES + 2, /* the longest line with "\r\n" */
	READ_BYTES = 64 * 1024,
	TURN_REQUESTS = 4, /* taken from one connection before others have their turn */
	LINGER_MS = 500,
	LINGER_BYTES = 1024 * 1024
};

struct conn {
	TAILQ_ENTRY(conn) link;
	struct conn_host *host;
	struct stream stream;
	uint64_t number;
	struct peer peer;
	enum conn_state state;
	struct lane lanes[BANDS];

	struct event *readable;
	struct event *writable;
	struct event *timer; /* set to the next of the deadlines below, or earlier */
	struct event *turn; /* goes on with lines that wait in `in`, and after a rest; frees a dead connection */

	struct buf in;
	size_t scanned; /* bytes of `in` known to hold no newline */
	struct evbuffer *out;
	uint32_t in_flight;
	bool in_turn; /* lines are being taken: settle() comes at the end */
	bool blocked; /* as last told to the host */
	size_t lingered; /* bytes thrown away */
	char user[TOKEN_NAME_BYTES + 1]; /* empty: it has shown no token */

	uint64_t queued; /* bytes ever put into `out` */
	uint64_t mark; /* of these, those that must have left by write_at */

	/* Milliseconds on the monotonic clock, 0 where the phase is not on. */
	int64_t idle_at;
	int64_t request_at;
	int64_t write_at;
	int64_t linger_at;
	int64_t rest_until; /* the client was told to come later: nothing is read before */
	int64_t armed_at; /* when `timer` is due */
};

static void
close_now(struct conn *conn)
{
	conn->state = CONN_DEAD;
	event_del(conn->readable);
	event_del(conn->writable);
	event_del(conn->timer);
	conn->host->output_bytes -= evbuffer_get_length(conn->out);
	stream_close(&conn->stream);
	conn->host->on_gone(conn->host->arg, conn);
}

void
conn_kill(struct conn *conn, const char *why)
{
	static const struct timeval at_once = { 0, 0 };

	if (conn->state == CONN_DEAD)
		return;
	log_debug("closed conn=%llu why=\"%s\"", (unsigned long long)conn->number, why);
	close_now(conn);
	(void)event_add(conn->turn, &at_once);
}

/* Whether another line may be taken now. */
static bool
may_take(const struct conn *conn)
{
	return (conn->state == CONN_OPEN || conn->state == CONN_HALF_CLOSED) &&
	       conn->in_flight < bound_get(BOUND_IN_FLIGHT) &&
	       evbuffer_get_length(conn->out) <= bound_get(BOUND_OUTPUT_LOW_BYTES);
}

/* The length of the first line in `in`, with its newline, or 0 where it is not all there. */
static size_t
line_bytes(struct conn *conn, size_t from)
{
	size_t start = conn->scanned > from ? conn->scanned : from;
	const char *newline;

	if (start >= conn->in.len)
		return 0;
	newline = memchr(conn->in.data + start, '\n', conn->in.len - start);
	if (newline != NULL)
		return (size_t)(newline - (conn->in.data + from)) + 1;
	conn->scanned = conn->in.len;
	return 0;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
all_blank(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (!is_blank(s.p[i]))
			return false;
	}
	return true;
}

static void
fault(struct conn *conn, int rpc_code, const struct error *error)
{
	conn->state = CONN_FINISHING;
	conn->host->on_fault(conn->host->arg, conn, rpc_code, error);
}

static void
fault_too_long(struct conn *conn)
{
	struct error error;

	(void)error_set(&error, STATUS_LIMIT, ERROR_NO_OFFSET,
	    "the request line is longer than %d bytes (limit request_bytes); the connection is closed",
	    bound_get(BOUND_REQUEST_BYTES));
	fault(conn, protocol_code(STATUS_LIMIT), &error);
}

/* Whether `in`, which holds no newline, is already longer than a line may be. */
static bool
too_long(const struct conn *conn)
{
	size_t len = conn->in.len;

	return len > bound_get(BOUND_REQUEST_BYTES) + 1 ||
	       (len == bound_get(BOUND_REQUEST_BYTES) + 1 && conn->in.data[len - 1] != '\r');
}

/* Hands one line to the host; false where it was blank. */
static bool
take_line(struct conn *conn, struct str line)
{
	line.len--;
	if (line.len > 0 && line.p[line.len - 1] == '\r')
		line.len--;
	if (line.len > bound_get(BOUND_REQUEST_BYTES)) {
		fault_too_long(conn);
		return true;
	}
	if (all_blank(line))
		return false;
	conn->idle_at = 0;
	conn->host->on_line(conn->host->arg, conn, line);
	return true;
}

/* Takes lines until the turn is over, none is left, or the connection has enough under way. */
static void
take_lines(struct conn *conn)
{
	static const struct timeval at_once = { 0, 0 };
	size_t used = 0, len;
	int taken = 0;

	conn->in_turn = true;
	while (taken < TURN_REQUESTS && may_take(conn) && (len = line_bytes(conn, used)) > 0) {
		if (take_line(conn, (struct str) { conn->in.data + used, len }))
			taken++;
		used += len;
	}
	conn->in_turn = false;
	buf_consume(&conn->in, used);
	conn->scanned -= used < conn->scanned ? used : conn->scanned;
	if (!may_take(conn))
		return;
	if (line_bytes(conn, 0) > 0)
		(void)event_add(conn->turn, &at_once);
	else if (too_long(conn))
		fault_too_long(conn);
}

/* Blank bytes say nothing yet; the first other one must begin JSON. */
static void
greet(struct conn *conn)
{
	size_t blanks = 0;
	struct error error;

	while (blanks < conn->in.len && is_blank(conn->in.data[blanks]))
		blanks++;
	buf_consume(&conn->in, blanks);
	if (conn->in.len == 0)
		return;
	if (conn->in.data[0] == '{' || conn->in.data[0] == '[') {
		conn->state = CONN_OPEN;
		take_lines(conn);
		return;
	}
	(void)error_set(&error, STATUS_INVALID, ERROR_NO_OFFSET,
	    "this port speaks JSON-RPC 2.0, one request a line, beginning with {; the connection is closed");
	fault(conn, RPC_PARSE_ERROR, &error);
}

static void
throw_away(struct conn *conn)
{
	conn->lingered += conn->in.len;
	buf_reset(&conn->in);
	conn->scanned = 0;
	if (conn->lingered > LINGER_BYTES)
		conn_kill(conn, "sends on after the end");
}

static void
nothing_to_do(struct conn *conn)
{
	(void)conn;
}

/* What new bytes mean, by state. */
static void (*const on_input[CONN_STATES])(struct conn *conn) = {
	[CONN_GREETING] = greet,
	[CONN_OPEN] = take_lines,
	[CONN_HALF_CLOSED] = take_lines,
	[CONN_FINISHING] = throw_away,
	[CONN_LINGERING] = throw_away,
	[CONN_DEAD] = nothing_to_do,
};

static void
half_close(struct conn *conn)
{
	conn->state = CONN_HALF_CLOSED;
}

static void
peer_is_done(struct conn *conn)
{
	conn_kill(conn, "closed by the client");
}

/* What the peer's end of sending means, by state. */
static void (*const on_end[CONN_STATES])(struct conn *conn) = {
	[CONN_GREETING] = peer_is_done,
	[CONN_OPEN] = half_close,
	[CONN_HALF_CLOSED] = nothing_to_do,
	[CONN_FINISHING] = nothing_to_do,
	[CONN_LINGERING] = peer_is_done,
	[CONN_DEAD] = nothing_to_do,
};

/* Writes what the socket takes. */
static void
flush_output(struct conn *conn)
{
	size_t before = evbuffer_get_length(conn->out);
	int n;

	if (before == 0)
		return;
	n = stream_write(&conn->stream, conn->out);
	conn->host->output_bytes -= before - evbuffer_get_length(conn->out);
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		conn_kill(conn, "cannot be written to");
}

/* What waited when the clock was set must leave in time; then the clock is set for what waits now. */
static void
set_write_deadline(struct conn *conn, int64_t now)
{
	size_t waiting = evbuffer_get_length(conn->out);

	if (waiting == 0) {
		conn->write_at = 0;
	} else if (conn->write_at == 0 || conn->queued - waiting >= conn->mark) {
		conn->mark = conn->queued;
		conn->write_at = now + conn->host->settings->write_ms;
	}
}

static void
set_deadline(int64_t *deadline, bool on, int64_t at)
{
	if (!on)
		*deadline = 0;
	else if (*deadline == 0)
		*deadline = at;
}

static void
arm(struct conn *conn, int64_t now)
{
	const int64_t deadlines[] = { conn->idle_at, conn->request_at, conn->write_at, conn->linger_at };
	int64_t next = 0;
	struct timeval wait;

	for (size_t i = 0; i < sizeof(deadlines) / sizeof(deadlines[0]); i++) {
		if (deadlines[i] != 0 && (next == 0 || deadlines[i] < next))
			next = deadlines[i];
	}
	/* A timer that comes too early costs less than setting it at each request. */
	if (next == 0 || (conn->armed_at != 0 && conn->armed_at <= next))
		return;
	conn->armed_at = next;
	next = next > now ? next - now : 1;
	wait = (struct timeval) { .tv_sec = next / 1000, .tv_usec = next % 1000 * 1000 };
	(void)event_add(conn->timer, &wait);
}

static bool
wants_input(const struct conn *conn)
{
	return conn->state == CONN_GREETING || conn->state == CONN_LINGERING ||
	       (conn->state == CONN_OPEN && may_take(conn) && conn->in.len < INPUT_BYTES);
}

/* Ends what has come to its end. */
static void
settle_state(struct conn *conn)
{
	if (conn->in_flight > 0 || evbuffer_get_length(conn->out) > 0)
		return;
	if (conn->state == CONN_HALF_CLOSED && line_bytes(conn, 0) == 0)
		conn_kill(conn, "all answered");
	if (conn->state != CONN_FINISHING)
		return;
	conn->state = CONN_LINGERING;
	buf_done(&conn->in);
	stream_shutdown(&conn->stream);
}

static void
settle_flow(struct conn *conn)
{
	bool blocked = evbuffer_get_length(conn->out) > bound_get(BOUND_OUTPUT_LOW_BYTES);

	if (conn->blocked == blocked)
		return;
	conn->blocked = blocked;
	conn->host->on_flow(conn->host->arg, conn, blocked);
}

/* Whether nothing is to be read for a while; the turn comes round again then. */
static bool
rests(struct conn *conn, int64_t now)
{
	struct timeval wait;
	int64_t ms = conn->rest_until - now;

	if (conn->rest_until == 0 || ms <= 0)
		return false;
	wait = (struct timeval) { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };
	if (!event_pending(conn->turn, EV_TIMEOUT, NULL))
		(void)event_add(conn->turn, &wait);
	return true;
}

/* Brings events and deadlines in line with the state; ends every callback and every send. */
static void
settle(struct conn *conn)
{
	int64_t now = clock_mono_ms();
	bool open, waits, reads;

	if (conn->state != CONN_DEAD)
		flush_output(conn);
	if (conn->state != CONN_DEAD)
		settle_state(conn);
	if (conn->state == CONN_DEAD)
		return;
	settle_flow(conn);
	if (conn->state == CONN_DEAD)
		return;
	open = conn->state == CONN_GREETING || conn->state == CONN_OPEN;
	waits = wants_input(conn);
	reads = waits && !rests(conn, now);
	if (reads)
		(void)event_add(conn->readable, NULL);
	else
		(void)event_del(conn->readable);
	/* What was decrypted with the bytes before: the socket does not tell of it. */
	if (reads && stream_has_pending(&conn->stream))
		event_active(conn->readable, EV_READ, 0);
	if (evbuffer_get_length(conn->out) > 0 || conn->stream.wants_write)
		(void)event_add(conn->writable, NULL);
	if (conn->in.len == 0 && conn->in.data != NULL)
		buf_done(&conn->in);
	set_write_deadline(conn, now);
	set_deadline(&conn->request_at, open && waits && (conn->in.len > 0 || !stream_is_ready(&conn->stream)),
	    now + conn->host->settings->request_ms);
	set_deadline(&conn->idle_at,
	    open && conn->in_flight == 0 && conn->in.len == 0 && evbuffer_get_length(conn->out) == 0,
	    now + conn->host->settings->idle_ms);
	set_deadline(&conn->linger_at, conn->state == CONN_LINGERING, now + LINGER_MS);
	arm(conn, now);
}

/* Reads once, and acts on what came. */
static void
take_input(struct conn *conn)
{
	char chunk[READ_BYTES];
	size_t room = INPUT_BYTES - conn->in.len;
	ssize_t n = stream_read(&conn->stream, chunk, room < sizeof(chunk) ? room : sizeof(chunk));

	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			conn_kill(conn, "cannot be read from");
		return;
	}
	if (n == 0)
		on_end[conn->state](conn);
	else if (buf_append(&conn->in, chunk, (size_t)n) != STATUS_OK)
		conn_kill(conn, "no memory for its bytes");
	if (conn->state != CONN_DEAD)
		on_input[conn->state](conn);
}

static void
read_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	take_input(arg);
	settle(arg);
}

static void
write_cb(evutil_socket_t fd, short what, void *arg)
{
	struct conn *conn = arg;

	(void)fd;
	(void)what;
	if (conn->stream.wants_write) {
		conn->stream.wants_write = false;
		event_active(conn->readable, EV_READ, 0);
	}
	/* Now that replies have left, lines may wait to be taken. */
	flush_output(conn);
	if (may_take(conn))
		take_lines(conn);
	settle(conn);
}

static void
turn_cb(evutil_socket_t fd, short what, void *arg)
{
	struct conn *conn = arg;

	(void)fd;
	(void)what;
	if (conn->state == CONN_DEAD) {
		conn_free(conn);
		return;
	}
	if (may_take(conn))
		take_lines(conn);
	if (conn->rest_until != 0 && conn->rest_until <= clock_mono_ms()) {
		conn->rest_until = 0;
		/* Most likely something has come: then the loop need not be asked about this socket at all. */
		if (wants_input(conn))
			take_input(conn);
	}
	settle(conn);
}

static void
fault_too_slow(struct conn *conn)
{
	struct error error;

	conn->request_at = 0;
	if (!stream_is_ready(&conn->stream)) {
		conn_kill(conn, "does not shake hands");
		return;
	}
	(void)error_set(&error, STATUS_TIMEOUT, ERROR_NO_OFFSET,
	    "the request was not complete after %u ms; the connection is closed", conn->host->settings->request_ms);
	fault(conn, protocol_code(STATUS_TIMEOUT), &error);
}

static bool
is_due(int64_t deadline, int64_t now)
{
	return deadline != 0 && now >= deadline;
}

static void
timer_cb(evutil_socket_t fd, short what, void *arg)
{
	struct conn *conn = arg;
	int64_t now = clock_mono_ms();

	(void)fd;
	(void)what;
	conn->armed_at = 0;
	if (is_due(conn->write_at, now))
		conn_kill(conn, "does not take its replies");
	else if (is_due(conn->linger_at, now))
		conn_kill(conn, "does not close");
	else if (is_due(conn->idle_at, now))
		conn_kill(conn, "idle");
	else if (is_due(conn->request_at, now))
		fault_too_slow(conn);
	settle(conn);
}

static bool
make_events(struct conn *conn, struct event_base *base)
{
	conn->readable = event_new(base, conn->stream.fd, EV_READ | EV_PERSIST, read_cb, conn);
	conn->writable = event_new(base, conn->stream.fd, EV_WRITE, write_cb, conn);
	conn->timer = evtimer_new(base, timer_cb, conn);
	conn->turn = evtimer_new(base, turn_cb, conn);
	conn->out = evbuffer_new();
	return conn->readable != NULL && conn->writable != NULL && conn->timer != NULL && conn->turn != NULL &&
	       conn->out != NULL;
}

static void
free_parts(struct conn *conn)
{
	struct event *events[] = { conn->readable, conn->writable, conn->timer, conn->turn };

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		if (events[i] != NULL)
			event_free(events[i]);
	}
	if (conn->out != NULL)
		evbuffer_free(conn->out);
	buf_done(&conn->in);
	free(conn);
}

struct conn *
conn_new(struct conn_host *host, const struct stream *stream, uint64_t number, const struct peer *peer)
{
	struct conn *conn = calloc(1, sizeof(*conn));
	struct stream lost = *stream;

	if (conn == NULL) {
		stream_close(&lost);
		return NULL;
	}
	conn->host = host;
	conn->stream = *stream;
	conn->number = number;
	conn->peer = *peer;
	for (unsigned i = 0; i < BANDS; i++)
		lane_init(&conn->lanes[i], (enum band)i);
	buf_init(&conn->in, INPUT_BYTES);
	if (!make_events(conn, host->base)) {
		stream_close(&conn->stream);
		free_parts(conn);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&host->conns, conn, link);
	settle(conn);
	return conn;
}

void
conn_free(struct conn *conn)
{
	if (conn == NULL)
		return;
	if (conn->state != CONN_DEAD)
		close_now(conn);
	TAILQ_REMOVE(&conn->host->conns, conn, link);
	free_parts(conn);
}

/* Called when `added` bytes were put into `out`. */
static void
sent(struct conn *conn, size_t added)
{
	conn->queued += added;
	conn->host->output_bytes += added;
	if (!conn->in_turn)
		settle(conn);
	if (conn->host->output_bytes > bound_get(BOUND_OUTPUT_TOTAL_BYTES))
		conn->host->on_overflow(conn->host->arg);
}

void
conn_send(struct conn *conn, struct str bytes)
{
	if (conn->state == CONN_DEAD)
		return;
	if (evbuffer_add(conn->out, bytes.p, bytes.len) != 0)
		conn_kill(conn, "no memory for its reply");
	else
		sent(conn, bytes.len);
}

void
conn_send_from(struct conn *conn, struct evbuffer *from, size_t len)
{
	if (conn->state == CONN_DEAD)
		return;
	if (evbuffer_remove_buffer(from, conn->out, len) != (int)len)
		conn_kill(conn, "no memory for its reply");
	else
		sent(conn, len);
}

void
conn_request_begin(struct conn *conn)
{
	conn->in_flight++;
}

void
conn_request_end(struct conn *conn)
{
	static const struct timeval at_once = { 0, 0 };

	conn->in_flight--;
	if (conn->state == CONN_DEAD || conn->in_turn)
		return;
	if (conn->in.len > 0)
		(void)event_add(conn->turn, &at_once);
	settle(conn);
}

void
conn_rest(struct conn *conn, uint32_t ms)
{
	conn->rest_until = clock_mono_ms() + ms;
}

void
conn_finish(struct conn *conn)
{
	if (conn->state == CONN_DEAD || conn->state == CONN_LINGERING)
		return;
	conn->state = CONN_FINISHING;
	if (!conn->in_turn)
		settle(conn);
}

void
conn_set_user(struct conn *conn, const char *name)
{
	(void)snprintf(conn->user, sizeof(conn->user), "%s", name);
}

const char *
conn_user(const struct conn *conn)
{
	return conn->user[0] != '\0' ? conn->user : NULL;
}

enum conn_state
conn_state(const struct conn *conn)
{
	return conn->state;
}

uint64_t
conn_number(const struct conn *conn)
{
	return conn->number;
}

struct lane *
conn_lane(struct conn *conn, enum band band)
{
	return &conn->lanes[band];
}

const struct peer *
conn_peer(const struct conn *conn)
{
	return &conn->peer;
}

struct conn *
conn_next(const struct conn *conn)
{
	return TAILQ_NEXT(conn, link);
}

size_t
conn_output_bytes(const struct conn *conn)
{
	return conn->state == CONN_DEAD ? 0 : evbuffer_get_length(conn->out);
}
