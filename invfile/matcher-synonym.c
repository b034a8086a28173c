/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * matcher-synonym: terms that count as one, with a list of its own that nobody has written.
 *
 * Prefixes stand for up to hundreds of words.  So many lists are not walked side by side: a window of documents is
 * opened, the occurrences of one list after the other are added up in it, and then its documents are given out.
 */
#include <stdlib.h>

#include "invfile/matcher-walk.h"

/* The least docid at which a leaf stands when all have been moved to `docid` or behind it. */
static uint32_t
synonym_seek(struct matcher *matcher, struct synonym *synonym, uint32_t docid)
{
	uint32_t least = CURSOR_END;

	for (uint32_t i = 0; i < synonym->n; i++) {
		struct leaf *leaf = synonym->leaves[i];
		uint32_t found = leaf->walk.docid < docid ? leaf_seek(matcher, leaf, docid) : leaf->walk.docid;

		least = found < least ? found : least;
	}
	return least;
}

/* Adds up one leaf's occurrences in the window. */
static void
synonym_add(struct matcher *matcher, struct synonym *synonym, struct leaf *leaf)
{
	const uint32_t first = synonym->first;
	uint32_t docid = leaf->walk.docid;
	uint32_t n = 0;

	for (; docid != CURSOR_END && docid - first < SYNONYM_WINDOW; n++) {
		uint32_t at = docid - first;

		synonym->wdfs[at] += cursor_wdf(&leaf->cursor);
		synonym->bits[at / 64] |= UINT64_C(1) << at % 64;
		docid = leaf_seek(matcher, leaf, docid + 1);
	}
	matcher->steps -= n;
}

/* Opens the window that holds `docid`, at or behind which all leaves stand. */
static void
synonym_open_window(struct matcher *matcher, struct synonym *synonym, uint32_t docid)
{
	synonym->first = docid - docid % SYNONYM_WINDOW;
	synonym->is_open = true;
	memset(synonym->wdfs, 0, sizeof(synonym->wdfs));
	memset(synonym->bits, 0, sizeof(synonym->bits));
	for (uint32_t i = 0; i < synonym->n && !matcher_is_over(matcher); i++)
		synonym_add(matcher, synonym, synonym->leaves[i]);
}

/* The first document of the window from its number `at` on; SYNONYM_WINDOW: there is none. */
static uint32_t
synonym_scan(const struct synonym *synonym, uint32_t at)
{
	uint64_t word = synonym->bits[at / 64] & UINT64_MAX << at % 64;

	for (at /= 64; word == 0; word = synonym->bits[at])
		if (++at == SYNONYM_WINDOW / 64)
			return SYNONYM_WINDOW;
	return at * 64 + (uint32_t)__builtin_ctzll(word);
}

uint32_t
synonym_advance(struct matcher *matcher, struct synonym *synonym, uint32_t docid)
{
	while (docid != CURSOR_END && !matcher_is_over(matcher)) {
		uint32_t at = SYNONYM_WINDOW;

		if (synonym->is_open && docid - synonym->first < SYNONYM_WINDOW)
			at = synonym_scan(synonym, docid - synonym->first);
		if (at < SYNONYM_WINDOW)
			return synonym->walk.docid = synonym->first + at;
		docid = synonym_seek(matcher, synonym, docid);
		if (docid != CURSOR_END)
			synonym_open_window(matcher, synonym, docid);
	}
	return synonym->walk.docid = CURSOR_END;
}

double
synonym_score(const struct matcher *matcher, const struct synonym *synonym)
{
	uint32_t docid = synonym->walk.docid;
	uint32_t wdf = synonym->wdfs[docid - synonym->first];
	uint32_t length = matcher->lengths[docid];

	if (synonym->weight == 0)
		return 0;
	/* A term that is there twice counts twice; Xapian stops at what the document has. */
	return synonym->weight * bm25_part(matcher->bm25, matcher->length_factor, wdf < length ? wdf : length, length);
}

static int
compare_numbers(const void *a, const void *b)
{
	uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;

	return (one > other) - (one < other);
}

/* Numbers of which the least is wanted: those from `next` to `end`, and the joined ones; both ascend. */
struct numbers {
	uint32_t *v;
	uint32_t next, end;
	uint32_t next_joined, end_joined; /* in the place of numbers that were taken */
};

static uint32_t
take_least(struct numbers *numbers)
{
	bool has_joined = numbers->next_joined < numbers->end_joined;

	if (numbers->next == numbers->end ||
	    (has_joined && numbers->v[numbers->next_joined] < numbers->v[numbers->next]))
		return numbers->v[numbers->next_joined++];
	return numbers->v[numbers->next++];
}

uint32_t
matcher_any_documents(uint32_t *documents, uint32_t n, uint32_t collection)
{
	struct numbers numbers = { documents, 0, n, 0, 0 };

	if (collection == 0)
		return 0;
	qsort(documents, n, sizeof(*documents), compare_numbers);
	for (uint32_t i = 1; i < n; i++) {
		double one = take_least(&numbers);
		double other = take_least(&numbers);

		/* What was joined later is not less: the two queues of van Leeuwen (1976) make Huffman's tree without a heap. */
		documents[numbers.end_joined++] = (uint32_t)(one + other - one * other / collection + 0.5);
	}
	return n > 1 ? documents[numbers.next_joined] : documents[0];
}
