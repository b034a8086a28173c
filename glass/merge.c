/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "glass/merge.h"

#include <stdlib.h>

/*
 * Two lists of runs: a heap of those whose next key is still to come, least key first, and those that have
 * the current key.  Of the latter one is being read, as long as its docids are below those of all others:
 * documents came in batches, so that this is for many records at a time.
 */
struct merge {
	struct run *runs; /* in the order of their documents */
	size_t n_runs;
	struct run **heap;
	size_t n_heap;
	struct run **active;
	size_t n_active;
	struct run *current; /* of the active ones, or NULL: to be chosen */
	bool read; /* its record was given out */
	uint64_t bound; /* the least docid of the others */
	unsigned char key[BTREE_KEY_BYTES];
};

/* ---- The heap -------------------------------------------------------------------------------- */

static bool
is_before(const struct run *a, const struct run *b)
{
	int order = str_cmp(
	    (struct str) { (const char *)a->key, a->key_len }, (struct str) { (const char *)b->key, b->key_len });

	return order != 0 ? order < 0 : a < b;
}

static void
sift_down(struct merge *merge)
{
	struct run **heap = merge->heap;
	size_t i = 0;

	for (;;) {
		size_t child = 2 * i + 1;
		struct run *run = heap[i];

		if (child + 1 < merge->n_heap && is_before(heap[child + 1], heap[child]))
			child++;
		if (child >= merge->n_heap || !is_before(heap[child], run))
			return;
		heap[i] = heap[child];
		heap[child] = run;
		i = child;
	}
}

static void
push(struct merge *merge, struct run *run)
{
	struct run **heap = merge->heap;
	size_t i = merge->n_heap++;

	for (; i > 0 && is_before(run, heap[(i - 1) / 2]); i = (i - 1) / 2)
		heap[i] = heap[(i - 1) / 2];
	heap[i] = run;
}

static struct run *
pop(struct merge *merge)
{
	struct run *top = merge->heap[0];

	merge->heap[0] = merge->heap[--merge->n_heap];
	sift_down(merge);
	return top;
}

/* ---- Opening --------------------------------------------------------------------------------- */

static enum status
open_runs(struct merge *merge, const char *dir, const struct merge_name *names, size_t n, struct error *reterr)
{
	enum status status = STATUS_OK;

	merge->runs = calloc(n + 1, sizeof(*merge->runs));
	if (merge->runs == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	while (status == STATUS_OK && merge->n_runs < n) {
		status = run_open(&merge->runs[merge->n_runs], dir, names[merge->n_runs].name, reterr);
		merge->n_runs += status == STATUS_OK;
	}
	return status;
}

static enum status
fill_heap(struct merge *merge, struct error *reterr)
{
	enum status status = STATUS_OK;

	merge->heap = calloc(merge->n_runs + 1, sizeof(struct run *));
	merge->active = calloc(merge->n_runs + 1, sizeof(struct run *));
	if (merge->heap == NULL || merge->active == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	for (size_t i = 0; status == STATUS_OK && i < merge->n_runs; i++) {
		status = run_next_key(&merge->runs[i], reterr);
		if (status == STATUS_OK)
			push(merge, &merge->runs[i]);
		else if (status == STATUS_END)
			status = STATUS_OK;
	}
	return status;
}

enum status
merge_open(const char *dir, const struct merge_name *names, size_t n, struct merge **ret_merge, struct error *reterr)
{
	struct merge *merge = calloc(1, sizeof(*merge));
	enum status status;

	if (merge == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	status = open_runs(merge, dir, names, n, reterr);
	if (status == STATUS_OK)
		status = fill_heap(merge, reterr);
	if (status != STATUS_OK) {
		merge_close(merge);
		return status;
	}
	*ret_merge = merge;
	return STATUS_OK;
}

void
merge_close(struct merge *merge)
{
	if (merge == NULL)
		return;
	for (size_t i = 0; i < merge->n_runs; i++)
		run_done(&merge->runs[i]);
	free(merge->runs);
	free(merge->heap);
	free(merge->active);
	free(merge);
}

/* ---- Reading --------------------------------------------------------------------------------- */

/* A run that is through with its key goes back to the heap with its next one. */
static enum status
retire(struct merge *merge, struct run *run, struct error *reterr)
{
	enum status status = run_next_key(run, reterr);

	if (status == STATUS_OK)
		push(merge, run);
	return status == STATUS_END ? STATUS_OK : status;
}

/* Moves a run to its next record; drops it from the active ones at its key's end. */
static enum status
advance(struct merge *merge, struct run *run, struct error *reterr)
{
	size_t i = 0;
	enum status status = run_next_record(run, reterr);

	if (status != STATUS_END)
		return status;
	while (merge->active[i] != run)
		i++;
	memmove(&merge->active[i], &merge->active[i + 1], (--merge->n_active - i) * sizeof(struct run *));
	return retire(merge, run, reterr);
}

static enum status
pass_over(struct merge *merge, struct error *reterr)
{
	enum status status = STATUS_OK;

	while (status == STATUS_OK && merge->n_active > 0)
		status = advance(merge, merge->active[0], reterr);
	return status;
}

enum status
merge_next_key(struct merge *merge, struct merge_key *ret_key, struct error *reterr)
{
	struct merge_key key = { { (const char *)merge->key, 0 }, 0, 0 };
	enum status status = pass_over(merge, reterr);

	if (status != STATUS_OK)
		return status;
	if (merge->n_heap == 0)
		return STATUS_END;
	key.key.len = merge->heap[0]->key_len;
	memcpy(merge->key, merge->heap[0]->key, key.key.len);
	do {
		struct run *run = pop(merge);

		merge->active[merge->n_active++] = run;
		key.records += run->records;
		key.sum += run->sum;
	} while (merge->n_heap > 0 &&
		 str_eq(key.key, (struct str) { (const char *)merge->heap[0]->key, merge->heap[0]->key_len }));
	for (size_t i = merge->n_active; status == STATUS_OK && i-- > 0;)
		status = run_next_record(merge->active[i], reterr);
	merge->current = NULL;
	merge->read = false;
	*ret_key = key;
	return status == STATUS_END ? spool_is_damaged(&merge->active[0]->spool, reterr) : status;
}

/* The active run with the least docid, of equal ones the first, and the least docid of the others. */
static void
choose(struct merge *merge)
{
	merge->current = merge->active[0];
	merge->bound = UINT64_MAX;
	for (size_t i = 1; i < merge->n_active; i++) {
		struct run *run = merge->active[i];

		if (run->record.docid < merge->current->record.docid) {
			merge->bound = merge->current->record.docid;
			merge->current = run;
		} else if (run->record.docid < merge->bound)
			merge->bound = run->record.docid;
	}
}

enum status
merge_next_record(struct merge *merge, const struct record **ret_record, struct error *reterr)
{
	enum status status = STATUS_OK;
	size_t n_active = merge->n_active;

	if (merge->read)
		status = advance(merge, merge->current, reterr);
	if (status != STATUS_OK)
		return status;
	if (merge->n_active == 0)
		return STATUS_END;
	if (merge->current == NULL || merge->n_active != n_active || merge->current->record.docid >= merge->bound)
		choose(merge);
	merge->read = true;
	*ret_record = &merge->current->record;
	return STATUS_OK;
}
