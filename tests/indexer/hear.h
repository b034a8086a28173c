/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hear: what a file of given contents gives, as text, for tests of sources.
 *
 *	1 id|title|date dated|source|url|text          of each document; then, where there are any,
 *	  author=... language=...
 *	2 !reason                                      of each refusal
 *	~converted                                     of each note
 */
#ifndef VOISIN_TESTS_INDEXER_HEAR_H
#define VOISIN_TESTS_INDEXER_HEAR_H

#include <stdint.h>

#include "base/str.h"

/* The mtime of the file; 0 at first. */
extern int64_t hear_mtime_ns;

/* A filter for the next hear(), or NULL. */
extern const char *hear_filter;

/*
 * Reads `contents` as a file of that name, checks that all of it is told of as read and hashed, and returns what was
 * heard, in static space until the next call.
 */
const char *hear(const char *name, struct str contents);

/* The text of the only document that hear() has given; fails where there is not just one. */
struct str heard_text(void);

#endif
