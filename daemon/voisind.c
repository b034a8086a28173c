/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * voisind: serves a search index.  docs/man/voisind.8 is the reference.
 *
 *	voisind --db DIR [--listen unix:PATH|HOST:PORT]...
 *
 * This file is the program's start alone: options -> log -> check -> run.
 */
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/log.h"
#include "daemon/listener.h"
#include "daemon/names.h"
#include "daemon/notify.h"
#include "daemon/secrets.h"
#include "daemon/server.h"
#include "daemon/settings.h"
#include "daemon/worker.h"
#include "protocol/json.h"

/* A socket must never get the number of a standard stream that the caller closed. */
static void
fill_standard_streams(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0)
		fatal("cannot open /dev/null");
	(void)close(fd);
}

static void
log_libevent(int severity, const char *message)
{
	if (severity >= EVENT_LOG_WARN)
		log_warnx("libevent: %s", message);
	else
		log_debug("libevent: %s", message);
}

static void
die_libevent(int code)
{
	fatalx("libevent failed code=%d", code);
}

static void
check_addresses(const struct settings *settings)
{
	const struct listener_policy policy = listener_policy(settings);
	struct error error;

	for (unsigned i = 0; i < settings->n_listen; i++) {
		if (listener_check(settings->listen[i], &policy, &error) != STATUS_OK)
			fatalx("%s", error.message);
	}
}

/* Where a service manager has opened sockets, no address is needed. */
static enum status
take_sockets(struct settings *settings, struct error *reterr)
{
	enum status status;

	settings->is_service = settings->config != NULL || notify_is_service();
	status = notify_sockets(SETTINGS_LISTEN_MAX, &settings->n_sockets, reterr);

	if (settings->n_sockets > 0 && settings->listen_is_usual)
		settings->n_listen = 0;
	return status;
}

static void
check_metrics(const struct settings *settings)
{
	static const struct listener_policy strict = { .allow_remote = false };
	struct error error;

	/* Whatever --allow-remote says: figures of a server are nobody's business. */
	if (settings->metrics != NULL && listener_check(settings->metrics, &strict, &error) != STATUS_OK)
		fatalx("%s", error.message);
}

static void
check_secrets(const struct settings *settings)
{
	struct secrets secrets;
	struct error error;

	if (secrets_read(settings, NULL, &secrets, &error) != STATUS_OK)
		fatalx("%s", error.message);
	secrets_done(&secrets);
}

/* Reads the files of variants, so that a fault in one is told before anything is served. */
static void
check_variants(const struct settings *settings)
{
	struct analyzer *analyzer = NULL;
	struct names *names = NULL;
	struct error error;
	enum status status = analyzer_new(&analyzer, &error);

	if (status == STATUS_OK)
		status = names_new(settings->variants, settings->n_variants, analyzer, &names, &error);
	if (status == STATUS_OK)
		status = names_load(names, &error);
	if (status != STATUS_OK)
		fatalx("%s", error.message);
	names_free(names);
	analyzer_free(analyzer);
}

int
main(int argc, char **argv)
{
	struct settings settings;
	enum settings_action action;
	struct error error;

	json_watch_memory();
	if (argc > 1 && strcmp(argv[1], WORKER_ARGUMENT) == 0)
		return worker_main(argc, argv);
	fill_standard_streams();
	i18n_init();
	log_init("voisind", LOG_LEVEL_INFO);
	if (settings_parse(argc, argv, &settings, &action, &error) != STATUS_OK ||
	    (action == SETTINGS_RUN && take_sockets(&settings, &error) != STATUS_OK))
		fatalx("%s", error.message);
	if (action == SETTINGS_HELP)
		return settings_help() ? 0 : 2;
	if (action == SETTINGS_VERSION)
		return printf("voisind %s\n", VOISIN_VERSION) > 0 && fflush(stdout) == 0 ? 0 : 2;
	settings_use_bounds(&settings);
	if (settings.verbose)
		log_init("voisind", LOG_LEVEL_DEBUG);
	event_set_log_callback(log_libevent);
	event_set_fatal_callback(die_libevent);
	check_addresses(&settings);
	check_metrics(&settings);
	check_variants(&settings);
	check_secrets(&settings);
	if (settings.check_only) {
		settings_done(&settings);
		return puts(tr("configuration OK")) >= 0 && fflush(stdout) == 0 ? 0 : 2;
	}
	if (server_run(&settings, &error) != STATUS_OK)
		fatalx("%s", error.message);
	settings_done(&settings);
	return 0;
}
