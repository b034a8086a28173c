/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spool: a temporary file, written from its start to its end and then read so.
 */
#ifndef VOISIN_GLASS_SPOOL_H
#define VOISIN_GLASS_SPOOL_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "glass/pack.h"

/* ---- Writing --------------------------------------------------------------------------------- */

struct spool_writer {
	char path[PATH_MAX];
	int fd; /* -1 while it is closed */
	char *bytes;
	size_t n;
};

/* Makes dir/name, which must not exist. */
enum status spool_create(
    struct spool_writer *spool, const char *dir, const char *name, struct error *reterr) MUST_CHECK;

enum status spool_write(struct spool_writer *spool, struct str bytes, struct error *reterr) MUST_CHECK;
enum status spool_write_uint(struct spool_writer *spool, uint64_t number, struct error *reterr) MUST_CHECK;

/* Writes what is left and closes. */
enum status spool_end(struct spool_writer *spool, struct error *reterr) MUST_CHECK;

/* Closes, ended or not; all zero but fd -1 is accepted. */
void spool_writer_done(struct spool_writer *spool);

/* ---- Reading --------------------------------------------------------------------------------- */

struct spool_reader {
	char path[PATH_MAX];
	int fd; /* -1 while it is closed */
	unsigned char *bytes;
	size_t capacity;
	struct unpack window; /* what is in memory and was not taken yet */
	bool at_end; /* nothing is left beyond the window */
};

/* Opens dir/name.  STATUS_NOT_FOUND. */
enum status spool_open(struct spool_reader *spool, const char *dir, const char *name, struct error *reterr) MUST_CHECK;

void spool_reader_done(struct spool_reader *spool);

/* Makes the window at least `bytes` long, or as long as the file goes on.  May move it in memory. */
enum status spool_fill(struct spool_reader *spool, size_t bytes, struct error *reterr) MUST_CHECK;

/* Whether all was taken; STATUS_END then. */
enum status spool_at_end(struct spool_reader *spool, struct error *reterr) MUST_CHECK;

/* Take a number, or some bytes, borrowed until the next call.  STATUS_CORRUPT where there are none. */
enum status spool_read_uint(struct spool_reader *spool, uint64_t *ret_number, struct error *reterr) MUST_CHECK;
enum status spool_read(
    struct spool_reader *spool, uint64_t len, struct str *ret_bytes, struct error *reterr) MUST_CHECK;

/* What every reader says of a temporary file that somebody changed. */
enum status spool_is_damaged(const struct spool_reader *spool, struct error *reterr) MUST_CHECK;

#endif
