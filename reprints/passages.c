/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reprints/passages.h"

#include <stdbool.h>
#include <stdlib.h>

enum { TRIES = 16 /* places of a run that are looked at: some sentences stand in a text a thousand times */ };

static uint64_t
run_hash(const struct reprint_word *words)
{
	uint64_t hash = 0;

	for (int i = 0; i < PASSAGE_RUN; i++)
		hash = (hash ^ words[i].hash) * 0x9e3779b97f4a7c15u;
	return hash_mix(hash);
}

/* How many words are the same from a and b on. */
static size_t
same_words(const struct word_list *a, size_t at_a, const struct word_list *b, size_t at_b)
{
	size_t n = 0;

	while (at_a + n < a->n && at_b + n < b->n && a->v[at_a + n].hash == b->v[at_b + n].hash)
		n++;
	return n;
}

enum status
passage_index_fill(struct passage_index *index, const struct word_list *words)
{
	size_t runs = words->n >= PASSAGE_RUN ? words->n - PASSAGE_RUN + 1 : 0, capacity = 64;

	passage_index_done(index);
	while (capacity < 2 * runs)
		capacity *= 2;
	index->slots = calloc(capacity, sizeof(*index->slots));
	if (index->slots == NULL)
		return STATUS_NOMEM;
	index->capacity = capacity;
	index->words = words;
	for (size_t i = 0; i < runs; i++) {
		size_t slot = run_hash(&words->v[i]) & (capacity - 1);

		for (int tries = 0; index->slots[slot] != 0 && tries < TRIES; tries++)
			slot = (slot + 1) & (capacity - 1);
		if (index->slots[slot] == 0)
			index->slots[slot] = (uint32_t)(i + 1);
	}
	return STATUS_OK;
}

void
passage_index_done(struct passage_index *index)
{
	free(index->slots);
	*index = (struct passage_index) { NULL, NULL, 0 };
}

void
passage_list_done(struct passage_list *list)
{
	free(list->v);
	*list = (struct passage_list) { NULL, 0, 0 };
}

/* The longest run of the indexed text that is the same as that of `b` at `at`; words == 0 where there is none. */
static struct shared_passage
find_run(const struct passage_index *index, const struct word_list *b, size_t at)
{
	size_t slot = run_hash(&b->v[at]) & (index->capacity - 1);
	struct shared_passage best = { 0 };

	for (int tries = 0; index->slots[slot] != 0 && tries <= TRIES; tries++) {
		size_t a = index->slots[slot] - 1, n = same_words(index->words, a, b, at);

		if (n >= PASSAGE_RUN && n > best.words)
			best = (struct shared_passage) { a, a + n, at, at + n, n };
		slot = (slot + 1) & (index->capacity - 1);
	}
	return best;
}

/* Whether `next` goes on where `last` ends, but for a few words. */
static bool
goes_on(const struct shared_passage *last, const struct shared_passage *next)
{
	return next->a >= last->a_end && next->a - last->a_end <= PASSAGE_GAP && next->b - last->b_end <= PASSAGE_GAP;
}

static enum status
add_run(struct passage_list *list, const struct shared_passage *run)
{
	struct shared_passage *last = list->n > 0 ? &list->v[list->n - 1] : NULL;

	if (last != NULL && goes_on(last, run)) {
		last->a_end = run->a_end;
		last->b_end = run->b_end;
		last->words += run->words;
		return STATUS_OK;
	}
	if (list->n == list->capacity) {
		size_t capacity = list->capacity > 0 ? 2 * list->capacity : 32;
		struct shared_passage *v = realloc(list->v, capacity * sizeof(*v));

		if (v == NULL)
			return STATUS_NOMEM;
		list->v = v;
		list->capacity = capacity;
	}
	list->v[list->n++] = *run;
	return STATUS_OK;
}

static int
compare_by_place(const void *x, const void *y)
{
	const struct shared_passage *a = x, *b = y;

	if (a->a != b->a)
		return a->a < b->a ? -1 : 1;
	return (a->b > b->b) - (a->b < b->b);
}

/* Drops what is too short, and what repeats words of the passage before: `b` may have a passage twice. */
static void
keep_passages(struct passage_list *list)
{
	size_t kept = 0;

	if (list->n > 1)
		qsort(list->v, list->n, sizeof(*list->v), compare_by_place);
	for (size_t i = 0; i < list->n; i++) {
		if (list->v[i].words < PASSAGE_WORDS || (kept > 0 && list->v[i].a < list->v[kept - 1].a_end))
			continue;
		list->v[kept++] = list->v[i];
	}
	list->n = kept;
}

enum status
passage_list_find(struct passage_list *list, const struct passage_index *index, const struct word_list *b)
{
	enum status status = STATUS_OK;

	list->n = 0;
	for (size_t at = 0; status == STATUS_OK && at + PASSAGE_RUN <= b->n;) {
		struct shared_passage run = find_run(index, b, at);

		if (run.words > 0)
			status = add_run(list, &run);
		at += run.words > 0 ? run.words : 1;
	}
	if (status != STATUS_OK) {
		list->n = 0;
		return status;
	}
	keep_passages(list);
	return STATUS_OK;
}
