/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wire: lines to and from a server, each step bounded by one deadline.  Inside the library only.
 *
 * The socket never blocks: each wait is a poll() until the deadline on the monotonic clock.
 */
#ifndef VOISIN_CLIENT_WIRE_H
#define VOISIN_CLIENT_WIRE_H

#include <stdint.h>

#include "base/buf.h"
#include "client/address.h"

struct ssl_st; /* of OpenSSL */
struct ssl_ctx_st;
struct bio_method_st;

struct wire {
	int fd; /* -1 where not connected */
	struct ssl_ctx_st *trust; /* owned; NULL: no TLS has been wanted yet */
	struct bio_method_st *socket_calls; /* owned; how its bytes are sent, without SIGPIPE */
	struct ssl_st *ssl; /* of the connection; NULL: plain */
	struct buf in; /* received, not yet taken; at most one reply line and what came with it */
	size_t searched; /* of `in`, known to hold no newline */
};

void wire_init(struct wire *wire);

/* Hangs up and forgets what was received; the wire may be connected again. */
void wire_close(struct wire *wire);

/* wire_close(), and frees. */
void wire_done(struct wire *wire);

/* Makes ready for TLS, with the certificates of a file or, where that is NULL, of the system. */
enum voisin_status wire_trust(struct wire *wire, const char *ca_file, struct voisin_error *reterr);

/* VOISIN_IO, VOISIN_TIMEOUT, VOISIN_NOMEM.  The wire is closed after a failure. */
enum voisin_status wire_connect(
    struct wire *wire, const struct address *address, int64_t deadline_ns, struct voisin_error *reterr);

/* Sends all of `line`.  A server that hung up is no failure yet: it may have said why before. */
enum voisin_status wire_send(struct wire *wire, struct str line, int64_t deadline_ns, struct voisin_error *reterr);

/*
 * Waits for one whole line: *ret_line, without its newline, is borrowed until wire_take_line() or
 * wire_close().  VOISIN_IO: the server hung up; VOISIN_PROTOCOL: the line is too long.
 */
enum voisin_status wire_read_line(
    struct wire *wire, int64_t deadline_ns, struct str *ret_line, struct voisin_error *reterr);

/* Waits until `fd` is ready for `events`, in error, or hung up; false at the deadline. */
bool wire_wait(int fd, short events, int64_t deadline_ns);

/* Takes the line and its newline out of what was received. */
void wire_take_line(struct wire *wire, struct str line);

#endif
