/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/page.h"

#include "base/bounds.h"
#include "base/clock.h"
#include "base/limits.h"
#include "query/cursor.h"
#include "query/plan/absent.h"
#include "query/plan/best.h"
#include "query/plan/check.h"
#include "query/plan/only.h"
#include "query/plan/weights.h"
#include "store/postings.h"

/*
 * A match that reads no more needs no clock: at 2 microseconds each, positions and all, these take less than half of the
 * usual deadline.  A test has one that always needs it.
 */
#ifndef CHEAP_POSTINGS
#define CHEAP_POSTINGS 100000
#endif

enum {
	EXTRA_CANDIDATES = 60, /* taken beyond four times the hits that are wanted, before all are checked */
	/*
	 * Behind the first page so many matches are weighed before Xapian passes over documents that cannot reach the
	 * page.  Passing over changes in which order it adds weights up, and so the last bit of a sum; documents of
	 * equal scores would then stand in another order on each page, and one could be shown twice.
	 */
	STEADY_MATCHES = 1000
};

/* One search for one page. */
struct finding {
	const struct page_request *request;
	const struct search_params *params;
	struct xc_database *db;
	struct rank *rank; /* NULL where BM25 alone makes the order */
	struct check *check; /* NULL where the plan is exact */
	struct xc_query *only; /* the candidates where they are restricted */
	bool
	    decides_all; /* the check is asked of every candidate that the match comes to, as what is counted wants it */
	struct best best;
};

bool
page_is_by_closeness(const struct search_params *params)
{
	return params->sort == SEARCH_SORT_CLOSENESS && !params->all;
}

/* ---- The query that is run ---- */

/* Whether the page begins in the window that rank.h puts in order. */
static bool
is_ranked(const struct finding *f)
{
	return f->params->sort == SEARCH_SORT_RELEVANCE && f->params->offset < RANK_WINDOW && f->request->plan->exact;
}

/* What puts the best hits in order, where scores are looked at. */
static enum status
prefer(struct finding *f, struct error *reterr)
{
	struct plan *plan = f->request->plan;
	struct loose_words words;
	enum status status;

	if (f->params->all || f->params->force_check || f->params->limit == 0)
		return STATUS_OK;
	status = weights_find(plan, &words, reterr);
	if (status == STATUS_OK)
		status = absent_weigh(plan, &words, reterr);
	if (status != STATUS_OK || !is_ranked(f))
		return status;
	return rank_new(plan, &words, plan->arena, &f->rank, reterr);
}

/* Leaves only the documents that may be hits. */
static enum status
restrict_to_ids(struct finding *f, struct error *reterr)
{
	const struct search_params *params = f->params;
	struct arena *arena = f->request->arena;
	struct str *terms;

	if (params->only == NULL)
		return STATUS_OK;
	terms = arena_calloc(arena, params->n_only + 1, sizeof(*terms));
	if (terms == NULL)
		return error_no_memory(reterr);
	for (uint32_t i = 0; i < params->n_only; i++) {
		char *space = arena_alloc(arena, params->only[i].len + 2);

		if (space == NULL)
			return error_no_memory(reterr);
		terms[i] = postings_id_term(params->only[i], space, params->only[i].len + 2);
	}
	return plan_only(f->request->plan, terms, params->n_only, reterr);
}

/* Where a walk begins. */
static enum status
start(struct finding *f, struct error *reterr)
{
	uint32_t first;
	enum status status;

	if (!f->params->all)
		return STATUS_OK;
	status = cursor_read(f->request->reader, f->params->cursor, &first, reterr);
	if (status == STATUS_OK && first > 1)
		status = plan_start_at(f->request->plan, first, reterr);
	return status;
}

/* Puts the deadline into the query, where it may get there. */
static enum status
limit_time(struct finding *f, struct error *reterr)
{
	struct plan *plan = f->request->plan;
	bool is_dear = false;
	enum status status;

	if (f->params->deadline_ns == 0)
		return STATUS_OK;
	if (clock_mono_ns() >= f->params->deadline_ns)
		return error_set(reterr, STATUS_TIMEOUT, ERROR_NO_OFFSET, "the query took too long");
	if (plan_minds_time(plan))
		return STATUS_OK;
	status = plan_costs_more(plan, CHEAP_POSTINGS, &is_dear, reterr);
	if (status != STATUS_OK || !is_dear)
		return status;
	return plan_limit_time(plan, f->params->deadline_ns, reterr);
}

/* Makes the candidates, and the check where one is needed. */
static enum status
prepare(struct finding *f, struct error *reterr)
{
	struct plan *plan = f->request->plan;
	const struct search_params *params = f->params;
	enum status status = plan_find_candidates(plan, !params->all, params->deadline_ns, reterr);

	if (status == STATUS_OK)
		status = prefer(f, reterr);
	if (status == STATUS_OK && params->force_check)
		status = plan_widen(plan, reterr);
	if (status == STATUS_OK)
		status = restrict_to_ids(f, reterr);
	if (status == STATUS_OK)
		status = start(f, reterr);
	if (status == STATUS_OK && f->request->n_only > 0)
		status = only_of_ids(plan->candidates, f->request->only, f->request->n_only, &f->only, reterr);
	if (f->only != NULL)
		plan->candidates = f->only;
	if (status == STATUS_OK)
		status = limit_time(f, reterr);
	if (status != STATUS_OK || (plan->exact && !params->force_check))
		return status;
	return check_new(plan, f->request->reader, f->request->analyzer, params->deadline_ns, params->force_check,
	    &f->check, reterr);
}

/* How many matches are weighed at the least.  The first page, which nearly all stop at, does without. */
static xc_doccount
steady(const struct finding *f)
{
	bool is_first = f->params->offset == 0 && !f->request->is_later;

	return f->params->all || is_first ? 0 : STEADY_MATCHES;
}

/* Why a match ended with STATUS_CANCELLED; never STATUS_OK. */
static enum status
why_cancelled(const struct finding *f, struct error *reterr)
{
	enum status status = plan_failure(f->request->plan, reterr);

	if (status == STATUS_OK && f->check != NULL)
		status = check_failure(f->check, reterr);
	if (status == STATUS_OK)
		return error_set(
		    reterr, STATUS_INTERNAL, ERROR_NO_OFFSET, "a match was cancelled, and nobody says why");
	return status;
}

/* ---- The match ---- */

static enum status
match_in_xapian(struct finding *f, const struct best_request *request, struct error *reterr)
{
	const struct search_params *params = f->params;
	const struct best_match match = { .db = f->db,
		.query = f->request->plan->candidates,
		.is_weighted = !params->all,
		.by_date = !params->all && params->sort == SEARCH_SORT_DATE };

	return best_of_query(&match, request, f->request->arena, &f->best, reterr);
}

/* The source that can be asked without Xapian for so many documents, or NULL. */
static const struct xc_source *
source_of(const struct finding *f, const struct best_request *request)
{
	const struct search_params *params = f->params;

	if (params->all || params->sort == SEARCH_SORT_DATE || f->decides_all || request->first + request->limit == 0)
		return NULL;
	return plan_source(f->request->plan);
}

static enum status
match(struct finding *f, struct best_request *request, struct error *reterr)
{
	const struct xc_source *source = source_of(f, request);
	enum status status;

	if (source == NULL)
		status = match_in_xapian(f, request, reterr);
	else
		status = best_of_source(source, request, f->request->arena, &f->best, reterr);
	return status == STATUS_CANCELLED ? why_cancelled(f, reterr) : status;
}

/* ---- Every candidate of the match is checked, or none has to be ---- */

static void
count(const struct finding *f, struct page *page)
{
	page->total = f->best.estimated;
	page->relation = f->best.lower == f->best.upper ? SEARCH_TOTAL_EXACT : SEARCH_TOTAL_ESTIMATE;
	if (f->params->exact_total) {
		page->total = f->check != NULL ? check_accepted(f->check) : f->best.lower;
		page->relation = SEARCH_TOTAL_EXACT;
	}
}

/* The documents [passed, ...) that were found, in their order. */
static enum status
list(const struct finding *f, uint32_t passed, struct page *page, struct error *reterr)
{
	uint32_t n = f->best.n;

	passed = passed < n ? passed : n;
	page->v = f->best.v + passed;
	page->n = n - passed;
	if (!page_is_by_closeness(f->params) && page->n > f->params->limit)
		page->n = f->params->limit;
	return rank_list(f->rank, f->best.v, n, reterr);
}

static enum status
find_all(struct finding *f, struct page *page, struct error *reterr)
{
	const struct search_params *params = f->params;
	uint32_t passed = f->rank != NULL ? params->offset : 0;
	struct best_request request = {
		.first = params->all || page_is_by_closeness(params) ? 0 : params->offset,
		.limit = page_is_by_closeness(params) ? bound_get(BOUND_WINDOW) : params->limit,
		/* With a decider every document that is looked at costs a check. */
		.at_least = f->check == NULL ? steady(f) : 0,
	};
	enum status status = xc_database_doccount(f->db, &request.documents, reterr);

	if (f->rank != NULL) {
		request.first = 0;
		request.limit = passed + request.limit > RANK_WINDOW ? passed + request.limit : RANK_WINDOW;
	}
	if (params->exact_total)
		request.at_least = request.documents;
	f->decides_all = f->check != NULL;
	if (f->decides_all) {
		request.decider = check_decide;
		request.decider_ctx = f->check;
	}
	if (status == STATUS_OK)
		status = match(f, &request, reterr);
	if (status != STATUS_OK)
		return status;
	count(f, page);
	return list(f, passed, page, reterr);
}

/* ---- The best candidates are checked until the page is full ---- */

static bool
is_best_first(const struct finding *f)
{
	const struct search_params *params = f->params;

	return f->check != NULL && !params->force_check && !params->exact_total && !params->all && params->limit > 0 &&
	       !page_is_by_closeness(params);
}

/* Whether the check is cheap enough to be asked during the match, which then looks for no more than is wanted. */
static bool
decides_early(const struct finding *f, const struct best_request *request)
{
	return source_of(f, request) != NULL && !f->request->plan->needs_text;
}

/* Checks what was found in its order, until there are so many; those that pass move to the front. */
static enum status
check_in_order(struct finding *f, uint32_t wanted, struct error *reterr)
{
	struct best *best = &f->best;
	uint32_t n = 0;

	for (uint32_t i = 0; i < best->n && n < wanted; i++)
		switch (check_decide(f->check, best->v[i].docid)) {
		case XC_ACCEPT: best->v[n++] = best->v[i]; break;
		case XC_REJECT: break;
		case XC_ABORT: return check_failure(f->check, reterr);
		}
	best->n = n;
	return STATUS_OK;
}

/* The first page of those that passed, where they are all or enough.  Sets *ret_found. */
static void
list_passed(struct finding *f, uint32_t wanted, bool is_whole, struct page *page, bool *ret_found)
{
	uint32_t n = f->best.n, skipped = f->params->offset < n ? f->params->offset : n;
	uint64_t decided = check_decided(f->check);

	*ret_found = n == wanted || is_whole;
	*page = (struct page) { .v = f->best.v + skipped,
		.n = n - skipped,
		.total = is_whole ? n : f->best.estimated * check_accepted(f->check) / (decided > 0 ? decided : 1),
		.relation = is_whole ? SEARCH_TOTAL_EXACT : SEARCH_TOTAL_ESTIMATE };
}

/* Sets *ret_found where the page is found; it is not where too few of the best candidates pass. */
static enum status
find_best(struct finding *f, struct page *page, bool *ret_found, struct error *reterr)
{
	uint32_t wanted = f->params->offset + f->params->limit;
	struct best_request request = { .limit = wanted, .at_least = steady(f) };
	bool early = decides_early(f, &request), is_whole;
	enum status status = xc_database_doccount(f->db, &request.documents, reterr);

	if (early) {
		request.decider = check_decide;
		request.decider_ctx = f->check;
	} else {
		request.limit = 4 * wanted + EXTRA_CANDIDATES;
	}
	if (status == STATUS_OK)
		status = match(f, &request, reterr);
	if (status != STATUS_OK)
		return status;
	is_whole = f->best.n < request.limit;
	if (!early) {
		uint32_t n = f->best.n;

		status = check_in_order(f, wanted, reterr);
		is_whole = is_whole && check_decided(f->check) == n;
	}
	list_passed(f, wanted, is_whole, page, ret_found);
	return status;
}

static void
finding_done(struct finding *f)
{
	xc_query_free(f->only);
	check_free(f->check);
	rank_free(f->rank);
}

enum status
page_find(const struct page_request *request, struct page *ret_page, struct error *reterr)
{
	struct finding f = {
		.request = request, .params = request->params, .db = store_reader_database(request->reader)
	};
	struct page page = { 0 };
	bool found = false;
	enum status status = prepare(&f, reterr);

	if (status == STATUS_OK && is_best_first(&f))
		status = find_best(&f, &page, &found, reterr);
	if (status == STATUS_OK && !found)
		status = find_all(&f, &page, reterr);
	finding_done(&f);
	if (status == STATUS_OK)
		*ret_page = page;
	return status;
}
