/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "glass/squeeze.h"

#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>

/*
 * The largest window, without a header.  And little memory: zlib's table of hashes is cleared for each tag, and at level 9, as the
 * library has it, these 128 KiB drive all else out of the processor's cache, 16 KiB do not.  Term lists are a kilobyte and come out the same.
 */
enum { RAW_WINDOW = -15, MEMORY_LEVEL = 6 };

struct squeeze {
	z_stream stream;
	unsigned char *out;
	size_t capacity;
};

enum status
squeeze_new(struct squeeze **ret_squeeze, struct error *reterr)
{
	struct squeeze *squeeze = calloc(1, sizeof(*squeeze));

	if (squeeze == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	if (deflateInit2(&squeeze->stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, RAW_WINDOW, MEMORY_LEVEL,
		Z_DEFAULT_STRATEGY) != Z_OK) {
		free(squeeze);
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	}
	*ret_squeeze = squeeze;
	return STATUS_OK;
}

void
squeeze_free(struct squeeze *squeeze)
{
	if (squeeze == NULL)
		return;
	(void)deflateEnd(&squeeze->stream);
	free(squeeze->out);
	free(squeeze);
}

static enum status
reserve(struct squeeze *squeeze, size_t bytes, struct error *reterr)
{
	unsigned char *out;

	if (squeeze->capacity >= bytes)
		return STATUS_OK;
	out = realloc(squeeze->out, bytes);
	if (out == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	squeeze->out = out;
	squeeze->capacity = bytes;
	return STATUS_OK;
}

enum status
squeeze_tag(struct squeeze *squeeze, struct str tag, struct str *ret_tag, bool *ret_compressed, struct error *reterr)
{
	z_stream *stream = &squeeze->stream;
	enum status status;

	*ret_tag = tag;
	*ret_compressed = false;
	if (tag.len <= SQUEEZE_LEAST_BYTES)
		return STATUS_OK;
	status = reserve(squeeze, tag.len, reterr);
	if (status != STATUS_OK)
		return status;
	(void)deflateReset(stream);
	/* zlib only reads there, but older headers lack the const. */
	stream->next_in = (Bytef *)(uintptr_t)tag.p;
	stream->avail_in = (uInt)tag.len;
	stream->next_out = squeeze->out;
	stream->avail_out = (uInt)tag.len; /* no more than that: then it gives up */
	if (deflate(stream, Z_FINISH) != Z_STREAM_END || stream->total_out >= tag.len)
		return STATUS_OK;
	*ret_tag = (struct str) { (const char *)squeeze->out, stream->total_out };
	*ret_compressed = true;
	return STATUS_OK;
}
