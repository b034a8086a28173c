/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hash table with open addressing of numbers into a growing array of entries.
 */
#include "bench/vocabulary.h"

#include <stdlib.h>

#include "base/arena.h"

enum { FIRST_SLOTS = 1 << 16, EMPTY = 0 };

#define STRINGS_MAX ((size_t)1 << 30)

struct vocabulary {
	struct arena *strings;
	struct vocabulary_word *entries;
	uint32_t n, room;
	uint32_t *slots; /* number + 1, or EMPTY; a power of two of them, at least twice n */
	size_t n_slots;
	struct str *folded; /* sorted, distinct; after vocabulary_rank() */
	size_t n_folded;
};

static enum status
no_memory(struct error *reterr)
{
	return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory for the corpus's words");
}

enum status
vocabulary_new(struct vocabulary **ret_vocabulary, struct error *reterr)
{
	struct vocabulary *vocabulary = calloc(1, sizeof(*vocabulary));

	if (vocabulary == NULL)
		return no_memory(reterr);
	vocabulary->n_slots = FIRST_SLOTS;
	vocabulary->slots = calloc(vocabulary->n_slots, sizeof(*vocabulary->slots));
	if (vocabulary->slots == NULL || arena_new(STRINGS_MAX, &vocabulary->strings) != STATUS_OK) {
		vocabulary_free(vocabulary);
		return no_memory(reterr);
	}
	*ret_vocabulary = vocabulary;
	return STATUS_OK;
}

void
vocabulary_free(struct vocabulary *vocabulary)
{
	if (vocabulary == NULL)
		return;
	arena_free(vocabulary->strings);
	free(vocabulary->entries);
	free(vocabulary->slots);
	free(vocabulary->folded);
	free(vocabulary);
}

/* FNV-1a. */
static uint64_t
hash_of(struct str s)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < s.len; i++)
		hash = (hash ^ (unsigned char)s.p[i]) * 0x100000001b3u;
	return hash;
}

/* The slot that holds the word, or the empty one where it belongs. */
static uint32_t *
slot_of(const struct vocabulary *vocabulary, struct str lower)
{
	size_t i = hash_of(lower) & (vocabulary->n_slots - 1);

	while (vocabulary->slots[i] != EMPTY && !str_eq(vocabulary->entries[vocabulary->slots[i] - 1].lower, lower))
		i = (i + 1) & (vocabulary->n_slots - 1);
	return &vocabulary->slots[i];
}

static bool
grow_slots(struct vocabulary *vocabulary)
{
	uint32_t *slots = calloc(vocabulary->n_slots * 2, sizeof(*slots));

	if (slots == NULL)
		return false;
	free(vocabulary->slots);
	vocabulary->slots = slots;
	vocabulary->n_slots *= 2;
	for (uint32_t i = 0; i < vocabulary->n; i++)
		*slot_of(vocabulary, vocabulary->entries[i].lower) = i + 1;
	return true;
}

static bool
make_room(struct vocabulary *vocabulary)
{
	if (vocabulary->n == vocabulary->room) {
		uint32_t room = vocabulary->room == 0 ? FIRST_SLOTS / 2 : vocabulary->room * 2;
		struct vocabulary_word *entries = reallocarray(vocabulary->entries, room, sizeof(*entries));

		if (entries == NULL)
			return false;
		vocabulary->entries = entries;
		vocabulary->room = room;
	}
	return (size_t)vocabulary->n * 2 < vocabulary->n_slots || grow_slots(vocabulary);
}

/* Whether all are letters a-z or of Latin-1 and Latin Extended-A (U+00C0 to U+017F), which any peer reads alike. */
static bool
is_french(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c >= 'a' && c <= 'z')
			continue;
		if (c < 0xC3 || c > 0xC5 || i + 1 == s.len)
			return false;
		i++;
	}
	return s.len > 0;
}

static enum status
insert(struct vocabulary *vocabulary, const struct word *word, struct error *reterr)
{
	struct vocabulary_word entry = { 0 };

	if (!make_room(vocabulary))
		return no_memory(reterr);
	entry.lower = arena_str(vocabulary->strings, word->lower);
	entry.folded = arena_str(vocabulary->strings, word->folded);
	if (entry.lower.p == NULL || entry.folded.p == NULL)
		return no_memory(reterr);
	entry.is_plain = word->n_stems <= VOCABULARY_STEMS && is_french(word->lower);
	for (uint32_t i = 0; i < word->n_stems && i < VOCABULARY_STEMS; i++)
		entry.stems[entry.n_stems++] = hash_of(word->stems[i]);
	vocabulary->entries[vocabulary->n] = entry;
	vocabulary->n++;
	*slot_of(vocabulary, entry.lower) = vocabulary->n;
	return STATUS_OK;
}

enum status
vocabulary_add(struct vocabulary *vocabulary, const struct word *word, uint32_t document, uint32_t *ret_number,
    struct error *reterr)
{
	uint32_t number = *slot_of(vocabulary, word->lower);
	struct vocabulary_word *entry;

	if (number == EMPTY) {
		enum status status = insert(vocabulary, word, reterr);

		if (status != STATUS_OK)
			return status;
		number = vocabulary->n;
	}
	entry = &vocabulary->entries[number - 1];
	if (entry->last_document != document + 1)
		entry->documents++;
	entry->last_document = document + 1;
	*ret_number = number - 1;
	return STATUS_OK;
}

static int
by_documents(const void *a, const void *b, void *context)
{
	const struct vocabulary_word *entries = context;
	const struct vocabulary_word *x = &entries[*(const uint32_t *)a], *y = &entries[*(const uint32_t *)b];

	if (x->documents != y->documents)
		return x->documents > y->documents ? -1 : 1;
	return str_cmp(x->lower, y->lower);
}

static int
by_bytes(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

enum status
vocabulary_rank(struct vocabulary *vocabulary, struct error *reterr)
{
	uint32_t *order = calloc(vocabulary->n, sizeof(*order));
	struct str *folded = calloc(vocabulary->n, sizeof(*folded));

	if (vocabulary->n > 0 && (order == NULL || folded == NULL)) {
		free(order);
		free(folded);
		return no_memory(reterr);
	}
	for (uint32_t i = 0; i < vocabulary->n; i++) {
		order[i] = i;
		folded[i] = vocabulary->entries[i].folded;
	}
	qsort_r(order, vocabulary->n, sizeof(*order), by_documents, vocabulary->entries);
	qsort(folded, vocabulary->n, sizeof(*folded), by_bytes);
	for (uint32_t i = 0; i < vocabulary->n; i++) {
		vocabulary->entries[order[i]].rank = i;
		if (vocabulary->n_folded == 0 || !str_eq(folded[vocabulary->n_folded - 1], folded[i]))
			folded[vocabulary->n_folded++] = folded[i];
	}
	free(order);
	vocabulary->folded = folded;
	return STATUS_OK;
}

uint32_t
vocabulary_size(const struct vocabulary *vocabulary)
{
	return vocabulary->n;
}

const struct vocabulary_word *
vocabulary_get(const struct vocabulary *vocabulary, uint32_t number)
{
	return &vocabulary->entries[number];
}

size_t
vocabulary_with_prefix(const struct vocabulary *vocabulary, struct str prefix)
{
	size_t low = 0, high = vocabulary->n_folded, n = 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (str_cmp(vocabulary->folded[middle], prefix) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	while (low + n < vocabulary->n_folded && str_has_prefix(vocabulary->folded[low + n], prefix))
		n++;
	return n;
}

bool
vocabulary_apart(const struct vocabulary_word *a, const struct vocabulary_word *b)
{
	for (size_t i = 0; i < a->n_stems; i++) {
		for (size_t j = 0; j < b->n_stems; j++) {
			if (a->stems[i] == b->stems[j])
				return false;
		}
	}
	return true;
}
