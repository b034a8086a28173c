/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conn: one client; bytes in, lines to the host, replies out, and a clock for every phase.
 *
 *	            first byte { or [            peer shuts down its side
 *	GREETING --------------------> OPEN --------------------------> HALF_CLOSED
 *	    |                           |                                    |
 *	    | any other byte            | line too long, too slow, drain     | all answered
 *	    +-----------+---------------+                                    |
 *	                v                                                    v
 *	            FINISHING -- all answered and sent --> LINGERING ----> DEAD
 *
 * Any state goes to DEAD at once where the peer is gone, or sleeps past a deadline.  A request stays
 * in the buffers of the kernel, and so with the client, while the client does not take its replies
 * (LIMIT_OUTPUT_LOW_BYTES) or has LIMIT_IN_FLIGHT requests under way: nothing is read then.
 *
 * Not for: what a request means, who answers it.
 */
#ifndef VOISIN_DAEMON_CONN_H
#define VOISIN_DAEMON_CONN_H

#include <event2/buffer.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/error.h"
#include "daemon/queue.h"
#include "daemon/settings.h"
#include "daemon/stream.h"

enum conn_state {
	CONN_GREETING, /* no byte that counts has come; the first tells JSON from HTTP, TLS, SSH ... */
	CONN_OPEN, /* lines are taken */
	CONN_HALF_CLOSED, /* the peer sends no more; lines that came are taken and answered */
	CONN_FINISHING, /* no more lines are taken; what is under way is answered */
	CONN_LINGERING, /* our side is shut down; input is thrown away, so that the last reply is not lost by a reset */
	CONN_DEAD /* closed; freed when the loop comes round */
};

enum { CONN_STATES = CONN_DEAD + 1 };

struct conn;

/* Who a peer is, for the bound on connections of one address. */
struct peer {
	bool counted; /* false for Unix sockets */
	bool is_tls;
	bool needs_token; /* nothing is answered before it has shown one */
	struct in6_addr address; /* IPv4 as ::ffff:a.b.c.d */
};

/* What a connection needs from its server.  Callbacks may answer or kill any connection. */
struct conn_host {
	struct event_base *base;
	const struct settings *settings;
	void *arg;
	/* A request line, without its end; `line` is borrowed for the call. */
	void (*on_line)(void *arg, struct conn *conn, struct str line);
	/* The client broke a rule; the host sends it the error, nothing else will be read. */
	void (*on_fault)(void *arg, struct conn *conn, int rpc_code, const struct error *error);
	/* The client stopped or began again to take its replies. */
	void (*on_flow)(void *arg, struct conn *conn, bool blocked);
	/* More than LIMIT_OUTPUT_TOTAL_BYTES wait in all: something must be killed. */
	void (*on_overflow)(void *arg);
	/* The connection is closed; its requests must forget it. */
	void (*on_gone)(void *arg, struct conn *conn);
	TAILQ_HEAD(, conn) conns; /* with the dead ones that are not freed yet */
	size_t output_bytes; /* waiting in all connections */
};

/*
 * Makes a connection of a stream on a non-blocking socket, which it owns from now on, also on failure.
 * NULL when memory runs out.
 */
struct conn *conn_new(struct conn_host *host, const struct stream *stream, uint64_t number, const struct peer *peer);

/* Closes at once if it is not dead yet, and frees.  NULL is accepted. */
void conn_free(struct conn *conn);

/* Queues bytes for the client: whole lines. */
void conn_send(struct conn *conn, struct str bytes);

/* The same, moving the first `len` bytes of `from`. */
void conn_send_from(struct conn *conn, struct evbuffer *from, size_t len);

/* Counts a request as under way, and as answered. */
void conn_request_begin(struct conn *conn);
void conn_request_end(struct conn *conn);

/*
 * Reads nothing for so long; what comes stays with the client, and is read in one go.  To be called before a reply is
 * sent, or a request ended: these see to it.
 */
void conn_rest(struct conn *conn, uint32_t ms);

/* Takes no more requests, and closes when those under way are answered. */
void conn_finish(struct conn *conn);

/* Closes now, for the given reason, which goes to the log. */
void conn_kill(struct conn *conn, const char *why);

/* Says that the client has shown a token, of that name; NULL where it has not. */
void conn_set_user(struct conn *conn, const char *name);
const char *conn_user(const struct conn *conn);

enum conn_state conn_state(const struct conn *conn);
uint64_t conn_number(const struct conn *conn);
struct lane *conn_lane(struct conn *conn, enum band band);
const struct peer *conn_peer(const struct conn *conn);
struct conn *conn_next(const struct conn *conn); /* in host->conns */
size_t conn_output_bytes(const struct conn *conn);

#endif
