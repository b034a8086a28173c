/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/plan/weights.h"

#include "base/limits.h"
#include "query/plan/common_words.h"
#include "query/plan/kin.h"
#include "store/schema.h"

enum { KIN_WORDS = 32 }; /* of one query, for which kin are looked up */

static enum status
no_memory(struct error *reterr)
{
	return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory for the query's plan");
}

double
weights_of_word(const struct node *node)
{
	return common_words_has(node->folded) ? WEIGHTS_COMMON : 1.0;
}

/* ---- Loose words ---- */

struct found {
	const struct plan *plan;
	struct loose_words words;
};

static void
add_word(struct found *found, const struct node *node, double factor, bool is_part)
{
	double own = weights_of_word(node);

	if (node->kind != NODE_WORD || node->form != FORM_STEM || node->field != FIELD_ANY)
		return;
	found->words.v[found->words.n++] = (struct loose_word) { .node = node,
		.leaf = &found->plan->leaves[node->leaf],
		.factor = factor * own,
		.is_common = own < 1.0,
		.is_part = is_part };
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
		return no_memory(reterr);
	find(&found, plan->query->root, false, 1.0);
	*ret_words = found.words;
	return STATUS_OK;
}

/* ---- Their weights ---- */

/* Queries under construction; all of them are ours until they are joined. */
struct pile {
	struct xc_query **v;
	size_t n;
};

static void
pile_done(struct pile *pile)
{
	for (size_t i = 0; i < pile->n; i++)
		xc_query_free(pile->v[i]);
	pile->n = 0;
}

/* op(terms) * factor, on the pile. */
static enum status
add_terms(struct pile *pile, const struct str *terms, uint32_t n, enum xc_op op, double factor, struct error *reterr)
{
	struct xc_query *queries[KIN_MAX + 1] = { NULL }, *joined = NULL;
	enum status status = STATUS_OK;
	uint32_t made = 0;

	while (made < n && made < KIN_MAX + 1 && status == STATUS_OK) {
		status = xc_query_term(terms[made], 1, 0, &queries[made], reterr);
		if (status == STATUS_OK)
			made++;
	}
	if (status == STATUS_OK)
		status = xc_query_combine(op, (const struct xc_query *const *)queries, made, 0, &joined, reterr);
	if (status == STATUS_OK)
		status = xc_query_scale_weight(joined, factor, &pile->v[pile->n], reterr);
	if (status == STATUS_OK)
		pile->n++;
	xc_query_free(joined);
	while (made > 0)
		xc_query_free(queries[--made]);
	return status;
}

static enum status
add_kin(
    struct pile *pile, struct xc_database *db, const struct loose_word *word, struct arena *arena, struct error *reterr)
{
	struct str terms[KIN_MAX + 1] = { word->leaf->terms[0] };
	uint32_t n;
	enum status status = kin_find(db, word->node->stems[0], arena, terms + 1, &n, reterr);

	if (status != STATUS_OK)
		return status;
	return add_terms(pile, terms, n + 1, XC_OP_SYNONYM, WEIGHTS_KIN * word->factor, reterr);
}

static enum status
add_weights(struct pile *pile, struct xc_database *db, const struct loose_words *words, struct arena *arena,
    struct error *reterr)
{
	uint32_t n_kin = 0;

	for (uint32_t i = 0; i < words->n; i++) {
		const struct loose_word *word = &words->v[i];
		enum status status =
		    add_terms(pile, &word->node->folded, 1, XC_OP_OR, WEIGHTS_FORM * word->factor, reterr);

		if (status == STATUS_OK && !word->is_common && n_kin++ < KIN_WORDS)
			status = add_kin(pile, db, word, arena, reterr);
		if (status == STATUS_OK && word->is_part)
			status = add_terms(pile, word->leaf->terms, 1, XC_OP_OR, word->factor, reterr);
		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

enum status
weights_add(struct plan *plan, struct xc_database *db, const struct loose_words *words, struct error *reterr)
{
	struct pile pile = { 0 };
	struct xc_query *all = NULL;
	enum status status;

	if (words->n == 0)
		return STATUS_OK;
	pile.v = arena_calloc(plan->arena, words->n, 3 * sizeof(struct xc_query *));
	if (pile.v == NULL)
		return no_memory(reterr);
	status = add_weights(&pile, db, words, plan->arena, reterr);
	if (status == STATUS_OK)
		status = xc_query_combine(XC_OP_OR, (const struct xc_query *const *)pile.v, pile.n, 0, &all, reterr);
	pile_done(&pile);
	return status == STATUS_OK ? plan_prefer(plan, all, reterr) : status;
}
