/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * listener: an address that clients connect to.
 *
 *	127.0.0.1:7117   [::1]:0   tls:localhost:7117   unix:/run/voisin/socket
 *
 * Loopback addresses and Unix sockets are taken; others with TLS and tokens, or where they are allowed expressly, for
 * whoever can connect can ask.  A Unix socket has mode 0660 from the start.  Where the process has no descriptor
 * left the listener rests a tenth of a second instead of failing in a loop.
 */
#ifndef VOISIN_DAEMON_LISTENER_H
#define VOISIN_DAEMON_LISTENER_H

#include <event2/event.h>
#include <netdb.h>
#include <stdbool.h>

#include "base/error.h"
#include "daemon/conn.h"
#include "daemon/privileges.h"

struct listener;

/* A client has come: `fd` is non-blocking and the callback's from now on. */
typedef void (*listener_cb)(void *arg, int fd, const struct peer *peer);

/* What addresses may be served. */
struct listener_policy {
	bool allow_remote; /* also those that other machines reach, in any case */
	bool has_tls; /* there is a certificate */
	bool has_tokens; /* clients must have a token: with TLS, remote ones may come */
};

/* That of the settings. */
struct listener_policy listener_policy(const struct settings *settings);

/*
 * Resolves an address of the command line and checks that it may be served, without binding it.
 * STATUS_INVALID: reterr says what is wrong with it.
 */
enum status listener_check(const char *address, const struct listener_policy *policy, struct error *reterr) MUST_CHECK;

struct listener_options {
	const char *address; /* NULL: the socket `fd`, which listens already */
	int fd;
	struct listener_policy policy;
	const struct identity *owner; /* whose a Unix socket is to be */
	listener_cb cb;
	void *arg;
};

/*
 * Binds and listens on all that the address stands for, from the next turn of the loop on.  A Unix
 * socket that nobody serves any more is replaced.  STATUS_BUSY: in use; STATUS_IO, STATUS_INVALID.
 */
enum status listener_new(struct event_base *base, const struct listener_options *options,
    struct listener **ret_listener, struct error *reterr) MUST_CHECK;

/* Stops listening.  NULL is accepted. */
void listener_free(struct listener *listener);

/* The file of a Unix socket that the listener made, which is to be removed at the end. */
struct listener_file {
	const char *path; /* NULL: there is none */
	dev_t device;
	ino_t inode;
};
struct listener_file listener_file(const struct listener *listener);

/* Removes the file of a Unix socket, if it is still that one. */
void listener_remove(const struct listener_file *file);

/* The address that was bound, with the real port.  Borrowed until listener_free(). */
const char *listener_address(const struct listener *listener);

#endif
