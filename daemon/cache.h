/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cache: replies of a worker, for requests that come again.
 *
 * Each worker has its own.  The network process, which sees all requests, must not look at an index and so cannot know
 * when a reply has become wrong; a worker looks for a new commit or generation before each request anyway, and with
 * another state of the index, or of the names, it forgets all replies.  So a reply is never stale, at the price that a
 * request which comes again may find another worker, and that a hit takes the way through a worker.
 *
 * A key is the canonical text of a request without its id; a value what stands in a reply behind the id.  The bytes of
 * both, and of what keeps them, are bounded; where there is no room, what was not asked for longest gives way.
 */
#ifndef VOISIN_DAEMON_CACHE_H
#define VOISIN_DAEMON_CACHE_H

#include <stdint.h>

#include "base/str.h"

struct cache;

struct cache_value {
	struct str bytes;
	uint32_t hits; /* of the request, for the log */
};

struct cache_state {
	uint64_t bytes;
	uint32_t entries;
};

/* A cache of at most `max_bytes`; 0 keeps nothing.  NULL when memory runs out. */
struct cache *cache_new(size_t max_bytes);

/* NULL is accepted. */
void cache_free(struct cache *cache);

/*
 * Says which state of the index, and of the names, requests are about to meet, as numbers that change with them; another
 * one empties the cache.
 */
void cache_use(struct cache *cache, uint64_t index, uint64_t names);

/* Finds a reply: borrowed until the next call.  False where there is none. */
bool cache_get(struct cache *cache, struct str key, struct cache_value *ret_value);

/* Keeps a copy, if it fits; where memory runs out, it does not. */
void cache_put(struct cache *cache, struct str key, const struct cache_value *value);

struct cache_state cache_state(const struct cache *cache);

#endif
