/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/plan/shape.h"

#include "base/limits.h"
#include "query/plan/leaves.h"

uint32_t
shape_width(const struct node *node)
{
	uint64_t width = 0;

	if (node_is_leaf(node) || node->kind == NODE_ANY)
		return 1;
	for (uint32_t i = 0; i < node->n_children; i++) {
		uint32_t child = shape_width(node->children[i]);

		if (child == SHAPE_UNBOUNDED)
			return SHAPE_UNBOUNDED;
		if (node->kind == NODE_OR)
			width = child > width ? child : width;
		else if (node->kind != NODE_NOT_NEAR || i == 0)
			width += child;
	}
	switch (node->kind) {
	case NODE_PHRASE:
	case NODE_NEAR:
	case NODE_ADJ: width += node->distance; break;
	case NODE_SENT:
	case NODE_PARA: return SHAPE_UNBOUNDED;
	default: break;
	}
	return width < SHAPE_UNBOUNDED ? (uint32_t)width : SHAPE_UNBOUNDED;
}

bool
shape_is_single(const struct plan *plan, const struct node *node)
{
	if (node_is_leaf(node))
		return plan->leaves[node->leaf].n_places > 0;
	if (node->kind != NODE_OR)
		return false;
	for (uint32_t i = 0; i < node->n_children; i++) {
		if (!shape_is_single(plan, node->children[i]))
			return false;
	}
	return true;
}

bool
shape_is_known(const struct plan *plan, const struct node *node)
{
	if (node_is_leaf(node))
		return plan->leaves[node->leaf].has_positions;
	for (uint32_t i = 0; i < node->n_children; i++) {
		if (!shape_is_known(plan, node->children[i]))
			return false;
	}
	return true;
}

bool
shape_is_stems(const struct plan *plan, const struct node *node)
{
	if (node_is_leaf(node))
		return plan->leaves[node->leaf].places == plan->leaves[node->leaf].stems;
	for (uint32_t i = 0; i < node->n_children; i++) {
		if (!shape_is_stems(plan, node->children[i]))
			return false;
	}
	return true;
}

/* Whether a leaf under `a` and one under `b` can stand at one position. */
static bool
collide(const struct plan *plan, const struct node *a, const struct node *b)
{
	if (node_is_leaf(a) && node_is_leaf(b))
		return leaves_collide(&plan->leaves[a->leaf], &plan->leaves[b->leaf]);
	if (node_is_leaf(a))
		return collide(plan, b, a);
	for (uint32_t i = 0; i < a->n_children; i++) {
		if (collide(plan, a->children[i], b))
			return true;
	}
	return false;
}

bool
shape_any_collide(const struct plan *plan, const struct node *const *nodes, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		for (uint32_t j = i + 1; j < n; j++) {
			if (collide(plan, nodes[i], nodes[j]))
				return true;
		}
	}
	return false;
}

const struct node *
shape_representative(const struct plan *plan, const struct node *node)
{
	if (shape_is_single(plan, node))
		return node;
	if (node->kind == NODE_OR || node_is_leaf(node))
		return NULL;
	for (uint32_t i = 0; i < node->n_children; i++) {
		const struct node *found = shape_representative(plan, node->children[i]);

		if (found != NULL)
			return found;
		if (node->kind == NODE_NOT_NEAR)
			return NULL;
	}
	return NULL;
}

bool
shape_is_positional(const struct plan *plan, const struct node *node)
{
	if (node->kind != NODE_PHRASE && node->kind != NODE_NEAR && node->kind != NODE_ADJ)
		return false;
	for (uint32_t i = 0; i < node->n_children; i++) {
		if (!shape_is_single(plan, node->children[i]))
			return false;
	}
	/* In a phrase without slop each word has its one place, so sharing terms does no harm. */
	if (node->kind == NODE_PHRASE && node->distance == 0)
		return true;
	return !shape_any_collide(plan, (const struct node *const *)node->children, node->n_children);
}

bool
shape_flatten(const struct plan *plan, const struct node *node, const struct node **words, uint32_t *n)
{
	if (shape_is_single(plan, node) && shape_is_known(plan, node)) {
		if (*n == LIMIT_QUERY_WORDS)
			return false;
		words[(*n)++] = node;
		return true;
	}
	if (node->kind != NODE_PHRASE && node->kind != NODE_NEAR && node->kind != NODE_ADJ)
		return false;
	for (uint32_t i = 0; i < node->n_children; i++) {
		if (!shape_flatten(plan, node->children[i], words, n))
			return false;
	}
	return true;
}
