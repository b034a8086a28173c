/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * html: a page as a document; pieces of HTML as text.  The page itself is page.h's.
 */
#ifndef VOISIN_INDEXER_SOURCES_HTML_H
#define VOISIN_INDEXER_SOURCES_HTML_H

#include "indexer/sources/reading.h"

/*
 * Gives a page, in whatever encoding (`declared` by what carries it, or NULL), as a document.  What `article` has
 * already goes before what the page says; without an id in it the file's name is the id.
 */
enum status html_give(struct reading *reading, struct str bytes, const char *declared, struct article *article,
    struct error *reterr) MUST_CHECK;

/*
 * Appends bytes as UTF-8, by `declared` or else by the encoding that <meta charset> or an XML declaration names.  As
 * reading_decode().
 */
enum status html_decode(
    struct reading *reading, struct str bytes, const char *declared, struct buf *out, struct error *reterr) MUST_CHECK;

/* Appends all text of a piece of HTML in UTF-8.  STATUS_LIMIT or STATUS_NOMEM with a reason for the report. */
enum status html_to_text(struct str utf8, struct buf *out, struct error *reterr) MUST_CHECK;

/* Whether bytes begin as a page does. */
bool html_looks_so(struct str bytes);

/* Whether text has tags or entities in it. */
bool html_has_marks(struct str text);

#endif
