/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arena: memory that dies together.
 *
 * A request has one arena: its frame, tree, plan and hits are freed by one call.  Blocks grow by
 * doubling; an arena has a maximum, past which allocation fails as if memory had run out.
 */
#ifndef VOISIN_BASE_ARENA_H
#define VOISIN_BASE_ARENA_H

#include <stddef.h>

#include "base/status.h"
#include "base/str.h"

struct arena;

/* Makes an arena that holds at most `max_bytes`.  STATUS_NOMEM or STATUS_OK. */
enum status arena_new(size_t max_bytes, struct arena **ret_arena) MUST_CHECK;

/* Frees the arena and all that was made in it.  NULL is accepted. */
void arena_free(struct arena *arena);

/* Forgets all allocations and keeps the largest block for reuse. */
void arena_reset(struct arena *arena);

/* Zeroed memory aligned for any type, or NULL at the maximum or when memory runs out. */
void *arena_alloc(struct arena *arena, size_t bytes);

/* arena_alloc(count * size), NULL where the product overflows. */
void *arena_calloc(struct arena *arena, size_t count, size_t size);

/* Copies a string, with a NUL behind it that does not count.  NULL on failure. */
char *arena_strdup(struct arena *arena, struct str s);

/* The same as a struct str; {NULL, 0} on failure. */
struct str arena_str(struct arena *arena, struct str s);

/* How many bytes were handed out since new or reset. */
size_t arena_used(const struct arena *arena);

#endif
