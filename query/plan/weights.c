/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/plan/weights.h"

#include "query/plan/common_words.h"

struct found {
	const struct plan *plan;
	struct loose_words words;
};

double
weights_of_word(const struct node *node)
{
	return common_words_has(node->folded) ? WEIGHTS_COMMON : 1.0;
}

static void
add_word(struct found *found, const struct node *node, double factor, bool is_part)
{
	if (node->kind != NODE_WORD || node->form != FORM_STEM || node->field != FIELD_ANY ||
	    common_words_has(node->folded))
		return;
	found->words.v[found->words.n++] = (struct loose_word) {
		.node = node, .leaf = &found->plan->leaves[node->leaf], .factor = factor, .is_part = is_part
	};
}

static void
find(struct found *found, const struct node *node, bool loose, double factor)
{
	switch (node->kind) {
	case NODE_WORD:
		if (loose)
			add_word(found, node, factor, false);
		break;
	case NODE_PHRASE:
		for (uint32_t i = 0; loose && i < node->n_children; i++)
			add_word(found, node->children[i], factor, true);
		break;
	case NODE_BOOST: find(found, node->children[0], loose, factor * node->boost); break;
	case NODE_OR:
		/* Of the spellings of one name the first is the one that was typed. */
		for (uint32_t i = 0; i < (node->variants ? 1 : node->n_children); i++)
			find(found, node->children[i], loose || !node->variants, factor);
		break;
	case NODE_AND:
		for (uint32_t i = 0; i < node->n_children; i++)
			find(found, node->children[i], loose, factor);
		break;
	default: break; /* what is under a NOT, and what has a meaning of its own */
	}
}

enum status
weights_find(const struct plan *plan, struct loose_words *ret_words, struct error *reterr)
{
	struct found found = { .plan = plan };

	found.words.v = arena_calloc(plan->arena, plan->query->n_leaves, sizeof(*found.words.v));
	if (found.words.v == NULL)
		return error_no_memory(reterr);
	find(&found, plan->query->root, false, 1.0);
	*ret_words = found.words;
	return STATUS_OK;
}
