/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * handlers: a request line in, a reply line out, with an index between.  Runs in a worker.
 */
#ifndef VOISIN_DAEMON_HANDLERS_H
#define VOISIN_DAEMON_HANDLERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "daemon/cache.h"
#include "daemon/names.h"
#include "query/search.h"

/* What a worker has; all borrowed. */
struct handlers {
	struct store_reader *reader;
	struct analyzer *analyzer;
	struct names *names;
	struct vocabulary *vocabulary;
	struct cache *cache;
	struct arena *arena; /* emptied before each request */
	uint32_t soft_deadline_ms;
};

struct outcome {
	enum status status; /* how the request ended; the reply tells the client */
	uint32_t hits; /* in the reply */
	bool cacheable; /* it was looked for among earlier replies */
	bool cached; /* and found */
};

/*
 * Answers one line.  `out` is emptied first and then holds the whole reply with its newline; for
 * stats, what answer_index_stats() writes.  An error is a reply too.  `out` must be able to hold
 * LIMIT_REPLY_BYTES and the newline; a longer reply becomes an error that names the limit.
 */
void handlers_run(const struct handlers *handlers, struct str line, struct buf *out, struct outcome *ret_outcome);

#endif
