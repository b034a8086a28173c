/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * request_write: the client's half of request.h.
 */
#include "protocol/json.h"
#include "protocol/request.h"

static void
write_choice(struct buf *out, const char *key, const char *name, unsigned number)
{
	if (number == 0)
		return;
	json_write_key(out, key);
	json_write_string(out, str_of(name));
}

static void
write_uint(struct buf *out, const char *key, uint64_t value, uint64_t usual)
{
	if (value == usual)
		return;
	json_write_key(out, key);
	json_write_uint(out, value);
}

static void
write_query(struct buf *out, const struct request_search *search)
{
	json_write_key(out, "q");
	json_write_string(out, search->q);
	write_choice(out, "operator", request_operator_name(search->op), search->op);
	write_choice(out, "accents", request_accents_name(search->accents), search->accents);
	if (search->no_variants) {
		json_write_key(out, "variants");
		json_write_bool(out, false);
	}
	if (search->boilerplate) {
		json_write_key(out, "boilerplate");
		json_write_bool(out, true);
	}
}

static void
write_search(struct buf *out, const struct request_search *search)
{
	write_query(out, search);
	write_choice(out, "sort", request_sort_name(search->sort), search->sort);
	write_choice(out, "detail", "id", search->ids_only);
	write_choice(out, "total", "exact", search->exact_total);
	if (search->fold != request_folds(search)) {
		json_write_key(out, "fold");
		json_write_bool(out, search->fold);
	}
	write_uint(out, "limit", search->limit, REQUEST_LIMIT_DEFAULT);
	write_uint(out, "offset", search->offset, 0);
	write_uint(out, "passages", search->passages, REQUEST_PASSAGES_DEFAULT);
	write_uint(out, "matches", search->matches, 0);
	if (search->has_cursor) {
		json_write_key(out, "cursor");
		json_write_string(out, search->cursor);
	}
}

static void
write_suggest(struct buf *out, const struct request_search *search)
{
	json_write_key(out, "q");
	json_write_string(out, search->q);
	write_uint(out, "limit", search->limit, REQUEST_SUGGEST_DEFAULT);
}

static void
write_document(struct buf *out, const struct request_document *document)
{
	json_write_key(out, "id");
	json_write_string(out, document->id);
	write_uint(out, "offset", document->offset, 0);
	write_uint(out, "length", document->length, REQUEST_TEXT_BYTES_DEFAULT);
}

static void
write_reprints(struct buf *out, const struct request_reprints *reprints)
{
	json_write_key(out, "id");
	json_write_string(out, reprints->id);
	write_uint(out, "limit", reprints->limit, REQUEST_REPRINTS_DEFAULT);
	write_uint(out, "offset", reprints->offset, 0);
}

static void
write_auth(struct buf *out, struct str token)
{
	json_write_key(out, "token");
	json_write_string(out, token);
}

static void
write_params(struct buf *out, const struct request *request)
{
	if (request->method == METHOD_STATS || request->method == METHOD_PING)
		return;
	json_write_key(out, "params");
	json_write_open(out, '{');
	if (request->method == METHOD_SEARCH)
		write_search(out, &request->search);
	else if (request->method == METHOD_EXPLAIN)
		write_query(out, &request->search);
	else if (request->method == METHOD_SUGGEST)
		write_suggest(out, &request->search);
	else if (request->method == METHOD_REPRINTS)
		write_reprints(out, &request->reprints);
	else if (request->method == METHOD_AUTH)
		write_auth(out, request->token);
	else
		write_document(out, &request->document);
	if (request->has_lang) {
		json_write_key(out, "lang");
		json_write_string(out, str_of(i18n_name(request->lang)));
	}
	json_write_close(out, '}');
}

enum status
request_write(struct buf *out, const struct request *request)
{
	json_write_open(out, '{');
	json_write_key(out, "jsonrpc");
	json_write_string(out, STR("2.0"));
	json_write_key(out, "id");
	json_write_raw(out, request->id);
	json_write_key(out, "method");
	json_write_string(out, str_of(method_name(request->method)));
	write_params(out, request);
	json_write_close(out, '}');
	return buf_append_char(out, '\n');
}
