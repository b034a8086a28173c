/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/plan/to_invfile.h"

#include "base/clock.h"
#include "invfile/matcher.h"
#include "query/plan/to_xapian.h"
#include "store/schema.h"
#include "xapian-c/source.h"

/* A part of the tree that the file answers. */
struct part {
	struct file_parts *all;
	const struct matcher_node *root;
	struct matcher *matcher; /* of the match that is under way, or NULL */
	struct xc_source source;
	struct part *next;
};

struct file_parts {
	const struct store_reader *reader;
	const struct invfile *file;
	struct arena *arena;
	struct xc_database *db;
	struct bm25_collection collection;
	struct matcher_skip skip;
	struct matcher_tick tick;
	const struct store_touched *touched;
	bool is_weighted;
	bool is_whole;
	int64_t deadline_ns;
	struct part *parts;
	enum status status;
	struct error error;
};

static enum status
no_memory(struct error *reterr)
{
	return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory for the query's plan");
}

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
rewind_part(void *ctx)
{
	struct part *part = ctx;
	struct file_parts *all = part->all;

	matcher_free(part->matcher);
	part->matcher = NULL;
	return answer(part, matcher_new(all->file, &all->collection, part->root, &all->skip, &all->tick,
				all->is_weighted, &part->matcher, &all->error));
}

static enum status
next(void *ctx, double least, xc_docid *ret_docid)
{
	struct part *part = ctx;

	return answer(part, matcher_next(part->matcher, least, ret_docid, &part->all->error));
}

static enum status
seek(void *ctx, xc_docid docid, double least, xc_docid *ret_docid)
{
	struct part *part = ctx;

	return answer(part, matcher_seek(part->matcher, docid, least, ret_docid, &part->all->error));
}

static double
weight(void *ctx)
{
	return matcher_weight(((struct part *)ctx)->matcher);
}

/* ---- Operators -> the matcher's tree ---------------------------------------------------------- */

static bool
are_terms(const struct plan_op *op)
{
	for (uint32_t i = 0; i < op->n; i++) {
		if (op->children[i]->kind != OPERATOR_TERM || !schema_is_in_invfile(op->children[i]->term))
			return false;
	}
	return op->n > 0;
}

static bool
can_answer(const struct plan_op *op)
{
	switch (op->kind) {
	case OPERATOR_TERM: return schema_is_in_invfile(op->term);
	case OPERATOR_SYNONYM: return are_terms(op);
	case OPERATOR_AND:
	case OPERATOR_OR:
	case OPERATOR_FILTER:
	case OPERATOR_NEAR:
	case OPERATOR_PHRASE:
	case OPERATOR_SCALE: break;
	default: return false;
	}
	for (uint32_t i = 0; i < op->n; i++) {
		if (!can_answer(op->children[i]))
			return false;
	}
	return op->n > 0;
}

static enum matcher_op
matcher_op(enum operator_kind kind)
{
	switch (kind) {
	case OPERATOR_OR: return MATCHER_OR;
	case OPERATOR_NEAR: return MATCHER_NEAR;
	case OPERATOR_PHRASE: return MATCHER_PHRASE;
	case OPERATOR_SYNONYM: return MATCHER_SYNONYM;
	default: return MATCHER_AND;
	}
}

static enum status
convert_term(struct file_parts *all, const struct plan_op *op, struct matcher_node *node, struct error *reterr)
{
	node->op = MATCHER_TERM;
	node->term = op->term;
	return all->touched->has_any ? xc_database_termfreq(all->db, op->term, &node->documents, reterr) : STATUS_OK;
}

static enum status
convert(struct file_parts *all, const struct plan_op *op, double factor, const struct matcher_node **ret_node,
    struct error *reterr)
{
	struct matcher_node *node;
	const struct matcher_node **children;
	enum status status = STATUS_OK;

	if (op->kind == OPERATOR_SCALE)
		return convert(all, op->children[0], factor * op->factor, ret_node, reterr);
	node = arena_alloc(all->arena, sizeof(*node));
	children = arena_calloc(all->arena, op->n, sizeof(*children));
	if (node == NULL || children == NULL)
		return no_memory(reterr);
	*node = (struct matcher_node) {
		.op = matcher_op(op->kind), .factor = factor, .children = children, .n = op->n, .window = op->window
	};
	for (uint32_t i = 0; i < op->n && status == STATUS_OK; i++)
		status = convert(
		    all, op->children[i], op->kind == OPERATOR_FILTER && i > 0 ? 0.0 : factor, &children[i], reterr);
	if (status == STATUS_OK && op->kind == OPERATOR_TERM)
		status = convert_term(all, op, node, reterr);
	*ret_node = node;
	return status;
}

/* ---- The query -------------------------------------------------------------------------------- */

static enum status
make_source(struct file_parts *all, const struct plan_op *op, struct xc_query **ret_query, struct error *reterr)
{
	struct part *part = arena_alloc(all->arena, sizeof(*part));
	struct matcher_count count;
	enum status status;

	if (part == NULL)
		return no_memory(reterr);
	*part = (struct part) { .all = all, .next = all->parts };
	all->parts = part;
	status = convert(all, op, 1.0, &part->root, reterr);
	if (status == STATUS_OK && rewind_part(part) != STATUS_OK)
		status = file_parts_failure(all, reterr);
	if (status != STATUS_OK)
		return status;
	count = matcher_count(part->matcher);
	part->source = (struct xc_source) { .ctx = part,
		.rewind = rewind_part,
		.next = next,
		.seek = seek,
		.weight = weight,
		.weight_max = matcher_weight_max(part->matcher),
		.count_least = all->touched->has_any ? 0 : count.least,
		.count_estimate = count.estimate,
		.count_most = count.most };
	return xc_query_source(all->db, &part->source, ret_query, reterr);
}

/* The part asked of Xapian, for the documents that have changed since the file was made. */
static enum status
make_changed(struct file_parts *all, const struct plan_op *op, struct xc_query **ret_query, struct error *reterr)
{
	const struct store_touched *touched = all->touched;
	const struct xc_docids docids = { touched->words, touched->n_words, touched->n_set, touched->first };
	struct xc_query *whole = NULL;
	enum status status = to_xapian(op, NULL, all->arena, &whole, reterr);

	if (status == STATUS_OK)
		status = xc_query_docids_filter(whole, all->db, &docids, ret_query, reterr);
	xc_query_free(whole);
	return status;
}

static enum status
make_part(struct file_parts *all, const struct plan_op *op, struct xc_query **ret_query, struct error *reterr)
{
	struct xc_query *both[2] = { NULL };
	enum status status;

	if (!all->touched->has_any)
		return make_source(all, op, ret_query, reterr);
	status = make_source(all, op, &both[0], reterr);
	if (status == STATUS_OK)
		status = make_changed(all, op, &both[1], reterr);
	if (status == STATUS_OK)
		status = xc_query_combine(XC_OP_OR, (const struct xc_query *const *)both, 2, 0, ret_query, reterr);
	xc_query_free(both[0]);
	xc_query_free(both[1]);
	return status;
}

/* The hook of to_xapian(). */
static enum status
take(void *ctx, const struct plan_op *op, struct xc_query **ret_query, struct error *reterr)
{
	struct file_parts *all = ctx;

	if (can_answer(op))
		return make_part(all, op, ret_query, reterr);
	all->is_whole = false;
	return STATUS_OK;
}

static enum status
note_collection(struct file_parts *all, struct error *reterr)
{
	enum status status = xc_database_doccount(all->db, &all->collection.documents, reterr);

	if (status == STATUS_OK)
		status = xc_database_avlength(all->db, &all->collection.average_length, reterr);
	return status;
}

enum status
to_invfile(const struct store_reader *reader, const struct plan_op *operators, bool is_weighted, int64_t deadline_ns,
    struct arena *arena, struct xc_query **ret_query, struct file_parts **ret_parts, struct error *reterr)
{
	struct file_parts *all = arena_alloc(arena, sizeof(*all));
	struct to_xapian_hook hook = { take, all };
	enum status status;

	if (all == NULL)
		return no_memory(reterr);
	*all = (struct file_parts) { .reader = reader,
		.file = store_reader_invfile(reader),
		.arena = arena,
		.db = store_reader_database(reader),
		.touched = store_reader_touched(reader),
		.tick = { is_over, all },
		.is_weighted = is_weighted,
		.is_whole = true,
		.deadline_ns = deadline_ns };
	all->skip = (struct matcher_skip) { all->touched->words, all->touched->n_words };
	status = note_collection(all, reterr);
	if (status == STATUS_OK)
		status = to_xapian(operators, &hook, arena, ret_query, reterr);
	if (status == STATUS_OK)
		*ret_parts = all;
	else
		file_parts_free(all);
	return status;
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

bool
file_parts_changed(const struct file_parts *parts)
{
	return parts->touched->has_any;
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
	for (struct part *part = parts->parts; part != NULL; part = part->next)
		matcher_free(part->matcher);
	parts->parts = NULL;
}
