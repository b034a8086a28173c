/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "indexer/source.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/i18n.h"
#include "base/limits.h"

enum { READ_BYTES = 256 * 1024, FIELDS_BYTES = 64 * 1024 };

struct lines {
	const struct source_events *events;
	struct arena *fields; /* of one document */
	struct hash_state hash;
	struct buf line; /* what is there of it */
	size_t number;
	bool skipping; /* the line is too long */
};

/* ---- One line -------------------------------------------------------------------------------- */

/* A string of the object; empty where it is absent or null.  False where it is something else. */
static bool
get_string(const json_t *object, const char *key, struct str *ret_value)
{
	const json_t *value = json_object_get(object, key);

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
		return get_string(object, "id", ret_id);
	(void)snprintf(space, 32, "%lld", (long long)json_integer_value(value));
	*ret_id = str_of(space);
	return true;
}

/* A title that was broken over lines is one line again.  What is too long is left for the store to refuse. */
static struct str
one_line(struct arena *arena, struct str s)
{
	char *copy;

	if (s.len == 0 || s.len > LIMIT_TITLE_BYTES)
		return s;
	copy = arena_strdup(arena, s);
	if (copy == NULL)
		return s;
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)copy[i] < 0x20 || copy[i] == 0x7F)
			copy[i] = ' ';
	while (s.len > 0 && copy[s.len - 1] == ' ')
		s.len--;
	while (s.len > 0 && *copy == ' ') {
		copy++;
		s.len--;
	}
	return (struct str) { copy, s.len };
}

/* "2016-12-07T09:30:00Z" -> "2016-12-07"; what is no date is left for the store to refuse. */
static struct str
day_of(struct str date)
{
	if (date.len > 10 && (date.p[10] == 'T' || date.p[10] == ' '))
		date.len = 10;
	return date;
}

static void
refuse(struct lines *lines, const char *why)
{
	lines->events->refused_cb(lines->events->arg, lines->number, why);
}

static enum status
give_object(struct lines *lines, const json_t *object, struct error *reterr)
{
	struct store_document document = { .dated = STR("") };
	const struct {
		const char *key;
		struct str *value;
	} strings[] = { { "title", &document.title }, { "date", &document.date }, { "source", &document.source },
		{ "url", &document.url }, { "author", &document.author }, { "language", &document.language },
		{ "text", &document.text } };
	char id[32];
	char why[64];

	if (!get_id(object, id, &document.id)) {
		(void)snprintf(why, sizeof(why), tr("\"%s\" is not a string"), "id");
		refuse(lines, why);
		return STATUS_OK;
	}
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		if (get_string(object, strings[i].key, strings[i].value))
			continue;
		(void)snprintf(why, sizeof(why), tr("\"%s\" is not a string"), strings[i].key);
		refuse(lines, why);
		return STATUS_OK;
	}
	if (document.id.len == 0 || document.text.len == 0) {
		refuse(lines, document.id.len == 0 ? "there is no \"id\"" : "there is no \"text\"");
		return STATUS_OK;
	}
	arena_reset(lines->fields);
	document.title = one_line(lines->fields, document.title);
	document.source = one_line(lines->fields, document.source);
	document.url = one_line(lines->fields, document.url);
	document.author = one_line(lines->fields, document.author);
	document.date = day_of(one_line(lines->fields, document.date));
	if (document.date.len > 0)
		document.dated = STR("metadata");
	return lines->events->document_cb(lines->events->arg, &document, lines->number, reterr);
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
give_line(struct lines *lines, struct str line, struct error *reterr)
{
	json_error_t error;
	json_t *object;
	enum status status = STATUS_OK;

	if (lines->number == 1 && str_has_prefix(line, STR("\xEF\xBB\xBF")))
		line = (struct str) { line.p + 3, line.len - 3 };
	if (is_blank(line))
		return STATUS_OK;
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

/* ---- Lines ----------------------------------------------------------------------------------- */

static enum status
end_line(struct lines *lines, struct error *reterr)
{
	enum status status = STATUS_OK;
	struct error why;

	lines->number++;
	if (lines->skipping) {
		(void)error_set(
		    &why, STATUS_LIMIT, ERROR_NO_OFFSET, "the line is longer than %d bytes", SOURCE_LINE_BYTES);
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

static enum status
take_chunk(struct lines *lines, struct str chunk, struct error *reterr)
{
	hash_update(&lines->hash, chunk);
	while (chunk.len > 0) {
		const char *newline = memchr(chunk.p, '\n', chunk.len);
		size_t len = newline != NULL ? (size_t)(newline - chunk.p) : chunk.len;
		enum status status = extend_line(lines, (struct str) { chunk.p, len }, reterr);

		if (status != STATUS_OK)
			return status;
		lines->events->read_cb(lines->events->arg, len + (newline != NULL));
		if (newline == NULL)
			return STATUS_OK;
		status = end_line(lines, reterr);
		if (status != STATUS_OK)
			return status;
		chunk.p += len + 1;
		chunk.len -= len + 1;
	}
	return STATUS_OK;
}

static enum status
read_lines(struct lines *lines, int fd, char *chunk, struct error *reterr)
{
	enum status status = STATUS_OK;

	while (status == STATUS_OK) {
		ssize_t n = read(fd, chunk, READ_BYTES);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			struct error why;

			(void)error_errno(&why, STATUS_IO, errno, "cannot be read");
			lines->events->refused_cb(lines->events->arg, 0, why.message);
		}
		if (n <= 0)
			break;
		status = take_chunk(lines, (struct str) { chunk, (size_t)n }, reterr);
	}
	if (status == STATUS_OK && (lines->line.len > 0 || lines->skipping))
		status = end_line(lines, reterr);
	return status;
}

enum status
source_read_jsonl(int fd, const struct source_events *events, struct hash *ret_content, struct error *reterr)
{
	struct lines lines = { .events = events };
	char *chunk = malloc(READ_BYTES);
	enum status status = arena_new(FIELDS_BYTES, &lines.fields);

	buf_init(&lines.line, SOURCE_LINE_BYTES);
	hash_init(&lines.hash);
	if (chunk == NULL || status != STATUS_OK)
		status = error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	else
		status = read_lines(&lines, fd, chunk, reterr);
	if (status == STATUS_OK)
		hash_final(&lines.hash, ret_content);
	buf_done(&lines.line);
	arena_free(lines.fields);
	free(chunk);
	return status;
}
