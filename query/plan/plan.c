/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The translation goes bottom-up; each node gives a part: a Xapian query that holds at least the
 * node's documents, and whether it holds no other.
 *
 * Traps of Xapian 1.4 that are kept out: OP_NEAR and OP_PHRASE get terms and ORs of terms only; the
 * operands of a native OP_NEAR never share a term, since it assigns positions greedily.
 */
#include "query/plan/plan.h"

#include <stdio.h>

#include "base/limits.h"
#include "query/plan/facts.h"
#include "query/plan/leaves.h"
#include "query/plan/shape.h"
#include "query/plan/weights.h"
#include "store/schema.h"

struct plan_query {
	struct xc_query *query;
	struct plan_query *next;
};

struct part {
	const struct xc_query *query;
	bool exact;
	bool is_filter; /* carries no weight: dates, sources */
};

static enum status
no_memory(struct error *reterr)
{
	return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory for the query's plan");
}

/* Hands a query to the plan. */
static enum status
own(struct plan *plan, struct xc_query *query, const struct xc_query **ret_query, struct error *reterr)
{
	struct plan_query *owned = arena_alloc(plan->arena, sizeof(*owned));

	if (owned == NULL) {
		xc_query_free(query);
		return no_memory(reterr);
	}
	*owned = (struct plan_query) { query, plan->owned };
	plan->owned = owned;
	*ret_query = query;
	return STATUS_OK;
}

void
plan_done(struct plan *plan)
{
	for (struct plan_query *owned = plan->owned; owned != NULL; owned = owned->next)
		xc_query_free(owned->query);
	plan->owned = NULL;
	plan->candidates = NULL;
}

static enum status
combine(struct plan *plan, enum xc_op op, const struct xc_query *const *queries, size_t n, xc_termcount window,
    const struct xc_query **ret_query, struct error *reterr)
{
	struct xc_query *query;
	enum status status;

	if (n == 1 && op != XC_OP_NEAR && op != XC_OP_PHRASE) {
		*ret_query = queries[0];
		return STATUS_OK;
	}
	status = xc_query_combine(op, queries, n, window, &query, reterr);
	if (status != STATUS_OK)
		return status;
	return own(plan, query, ret_query, reterr);
}

/* FILTER(query, filter). */
static enum status
narrow(struct plan *plan, const struct xc_query *query, const struct xc_query *filter,
    const struct xc_query **ret_query, struct error *reterr)
{
	const struct xc_query *both[] = { query, filter };

	return combine(plan, XC_OP_FILTER, both, 2, 0, ret_query, reterr);
}

static enum status
scale(struct plan *plan, const struct xc_query *query, double factor, const struct xc_query **ret_query,
    struct error *reterr)
{
	struct xc_query *scaled;
	enum status status;

	if (factor == 1.0) {
		*ret_query = query;
		return STATUS_OK;
	}
	status = xc_query_scale_weight(query, factor, &scaled, reterr);
	if (status != STATUS_OK)
		return status;
	return own(plan, scaled, ret_query, reterr);
}

static enum status
match_all(struct plan *plan, const struct xc_query **ret_query, struct error *reterr)
{
	struct xc_query *query;
	enum status status = xc_query_match_all(&query, reterr);

	if (status != STATUS_OK)
		return status;
	return own(plan, query, ret_query, reterr);
}

/* ---- Leaves ---- */

/* Terms joined by `op`; nothing where there are none. */
static enum status
terms_query(struct plan *plan, const struct str *terms, uint32_t n, enum xc_op op, const struct xc_query **ret_query,
    struct error *reterr)
{
	const struct xc_query **queries = arena_calloc(plan->arena, n, sizeof(*queries));

	if (queries == NULL)
		return no_memory(reterr);
	for (uint32_t i = 0; i < n; i++) {
		struct xc_query *query;
		enum status status = xc_query_term(terms[i], 1, 0, &query, reterr);

		if (status == STATUS_OK)
			status = own(plan, query, &queries[i], reterr);
		if (status != STATUS_OK)
			return status;
	}
	return combine(plan, op, queries, n, 0, ret_query, reterr);
}

static enum status
translate_leaf(struct plan *plan, const struct node *node, struct part *ret_part, struct error *reterr)
{
	const struct plan_leaf *leaf = &plan->leaves[node->leaf];
	enum xc_op op = node->kind == NODE_PREFIX ? XC_OP_SYNONYM : XC_OP_OR;
	enum status status;

	/* A surface form is not posted for the title alone. */
	*ret_part = (struct part) { .exact = leaf->has_positions || node->field == FIELD_ANY };
	status = terms_query(plan, leaf->terms, leaf->n_terms, op, &ret_part->query, reterr);
	if (status != STATUS_OK || node->kind == NODE_PREFIX)
		return status;
	return scale(plan, ret_part->query, weights_of_word(node), &ret_part->query, reterr);
}

static enum status
translate_source(struct plan *plan, const struct node *node, struct part *ret_part, struct error *reterr)
{
	char buffer[FACTS_TERM_BYTES];
	struct str term;
	struct xc_query *query;
	enum status status = facts_source_term(node, buffer, &term, reterr);

	if (status == STATUS_OK)
		status = xc_query_term(term, 1, 0, &query, reterr);
	if (status != STATUS_OK)
		return status;
	*ret_part = (struct part) { .exact = true, .is_filter = true };
	return own(plan, query, &ret_part->query, reterr);
}

static enum status
translate_date(struct plan *plan, const struct node *node, struct part *ret_part, struct error *reterr)
{
	char first[16], last[16];
	struct str lower = { first, (size_t)snprintf(first, sizeof(first), "%08u", node->first_day) };
	struct str upper = { last, (size_t)snprintf(last, sizeof(last), "%08u", node->last_day) };
	struct xc_query *query;
	enum status status;

	if (node->last_day == 0)
		status = xc_query_value_ge(SCHEMA_VALUE_DATE, lower, &query, reterr);
	else
		/* From "00000001", so that a document without a date is not before everything. */
		status = xc_query_value_range(
		    SCHEMA_VALUE_DATE, node->first_day != 0 ? lower : STR("00000001"), upper, &query, reterr);
	if (status != STATUS_OK)
		return status;
	*ret_part = (struct part) { .exact = true, .is_filter = true };
	return own(plan, query, &ret_part->query, reterr);
}

/* ---- Proximity ---- */

static enum status translate(struct plan *plan, const struct node *node, struct part *ret_part, struct error *reterr);

/* What covers a single-word node: terms with positions. */
static enum status
cover_query(struct plan *plan, const struct node *node, const struct xc_query **ret_query, struct error *reterr)
{
	const struct xc_query **queries;

	if (node_is_leaf(node)) {
		const struct plan_leaf *leaf = &plan->leaves[node->leaf];

		return terms_query(plan, leaf->cover, leaf->n_cover, XC_OP_OR, ret_query, reterr);
	}
	queries = arena_calloc(plan->arena, node->n_children, sizeof(*queries));
	if (queries == NULL)
		return no_memory(reterr);
	for (uint32_t i = 0; i < node->n_children; i++) {
		enum status status = cover_query(plan, node->children[i], &queries[i], reterr);

		if (status != STATUS_OK)
			return status;
	}
	return combine(plan, XC_OP_OR, queries, node->n_children, 0, ret_query, reterr);
}

/* OP_NEAR or OP_PHRASE over single-word nodes. */
static enum status
positional(struct plan *plan, enum xc_op op, const struct node *const *nodes, uint32_t n, uint64_t window,
    const struct xc_query **ret_query, struct error *reterr)
{
	const struct xc_query **queries = arena_calloc(plan->arena, n, sizeof(*queries));

	if (queries == NULL)
		return no_memory(reterr);
	for (uint32_t i = 0; i < n; i++) {
		enum status status = cover_query(plan, nodes[i], &queries[i], reterr);

		if (status != STATUS_OK)
			return status;
	}
	return combine(plan, op, queries, n, (xc_termcount)window, ret_query, reterr);
}

static enum status
whole_positional(struct plan *plan, const struct node *node, const struct xc_query **ret_query, struct error *reterr)
{
	enum xc_op op = node->kind == NODE_NEAR ? XC_OP_NEAR : XC_OP_PHRASE;

	return positional(plan, op, (const struct node *const *)node->children, node->n_children,
	    (uint64_t)node->distance + node->n_children, ret_query, reterr);
}

/* The words that stand for the operands, near enough for any match; *ret_query stays NULL where none. */
static enum status
widened_near(struct plan *plan, const struct node *node, const struct xc_query **ret_query, struct error *reterr)
{
	const struct node **words = arena_calloc(plan->arena, node->n_children, sizeof(*words));
	uint32_t width = shape_width(node);
	uint32_t n = 0;

	if (words == NULL)
		return no_memory(reterr);
	if (width == SHAPE_UNBOUNDED || node->kind == NODE_NOT_NEAR)
		return STATUS_OK;
	for (uint32_t i = 0; i < node->n_children; i++) {
		words[n] = shape_representative(plan, node->children[i]);
		if (words[n] != NULL)
			n++;
	}
	if (n < 2 || shape_any_collide(plan, words, n))
		return STATUS_OK;
	return positional(plan, XC_OP_NEAR, words, n, width, ret_query, reterr);
}

/*
 * All words of nested phrases, NEAR and ADJ in one window that is wide enough for any match: each posting list is
 * then walked once, and one operator reads positions.  *ret_query stays NULL where that cannot be.
 */
static enum status
flat_near(struct plan *plan, const struct node *node, const struct xc_query **ret_query, struct error *reterr)
{
	const struct node **words = arena_calloc(plan->arena, LIMIT_QUERY_WORDS, sizeof(*words));
	uint32_t width = shape_width(node), n = 0;

	if (words == NULL)
		return no_memory(reterr);
	if (width == SHAPE_UNBOUNDED || !shape_flatten(plan, node, words, &n) || shape_any_collide(plan, words, n))
		return STATUS_OK;
	return positional(plan, XC_OP_NEAR, words, n, width, ret_query, reterr);
}

/* An AND of what the operands need, narrowed. */
static enum status
translate_nested(struct plan *plan, const struct node *node, struct part *ret_part, struct error *reterr)
{
	uint32_t n_needed = node->kind == NODE_NOT_NEAR ? 1 : node->n_children;
	const struct xc_query **queries = arena_calloc(plan->arena, n_needed, sizeof(*queries));
	const struct xc_query *near = NULL, *all = NULL;
	size_t n = 0;
	enum status status;

	if (queries == NULL)
		return no_memory(reterr);
	status = flat_near(plan, node, &all, reterr);
	if (status != STATUS_OK || all != NULL) {
		*ret_part = (struct part) { .query = all, .exact = false };
		return status;
	}
	for (uint32_t i = 0; i < n_needed; i++) {
		struct part part;

		if (node->children[i]->kind == NODE_ANY)
			continue;
		status = translate(plan, node->children[i], &part, reterr);
		if (status != STATUS_OK)
			return status;
		queries[n++] = part.query;
	}
	status = combine(plan, XC_OP_AND, queries, n, 0, &all, reterr);
	if (status == STATUS_OK && shape_is_positional(plan, node))
		status = whole_positional(plan, node, &near, reterr);
	else if (status == STATUS_OK)
		status = widened_near(plan, node, &near, reterr);
	if (status == STATUS_OK && near != NULL)
		status = narrow(plan, all, near, &all, reterr);
	*ret_part = (struct part) { .query = all, .exact = false };
	return status;
}

static enum status
translate_proximity(struct plan *plan, const struct node *node, struct part *ret_part, struct error *reterr)
{
	if (!shape_is_positional(plan, node) || !shape_is_known(plan, node))
		return translate_nested(plan, node, ret_part, reterr);
	*ret_part = (struct part) { .exact = true };
	return whole_positional(plan, node, &ret_part->query, reterr);
}

/* ---- Boolean ---- */

struct conjunction {
	const struct xc_query **weighted;
	const struct xc_query **filters;
	const struct xc_query **excluded;
	size_t n_weighted, n_filters, n_excluded;
	bool exact;
};

static enum status
conjoin(struct plan *plan, const struct node *child, struct conjunction *c, struct error *reterr)
{
	bool is_not = child->kind == NODE_NOT;
	struct part part;
	enum status status = translate(plan, is_not ? child->children[0] : child, &part, reterr);

	if (status != STATUS_OK)
		return status;
	c->exact = c->exact && part.exact;
	if (!is_not && part.is_filter)
		c->filters[c->n_filters++] = part.query;
	else if (!is_not)
		c->weighted[c->n_weighted++] = part.query;
	else if (part.exact)
		c->excluded[c->n_excluded++] = part.query;
	/* A superset of what is excluded would exclude too much: the check does it. */
	return STATUS_OK;
}

static enum status
join(struct plan *plan, const struct conjunction *c, struct part *ret_part, struct error *reterr)
{
	const struct xc_query *query = NULL, *other;
	enum status status;

	ret_part->exact = c->exact;
	ret_part->is_filter = c->n_weighted == 0;
	if (c->n_weighted > 0)
		status = combine(plan, XC_OP_AND, c->weighted, c->n_weighted, 0, &query, reterr);
	else
		status = match_all(plan, &query, reterr);
	if (status == STATUS_OK && c->n_filters > 0) {
		status = combine(plan, XC_OP_AND, c->filters, c->n_filters, 0, &other, reterr);
		if (status == STATUS_OK)
			status = narrow(plan, query, other, &query, reterr);
	}
	if (status == STATUS_OK && c->n_excluded > 0) {
		status = combine(plan, XC_OP_OR, c->excluded, c->n_excluded, 0, &other, reterr);
		if (status == STATUS_OK)
			status = combine(
			    plan, XC_OP_AND_NOT, (const struct xc_query *[]) { query, other }, 2, 0, &query, reterr);
	}
	ret_part->query = query;
	return status;
}

static enum status
translate_and(struct plan *plan, const struct node *node, struct part *ret_part, struct error *reterr)
{
	struct conjunction c = { .exact = true };

	c.weighted = arena_calloc(plan->arena, node->n_children, sizeof(*c.weighted));
	c.filters = arena_calloc(plan->arena, node->n_children, sizeof(*c.filters));
	c.excluded = arena_calloc(plan->arena, node->n_children, sizeof(*c.excluded));
	if (c.weighted == NULL || c.filters == NULL || c.excluded == NULL)
		return no_memory(reterr);
	for (uint32_t i = 0; i < node->n_children; i++) {
		enum status status = conjoin(plan, node->children[i], &c, reterr);

		if (status != STATUS_OK)
			return status;
	}
	return join(plan, &c, ret_part, reterr);
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
	status = leaves_postings(&plan->leaves[node->leaf], plan->db, &postings, reterr);
	if (status == STATUS_OK)
		*ret_absent = postings == 0;
	return status;
}

/*
 * Spellings of one name: they weigh as one word.  The rarest would be worth most in an OR, and be no
 * better an answer for it.  OP_MAX is no choice: over phrases and under an OR beside AND_MAYBE, Xapian
 * 1.4 crashes where a match goes on past the end of one of its operands.
 */
static enum status
translate_variants(struct plan *plan, const struct node *node, struct part *ret_part, struct error *reterr)
{
	const struct xc_query **queries = arena_calloc(plan->arena, node->n_children, sizeof(*queries));
	size_t n = 0;

	if (queries == NULL)
		return no_memory(reterr);
	*ret_part = (struct part) { .exact = true };
	for (uint32_t i = 0; i < node->n_children; i++) {
		struct part part;
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
		queries[n++] = part.query;
		ret_part->exact = ret_part->exact && part.exact;
	}
	return combine(plan, XC_OP_SYNONYM, queries, n, 0, &ret_part->query, reterr);
}

static enum status
translate_or(struct plan *plan, const struct node *node, struct part *ret_part, struct error *reterr)
{
	const struct xc_query **queries = arena_calloc(plan->arena, node->n_children, sizeof(*queries));

	if (queries == NULL)
		return no_memory(reterr);
	*ret_part = (struct part) { .exact = true, .is_filter = true };
	for (uint32_t i = 0; i < node->n_children; i++) {
		struct part part;
		enum status status = translate(plan, node->children[i], &part, reterr);

		if (status != STATUS_OK)
			return status;
		queries[i] = part.query;
		ret_part->exact = ret_part->exact && part.exact;
		ret_part->is_filter = ret_part->is_filter && part.is_filter;
	}
	return combine(plan, XC_OP_OR, queries, node->n_children, 0, &ret_part->query, reterr);
}

static enum status
translate_boost(struct plan *plan, const struct node *node, struct part *ret_part, struct error *reterr)
{
	struct part part;
	enum status status = translate(plan, node->children[0], &part, reterr);

	if (status != STATUS_OK)
		return status;
	*ret_part = part;
	return scale(plan, part.query, node->boost, &ret_part->query, reterr);
}

/* What the child needs is needed, and more: for DEBUT/n and >=n. */
static enum status
translate_restriction(struct plan *plan, const struct node *node, struct part *ret_part, struct error *reterr)
{
	enum status status = translate(plan, node->children[0], ret_part, reterr);

	ret_part->exact = false;
	return status;
}

static enum status
translate(struct plan *plan, const struct node *node, struct part *ret_part, struct error *reterr)
{
	switch (node->kind) {
	case NODE_WORD:
	case NODE_PREFIX: return translate_leaf(plan, node, ret_part, reterr);
	case NODE_SOURCE: return translate_source(plan, node, ret_part, reterr);
	case NODE_DATE: return translate_date(plan, node, ret_part, reterr);
	case NODE_PHRASE:
	case NODE_NEAR:
	case NODE_ADJ:
	case NODE_NOT_NEAR:
	case NODE_SENT:
	case NODE_PARA: return translate_proximity(plan, node, ret_part, reterr);
	case NODE_FIRST:
	case NODE_AT_LEAST: return translate_restriction(plan, node, ret_part, reterr);
	case NODE_AND: return translate_and(plan, node, ret_part, reterr);
	case NODE_OR:
		return node->variants ? translate_variants(plan, node, ret_part, reterr)
				      : translate_or(plan, node, ret_part, reterr);
	case NODE_FIELD: return translate(plan, node->children[0], ret_part, reterr);
	case NODE_BOOST: return translate_boost(plan, node, ret_part, reterr);
	case NODE_ANY:
	case NODE_NOT: break;
	}
	return error_set(
	    reterr, STATUS_INTERNAL, node->off, "a %s stands where no plan exists for it", node_kind_name(node->kind));
}

/* Notes what a check of the node has to read besides the positions of its leaves. */
static void
note_needs(struct plan *plan, const struct node *node)
{
	if (node_is_leaf(node) && !plan->leaves[node->leaf].has_positions)
		plan->needs_text = true;
	if (node->kind == NODE_SENT)
		plan->needs_sentences = true;
	if (node->kind == NODE_PARA || node->kind == NODE_FIRST)
		plan->needs_paragraphs = true;
	for (uint32_t i = 0; i < node->n_children; i++)
		note_needs(plan, node->children[i]);
}

/*
 * Whether a document that matches still does when its leaves stand at more positions: so where no
 * leaf with a mere cover is under a NOT, or what NOT NEAR keeps away.
 */
static bool
is_monotone(const struct plan *plan, const struct node *node)
{
	if (node_is_leaf(node))
		return true;
	if (node->kind == NODE_NOT)
		return shape_is_known(plan, node->children[0]);
	for (uint32_t i = 0; i < node->n_children; i++) {
		if (!is_monotone(plan, node->children[i]))
			return false;
	}
	return node->kind != NODE_NOT_NEAR || shape_is_known(plan, node->children[1]);
}

/* Whether the covers of all leaves are known. */
static bool
has_cover(const struct plan *plan, const struct node *node)
{
	if (node_is_leaf(node))
		return plan->leaves[node->leaf].n_cover > 0;
	for (uint32_t i = 0; i < node->n_children; i++) {
		if (!has_cover(plan, node->children[i]))
			return false;
	}
	return true;
}

enum status
plan_build(const struct query *query, const struct store_reader *reader, struct analyzer *analyzer, struct arena *arena,
    struct plan *ret_plan, struct error *reterr)
{
	struct part part;
	enum status status;

	*ret_plan =
	    (struct plan) { .query = query, .reader = reader, .db = store_reader_database(reader), .arena = arena };
	status = leaves_find(ret_plan, analyzer, reterr);
	if (status != STATUS_OK)
		return status;
	status = translate(ret_plan, query->root, &part, reterr);
	if (status != STATUS_OK)
		return status;
	ret_plan->candidates = part.query;
	ret_plan->exact = part.exact;
	note_needs(ret_plan, query->root);
	ret_plan->has_cover =
	    ret_plan->needs_text && has_cover(ret_plan, query->root) && is_monotone(ret_plan, query->root);
	return STATUS_OK;
}

enum status
plan_cost(const struct plan *plan, uint64_t *ret_cost, struct error *reterr)
{
	uint64_t cost = 0;
	enum status status = facts_add_cost(plan->db, plan->query->root, &cost, reterr);

	for (uint32_t i = 0; i < plan->query->n_leaves && status == STATUS_OK; i++) {
		uint64_t postings;

		status = leaves_postings(&plan->leaves[i], plan->db, &postings, reterr);
		if (status == STATUS_OK)
			cost += postings;
	}
	if (status == STATUS_OK)
		*ret_cost = cost;
	return status;
}

/* How many lists of postings and values a node reads, its leaves apart. */
static uint64_t
count_facts(const struct node *node)
{
	uint64_t n = node->kind == NODE_SOURCE || node->kind == NODE_DATE ? 1 : 0;

	for (uint32_t i = 0; i < node->n_children; i++)
		n += count_facts(node->children[i]);
	return n;
}

enum status
plan_costs_more(const struct plan *plan, uint64_t postings, bool *ret_more, struct error *reterr)
{
	uint64_t cost, n_lists = count_facts(plan->query->root);
	xc_doccount n_documents;
	enum status status = xc_database_doccount(plan->db, &n_documents, reterr);

	for (uint32_t i = 0; i < plan->query->n_leaves; i++)
		n_lists += plan->leaves[i].n_terms;
	*ret_more = false;
	if (status != STATUS_OK || n_lists * n_documents <= postings)
		return status;
	status = plan_cost(plan, &cost, reterr);
	if (status == STATUS_OK)
		*ret_more = cost > postings;
	return status;
}

enum status
plan_limit_time(struct plan *plan, int64_t deadline_ns, struct error *reterr)
{
	struct xc_query *deadline;
	const struct xc_query *owned = NULL; /* gcc does not see that own() sets it */
	enum status status = xc_query_deadline((uint64_t)deadline_ns, &deadline, reterr);

	if (status == STATUS_OK)
		status = own(plan, deadline, &owned, reterr);
	if (status != STATUS_OK)
		return status;
	return narrow(plan, plan->candidates, owned, &plan->candidates, reterr);
}

enum status
plan_weigh(struct plan *plan, struct xc_query *query, struct error *reterr)
{
	const struct xc_query *both[2] = { plan->candidates, NULL };
	enum status status = own(plan, query, &both[1], reterr);

	return status == STATUS_OK ? combine(plan, XC_OP_AND_MAYBE, both, 2, 0, &plan->candidates, reterr) : status;
}

enum status
plan_start_at(struct plan *plan, uint32_t docid, struct error *reterr)
{
	struct xc_query *from;
	const struct xc_query *owned = NULL; /* gcc does not see that own() sets it */
	enum status status = xc_query_docid_from(plan->db, docid, &from, reterr);

	if (status == STATUS_OK)
		status = own(plan, from, &owned, reterr);
	if (status != STATUS_OK)
		return status;
	return narrow(plan, plan->candidates, owned, &plan->candidates, reterr);
}

enum status
plan_only(struct plan *plan, const struct str *terms, uint32_t n, struct error *reterr)
{
	const struct xc_query *only = NULL;
	enum status status = terms_query(plan, terms, n, XC_OP_OR, &only, reterr);

	return status == STATUS_OK ? narrow(plan, plan->candidates, only, &plan->candidates, reterr) : status;
}

enum status
plan_widen(struct plan *plan, struct error *reterr)
{
	return match_all(plan, &plan->candidates, reterr);
}
