/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "glass/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"

enum {
	WRITE_BYTES = 256 * 1024,
	READ_BYTES = 64 * 1024,
	RECORD_BYTES = 64 * 1024 * 1024 /* nothing that is written at once is longer */
};

static enum status
join(char path[PATH_MAX], const char *dir, const char *name, struct error *reterr)
{
	if (snprintf(path, PATH_MAX, "%s/%s", dir, name) < PATH_MAX)
		return STATUS_OK;
	return error_set(
	    reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "the path of the index is longer than %d bytes", PATH_MAX - 1);
}

/* ---- Writing --------------------------------------------------------------------------------- */

enum status
spool_create(struct spool_writer *spool, const char *dir, const char *name, struct error *reterr)
{
	enum status status = join(spool->path, dir, name, reterr);

	spool->n = 0;
	spool->fd = -1;
	spool->bytes = NULL;
	if (status != STATUS_OK)
		return status;
	spool->bytes = malloc(WRITE_BYTES);
	if (spool->bytes == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	spool->fd = open(spool->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (spool->fd < 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot make %s", spool->path);
	return STATUS_OK;
}

void
spool_writer_done(struct spool_writer *spool)
{
	if (spool->fd >= 0)
		(void)close(spool->fd);
	spool->fd = -1;
	free(spool->bytes);
	spool->bytes = NULL;
}

static enum status
write_out(struct spool_writer *spool, struct str bytes, struct error *reterr)
{
	struct error why;
	enum status status = fd_write_all(spool->fd, bytes, &why);

	if (status != STATUS_OK)
		return error_set(reterr, status, ERROR_NO_OFFSET, "cannot write %s: %s", spool->path, why.message);
	return STATUS_OK;
}

static enum status
flush(struct spool_writer *spool, struct error *reterr)
{
	enum status status = write_out(spool, (struct str) { spool->bytes, spool->n }, reterr);

	spool->n = 0;
	return status;
}

enum status
spool_write(struct spool_writer *spool, struct str bytes, struct error *reterr)
{
	enum status status = STATUS_OK;

	if (bytes.len > WRITE_BYTES - spool->n)
		status = flush(spool, reterr);
	if (status != STATUS_OK)
		return status;
	if (bytes.len > WRITE_BYTES)
		return write_out(spool, bytes, reterr);
	if (bytes.len > 0)
		memcpy(spool->bytes + spool->n, bytes.p, bytes.len);
	spool->n += bytes.len;
	return STATUS_OK;
}

enum status
spool_write_uint(struct spool_writer *spool, uint64_t number, struct error *reterr)
{
	unsigned char bytes[PACK_UINT_BYTES];
	size_t len = (size_t)(pack_uint(bytes, number) - bytes);

	return spool_write(spool, (struct str) { (const char *)bytes, len }, reterr);
}

enum status
spool_end(struct spool_writer *spool, struct error *reterr)
{
	enum status status = flush(spool, reterr);

	if (status == STATUS_OK && close(spool->fd) != 0)
		status = error_errno(reterr, STATUS_IO, errno, "cannot write %s", spool->path);
	else if (status != STATUS_OK)
		(void)close(spool->fd);
	spool->fd = -1;
	return status;
}

/* ---- Reading --------------------------------------------------------------------------------- */

enum status
spool_open(struct spool_reader *spool, const char *dir, const char *name, struct error *reterr)
{
	enum status status = join(spool->path, dir, name, reterr);

	spool->fd = -1;
	spool->bytes = NULL;
	spool->capacity = 0;
	spool->window = (struct unpack) { NULL, NULL };
	spool->at_end = false;
	if (status != STATUS_OK)
		return status;
	spool->fd = open(spool->path, O_RDONLY | O_CLOEXEC);
	if (spool->fd < 0)
		return error_errno(
		    reterr, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO, errno, "cannot open %s", spool->path);
	return STATUS_OK;
}

void
spool_reader_done(struct spool_reader *spool)
{
	if (spool->fd >= 0)
		(void)close(spool->fd);
	spool->fd = -1;
	free(spool->bytes);
	spool->bytes = NULL;
}

enum status
spool_is_damaged(const struct spool_reader *spool, struct error *reterr)
{
	return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET, "the temporary file %s is damaged", spool->path);
}

static enum status
make_room(struct spool_reader *spool, size_t bytes, struct error *reterr)
{
	size_t capacity = spool->capacity > 0 ? spool->capacity : READ_BYTES;
	size_t left = (size_t)(spool->window.end - spool->window.p);
	unsigned char *larger;

	if (bytes > RECORD_BYTES)
		return spool_is_damaged(spool, reterr);
	while (capacity < bytes)
		capacity *= 2;
	if (left > 0)
		memmove(spool->bytes, spool->window.p, left);
	if (capacity > spool->capacity) {
		larger = realloc(spool->bytes, capacity);
		if (larger == NULL)
			return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
		spool->bytes = larger;
		spool->capacity = capacity;
	}
	spool->window = (struct unpack) { spool->bytes, spool->bytes + left };
	return STATUS_OK;
}

enum status
spool_fill(struct spool_reader *spool, size_t bytes, struct error *reterr)
{
	size_t left = (size_t)(spool->window.end - spool->window.p);
	enum status status;

	if (left >= bytes || spool->at_end)
		return STATUS_OK;
	status = make_room(spool, bytes, reterr);
	while (status == STATUS_OK && left < bytes && !spool->at_end) {
		ssize_t n = read(spool->fd, spool->bytes + left, spool->capacity - left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_errno(reterr, STATUS_IO, errno, "cannot read %s", spool->path);
		spool->at_end = n == 0;
		left += (size_t)n;
		spool->window.end = spool->bytes + left;
	}
	return status;
}

enum status
spool_at_end(struct spool_reader *spool, struct error *reterr)
{
	enum status status = spool_fill(spool, 1, reterr);

	return status == STATUS_OK && spool->window.p == spool->window.end ? STATUS_END : status;
}

enum status
spool_read_uint(struct spool_reader *spool, uint64_t *ret_number, struct error *reterr)
{
	enum status status = spool_fill(spool, PACK_UINT_BYTES, reterr);

	if (status == STATUS_OK && !unpack_uint(&spool->window, ret_number))
		status = spool_is_damaged(spool, reterr);
	return status;
}

enum status
spool_read(struct spool_reader *spool, uint64_t len, struct str *ret_bytes, struct error *reterr)
{
	enum status status =
	    len <= RECORD_BYTES ? spool_fill(spool, (size_t)len, reterr) : spool_is_damaged(spool, reterr);

	if (status == STATUS_OK && !unpack_bytes(&spool->window, len, ret_bytes))
		status = spool_is_damaged(spool, reterr);
	return status;
}
