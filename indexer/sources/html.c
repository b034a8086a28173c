/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "indexer/sources/html.h"

#include <stdio.h>
#include <strings.h>

#include "base/limits.h"
#include "indexer/sources/page.h"

enum { PRESCAN_BYTES = 4096, NAME_BYTES = 32 };

/* Where `wanted` (small letters) is in the first bytes; NULL where it is not. */
static const char *
find(struct str s, const char *wanted)
{
	size_t len = strlen(wanted);

	for (size_t i = 0; i + len <= s.len; i++) {
		if (strncasecmp(s.p + i, wanted, len) == 0)
			return s.p + i;
	}
	return NULL;
}

bool
html_looks_so(struct str bytes)
{
	struct str head = { bytes.p, bytes.len < PRESCAN_BYTES ? bytes.len : PRESCAN_BYTES };

	return find(head, "<!doctype html") != NULL || find(head, "<html") != NULL;
}

bool
html_has_marks(struct str text)
{
	for (size_t i = 0; i + 1 < text.len; i++) {
		char next = text.p[i + 1];
		bool letter = (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z');

		if ((text.p[i] == '<' && (letter || next == '/' || next == '!')) ||
		    (text.p[i] == '&' && (letter || next == '#')))
			return true;
	}
	return false;
}

/* The encoding that <meta charset> or the XML declaration names; empty for none. */
static void
find_charset(struct str bytes, char name[NAME_BYTES])
{
	struct str head = { bytes.p, bytes.len < PRESCAN_BYTES ? bytes.len : PRESCAN_BYTES };
	const char *end = head.p + head.len;
	const char *p = find(head, "charset=");
	size_t len = 0;

	if (p != NULL)
		p += strlen("charset=");
	else if (str_has_prefix(head, STR("<?xml")) && (p = find(head, "encoding=")) != NULL)
		p += strlen("encoding=");
	while (p != NULL && p < end && (*p == '"' || *p == '\'' || *p == ' '))
		p++;
	while (p != NULL && p < end && len + 1 < NAME_BYTES && strchr("\"' />;?\r\n", *p) == NULL)
		name[len++] = *p++;
	name[len] = '\0';
}

static void
prefer(struct str *field, struct str other)
{
	if (field->len == 0)
		*field = other;
}

static enum status
give_page(struct reading *reading, const struct page *page, struct article *article, struct error *reterr)
{
	struct page_meta meta;
	struct buf text;
	struct error why;
	enum status status = page_meta(page, reading->arena, &meta);

	buf_init(&text, LIMIT_SOURCE_BYTES);
	if (status == STATUS_OK) {
		prefer(&article->title, meta.title);
		prefer(&article->date, meta.date);
		prefer(&article->author, meta.author);
		prefer(&article->source, meta.source);
		prefer(&article->url, meta.url);
		prefer(&article->source, page_host(article->url));
		prefer(&article->language, meta.language);
		article->title = reading_line(reading, article->title);
		status = article->title.p != NULL ? page_text(page, PAGE_MAIN, article->title, &text) : STATUS_NOMEM;
	}
	if (status == STATUS_OK) {
		article->text = buf_str(&text);
		status = article_give_named(reading, article, reterr);
	} else {
		(void)error_set(&why, status, ERROR_NO_OFFSET, "the text of the page: %s", status_text(status));
		status = reading_refuse(reading, article->number, &why, reterr);
	}
	buf_done(&text);
	return status;
}

enum status
html_decode(struct reading *reading, struct str bytes, const char *declared, struct buf *out, struct error *reterr)
{
	char charset[NAME_BYTES];

	find_charset(bytes, charset);
	return reading_decode(
	    reading, bytes, declared != NULL && declared[0] != '\0' ? declared : charset, out, reterr);
}

enum status
html_give(
    struct reading *reading, struct str bytes, const char *declared, struct article *article, struct error *reterr)
{
	struct page page = { NULL, NULL };
	struct error why;
	struct buf utf8;
	enum status status;

	buf_init(&utf8, 2 * (size_t)LIMIT_SOURCE_BYTES);
	status = html_decode(reading, bytes, declared, &utf8, &why);
	if (status == STATUS_OK)
		status = page_parse(buf_str(&utf8), &page, &why);
	buf_done(&utf8);
	if (status == STATUS_OK)
		status = give_page(reading, &page, article, reterr);
	else
		status = reading_refuse(reading, article->number, &why, reterr);
	page_free(&page);
	return status;
}

enum status
html_to_text(struct str utf8, struct buf *out, struct error *reterr)
{
	struct page page;
	enum status status = page_parse(utf8, &page, reterr);

	if (status == STATUS_OK) {
		status = page_text(&page, PAGE_ALL, STR(""), out);
		if (status != STATUS_OK)
			(void)error_set(
			    reterr, status, ERROR_NO_OFFSET, "the text of the page: %s", status_text(status));
	}
	page_free(&page);
	return status;
}

enum status
html_read(struct reading *reading, struct error *reterr)
{
	struct article article = { .number = 0 };
	struct buf bytes;
	bool whole;
	enum status status;

	buf_init(&bytes, LIMIT_SOURCE_BYTES);
	status = reading_all(reading, &bytes, &whole, reterr);
	if (status == STATUS_OK && whole)
		status = html_give(reading, buf_str(&bytes), NULL, &article, reterr);
	buf_done(&bytes);
	return status;
}
