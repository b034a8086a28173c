/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * buf: a growing byte buffer that has a maximum.
 *
 * A buffer is made with the most that it may ever hold; an append past that is STATUS_LIMIT and
 * leaves the buffer as it was.  Failures stick: after one, each later append fails the same way
 * until buf_reset(), so a run of appends needs one check at its end.
 *
 *	struct buf out;
 *	buf_init(&out, 1 << 20);
 *	buf_append_str(&out, STR("gen-"));
 *	buf_printf(&out, "%06u", number);
 *	status = buf_status(&out);
 */
#ifndef VOISIN_BASE_BUF_H
#define VOISIN_BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/str.h"

struct buf {
	char *data; /* NUL-terminated behind len, so usable as a C string; NULL while nothing was added */
	size_t len;
	size_t cap;
	size_t max;
	enum status status;
};

void buf_init(struct buf *buf, size_t max_bytes);

/* Frees the bytes; the buffer may be used again with the same maximum. */
void buf_done(struct buf *buf);

/* Empties without freeing and forgets a failure. */
void buf_reset(struct buf *buf);

/* STATUS_OK, or the first failure: STATUS_LIMIT or STATUS_NOMEM. */
enum status buf_status(const struct buf *buf);

/* The contents, borrowed until the next change. */
struct str buf_str(const struct buf *buf);

enum status buf_append(struct buf *buf, const void *bytes, size_t len);
enum status buf_append_str(struct buf *buf, struct str s);
enum status buf_append_char(struct buf *buf, char c);

/* In decimal, with zeros in front where it has fewer than `width` digits, of which at most 20 count. */
enum status buf_append_uint(struct buf *buf, uint64_t value, unsigned width);

enum status buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Takes the first `len` bytes away (len <= buf->len). */
void buf_consume(struct buf *buf, size_t len);

#endif
