/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_BYTES = 64 * 1024 };

static enum status
read_to_end(int fd, const char *path, struct buf *out, struct error *reterr)
{
	char chunk[READ_BYTES];

	for (;;) {
		ssize_t n = read(fd, chunk, sizeof(chunk));

		if (n == 0)
			return STATUS_OK;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_errno(reterr, STATUS_IO, errno, "cannot read %s", path);
		if (buf_append(out, chunk, (size_t)n) == STATUS_LIMIT)
			return error_set(
			    reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "%s is longer than %zu bytes", path, out->max);
		if (buf_status(out) != STATUS_OK)
			return error_set(
			    reterr, buf_status(out), ERROR_NO_OFFSET, "%s: %s", path, status_text(buf_status(out)));
	}
}

enum status
file_read(const char *path, struct buf *out, struct error *reterr)
{
	struct stat st;
	enum status status;
	/* O_NONBLOCK: opening a FIFO returns at once and the check below refuses it. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return error_errno(
		    reterr, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO, errno, "cannot open %s", path);
	if (fstat(fd, &st) != 0)
		status = error_errno(reterr, STATUS_IO, errno, "cannot stat %s", path);
	else if (!S_ISREG(st.st_mode))
		status = error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "%s is not a regular file", path);
	else if (st.st_size > 0 && (size_t)st.st_size > out->max - out->len)
		status =
		    error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "%s is longer than %zu bytes", path, out->max);
	else
		status = read_to_end(fd, path, out, reterr);
	(void)close(fd);
	return status;
}

enum status
fd_write_all(int fd, struct str bytes, struct error *reterr)
{
	while (bytes.len > 0) {
		ssize_t n = write(fd, bytes.p, bytes.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_errno(reterr, STATUS_IO, errno, "cannot write");
		bytes.p += n;
		bytes.len -= (size_t)n;
	}
	return STATUS_OK;
}

enum status
dir_sync(const char *path, struct error *reterr)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum status status = STATUS_OK;

	if (fd < 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot open folder %s", path);
	if (fsync(fd) != 0)
		status = error_errno(reterr, STATUS_IO, errno, "cannot sync folder %s", path);
	(void)close(fd);
	return status;
}

static enum status
write_and_sync(const char *path, struct str bytes, struct error *reterr)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	enum status status;

	if (fd < 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot create %s", path);
	status = fd_write_all(fd, bytes, reterr);
	if (status == STATUS_OK && fsync(fd) != 0)
		status = error_errno(reterr, STATUS_IO, errno, "cannot sync %s", path);
	if (close(fd) != 0 && status == STATUS_OK)
		status = error_errno(reterr, STATUS_IO, errno, "cannot close %s", path);
	return status;
}

enum status
parent_sync(const char *path, struct error *reterr)
{
	char parent[PATH_MAX];
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		len--;
	while (len > 0 && path[len - 1] != '/')
		len--;
	if (len == 0)
		return dir_sync(".", reterr);
	if (len >= sizeof(parent))
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "the path is longer than %d bytes", PATH_MAX);
	memcpy(parent, path, len);
	parent[len] = '\0';
	return dir_sync(parent, reterr);
}

enum status
file_write_atomic(const char *path, struct str bytes, struct error *reterr)
{
	char temporary[PATH_MAX];
	enum status status;

	if (snprintf(temporary, sizeof(temporary), "%s.tmp", path) >= (int)sizeof(temporary))
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "the path is longer than %d bytes", PATH_MAX);
	status = write_and_sync(temporary, bytes, reterr);
	if (status == STATUS_OK && rename(temporary, path) != 0)
		status = error_errno(reterr, STATUS_IO, errno, "cannot rename %s", temporary);
	if (status != STATUS_OK) {
		(void)unlink(temporary);
		return status;
	}
	return parent_sync(path, reterr);
}
