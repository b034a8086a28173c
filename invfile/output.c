/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "invfile/output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "invfile/layout.h"

enum { FULL_BYTES = 256 * 1024, STEP = 8 /* of the checksum */ };

void
output_init(struct output *output)
{
	*output = (struct output) { .fd = -1 };
	buf_init(&output->buf, SIZE_MAX / 2);
}

void
output_done(struct output *output)
{
	if (output->fd >= 0)
		(void)close(output->fd);
	output->fd = -1;
	buf_done(&output->buf);
}

enum status
output_open(struct output *output, const char *path, struct error *reterr)
{
	output->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (output->fd < 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot make %s", path);
	return STATUS_OK;
}

uint64_t
output_len(const struct output *output)
{
	return output->flushed + output->buf.len;
}

enum status
output_flush(struct output *output, struct error *reterr)
{
	size_t len = output->buf.len / STEP * STEP;
	struct error why;
	enum status status = buf_status(&output->buf);

	if (status != STATUS_OK)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	if (len == 0)
		return STATUS_OK;
	status = fd_write_all(output->fd, (struct str) { output->buf.data, len }, &why);
	if (status != STATUS_OK)
		return error_set(reterr, status, ERROR_NO_OFFSET, "cannot write the inverted file: %s", why.message);
	output->checksum = layout_checksum(output->checksum, (const unsigned char *)output->buf.data, len);
	output->flushed += len;
	buf_consume(&output->buf, len);
	return STATUS_OK;
}

enum status
output_flush_full(struct output *output, struct error *reterr)
{
	if (buf_status(&output->buf) == STATUS_OK && output->buf.len < FULL_BYTES)
		return STATUS_OK;
	return output_flush(output, reterr);
}

enum status
output_put(struct output *output, const void *bytes, size_t len, struct error *reterr)
{
	(void)buf_append(&output->buf, bytes, len);
	return output_flush_full(output, reterr);
}

const unsigned char *
output_unwritten(const struct output *output, uint64_t off)
{
	if (off < output->flushed || buf_status(&output->buf) != STATUS_OK)
		return NULL;
	return (const unsigned char *)output->buf.data + (off - output->flushed);
}

void
output_take_back(struct output *output, uint64_t off)
{
	output->buf.len = (size_t)(off - output->flushed);
}

enum status
output_read(const struct output *output, uint64_t off, void *to, size_t len, struct error *reterr)
{
	size_t done = 0;

	while (done < len && off + done < output->flushed) {
		uint64_t left = output->flushed - off - done;
		size_t some = len - done < left ? len - done : (size_t)left;
		ssize_t n = pread(output->fd, (char *)to + done, some, (off_t)(off + done));

		if (n <= 0 && (n == 0 || errno != EINTR))
			return error_errno(reterr, STATUS_IO, errno, "cannot read the inverted file back");
		done += n > 0 ? (size_t)n : 0;
	}
	if (done < len)
		memcpy((char *)to + done, output->buf.data + (off + done - output->flushed), len - done);
	return STATUS_OK;
}

static enum status
put_few_zeros(struct output *output, uint64_t n, struct error *reterr)
{
	static const unsigned char zeros[4096];
	enum status status = STATUS_OK;

	for (uint64_t left = n; status == STATUS_OK && left > 0;) {
		size_t some = left < sizeof(zeros) ? (size_t)left : sizeof(zeros);

		status = output_put(output, zeros, some, reterr);
		left -= some;
	}
	return status;
}

enum status
output_end(struct output *output, struct error *reterr)
{
	enum status status = put_few_zeros(output, -output->buf.len % STEP, reterr);

	return status == STATUS_OK ? output_flush(output, reterr) : status;
}

/* Leaves a hole of n zeros, a multiple of a step, in a file of which all is written. */
static enum status
put_hole(struct output *output, uint64_t n, struct error *reterr)
{
	if (lseek(output->fd, (off_t)n, SEEK_CUR) < 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot write the inverted file");
	output->flushed += n;
	output->checksum = layout_checksum_zeros(output->checksum, n);
	return STATUS_OK;
}

enum status
output_put_zeros(struct output *output, uint64_t len, struct error *reterr)
{
	uint64_t n = len - output_len(output);
	enum status status;

	if (n < FULL_BYTES)
		return put_few_zeros(output, n, reterr);
	status = output_end(output, reterr);
	if (status == STATUS_OK)
		status = put_hole(output, (len - output_len(output)) / STEP * STEP, reterr);
	return status == STATUS_OK ? put_few_zeros(output, len - output_len(output), reterr) : status;
}
