/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * requestlog: a line in the log for each request that ended (docs/operations.md says what is in it).
 *
 * Nobody waits for it: it is written when the loop has nothing else to do.  A client that asks one thing after the other sends its
 * next request while the line of the one before would be written.
 */
#ifndef VOISIN_DAEMON_REQUESTLOG_H
#define VOISIN_DAEMON_REQUESTLOG_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "daemon/conn.h"
#include "daemon/frame.h"

/* How a request ended, for the log and the counters. */
struct ending {
	unsigned method; /* or STATS_NO_METHOD */
	enum status status;
	struct str id;
	struct str q; /* where queries are logged */
	const struct frame *frame; /* of the worker that answered; NULL where none did */
	int64_t came_ns;
	uint32_t hits;
	size_t bytes;
};

/* What writes the log when the loop has nothing else to do.  NULL when memory runs out. */
struct event *requestlog_new(struct event_base *base);

/* Writes what waits.  NULL is accepted. */
void requestlog_free(struct event *log);

/* The request took so long; a slow one is a warning.  `conn` is NULL where the client has gone. */
void requestlog_write(
    struct event *log, const struct conn *conn, uint64_t number, const struct ending *ending, int64_t ns, bool slow);

#endif
