/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/store/agree.h"

#include <stdlib.h>

#include "base/log.h"
#include "invfile/cursor.h"
#include "store/schema.h"

struct pair {
	const struct store_reader *reader;
	struct xc_database *db;
	const struct invfile *file;
	bool lean;
	uint64_t *rest; /* of a lean index, by docid: the wdf of all surface forms in the file */
	struct agreement agreement;
	struct xc_poslist in_db;
	struct cursor_positions in_file;
};

static struct error error;

static void
must(enum status status)
{
	if (status != STATUS_OK)
		fatalx("%s: %s", status_name(status), error.message);
}

bool
agree_is_touched(const struct store_reader *reader, uint32_t docid)
{
	const struct store_touched *touched = store_reader_touched(reader);

	return docid >= touched->first || (touched->words[docid / 64] >> docid % 64 & 1) != 0;
}

/* The next document of the list that is not touched; CURSOR_END. */
static uint32_t
next_in_file(const struct pair *pair, struct cursor *cursor)
{
	uint32_t docid = cursor_next(cursor);

	while (docid != CURSOR_END && agree_is_touched(pair->reader, docid))
		docid = cursor_next(cursor);
	if (cursor->damaged)
		fatalx("a list of the file is damaged");
	return docid;
}

static uint32_t
next_in_db(const struct pair *pair, struct xc_postings *postings)
{
	uint32_t docid;
	enum status status;

	do {
		status = xc_postings_next(postings, &docid, &error);
		if (status == STATUS_END)
			return CURSOR_END;
		must(status);
	} while (agree_is_touched(pair->reader, docid));
	return docid;
}

/* Whether a term has no positions anywhere. */
static bool
has_none(struct str term)
{
	return str_has_prefix(term, STR(SCHEMA_PREFIX_BAND));
}

static void
compare_posting(struct pair *pair, struct str term, struct cursor *cursor, struct xc_postings *postings)
{
	xc_termcount wdf;
	bool differ;

	must(xc_postings_wdf(postings, &wdf, &error));
	if (wdf != cursor_wdf(cursor))
		fatalx("%.*s in document %u: %u times, and %u in the file", STR_FMT(term), cursor->docid, wdf,
		    cursor_wdf(cursor));
	must(xc_positions_read(pair->db, cursor->docid, term, &pair->in_db, &error));
	must(cursor_read_positions(cursor, &pair->in_file, &error));
	/* Those of surface forms are in the file alone, and so are all of a lean index. */
	differ = schema_has_positions(term) && !pair->lean
		     ? pair->in_db.n != pair->in_file.n ||
			   memcmp(pair->in_db.pos, pair->in_file.v, pair->in_db.n * sizeof(uint32_t)) != 0
		     : pair->in_db.n > 0 || (pair->in_file.n == 0) != has_none(term);
	if (differ)
		fatalx("%.*s in document %u: other positions in the file", STR_FMT(term), cursor->docid);
	pair->agreement.postings++;
	pair->agreement.positions += pair->lean ? pair->in_file.n : pair->in_db.n;
}

static void
compare_lists(struct pair *pair, struct str term, const struct invfile_term *found)
{
	struct xc_postings *postings;
	struct cursor cursor;
	uint32_t docid;

	must(xc_database_postlist(pair->db, term, &postings, &error));
	cursor_open(&cursor, pair->file, found);
	while ((docid = next_in_db(pair, postings)) != CURSOR_END) {
		uint32_t other = next_in_file(pair, &cursor);

		if (other != docid)
			fatalx("%.*s is in document %u, and in the file next in %u", STR_FMT(term), docid, other);
		compare_posting(pair, term, &cursor, postings);
	}
	docid = next_in_file(pair, &cursor);
	if (docid != CURSOR_END)
		fatalx("%.*s is in document %u by the file alone", STR_FMT(term), docid);
	xc_postings_free(postings);
}

/* A term that the file has not, and a surface form of a lean index, must be in touched documents alone. */
static void
compare_absent(struct pair *pair, struct str term)
{
	struct xc_postings *postings;
	uint32_t docid;

	must(xc_database_postlist(pair->db, term, &postings, &error));
	docid = next_in_db(pair, postings);
	if (docid != CURSOR_END)
		fatalx("%.*s is in document %u, and should not be", STR_FMT(term), docid);
	xc_postings_free(postings);
}

static void
compare_terms_of_db(struct pair *pair)
{
	struct xc_terms *terms;
	struct str term;
	enum status status;

	must(xc_database_allterms(pair->db, STR(""), &terms, &error));
	while ((status = xc_terms_next(terms, &term, &error)) == STATUS_OK) {
		struct invfile_term found;

		if (!schema_is_in_invfile(term))
			continue;
		status = invfile_find(pair->file, term, &found, &error);
		if (status == STATUS_NOT_FOUND || (pair->lean && schema_is_in_file_alone(term)))
			compare_absent(pair, term);
		else if (status == STATUS_OK)
			compare_lists(pair, term, &found);
		else
			must(status);
	}
	if (status != STATUS_END)
		must(status);
	xc_terms_free(terms);
}

/* What the file of a lean index has alone: counts into what stands for all of it in the database. */
static void
add_rest(struct pair *pair, struct str term, const struct invfile_term *found)
{
	struct cursor cursor;
	uint32_t docid;

	cursor_open(&cursor, pair->file, found);
	while ((docid = next_in_file(pair, &cursor)) != CURSOR_END) {
		must(cursor_read_positions(&cursor, &pair->in_file, &error));
		if ((pair->in_file.n == 0) != has_none(term))
			fatalx("%.*s in document %u: %zu positions", STR_FMT(term), docid, (size_t)pair->in_file.n);
		pair->rest[docid] += cursor_wdf(&cursor);
		pair->agreement.postings++;
		pair->agreement.positions += pair->in_file.n;
	}
}

static void
compare_rest(struct pair *pair)
{
	struct xc_postings *postings;
	uint32_t docid;

	must(xc_database_postlist(pair->db, STR(SCHEMA_TERM_REST), &postings, &error));
	while ((docid = next_in_db(pair, postings)) != CURSOR_END) {
		xc_termcount wdf;

		must(xc_postings_wdf(postings, &wdf, &error));
		if (wdf != pair->rest[docid])
			fatalx("document %u has a rest of %u", docid, wdf);
		pair->rest[docid] = 0;
	}
	xc_postings_free(postings);
	for (docid = 1; docid <= invfile_last_docid(pair->file); docid++)
		if (pair->rest[docid] > 0)
			fatalx("document %u has no rest", docid);
}

/* What the database has not any more must be gone from touched documents alone. */
static enum status
compare_term_of_file(void *arg, struct str term, const struct invfile_term *found, struct error *reterr)
{
	struct pair *pair = arg;
	struct cursor cursor;
	xc_doccount documents;
	uint32_t docid;
	enum status status = xc_database_termfreq(pair->db, term, &documents, reterr);

	if (pair->lean && schema_is_in_file_alone(term)) {
		add_rest(pair, term, found);
		return STATUS_OK;
	}
	if (status != STATUS_OK || documents > 0)
		return status;
	if (!schema_is_in_invfile(term))
		fatalx("%.*s is in the file", STR_FMT(term));
	cursor_open(&cursor, pair->file, found);
	docid = next_in_file(pair, &cursor);
	if (docid != CURSOR_END)
		fatalx("%.*s is in document %u by the file alone", STR_FMT(term), docid);
	return STATUS_OK;
}

static void
compare_lengths(struct pair *pair)
{
	const uint32_t *lengths = invfile_lengths(pair->file);

	for (uint32_t docid = 1; docid <= invfile_last_docid(pair->file); docid++) {
		xc_termcount length;

		if (agree_is_touched(pair->reader, docid))
			continue;
		must(xc_database_doclength(pair->db, docid, &length, &error));
		if (lengths[docid] != length)
			fatalx("document %u has a length of %u, and %u in the file", docid, length, lengths[docid]);
		pair->agreement.documents++;
	}
}

struct agreement
agree_or_die(const struct store_reader *reader)
{
	struct pair pair = { .reader = reader,
		.db = store_reader_database(reader),
		.file = store_reader_invfile(reader),
		.lean = store_reader_is_lean(reader) };

	pair.rest = calloc((size_t)invfile_last_docid(pair.file) + 1, sizeof(*pair.rest));
	if (pair.rest == NULL)
		fatalx("out of memory");
	compare_lengths(&pair);
	compare_terms_of_db(&pair);
	must(invfile_terms(pair.file, STR(""), compare_term_of_file, &pair, &error));
	compare_rest(&pair);
	xc_poslist_done(&pair.in_db);
	free(pair.in_file.v);
	free(pair.rest);
	return pair.agreement;
}
