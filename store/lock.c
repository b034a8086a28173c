/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "base/process.h"
#include "store/path.h"

static enum status
refuse_busy(int fd, const char *dir, struct error *reterr)
{
	char text[16] = "";
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	long pid = n > 0 ? strtol(text, NULL, 10) : 0;

	if (pid > 0)
		return error_set(reterr, STATUS_BUSY, ERROR_NO_OFFSET,
		    "the index %s is being written by process %ld; try again when it is done", dir, pid);
	return error_set(reterr, STATUS_BUSY, ERROR_NO_OFFSET,
	    "the index %s is being written by another process; try again when it is done", dir);
}

static enum status
note_holder(int fd, const char *dir, struct error *reterr)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

	if (ftruncate(fd, 0) != 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot write %s/lock", dir);
	return fd_write_all(fd, (struct str) { text, (size_t)n }, reterr);
}

enum status
lock_take(const char *dir, int *ret_fd, struct error *reterr)
{
	char path[PATH_MAX];
	enum status status = path_join(path, dir, "lock", reterr);
	int fd;

	if (status != STATUS_OK)
		return status;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
	if (fd < 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot open %s", path);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		status = note_holder(fd, dir, reterr);
	else if (errno == EWOULDBLOCK)
		status = refuse_busy(fd, dir, reterr);
	else
		status = error_errno(reterr, STATUS_IO, errno, "cannot lock %s", path);
	if (status == STATUS_OK && !process_add_private(fd))
		status = error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
		    "this process holds the locks of %d indexes already", (int)PROCESS_PRIVATE_FDS);
	if (status != STATUS_OK) {
		(void)close(fd);
		return status;
	}
	*ret_fd = fd;
	return STATUS_OK;
}

void
lock_drop(int fd)
{
	if (fd < 0)
		return;
	process_remove_private(fd);
	(void)close(fd);
}
