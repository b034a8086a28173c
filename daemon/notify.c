/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"

enum { STATE_BYTES = 128, US_PER_S = 1000 * 1000, NS_PER_US = 1000 };

struct notify {
	int fd;
	uint64_t watchdog_us; /* 0: there is none */
	struct event *timer;
};

/* A decimal number of the environment, or 0. */
static uint64_t
variable(const char *name)
{
	const char *text = getenv(name);
	unsigned long long number;
	char *end;

	if (text == NULL || text[0] < '0' || text[0] > '9')
		return 0;
	errno = 0;
	number = strtoull(text, &end, 10);
	return *end == '\0' && errno == 0 ? number : 0;
}

/* Whether a variable that names a process names this one. */
static bool
is_own(const char *name)
{
	return variable(name) == (uint64_t)getpid();
}

bool
notify_is_service(void)
{
	return getenv("NOTIFY_SOCKET") != NULL || is_own("LISTEN_PID");
}

/* A path, or with @ a name of Linux's own (unix(7)). */
static enum status
connect_to(int fd, const char *path, struct error *reterr)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t len = strlen(path);

	if ((path[0] != '/' && path[0] != '@') || len >= sizeof(address.sun_path))
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "NOTIFY_SOCKET is no socket: %.120s", path);
	memcpy(address.sun_path, path, len);
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	if (connect(fd, (const struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) !=
	    0)
		return error_errno(reterr, STATUS_IO, errno, "cannot reach the service manager at %.120s", path);
	return STATUS_OK;
}

enum status
notify_open(struct notify **ret_notify, struct error *reterr)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct notify *notify;
	enum status status;

	*ret_notify = NULL;
	if (path == NULL || path[0] == '\0')
		return STATUS_OK;
	notify = calloc(1, sizeof(*notify));
	if (notify == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	notify->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	status = notify->fd >= 0 ? connect_to(notify->fd, path, reterr)
				 : error_errno(reterr, STATUS_IO, errno, "cannot make a socket");
	if (status != STATUS_OK) {
		notify_close(notify);
		return status;
	}
	if (getenv("WATCHDOG_PID") == NULL || is_own("WATCHDOG_PID"))
		notify->watchdog_us = variable("WATCHDOG_USEC");
	(void)unsetenv("NOTIFY_SOCKET");
	(void)unsetenv("WATCHDOG_USEC");
	(void)unsetenv("WATCHDOG_PID");
	*ret_notify = notify;
	return STATUS_OK;
}

void
notify_close(struct notify *notify)
{
	if (notify == NULL)
		return;
	if (notify->timer != NULL)
		event_free(notify->timer);
	if (notify->fd >= 0)
		(void)close(notify->fd);
	free(notify);
}

/* A manager that does not listen is no reason not to serve. */
void
notify_send(struct notify *notify, const char *state)
{
	if (notify != NULL)
		(void)!send(notify->fd, state, strlen(state), MSG_NOSIGNAL);
}

void
notify_reloading(struct notify *notify)
{
	char state[STATE_BYTES];

	(void)snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%" PRId64, clock_mono_ns() / NS_PER_US);
	notify_send(notify, state);
}

static void
alive_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	notify_send(arg, "WATCHDOG=1");
}

enum status
notify_watch(struct notify *notify, struct event_base *base, struct error *reterr)
{
	struct timeval half;

	if (notify == NULL || notify->watchdog_us == 0)
		return STATUS_OK;
	half = (struct timeval) { .tv_sec = (time_t)(notify->watchdog_us / 2 / US_PER_S),
		.tv_usec = (suseconds_t)(notify->watchdog_us / 2 % US_PER_S) };
	notify->timer = event_new(base, -1, EV_PERSIST, alive_cb, notify);
	if (notify->timer == NULL || event_add(notify->timer, &half) != 0)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	return STATUS_OK;
}

static bool
is_listening(int fd)
{
	int type = 0, listens = 0;
	socklen_t len = sizeof(int);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_STREAM &&
	       getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) == 0 && listens != 0;
}

enum status
notify_sockets(unsigned max, unsigned *ret_n, struct error *reterr)
{
	uint64_t n = is_own("LISTEN_PID") ? variable("LISTEN_FDS") : 0;

	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_FDNAMES");
	if (n > max)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "LISTEN_FDS is %llu, at most %u are taken",
		    (unsigned long long)n, max);
	for (int fd = NOTIFY_FIRST_FD; fd < NOTIFY_FIRST_FD + (int)n; fd++) {
		int flags = fcntl(fd, F_GETFL);

		if (!is_listening(fd))
			return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
			    "descriptor %d of LISTEN_FDS is no stream socket that listens", fd);
		if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0)
			return error_errno(reterr, STATUS_IO, errno, "cannot set up a socket");
	}
	*ret_n = (unsigned)n;
	return STATUS_OK;
}
