/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The translation goes bottom-up; each node gives operators that find at least the node's documents, and whether they
 * find no other.
 *
 * Traps of Xapian 1.4 that are kept out: OP_NEAR and OP_PHRASE get terms and ORs of terms only; the
 * operands of a native OP_NEAR never share a term, since it assigns positions greedily.
 */
#include "query/plan/translate.h"

#include <stdio.h>

#include "base/limits.h"
#include "query/plan/facts.h"
#include "query/plan/leaves.h"
#include "query/plan/shape.h"
#include "query/plan/weights.h"

/* STATUS_OK where the arena had the memory for what was made last. */
static enum status
made(const struct plan_op *operators, struct error *reterr)
{
	return operators != NULL ? STATUS_OK : error_no_memory(reterr);
}

/* ---- Leaves ---- */

static enum status
translate_leaf(
    const struct plan *plan, const struct node *node, struct translation *ret_translation, struct error *reterr)
{
	const struct plan_leaf *leaf = &plan->leaves[node->leaf];
	bool is_prefix = node->kind == NODE_PREFIX;
	const struct plan_op *terms = operators_known_terms(
	    plan->arena, is_prefix ? OPERATOR_SYNONYM : OPERATOR_OR, leaf->terms, leaf->documents, leaf->n_terms);

	/* A surface form is not posted for the title alone. */
	*ret_translation = (struct translation) { .exact = leaf->has_positions || node->field == FIELD_ANY };
	ret_translation->operators = operators_scale(plan->arena, terms, is_prefix ? 1.0 : weights_of_word(node));
	return made(ret_translation->operators, reterr);
}

static enum status
translate_source(
    const struct plan *plan, const struct node *node, struct translation *ret_translation, struct error *reterr)
{
	char buffer[FACTS_TERM_BYTES];
	struct str term;
	enum status status = facts_source_term(node, buffer, &term, reterr);

	if (status != STATUS_OK)
		return status;
	term = arena_str(plan->arena, term);
	*ret_translation = (struct translation) { .exact = true, .is_filter = true };
	ret_translation->operators = term.p != NULL ? operators_term(plan->arena, term) : NULL;
	return made(ret_translation->operators, reterr);
}

static enum status
translate_date(
    const struct plan *plan, const struct node *node, struct translation *ret_translation, struct error *reterr)
{
	char first[16], last[16];
	struct str lower = { first, (size_t)snprintf(first, sizeof(first), "%08u", node->first_day) };
	struct str upper = { last, (size_t)snprintf(last, sizeof(last), "%08u", node->last_day) };

	/* From "00000001", so that a document without a date is not before everything. */
	if (node->first_day == 0 && node->last_day != 0)
		lower = STR("00000001");
	if (node->last_day == 0)
		upper = STR("");
	*ret_translation = (struct translation) { .exact = true, .is_filter = true };
	ret_translation->operators = operators_dates(plan->arena, lower, upper);
	return made(ret_translation->operators, reterr);
}

/* ---- Proximity ---- */

/* What covers a single-word node: terms with positions. */
static const struct plan_op *
cover(const struct plan *plan, const struct node *node)
{
	const struct plan_op **children;

	if (node_is_leaf(node)) {
		const struct plan_leaf *leaf = &plan->leaves[node->leaf];

		return operators_terms(plan->arena, OPERATOR_OR, leaf->places, leaf->n_places);
	}
	children = arena_calloc(plan->arena, node->n_children, sizeof(*children));
	if (children == NULL)
		return NULL;
	for (uint32_t i = 0; i < node->n_children; i++)
		children[i] = cover(plan, node->children[i]);
	return operators_join(plan->arena, OPERATOR_OR, children, node->n_children);
}

/* NEAR or PHRASE over single-word nodes. */
static const struct plan_op *
positional(
    const struct plan *plan, enum operator_kind kind, const struct node *const *nodes, uint32_t n, uint64_t window)
{
	const struct plan_op **children = arena_calloc(plan->arena, n, sizeof(*children));

	if (children == NULL)
		return NULL;
	for (uint32_t i = 0; i < n; i++)
		children[i] = cover(plan, nodes[i]);
	return operators_window(plan->arena, kind, children, n, (uint32_t)window);
}

static const struct plan_op *
whole_positional(const struct plan *plan, const struct node *node)
{
	return positional(plan, node->kind == NODE_NEAR ? OPERATOR_NEAR : OPERATOR_PHRASE,
	    (const struct node *const *)node->children, node->n_children, (uint64_t)node->distance + node->n_children);
}

/* The words that stand for the operands, near enough for any match; *ret_near stays NULL where none. */
static enum status
widened_near(const struct plan *plan, const struct node *node, const struct plan_op **ret_near, struct error *reterr)
{
	const struct node **words = arena_calloc(plan->arena, node->n_children, sizeof(*words));
	uint32_t width = shape_width(node);
	uint32_t n = 0;

	if (words == NULL)
		return error_no_memory(reterr);
	if (width == SHAPE_UNBOUNDED || node->kind == NODE_NOT_NEAR)
		return STATUS_OK;
	for (uint32_t i = 0; i < node->n_children; i++) {
		words[n] = shape_representative(plan, node->children[i]);
		if (words[n] != NULL)
			n++;
	}
	if (n < 2 || shape_any_collide(plan, words, n))
		return STATUS_OK;
	*ret_near = positional(plan, OPERATOR_NEAR, words, n, width);
	return made(*ret_near, reterr);
}

/*
 * All words of nested phrases, NEAR and ADJ in one window that is wide enough for any match: each posting list is
 * then walked once, and one operator reads positions.  *ret_near stays NULL where that cannot be.
 */
static enum status
flat_near(const struct plan *plan, const struct node *node, const struct plan_op **ret_near, struct error *reterr)
{
	const struct node **words = arena_calloc(plan->arena, LIMIT_QUERY_WORDS, sizeof(*words));
	uint32_t width = shape_width(node), n = 0;

	if (words == NULL)
		return error_no_memory(reterr);
	if (width == SHAPE_UNBOUNDED || !shape_is_stems(plan, node) || !shape_flatten(plan, node, words, &n) ||
	    shape_any_collide(plan, words, n))
		return STATUS_OK;
	*ret_near = positional(plan, OPERATOR_NEAR, words, n, width);
	return made(*ret_near, reterr);
}

/* An AND of what the operands need. */
static enum status
all_needed(const struct plan *plan, const struct node *node, const struct plan_op **ret_all, struct error *reterr)
{
	uint32_t n_needed = node->kind == NODE_NOT_NEAR ? 1 : node->n_children, n = 0;
	const struct plan_op **needed = arena_calloc(plan->arena, n_needed, sizeof(*needed));

	if (needed == NULL)
		return error_no_memory(reterr);
	for (uint32_t i = 0; i < n_needed; i++) {
		struct translation part;
		enum status status;

		if (node->children[i]->kind == NODE_ANY)
			continue;
		status = translate(plan, node->children[i], &part, reterr);
		if (status != STATUS_OK)
			return status;
		needed[n++] = part.operators;
	}
	*ret_all = operators_join(plan->arena, OPERATOR_AND, needed, n);
	return made(*ret_all, reterr);
}

/* The same, narrowed to where the words stand right. */
static enum status
needed_and_placed(
    const struct plan *plan, const struct node *node, const struct plan_op **ret_all, struct error *reterr)
{
	const struct plan_op *both[2] = { NULL, whole_positional(plan, node) };
	enum status status = made(both[1], reterr);

	if (status == STATUS_OK)
		status = all_needed(plan, node, &both[0], reterr);
	if (status != STATUS_OK)
		return status;
	*ret_all = operators_join(plan->arena, OPERATOR_FILTER, both, 2);
	return made(*ret_all, reterr);
}

/* The same, narrowed by a window. */
static enum status
needed_and_near(const struct plan *plan, const struct node *node, const struct plan_op **ret_all, struct error *reterr)
{
	const struct plan_op *both[2] = { NULL, NULL };
	enum status status = all_needed(plan, node, &both[0], reterr);

	if (status == STATUS_OK)
		status = widened_near(plan, node, &both[1], reterr);
	if (status != STATUS_OK)
		return status;
	*ret_all = both[1] != NULL ? operators_join(plan->arena, OPERATOR_FILTER, both, 2) : both[0];
	return made(*ret_all, reterr);
}

static enum status
translate_nested(
    const struct plan *plan, const struct node *node, struct translation *ret_translation, struct error *reterr)
{
	const struct plan_op *all = NULL;
	enum status status = flat_near(plan, node, &all, reterr);

	if (status == STATUS_OK && all == NULL)
		status = shape_is_positional(plan, node) ? needed_and_placed(plan, node, &all, reterr)
							 : needed_and_near(plan, node, &all, reterr);
	*ret_translation = (struct translation) { .operators = all, .exact = false };
	return status;
}

static enum status
translate_proximity(
    const struct plan *plan, const struct node *node, struct translation *ret_translation, struct error *reterr)
{
	if (!shape_is_positional(plan, node) || !shape_is_known(plan, node))
		return translate_nested(plan, node, ret_translation, reterr);
	/* Scores are not to depend on where the index keeps the places of surface forms. */
	if (!shape_is_stems(plan, node)) {
		ret_translation->exact = true;
		ret_translation->is_filter = false;
		return needed_and_placed(plan, node, &ret_translation->operators, reterr);
	}
	*ret_translation = (struct translation) { .operators = whole_positional(plan, node), .exact = true };
	return made(ret_translation->operators, reterr);
}

/* ---- Boolean ---- */

struct conjunction {
	const struct plan_op **weighted;
	const struct plan_op **filters;
	const struct plan_op **excluded;
	uint32_t n_weighted, n_filters, n_excluded;
	bool exact;
};

static enum status
conjoin(const struct plan *plan, const struct node *child, struct conjunction *c, struct error *reterr)
{
	bool is_not = child->kind == NODE_NOT;
	struct translation part;
	enum status status = translate(plan, is_not ? child->children[0] : child, &part, reterr);

	if (status != STATUS_OK)
		return status;
	c->exact = c->exact && part.exact;
	if (!is_not && part.is_filter)
		c->filters[c->n_filters++] = part.operators;
	else if (!is_not)
		c->weighted[c->n_weighted++] = part.operators;
	else if (part.exact)
		c->excluded[c->n_excluded++] = part.operators;
	/* A superset of what is excluded would exclude too much: the check does it. */
	return STATUS_OK;
}

static const struct plan_op *
join(struct arena *arena, const struct conjunction *c)
{
	const struct plan_op *both[2];

	both[0] =
	    c->n_weighted > 0 ? operators_join(arena, OPERATOR_AND, c->weighted, c->n_weighted) : operators_all(arena);
	if (c->n_filters > 0) {
		both[1] = operators_join(arena, OPERATOR_AND, c->filters, c->n_filters);
		both[0] = operators_join(arena, OPERATOR_FILTER, both, 2);
	}
	if (c->n_excluded > 0) {
		both[1] = operators_join(arena, OPERATOR_OR, c->excluded, c->n_excluded);
		both[0] = operators_join(arena, OPERATOR_AND_NOT, both, 2);
	}
	return both[0];
}

static enum status
translate_and(
    const struct plan *plan, const struct node *node, struct translation *ret_translation, struct error *reterr)
{
	struct arena *arena = plan->arena;
	struct conjunction c = { .exact = true };

	c.weighted = arena_calloc(arena, node->n_children, sizeof(*c.weighted));
	c.filters = arena_calloc(arena, node->n_children, sizeof(*c.filters));
	c.excluded = arena_calloc(arena, node->n_children, sizeof(*c.excluded));
	if (c.weighted == NULL || c.filters == NULL || c.excluded == NULL)
		return error_no_memory(reterr);
	for (uint32_t i = 0; i < node->n_children; i++) {
		enum status status = conjoin(plan, node->children[i], &c, reterr);

		if (status != STATUS_OK)
			return status;
	}
	*ret_translation =
	    (struct translation) { .operators = join(arena, &c), .exact = c.exact, .is_filter = c.n_weighted == 0 };
	return made(ret_translation->operators, reterr);
}

/* Whether no document holds any term of a leaf. */
static enum status
is_absent(const struct plan *plan, const struct node *node, bool *ret_absent, struct error *reterr)
{
	uint64_t postings;
	enum status status;

	*ret_absent = false;
	if (!node_is_leaf(node))
		return STATUS_OK;
	status = leaves_postings(&plan->leaves[node->leaf], plan->lookups, &postings, reterr);
	if (status == STATUS_OK)
		*ret_absent = postings == 0;
	return status;
}

/* Whether a node is a word by its stem, an OR of such, or a phrase that one operator answers. */
static bool
is_spelling(const struct plan *plan, const struct node *node)
{
	if (node_is_leaf(node))
		return node->kind == NODE_WORD && node->form != FORM_EXACT;
	for (uint32_t i = 0; i < node->n_children; i++) {
		if (!is_spelling(plan, node->children[i]))
			return false;
	}
	return node->kind == NODE_OR || (node->kind == NODE_PHRASE && shape_is_positional(plan, node));
}

static bool
are_spellings(const struct plan *plan, const struct node *node)
{
	for (uint32_t i = 0; i < node->n_children; i++) {
		if (!is_spelling(plan, node->children[i]))
			return false;
	}
	return true;
}

/*
 * Spellings of one name: they weigh as one word.  The rarest would be worth most in an OR, and be no
 * better an answer for it; but an OR it is where other words stand in the phrases than stems, for what such a phrase weighs in a
 * SYNONYM would depend on where the index has the places of surface forms.  OP_MAX is no choice: over phrases and under an OR beside AND_MAYBE, Xapian
 * 1.4 crashes where a match goes on past the end of one of its operands.
 */
static enum status
translate_variants(
    const struct plan *plan, const struct node *node, struct translation *ret_translation, struct error *reterr)
{
	const struct plan_op **spellings = arena_calloc(plan->arena, node->n_children, sizeof(*spellings));
	uint32_t n = 0;

	if (spellings == NULL)
		return error_no_memory(reterr);
	*ret_translation = (struct translation) { .exact = true };
	for (uint32_t i = 0; i < node->n_children; i++) {
		struct translation part;
		bool absent = false;
		enum status status = STATUS_OK;

		/* The first is what was typed, and stays. */
		if (i > 0)
			status = is_absent(plan, node->children[i], &absent, reterr);
		if (status == STATUS_OK && absent)
			continue;
		if (status == STATUS_OK)
			status = translate(plan, node->children[i], &part, reterr);
		if (status != STATUS_OK)
			return status;
		spellings[n++] = part.operators;
		ret_translation->exact = ret_translation->exact && part.exact;
	}
	ret_translation->operators =
	    operators_join(plan->arena, are_spellings(plan, node) ? OPERATOR_SYNONYM : OPERATOR_OR, spellings, n);
	return made(ret_translation->operators, reterr);
}

static enum status
translate_or(
    const struct plan *plan, const struct node *node, struct translation *ret_translation, struct error *reterr)
{
	const struct plan_op **children = arena_calloc(plan->arena, node->n_children, sizeof(*children));

	if (children == NULL)
		return error_no_memory(reterr);
	*ret_translation = (struct translation) { .exact = true, .is_filter = true };
	for (uint32_t i = 0; i < node->n_children; i++) {
		struct translation part;
		enum status status = translate(plan, node->children[i], &part, reterr);

		if (status != STATUS_OK)
			return status;
		children[i] = part.operators;
		ret_translation->exact = ret_translation->exact && part.exact;
		ret_translation->is_filter = ret_translation->is_filter && part.is_filter;
	}
	ret_translation->operators = operators_join(plan->arena, OPERATOR_OR, children, node->n_children);
	return made(ret_translation->operators, reterr);
}

static enum status
translate_boost(
    const struct plan *plan, const struct node *node, struct translation *ret_translation, struct error *reterr)
{
	enum status status = translate(plan, node->children[0], ret_translation, reterr);

	if (status != STATUS_OK)
		return status;
	ret_translation->operators = operators_scale(plan->arena, ret_translation->operators, node->boost);
	return made(ret_translation->operators, reterr);
}

/* What the child needs is needed, and more: for DEBUT/n and >=n. */
static enum status
translate_restriction(
    const struct plan *plan, const struct node *node, struct translation *ret_translation, struct error *reterr)
{
	enum status status = translate(plan, node->children[0], ret_translation, reterr);

	ret_translation->exact = false;
	return status;
}

enum status
translate(const struct plan *plan, const struct node *node, struct translation *ret_translation, struct error *reterr)
{
	switch (node->kind) {
	case NODE_WORD:
	case NODE_PREFIX: return translate_leaf(plan, node, ret_translation, reterr);
	case NODE_SOURCE: return translate_source(plan, node, ret_translation, reterr);
	case NODE_DATE: return translate_date(plan, node, ret_translation, reterr);
	case NODE_PHRASE:
	case NODE_NEAR:
	case NODE_ADJ:
	case NODE_NOT_NEAR:
	case NODE_SENT:
	case NODE_PARA: return translate_proximity(plan, node, ret_translation, reterr);
	case NODE_FIRST:
	case NODE_AT_LEAST: return translate_restriction(plan, node, ret_translation, reterr);
	case NODE_AND: return translate_and(plan, node, ret_translation, reterr);
	case NODE_OR:
		return node->variants ? translate_variants(plan, node, ret_translation, reterr)
				      : translate_or(plan, node, ret_translation, reterr);
	case NODE_FIELD: return translate(plan, node->children[0], ret_translation, reterr);
	case NODE_BOOST: return translate_boost(plan, node, ret_translation, reterr);
	case NODE_ANY:
	case NODE_NOT: break;
	}
	return error_set(
	    reterr, STATUS_INTERNAL, node->off, "a %s stands where no plan exists for it", node_kind_name(node->kind));
}
