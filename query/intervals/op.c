/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/intervals/op.h"

enum status
run_step(struct run *run, uint64_t steps)
{
	run->steps += steps;
	if (run->steps <= run->limits->max_steps)
		return STATUS_OK;
	return error_set(run->reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
	    "matching one document takes more than LIMIT_MATCH_STEPS (%llu match steps); use rarer words or smaller "
	    "distances",
	    (unsigned long long)run->limits->max_steps);
}

enum status
run_no_memory(struct run *run)
{
	if (run->pool->total < POOL_MAX_BYTES / 4)
		return error_set(run->reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory for the matches");
	return error_set(run->reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
	    "matching one document takes more than %d MiB (match steps); use rarer words or smaller distances",
	    POOL_MAX_BYTES / (1024 * 1024));
}

const struct positions *
run_boundaries(const struct run *run, enum node_kind kind)
{
	return kind == NODE_SENT ? &run->input->sentences : &run->input->paragraphs;
}

bool
op_is_unit(const struct op *op)
{
	return op->kind == NODE_WORD || op->kind == NODE_PREFIX || (op->kind >= NODE_PHRASE && op->kind <= NODE_FIRST);
}

/* The width of the longest sentence or paragraph in which a leaf can stand. */
static enum status
boundary_width(struct run *run, enum node_kind kind, uint64_t *ret_width)
{
	const struct positions *starts = run_boundaries(run, kind);
	uint64_t *known = kind == NODE_SENT ? &run->sentence_width : &run->paragraph_width;
	uint64_t start = run->first_position, widest = 1;
	enum status status = STATUS_OK;

	if (*known == 0 && run->first_position != POSITION_NONE) {
		status = run_step(run, starts->n);
		for (size_t i = 0; i < starts->n; i++) {
			if (starts->v[i] > start && starts->v[i] - start > widest)
				widest = starts->v[i] - start;
			start = starts->v[i];
		}
		if (run->last_position >= start && run->last_position - start + 1 > widest)
			widest = run->last_position - start + 1;
		*known = widest;
	}
	*ret_width = *known > 0 ? *known : 1;
	return status;
}

/* The sum and the maximum of the children's widths; contexts and leaves. */
static void
measure_children(struct op *op, uint64_t *ret_sum, uint64_t *ret_max)
{
	*ret_sum = 0;
	*ret_max = 0;
	for (uint32_t i = 0; i < op->n_children; i++) {
		const struct op *child = op->children[i];

		*ret_sum += child->width;
		if (child->width > *ret_max)
			*ret_max = child->width;
		if (child->context > op->context)
			op->context = child->context;
		op->n_leaves += child->n_leaves;
		if (op->any_before != NULL)
			*ret_sum += op->any_before[i];
	}
}

static enum status
measure(struct run *run, struct op *op)
{
	uint64_t sum, max;

	measure_children(op, &sum, &max);
	switch (op->kind) {
	case NODE_WORD:
	case NODE_PREFIX:
		op->width = 1;
		op->n_leaves = 1;
		break;
	case NODE_PHRASE:
	case NODE_NEAR:
	case NODE_ADJ: op->width = sum + op->distance; break;
	case NODE_SENT:
	case NODE_PARA: return boundary_width(run, op->kind, &op->width);
	case NODE_NOT_NEAR:
		op->width = op->children[0]->width;
		op->context = op->children[0]->context;
		max = op->distance + 1 + op->children[1]->width + op->children[1]->context;
		if (max > op->context)
			op->context = max;
		break;
	default: op->width = max > 0 ? max : 1; break;
	}
	return STATUS_OK;
}

static enum status
make_children(struct run *run, const struct node *node, struct op *op)
{
	uint32_t any = 0;

	op->children = pool_alloc(run->pool, node->n_children * sizeof(struct op *));
	if (op->children == NULL)
		return run_no_memory(run);
	if (node->kind == NODE_PHRASE) {
		op->any_before = pool_alloc(run->pool, node->n_children * sizeof(uint32_t));
		if (op->any_before == NULL)
			return run_no_memory(run);
	}
	for (uint32_t i = 0; i < node->n_children; i++) {
		enum status status;

		if (node->children[i]->kind == NODE_ANY) {
			any++;
			continue;
		}
		if (op->any_before != NULL)
			op->any_before[op->n_children] = any;
		any = 0;
		status = op_make(run, node->children[i], &op->children[op->n_children++]);
		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

enum status
op_make(struct run *run, const struct node *node, struct op **ret_op)
{
	enum status status;
	struct op *op;

	if (node->kind == NODE_FIELD || node->kind == NODE_BOOST)
		return op_make(run, node->children[0], ret_op);
	op = pool_alloc(run->pool, sizeof(*op));
	if (op == NULL)
		return run_no_memory(run);
	*op = (struct op) {
		.kind = node->kind, .node = node, .distance = node->distance, .leaf = node->leaf, .unit = run->n_units
	};
	if (node_is_leaf(node))
		op->positions = &run->input->leaves[node->leaf];
	*ret_op = op;
	if (node->n_children > 0) {
		status = make_children(run, node, op);
		if (status != STATUS_OK)
			return status;
	}
	if (op_is_unit(op))
		run->n_units = op->unit + 1;
	return measure(run, op);
}
