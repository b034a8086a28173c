/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/voisin.h"

#include <stdlib.h>

#include "base/i18n.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "client/call.h"
#include "client/decode.h"
#include "client/failure.h"

void
voisin_search_init(struct voisin_search *search, const char *q)
{
	*search = (struct voisin_search) {
		.q = q,
		.limit = REQUEST_LIMIT_DEFAULT,
		.passages = REQUEST_PASSAGES_DEFAULT,
	};
}

/* The daemon would refuse it as JSON that cannot be read; here it can be said better. */
static enum voisin_status
check_text(const char *what, const char *text, struct voisin_error *reterr)
{
	struct str s = str_of(text);
	size_t valid = utf8_valid_prefix(s);

	if (text == NULL)
		return failure(reterr, VOISIN_INVALID, "there is no %s", tr(what));
	if (valid < s.len)
		return failure(reterr, VOISIN_INVALID, "the %s is not valid UTF-8 (byte %zu)", tr(what), valid + 1);
	return VOISIN_OK;
}

static enum voisin_status
check_bound(const char *what, unsigned value, unsigned max, struct voisin_error *reterr)
{
	if (value <= max)
		return VOISIN_OK;
	return failure(reterr, VOISIN_INVALID, "%s must be at most %u", what, max);
}

static enum voisin_status
fill_query(struct request *request, const struct voisin_search *search, struct voisin_error *reterr)
{
	if (request_accents_name(search->accents) == NULL)
		return failure(reterr, VOISIN_INVALID, "accents must be one of enum voisin_accents");
	request->search.q = str_of(search->q);
	request->search.no_variants = search->no_variants;
	request->search.boilerplate = search->boilerplate;
	request->search.op = search->any ? REQUEST_OR : REQUEST_AND;
	request->search.accents = (enum request_accents)search->accents;
	return check_text(N_("query"), search->q, reterr);
}

static enum voisin_status
fill_search(struct request *request, const struct voisin_search *search, struct voisin_error *reterr)
{
	struct request_search *wire = &request->search;
	enum voisin_status status = fill_query(request, search, reterr);

	if (status != VOISIN_OK)
		return status;
	if (request_sort_name(search->sort) == NULL)
		return failure(reterr, VOISIN_INVALID, "sort must be one of enum voisin_sort");
	if (search->fold > VOISIN_FOLD_NO)
		return failure(reterr, VOISIN_INVALID, "fold must be one of enum voisin_fold");
	if ((status = check_bound("limit", search->limit, search->ids_only ? LIMIT_IDS : LIMIT_HITS, reterr)) ||
	    (status = check_bound("offset", search->offset, LIMIT_WINDOW - search->limit, reterr)) ||
	    (status = check_bound("passages", search->passages, REQUEST_PASSAGES_MAX, reterr)) ||
	    (status = check_bound("matches", search->matches, REQUEST_MATCHES_MAX, reterr)))
		return status;
	if (search->cursor != NULL && (search->offset > 0 || search->sort != VOISIN_SORT_RELEVANCE))
		return failure(reterr, VOISIN_INVALID, "a walk over all hits takes neither offset nor sort");
	wire->sort = (enum request_sort)search->sort;
	wire->limit = search->limit;
	wire->offset = search->offset;
	wire->ids_only = search->ids_only;
	wire->exact_total = search->exact_total;
	wire->passages = search->passages;
	wire->matches = search->matches;
	wire->has_cursor = search->cursor != NULL;
	wire->cursor = str_of(search->cursor);
	wire->fold = search->fold == VOISIN_FOLD_USUAL ? request_folds(wire) : search->fold == VOISIN_FOLD_YES;
	return search->cursor != NULL ? check_text(N_("cursor"), search->cursor, reterr) : VOISIN_OK;
}

/* The end of a call whose reply was decoded: a failure of decoding is the server's fault. */
static enum voisin_status
decoded(struct voisin *voisin, enum voisin_status status, const char *bad, struct voisin_error *reterr)
{
	if (status == VOISIN_PROTOCOL)
		return call_refuse(voisin, bad, reterr);
	if (status == VOISIN_NOMEM)
		return failure_nomem(reterr);
	return status;
}

enum voisin_status
voisin_search(struct voisin *voisin, const struct voisin_search *search, struct voisin_result **ret_result,
    struct voisin_error *reterr)
{
	struct request request;
	struct reply reply;
	enum voisin_status status;
	const char *bad = NULL;

	request_init(&request, METHOD_SEARCH);
	status = fill_search(&request, search, reterr);
	if (status == VOISIN_OK)
		status = call(voisin, &request, &reply, reterr);
	if (status != VOISIN_OK)
		return status;
	status = decode_result(&reply, search, ret_result, &bad);
	return decoded(voisin, status, bad, reterr);
}

enum voisin_status
voisin_explain(struct voisin *voisin, const struct voisin_search *search, struct voisin_explanation **ret_explanation,
    struct voisin_error *reterr)
{
	struct request request;
	struct reply reply;
	enum voisin_status status;
	const char *bad = NULL;

	request_init(&request, METHOD_EXPLAIN);
	status = fill_query(&request, search, reterr);
	if (status == VOISIN_OK)
		status = call(voisin, &request, &reply, reterr);
	if (status != VOISIN_OK)
		return status;
	status = decode_explanation(&reply, ret_explanation, &bad);
	return decoded(voisin, status, bad, reterr);
}

enum voisin_status
voisin_suggest(struct voisin *voisin, const char *text, unsigned limit, struct voisin_suggestions **ret_suggestions,
    struct voisin_error *reterr)
{
	struct request request;
	struct reply reply;
	enum voisin_status status;
	const char *bad = NULL;

	request_init(&request, METHOD_SUGGEST);
	request.search.q = str_of(text);
	if (limit > 0)
		request.search.limit = limit;
	status = check_text(N_("text"), text, reterr);
	if (status == VOISIN_OK)
		status = check_bound("limit", limit, REQUEST_SUGGEST_MAX, reterr);
	if (status == VOISIN_OK)
		status = call(voisin, &request, &reply, reterr);
	if (status != VOISIN_OK)
		return status;
	status = decode_suggestions(&reply, ret_suggestions, &bad);
	return decoded(voisin, status, bad, reterr);
}

static enum voisin_status
check_id(const char *id, struct voisin_error *reterr)
{
	enum voisin_status status = check_text(N_("id"), id, reterr);

	if (status == VOISIN_OK && (id[0] == '\0' || strlen(id) > LIMIT_ID_BYTES))
		status = failure(reterr, VOISIN_INVALID, "an id is of 1 to %d bytes", LIMIT_ID_BYTES);
	return status;
}

enum voisin_status
voisin_reprints(struct voisin *voisin, const char *id, unsigned limit, unsigned offset,
    struct voisin_reprints **ret_reprints, struct voisin_error *reterr)
{
	struct request request;
	struct reply reply;
	enum voisin_status status = check_id(id, reterr);
	const char *bad = NULL;

	request_init(&request, METHOD_REPRINTS);
	request.reprints.id = str_of(id);
	request.reprints.offset = offset;
	if (limit > 0)
		request.reprints.limit = limit;
	if (status == VOISIN_OK)
		status = check_bound("limit", limit, REQUEST_REPRINTS_MAX, reterr);
	if (status == VOISIN_OK)
		status = check_bound("offset", offset, LIMIT_REPRINTS, reterr);
	if (status == VOISIN_OK)
		status = call(voisin, &request, &reply, reterr);
	if (status != VOISIN_OK)
		return status;
	status = decode_reprints(&reply, ret_reprints, &bad);
	return decoded(voisin, status, bad, reterr);
}

enum voisin_status
voisin_document(struct voisin *voisin, const char *id, uint64_t offset, unsigned length,
    struct voisin_document **ret_document, struct voisin_error *reterr)
{
	struct request request;
	struct reply reply;
	enum voisin_status status;
	const char *bad = NULL;

	request_init(&request, METHOD_DOCUMENT);
	request.document.id = str_of(id);
	request.document.offset = offset;
	if (length > 0)
		request.document.length = length;
	status = check_id(id, reterr);
	if (status == VOISIN_OK && offset > INT64_MAX)
		status = failure(reterr, VOISIN_INVALID, "offset is too large");
	if (status == VOISIN_OK)
		status = check_bound("length", length, REQUEST_TEXT_BYTES_MAX, reterr);
	if (status == VOISIN_OK)
		status = call(voisin, &request, &reply, reterr);
	if (status != VOISIN_OK)
		return status;
	status = decode_document(&reply, ret_document, &bad);
	return decoded(voisin, status, bad, reterr);
}

enum voisin_status
voisin_stats(struct voisin *voisin, char **ret_json, struct voisin_error *reterr)
{
	struct request request;
	struct reply reply;
	enum voisin_status status;
	char *json;

	request_init(&request, METHOD_STATS);
	status = call(voisin, &request, &reply, reterr);
	if (status != VOISIN_OK)
		return status;
	json = strndup(reply.result->source.p, reply.result->source.len);
	reply_done(&reply);
	if (json == NULL)
		return failure_nomem(reterr);
	*ret_json = json;
	return VOISIN_OK;
}

enum voisin_status
voisin_ping(struct voisin *voisin, struct voisin_pong *ret_pong, struct voisin_error *reterr)
{
	struct request request;
	struct reply reply;
	enum voisin_status status;
	const char *bad = NULL;

	request_init(&request, METHOD_PING);
	status = call(voisin, &request, &reply, reterr);
	if (status != VOISIN_OK)
		return status;
	status = decode_pong(&reply, ret_pong, &bad);
	return decoded(voisin, status, bad, reterr);
}
