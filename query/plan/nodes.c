/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/plan/nodes.h"

#include "query/plan/frequency.h"
#include "store/schema.h"

static bool
are_terms(const struct plan_op *op)
{
	for (uint32_t i = 0; i < op->n; i++) {
		if (op->children[i]->kind != OPERATOR_TERM || !schema_is_in_invfile(op->children[i]->term))
			return false;
	}
	return op->n > 0;
}

bool
nodes_can_answer(const struct plan_op *op)
{
	switch (op->kind) {
	case OPERATOR_TERM: return schema_is_in_invfile(op->term);
	case OPERATOR_SYNONYM: return are_terms(op);
	case OPERATOR_AND:
	case OPERATOR_OR:
	case OPERATOR_FILTER:
	case OPERATOR_NEAR:
	case OPERATOR_PHRASE:
	case OPERATOR_SCALE: break;
	default: return false;
	}
	for (uint32_t i = 0; i < op->n; i++) {
		if (!nodes_can_answer(op->children[i]))
			return false;
	}
	return op->n > 0;
}

static enum matcher_op
matcher_op(enum operator_kind kind)
{
	switch (kind) {
	case OPERATOR_OR: return MATCHER_OR;
	case OPERATOR_NEAR: return MATCHER_NEAR;
	case OPERATOR_PHRASE: return MATCHER_PHRASE;
	case OPERATOR_SYNONYM: return MATCHER_SYNONYM;
	default: return MATCHER_AND;
	}
}

static enum status
make_term(const struct store_reader *reader, const struct plan_op *op, struct matcher_node *node, struct error *reterr)
{
	enum status status = STATUS_OK;

	*node = (struct matcher_node) {
		.op = MATCHER_TERM, .term = op->term, .factor = node->factor, .documents = op->documents
	};
	if (node->documents > 0 || frequency_is_plain(reader))
		return STATUS_OK;
	status = frequency_of(reader, op->term, &node->documents, reterr);
	/* Of no document any more: its lists in the files are to count for nothing.  No file has the empty term. */
	if (status == STATUS_OK && node->documents == 0)
		node->term = STR("");
	return status;
}

enum status
nodes_make(const struct store_reader *reader, const struct plan_op *op, double factor, struct arena *arena,
    const struct matcher_node **ret_node, struct error *reterr)
{
	struct matcher_node *node;
	const struct matcher_node **children;
	enum status status = STATUS_OK;

	if (op->kind == OPERATOR_SCALE)
		return nodes_make(reader, op->children[0], factor * op->factor, arena, ret_node, reterr);
	node = arena_alloc(arena, sizeof(*node));
	children = arena_calloc(arena, op->n, sizeof(*children));
	if (node == NULL || children == NULL)
		return error_no_memory(reterr);
	*node = (struct matcher_node) {
		.op = matcher_op(op->kind), .factor = factor, .children = children, .n = op->n, .window = op->window
	};
	for (uint32_t i = 0; i < op->n && status == STATUS_OK; i++)
		status = nodes_make(reader, op->children[i], op->kind == OPERATOR_FILTER && i > 0 ? 0.0 : factor, arena,
		    &children[i], reterr);
	if (status == STATUS_OK && op->kind == OPERATOR_TERM)
		status = make_term(reader, op, node, reterr);
	*ret_node = node;
	return status;
}
