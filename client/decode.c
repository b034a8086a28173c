/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/decode.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"

/* No reply of at most REPLY_READ_BYTES that makes sense comes near these. */
enum { ARENA_BYTES = 64 * 1024 * 1024, MANY = 64 * 1024 };

/* What is returned: the public struct first, so that a pointer to it is a pointer to this. */
struct owner {
	union {
		struct voisin_result result;
		struct voisin_explanation explanation;
		struct voisin_suggestions suggestions;
		struct voisin_document document;
		struct voisin_reprints reprints;
	} as;
	json_t *root;
	struct arena *arena;
	char *json;
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

static struct voisin_str
text_of(const json_t *string)
{
	struct str s = json_str(string);

	return (struct voisin_str) { s.p, s.len };
}

static struct voisin_str
get_text(struct decoder *decoder, const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_string(value))
		refuse(decoder, key);
	return text_of(value);
}

/* The same of a member that is there only where it is not empty. */
static struct voisin_str
get_text_if_any(struct decoder *decoder, const json_t *object, const char *key)
{
	if (json_object_get(object, key) == NULL)
		return (struct voisin_str) { "", 0 };
	return get_text(decoder, object, key);
}

static uint64_t
get_count(struct decoder *decoder, const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (json_is_integer(value) && json_integer_value(value) >= 0)
		return (uint64_t)json_integer_value(value);
	refuse(decoder, key);
	return 0;
}

static double
get_number(struct decoder *decoder, const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_number(value))
		refuse(decoder, key);
	return json_number_value(value);
}

static bool
get_bool(struct decoder *decoder, const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_boolean(value))
		refuse(decoder, key);
	return json_is_true(value);
}

static enum voisin_zone
get_zone(struct decoder *decoder, const json_t *object)
{
	struct str zone = json_str(json_object_get(object, "zone"));

	if (!str_eq(zone, STR("title")) && !str_eq(zone, STR("text")))
		refuse(decoder, "zone");
	return str_eq(zone, STR("title")) ? VOISIN_TITLE : VOISIN_TEXT;
}

/*
 * The array `key` of `object`, and in *ret_items room for its items of `size` bytes.  NULL, with no
 * items to be read, where it is missing, too long, or something failed before.
 */
static const json_t *
get_array(struct decoder *decoder, const json_t *object, const char *key, size_t max, size_t size, void *ret_items)
{
	const json_t *array = json_object_get(object, key);
	void *items;

	if (!json_is_array(array) || json_array_size(array) > max)
		refuse(decoder, key);
	if (decoder->status != VOISIN_OK)
		return NULL;
	items = arena_calloc(decoder->arena, json_array_size(array), size);
	if (items == NULL) {
		decoder->status = VOISIN_NOMEM;
		return NULL;
	}
	memcpy(ret_items, &items, sizeof(items));
	return array;
}

static void
get_passage(struct decoder *decoder, const json_t *json, struct voisin_passage *passage)
{
	struct voisin_segment *segments = NULL;
	const json_t *array = get_array(decoder, json, "segments", MANY, sizeof(*segments), &segments);
	const json_t *item;
	size_t i;

	passage->zone = get_zone(decoder, json);
	passage->offset = get_count(decoder, json, "offset");
	passage->cut_before = get_bool(decoder, json, "cut_before");
	passage->cut_after = get_bool(decoder, json, "cut_after");
	json_array_foreach(array, i, item)
	{
		segments[i].text = get_text(decoder, item, "text");
		segments[i].mark = get_bool(decoder, item, "mark");
	}
	passage->segments = segments;
	passage->n_segments = json_array_size(array);
}

static void
get_span(struct decoder *decoder, const json_t *json, struct voisin_span *span)
{
	span->zone = get_zone(decoder, json);
	span->offset = get_count(decoder, json, "offset");
	span->length = get_count(decoder, json, "length");
}

static void
get_match(struct decoder *decoder, const json_t *json, struct voisin_match *match)
{
	struct voisin_span *spans = NULL;
	const json_t *array = get_array(decoder, json, "spans", MANY, sizeof(*spans), &spans);
	const json_t *item;
	size_t i;

	match->distance = get_count(decoder, json, "distance");
	get_span(decoder, json_object_get(json, "sentence"), &match->sentence);
	json_array_foreach(array, i, item) get_span(decoder, item, &spans[i]);
	match->spans = spans;
	match->n_spans = json_array_size(array);
}

static void
get_passages(struct decoder *decoder, const json_t *json, struct voisin_hit *hit)
{
	struct voisin_passage *passages = NULL;
	const json_t *array = get_array(decoder, json, "passages", MANY, sizeof(*passages), &passages);
	const json_t *item;
	size_t i;

	json_array_foreach(array, i, item) get_passage(decoder, item, &passages[i]);
	hit->passages = passages;
	hit->n_passages = json_array_size(array);
}

static void
get_matches(struct decoder *decoder, const json_t *json, struct voisin_hit *hit)
{
	struct voisin_match *matches = NULL;
	const json_t *array = get_array(decoder, json, "matches", MANY, sizeof(*matches), &matches);
	const json_t *item;
	size_t i;

	json_array_foreach(array, i, item) get_match(decoder, item, &matches[i]);
	hit->matches = matches;
	hit->n_matches = json_array_size(array);
	hit->total_matches = get_count(decoder, json, "total_matches");
}

static struct voisin_str
get_item_text(struct decoder *decoder, const json_t *item, const char *key)
{
	if (!json_is_string(item))
		refuse(decoder, key);
	return text_of(item);
}

/* An array of strings, which may be missing. */
static size_t
get_texts(struct decoder *decoder, const json_t *object, const char *key, const struct voisin_str **ret_texts)
{
	struct voisin_str *texts = NULL;
	const json_t *array, *item;
	size_t i;

	if (json_object_get(object, key) == NULL)
		return 0;
	array = get_array(decoder, object, key, MANY, sizeof(*texts), &texts);
	json_array_foreach(array, i, item) texts[i] = get_item_text(decoder, item, key);
	*ret_texts = texts;
	return json_array_size(array);
}

/* Reprints, where there are any. */
static void
get_group(struct decoder *decoder, const json_t *object, struct voisin_group *group)
{
	const json_t *json = json_object_get(object, "reprints");

	if (json == NULL)
		return;
	if (!json_is_object(json))
		refuse(decoder, "reprints");
	group->count = get_count(decoder, json, "count");
	group->more = get_bool(decoder, json, "more");
	group->n_ids = get_texts(decoder, json, "ids", &group->ids);
}

static void
get_hit(struct decoder *decoder, const json_t *json, const struct voisin_search *search, struct voisin_hit *hit)
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
	hit->has_distance = !json_is_null(json_object_get(json, "distance"));
	if (hit->has_distance)
		hit->distance = get_count(decoder, json, "distance");
	hit->unlisted = json_is_true(json_object_get(json, "unlisted"));
	get_passages(decoder, json, hit);
	if (search->matches > 0)
		get_matches(decoder, json, hit);
}

static void
get_total(struct decoder *decoder, const json_t *json, struct voisin_result *result)
{
	struct str relation = json_str(json_object_get(json, "relation"));

	if (!str_eq(relation, STR("eq")) && !str_eq(relation, STR("estimate")))
		refuse(decoder, "total");
	result->total = get_count(decoder, json, "value");
	result->total_exact = str_eq(relation, STR("eq"));
}

static void
get_cursor(struct decoder *decoder, const json_t *json, struct voisin_result *result)
{
	result->has_cursor = !json_is_null(json_object_get(json, "cursor"));
	if (result->has_cursor)
		result->cursor = get_text(decoder, json, "cursor");
}

/* What the reply tells of the query, besides its hits; all of it may be missing. */
static void
get_notes(struct decoder *decoder, const json_t *json, struct voisin_result *result)
{
	struct voisin_expansion *expanded = NULL;
	struct voisin_hint *hints = NULL;
	const json_t *array = NULL, *item;
	size_t i;

	if (json_object_get(json, "expanded") != NULL)
		array = get_array(decoder, json, "expanded", MANY, sizeof(*expanded), &expanded);
	json_array_foreach(array, i, item)
	{
		expanded[i].from = get_text(decoder, item, "from");
		expanded[i].n_to = get_texts(decoder, item, "to", &expanded[i].to);
	}
	result->expanded = expanded;
	result->n_expanded = json_array_size(array);
	array = NULL;
	if (json_object_get(json, "hints") != NULL)
		array = get_array(decoder, json, "hints", MANY, sizeof(*hints), &hints);
	json_array_foreach(array, i, item)
	{
		hints[i].word = get_text(decoder, item, "word");
		hints[i].n_loose = get_texts(decoder, item, "loose", &hints[i].loose);
	}
	result->hints = hints;
	result->n_hints = json_array_size(array);
	result->n_not_expanded = get_texts(decoder, json, "not_expanded", &result->not_expanded);
	result->n_suggestions = get_texts(decoder, json, "suggestions", &result->suggestions);
}

static void
get_result(
    struct decoder *decoder, const json_t *json, const struct voisin_search *search, struct voisin_result *result)
{
	struct voisin_hit *hits = NULL;
	const json_t *array, *item;
	size_t i;

	result->understood = get_text(decoder, json, "understood");
	result->generation = get_text(decoder, json, "generation");
	result->ms = get_number(decoder, json, "ms");
	get_total(decoder, json_object_get(json, "total"), result);
	result->has_articles = json_object_get(json, "articles") != NULL;
	if (result->has_articles)
		result->articles = get_count(decoder, json, "articles");
	get_notes(decoder, json, result);
	if (search->cursor != NULL)
		get_cursor(decoder, json, result);
	array = get_array(decoder, json, "hits", search->limit, sizeof(*hits), &hits);
	json_array_foreach(array, i, item) get_hit(decoder, item, search, &hits[i]);
	result->hits = hits;
	result->n_hits = json_array_size(array);
}

/* A value as text: a string as it is, anything else as JSON. */
static struct voisin_str
value_text(struct decoder *decoder, const json_t *value)
{
	struct str copy = { NULL, 0 };
	char *json;

	if (json_is_string(value))
		return text_of(value);
	json = json_dumps(value, REPLY_JSON_FLAGS | JSON_ENCODE_ANY);
	if (json != NULL)
		copy = arena_str(decoder->arena, str_of(json));
	free(json);
	if (copy.p == NULL)
		decoder->status = VOISIN_NOMEM;
	return (struct voisin_str) { copy.p, copy.len };
}

static void
get_attributes(struct decoder *decoder, json_t *json, struct voisin_node *node)
{
	struct voisin_attribute *attributes = arena_calloc(decoder->arena, json_object_size(json), sizeof(*attributes));
	const char *key;
	json_t *value;

	if (attributes == NULL) {
		decoder->status = VOISIN_NOMEM;
		return;
	}
	json_object_foreach(json, key, value)
	{
		if (strcmp(key, "kind") == 0 || strcmp(key, "children") == 0)
			continue;
		attributes[node->n_attributes].name = (struct voisin_str) { key, strlen(key) };
		attributes[node->n_attributes++].value = value_text(decoder, value);
	}
	node->attributes = attributes;
}

/* As deep as REPLY_JSON_DEPTH allowed. */
static void
get_node(struct decoder *decoder, json_t *json, struct voisin_node *node)
{
	struct voisin_node *children = NULL;
	const json_t *array = NULL;
	json_t *item;
	size_t i;

	node->kind = get_text(decoder, json, "kind");
	if (decoder->status == VOISIN_OK)
		get_attributes(decoder, json, node);
	if (json_object_get(json, "children") != NULL)
		array = get_array(decoder, json, "children", MANY, sizeof(*children), &children);
	json_array_foreach(array, i, item) get_node(decoder, item, &children[i]);
	node->children = children;
	node->n_children = json_array_size(array);
}

static void
free_owner(struct owner *owner)
{
	if (owner == NULL)
		return;
	json_decref(owner->root);
	arena_free(owner->arena);
	free(owner->json);
	free(owner);
}

/* A new owner that has taken the reply over; NULL without memory. */
static struct owner *
own(struct reply *reply)
{
	struct owner *owner = calloc(1, sizeof(*owner));

	if (owner == NULL || arena_new(ARENA_BYTES, &owner->arena) != STATUS_OK) {
		free(owner);
		reply_done(reply);
		return NULL;
	}
	owner->root = reply->root;
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

/* The result as the server sent it. */
static void
keep_json(struct decoder *decoder, struct owner *owner, const json_t *result, struct voisin_str *ret_json)
{
	owner->json = json_dumps(result, REPLY_JSON_FLAGS);
	if (owner->json == NULL)
		decoder->status = VOISIN_NOMEM;
	else
		*ret_json = (struct voisin_str) { owner->json, strlen(owner->json) };
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
	get_node(&decoder, json_object_get(reply->result, "tree"), &explanation->tree);
	keep_json(&decoder, owner, reply->result, &explanation->json);
	if (finish(&decoder, owner, ret_bad) != VOISIN_OK)
		return decoder.status;
	*ret_explanation = explanation;
	return VOISIN_OK;
}

static size_t
get_completions(
    struct decoder *decoder, const json_t *object, const char *key, const struct voisin_completion **ret_completions)
{
	struct voisin_completion *completions = NULL;
	const json_t *array = get_array(decoder, object, key, MANY, sizeof(*completions), &completions);
	const json_t *item;
	size_t i;

	json_array_foreach(array, i, item)
	{
		completions[i].q = get_text(decoder, item, "q");
		completions[i].word = get_text(decoder, item, "word");
		completions[i].documents = get_count(decoder, item, "documents");
	}
	*ret_completions = completions;
	return json_array_size(array);
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
	keep_json(&decoder, owner, reply->result, &suggestions->json);
	if (finish(&decoder, owner, ret_bad) != VOISIN_OK)
		return decoder.status;
	*ret_suggestions = suggestions;
	return VOISIN_OK;
}

/* All that is said of a document but what is said of the part of its text that is sent. */
static void
keep_fields(struct decoder *decoder, struct owner *owner, json_t *result, struct voisin_str *ret_json)
{
	static const char *const of_the_part[] = { "text", "offset", "bytes", "more" };
	json_t *fields = json_copy(result);

	for (size_t i = 0; i < sizeof(of_the_part) / sizeof(of_the_part[0]); i++)
		(void)json_object_del(fields, of_the_part[i]);
	keep_json(decoder, owner, fields, ret_json);
	json_decref(fields);
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
	keep_fields(&decoder, owner, reply->result, &document->json);
	if (finish(&decoder, owner, ret_bad) != VOISIN_OK)
		return decoder.status;
	*ret_document = document;
	return VOISIN_OK;
}

static void
get_copied_passage(struct decoder *decoder, const json_t *json, struct voisin_copied_passage *passage)
{
	passage->words = get_count(decoder, json, "words");
	passage->offset = get_count(decoder, json, "offset");
	passage->length = get_count(decoder, json, "length");
	passage->other_offset = get_count(decoder, json, "other_offset");
	passage->other_length = get_count(decoder, json, "other_length");
	passage->text = get_text(decoder, json, "text");
}

static void
get_copy(struct decoder *decoder, const json_t *json, struct voisin_copy *copy)
{
	struct voisin_copied_passage *passages = NULL;
	const json_t *array = get_array(decoder, json, "passages", MANY, sizeof(*passages), &passages);
	const json_t *item;
	size_t i;

	copy->id = get_text(decoder, json, "id");
	copy->title = get_text(decoder, json, "title");
	copy->date = get_text(decoder, json, "date");
	copy->source = get_text(decoder, json, "source");
	copy->url = get_text(decoder, json, "url");
	copy->words = get_count(decoder, json, "words");
	copy->share = get_number(decoder, json, "share");
	json_array_foreach(array, i, item) get_copied_passage(decoder, item, &passages[i]);
	copy->passages = passages;
	copy->n_passages = json_array_size(array);
}

static void
get_reprint(struct decoder *decoder, const json_t *json, struct voisin_reprint *reprint)
{
	reprint->id = get_text(decoder, json, "id");
	reprint->title = get_text(decoder, json, "title");
	reprint->date = get_text(decoder, json, "date");
	reprint->source = get_text(decoder, json, "source");
	reprint->url = get_text(decoder, json, "url");
	reprint->likeness = get_number(decoder, json, "likeness");
}

static void
get_reprints(struct decoder *decoder, const json_t *json, struct voisin_reprints *reprints)
{
	struct voisin_reprint *listed = NULL;
	struct voisin_copy *copies = NULL;
	const json_t *array = get_array(decoder, json, "reprints", MANY, sizeof(*listed), &listed);
	const json_t *item;
	size_t i;

	reprints->id = get_text(decoder, json, "id");
	reprints->title = get_text(decoder, json, "title");
	reprints->date = get_text(decoder, json, "date");
	reprints->source = get_text(decoder, json, "source");
	reprints->url = get_text(decoder, json, "url");
	reprints->total = get_count(decoder, json, "total");
	reprints->more = get_bool(decoder, json, "more");
	json_array_foreach(array, i, item) get_reprint(decoder, item, &listed[i]);
	reprints->reprints = listed;
	reprints->n_reprints = json_array_size(array);
	array = get_array(decoder, json, "copies", MANY, sizeof(*copies), &copies);
	json_array_foreach(array, i, item) get_copy(decoder, item, &copies[i]);
	reprints->copies = copies;
	reprints->n_copies = json_array_size(array);
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
	keep_json(&decoder, owner, reply->result, &owner->as.reprints.json);
	if (finish(&decoder, owner, ret_bad) != VOISIN_OK)
		return decoder.status;
	*ret_reprints = &owner->as.reprints;
	return VOISIN_OK;
}

enum voisin_status
decode_pong(struct reply *reply, struct voisin_pong *ret_pong, const char **ret_bad)
{
	struct decoder decoder = { .status = VOISIN_OK };
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
	return json_dumps(hit->json, REPLY_JSON_FLAGS);
}
