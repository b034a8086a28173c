/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/server.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/cores.h"
#include "base/i18n.h"
#include "base/log.h"
#include "daemon/keeper.h"
#include "daemon/listener.h"
#include "daemon/metrics.h"
#include "daemon/notify.h"
#include "daemon/pool.h"
#include "daemon/privileges.h"
#include "daemon/sandbox.h"
#include "daemon/self.h"
#include "daemon/service.h"
#include "protocol/json.h"

enum {
	RESERVED_DESCRIPTORS =
	    32 + METRICS_CLIENTS, /* besides clients: standard ones, epoll, listeners, what libraries open */
	DESCRIPTORS_PER_WORKER = 2,

	/* Callbacks of clients, and time, until workers are looked at again. */
	TURN_CALLBACKS = 8,
	TURN_US = 1000
};

struct server {
	struct event_base *base;
	struct settings *settings;
	struct identity identity;
	struct keeper *keeper;
	struct service *service;
	struct listener *listeners[SETTINGS_LISTEN_MAX];
	struct listener *adopted[SETTINGS_LISTEN_MAX];
	struct listener *metrics_listener;
	struct metrics *metrics;
	struct notify *notify;
	struct secrets secrets;
	struct event *end[2]; /* SIGTERM, SIGINT */
	struct event *hangup;
	struct event *drained; /* due: draining has taken too long */
	bool confined; /* privileges are dropped: what needs a file goes through the keeper */
	bool draining;
	uint32_t connections_max; /* for which there are descriptors */
	bool lost_keeper;
};

static void
remove_socket(struct server *server, unsigned i)
{
	struct listener_file file = listener_file(server->listeners[i]);
	struct error error;

	if (file.path == NULL)
		return;
	if (!server->confined)
		listener_remove(&file);
	else if (keeper_remove_socket(server->keeper, i, file.device, file.inode, &error) != STATUS_OK)
		log_info("socket stays, and is replaced at the next start why=\"%s\"", error.message);
}

static void
close_listeners(struct server *server)
{
	for (unsigned i = 0; i < server->settings->n_listen; i++) {
		if (server->listeners[i] != NULL)
			remove_socket(server, i);
		listener_free(server->listeners[i]);
		server->listeners[i] = NULL;
	}
	for (unsigned i = 0; i < server->settings->n_sockets; i++) {
		listener_free(server->adopted[i]);
		server->adopted[i] = NULL;
	}
	listener_free(server->metrics_listener);
	server->metrics_listener = NULL;
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
drain(struct server *server)
{
	const struct timeval wait = { .tv_sec = server->settings->drain_ms / 1000,
		.tv_usec = (suseconds_t)(server->settings->drain_ms % 1000) * 1000 };

	server->draining = true;
	notify_send(server->notify, "STOPPING=1");
	close_listeners(server);
	(void)event_add(server->drained, &wait);
	service_drain(server->service, stop, server);
}

/* Without it no worker can be replaced, and the next bad request might be the last one answered. */
static void
keeper_ended_cb(void *arg)
{
	struct server *server = arg;

	log_warnx("the keeper process ended");
	server->lost_keeper = true;
	if (server->drained != NULL && !server->draining)
		drain(server);
}

static void
end_cb(evutil_socket_t signal_number, short what, void *arg)
{
	struct server *server = arg;

	(void)what;
	if (server->draining) {
		log_info("ending at once signal=%d", (int)signal_number);
		stop(server);
		return;
	}
	log_info("draining signal=%d", (int)signal_number);
	drain(server);
}

/* Takes over what may change while the daemon serves. */
static void
reload_secrets(struct server *server)
{
	struct secrets secrets;
	struct error error;

	if (secrets_read(server->settings, server->keeper, &secrets, &error) != STATUS_OK) {
		log_warnx("hangup: certificate and tokens stay as they were why=\"%s\"", error.message);
		return;
	}
	service_set_secrets(server->service, &secrets);
	secrets_done(&server->secrets);
	server->secrets = secrets;
}

static void
reload(struct server *server)
{
	struct settings *settings = server->settings;
	const struct settings before = *settings;
	struct error error;

	if (keeper_reload(server->keeper, settings, &error) != STATUS_OK) {
		log_warnx("hangup: reload refused, all stays as it was why=\"%s\"", error.message);
		return;
	}
	if (settings->connections > server->connections_max)
		settings->connections = server->connections_max;
	if (memcmp(&before, settings, sizeof(before)) == 0) {
		log_info("hangup: no setting has changed");
		return;
	}
	settings_use_bounds(settings);
	log_init("voisind", settings->verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	service_reload(server->service);
	log_info("hangup: reloaded");
}

static void
hangup_cb(evutil_socket_t signal_number, short what, void *arg)
{
	struct server *server = arg;

	(void)signal_number;
	(void)what;
	notify_reloading(server->notify);
	service_hangup(server->service);
	reload_secrets(server);
	reload(server);
	notify_send(server->notify, "READY=1");
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
fit_descriptors(struct server *server, struct error *reterr)
{
	struct settings *settings = server->settings;
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
	server->connections_max =
	    (uint32_t)(limit.rlim_cur - others < UINT32_MAX ? limit.rlim_cur - others : UINT32_MAX);
	if (limit.rlim_cur >= wanted)
		return STATUS_OK;
	if (limit.rlim_cur <= others)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
		    "this process may open %llu files (ulimit -n), at least %llu are needed",
		    (unsigned long long)limit.rlim_cur, (unsigned long long)others + 1);
	settings->connections = server->connections_max;
	log_warnx("connections lowered to=%u because this process may open files=%llu", settings->connections,
	    (unsigned long long)limit.rlim_cur);
	return STATUS_OK;
}

static enum status
listen_on_all(struct server *server, struct error *reterr)
{
	const struct settings *settings = server->settings;
	struct listener_options options = {
		.policy = listener_policy(settings),
		.owner = &server->identity,
		.cb = service_accept,
		.arg = server->service,
	};
	enum status status = STATUS_OK;

	for (unsigned i = 0; status == STATUS_OK && i < settings->n_listen; i++) {
		options.address = settings->listen[i];
		status = listener_new(server->base, &options, &server->listeners[i], reterr);
	}
	options.address = NULL;
	for (unsigned i = 0; status == STATUS_OK && i < settings->n_sockets; i++) {
		options.fd = NOTIFY_FIRST_FD + (int)i;
		status = listener_new(server->base, &options, &server->adopted[i], reterr);
	}
	return status;
}

static enum status
serve_metrics(struct server *server, struct error *reterr)
{
	struct listener_options options = {
		.address = server->settings->metrics, .owner = &server->identity, .cb = metrics_accept
	};

	if (options.address == NULL)
		return STATUS_OK;
	server->metrics = metrics_new(server->base, service_write_metrics, server->service);
	if (server->metrics == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "no memory to listen on %s", options.address);
	options.arg = server->metrics;
	return listener_new(server->base, &options, &server->metrics_listener, reterr);
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

/* Gives up what the start needed. */
static enum status
confine(struct server *server, struct error *reterr)
{
	bool bare = server->settings->no_sandbox || !sandbox_is_possible();
	enum status status;

	i18n_read_all();
	self_watch();
	json_prepare();
	status = privileges_drop(&server->identity, bare, reterr);
	if (status != STATUS_OK)
		return status;
	server->confined = true;
	if (!server->settings->no_sandbox)
		sandbox_enter(SANDBOX_NETWORK, &(struct sandbox_paths) { .readable = NULL });
	if (bare)
		log_warnx("running without a sandbox");
	return STATUS_OK;
}

static void
announce(const struct server *server)
{
	if (server->identity.changes)
		log_info("running as user=%s", server->identity.name);
	if (server->identity.stays_root)
		log_warnx("RUNNING AS ROOT, without capabilities: name a user to become with --user NAME");
	for (unsigned i = 0; i < server->settings->n_listen; i++)
		log_info("listening address=%s", listener_address(server->listeners[i]));
	for (unsigned i = 0; i < server->settings->n_sockets; i++)
		log_info("listening address=%s", listener_address(server->adopted[i]));
	if (server->metrics_listener != NULL)
		log_info("metrics address=%s", listener_address(server->metrics_listener));
	notify_send(server->notify, "READY=1");
}

static enum status
start(struct server *server, struct error *reterr)
{
	const struct settings *settings = server->settings;
	enum status status =
	    privileges_choose(settings->user, settings->db, settings->is_service, &server->identity, reterr);

	if (status == STATUS_OK)
		status = notify_open(&server->notify, reterr);
	if (status == STATUS_OK)
		status = fit_descriptors(server, reterr);
	if (status == STATUS_OK)
		status = keeper_start(settings, &server->identity, keeper_ended_cb, server, &server->keeper, reterr);
	/* After the keeper was forked: it is to know none. */
	if (status == STATUS_OK)
		status = secrets_read(settings, NULL, &server->secrets, reterr);
	if (status != STATUS_OK)
		return status;
	server->base = make_base();
	if (server->base == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "cannot make an event loop");
	status = service_new(server->base, settings, server->keeper, &server->service, reterr);
	if (status == STATUS_OK)
		status = service_wait(server->service, reterr);
	if (status == STATUS_OK)
		service_set_secrets(server->service, &server->secrets);
	if (status == STATUS_OK)
		status = watch_signals(server, reterr);
	if (status == STATUS_OK)
		status = listen_on_all(server, reterr);
	if (status == STATUS_OK)
		status = serve_metrics(server, reterr);
	if (status == STATUS_OK)
		status = notify_watch(server->notify, server->base, reterr);
	if (status == STATUS_OK)
		status = confine(server, reterr);
	if (status == STATUS_OK)
		announce(server);
	return status;
}

static void
finish(struct server *server)
{
	struct event *events[] = { server->end[0], server->end[1], server->hangup, server->drained };

	close_listeners(server);
	keeper_close(server->keeper);
	metrics_free(server->metrics);
	notify_close(server->notify);
	secrets_done(&server->secrets);
	service_free(server->service);
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		if (events[i] != NULL)
			event_free(events[i]);
	}
	if (server->base != NULL)
		event_base_free(server->base);
	libevent_global_shutdown();
}

/* As event_base_dispatch(), but where an answer is near the loop does not sleep. */
static int
turn_until_stopped(struct server *server)
{
	int turned;

	do {
		bool polls = service_is_about_to_hear(server->service);

		if (polls)
			cores_relax();
		turned = event_base_loop(server->base, polls ? EVLOOP_NONBLOCK : EVLOOP_ONCE);
	} while (turned == 0 && !event_base_got_break(server->base));
	return turned;
}

enum status
server_run(struct settings *settings, struct error *reterr)
{
	struct server server = { .settings = settings };
	enum status status = start(&server, reterr);

	if (status == STATUS_OK && turn_until_stopped(&server) < 0)
		status = error_set(reterr, STATUS_INTERNAL, ERROR_NO_OFFSET, "the event loop failed");
	if (status == STATUS_OK && server.lost_keeper)
		status = error_set(reterr, STATUS_INTERNAL, ERROR_NO_OFFSET, "the keeper process ended");
	finish(&server);
	if (status == STATUS_OK)
		log_info("ended");
	return status;
}
