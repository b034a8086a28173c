/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/process.h"
#include "store/path.h"

/* A child that was just forked has its parent's lock until it closes it, also where the parent was killed. */
enum { ORPHAN_TRIES = 100, ORPHAN_PAUSE_NS = 10 * 1000 * 1000 };

/* The pid that the file holds; 0 where there is none yet. */
static long
read_holder(int fd)
{
	char text[16] = "";
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	return n > 0 ? strtol(text, NULL, 10) : 0;
}

static bool
has_ended(long pid)
{
	return pid > 0 && pid == (pid_t)pid && kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

/* False with errno, as flock(2). */
static bool
try_lock(int fd)
{
	static const struct timespec pause = { .tv_nsec = ORPHAN_PAUSE_NS };

	for (unsigned tries = 0; flock(fd, LOCK_EX | LOCK_NB) != 0; tries++) {
		if (errno != EWOULDBLOCK)
			return false;
		if (tries == ORPHAN_TRIES || !has_ended(read_holder(fd))) {
			errno = EWOULDBLOCK;
			return false;
		}
		(void)nanosleep(&pause, NULL);
	}
	return true;
}

static enum status
refuse_busy(int fd, const char *dir, struct error *reterr)
{
	long pid = read_holder(fd);

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
	if (try_lock(fd))
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
