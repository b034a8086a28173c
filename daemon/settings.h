/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * settings: what voisind was told, on its command line and in voisin.conf.
 *
 *	[index]
 *	path = /var/lib/voisin/presse
 *	[daemon]
 *	listen = unix:/run/voisin/socket
 *	queue = 128
 *
 * Every option but a few is also a key of [daemon], with the same name and range; the command line goes before the file.
 * One table (settings.c) has names, defaults, least and greatest values, help; the bounds of base/bounds.h are further
 * rows of it.  docs/man/voisind.8 describes them; `stats` shows those that clients meet.
 */
#ifndef VOISIN_DAEMON_SETTINGS_H
#define VOISIN_DAEMON_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bounds.h"
#include "base/buf.h"
#include "base/config.h"
#include "base/error.h"

/* Files whose contents are secret, or belong to one. */
enum settings_file { SETTINGS_CERTIFICATE, SETTINGS_KEY, SETTINGS_TOKENS };

enum { SETTINGS_FILES = SETTINGS_TOKENS + 1 };
enum { SETTINGS_LISTEN_MAX = 16, SETTINGS_VARIANTS_MAX = 8, SETTINGS_SHARED_BYTES = 1024 };

struct settings {
	/* Texts are borrowed from argv and from `file`. */
	const char *config; /* the file's path, or NULL */
	const char *db;
	const char *listen[SETTINGS_LISTEN_MAX];
	unsigned n_listen;
	bool is_service; /* started with a configuration file, or by a service manager */
	bool listen_is_usual; /* nothing was said of it */
	unsigned n_sockets; /* that a service manager opened (notify.h); then no address is needed */
	const char *variants[SETTINGS_VARIANTS_MAX]; /* files of names; the shipped one is static */
	unsigned n_variants;
	const char *files[SETTINGS_FILES]; /* NULL: there is none */
	const char *metrics; /* an address, or NULL */
	const char *user; /* NAME[:GROUP], or NULL */
	bool allow_remote;
	bool no_sandbox;
	bool check_only;
	bool verbose;
	bool log_queries;

	uint32_t workers;
	uint32_t connections;
	uint32_t connections_per_address;
	uint32_t queue;
	uint32_t idle_ms;
	uint32_t request_ms;
	uint32_t write_ms;
	uint32_t drain_ms;
	uint32_t soft_deadline_ms;
	uint32_t deadline_ms;
	uint32_t slow_ms;
	uint32_t busy_poll_us;
	uint32_t worker_mib;
	uint32_t worker_stack_mib;
	uint32_t cache_mib;
	uint32_t bounds[BOUND_COUNT];

	struct config *file; /* owned, or NULL */
	int argc; /* what it was read from, to read it again */
	char **argv;
};

enum settings_action {
	SETTINGS_RUN,
	SETTINGS_HELP, /* --help was given: print settings_help() and exit 0 */
	SETTINGS_VERSION
};

/*
 * Reads the command line and the configuration file that it names.  STATUS_INVALID: reterr names the option, or the
 * line and the key, and what is wrong with it.  The caller ends *ret_settings with settings_done().
 */
enum status settings_parse(int argc, char **argv, struct settings *ret_settings, enum settings_action *ret_action,
    struct error *reterr) MUST_CHECK;

/* Also after a failure; zeroed settings are accepted. */
void settings_done(struct settings *settings);

/* Makes settings->bounds those in force in this process. */
void settings_use_bounds(const struct settings *settings);

/*
 * The numbers and switches as text, for a process that has no settings yet or has older ones; and back.  Only those are
 * taken that may change while the daemon serves, unless `all`.  STATUS_INVALID: it is no such text.
 */
enum status settings_share(const struct settings *settings, struct buf *out) MUST_CHECK;
enum status settings_take(struct settings *settings, const char *shared, bool all) MUST_CHECK;

/* Calls `tell` with the name of each option that differs and cannot be changed while the daemon serves. */
void settings_compare(const struct settings *before, const struct settings *after, void (*tell)(const char *name));

/* Writes the usage to standard output; false where that fails. */
bool settings_help(void);

#endif
