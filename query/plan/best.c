/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/plan/best.h"

#include <stdlib.h>

#include "invfile/bm25.h"
#include "store/schema.h"

/* A match of a source under way. */
struct match {
	const struct xc_source *source;
	struct ranked *v; /* room for `room`; once they are so many, a heap with the worst at v[0] */
	uint32_t n;
	uint32_t room;
	uint32_t at_least;
	xc_decider decider;
	void *decider_ctx;
	uint32_t seen; /* documents with the score that was asked for when they came */
	double least;
};

static bool
is_better(const struct ranked *a, const struct ranked *b)
{
	if (a->score > b->score || a->score < b->score)
		return a->score > b->score;
	return a->docid < b->docid;
}

int
ranked_compare(const void *a, const void *b)
{
	return is_better(b, a) - is_better(a, b);
}

/* ---- The heap -------------------------------------------------------------------------------- */

/* Lets an entry sink below all that are worse. */
static void
sink(struct ranked *v, uint32_t n, uint32_t at)
{
	const struct ranked entry = v[at];

	for (uint32_t child; (child = 2 * at + 1) < n; at = child) {
		if (child + 1 < n && is_better(&v[child], &v[child + 1]))
			child++;
		if (!is_better(&entry, &v[child]))
			break;
		v[at] = v[child];
	}
	v[at] = entry;
}

static void
make_heap(struct match *match)
{
	for (uint32_t i = match->n / 2; i-- > 0;)
		sink(match->v, match->n, i);
}

/* ---- A source -------------------------------------------------------------------------------- */

/* Whether the decider rejects a document that would be kept. */
static enum status
decide(const struct match *match, const struct ranked *found, bool *ret_kept)
{
	enum xc_decision decision = XC_ACCEPT;

	if (match->decider != NULL && (match->n < match->room || is_better(found, &match->v[0])))
		decision = match->decider(match->decider_ctx, found->docid);
	*ret_kept = decision == XC_ACCEPT;
	return decision == XC_ABORT ? STATUS_CANCELLED : STATUS_OK;
}

/* Keeps a document if it is among the best so far.  Returns whether another one may be wanted. */
static bool
keep(struct match *match, const struct ranked *found)
{
	if (match->n < match->room) {
		match->v[match->n++] = *found;
		if (match->n < match->room)
			return true;
		make_heap(match);
		return match->seen < match->at_least || match->source->weight_max > 0;
	}
	if (is_better(found, &match->v[0])) {
		match->v[0] = *found;
		sink(match->v, match->n, 0);
	}
	if (match->seen < match->at_least)
		return true;
	if (match->v[0].score > match->least)
		match->least = match->v[0].score;
	/* Without scores those that came first are the best. */
	return match->source->weight_max > 0;
}

static enum status
run(struct match *match, struct error *reterr)
{
	const struct xc_source *source = match->source;
	struct ranked found = { 0, 0 };
	bool goes_on = true, kept;

	if (source->rewind(source->ctx) != STATUS_OK)
		return STATUS_CANCELLED;
	while (goes_on) {
		xc_docid last = found.docid;

		if (source->next(source->ctx, match->least, &found.docid) != STATUS_OK)
			return STATUS_CANCELLED;
		if (found.docid == XC_SOURCE_END)
			break;
		if (found.docid <= last)
			return error_set(
			    reterr, STATUS_INTERNAL, ERROR_NO_OFFSET, "a source of documents went backwards");
		found.score = source->weight(source->ctx);
		if (found.score < match->least)
			continue;
		match->seen++;
		if (decide(match, &found, &kept) != STATUS_OK)
			return STATUS_CANCELLED;
		if (kept)
			goes_on = keep(match, &found);
	}
	return STATUS_OK;
}

/*
 * An estimate to so many digits as the distance of the bounds, or the estimate where that is less, leaves certain: by the nearest
 * number that ends in as many zeros as that distance has digits behind its first, if it is between the bounds.
 */
static uint32_t
round_estimate(uint32_t lower, uint32_t upper, uint32_t estimate)
{
	uint32_t doubt = upper - lower < estimate ? upper - lower : estimate;
	uint32_t unit = 1, down, twice;

	if (doubt <= 10)
		return estimate;
	while (unit <= doubt / 10)
		unit *= 10;
	down = estimate - estimate % unit;
	if (down < lower)
		return down + unit;
	if (down > upper - unit)
		return down;
	twice = 2 * (estimate - down);
	/* In the middle to where it is nearer to the middle of the bounds. */
	if (twice == unit)
		return down - lower <= upper - unit - down ? down + unit : down;
	return twice > unit ? down + unit : down;
}

static void
count(const struct match *match, struct best *best)
{
	const struct xc_source *source = match->source;

	best->lower = best->estimated = best->upper = match->seen;
	if (match->n < match->room || match->seen < match->at_least)
		return;
	best->upper = source->count_most;
	if (source->count_least > best->lower)
		best->lower = source->count_least;
	if (source->count_estimate > best->estimated)
		best->estimated = source->count_estimate;
	best->estimated = round_estimate(best->lower, best->upper, best->estimated);
}

static uint32_t
least_of(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

enum status
best_of_source(const struct xc_source *source, const struct best_request *request, struct arena *arena,
    struct best *ret_best, struct error *reterr)
{
	uint32_t first = least_of(request->first, request->documents);
	uint32_t room = first + least_of(request->limit, request->documents - first);
	uint32_t at_least = least_of(request->at_least, request->documents);
	struct match match = { .source = source,
		.room = room,
		.at_least = at_least > room ? at_least : room,
		.decider = request->decider,
		.decider_ctx = request->decider_ctx };
	struct best best;
	enum status status;

	match.v = arena_calloc(arena, room, sizeof(*match.v));
	if (match.v == NULL)
		return error_no_memory(reterr);
	status = run(&match, reterr);
	if (status != STATUS_OK)
		return status;
	qsort(match.v, match.n, sizeof(*match.v), ranked_compare);
	first = least_of(first, match.n);
	best = (struct best) { .v = match.v + first, .n = match.n - first };
	count(&match, &best);
	*ret_best = best;
	return STATUS_OK;
}

/* ---- A match of Xapian ----------------------------------------------------------------------------- */

enum status
best_of_mset(const struct xc_mset *mset, struct arena *arena, struct best *ret_best, struct error *reterr)
{
	struct xc_mset_stats stats;
	struct best best;
	enum status status = xc_mset_stats(mset, &stats, reterr);

	if (status != STATUS_OK)
		return status;
	best =
	    (struct best) { .n = stats.size, .lower = stats.lower, .estimated = stats.estimated, .upper = stats.upper };
	best.v = arena_calloc(arena, best.n, sizeof(*best.v));
	if (best.v == NULL)
		return error_no_memory(reterr);
	for (uint32_t i = 0; i < best.n; i++) {
		struct xc_mset_item item;

		status = xc_mset_item(mset, i, &item, reterr);
		if (status != STATUS_OK)
			return status;
		best.v[i] = (struct ranked) { item.docid, item.weight };
	}
	*ret_best = best;
	return STATUS_OK;
}

static enum status
set_up(struct xc_enquire *enquire, const struct best_match *match, const struct best_request *request,
    struct error *reterr)
{
	const struct xc_bm25 bm25 = { .k1 = BM25_K1, .k3 = 1.0, .b = BM25_B, .min_normlen = BM25_MIN_NORMLEN };
	enum status status = xc_enquire_set_query(enquire, match->query, 0, reterr);

	if (status == STATUS_OK)
		status = match->is_weighted ? xc_enquire_set_bm25(enquire, &bm25, reterr)
					    : xc_enquire_set_bool_weight(enquire, reterr);
	if (status == STATUS_OK && match->by_date)
		status = xc_enquire_set_sort(enquire, XC_SORT_VALUE_THEN_RELEVANCE, SCHEMA_VALUE_DATE, true, reterr);
	if (status == STATUS_OK && request->decider != NULL)
		xc_enquire_set_decider(enquire, request->decider, request->decider_ctx);
	return status;
}

enum status
best_of_query(const struct best_match *match, const struct best_request *request, struct arena *arena,
    struct best *ret_best, struct error *reterr)
{
	struct xc_enquire *enquire;
	struct xc_mset *mset = NULL;
	enum status status = xc_enquire_new(match->db, &enquire, reterr);

	if (status != STATUS_OK)
		return status;
	status = set_up(enquire, match, request, reterr);
	if (status == STATUS_OK)
		status = xc_enquire_mset(enquire, request->first, request->limit, request->at_least, &mset, reterr);
	if (status == STATUS_OK)
		status = best_of_mset(mset, arena, ret_best, reterr);
	xc_mset_free(mset);
	xc_enquire_free(enquire);
	return status;
}
