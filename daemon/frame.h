/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * frame: what goes between the network process and a worker over their socketpair.
 *
 *	+-------+------+--------+--------+--------+------+-------+------------+-----------------+
 *	| magic | kind | length | status | number | hits | flags | the worker | length bytes ...|
 *	|   4   |  4   |   4    |   4    |   8    |  4   |   4   |     80     |                 |
 *	+-------+------+--------+--------+--------+------+-------+------------+-----------------+
 *
 * Both ends are one program on one machine, so numbers are in its own byte order.  Still, neither
 * end believes the other: a worker may have been taken over by the text that it read.
 */
#ifndef VOISIN_DAEMON_FRAME_H
#define VOISIN_DAEMON_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/limits.h"

enum frame_kind {
	FRAME_READY = 1, /* worker, once: the index is open */
	FRAME_UNUSABLE, /* worker, once and last: it is not, `status` and the text say why */
	FRAME_REQUEST, /* network process: a request line without its newline */
	FRAME_REPLY /* worker: the reply line; of stats, the members about the index alone */
};

enum {
	FRAME_MAGIC = 0x566F6973, /* "Vois" */
	FRAME_FLAG_LAST = 1, /* the worker ends after this reply */
	FRAME_FLAG_ERROR = 2, /* the reply is an error */
	FRAME_FLAG_CACHED = 4, /* the reply was kept from an earlier request */
	FRAME_FLAG_CACHEABLE = 8, /* it was looked for there */
	FRAME_FLAG_REFUSED = 16, /* what the index's `current` names cannot be served: another state is */
	FRAME_FLAG_POLL = 32, /* request: behind it, look for the next for a while before sleeping */
	FRAME_FLAG_WAITED = 64, /* reply: before the request, the worker had to wait for a core */
	FRAME_GENERATION_BYTES = 56,
	FRAME_BYTES_MAX = LIMIT_REPLY_BYTES + 1
};

_Static_assert((int)LIMIT_REQUEST_BYTES <= (int)FRAME_BYTES_MAX, "a request fits in a frame");

struct frame {
	uint32_t magic;
	uint32_t kind;
	uint32_t length; /* of the bytes that follow, FRAME_BYTES_MAX at most */
	uint32_t status; /* of a reply: how the request ended, an enum status */
	uint64_t number; /* of the request; its reply carries the same */
	uint32_t hits;
	uint32_t flags;
	/* Of a reply: the worker as it is now. */
	uint64_t memory_bytes; /* resident, before the request */
	uint64_t cache_bytes;
	uint32_t cache_entries;
	uint32_t core; /* on which the sender ran, also of a request */
	char generation[FRAME_GENERATION_BYTES]; /* that answered, "gen-000003.41"; ends with NUL */
};

/* A frame with the magic filled in. */
struct frame frame_make(enum frame_kind kind, uint64_t number, size_t length);

/* Says which generation answered; one that is too long is cut. */
void frame_set_generation(struct frame *frame, struct str generation);

/*
 * Whether a header that came in is one of ours: magic, a known kind and status, length in bounds, a
 * generation of printable characters.
 */
bool frame_valid(const struct frame *frame);

/*
 * Blocking read of one frame; its bytes replace what is in `body`, which must be able to hold them.  Each end waits for the
 * other's answer, so what comes behind a frame at once is an error.
 * STATUS_END where the other end closed between two frames, STATUS_IO for what is no frame.
 */
enum status frame_read(int fd, struct frame *ret_frame, struct buf *body, struct error *reterr) MUST_CHECK;

/* Blocking write of one frame; frame->length is body.len. */
enum status frame_write(int fd, const struct frame *frame, struct str body, struct error *reterr) MUST_CHECK;

#endif
