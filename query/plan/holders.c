/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/plan/holders.h"

#include "query/plan/listed.h"
#include "store/schema.h"

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
read_file(const struct store_reader *reader, struct str term, struct holders *holders, struct error *reterr)
{
	const struct store_touched *touched = store_reader_touched(reader);
	struct invfile_term found;
	struct cursor cursor;
	enum status status = listed_find(reader, term, &found, reterr);

	if (status != STATUS_OK || found.documents == 0)
		return status;
	cursor_open(&cursor, store_reader_invfile(reader), &found);
	while (!holders->more && cursor_next(&cursor) != CURSOR_END) {
		if (!store_touched_has(touched, cursor.docid))
			keep(holders, cursor.docid);
	}
	return listed_check(&cursor, reterr);
}

/* `of_all`: also of documents that the file knows. */
static enum status
read_xapian(
    const struct store_reader *reader, struct str term, bool of_all, struct holders *holders, struct error *reterr)
{
	const struct store_touched *touched = store_reader_touched(reader);
	struct xc_postings *postings;
	uint32_t docid, n = 0;
	enum status status = xc_database_postlist(store_reader_database(reader), term, &postings, reterr);

	if (status != STATUS_OK)
		return status;
	while (n <= holders->most && (status = xc_postings_next(postings, &docid, reterr)) == STATUS_OK) {
		if (!of_all && !store_touched_has(touched, docid))
			continue;
		keep(holders, docid);
		n++;
	}
	xc_postings_free(postings);
	return status == STATUS_END ? STATUS_OK : status;
}

enum status
holders_find(const struct store_reader *reader, struct str term, struct holders *holders, struct error *reterr)
{
	bool in_file = store_reader_invfile(reader) != NULL && schema_is_in_invfile(term);
	enum status status = STATUS_OK;

	holders->n = 0;
	holders->more = false;
	if (in_file)
		status = read_file(reader, term, holders, reterr);
	if (status == STATUS_OK && (!in_file || store_reader_touched(reader)->has_any))
		status = read_xapian(reader, term, !in_file, holders, reterr);
	return status;
}
