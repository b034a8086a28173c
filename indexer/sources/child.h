/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * child: what a command writes, within limits.
 *
 * The command is run without a shell, in a process group and with an environment of its own (PATH, a UTF-8 locale,
 * TMPDIR), standard input from a descriptor, standard error thrown away, and limits on time, memory, processor
 * time, open files and the size of files that it writes.  Whatever it started is killed with it.
 */
#ifndef VOISIN_INDEXER_SOURCES_CHILD_H
#define VOISIN_INDEXER_SOURCES_CHILD_H

#include "base/buf.h"
#include "base/error.h"

/*
 * Appends what `command` (its words, NULL behind the last) writes to standard output.  Each %s in a word but the
 * first stands for `path`; `input` is its standard input, from where it is.  STATUS_NOT_FOUND: there is no such
 * command; STATUS_TIMEOUT (LIMIT_FILTER_MS), STATUS_LIMIT (more than `out` may hold), STATUS_INVALID: it failed;
 * STATUS_IO, STATUS_NOMEM.  The message is for the report.
 */
enum status child_run(
    char *const *command, const char *path, int input, struct buf *out, struct error *reterr) MUST_CHECK;

#endif
