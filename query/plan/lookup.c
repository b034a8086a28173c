/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/plan/lookup.h"

#include <stdlib.h>

#include "invfile/cursor.h"
#include "query/plan/frequency.h"
#include "query/plan/listed.h"

/* The list that a layer has. */
struct in_layer {
	bool was_looked_up;
	struct invfile_term found; /* where documents > 0 */
	struct cursor *cursor; /* or NULL: not begun */
};

struct lookup {
	struct lookups *all;
	struct lookup *next;
	struct str term; /* behind the layers */
	struct cursor_positions of_cursor;
	struct xc_poslist of_xapian;
	struct xc_postings *postings; /* Xapian's, or NULL */
	uint32_t at; /* where these stand; 0: not begun */
	uint32_t n_layers; /* 0: the term is Xapian's */
	struct in_layer layers[];
};

/* Where a document was found: many lists are asked about the same few. */
struct place {
	uint32_t docid; /* 0: nobody's place */
	uint32_t number;
	const struct store_layer *layer; /* or NULL */
};

enum { PLACES = 64 };

struct lookups {
	const struct store_reader *reader;
	struct xc_database *db;
	const struct store_layer *layers;
	uint32_t n_layers;
	struct lookup *first;
	struct place places[PLACES]; /* of docid % PLACES */
};

enum status
lookups_new(const struct store_reader *reader, struct lookups **ret_lookups, struct error *reterr)
{
	struct lookups *lookups = calloc(1, sizeof(*lookups));

	if (lookups == NULL)
		return error_no_memory(reterr);
	lookups->reader = reader;
	lookups->db = store_reader_database(reader);
	lookups->layers = store_reader_layers(reader, &lookups->n_layers);
	*ret_lookups = lookups;
	return STATUS_OK;
}

static void
lookup_free(struct lookup *lookup)
{
	for (uint32_t i = 0; i < lookup->n_layers; i++)
		free(lookup->layers[i].cursor);
	xc_postings_free(lookup->postings);
	xc_poslist_done(&lookup->of_xapian);
	cursor_positions_done(&lookup->of_cursor);
	free(lookup);
}

void
lookups_free(struct lookups *lookups)
{
	if (lookups == NULL)
		return;
	while (lookups->first != NULL) {
		struct lookup *lookup = lookups->first;

		lookups->first = lookup->next;
		lookup_free(lookup);
	}
	free(lookups);
}

enum status
lookups_open(struct lookups *lookups, struct str term, struct lookup **ret_lookup, struct error *reterr)
{
	uint32_t n = listed_has(lookups->reader, term) ? lookups->n_layers : 0;
	struct lookup *lookup = calloc(1, sizeof(*lookup) + n * sizeof(lookup->layers[0]) + term.len);

	if (lookup == NULL)
		return error_no_memory(reterr);
	lookup->all = lookups;
	lookup->n_layers = n;
	lookup->term = (struct str) { memcpy(&lookup->layers[n], term.p, term.len), term.len };
	lookup->next = lookups->first;
	lookups->first = lookup;
	*ret_lookup = lookup;
	return STATUS_OK;
}

enum status
lookups_freq(const struct lookups *lookups, struct str term, uint32_t *ret_freq, struct error *reterr)
{
	return frequency_of(lookups->reader, term, ret_freq, reterr);
}

/* The layer that has a document, and its number there; NULL where none has. */
static const struct store_layer *
layer_of(struct lookups *lookups, uint32_t docid, uint32_t *ret_number)
{
	struct place *place = &lookups->places[docid % PLACES];

	if (place->docid != docid) {
		place->docid = docid;
		place->layer = store_reader_layer_of(lookups->reader, docid, &place->number);
	}
	*ret_number = place->number;
	return place->layer;
}

/* ---- In a layer ------------------------------------------------------------------------------- */

/* What the layer has of the term. */
static enum status
look_up(struct lookup *lookup, uint32_t layer, struct in_layer **ret_in, struct error *reterr)
{
	struct in_layer *in = &lookup->layers[layer];
	enum status status = STATUS_OK;

	if (!in->was_looked_up)
		status = listed_find(&lookup->all->layers[layer], lookup->term, &in->found, reterr);
	in->was_looked_up = status == STATUS_OK;
	*ret_in = in;
	return status;
}

enum status
lookup_freq(struct lookup *lookup, uint32_t *ret_freq, struct error *reterr)
{
	struct in_layer *in;
	enum status status;

	if (lookup->n_layers == 0 || !frequency_is_plain(lookup->all->reader))
		return frequency_of(lookup->all->reader, lookup->term, ret_freq, reterr);
	status = look_up(lookup, 0, &in, reterr);
	if (status == STATUS_OK)
		*ret_freq = in->found.documents;
	return status;
}

/* Opens the list before its first document, or once more. */
static enum status
open_list(const struct store_layer *layer, struct in_layer *in, struct error *reterr)
{
	if (in->cursor == NULL)
		in->cursor = malloc(sizeof(*in->cursor));
	if (in->cursor == NULL)
		return error_no_memory(reterr);
	cursor_open(in->cursor, layer->file, &in->found);
	return STATUS_OK;
}

/* Moves the cursor of its layer to a document; *ret_cursor is NULL where it is not in the list. */
static enum status
move_to(struct lookup *lookup, uint32_t docid, struct cursor **ret_cursor, struct error *reterr)
{
	uint32_t number;
	const struct store_layer *layer = layer_of(lookup->all, docid, &number);
	struct in_layer *in = NULL;
	enum status status = STATUS_OK;

	*ret_cursor = NULL;
	if (layer != NULL)
		status = look_up(lookup, (uint32_t)(layer - lookup->all->layers), &in, reterr);
	if (status != STATUS_OK || in == NULL || in->found.documents == 0)
		return status;
	if (in->cursor == NULL || in->cursor->docid > number)
		status = open_list(layer, in, reterr);
	if (status != STATUS_OK)
		return status;
	if (cursor_seek(in->cursor, number) == number)
		*ret_cursor = in->cursor;
	return listed_check(in->cursor, reterr);
}

/* ---- In Xapian -------------------------------------------------------------------------------- */

static enum status
skip_to(struct lookup *lookup, uint32_t docid, struct error *reterr)
{
	enum status status = STATUS_OK;

	if (lookup->postings != NULL && lookup->at > docid) {
		xc_postings_free(lookup->postings);
		lookup->postings = NULL;
	}
	if (lookup->postings == NULL) {
		status = xc_database_postlist(lookup->all->db, lookup->term, &lookup->postings, reterr);
		lookup->at = 0;
	}
	if (status == STATUS_OK && lookup->at < docid)
		status = xc_postings_skip_to(lookup->postings, docid, &lookup->at, reterr);
	if (status == STATUS_END || status == STATUS_NOT_FOUND) {
		lookup->at = UINT32_MAX;
		status = STATUS_OK;
	}
	return status;
}

/* ---- Wherever it is --------------------------------------------------------------------------- */

enum status
lookup_wdf(struct lookup *lookup, uint32_t docid, uint32_t *ret_wdf, struct error *reterr)
{
	struct cursor *cursor;
	enum status status;

	*ret_wdf = 0;
	if (lookup->n_layers > 0) {
		status = move_to(lookup, docid, &cursor, reterr);
		if (status == STATUS_OK && cursor != NULL)
			*ret_wdf = cursor_wdf(cursor);
		return status;
	}
	status = skip_to(lookup, docid, reterr);
	return status == STATUS_OK && lookup->at == docid ? xc_postings_wdf(lookup->postings, ret_wdf, reterr) : status;
}

enum status
lookup_positions(struct lookup *lookup, uint32_t docid, struct positions *ret_positions, struct error *reterr)
{
	struct cursor *cursor;
	enum status status;

	*ret_positions = (struct positions) { NULL, 0 };
	if (lookup->n_layers == 0) {
		status = xc_positions_read(lookup->all->db, docid, lookup->term, &lookup->of_xapian, reterr);
		if (status == STATUS_OK)
			*ret_positions = (struct positions) { lookup->of_xapian.pos, lookup->of_xapian.n };
		return status;
	}
	status = move_to(lookup, docid, &cursor, reterr);
	if (status != STATUS_OK || cursor == NULL)
		return status;
	status = cursor_read_positions(cursor, &lookup->of_cursor, reterr);
	if (status == STATUS_OK)
		*ret_positions = (struct positions) { lookup->of_cursor.v, lookup->of_cursor.n };
	return status;
}

enum status
lookups_length(struct lookups *lookups, uint32_t docid, uint32_t *ret_length, struct error *reterr)
{
	uint32_t number;
	const struct store_layer *layer = layer_of(lookups, docid, &number);

	if (layer == NULL)
		return xc_database_doclength(lookups->db, docid, ret_length, reterr);
	*ret_length = invfile_lengths(layer->file)[number];
	return STATUS_OK;
}
