/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * polling: when processes look for each other's next message without sleeping, and for how long.
 *
 * To wake a process up that sleeps on an idle core takes 25 to 50 microseconds, which is longer than most searches, and a request
 * needs two such wake-ups between the network process and a worker.  So while one request at a time comes, the network process looks
 * for its answer, and the worker for the next one, for busy-poll-us.  As soon as two are under way, or another program keeps one of these
 * processes waiting for a core, the cores have better to do, and both sleep; so they do where there is only one core to run on, and
 * where both were on the same one last: who looks for a message would keep out who writes it.  Barroso, Marty, Patterson and Ranganathan, "Attack of the Killer
 * Microseconds" (CACM 60(4), 2017), is about such waits.
 */
#ifndef VOISIN_DAEMON_POLLING_H
#define VOISIN_DAEMON_POLLING_H

#include <stdbool.h>
#include <stdint.h>

/* All times are nanoseconds on the monotonic clock. */
struct polling {
	bool has_cores; /* for two processes to run beside each other */
	int64_t crowded_ns; /* when the cores were last seen to have something else to do */
	int64_t until_ns; /* for the answer to the only one; 0 where there is none */
};

/* In a process that may run on so many cores at once. */
void polling_init(struct polling *polling, unsigned cores);

/* The cores have something else to do: a request has come while another one is under way, or a process had to wait for a core. */
void polling_crowd(struct polling *polling, int64_t now_ns);

/*
 * A request is about to be given to a worker: whether that one is to poll behind it.  If so, this process does for `us` from now, unless
 * both share a core.
 */
bool polling_begin(struct polling *polling, int64_t now_ns, uint32_t us, bool shares_core);

/* A request was answered. */
void polling_end(struct polling *polling);

/* Whether to poll now. */
bool polling_is_on(const struct polling *polling, int64_t now_ns);

#endif
