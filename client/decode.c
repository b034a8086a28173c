/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/decode.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"

/* No reply of at most REPLY_READ_BYTES that makes sense comes near this. */
enum { MANY = 64 * 1024 };

/* What is returned: the public struct first, so that a pointer to it is a pointer to this. */
struct owner {
	union {
		struct voisin_result result;
		struct voisin_explanation explanation;
		struct voisin_suggestions suggestions;
		struct voisin_document document;
		struct voisin_reprints reprints;
	} as;
	struct arena *arena; /* the reply's */
};

/* Members are read one after the other; the first failure sticks. */
struct decoder {
	struct arena *arena;
	enum voisin_status status;
	const char *bad;
};

static void
refuse(struct decoder *decoder, const char *key)
{
	if (decoder->status != VOISIN_OK)
		return;
	decoder->status = VOISIN_PROTOCOL;
	decoder->bad = key;
}

/* A copy with a NUL behind it. */
static struct voisin_str
keep(struct decoder *decoder, struct str text)
{
	struct str kept = arena_str(decoder->arena, text);

	if (kept.p == NULL) {
		decoder->status = VOISIN_NOMEM;
		kept = STR("");
	}
	return (struct voisin_str) { kept.p, kept.len };
}

static struct voisin_str
get_text(struct decoder *decoder, const struct value *object, const char *key)
{
	const struct value *value = value_get(object, key);

	if (!value_is(value, VALUE_STRING))
		refuse(decoder, key);
	return keep(decoder, value_str(value));
}

/* The same of a member that is there only where it is not empty. */
static struct voisin_str
get_text_if_any(struct decoder *decoder, const struct value *object, const char *key)
{
	if (value_get(object, key) == NULL)
		return (struct voisin_str) { "", 0 };
	return get_text(decoder, object, key);
}

static uint64_t
get_count(struct decoder *decoder, const struct value *object, const char *key)
{
	const struct value *value = value_get(object, key);

	if (value_is(value, VALUE_INTEGER) && value->as.integer >= 0)
		return (uint64_t)value->as.integer;
	refuse(decoder, key);
	return 0;
}

static double
get_number(struct decoder *decoder, const struct value *object, const char *key)
{
	const struct value *value = value_get(object, key);

	if (value_is(value, VALUE_REAL))
		return value->as.real;
	if (value_is(value, VALUE_INTEGER))
		return (double)value->as.integer;
	refuse(decoder, key);
	return 0;
}

static bool
get_bool(struct decoder *decoder, const struct value *object, const char *key)
{
	const struct value *value = value_get(object, key);

	if (!value_is(value, VALUE_TRUE) && !value_is(value, VALUE_FALSE))
		refuse(decoder, key);
	return value_is(value, VALUE_TRUE);
}

static enum voisin_zone
get_zone(struct decoder *decoder, const struct value *object)
{
	struct str zone = value_str(value_get(object, "zone"));

	if (!str_eq(zone, STR("title")) && !str_eq(zone, STR("text")))
		refuse(decoder, "zone");
	return str_eq(zone, STR("title")) ? VOISIN_TITLE : VOISIN_TEXT;
}

/*
 * The array `key` of `object`, and in *ret_items room for its items of `size` bytes.  NULL, with no
 * items to be read, where it is missing, too long, or something failed before.
 */
static const struct value *
get_array(
    struct decoder *decoder, const struct value *object, const char *key, size_t max, size_t size, void *ret_items)
{
	const struct value *array = value_get(object, key);
	void *items;

	if (!value_is(array, VALUE_ARRAY) || value_count(array) > max)
		refuse(decoder, key);
	if (decoder->status != VOISIN_OK)
		return NULL;
	items = arena_calloc(decoder->arena, value_count(array), size);
	if (items == NULL) {
		decoder->status = VOISIN_NOMEM;
		return NULL;
	}
	memcpy(ret_items, &items, sizeof(items));
	return array;
}

static void
get_passage(struct decoder *decoder, const struct value *json, struct voisin_passage *passage)
{
	struct voisin_segment *segments = NULL;
	const struct value *array = get_array(decoder, json, "segments", MANY, sizeof(*segments), &segments);
	const struct value *item;
	size_t i;

	passage->zone = get_zone(decoder, json);
	passage->offset = get_count(decoder, json, "offset");
	passage->cut_before = get_bool(decoder, json, "cut_before");
	passage->cut_after = get_bool(decoder, json, "cut_after");
	value_foreach(array, i, item)
	{
		segments[i].text = get_text(decoder, item, "text");
		segments[i].mark = get_bool(decoder, item, "mark");
	}
	passage->segments = segments;
	passage->n_segments = value_count(array);
}

static void
get_span(struct decoder *decoder, const struct value *json, struct voisin_span *span)
{
	span->zone = get_zone(decoder, json);
	span->offset = get_count(decoder, json, "offset");
	span->length = get_count(decoder, json, "length");
}

static void
get_match(struct decoder *decoder, const struct value *json, struct voisin_match *match)
{
	struct voisin_span *spans = NULL;
	const struct value *array = get_array(decoder, json, "spans", MANY, sizeof(*spans), &spans);
	const struct value *item;
	size_t i;

	match->distance = get_count(decoder, json, "distance");
	get_span(decoder, value_get(json, "sentence"), &match->sentence);
	value_foreach(array, i, item) get_span(decoder, item, &spans[i]);
	match->spans = spans;
	match->n_spans = value_count(array);
}

static void
get_passages(struct decoder *decoder, const struct value *json, struct voisin_hit *hit)
{
	struct voisin_passage *passages = NULL;
	const struct value *array = get_array(decoder, json, "passages", MANY, sizeof(*passages), &passages);
	const struct value *item;
	size_t i;

	value_foreach(array, i, item) get_passage(decoder, item, &passages[i]);
	hit->passages = passages;
	hit->n_passages = value_count(array);
}

static void
get_matches(struct decoder *decoder, const struct value *json, struct voisin_hit *hit)
{
	struct voisin_match *matches = NULL;
	const struct value *array = get_array(decoder, json, "matches", MANY, sizeof(*matches), &matches);
	const struct value *item;
	size_t i;

	value_foreach(array, i, item) get_match(decoder, item, &matches[i]);
	hit->matches = matches;
	hit->n_matches = value_count(array);
	hit->total_matches = get_count(decoder, json, "total_matches");
}

static struct voisin_str
get_item_text(struct decoder *decoder, const struct value *item, const char *key)
{
	if (!value_is(item, VALUE_STRING))
		refuse(decoder, key);
	return keep(decoder, value_str(item));
}

/* An array of strings, which may be missing. */
static size_t
get_texts(struct decoder *decoder, const struct value *object, const char *key, const struct voisin_str **ret_texts)
{
	struct voisin_str *texts = NULL;
	const struct value *array, *item;
	size_t i;

	if (value_get(object, key) == NULL)
		return 0;
	array = get_array(decoder, object, key, MANY, sizeof(*texts), &texts);
	value_foreach(array, i, item) texts[i] = get_item_text(decoder, item, key);
	*ret_texts = texts;
	return value_count(array);
}

/* Reprints, where there are any. */
static void
get_group(struct decoder *decoder, const struct value *object, struct voisin_group *group)
{
	const struct value *json = value_get(object, "reprints");

	if (json == NULL)
		return;
	if (!value_is(json, VALUE_OBJECT))
		refuse(decoder, "reprints");
	group->count = get_count(decoder, json, "count");
	group->more = get_bool(decoder, json, "more");
	group->n_ids = get_texts(decoder, json, "ids", &group->ids);
}

static void
get_hit(struct decoder *decoder, const struct value *json, const struct voisin_search *search, struct voisin_hit *hit)
{
	hit->json = json;
	hit->id = get_text(decoder, json, "id");
	hit->score = get_number(decoder, json, "score");
	get_group(decoder, json, &hit->reprints);
	if (search->ids_only)
		return;
	hit->title = get_text(decoder, json, "title");
	hit->date = get_text(decoder, json, "date");
	hit->source = get_text(decoder, json, "source");
	hit->url = get_text(decoder, json, "url");
	hit->author = get_text_if_any(decoder, json, "author");
	hit->dated = get_text_if_any(decoder, json, "dated");
	hit->language = get_text_if_any(decoder, json, "language");
	hit->has_distance = !value_is(value_get(json, "distance"), VALUE_NULL);
	if (hit->has_distance)
		hit->distance = get_count(decoder, json, "distance");
	hit->unlisted = value_is(value_get(json, "unlisted"), VALUE_TRUE);
	get_passages(decoder, json, hit);
	if (search->matches > 0)
		get_matches(decoder, json, hit);
}

static void
get_total(struct decoder *decoder, const struct value *json, struct voisin_result *result)
{
	struct str relation = value_str(value_get(json, "relation"));

	if (!str_eq(relation, STR("eq")) && !str_eq(relation, STR("estimate")))
		refuse(decoder, "total");
	result->total = get_count(decoder, json, "value");
	result->total_exact = str_eq(relation, STR("eq"));
}

static void
get_cursor(struct decoder *decoder, const struct value *json, struct voisin_result *result)
{
	result->has_cursor = !value_is(value_get(json, "cursor"), VALUE_NULL);
	if (result->has_cursor)
		result->cursor = get_text(decoder, json, "cursor");
}

/* What the reply tells of the query, besides its hits; all of it may be missing. */
static void
get_notes(struct decoder *decoder, const struct value *json, struct voisin_result *result)
{
	struct voisin_expansion *expanded = NULL;
	struct voisin_hint *hints = NULL;
	const struct value *array = NULL, *item;
	size_t i;

	if (value_get(json, "expanded") != NULL)
		array = get_array(decoder, json, "expanded", MANY, sizeof(*expanded), &expanded);
	value_foreach(array, i, item)
	{
		expanded[i].from = get_text(decoder, item, "from");
		expanded[i].n_to = get_texts(decoder, item, "to", &expanded[i].to);
	}
	result->expanded = expanded;
	result->n_expanded = value_count(array);
	array = NULL;
	if (value_get(json, "hints") != NULL)
		array = get_array(decoder, json, "hints", MANY, sizeof(*hints), &hints);
	value_foreach(array, i, item)
	{
		hints[i].word = get_text(decoder, item, "word");
		hints[i].n_loose = get_texts(decoder, item, "loose", &hints[i].loose);
	}
	result->hints = hints;
	result->n_hints = value_count(array);
	result->n_not_expanded = get_texts(decoder, json, "not_expanded", &result->not_expanded);
	result->n_suggestions = get_texts(decoder, json, "suggestions", &result->suggestions);
}

static void
get_result(
    struct decoder *decoder, const struct value *json, const struct voisin_search *search, struct voisin_result *result)
{
	struct voisin_hit *hits = NULL;
	const struct value *array, *item;
	size_t i;

	result->understood = get_text(decoder, json, "understood");
	result->generation = get_text(decoder, json, "generation");
	result->ms = get_number(decoder, json, "ms");
	get_total(decoder, value_get(json, "total"), result);
	result->has_articles = value_get(json, "articles") != NULL;
	if (result->has_articles)
		result->articles = get_count(decoder, json, "articles");
	get_notes(decoder, json, result);
	if (search->cursor != NULL)
		get_cursor(decoder, json, result);
	array = get_array(decoder, json, "hits", search->limit, sizeof(*hits), &hits);
	value_foreach(array, i, item) get_hit(decoder, item, search, &hits[i]);
	result->hits = hits;
	result->n_hits = value_count(array);
}

/* A value as text: a string as it is, anything else as JSON. */
static struct voisin_str
value_text(struct decoder *decoder, const struct value *value)
{
	return keep(decoder, value_is(value, VALUE_STRING) ? value->as.text : value->source);
}

static void
get_attributes(struct decoder *decoder, const struct value *json, struct voisin_node *node)
{
	struct voisin_attribute *attributes = arena_calloc(decoder->arena, value_count(json), sizeof(*attributes));

	if (attributes == NULL) {
		decoder->status = VOISIN_NOMEM;
		return;
	}
	for (const struct value *member = value_first(json); member != NULL; member = member->next) {
		if (str_eq(member->key, STR("kind")) || str_eq(member->key, STR("children")))
			continue;
		attributes[node->n_attributes].name = keep(decoder, member->key);
		attributes[node->n_attributes++].value = value_text(decoder, member);
	}
	node->attributes = attributes;
}

/* As deep as REPLY_JSON_DEPTH allowed. */
static void
get_node(struct decoder *decoder, const struct value *json, struct voisin_node *node)
{
	struct voisin_node *children = NULL;
	const struct value *array = NULL;
	const struct value *item;
	size_t i;

	node->kind = get_text(decoder, json, "kind");
	if (decoder->status == VOISIN_OK)
		get_attributes(decoder, json, node);
	if (value_get(json, "children") != NULL)
		array = get_array(decoder, json, "children", MANY, sizeof(*children), &children);
	value_foreach(array, i, item) get_node(decoder, item, &children[i]);
	node->children = children;
	node->n_children = value_count(array);
}

static void
free_owner(struct owner *owner)
{
	if (owner == NULL)
		return;
	arena_free(owner->arena);
	free(owner);
}

/* A new owner that has taken the reply over; NULL without memory. */
static struct owner *
own(struct reply *reply)
{
	struct owner *owner = calloc(1, sizeof(*owner));

	if (owner == NULL) {
		reply_done(reply);
		return NULL;
	}
	owner->arena = reply->arena;
	return owner;
}

/* Ends decoding: the owner is freed where it failed. */
static enum voisin_status
finish(const struct decoder *decoder, struct owner *owner, const char **ret_bad)
{
	if (decoder->status == VOISIN_OK)
		return VOISIN_OK;
	*ret_bad = decoder->bad;
	free_owner(owner);
	return decoder->status;
}

enum voisin_status
decode_result(
    struct reply *reply, const struct voisin_search *search, struct voisin_result **ret_result, const char **ret_bad)
{
	struct owner *owner = own(reply);
	struct decoder decoder = { .status = VOISIN_OK };

	if (owner == NULL)
		return VOISIN_NOMEM;
	decoder.arena = owner->arena;
	get_result(&decoder, reply->result, search, &owner->as.result);
	if (finish(&decoder, owner, ret_bad) != VOISIN_OK)
		return decoder.status;
	*ret_result = &owner->as.result;
	return VOISIN_OK;
}

enum voisin_status
decode_explanation(struct reply *reply, struct voisin_explanation **ret_explanation, const char **ret_bad)
{
	struct owner *owner = own(reply);
	struct decoder decoder = { .status = VOISIN_OK };
	struct voisin_explanation *explanation;

	if (owner == NULL)
		return VOISIN_NOMEM;
	decoder.arena = owner->arena;
	explanation = &owner->as.explanation;
	explanation->understood = get_text(&decoder, reply->result, "understood");
	explanation->xapian = get_text(&decoder, reply->result, "xapian");
	explanation->index = get_text(&decoder, reply->result, "index");
	explanation->exact = get_bool(&decoder, reply->result, "exact");
	explanation->cost = get_count(&decoder, reply->result, "cost");
	explanation->generation = get_text(&decoder, reply->result, "generation");
	get_node(&decoder, value_get(reply->result, "tree"), &explanation->tree);
	explanation->json = keep(&decoder, reply->result->source);
	if (finish(&decoder, owner, ret_bad) != VOISIN_OK)
		return decoder.status;
	*ret_explanation = explanation;
	return VOISIN_OK;
}

static size_t
get_completions(struct decoder *decoder, const struct value *object, const char *key,
    const struct voisin_completion **ret_completions)
{
	struct voisin_completion *completions = NULL;
	const struct value *array = get_array(decoder, object, key, MANY, sizeof(*completions), &completions);
	const struct value *item;
	size_t i;

	value_foreach(array, i, item)
	{
		completions[i].q = get_text(decoder, item, "q");
		completions[i].word = get_text(decoder, item, "word");
		completions[i].documents = get_count(decoder, item, "documents");
	}
	*ret_completions = completions;
	return value_count(array);
}

enum voisin_status
decode_suggestions(struct reply *reply, struct voisin_suggestions **ret_suggestions, const char **ret_bad)
{
	struct owner *owner = own(reply);
	struct decoder decoder = { .status = VOISIN_OK };
	struct voisin_suggestions *suggestions;

	if (owner == NULL)
		return VOISIN_NOMEM;
	decoder.arena = owner->arena;
	suggestions = &owner->as.suggestions;
	suggestions->n_completions = get_completions(&decoder, reply->result, "completions", &suggestions->completions);
	suggestions->n_corrections = get_completions(&decoder, reply->result, "corrections", &suggestions->corrections);
	suggestions->generation = get_text(&decoder, reply->result, "generation");
	suggestions->ms = get_number(&decoder, reply->result, "ms");
	suggestions->json = keep(&decoder, reply->result->source);
	if (finish(&decoder, owner, ret_bad) != VOISIN_OK)
		return decoder.status;
	*ret_suggestions = suggestions;
	return VOISIN_OK;
}

static bool
is_of_the_part(struct str key)
{
	return str_eq(key, STR("text")) || str_eq(key, STR("offset")) || str_eq(key, STR("bytes")) ||
	       str_eq(key, STR("more"));
}

/* All that is said of a document but what is said of the part of its text that is sent. */
static struct voisin_str
get_fields(struct decoder *decoder, const struct value *result)
{
	struct voisin_str fields;
	struct buf out;

	/* A key may take six times its bytes when it is written again. */
	buf_init(&out, 6 * result->source.len);
	json_write_open(&out, '{');
	for (const struct value *member = value_first(result); member != NULL; member = member->next) {
		if (is_of_the_part(member->key))
			continue;
		json_write_string(&out, member->key);
		(void)buf_append_char(&out, ':');
		json_write_raw(&out, member->source);
	}
	json_write_close(&out, '}');
	if (buf_status(&out) != STATUS_OK)
		decoder->status = VOISIN_NOMEM;
	fields = keep(decoder, buf_str(&out));
	buf_done(&out);
	return fields;
}

enum voisin_status
decode_document(struct reply *reply, struct voisin_document **ret_document, const char **ret_bad)
{
	struct owner *owner = own(reply);
	struct decoder decoder = { .status = VOISIN_OK };
	struct voisin_document *document;

	if (owner == NULL)
		return VOISIN_NOMEM;
	decoder.arena = owner->arena;
	document = &owner->as.document;
	get_group(&decoder, reply->result, &document->reprints);
	document->id = get_text(&decoder, reply->result, "id");
	document->title = get_text(&decoder, reply->result, "title");
	document->date = get_text(&decoder, reply->result, "date");
	document->source = get_text(&decoder, reply->result, "source");
	document->url = get_text(&decoder, reply->result, "url");
	document->author = get_text_if_any(&decoder, reply->result, "author");
	document->dated = get_text_if_any(&decoder, reply->result, "dated");
	document->language = get_text_if_any(&decoder, reply->result, "language");
	document->text = get_text(&decoder, reply->result, "text");
	document->offset = get_count(&decoder, reply->result, "offset");
	document->bytes = get_count(&decoder, reply->result, "bytes");
	document->more = get_bool(&decoder, reply->result, "more");
	document->generation = get_text(&decoder, reply->result, "generation");
	document->json = get_fields(&decoder, reply->result);
	if (finish(&decoder, owner, ret_bad) != VOISIN_OK)
		return decoder.status;
	*ret_document = document;
	return VOISIN_OK;
}

static void
get_copied_passage(struct decoder *decoder, const struct value *json, struct voisin_copied_passage *passage)
{
	passage->words = get_count(decoder, json, "words");
	passage->offset = get_count(decoder, json, "offset");
	passage->length = get_count(decoder, json, "length");
	passage->other_offset = get_count(decoder, json, "other_offset");
	passage->other_length = get_count(decoder, json, "other_length");
	passage->text = get_text(decoder, json, "text");
}

static void
get_copy(struct decoder *decoder, const struct value *json, struct voisin_copy *copy)
{
	struct voisin_copied_passage *passages = NULL;
	const struct value *array = get_array(decoder, json, "passages", MANY, sizeof(*passages), &passages);
	const struct value *item;
	size_t i;

	copy->id = get_text(decoder, json, "id");
	copy->title = get_text(decoder, json, "title");
	copy->date = get_text(decoder, json, "date");
	copy->source = get_text(decoder, json, "source");
	copy->url = get_text(decoder, json, "url");
	copy->words = get_count(decoder, json, "words");
	copy->share = get_number(decoder, json, "share");
	value_foreach(array, i, item) get_copied_passage(decoder, item, &passages[i]);
	copy->passages = passages;
	copy->n_passages = value_count(array);
}

static void
get_reprint(struct decoder *decoder, const struct value *json, struct voisin_reprint *reprint)
{
	reprint->id = get_text(decoder, json, "id");
	reprint->title = get_text(decoder, json, "title");
	reprint->date = get_text(decoder, json, "date");
	reprint->source = get_text(decoder, json, "source");
	reprint->url = get_text(decoder, json, "url");
	reprint->likeness = get_number(decoder, json, "likeness");
}

static void
get_reprints(struct decoder *decoder, const struct value *json, struct voisin_reprints *reprints)
{
	struct voisin_reprint *listed = NULL;
	struct voisin_copy *copies = NULL;
	const struct value *array = get_array(decoder, json, "reprints", MANY, sizeof(*listed), &listed);
	const struct value *item;
	size_t i;

	reprints->id = get_text(decoder, json, "id");
	reprints->title = get_text(decoder, json, "title");
	reprints->date = get_text(decoder, json, "date");
	reprints->source = get_text(decoder, json, "source");
	reprints->url = get_text(decoder, json, "url");
	reprints->total = get_count(decoder, json, "total");
	reprints->more = get_bool(decoder, json, "more");
	value_foreach(array, i, item) get_reprint(decoder, item, &listed[i]);
	reprints->reprints = listed;
	reprints->n_reprints = value_count(array);
	array = get_array(decoder, json, "copies", MANY, sizeof(*copies), &copies);
	value_foreach(array, i, item) get_copy(decoder, item, &copies[i]);
	reprints->copies = copies;
	reprints->n_copies = value_count(array);
	reprints->more_copies = get_bool(decoder, json, "more_copies");
	reprints->generation = get_text(decoder, json, "generation");
	reprints->ms = get_number(decoder, json, "ms");
}

enum voisin_status
decode_reprints(struct reply *reply, struct voisin_reprints **ret_reprints, const char **ret_bad)
{
	struct owner *owner = own(reply);
	struct decoder decoder = { .status = VOISIN_OK };

	if (owner == NULL)
		return VOISIN_NOMEM;
	decoder.arena = owner->arena;
	get_reprints(&decoder, reply->result, &owner->as.reprints);
	owner->as.reprints.json = keep(&decoder, reply->result->source);
	if (finish(&decoder, owner, ret_bad) != VOISIN_OK)
		return decoder.status;
	*ret_reprints = &owner->as.reprints;
	return VOISIN_OK;
}

enum voisin_status
decode_pong(struct reply *reply, struct voisin_pong *ret_pong, const char **ret_bad)
{
	struct decoder decoder = { .arena = reply->arena, .status = VOISIN_OK };
	struct voisin_pong pong = { .protocol = 0 };
	struct voisin_str version = get_text(&decoder, reply->result, "version");
	uint64_t protocol = get_count(&decoder, reply->result, "protocol");

	if (version.len >= sizeof(pong.version))
		refuse(&decoder, "version");
	else
		memcpy(pong.version, version.p, version.len);
	if (protocol > INT_MAX)
		refuse(&decoder, "protocol");
	pong.protocol = (int)(protocol <= INT_MAX ? protocol : 0);
	reply_done(reply);
	*ret_bad = decoder.bad;
	if (decoder.status == VOISIN_OK)
		*ret_pong = pong;
	return decoder.status;
}

void
voisin_result_free(struct voisin_result *result)
{
	free_owner((struct owner *)(void *)result);
}

void
voisin_explanation_free(struct voisin_explanation *explanation)
{
	free_owner((struct owner *)(void *)explanation);
}

void
voisin_suggestions_free(struct voisin_suggestions *suggestions)
{
	free_owner((struct owner *)(void *)suggestions);
}

void
voisin_document_free(struct voisin_document *document)
{
	free_owner((struct owner *)(void *)document);
}

void
voisin_reprints_free(struct voisin_reprints *reprints)
{
	free_owner((struct owner *)(void *)reprints);
}

char *
voisin_hit_json(const struct voisin_hit *hit)
{
	const struct value *json = hit->json;

	return strndup(json->source.p, json->source.len);
}
