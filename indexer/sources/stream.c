/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "indexer/sources/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "base/i18n.h"
#include "base/limits.h"

enum { RAW_BYTES = 64 * 1024, GZIP_WINDOW = 15 + 16 /* zlib's way to say: a gzip header must be there */ };

enum packing { PACKING_UNKNOWN, PACKING_NONE, PACKING_GZIP, PACKING_ZSTD };

struct stream {
	const struct source_events *events;
	int fd;
	enum packing packing;
	bool raw_end; /* the file has no more bytes */
	bool end; /* nor has what they unpack to */
	bool in_member; /* of packed data: in the middle of one */
	z_stream gzip;
	bool has_gzip;
	ZSTD_DStream *zstd;
	struct hash_tree hash;
	uint64_t raw_total;
	uint64_t out_total;
	size_t raw_off; /* of what is not unpacked yet */
	size_t raw_len;
	size_t off; /* of what lies ahead in `out` */
	size_t len;
	char raw[RAW_BYTES];
	char out[STREAM_AHEAD_BYTES];
};

enum status
stream_new(int fd, const struct source_events *events, struct stream **ret_stream, struct error *reterr)
{
	struct stream *stream = malloc(sizeof(*stream));

	if (stream == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	memset(stream, 0, offsetof(struct stream, raw));
	stream->fd = fd;
	stream->events = events;
	hash_tree_init(&stream->hash);
	*ret_stream = stream;
	return STATUS_OK;
}

void
stream_free(struct stream *stream)
{
	if (stream == NULL)
		return;
	if (stream->has_gzip)
		(void)inflateEnd(&stream->gzip);
	(void)ZSTD_freeDStream(stream->zstd);
	free(stream);
}

/* ---- The file's bytes ------------------------------------------------------------------------ */

/* Adds to stream->raw what one read gives. */
static enum status
read_raw(struct stream *stream, struct error *reterr)
{
	ssize_t n;

	if (stream->raw_off > 0) {
		memmove(stream->raw, stream->raw + stream->raw_off, stream->raw_len);
		stream->raw_off = 0;
	}
	do
		n = read(stream->fd, stream->raw + stream->raw_len, RAW_BYTES - stream->raw_len);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot be read");
	if (n == 0) {
		stream->raw_end = true;
		return STATUS_OK;
	}
	hash_tree_update(&stream->hash, (struct str) { stream->raw + stream->raw_len, (size_t)n });
	stream->raw_len += (size_t)n;
	stream->raw_total += (uint64_t)n;
	stream->events->read_cb(stream->events->arg, (size_t)n);
	return STATUS_OK;
}

static enum packing
packing_of(struct str raw)
{
	if (str_has_prefix(raw, STR("\x1F\x8B\x08")))
		return PACKING_GZIP;
	if (str_has_prefix(raw, STR("\x28\xB5\x2F\xFD")))
		return PACKING_ZSTD;
	return PACKING_NONE;
}

static enum status
start(struct stream *stream, struct error *reterr)
{
	while (stream->raw_len < 4 && !stream->raw_end) {
		enum status status = read_raw(stream, reterr);

		if (status != STATUS_OK)
			return status;
	}
	stream->packing = packing_of((struct str) { stream->raw, stream->raw_len });
	if (stream->packing == PACKING_GZIP) {
		stream->has_gzip = inflateInit2(&stream->gzip, GZIP_WINDOW) == Z_OK;
		if (!stream->has_gzip)
			return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	}
	if (stream->packing == PACKING_ZSTD) {
		stream->zstd = ZSTD_createDStream();
		if (stream->zstd == NULL)
			return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	}
	return STATUS_OK;
}

/* ---- Unpacking: from raw to behind what lies ahead ------------------------------------------- */

static void
took(struct stream *stream, size_t raw, size_t made)
{
	stream->raw_off += raw;
	stream->raw_len -= raw;
	stream->len += made;
	stream->out_total += made;
}

static enum status
damaged(const char *what, struct error *reterr)
{
	return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "the packed data is damaged: %.80s", what);
}

static enum status
unpack_gzip(struct stream *stream, char *to, size_t room, struct error *reterr)
{
	z_stream *z = &stream->gzip;
	int code;

	if (!stream->in_member &&
	    packing_of((struct str) { stream->raw + stream->raw_off, stream->raw_len }) != PACKING_GZIP) {
		/* Padding behind the last member, which gzip(1) ignores too. */
		took(stream, stream->raw_len, 0);
		return STATUS_OK;
	}
	stream->in_member = true;
	z->next_in = (Bytef *)(stream->raw + stream->raw_off);
	z->avail_in = (uInt)stream->raw_len;
	z->next_out = (Bytef *)to;
	z->avail_out = (uInt)room;
	code = inflate(z, Z_NO_FLUSH);
	took(stream, stream->raw_len - z->avail_in, room - z->avail_out);
	if (code == Z_MEM_ERROR)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
		return damaged(z->msg != NULL ? z->msg : "gzip", reterr);
	if (code == Z_STREAM_END) {
		stream->in_member = false;
		(void)inflateReset(z);
	}
	return STATUS_OK;
}

static enum status
unpack_zstd(struct stream *stream, char *to, size_t room, struct error *reterr)
{
	ZSTD_inBuffer in = { stream->raw + stream->raw_off, stream->raw_len, 0 };
	ZSTD_outBuffer out = { to, room, 0 };
	size_t code = ZSTD_decompressStream(stream->zstd, &out, &in);

	if (ZSTD_isError(code))
		return damaged(ZSTD_getErrorName(code), reterr);
	took(stream, in.pos, out.pos);
	stream->in_member = code != 0;
	return STATUS_OK;
}

static enum status
unpack_nothing(struct stream *stream, char *to, size_t room, struct error *reterr)
{
	size_t n = stream->raw_len < room ? stream->raw_len : room;

	(void)reterr;
	memcpy(to, stream->raw + stream->raw_off, n);
	took(stream, n, n);
	return STATUS_OK;
}

static enum status
check_ratio(const struct stream *stream, struct error *reterr)
{
	if (stream->packing == PACKING_NONE || stream->out_total < LIMIT_SOURCE_FREE_BYTES ||
	    stream->out_total / LIMIT_SOURCE_RATIO < stream->raw_total)
		return STATUS_OK;
	return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
	    "it unpacks to more than %d times its size (LIMIT_SOURCE_RATIO)", LIMIT_SOURCE_RATIO);
}

/* Makes more lie ahead, or notes the end. */
static enum status
advance(struct stream *stream, struct error *reterr)
{
	static enum status (*const unpack[])(struct stream *, char *, size_t, struct error *) = {
		[PACKING_NONE] = unpack_nothing, [PACKING_GZIP] = unpack_gzip, [PACKING_ZSTD] = unpack_zstd
	};
	size_t before = stream->len;
	enum status status = STATUS_OK;

	/* zlib and zstd may hold back output when all input is gone, so they are asked once more. */
	if (stream->raw_len == 0 && !stream->raw_end)
		status = read_raw(stream, reterr);
	if (status == STATUS_OK && stream->packing == PACKING_GZIP && !stream->in_member && stream->raw_len < 3 &&
	    !stream->raw_end)
		return read_raw(stream, reterr);
	if (status == STATUS_OK && (stream->raw_len > 0 || stream->in_member))
		status = unpack[stream->packing](stream, stream->out + stream->off + stream->len,
		    STREAM_AHEAD_BYTES - stream->off - stream->len, reterr);
	if (status == STATUS_OK)
		status = check_ratio(stream, reterr);
	if (status != STATUS_OK)
		return status;
	if (stream->raw_end && stream->raw_len == 0 && stream->len == before) {
		if (stream->in_member)
			return damaged(tr("it ends in the middle"), reterr);
		stream->end = true;
	}
	return STATUS_OK;
}

enum status
stream_fill(struct stream *stream, size_t want, struct str *ret_ahead, struct error *reterr)
{
	enum status status = STATUS_OK;

	if (stream->packing == PACKING_UNKNOWN)
		status = start(stream, reterr);
	if (stream->off > 0 && stream->len < want) {
		memmove(stream->out, stream->out + stream->off, stream->len);
		stream->off = 0;
	}
	while (status == STATUS_OK && stream->len < want && !stream->end)
		status = advance(stream, reterr);
	if (status != STATUS_OK)
		return status;
	*ret_ahead = (struct str) { stream->out + stream->off, stream->len };
	return STATUS_OK;
}

void
stream_skip(struct stream *stream, size_t n)
{
	stream->off += n;
	stream->len -= n;
	if (stream->len == 0)
		stream->off = 0;
}

bool
stream_has_more(const struct stream *stream)
{
	return !stream->end;
}

enum status
stream_read_all(struct stream *stream, struct buf *out, struct error *reterr)
{
	for (;;) {
		struct str ahead;
		enum status status = stream_fill(stream, 1, &ahead, reterr);

		if (status != STATUS_OK)
			return status;
		if (ahead.len == 0)
			return STATUS_OK;
		status = buf_append_str(out, ahead);
		if (status == STATUS_LIMIT)
			return error_set(
			    reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "it is longer than %zu bytes", out->max);
		if (status != STATUS_OK)
			return error_set(reterr, status, ERROR_NO_OFFSET, "%s", status_text(status));
		stream_skip(stream, ahead.len);
	}
}

enum status
stream_drain(struct stream *stream, struct error *reterr)
{
	enum status status = STATUS_OK;

	while (status == STATUS_OK && !stream->raw_end) {
		stream->raw_len = 0;
		status = read_raw(stream, reterr);
	}
	return status;
}

bool
stream_hash(struct stream *stream, struct hash *ret_hash)
{
	if (!stream->raw_end)
		return false;
	hash_tree_final(&stream->hash, ret_hash);
	return true;
}
