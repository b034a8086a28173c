/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/handlers.h"

#include "base/bounds.h"
#include "base/clock.h"
#include "base/limits.h"
#include "daemon/answer.h"
#include "daemon/misbehave.h"
#include "protocol/json.h"
#include "protocol/reply.h"
#include "protocol/request.h"

enum { TRIES = 4, /* the first and three more after STATUS_STALE */ NS_PER_MS = 1000 * 1000 };
enum { DOUBTS = 2 /* the same generation opened anew, and another */ };

/* One request on its way through. */
struct call {
	const struct handlers *handlers;
	const struct request *request;
	int64_t began_ns;
	struct buf *out;
	uint32_t hits;
	bool cacheable;
	bool cached;
};

static struct search_params
search_params(const struct call *call)
{
	static const enum accents accents[] = {
		[REQUEST_ACCENTS_TYPED] = ACCENTS_TYPED,
		[REQUEST_ACCENTS_LOOSE] = ACCENTS_LOOSE,
		[REQUEST_ACCENTS_STRICT] = ACCENTS_STRICT,
	};
	static const enum search_sort sorts[] = {
		[REQUEST_SORT_RELEVANCE] = SEARCH_SORT_RELEVANCE,
		[REQUEST_SORT_DATE] = SEARCH_SORT_DATE,
		[REQUEST_SORT_CLOSENESS] = SEARCH_SORT_CLOSENESS,
	};
	const struct request_search *asked = &call->request->search;

	return (struct search_params) {
		.q = asked->q,
		.any = asked->op == REQUEST_OR,
		.accents = accents[asked->accents],
		.variants = asked->no_variants ? NULL : names_variants(call->handlers->names),
		.vocabulary = call->handlers->vocabulary,
		.sort = sorts[asked->sort],
		.limit = asked->limit,
		.offset = asked->offset,
		.all = asked->has_cursor,
		.cursor = asked->cursor,
		.ids_only = asked->ids_only,
		.exact_total = asked->exact_total,
		.boilerplate = asked->boilerplate,
		.fold = asked->fold,
		.passages = asked->passages,
		.matches = asked->matches,
		.deadline_ns = call->began_ns + (int64_t)call->handlers->soft_deadline_ms * NS_PER_MS,
	};
}

static enum status
handle_search(struct call *call, struct error *reterr)
{
	const struct handlers *handlers = call->handlers;
	struct search_params params = search_params(call);
	struct search_result result;
	enum status status =
	    search_run(handlers->reader, handlers->analyzer, &params, handlers->arena, &result, reterr);

	if (status != STATUS_OK)
		return status;
	call->hits = result.n_hits;
	answer_search(call->out, &call->request->search, &result, store_reader_stamp(handlers->reader),
	    (double)(clock_mono_ns() - call->began_ns) / NS_PER_MS);
	return STATUS_OK;
}

static enum status
handle_explain(struct call *call, struct error *reterr)
{
	const struct handlers *handlers = call->handlers;
	struct search_params params = search_params(call);
	struct search_explanation explanation;
	enum status status =
	    search_explain(handlers->reader, handlers->analyzer, &params, handlers->arena, &explanation, reterr);

	if (status == STATUS_OK)
		answer_explain(call->out, &explanation, store_reader_stamp(handlers->reader));
	return status;
}

static enum status
handle_suggest(struct call *call, struct error *reterr)
{
	const struct handlers *handlers = call->handlers;
	struct search_params params = search_params(call);
	struct suggest_completions completions;
	enum status status =
	    search_suggest(handlers->reader, handlers->analyzer, &params, handlers->arena, &completions, reterr);

	if (status != STATUS_OK)
		return status;
	call->hits = completions.n + completions.n_corrections;
	answer_suggest(call->out, &completions, store_reader_stamp(handlers->reader),
	    (double)(clock_mono_ns() - call->began_ns) / NS_PER_MS);
	return STATUS_OK;
}

static enum status
read_document(
    struct call *call, struct store_document *ret_document, struct search_reprints *ret_reprints, struct error *reterr)
{
	const struct handlers *handlers = call->handlers;
	uint32_t docid;
	enum status status = store_reader_refresh(handlers->reader, NULL, reterr);

	if (status == STATUS_OK)
		status = store_reader_find(handlers->reader, call->request->document.id, &docid, reterr);
	if (status == STATUS_OK)
		status = store_reader_document(handlers->reader, docid, handlers->arena, ret_document, reterr);
	if (status == STATUS_OK)
		status = reprints_of(handlers->reader, docid, handlers->arena, ret_reprints, reterr);
	return status;
}

static enum status
handle_reprints(struct call *call, struct error *reterr)
{
	const struct handlers *handlers = call->handlers;
	const struct request_reprints *asked = &call->request->reprints;
	const struct reprints_params params = { .id = asked->id,
		.limit = asked->limit,
		.offset = asked->offset,
		.deadline_ns = call->began_ns + (int64_t)handlers->soft_deadline_ms * NS_PER_MS };
	struct reprints_result result;
	enum status status =
	    reprints_run(handlers->reader, handlers->analyzer, &params, handlers->arena, &result, reterr);

	if (status != STATUS_OK)
		return status;
	call->hits = result.total;
	answer_reprints(call->out, &result, store_reader_stamp(handlers->reader),
	    (double)(clock_mono_ns() - call->began_ns) / NS_PER_MS);
	return STATUS_OK;
}

static enum status
handle_document(struct call *call, struct error *reterr)
{
	const struct request_document *asked = &call->request->document;
	struct store_document document;
	struct search_reprints reprints;
	enum status status = STATUS_STALE;

	for (int i = 0; i < TRIES && status == STATUS_STALE; i++)
		status = read_document(call, &document, &reprints, reterr);
	if (status != STATUS_OK)
		return status;
	call->hits = 1;
	answer_document(
	    call->out, &document, &reprints, asked->offset, asked->length, store_reader_stamp(call->handlers->reader));
	return STATUS_OK;
}

static enum status
handle_stats(struct call *call, struct error *reterr)
{
	const struct names *names = call->handlers->names;
	const struct variants *used = names_variants(names);
	const struct answer_variants variants = { used != NULL ? variants_n_groups(used) : 0, names_refused(names) };
	struct store_reader *reader = call->handlers->reader;
	struct store_stats stats;
	enum status status = STATUS_STALE;

	for (int i = 0; i < TRIES && status == STATUS_STALE; i++) {
		status = store_reader_refresh(reader, NULL, reterr);
		if (status == STATUS_OK)
			status = store_reader_stats(reader, &stats, reterr);
	}
	if (status == STATUS_OK)
		answer_index_stats(call->out, &stats, &variants, store_reader_stamp(reader));
	return status;
}

static enum status
handle_ping(struct call *call, struct error *reterr)
{
	(void)call;
	return error_set(reterr, STATUS_INTERNAL, ERROR_NO_OFFSET, "a ping came to a search process");
}

static enum status (*const handle[METHOD_COUNT])(struct call *call, struct error *reterr) = {
	[METHOD_SEARCH] = handle_search,
	[METHOD_EXPLAIN] = handle_explain,
	[METHOD_SUGGEST] = handle_suggest,
	[METHOD_DOCUMENT] = handle_document,
	[METHOD_REPRINTS] = handle_reprints,
	[METHOD_STATS] = handle_stats,
	[METHOD_AUTH] = handle_ping,
	[METHOD_PING] = handle_ping,
};

static void
write_error(struct buf *out, const struct request *request, int code, const struct error *error)
{
	struct str q = { "", 0 };

	if (request->method == METHOD_SEARCH || request->method == METHOD_EXPLAIN || request->method == METHOD_SUGGEST)
		q = request->search.q;
	buf_reset(out);
	/* An error is far shorter than the buffer's maximum: only memory can fail, and the worker sees that. */
	(void)!reply_error(out, request->id, code, error, q, 0);
}

/* ---- Replies that are kept ---- */

/* Whose replies depend on the request, the index and the names alone. */
static const bool is_kept[METHOD_COUNT] = { [METHOD_SEARCH] = true, [METHOD_EXPLAIN] = true, [METHOD_DOCUMENT] = true };

/* The request without its id: equal texts have equal replies. */
static enum status
write_key(const struct request *request, struct buf *key)
{
	struct request anonymous = *request;

	anonymous.id = STR("null");
	return request_write(key, &anonymous);
}

/* Brings the cache to the state of the index that the request is about to meet. */
static void
meet_index(const struct handlers *handlers)
{
	cache_use(handlers->cache, store_reader_changes(handlers->reader), names_revision(handlers->names));
}

/* Writes a reply that was kept; false where there is none. */
static bool
repeat(struct call *call, struct str key)
{
	const struct handlers *handlers = call->handlers;
	struct cache_value value;

	if (store_reader_refresh(handlers->reader, NULL, NULL) != STATUS_OK)
		return false;
	meet_index(handlers);
	if (!cache_get(handlers->cache, key, &value))
		return false;
	json_write_raw(call->out, value.bytes);
	if (call->request->method == METHOD_SEARCH)
		answer_ms(call->out, (double)(clock_mono_ns() - call->began_ns) / NS_PER_MS);
	call->hits = value.hits;
	return true;
}

/* Keeps the result that begins at `from`, if it would be the same the next time. */
static void
keep(struct call *call, struct str key, size_t from, uint64_t uses)
{
	struct cache_value value = { .bytes = { call->out->data + from, call->out->len - from }, .hits = call->hits };

	/* Corrections come of a list of words that may be half read yet. */
	if (buf_status(call->out) != STATUS_OK || vocabulary_uses(call->handlers->vocabulary) != uses)
		return;
	if (call->request->method == METHOD_SEARCH)
		value.bytes.len = answer_before_ms(value.bytes);
	meet_index(call->handlers);
	cache_put(call->handlers->cache, key, &value);
}

/* Whether the failure may be the index's.  A walk that says where it stopped may be stale by what its client says. */
static bool
may_be_damage(const struct request *request, enum status status)
{
	bool goes_on = request->method == METHOD_SEARCH && request->search.has_cursor && request->search.cursor.len > 0;

	return status != STATUS_OK && !(status == STATUS_STALE && goes_on);
}

/*
 * Runs the method.  What fails as it would on a damaged index is tried on the same one opened anew, and then on the one
 * before it, so that damage costs time and no request where there is something to go back to.
 */
static enum status
handle_or_doubt(struct call *call, struct error *reterr)
{
	struct store_reader *reader = call->handlers->reader;
	const struct request *request = call->request;
	enum status status = handle[request->method](call, reterr);

	for (int i = 0; i < DOUBTS && may_be_damage(request, status) && store_reader_doubt(reader, i > 0, reterr); i++)
		status = handle[request->method](call, reterr);
	return status;
}

/* Writes the result, kept or new. */
static enum status
answer(struct call *call, struct error *reterr)
{
	const struct request *request = call->request;
	uint64_t uses = vocabulary_uses(call->handlers->vocabulary);
	size_t from = call->out->len;
	struct buf key;
	enum status status;

	buf_init(&key, 2 * LIMIT_REQUEST_BYTES);
	call->cacheable = is_kept[request->method] && write_key(request, &key) == STATUS_OK;
	call->cached = call->cacheable && repeat(call, buf_str(&key));
	status = call->cached ? STATUS_OK : handle_or_doubt(call, reterr);
	if (status == STATUS_OK && call->cacheable && !call->cached)
		keep(call, buf_str(&key), from, uses);
	buf_done(&key);
	return status;
}

/* Runs a request that was understood. */
static enum status
run(struct call *call, struct error *reterr)
{
	const struct request *request = call->request;
	bool whole = request->method != METHOD_STATS;
	enum status status;

	if (misbehave("worker", request->search.q, reterr))
		return reterr->code;
	if (whole)
		reply_begin(call->out, request->id);
	status = answer(call, reterr);
	if (status != STATUS_OK)
		return status;
	status = whole ? reply_end(call->out) : buf_status(call->out);
	if (status == STATUS_LIMIT)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
		    "the reply is longer than %d bytes (limit reply_bytes); ask for fewer hits, passages or matches",
		    bound_get(BOUND_REPLY_BYTES));
	if (status != STATUS_OK)
		return error_set(reterr, status, ERROR_NO_OFFSET, "%s", status_text(status));
	return STATUS_OK;
}

void
handlers_run(const struct handlers *handlers, struct str line, struct buf *out, struct outcome *ret_outcome)
{
	struct request request;
	struct error error;
	int code;
	struct call call = {
		.handlers = handlers, .request = &request, .began_ns = clock_mono_ns(), .out = out, .hits = 0
	};
	enum language before = i18n_language();
	enum status status;

	arena_reset(handlers->arena);
	buf_reset(out);
	request_init(&request, METHOD_PING);
	status = request_parse(handlers->arena, line, &request, &error, &code);
	if (status == STATUS_OK) {
		status = run(&call, &error);
		code = protocol_code(status);
	}
	if (status != STATUS_OK)
		write_error(out, &request, code, &error);
	(void)i18n_use(before);
	*ret_outcome = (struct outcome) { .status = status,
		.hits = status == STATUS_OK ? call.hits : 0,
		.cacheable = call.cacheable && status == STATUS_OK,
		.cached = call.cached && status == STATUS_OK };
}
