/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/address.h"

enum {
	BACKLOG = 512,
	ACCEPTS_PER_TURN = 16, /* so that clients which are gone again are noticed before the next come */
	REST_MS = 100, /* without descriptors or memory */
	COMPLAIN_MS = 1000, /* at most one log line in this time about it */
	SOCKET_UMASK = 0117, /* 0660 */
	FOLDER_TRIES = 100,
	FOLDER_WAIT_NS = 10 * 1000 * 1000
};

struct listener {
	int fd;
	struct event *readable;
	struct event *rest; /* due: accept again */
	listener_cb cb;
	void *arg;
	int64_t complain_at;
	struct address address;
	char text[ADDRESS_TEXT_BYTES];
	bool is_tls;
	bool bound; /* a Unix socket was made, which is this file: */
	dev_t device;
	ino_t inode;
};

static enum status
check_reach(const char *text, const struct address *address, bool is_tls, const struct listener_policy *policy,
    struct error *reterr)
{
	if (is_tls && (!policy->has_tls || address_is_local(address)))
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "%.80s: tls: stands before HOST:PORT, and needs --tls-certificate and --tls-key", text);
	if (policy->allow_remote || address_is_private(address) || (is_tls && policy->has_tokens))
		return STATUS_OK;
	return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
	    "%.80s can be reached from other machines, and whoever reaches it may ask: serve tls: there with "
	    "--token-file, "
	    "or permit it with --allow-remote",
	    text);
}

static enum status
resolve(const char *text, const struct listener_policy *policy, struct address *ret_address, bool *ret_tls,
    struct error *reterr)
{
	const char *rest = text;
	bool is_tls = address_take_tls(&rest);
	enum status status = address_parse(rest, ret_address, reterr);

	*ret_tls = is_tls;
	return status == STATUS_OK ? check_reach(text, ret_address, is_tls, policy, reterr) : status;
}

struct listener_policy
listener_policy(const struct settings *settings)
{
	return (struct listener_policy) {
		.allow_remote = settings->allow_remote,
		.has_tls = settings->files[SETTINGS_CERTIFICATE] != NULL,
		.has_tokens = settings->files[SETTINGS_TOKENS] != NULL,
	};
}

enum status
listener_check(const char *address, const struct listener_policy *policy, struct error *reterr)
{
	struct address ignored;
	bool is_tls;

	return resolve(address, policy, &ignored, &is_tls, reterr);
}

static void
rest(struct listener *listener)
{
	const struct timeval wait = { .tv_usec = REST_MS * 1000 };
	int64_t now = clock_mono_ms();

	if (now >= listener->complain_at) {
		log_warn("cannot accept address=%s", listener->text);
		listener->complain_at = now + COMPLAIN_MS;
	}
	/* Without a timer nothing would end the rest: then it goes on trying instead. */
	if (event_add(listener->rest, &wait) == 0)
		(void)event_del(listener->readable);
}

static void
rested_cb(evutil_socket_t fd, short what, void *arg)
{
	struct listener *listener = arg;

	(void)fd;
	(void)what;
	if (event_add(listener->readable, NULL) != 0)
		rest(listener);
}

/* Whether accept() failed because of that one client, or found none; otherwise it would fail again. */
static bool
is_passing(int errnum)
{
	return errnum == EAGAIN || errnum == EINTR || errnum == ECONNABORTED || errnum == EPROTO || errnum == EPERM;
}

static void
accept_cb(evutil_socket_t fd, short what, void *arg)
{
	struct listener *listener = arg;

	(void)what;
	for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
		struct address client = { .len = sizeof(client.u) };
		struct peer peer = { .counted = !address_is_local(&listener->address), .is_tls = listener->is_tls };
		int yes = 1;
		int client_fd = accept4(fd, &client.u.any, &client.len, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (client_fd < 0 && !is_passing(errno))
			rest(listener);
		if (client_fd < 0)
			return;
		if (peer.counted) {
			peer.address = address_ip(&client);
			/* A reply is one write: waiting to fill a packet would only delay it. */
			(void)setsockopt(client_fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
			(void)setsockopt(client_fd, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof(yes));
		}
		listener->cb(listener->arg, client_fd, &peer);
	}
}

/* ---- Unix sockets: a file may be left of a daemon that was killed ---- */

/*
 * Locks the folder that the socket stands in, so that of two daemons that start together one sees
 * the other's socket.  *ret_fd is to be closed.
 */
static enum status
lock_folder(const char *path, int *ret_fd, struct error *reterr)
{
	const struct timespec wait = { .tv_nsec = FOLDER_WAIT_NS };
	char folder[sizeof(((struct sockaddr_un *)NULL)->sun_path)] = ".";
	const char *slash = strrchr(path, '/');
	int fd;

	if (slash != NULL) {
		size_t len = slash == path ? 1 : (size_t)(slash - path);

		memcpy(folder, path, len);
		folder[len] = '\0';
	}
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot open the folder %s of the socket", folder);
	for (int i = 0; i < FOLDER_TRIES; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
			*ret_fd = fd;
			return STATUS_OK;
		}
		(void)nanosleep(&wait, NULL);
	}
	(void)close(fd);
	return error_set(reterr, STATUS_BUSY, ERROR_NO_OFFSET, "the folder %s is locked by another program", folder);
}

/* Removes the file of a socket that nobody listens on. */
static enum status
remove_stale(const struct address *address, struct error *reterr)
{
	const char *path = address->u.local.sun_path;
	struct stat st;
	int fd, result;

	if (lstat(path, &st) != 0)
		return STATUS_OK;
	if (!S_ISSOCK(st.st_mode))
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "%s exists and is no socket", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot make a socket");
	result = connect(fd, &address->u.any, address->len) == 0 ? 0 : errno;
	(void)close(fd);
	if (result != ECONNREFUSED)
		return error_set(reterr, STATUS_BUSY, ERROR_NO_OFFSET, "%s is in use by another process", path);
	if (unlink(path) != 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot remove the unused socket %s", path);
	return STATUS_OK;
}

static enum status
bind_and_listen(struct listener *listener, struct error *reterr)
{
	if (bind(listener->fd, &listener->address.u.any, listener->address.len) != 0)
		return error_errno(
		    reterr, errno == EADDRINUSE ? STATUS_BUSY : STATUS_IO, errno, "cannot bind %s", listener->text);
	if (listen(listener->fd, BACKLOG) != 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot listen on %s", listener->text);
	return STATUS_OK;
}

/* The file is the user's whom the daemon becomes, so that its group may connect and it may remove it. */
static enum status
give_away(const char *path, const struct identity *owner, struct error *reterr)
{
	if (owner->changes && lchown(path, owner->uid, owner->gid) != 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot give the socket %s to its user", path);
	return STATUS_OK;
}

static enum status
open_unix(struct listener *listener, const struct identity *owner, struct error *reterr)
{
	const char *path = listener->address.u.local.sun_path;
	struct stat st;
	mode_t before;
	int folder = -1;
	enum status status = lock_folder(path, &folder, reterr);

	if (status != STATUS_OK)
		return status;
	status = remove_stale(&listener->address, reterr);
	if (status == STATUS_OK) {
		before = umask(SOCKET_UMASK);
		status = bind_and_listen(listener, reterr);
		(void)umask(before);
	}
	if (status == STATUS_OK && lstat(path, &st) == 0) {
		listener->bound = true;
		listener->device = st.st_dev;
		listener->inode = st.st_ino;
		status = give_away(path, owner, reterr);
	}
	(void)close(folder);
	return status;
}

static enum status
open_ip(struct listener *listener, struct error *reterr)
{
	int yes = 1;
	enum status status;

	(void)setsockopt(listener->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (listener->address.u.any.sa_family == AF_INET6)
		(void)setsockopt(listener->fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes));
	status = bind_and_listen(listener, reterr);
	if (status != STATUS_OK)
		return status;
	if (getsockname(listener->fd, &listener->address.u.any, &listener->address.len) != 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot learn the port of %s", listener->text);
	address_format(&listener->address, listener->text);
	return STATUS_OK;
}

static enum status
open_socket(struct listener *listener, const struct identity *owner, struct error *reterr)
{
	listener->fd = socket(listener->address.u.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener->fd < 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot make a socket for %s", listener->text);
	return address_is_local(&listener->address) ? open_unix(listener, owner, reterr) : open_ip(listener, reterr);
}

/* Takes a socket that a service manager has opened. */
static enum status
adopt(struct listener *listener, int fd, const struct listener_policy *policy, struct error *reterr)
{
	listener->fd = fd;
	listener->address.len = sizeof(listener->address.u);
	if (getsockname(fd, &listener->address.u.any, &listener->address.len) != 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot learn the address of a socket");
	address_format(&listener->address, listener->text);
	return check_reach(listener->text, &listener->address, false, policy, reterr);
}

static enum status
watch(struct listener *listener, struct event_base *base, struct error *reterr)
{
	listener->readable = event_new(base, listener->fd, EV_READ | EV_PERSIST, accept_cb, listener);
	listener->rest = evtimer_new(base, rested_cb, listener);
	if (listener->readable == NULL || listener->rest == NULL || event_add(listener->readable, NULL) != 0)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "no memory to listen on %s", listener->text);
	return STATUS_OK;
}

/* The address as it was given. */
static void
show_tls(struct listener *listener)
{
	char plain[ADDRESS_TEXT_BYTES];

	memcpy(plain, listener->text, sizeof(plain));
	(void)snprintf(listener->text, sizeof(listener->text), "tls:%.*s", ADDRESS_TEXT_BYTES - 5, plain);
}

enum status
listener_new(struct event_base *base, const struct listener_options *options, struct listener **ret_listener,
    struct error *reterr)
{
	struct listener *listener = calloc(1, sizeof(*listener));
	enum status status;

	if (listener == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "no memory to listen on %s",
		    options->address != NULL ? options->address : "-");
	listener->fd = -1;
	listener->cb = options->cb;
	listener->arg = options->arg;
	if (options->address == NULL)
		status = adopt(listener, options->fd, &options->policy, reterr);
	else
		status = resolve(options->address, &options->policy, &listener->address, &listener->is_tls, reterr);
	if (status == STATUS_OK && options->address != NULL) {
		address_format(&listener->address, listener->text);
		status = open_socket(listener, options->owner, reterr);
	}
	if (status == STATUS_OK && listener->is_tls)
		show_tls(listener);
	if (status == STATUS_OK)
		status = watch(listener, base, reterr);
	if (status != STATUS_OK) {
		listener_free(listener);
		return status;
	}
	*ret_listener = listener;
	return STATUS_OK;
}

struct listener_file
listener_file(const struct listener *listener)
{
	return (struct listener_file) {
		.path = listener->bound ? listener->address.u.local.sun_path : NULL,
		.device = listener->device,
		.inode = listener->inode,
	};
}

void
listener_remove(const struct listener_file *file)
{
	struct stat st;

	if (file->path != NULL && lstat(file->path, &st) == 0 && st.st_dev == file->device && st.st_ino == file->inode)
		(void)unlink(file->path);
}

void
listener_free(struct listener *listener)
{
	if (listener == NULL)
		return;
	if (listener->readable != NULL)
		event_free(listener->readable);
	if (listener->rest != NULL)
		event_free(listener->rest);
	if (listener->fd >= 0)
		(void)close(listener->fd);
	free(listener);
}

const char *
listener_address(const struct listener *listener)
{
	return listener->text;
}
