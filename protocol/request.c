/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "protocol/request.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/bounds.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "protocol/json.h"
#include "protocol/value.h"

/* Wire names by number. */
static const char *const operator_names[] = { "and", "or", NULL };
static const char *const accents_names[] = { "typed", "loose", "strict", NULL };
static const char *const sort_names[] = { "relevance", "date", "closeness", NULL };
static const char *const detail_names[] = { "hit", "id", NULL };
static const char *const total_names[] = { "estimate", "exact", NULL };

static const char *const message_keys[] = { "jsonrpc", "id", "method", "params", NULL };

/* The languages of messages, in the order of enum language. */
static const char *const lang_names[] = { "en", "fr", NULL };

/* The parameters of each method; all others are refused. */
static const char *const search_keys[] = { "q", "operator", "accents", "variants", "boilerplate", "sort", "limit",
	"offset", "cursor", "detail", "total", "fold", "passages", "matches", "lang", NULL };
static const char *const explain_keys[] = { "q", "operator", "accents", "variants", "boilerplate", "lang", NULL };
static const char *const suggest_keys[] = { "q", "limit", "lang", NULL };
static const char *const document_keys[] = { "id", "offset", "length", "lang", NULL };
static const char *const reprints_keys[] = { "id", "limit", "offset", "lang", NULL };
static const char *const auth_keys[] = { "token", "lang", NULL };
static const char *const no_keys[] = { NULL };

/* Reads parameters one after the other; the first failure sticks and makes all later reads idle. */
struct reader {
	struct arena *arena;
	const struct value *params; /* NULL where there are none */
	enum status status;
	struct error *reterr;
};

static const char *
name_at(const char *const *names, size_t count, unsigned i)
{
	return i < count ? names[i] : NULL;
}

const char *
request_operator_name(unsigned op)
{
	return name_at(operator_names, sizeof(operator_names) / sizeof(operator_names[0]), op);
}

const char *
request_accents_name(unsigned accents)
{
	return name_at(accents_names, sizeof(accents_names) / sizeof(accents_names[0]), accents);
}

const char *
request_sort_name(unsigned sort)
{
	return name_at(sort_names, sizeof(sort_names) / sizeof(sort_names[0]), sort);
}

void
request_init(struct request *request, enum method method)
{
	*request = (struct request) {
		.id = STR("null"),
		.method = method,
		.search = { .q = STR(""),
		    .cursor = STR(""),
		    .limit = method == METHOD_SUGGEST ? REQUEST_SUGGEST_DEFAULT : REQUEST_LIMIT_DEFAULT,
		    .fold = true,
		    .passages = REQUEST_PASSAGES_DEFAULT },
		.document = { .id = STR(""), .length = REQUEST_TEXT_BYTES_DEFAULT },
		.reprints = { .id = STR(""), .limit = REQUEST_REPRINTS_DEFAULT },
	};
}

/* A name from outside, fit to be shown in a message: short, and no control characters. */
struct shown {
	char text[64];
};

static struct shown
show(struct str name)
{
	struct shown shown;
	size_t off = 0, used = 0;

	while (off < name.len) {
		char bytes[4];
		uint32_t c = utf8_next(name, &off, NULL);
		bool is_control = c < 0x20 || (c >= 0x7F && c <= 0x9F);
		size_t length = utf8_encode(is_control ? UTF8_REPLACEMENT : c, bytes);

		if (used + length > sizeof(shown.text) - sizeof("...")) {
			memcpy(shown.text + used, "...", 3);
			used += 3;
			break;
		}
		memcpy(shown.text + used, bytes, length);
		used += length;
	}
	shown.text[used] = '\0';
	return shown;
}

/* Names as a message lists them; what does not fit into a message is left out. */
struct listed {
	char text[ERROR_MESSAGE_BYTES];
};

static struct listed
list(const char *const *names)
{
	struct listed listed = { .text = "" };
	size_t used = 0;

	for (size_t i = 0; names[i] != NULL && used + strlen(names[i]) + sizeof(", ") <= sizeof(listed.text); i++)
		used += (size_t)snprintf(
		    listed.text + used, sizeof(listed.text) - used, "%s%s", i > 0 ? ", " : "", names[i]);
	return listed;
}

static enum status
refuse_unknown_key(struct error *reterr, struct str key, const char *method, const char *const *known)
{
	struct shown shown = show(key);

	if (method == NULL)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "unknown member \"%s\": a request has %s",
		    shown.text, list(known).text);
	if (known[0] == NULL)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "unknown parameter \"%s\": %s takes none",
		    shown.text, method);
	return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "unknown parameter \"%s\": %s has %s", shown.text,
	    method, list(known).text);
}

/* Refuses any key of `object` that is not among `known`: parameters of `method`, or members of a request (NULL). */
static enum status
check_keys(const struct value *object, const char *method, const char *const *known, struct error *reterr)
{
	for (const struct value *member = value_first(object); member != NULL; member = member->next) {
		size_t i = 0;

		while (known[i] != NULL && !str_eq(str_of(known[i]), member->key))
			i++;
		if (known[i] == NULL)
			return refuse_unknown_key(reterr, member->key, method, known);
	}
	return STATUS_OK;
}

static void
fail(struct reader *reader, const char *name, const char *must)
{
	reader->status = error_set(reader->reterr, STATUS_INVALID, ERROR_NO_OFFSET, "%s must be %s", name, must);
}

/* The parameter's value; NULL where it is absent or a read failed before. */
static const struct value *
param(const struct reader *reader, const char *name)
{
	return reader->status == STATUS_OK ? value_get(reader->params, name) : NULL;
}

static bool
has_nul(struct str s)
{
	return s.len > 0 && memchr(s.p, '\0', s.len) != NULL;
}

static void
read_string(struct reader *reader, const char *name, struct str *value)
{
	const struct value *json = param(reader, name);
	struct str copy;

	if (json == NULL)
		return;
	if (!value_is(json, VALUE_STRING)) {
		fail(reader, name, tr("a string"));
		return;
	}
	if (has_nul(value_str(json))) {
		fail(reader, name, tr("a string without NUL characters"));
		return;
	}
	copy = arena_str(reader->arena, value_str(json));
	if (copy.p == NULL) {
		reader->status = error_set(reader->reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
		return;
	}
	*value = copy;
}

static void
read_required(struct reader *reader, const char *name, struct str *value)
{
	if (reader->status == STATUS_OK && value_get(reader->params, name) == NULL)
		reader->status =
		    error_set(reader->reterr, STATUS_INVALID, ERROR_NO_OFFSET, "the parameter %s is missing", name);
	read_string(reader, name, value);
}

static int64_t
read_int(struct reader *reader, const char *name, int64_t max, int64_t value)
{
	const struct value *json = param(reader, name);
	char must[64];

	if (json == NULL)
		return value;
	if (value_is(json, VALUE_INTEGER) && json->as.integer >= 0 && json->as.integer <= max)
		return json->as.integer;
	(void)snprintf(must, sizeof(must), tr("an integer from 0 to %lld"), (long long)max);
	fail(reader, name, must);
	return value;
}

static uint32_t
read_uint32(struct reader *reader, const char *name, uint32_t max, uint32_t value)
{
	return (uint32_t)read_int(reader, name, max, value);
}

/* The number of the name that the parameter holds; 0, the default, where it is absent. */
static unsigned
read_choice(struct reader *reader, const char *name, const char *const *names)
{
	const struct value *json = param(reader, name);

	if (json == NULL)
		return 0;
	for (unsigned i = 0; names[i] != NULL; i++) {
		if (value_is(json, VALUE_STRING) && str_eq(value_str(json), str_of(names[i])))
			return i;
	}
	reader->status =
	    error_set(reader->reterr, STATUS_INVALID, ERROR_NO_OFFSET, "%s must be one of %s", name, list(names).text);
	return 0;
}

static bool
read_bool(struct reader *reader, const char *name, bool value)
{
	const struct value *json = param(reader, name);

	if (json == NULL)
		return value;
	if (!value_is(json, VALUE_TRUE) && !value_is(json, VALUE_FALSE))
		fail(reader, name, tr("true or false"));
	return value_is(json, VALUE_TRUE);
}

static void
read_query(struct reader *reader, struct request_search *search)
{
	read_required(reader, "q", &search->q);
	search->op = (enum request_operator)read_choice(reader, "operator", operator_names);
	search->accents = (enum request_accents)read_choice(reader, "accents", accents_names);
	search->no_variants = !read_bool(reader, "variants", !search->no_variants);
	search->boilerplate = read_bool(reader, "boilerplate", search->boilerplate);
}

/* What single parameters cannot say: how those that choose the page go together. */
static void
check_window(struct reader *reader, const struct request_search *search)
{
	const char *other = value_get(reader->params, "offset") != NULL ? "offset"
			    : value_get(reader->params, "sort") != NULL ? "sort"
									: NULL;

	if (reader->status != STATUS_OK)
		return;
	if (search->has_cursor && other != NULL)
		reader->status = error_set(reader->reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "%s cannot be used with cursor, which walks all hits in index order", other);
	else if (search->cursor.len > REQUEST_CURSOR_BYTES)
		fail(reader, "cursor", tr("the cursor of an earlier reply, or empty"));
	else if (search->offset + search->limit > bound_get(BOUND_WINDOW))
		reader->status = error_set(reader->reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "offset + limit must be at most %d (limit window); a cursor walks further",
		    bound_get(BOUND_WINDOW));
}

static void
read_search(struct reader *reader, struct request *request)
{
	struct request_search *search = &request->search;

	read_query(reader, search);
	search->sort = (enum request_sort)read_choice(reader, "sort", sort_names);
	search->ids_only = read_choice(reader, "detail", detail_names) == 1;
	search->exact_total = read_choice(reader, "total", total_names) == 1;
	search->limit = read_uint32(
	    reader, "limit", search->ids_only ? bound_get(BOUND_IDS) : bound_get(BOUND_HITS), search->limit);
	search->offset = read_uint32(reader, "offset", bound_get(BOUND_WINDOW), search->offset);
	search->passages = read_uint32(reader, "passages", REQUEST_PASSAGES_MAX, search->passages);
	search->matches = read_uint32(reader, "matches", REQUEST_MATCHES_MAX, search->matches);
	search->has_cursor = param(reader, "cursor") != NULL;
	read_string(reader, "cursor", &search->cursor);
	search->fold = read_bool(reader, "fold", request_folds(search));
	check_window(reader, search);
}

static void
read_explain(struct reader *reader, struct request *request)
{
	read_query(reader, &request->search);
}

static void
read_suggest(struct reader *reader, struct request *request)
{
	read_required(reader, "q", &request->search.q);
	request->search.limit = read_uint32(reader, "limit", REQUEST_SUGGEST_MAX, REQUEST_SUGGEST_DEFAULT);
}

static void
read_document_id(struct reader *reader, struct str *id)
{
	read_required(reader, "id", id);
	if (reader->status == STATUS_OK && (id->len == 0 || id->len > LIMIT_ID_BYTES))
		reader->status = error_set(reader->reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "id must be a string of 1 to %d bytes", LIMIT_ID_BYTES);
}

static void
read_reprints(struct reader *reader, struct request *request)
{
	struct request_reprints *reprints = &request->reprints;

	read_document_id(reader, &reprints->id);
	reprints->limit = read_uint32(reader, "limit", REQUEST_REPRINTS_MAX, reprints->limit);
	reprints->offset = read_uint32(reader, "offset", LIMIT_REPRINTS, reprints->offset);
}

static void
read_document(struct reader *reader, struct request *request)
{
	struct request_document *document = &request->document;

	read_document_id(reader, &document->id);
	document->offset = (uint64_t)read_int(reader, "offset", INT64_MAX, (int64_t)document->offset);
	document->length = read_uint32(reader, "length", REQUEST_TEXT_BYTES_MAX, document->length);
}

static void
read_auth(struct reader *reader, struct request *request)
{
	read_required(reader, "token", &request->token);
	if (reader->status == STATUS_OK && (request->token.len == 0 || request->token.len > REQUEST_TOKEN_BYTES))
		reader->status = error_set(reader->reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "token must be a string of 1 to %d bytes", REQUEST_TOKEN_BYTES);
}

static const struct {
	const char *const *keys;
	void (*read)(struct reader *reader, struct request *request); /* NULL: no parameters */
} methods[METHOD_COUNT] = {
	[METHOD_SEARCH] = { search_keys, read_search },
	[METHOD_EXPLAIN] = { explain_keys, read_explain },
	[METHOD_SUGGEST] = { suggest_keys, read_suggest },
	[METHOD_DOCUMENT] = { document_keys, read_document },
	[METHOD_REPRINTS] = { reprints_keys, read_reprints },
	[METHOD_STATS] = { no_keys, NULL },
	[METHOD_AUTH] = { auth_keys, read_auth },
	[METHOD_PING] = { no_keys, NULL },
};

static enum status
parse_params(struct arena *arena, const struct value *params, struct request *request, struct error *reterr)
{
	struct reader reader = { .arena = arena, .params = params, .status = STATUS_OK, .reterr = reterr };
	enum status status;

	if (params != NULL && !value_is(params, VALUE_OBJECT))
		return error_set(
		    reterr, STATUS_INVALID, ERROR_NO_OFFSET, "params must be an object of named parameters");
	status = check_keys(params, method_name(request->method), methods[request->method].keys, reterr);
	if (status != STATUS_OK)
		return status;
	/* Its value was taken before all else. */
	(void)read_choice(&reader, "lang", lang_names);
	if (methods[request->method].read != NULL)
		methods[request->method].read(&reader, request);
	return reader.status;
}

/* Reads the id, so that even the refusal of all the rest can carry it. */
static enum status
parse_id(struct arena *arena, const struct value *id, struct str *ret_id, struct error *reterr)
{
	struct str text = value_str(id), copy;
	struct buf out;

	if (id == NULL)
		return error_set(
		    reterr, STATUS_INVALID, ERROR_NO_OFFSET, "the id is missing: notifications are not supported");
	if (!value_is(id, VALUE_INTEGER) && !value_is(id, VALUE_STRING) && !value_is(id, VALUE_NULL))
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "id must be an integer, a string or null");
	if (text.len > LIMIT_REQUEST_ID_BYTES)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "id must be at most %d bytes long",
		    LIMIT_REQUEST_ID_BYTES);
	if (has_nul(text))
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "id must be a string without NUL characters");
	buf_init(&out, 2 + 6 * LIMIT_REQUEST_ID_BYTES);
	if (value_is(id, VALUE_STRING))
		json_write_string(&out, text);
	else if (value_is(id, VALUE_INTEGER))
		json_write_int(&out, id->as.integer);
	else
		json_write_null(&out);
	copy = buf_status(&out) == STATUS_OK ? arena_str(arena, buf_str(&out)) : (struct str) { NULL, 0 };
	buf_done(&out);
	if (copy.p == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	*ret_id = copy;
	return STATUS_OK;
}

/* The frame around the parameters: JSON-RPC 2.0, section 4. */
static enum status
parse_frame(struct arena *arena, const struct value *root, struct request *request, struct error *reterr)
{
	enum status status;

	if (value_is(root, VALUE_ARRAY))
		return error_set(
		    reterr, STATUS_INVALID, ERROR_NO_OFFSET, "batches are not supported: one request a line");
	if (!value_is(root, VALUE_OBJECT))
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "a request must be a JSON object");
	status = parse_id(arena, value_get(root, "id"), &request->id, reterr);
	if (status != STATUS_OK)
		return status;
	status = check_keys(root, NULL, message_keys, reterr);
	if (status != STATUS_OK)
		return status;
	if (!str_eq(value_str(value_get(root, "jsonrpc")), STR("2.0")))
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "jsonrpc must be \"2.0\"");
	if (!value_is(value_get(root, "method"), VALUE_STRING))
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "method must be a string");
	return STATUS_OK;
}

/* Before anything can be refused, so that the refusal is in the language of whoever asks. */
static void
choose_language(const struct value *root, struct request *request)
{
	struct str lang = value_str(value_get(value_get(root, "params"), "lang"));

	for (unsigned i = 0; lang_names[i] != NULL; i++) {
		if (!str_eq(lang, str_of(lang_names[i])))
			continue;
		request->has_lang = true;
		request->lang = (enum language)i;
		(void)i18n_use(request->lang);
	}
}

static enum status
parse_root(
    struct arena *arena, const struct value *root, struct request *request, struct error *reterr, int *ret_rpc_code)
{
	enum status status;
	struct str method;

	choose_language(root, request);
	*ret_rpc_code = RPC_INVALID_REQUEST;
	status = parse_frame(arena, root, request, reterr);
	if (status != STATUS_OK)
		return status;
	method = value_str(value_get(root, "method"));
	*ret_rpc_code = RPC_METHOD_NOT_FOUND;
	if (!method_find(method, &request->method))
		return error_set(
		    reterr, STATUS_NOT_FOUND, ERROR_NO_OFFSET, "there is no method \"%s\"", show(method).text);
	*ret_rpc_code = RPC_INVALID_PARAMS;
	return parse_params(arena, value_get(root, "params"), request, reterr);
}

/* The JSON of a line; a refusal begins by saying of what it speaks. */
static enum status
read_line(struct arena *arena, struct str line, const struct value **ret_root, struct error *reterr)
{
	struct error why;
	enum status status;

	if (line.len > bound_get(BOUND_REQUEST_BYTES))
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "the request is longer than %d bytes",
		    bound_get(BOUND_REQUEST_BYTES));
	status = value_read(arena, line, bound_get(BOUND_JSON_DEPTH), bound_get(BOUND_JSON_KEYS), ret_root, &why);
	if (status == STATUS_INVALID || status == STATUS_LIMIT)
		return error_set(reterr, status, ERROR_NO_OFFSET, "the request cannot be read: %s", why.message);
	if (status != STATUS_OK)
		return error_set(reterr, status, ERROR_NO_OFFSET, "%s", why.message);
	return STATUS_OK;
}

enum status
request_parse(
    struct arena *arena, struct str line, struct request *ret_request, struct error *reterr, int *ret_rpc_code)
{
	const struct value *root;
	enum status status;

	request_init(ret_request, METHOD_PING);
	*ret_rpc_code = RPC_PARSE_ERROR;
	status = read_line(arena, line, &root, reterr);
	if (status == STATUS_OK)
		status = parse_root(arena, root, ret_request, reterr, ret_rpc_code);
	if (status == STATUS_LIMIT || status == STATUS_NOMEM)
		*ret_rpc_code = protocol_code(status);
	return status;
}
