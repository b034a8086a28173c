/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * folding: pages of results in which an article stands once, with its reprints.
 *
 * A page is found by taking hits from the first on until enough of them are shown (reprints/fold.h).  A walk goes in
 * index order and keeps nothing between its pages: the documents before the page that may stand for one of its
 * hits are found by the bands of their signatures.
 */
#ifndef VOISIN_QUERY_FOLDING_H
#define VOISIN_QUERY_FOLDING_H

#include "query/page.h"

struct folding;

/* Who folds; all borrowed until folding_free(). */
struct folding_source {
	const struct store_reader *reader;
	const struct search_params *params;
	struct arena *arena;
	/* Runs the query with other parameters; where n_only > 0 it asks of the documents with these ids alone. */
	enum status (*find)(void *arg, const struct search_params *params, const struct str *only, uint32_t n_only,
	    struct page *ret_page, struct error *reterr);
	void *arg;
};

enum status folding_new(
    const struct folding_source *source, struct folding **ret_folding, struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void folding_free(struct folding *folding);

/*
 * Finds the page of shown hits that params ask for.  *ret_last, where params walk, is the last document that was looked at, 0
 * where there are none behind.  Fails like search_run().
 */
enum status folding_page(
    struct folding *folding, struct page *ret_page, uint32_t *ret_last, struct error *reterr) MUST_CHECK;

/* Puts in the next hit of a list that is in order; *ret_shown says whether it is shown. */
enum status folding_put(struct folding *folding, uint32_t docid, bool *ret_shown, struct error *reterr) MUST_CHECK;

/* Fills hit->reprints of hits that are shown: the documents that match too, and that they stand for. */
enum status folding_fill(struct folding *folding, struct search_hit *hits, uint32_t n, struct error *reterr) MUST_CHECK;

/* How many hits of all would be shown by a walk. */
enum status folding_count(struct folding *folding, uint64_t *ret_count, struct error *reterr) MUST_CHECK;

#endif
