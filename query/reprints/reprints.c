/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/reprints/reprints.h"

#include <stdlib.h>

#include "query/reprints/similar.h"

enum { TRIES = 4 /* the first and three more after STATUS_STALE */ };

/* All that an answer is made of. */
struct asking {
	const struct store_reader *reader;
	struct analyzer *analyzer;
	const struct reprints_params *params;
	struct arena *arena;
	uint32_t docid;
};

static enum status
no_memory(struct error *reterr)
{
	return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory for the answer");
}

static enum status
find_similar(const struct store_reader *reader, uint32_t docid, struct arena *arena, struct similar_list *ret_list,
    struct error *reterr)
{
	struct likeness *likeness = NULL;
	struct fingerprint fingerprint;
	enum status status = fingerprint_read(reader, docid, &fingerprint, reterr);

	if (status == STATUS_OK)
		status = likeness_new(reader, &likeness, reterr);
	if (status == STATUS_OK)
		status = similar_find(likeness, &fingerprint, arena, ret_list, reterr);
	likeness_free(likeness);
	return status;
}

static int
compare_reprints(const void *x, const void *y)
{
	const struct reprint *a = x, *b = y;

	if (a->likeness < b->likeness || a->likeness > b->likeness)
		return a->likeness > b->likeness ? -1 : 1;
	return str_cmp(a->document.id, b->document.id);
}

/* All reprints of the list with their ids, in order. */
static enum status
order(const struct store_reader *reader, const struct similar_list *list, struct arena *arena,
    struct reprint **ret_reprints, struct error *reterr)
{
	struct reprint *reprints = arena_calloc(arena, list->n, sizeof(*reprints));

	if (reprints == NULL)
		return no_memory(reterr);
	for (uint32_t i = 0; i < list->n; i++) {
		uint32_t docid = list->v[i].fingerprint.docid;
		enum status status = store_reader_id(reader, docid, arena, &reprints[i].document.id, reterr);

		if (status != STATUS_OK)
			return status;
		reprints[i].docid = docid;
		reprints[i].likeness = list->v[i].likeness;
	}
	if (list->n > 1)
		qsort(reprints, list->n, sizeof(*reprints), compare_reprints);
	*ret_reprints = reprints;
	return STATUS_OK;
}

/* The document's fields without its text, which is not kept. */
static enum status
read_fields(const struct asking *asking, uint32_t docid, struct arena *scratch, struct store_document *ret_document,
    struct error *reterr)
{
	struct store_document document;
	enum status status;

	arena_reset(scratch);
	status = store_reader_document(asking->reader, docid, scratch, &document, reterr);
	if (status != STATUS_OK)
		return status;
	*ret_document = (struct store_document) { .id = arena_str(asking->arena, document.id),
		.title = arena_str(asking->arena, document.title),
		.date = arena_str(asking->arena, document.date),
		.source = arena_str(asking->arena, document.source),
		.url = arena_str(asking->arena, document.url),
		.text = { "", 0 } };
	if (ret_document->id.p == NULL || ret_document->title.p == NULL || ret_document->date.p == NULL ||
	    ret_document->source.p == NULL || ret_document->url.p == NULL)
		return no_memory(reterr);
	return STATUS_OK;
}

/* The part of the reprints that is asked for. */
static enum status
list_reprints(const struct asking *asking, const struct similar_list *list, struct arena *scratch,
    struct reprints_result *result, struct error *reterr)
{
	uint32_t offset = asking->params->offset < list->n ? asking->params->offset : list->n;
	struct reprint *reprints = NULL;
	enum status status = order(asking->reader, list, asking->arena, &reprints, reterr);

	if (status != STATUS_OK)
		return status;
	result->total = list->n;
	result->more = list->more;
	reprints += offset;
	result->reprints = reprints;
	result->n_reprints = list->n - offset < asking->params->limit ? list->n - offset : asking->params->limit;
	for (uint32_t i = 0; status == STATUS_OK && i < result->n_reprints; i++)
		status = read_fields(asking, reprints[i].docid, scratch, &reprints[i].document, reterr);
	return status;
}

static enum status
list_copies(const struct asking *asking, const struct similar_list *list, struct arena *scratch,
    struct reprints_result *result, struct error *reterr)
{
	uint32_t *passed_over = arena_calloc(asking->arena, list->n, sizeof(*passed_over));
	const struct copies_request request = { asking->reader, asking->analyzer, asking->arena, asking->docid,
		&result->document, passed_over, list->n, asking->params->deadline_ns };
	struct reprint_copy *listed;
	struct copies copies;
	enum status status;

	if (passed_over == NULL)
		return no_memory(reterr);
	for (uint32_t i = 0; i < list->n; i++)
		passed_over[i] = list->v[i].fingerprint.docid;
	status = copies_find(&request, &copies, reterr);
	if (status != STATUS_OK)
		return status;
	result->n_copies = copies.n < asking->params->limit ? copies.n : asking->params->limit;
	result->more_copies = copies.more || copies.n > result->n_copies;
	listed = arena_calloc(asking->arena, result->n_copies, sizeof(*listed));
	if (listed == NULL)
		return no_memory(reterr);
	result->copies = listed;
	for (uint32_t i = 0; status == STATUS_OK && i < result->n_copies; i++) {
		listed[i].copied = copies.v[i];
		status = read_fields(asking, copies.v[i].docid, scratch, &listed[i].document, reterr);
	}
	return status;
}

static enum status
answer(const struct asking *asking, struct arena *scratch, struct reprints_result *result, struct error *reterr)
{
	struct similar_list list;
	enum status status =
	    store_reader_document(asking->reader, asking->docid, asking->arena, &result->document, reterr);

	if (status == STATUS_OK)
		status = find_similar(asking->reader, asking->docid, asking->arena, &list, reterr);
	if (status == STATUS_OK)
		status = list_reprints(asking, &list, scratch, result, reterr);
	if (status == STATUS_OK)
		status = list_copies(asking, &list, scratch, result, reterr);
	return status;
}

static enum status
run_once(struct store_reader *reader, struct asking *asking, struct reprints_result *result, struct error *reterr)
{
	struct arena *scratch = NULL;
	enum status status = store_reader_refresh(reader, NULL, reterr);

	if (status == STATUS_OK)
		status = store_reader_find(reader, asking->params->id, &asking->docid, reterr);
	if (status != STATUS_OK)
		return status;
	if (arena_new(SIZE_MAX, &scratch) != STATUS_OK)
		return no_memory(reterr);
	*result = (struct reprints_result) { 0 };
	status = answer(asking, scratch, result, reterr);
	arena_free(scratch);
	return status;
}

enum status
reprints_run(struct store_reader *reader, struct analyzer *analyzer, const struct reprints_params *params,
    struct arena *arena, struct reprints_result *ret_result, struct error *reterr)
{
	struct asking asking = { .reader = reader, .analyzer = analyzer, .params = params, .arena = arena };
	struct reprints_result result;
	enum status status = STATUS_STALE;

	for (int i = 0; i < TRIES && status == STATUS_STALE; i++)
		status = run_once(reader, &asking, &result, reterr);
	if (status == STATUS_OK)
		*ret_result = result;
	return status;
}

enum status
reprints_of(const struct store_reader *reader, uint32_t docid, struct arena *arena,
    struct search_reprints *ret_reprints, struct error *reterr)
{
	struct similar_list list;
	struct reprint *reprints = NULL;
	struct str *ids;
	uint32_t n;
	enum status status = find_similar(reader, docid, arena, &list, reterr);

	if (status == STATUS_OK)
		status = order(reader, &list, arena, &reprints, reterr);
	if (status != STATUS_OK)
		return status;
	n = list.n < SEARCH_REPRINT_IDS ? list.n : SEARCH_REPRINT_IDS;
	ids = arena_calloc(arena, n, sizeof(*ids));
	if (ids == NULL)
		return no_memory(reterr);
	for (uint32_t i = 0; i < n; i++)
		ids[i] = reprints[i].document.id;
	*ret_reprints = (struct search_reprints) { list.n, list.more, ids, n };
	return STATUS_OK;
}
