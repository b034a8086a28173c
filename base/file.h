/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * file: whole-file reads, durable writes and folder syncs.
 */
#ifndef VOISIN_BASE_FILE_H
#define VOISIN_BASE_FILE_H

#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"

/*
 * Appends the whole of a regular file to `out`.  Never follows a FIFO, device or socket: anything
 * but a regular file is STATUS_INVALID.  STATUS_LIMIT where it is longer than `out` may hold.
 */
enum status file_read(const char *path, struct buf *out, struct error *reterr) MUST_CHECK;

/* Writes `bytes` to path.tmp, fsyncs it, renames it to `path` and fsyncs the folder. */
enum status file_write_atomic(const char *path, struct str bytes, struct error *reterr) MUST_CHECK;

/* fsync of a folder, so that the renames in it are durable. */
enum status dir_sync(const char *path, struct error *reterr) MUST_CHECK;

/* The same of the folder in which `path` stands, so that a file or folder made there stays; slashes at its end do not count. */
enum status parent_sync(const char *path, struct error *reterr) MUST_CHECK;

/* Writes all of `bytes` to a descriptor, through EINTR and short writes. */
enum status fd_write_all(int fd, struct str bytes, struct error *reterr) MUST_CHECK;

#endif
