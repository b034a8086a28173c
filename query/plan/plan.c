/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/plan/plan.h"

#include "query/plan/facts.h"
#include "query/plan/leaves.h"
#include "query/plan/lookup.h"
#include "query/plan/shape.h"
#include "query/plan/to_invfile.h"
#include "query/plan/to_xapian.h"
#include "query/plan/translate.h"

struct plan_query {
	struct xc_query *query;
	struct plan_query *next;
};

/* Hands a query to the plan. */
static enum status
own(struct plan *plan, struct xc_query *query, const struct xc_query **ret_query, struct error *reterr)
{
	struct plan_query *owned = arena_alloc(plan->arena, sizeof(*owned));

	if (owned == NULL) {
		xc_query_free(query);
		return error_no_memory(reterr);
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
	plan->candidates = plan->found = NULL;
	file_parts_free(plan->parts);
	plan->parts = NULL;
	lookups_free(plan->lookups);
	plan->lookups = NULL;
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
match_all(struct plan *plan, const struct xc_query **ret_query, struct error *reterr)
{
	struct xc_query *query;
	enum status status = xc_query_match_all(&query, reterr);

	if (status != STATUS_OK)
		return status;
	return own(plan, query, ret_query, reterr);
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
 * leaf whose places are not just its own is under a NOT, or what NOT NEAR keeps away.
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

/* Whether places are known of all leaves. */
static bool
has_places(const struct plan *plan, const struct node *node)
{
	if (node_is_leaf(node))
		return plan->leaves[node->leaf].n_places > 0;
	for (uint32_t i = 0; i < node->n_children; i++) {
		if (!has_places(plan, node->children[i]))
			return false;
	}
	return true;
}

enum status
plan_build(const struct query *query, const struct store_reader *reader, struct analyzer *analyzer, struct arena *arena,
    struct plan *ret_plan, struct error *reterr)
{
	struct translation translation;
	enum status status;

	*ret_plan =
	    (struct plan) { .query = query, .reader = reader, .db = store_reader_database(reader), .arena = arena };
	status = lookups_new(reader, &ret_plan->lookups, reterr);
	if (status == STATUS_OK)
		status = leaves_find(ret_plan, analyzer, reterr);
	if (status != STATUS_OK)
		return status;
	status = translate(ret_plan, query->root, &translation, reterr);
	if (status != STATUS_OK)
		return status;
	ret_plan->operators = translation.operators;
	ret_plan->exact = translation.exact;
	note_needs(ret_plan, query->root);
	ret_plan->has_cover =
	    ret_plan->needs_text && has_places(ret_plan, query->root) && is_monotone(ret_plan, query->root);
	return STATUS_OK;
}

/* The query of operators, by the layers where the index has some. */
static enum status
compile(struct plan *plan, const struct plan_op *operators, const struct xc_query **ret_query, struct error *reterr)
{
	struct xc_query *query;
	enum status status;

	if (plan->parts != NULL)
		status = to_invfile(plan->parts, operators, &query, reterr);
	else
		status = to_xapian(operators, NULL, plan->arena, &query, reterr);
	return status == STATUS_OK ? own(plan, query, ret_query, reterr) : status;
}

enum status
plan_find_candidates(struct plan *plan, bool is_weighted, int64_t deadline_ns, struct error *reterr)
{
	uint32_t n_layers;
	enum status status = STATUS_OK;

	(void)store_reader_layers(plan->reader, &n_layers);
	if (n_layers > 0)
		status = file_parts_new(
		    plan->reader, plan->lookups, is_weighted, deadline_ns, plan->arena, &plan->parts, reterr);
	if (status == STATUS_OK)
		status = compile(plan, plan->operators, &plan->candidates, reterr);
	plan->found = plan->candidates;
	return status;
}

const struct xc_source *
plan_source(const struct plan *plan)
{
	return plan->parts != NULL && plan->candidates == plan->found ? file_parts_source(plan->parts) : NULL;
}

enum plan_index
plan_index(const struct plan *plan)
{
	return plan->parts == NULL || file_parts_none(plan->parts) ? PLAN_XAPIAN : PLAN_INVERTED;
}

const char *
plan_index_name(enum plan_index index)
{
	static const char *const names[] = { "xapian", "inverted" };

	return names[index];
}

bool
plan_minds_time(const struct plan *plan)
{
	return plan->parts != NULL && file_parts_whole(plan->parts);
}

enum status
plan_failure(const struct plan *plan, struct error *reterr)
{
	return file_parts_failure(plan->parts, reterr);
}

enum status
plan_cost(const struct plan *plan, uint64_t *ret_cost, struct error *reterr)
{
	uint64_t cost = 0;
	enum status status = facts_add_cost(plan->db, plan->query->root, &cost, reterr);

	for (uint32_t i = 0; i < plan->query->n_leaves && status == STATUS_OK; i++) {
		uint64_t postings;

		status = leaves_postings(&plan->leaves[i], plan->lookups, &postings, reterr);
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
plan_weigh(struct plan *plan, const struct plan_op *operators, struct error *reterr)
{
	const struct xc_query *both[2] = { plan->candidates, NULL };
	enum status status = compile(plan, operators, &both[1], reterr);

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
	const struct plan_op *any = operators_terms(plan->arena, OPERATOR_OR, terms, n);
	const struct xc_query *only = NULL; /* gcc does not see that compile() sets it */
	enum status status = any != NULL ? compile(plan, any, &only, reterr) : error_no_memory(reterr);

	return status == STATUS_OK ? narrow(plan, plan->candidates, only, &plan->candidates, reterr) : status;
}

enum status
plan_widen(struct plan *plan, struct error *reterr)
{
	return match_all(plan, &plan->candidates, reterr);
}
