/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * merged: the documents of a source, and others of which all is known, as one source.
 *
 * For the few documents that have changed since the inverted file was made.  Xapian's OR of the two would ask the file for documents with
 * the score to beat less what the other side can have, as if a document could be in both; and so hardly pass over any.
 */
#ifndef VOISIN_QUERY_PLAN_MERGED_H
#define VOISIN_QUERY_PLAN_MERGED_H

#include "query/plan/best.h"
#include "xapian-c/source.h"

/* All documents of a query, at most so many, by docid; in `arena`.  STATUS_CANCELLED, STATUS_TIMEOUT: as of xc_enquire_mset(). */
enum status merged_find(struct xc_database *db, const struct xc_query *query, bool is_weighted, uint32_t most,
    struct arena *arena, struct best *ret_found, struct error *reterr) MUST_CHECK;

/* To be looked at from outside: `source` alone. */
struct merged {
	struct xc_source source; /* of all of them; its ctx is this struct */
	struct xc_source base;
	xc_docid of_base; /* where that stands */
	const struct ranked *others;
	uint32_t n;
	uint32_t at;
	xc_docid docid;
};

/*
 * Makes the source.  `base` is copied; `others`, ascending by docid and none of them in `base`, are borrowed as long as it is used.  `documents`
 * are in the index: no source has more.
 */
void merged_make(
    struct merged *merged, const struct xc_source *base, const struct ranked *others, uint32_t n, uint32_t documents);

#endif
