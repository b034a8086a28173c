/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/pool.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/log.h"
#include "daemon/self.h"

enum {
	READ_BYTES = 64 * 1024,
	START_MS = 10 * 1000, /* for a worker to open its index */
	RETRY_MS = 500, /* after one that could not */
	BROKEN_STARTS = 3, /* in a row mean that no worker can start */

	/* Replacements are free up to HEAT_FREE; it cools by one a second. */
	HEAT_FREE = 8,
	HEAT_PAUSE_MS = 50, /* doubled for each further one */
	HEAT_PAUSE_MAX_MS = 500
};

enum worker_state { WORKER_DOWN, WORKER_STARTING, WORKER_IDLE, WORKER_BUSY };

struct worker {
	struct pool *pool;
	enum worker_state state;
	pid_t pid; /* 0 once it is reaped */
	int fd; /* -1 while down */
	struct event *readable;
	struct event *writable;
	struct event *timer; /* DOWN: spawn again; STARTING, BUSY: the deadline */
	struct evbuffer *in;
	struct evbuffer *out;
	struct job *job; /* while busy */
	struct frame last; /* reply, of which the figures about the worker are shown */
	bool outdated; /* to be replaced when it is idle */
};

struct pool {
	struct pool_host host;
	struct event *child; /* SIGCHLD */
	struct error failure; /* of the last start; code STATUS_OK after a good one */
	bool began; /* a worker was ready once */
	uint32_t broken_starts; /* in a row */
	uint64_t restarts;
	uint32_t heat;
	int64_t heat_ms; /* when it was last looked at */
	uint32_t n_workers;
	struct worker workers[];
};

static void spawn_or_retry(struct worker *worker);

static void
set_timer(struct worker *worker, uint32_t ms)
{
	struct timeval wait = { .tv_sec = ms / 1000, .tv_usec = (suseconds_t)(ms % 1000) * 1000 };

	(void)event_add(worker->timer, &wait);
}

/* Closes the socket and makes sure that the process ends; it is reaped by child_cb(). */
static void
put_down(struct worker *worker)
{
	worker->state = WORKER_DOWN;
	event_del(worker->timer);
	if (worker->fd < 0)
		return;
	if (worker->readable != NULL)
		event_free(worker->readable);
	if (worker->writable != NULL)
		event_free(worker->writable);
	worker->readable = NULL;
	worker->writable = NULL;
	(void)close(worker->fd);
	worker->fd = -1;
	/* A process that was reaped has no number any more: it may be another's by now. */
	if (worker->pid > 0)
		(void)kill(worker->pid, SIGKILL);
	worker->pid = 0;
	evbuffer_drain(worker->in, evbuffer_get_length(worker->in));
	evbuffer_drain(worker->out, evbuffer_get_length(worker->out));
}

/* How long the next replacement must wait. */
static uint32_t
pause_ms(struct pool *pool)
{
	int64_t now = clock_mono_ms();
	int64_t cooled = (now - pool->heat_ms) / 1000;
	uint32_t over, pause;

	pool->heat_ms += cooled * 1000;
	pool->heat = cooled >= pool->heat ? 0 : pool->heat - (uint32_t)cooled;
	pool->heat++;
	if (pool->heat <= HEAT_FREE)
		return 0;
	over = pool->heat - HEAT_FREE - 1;
	for (pause = HEAT_PAUSE_MS; over > 0 && pause < HEAT_PAUSE_MAX_MS; over--)
		pause *= 2;
	return pause < HEAT_PAUSE_MAX_MS ? pause : HEAT_PAUSE_MAX_MS;
}

/* What a job is told when its worker is replaced: in its own language, where the log has English. */
static void
explain_loss(
    const struct job *job, const struct settings *settings, enum status status, const char *why, struct error *reterr)
{
	enum language before = i18n_use(job->language);

	if (status == STATUS_TIMEOUT)
		(void)error_set(reterr, status, ERROR_NO_OFFSET,
		    "the search took longer than %u ms (limit deadline-ms)", settings->deadline_ms);
	else
		(void)error_set(reterr, status, ERROR_NO_OFFSET, "%s", tr(why));
	(void)i18n_use(before);
}

/* Replaces a worker that has to go; its job, if it has one, fails with `status`. */
static void
replace(struct worker *worker, enum status status, const char *why)
{
	struct pool *pool = worker->pool;
	struct job *job = worker->job;
	struct error error;
	uint32_t pause = pause_ms(pool);

	log_warnx("worker pid=%d replaced why=\"%s\" number=%llu pause_ms=%u", (int)worker->pid, why,
	    (unsigned long long)(job != NULL ? job->number : 0), pause);
	worker->job = NULL;
	put_down(worker);
	pool->restarts++;
	if (pause == 0)
		spawn_or_retry(worker);
	else
		set_timer(worker, pause);
	if (job == NULL)
		return;
	explain_loss(job, pool->host.settings, status, why, &error);
	pool->host.on_failed(pool->host.arg, job, &error);
}

/* A worker that could not start: tried again after a pause, said once. */
static void
start_failed(struct worker *worker, const struct error *why)
{
	struct pool *pool = worker->pool;

	/* At the very start the program ends over it, and says so itself. */
	if (pool->began && strcmp(pool->failure.message, why->message) != 0)
		log_warnx("worker cannot start status=%s why=\"%s\"", status_name(why->code), why->message);
	pool->failure = *why;
	put_down(worker);
	set_timer(worker, RETRY_MS);
	pool->host.on_change(pool->host.arg);
}

static void
lost(struct worker *worker, const char *why)
{
	struct error error;

	/* Once or twice is an accident, such as a signal; then it is the index, or the machine. */
	if (worker->state == WORKER_STARTING && ++worker->pool->broken_starts >= BROKEN_STARTS) {
		(void)error_set(
		    &error, STATUS_INTERNAL, ERROR_NO_OFFSET, "a search process could not start: %s", tr(why));
		start_failed(worker, &error);
		return;
	}
	replace(worker, STATUS_INTERNAL, why);
}

/* Replaces an idle worker that is outdated, unless another one is starting: someone has to serve meanwhile. */
static void
renew_next(struct pool *pool)
{
	struct worker *next = NULL;

	for (uint32_t i = 0; i < pool->n_workers; i++) {
		struct worker *worker = &pool->workers[i];

		if (worker->state == WORKER_STARTING)
			return;
		if (worker->outdated && worker->state == WORKER_IDLE)
			next = worker;
	}
	if (next == NULL)
		return;
	log_debug("worker pid=%d renewed", (int)next->pid);
	put_down(next);
	spawn_or_retry(next);
}

static void
became_ready(struct worker *worker)
{
	struct pool *pool = worker->pool;

	event_del(worker->timer);
	worker->state = WORKER_IDLE;
	pool->began = true;
	pool->broken_starts = 0;
	pool->failure = (struct error) { .code = STATUS_OK };
	log_debug("worker pid=%d ready", (int)worker->pid);
	renew_next(pool);
	pool->host.on_change(pool->host.arg);
}

static void
became_unusable(struct worker *worker, const struct frame *frame)
{
	struct error error = { .code = (enum status)frame->status, .off = ERROR_NO_OFFSET };
	size_t len = frame->length < sizeof(error.message) ? frame->length : sizeof(error.message) - 1;

	(void)evbuffer_copyout(worker->in, error.message, len);
	start_failed(worker, &error);
}

static void
replied(struct worker *worker, const struct frame *frame)
{
	struct pool *pool = worker->pool;
	struct job *job = worker->job;
	size_t rest = evbuffer_get_length(worker->in) - frame->length;

	event_del(worker->timer);
	worker->job = NULL;
	worker->last = *frame;
	pool->host.on_reply(pool->host.arg, job, frame, worker->in);
	/* Only now may it get another job. */
	worker->state = WORKER_IDLE;
	(void)evbuffer_drain(worker->in, evbuffer_get_length(worker->in));
	if (rest > 0)
		lost(worker, N_("the search process sent more than a reply"));
	else if ((frame->flags & FRAME_FLAG_LAST) != 0)
		replace(worker, STATUS_INTERNAL, N_("its memory limit was reached"));
	else
		renew_next(pool);
	pool->host.on_change(pool->host.arg);
}

static bool
is_expected(const struct worker *worker, const struct frame *frame)
{
	if (!frame_valid(frame))
		return false;
	if (worker->state == WORKER_STARTING)
		return frame->kind == FRAME_READY || frame->kind == FRAME_UNUSABLE;
	return worker->state == WORKER_BUSY && frame->kind == FRAME_REPLY && frame->number == worker->job->number;
}

static void
take_frame(struct worker *worker)
{
	struct frame frame;

	if (evbuffer_copyout(worker->in, &frame, sizeof(frame)) < (ev_ssize_t)sizeof(frame))
		return;
	if (!is_expected(worker, &frame)) {
		lost(worker, N_("the search process sent what is no reply"));
		return;
	}
	if (evbuffer_get_length(worker->in) - sizeof(frame) < frame.length)
		return;
	(void)evbuffer_drain(worker->in, sizeof(frame));
	if (frame.kind == FRAME_READY)
		became_ready(worker);
	else if (frame.kind == FRAME_UNUSABLE)
		became_unusable(worker, &frame);
	else
		replied(worker, &frame);
}

static void
readable_cb(evutil_socket_t fd, short what, void *arg)
{
	struct worker *worker = arg;
	char chunk[READ_BYTES];
	ssize_t n = read(fd, chunk, sizeof(chunk));

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		lost(worker, N_("the search process ended"));
	else if (evbuffer_add(worker->in, chunk, (size_t)n) != 0)
		lost(worker, N_("no memory for its reply"));
	else
		take_frame(worker);
}

/* Sends what waits for the worker. */
static void
flush_worker(struct worker *worker)
{
	int n = evbuffer_write(worker->out, worker->fd);

	if (n < 0 && errno != EAGAIN && errno != EINTR)
		lost(worker, N_("the search process ended"));
	else if (evbuffer_get_length(worker->out) > 0)
		(void)event_add(worker->writable, NULL);
}

static void
writable_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	flush_worker(arg);
}

static void
timer_cb(evutil_socket_t fd, short what, void *arg)
{
	struct worker *worker = arg;
	char why[64];

	(void)fd;
	(void)what;
	if (worker->state == WORKER_DOWN) {
		spawn_or_retry(worker);
	} else if (worker->state == WORKER_STARTING) {
		lost(worker, N_("the index was not open in time"));
	} else {
		(void)snprintf(why, sizeof(why), "the search took longer than %u ms (limit deadline-ms)",
		    worker->pool->host.settings->deadline_ms);
		replace(worker, STATUS_TIMEOUT, why);
	}
}

/* Makes the events of a worker whose socket is worker->fd. */
static enum status
watch(struct worker *worker, struct error *reterr)
{
	struct event_base *base = worker->pool->host.base;

	worker->readable = event_new(base, worker->fd, EV_READ | EV_PERSIST, readable_cb, worker);
	worker->writable = event_new(base, worker->fd, EV_WRITE, writable_cb, worker);
	/* A base of one priority, which is a test's, refuses; then all are alike. */
	if (worker->readable != NULL)
		(void)event_priority_set(worker->readable, PRIORITY_WORKERS);
	if (worker->readable != NULL && worker->writable != NULL && event_add(worker->readable, NULL) == 0)
		return STATUS_OK;
	return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "no memory for a search process");
}

static enum status
spawn(struct worker *worker, struct error *reterr)
{
	enum status status = keeper_spawn(worker->pool->host.keeper, &worker->fd, &worker->pid, reterr);

	return status == STATUS_OK ? watch(worker, reterr) : status;
}

static void
spawn_or_retry(struct worker *worker)
{
	struct error error;

	if (spawn(worker, &error) == STATUS_OK) {
		worker->state = WORKER_STARTING;
		worker->outdated = false;
		worker->last = (struct frame) { .magic = 0 };
		set_timer(worker, START_MS);
		return;
	}
	start_failed(worker, &error);
}

/* Reaps; that a worker ended is known already, or soon, from its socket. */
static void
child_cb(evutil_socket_t fd, short what, void *arg)
{
	struct pool *pool = arg;
	int how;
	pid_t pid;

	(void)fd;
	(void)what;
	while ((pid = waitpid(-1, &how, WNOHANG)) > 0) {
		for (uint32_t i = 0; i < pool->n_workers; i++) {
			if (pool->workers[i].pid == pid)
				pool->workers[i].pid = 0;
		}
		keeper_reaped(pool->host.keeper, pid);
		if (WIFSIGNALED(how))
			log_info("worker pid=%d ended signal=%d", (int)pid, WTERMSIG(how));
		else
			log_info("worker pid=%d ended exit=%d", (int)pid, WEXITSTATUS(how));
	}
}

static bool
init_worker(struct pool *pool, struct worker *worker)
{
	worker->pool = pool;
	worker->fd = -1;
	worker->in = evbuffer_new();
	worker->out = evbuffer_new();
	worker->timer = evtimer_new(pool->host.base, timer_cb, worker);
	return worker->in != NULL && worker->out != NULL && worker->timer != NULL;
}

/* Kills, and returns the number of the process that is to be waited for, or 0. */
static pid_t
done_worker(struct worker *worker)
{
	pid_t pid = worker->pid;

	if (worker->timer != NULL) {
		put_down(worker);
		event_free(worker->timer);
	}
	if (worker->in != NULL)
		evbuffer_free(worker->in);
	if (worker->out != NULL)
		evbuffer_free(worker->out);
	job_free(worker->job);
	return pid;
}

enum status
pool_new(const struct pool_host *host, struct pool **ret_pool, struct error *reterr)
{
	uint32_t n = host->settings->workers;
	struct pool *pool = calloc(1, sizeof(*pool) + n * sizeof(pool->workers[0]));
	bool made = pool != NULL;

	if (made) {
		pool->host = *host;
		pool->heat_ms = clock_mono_ms();
		pool->n_workers = n;
		pool->child = evsignal_new(host->base, SIGCHLD, child_cb, pool);
		made = pool->child != NULL && event_add(pool->child, NULL) == 0;
	}
	for (uint32_t i = 0; made && i < n; i++)
		made = init_worker(pool, &pool->workers[i]);
	if (!made) {
		pool_free(pool);
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "no memory for the search processes");
	}
	*ret_pool = pool;
	for (uint32_t i = 0; i < n; i++)
		spawn_or_retry(&pool->workers[i]);
	return STATUS_OK;
}

void
pool_free(struct pool *pool)
{
	if (pool == NULL)
		return;
	for (uint32_t i = 0; i < pool->n_workers; i++)
		pool->workers[i].pid = done_worker(&pool->workers[i]);
	/* All are killed, so this ends.  Whoever started this program by exec may have left it children of other kinds. */
	for (uint32_t i = 0; i < pool->n_workers; i++) {
		while (pool->workers[i].pid > 0 && waitpid(pool->workers[i].pid, NULL, 0) < 0 && errno == EINTR)
			continue;
	}
	if (pool->child != NULL)
		event_free(pool->child);
	free(pool);
}

static struct worker *
find(const struct pool *pool, enum worker_state state)
{
	for (uint32_t i = 0; i < pool->n_workers; i++) {
		if (pool->workers[i].state == state)
			return (struct worker *)(uintptr_t)&pool->workers[i];
	}
	return NULL;
}

uint32_t
pool_next_core(const struct pool *pool)
{
	const struct worker *worker = find(pool, WORKER_IDLE);

	return worker != NULL && worker->last.magic != 0 ? worker->last.core : SELF_NO_CORE;
}

uint32_t
pool_idle(const struct pool *pool)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < pool->n_workers; i++)
		n += pool->workers[i].state == WORKER_IDLE;
	return n;
}

bool
pool_is_busy(const struct pool *pool)
{
	return find(pool, WORKER_BUSY) != NULL;
}

bool
pool_is_ready(const struct pool *pool)
{
	return find(pool, WORKER_IDLE) != NULL || find(pool, WORKER_BUSY) != NULL;
}

enum status
pool_failure(const struct pool *pool, struct error *reterr)
{
	if (pool_is_ready(pool) || pool->failure.code == STATUS_OK)
		return STATUS_OK;
	*reterr = pool->failure;
	return pool->failure.code;
}

bool
pool_run(struct pool *pool, struct job *job)
{
	struct worker *worker = find(pool, WORKER_IDLE);
	struct frame frame = frame_make(FRAME_REQUEST, job->number, job->line.len);

	if (worker == NULL)
		return false;
	frame.flags = job->polls ? FRAME_FLAG_POLL : 0;
	frame.core = self_core();
	worker->job = job;
	worker->state = WORKER_BUSY;
	job->started_ns = clock_mono_ns();
	set_timer(worker, pool->host.settings->deadline_ms);
	if (evbuffer_add(worker->out, &frame, sizeof(frame)) != 0 ||
	    evbuffer_add(worker->out, job->line.p, job->line.len) != 0)
		lost(worker, N_("no memory for its request"));
	else
		flush_worker(worker);
	return true;
}

void
pool_signal(const struct pool *pool, int number)
{
	for (uint32_t i = 0; i < pool->n_workers; i++) {
		const struct worker *worker = &pool->workers[i];

		if (worker->pid > 0 && (worker->state == WORKER_IDLE || worker->state == WORKER_BUSY))
			(void)kill(worker->pid, number);
	}
}

void
pool_renew(struct pool *pool)
{
	for (uint32_t i = 0; i < pool->n_workers; i++)
		pool->workers[i].outdated = true;
	renew_next(pool);
}

void
pool_forget(struct pool *pool, const struct conn *conn)
{
	for (uint32_t i = 0; i < pool->n_workers; i++) {
		struct job *job = pool->workers[i].job;

		if (job != NULL && job->conn == conn)
			job->conn = NULL;
	}
}

void
pool_state(const struct pool *pool, struct pool_state *ret_state)
{
	*ret_state = (struct pool_state) { .configured = pool->n_workers, .restarts = pool->restarts };
	for (uint32_t i = 0; i < pool->n_workers; i++) {
		const struct worker *worker = &pool->workers[i];

		ret_state->busy += worker->state == WORKER_BUSY;
		ret_state->memory_bytes += worker->last.memory_bytes;
		ret_state->cache_bytes += worker->last.cache_bytes;
		ret_state->cache_entries += worker->last.cache_entries;
	}
}
