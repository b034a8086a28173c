/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * generation: the folders of an index, and which one is served.
 *
 *	DIR/lock                  held by the one writer
 *	DIR/gen-000007/           a published generation: a glass database and its manifest
 *	DIR/gen-000006/           the one before, kept to go back to
 *	DIR/gen-000008.tmp/       being built; left behind by a killed run, removed by the next
 *	DIR/current -> gen-000007
 *
 * Publishing is rename(gen-N.tmp, gen-N), fsync(DIR), then a new symbolic link renamed over
 * `current`, fsync(DIR).  A crash between the two leaves a whole generation that is not served:
 * generation_recover() removes it, or takes it where nothing else is served.
 */
#ifndef VOISIN_STORE_GENERATION_H
#define VOISIN_STORE_GENERATION_H

#include "base/error.h"

enum { GENERATION_NAME_BYTES = 24 };

struct generation {
	unsigned number;
	char name[GENERATION_NAME_BYTES]; /* "gen-000007" */
};

/*
 * What `current` names.  STATUS_NOT_FOUND where there is no `current`; STATUS_CORRUPT where it is no link, or
 * one that does not name a generation in the folder itself.
 */
enum status generation_current(const char *dir, struct generation *ret_generation, struct error *reterr) MUST_CHECK;

/* The published one with the highest number below that of `generation`.  STATUS_NOT_FOUND where there is none. */
enum status generation_before(const char *dir, const struct generation *generation, struct generation *ret_before,
    struct error *reterr) MUST_CHECK;

/* The number after the highest one in use, published or not. */
enum status generation_next(const char *dir, struct generation *ret_generation, struct error *reterr) MUST_CHECK;

/*
 * Puts right what a killed writer left (the caller holds the lock): removes builds that were not
 * finished and generations that were not published; where `current` is missing or names nothing,
 * points it to the newest whole generation, if there is one.
 */
enum status generation_recover(const char *dir, struct error *reterr) MUST_CHECK;

/* Makes DIR/name.tmp, whole and synced, the one that is served; the caller holds the lock. */
enum status generation_publish(const char *dir, const struct generation *generation, struct error *reterr) MUST_CHECK;

/* Removes all generations but the served one and the one before it. */
enum status generation_prune(const char *dir, const struct generation *served, struct error *reterr) MUST_CHECK;

#endif
