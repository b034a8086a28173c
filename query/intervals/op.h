/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * op: a query made ready for one document.
 *
 * Fields and weights are gone, every op knows how wide its matches can be and how far around itself
 * it looks, and each keeps its cursors and its spans of the current window.
 */
#ifndef VOISIN_QUERY_INTERVALS_OP_H
#define VOISIN_QUERY_INTERVALS_OP_H

#include "query/intervals/match.h"
#include "query/intervals/pool.h"
#include "query/intervals/spans.h"

/* Positions are 32 bits wide; sums of them are not.  No position is as large as this. */
#define POSITION_NONE UINT64_MAX

enum truth { TRUTH_UNKNOWN, TRUTH_NO, TRUTH_YES };

struct op {
	enum node_kind kind; /* never NODE_FIELD, NODE_BOOST or NODE_ANY */
	const struct node *node;
	struct op **children;
	uint32_t n_children;
	uint32_t distance;
	uint32_t *any_before; /* NODE_PHRASE: how many * stand right before each child */

	uint32_t leaf;
	const struct positions *positions;
	size_t skip_cursor;
	size_t window_cursor;

	uint64_t width; /* of the widest match: hi - lo + 1 */
	uint64_t context; /* positions outside of a match that decide on it, on either side */
	uint32_t n_leaves; /* in it */

	uint32_t unit; /* number of the first unit in it */
	enum truth truth;
	struct spans spans;
};

/* All that one call works on. */
struct run {
	const struct match_input *input;
	const struct match_limits *limits;
	struct pool *pool;
	struct error *reterr;
	uint64_t steps;
	uint32_t n_units;
	uint64_t sentence_width; /* of the longest; 0 while nobody asked */
	uint64_t paragraph_width;
	uint64_t first_position; /* of any leaf of the query; POSITION_NONE where there is none */
	uint64_t last_position;

	/* the current window */
	uint64_t from; /* matches whose lo is in [from, to) are wanted */
	uint64_t to;
	uint64_t seen_from; /* leaves are read in [seen_from, seen_to) */
	uint64_t seen_to;
	bool track_all;
	const uint32_t *shared; /* positions at which two leaves stand, ascending */
	uint32_t n_shared;
	const struct op *stop_at; /* its first span in the window is enough */
	struct span proof; /* that span, once it is there */
	bool stopped;
};

/* What a sweep is for. */
enum sweep {
	SWEEP_PROOF, /* is there a match?  Spans have no positions but those that could collide */
	SWEEP_FIRST, /* one match, with its positions */
	SWEEP_ALL /* all matches, with their positions */
};

/* The first index >= `cursor` of a position >= `from`, by doubling and then halving. */
size_t positions_gallop(const struct positions *positions, size_t cursor, uint64_t from);

/* Makes an op of a node; memory from run->pool. */
enum status op_make(struct run *run, const struct node *node, struct op **ret_op) MUST_CHECK;

/* Whether an op has spans of its own: anything but a boolean op over whole documents. */
bool op_is_unit(const struct op *op);

/* Counts steps; STATUS_LIMIT past the limit. */
enum status run_step(struct run *run, uint64_t steps) MUST_CHECK;

/* The message of the pool's end. */
enum status run_no_memory(struct run *run) MUST_CHECK;

/* The boundaries that a SENT or PARA keeps within. */
const struct positions *run_boundaries(const struct run *run, enum node_kind kind);

/*
 * The least position >= `from` at which a match of `op` with no position below `from` may begin;
 * POSITION_NONE where there is none.  `from` must not decrease from call to call.
 */
enum status op_skip(struct run *run, struct op *op, uint64_t from, uint64_t *ret_lo) MUST_CHECK;

/* Computes op->spans, and those under it, of the current window. */
enum status op_evaluate(struct run *run, struct op *op) MUST_CHECK;

/* The part of op_evaluate() that joins the spans of several children. */
enum status op_join(struct run *run, struct op *op) MUST_CHECK;

/* What is done with a match: STATUS_OK to go on, STATUS_END when enough was seen, or a failure. */
typedef enum status span_cb(struct run *run, const struct op *op, const struct span *span, void *closure);

/*
 * Hands the matches of a unit to `cb`: all, each once, by ascending lo, or the first that is met, which
 * `cb` must answer with STATUS_END.
 */
enum status op_sweep(struct run *run, struct op *op, enum sweep sweep, span_cb *cb, void *closure) MUST_CHECK;

#endif
