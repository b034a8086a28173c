/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "indexer/sources/mail.h"

#include <stdio.h>
#include <strings.h>

#include "base/limits.h"
#include "indexer/sources/html.h"
#include "indexer/sources/mime.h"

enum { CHARSET_BYTES = 32, BETTER = 2 /* times as many bytes, and a plain text is better than its page */ };

struct mail {
	struct reading *reading;
	size_t parts; /* looked at so far */
	struct error why; /* of the last failure */
};

/* ---- One part -------------------------------------------------------------------------------- */

/* format=flowed (RFC 3676): a line that ends with a blank goes on with the next, "-- " aside. */
static void
unfold(struct str text, struct buf *out)
{
	while (text.len > 0) {
		struct str line = text_take_line(&text);

		while (line.len > 0 && line.p[line.len - 1] == '\r')
			line.len--;
		(void)buf_append_str(out, line);
		if (line.len == 0 || line.p[line.len - 1] != ' ' || str_eq(line, STR("-- ")))
			(void)buf_append_char(out, '\n');
	}
}

static enum status
append_plain(struct mail *mail, struct str utf8, bool flowed, struct buf *out)
{
	if (flowed)
		unfold(utf8, out);
	else
		(void)buf_append_str(out, utf8);
	(void)buf_append_str(out, STR("\n\n"));
	if (buf_status(out) != STATUS_OK)
		return error_set(
		    &mail->why, buf_status(out), ERROR_NO_OFFSET, "its text: %s", status_text(buf_status(out)));
	return STATUS_OK;
}

static enum status
append_page(struct mail *mail, struct str utf8, struct buf *out)
{
	enum status status = html_to_text(utf8, out, &mail->why);

	if (status == STATUS_OK && buf_append_str(out, STR("\n\n")) != STATUS_OK)
		status = error_set(
		    &mail->why, buf_status(out), ERROR_NO_OFFSET, "its text: %s", status_text(buf_status(out)));
	return status;
}

static enum status
append_text_part(struct mail *mail, struct str headers, struct str type, struct str body, struct buf *out)
{
	struct arena *arena = mail->reading->arena;
	struct str content = mime_header(headers, "content-type", arena);
	struct str charset = mime_parameter(content, "charset", arena);
	bool flowed = mime_is(mime_parameter(content, "format", arena), "flowed");
	bool is_page = str_eq(type, STR("text/html"));
	char name[CHARSET_BYTES];
	struct buf bytes, utf8;
	enum status status;

	(void)snprintf(name, sizeof(name), "%.*s", STR_FMT(charset));
	buf_init(&bytes, LIMIT_SOURCE_BYTES);
	buf_init(&utf8, 2 * (size_t)LIMIT_SOURCE_BYTES);
	status = mime_decode(body, mime_header(headers, "content-transfer-encoding", arena), &bytes);
	if (status != STATUS_OK)
		status = error_set(&mail->why, status, ERROR_NO_OFFSET, "%s", status_text(status));
	else if (is_page)
		status = html_decode(mail->reading, buf_str(&bytes), name, &utf8, &mail->why);
	else
		status =
		    reading_decode(mail->reading, buf_str(&bytes), name[0] != '\0' ? name : NULL, &utf8, &mail->why);
	if (status == STATUS_OK)
		status =
		    is_page ? append_page(mail, buf_str(&utf8), out) : append_plain(mail, buf_str(&utf8), flowed, out);
	buf_done(&bytes);
	buf_done(&utf8);
	return status;
}

/* ---- Parts of parts -------------------------------------------------------------------------- */

/*
 * Takes the next part off *rest: what is between two lines of "--boundary".  False when there is no more.  Without
 * the closing line the last part goes to the end.
 */
static bool
take_part(struct str *rest, struct str boundary, struct str *ret_part)
{
	bool inside = false;
	const char *start = rest->p;

	while (rest->len > 0) {
		const char *line_start = rest->p;
		struct str line = text_take_line(rest);
		bool border = line.len >= boundary.len + 2 && line.p[0] == '-' && line.p[1] == '-' &&
			      memcmp(line.p + 2, boundary.p, boundary.len) == 0;

		if (!border)
			continue;
		if (inside) {
			*ret_part = (struct str) { start, (size_t)(line_start - start) };
			/* The line is the next one's beginning too. */
			*rest = (struct str) { line_start, (size_t)(rest->p - line_start) + rest->len };
			return true;
		}
		if (str_has_prefix((struct str) { line.p + 2 + boundary.len, line.len - 2 - boundary.len }, STR("--")))
			return false;
		inside = true;
		start = rest->p;
	}
	*ret_part = (struct str) { start, (size_t)(rest->p - start) };
	return inside && ret_part->len > 0;
}

static enum status append_part(struct mail *mail, struct str part, int depth, struct buf *out);

static enum status
append_all(struct mail *mail, struct str body, struct str boundary, int depth, struct buf *out)
{
	enum status status = STATUS_OK;
	struct str part;

	while (status == STATUS_OK && take_part(&body, boundary, &part))
		status = append_part(mail, part, depth + 1, out);
	return status;
}

/* Of a page and a plain text the page, where the plain text is not far longer: it is often a mere pointer to the page. */
static enum status
append_best(struct mail *mail, struct str body, struct str boundary, int depth, struct buf *out)
{
	struct buf best, other;
	enum status status = STATUS_OK;
	struct str part;

	buf_init(&best, out->max);
	buf_init(&other, out->max);
	while (status == STATUS_OK && take_part(&body, boundary, &part)) {
		buf_reset(&other);
		status = append_part(mail, part, depth + 1, &other);
		/* Later ones are better (RFC 2046, 5.1.4). */
		if (status == STATUS_OK && text_trim(buf_str(&other)).len * BETTER >= text_trim(buf_str(&best)).len) {
			struct buf swap = best;

			best = other;
			other = swap;
		}
	}
	if (status == STATUS_OK && buf_append_str(out, buf_str(&best)) != STATUS_OK)
		status = error_set(
		    &mail->why, buf_status(out), ERROR_NO_OFFSET, "its text: %s", status_text(buf_status(out)));
	buf_done(&best);
	buf_done(&other);
	return status;
}

/* Depth is bounded by LIMIT_MAIL_DEPTH. */
static enum status
append_part(struct mail *mail, struct str part, int depth, struct buf *out)
{
	struct arena *arena = mail->reading->arena;
	struct str headers = mime_take_headers(&part);
	struct str content = mime_header(headers, "content-type", arena);
	struct str type = content.len > 0 ? mime_type(content, arena) : STR("text/plain");
	struct str disposition = mime_type(mime_header(headers, "content-disposition", arena), arena);
	struct str boundary;

	if (depth > LIMIT_MAIL_DEPTH)
		return error_set(&mail->why, STATUS_LIMIT, ERROR_NO_OFFSET,
		    "the message has more than %d parts in each other (LIMIT_MAIL_DEPTH)", LIMIT_MAIL_DEPTH);
	if (++mail->parts > LIMIT_MAIL_PARTS)
		return error_set(&mail->why, STATUS_LIMIT, ERROR_NO_OFFSET,
		    "the message has more than %d parts (LIMIT_MAIL_PARTS)", LIMIT_MAIL_PARTS);
	if (str_eq(disposition, STR("attachment")))
		return STATUS_OK;
	if (str_eq(type, STR("text/plain")) || str_eq(type, STR("text/html")))
		return append_text_part(mail, headers, type, part, out);
	if (str_eq(type, STR("message/rfc822")))
		return append_part(mail, part, depth + 1, out);
	boundary = mime_parameter(content, "boundary", arena);
	if (!str_has_prefix(type, STR("multipart/")) || boundary.len == 0)
		return STATUS_OK;
	if (str_eq(type, STR("multipart/alternative")))
		return append_best(mail, part, boundary, depth, out);
	return append_all(mail, part, boundary, depth, out);
}

/* ---- The message ----------------------------------------------------------------------------- */

/* A header as UTF-8, in the arena. */
static struct str
words_of(struct mail *mail, struct str headers, const char *name)
{
	struct str value = mime_header(headers, name, mail->reading->arena);
	struct buf words;
	struct str kept = { "", 0 };

	buf_init(&words, LIMIT_HEADER_BYTES);
	if (value.p != NULL && mime_words(value, &words) == STATUS_OK)
		kept = arena_str(mail->reading->arena, buf_str(&words));
	buf_done(&words);
	return kept.p != NULL ? kept : (struct str) { "", 0 };
}

/* "Le Journal <info@journal.example>" -> "Le Journal"; without a name, the host. */
static struct str
sender(struct str from)
{
	const char *open = from.len > 0 ? memchr(from.p, '<', from.len) : NULL;
	struct str name = text_trim((struct str) { from.p, open != NULL ? (size_t)(open - from.p) : 0 });
	const char *at = from.len > 0 ? memchr(from.p, '@', from.len) : NULL;

	while (name.len >= 2 && name.p[0] == '"' && name.p[name.len - 1] == '"')
		name = text_trim((struct str) { name.p + 1, name.len - 2 });
	if (name.len > 0 || at == NULL)
		return name;
	name = (struct str) { at + 1, from.len - (size_t)(at + 1 - from.p) };
	for (size_t i = 0; i < name.len; i++) {
		if (name.p[i] == '>' || name.p[i] == ' ' || name.p[i] == ',')
			name.len = i;
	}
	return name;
}

/* What stands between angle brackets. */
static struct str
bracketed(struct str s)
{
	const char *open = s.len > 0 ? memchr(s.p, '<', s.len) : NULL;
	const char *close = s.len > 0 ? memchr(s.p, '>', s.len) : NULL;

	return open != NULL && close > open ? (struct str) { open + 1, (size_t)(close - open) - 1 }
					    : (struct str) { "", 0 };
}

/* A message of an mbox goes by its Message-ID, or by the file and a hash. */
static struct str
message_id(struct mail *mail, struct str message, struct str headers)
{
	struct str own = bracketed(mime_header(headers, "message-id", mail->reading->arena));
	struct hash hash = hash_of(message);
	char hex[HASH_HEX_BYTES + 1];
	struct buf joined;
	struct str id;

	if (own.len > 0)
		return reading_id(mail->reading, own);
	hash_to_hex(&hash, hex);
	buf_init(&joined, mail->reading->file->name.len + sizeof(hex) + 1);
	(void)buf_append_str(&joined, mail->reading->file->name);
	(void)buf_printf(&joined, "#%s", hex);
	id = reading_id(mail->reading, buf_str(&joined));
	buf_done(&joined);
	return id;
}

enum status
mail_give(struct reading *reading, struct str message, size_t number, struct error *reterr)
{
	struct mail mail = { .reading = reading };
	struct article article = { .number = number };
	struct str body = message, headers = mime_take_headers(&body);
	struct buf text;
	enum status status;

	buf_init(&text, LIMIT_SOURCE_BYTES);
	if (headers.len > LIMIT_HEADER_BYTES)
		status = error_set(&mail.why, STATUS_LIMIT, ERROR_NO_OFFSET,
		    "the headers are longer than %d bytes (LIMIT_HEADER_BYTES)", LIMIT_HEADER_BYTES);
	else
		status = append_part(&mail, message, 0, &text);
	if (status == STATUS_OK) {
		article.title = words_of(&mail, headers, "subject");
		article.source = sender(words_of(&mail, headers, "from"));
		article.date = mime_header(headers, "date", reading->arena);
		article.url = bracketed(mime_header(headers, "archived-at", reading->arena));
		article.text = text_trim(buf_str(&text));
		if (number > 0)
			article.id = message_id(&mail, message, headers);
		status = article_give_named(reading, &article, reterr);
	} else
		status = reading_refuse(reading, number, &mail.why, reterr);
	buf_done(&text);
	return status;
}

enum status
mail_read(struct reading *reading, struct error *reterr)
{
	struct buf message;
	bool whole;
	enum status status;

	buf_init(&message, LIMIT_SOURCE_BYTES);
	status = reading_all(reading, &message, &whole, reterr);
	if (status == STATUS_OK && whole)
		status = mail_give(reading, buf_str(&message), 0, reterr);
	buf_done(&message);
	return status;
}
