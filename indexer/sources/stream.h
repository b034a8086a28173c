/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stream: the bytes of a file, unpacked where they are packed.
 *
 * What begins like gzip (RFC 1952, any number of members) or Zstandard (RFC 8878, any number of frames) is unpacked
 * on the way, whatever the file's name; anything else is passed on.  A reader looks at what lies ahead and takes it
 * away:
 *
 *	stream_fill(stream, 4096, &ahead, &why)      ahead has 4096 bytes, or all that there are
 *	stream_skip(stream, n)
 *
 * What is hashed, counted and told as read are the file's own bytes.  A file that unpacks to far more than it holds
 * is refused (LIMIT_SOURCE_RATIO), so that no small file costs hours.
 */
#ifndef VOISIN_INDEXER_SOURCES_STREAM_H
#define VOISIN_INDEXER_SOURCES_STREAM_H

#include "base/buf.h"
#include "base/error.h"
#include "indexer/source.h"
#include "store/hash.h"

enum { STREAM_AHEAD_BYTES = 256 * 1024 /* the most that can be looked at */ };

struct stream;

/* Reads `fd` from where it is; told of as read_cb of `events`, which is borrowed.  STATUS_NOMEM. */
enum status stream_new(
    int fd, const struct source_events *events, struct stream **ret_stream, struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void stream_free(struct stream *stream);

/*
 * What lies ahead: at least `want` bytes (at most STREAM_AHEAD_BYTES), or all to the end.  Borrowed until the next
 * call.  STATUS_IO, STATUS_INVALID (damaged packing) or STATUS_LIMIT with a reason for the report.
 */
enum status stream_fill(struct stream *stream, size_t want, struct str *ret_ahead, struct error *reterr) MUST_CHECK;

/* Takes away the first n bytes of what lies ahead. */
void stream_skip(struct stream *stream, size_t n);

/* Whether more may come than what lies ahead. */
bool stream_has_more(const struct stream *stream);

/* Appends all that is left.  STATUS_LIMIT where it is more than `out` may hold. */
enum status stream_read_all(struct stream *stream, struct buf *out, struct error *reterr) MUST_CHECK;

/* Reads all of the file and unpacks nothing, for its hash alone; in place of all of the above. */
enum status stream_drain(struct stream *stream, struct error *reterr) MUST_CHECK;

/* The hash of the file's bytes, once all have been read; false before. */
bool stream_hash(struct stream *stream, struct hash *ret_hash);

#endif
