/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * aside: which lines of a document are shown but not read.
 *
 * Share buttons, calls to other articles, lists of tags: they belong to the page and not to the
 * article.  Who makes a document names the bytes of its text that are such lines; they take no part
 * in positions, so that they neither match nor lengthen a distance, and their words are posted apart
 * (SCHEMA_PREFIX_ASIDE_STEM) for those who ask for them.
 *
 * Written as pairs of decimals, offset and length, ascending and apart: "0+14 2310+96".
 *
 * Not for: deciding which lines these are (indexer/boilerplate.h).
 */
#ifndef VOISIN_STORE_ASIDE_H
#define VOISIN_STORE_ASIDE_H

#include "base/buf.h"
#include "base/error.h"
#include "stemmer/analyzer.h"
#include "store/document.h"

/* Appends one span, which begins behind the last one, to what was written so far. */
enum status aside_append(struct buf *out, struct text_span span) MUST_CHECK;

/* Takes the first span from *rest; false where none is left, or where no span is written there. */
bool aside_next(struct str *rest, struct text_span *ret_span);

/* STATUS_OK, or STATUS_INVALID or STATUS_LIMIT and a message: at most LIMIT_ASIDE_SPANS, in order, in the text. */
enum status aside_check(const struct store_document *document, struct error *reterr) MUST_CHECK;

/*
 * The tokens of a document's body, as analyzer_run_aside() gives them, for a title of so many words:
 * the first *ret_n_read are read, the others set aside.
 */
enum status aside_run_body(struct analyzer *analyzer, const struct store_document *document, uint32_t title_words,
    const struct token **ret_tokens, size_t *ret_n, size_t *ret_n_read, struct error *reterr) MUST_CHECK;

#endif
