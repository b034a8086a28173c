/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jsonl: one JSON object (RFC 8259) a line: id, title, date, author, source, url, language, text.  Only id and text
 * must be there, and other keys mean nothing.  It is UTF-8, as JSON is.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/i18n.h"
#include "base/limits.h"
#include "indexer/sources/members.h"
#include "indexer/sources/reading.h"

enum { LINE_BYTES = 32 * 1024 * 1024 };

struct lines {
	struct reading *reading;
	struct buf line; /* what is there of it */
	char *space; /* for what the line has escapes in */
	size_t capacity;
	size_t number;
	bool skipping; /* the line is too long */
	const char *expected_to; /* in the present chunk: lines up to there were announced */
};

/* The strings of an article by their keys. */
static const struct {
	struct str key;
	size_t at;
} strings[] = { { { "title", 5 }, offsetof(struct article, title) }, { { "date", 4 }, offsetof(struct article, date) },
	{ { "source", 6 }, offsetof(struct article, source) }, { { "url", 3 }, offsetof(struct article, url) },
	{ { "author", 6 }, offsetof(struct article, author) },
	{ { "language", 8 }, offsetof(struct article, language) }, { { "text", 4 }, offsetof(struct article, text) } };

enum { STRINGS = sizeof(strings) / sizeof(strings[0]) };

static struct str *
string_of(struct article *article, size_t i)
{
	return (struct str *)(void *)((char *)article + strings[i].at);
}

/* ---- One line -------------------------------------------------------------------------------- */

/* A string of the object; empty where it is absent or null.  False where it is something else. */
static bool
get_string(const json_t *object, struct str key, struct str *ret_value)
{
	const json_t *value = json_object_get(object, key.p);

	*ret_value = (struct str) { "", 0 };
	if (value == NULL || json_is_null(value))
		return true;
	if (!json_is_string(value))
		return false;
	*ret_value = (struct str) { json_string_value(value), json_string_length(value) };
	return true;
}

static bool
get_id(const json_t *object, char space[32], struct str *ret_id)
{
	const json_t *value = json_object_get(object, "id");

	if (!json_is_integer(value))
		return get_string(object, STR("id"), ret_id);
	(void)snprintf(space, 32, "%lld", (long long)json_integer_value(value));
	*ret_id = str_of(space);
	return true;
}

/* "2016-12-07T09:30:00Z" -> "2016-12-07"; what is no date is left for the store to refuse. */
static struct str
day_of(struct str date)
{
	date = text_trim(date);
	if (date.len > 10 && (date.p[10] == 'T' || date.p[10] == ' '))
		date.len = 10;
	return date;
}

static void
refuse(struct lines *lines, const char *why)
{
	lines->reading->events->refused_cb(lines->reading->events->arg, lines->number, why);
}

static enum status
give_article(struct lines *lines, struct article *article, struct error *reterr)
{
	const struct source_events *events = lines->reading->events;
	enum status status;

	if (article->id.len == 0 || article->text.len == 0) {
		refuse(lines, article->id.len == 0 ? tr("there is no \"id\"") : tr("there is no \"text\""));
		return STATUS_OK;
	}
	article->date = day_of(article->date);
	status = article_give(lines->reading, article, reterr);
	if (status == STATUS_OK && !lines->reading->by_mtime && events->keep_cb != NULL)
		events->keep_cb(events->arg);
	return status;
}

static enum status
give_object(struct lines *lines, const json_t *object, struct error *reterr)
{
	struct article article = { .number = lines->number, .is_exact = true };
	struct str wrong = { NULL, 0 };
	char id[32];
	char why[64];

	if (!get_id(object, id, &article.id))
		wrong = STR("id");
	for (size_t i = 0; wrong.p == NULL && i < STRINGS; i++)
		if (!get_string(object, strings[i].key, string_of(&article, i)))
			wrong = strings[i].key;
	if (wrong.p == NULL)
		return give_article(lines, &article, reterr);
	(void)snprintf(why, sizeof(why), tr("\"%s\" is not a string"), wrong.p);
	refuse(lines, why);
	return STATUS_OK;
}

static enum status
give_members(struct lines *lines, const struct members *members, struct error *reterr)
{
	struct article article = { .number = lines->number, .is_exact = true };
	const struct str *value = members_find(members, STR("id"));

	article.id = value != NULL ? *value : STR("");
	for (size_t i = 0; i < STRINGS; i++) {
		value = members_find(members, strings[i].key);
		*string_of(&article, i) = value != NULL ? *value : STR("");
	}
	return give_article(lines, &article, reterr);
}

static void
refuse_json(struct lines *lines, const json_error_t *error)
{
	struct error why;

	switch (json_error_code(error)) {
	case json_error_invalid_utf8:
		(void)error_set(
		    &why, STATUS_INVALID, ERROR_NO_OFFSET, "invalid UTF-8 at byte %d of the line", error->position);
		break;
	case json_error_null_character:
		(void)error_set(&why, STATUS_INVALID, ERROR_NO_OFFSET, "a NUL character (\\u0000) in a string");
		break;
	default:
		(void)error_set(
		    &why, STATUS_INVALID, ERROR_NO_OFFSET, "not JSON: %s, at column %d", error->text, error->column);
	}
	refuse(lines, why.message);
}

static bool
is_blank(struct str line)
{
	for (size_t i = 0; i < line.len; i++)
		if (line.p[i] != ' ' && line.p[i] != '\t' && line.p[i] != '\r')
			return false;
	return true;
}

static enum status
make_space(struct lines *lines, size_t bytes, struct error *reterr)
{
	char *space;

	if (bytes <= lines->capacity)
		return STATUS_OK;
	space = realloc(lines->space, bytes);
	if (space == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	lines->space = space;
	lines->capacity = bytes;
	return STATUS_OK;
}

static enum status
parse_line(struct lines *lines, struct str line, struct error *reterr)
{
	json_error_t error;
	struct members members;
	json_t *object;
	enum status status;

	status = make_space(lines, line.len, reterr);
	if (status != STATUS_OK)
		return status;
	if (members_read(line, lines->space, &members))
		return give_members(lines, &members, reterr);
	object = json_loadb(line.p, line.len, JSON_REJECT_DUPLICATES, &error);

	if (object == NULL)
		refuse_json(lines, &error);
	else if (!json_is_object(object))
		refuse(lines, tr("not a JSON object"));
	else
		status = give_object(lines, object, reterr);
	json_decref(object);
	return status;
}

static enum status
give_line(struct lines *lines, struct str line, struct error *reterr)
{
	const struct source_events *events = lines->reading->events;
	bool same = false;
	enum status status = STATUS_OK;

	if (lines->number == 1 && str_has_prefix(line, STR("\xEF\xBB\xBF")))
		line = (struct str) { line.p + 3, line.len - 3 };
	if (is_blank(line))
		return STATUS_OK;
	if (events->look_cb != NULL)
		status = events->look_cb(events->arg, line, &same, reterr);
	return status == STATUS_OK && !same ? parse_line(lines, line, reterr) : status;
}

/* ---- Lines ----------------------------------------------------------------------------------- */

static enum status
end_line(struct lines *lines, struct error *reterr)
{
	enum status status = STATUS_OK;
	struct error why;

	lines->number++;
	if (lines->skipping) {
		(void)error_set(&why, STATUS_LIMIT, ERROR_NO_OFFSET, "the line is longer than %d bytes", LINE_BYTES);
		refuse(lines, why.message);
	} else
		status = give_line(lines, buf_str(&lines->line), reterr);
	lines->skipping = false;
	buf_reset(&lines->line);
	return status;
}

static enum status
extend_line(struct lines *lines, struct str piece, struct error *reterr)
{
	enum status status;

	if (lines->skipping)
		return STATUS_OK;
	status = buf_append_str(&lines->line, piece);
	if (status == STATUS_LIMIT) {
		lines->skipping = true;
		return STATUS_OK;
	}
	if (status != STATUS_OK)
		return error_set(reterr, status, ERROR_NO_OFFSET, "%s", status_text(status));
	return STATUS_OK;
}

/* Announces the lines that stand whole in what is left of a chunk, as many as may be. */
static void
expect_lines(struct lines *lines, struct str chunk)
{
	const struct source_events *events = lines->reading->events;
	struct str whole[SOURCE_RECORDS];
	const char *newline;
	size_t n = 0;

	while (n < SOURCE_RECORDS && (newline = memchr(chunk.p, '\n', chunk.len)) != NULL) {
		whole[n++] = (struct str) { chunk.p, (size_t)(newline - chunk.p) };
		chunk.len -= whole[n - 1].len + 1;
		chunk.p = newline + 1;
	}
	lines->expected_to = chunk.p;
	if (events->expect_cb != NULL)
		events->expect_cb(events->arg, whole, n);
}

/* The line that ends at a newline, `end` being its last bytes: all of it where nothing of it came before. */
static enum status
take_line(struct lines *lines, struct str end, struct error *reterr)
{
	enum status status;

	if (lines->line.len == 0 && !lines->skipping) {
		lines->number++;
		return give_line(lines, end, reterr);
	}
	status = extend_line(lines, end, reterr);
	return status == STATUS_OK ? end_line(lines, reterr) : status;
}

static enum status
take_chunk(struct lines *lines, struct str chunk, struct error *reterr)
{
	lines->expected_to = chunk.p;
	while (chunk.len > 0) {
		const char *newline = memchr(chunk.p, '\n', chunk.len);
		size_t len = newline != NULL ? (size_t)(newline - chunk.p) : chunk.len;
		enum status status;

		if (newline == NULL)
			return extend_line(lines, chunk, reterr);
		if (chunk.p >= lines->expected_to && lines->line.len == 0)
			expect_lines(lines, chunk);
		status = take_line(lines, (struct str) { chunk.p, len }, reterr);
		if (status != STATUS_OK)
			return status;
		chunk.p += len + 1;
		chunk.len -= len + 1;
	}
	return STATUS_OK;
}

enum status
jsonl_read(struct reading *reading, struct error *reterr)
{
	struct lines lines = { .reading = reading };
	struct error why;
	enum status status = STATUS_OK;
	bool more = true;

	buf_init(&lines.line, LINE_BYTES);
	while (status == STATUS_OK && more) {
		struct str ahead;

		status = stream_fill(reading->stream, 1, &ahead, &why);
		if (status != STATUS_OK) {
			status = reading_refuse(reading, 0, &why, reterr);
			break;
		}
		more = ahead.len > 0;
		status = take_chunk(&lines, ahead, reterr);
		stream_skip(reading->stream, ahead.len);
	}
	if (status == STATUS_OK && (lines.line.len > 0 || lines.skipping))
		status = end_line(&lines, reterr);
	buf_done(&lines.line);
	free(lines.space);
	return status;
}
