/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "indexer/sources/http.h"

#include <stdint.h>
#include <zlib.h>
#include <zstd.h>

#include "base/i18n.h"
#include "base/limits.h"
#include "indexer/sources/mime.h"
#include "indexer/sources/reading.h"

enum { WINDOW_ANY = 15 + 32 /* zlib's way to say: gzip or zlib, by its header */, WINDOW_RAW = -15 };

bool
http_read(struct str bytes, struct arena *arena, struct http_reply *ret_reply)
{
	struct str line = text_trim(text_take_line(&bytes));
	struct str content;
	unsigned status = 0;

	/* HTTP/1.1 200 OK */
	if (!str_has_prefix(line, STR("HTTP/")) || line.len < sizeof("HTTP/1.1 200") - 1 || line.p[8] != ' ')
		return false;
	for (size_t i = 9; i < 12; i++) {
		if (line.p[i] < '0' || line.p[i] > '9')
			return false;
		status = status * 10 + (unsigned)(line.p[i] - '0');
	}
	ret_reply->status = status;
	ret_reply->headers = mime_take_headers(&bytes);
	ret_reply->body = bytes;
	content = mime_header(ret_reply->headers, "content-type", arena);
	ret_reply->type = mime_type(content, arena);
	ret_reply->charset = mime_parameter(content, "charset", arena);
	return true;
}

/* ---- Chunks ---------------------------------------------------------------------------------- */

/* The length at the beginning of a chunk; false where there is none. */
static bool
take_length(struct str *rest, size_t *ret_length)
{
	struct str line = text_trim(text_take_line(rest));
	size_t length = 0, digits = 0;

	for (; digits < line.len; digits++) {
		const char *hex = "0123456789abcdef";
		const char *digit = strchr(hex, line.p[digits] | 0x20);

		if (line.p[digits] == '\0' || digit == NULL)
			break;
		if (length > LIMIT_SOURCE_BYTES)
			return false;
		length = length * 16 + (size_t)(digit - hex);
	}
	*ret_length = length;
	return digits > 0 && (digits == line.len || line.p[digits] == ';' || line.p[digits] == ' ');
}

/* False where the body is not chunked, or not to its end. */
static bool
append_chunks(struct str body, struct buf *out)
{
	size_t length;

	while (body.len > 0) {
		if (!take_length(&body, &length) || length > body.len)
			return false;
		if (length == 0)
			return true;
		(void)buf_append(out, body.p, length);
		body = (struct str) { body.p + length, body.len - length };
		if (!str_has_prefix(body, STR("\r\n")) && !str_has_prefix(body, STR("\n")))
			return false;
		(void)text_take_line(&body);
	}
	return false;
}

/* ---- Packing --------------------------------------------------------------------------------- */

static enum status
failed(enum status code, const char *what, struct error *reterr)
{
	return error_set(reterr, code, ERROR_NO_OFFSET, "the reply's body: %s", what);
}

static enum status
inflate_all(z_stream *z, struct buf *out, int *ret_code)
{
	char piece[16 * 1024];
	int code = Z_OK;

	while (code == Z_OK && buf_status(out) == STATUS_OK) {
		z->next_out = (Bytef *)piece;
		z->avail_out = sizeof(piece);
		code = inflate(z, Z_NO_FLUSH);
		(void)buf_append(out, piece, sizeof(piece) - z->avail_out);
		if (z->avail_in == 0 && z->avail_out > 0)
			break;
	}
	*ret_code = code;
	return buf_status(out);
}

static enum status
inflate_body(struct str body, int window, struct buf *out, struct error *reterr)
{
	z_stream z = { 0 };
	int code;
	enum status status;

	if (inflateInit2(&z, window) != Z_OK)
		return failed(STATUS_NOMEM, status_text(STATUS_NOMEM), reterr);
	z.next_in = (Bytef *)(uintptr_t)body.p;
	z.avail_in = (uInt)body.len;
	status = inflate_all(&z, out, &code);
	(void)inflateEnd(&z);
	if (status != STATUS_OK)
		return failed(status, status_text(status), reterr);
	/* A reply that was cut off is taken as far as it goes. */
	if (code != Z_STREAM_END && code != Z_OK && code != Z_BUF_ERROR)
		return failed(STATUS_INVALID, tr("its packing is damaged"), reterr);
	return STATUS_OK;
}

static enum status
unpack_gzip(struct str body, struct buf *out, struct error *reterr)
{
	return inflate_body(body, WINDOW_ANY, out, reterr);
}

/* "deflate" is zlib's format by the standard, and bare deflate from many a server. */
static enum status
unpack_deflate(struct str body, struct buf *out, struct error *reterr)
{
	bool zlib = body.len >= 2 && ((unsigned char)body.p[0] & 0x0F) == 8 &&
		    ((unsigned)(unsigned char)body.p[0] << 8 | (unsigned char)body.p[1]) % 31 == 0;

	return inflate_body(body, zlib ? WINDOW_ANY : WINDOW_RAW, out, reterr);
}

static enum status
unpack_zstd(struct str body, struct buf *out, struct error *reterr)
{
	ZSTD_DStream *zstd = ZSTD_createDStream();
	ZSTD_inBuffer in = { body.p, body.len, 0 };
	char piece[16 * 1024];
	size_t code = 1;

	while (zstd != NULL && code != 0 && !ZSTD_isError(code) && buf_status(out) == STATUS_OK) {
		ZSTD_outBuffer made = { piece, sizeof(piece), 0 };

		code = ZSTD_decompressStream(zstd, &made, &in);
		(void)buf_append(out, piece, made.pos);
		if (in.pos == in.size && made.pos < made.size)
			break;
	}
	(void)ZSTD_freeDStream(zstd);
	if (zstd == NULL)
		return failed(STATUS_NOMEM, status_text(STATUS_NOMEM), reterr);
	if (buf_status(out) != STATUS_OK)
		return failed(buf_status(out), status_text(buf_status(out)), reterr);
	return ZSTD_isError(code) ? failed(STATUS_INVALID, tr("its packing is damaged"), reterr) : STATUS_OK;
}

static enum status
copy(struct str body, struct buf *out, struct error *reterr)
{
	enum status status = buf_append_str(out, body);

	return status == STATUS_OK ? status : failed(status, status_text(status), reterr);
}

static const struct {
	const char *name;
	enum status (*unpack)(struct str body, struct buf *out, struct error *reterr);
} encodings[] = { { "", copy }, { "identity", copy }, { "gzip", unpack_gzip }, { "x-gzip", unpack_gzip },
	{ "deflate", unpack_deflate }, { "zstd", unpack_zstd } };

static enum status
unpack(struct str encoding, struct str body, struct buf *out, struct error *reterr)
{
	/* A crawler may have unpacked the body and kept the header. */
	bool packed = str_has_prefix(body, STR("\x1F\x8B")) || !mime_is(encoding, "gzip");

	if (body.len == 0 || !packed)
		return copy(body, out, reterr);
	for (size_t i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++) {
		if (mime_is(encoding, encodings[i].name))
			return encodings[i].unpack(body, out, reterr);
	}
	return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
	    "the reply's body is packed as \"%.*s\", which is not read", (int)(encoding.len < 40 ? encoding.len : 40),
	    encoding.p);
}

enum status
http_payload(const struct http_reply *reply, struct arena *arena, struct buf *out, struct error *reterr)
{
	struct str transfer = mime_header(reply->headers, "transfer-encoding", arena);
	struct str encoding = mime_header(reply->headers, "content-encoding", arena);
	struct buf plain;
	enum status status;

	buf_init(&plain, LIMIT_SOURCE_BYTES);
	if (mime_is(transfer, "chunked") && append_chunks(reply->body, &plain) && buf_status(&plain) == STATUS_OK)
		status = unpack(encoding, buf_str(&plain), out, reterr);
	else
		status = unpack(encoding, reply->body, out, reterr);
	buf_done(&plain);
	return status;
}
