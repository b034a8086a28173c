/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * service: between connections and workers; every request that came is here until it is answered.
 *
 *	line --> parse --> ping: answered at once
 *	             \--> refused: answered at once
 *	              \--> job --> queue --> worker --> reply
 *	                     \--> no place: busy   \--> late: timeout; died: internal
 */
#ifndef VOISIN_DAEMON_SERVICE_H
#define VOISIN_DAEMON_SERVICE_H

#include <event2/event.h>

#include "base/error.h"
#include "daemon/conn.h"
#include "daemon/keeper.h"
#include "daemon/secrets.h"
#include "daemon/settings.h"

struct service;

/* Starts the workers.  `settings` and `keeper` are borrowed for good. */
enum status service_new(struct event_base *base, const struct settings *settings, struct keeper *keeper,
    struct service **ret_service, struct error *reterr) MUST_CHECK;

/* Closes all connections, ends the workers.  NULL is accepted. */
void service_free(struct service *service);

/*
 * Turns the loop until a worker has the index open.  A failure is why the first one could not open
 * it: STATUS_NOT_FOUND, STATUS_VERSION, STATUS_CORRUPT and so on.
 */
enum status service_wait(struct service *service, struct error *reterr) MUST_CHECK;

/* Whether an answer is so near that the loop should be turned without sleeping (polling.h). */
bool service_is_about_to_hear(const struct service *service);

/* Certificates and tokens from now on; borrowed until the next call. */
void service_set_secrets(struct service *service, const struct secrets *secrets);

/* A client has come.  One too many is told `busy` and closed.  A listener_cb. */
void service_accept(void *service, int fd, const struct peer *peer);

/* The page of metrics. */
void service_write_metrics(void *service, struct buf *out);

/* Makes the workers read the files of variants again before their next requests. */
void service_hangup(struct service *service);

/* Goes by what the settings are now: they have changed.  Workers are replaced one by one. */
void service_reload(struct service *service);

/* Takes no more requests; `on_empty` is called when all connections are closed, maybe at once. */
void service_drain(struct service *service, void (*on_empty)(void *arg), void *arg);

#endif
