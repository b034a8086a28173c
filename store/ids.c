/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/ids.h"

#include <stdlib.h>
#include <string.h>

#include "store/schema.h"

/* The ids of documents first, first + 1 ... end to end. */
struct page {
	xc_docid first; /* 0: nothing */
	uint16_t ends[IDS_PER_PAGE]; /* into text */
	char *text; /* NULL: too long to be kept */
};

enum { CHUNK = 256, CHUNKS = IDS_PAGES / CHUNK };

struct ids {
	size_t bytes; /* of all texts */
	struct page *chunks[CHUNKS]; /* of CHUNK pages each, NULL where none of them was read */
};

_Static_assert(IDS_PAGES % CHUNK == 0, "all chunks are whole");
_Static_assert(IDS_PAGE_BYTES < UINT16_MAX, "an end is 16 bits");

enum status
ids_new(struct ids **ret_ids)
{
	struct ids *ids = calloc(1, sizeof(*ids));

	if (ids == NULL)
		return STATUS_NOMEM;
	*ret_ids = ids;
	return STATUS_OK;
}

void
ids_forget(struct ids *ids)
{
	for (size_t i = 0; i < CHUNKS; i++) {
		for (size_t j = 0; ids->chunks[i] != NULL && j < CHUNK; j++)
			free(ids->chunks[i][j].text);
		free(ids->chunks[i]);
		ids->chunks[i] = NULL;
	}
	ids->bytes = 0;
}

void
ids_free(struct ids *ids)
{
	if (ids == NULL)
		return;
	ids_forget(ids);
	free(ids);
}

/* Takes up the values of the page, which `values` stands before; false in *ret_fits where they are too long. */
static enum status
collect(struct xc_values *values, xc_docid first, char text[IDS_PAGE_BYTES], struct page *page, bool *ret_fits,
    struct error *reterr)
{
	uint32_t docid;
	struct str id;
	size_t used = 0, n = 0;
	enum status status = xc_values_skip_to(values, first, &docid, &id, reterr);

	*ret_fits = true;
	while (status == STATUS_OK && docid - first < IDS_PER_PAGE) {
		if (id.len > IDS_PAGE_BYTES - used) {
			*ret_fits = false;
			return STATUS_OK;
		}
		while (n < docid - first)
			page->ends[n++] = (uint16_t)used;
		memcpy(text + used, id.p, id.len);
		used += id.len;
		page->ends[n++] = (uint16_t)used;
		status = xc_values_next(values, &docid, &id, reterr);
	}
	while (n < IDS_PER_PAGE)
		page->ends[n++] = (uint16_t)used;
	return status == STATUS_END ? STATUS_OK : status;
}

static enum status
read_page(struct xc_database *db, xc_docid first, struct page *ret_page, struct error *reterr)
{
	struct page page = { .first = first };
	char text[IDS_PAGE_BYTES];
	struct xc_values *values;
	bool fits;
	enum status status = xc_database_valuestream(db, SCHEMA_VALUE_ID, &values, reterr);

	if (status != STATUS_OK)
		return status;
	status = collect(values, first, text, &page, &fits, reterr);
	xc_values_free(values);
	if (status != STATUS_OK)
		return status;
	if (fits) {
		size_t len = page.ends[IDS_PER_PAGE - 1];

		page.text = malloc(len + 1);
		if (page.text == NULL)
			return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
		memcpy(page.text, text, len);
	}
	*ret_page = page;
	return STATUS_OK;
}

static size_t
page_bytes(const struct page *page)
{
	return page->text != NULL ? page->ends[IDS_PER_PAGE - 1] : 0;
}

/* The place of a page, or NULL where there is none yet. */
static struct page *
find_page(const struct ids *ids, uint32_t number)
{
	struct page *chunk = ids->chunks[number % IDS_PAGES / CHUNK];

	return chunk != NULL ? &chunk[number % CHUNK] : NULL;
}

/* Keeps a page, which it takes, in the place of another. */
static enum status
keep_page(struct ids *ids, uint32_t number, struct page *page, struct error *reterr)
{
	struct page **chunk = &ids->chunks[number % IDS_PAGES / CHUNK];
	struct page *place;

	if (ids->bytes + page_bytes(page) > IDS_BYTES)
		ids_forget(ids);
	if (*chunk == NULL)
		*chunk = calloc(CHUNK, sizeof(**chunk));
	if (*chunk == NULL) {
		free(page->text);
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	}
	place = find_page(ids, number);
	ids->bytes += page_bytes(page);
	ids->bytes -= page_bytes(place);
	free(place->text);
	*place = *page;
	return STATUS_OK;
}

enum status
ids_get(struct ids *ids, struct xc_database *db, xc_docid docid, struct str *ret_id, struct error *reterr)
{
	uint32_t number = (docid - 1) / IDS_PER_PAGE, i = (docid - 1) % IDS_PER_PAGE;
	struct page *page = find_page(ids, number);
	xc_docid first = number * IDS_PER_PAGE + 1;

	if (page == NULL || page->first != first) {
		struct page read;
		enum status status = read_page(db, first, &read, reterr);

		if (status == STATUS_OK)
			status = keep_page(ids, number, &read, reterr);
		if (status != STATUS_OK)
			return status;
		page = find_page(ids, number);
	}
	if (page->text == NULL) {
		*ret_id = (struct str) { "", 0 };
		return STATUS_OK;
	}
	*ret_id = (struct str) { page->text + (i > 0 ? page->ends[i - 1] : 0), 0 };
	ret_id->len = (size_t)(page->text + page->ends[i] - ret_id->p);
	return STATUS_OK;
}
