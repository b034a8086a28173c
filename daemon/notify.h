/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * notify: what a service manager wants to hear, and the sockets that it opened (sd_notify(3), sd_listen_fds(3)).
 *
 * Both protocols are a few lines, so that nothing of systemd is linked: datagrams to the socket that NOTIFY_SOCKET
 * names; descriptors from 3 on, as many as LISTEN_FDS says, if LISTEN_PID is this process.
 */
#ifndef VOISIN_DAEMON_NOTIFY_H
#define VOISIN_DAEMON_NOTIFY_H

#include <event2/event.h>
#include <stdbool.h>

#include "base/error.h"

struct notify;

/*
 * Connects to the service manager; *ret_notify is NULL where there is none.  Takes its variables out of the environment,
 * so that no worker speaks for the daemon.  STATUS_IO, STATUS_INVALID.
 */
enum status notify_open(struct notify **ret_notify, struct error *reterr) MUST_CHECK;

/* NULL is accepted, here and below. */
void notify_close(struct notify *notify);

/* Sends "READY=1", "RELOADING=1", "STOPPING=1" or "STATUS=...". */
void notify_send(struct notify *notify, const char *state);

/* The daemon reads its configuration again: a manager of Type=notify-reload waits for READY=1 after this. */
void notify_reloading(struct notify *notify);

/* From now on tells the watchdog, twice in its time, that the loop turns.  STATUS_NOMEM. */
enum status notify_watch(struct notify *notify, struct event_base *base, struct error *reterr) MUST_CHECK;

enum { NOTIFY_FIRST_FD = 3 };

/*
 * How many sockets the manager has opened for this process, from NOTIFY_FIRST_FD on; they are not passed on to other
 * programs from now on.  0 where it has none.  At most `max`: STATUS_LIMIT; STATUS_INVALID where one is no socket that listens.
 */
enum status notify_sockets(unsigned max, unsigned *ret_n, struct error *reterr) MUST_CHECK;

/* Whether a service manager started this process. */
bool notify_is_service(void);

#endif
