/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * to_invfile: operators -> a Xapian query in which the inverted files of the index's layers answer for their terms.
 *
 * The largest parts of the tree that are made of terms of the layers (schema_is_in_invfile()), AND, OR, FILTER, NEAR, PHRASE and SYNONYM
 * become posting sources (layered.h, synonyms.h), which have all documents of the index; filters, and what joins the parts, stay
 * with Xapian.  It is never asked for a term of the layers.
 */
#ifndef VOISIN_QUERY_PLAN_TO_INVFILE_H
#define VOISIN_QUERY_PLAN_TO_INVFILE_H

#include "base/error.h"
#include "query/plan/operators.h"
#include "store/reader.h"
#include "xapian-c/source.h"

struct lookups;

/* The sources of one plan. */
struct file_parts;

/*
 * Begins a plan without parts, for an index that has layers; to be freed with file_parts_free().  All arguments are borrowed
 * until then; memory from `arena`.  `is_weighted` false: documents come without scores, in the order of their ids.
 * A match ends with STATUS_CANCELLED past `deadline_ns` (CLOCK_MONOTONIC; 0: none) or where a file is damaged.
 */
enum status file_parts_new(const struct store_reader *reader, struct lookups *lookups, bool is_weighted,
    int64_t deadline_ns, struct arena *arena, struct file_parts **ret_parts, struct error *reterr) MUST_CHECK;

/* Makes a query; it is the caller's to free, before the parts. */
enum status to_invfile(struct file_parts *parts, const struct plan_op *operators, struct xc_query **ret_query,
    struct error *reterr) MUST_CHECK;

/* Whether the layers answer all that was made of it, or none. */
bool file_parts_whole(const struct file_parts *parts);
bool file_parts_none(const struct file_parts *parts);

/* The source that is all of the only query, or NULL where there is more to it.  Borrowed from the parts. */
const struct xc_source *file_parts_source(const struct file_parts *parts);

/* STATUS_OK, or why a match ended with STATUS_CANCELLED.  NULL is accepted. */
enum status file_parts_failure(const struct file_parts *parts, struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void file_parts_free(struct file_parts *parts);

#endif
