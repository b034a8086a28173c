/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reply: one line from the daemon, written there and read by clients.
 *
 *	reply_begin(&out, request.id);
 *	json_write_open(&out, '{');
 *	...
 *	json_write_close(&out, '}');
 *	status = reply_end(&out);
 */
#ifndef VOISIN_PROTOCOL_REPLY_H
#define VOISIN_PROTOCOL_REPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/limits.h"
#include "protocol/json.h"
#include "protocol/protocol.h"
#include "protocol/value.h"

/* What a reader takes: a daemon of a later version may send a little more than this one does. */
enum { REPLY_READ_BYTES = LIMIT_REPLY_BYTES + 64 * 1024, REPLY_JSON_DEPTH = 128, REPLY_JSON_KEYS = 256 };

/* Everything up to the result, which is to be written next with the calls of json.h. */
void reply_begin(struct buf *out, struct str id);

/* The end of the line, newline included.  STATUS_LIMIT or STATUS_NOMEM: the buffer's failure. */
enum status reply_end(struct buf *out) MUST_CHECK;

/*
 * A whole error line, newline included.  `code` is request_parse()'s or protocol_code()'s.  Where
 * `error` has a place, column and offset are given, counted in `q`.  `retry_after_ms` is left out
 * when it is 0.  The status is the buffer's.
 */
enum status reply_error(struct buf *out, struct str id, int code, const struct error *error, struct str q,
    unsigned retry_after_ms) MUST_CHECK;

/* The column of byte `off` of `q`: 1 and one for each character before it. */
size_t reply_column(struct str q, size_t off);

/* Most of what a reply of REPLY_READ_BYTES that makes sense is, once it is read and decoded. */
enum { REPLY_ARENA_BYTES = 128 * 1024 * 1024 };

struct reply {
	struct arena *arena; /* owned; all that is in the reply */
	const struct value *root;
	const struct value *id; /* an integer, a string or null */
	const struct value *result; /* an object; NULL where the reply is an error */

	/* of an error */
	int code;
	enum status status; /* what `code` stands for */
	struct str message;
	bool has_place;
	size_t column; /* with has_place; from 1 */
	size_t offset; /* with has_place; bytes */
	unsigned retry_after_ms; /* 0 where the daemon did not say */
};

/*
 * Reads a reply line, without its newline.  On STATUS_OK the caller ends *ret_reply with
 * reply_done(); everything in it is its arena's, a copy of the line included.  STATUS_INVALID: it is no reply of this
 * protocol, and reterr says why; STATUS_LIMIT: too long, deep or wide; STATUS_NOMEM.
 */
enum status reply_read(struct str line, struct reply *ret_reply, struct error *reterr) MUST_CHECK;

void reply_done(struct reply *reply);

#endif
