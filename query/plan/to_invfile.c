/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/plan/to_invfile.h"

#include "base/clock.h"
#include "query/plan/merged.h"
#include "query/plan/nodes.h"
#include "query/plan/synonyms.h"
#include "query/plan/to_xapian.h"
#include "store/schema.h"
#include "xapian-c/source.h"

/*
 * So many changed documents are looked at before a match begins, and what is found is kept: half a megabyte.  Where there are more,
 * or the file answers a part of the query alone, they are found in the match, beside the file's.
 */
enum { CHANGED_AHEAD = 32768 };

/* A part of the tree that the file answers, or of which the changed documents are found by lists of Xapian. */
struct part {
	struct file_parts *all;
	struct matcher *matcher; /* of the match that is under way, or NULL */
	bool has_begun; /* the matcher has made a step */
	const struct matcher_node *root; /* its tree */
	struct synonyms *synonyms; /* in the matcher's stead, or NULL */
	uint32_t docid; /* where they stand */
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
	struct synonyms_request synonyms; /* what all of them have in common */
	const struct store_touched *touched;
	bool is_weighted;
	bool is_whole;
	int64_t deadline_ns;
	struct part *parts;
	const struct plan_op *root;
	struct merged *merged; /* the source that answers all of the query where documents have changed, or NULL */
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

	if (part->matcher != NULL && !part->has_begun)
		return STATUS_OK;
	matcher_free(part->matcher);
	part->matcher = NULL;
	part->has_begun = false;
	return answer(part, matcher_new(all->file, &all->collection, part->root, &all->skip, &all->tick,
				all->is_weighted, &part->matcher, &all->error));
}

static enum status
next(void *ctx, double least, xc_docid *ret_docid)
{
	struct part *part = ctx;

	part->has_begun = true;
	return answer(part, matcher_next(part->matcher, least, ret_docid, &part->all->error));
}

static enum status
seek(void *ctx, xc_docid docid, double least, xc_docid *ret_docid)
{
	struct part *part = ctx;

	part->has_begun = true;
	return answer(part, matcher_seek(part->matcher, docid, least, ret_docid, &part->all->error));
}

static double
weight(void *ctx)
{
	return matcher_weight(((struct part *)ctx)->matcher);
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

static struct part *
add_part(struct file_parts *all)
{
	struct part *part = arena_alloc(all->arena, sizeof(*part));

	if (part == NULL)
		return NULL;
	*part = (struct part) { .all = all, .next = all->parts };
	all->parts = part;
	return part;
}

static enum status
make_source(
    struct file_parts *all, const struct plan_op *op, double factor, struct xc_query **ret_query, struct error *reterr)
{
	struct part *part = add_part(all);
	struct matcher_count count;
	enum status status;

	if (part == NULL)
		return no_memory(reterr);
	status = nodes_make(all->reader, op, factor, all->arena, &part->root, reterr);
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

static enum status
make_synonyms(struct file_parts *all, const struct plan_op *op, double factor, bool of_xapian,
    struct xc_query **ret_query, struct error *reterr)
{
	struct part *part = add_part(all);
	struct matcher_count count;
	enum status status;

	if (part == NULL)
		return no_memory(reterr);
	status = synonyms_new(&all->synonyms, op, factor, of_xapian, &part->synonyms, reterr);
	if (status != STATUS_OK)
		return status;
	count = synonyms_count(part->synonyms);
	part->source = (struct xc_source) { .ctx = part,
		.rewind = rewind_synonyms,
		.next = next_synonyms,
		.seek = seek_synonyms,
		.weight = weight_synonyms,
		.weight_max = synonyms_weight_max(part->synonyms),
		.count_least = all->touched->has_any ? 0 : count.least,
		.count_estimate = count.estimate,
		.count_most = count.most };
	return xc_query_source(all->db, &part->source, ret_query, reterr);
}

/* ---- Documents that have changed -------------------------------------------------------------- */

static bool
has_form(const struct plan_op *op)
{
	if (op->kind == OPERATOR_TERM)
		return schema_is_in_file_alone(op->term);
	for (uint32_t i = 0; i < op->n; i++) {
		if (has_form(op->children[i]))
			return true;
	}
	return false;
}

/* Operators whose children must be Xapian's own. */
static bool
is_closed(enum operator_kind kind)
{
	return kind == OPERATOR_SYNONYM || kind == OPERATOR_NEAR || kind == OPERATOR_PHRASE;
}

/* What can be answered only by lists that a lean index does not have: the plan is not to ask for it. */
static enum status
refuse(struct error *reterr)
{
	return error_set(
	    reterr, STATUS_INTERNAL, ERROR_NO_OFFSET, "a part of the query stands where no plan exists for it");
}

/* The hook of to_xapian() for the changed documents of a lean index: Xapian has not the frequencies of surface forms. */
static enum status
take_changed(void *ctx, const struct plan_op *op, double factor, struct xc_query **ret_query, struct error *reterr)
{
	struct file_parts *all = ctx;
	bool is_closed_form = is_closed(op->kind) && has_form(op);

	if (op->kind == OPERATOR_TERM ? schema_is_in_file_alone(op->term)
				      : is_closed_form && nodes_can_answer(op) && op->kind == OPERATOR_SYNONYM)
		return make_synonyms(all, op, factor, true, ret_query, reterr);
	return is_closed_form ? refuse(reterr) : STATUS_OK;
}

/* The part asked of Xapian, for the documents that have changed since the file was made. */
static enum status
make_changed(
    struct file_parts *all, const struct plan_op *op, double factor, struct xc_query **ret_query, struct error *reterr)
{
	const struct store_touched *touched = all->touched;
	const struct xc_docids docids = { touched->words, touched->n_words, touched->n_set, touched->first };
	const struct to_xapian_hook hook = { take_changed, all };
	const struct plan_op *scaled = operators_scale(all->arena, op, factor);
	struct xc_query *whole = NULL;
	enum status status;

	if (scaled == NULL)
		return no_memory(reterr);
	status = to_xapian(scaled, store_reader_is_lean(all->reader) ? &hook : NULL, all->arena, &whole, reterr);
	if (status == STATUS_OK)
		status = xc_query_docids_filter(whole, all->db, &docids, ret_query, reterr);
	xc_query_free(whole);
	return status;
}

/* How many there are at the most. */
static enum status
count_changed(const struct file_parts *all, uint32_t *ret_changed, struct error *reterr)
{
	const struct store_touched *touched = all->touched;
	xc_docid last;
	enum status status = xc_database_lastdocid(all->db, &last, reterr);

	if (status == STATUS_OK)
		*ret_changed = touched->n_set + (last >= touched->first ? last - touched->first + 1 : 0);
	return status;
}

/* The changed documents that the whole query has, with their scores, before the deadline. */
static enum status
find_changed(struct file_parts *all, uint32_t most, struct best *ret_best, struct error *reterr)
{
	struct xc_query *changed = NULL, *deadline = NULL, *both = NULL;
	enum status status = make_changed(all, all->root, 1.0, &changed, reterr);

	if (status == STATUS_OK && all->deadline_ns != 0) {
		status = xc_query_deadline((uint64_t)all->deadline_ns, &deadline, reterr);
		if (status == STATUS_OK)
			status = xc_query_combine(
			    XC_OP_FILTER, (const struct xc_query *const[]) { changed, deadline }, 2, 0, &both, reterr);
	}
	if (status == STATUS_OK)
		status = merged_find(
		    all->db, both != NULL ? both : changed, all->is_weighted, most, all->arena, ret_best, reterr);
	if (status == STATUS_CANCELLED && all->status != STATUS_OK)
		status = file_parts_failure(all, reterr);
	xc_query_free(both);
	xc_query_free(deadline);
	xc_query_free(changed);
	return status;
}

/* ---- The query -------------------------------------------------------------------------------- */

static enum status
make_unchanged(
    struct file_parts *all, const struct plan_op *op, double factor, struct xc_query **ret_query, struct error *reterr)
{
	if (nodes_can_answer(op))
		return make_source(all, op, factor, ret_query, reterr);
	return make_synonyms(all, op, factor, false, ret_query, reterr);
}

static enum status
make_part(
    struct file_parts *all, const struct plan_op *op, double factor, struct xc_query **ret_query, struct error *reterr)
{
	struct xc_query *both[2] = { NULL };
	enum status status;

	if (!all->touched->has_any)
		return make_unchanged(all, op, factor, ret_query, reterr);
	status = make_unchanged(all, op, factor, &both[0], reterr);
	if (status == STATUS_OK)
		status = make_changed(all, op, factor, &both[1], reterr);
	if (status == STATUS_OK)
		status = xc_query_combine(XC_OP_OR, (const struct xc_query *const *)both, 2, 0, ret_query, reterr);
	xc_query_free(both[0]);
	xc_query_free(both[1]);
	return status;
}

/* The same of the whole query, as one source. */
static enum status
make_whole(struct file_parts *all, const struct plan_op *op, uint32_t n_changed, struct xc_query **ret_query,
    struct error *reterr)
{
	struct merged *merged = arena_alloc(all->arena, sizeof(*merged));
	struct xc_query *unchanged = NULL;
	struct xc_source base;
	struct best changed;
	enum status status;

	if (merged == NULL)
		return no_memory(reterr);
	status = make_unchanged(all, op, 1.0, &unchanged, reterr);
	xc_query_free(unchanged);
	if (status != STATUS_OK)
		return status;
	base = all->parts->source; /* what was made last */
	status = find_changed(all, n_changed, &changed, reterr);
	if (status != STATUS_OK)
		return status;
	merged_make(merged, &base, changed.v, changed.n, all->collection.documents);
	all->merged = merged;
	return xc_query_source(all->db, &merged->source, ret_query, reterr);
}

/* Whether no index has a document for it: a prefix that begins no word stands in it. */
static bool
is_nothing(const struct plan_op *op)
{
	bool is_any = op->kind == OPERATOR_OR || op->kind == OPERATOR_SYNONYM;

	if (op->kind == OPERATOR_AND_NOT)
		return is_nothing(op->children[0]);
	for (uint32_t i = 0; i < op->n; i++) {
		if (is_nothing(op->children[i]) != is_any)
			return !is_any;
	}
	return is_any;
}

/* The hook of to_xapian(). */
static enum status
take(void *ctx, const struct plan_op *op, double factor, struct xc_query **ret_query, struct error *reterr)
{
	struct file_parts *all = ctx;
	bool can_answer = nodes_can_answer(op) || synonyms_can_answer(op);
	uint32_t n_changed = 0;
	enum status status = STATUS_OK;

	if (can_answer && op == all->root && all->touched->has_any)
		status = count_changed(all, &n_changed, reterr);
	if (status != STATUS_OK)
		return status;
	if (n_changed > 0 && n_changed <= CHANGED_AHEAD)
		return make_whole(all, op, n_changed, ret_query, reterr);
	if (can_answer)
		return make_part(all, op, factor, ret_query, reterr);
	all->is_whole = false;
	if (store_reader_is_lean(all->reader) && is_closed(op->kind) && !is_nothing(op))
		return refuse(reterr);
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
to_invfile(const struct store_reader *reader, struct lookups *lookups, const struct plan_op *operators,
    bool is_weighted, int64_t deadline_ns, struct arena *arena, struct xc_query **ret_query,
    struct file_parts **ret_parts, struct error *reterr)
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
		.root = operators,
		.deadline_ns = deadline_ns };
	if (all->touched->has_any)
		all->skip = (struct matcher_skip) { all->touched->words, all->touched->n_words };
	all->synonyms =
	    (struct synonyms_request) { reader, lookups, &all->collection, &all->skip, &all->tick, arena, is_weighted };
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
	return parts->touched->has_any && parts->merged == NULL;
}

const struct xc_source *
file_parts_source(const struct file_parts *parts)
{
	const struct part *part = parts->parts;

	if (parts->merged != NULL)
		return &parts->merged->source;
	return parts->is_whole && !file_parts_changed(parts) && part != NULL && part->next == NULL ? &part->source
												   : NULL;
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

static void
part_done(struct part *part)
{
	matcher_free(part->matcher);
	synonyms_free(part->synonyms);
}

void
file_parts_free(struct file_parts *parts)
{
	if (parts == NULL)
		return;
	for (struct part *part = parts->parts; part != NULL; part = part->next)
		part_done(part);
	parts->parts = NULL;
}
