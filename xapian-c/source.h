/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source: documents from outside in a match, of an index of one's own.
 *
 * The second header of xapian-c.h, whose rules hold here too.  It is for who keeps something beside Xapian that finds some
 * documents faster, and leaves the rest of the match to Xapian: filters, orders, deciders, counts, pages.
 */
#ifndef XAPIAN_C_SOURCE_H
#define XAPIAN_C_SOURCE_H

#include "xapian-c/xapian-c.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the callbacks of a source answer where there are no more documents. */
#define XC_SOURCE_END UINT32_MAX

/*
 * Documents that come from elsewhere, ascending, with weights.  A callback that answers anything but STATUS_OK ends the match
 * with STATUS_CANCELLED; the reason is the source's to keep.  It must return: no longjmp, no exception.  `least` is the
 * weight under which a document is of no use to the match; such documents may be left out, or not.
 */
struct xc_source {
	void *ctx;
	/* Before the first document: each match begins with it. */
	enum status (*rewind)(void *ctx);
	/* To the next document; to the first with an id >= docid, which is above the current one. */
	enum status (*next)(void *ctx, double least, xc_docid *ret_docid);
	enum status (*seek)(void *ctx, xc_docid docid, double least, xc_docid *ret_docid);
	/* Of the current document: finite, from 0 to weight_max.  Not asked for by a match without weights. */
	double (*weight)(void *ctx);
	double weight_max;
	xc_doccount count_least, count_estimate, count_most; /* how many documents it gives if none is left out */
};

/*
 * The documents of `source` (copied; its ctx is BORROWED until the last query, or enquire, made of it is freed), which must
 * exist in `db`.  It takes part in one match at a time, and once: INVALID when the match runs, as for a match
 * on another database.  INVALID: `db` has several shards; weight_max is negative or not finite; the counts do not ascend.
 * Neither serialisable nor to be scaled by xc_query_scale_weight(), for Xapian 1.4 would tell it a wrong `least`.
 */
XC_CALL enum status xc_query_source(struct xc_database *db, const struct xc_source *source, struct xc_query **ret_query,
    struct error *reterr) XC_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif
