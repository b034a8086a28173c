/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/plan/synonyms.h"

#include <stdlib.h>

#include "query/plan/frequency.h"
#include "query/plan/nodes.h"
#include "store/schema.h"

/* The terms that can stand at one place of a phrase. */
struct place {
	struct lookup **lists;
	uint32_t n;
};

/* A word or a phrase. */
struct member {
	const struct plan_op *op;
	struct place *places;
	uint32_t n;
	struct layered *layered;
	uint32_t docid; /* at which it stands; 0: before the first */
};

struct synonyms {
	const struct synonyms_request *request;
	struct member *members;
	uint32_t n;
	uint32_t docid;
	double weight; /* of a term that is everywhere in a document */
	double part; /* what of it the current document has */
	struct matcher_count count;
};

/* What the files were made for too, or they would not be used (store/layers.h). */
static const struct bm25 ranking = { BM25_K1, BM25_B, BM25_MIN_NORMLEN };

/* ---- What can be answered --------------------------------------------------------------------- */

/* Whether it is an OR of terms of the layers, or one. */
static bool
is_place(const struct plan_op *op)
{
	if (op->kind == OPERATOR_TERM)
		return schema_is_in_invfile(op->term);
	for (uint32_t i = 0; i < op->n; i++) {
		if (!is_place(op->children[i]))
			return false;
	}
	return op->kind == OPERATOR_OR && op->n > 0;
}

static bool
is_member(const struct plan_op *op)
{
	if (op->kind == OPERATOR_SCALE)
		return is_member(op->children[0]);
	if (op->kind != OPERATOR_PHRASE && op->kind != OPERATOR_NEAR && op->kind != OPERATOR_OR)
		return is_place(op);
	for (uint32_t i = 0; i < op->n; i++) {
		if (!(op->kind == OPERATOR_OR ? is_member(op->children[i]) : is_place(op->children[i])))
			return false;
	}
	return op->n > 0;
}

bool
synonyms_can_answer(const struct plan_op *op)
{
	for (uint32_t i = 0; i < op->n; i++) {
		if (!is_member(op->children[i]))
			return false;
	}
	return op->kind == OPERATOR_SYNONYM && op->n > 0;
}

/* ---- Frequencies ------------------------------------------------------------------------------ */

/* Of a term, or of an OR of them. */
static enum status
count_place(const struct synonyms *all, const struct plan_op *op, uint32_t *ret_documents, struct error *reterr)
{
	const struct layered_request *of = all->request->layered;
	uint32_t *documents;
	enum status status = STATUS_OK;

	if (op->kind == OPERATOR_TERM) {
		*ret_documents = op->documents;
		return op->documents > 0 ? STATUS_OK : frequency_of(of->reader, op->term, ret_documents, reterr);
	}
	documents = arena_calloc(of->arena, op->n, sizeof(*documents));
	if (documents == NULL)
		return error_no_memory(reterr);
	for (uint32_t i = 0; i < op->n && status == STATUS_OK; i++)
		status = count_place(all, op->children[i], &documents[i], reterr);
	if (status == STATUS_OK)
		*ret_documents = matcher_any_documents(documents, op->n, of->collection->documents);
	return status;
}

/* As Xapian takes it to be (ExactPhrasePostList and its like). */
static uint32_t
share_of(const struct plan_op *op, uint32_t documents)
{
	if (op->kind == OPERATOR_PHRASE)
		return documents / (op->window == op->n ? 4 : 3);
	return op->kind == OPERATOR_NEAR ? documents / 2 : documents;
}

static enum status
count_member(const struct synonyms *all, const struct member *member, uint32_t *ret_documents, struct error *reterr)
{
	const struct plan_op *op = member->op;
	double collection = all->request->layered->collection->documents, product = 0;
	uint32_t documents = 0;
	enum status status = STATUS_OK;

	if (op->kind == OPERATOR_TERM)
		return count_place(all, op, ret_documents, reterr);
	for (uint32_t i = 0; i < op->n && status == STATUS_OK; i++) {
		status = count_place(all, op->children[i], &documents, reterr);
		product = i == 0 ? documents : product * documents / collection;
	}
	*ret_documents = share_of(op, (uint32_t)(product + 0.5));
	return status;
}

static enum status
set_weight(struct synonyms *all, double factor, struct error *reterr)
{
	const struct bm25_collection *collection = all->request->layered->collection;
	uint32_t *documents = arena_calloc(all->request->layered->arena, all->n, sizeof(*documents)), n;
	enum status status = documents != NULL ? STATUS_OK : error_no_memory(reterr);

	for (uint32_t i = 0; i < all->n && status == STATUS_OK; i++)
		status = count_member(all, &all->members[i], &documents[i], reterr);
	if (status != STATUS_OK || collection->documents == 0)
		return status;
	n = matcher_any_documents(documents, all->n, collection->documents);
	n = n < collection->documents ? n : collection->documents;
	all->weight = bm25_term_weight(&ranking, collection->documents, n, factor);
	return STATUS_OK;
}

/* ---- Opening ---------------------------------------------------------------------------------- */

static uint32_t
count_members(const struct plan_op *op)
{
	uint32_t n = 0;

	if (op->kind != OPERATOR_SYNONYM && op->kind != OPERATOR_OR && op->kind != OPERATOR_SCALE)
		return 1;
	for (uint32_t i = 0; i < op->n; i++)
		n += count_members(op->children[i]);
	return n;
}

/* ORs are laid flat, as Xapian does. */
static void
list_members(struct synonyms *all, const struct plan_op *op)
{
	if (op->kind != OPERATOR_SYNONYM && op->kind != OPERATOR_OR && op->kind != OPERATOR_SCALE)
		all->members[all->n++] = (struct member) { .op = op };
	else
		for (uint32_t i = 0; i < op->n; i++)
			list_members(all, op->children[i]);
}

static enum status
open_lists(const struct synonyms *all, const struct plan_op *op, struct place *place, struct error *reterr)
{
	enum status status = STATUS_OK;

	if (op->kind == OPERATOR_TERM)
		return lookups_open(all->request->lookups, op->term, &place->lists[place->n++], reterr);
	for (uint32_t i = 0; i < op->n && status == STATUS_OK; i++)
		status = open_lists(all, op->children[i], place, reterr);
	return status;
}

static enum status
open_place(const struct synonyms *all, const struct plan_op *op, struct place *place, struct error *reterr)
{
	*place =
	    (struct place) { arena_calloc(all->request->layered->arena, count_members(op), sizeof(*place->lists)), 0 };
	return place->lists != NULL ? open_lists(all, op, place, reterr) : error_no_memory(reterr);
}

static enum status
open_member(const struct synonyms *all, struct member *member, struct error *reterr)
{
	const struct layered_request *of = all->request->layered;
	const struct plan_op *op = member->op;
	const struct matcher_node *node;
	enum status status = STATUS_OK;

	member->n = op->kind == OPERATOR_TERM ? 1 : op->n;
	member->places = arena_calloc(of->arena, member->n, sizeof(*member->places));
	if (member->places == NULL)
		return error_no_memory(reterr);
	for (uint32_t i = 0; i < member->n && status == STATUS_OK; i++)
		status = open_place(all, op->kind == OPERATOR_TERM ? op : op->children[i], &member->places[i], reterr);
	if (status == STATUS_OK)
		status = nodes_make(of->reader, op, 0.0, of->arena, &node, reterr);
	/* Its weight is that of all. */
	return status == STATUS_OK ? layered_new(of, node, false, &member->layered, reterr) : status;
}

static uint32_t
at_most(uint64_t n, uint32_t limit)
{
	return n < limit ? (uint32_t)n : limit;
}

/* Documents of either: what holds several is taken to be there by chance. */
static void
add_count(struct synonyms *all, const struct member *member)
{
	uint32_t documents = all->request->layered->collection->documents;
	struct matcher_count of = layered_count(member->layered), *count = &all->count;
	double both = (double)count->estimate * of.estimate / documents;

	count->least = of.least > count->least ? of.least : count->least;
	count->most = at_most((uint64_t)count->most + of.most, documents);
	count->estimate = at_most((uint64_t)((double)count->estimate + of.estimate - both + 0.5), count->most);
	count->estimate = count->estimate > count->least ? count->estimate : count->least;
}

enum status
synonyms_new(const struct synonyms_request *request, const struct plan_op *op, double factor,
    struct synonyms **ret_synonyms, struct error *reterr)
{
	struct arena *arena = request->layered->arena;
	struct synonyms *all = arena_alloc(arena, sizeof(*all));
	enum status status;

	if (all == NULL)
		return error_no_memory(reterr);
	*all = (struct synonyms) { .request = request };
	all->members = arena_calloc(arena, count_members(op), sizeof(*all->members));
	if (all->members == NULL)
		return error_no_memory(reterr);
	list_members(all, op);
	status = set_weight(all, factor, reterr);
	for (uint32_t i = 0; i < all->n && status == STATUS_OK; i++) {
		status = open_member(all, &all->members[i], reterr);
		if (status == STATUS_OK)
			add_count(all, &all->members[i]);
	}
	if (status == STATUS_OK)
		*ret_synonyms = all;
	else
		synonyms_done(all);
	return status;
}

void
synonyms_done(struct synonyms *all)
{
	for (uint32_t i = 0; all != NULL && i < all->n; i++)
		layered_done(all->members[i].layered);
}

enum status
synonyms_rewind(struct synonyms *all, struct error *reterr)
{
	enum status status = STATUS_OK;

	all->docid = 0;
	for (uint32_t i = 0; i < all->n && status == STATUS_OK; i++) {
		all->members[i].docid = 0;
		status = layered_rewind(all->members[i].layered, reterr);
	}
	return status;
}

/* ---- Documents -------------------------------------------------------------------------------- */

/* How often one of the terms stands there: those of the rarest place. */
static enum status
count_occurrences(const struct member *member, uint32_t docid, uint64_t *ret_wdf, struct error *reterr)
{
	uint64_t least = UINT64_MAX;

	for (uint32_t i = 0; i < member->n; i++) {
		const struct place *place = &member->places[i];
		uint64_t wdf = 0;

		for (uint32_t t = 0; t < place->n; t++) {
			uint32_t of_term;
			enum status status = lookup_wdf(place->lists[t], docid, &of_term, reterr);

			if (status != STATUS_OK)
				return status;
			wdf += of_term;
		}
		least = wdf < least ? wdf : least;
	}
	*ret_wdf = least;
	return STATUS_OK;
}

static enum status
weigh(struct synonyms *all, struct error *reterr)
{
	const double average = all->request->layered->collection->average_length;
	uint64_t sum = 0;
	uint32_t length;
	enum status status = lookups_length(all->request->lookups, all->docid, &length, reterr);

	for (uint32_t i = 0; i < all->n && status == STATUS_OK; i++) {
		uint64_t wdf = 0;

		if (all->members[i].docid == all->docid)
			status = count_occurrences(&all->members[i], all->docid, &wdf, reterr);
		sum += wdf;
	}
	/* A term that is there twice counts twice; Xapian stops at what the document has. */
	if (status == STATUS_OK)
		all->part = bm25_part(&ranking, average > 0 ? 1 / average : 0, at_most(sum, length), length);
	return status;
}

enum status
synonyms_seek(struct synonyms *all, uint32_t docid, uint32_t *ret_docid, struct error *reterr)
{
	uint32_t least = CURSOR_END;
	enum status status = STATUS_OK;

	for (uint32_t i = 0; i < all->n && status == STATUS_OK; i++) {
		struct member *member = &all->members[i];

		if (member->docid < docid)
			status = layered_seek(member->layered, docid, 0.0, &member->docid, reterr);
		least = member->docid < least ? member->docid : least;
	}
	all->docid = least;
	if (status == STATUS_OK && least != CURSOR_END && all->request->is_weighted)
		status = weigh(all, reterr);
	if (status == STATUS_OK)
		*ret_docid = least;
	return status;
}

double
synonyms_weight(const struct synonyms *all)
{
	return all->weight * all->part;
}

double
synonyms_weight_max(const struct synonyms *all)
{
	return all->request->is_weighted ? all->weight : 0;
}

struct matcher_count
synonyms_count(const struct synonyms *all)
{
	return all->count;
}
