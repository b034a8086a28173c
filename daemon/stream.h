/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stream: the bytes of one client, plain or through TLS.
 *
 * libevent's OpenSSL bufferevents are not used: the deadlines of conn.h are about bytes that have left through the
 * socket, and its bounds about bytes that have not been read, which a bufferevent keeps to itself.  OpenSSL on a socket
 * that does not block needs no more than this.
 */
#ifndef VOISIN_DAEMON_STREAM_H
#define VOISIN_DAEMON_STREAM_H

#include <event2/buffer.h>
#include <stdbool.h>
#include <sys/types.h>

struct ssl_st; /* of OpenSSL */

struct stream {
	int fd;
	struct ssl_st *ssl; /* NULL: plain */
	bool wants_write; /* reading cannot go on before something is written */
};

/* Owns `fd`, and `ssl` if it is not NULL, from now on. */
void stream_init(struct stream *stream, int fd, struct ssl_st *ssl);

/* Closes; what was not sent is lost. */
void stream_close(struct stream *stream);

/* As read(2): 0 at the end, -1 with errno, EAGAIN where there is nothing yet.  Shakes hands first. */
ssize_t stream_read(struct stream *stream, void *to, size_t len);

/* Takes out of `from` what the socket takes.  -1 with errno, EAGAIN where it takes nothing. */
int stream_write(struct stream *stream, struct evbuffer *from);

/* Whether bytes wait that the socket does not tell of any more. */
bool stream_has_pending(const struct stream *stream);

/* Whether the hands are shaken: true for a plain one. */
bool stream_is_ready(const struct stream *stream);

/* Tells the other end that no more will be sent. */
void stream_shutdown(struct stream *stream);

#endif
