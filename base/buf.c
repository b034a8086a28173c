/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIRST_CAPACITY = 256, UINT_DIGITS = 20 };

void
buf_init(struct buf *buf, size_t max_bytes)
{
	*buf = (struct buf) { .max = max_bytes };
}

void
buf_done(struct buf *buf)
{
	free(buf->data);
	buf_init(buf, buf->max);
}

void
buf_reset(struct buf *buf)
{
	buf->len = 0;
	buf->status = STATUS_OK;
	if (buf->data != NULL)
		buf->data[0] = '\0';
}

enum status
buf_status(const struct buf *buf)
{
	return buf->status;
}

struct str
buf_str(const struct buf *buf)
{
	return (struct str) { buf->data != NULL ? buf->data : "", buf->len };
}

/* Makes room for `more` bytes and the NUL behind them. */
static enum status
reserve(struct buf *buf, size_t more)
{
	size_t need, cap;
	char *data;

	if (buf->status != STATUS_OK)
		return buf->status;
	if (more > buf->max - buf->len)
		return buf->status = STATUS_LIMIT;
	need = buf->len + more + 1;
	if (need <= buf->cap)
		return STATUS_OK;
	cap = buf->cap < FIRST_CAPACITY ? FIRST_CAPACITY : buf->cap;
	while (cap < need)
		cap = cap > (size_t)-1 / 2 ? need : cap * 2;
	if (cap > buf->max + 1 && buf->max != (size_t)-1)
		cap = buf->max + 1;
	data = realloc(buf->data, cap);
	if (data == NULL)
		return buf->status = STATUS_NOMEM;
	buf->data = data;
	buf->cap = cap;
	return STATUS_OK;
}

enum status
buf_append(struct buf *buf, const void *bytes, size_t len)
{
	enum status status = reserve(buf, len);

	if (status != STATUS_OK)
		return status;
	if (len > 0)
		memcpy(buf->data + buf->len, bytes, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
	return STATUS_OK;
}

enum status
buf_append_str(struct buf *buf, struct str s)
{
	return buf_append(buf, s.p, s.len);
}

enum status
buf_append_char(struct buf *buf, char c)
{
	return buf_append(buf, &c, 1);
}

enum status
buf_append_uint(struct buf *buf, uint64_t value, unsigned width)
{
	char digits[UINT_DIGITS];
	size_t n = 0;

	do {
		digits[UINT_DIGITS - ++n] = (char)('0' + value % 10);
		value /= 10;
	} while (n < UINT_DIGITS && (value > 0 || n < width));
	return buf_append(buf, digits + UINT_DIGITS - n, n);
}

enum status
buf_printf(struct buf *buf, const char *format, ...)
{
	size_t room = buf->cap - buf->len;
	va_list args;
	enum status status;
	int n;

	if (buf->status != STATUS_OK)
		return buf->status;
	va_start(args, format);
	n = vsnprintf(room > 0 ? buf->data + buf->len : NULL, room, format, args);
	va_end(args);
	if (n >= 0 && (size_t)n < room) {
		buf->len += (size_t)n;
		return STATUS_OK;
	}
	if (room > 0)
		buf->data[buf->len] = '\0';
	if (n < 0)
		return buf->status = STATUS_INVALID;
	status = reserve(buf, (size_t)n);
	if (status != STATUS_OK)
		return status;
	va_start(args, format);
	(void)vsnprintf(buf->data + buf->len, (size_t)n + 1, format, args);
	va_end(args);
	buf->len += (size_t)n;
	return STATUS_OK;
}

void
buf_consume(struct buf *buf, size_t len)
{
	if (len == 0)
		return;
	buf->len -= len;
	memmove(buf->data, buf->data + len, buf->len + 1);
}
