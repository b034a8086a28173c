/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/server.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/log.h"
#include "daemon/listener.h"
#include "daemon/pool.h"
#include "daemon/service.h"

enum {
	RESERVED_DESCRIPTORS = 32, /* besides clients: standard ones, epoll, listeners, what libraries open */
	DESCRIPTORS_PER_WORKER = 2,

	/* Callbacks of clients, and time, until workers are looked at again. */
	TURN_CALLBACKS = 8,
	TURN_US = 1000
};

struct server {
	struct event_base *base;
	struct settings *settings;
	struct service *service;
	struct listener *listeners[SETTINGS_LISTEN_MAX];
	struct event *end[2]; /* SIGTERM, SIGINT */
	struct event *hangup;
	struct event *drained; /* due: draining has taken too long */
	bool draining;
};

static void
close_listeners(struct server *server)
{
	for (unsigned i = 0; i < server->settings->n_listen; i++) {
		listener_free(server->listeners[i]);
		server->listeners[i] = NULL;
	}
}

static void
stop(void *arg)
{
	struct server *server = arg;

	(void)event_base_loopbreak(server->base);
}

static void
drained_cb(evutil_socket_t fd, short what, void *arg)
{
	struct server *server = arg;

	(void)fd;
	(void)what;
	log_warnx("not drained after_ms=%u", server->settings->drain_ms);
	stop(server);
}

static void
end_cb(evutil_socket_t signal_number, short what, void *arg)
{
	struct server *server = arg;
	const struct timeval wait = { .tv_sec = server->settings->drain_ms / 1000,
		.tv_usec = (suseconds_t)(server->settings->drain_ms % 1000) * 1000 };

	(void)what;
	if (server->draining) {
		log_info("ending at once signal=%d", (int)signal_number);
		stop(server);
		return;
	}
	log_info("draining signal=%d", (int)signal_number);
	server->draining = true;
	close_listeners(server);
	(void)event_add(server->drained, &wait);
	service_drain(server->service, stop, server);
}

static void
hangup_cb(evutil_socket_t signal_number, short what, void *arg)
{
	struct server *server = arg;

	(void)signal_number;
	(void)what;
	log_info("hangup: the files of variants are read again; every request looks for the newest generation");
	service_reload(server->service);
}

static enum status
watch_signals(struct server *server, struct error *reterr)
{
	static const int ends[] = { SIGTERM, SIGINT };
	bool made;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGUSR1, SIG_IGN);
	(void)signal(SIGUSR2, SIG_IGN);
	server->hangup = evsignal_new(server->base, SIGHUP, hangup_cb, server);
	server->drained = evtimer_new(server->base, drained_cb, server);
	made = server->hangup != NULL && server->drained != NULL && event_add(server->hangup, NULL) == 0;
	for (size_t i = 0; made && i < 2; i++) {
		/* What libevent puts back at the end: a signal that comes then must not change the exit status. */
		(void)signal(ends[i], SIG_IGN);
		server->end[i] = evsignal_new(server->base, ends[i], end_cb, server);
		made = server->end[i] != NULL && event_add(server->end[i], NULL) == 0;
	}
	if (!made)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "cannot watch for signals");
	return STATUS_OK;
}

/* Without this, accept() fails for want of descriptors long before the bound on connections is reached. */
static enum status
fit_descriptors(struct settings *settings, struct error *reterr)
{
	rlim_t others = RESERVED_DESCRIPTORS + settings->n_listen + settings->workers * DESCRIPTORS_PER_WORKER;
	rlim_t wanted = others + settings->connections;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot learn how many files may be open");
	if (limit.rlim_cur < wanted && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
		(void)getrlimit(RLIMIT_NOFILE, &limit);
	}
	if (limit.rlim_cur >= wanted)
		return STATUS_OK;
	if (limit.rlim_cur <= others)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
		    "this process may open %llu files (ulimit -n), at least %llu are needed",
		    (unsigned long long)limit.rlim_cur, (unsigned long long)others + 1);
	settings->connections = (uint32_t)(limit.rlim_cur - others);
	log_warnx("connections lowered to=%u because this process may open files=%llu", settings->connections,
	    (unsigned long long)limit.rlim_cur);
	return STATUS_OK;
}

static enum status
listen_on_all(struct server *server, struct error *reterr)
{
	const struct settings *settings = server->settings;

	for (unsigned i = 0; i < settings->n_listen; i++) {
		enum status status = listener_new(server->base, settings->listen[i], settings->allow_remote,
		    service_accept, server->service, &server->listeners[i], reterr);

		if (status != STATUS_OK)
			return status;
	}
	for (unsigned i = 0; i < settings->n_listen; i++)
		log_info("listening address=%s", listener_address(server->listeners[i]));
	return STATUS_OK;
}

/*
 * A loop in which what workers send comes before what clients send: an idle worker costs answers, a client that waits
 * a millisecond longer costs nothing.  Without this, under an overload of ten times, a worker's reply was looked
 * at once in a turn through all clients, whose requests are mostly to be told `busy`.
 */
static struct event_base *
make_base(void)
{
	static const struct timeval interval = { .tv_usec = TURN_US };
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	if (config != NULL &&
	    event_config_set_max_dispatch_interval(config, &interval, TURN_CALLBACKS, PRIORITY_CLIENTS) == 0)
		base = event_base_new_with_config(config);
	if (config != NULL)
		event_config_free(config);
	if (base != NULL && event_base_priority_init(base, PRIORITIES) != 0) {
		event_base_free(base);
		base = NULL;
	}
	return base;
}

static enum status
start(struct server *server, struct error *reterr)
{
	enum status status = fit_descriptors(server->settings, reterr);

	if (status != STATUS_OK)
		return status;
	server->base = make_base();
	if (server->base == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "cannot make an event loop");
	status = service_new(server->base, server->settings, &server->service, reterr);
	if (status == STATUS_OK)
		status = service_wait(server->service, reterr);
	if (status == STATUS_OK)
		status = watch_signals(server, reterr);
	if (status == STATUS_OK)
		status = listen_on_all(server, reterr);
	return status;
}

static void
finish(struct server *server)
{
	struct event *events[] = { server->end[0], server->end[1], server->hangup, server->drained };

	close_listeners(server);
	service_free(server->service);
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		if (events[i] != NULL)
			event_free(events[i]);
	}
	if (server->base != NULL)
		event_base_free(server->base);
	libevent_global_shutdown();
}

enum status
server_run(struct settings *settings, struct error *reterr)
{
	struct server server = { .settings = settings };
	enum status status = start(&server, reterr);

	if (status == STATUS_OK && event_base_dispatch(server.base) < 0)
		status = error_set(reterr, STATUS_INTERNAL, ERROR_NO_OFFSET, "the event loop failed");
	finish(&server);
	if (status == STATUS_OK)
		log_info("ended");
	return status;
}
