/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/e2e/presence.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

_Static_assert(LIMIT_QUERY_WORDS <= 64, "a leaf is a bit of a 64-bit set");

void
presence_init(struct presence *presence, const struct articles *articles)
{
	presence->of_entries = checked(calloc(articles->n_entries + 1, sizeof(uint64_t)));
	presence->of_docs = checked(calloc(articles->n_docs + 1, sizeof(uint64_t)));
}

void
presence_done(struct presence *presence)
{
	free(presence->of_entries);
	free(presence->of_docs);
}

static bool
takes(const struct node *leaf, const struct entry *e)
{
	if (leaf->kind == NODE_PREFIX)
		return strncmp(e->folded, leaf->folded.p, leaf->folded.len) == 0;
	if (leaf->form == FORM_EXACT)
		return str_eq(str_of(e->folded), leaf->folded);
	for (uint32_t i = 0; i < e->n_stems; i++) {
		for (uint32_t j = 0; j < leaf->n_stems; j++) {
			if (str_eq(str_of(e->stems[i]), leaf->stems[j]))
				return true;
		}
	}
	return false;
}

void
presence_find(struct presence *presence, const struct articles *articles, const struct query *query)
{
	memset(presence->of_docs, 0, articles->n_docs * sizeof(uint64_t));
	for (uint32_t i = 0; i < articles->n_entries; i++) {
		const struct entry *e = &articles->entries[i];
		uint64_t leaves = 0;

		for (uint32_t l = 0; l < query->n_leaves; l++)
			leaves |= takes(query->leaves[l], e) ? (uint64_t)1 << l : 0;
		presence->of_entries[i] = leaves;
		for (uint32_t d = 0; leaves != 0 && d < e->n_docs; d++)
			presence->of_docs[e->docs[d]] |= leaves;
	}
}

/* A * needs nothing, a NOT nothing that is there, a NOT NEAR its first operand. */
bool
presence_may_satisfy(const struct node *node, uint64_t leaves)
{
	uint32_t n = node->kind == NODE_NOT_NEAR ? 1 : node->n_children;

	if (node_is_leaf(node))
		return (leaves >> node->leaf & 1) != 0;
	if (node->kind == NODE_NOT || n == 0)
		return true;
	for (uint32_t i = 0; i < n; i++) {
		bool may = presence_may_satisfy(node->children[i], leaves);

		if (may == (node->kind == NODE_OR))
			return may;
	}
	return node->kind != NODE_OR;
}
