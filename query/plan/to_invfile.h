/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * to_invfile: operators -> a Xapian query in which the inverted file answers what it can.
 *
 * The largest parts of the tree that are made of terms of the file, AND, OR, FILTER, NEAR, PHRASE and SYNONYM become posting sources
 * over the file (invfile/matcher.h, synonyms.h); the rest, and what joins the parts, stays with Xapian.  For documents
 * that have changed since the file was made, the part is asked of Xapian, and of these documents alone:
 *
 *	part  ->  source(part) OR (part FILTER changed documents)
 *
 * where the source passes over the changed ones.  Where the part is the whole tree and these are not many, they are found before the match
 * and merged (merged.h):
 *
 *	tree  ->  merged(source(tree), documents found)
 *
 * In both, surface forms of a lean index (store/reader.h) are sources over Xapian's lists.  Scores
 * are the same either way.  So Xapian is never asked for positions or forms of documents of which a lean index has them in the file alone.
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
 * Makes the query; it is the caller's to free, after it *ret_parts with file_parts_free().  All arguments but
 * `arena` are borrowed until then; memory from `arena`.  `is_weighted` false: documents come without scores, in the order of their ids.
 * A match ends with STATUS_CANCELLED past `deadline_ns` (CLOCK_MONOTONIC; 0: none) or where the file is damaged.
 */
enum status to_invfile(const struct store_reader *reader, struct lookups *lookups, const struct plan_op *operators,
    bool is_weighted, int64_t deadline_ns, struct arena *arena, struct xc_query **ret_query,
    struct file_parts **ret_parts, struct error *reterr) MUST_CHECK;

/*
 * Whether the file answers the whole tree, or none of it; and whether a match asks Xapian for documents that have changed, as it
 * does where these are many or the file answers a part of the tree alone.
 */
bool file_parts_whole(const struct file_parts *parts);
bool file_parts_none(const struct file_parts *parts);
bool file_parts_changed(const struct file_parts *parts);

/* The source that is the whole query, or NULL where there is more to it.  Borrowed from the parts. */
const struct xc_source *file_parts_source(const struct file_parts *parts);

/* STATUS_OK, or why a match ended with STATUS_CANCELLED.  NULL is accepted. */
enum status file_parts_failure(const struct file_parts *parts, struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void file_parts_free(struct file_parts *parts);

#endif
