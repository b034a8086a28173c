/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cursor: where a walk over all hits goes on.
 *
 * The walk goes in index order, and a cursor is "generation:docid", the next document to look at.
 * Commits in place keep docids; another generation does not, and ends the walk.
 */
#ifndef VOISIN_QUERY_CURSOR_H
#define VOISIN_QUERY_CURSOR_H

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "store/reader.h"

/* The docid that `cursor` names, 1 for the empty one.  STATUS_INVALID: none of ours; STATUS_STALE. */
enum status cursor_read(
    const struct store_reader *reader, struct str cursor, uint32_t *ret_docid, struct error *reterr) MUST_CHECK;

/* The cursor behind document `last`, in `arena`; empty behind the last that there can be. */
enum status cursor_write(const struct store_reader *reader, uint32_t last, struct arena *arena, struct str *ret_cursor,
    struct error *reterr) MUST_CHECK;

#endif
