/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * errand: a program that is given some bytes, and bounds.
 *
 * No shell: the words are the program's path and its arguments as they are.  It gets `input` on standard input, no
 * standard output, our standard error, PATH and what `variable` says as its environment, LIMIT_ALERT_SECONDS of
 * time and of processor time, LIMIT_ALERT_MEMORY bytes.  When its time is up it and all of its process group are killed.
 */
#ifndef VOISIN_INDEXER_ERRAND_H
#define VOISIN_INDEXER_ERRAND_H

#include "base/error.h"
#include "base/str.h"

/*
 * Runs it and waits.  STATUS_OK where it exits with 0; STATUS_TIMEOUT; STATUS_IO says how else it ended.  SIGPIPE must be
 * ignored: a program need not read its input.
 */
enum status errand_run(
    const char *const *words, const char *variable, struct str input, struct error *reterr) MUST_CHECK;

#endif
