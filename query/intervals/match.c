/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/intervals/match.h"

#include "query/intervals/collect.h"
#include "query/intervals/op.h"

/* At how many matches a count may stop, and how many there were. */
struct count {
	uint64_t wanted;
	uint64_t seen;
};

static enum status
count_span(struct run *run, const struct op *op, const struct span *span, void *closure)
{
	struct count *count = closure;

	(void)run;
	(void)op;
	(void)span;
	return ++count->seen >= count->wanted ? STATUS_END : STATUS_OK;
}

static void
run_init(struct run *run, const struct query *query, const struct match_input *input, const struct match_limits *limits,
    struct pool *pool, struct error *reterr)
{
	*run = (struct run) {
		.input = input, .limits = limits, .pool = pool, .reterr = reterr, .first_position = POSITION_NONE
	};
	pool_init(pool);
	for (uint32_t i = 0; i < query->n_leaves; i++) {
		const struct positions *positions = &input->leaves[i];

		if (positions->n == 0)
			continue;
		if (positions->v[0] < run->first_position)
			run->first_position = positions->v[0];
		if (positions->v[positions->n - 1] > run->last_position)
			run->last_position = positions->v[positions->n - 1];
	}
}

/* Whether an op has `wanted` matches; for one, as a mere proof. */
static enum status
has_matches(struct run *run, struct op *op, uint64_t wanted, bool *ret_has)
{
	struct count count = { .wanted = wanted };
	enum status status;

	if (op->positions != NULL) {
		*ret_has = op->positions->n >= wanted;
		return run_step(run, 1);
	}
	status = op_sweep(run, op, wanted > 1 ? SWEEP_ALL : SWEEP_PROOF, count_span, &count);
	*ret_has = count.seen >= wanted;
	return status;
}

/* A leaf that speaks of the whole document. */
static enum status
holds(struct run *run, const struct op *op, bool *ret_true)
{
	const struct match_input *input = run->input;

	*ret_true = true;
	return input->holds != NULL ? input->holds(input->holds_ctx, op->node, ret_true, run->reterr) : STATUS_OK;
}

static enum status truth_of(struct run *run, struct op *op, bool *ret_true);

/* The truth of AND, OR and NOT: the first child that settles it ends it. */
static enum status
truth_of_children(struct run *run, struct op *op, bool *ret_true)
{
	for (uint32_t i = 0; i < op->n_children; i++) {
		bool child;
		enum status status = truth_of(run, op->children[i], &child);

		if (status != STATUS_OK)
			return status;
		if (op->kind == NODE_NOT) {
			*ret_true = !child;
			return STATUS_OK;
		}
		if (child == (op->kind == NODE_OR)) {
			*ret_true = child;
			return STATUS_OK;
		}
	}
	*ret_true = op->kind == NODE_AND;
	return STATUS_OK;
}

static enum status
truth_of(struct run *run, struct op *op, bool *ret_true)
{
	enum status status = STATUS_OK;
	bool is_true = true;

	if (op->truth != TRUTH_UNKNOWN) {
		*ret_true = op->truth == TRUTH_YES;
		return STATUS_OK;
	}
	switch (op->kind) {
	case NODE_SOURCE:
	case NODE_DATE: status = holds(run, op, &is_true); break;
	case NODE_AND:
	case NODE_OR:
	case NODE_NOT: status = truth_of_children(run, op, &is_true); break;
	case NODE_AT_LEAST: status = has_matches(run, op->children[0], op->distance, &is_true); break;
	default: status = has_matches(run, op, 1, &is_true); break;
	}
	if (status != STATUS_OK)
		return status;
	op->truth = is_true ? TRUTH_YES : TRUTH_NO;
	*ret_true = is_true;
	return STATUS_OK;
}

/* Collects the matches of the units in `op`, where it is true. */
static enum status
collect(struct run *run, struct op *op, struct collector *collector)
{
	bool is_true;
	enum status status = truth_of(run, op, &is_true);

	if (status != STATUS_OK || !is_true || op->kind == NODE_NOT)
		return status;
	if (op_is_unit(op)) {
		collect_begin_unit(collector);
		return op_sweep(run, op, collector->sweep, collect_span, collector);
	}
	for (uint32_t i = 0; i < op->n_children && status == STATUS_OK; i++)
		status = collect(run, op->children[i], collector);
	return status;
}

enum status
match_exists(const struct query *query, const struct match_input *input, const struct match_limits *limits,
    struct arena *arena, bool *ret_satisfied, struct error *reterr)
{
	struct pool pool;
	struct run run;
	struct op *root;
	bool satisfied = false;
	enum status status;

	(void)arena;
	run_init(&run, query, input, limits, &pool, reterr);
	status = op_make(&run, query->root, &root);
	if (status == STATUS_OK)
		status = truth_of(&run, root, &satisfied);
	pool_done(&pool);
	if (status == STATUS_OK)
		*ret_satisfied = satisfied;
	return status;
}

static enum status
find(enum sweep sweep, const struct query *query, const struct match_input *input, const struct match_limits *limits,
    struct arena *arena, struct match_set *ret_set, struct error *reterr)
{
	struct pool pool, kept;
	struct run run;
	struct collector collector = { .run = &run, .pool = &kept, .sweep = sweep };
	struct op *root;
	enum status status;

	run_init(&run, query, input, limits, &pool, reterr);
	pool_init(&kept);
	status = op_make(&run, query->root, &root);
	if (status == STATUS_OK)
		status = collect(&run, root, &collector);
	if (status == STATUS_OK || (status == STATUS_LIMIT && sweep == SWEEP_FIRST))
		status = collect_finish(&collector, arena, ret_set);
	pool_done(&kept);
	pool_done(&pool);
	return status;
}

enum status
match_find(const struct query *query, const struct match_input *input, const struct match_limits *limits,
    struct arena *arena, struct match_set *ret_set, struct error *reterr)
{
	return find(SWEEP_ALL, query, input, limits, arena, ret_set, reterr);
}

enum status
match_find_first(const struct query *query, const struct match_input *input, const struct match_limits *limits,
    struct arena *arena, struct match_set *ret_set, struct error *reterr)
{
	return find(SWEEP_FIRST, query, input, limits, arena, ret_set, reterr);
}
