/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * output: a file that is written from its start to its end, through a buffer, with a checksum on the way.
 */
#ifndef VOISIN_INVFILE_OUTPUT_H
#define VOISIN_INVFILE_OUTPUT_H

#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

struct output {
	int fd; /* -1 while it is closed */
	struct buf buf; /* what is not written yet: may be appended to, before an output_flush_full() */
	uint64_t flushed; /* bytes before it, a multiple of eight */
	uint64_t checksum; /* of these, from where it was set last */
};

/* Closed; done closes, and does not write. */
void output_init(struct output *output);
void output_done(struct output *output);

/* Makes the file, which must not exist.  STATUS_IO. */
enum status output_open(struct output *output, const char *path, struct error *reterr) MUST_CHECK;

/* How long the file is with what is in the buffer. */
uint64_t output_len(const struct output *output);

/* Appends.  STATUS_IO (disk full included), STATUS_NOMEM; of the others too. */
enum status output_put(struct output *output, const void *bytes, size_t len, struct error *reterr) MUST_CHECK;

/* The bytes from `off` to the end, where none of them was written yet, or NULL.  Borrowed until the next change. */
const unsigned char *output_unwritten(const struct output *output, uint64_t off);

/* Makes the file end at `off` again, from where on nothing was written yet. */
void output_take_back(struct output *output, uint64_t off);

/* Reads bytes that were put before, written or not.  STATUS_IO. */
enum status output_read(
    const struct output *output, uint64_t off, void *to, size_t len, struct error *reterr) MUST_CHECK;

/* Zeros up to a length of `len` bytes, as a hole in the file where they are many. */
enum status output_put_zeros(struct output *output, uint64_t len, struct error *reterr) MUST_CHECK;

/* Writes what is in the buffer, but for the bytes that do not make a step of the checksum. */
enum status output_flush(struct output *output, struct error *reterr) MUST_CHECK;

/* The same, where it is full. */
enum status output_flush_full(struct output *output, struct error *reterr) MUST_CHECK;

/* Fills up to a multiple of eight with zeros and writes all. */
enum status output_end(struct output *output, struct error *reterr) MUST_CHECK;

#endif
