/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/plan/to_invfile.h"

#include "base/clock.h"
#include "query/plan/layered.h"
#include "query/plan/nodes.h"
#include "query/plan/synonyms.h"
#include "query/plan/to_xapian.h"

/* A part of the tree that the layers answer: one of both. */
struct part {
	struct file_parts *all;
	struct layered *layered;
	struct synonyms *synonyms;
	uint32_t docid; /* where they stand */
	struct xc_source source;
	struct part *next;
};

struct file_parts {
	struct xc_database *db;
	struct bm25_collection collection;
	struct matcher_tick tick;
	struct layered_request layered; /* what all parts have in common */
	struct synonyms_request synonyms;
	bool is_whole;
	int64_t deadline_ns;
	struct part *parts;
	enum status status;
	struct error error;
};

/* ---- What Xapian's match asks of a part ------------------------------------------------------- */

static bool
is_over(void *ctx)
{
	const struct file_parts *all = ctx;

	return all->deadline_ns != 0 && clock_mono_ns() >= all->deadline_ns;
}

static enum status
answer(struct part *part, enum status status)
{
	part->all->status = status;
	return status;
}

static enum status
rewind_layered(void *ctx)
{
	struct part *part = ctx;

	return answer(part, layered_rewind(part->layered, &part->all->error));
}

static enum status
next_layered(void *ctx, double least, xc_docid *ret_docid)
{
	struct part *part = ctx;

	return answer(part, layered_next(part->layered, least, ret_docid, &part->all->error));
}

static enum status
seek_layered(void *ctx, xc_docid docid, double least, xc_docid *ret_docid)
{
	struct part *part = ctx;

	return answer(part, layered_seek(part->layered, docid, least, ret_docid, &part->all->error));
}

static double
weight_layered(void *ctx)
{
	return layered_weight(((struct part *)ctx)->layered);
}

static enum status
rewind_synonyms(void *ctx)
{
	struct part *part = ctx;

	part->docid = 0;
	return answer(part, synonyms_rewind(part->synonyms, &part->all->error));
}

static enum status
seek_synonyms(void *ctx, xc_docid docid, double least, xc_docid *ret_docid)
{
	struct part *part = ctx;
	enum status status = answer(part, synonyms_seek(part->synonyms, docid, &part->docid, &part->all->error));

	(void)least;
	if (status == STATUS_OK)
		*ret_docid = part->docid;
	return status;
}

static enum status
next_synonyms(void *ctx, double least, xc_docid *ret_docid)
{
	return seek_synonyms(ctx, ((struct part *)ctx)->docid + 1, least, ret_docid);
}

static double
weight_synonyms(void *ctx)
{
	return synonyms_weight(((struct part *)ctx)->synonyms);
}

/* ---- Sources ---------------------------------------------------------------------------------- */

static enum status
make_query(struct file_parts *all, struct part *part, double weight_max, struct matcher_count count,
    struct xc_query **ret_query, struct error *reterr)
{
	part->source.ctx = part;
	part->source.weight_max = weight_max;
	part->source.count_least = count.least;
	part->source.count_estimate = count.estimate;
	part->source.count_most = count.most;
	return xc_query_source(all->db, &part->source, ret_query, reterr);
}

static enum status
make_layered(
    struct part *part, const struct plan_op *op, double factor, struct xc_query **ret_query, struct error *reterr)
{
	struct file_parts *all = part->all;
	const struct matcher_node *root;
	enum status status = nodes_make(all->layered.reader, op, factor, all->layered.arena, &root, reterr);

	if (status == STATUS_OK)
		status = layered_new(&all->layered, root, all->synonyms.is_weighted, &part->layered, reterr);
	if (status != STATUS_OK)
		return status;
	part->source = (struct xc_source) {
		.rewind = rewind_layered, .next = next_layered, .seek = seek_layered, .weight = weight_layered
	};
	return make_query(
	    all, part, layered_weight_max(part->layered), layered_count(part->layered), ret_query, reterr);
}

static enum status
make_synonyms(
    struct part *part, const struct plan_op *op, double factor, struct xc_query **ret_query, struct error *reterr)
{
	struct file_parts *all = part->all;
	enum status status = synonyms_new(&all->synonyms, op, factor, &part->synonyms, reterr);

	if (status != STATUS_OK)
		return status;
	part->source = (struct xc_source) {
		.rewind = rewind_synonyms, .next = next_synonyms, .seek = seek_synonyms, .weight = weight_synonyms
	};
	return make_query(
	    all, part, synonyms_weight_max(part->synonyms), synonyms_count(part->synonyms), ret_query, reterr);
}

/* ---- The query -------------------------------------------------------------------------------- */

/* Operators whose children must be Xapian's own. */
static bool
is_closed(enum operator_kind kind)
{
	return kind == OPERATOR_SYNONYM || kind == OPERATOR_NEAR || kind == OPERATOR_PHRASE;
}

/* The hook of to_xapian(). */
static enum status
take(void *ctx, const struct plan_op *op, double factor, struct xc_query **ret_query, struct error *reterr)
{
	struct file_parts *all = ctx;
	bool is_layered = nodes_can_answer(op);
	struct part *part;

	if (!is_layered && !synonyms_can_answer(op)) {
		all->is_whole = false;
		/*
		 * Over lists that Xapian does not have: the plan is not to ask for it.  A prefix that begins no word is a SYNONYM of nothing,
		 * which Xapian can have.
		 */
		if (is_closed(op->kind) && op->n > 0)
			return error_set(reterr, STATUS_INTERNAL, ERROR_NO_OFFSET,
			    "a part of the query stands where no plan exists for it");
		return STATUS_OK;
	}
	part = arena_alloc(all->layered.arena, sizeof(*part));
	if (part == NULL)
		return error_no_memory(reterr);
	*part = (struct part) { .all = all, .next = all->parts };
	all->parts = part;
	return is_layered ? make_layered(part, op, factor, ret_query, reterr)
			  : make_synonyms(part, op, factor, ret_query, reterr);
}

enum status
file_parts_new(const struct store_reader *reader, struct lookups *lookups, bool is_weighted, int64_t deadline_ns,
    struct arena *arena, struct file_parts **ret_parts, struct error *reterr)
{
	struct file_parts *all = arena_alloc(arena, sizeof(*all));
	enum status status;

	if (all == NULL)
		return error_no_memory(reterr);
	*all = (struct file_parts) { .db = store_reader_database(reader),
		.tick = { is_over, all },
		.layered = { reader, &all->collection, &all->tick, arena },
		.synonyms = { &all->layered, lookups, is_weighted },
		.is_whole = true,
		.deadline_ns = deadline_ns };
	status = xc_database_doccount(all->db, &all->collection.documents, reterr);
	if (status == STATUS_OK)
		status = xc_database_avlength(all->db, &all->collection.average_length, reterr);
	if (status == STATUS_OK)
		*ret_parts = all;
	return status;
}

enum status
to_invfile(struct file_parts *parts, const struct plan_op *operators, struct xc_query **ret_query, struct error *reterr)
{
	const struct to_xapian_hook hook = { take, parts };

	return to_xapian(operators, &hook, parts->layered.arena, ret_query, reterr);
}

bool
file_parts_whole(const struct file_parts *parts)
{
	return parts->is_whole;
}

bool
file_parts_none(const struct file_parts *parts)
{
	return parts->parts == NULL;
}

const struct xc_source *
file_parts_source(const struct file_parts *parts)
{
	const struct part *part = parts->parts;

	return parts->is_whole && part != NULL && part->next == NULL ? &part->source : NULL;
}

enum status
file_parts_failure(const struct file_parts *parts, struct error *reterr)
{
	if (parts == NULL || parts->status == STATUS_OK)
		return STATUS_OK;
	if (parts->status == STATUS_TIMEOUT)
		return error_set(reterr, STATUS_TIMEOUT, ERROR_NO_OFFSET, "the query took too long");
	if (reterr != NULL)
		*reterr = parts->error;
	return parts->status;
}

void
file_parts_free(struct file_parts *parts)
{
	if (parts == NULL)
		return;
	for (struct part *part = parts->parts; part != NULL; part = part->next) {
		layered_done(part->layered);
		synonyms_done(part->synonyms);
	}
	parts->parts = NULL;
}
