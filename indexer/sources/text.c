/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * text: a plain text is one document.  Its first line that is not blank is the title, if it is short and something
 * follows; the rest is the text, as it is.
 */
#include <stdio.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "indexer/sources/charset.h"
#include "indexer/sources/reading.h"

/* ---- Taking a text apart --------------------------------------------------------------------- */

static bool
is_blank_char(uint32_t c)
{
	return c <= ' ' || c == 0xA0 || c == 0x202F || c == 0x3000 || c == 0xFEFF || (c >= 0x2000 && c <= 0x200B);
}

static bool
is_blank(struct str s)
{
	for (size_t off = 0; off < s.len;)
		if (!is_blank_char(utf8_next(s, &off, NULL)))
			return false;
	return true;
}

struct str
text_trim(struct str s)
{
	size_t end = 0;
	size_t start = s.len;

	for (size_t off = 0; off < s.len;) {
		size_t from = off;

		if (is_blank_char(utf8_next(s, &off, NULL)))
			continue;
		if (start == s.len)
			start = from;
		end = off;
	}
	return end > start ? (struct str) { s.p + start, end - start } : (struct str) { s.p, 0 };
}

struct str
text_take_line(struct str *rest)
{
	const char *newline = rest->len > 0 ? memchr(rest->p, '\n', rest->len) : NULL;
	struct str line = { rest->p, newline != NULL ? (size_t)(newline - rest->p) : rest->len };

	rest->p += line.len + (newline != NULL);
	rest->len -= line.len + (newline != NULL);
	return line;
}

static struct str
skip_blank_lines(struct str s)
{
	struct str rest = s;

	while (s.len > 0 && is_blank(text_take_line(&rest)))
		s = rest;
	return s;
}

void
text_split(struct str contents, struct str *ret_title, struct str *ret_text)
{
	struct str rest;
	struct str title;

	contents = skip_blank_lines(contents);
	rest = contents;
	title = text_trim(text_take_line(&rest));
	rest = skip_blank_lines(rest);
	if (title.len > READING_TITLE_BYTES || rest.len == 0) {
		*ret_title = (struct str) { "", 0 };
		*ret_text = contents;
		return;
	}
	*ret_title = title;
	*ret_text = rest;
}

size_t
text_id_of_name(struct str name, char *out, size_t size)
{
	size_t used = 0;

	for (size_t off = 0; off < name.len;) {
		size_t from = off;
		bool valid;
		uint32_t c = utf8_next(name, &off, &valid);
		bool plain = valid && c >= 0x20 && (c < 0x7F || c > 0x9F) && c != 0x2028 && c != 0x2029;

		for (size_t i = from; i < off; i++) {
			char piece[4] = { name.p[i], '\0' };
			size_t len = 1;

			if (!plain)
				len = (size_t)snprintf(
				    piece, sizeof(piece), "%%%02X", (unsigned)(unsigned char)name.p[i]);
			if (used + len <= size)
				memcpy(out + used, piece, len);
			used += len;
		}
	}
	return used;
}

/* ---- Reading --------------------------------------------------------------------------------- */

/* A first line that is no title stays where it is. */
static void
split(const struct source_events *events, struct str text, struct article *article)
{
	text_split(text, &article->title, &article->text);
	if (article->title.len == 0 || events->title_cb == NULL || events->title_cb(events->arg, article->title))
		return;
	article->title = (struct str) { "", 0 };
	article->text = skip_blank_lines(text);
}

enum status
text_give(
    struct reading *reading, struct str bytes, const char *declared, struct article *article, struct error *reterr)
{
	struct error why;
	struct buf text;
	enum status status;

	if (charset_is_binary(bytes)) {
		(void)error_set(&why, STATUS_INVALID, ERROR_NO_OFFSET,
		    "it is no text: a program, an image, an archive or the like");
		return reading_refuse(reading, article->number, &why, reterr);
	}
	buf_init(&text, LIMIT_SOURCE_BYTES);
	status = reading_decode(reading, bytes, declared, &text, &why);
	if (status == STATUS_OK) {
		split(reading->events, buf_str(&text), article);
		status = article_give_named(reading, article, reterr);
	} else
		status = reading_refuse(reading, article->number, &why, reterr);
	buf_done(&text);
	return status;
}

enum status
text_read(struct reading *reading, struct error *reterr)
{
	struct article article = { .number = 0 };
	struct buf contents;
	bool whole;
	enum status status;

	buf_init(&contents, LIMIT_DOCUMENT_BYTES);
	status = reading_all(reading, &contents, &whole, reterr);
	if (status == STATUS_OK && whole)
		status = text_give(reading, buf_str(&contents), NULL, &article, reterr);
	buf_done(&contents);
	return status;
}
