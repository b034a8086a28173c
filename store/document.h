/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * document: what the index keeps of one article.
 */
#ifndef VOISIN_STORE_DOCUMENT_H
#define VOISIN_STORE_DOCUMENT_H

#include "base/str.h"

/* All strings are UTF-8; who fills one says how long they are borrowed. */
struct store_document {
	struct str id; /* 1 to LIMIT_ID_BYTES bytes, no NUL, no control characters */
	struct str title; /* one line, may be empty */
	struct str text; /* the body as it is shown; byte offsets of answers point into it */
	struct str date; /* "yyyy-mm-dd", or empty where unknown */
	struct str source; /* may be empty */
	struct str url; /* may be empty */
};

#endif
