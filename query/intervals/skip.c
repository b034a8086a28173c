/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How far may the matcher jump?
 *
 * A match with no position below `from` holds one of each operand, none below `from`; where the last
 * of these lower bounds is m, and no match is wider than w, it cannot begin before m - w + 1.  To
 * apply that until nothing moves is the leapfrog of conjunctive queries, here with a tolerance; each
 * leaf is searched by doubling, so that a rare word beside a common one costs the rare one's length.
 */
#include "query/intervals/op.h"

size_t
positions_gallop(const struct positions *positions, size_t cursor, uint64_t from)
{
	size_t step = 1, low = cursor, high;

	if (cursor >= positions->n || positions->v[cursor] >= from)
		return cursor;
	while (cursor + step < positions->n && positions->v[cursor + step] < from) {
		low = cursor + step;
		step *= 2;
	}
	high = cursor + step < positions->n ? cursor + step : positions->n;
	while (low + 1 < high) {
		size_t middle = low + (high - low) / 2;

		if (positions->v[middle] < from)
			low = middle;
		else
			high = middle;
	}
	return high;
}

static enum status
skip_leaf(struct run *run, struct op *op, uint64_t from, uint64_t *ret_lo)
{
	op->skip_cursor = positions_gallop(op->positions, op->skip_cursor, from);
	*ret_lo = op->skip_cursor < op->positions->n ? op->positions->v[op->skip_cursor] : POSITION_NONE;
	return run_step(run, 1);
}

/* The least and the greatest of the children's answers. */
static enum status
skip_children(struct run *run, struct op *op, uint64_t from, uint64_t *ret_least, uint64_t *ret_greatest)
{
	*ret_least = POSITION_NONE;
	*ret_greatest = 0;
	for (uint32_t i = 0; i < op->n_children; i++) {
		uint64_t lo;
		enum status status = op_skip(run, op->children[i], from, &lo);

		if (status != STATUS_OK)
			return status;
		if (lo < *ret_least)
			*ret_least = lo;
		if (lo > *ret_greatest)
			*ret_greatest = lo;
		if (lo == POSITION_NONE && op->kind != NODE_OR)
			break;
	}
	return STATUS_OK;
}

static enum status
skip_all(struct run *run, struct op *op, uint64_t from, uint64_t *ret_lo)
{
	for (;;) {
		uint64_t least, greatest;
		enum status status = skip_children(run, op, from, &least, &greatest);

		if (status != STATUS_OK)
			return status;
		if (greatest == POSITION_NONE) {
			*ret_lo = POSITION_NONE;
			return STATUS_OK;
		}
		if (greatest >= op->width && greatest - op->width + 1 > least)
			least = greatest - op->width + 1;
		if (least <= from) {
			*ret_lo = from;
			return STATUS_OK;
		}
		from = least;
	}
}

enum status
op_skip(struct run *run, struct op *op, uint64_t from, uint64_t *ret_lo)
{
	uint64_t greatest;
	enum status status;

	switch (op->kind) {
	case NODE_WORD:
	case NODE_PREFIX: return skip_leaf(run, op, from, ret_lo);
	case NODE_OR: return skip_children(run, op, from, ret_lo, &greatest);
	case NODE_NOT_NEAR: return op_skip(run, op->children[0], from, ret_lo);
	case NODE_FIRST:
		status = op_skip(run, op->children[0], from, ret_lo);
		if (status == STATUS_OK && *ret_lo >= (uint64_t)run->input->body_first_pos + op->distance)
			*ret_lo = POSITION_NONE;
		return status;
	default: return skip_all(run, op, from, ret_lo);
	}
}
