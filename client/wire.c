/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "client/failure.h"
#include "client/secure.h"
#include "protocol/reply.h"

enum { READ_BYTES = 64 * 1024, NS_PER_MS = 1000 * 1000 };

void
wire_init(struct wire *wire)
{
	*wire = (struct wire) { .fd = -1 };
	buf_init(&wire->in, REPLY_READ_BYTES + 1 + READ_BYTES);
}

void
wire_close(struct wire *wire)
{
	secure_close(wire);
	if (wire->fd >= 0)
		(void)close(wire->fd);
	wire->fd = -1;
	wire->searched = 0;
	buf_reset(&wire->in);
}

void
wire_done(struct wire *wire)
{
	wire_close(wire);
	secure_done(wire);
	buf_done(&wire->in);
}

bool
wire_wait(int fd, short events, int64_t deadline_ns)
{
	for (;;) {
		struct pollfd poll_fd = { .fd = fd, .events = events };
		int64_t left_ms = (deadline_ns - clock_mono_ns() + NS_PER_MS - 1) / NS_PER_MS;
		int n;

		if (left_ms <= 0)
			return false;
		n = poll(&poll_fd, 1, left_ms < INT_MAX ? (int)left_ms : INT_MAX);
		if (n > 0)
			return true;
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return false;
	}
}

/*
 * A descriptor that is not one of the three standard ones: where a program was started with those
 * closed, its messages must not end up in the socket.
 */
static int
above_standard(int fd)
{
	int high = fd > STDERR_FILENO ? fd : fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

	if (high != fd)
		(void)close(fd);
	return high;
}

/* A connected socket, or -1 and errno; ETIMEDOUT at the deadline. */
static int
connect_to(int family, const struct sockaddr *address, socklen_t len, int64_t deadline_ns)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int why = 0, one = 1;
	socklen_t why_len = sizeof(why);

	if (fd >= 0)
		fd = above_standard(fd);
	if (fd < 0)
		return -1;
	if (family != AF_UNIX)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, address, len) == 0)
		return fd;
	why = errno;
	if (why == EINPROGRESS || why == EINTR) {
		if (!wire_wait(fd, POLLOUT, deadline_ns))
			why = ETIMEDOUT;
		else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &why_len) != 0)
			why = errno;
	}
	if (why == 0)
		return fd;
	(void)close(fd);
	errno = why;
	return -1;
}

/*
 * A Unix socket whose queue is full answers EAGAIN at once, and nothing can be waited for: it is
 * asked again now and then.
 */
static int
connect_unix(const char *path, int64_t deadline_ns)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	memcpy(address.sun_path, path, strnlen(path, sizeof(address.sun_path) - 1));
	for (;;) {
		fd = connect_to(AF_UNIX, (const struct sockaddr *)&address, sizeof(address), deadline_ns);
		if (fd >= 0 || errno != EAGAIN)
			return fd;
		if (clock_mono_ns() >= deadline_ns)
			break;
		(void)poll(NULL, 0, 10);
	}
	errno = ETIMEDOUT;
	return -1;
}

/* Tries each address in its order; a silent one may use its share of the time that is left. */
static int
connect_any(const struct addrinfo *list, int64_t deadline_ns)
{
	int64_t count = 0;
	int fd = -1;

	for (const struct addrinfo *one = list; one != NULL; one = one->ai_next)
		count++;
	for (const struct addrinfo *one = list; one != NULL && fd < 0; one = one->ai_next, count--) {
		int64_t now = clock_mono_ns();

		fd = connect_to(one->ai_family, one->ai_addr, one->ai_addrlen, now + (deadline_ns - now) / count);
	}
	return fd;
}

static enum voisin_status
look_up(const struct address *address, struct addrinfo **ret_list, struct voisin_error *reterr)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV };
	int error = getaddrinfo(address->host, address->port, &hints, ret_list);

	if (error == 0)
		return VOISIN_OK;
	if (error == EAI_MEMORY)
		return failure_nomem(reterr);
	return failure(reterr, VOISIN_IO, "cannot find the server %s: %s", address->host, tr(gai_strerror(error)));
}

enum voisin_status
wire_connect(struct wire *wire, const struct address *address, int64_t deadline_ns, struct voisin_error *reterr)
{
	struct addrinfo *list = NULL;
	enum voisin_status status = VOISIN_OK;

	wire_close(wire);
	if (address->is_unix)
		wire->fd = connect_unix(address->host, deadline_ns);
	else {
		status = look_up(address, &list, reterr);
		if (status != VOISIN_OK)
			return status;
		wire->fd = connect_any(list, deadline_ns);
	}
	if (wire->fd < 0) {
		status = errno == ETIMEDOUT ? VOISIN_TIMEOUT : VOISIN_IO;
		status = failure_errno(reterr, status, errno, "cannot connect to %s%s%s%s",
		    address->is_unix ? "unix:" : "", address->host, address->is_unix ? "" : ":", address->port);
	}
	if (list != NULL)
		freeaddrinfo(list);
	if (status == VOISIN_OK && address->is_tls)
		status = secure_connect(wire, address->host, deadline_ns, reterr);
	if (status != VOISIN_OK)
		wire_close(wire);
	return status;
}

static enum voisin_status
timed_out(struct voisin_error *reterr)
{
	return failure(reterr, VOISIN_TIMEOUT, "the server did not answer in time");
}

enum voisin_status
wire_send(struct wire *wire, struct str line, int64_t deadline_ns, struct voisin_error *reterr)
{
	size_t sent = 0;

	while (sent < line.len) {
		short wanted = POLLOUT;
		ssize_t n = wire->ssl != NULL ? secure_write(wire, line.p + sent, line.len - sent, &wanted)
					      : send(wire->fd, line.p + sent, line.len - sent, MSG_NOSIGNAL);

		if (n >= 0)
			sent += (size_t)n;
		else if (errno == EPIPE || errno == ECONNRESET)
			return VOISIN_OK;
		else if (errno == EAGAIN && !wire_wait(wire->fd, wanted, deadline_ns))
			return timed_out(reterr);
		else if (errno != EAGAIN && errno != EINTR)
			return failure_errno(reterr, VOISIN_IO, errno, "cannot send to the server");
	}
	return VOISIN_OK;
}

/* The first line in what was received: false where there is none yet. */
static bool
find_line(struct wire *wire, struct str *ret_line)
{
	const char *end = NULL;

	if (wire->in.len > wire->searched)
		end = memchr(wire->in.data + wire->searched, '\n', wire->in.len - wire->searched);
	if (end == NULL) {
		wire->searched = wire->in.len;
		return false;
	}
	*ret_line = (struct str) { wire->in.data, (size_t)(end - wire->in.data) };
	return true;
}

/* Receives what is there, waiting for at least one byte. */
static enum voisin_status
receive(struct wire *wire, int64_t deadline_ns, struct voisin_error *reterr)
{
	char bytes[READ_BYTES];
	ssize_t n;

	do {
		short wanted = POLLIN;

		n = wire->ssl != NULL ? secure_read(wire, bytes, sizeof(bytes), &wanted)
				      : recv(wire->fd, bytes, sizeof(bytes), 0);
		if (n < 0 && errno == EAGAIN && !wire_wait(wire->fd, wanted, deadline_ns))
			return timed_out(reterr);
	} while (n < 0 && (errno == EAGAIN || errno == EINTR));
	if (n < 0)
		return failure_errno(reterr, VOISIN_IO, errno, "cannot read from the server");
	if (n == 0)
		return failure(reterr, VOISIN_IO, "the server hung up before its answer was complete");
	if (buf_append(&wire->in, bytes, (size_t)n) == STATUS_NOMEM)
		return failure_nomem(reterr);
	return VOISIN_OK;
}

enum voisin_status
wire_read_line(struct wire *wire, int64_t deadline_ns, struct str *ret_line, struct voisin_error *reterr)
{
	struct str line;

	while (!find_line(wire, &line)) {
		enum voisin_status status;

		if (wire->in.len > REPLY_READ_BYTES)
			return failure(
			    reterr, VOISIN_PROTOCOL, "the server's reply is longer than %d bytes", REPLY_READ_BYTES);
		/* A server that drips bytes must not renew its time with each. */
		if (clock_mono_ns() >= deadline_ns)
			return timed_out(reterr);
		status = receive(wire, deadline_ns, reterr);
		if (status != VOISIN_OK)
			return status;
	}
	*ret_line = line;
	return VOISIN_OK;
}

void
wire_take_line(struct wire *wire, struct str line)
{
	buf_consume(&wire->in, line.len + 1);
	wire->searched = 0;
}
