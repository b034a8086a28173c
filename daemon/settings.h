/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * settings: what voisind was told on its command line.
 *
 * Every bound is a row of one table: name, default (base/limits.h), least, ceiling, one line of
 * help.  docs/man/voisind.8 describes them; `stats` shows those that clients meet.
 */
#ifndef VOISIN_DAEMON_SETTINGS_H
#define VOISIN_DAEMON_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum { SETTINGS_LISTEN_MAX = 16, SETTINGS_VARIANTS_MAX = 8 };

struct settings {
	const char *db; /* borrowed from argv, as are the addresses */
	const char *listen[SETTINGS_LISTEN_MAX];
	unsigned n_listen;
	const char *variants[SETTINGS_VARIANTS_MAX]; /* files of names; the shipped one is static */
	unsigned n_variants;
	bool allow_remote;
	bool check_only;
	bool verbose;

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
	uint32_t worker_mib;
};

enum settings_action {
	SETTINGS_RUN,
	SETTINGS_HELP, /* --help was given: print settings_help() and exit 0 */
	SETTINGS_VERSION
};

/* Reads the command line.  STATUS_INVALID: reterr names the option and what is wrong with it. */
enum status settings_parse(int argc, char **argv, struct settings *ret_settings, enum settings_action *ret_action,
    struct error *reterr) MUST_CHECK;

/* Writes the usage to standard output; false where that fails. */
bool settings_help(void);

#endif
