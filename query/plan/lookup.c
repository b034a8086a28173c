/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/plan/lookup.h"

#include <stdlib.h>

#include "invfile/cursor.h"
#include "query/plan/frequency.h"
#include "query/plan/listed.h"
#include "store/schema.h"

struct lookup {
	struct lookups *all;
	struct lookup *next;
	bool in_file;
	bool has_cursor;
	struct invfile_term found; /* of the file, where documents > 0 */
	struct cursor cursor;
	struct cursor_positions of_cursor;
	struct xc_poslist of_xapian;
	struct xc_postings *postings; /* Xapian's, or NULL */
	uint32_t at; /* where these stand; 0: not begun */
	size_t len;
	char term[]; /* len bytes */
};

struct lookups {
	const struct store_reader *reader;
	struct xc_database *db;
	const struct invfile *file; /* or NULL */
	struct lookup *first;
};

enum status
lookups_new(const struct store_reader *reader, struct lookups **ret_lookups, struct error *reterr)
{
	struct lookups *lookups = calloc(1, sizeof(*lookups));

	if (lookups == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	lookups->reader = reader;
	lookups->db = store_reader_database(reader);
	lookups->file = store_reader_invfile(reader);
	*ret_lookups = lookups;
	return STATUS_OK;
}

void
lookups_free(struct lookups *lookups)
{
	if (lookups == NULL)
		return;
	while (lookups->first != NULL) {
		struct lookup *lookup = lookups->first;

		lookups->first = lookup->next;
		xc_postings_free(lookup->postings);
		xc_poslist_done(&lookup->of_xapian);
		free(lookup->of_cursor.v);
		free(lookup);
	}
	free(lookups);
}

static struct str
term_of(const struct lookup *lookup)
{
	return (struct str) { lookup->term, lookup->len };
}

/* Whether any document has changed since the file was made. */
static bool
has_changed(const struct lookups *lookups)
{
	return store_reader_touched(lookups->reader)->has_any;
}

static bool
is_in_file(const struct lookups *lookups, struct str term)
{
	return lookups->file != NULL && schema_is_in_invfile(term);
}

enum status
lookups_open(struct lookups *lookups, struct str term, struct lookup **ret_lookup, struct error *reterr)
{
	struct lookup *lookup = calloc(1, sizeof(*lookup) + term.len);

	if (lookup == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	memcpy(lookup->term, term.p, term.len);
	lookup->len = term.len;
	lookup->all = lookups;
	lookup->in_file = is_in_file(lookups, term);
	lookup->next = lookups->first;
	lookups->first = lookup;
	*ret_lookup = lookup;
	return lookup->in_file ? listed_find(lookups->reader, term_of(lookup), &lookup->found, reterr) : STATUS_OK;
}

enum status
lookups_freq(const struct lookups *lookups, struct str term, uint32_t *ret_freq, struct error *reterr)
{
	return frequency_of(lookups->reader, term, ret_freq, reterr);
}

enum status
lookup_freq(struct lookup *lookup, uint32_t *ret_freq, struct error *reterr)
{
	if (!lookup->in_file || has_changed(lookup->all))
		return frequency_of(lookup->all->reader, term_of(lookup), ret_freq, reterr);
	*ret_freq = lookup->found.documents;
	return STATUS_OK;
}

/* ---- In the file ------------------------------------------------------------------------------ */

/* Whether the file says how a document is. */
static bool
knows(const struct lookup *lookup, uint32_t docid)
{
	return lookup->in_file && !store_touched_has(store_reader_touched(lookup->all->reader), docid);
}

/* Moves the cursor to a document; *ret_there: whether it is in the list. */
static enum status
move_to(struct lookup *lookup, uint32_t docid, bool *ret_there, struct error *reterr)
{
	*ret_there = false;
	if (lookup->found.documents == 0)
		return STATUS_OK;
	if (!lookup->has_cursor || lookup->cursor.docid > docid)
		cursor_open(&lookup->cursor, lookup->all->file, &lookup->found);
	lookup->has_cursor = true;
	*ret_there = cursor_seek(&lookup->cursor, docid) == docid;
	return listed_check(&lookup->cursor, reterr);
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
		status = xc_database_postlist(lookup->all->db, term_of(lookup), &lookup->postings, reterr);
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
	bool there;
	enum status status;

	*ret_wdf = 0;
	if (knows(lookup, docid)) {
		status = move_to(lookup, docid, &there, reterr);
		if (status == STATUS_OK && there)
			*ret_wdf = cursor_wdf(&lookup->cursor);
		return status;
	}
	status = skip_to(lookup, docid, reterr);
	return status == STATUS_OK && lookup->at == docid ? xc_postings_wdf(lookup->postings, ret_wdf, reterr) : status;
}

enum status
lookup_positions(struct lookup *lookup, uint32_t docid, struct positions *ret_positions, struct error *reterr)
{
	bool there;
	enum status status;

	*ret_positions = (struct positions) { NULL, 0 };
	if (!knows(lookup, docid)) {
		status = xc_positions_read(lookup->all->db, docid, term_of(lookup), &lookup->of_xapian, reterr);
		if (status == STATUS_OK)
			*ret_positions = (struct positions) { lookup->of_xapian.pos, lookup->of_xapian.n };
		return status;
	}
	status = move_to(lookup, docid, &there, reterr);
	if (status != STATUS_OK || !there)
		return status;
	status = cursor_read_positions(&lookup->cursor, &lookup->of_cursor, reterr);
	if (status == STATUS_OK)
		*ret_positions = (struct positions) { lookup->of_cursor.v, lookup->of_cursor.n };
	return status;
}

enum status
lookup_seek_xapian(struct lookup *lookup, uint32_t docid, uint32_t *ret_docid, struct error *reterr)
{
	enum status status = skip_to(lookup, docid, reterr);

	if (status == STATUS_OK)
		*ret_docid = lookup->at;
	return status;
}

bool
lookups_in_file(const struct lookups *lookups, uint32_t docid)
{
	return lookups->file != NULL && !store_touched_has(store_reader_touched(lookups->reader), docid);
}

enum status
lookups_length(const struct lookups *lookups, uint32_t docid, uint32_t *ret_length, struct error *reterr)
{
	if (!lookups_in_file(lookups, docid))
		return xc_database_doclength(lookups->db, docid, ret_length, reterr);
	*ret_length = invfile_lengths(lookups->file)[docid];
	return STATUS_OK;
}
