/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * settings: what a run is to do, from the command line or from voisin.conf.
 *
 *	[index]
 *	path = /var/lib/voisin/presse
 *	[source afp]
 *	path = /srv/presse/afp
 *	exclude = brouillons
 *
 * The paths of a command line are one source without a name.
 */
#ifndef VOISIN_INDEXER_SETTINGS_H
#define VOISIN_INDEXER_SETTINGS_H

#include "base/arena.h"
#include "base/config.h"
#include "base/error.h"
#include "indexer/options.h"
#include "indexer/source.h"

struct settings_source {
	struct str name; /* empty: of the command line */
	unsigned line; /* of the file, 0: of the command line */
	const char **paths;
	const unsigned *path_lines; /* where each stands in the file; NULL: of the command line */
	size_t n_paths;
	const char **excludes; /* patterns: walk.h */
	size_t n_excludes;
};

struct settings {
	const struct options *options;
	const char *db;
	struct source_formats *formats; /* that are read; owned */
	struct settings_source *sources;
	size_t n_sources;
	const char *alerts; /* the file of standing queries, or NULL */
	/* of --watch */
	int64_t quiet_ms; /* a run begins when nothing has changed for so long */
	int64_t longest_ms; /* or when a change has waited for so long */
	/* owned */
	struct arena *arena;
	struct config *config; /* or NULL */
};

/* Makes settings of what was asked for; reads the configuration file.  `options` must outlive them. */
enum status settings_read(
    const struct options *options, struct settings *ret_settings, struct error *reterr) MUST_CHECK;

/* Also after a failure; zeroed settings are accepted. */
void settings_done(struct settings *settings);

/*
 * Looks whether a run could begin: each path is there, no two sources hold the same files, and the folder that the
 * index is or will be in is there.  Touches nothing.  `problem_cb` is told of each thing that is wrong;
 * STATUS_OK where there is none, else the status of the last.
 */
enum status settings_check(
    const struct settings *settings, void (*problem_cb)(const struct error *why), struct error *reterr) MUST_CHECK;

#endif
