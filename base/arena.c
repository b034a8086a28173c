/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

enum { FIRST_BLOCK_BYTES = 4096, ALIGNMENT = alignof(max_align_t) };

struct block {
	struct block *older;
	size_t size; /* of data */
	size_t used;
	alignas(max_align_t) char data[];
};

struct arena {
	struct block *newest;
	size_t max;
	size_t used; /* handed out, padding included */
};

enum status
arena_new(size_t max_bytes, struct arena **ret_arena)
{
	struct arena *arena = calloc(1, sizeof(*arena));

	if (arena == NULL)
		return STATUS_NOMEM;
	arena->max = max_bytes;
	*ret_arena = arena;
	return STATUS_OK;
}

static void
free_blocks(struct block *block)
{
	while (block != NULL) {
		struct block *older = block->older;

		free(block);
		block = older;
	}
}

void
arena_free(struct arena *arena)
{
	if (arena == NULL)
		return;
	free_blocks(arena->newest);
	free(arena);
}

void
arena_reset(struct arena *arena)
{
	arena->used = 0;
	if (arena->newest == NULL)
		return;
	/* Blocks double, so the newest is the largest unless one huge request came before it. */
	free_blocks(arena->newest->older);
	arena->newest->older = NULL;
	arena->newest->used = 0;
}

static struct block *
add_block(struct arena *arena, size_t bytes)
{
	size_t size = arena->newest != NULL ? arena->newest->size * 2 : FIRST_BLOCK_BYTES;
	struct block *block;

	if (size < bytes)
		size = bytes;
	block = malloc(sizeof(*block) + size);
	if (block == NULL)
		return NULL;
	block->older = arena->newest;
	block->size = size;
	block->used = 0;
	arena->newest = block;
	return block;
}

void *
arena_alloc(struct arena *arena, size_t bytes)
{
	struct block *block = arena->newest;
	void *p;

	if (bytes == 0)
		bytes = 1;
	if (bytes > arena->max || arena->used > arena->max - bytes)
		return NULL;
	if (bytes > SIZE_MAX - ALIGNMENT - sizeof(struct block))
		return NULL;
	bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (block == NULL || block->size - block->used < bytes)
		block = add_block(arena, bytes);
	if (block == NULL)
		return NULL;
	p = block->data + block->used;
	block->used += bytes;
	arena->used += bytes;
	return memset(p, 0, bytes);
}

void *
arena_calloc(struct arena *arena, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		return NULL;
	return arena_alloc(arena, bytes);
}

char *
arena_strdup(struct arena *arena, struct str s)
{
	char *copy = s.len < SIZE_MAX ? arena_alloc(arena, s.len + 1) : NULL;

	if (copy != NULL && s.len > 0)
		memcpy(copy, s.p, s.len);
	return copy;
}

struct str
arena_str(struct arena *arena, struct str s)
{
	char *copy = arena_strdup(arena, s);

	return (struct str) { copy, copy != NULL ? s.len : 0 };
}

size_t
arena_used(const struct arena *arena)
{
	return arena->used;
}
