/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/plan/holders.h"

#include "query/plan/listed.h"

/* Puts a docid where it belongs; behind `most` others it is left out.  Most come in their order. */
static void
keep(struct holders *holders, uint32_t docid)
{
	uint32_t at = holders->n;

	while (at > 0 && holders->docids[at - 1] > docid)
		at--;
	if (holders->n == holders->most)
		holders->more = true;
	if (at == holders->most)
		return;
	if (holders->n < holders->most)
		holders->n++;
	for (uint32_t i = holders->n - 1; i > at; i--)
		holders->docids[i] = holders->docids[i - 1];
	holders->docids[at] = docid;
}

static enum status
read_layer(const struct store_layer *layer, struct str term, struct holders *holders, struct error *reterr)
{
	struct invfile_term found;
	struct cursor cursor;
	uint32_t n = 0;
	enum status status = listed_find(layer, term, &found, reterr);

	if (status != STATUS_OK || found.documents == 0)
		return status;
	cursor_open(&cursor, layer->file, &found);
	while (n <= holders->most && cursor_next(&cursor) != CURSOR_END) {
		if (store_touched_has(&layer->touched, cursor.docid))
			continue;
		keep(holders, invfile_docid(layer->file, cursor.docid));
		n++;
	}
	return listed_check(&cursor, reterr);
}

static enum status
read_xapian(const struct store_reader *reader, struct str term, struct holders *holders, struct error *reterr)
{
	struct xc_postings *postings;
	uint32_t docid;
	enum status status = xc_database_postlist(store_reader_database(reader), term, &postings, reterr);

	if (status != STATUS_OK)
		return status;
	while (!holders->more && (status = xc_postings_next(postings, &docid, reterr)) == STATUS_OK)
		keep(holders, docid);
	xc_postings_free(postings);
	return status == STATUS_END ? STATUS_OK : status;
}

enum status
holders_find(const struct store_reader *reader, struct str term, struct holders *holders, struct error *reterr)
{
	uint32_t n_layers;
	const struct store_layer *layers = store_reader_layers(reader, &n_layers);
	enum status status = STATUS_OK;

	holders->n = 0;
	holders->more = false;
	if (!listed_has(reader, term))
		return read_xapian(reader, term, holders, reterr);
	for (uint32_t i = 0; i < n_layers && status == STATUS_OK; i++)
		status = read_layer(&layers[i], term, holders, reterr);
	return status;
}
