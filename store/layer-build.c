/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/layer-build.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "glass/lists.h"
#include "glass/poslist.h"
#include "store/schema.h"

/* Of no list: there are never so many. */
#define NOT_IN_FILE UINT32_MAX

/* What came at a place. */
struct arrival {
	uint32_t docid;
	uint32_t length;
	bool is_deleted; /* nothing came but the end of what was there */
};

/* For sorting. */
struct place {
	uint32_t docid;
	uint32_t place;
};

struct layer_build {
	struct lists *lists; /* by place, from 1 on */
	uint32_t naming; /* of the names below */
	uint32_t *lists_of_names; /* by name (glass_term.name): number of the list + 1, 0 where it was not looked up */
	size_t n_names;
	struct arrival *arrivals; /* of places, from 0 on */
	size_t n;
	size_t capacity;
	uint32_t *found; /* the lists of a document's terms, NOT_IN_FILE for one that is not in the file */
	size_t found_capacity;
	unsigned char *packed; /* positions of one posting */
	size_t packed_capacity;
	struct layer_document *documents; /* once sorted */
	uint32_t n_documents;
	uint32_t *numbers; /* of places, from 1 on; 0: does not count */
	struct buf bytes; /* of one list */
	struct layer_posting *postings;
	size_t postings_capacity;
};

enum status
layer_build_new(struct layer_build **ret_build, struct error *reterr)
{
	struct layer_build *build = calloc(1, sizeof(*build));
	enum status status;

	if (build == NULL)
		return error_no_memory(reterr);
	buf_init(&build->bytes, SIZE_MAX / 2);
	status = lists_new(&build->lists, reterr);
	if (status != STATUS_OK) {
		layer_build_free(build);
		return status;
	}
	*ret_build = build;
	return STATUS_OK;
}

/* What was made by sorting. */
static void
forget_order(struct layer_build *build)
{
	free(build->documents);
	free(build->numbers);
	free(build->postings);
	build->documents = NULL;
	build->numbers = NULL;
	build->postings = NULL;
	build->n_documents = 0;
	build->postings_capacity = 0;
	buf_done(&build->bytes);
	buf_init(&build->bytes, SIZE_MAX / 2);
}

static void
forget_names(struct layer_build *build)
{
	free(build->lists_of_names);
	build->lists_of_names = NULL;
	build->n_names = 0;
}

void
layer_build_free(struct layer_build *build)
{
	if (build == NULL)
		return;
	lists_free(build->lists);
	forget_names(build);
	forget_order(build);
	free(build->found);
	free(build->packed);
	free(build->arrivals);
	free(build);
}

void
layer_build_reset(struct layer_build *build)
{
	lists_reset(build->lists);
	forget_names(build);
	forget_order(build);
	build->n = 0;
}

size_t
layer_build_bytes(const struct layer_build *build)
{
	return lists_bytes(build->lists) + build->capacity * sizeof(*build->arrivals) +
	       build->n_names * sizeof(*build->lists_of_names);
}

/* ---- Filling --------------------------------------------------------------------------------- */

static enum status
arrive(struct layer_build *build, struct arrival arrival, struct error *reterr)
{
	size_t capacity = build->capacity > 0 ? build->capacity * 2 : 256;
	struct arrival *arrivals;

	if (build->n == build->capacity) {
		arrivals = realloc(build->arrivals, capacity * sizeof(*arrivals));
		if (arrivals == NULL)
			return error_no_memory(reterr);
		build->arrivals = arrivals;
		build->capacity = capacity;
	}
	build->arrivals[build->n++] = arrival;
	return STATUS_OK;
}

static enum status
reserve_packed(struct layer_build *build, size_t bytes, struct error *reterr)
{
	unsigned char *packed;

	if (bytes <= build->packed_capacity)
		return STATUS_OK;
	packed = realloc(build->packed, 2 * bytes);
	if (packed == NULL)
		return error_no_memory(reterr);
	build->packed = packed;
	build->packed_capacity = 2 * bytes;
	return STATUS_OK;
}

static enum status
reserve_names(struct layer_build *build, size_t n, struct error *reterr)
{
	uint32_t *larger;

	if (n <= build->n_names)
		return STATUS_OK;
	n *= 2;
	larger = realloc(build->lists_of_names, n * sizeof(*larger));
	if (larger == NULL)
		return error_no_memory(reterr);
	memset(larger + build->n_names, 0, (n - build->n_names) * sizeof(*larger));
	build->lists_of_names = larger;
	build->n_names = n;
	return STATUS_OK;
}

/* The list of a term, by its name where it has one: its bytes are looked up once. */
static enum status
find_list(struct layer_build *build, const struct glass_term *term, uint32_t *ret_list, struct error *reterr)
{
	enum status status;

	if (term->name == 0)
		return lists_find(build->lists, term->term, ret_list, reterr);
	status = reserve_names(build, (size_t)term->name + 1, reterr);
	if (status != STATUS_OK)
		return status;
	if (build->lists_of_names[term->name] == 0) {
		status = lists_find(build->lists, term->term, ret_list, reterr);
		build->lists_of_names[term->name] = status == STATUS_OK ? *ret_list + 1 : 0;
		return status;
	}
	*ret_list = build->lists_of_names[term->name] - 1;
	return STATUS_OK;
}

static enum status
reserve_found(struct layer_build *build, size_t n, struct error *reterr)
{
	uint32_t *found;

	if (n <= build->found_capacity)
		return STATUS_OK;
	found = realloc(build->found, 2 * n * sizeof(*found));
	if (found == NULL)
		return error_no_memory(reterr);
	build->found = found;
	build->found_capacity = 2 * n;
	return STATUS_OK;
}

/* Finds the lists of a document's terms; their ends are on their way into the processor's cache when it returns. */
static enum status
find_lists(struct layer_build *build, const struct glass_document *document, struct error *reterr)
{
	enum status status = reserve_found(build, document->n_terms, reterr);

	for (size_t i = 0; status == STATUS_OK && i < document->n_terms; i++) {
		const struct glass_term *term = &document->terms[i];

		build->found[i] = NOT_IN_FILE;
		/* A term for the files alone need not be looked at. */
		if (!term->for_tee && !schema_is_in_invfile(term->term))
			continue;
		status = find_list(build, term, &build->found[i], reterr);
		if (status == STATUS_OK)
			lists_await(build->lists, build->found[i]);
	}
	for (size_t i = 0; status == STATUS_OK && i < document->n_terms; i++)
		if (build->found[i] != NOT_IN_FILE)
			lists_await_end(build->lists, build->found[i]);
	return status;
}

static enum status
put_term(struct layer_build *build, const struct glass_term *term, uint32_t list, struct error *reterr)
{
	struct record record = { (uint32_t)build->n, term->wdf, { "", 0 } };
	enum status status = reserve_packed(build, POSLIST_PACKED_BYTES(term->n_positions), reterr);

	if (status != STATUS_OK)
		return status;
	if (term->n_positions > 0)
		record.bytes = (struct str) { (const char *)build->packed,
			poslist_pack(term->positions, term->n_positions, build->packed) };
	return lists_append(build->lists, list, &record, reterr);
}

enum status
layer_build_put(struct layer_build *build, uint32_t docid, const struct glass_document *document, struct error *reterr)
{
	struct arrival arrival = { .docid = docid };
	enum status status;

	for (size_t i = 0; i < document->n_terms; i++)
		arrival.length += document->terms[i].for_tee ? 0 : document->terms[i].wdf;
	if (document->naming != build->naming) {
		forget_names(build);
		build->naming = document->naming;
	}
	status = arrive(build, arrival, reterr);
	if (status == STATUS_OK)
		status = find_lists(build, document, reterr);
	for (size_t i = 0; status == STATUS_OK && i < document->n_terms; i++)
		if (build->found[i] != NOT_IN_FILE)
			status = put_term(build, &document->terms[i], build->found[i], reterr);
	return status;
}

enum status
layer_build_delete(struct layer_build *build, uint32_t docid, struct error *reterr)
{
	return arrive(build, (struct arrival) { .docid = docid, .is_deleted = true }, reterr);
}

/* ---- Sorting --------------------------------------------------------------------------------- */

static int
compare_places(const void *a, const void *b)
{
	const struct place *one = a;
	const struct place *other = b;

	if (one->docid != other->docid)
		return one->docid < other->docid ? -1 : 1;
	return one->place < other->place ? -1 : 1;
}

/* The last arrival of each docid counts, unless it was its end. */
static void
settle(struct layer_build *build, const struct place *places)
{
	for (size_t i = 0; i < build->n; i++) {
		const struct arrival *arrival = &build->arrivals[places[i].place];

		if (arrival->is_deleted || (i + 1 < build->n && places[i + 1].docid == places[i].docid))
			continue;
		build->documents[build->n_documents++] = (struct layer_document) { arrival->docid, arrival->length };
		build->numbers[places[i].place + 1] = build->n_documents;
	}
}

enum status
layer_build_sort(struct layer_build *build, struct error *reterr)
{
	struct place *places = calloc(build->n + 1, sizeof(*places));

	forget_order(build);
	build->documents = calloc(build->n + 1, sizeof(*build->documents));
	build->numbers = calloc(build->n + 1, sizeof(*build->numbers));
	if (places == NULL || build->documents == NULL || build->numbers == NULL) {
		free(places);
		return error_no_memory(reterr);
	}
	for (size_t i = 0; i < build->n; i++)
		places[i] = (struct place) { build->arrivals[i].docid, (uint32_t)i };
	if (build->n > 1)
		qsort(places, build->n, sizeof(*places), compare_places);
	settle(build, places);
	free(places);
	return lists_sort(build->lists, reterr);
}

/* ---- Walking --------------------------------------------------------------------------------- */

const struct layer_document *
layer_build_documents(const struct layer_build *build, uint32_t *ret_n)
{
	*ret_n = build->n_documents;
	return build->documents;
}

size_t
layer_build_terms(const struct layer_build *build)
{
	return lists_count(build->lists);
}

struct str
layer_build_term(const struct layer_build *build, size_t i)
{
	return lists_get(build->lists, i).key;
}

static int
compare_numbers(const void *a, const void *b)
{
	const struct layer_posting *one = a;
	const struct layer_posting *other = b;

	return one->number < other->number ? -1 : 1;
}

static enum status
reserve_postings(struct layer_build *build, uint64_t n, struct error *reterr)
{
	struct layer_posting *postings;

	if (n <= build->postings_capacity)
		return STATUS_OK;
	postings = realloc(build->postings, 2 * n * sizeof(*postings));
	if (postings == NULL)
		return error_no_memory(reterr);
	build->postings = postings;
	build->postings_capacity = 2 * n;
	return STATUS_OK;
}

/* All bytes of a list in one piece. */
static enum status
join_pieces(struct layer_build *build, const struct list *list, struct error *reterr)
{
	struct list_walk walk = { 0 };
	struct str piece;

	buf_reset(&build->bytes);
	while (lists_piece(build->lists, list, &walk, &piece))
		if (buf_append_str(&build->bytes, piece) != STATUS_OK)
			return error_no_memory(reterr);
	return STATUS_OK;
}

/* Takes one record, as record_head() begins it; *place is that of the one before. */
static void
take_record(struct unpack *from, uint64_t *place, struct layer_posting *ret_posting)
{
	uint64_t gap = 0, number = 0, len = 0;

	*ret_posting = (struct layer_posting) { 0, 0, { "", 0 } };
	if (unpack_uint(from, &gap) && unpack_uint(from, &number) && (number & 1) != 0 && unpack_uint(from, &len))
		(void)unpack_bytes(from, len, &ret_posting->positions);
	*place += gap;
	ret_posting->wdf = (uint32_t)(number >> 1);
}

enum status
layer_build_list(
    struct layer_build *build, size_t i, const struct layer_posting **ret_postings, size_t *ret_n, struct error *reterr)
{
	struct list list = lists_get(build->lists, i);
	struct unpack from;
	uint64_t place = 0;
	uint32_t last = 0;
	bool ascend = true;
	size_t n = 0;
	enum status status = reserve_postings(build, list.records, reterr);

	if (status == STATUS_OK)
		status = join_pieces(build, &list, reterr);
	if (status != STATUS_OK)
		return status;
	from.p = (const unsigned char *)build->bytes.data;
	from.end = from.p + build->bytes.len;
	for (uint64_t r = 0; r < list.records; r++) {
		struct layer_posting *posting = &build->postings[n];

		take_record(&from, &place, posting);
		posting->number = build->numbers[place];
		if (posting->number == 0)
			continue;
		ascend = ascend && posting->number > last;
		last = posting->number;
		n++;
	}
	if (!ascend)
		qsort(build->postings, n, sizeof(*build->postings), compare_numbers);
	*ret_postings = build->postings;
	*ret_n = n;
	return STATUS_OK;
}
