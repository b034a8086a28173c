/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * document: what the index keeps of one article.
 */
#ifndef VOISIN_STORE_DOCUMENT_H
#define VOISIN_STORE_DOCUMENT_H

#include <stdbool.h>

#include "base/str.h"

/* All strings are UTF-8; who fills one says how long they are borrowed. */
struct store_document {
	struct str id; /* 1 to LIMIT_ID_BYTES bytes, no NUL, no control characters */
	struct str title; /* one line, may be empty */
	struct str text; /* the body as it is shown; byte offsets of answers point into it */
	struct str date; /* "yyyy-mm-dd", or empty where unknown */
	struct str source; /* may be empty */
	struct str url; /* may be empty */
	struct str author; /* may be empty */
	/*
	 * What `date` was taken from: "metadata" (the source says it), "text" (it stands at the head of the text),
	 * "file" (nothing better than the file's mtime); empty without a date.
	 */
	struct str dated;
	/*
	 * "fr", another ISO 639-1 code, "und" for a language that is not French and not known, or empty where
	 * nobody can tell.  See document_is_stemmed().
	 */
	struct str language;
	struct str aside; /* which parts of the text are set aside, see store/aside.h; may be empty */
};

/*
 * Whether the words of a document are posted by their French stems: so it is unless it is known to be in
 * another language.  Its words are then posted as they are written, without accents.
 */
static inline bool
document_is_stemmed(const struct store_document *document)
{
	return document->language.len == 0 || str_eq(document->language, STR("fr"));
}

#endif
