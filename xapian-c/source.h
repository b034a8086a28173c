/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source: documents from outside in a match: a set of bits, or an index of one's own.
 *
 * The second header of xapian-c.h, whose rules hold here too.  It is for who keeps something beside Xapian that finds some
 * documents faster, and leaves the rest of the match to Xapian: orders, deciders, counts, pages.
 *
 *     OR(source of the fast index, filter of (the same as a Xapian query) by the documents it does not know)
 */
#ifndef XAPIAN_C_SOURCE_H
#define XAPIAN_C_SOURCE_H

#include "xapian-c/xapian-c.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Some documents of a database of one shard, as bits: docid d is bit d % 64 of words[d / 64]; and all from `first` on.
 * Bits at or behind `first` do not count.
 */
struct xc_docids {
	const uint64_t *words;
	uint32_t n_words;
	xc_doccount n_set; /* how many bits are set: by this the match decides what to begin with */
	xc_docid first;
};

/*
 * `query`, but none other than these documents: weights are the query's.  Where they are few they lead the match, and those
 * between them are skipped, not read.  Bits of documents that do not exist do no harm.  The words are BORROWED
 * until the last query, or enquire, made of it is freed.  For matches on `db` (else INVALID when it runs); INVALID: `db` has
 * several shards.  Not serialisable.
 */
XC_CALL enum status xc_query_docids_filter(const struct xc_query *query, struct xc_database *db,
    const struct xc_docids *docids, struct xc_query **ret_query, struct error *reterr) XC_NOEXCEPT;

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
