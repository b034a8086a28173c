/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * collect: what match_find() keeps of the matches it sees: all their positions, and the closest.
 */
#ifndef VOISIN_QUERY_INTERVALS_COLLECT_H
#define VOISIN_QUERY_INTERVALS_COLLECT_H

#include "query/intervals/op.h"

/* Matches of all units, in one pool. */
struct collector {
	struct run *run;
	struct pool *pool;
	enum sweep sweep;

	uint32_t *marks; /* sorted and distinct after collect_finish() */
	size_t n_marks;
	size_t cap_marks;

	struct match *matches;
	size_t n_matches;
	size_t cap_matches;
	size_t unit_start; /* where the matches of the current unit begin */
	bool unit_is_cut; /* at limits->max_matches, by order, so that the last one is the worst */
	uint64_t total;
};

/* Begins the matches of another unit, and ends those of the last. */
void collect_begin_unit(struct collector *collector);

/* A span_cb of op_sweep(): `closure` is a struct collector. */
enum status collect_span(struct run *run, const struct op *op, const struct span *span, void *closure) MUST_CHECK;

/* Copies the result to the arena. */
enum status collect_finish(struct collector *collector, struct arena *arena, struct match_set *ret_set) MUST_CHECK;

#endif
