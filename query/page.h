/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * page: which documents are on the page that is asked for, and how many are there in all?
 *
 * Where the plan is not exact, candidates are checked.  For a page of the best hits the candidates are
 * taken in the order of their scores and checked until the page is full; only where too few of them
 * pass is every candidate of the match put to the check, by Xapian's decider, as for counts and walks.
 */
#ifndef VOISIN_QUERY_PAGE_H
#define VOISIN_QUERY_PAGE_H

#include "query/plan/plan.h"
#include "query/plan/rank.h"
#include "query/search.h"

/* All borrowed; the plan's candidates are changed. */
struct page_request {
	const struct store_reader *reader;
	struct analyzer *analyzer;
	const struct search_params *params;
	struct plan *plan;
	struct arena *arena;
	bool is_later; /* a page behind the first, though params->offset may be 0 */
	const struct str *only; /* where n_only > 0: of the documents with these ids alone */
	uint32_t n_only;
};

struct page {
	const struct ranked *v; /* in order; by closeness: all of the window, yet to be put in order */
	uint32_t n;
	uint64_t total;
	enum search_relation relation;
};

/* Finds the page.  *ret_page lives in the arena.  Fails like search_run(), STATUS_STALE included. */
enum status page_find(const struct page_request *request, struct page *ret_page, struct error *reterr) MUST_CHECK;

/* Whether params ask for the window by closeness. */
bool page_is_by_closeness(const struct search_params *params);

#endif
