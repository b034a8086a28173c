/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reprints/shingles.h"

#include <stdlib.h>

/* The slot where `hash` is, or the empty one where it belongs. */
static uint64_t *
slot_of(const struct shingle_set *set, uint64_t hash)
{
	size_t i = hash & (set->capacity - 1);

	while (set->slots[i] != 0 && set->slots[i] != hash)
		i = (i + 1) & (set->capacity - 1);
	return &set->slots[i];
}

/* An empty set with room for `n`, at most half full. */
static enum status
make_room(struct shingle_set *set, size_t n)
{
	size_t capacity = set->capacity > 0 ? set->capacity : 256;

	set->n = 0;
	while (capacity < 2 * n)
		capacity *= 2;
	if (capacity > set->capacity) {
		free(set->slots);
		*set = (struct shingle_set) { malloc(capacity * sizeof(*set->slots)), capacity, 0 };
		if (set->slots == NULL) {
			set->capacity = 0;
			return STATUS_NOMEM;
		}
	}
	memset(set->slots, 0, set->capacity * sizeof(*set->slots));
	return STATUS_OK;
}

enum status
shingle_set_fill(struct shingle_set *set, const struct word_list *words)
{
	size_t n = shingle_count(words->n);
	enum status status = make_room(set, n);

	for (size_t i = 0; status == STATUS_OK && i < n; i++) {
		uint64_t hash = shingle_hash(&words->v[i]);
		uint64_t *slot = slot_of(set, hash);

		set->n += *slot == 0;
		*slot = hash;
	}
	return status;
}

void
shingle_set_done(struct shingle_set *set)
{
	free(set->slots);
	*set = (struct shingle_set) { NULL, 0, 0 };
}

bool
shingle_set_has(const struct shingle_set *set, uint64_t hash)
{
	return set->n > 0 && *slot_of(set, hash) != 0;
}

double
shingle_sets_likeness(const struct shingle_set *a, const struct shingle_set *b)
{
	size_t shared = 0;

	if (a->n == 0 || b->n == 0)
		return 0;
	for (size_t i = 0; i < b->capacity; i++)
		shared += b->slots[i] != 0 && shingle_set_has(a, b->slots[i]);
	return (double)shared / (double)(a->n + b->n - shared);
}
