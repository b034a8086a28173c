/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/baseline.h"

#include "base/limits.h"
#include "store/schema.h"

enum { CHILDREN_MAX = 64 };

/* Phrases and NEAR of Xapian's take positions, which surface forms have not. */
static bool
are_stems(const struct node *node)
{
	for (uint32_t i = 0; i < node->n_children; i++) {
		if (node->children[i]->kind != NODE_WORD || node->children[i]->form != FORM_STEM)
			return false;
	}
	return true;
}

bool
baseline_is_native(const struct node *root)
{
	switch (root->kind) {
	case NODE_WORD:
	case NODE_PREFIX: return true;
	case NODE_PHRASE: return root->distance == 0 && are_stems(root);
	case NODE_NEAR: return are_stems(root);
	case NODE_AND:
	case NODE_OR: break;
	default: return false;
	}
	for (uint32_t i = 0; i < root->n_children; i++) {
		if (!baseline_is_native(root->children[i]))
			return false;
	}
	return true;
}

static enum status
combine(enum xc_op op, struct xc_query **parts, size_t n, xc_termcount window, struct xc_query **ret_query,
    struct error *reterr)
{
	return xc_query_combine(op, (const struct xc_query *const *)parts, n, window, ret_query, reterr);
}

static void
free_parts(struct xc_query **parts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		xc_query_free(parts[i]);
}

static enum status
stem_query(struct str stem, struct xc_query **ret_query, struct error *reterr)
{
	char term[sizeof(SCHEMA_PREFIX_STEM) + LIMIT_TERM_BYTES];
	size_t prefix = sizeof(SCHEMA_PREFIX_STEM) - 1;

	if (stem.len > LIMIT_TERM_BYTES)
		return error_set(
		    reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "a stem of more than %d bytes", LIMIT_TERM_BYTES);
	memcpy(term, SCHEMA_PREFIX_STEM, prefix);
	memcpy(term + prefix, stem.p, stem.len);
	return xc_query_term((struct str) { term, prefix + stem.len }, 1, 0, ret_query, reterr);
}

static enum status
word_query(const struct node *node, struct xc_query **ret_query, struct error *reterr)
{
	struct xc_query *parts[CHILDREN_MAX];
	enum status status = STATUS_OK;
	size_t n = 0;

	if (node->form == FORM_EXACT)
		return xc_query_term(node->folded, 1, 0, ret_query, reterr);
	if (node->n_stems == 1)
		return stem_query(node->stems[0], ret_query, reterr);
	while (n < node->n_stems && n < CHILDREN_MAX) {
		status = stem_query(node->stems[n], &parts[n], reterr);
		if (status != STATUS_OK)
			break;
		n++;
	}
	if (status == STATUS_OK)
		status = combine(XC_OP_OR, parts, n, 0, ret_query, reterr);
	free_parts(parts, n);
	return status;
}

static enum status
leaf_query(const struct node *node, struct xc_query **ret_query, struct error *reterr)
{
	if (node->kind == NODE_PREFIX)
		return xc_query_wildcard(
		    node->folded, LIMIT_PREFIX_EXPANSION, XC_WILDCARD_ERROR, XC_OP_SYNONYM, ret_query, reterr);
	return word_query(node, ret_query, reterr);
}

static enum status node_query(const struct node *node, struct xc_query **ret_query, struct error *reterr);

/* A combination of the queries of `nodes`. */
static enum status
joined(enum xc_op op, struct node *const *nodes, size_t n_nodes, xc_termcount window, struct xc_query **ret_query,
    struct error *reterr)
{
	struct xc_query *parts[CHILDREN_MAX];
	enum status status = STATUS_OK;
	size_t n = 0;

	if (n_nodes > CHILDREN_MAX)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "more than %d operands", CHILDREN_MAX);
	while (n < n_nodes) {
		status = node_query(nodes[n], &parts[n], reterr);
		if (status != STATUS_OK)
			break;
		n++;
	}
	if (status == STATUS_OK)
		status = combine(op, parts, n, window, ret_query, reterr);
	free_parts(parts, n);
	return status;
}

static enum status
node_query(const struct node *node, struct xc_query **ret_query, struct error *reterr)
{
	uint32_t n = node->n_children;

	switch (node->kind) {
	case NODE_AND: return joined(XC_OP_AND, node->children, n, 0, ret_query, reterr);
	case NODE_OR: return joined(XC_OP_OR, node->children, n, 0, ret_query, reterr);
	case NODE_PHRASE: return joined(XC_OP_PHRASE, node->children, n, n, ret_query, reterr);
	case NODE_NEAR: return joined(XC_OP_NEAR, node->children, n, node->distance + n, ret_query, reterr);
	default: return leaf_query(node, ret_query, reterr);
	}
}

enum status
baseline_build(const struct query *query, struct xc_query **ret_query, struct error *reterr)
{
	if (baseline_is_native(query->root))
		return node_query(query->root, ret_query, reterr);
	return joined(XC_OP_AND, query->leaves, query->n_leaves, 0, ret_query, reterr);
}
