/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/plan/frequency.h"

#include "query/plan/listed.h"
#include "store/counts.h"

/* What a leap to a document costs, in steps from one to the next (docs/inverted-file.md, section 8). */
enum { LEAP_STEPS = 32 };

/* In longer lists counting takes more than keeping. */
enum { KEPT_LEAST = 128 };

/* Walks the list until `enough` untouched documents are found. */
static uint32_t
walk(struct cursor *cursor, const struct store_touched *touched, uint32_t enough)
{
	uint32_t n = 0;

	while (n < enough && cursor_next(cursor) != CURSOR_END)
		n += !store_touched_has(touched, cursor->docid);
	return n;
}

/* How many of the touched documents the list has. */
static uint32_t
leap(struct cursor *cursor, const struct store_touched *touched)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < touched->n_words; i++)
		for (uint64_t bits = touched->words[i]; bits != 0 && cursor->docid != CURSOR_END; bits &= bits - 1) {
			uint32_t number = i * 64 + (uint32_t)__builtin_ctzll(bits);

			n += cursor_seek(cursor, number) == number;
		}
	return n;
}

enum status
frequency_of_list(const struct store_layer *layer, const struct invfile_term *found, uint32_t enough,
    uint32_t *ret_documents, struct error *reterr)
{
	const struct store_touched *touched = &layer->touched;
	struct cursor cursor;
	uint32_t n;

	/* More than could be touched. */
	if (touched->n_set == 0 || (found->documents > touched->n_set && enough <= found->documents - touched->n_set)) {
		*ret_documents = found->documents < enough ? found->documents : enough;
		return STATUS_OK;
	}
	cursor_open(&cursor, layer->file, found);
	if (found->documents / LEAP_STEPS > touched->n_set)
		n = found->documents - leap(&cursor, touched);
	else
		n = walk(&cursor, touched, enough);
	*ret_documents = n < enough ? n : enough;
	return listed_check(&cursor, reterr);
}

/* What the layers have; *ret_listed: how long the lists are in which it was counted. */
static enum status
add_up(const struct store_reader *reader, struct str term, uint32_t *ret_documents, uint64_t *ret_listed,
    struct error *reterr)
{
	uint32_t n_layers;
	const struct store_layer *layers = store_reader_layers(reader, &n_layers);
	enum status status = STATUS_OK;

	*ret_documents = 0;
	*ret_listed = 0;
	for (uint32_t i = 0; i < n_layers && status == STATUS_OK; i++) {
		struct invfile_term found;
		uint32_t of_layer = 0;

		status = listed_find(&layers[i], term, &found, reterr);
		if (status == STATUS_OK && found.documents > 0)
			status = frequency_of_list(&layers[i], &found, UINT32_MAX, &of_layer, reterr);
		*ret_documents += of_layer;
		*ret_listed += found.documents;
	}
	return status;
}

bool
frequency_is_plain(const struct store_reader *reader)
{
	uint32_t n_layers;
	const struct store_layer *layers = store_reader_layers(reader, &n_layers);

	return n_layers == 1 && layers[0].touched.n_set == 0;
}

enum status
frequency_of(const struct store_reader *reader, struct str term, uint32_t *ret_documents, struct error *reterr)
{
	struct counts *counts = store_reader_counts(reader);
	uint32_t documents;
	uint64_t listed;
	enum status status;

	if (!listed_has(reader, term))
		return xc_database_termfreq(store_reader_database(reader), term, ret_documents, reterr);
	if (counts_get(counts, term, ret_documents))
		return STATUS_OK;
	status = add_up(reader, term, &documents, &listed, reterr);
	if (status != STATUS_OK)
		return status;
	if (listed >= KEPT_LEAST && !frequency_is_plain(reader))
		counts_put(counts, term, documents);
	*ret_documents = documents;
	return STATUS_OK;
}
