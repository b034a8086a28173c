/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watch: waits until files of the sources have changed, by inotify(7).
 *
 * One watch a folder; new folders get theirs as they appear. What has changed is not remembered, only that something
 * has: the run that follows looks at every file, which costs a stat(2) each (store/known.h), so that an
 * overflow of the kernel's queue, a race, or a change that was missed is mended by any later run.
 *
 * Changes come in bursts: a wait ends when nothing has changed for `quiet_ms`, or when the first change has
 * waited for `longest_ms`.
 */
#ifndef VOISIN_INDEXER_WATCH_H
#define VOISIN_INDEXER_WATCH_H

#include <signal.h>

#include "base/error.h"
#include "indexer/settings.h"

struct watch;

/* Watches all folders of the sources.  STATUS_LIMIT: the kernel allows no more watches; the message says where. */
enum status watch_new(const struct settings *settings, struct watch **ret_watch, struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void watch_free(struct watch *watch);

size_t watch_count(const struct watch *watch);

/* Something is amiss (a run failed, a folder was missing): watch all folders anew, and let the next wait end in time. */
void watch_doubt(struct watch *watch);

/*
 * Waits for changes.  STATUS_CANCELLED once *stop is not 0: SIGINT and SIGTERM must have handlers that set it.
 * STATUS_IO, STATUS_LIMIT.
 */
enum status watch_wait(struct watch *watch, const volatile sig_atomic_t *stop, struct error *reterr) MUST_CHECK;

#endif
