/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mime: headers, and what bodies are encoded in (RFC 5322, 2045 to 2047, 2231).  Also those of HTTP and of WARC
 * records, which have the same form.
 */
#ifndef VOISIN_INDEXER_SOURCES_MIME_H
#define VOISIN_INDEXER_SOURCES_MIME_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"

/* Takes the headers off *rest, with the empty line behind them; what has none is all body. */
struct str mime_take_headers(struct str *rest);

/*
 * The value of the first header of that name, unfolded, in the arena; empty where there is none (or no memory: then
 * p is NULL).
 */
struct str mime_header(struct str headers, const char *name, struct arena *arena);

/* "text/html; charset=utf-8" -> "text/html", in small letters, in the arena. */
struct str mime_type(struct str value, struct arena *arena);

/* A parameter behind the semicolons: mime_parameter(value, "charset"); without its quotes, in the arena. */
struct str mime_parameter(struct str value, const char *name, struct arena *arena);

/* Appends what base64 or quoted-printable stands for; any other encoding ("7bit") is copied. */
enum status mime_decode(struct str body, struct str encoding, struct buf *out) MUST_CHECK;

/* Appends a header's value as UTF-8: "=?utf-8?Q?Tr=C3=AAve?=" is "Trêve".  Bytes beyond ASCII are decoded as they can be. */
enum status mime_words(struct str value, struct buf *out) MUST_CHECK;

/* Whether two strings are the same but for capitals of ASCII. */
bool mime_is(struct str a, const char *b);

#endif
