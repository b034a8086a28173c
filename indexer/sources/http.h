/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * http: a stored HTTP/1.x reply (RFC 9112) -> its status, type and payload.
 */
#ifndef VOISIN_INDEXER_SOURCES_HTTP_H
#define VOISIN_INDEXER_SOURCES_HTTP_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

struct http_reply {
	unsigned status; /* 200 */
	struct str type; /* "text/html", in small letters; in the arena */
	struct str charset; /* as declared, or empty; in the arena */
	struct str headers;
	struct str body; /* as it was sent */
};

/* Reads the head; what it gives points into `bytes` but for what is in the arena.  False for what is no reply. */
bool http_read(struct str bytes, struct arena *arena, struct http_reply *ret_reply);

/*
 * Appends the payload: the body without its chunks, unpacked.  A body that says that it is chunked and is not was
 * stored without, as many crawlers do, and is taken as it is.  STATUS_INVALID: packed in a way that is not known, or
 * damaged; STATUS_LIMIT, STATUS_NOMEM.
 */
enum status http_payload(
    const struct http_reply *reply, struct arena *arena, struct buf *out, struct error *reterr) MUST_CHECK;

#endif
