/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/intervals/pool.h"

#include <stdlib.h>

void
pool_init(struct pool *pool)
{
	pool->first = (struct pool_block) { NULL, sizeof(pool->first_bytes), (char *)pool->first_bytes };
	pool->current = &pool->first;
	pool->used = 0;
	pool->total = 0;
}

void
pool_done(struct pool *pool)
{
	struct pool_block *block = pool->first.next;

	while (block != NULL) {
		struct pool_block *next = block->next;

		free(block);
		block = next;
	}
	pool_init(pool);
}

/* Makes a block behind the current one, which is the last. */
static struct pool_block *
add_block(struct pool *pool, size_t bytes)
{
	size_t size = pool->current->size * 2 > bytes ? pool->current->size * 2 : bytes;
	struct pool_block *block;

	if (size > POOL_MAX_BYTES - pool->total)
		size = bytes;
	if (size > POOL_MAX_BYTES - pool->total)
		return NULL;
	block = malloc(sizeof(*block) + size);
	if (block == NULL)
		return NULL;
	*block = (struct pool_block) { NULL, size, (char *)(block + 1) };
	pool->total += size;
	pool->current->next = block;
	return block;
}

void *
pool_alloc(struct pool *pool, size_t bytes)
{
	size_t aligned = (bytes + sizeof(uint64_t) - 1) & ~(sizeof(uint64_t) - 1);
	void *memory;

	if (aligned < bytes)
		return NULL;
	while (aligned > pool->current->size - pool->used) {
		struct pool_block *next = pool->current->next;

		if (next == NULL)
			next = add_block(pool, aligned);
		if (next == NULL)
			return NULL;
		pool->current = next;
		pool->used = 0;
	}
	memory = pool->current->data + pool->used;
	pool->used += aligned;
	return memory;
}

struct pool_mark
pool_mark(const struct pool *pool)
{
	return (struct pool_mark) { pool->current, pool->used };
}

void
pool_rewind(struct pool *pool, struct pool_mark mark)
{
	pool->current = mark.block;
	pool->used = mark.used;
}
