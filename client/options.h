/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * options: the command line of voisin.
 *
 * Options may stand anywhere before `--`; all other words, joined by blanks, are the query.
 */
#ifndef VOISIN_CLIENT_OPTIONS_H
#define VOISIN_CLIENT_OPTIONS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"
#include "client/voisin.h"

enum action {
	ACTION_SEARCH,
	ACTION_EXPLAIN,
	ACTION_SUGGEST,
	ACTION_DOCUMENT,
	ACTION_REPRINTS,
	ACTION_STATS,
	ACTION_PING,
	ACTION_HELP,
	ACTION_VERSION
};

enum format { FORMAT_TEXT, FORMAT_IDS, FORMAT_JSON, FORMAT_KWIC, FORMAT_COUNT };

/* By what the lines of --kwic are sorted: the order of the hits, or the words beside the match. */
enum lines { LINES_BY_HIT, LINES_BY_LEFT, LINES_BY_RIGHT };

enum color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct options {
	enum action action;
	enum format format;
	enum color color;
	enum lines lines;
	const char *server;
	const char *token_file;
	const char *ca_file;
	int timeout_ms;
	bool any;
	bool no_variants;
	bool boilerplate;
	bool all;
	enum voisin_accents accents;
	enum voisin_sort sort;
	enum voisin_fold fold;
	unsigned limit;
	unsigned offset;
	unsigned passages;
	const char *document; /* the id, with ACTION_DOCUMENT and ACTION_REPRINTS; the text, with ACTION_SUGGEST */
	struct buf query;
};

/*
 * Reads the command line; its strings are borrowed.  STATUS_INVALID: reterr names the option and
 * what it must be.  In any case the caller ends *ret_options with options_done().
 */
enum status options_read(int argc, char **argv, struct options *ret_options, struct error *reterr) MUST_CHECK;

void options_done(struct options *options);

/* Appends what --help prints. */
void options_help(struct buf *out);

#endif
