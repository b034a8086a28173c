/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json: JSON (RFC 8259) out to a buffer, and why a text is none.  It is read by value.h.
 *
 * The writers append to a struct buf and put commas where they belong by looking at the byte before:
 * a value or key is the first of its kind exactly when that byte is one of { [ :
 *
 *	json_write_open(out, '{');
 *	json_write_key(out, "title");
 *	json_write_string(out, title);
 *	json_write_key(out, "score");
 *	json_write_number(out, 7.25);
 *	json_write_close(out, '}');
 *	status = buf_status(out);
 *
 * Failures stick in the buffer, as base/buf.h says.  What is written is always valid JSON and valid
 * UTF-8 if calls nest as they should: strings are scrubbed, numbers never inf or nan.
 */
#ifndef VOISIN_PROTOCOL_JSON_H
#define VOISIN_PROTOCOL_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

/* What json_refuse() needs from the system, once: for a process that will not be able to open files. */
void json_prepare(void);

/* '{' or '[', with a comma before it where one is due. */
void json_write_open(struct buf *out, char bracket);

/* '}' or ']'. */
void json_write_close(struct buf *out, char bracket);

/* A key and its colon.  `key` must need no escaping. */
void json_write_key(struct buf *out, const char *key);

/*
 * A string: quotes, backslashes and control characters (C0 and DEL) escaped; each ill-formed part
 * becomes U+FFFD.  At most 6 bytes a byte, plus the quotes.
 */
void json_write_string(struct buf *out, struct str s);

void json_write_int(struct buf *out, int64_t value);
void json_write_uint(struct buf *out, uint64_t value);
void json_write_bool(struct buf *out, bool value);
void json_write_null(struct buf *out);

/* A number with at most 9 significant digits, whatever the locale; inf and nan become 0. */
void json_write_number(struct buf *out, double value);

/* Text that is JSON already, such as the id of a request. */
void json_write_raw(struct buf *out, struct str json);

/* How many bytes json_write_string() would append for `s`, quotes included, comma not. */
size_t json_written_bytes(struct str s);

/*
 * Why a text that value_read() does not take is refused, with these bounds: STATUS_INVALID or STATUS_LIMIT, and reterr says
 * what and at which byte; STATUS_NOMEM.
 */
enum status json_refuse(struct str text, unsigned max_depth, unsigned max_keys, struct error *reterr) MUST_CHECK;

/*
 * Makes json_refuse() see every allocation that fails in Jansson, which drops the bytes of a string that it has no room
 * for and says nothing.  Sets Jansson's allocator for the whole process: for programs, at their start, not for libraries.
 */
void json_watch_memory(void);

#endif
