/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * names: the files of variants (query/language/variants.h), read again when they change.
 *
 * At the start a file that is wrong ends the program.  Later it is told in the log, once, and what
 * was read before goes on to be used.
 */
#ifndef VOISIN_DAEMON_NAMES_H
#define VOISIN_DAEMON_NAMES_H

#include <stdbool.h>

#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "query/language/variants.h"

struct names;

/*
 * Makes an empty table of the files at `paths`, which are borrowed for good, as the analyzer is.
 * STATUS_NOMEM or STATUS_OK.
 */
enum status names_new(const char *const *paths, unsigned n, struct analyzer *analyzer, struct names **ret_names,
    struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void names_free(struct names *names);

/* Reads all files anew.  On failure what was read before stays; the message names file and line. */
enum status names_load(struct names *names, struct error *reterr) MUST_CHECK;

/*
 * Reads all files anew where one has changed, which is looked at once a second at most, or where
 * `force` says so.  Tells the log what came of it.
 */
void names_refresh(struct names *names, bool force);

/* Why the files as they are now were refused; empty where they were not.  Borrowed until the next load or refresh. */
struct str names_refused(const struct names *names);

/* The table, borrowed until the next load or refresh; NULL where there are no files or none was read. */
const struct variants *names_variants(const struct names *names);

/* How often names have been read: other names, another number. */
uint64_t names_revision(const struct names *names);

#endif
