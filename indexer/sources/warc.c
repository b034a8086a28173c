/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * warc: the pages of a web archive (ISO 28500:2017).
 *
 *	WARC/1.0 CRLF
 *	WARC-Type: response CRLF ... Content-Length: 4711 CRLF CRLF
 *	4711 bytes: a stored HTTP reply
 *	CRLF CRLF
 *
 * Documents are the replies of status 200 that are a page or a plain text, the pages that were stored without
 * HTTP ("resource"), and the texts made of pages ("conversion", as in WET files).  Other records, redirections, images
 * and their like are none, and no fault either.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "indexer/sources/html.h"
#include "indexer/sources/http.h"
#include "indexer/sources/mime.h"
#include "indexer/sources/page.h"

enum { DIGITS_MAX = 18 /* of a length */, CHARSET_BYTES = 32 };

struct record {
	struct str type;
	struct str uri;
	struct str date;
	struct str content; /* the media type of the block */
	uint64_t length;
};

struct warc {
	struct reading *reading;
	size_t number; /* of the record */
	struct buf head; /* of the record */
	struct buf block;
};

/* ---- Documents ------------------------------------------------------------------------------- */

static bool
is_page_type(struct str type)
{
	return str_eq(type, STR("text/html")) || str_eq(type, STR("application/xhtml+xml"));
}

/* "https://exemple.example/a@2016-12-07T09:30:00Z": a page may have been stored several times. */
static struct str
record_id(struct warc *warc, const struct record *record)
{
	struct buf joined;
	struct str id;

	buf_init(&joined, record->uri.len + record->date.len + 1);
	(void)buf_append_str(&joined, record->uri);
	(void)buf_append_char(&joined, '@');
	(void)buf_append_str(&joined, record->date);
	id = reading_id(warc->reading, buf_str(&joined));
	buf_done(&joined);
	return id;
}

static enum status
give_payload(struct warc *warc, const struct record *record, struct str type, struct str charset, struct str payload,
    struct error *reterr)
{
	struct article article = {
		.id = record_id(warc, record), .url = record->uri, .captured = record->date, .number = warc->number
	};
	char name[CHARSET_BYTES];

	(void)snprintf(name, sizeof(name), "%.*s", STR_FMT(charset));
	if (article.id.p == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	if (is_page_type(type))
		return html_give(warc->reading, payload, name, &article, reterr);
	article.source = page_host(record->uri);
	return text_give(warc->reading, payload, name[0] != '\0' ? name : NULL, &article, reterr);
}

static enum status
give_reply(struct warc *warc, const struct record *record, struct str block, struct error *reterr)
{
	struct http_reply reply;
	struct error why;
	struct buf payload;
	enum status status;

	if (!http_read(block, warc->reading->arena, &reply)) {
		(void)error_set(&why, STATUS_INVALID, ERROR_NO_OFFSET, "a response that holds no HTTP reply");
		return reading_refuse(warc->reading, warc->number, &why, reterr);
	}
	if (reply.status != 200 || (!is_page_type(reply.type) && !str_eq(reply.type, STR("text/plain"))))
		return STATUS_OK;
	buf_init(&payload, LIMIT_SOURCE_BYTES);
	status = http_payload(&reply, warc->reading->arena, &payload, &why);
	if (status == STATUS_OK)
		status = give_payload(warc, record, reply.type, reply.charset, buf_str(&payload), reterr);
	else
		status = reading_refuse(warc->reading, warc->number, &why, reterr);
	buf_done(&payload);
	return status;
}

static bool
holds_reply(struct warc *warc, const struct record *record)
{
	return str_eq(record->type, STR("response")) &&
	       str_eq(mime_type(record->content, warc->reading->arena), STR("application/http"));
}

/* Whether the block is itself a page or a text. */
static bool
is_document(struct warc *warc, const struct record *record)
{
	struct str type = mime_type(record->content, warc->reading->arena);
	bool stored = str_eq(record->type, STR("resource")) || str_eq(record->type, STR("conversion"));

	return stored && record->uri.len > 0 && (is_page_type(type) || str_eq(type, STR("text/plain")));
}

static enum status
give_record(struct warc *warc, const struct record *record, struct error *reterr)
{
	struct arena *arena = warc->reading->arena;
	enum status status;

	if (holds_reply(warc, record))
		status = give_reply(warc, record, buf_str(&warc->block), reterr);
	else
		status = give_payload(warc, record, mime_type(record->content, arena),
		    mime_parameter(record->content, "charset", arena), buf_str(&warc->block), reterr);
	return status;
}

/* ---- Records --------------------------------------------------------------------------------- */

static bool
read_length(struct str text, uint64_t *ret_length)
{
	uint64_t length = 0;

	if (text.len == 0 || text.len > DIGITS_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
		length = length * 10 + (uint64_t)(text.p[i] - '0');
	}
	*ret_length = length;
	return true;
}

/* The empty lines between records. */
static enum status
skip_blank(struct stream *stream, bool *ret_end, struct error *reterr)
{
	for (;;) {
		struct str ahead;
		size_t n = 0;
		enum status status = stream_fill(stream, 1, &ahead, reterr);

		if (status != STATUS_OK)
			return status;
		while (n < ahead.len && (ahead.p[n] == '\r' || ahead.p[n] == '\n'))
			n++;
		*ret_end = ahead.len == 0;
		if (n < ahead.len || ahead.len == 0) {
			stream_skip(stream, n);
			return STATUS_OK;
		}
		stream_skip(stream, n);
	}
}

/* The head of the record, up to and with the empty line behind it. */
static enum status
take_head(struct warc *warc, struct error *reterr)
{
	struct str ahead, rest;
	enum status status = stream_fill(warc->reading->stream, LIMIT_HEADER_BYTES, &ahead, reterr);

	if (status != STATUS_OK)
		return status;
	if (!str_has_prefix(ahead, STR("WARC/")))
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "no WARC record begins here; the rest of the file is not read");
	if (ahead.len > LIMIT_HEADER_BYTES)
		ahead.len = LIMIT_HEADER_BYTES;
	rest = ahead;
	while (rest.len > 0) {
		if (text_trim(text_take_line(&rest)).len > 0)
			continue;
		buf_reset(&warc->head);
		status = buf_append(&warc->head, ahead.p, (size_t)(rest.p - ahead.p));
		stream_skip(warc->reading->stream, (size_t)(rest.p - ahead.p));
		return status == STATUS_OK ? status : error_set(reterr, status, ERROR_NO_OFFSET, "out of memory");
	}
	return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
	    "the record's head does not end within %d bytes (LIMIT_HEADER_BYTES); the rest of the file is not read",
	    LIMIT_HEADER_BYTES);
}

/* Takes the block off the stream; into warc->block where `wanted`, and that may hold it. */
static enum status
take_block(struct warc *warc, uint64_t length, bool wanted, struct error *reterr)
{
	buf_reset(&warc->block);
	while (length > 0) {
		struct str ahead;
		enum status status = stream_fill(warc->reading->stream, 1, &ahead, reterr);

		if (status != STATUS_OK)
			return status;
		if (ahead.len == 0)
			return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
			    "the record is cut off; the rest of the file is not read");
		if (ahead.len > length)
			ahead.len = (size_t)length;
		if (wanted)
			(void)buf_append_str(&warc->block, ahead);
		stream_skip(warc->reading->stream, ahead.len);
		length -= ahead.len;
	}
	return STATUS_OK;
}

/* "<https://exemple.example/>" is how WARC/0.17 and some 1.0 writers put an address. */
static struct str
without_brackets(struct str uri)
{
	if (uri.len >= 2 && uri.p[0] == '<' && uri.p[uri.len - 1] == '>')
		return (struct str) { uri.p + 1, uri.len - 2 };
	return uri;
}

static enum status
read_head(struct warc *warc, struct record *ret_record, struct error *reterr)
{
	struct arena *arena = warc->reading->arena;
	struct str headers = buf_str(&warc->head);

	(void)text_take_line(&headers);
	if (!read_length(mime_header(headers, "content-length", arena), &ret_record->length))
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "the record has no length; the rest of the file is not read");
	ret_record->type = mime_header(headers, "warc-type", arena);
	ret_record->uri = without_brackets(mime_header(headers, "warc-target-uri", arena));
	ret_record->date = mime_header(headers, "warc-date", arena);
	ret_record->content = mime_header(headers, "content-type", arena);
	return STATUS_OK;
}

/* What is wrong with one record is refused; *ret_end where no other can be found behind it. */
static enum status
read_record(struct warc *warc, bool *ret_end, struct error *reterr)
{
	struct record record;
	struct error why;
	bool wanted;
	enum status status = skip_blank(warc->reading->stream, ret_end, &why);

	if (status == STATUS_OK && *ret_end)
		return STATUS_OK;
	warc->number++;
	arena_reset(warc->reading->arena);
	if (status == STATUS_OK)
		status = take_head(warc, &why);
	if (status == STATUS_OK)
		status = read_head(warc, &record, &why);
	wanted = status == STATUS_OK && (holds_reply(warc, &record) || is_document(warc, &record));
	if (status == STATUS_OK)
		status = take_block(warc, record.length, wanted, &why);
	if (status != STATUS_OK) {
		*ret_end = true;
		return reading_refuse(warc->reading, warc->number, &why, reterr);
	}
	if (!wanted)
		return STATUS_OK;
	if (buf_status(&warc->block) == STATUS_OK)
		return give_record(warc, &record, reterr);
	(void)error_set(&why, buf_status(&warc->block), ERROR_NO_OFFSET,
	    "the record is longer than %d bytes (LIMIT_SOURCE_BYTES)", LIMIT_SOURCE_BYTES);
	return reading_refuse(warc->reading, warc->number, &why, reterr);
}

enum status
warc_read(struct reading *reading, struct error *reterr)
{
	struct warc warc = { .reading = reading };
	bool end = false;
	enum status status = STATUS_OK;

	buf_init(&warc.head, LIMIT_HEADER_BYTES);
	buf_init(&warc.block, LIMIT_SOURCE_BYTES);
	while (status == STATUS_OK && !end)
		status = read_record(&warc, &end, reterr);
	buf_done(&warc.head);
	buf_done(&warc.block);
	return status;
}
