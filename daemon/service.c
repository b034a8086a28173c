/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/service.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/cores.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "base/log.h"
#include "daemon/misbehave.h"
#include "daemon/polling.h"
#include "daemon/pool.h"
#include "daemon/queue.h"
#include "daemon/requestlog.h"
#include "daemon/self.h"
#include "daemon/stats.h"
#include "protocol/json.h"
#include "protocol/reply.h"
#include "protocol/request.h"

enum {
	/* A parsed request: its strings, and a struct value for every second byte of the line at the most. */
	PARSE_BYTES = 40 * LIMIT_REQUEST_BYTES,
	RETRY_MIN_MS = 50,
	/*
	 * Who was told `busy` is not read from for so long, which is well within what it was told to wait, and in which a
	 * refusal has to be given: many refusals then cost one round of the loop, one read and one write together.
	 */
	BUSY_REST_MS = 20,
	SHORT_MS = 100, /* since the last short request: long ones may have all workers */
	RETRY_MAX_MS = 2000,
	NS_PER_MS = 1000 * 1000
};

struct service {
	const struct settings *settings;
	struct secrets secrets; /* borrowed */
	struct conn_host host;
	struct pool *pool;
	struct queue queue;
	struct stats stats;
	struct arena *arena; /* of the line that is being parsed */
	struct buf out; /* the reply that is being written */
	struct event *log;
	uint64_t connections_ever;
	uint64_t requests_ever;
	int64_t usual_ns; /* how long a worker is busy with a request, smoothed */
	int64_t short_ns; /* when a short request came last */
	uint32_t n_long; /* long ones that run */
	struct polling polling;
	void (*on_empty)(void *arg); /* while draining */
	void *on_empty_arg;
};

/* What a reply tells of its worker. */
static void
note_worker(struct service *service, const struct frame *frame)
{
	if (frame == NULL)
		return;
	if (frame->generation[0] != '\0')
		memcpy(service->stats.generation, frame->generation, sizeof(service->stats.generation));
	service->stats.refused = (frame->flags & FRAME_FLAG_REFUSED) != 0;
	service->stats.cache_hits += (frame->flags & FRAME_FLAG_CACHED) != 0;
	service->stats.cache_misses +=
	    (frame->flags & (FRAME_FLAG_CACHEABLE | FRAME_FLAG_CACHED)) == FRAME_FLAG_CACHEABLE;
}

static void
record(struct service *service, const struct conn *conn, uint64_t number, const struct ending *ending)
{
	int64_t ns = clock_mono_ns() - ending->came_ns;
	bool slow = ns > (int64_t)service->settings->slow_ms * NS_PER_MS;

	stats_count(&service->stats, ending->method, ending->status, ns);
	service->stats.slow += slow;
	note_worker(service, ending->frame);
	requestlog_write(service->log, conn, number, ending, ns, slow);
}

/* ---- Answers ---- */

/* An error that answers no job: a line that is refused, a broken rule. */
static void
send_refusal(
    struct service *service, struct conn *conn, unsigned method, struct str id, int code, const struct error *error)
{
	struct ending ending = { .method = method, .status = error->code, .id = id, .came_ns = clock_mono_ns() };

	buf_reset(&service->out);
	if (reply_error(&service->out, id, code, error, (struct str) { "", 0 }, 0) != STATUS_OK) {
		conn_kill(conn, "no memory for its reply");
		return;
	}
	ending.bytes = service->out.len;
	record(service, conn, ++service->requests_ever, &ending);
	conn_send(conn, buf_str(&service->out));
}

/* The answer to ping, and to a right token. */
static void
send_version(struct service *service, struct conn *conn, const struct request *request)
{
	struct ending ending = { .method = request->method, .id = request->id, .came_ns = clock_mono_ns() };

	buf_reset(&service->out);
	reply_begin(&service->out, request->id);
	json_write_open(&service->out, '{');
	json_write_key(&service->out, "version");
	json_write_string(&service->out, STR(VOISIN_VERSION));
	json_write_key(&service->out, "protocol");
	json_write_uint(&service->out, PROTOCOL_VERSION);
	json_write_close(&service->out, '}');
	if (reply_end(&service->out) != STATUS_OK) {
		conn_kill(conn, "no memory for its reply");
		return;
	}
	ending.bytes = service->out.len;
	record(service, conn, ++service->requests_ever, &ending);
	conn_send(conn, buf_str(&service->out));
}

/* The answer to auth and, before it, to all else.  Who shows a wrong token gets no second try on this connection. */
static void
authenticate(struct service *service, struct conn *conn, const struct request *request)
{
	const char *name = NULL;
	struct error error;

	if (request->method == METHOD_AUTH && service->secrets.tokens != NULL)
		name = tokens_find(service->secrets.tokens, request->token);
	if (name != NULL || (request->method == METHOD_AUTH && !conn_peer(conn)->needs_token)) {
		if (name != NULL)
			conn_set_user(conn, name);
		send_version(service, conn, request);
		return;
	}
	if (request->method == METHOD_AUTH)
		(void)error_set(&error, STATUS_DENIED, ERROR_NO_OFFSET, "the token is none that this server knows");
	else
		(void)error_set(
		    &error, STATUS_DENIED, ERROR_NO_OFFSET, "this server wants a token first (method auth)");
	send_refusal(service, conn, request->method, request->id, protocol_code(STATUS_DENIED), &error);
	conn_finish(conn);
}

/* How long a client that is told `busy` should wait: until the queue is likely to be through. */
static unsigned
retry_after_ms(const struct service *service)
{
	int64_t ms = (int64_t)service->queue.n_jobs * service->usual_ns / service->settings->workers / NS_PER_MS;

	return ms < RETRY_MIN_MS ? RETRY_MIN_MS : ms > RETRY_MAX_MS ? RETRY_MAX_MS : (unsigned)ms;
}

/* Ends a job whose answer was sent: nobody waits for the log. */
static void
end(struct service *service, struct job *job, struct conn *conn, const struct ending *ending)
{
	record(service, conn, job->number, ending);
	if (service->settings->busy_poll_us > 0 && self_had_to_wait())
		polling_crowd(&service->polling, clock_mono_ns());
	job_free(job);
	if (conn != NULL)
		conn_request_end(conn);
}

/* Sends what is in service->out as a job's answer, and ends the job. */
static void
finish(struct service *service, struct job *job, enum status status, const struct frame *frame)
{
	struct ending ending = {
		.method = job->method,
		.id = job->id,
		.q = job->q,
		.status = job->conn != NULL ? status : STATUS_CANCELLED,
		.came_ns = job->came_ns,
		.frame = frame,
		.bytes = service->out.len,
	};
	struct conn *conn = job->conn;

	if (conn != NULL && buf_status(&service->out) == STATUS_OK)
		conn_send(conn, buf_str(&service->out));
	else if (conn != NULL)
		conn_kill(conn, "no memory for its reply");
	end(service, job, conn, &ending);
}

static void
fail(struct service *service, struct job *job, const struct error *error)
{
	unsigned retry_ms = error->code == STATUS_BUSY ? retry_after_ms(service) : 0;

	buf_reset(&service->out);
	/* finish() looks at the buffer's status. */
	(void)!reply_error(&service->out, job->id, protocol_code(error->code), error, (struct str) { "", 0 }, retry_ms);
	finish(service, job, error->code, NULL);
}

static void
fail_busy(struct service *service, struct job *job)
{
	enum language before = i18n_use(job->language);
	struct error error;

	if (job->band == BAND_LONG)
		(void)error_set(&error, STATUS_BUSY, ERROR_NO_OFFSET,
		    "%u requests that ask for much are waiting already (half of limit queue)",
		    queue_half(&service->queue));
	else
		(void)error_set(&error, STATUS_BUSY, ERROR_NO_OFFSET, "%u requests are waiting already (limit queue)",
		    service->settings->queue);
	(void)i18n_use(before);
	if (job->conn != NULL)
		conn_rest(job->conn, BUSY_REST_MS);
	fail(service, job, &error);
}

/*
 * Whether a long request may begin.  A search is not put aside for another one: so while short ones come, a long one
 * begins where a worker stays idle for them, or where it is due, and never on the last worker.
 */
static enum long_rule
long_rule(const struct service *service)
{
	uint32_t workers = service->settings->workers;

	if (workers == 1 || pool_idle(service->pool) > 1 ||
	    clock_mono_ns() - service->short_ns > (int64_t)SHORT_MS * NS_PER_MS)
		return LONG_TOO;
	return service->n_long + 1 < workers ? LONG_IF_DUE : LONG_NEVER;
}

/* Gives waiting jobs to idle workers; where there can be none, says so to all of them. */
static void
dispatch(struct service *service)
{
	struct error error;
	struct job *job;

	while (pool_idle(service->pool) > 0 && (job = queue_pop(&service->queue, long_rule(service))) != NULL) {
		service->n_long += job->band == BAND_LONG;
		/* Who looks for an answer must not keep out who makes it. */
		job->polls = polling_begin(&service->polling, clock_mono_ns(), service->settings->busy_poll_us,
		    pool_next_core(service->pool) == self_core());
		service->stats.polled += job->polls;
		(void)pool_run(service->pool, job);
	}
	if (pool_failure(service->pool, &error) == STATUS_OK)
		return;
	while ((job = queue_pop(&service->queue, LONG_TOO)) != NULL)
		fail(service, job, &error);
}

/* ---- From connections ---- */

static void
enqueue(struct service *service, struct conn *conn, const struct request *request, struct str line)
{
	enum language before = i18n_use(request->has_lang ? request->lang : i18n_language());
	struct job *job = job_new(conn, request, line, service->settings->log_queries), *loser;
	struct error error;

	if (job == NULL)
		(void)error_set(&error, STATUS_NOMEM, ERROR_NO_OFFSET, "no memory for the request");
	(void)i18n_use(before);
	if (job == NULL) {
		send_refusal(service, conn, request->method, request->id, protocol_code(STATUS_NOMEM), &error);
		return;
	}
	job->number = ++service->requests_ever;
	if (job->band == BAND_SHORT)
		service->short_ns = job->came_ns;
	if (service->queue.n_jobs > 0 || pool_is_busy(service->pool))
		polling_crowd(&service->polling, job->came_ns);
	conn_request_begin(conn);
	loser = queue_push(&service->queue, conn_lane(conn, job->band), job);
	if (loser != NULL)
		fail_busy(service, loser);
	dispatch(service);
}

static void
on_line(void *arg, struct conn *conn, struct str line)
{
	struct service *service = arg;
	enum language before = i18n_language();
	struct request request;
	struct error error;
	enum status status;
	int code;

	arena_reset(service->arena);
	status = request_parse(service->arena, line, &request, &error, &code);
	(void)i18n_use(before);
	if (status != STATUS_OK) {
		/* The place is one in the line, not in a query: it says nothing to the client. */
		error.off = ERROR_NO_OFFSET;
		send_refusal(service, conn, STATS_NO_METHOD, request.id, code, &error);
		return;
	}
	service->stats.requests[request.method]++;
	if (request.method == METHOD_AUTH || (conn_peer(conn)->needs_token && conn_user(conn) == NULL))
		authenticate(service, conn, &request);
	else if (misbehave("network", request.search.q, &error))
		send_refusal(service, conn, STATS_NO_METHOD, request.id, protocol_code(error.code), &error);
	else if (request.method == METHOD_PING)
		send_version(service, conn, &request);
	else
		enqueue(service, conn, &request, line);
}

static void
on_fault(void *arg, struct conn *conn, int rpc_code, const struct error *error)
{
	send_refusal(arg, conn, STATS_NO_METHOD, STR("null"), rpc_code, error);
}

static void
on_flow(void *arg, struct conn *conn, bool blocked)
{
	struct service *service = arg;

	for (unsigned i = 0; i < BANDS; i++)
		queue_park(&service->queue, conn_lane(conn, (enum band)i), blocked);
	if (!blocked)
		dispatch(service);
}

static void
on_overflow(void *arg)
{
	struct service *service = arg;
	struct conn *worst = NULL, *conn;

	for (conn = TAILQ_FIRST(&service->host.conns); conn != NULL; conn = conn_next(conn)) {
		if (worst == NULL || conn_output_bytes(conn) > conn_output_bytes(worst))
			worst = conn;
	}
	if (worst != NULL)
		conn_kill(worst, "too many replies wait in all");
}

/* Ends what waits for a connection that is closed. */
static void
drop_lane(struct service *service, struct lane *lane)
{
	struct job *job;

	while ((job = queue_take_from(&service->queue, lane)) != NULL) {
		job->conn = NULL;
		buf_reset(&service->out);
		finish(service, job, STATUS_CANCELLED, NULL);
	}
}

static void
on_gone(void *arg, struct conn *conn)
{
	struct service *service = arg;

	service->stats.connections--;
	pool_forget(service->pool, conn);
	for (unsigned i = 0; i < BANDS; i++)
		drop_lane(service, conn_lane(conn, (enum band)i));
	if (service->stats.connections == 0 && service->on_empty != NULL)
		service->on_empty(service->on_empty_arg);
}

/* ---- From workers ---- */

static struct stats_now
look(const struct service *service)
{
	struct stats_now now = { .settings = service->settings,
		.queue = service->queue.n_jobs,
		.output_bytes = service->host.output_bytes };

	pool_state(service->pool, &now.pool);
	return now;
}

static void
answer_stats(struct service *service, struct job *job, const struct frame *frame, struct str index)
{
	struct stats_now now = look(service);

	buf_reset(&service->out);
	reply_begin(&service->out, job->id);
	stats_write(&service->out, &service->stats, &now, index);
	(void)!reply_end(&service->out);
	finish(service, job, STATUS_OK, frame);
}

/* A job runs no more.  The usual time moves by an eighth of the way to each new one; the client's lane has cost so much more. */
static void
job_ended(struct service *service, const struct job *job, const struct frame *frame)
{
	int64_t now = clock_mono_ns();
	int64_t took_ns = now - job->started_ns;

	polling_end(&service->polling);
	if (frame != NULL && (frame->flags & FRAME_FLAG_WAITED) != 0)
		polling_crowd(&service->polling, now);
	service->usual_ns += (took_ns - service->usual_ns) / 8;
	service->n_long -= job->band == BAND_LONG;
	queue_charge(&service->queue, job->band, job->conn != NULL ? conn_lane(job->conn, job->band) : NULL, took_ns);
}

static bool
ends_line(struct evbuffer *from, size_t len)
{
	struct evbuffer_ptr last;
	char byte;

	return len > 0 && evbuffer_ptr_set(from, &last, len - 1, EVBUFFER_PTR_SET) == 0 &&
	       evbuffer_copyout_from(from, &last, &byte, 1) == 1 && byte == '\n';
}

/* Passes a worker's line on as it is. */
static void
forward(struct service *service, struct job *job, const struct frame *frame, struct evbuffer *from)
{
	struct conn *conn = job->conn;
	struct ending ending = {
		.method = job->method,
		.id = job->id,
		.q = job->q,
		.status = conn != NULL ? (enum status)frame->status : STATUS_CANCELLED,
		.came_ns = job->came_ns,
		.frame = frame,
		.hits = frame->hits,
		.bytes = frame->length,
	};

	if (conn != NULL)
		conn_send_from(conn, from, frame->length);
	end(service, job, conn, &ending);
}

static void
on_reply(void *arg, struct job *job, const struct frame *frame, struct evbuffer *from)
{
	struct service *service = arg;
	bool whole = job->method != METHOD_STATS || (frame->flags & FRAME_FLAG_ERROR) != 0;
	enum language before;
	struct error error;

	job_ended(service, job, frame);
	if (!whole) {
		/* Pulled up, it is one run of bytes. */
		const char *index = (const char *)evbuffer_pullup(from, (ev_ssize_t)frame->length);

		if (index != NULL && frame->length > 0) {
			answer_stats(service, job, frame, (struct str) { index, frame->length });
			return;
		}
	} else if (ends_line(from, frame->length)) {
		forward(service, job, frame, from);
		return;
	}
	before = i18n_use(job->language);
	(void)error_set(&error, STATUS_INTERNAL, ERROR_NO_OFFSET, "the search process sent what is no reply");
	(void)i18n_use(before);
	fail(service, job, &error);
}

static void
on_failed(void *arg, struct job *job, const struct error *error)
{
	job_ended(arg, job, NULL);
	fail(arg, job, error);
}

static void
on_change(void *arg)
{
	dispatch(arg);
}

/* ---- Life ---- */

enum status
service_new(struct event_base *base, const struct settings *settings, struct keeper *keeper,
    struct service **ret_service, struct error *reterr)
{
	struct service *service = calloc(1, sizeof(*service));
	struct pool_host pool_host = { .base = base, .settings = settings, .keeper = keeper, .arg = service };
	enum status status;

	if (service == NULL || arena_new(PARSE_BYTES, &service->arena) != STATUS_OK) {
		free(service);
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "no memory for the service");
	}
	service->settings = settings;
	polling_init(&service->polling, cores_count());
	service->stats.started_ms = clock_mono_ms();
	queue_init(&service->queue, settings->queue);
	buf_init(&service->out, LIMIT_REPLY_BYTES);
	TAILQ_INIT(&service->host.conns);
	service->host.base = base;
	service->host.settings = settings;
	service->host.arg = service;
	service->host.on_line = on_line;
	service->host.on_fault = on_fault;
	service->host.on_flow = on_flow;
	service->host.on_overflow = on_overflow;
	service->host.on_gone = on_gone;
	pool_host.on_reply = on_reply;
	pool_host.on_failed = on_failed;
	pool_host.on_change = on_change;
	service->log = requestlog_new(base);
	status = service->log != NULL ? pool_new(&pool_host, &service->pool, reterr)
				      : error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "no memory for the service");
	if (status != STATUS_OK) {
		service_free(service);
		return status;
	}
	*ret_service = service;
	return STATUS_OK;
}

void
service_free(struct service *service)
{
	struct conn *conn;

	if (service == NULL)
		return;
	service->on_empty = NULL;
	while ((conn = TAILQ_FIRST(&service->host.conns)) != NULL)
		conn_free(conn);
	pool_free(service->pool);
	arena_free(service->arena);
	buf_done(&service->out);
	requestlog_free(service->log);
	free(service);
}

enum status
service_wait(struct service *service, struct error *reterr)
{
	while (!pool_is_ready(service->pool)) {
		enum status status = pool_failure(service->pool, reterr);

		if (status != STATUS_OK)
			return status;
		if (event_base_loop(service->host.base, EVLOOP_ONCE) < 0)
			return error_set(reterr, STATUS_INTERNAL, ERROR_NO_OFFSET, "the event loop failed");
	}
	return STATUS_OK;
}

bool
service_is_about_to_hear(const struct service *service)
{
	return polling_is_on(&service->polling, clock_mono_ns());
}

static uint32_t
from_address(const struct service *service, const struct peer *peer)
{
	uint32_t n = 0;

	for (struct conn *conn = TAILQ_FIRST(&service->host.conns); conn != NULL; conn = conn_next(conn)) {
		const struct peer *other = conn_peer(conn);

		n += conn_state(conn) != CONN_DEAD && other->counted &&
		     memcmp(&other->address, &peer->address, sizeof(peer->address)) == 0;
	}
	return n;
}

/* Tells a client why it is not served, as far as its socket takes it at once. */
static void
turn_away(struct service *service, int fd, const char *limit, uint32_t value)
{
	struct error error;
	char unread[4096];

	(void)error_set(
	    &error, STATUS_BUSY, ERROR_NO_OFFSET, "%u clients are connected already (limit %s)", value, limit);
	service->stats.errors[STATUS_BUSY]++;
	log_debug("turned away limit=%s value=%" PRIu32, limit, value);
	buf_reset(&service->out);
	if (reply_error(&service->out, STR("null"), protocol_code(STATUS_BUSY), &error, (struct str) { "", 0 },
		RETRY_MAX_MS) == STATUS_OK)
		(void)!send(fd, service->out.data, service->out.len, MSG_NOSIGNAL | MSG_DONTWAIT);
	(void)shutdown(fd, SHUT_WR);
	/* Bytes that were not read would turn the close into a reset, which may overtake the line. */
	(void)!recv(fd, unread, sizeof(unread), MSG_DONTWAIT);
	(void)close(fd);
}

/* A client that may come. */
static void
accept_stream(struct service *service, int fd, const struct peer *peer)
{
	struct peer known = *peer;
	struct ssl_st *ssl = peer->is_tls ? tls_accept(service->secrets.tls, fd) : NULL;
	struct stream stream;

	stream_init(&stream, fd, ssl);
	known.needs_token = peer->counted && service->secrets.tokens != NULL;
	if (peer->is_tls && ssl == NULL)
		stream_close(&stream);
	else if (conn_new(&service->host, &stream, ++service->connections_ever, &known) != NULL)
		service->stats.connections++;
	if (stream.fd < 0)
		log_warnx("no memory for a connection");
}

void
service_set_secrets(struct service *service, const struct secrets *secrets)
{
	service->secrets = *secrets;
}

void
service_accept(void *arg, int fd, const struct peer *peer)
{
	struct service *service = arg;
	const struct settings *settings = service->settings;

	if (service->stats.connections >= settings->connections) {
		turn_away(service, fd, "connections", settings->connections);
	} else if (peer->counted && from_address(service, peer) >= settings->connections_per_address) {
		turn_away(service, fd, "connections-per-address", settings->connections_per_address);
	} else {
		accept_stream(service, fd, peer);
	}
}

void
service_write_metrics(void *arg, struct buf *out)
{
	const struct service *service = arg;
	struct stats_now now = look(service);

	stats_write_metrics(out, &service->stats, &now);
}

void
service_hangup(struct service *service)
{
	pool_signal(service->pool, SIGHUP);
}

void
service_reload(struct service *service)
{
	service->queue.max = service->settings->queue;
	pool_renew(service->pool);
}

void
service_drain(struct service *service, void (*on_empty)(void *arg), void *arg)
{
	service->on_empty = on_empty;
	service->on_empty_arg = arg;
	for (struct conn *conn = TAILQ_FIRST(&service->host.conns); conn != NULL; conn = conn_next(conn))
		conn_finish(conn);
	if (service->stats.connections == 0)
		on_empty(arg);
}
