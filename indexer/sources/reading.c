/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "indexer/sources/reading.h"

#include <stdio.h>

#include "base/i18n.h"
#include "base/limits.h"
#include "indexer/sources/charset.h"
#include "indexer/sources/date.h"
#include "stemmer/language.h"

enum {
	ID_KEPT_BYTES = 150, /* of an id that is too long, before its hash */
	NS_PER_SECOND = 1000000000,
	LATE_DAYS = 2, /* a text may be dated so much later than its file was written, for time zones */
	SECONDS_PER_DAY = 24 * 60 * 60
};

static enum status
no_memory(struct error *reterr)
{
	return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
}

/* ---- Bytes ----------------------------------------------------------------------------------- */

enum status
reading_refuse(struct reading *reading, size_t number, const struct error *why, struct error *reterr)
{
	if (why->code == STATUS_NOMEM)
		return no_memory(reterr);
	reading->events->refused_cb(reading->events->arg, number, why->message);
	return STATUS_OK;
}

enum status
reading_all(struct reading *reading, struct buf *out, bool *ret_whole, struct error *reterr)
{
	struct error why;
	enum status status = stream_read_all(reading->stream, out, &why);

	*ret_whole = status == STATUS_OK;
	return status == STATUS_OK ? status : reading_refuse(reading, 0, &why, reterr);
}

enum status
reading_decode(struct reading *reading, struct str bytes, const char *declared, struct buf *out, struct error *reterr)
{
	struct charset_result result;
	enum status status = charset_to_utf8(bytes, declared, out, &result);

	if (status == STATUS_LIMIT)
		return error_set(
		    reterr, status, ERROR_NO_OFFSET, "it is longer than %zu bytes when it is UTF-8", out->max);
	if (status != STATUS_OK)
		return no_memory(reterr);
	if (result.converted)
		reading->events->note_cb(reading->events->arg, SOURCE_CONVERTED);
	if (result.repaired + result.replaced > 0)
		reading->events->note_cb(reading->events->arg, SOURCE_REPAIRED);
	return STATUS_OK;
}

/* ---- Fields ---------------------------------------------------------------------------------- */

static bool
is_space(unsigned char c)
{
	return c <= ' ' || c == 0x7F;
}

struct str
reading_line(struct reading *reading, struct str s)
{
	char *line = arena_alloc(reading->arena, s.len + 1);
	size_t len = 0;

	if (line == NULL)
		return (struct str) { NULL, 0 };
	s = text_trim(s);
	for (size_t i = 0; i < s.len; i++) {
		if (!is_space((unsigned char)s.p[i]))
			line[len++] = s.p[i];
		else if (len > 0 && line[len - 1] != ' ')
			line[len++] = ' ';
	}
	return (struct str) { line, len };
}

struct str
reading_id(struct reading *reading, struct str natural)
{
	struct hash hash = hash_of(natural);
	size_t room = 3 * natural.len + HASH_HEX_BYTES + 2;
	char *id = arena_alloc(reading->arena, room);
	size_t len;

	if (id == NULL)
		return (struct str) { NULL, 0 };
	len = text_id_of_name(natural, id, room);
	if (len <= LIMIT_ID_BYTES)
		return (struct str) { id, len };
	len = ID_KEPT_BYTES;
	while (len > 0 && ((unsigned char)id[len] & 0xC0) == 0x80)
		len--;
	id[len++] = '~';
	hash_to_hex(&hash, id + len);
	return (struct str) { id, len + HASH_HEX_BYTES };
}

/* "fr-FR", "FR_fr" -> "fr"; what is no such thing stays, to be refused or dropped. */
static struct str
language_code(struct reading *reading, struct str declared)
{
	char *code;
	size_t len = 0;

	while (len < declared.len && declared.p[len] != '-' && declared.p[len] != '_')
		len++;
	code = len > 0 ? arena_strdup(reading->arena, (struct str) { declared.p, len }) : NULL;
	if (code == NULL)
		return (struct str) { "", 0 };
	for (size_t i = 0; i < len; i++)
		code[i] = (char)(code[i] >= 'A' && code[i] <= 'Z' ? code[i] + 0x20 : code[i]);
	return (struct str) { code, len };
}

static bool
is_code(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] < 'a' || s.p[i] > 'z')
			return false;
	}
	return s.len == 2 || s.len == 3;
}

/* What the text says; else what is declared, which many a template says of every page. */
static struct str
language_of_article(struct reading *reading, const struct article *article)
{
	struct str declared = language_code(reading, article->language);
	struct str found;

	if (article->is_exact && declared.len > 0)
		return declared;
	found = language_of(article->text);
	if (found.len > 0 || !is_code(declared))
		return found;
	return declared;
}

/* Whether a day found in a text may be its own: not later than the file that it stands in. */
static bool
is_before_file(const struct reading *reading, const char *date)
{
	int64_t written = reading->file->mtime_ns / NS_PER_SECOND;
	char latest[DATE_BYTES];

	if (written <= 0)
		return true;
	return !date_of_time(written + (int64_t)LATE_DAYS * SECONDS_PER_DAY, latest) || strcmp(date, latest) <= 0;
}

static bool
find_date(struct reading *reading, struct str text, char space[DATE_BYTES])
{
	if (!date_find(text, space))
		return false;
	reading->by_mtime = true;
	return is_before_file(reading, space);
}

static void
set_date(
    struct reading *reading, const struct article *article, char space[DATE_BYTES], struct store_document *document)
{
	document->date = (struct str) { "", 0 };
	document->dated = document->date;
	if (article->date.len > 0 && date_parse(article->date, space))
		document->dated = STR("metadata");
	else if (find_date(reading, article->text, space))
		document->dated = STR("text");
	else if (article->captured.len > 0 && date_parse(article->captured, space))
		document->dated = STR("file");
	else if (article->number == 0 && date_of_time(reading->file->mtime_ns / NS_PER_SECOND, space)) {
		document->dated = STR("file");
		reading->by_mtime = true;
	}
	if (document->dated.len > 0)
		document->date = str_of(space);
}

/* A field of an exact article: as it is but for its ends, line breaks and the like being blanks. */
static struct str
exact_line(struct reading *reading, struct str s)
{
	char *line = arena_alloc(reading->arena, s.len + 1);

	if (line == NULL)
		return (struct str) { NULL, 0 };
	s = text_trim(s);
	for (size_t i = 0; i < s.len; i++)
		line[i] = (char)(is_space((unsigned char)s.p[i]) ? ' ' : s.p[i]);
	return (struct str) { line, s.len };
}

static struct str
field(struct reading *reading, const struct article *article, struct str s)
{
	return article->is_exact ? exact_line(reading, s) : reading_line(reading, s);
}

enum status
article_give(struct reading *reading, const struct article *article, struct error *reterr)
{
	char space[DATE_BYTES];
	struct store_document document = { .id = article->id,
		.title = field(reading, article, article->title),
		.text = article->text,
		.source = field(reading, article, article->source),
		.url = field(reading, article, article->url),
		.author = field(reading, article, article->author) };
	enum status status;

	reading->by_mtime = false;
	if (document.title.p == NULL || document.source.p == NULL || document.url.p == NULL ||
	    document.author.p == NULL)
		return no_memory(reterr);
	if (article->is_exact && article->date.len > 0) {
		document.date = article->date;
		document.dated = STR("metadata");
	} else
		set_date(reading, article, space, &document);
	document.language = language_of_article(reading, article);
	status = reading->events->document_cb(reading->events->arg, &document, article->number, reterr);
	arena_reset(reading->arena);
	return status;
}

enum status
article_give_named(struct reading *reading, struct article *article, struct error *reterr)
{
	char id[LIMIT_ID_BYTES + 1];
	struct error why;

	if (article->id.len > 0)
		return article_give(reading, article, reterr);
	article->id = (struct str) { id, text_id_of_name(reading->file->name, id, sizeof(id)) };
	if (article->id.len <= LIMIT_ID_BYTES)
		return article_give(reading, article, reterr);
	(void)error_set(&why, STATUS_LIMIT, ERROR_NO_OFFSET,
	    "its name, which is its id, is longer than %d bytes (it has %zu)", LIMIT_ID_BYTES, article->id.len);
	return reading_refuse(reading, 0, &why, reterr);
}
