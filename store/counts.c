/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/counts.h"

#include <stdlib.h>
#include <string.h>

enum { PLACES = 4096, TERM_BYTES = 27 };

struct entry {
	uint32_t documents;
	unsigned char len; /* 0: nobody's */
	char term[TERM_BYTES];
};

struct counts {
	bool is_empty;
	struct entry entries[PLACES];
};

enum status
counts_new(struct counts **ret_counts)
{
	*ret_counts = calloc(1, sizeof(**ret_counts));
	if (*ret_counts == NULL)
		return STATUS_NOMEM;
	(*ret_counts)->is_empty = true;
	return STATUS_OK;
}

void
counts_free(struct counts *counts)
{
	free(counts);
}

void
counts_forget(struct counts *counts)
{
	if (!counts->is_empty)
		memset(counts->entries, 0, sizeof(counts->entries));
	counts->is_empty = true;
}

/* Where a term belongs: FNV-1a (Fowler, Noll and Vo), which is enough for terms of a few letters. */
static uint32_t
place_of(struct str term)
{
	uint32_t hash = 2166136261U;

	for (size_t i = 0; i < term.len; i++)
		hash = (hash ^ (unsigned char)term.p[i]) * 16777619U;
	return (hash ^ hash >> 16) % PLACES;
}

static bool
has_room(struct str term)
{
	return term.len > 0 && term.len <= TERM_BYTES;
}

bool
counts_get(const struct counts *counts, struct str term, uint32_t *ret_documents)
{
	const struct entry *entry;

	if (counts->is_empty || !has_room(term))
		return false;
	entry = &counts->entries[place_of(term)];
	if (entry->len != term.len || memcmp(entry->term, term.p, term.len) != 0)
		return false;
	*ret_documents = entry->documents;
	return true;
}

void
counts_put(struct counts *counts, struct str term, uint32_t documents)
{
	struct entry *entry;

	if (!has_room(term))
		return;
	entry = &counts->entries[place_of(term)];
	entry->documents = documents;
	entry->len = (unsigned char)term.len;
	memcpy(entry->term, term.p, term.len);
	counts->is_empty = false;
}
