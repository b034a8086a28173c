/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_worker: any bytes on the socket between the network process and a worker, read by both ends.
 *
 * The pool is the real one, but the keeper is this file's: it starts nothing and keeps the worker's end of the
 * socket, so that the input is what the worker sends.  Its first byte says how: in pieces of how many bytes, and
 * whether a right READY frame comes first.  Then the whole input is what a worker reads.
 */
#include <event2/event.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/pool.h"

enum { FLAG_READY = 0x80, PIECE_MASK = 0x7F, PIECE_UNIT = 7, INPUT_MAX = 64 * 1024 };

static int worker_end = -1;
static unsigned answered, failed;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static int
socket_pair(int ends[2])
{
	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
}

enum status
keeper_spawn(struct keeper *keeper, int *ret_fd, pid_t *ret_pid, struct error *reterr)
{
	int ends[2];

	(void)keeper, (void)reterr;
	require(socket_pair(ends) == 0 && fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
	if (worker_end >= 0)
		(void)close(worker_end);
	worker_end = ends[1];
	*ret_fd = ends[0];
	*ret_pid = 0;
	return STATUS_OK;
}

void
keeper_reaped(struct keeper *keeper, pid_t pid)
{
	(void)keeper, (void)pid;
}

static void
on_reply(void *arg, struct job *job, const struct frame *frame, struct evbuffer *from)
{
	(void)arg;
	require(frame_valid(frame) && frame->kind == FRAME_REPLY && frame->number == job->number);
	require(evbuffer_get_length(from) >= frame->length);
	require(frame->length == 0 || evbuffer_pullup(from, (ev_ssize_t)frame->length) != NULL);
	answered++;
	job_free(job);
}

static void
on_failed(void *arg, struct job *job, const struct error *error)
{
	(void)arg;
	require(error->code == STATUS_INTERNAL && error->message[0] != '\0');
	failed++;
	job_free(job);
}

static void
on_change(void *arg)
{
	(void)arg;
}

static void
send_ready(struct event_base *base)
{
	struct frame ready = frame_make(FRAME_READY, 0, 0);

	require(frame_write(worker_end, &ready, STR(""), NULL) == STATUS_OK);
	(void)event_base_loop(base, EVLOOP_NONBLOCK);
}

/* Gives the worker a job where it takes one; whether it did. */
static bool
give_job(struct pool *pool)
{
	const struct request request = { .id = STR("1"), .method = METHOD_SEARCH };
	struct job *job = job_new(NULL, &request, STR("{}"), false);

	require(job != NULL);
	job->number = 1;
	if (pool_run(pool, job))
		return true;
	job_free(job);
	return false;
}

/* What the network process makes of it. */
static void
drive_pool(struct event_base *base, const uint8_t *data, size_t size, size_t piece, bool ready)
{
	static const struct settings settings = { .db = "none", .workers = 1, .deadline_ms = 60000 };
	const struct pool_host host = { .base = base,
		.settings = &settings,
		.on_reply = on_reply,
		.on_failed = on_failed,
		.on_change = on_change };
	struct pool *pool;
	struct pool_state state;
	unsigned given = 0;

	answered = failed = 0;
	require(pool_new(&host, &pool, NULL) == STATUS_OK);
	if (ready)
		send_ready(base);
	for (size_t off = 0; off < size; off += piece) {
		size_t n = size - off < piece ? size - off : piece;

		given += give_job(pool);
		/* A pool that has hung up gets no more. */
		if (send(worker_end, data + off, n, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			break;
		(void)event_base_loop(base, EVLOOP_NONBLOCK);
	}
	pool_state(pool, &state);
	require(given == answered + failed + state.busy);
	pool_free(pool);
}

/* What a worker makes of it. */
static void
drive_reader(const uint8_t *data, size_t size)
{
	struct frame frame;
	struct buf body;
	int ends[2];
	size_t taken = 0;

	require(socket_pair(ends) == 0);
	require(size == 0 || send(ends[0], data, size, MSG_NOSIGNAL) == (ssize_t)size);
	(void)close(ends[0]);
	buf_init(&body, LIMIT_REQUEST_BYTES);
	while (frame_read(ends[1], &frame, &body, NULL) == STATUS_OK) {
		require(frame_valid(&frame) && body.len == frame.length);
		taken += sizeof(frame) + body.len;
	}
	require(taken <= size);
	(void)close(ends[1]);
	buf_done(&body);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct event_base *base;
	size_t piece;

	if (size == 0 || size > INPUT_MAX)
		return 0;
	log_init("fuzz_worker", LOG_LEVEL_ERROR);
	base = event_base_new();
	require(base != NULL);
	piece = (size_t)(data[0] & PIECE_MASK) * PIECE_UNIT + 1;
	drive_pool(base, data + 1, size - 1, piece, (data[0] & FLAG_READY) != 0);
	drive_reader(data + 1, size - 1);
	if (worker_end >= 0)
		(void)close(worker_end);
	worker_end = -1;
	event_base_free(base);
	return 0;
}
