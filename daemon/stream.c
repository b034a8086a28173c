/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/stream.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WRITE_BYTES = 16 * 1024 /* a record of TLS */ };

void
stream_init(struct stream *stream, int fd, struct ssl_st *ssl)
{
	*stream = (struct stream) { .fd = fd, .ssl = ssl };
}

void
stream_close(struct stream *stream)
{
	SSL_free(stream->ssl);
	stream->ssl = NULL;
	(void)close(stream->fd);
	stream->fd = -1;
}

/* What a call of OpenSSL that gave `result` means, as read(2) and write(2) say it. */
static int
meaning(struct stream *stream, int result)
{
	switch (SSL_get_error(stream->ssl, result)) {
	case SSL_ERROR_ZERO_RETURN: return 0;
	case SSL_ERROR_WANT_WRITE:
		stream->wants_write = true;
		errno = EAGAIN;
		return -1;
	case SSL_ERROR_WANT_READ: errno = EAGAIN; return -1;
	case SSL_ERROR_SYSCALL:
		/* An end without a goodbye is an end: whether a line is whole its newline tells. */
		return errno == 0 ? 0 : -1;
	default: errno = EPROTO; return -1;
	}
}

ssize_t
stream_read(struct stream *stream, void *to, size_t len)
{
	int n;

	if (stream->ssl == NULL)
		return read(stream->fd, to, len);
	ERR_clear_error();
	errno = 0;
	stream->wants_write = false;
	n = SSL_read(stream->ssl, to, (int)len);
	return n > 0 ? n : meaning(stream, n);
}

int
stream_write(struct stream *stream, struct evbuffer *from)
{
	int total = 0;

	if (stream->ssl == NULL)
		return evbuffer_write(from, stream->fd);
	while (evbuffer_get_length(from) > 0) {
		struct evbuffer_iovec part;
		int n;

		(void)evbuffer_peek(from, WRITE_BYTES, NULL, &part, 1);
		ERR_clear_error();
		errno = 0;
		n = SSL_write(
		    stream->ssl, part.iov_base, (int)(part.iov_len < WRITE_BYTES ? part.iov_len : WRITE_BYTES));
		if (n <= 0) {
			if (total > 0)
				return total;
			/* The other end's goodbye does not keep us from writing, but no one reads it. */
			n = meaning(stream, n);
			errno = n == 0 ? EPIPE : errno;
			return -1;
		}
		(void)evbuffer_drain(from, (size_t)n);
		total += n;
	}
	return total;
}

bool
stream_has_pending(const struct stream *stream)
{
	return stream->ssl != NULL && SSL_has_pending(stream->ssl) != 0;
}

bool
stream_is_ready(const struct stream *stream)
{
	return stream->ssl == NULL || SSL_is_init_finished(stream->ssl) != 0;
}

void
stream_shutdown(struct stream *stream)
{
	if (stream->ssl != NULL && SSL_is_init_finished(stream->ssl) != 0) {
		ERR_clear_error();
		(void)SSL_shutdown(stream->ssl);
	}
	(void)shutdown(stream->fd, SHUT_WR);
}
