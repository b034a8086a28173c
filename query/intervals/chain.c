/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Joining the spans of several operands: one span of each, by depth-first search.
 *
 * The choice of the first spans bounds the next one to a stretch of its sorted list: for PHRASE and
 * ADJ behind the last one, within the words that are left; for NEAR within the widest stretch that a
 * match can fill; for SENT and PARA within the boundaries around the first.  Order-free operators
 * begin with the operand that has the fewest spans.
 */
#include <string.h>

#include "query/intervals/op.h"

struct chain {
	struct run *run;
	struct op *op;
	struct op **order; /* the children, in the order in which they are chosen */
	const struct span **chosen;
	struct span *merged; /* merged[k]: the extent and tracked positions of chosen[0..k] */
	uint32_t **places; /* where merged[k] keeps its positions */
	uint64_t lo; /* boundaries of SENT and PARA */
	uint64_t hi;
};

static enum status choose(struct chain *chain, uint32_t k, uint64_t slack);

static bool
is_ordered(const struct op *op)
{
	return op->kind == NODE_PHRASE || op->kind == NODE_ADJ;
}

/* Merges two runs of tracked positions; false where they have one in common. */
static bool
merge(const struct span *a, const struct span *b, uint32_t *to)
{
	uint32_t n = a->n + b->n, i = 0, k = 0;

	while (i < a->n || k < b->n) {
		bool from_a = k == b->n || (i < a->n && a->pos[i] < b->pos[k]);

		if (i < a->n && k < b->n && a->pos[i] == b->pos[k])
			return false;
		to[i + k] = from_a ? a->pos[i] : b->pos[k];
		to[n + i + k] = from_a ? a->pos[a->n + i] : b->pos[b->n + k];
		if (from_a)
			i++;
		else
			k++;
	}
	return true;
}

/* Sets merged[k] to merged[k - 1] and `span`; false where they collide. */
static bool
push(struct chain *chain, uint32_t k, const struct span *span)
{
	struct span *merged = &chain->merged[k];
	const struct span *before;

	chain->chosen[k] = span;
	if (k == 0) {
		*merged = *span;
		return true;
	}
	before = &chain->merged[k - 1];
	if (!merge(before, span, chain->places[k]))
		return false;
	merged->lo = before->lo < span->lo ? before->lo : span->lo;
	merged->hi = before->hi > span->hi ? before->hi : span->hi;
	merged->n = before->n + span->n;
	merged->pos = chain->places[k];
	return true;
}

static enum status
emit(struct chain *chain)
{
	struct run *run = chain->run;
	struct span span = chain->merged[chain->op->n_children - 1];
	enum status status = run_step(run, 1 + span.n);
	uint32_t *pos;

	if (status != STATUS_OK)
		return status;
	if (run->stop_at == chain->op && span.lo >= run->from && span.lo < run->to) {
		run->proof = span;
		run->stopped = true;
		return STATUS_END;
	}
	pos = pool_alloc(run->pool, 2 * (size_t)span.n * sizeof(*pos));
	if (pos == NULL)
		return run_no_memory(run);
	if (span.n > 0)
		memcpy(pos, span.pos, 2 * (size_t)span.n * sizeof(*pos));
	span.pos = pos;
	return spans_add(&chain->op->spans, run->pool, span) == STATUS_OK ? STATUS_OK : run_no_memory(run);
}

/* The positions from merged.lo to merged.hi that no chosen span covers. */
static uint64_t
uncovered(const struct chain *chain, uint32_t n)
{
	const struct span *merged = &chain->merged[n - 1];
	uint64_t at = merged->lo, gaps = 0;

	/* Goes on from the end of what is covered to the span that covers most from there, or begins next. */
	while (at <= merged->hi) {
		uint64_t next = POSITION_NONE, covered = at;

		for (uint32_t i = 0; i < n; i++) {
			const struct span *span = chain->chosen[i];

			if (span->lo <= at && span->hi >= covered)
				covered = (uint64_t)span->hi + 1;
			else if (span->lo > at && span->lo < next)
				next = span->lo;
		}
		if (covered == at) {
			gaps += next - at;
			covered = next;
		}
		at = covered;
	}
	return gaps;
}

/* Whether the spans chosen so far can still be part of a match of NEAR. */
static bool
near_enough(const struct chain *chain, uint32_t n)
{
	uint64_t rest = chain->op->distance;

	for (uint32_t i = n; i < chain->op->n_children; i++)
		rest += chain->order[i]->width;
	return uncovered(chain, n) <= rest;
}

/* The widest stretch that a match of NEAR can fill. */
static uint64_t
widest(const struct chain *chain)
{
	return chain->op->width;
}

/* The bounds [*ret_min, *ret_max] of lo of the k-th choice, k > 0. */
static void
bounds(const struct chain *chain, uint32_t k, uint64_t slack, uint64_t *ret_min, uint64_t *ret_max)
{
	const struct span *merged = &chain->merged[k - 1];

	if (is_ordered(chain->op)) {
		*ret_min = (uint64_t)chain->chosen[k - 1]->hi + 1;
		if (chain->op->any_before != NULL)
			*ret_min += chain->op->any_before[k];
		*ret_max = *ret_min + slack;
	} else if (chain->op->kind == NODE_NEAR) {
		*ret_min = merged->hi + 1 > widest(chain) ? merged->hi + 1 - widest(chain) : 0;
		*ret_max = merged->lo + widest(chain) - 1;
	} else {
		*ret_min = chain->lo;
		*ret_max = chain->hi;
	}
}

/* Tries one span as the k-th choice. */
static enum status
try_span(struct chain *chain, uint32_t k, const struct span *span, uint64_t slack)
{
	enum node_kind kind = chain->op->kind;
	enum status status = run_step(chain->run, 1);

	if (status != STATUS_OK)
		return status;
	if ((kind == NODE_SENT || kind == NODE_PARA) && span->hi > chain->hi)
		return STATUS_OK;
	if (!push(chain, k, span))
		return STATUS_OK;
	if (kind == NODE_NEAR && k > 0 && !near_enough(chain, k + 1))
		return STATUS_OK;
	return choose(chain, k + 1, slack);
}

static enum status
choose(struct chain *chain, uint32_t k, uint64_t slack)
{
	const struct spans *spans;
	uint64_t min, max;

	if (k == chain->op->n_children)
		return emit(chain);
	spans = &chain->order[k]->spans;
	bounds(chain, k, slack, &min, &max);
	for (uint32_t i = spans_find(spans, min); i < spans->n && spans->v[i].lo <= max; i++) {
		uint64_t left = is_ordered(chain->op) ? slack - (spans->v[i].lo - min) : 0;
		enum status status = try_span(chain, k, &spans->v[i], left);

		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

/* Sets the boundaries around a span's first position. */
static void
set_boundaries(struct chain *chain, const struct span *span)
{
	const struct positions *starts = run_boundaries(chain->run, chain->op->kind);
	size_t from = 0, to = starts->n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (starts->v[middle] <= span->lo)
			from = middle + 1;
		else
			to = middle;
	}
	chain->lo = from > 0 ? starts->v[from - 1] : 0;
	chain->hi = from < starts->n ? starts->v[from] - 1 : UINT32_MAX;
}

static enum status
make_chain(struct run *run, struct op *op, struct chain *ret_chain)
{
	uint32_t n = op->n_children;
	struct chain chain = { .run = run, .op = op, .hi = UINT32_MAX };

	chain.order = pool_alloc(run->pool, n * sizeof(*chain.order));
	chain.chosen = pool_alloc(run->pool, n * sizeof(*chain.chosen));
	chain.merged = pool_alloc(run->pool, n * sizeof(*chain.merged));
	chain.places = pool_alloc(run->pool, n * sizeof(*chain.places));
	if (chain.order == NULL || chain.chosen == NULL || chain.merged == NULL || chain.places == NULL)
		return run_no_memory(run);
	memcpy(chain.order, op->children, n * sizeof(*chain.order));
	for (uint32_t i = 0; i < n; i++) {
		chain.places[i] = pool_alloc(run->pool, 2 * (size_t)op->n_leaves * sizeof(uint32_t));
		if (chain.places[i] == NULL)
			return run_no_memory(run);
	}
	*ret_chain = chain;
	return STATUS_OK;
}

/* Fewest spans first, by insertion; ties stay as they were. */
static void
sort_order(struct chain *chain)
{
	for (uint32_t i = 1; i < chain->op->n_children; i++) {
		struct op *moved = chain->order[i];
		uint32_t k = i;

		for (; k > 0 && chain->order[k - 1]->spans.n > moved->spans.n; k--)
			chain->order[k] = chain->order[k - 1];
		chain->order[k] = moved;
	}
}

enum status
op_join(struct run *run, struct op *op)
{
	struct chain chain;
	const struct spans *first;
	enum status status = make_chain(run, op, &chain);

	if (status != STATUS_OK)
		return status;
	if (!is_ordered(op))
		sort_order(&chain);
	first = &chain.order[0]->spans;
	for (uint32_t i = 0; i < first->n; i++) {
		if (op->kind == NODE_SENT || op->kind == NODE_PARA)
			set_boundaries(&chain, &first->v[i]);
		status = try_span(&chain, 0, &first->v[i], op->distance);
		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}
