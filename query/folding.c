/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/folding.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "query/cursor.h"
#include "query/reprints/fold.h"
#include "query/reprints/similar.h"

enum {
	EXTRA_HITS = 5, /* taken beyond those that are wanted, before they are known to be too few */
	CLOCK_EVERY = 64 /* hits between two looks at the clock */
};

/* Where a document that matches has its place; a shown one stands for itself. */
struct place {
	uint32_t docid;
	uint32_t head;
};

struct places {
	struct place *v;
	uint32_t n;
	uint32_t capacity;
};

struct folding {
	const struct folding_source *source;
	struct likeness *likeness;
	struct fold *fold;
	struct places places;
};

/* Documents of which it is not known yet whether they match. */
struct unknown {
	struct fingerprint *v;
	uint32_t n;
	uint32_t capacity;
};

enum status
folding_new(const struct folding_source *source, struct folding **ret_folding, struct error *reterr)
{
	struct folding *folding = calloc(1, sizeof(*folding));
	enum status status;

	if (folding == NULL)
		return error_no_memory(reterr);
	folding->source = source;
	status = likeness_new(source->reader, &folding->likeness, reterr);
	if (status == STATUS_OK)
		status = fold_new(folding->likeness, &folding->fold, reterr);
	if (status != STATUS_OK) {
		folding_free(folding);
		return status;
	}
	*ret_folding = folding;
	return STATUS_OK;
}

void
folding_free(struct folding *folding)
{
	if (folding == NULL)
		return;
	fold_free(folding->fold);
	likeness_free(folding->likeness);
	free(folding->places.v);
	free(folding);
}

/* ---- Putting hits in ---- */

static enum status
check_clock(const struct folding *folding, uint32_t i, struct error *reterr)
{
	int64_t deadline_ns = folding->source->params->deadline_ns;

	if (deadline_ns == 0 || i % CLOCK_EVERY != 0 || clock_mono_ns() < deadline_ns)
		return STATUS_OK;
	return error_set(reterr, STATUS_TIMEOUT, ERROR_NO_OFFSET, "the query took too long");
}

static enum status
add_place(struct places *places, uint32_t docid, uint32_t head, struct error *reterr)
{
	if (places->n == places->capacity) {
		uint32_t capacity = places->capacity > 0 ? 2 * places->capacity : 64;
		struct place *v = realloc(places->v, capacity * sizeof(*v));

		if (v == NULL)
			return error_no_memory(reterr);
		places->v = v;
		places->capacity = capacity;
	}
	places->v[places->n++] = (struct place) { docid, head };
	return STATUS_OK;
}

static enum status
put(struct folding *folding, const struct fingerprint *fingerprint, bool *ret_shown, struct error *reterr)
{
	uint32_t head = 0;
	enum status status = check_clock(folding, folding->places.n, reterr);

	if (status == STATUS_OK)
		status = fold_put(folding->fold, fingerprint, &head, reterr);
	if (status == STATUS_OK)
		status = add_place(&folding->places, fingerprint->docid, head, reterr);
	if (status == STATUS_OK)
		*ret_shown = head == fingerprint->docid;
	return status;
}

enum status
folding_put(struct folding *folding, uint32_t docid, bool *ret_shown, struct error *reterr)
{
	struct fingerprint fingerprint;
	enum status status = fingerprint_read(folding->source->reader, docid, &fingerprint, reterr);

	return status == STATUS_OK ? put(folding, &fingerprint, ret_shown, reterr) : status;
}

/* By docid, as qsort(3) and bsearch(3) want it; all that is compared begins with one. */
static int
compare_docids(const void *a, const void *b)
{
	uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;

	return (one > other) - (one < other);
}

/* Of a page's hits, their docids in ascending order. */
static uint32_t *
sorted_docids(const struct page *page, struct arena *arena)
{
	uint32_t *docids = arena_calloc(arena, page->n, sizeof(*docids));

	if (docids == NULL)
		return NULL;
	for (uint32_t i = 0; i < page->n; i++)
		docids[i] = page->v[i].docid;
	if (page->n > 1)
		qsort(docids, page->n, sizeof(*docids), compare_docids);
	return docids;
}

/* The fingerprints of a page's hits, by docid; to be freed. */
static enum status
read_fingerprints(
    const struct folding *folding, const struct page *page, struct fingerprint **ret_fingerprints, struct error *reterr)
{
	uint32_t *docids = sorted_docids(page, folding->source->arena);
	struct fingerprint *fingerprints = calloc((size_t)page->n + 1, sizeof(*fingerprints));
	enum status status = STATUS_NOMEM;

	if (docids != NULL && fingerprints != NULL)
		status = fingerprints_read(folding->source->reader, docids, page->n, fingerprints, reterr);
	else
		status = error_no_memory(reterr);
	if (status == STATUS_OK)
		*ret_fingerprints = fingerprints;
	else
		free(fingerprints);
	return status;
}

/* Puts in all hits of a page and leaves those that are shown. */
static enum status
fold_all(struct folding *folding, struct page *page, struct error *reterr)
{
	struct ranked *shown = arena_calloc(folding->source->arena, page->n, sizeof(*shown));
	struct fingerprint *fingerprints = NULL;
	uint32_t n = 0;
	enum status status =
	    shown != NULL ? read_fingerprints(folding, page, &fingerprints, reterr) : error_no_memory(reterr);

	for (uint32_t i = 0; status == STATUS_OK && i < page->n; i++) {
		bool is_shown = false;

		status = put(folding,
		    bsearch(&page->v[i].docid, fingerprints, page->n, sizeof(*fingerprints), compare_docids), &is_shown,
		    reterr);
		if (is_shown)
			shown[n++] = page->v[i];
	}
	free(fingerprints);
	page->v = shown;
	page->n = n;
	return status;
}

/* ---- Documents that may match ---- */

static enum status
add_unknown(struct unknown *unknown, const struct fingerprint *fingerprint, struct error *reterr)
{
	if (unknown->n == unknown->capacity) {
		uint32_t capacity = unknown->capacity > 0 ? 2 * unknown->capacity : 32;
		struct fingerprint *v = realloc(unknown->v, capacity * sizeof(*v));

		if (v == NULL)
			return error_no_memory(reterr);
		unknown->v = v;
		unknown->capacity = capacity;
	}
	unknown->v[unknown->n++] = *fingerprint;
	return STATUS_OK;
}

static bool
has_unknown(const struct unknown *unknown, uint32_t docid)
{
	for (uint32_t i = 0; i < unknown->n; i++) {
		if (unknown->v[i].docid == docid)
			return true;
	}
	return false;
}

/* Asks the query of these documents alone. */
static enum status
ask_of(const struct folding *folding, const struct unknown *unknown, struct page *ret_page, struct error *reterr)
{
	const struct folding_source *source = folding->source;
	struct search_params params = *source->params;
	struct str *ids = arena_calloc(source->arena, unknown->n, sizeof(*ids));

	if (ids == NULL)
		return error_no_memory(reterr);
	for (uint32_t i = 0; i < unknown->n; i++) {
		enum status status =
		    store_reader_id(source->reader, unknown->v[i].docid, source->arena, &ids[i], reterr);

		if (status != STATUS_OK)
			return status;
	}
	params.all = params.exact_total = false;
	params.sort = SEARCH_SORT_DATE; /* the order does not matter, and that of relevance takes longest */
	params.offset = 0;
	params.limit = unknown->n;
	return source->find(source->arg, &params, ids, unknown->n, ret_page, reterr);
}

/* Leaves those of the unknown documents that match, by docid. */
static enum status
keep_matching(const struct folding *folding, struct unknown *unknown, struct error *reterr)
{
	struct page page = { 0 };
	uint32_t *matching, kept = 0;
	enum status status = unknown->n > 0 ? ask_of(folding, unknown, &page, reterr) : STATUS_OK;

	if (status != STATUS_OK)
		return status;
	matching = sorted_docids(&page, folding->source->arena);
	if (matching == NULL)
		return error_no_memory(reterr);
	for (uint32_t i = 0; i < unknown->n; i++) {
		if (page.n > 0 &&
		    bsearch(&unknown->v[i].docid, matching, page.n, sizeof(*matching), compare_docids) != NULL)
			unknown->v[kept++] = unknown->v[i];
	}
	unknown->n = kept;
	if (kept > 1)
		qsort(unknown->v, kept, sizeof(*unknown->v), compare_docids);
	return STATUS_OK;
}

/* ---- Pages ---- */

static enum status
start_again(struct folding *folding, struct error *reterr)
{
	fold_free(folding->fold);
	folding->fold = NULL;
	folding->places.n = 0;
	return fold_new(folding->likeness, &folding->fold, reterr);
}

/* The best hits, enough of them that the page is full when they are folded. */
static enum status
page_of_best(struct folding *folding, struct page *ret_page, struct error *reterr)
{
	const struct folding_source *source = folding->source;
	struct search_params params = *source->params;
	uint32_t wanted = params.offset + params.limit, skipped, found;
	struct page page = { 0 };

	params.offset = 0;
	params.limit = wanted + EXTRA_HITS < LIMIT_WINDOW ? wanted + EXTRA_HITS : LIMIT_WINDOW;
	for (;; params.limit = params.limit < LIMIT_WINDOW / 2 ? 2 * params.limit : LIMIT_WINDOW) {
		enum status status = source->find(source->arg, &params, NULL, 0, &page, reterr);

		found = page.n;
		if (status == STATUS_OK)
			status = start_again(folding, reterr);
		if (status == STATUS_OK)
			status = fold_all(folding, &page, reterr);
		if (status != STATUS_OK)
			return status;
		if (page.n >= wanted || found < params.limit || params.limit == LIMIT_WINDOW)
			break;
	}
	skipped = source->params->offset < page.n ? source->params->offset : page.n;
	page.v += skipped;
	page.n -= skipped;
	page.n = page.n < source->params->limit ? page.n : source->params->limit;
	*ret_page = page;
	return STATUS_OK;
}

/* Adds the reprints of a document that stand before `first` in the index, and are not known yet. */
static enum status
add_earlier(struct folding *folding, const struct fingerprint *fingerprint, uint32_t first, struct unknown *earlier,
    struct error *reterr)
{
	struct similar_list list;
	enum status status = similar_find(folding->likeness, fingerprint, folding->source->arena, &list, reterr);

	for (uint32_t i = 0; status == STATUS_OK && i < list.n && earlier->n < LIMIT_REPRINTS; i++) {
		const struct fingerprint *other = &list.v[i].fingerprint;

		if (other->docid < first && !has_unknown(earlier, other->docid))
			status = add_unknown(earlier, other, reterr);
	}
	return status;
}

/*
 * Whether a document is shown depends on those before it that are like it, which depend on those before them: all of
 * these, in the order of the index.
 */
static enum status
find_earlier(struct folding *folding, const struct page *page, struct unknown *earlier, struct error *reterr)
{
	uint32_t first = page->v[0].docid;
	enum status status = STATUS_OK;

	for (uint32_t i = 0; status == STATUS_OK && i < page->n; i++) {
		struct fingerprint fingerprint;

		status = check_clock(folding, i, reterr);
		if (status == STATUS_OK)
			status = fingerprint_read(folding->source->reader, page->v[i].docid, &fingerprint, reterr);
		if (status == STATUS_OK)
			status = add_earlier(folding, &fingerprint, first, earlier, reterr);
	}
	for (uint32_t i = 0; status == STATUS_OK && i < earlier->n; i++) {
		struct fingerprint fingerprint = earlier->v[i];

		status = add_earlier(folding, &fingerprint, first, earlier, reterr);
	}
	return status == STATUS_OK ? keep_matching(folding, earlier, reterr) : status;
}

static enum status
put_earlier(struct folding *folding, const struct page *page, struct error *reterr)
{
	struct unknown earlier = { 0 };
	bool is_shown;
	enum status status = find_earlier(folding, page, &earlier, reterr);

	for (uint32_t i = 0; status == STATUS_OK && i < earlier.n; i++)
		status = put(folding, &earlier.v[i], &is_shown, reterr);
	free(earlier.v);
	return status;
}

/* The next hits in the order of the index; on and on until one of them is shown. */
static enum status
page_of_walk(struct folding *folding, struct page *ret_page, uint32_t *ret_last, struct error *reterr)
{
	const struct folding_source *source = folding->source;
	struct search_params params = *source->params;
	struct page page = { 0 };
	uint32_t found;

	do {
		enum status status = source->find(source->arg, &params, NULL, 0, &page, reterr);

		found = page.n;
		*ret_last = found > 0 && found == params.limit ? page.v[found - 1].docid : 0;
		if (status == STATUS_OK)
			status = start_again(folding, reterr);
		if (status == STATUS_OK && found > 0)
			status = put_earlier(folding, &page, reterr);
		if (status == STATUS_OK)
			status = fold_all(folding, &page, reterr);
		if (status == STATUS_OK && *ret_last != 0)
			status = cursor_write(source->reader, *ret_last, source->arena, &params.cursor, reterr);
		if (status != STATUS_OK)
			return status;
	} while (page.n == 0 && *ret_last != 0 && params.cursor.len > 0);
	*ret_page = page;
	return STATUS_OK;
}

enum status
folding_page(struct folding *folding, struct page *ret_page, uint32_t *ret_last, struct error *reterr)
{
	*ret_last = 0;
	if (folding->source->params->all)
		return page_of_walk(folding, ret_page, ret_last, reterr);
	return page_of_best(folding, ret_page, reterr);
}

enum status
folding_count(struct folding *folding, uint64_t *ret_count, struct error *reterr)
{
	const struct folding_source *source = folding->source;
	struct search_params params = *source->params;
	struct page page = { 0 };

	params.all = params.ids_only = true;
	params.exact_total = false;
	params.limit = LIMIT_IDS;
	params.cursor = (struct str) { "", 0 };
	do {
		enum status status = source->find(source->arg, &params, NULL, 0, &page, reterr);
		uint32_t found = page.n, last = found > 0 ? page.v[found - 1].docid : 0;

		params.cursor = (struct str) { "", 0 };
		if (status == STATUS_OK)
			status = fold_all(folding, &page, reterr);
		if (status == STATUS_OK && found == params.limit)
			status = cursor_write(source->reader, last, source->arena, &params.cursor, reterr);
		if (status != STATUS_OK)
			return status;
	} while (params.cursor.len > 0);
	*ret_count = fold_count(folding->fold);
	return STATUS_OK;
}

/* ---- What is folded under the hits of a page ---- */

/* The reprints of a hit, and those of them that have no place yet. */
static enum status
find_reprints(struct folding *folding, struct search_hit *hit, struct unknown *unknown, struct error *reterr)
{
	struct fingerprint fingerprint;
	struct similar_list list = { 0 };
	enum status status = fingerprint_read(folding->source->reader, hit->docid, &fingerprint, reterr);

	if (status == STATUS_OK)
		status = similar_find(folding->likeness, &fingerprint, folding->source->arena, &list, reterr);
	hit->reprints.more = list.more;
	for (uint32_t i = 0; status == STATUS_OK && i < list.n; i++) {
		const struct fingerprint *other = &list.v[i].fingerprint;

		if (bsearch(&other->docid, folding->places.v, folding->places.n, sizeof(*folding->places.v),
			compare_docids) != NULL ||
		    has_unknown(unknown, other->docid))
			continue;
		if (unknown->n == LIMIT_REPRINTS) {
			hit->reprints.more = true;
			break;
		}
		status = add_unknown(unknown, other, reterr);
	}
	return status;
}

/* Finds the places of documents that match and are not on the list. */
static enum status
place_unknown(struct folding *folding, struct unknown *unknown, struct error *reterr)
{
	enum status status = keep_matching(folding, unknown, reterr);

	for (uint32_t i = 0; status == STATUS_OK && i < unknown->n; i++) {
		uint32_t head;

		status = fold_look(folding->fold, &unknown->v[i], &head, reterr);
		if (status == STATUS_OK)
			status = add_place(&folding->places, unknown->v[i].docid, head, reterr);
	}
	return status;
}

static int
compare_strs(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* The ids of all that have their place under a hit, in the order of their bytes. */
static enum status
list_reprints(const struct folding *folding, struct search_hit *hit, struct error *reterr)
{
	const struct folding_source *source = folding->source;
	const struct places *places = &folding->places;
	struct search_reprints *reprints = &hit->reprints;
	struct str *ids;

	for (uint32_t i = 0; i < places->n; i++)
		reprints->count += places->v[i].head == hit->docid && places->v[i].docid != hit->docid;
	if (reprints->count == 0)
		return STATUS_OK;
	ids = arena_calloc(source->arena, reprints->count, sizeof(*ids));
	if (ids == NULL)
		return error_no_memory(reterr);
	for (uint32_t i = 0, n = 0; i < places->n; i++) {
		enum status status = STATUS_OK;

		if (places->v[i].head == hit->docid && places->v[i].docid != hit->docid)
			status = store_reader_id(source->reader, places->v[i].docid, source->arena, &ids[n++], reterr);
		if (status != STATUS_OK)
			return status;
	}
	qsort(ids, reprints->count, sizeof(*ids), compare_strs);
	reprints->ids = ids;
	reprints->n_ids = reprints->count < SEARCH_REPRINT_IDS ? reprints->count : SEARCH_REPRINT_IDS;
	return STATUS_OK;
}

enum status
folding_fill(struct folding *folding, struct search_hit *hits, uint32_t n, struct error *reterr)
{
	struct unknown unknown = { 0 };
	enum status status = STATUS_OK;

	if (folding->places.n > 1)
		qsort(folding->places.v, folding->places.n, sizeof(*folding->places.v), compare_docids);
	for (uint32_t i = 0; status == STATUS_OK && i < n; i++)
		status = find_reprints(folding, &hits[i], &unknown, reterr);
	if (status == STATUS_OK)
		status = place_unknown(folding, &unknown, reterr);
	for (uint32_t i = 0; status == STATUS_OK && i < n; i++)
		status = list_reprints(folding, &hits[i], reterr);
	free(unknown.v);
	return status;
}
