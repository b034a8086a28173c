/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pool: the worker processes, as the network process sees them.
 *
 *	spawn -> STARTING -- ready --> IDLE <==> BUSY
 *	            |                   |         |    crash, deadline, garbage: killed, its job fails
 *	            +---- fails --------+---------+--> DOWN -- after a pause --> spawn
 *
 * A worker is this program started anew by the keeper (keeper.h) with one end of a socketpair, so it has no
 * descriptor and no memory of a client.  It runs one job at a time.  Only SIGKILL bounds a search for
 * certain (Xapian's own time limit does not), so a worker that is late is killed, its job is answered
 * with a timeout, and another worker takes its place.  How often that may happen is bounded.
 */
#ifndef VOISIN_DAEMON_POOL_H
#define VOISIN_DAEMON_POOL_H

#include <event2/buffer.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "daemon/frame.h"
#include "daemon/job.h"
#include "daemon/keeper.h"
#include "daemon/settings.h"

/* Of the events of the loop; all that are not given one have the middle one, which is that of clients. */
enum { PRIORITY_WORKERS, PRIORITY_CLIENTS, PRIORITY_LOG, PRIORITIES };

struct pool;

struct pool_host {
	struct event_base *base;
	const struct settings *settings;
	struct keeper *keeper; /* borrowed for good */
	void *arg;
	/* A job was answered: the first frame->length bytes of `from`, to be taken in the call. */
	void (*on_reply)(void *arg, struct job *job, const struct frame *frame, struct evbuffer *from);
	/* A job failed because its worker did: STATUS_TIMEOUT or STATUS_INTERNAL. */
	void (*on_failed)(void *arg, struct job *job, const struct error *error);
	/* A worker can take a job, or no worker can for a while: see pool_failure(). */
	void (*on_change)(void *arg);
};

struct pool_state {
	uint32_t configured;
	uint32_t busy;
	uint64_t restarts; /* workers replaced since the start */
	/* Of all workers, as each told with its last reply. */
	uint64_t memory_bytes;
	uint64_t cache_bytes;
	uint64_t cache_entries;
};

/* Starts the workers; *host is copied.  STATUS_NOMEM or STATUS_OK: how they fare comes as on_change. */
enum status pool_new(const struct pool_host *host, struct pool **ret_pool, struct error *reterr) MUST_CHECK;

/* Kills all workers and waits for them; their jobs are freed.  NULL is accepted. */
void pool_free(struct pool *pool);

/* Gives a job to an idle worker, which owns it until on_reply or on_failed; false where none is idle. */
bool pool_run(struct pool *pool, struct job *job);

/* The core on which the worker that gets the next job was last (self.h). */
uint32_t pool_next_core(const struct pool *pool);

/* How many workers can take a job now. */
uint32_t pool_idle(const struct pool *pool);

/* Whether a worker runs a job. */
bool pool_is_busy(const struct pool *pool);

/* Whether a worker has its index open. */
bool pool_is_ready(const struct pool *pool);

/* STATUS_OK, or why there is no worker at the moment: the last one could not start. */
enum status pool_failure(const struct pool *pool, struct error *reterr);

/* Sends a signal to all workers that have an index open. */
void pool_signal(const struct pool *pool, int number);

/*
 * Replaces all workers, one after the other and each between two requests: the keeper gives the new ones its
 * settings of the moment.
 */
void pool_renew(struct pool *pool);

/* Makes the running jobs of a connection forget it. */
void pool_forget(struct pool *pool, const struct conn *conn);

void pool_state(const struct pool *pool, struct pool_state *ret_state);

#endif
