/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/store/agree.h"

#include <stdlib.h>

#include "base/log.h"
#include "invfile/cursor.h"
#include "store/hash.h"
#include "store/schema.h"

struct pair {
	const struct store_reader *reader;
	struct xc_database *db;
	bool lean;
	const struct store_layer *layer; /* under way */
	struct hash *ids; /* of documents, by docid */
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

/* ---- Documents ------------------------------------------------------------------------------- */

static void
add_to_sum(struct pair *pair, struct hash_state *state)
{
	struct hash hash;
	uint64_t number;

	hash_final(state, &hash);
	memcpy(&number, hash.bytes, sizeof(number));
	pair->agreement.sum += number;
}

static void
check_length(struct pair *pair, uint32_t docid, const struct store_layer *layer, uint32_t number)
{
	uint32_t length = invfile_lengths(layer->file)[number];
	struct hash_state state;
	xc_termcount in_db;

	must(xc_database_doclength(pair->db, docid, &in_db, &error));
	if (length != in_db)
		fatalx("document %u has a length of %u, and %u in its file", docid, in_db, length);
	hash_init(&state);
	hash_update(&state, (struct str) { (const char *)&pair->ids[docid], sizeof(struct hash) });
	hash_update(&state, (struct str) { (const char *)&length, sizeof(length) });
	add_to_sum(pair, &state);
}

static void
note_id(struct pair *pair, uint32_t docid)
{
	struct xc_document *doc;
	struct str id;

	must(xc_database_document(pair->db, docid, &doc, &error));
	must(xc_document_value(doc, SCHEMA_VALUE_ID, &id, &error));
	pair->ids[docid] = hash_of(id);
	xc_document_free(doc);
}

/* Each document is in a file, and there are as many in the files: so each is in one, and no other is. */
static void
check_documents(struct pair *pair)
{
	uint32_t n, docid, number, left = 0;
	const struct store_layer *layers = store_reader_layers(pair->reader, &n);
	struct xc_postings *postings;
	enum status status;

	must(xc_database_lastdocid(pair->db, &docid, &error));
	pair->ids = calloc((size_t)docid + 1, sizeof(*pair->ids));
	if (pair->ids == NULL)
		fatalx("out of memory");
	must(xc_database_postlist(pair->db, (struct str) { "", 0 }, &postings, &error));
	while ((status = xc_postings_next(postings, &docid, &error)) == STATUS_OK) {
		const struct store_layer *layer = store_reader_layer_of(pair->reader, docid, &number);

		if (layer == NULL)
			fatalx("document %u is in no file", docid);
		note_id(pair, docid);
		check_length(pair, docid, layer, number);
		pair->agreement.documents++;
	}
	if (status != STATUS_END)
		must(status);
	xc_postings_free(postings);
	for (uint32_t i = 0; i < n; i++)
		left += invfile_documents(layers[i].file) - layers[i].touched.n_set;
	if (left != pair->agreement.documents)
		fatalx("%u documents are in the index, and %u in its files", pair->agreement.documents, left);
}

/* ---- Postings -------------------------------------------------------------------------------- */

/* Against the database, whose list stands at the document. */
static void
compare_posting(struct pair *pair, struct str term, uint32_t docid, struct cursor *cursor, struct xc_postings *postings)
{
	size_t n = schema_has_positions(term) ? pair->in_file.n : 0;
	xc_termcount wdf;

	must(xc_postings_wdf(postings, &wdf, &error));
	if (wdf != cursor_wdf(cursor))
		fatalx(
		    "%.*s in document %u: %u times, and %u in the file", STR_FMT(term), docid, wdf, cursor_wdf(cursor));
	must(xc_positions_read(pair->db, docid, term, &pair->in_db, &error));
	if (pair->in_db.n != n || (n > 0 && memcmp(pair->in_db.pos, pair->in_file.v, n * sizeof(uint32_t)) != 0))
		fatalx("%.*s in document %u: other positions in the file", STR_FMT(term), docid);
}

static void
add_posting(struct pair *pair, struct str term, uint32_t docid, struct cursor *cursor)
{
	uint32_t wdf = cursor_wdf(cursor);
	struct hash_state state;

	must(cursor_read_positions(cursor, &pair->in_file, &error));
	if ((pair->in_file.n == 0) != str_has_prefix(term, STR(SCHEMA_PREFIX_BAND)))
		fatalx("%.*s in document %u: %zu positions", STR_FMT(term), docid, pair->in_file.n);
	hash_init(&state);
	hash_field(&state, term);
	hash_update(&state, (struct str) { (const char *)&pair->ids[docid], sizeof(struct hash) });
	hash_update(&state, (struct str) { (const char *)&wdf, sizeof(wdf) });
	if (pair->in_file.n > 0)
		hash_update(&state, (struct str) { (const char *)pair->in_file.v, pair->in_file.n * sizeof(uint32_t) });
	add_to_sum(pair, &state);
	pair->agreement.postings++;
	pair->agreement.positions += pair->in_file.n;
}

/* Moves the database's list to the document. */
static void
find_in_db(struct xc_postings *postings, struct str term, uint32_t docid)
{
	xc_docid found = 0;

	while (found < docid) {
		enum status status = xc_postings_next(postings, &found, &error);

		if (status == STATUS_END)
			break;
		must(status);
	}
	if (found != docid)
		fatalx("%.*s is in document %u by the file alone", STR_FMT(term), docid);
}

static enum status
check_list(void *arg, struct str term, const struct invfile_term *found, struct error *reterr)
{
	struct pair *pair = arg;
	struct xc_postings *postings;
	struct cursor cursor;
	uint32_t number;

	(void)reterr;
	if (!schema_is_in_invfile(term))
		fatalx("%.*s is in a file", STR_FMT(term));
	must(xc_database_postlist(pair->db, term, &postings, &error));
	cursor_open(&cursor, pair->layer->file, found);
	while ((number = cursor_next(&cursor)) != CURSOR_END) {
		uint32_t docid = invfile_docid(pair->layer->file, number);

		if (store_touched_has(&pair->layer->touched, number))
			continue;
		add_posting(pair, term, docid, &cursor);
		if (pair->lean)
			continue;
		find_in_db(postings, term, docid);
		compare_posting(pair, term, docid, &cursor, postings);
	}
	if (cursor.damaged)
		fatalx("a list of a file is damaged");
	xc_postings_free(postings);
	return STATUS_OK;
}

/* ---- What the database has ------------------------------------------------------------------- */

/* As many postings as the files, or none. */
static void
check_database(struct pair *pair)
{
	uint64_t postings = 0;
	struct xc_terms *terms;
	struct str term;
	enum status status;

	must(xc_database_allterms(pair->db, STR(""), &terms, &error));
	while ((status = xc_terms_next(terms, &term, &error)) == STATUS_OK) {
		xc_doccount documents;

		if (!schema_is_in_invfile(term))
			continue;
		must(xc_database_termfreq(pair->db, term, &documents, &error));
		postings += documents;
	}
	if (status != STATUS_END)
		must(status);
	xc_terms_free(terms);
	if (postings != (pair->lean ? 0 : pair->agreement.postings))
		fatalx("the database has %llu postings, and the files %llu", (unsigned long long)postings,
		    (unsigned long long)pair->agreement.postings);
}

struct agreement
agree_or_die(const struct store_reader *reader)
{
	struct pair pair = {
		.reader = reader, .db = store_reader_database(reader), .lean = store_reader_is_lean(reader)
	};
	const struct store_layer *layers = store_reader_layers(reader, &pair.agreement.layers);

	if (pair.agreement.layers == 0)
		fatalx("the index has no inverted file");
	check_documents(&pair);
	for (uint32_t i = 0; i < pair.agreement.layers; i++) {
		pair.layer = &layers[i];
		must(invfile_verify(layers[i].file, &error));
		must(invfile_terms(layers[i].file, STR(""), check_list, &pair, &error));
	}
	check_database(&pair);
	xc_poslist_done(&pair.in_db);
	cursor_positions_done(&pair.in_file);
	free(pair.ids);
	return pair.agreement;
}
