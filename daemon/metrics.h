/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * metrics: one page over HTTP for Prometheus, on an address of its own that this machine alone reaches.
 *
 *	GET /metrics HTTP/1.1        200, text/plain; version=0.0.4
 *
 * Nothing else is served, and each connection once: what is no such request gets 400, 403, 404 or 405.  A request names
 * the host by an address or as localhost, and no origin, so that no web page of another site can read it through a
 * browser (DNS rebinding).  At most METRICS_CLIENTS at a time, METRICS_REQUEST_BYTES each, METRICS_MS from first to last.
 * Not evhttp(3), whose clients have no bound on their number.
 */
#ifndef VOISIN_DAEMON_METRICS_H
#define VOISIN_DAEMON_METRICS_H

#include <event2/event.h>

#include "base/buf.h"
#include "daemon/conn.h"

enum { METRICS_CLIENTS = 16, METRICS_REQUEST_BYTES = 8 * 1024, METRICS_PAGE_BYTES = 256 * 1024, METRICS_MS = 5000 };

struct metrics;

/* `write_page` appends the page when it is asked for.  NULL when memory runs out. */
struct metrics *metrics_new(struct event_base *base, void (*write_page)(void *arg, struct buf *out), void *arg);

/* Closes all connections.  NULL is accepted. */
void metrics_free(struct metrics *metrics);

/* A client has come: a listener_cb. */
void metrics_accept(void *metrics, int fd, const struct peer *peer);

#endif
