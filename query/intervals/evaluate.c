/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The spans of a window, from the leaves upwards, and the sweep over all windows.
 *
 * A window [from, to) wants the matches that begin in it.  No match is wider than the op's width and
 * none depends on more than its context around it, so the leaves are read in
 * [from - context, to + width + context) and the answer is exact; what begins outside is dropped.
 * Windows bound the memory, let existence stop early, and are skipped where nothing can begin.
 */
#include <stdlib.h>

#include "query/intervals/op.h"

/* The positions of the first window; each is twice the last, up to the match's width if that is more. */
#ifndef WINDOW_EXISTS
#define WINDOW_EXISTS 8
#define WINDOW_FIND 1024
#endif

/* Moves the window's cursor of a leaf to the first position that is read. */
static size_t
window_start(struct op *op, uint64_t from)
{
	op->window_cursor = positions_gallop(op->positions, op->window_cursor, from);
	return op->window_cursor;
}

static bool
is_shared(const struct run *run, uint32_t position)
{
	uint32_t from = 0, to = run->n_shared;

	while (from < to) {
		uint32_t middle = from + (to - from) / 2;

		if (run->shared[middle] < position)
			from = middle + 1;
		else
			to = middle;
	}
	return from < run->n_shared && run->shared[from] == position;
}

static enum status
evaluate_leaf(struct run *run, struct op *op)
{
	for (size_t i = window_start(op, run->seen_from); i < op->positions->n; i++) {
		uint32_t position = op->positions->v[i];
		struct span span = { .lo = position, .hi = position };
		enum status status;

		if (position >= run->seen_to)
			break;
		status = run_step(run, 1);
		if (status != STATUS_OK)
			return status;
		if (run->track_all || is_shared(run, position)) {
			uint32_t *pos = pool_alloc(run->pool, 2 * sizeof(*pos));

			if (pos == NULL)
				return run_no_memory(run);
			pos[0] = position;
			pos[1] = op->leaf;
			span.n = 1;
			span.pos = pos;
		}
		if (spans_add(&op->spans, run->pool, span) != STATUS_OK)
			return run_no_memory(run);
	}
	return STATUS_OK;
}

static enum status
add_span(struct run *run, struct op *op, struct span span)
{
	enum status status = run_step(run, 1);

	if (status != STATUS_OK)
		return status;
	return spans_add(&op->spans, run->pool, span) == STATUS_OK ? STATUS_OK : run_no_memory(run);
}

static enum status
evaluate_or(struct run *run, struct op *op)
{
	for (uint32_t i = 0; i < op->n_children; i++) {
		const struct spans *spans = &op->children[i]->spans;

		for (uint32_t k = 0; k < spans->n; k++) {
			enum status status = add_span(run, op, spans->v[k]);

			if (status != STATUS_OK)
				return status;
		}
	}
	return STATUS_OK;
}

/* Whether a span of `op` stands at its distance or less from `span`, with no position in common. */
static enum status
has_near(struct run *run, const struct op *op, const struct span *span, bool *ret_near)
{
	const struct spans *others = &op->children[1]->spans;
	uint64_t reach = (uint64_t)op->distance + op->children[1]->width;
	uint64_t min = span->lo > reach ? span->lo - reach : 0;
	uint64_t max = (uint64_t)span->hi + op->distance + 1;

	*ret_near = false;
	for (uint32_t i = spans_find(others, min); i < others->n && others->v[i].lo <= max; i++) {
		enum status status = run_step(run, 1);

		if (status != STATUS_OK)
			return status;
		if ((uint64_t)others->v[i].hi + op->distance + 1 < span->lo || span_collide(span, &others->v[i]))
			continue;
		*ret_near = true;
		break;
	}
	return STATUS_OK;
}

static enum status
evaluate_not_near(struct run *run, struct op *op)
{
	const struct spans *spans = &op->children[0]->spans;

	for (uint32_t i = 0; i < spans->n; i++) {
		bool near;
		enum status status = has_near(run, op, &spans->v[i], &near);

		if (status == STATUS_OK && !near)
			status = add_span(run, op, spans->v[i]);
		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

static enum status
evaluate_first(struct run *run, struct op *op)
{
	const struct spans *spans = &op->children[0]->spans;
	uint64_t start = run->input->body_first_pos;

	for (uint32_t i = 0; i < spans->n; i++) {
		enum status status = STATUS_OK;

		if (spans->v[i].lo >= start && spans->v[i].hi < start + op->distance)
			status = add_span(run, op, spans->v[i]);
		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

/* Whether a child without spans leaves its parent without any. */
static bool
needs_child(const struct op *op, uint32_t i)
{
	return op->kind != NODE_OR && !(op->kind == NODE_NOT_NEAR && i == 1);
}

enum status
op_evaluate(struct run *run, struct op *op)
{
	enum status status = STATUS_OK;

	op->spans = (struct spans) { 0 };
	for (uint32_t i = 0; i < op->n_children; i++) {
		status = op_evaluate(run, op->children[i]);
		if (status != STATUS_OK)
			return status;
		if (op->children[i]->spans.n == 0 && needs_child(op, i))
			return STATUS_OK;
	}
	switch (op->kind) {
	case NODE_WORD:
	case NODE_PREFIX: return evaluate_leaf(run, op);
	case NODE_OR: status = evaluate_or(run, op); break;
	case NODE_NOT_NEAR: status = evaluate_not_near(run, op); break;
	case NODE_FIRST: status = evaluate_first(run, op); break;
	default: status = op_join(run, op); break;
	}
	if (status == STATUS_OK)
		spans_finish(&op->spans);
	return status;
}

/* Gathers the window's positions of all leaves in and under `op`. */
static enum status
gather(struct run *run, struct op *op, struct spans *all)
{
	enum status status = STATUS_OK;

	for (uint32_t i = 0; i < op->n_children && status == STATUS_OK; i++)
		status = gather(run, op->children[i], all);
	if (op->positions == NULL || status != STATUS_OK)
		return status;
	for (size_t i = window_start(op, run->seen_from); i < op->positions->n; i++) {
		uint32_t position = op->positions->v[i];

		if (position >= run->seen_to)
			break;
		if (spans_add(all, run->pool, (struct span) { .lo = position, .hi = position }) != STATUS_OK)
			return run_no_memory(run);
		status = run_step(run, 1);
		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

static int
cmp_lo(const void *a, const void *b)
{
	uint32_t x = ((const struct span *)a)->lo, y = ((const struct span *)b)->lo;

	return (x > y) - (x < y);
}

/* Finds the positions at which more than one leaf of the unit stands. */
static enum status
find_shared(struct run *run, struct op *op)
{
	struct spans all = { 0 };
	uint32_t *shared;
	enum status status;

	run->n_shared = 0;
	if (run->track_all || op->n_leaves < 2)
		return STATUS_OK;
	status = gather(run, op, &all);
	if (status != STATUS_OK || all.n < 2)
		return status;
	if (all.unsorted)
		qsort(all.v, all.n, sizeof(*all.v), cmp_lo);
	shared = pool_alloc(run->pool, all.n * sizeof(*shared));
	if (shared == NULL)
		return run_no_memory(run);
	for (uint32_t i = 1; i < all.n; i++) {
		if (all.v[i].lo == all.v[i - 1].lo && (i == 1 || all.v[i].lo != all.v[i - 2].lo))
			shared[run->n_shared++] = all.v[i].lo;
	}
	run->shared = shared;
	return STATUS_OK;
}

static void
set_window(struct run *run, const struct op *op, uint64_t from, uint64_t size)
{
	run->from = from;
	run->to = from + size;
	run->seen_from = from > op->context ? from - op->context : 0;
	run->seen_to = run->to + op->width + op->context;
}

/* One window: hands the spans that begin in it to `cb`. */
static enum status
sweep_window(struct run *run, struct op *op, span_cb *cb, void *closure)
{
	enum status status = find_shared(run, op);

	if (status == STATUS_OK)
		status = op_evaluate(run, op);
	if (run->stopped)
		return cb(run, op, &run->proof, closure);
	for (uint32_t i = 0; i < op->spans.n && status == STATUS_OK; i++) {
		if (op->spans.v[i].lo >= run->from && op->spans.v[i].lo < run->to)
			status = cb(run, op, &op->spans.v[i], closure);
	}
	return status;
}

/* Cursors begin anew: an op may be swept for its existence and again for its matches. */
static void
reset_cursors(struct op *op)
{
	op->skip_cursor = 0;
	op->window_cursor = 0;
	for (uint32_t i = 0; i < op->n_children; i++)
		reset_cursors(op->children[i]);
}

enum status
op_sweep(struct run *run, struct op *op, enum sweep sweep, span_cb *cb, void *closure)
{
	struct pool_mark mark = pool_mark(run->pool);
	uint64_t from = 0, size = sweep == SWEEP_ALL ? WINDOW_FIND : WINDOW_EXISTS;

	reset_cursors(op);
	run->track_all = sweep != SWEEP_PROOF;
	run->stop_at = sweep == SWEEP_ALL ? NULL : op;
	run->stopped = false;
	for (;;) {
		enum status status = op_skip(run, op, from, &from);

		if (status == STATUS_OK && from == POSITION_NONE)
			return STATUS_OK;
		if (status != STATUS_OK)
			return status;
		set_window(run, op, from, size);
		status = sweep_window(run, op, cb, closure);
		pool_rewind(run->pool, mark);
		if (status != STATUS_OK)
			return status == STATUS_END ? STATUS_OK : status;
		from = run->to;
		size = size < op->width ? size * 2 : size;
	}
}
