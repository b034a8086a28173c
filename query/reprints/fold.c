/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/reprints/fold.h"

#include <stdlib.h>

enum {
	FIRST_SLOTS = 1024,
	/* Shown hits of one band that are compared: texts of one template may have it by the hundred. */
	CANDIDATES = 64
};

/* A band of a shown hit. */
struct slot {
	uint64_t band;
	uint32_t shown; /* its number + 1, 0 where empty */
};

struct fold {
	struct likeness *likeness;
	struct fingerprint *shown; /* in the order in which they were put in */
	uint32_t n;
	uint32_t capacity;
	struct slot *slots; /* equal bands stand in several, in the order of their hits */
	size_t n_slots; /* a power of two */
};

static enum status
no_memory(struct error *reterr)
{
	return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory for folding reprints");
}

enum status
fold_new(struct likeness *likeness, struct fold **ret_fold, struct error *reterr)
{
	struct fold *fold = calloc(1, sizeof(*fold));

	if (fold == NULL)
		return no_memory(reterr);
	fold->slots = calloc(FIRST_SLOTS, sizeof(*fold->slots));
	if (fold->slots == NULL) {
		fold_free(fold);
		return no_memory(reterr);
	}
	fold->n_slots = FIRST_SLOTS;
	fold->likeness = likeness;
	*ret_fold = fold;
	return STATUS_OK;
}

void
fold_free(struct fold *fold)
{
	if (fold == NULL)
		return;
	free(fold->shown);
	free(fold->slots);
	free(fold);
}

uint32_t
fold_count(const struct fold *fold)
{
	return fold->n;
}

/* ---- Showing a hit ---- */

static void
insert_bands(struct fold *fold, uint32_t number)
{
	for (unsigned i = 0; i < SIGNATURE_BANDS; i++) {
		uint64_t band = signature_band(&fold->shown[number].signature, i);
		size_t slot = band & (fold->n_slots - 1);

		while (fold->slots[slot].shown != 0)
			slot = (slot + 1) & (fold->n_slots - 1);
		fold->slots[slot] = (struct slot) { band, number + 1 };
	}
}

/* A table of twice the size, hits in their order. */
static enum status
grow_slots(struct fold *fold, struct error *reterr)
{
	struct slot *slots;

	if (((size_t)fold->n + 1) * SIGNATURE_BANDS * 2 <= fold->n_slots)
		return STATUS_OK;
	slots = calloc(2 * fold->n_slots, sizeof(*slots));
	if (slots == NULL)
		return no_memory(reterr);
	free(fold->slots);
	fold->slots = slots;
	fold->n_slots *= 2;
	for (uint32_t i = 0; i < fold->n; i++) {
		if (fold->shown[i].has_signature)
			insert_bands(fold, i);
	}
	return STATUS_OK;
}

static enum status
show(struct fold *fold, const struct fingerprint *fingerprint, struct error *reterr)
{
	enum status status = grow_slots(fold, reterr);

	if (status != STATUS_OK)
		return status;
	if (fold->n == fold->capacity) {
		uint32_t capacity = fold->capacity > 0 ? 2 * fold->capacity : 64;
		struct fingerprint *shown = realloc(fold->shown, capacity * sizeof(*shown));

		if (shown == NULL)
			return no_memory(reterr);
		fold->shown = shown;
		fold->capacity = capacity;
	}
	fold->shown[fold->n++] = *fingerprint;
	if (fingerprint->has_signature)
		insert_bands(fold, fold->n - 1);
	return STATUS_OK;
}

/* ---- Finding one ---- */

static int
compare_numbers(const void *a, const void *b)
{
	uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;

	return (one > other) - (one < other);
}

/* The numbers of the shown hits that have a band in common, ascending; some stand there twice. */
static uint32_t
find_candidates(
    const struct fold *fold, const struct signature *signature, uint32_t numbers[SIGNATURE_BANDS * CANDIDATES])
{
	uint32_t n = 0;

	for (unsigned i = 0; i < SIGNATURE_BANDS; i++) {
		uint64_t band = signature_band(signature, i);
		size_t slot = band & (fold->n_slots - 1);

		for (unsigned found = 0; fold->slots[slot].shown != 0 && found < CANDIDATES;
		     slot = (slot + 1) & (fold->n_slots - 1)) {
			if (fold->slots[slot].band != band)
				continue;
			numbers[n++] = fold->slots[slot].shown - 1;
			found++;
		}
	}
	if (n > 1)
		qsort(numbers, n, sizeof(*numbers), compare_numbers);
	return n;
}

enum status
fold_look(struct fold *fold, const struct fingerprint *fingerprint, uint32_t *ret_head, struct error *reterr)
{
	uint32_t numbers[SIGNATURE_BANDS * CANDIDATES];
	uint32_t n = fingerprint->has_signature ? find_candidates(fold, &fingerprint->signature, numbers) : 0;

	*ret_head = 0;
	for (uint32_t i = 0; i < n; i++) {
		const struct fingerprint *shown = &fold->shown[numbers[i]];
		bool is_reprint;
		enum status status;

		if (i > 0 && numbers[i] == numbers[i - 1])
			continue;
		status = likeness_is_enough(fold->likeness, fingerprint, shown, &is_reprint, reterr);
		if (status != STATUS_OK)
			return status;
		if (is_reprint) {
			*ret_head = shown->docid;
			return STATUS_OK;
		}
	}
	return STATUS_OK;
}

enum status
fold_put(struct fold *fold, const struct fingerprint *fingerprint, uint32_t *ret_head, struct error *reterr)
{
	uint32_t head;
	enum status status = fold_look(fold, fingerprint, &head, reterr);

	if (status == STATUS_OK && head == 0) {
		status = show(fold, fingerprint, reterr);
		head = fingerprint->docid;
	}
	if (status == STATUS_OK)
		*ret_head = head;
	return status;
}
