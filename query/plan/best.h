/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * best: the best documents of a match, in order, and how many there are.
 *
 * Where one source answers the whole query, Xapian's match would do nothing but keep the best of what the source gives.  For what finds ten
 * documents in as many microseconds setting such a match up is a good part of the time; so a heap is kept here, by the same rules: the same
 * documents are weighed, and the counts and estimates are the same.
 */
#ifndef VOISIN_QUERY_PLAN_BEST_H
#define VOISIN_QUERY_PLAN_BEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "xapian-c/source.h"

struct ranked {
	xc_docid docid;
	double score;
};

/* For qsort(): the best first, equals by docid. */
int ranked_compare(const void *a, const void *b);

struct best {
	struct ranked *v; /* by score, then docid; in the arena */
	uint32_t n;
	uint32_t lower, estimated, upper; /* how many documents match, before a decider was asked */
};

/* Which of them are wanted: hits [first, first + limit), counted exactly where there are fewer than `at_least`. */
struct best_request {
	uint32_t first;
	uint32_t limit;
	uint32_t at_least;
	uint32_t documents; /* in the index */
	xc_decider decider; /* or NULL: asked of each document that would be kept */
	void *decider_ctx;
};

/*
 * Of a source, which is rewound and walked through.  STATUS_CANCELLED: the source or the decider failed, and knows why; STATUS_INTERNAL: it went backwards;
 * STATUS_NOMEM.
 */
enum status best_of_source(const struct xc_source *source, const struct best_request *request, struct arena *arena,
    struct best *ret_best, struct error *reterr) MUST_CHECK;

/* A match of Xapian, by BM25 with the constants of the inverted file. */
struct best_match {
	struct xc_database *db;
	const struct xc_query *query;
	bool is_weighted; /* else by docid alone */
	bool by_date; /* the newest first, and then by score */
};

/* Of a query, by such a match.  What xc_enquire_mset() fails with; STATUS_NOMEM. */
enum status best_of_query(const struct best_match *match, const struct best_request *request, struct arena *arena,
    struct best *ret_best, struct error *reterr) MUST_CHECK;

/* Of a match set, which is borrowed during the call. */
enum status best_of_mset(
    const struct xc_mset *mset, struct arena *arena, struct best *ret_best, struct error *reterr) MUST_CHECK;

#endif
