/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/language/tree.h"

bool
node_is_leaf(const struct node *node)
{
	return node->kind == NODE_WORD || node->kind == NODE_PREFIX;
}

bool
node_is_proximity(const struct node *node)
{
	return node->kind >= NODE_PHRASE && node->kind <= NODE_FIRST;
}

static bool
same_stems(const struct node *a, const struct node *b)
{
	if (a->n_stems != b->n_stems)
		return false;
	for (uint32_t i = 0; i < a->n_stems; i++) {
		if (!str_eq(a->stems[i], b->stems[i]))
			return false;
	}
	return true;
}

static bool
same_leaf(const struct node *a, const struct node *b)
{
	return a->form == b->form && a->accents == b->accents && a->field == b->field && str_eq(a->text, b->text) &&
	       str_eq(a->folded, b->folded) && same_stems(a, b) && a->first_day == b->first_day &&
	       a->last_day == b->last_day;
}

bool
node_equal(const struct node *a, const struct node *b)
{
	if (a->kind != b->kind || a->distance != b->distance || a->n_children != b->n_children || !same_leaf(a, b))
		return false;
	/* Weights are thousandths, so that a difference below half of one is none. */
	if (a->boost - b->boost > 0.0005 || b->boost - a->boost > 0.0005)
		return false;
	for (uint32_t i = 0; i < a->n_children; i++) {
		if (!node_equal(a->children[i], b->children[i]))
			return false;
	}
	return true;
}

const char *
node_kind_name(enum node_kind kind)
{
	static const char *const names[] = {
		[NODE_WORD] = "word",
		[NODE_PREFIX] = "prefix",
		[NODE_ANY] = "any",
		[NODE_SOURCE] = "source",
		[NODE_DATE] = "date",
		[NODE_PHRASE] = "phrase",
		[NODE_NEAR] = "near",
		[NODE_ADJ] = "adj",
		[NODE_NOT_NEAR] = "not_near",
		[NODE_SENT] = "sent",
		[NODE_PARA] = "para",
		[NODE_FIRST] = "first",
		[NODE_AND] = "and",
		[NODE_OR] = "or",
		[NODE_NOT] = "not",
		[NODE_FIELD] = "field",
		[NODE_AT_LEAST] = "at_least",
		[NODE_BOOST] = "boost",
	};

	return names[kind];
}
