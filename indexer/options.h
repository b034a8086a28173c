/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * options: the command line of voisin-index.
 */
#ifndef VOISIN_INDEXER_OPTIONS_H
#define VOISIN_INDEXER_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/limits.h"

struct options {
	const char *db; /* NULL: the configuration file says it */
	const char *config; /* or NULL */
	const char *filters[LIMIT_FILTERS]; /* "EXT=COMMAND" */
	size_t n_filters;
	const char *alerts; /* or NULL */
	bool check;
	bool watch;
	bool stats;
	bool verify;
	bool json; /* what programs read, instead of what people do */
	bool full;
	bool whole_database;
	bool dry_run;
	bool allow_deletes;
	bool quiet;
	bool help;
	bool version;
	char *const *paths; /* of argv */
	size_t n_paths;
};

/* The text of --help.  Static. */
const char *options_usage(void);

/* Reads argv, which may be reordered and must outlive *ret_options.  STATUS_INVALID says what is wrong. */
enum status options_parse(int argc, char **argv, struct options *ret_options, struct error *reterr) MUST_CHECK;

#endif
