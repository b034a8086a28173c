/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/answer.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/bounds.h"
#include "base/limits.h"
#include "protocol/json.h"
#include "store/aside.h"

enum { DATE_BYTES = 16, ENVELOPE_BYTES = 64 * 1024 /* of a reply about a document, besides its text */ };

static void
member_string(struct buf *out, const char *key, struct str value)
{
	json_write_key(out, key);
	json_write_string(out, value);
}

static void
member_uint(struct buf *out, const char *key, uint64_t value)
{
	json_write_key(out, key);
	json_write_uint(out, value);
}

static void
member_bool(struct buf *out, const char *key, bool value)
{
	json_write_key(out, key);
	json_write_bool(out, value);
}

static void
member_number(struct buf *out, const char *key, double value)
{
	json_write_key(out, key);
	json_write_number(out, value);
}

static void
member_strings(struct buf *out, const char *key, const struct str *values, uint32_t n)
{
	json_write_key(out, key);
	json_write_open(out, '[');
	for (uint32_t i = 0; i < n; i++)
		json_write_string(out, values[i]);
	json_write_close(out, ']');
}

/* What not every document has. */
static void
member_unless_empty(struct buf *out, const char *key, struct str value)
{
	if (value.len > 0)
		member_string(out, key, value);
}

static void
write_origin(struct buf *out, const struct store_document *document)
{
	member_string(out, "url", document->url);
	member_unless_empty(out, "author", document->author);
	member_unless_empty(out, "dated", document->dated);
	member_unless_empty(out, "language", document->language);
}

/* ---- search ---- */

static struct str
zone_name(enum search_zone zone)
{
	return zone == SEARCH_TITLE ? STR("title") : STR("text");
}

static void
write_passage(struct buf *out, const struct search_passage *passage)
{
	json_write_open(out, '{');
	member_string(out, "zone", zone_name(passage->zone));
	member_uint(out, "offset", passage->off);
	member_bool(out, "cut_before", passage->cut_before);
	member_bool(out, "cut_after", passage->cut_after);
	json_write_key(out, "segments");
	json_write_open(out, '[');
	for (uint32_t i = 0; i < passage->n_segments; i++) {
		json_write_open(out, '{');
		member_string(out, "text", passage->segments[i].text);
		member_bool(out, "mark", passage->segments[i].mark);
		json_write_close(out, '}');
	}
	json_write_close(out, ']');
	json_write_close(out, '}');
}

static void
write_span(struct buf *out, const struct search_span *span)
{
	json_write_open(out, '{');
	member_string(out, "zone", zone_name(span->zone));
	member_uint(out, "offset", span->off);
	member_uint(out, "length", span->len);
	json_write_close(out, '}');
}

static void
write_match(struct buf *out, const struct search_match *match)
{
	json_write_open(out, '{');
	member_uint(out, "distance", match->distance);
	json_write_key(out, "spans");
	json_write_open(out, '[');
	for (uint32_t i = 0; i < match->n_spans; i++)
		write_span(out, &match->spans[i]);
	json_write_close(out, ']');
	json_write_key(out, "sentence");
	write_span(out, &match->sentence);
	json_write_close(out, '}');
}

static void
write_matches(struct buf *out, const struct search_hit *hit)
{
	json_write_key(out, "matches");
	json_write_open(out, '[');
	for (uint32_t i = 0; i < hit->n_matches; i++)
		write_match(out, &hit->matches[i]);
	json_write_close(out, ']');
	member_uint(out, "total_matches", hit->total_matches);
}

static void
write_details(struct buf *out, const struct search_hit *hit)
{
	member_string(out, "title", hit->document.title);
	member_string(out, "date", hit->document.date);
	member_string(out, "source", hit->document.source);
	write_origin(out, &hit->document);
	json_write_key(out, "distance");
	if (hit->has_distance)
		json_write_uint(out, hit->distance);
	else
		json_write_null(out);
	if (hit->unlisted)
		member_bool(out, "unlisted", true);
	json_write_key(out, "passages");
	json_write_open(out, '[');
	for (uint32_t i = 0; i < hit->n_passages; i++)
		write_passage(out, &hit->passages[i]);
	json_write_close(out, ']');
}

/* Reprints of a document, where it has any. */
static void
write_reprints(struct buf *out, const struct search_reprints *reprints)
{
	if (reprints->count == 0)
		return;
	json_write_key(out, "reprints");
	json_write_open(out, '{');
	member_uint(out, "count", reprints->count);
	member_bool(out, "more", reprints->more);
	member_strings(out, "ids", reprints->ids, reprints->n_ids);
	json_write_close(out, '}');
}

static void
write_hit(struct buf *out, const struct request_search *request, const struct search_hit *hit)
{
	json_write_open(out, '{');
	member_string(out, "id", hit->document.id);
	member_number(out, "score", hit->score);
	if (!request->ids_only)
		write_details(out, hit);
	if (!request->ids_only && request->matches > 0)
		write_matches(out, hit);
	write_reprints(out, &hit->reprints);
	json_write_close(out, '}');
}

static void
write_total(struct buf *out, const struct search_result *result)
{
	json_write_key(out, "total");
	json_write_open(out, '{');
	member_uint(out, "value", result->total);
	member_string(out, "relation", result->relation == SEARCH_TOTAL_EXACT ? STR("eq") : STR("estimate"));
	json_write_close(out, '}');
}

/* Names that were searched for in other spellings too, and those that a limit left alone. */
static void
write_expanded(struct buf *out, const struct expansion *expansion)
{
	json_write_open(out, '{');
	member_string(out, "from", expansion->from);
	member_strings(out, "to", expansion->to, expansion->n_to);
	json_write_close(out, '}');
}

static void
write_expansions(struct buf *out, const struct expansions *expansions)
{
	uint32_t n_done = 0;

	for (uint32_t i = 0; i < expansions->n; i++) {
		if (expansions->v[i].n_to == 0)
			continue;
		if (n_done++ == 0) {
			json_write_key(out, "expanded");
			json_write_open(out, '[');
		}
		write_expanded(out, &expansions->v[i]);
	}
	if (n_done > 0)
		json_write_close(out, ']');
	if (n_done == expansions->n)
		return;
	json_write_key(out, "not_expanded");
	json_write_open(out, '[');
	for (uint32_t i = 0; i < expansions->n; i++) {
		if (expansions->v[i].n_to == 0)
			json_write_string(out, expansions->v[i].from);
	}
	json_write_close(out, ']');
}

/* Words for which accents: loose would find more, and queries that may have been meant. */
static void
write_notes(struct buf *out, const struct search_result *result)
{
	if (result->hints.n > 0) {
		json_write_key(out, "hints");
		json_write_open(out, '[');
		for (uint32_t i = 0; i < result->hints.n; i++) {
			const struct suggest_hint *hint = &result->hints.v[i];

			json_write_open(out, '{');
			member_string(out, "word", hint->word);
			member_strings(out, "loose", hint->loose, hint->n_loose);
			json_write_close(out, '}');
		}
		json_write_close(out, ']');
	}
	if (result->suggestions.n > 0)
		member_strings(out, "suggestions", result->suggestions.v, result->suggestions.n);
}

size_t
answer_before_ms(struct str result)
{
	static const char member[] = ",\"ms\":";
	size_t at = result.len;

	/* Behind it are a number and a bracket alone, so that the first from the end is the one. */
	while (at > 0 && !str_has_prefix((struct str) { result.p + at, result.len - at }, STR(member)))
		at--;
	return at;
}

void
answer_ms(struct buf *out, double ms)
{
	member_number(out, "ms", ms);
	json_write_close(out, '}');
}

void
answer_search(struct buf *out, const struct request_search *request, const struct search_result *result,
    struct str generation, double ms)
{
	json_write_open(out, '{');
	member_string(out, "understood", result->understood);
	write_expansions(out, &result->expansions);
	write_notes(out, result);
	write_total(out, result);
	if (result->has_articles)
		member_uint(out, "articles", result->articles);
	json_write_key(out, "hits");
	json_write_open(out, '[');
	for (uint32_t i = 0; i < result->n_hits && buf_status(out) == STATUS_OK; i++)
		write_hit(out, request, &result->hits[i]);
	json_write_close(out, ']');
	if (request->has_cursor) {
		json_write_key(out, "cursor");
		if (result->cursor.len > 0)
			json_write_string(out, result->cursor);
		else
			json_write_null(out);
	}
	member_string(out, "generation", generation);
	answer_ms(out, ms);
}

/* ---- explain ---- */

/* 20161207 -> "2016-12-07"; an open end is "". */
static void
member_day(struct buf *out, const char *key, uint32_t day)
{
	char text[DATE_BYTES] = "";

	if (day != 0)
		(void)snprintf(text, sizeof(text), "%04" PRIu32 "-%02" PRIu32 "-%02" PRIu32, day / 10000,
		    day / 100 % 100, day % 100);
	member_string(out, key, str_of(text));
}

static void
write_word(struct buf *out, const struct node *node)
{
	member_string(out, "text", node->text);
	member_string(out, "form", node->form == FORM_EXACT ? STR("exact") : STR("stem"));
	if (node->accents != WORD_ACCENTS_ASKED)
		member_string(out, "accents", node->accents == WORD_ACCENTS_LOOSE ? STR("loose") : STR("strict"));
	if (node->form == FORM_EXACT) {
		member_string(out, "folded", node->folded);
		return;
	}
	json_write_key(out, "stems");
	json_write_open(out, '[');
	for (uint32_t i = 0; i < node->n_stems; i++)
		json_write_string(out, node->stems[i]);
	json_write_close(out, ']');
}

/* What a node of this kind has besides its children. */
static void
write_particulars(struct buf *out, const struct node *node)
{
	switch (node->kind) {
	case NODE_WORD: write_word(out, node); break;
	case NODE_PREFIX:
	case NODE_SOURCE: member_string(out, "folded", node->folded); break;
	case NODE_DATE:
		member_day(out, "first", node->first_day);
		member_day(out, "last", node->last_day);
		break;
	case NODE_PHRASE:
	case NODE_NEAR:
	case NODE_ADJ:
	case NODE_NOT_NEAR:
	case NODE_FIRST: member_uint(out, "distance", node->distance); break;
	case NODE_AT_LEAST: member_uint(out, "count", node->distance); break;
	case NODE_BOOST: member_number(out, "boost", node->boost); break;
	case NODE_FIELD: member_string(out, "field", STR("title")); break;
	case NODE_ANY:
	case NODE_OR:
		if (node->variants)
			member_bool(out, "variants", true);
		break;
	case NODE_SENT:
	case NODE_PARA:
	case NODE_AND:
	case NODE_NOT: break;
	}
}

/* Depth is bounded by LIMIT_QUERY_DEPTH. */
static void
write_node(struct buf *out, const struct node *node)
{
	json_write_open(out, '{');
	member_string(out, "kind", str_of(node_kind_name(node->kind)));
	member_uint(out, "offset", node->off);
	member_uint(out, "length", node->len);
	write_particulars(out, node);
	if (node->n_children > 0) {
		json_write_key(out, "children");
		json_write_open(out, '[');
		for (uint32_t i = 0; i < node->n_children; i++)
			write_node(out, node->children[i]);
		json_write_close(out, ']');
	}
	json_write_close(out, '}');
}

void
answer_explain(struct buf *out, const struct search_explanation *explanation, struct str generation)
{
	json_write_open(out, '{');
	member_string(out, "understood", explanation->understood);
	write_expansions(out, &explanation->expansions);
	json_write_key(out, "tree");
	write_node(out, explanation->query->root);
	member_string(out, "xapian", explanation->xapian);
	member_string(out, "index", str_of(plan_index_name(explanation->index)));
	member_bool(out, "exact", explanation->exact);
	member_uint(out, "cost", explanation->cost);
	member_string(out, "generation", generation);
	json_write_close(out, '}');
}

/* ---- suggest ---- */

static void
write_completions(struct buf *out, const char *key, const struct suggest_completion *completions, uint32_t n)
{
	json_write_key(out, key);
	json_write_open(out, '[');
	for (uint32_t i = 0; i < n; i++) {
		json_write_open(out, '{');
		member_string(out, "q", completions[i].q);
		member_string(out, "word", completions[i].word);
		member_uint(out, "documents", completions[i].documents);
		json_write_close(out, '}');
	}
	json_write_close(out, ']');
}

void
answer_suggest(struct buf *out, const struct suggest_completions *completions, struct str generation, double ms)
{
	json_write_open(out, '{');
	write_completions(out, "completions", completions->v, completions->n);
	write_completions(out, "corrections", completions->corrections, completions->n_corrections);
	member_string(out, "generation", generation);
	member_number(out, "ms", ms);
	json_write_close(out, '}');
}

/* ---- document ---- */

/* The place at or before `at` where a character begins. */
static size_t
character_start(struct str text, size_t at)
{
	while (at > 0 && at < text.len && ((unsigned char)text.p[at] & 0xC0) == 0x80)
		at--;
	return at;
}

/* The end of the character that begins at `at`. */
static size_t
character_end(struct str text, size_t at)
{
	for (at++; at < text.len && ((unsigned char)text.p[at] & 0xC0) == 0x80; at++)
		;
	return at;
}

/*
 * The part of `text` that is asked for, cut at characters, short enough to be sent.  It has at least
 * one character where there is one and any is wanted, so that reading on comes to an end.
 */
static struct str
cut(struct str text, uint64_t offset, uint32_t length)
{
	size_t from = character_start(text, offset < text.len ? (size_t)offset : text.len);
	size_t to = from + (length < text.len - from ? length : text.len - from);
	struct str part;

	/* Control characters take six bytes each: halve what does not fit. */
	for (;;) {
		to = character_start(text, to);
		if (to <= from && length > 0 && from < text.len)
			to = character_end(text, from);
		part = (struct str) { text.p + from, to > from ? to - from : 0 };
		if (json_written_bytes(part) + ENVELOPE_BYTES <= bound_get(BOUND_REPLY_BYTES))
			return part;
		to = from + part.len / 2;
	}
}

/* "aside":[[0,14],[2310,96]]: the parts of the text that are shown but not read; absent where there is none. */
static void
write_aside(struct buf *out, struct str aside)
{
	struct text_span span;

	if (aside.len == 0)
		return;
	json_write_key(out, "aside");
	json_write_open(out, '[');
	while (aside_next(&aside, &span)) {
		json_write_open(out, '[');
		json_write_uint(out, span.off);
		json_write_uint(out, span.len);
		json_write_close(out, ']');
	}
	json_write_close(out, ']');
}

void
answer_document(struct buf *out, const struct store_document *document, const struct search_reprints *reprints,
    uint64_t offset, uint32_t length, struct str generation)
{
	struct str part = cut(document->text, offset, length);
	size_t from = document->text.len == 0 ? 0 : (size_t)(part.p - document->text.p);

	json_write_open(out, '{');
	member_string(out, "id", document->id);
	member_string(out, "title", document->title);
	member_string(out, "date", document->date);
	member_string(out, "source", document->source);
	write_origin(out, document);
	write_aside(out, document->aside);
	write_reprints(out, reprints);
	member_string(out, "text", part);
	member_uint(out, "offset", from);
	member_uint(out, "bytes", document->text.len);
	member_bool(out, "more", from + part.len < document->text.len);
	member_string(out, "generation", generation);
	json_write_close(out, '}');
}

/* ---- reprints ---- */

/* What a list says of a document. */
static void
write_listed(struct buf *out, const struct store_document *document)
{
	member_string(out, "id", document->id);
	member_string(out, "title", document->title);
	member_string(out, "date", document->date);
	member_string(out, "source", document->source);
	member_string(out, "url", document->url);
}

static void
write_copied_passage(struct buf *out, struct str text, const struct copied_passage *passage)
{
	size_t len = passage->len;

	if (len > ANSWER_PASSAGE_BYTES)
		len = character_start(text, passage->off + ANSWER_PASSAGE_BYTES) - passage->off;
	json_write_open(out, '{');
	member_uint(out, "words", passage->words);
	member_uint(out, "offset", passage->off);
	member_uint(out, "length", passage->len);
	member_uint(out, "other_offset", passage->other_off);
	member_uint(out, "other_length", passage->other_len);
	member_string(out, "text", (struct str) { text.p + passage->off, len });
	json_write_close(out, '}');
}

static void
write_copy(struct buf *out, struct str text, const struct reprint_copy *copy)
{
	json_write_open(out, '{');
	write_listed(out, &copy->document);
	member_uint(out, "words", copy->copied.words);
	member_number(out, "share", copy->copied.share);
	json_write_key(out, "passages");
	json_write_open(out, '[');
	for (uint32_t i = 0; i < copy->copied.n_passages; i++)
		write_copied_passage(out, text, &copy->copied.passages[i]);
	json_write_close(out, ']');
	json_write_close(out, '}');
}

void
answer_reprints(struct buf *out, const struct reprints_result *result, struct str generation, double ms)
{
	json_write_open(out, '{');
	write_listed(out, &result->document);
	member_uint(out, "total", result->total);
	member_bool(out, "more", result->more);
	json_write_key(out, "reprints");
	json_write_open(out, '[');
	for (uint32_t i = 0; i < result->n_reprints; i++) {
		json_write_open(out, '{');
		write_listed(out, &result->reprints[i].document);
		member_number(out, "likeness", result->reprints[i].likeness);
		json_write_close(out, '}');
	}
	json_write_close(out, ']');
	member_bool(out, "more_copies", result->more_copies);
	json_write_key(out, "copies");
	json_write_open(out, '[');
	for (uint32_t i = 0; i < result->n_copies && buf_status(out) == STATUS_OK; i++)
		write_copy(out, result->document.text, &result->copies[i]);
	json_write_close(out, ']');
	member_string(out, "generation", generation);
	member_number(out, "ms", ms);
	json_write_close(out, '}');
}

/* ---- stats ---- */

static void
write_variants(struct buf *out, const struct answer_variants *variants)
{
	json_write_key(out, "variants");
	json_write_open(out, '{');
	member_uint(out, "groups", variants->groups);
	if (variants->refused.len > 0) {
		member_string(out, "refused", variants->refused);
	} else {
		json_write_key(out, "refused");
		json_write_null(out);
	}
	json_write_close(out, '}');
}

/* Null where there is none. */
static void
write_invfile(struct buf *out, const struct store_stats *stats)
{
	json_write_key(out, "inverted_file");
	if (stats->invfile_bytes == 0 && stats->invfile_why.len == 0) {
		json_write_null(out);
		return;
	}
	json_write_open(out, '{');
	json_write_key(out, "used");
	json_write_bool(out, stats->invfile_is_used);
	member_uint(out, "files", stats->invfile_layers);
	member_uint(out, "bytes", stats->invfile_bytes);
	member_uint(out, "put", stats->invfile_put);
	member_uint(out, "touched", stats->invfile_touched);
	member_string(out, "why", stats->invfile_why);
	json_write_close(out, '}');
}

void
answer_index_stats(
    struct buf *out, const struct store_stats *stats, const struct answer_variants *variants, struct str generation)
{
	member_string(out, "generation", generation);
	member_uint(out, "documents", stats->documents);
	member_uint(out, "words", stats->words);
	write_variants(out, variants);
	write_invfile(out, stats);
	json_write_key(out, "refused_generation");
	if (stats->refused_generation.len == 0) {
		json_write_null(out);
		return;
	}
	json_write_open(out, '{');
	member_string(out, "name", stats->refused_generation);
	member_string(out, "why", stats->refused_why);
	json_write_close(out, '}');
}
