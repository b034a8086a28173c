/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pool: scratch memory of one call of the matcher.
 *
 * An arena of its own kind: not zeroed, emptied between windows while its blocks stay, and begun on a
 * block that lives on the caller's stack, so that an ordinary document costs no malloc at all.
 */
#ifndef VOISIN_QUERY_INTERVALS_POOL_H
#define VOISIN_QUERY_INTERVALS_POOL_H

#include <stddef.h>
#include <stdint.h>

/* A test builds the matcher with a small first block, so that it meets the ends of many. */
#ifndef POOL_FIRST_BYTES
#define POOL_FIRST_BYTES 8192
#endif

enum { POOL_MAX_BYTES = 64 * 1024 * 1024 };

struct pool_block {
	struct pool_block *next;
	size_t size; /* of data */
	char *data;
};

struct pool {
	struct pool_block first;
	struct pool_block *current;
	size_t used; /* of the current block */
	size_t total; /* of all blocks but the first */
	uint64_t first_bytes[POOL_FIRST_BYTES / sizeof(uint64_t)];
};

/* A place to come back to. */
struct pool_mark {
	struct pool_block *block;
	size_t used;
};

/* The pool must not move afterwards. */
void pool_init(struct pool *pool);
void pool_done(struct pool *pool);

/* Memory aligned for a pointer, with any contents; NULL past POOL_MAX_BYTES or when memory runs out. */
void *pool_alloc(struct pool *pool, size_t bytes);

/* Forgets what was allocated since the mark; the blocks stay for reuse. */
struct pool_mark pool_mark(const struct pool *pool);
void pool_rewind(struct pool *pool, struct pool_mark mark);

#endif
