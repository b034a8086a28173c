/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spans: the matches of one node in one window.
 *
 * A span is an extent and, in order, the positions of it that are tracked: all of them where matches
 * are asked for, and only those on which two leaves could collide where existence is.  Two spans that
 * agree in extent and tracked positions are the same to whatever stands above, and one of them is
 * dropped: that is what keeps nested operators near-linear.
 */
#ifndef VOISIN_QUERY_INTERVALS_SPANS_H
#define VOISIN_QUERY_INTERVALS_SPANS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "query/intervals/pool.h"

struct span {
	uint32_t lo;
	uint32_t hi;
	uint32_t n; /* tracked positions */
	const uint32_t *pos; /* n positions in ascending order, then the n leaves that stand there */
};

struct spans {
	struct span *v;
	uint32_t n;
	uint32_t cap;
	bool unsorted;
};

/* Order by lo, hi, positions, leaves; and the same without the leaves. */
int span_cmp(const struct span *a, const struct span *b);
int span_cmp_places(const struct span *a, const struct span *b);

/* Whether the tracked positions of two spans have one in common. */
bool span_collide(const struct span *a, const struct span *b);

/* Appends; memory from `pool`.  STATUS_NOMEM where that is used up. */
enum status spans_add(struct spans *spans, struct pool *pool, struct span span) MUST_CHECK;

/* Sorts and drops all but the first of those that differ by leaves alone. */
void spans_finish(struct spans *spans);

/* The index of the first span with lo >= `lo`. */
uint32_t spans_find(const struct spans *spans, uint64_t lo);

#endif
