/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * page: an HTML page -> its text, and what it says of itself.
 *
 * The parser is libxml2's for HTML, which takes any bytes; it asks no network and knows no entities but those of
 * HTML.  Navigation, banners, share bars and comments are left out of the text (page-mark.c); what is left out is
 * never most of what the page has to say.
 *
 *	page_parse(utf8, &page, &why)
 *	page_meta(page, arena, &meta)
 *	page_text(page, PAGE_MAIN, meta.title, &out)
 *	page_free(page)
 */
#ifndef VOISIN_INDEXER_SOURCES_PAGE_H
#define VOISIN_INDEXER_SOURCES_PAGE_H

#include <libxml/tree.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

struct page {
	xmlDocPtr document;
	xmlNodePtr body; /* NULL where the page is empty */
};

/*
 * Reads UTF-8.  STATUS_LIMIT: more than LIMIT_SOURCE_NODES nodes, or LIMIT_SOURCE_DEPTH in each other; STATUS_NOMEM.
 * page_free() in any case.
 */
enum status page_parse(struct str utf8, struct page *ret_page, struct error *reterr) MUST_CHECK;

void page_free(struct page *page);

/* What a page says of itself; strings are in the arena, any may be empty. */
struct page_meta {
	struct str title;
	struct str date;
	struct str author;
	struct str source;
	struct str url; /* absolute */
	struct str language;
};

/* STATUS_NOMEM. */
enum status page_meta(const struct page *page, struct arena *arena, struct page_meta *ret_meta) MUST_CHECK;

/* The host of an address, without "www."; part of `url`. */
struct str page_host(struct str url);

enum page_part {
	PAGE_MAIN, /* the article alone */
	PAGE_ALL /* everything that would be seen, as of a mail or an entry of a feed */
};

/*
 * Appends the text: paragraphs with an empty line between them.  A heading that says what `title` does is left out of
 * PAGE_MAIN.  Once a page.  STATUS_LIMIT where `out` may not hold it, STATUS_NOMEM.
 */
enum status page_text(const struct page *page, enum page_part part, struct str title, struct buf *out) MUST_CHECK;

/* The node behind `node` in the order of the text, inside `root`; with `skip`, behind all that is in it.  NULL at the end. */
xmlNodePtr page_next(xmlNodePtr node, const xmlNode *root, bool skip);

/* The value of an attribute in its node, borrowed; empty where there is none, or where it has several pieces. */
struct str page_attribute(const xmlNode *node, const char *name);

bool page_is(const xmlNode *node, const char *name);

#endif
