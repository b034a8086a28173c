/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/seen.h"

#include <stdlib.h>
#include <string.h>

void
seen_done(struct seen *seen)
{
	for (size_t i = 0; i < seen->capacity; i++)
		free(seen->slots[i].missing);
	free(seen->slots);
	*seen = (struct seen) { NULL, 0, 0 };
}

/* The slot that holds `path`, or the free one where it belongs. */
static struct seen_file *
find_slot(struct seen_file *slots, size_t capacity, const struct hash *path)
{
	uint64_t start;

	memcpy(&start, path->bytes, sizeof(start));
	for (size_t i = (size_t)start & (capacity - 1);; i = (i + 1) & (capacity - 1))
		if (!slots[i].used || hash_eq(&slots[i].path, path))
			return &slots[i];
}

struct seen_file *
seen_get(const struct seen *seen, const struct hash *path)
{
	struct seen_file *slot;

	if (seen->capacity == 0)
		return NULL;
	slot = find_slot(seen->slots, seen->capacity, path);
	return slot->used ? slot : NULL;
}

static enum status
grow(struct seen *seen)
{
	size_t capacity = seen->capacity > 0 ? seen->capacity * 2 : 1024;
	struct seen_file *slots = calloc(capacity, sizeof(*slots));

	if (slots == NULL)
		return STATUS_NOMEM;
	for (size_t i = 0; i < seen->capacity; i++)
		if (seen->slots[i].used)
			*find_slot(slots, capacity, &seen->slots[i].path) = seen->slots[i];
	free(seen->slots);
	seen->slots = slots;
	seen->capacity = capacity;
	return STATUS_OK;
}

enum status
seen_put(struct seen *seen, const struct hash *path, struct seen_file **ret_file)
{
	struct seen_file *slot = seen_get(seen, path);

	if (slot == NULL) {
		if (seen->n + 1 > seen->capacity / 2 && grow(seen) != STATUS_OK)
			return STATUS_NOMEM;
		slot = find_slot(seen->slots, seen->capacity, path);
		*slot = (struct seen_file) { .path = *path, .state = SEEN_EXPECTED, .used = true };
		seen->n++;
	}
	*ret_file = slot;
	return STATUS_OK;
}
