/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/intervals/collect.h"

#include <stdlib.h>
#include <string.h>

static int
cmp_numbers(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

static int
cmp_positions(const void *a, const void *b)
{
	return cmp_numbers(*(const uint32_t *)a, *(const uint32_t *)b);
}

static int
cmp_matches(const void *a, const void *b)
{
	const struct match *x = a, *y = b;
	int order = cmp_numbers(x->distance, y->distance);

	if (order == 0)
		order = cmp_numbers(x->lo, y->lo);
	if (order == 0)
		order = cmp_numbers(x->hi, y->hi);
	for (uint32_t i = 0; order == 0 && i < x->n && i < y->n; i++)
		order = cmp_numbers(x->pos[i], y->pos[i]);
	if (order == 0)
		order = cmp_numbers(x->n, y->n);
	return order != 0 ? order : cmp_numbers(x->unit, y->unit);
}

static void
compact_marks(struct collector *collector)
{
	size_t kept = 0;

	if (collector->n_marks == 0)
		return;
	qsort(collector->marks, collector->n_marks, sizeof(*collector->marks), cmp_positions);
	for (size_t i = 1; i < collector->n_marks; i++) {
		if (collector->marks[i] != collector->marks[kept])
			collector->marks[++kept] = collector->marks[i];
	}
	collector->n_marks = kept + 1;
}

/* Makes room for one more: first by sorting out what is there twice, and then by doubling. */
static enum status
grow_marks(struct collector *collector)
{
	size_t cap = collector->cap_marks == 0 ? 64 : collector->cap_marks * 2;
	uint32_t *marks;

	compact_marks(collector);
	if (collector->n_marks < collector->cap_marks / 2)
		return STATUS_OK;
	marks = pool_alloc(collector->pool, cap * sizeof(*marks));
	if (marks == NULL)
		return STATUS_NOMEM;
	if (collector->n_marks > 0)
		memcpy(marks, collector->marks, collector->n_marks * sizeof(*marks));
	collector->marks = marks;
	collector->cap_marks = cap;
	return STATUS_OK;
}

static enum status
add_mark(struct collector *collector, uint32_t position)
{
	if (collector->n_marks > 0 && collector->marks[collector->n_marks - 1] == position)
		return STATUS_OK;
	if (collector->n_marks == collector->cap_marks && grow_marks(collector) != STATUS_OK)
		return STATUS_NOMEM;
	collector->marks[collector->n_marks++] = position;
	return STATUS_OK;
}

static enum status
grow_matches(struct collector *collector)
{
	size_t cap = collector->cap_matches == 0 ? 16 : collector->cap_matches * 2;
	struct match *matches = pool_alloc(collector->pool, cap * sizeof(*matches));

	if (matches == NULL)
		return STATUS_NOMEM;
	if (collector->n_matches > 0)
		memcpy(matches, collector->matches, collector->n_matches * sizeof(*matches));
	collector->matches = matches;
	collector->cap_matches = cap;
	return STATUS_OK;
}

/* Keeps the closest max_matches of the current unit, by order. */
static void
cut_unit(struct collector *collector)
{
	size_t max = collector->run->limits->max_matches, n = collector->n_matches - collector->unit_start;

	if (n <= max)
		return;
	qsort(collector->matches + collector->unit_start, n, sizeof(*collector->matches), cmp_matches);
	collector->n_matches = collector->unit_start + max;
	collector->unit_is_cut = true;
}

static enum status
keep(struct collector *collector, struct match match)
{
	size_t max = collector->run->limits->max_matches, n = collector->n_matches - collector->unit_start;
	uint32_t *copy;

	if (collector->unit_is_cut && cmp_matches(&match, &collector->matches[collector->unit_start + max - 1]) > 0)
		return STATUS_OK;
	if (collector->n_matches == collector->cap_matches && grow_matches(collector) != STATUS_OK)
		return STATUS_NOMEM;
	copy = pool_alloc(collector->pool, 2 * (size_t)match.n * sizeof(*copy));
	if (copy == NULL)
		return STATUS_NOMEM;
	memcpy(copy, match.pos, 2 * (size_t)match.n * sizeof(*copy));
	match.pos = copy;
	match.leaf = copy + match.n;
	collector->matches[collector->n_matches++] = match;
	if (n + 1 >= max && n + 1 - max >= max)
		cut_unit(collector);
	return STATUS_OK;
}

void
collect_begin_unit(struct collector *collector)
{
	cut_unit(collector);
	collector->unit_start = collector->n_matches;
	collector->unit_is_cut = false;
}

enum status
collect_span(struct run *run, const struct op *op, const struct span *span, void *closure)
{
	struct collector *collector = closure;
	struct match match = { .unit = op->unit,
		.lo = span->lo,
		.hi = span->hi,
		.distance = span->hi - span->lo + 1 - span->n,
		.pos = span->pos,
		.leaf = span->pos + span->n,
		.n = span->n };
	enum status status = run_step(run, span->n);

	if (status != STATUS_OK)
		return status;
	collector->total++;
	for (uint32_t i = 0; i < span->n && status == STATUS_OK; i++)
		status = add_mark(collector, span->pos[i]);
	if (status == STATUS_OK && run->limits->max_matches > 0)
		status = keep(collector, match);
	if (status != STATUS_OK)
		return run_no_memory(run);
	return collector->sweep == SWEEP_FIRST ? STATUS_END : STATUS_OK;
}

static enum status
copy_match(struct arena *arena, struct match *match)
{
	uint32_t *copy = arena_calloc(arena, 2 * (size_t)match->n, sizeof(*copy));

	if (copy == NULL)
		return STATUS_NOMEM;
	memcpy(copy, match->pos, 2 * (size_t)match->n * sizeof(*copy));
	match->pos = copy;
	match->leaf = copy + match->n;
	return STATUS_OK;
}

static enum status
no_memory(struct collector *collector)
{
	return error_set(collector->run->reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory for the matches");
}

enum status
collect_finish(struct collector *collector, struct arena *arena, struct match_set *ret_set)
{
	struct match_set set = { .total = collector->total };
	struct match *matches;
	uint32_t *marks;

	collect_begin_unit(collector);
	compact_marks(collector);
	matches = arena_calloc(arena, collector->n_matches + 1, sizeof(*matches));
	marks = arena_calloc(arena, collector->n_marks + 1, sizeof(*marks));
	if (matches == NULL || marks == NULL)
		return no_memory(collector);
	if (collector->n_marks > 0)
		memcpy(marks, collector->marks, collector->n_marks * sizeof(*marks));
	if (collector->n_matches > 0) {
		qsort(collector->matches, collector->n_matches, sizeof(*matches), cmp_matches);
		memcpy(matches, collector->matches, collector->n_matches * sizeof(*matches));
	}
	for (size_t i = 0; i < collector->n_matches; i++) {
		if (copy_match(arena, &matches[i]) != STATUS_OK)
			return no_memory(collector);
	}
	set.v = matches;
	set.n = collector->n_matches;
	set.marks = (struct positions) { marks, collector->n_marks };
	*ret_set = set;
	return STATUS_OK;
}
