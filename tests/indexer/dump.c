/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dump-index DIR: every document of an index as a line of JSON, for the tests in Python.
 *
 * "terms" is a hash of all terms with their frequencies and positions, but for the file's own term and the positions of surface forms, so that
 * two indexes of the same texts in different folders are equal, whatever they keep in inverted files and whatever in Xapian.  Inverted files that are
 * used must agree with the database (agree.h); the last line has what that gives.  Exit status 3: there is no index.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "invfile/cursor.h"
#include "store/hash.h"
#include "store/reader.h"
#include "store/schema.h"
#include "tests/store/agree.h"

enum { EXIT_NO_INDEX = 3, DOCUMENT_BYTES = 32 * 1024 * 1024 };

static struct error error;

static void
must(enum status status)
{
	if (status != STATUS_OK)
		fatalx("%s: %s", status_name(status), error.message);
}

static json_t *
string(struct str s)
{
	return json_stringn(s.p, s.len);
}

/* ---- Terms ----------------------------------------------------------------------------------- */

/* A term of a document: what is hashed of it. */
struct posting {
	struct str term; /* owned */
	xc_termcount wdf;
	uint32_t *pos; /* owned */
	size_t n;
};

struct postings {
	struct posting *v;
	size_t n;
	size_t capacity;
};

/* What the inverted files have of each document, by docid; NULL where there are none. */
static struct postings *of_files;

static void *
copy_of(const void *bytes, size_t size)
{
	void *copy = malloc(size + 1);

	if (copy == NULL)
		fatalx("out of memory");
	if (size > 0)
		memcpy(copy, bytes, size);
	return copy;
}

static void
add_posting(struct postings *postings, struct str term, xc_termcount wdf, const uint32_t *pos, size_t n)
{
	if (postings->n == postings->capacity) {
		postings->capacity = 2 * postings->capacity + 64;
		postings->v = realloc(postings->v, postings->capacity * sizeof(*postings->v));
		if (postings->v == NULL)
			fatalx("out of memory");
	}
	postings->v[postings->n++] =
	    (struct posting) { { copy_of(term.p, term.len), term.len }, wdf, copy_of(pos, n * sizeof(*pos)), n };
}

static void
free_postings(struct postings *postings)
{
	for (size_t i = 0; i < postings->n; i++) {
		free((void *)(uintptr_t)postings->v[i].term.p);
		free(postings->v[i].pos);
	}
	free(postings->v);
	*postings = (struct postings) { NULL, 0, 0 };
}

static int
compare_postings(const void *a, const void *b)
{
	const struct posting *one = a, *other = b;

	return str_cmp(one->term, other->term);
}

static enum status
read_list(void *arg, struct str term, const struct invfile_term *found, struct error *reterr)
{
	const struct store_layer *layer = arg;
	struct cursor_positions list = { 0 };
	struct cursor cursor;
	uint32_t number;

	cursor_open(&cursor, layer->file, found);
	while ((number = cursor_next(&cursor)) != CURSOR_END) {
		must(cursor_read_positions(&cursor, &list, reterr));
		if (!store_touched_has(&layer->touched, number))
			add_posting(&of_files[invfile_docid(layer->file, number)], term, cursor_wdf(&cursor), list.v,
			    schema_has_positions(term) ? list.n : 0);
	}
	cursor_positions_done(&list);
	return STATUS_OK;
}

static void
read_files_of(struct store_reader *reader)
{
	uint32_t n, last;
	const struct store_layer *layers = store_reader_layers(reader, &n);

	if (n == 0)
		return;
	must(xc_database_lastdocid(store_reader_database(reader), &last, &error));
	of_files = calloc((size_t)last + 1, sizeof(*of_files));
	if (of_files == NULL)
		fatalx("out of memory");
	for (uint32_t i = 0; i < n; i++) {
		struct store_layer layer = layers[i];

		must(invfile_terms(layer.file, STR(""), read_list, &layer, &error));
	}
}

/* What the database has of a document, but for what the files have. */
static void
read_terms(struct store_reader *reader, uint32_t docid, struct postings *postings)
{
	struct xc_database *db = store_reader_database(reader);
	struct xc_poslist list = { NULL, 0, 0 };
	struct xc_terms *terms;
	struct str term;
	xc_termcount wdf;

	if (of_files != NULL) {
		*postings = of_files[docid];
		of_files[docid] = (struct postings) { NULL, 0, 0 };
	}
	must(xc_database_termlist(db, docid, &terms, &error));
	while (xc_terms_next(terms, &term, &error) == STATUS_OK) {
		if (str_has_prefix(term, STR(SCHEMA_PREFIX_FILE)) || str_eq(term, STR(SCHEMA_TERM_REST)) ||
		    (of_files != NULL && schema_is_in_invfile(term)))
			continue;
		must(xc_terms_wdf(terms, &wdf, &error));
		must(xc_positions_read(db, docid, term, &list, &error));
		add_posting(postings, term, wdf, list.pos, list.n);
	}
	xc_terms_free(terms);
	xc_poslist_done(&list);
}

static json_t *
hash_terms(struct store_reader *reader, uint32_t docid)
{
	char hex[HASH_HEX_BYTES + 1];
	struct postings postings = { NULL, 0, 0 };
	struct hash_state state;
	struct hash hash;

	read_terms(reader, docid, &postings);
	if (postings.n > 1)
		qsort(postings.v, postings.n, sizeof(*postings.v), compare_postings);
	hash_init(&state);
	for (size_t i = 0; i < postings.n; i++) {
		const struct posting *posting = &postings.v[i];

		hash_field(&state, posting->term);
		hash_field(&state, (struct str) { (const char *)&posting->wdf, sizeof(posting->wdf) });
		if (posting->n > 0)
			hash_field(&state, (struct str) { (const char *)posting->pos, posting->n * sizeof(uint32_t) });
	}
	hash_final(&state, &hash);
	hash_to_hex(&hash, hex);
	free_postings(&postings);
	return json_string(hex);
}

/* ---- Documents ------------------------------------------------------------------------------- */

static void
dump(struct store_reader *reader, uint32_t docid, struct arena *arena)
{
	struct store_document document;
	json_t *object;

	arena_reset(arena);
	must(store_reader_document(reader, docid, arena, &document, &error));
	object = json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "id", string(document.id), "title",
	    string(document.title), "date", string(document.date), "source", string(document.source), "url",
	    string(document.url), "author", string(document.author), "dated", string(document.dated), "language",
	    string(document.language), "text", string(document.text), "terms", hash_terms(reader, docid));
	if (object == NULL || json_dumpf(object, stdout, JSON_COMPACT) != 0 || putchar('\n') == EOF)
		fatalx("cannot write document %lu", (unsigned long)docid);
	json_decref(object);
}

static void
dump_stats(const struct store_reader *reader)
{
	struct agreement agreement = { 0 };
	struct store_stats stats;
	char sum[20];
	uint32_t n, untouched = 0;
	const struct store_layer *layers = store_reader_layers(reader, &n);
	json_t *object;

	must(store_reader_stats(reader, &stats, &error));
	if (n > 0) {
		agreement = agree_or_die(reader);
		untouched = invfile_documents(layers[0].file) - layers[0].touched.n_set;
	}
	(void)snprintf(sum, sizeof(sum), "%llx", (unsigned long long)agreement.sum);
	object = json_pack("{s:I,s:s,s:b,s:s,s:I,s:I,s:I,s:s}", "words", (json_int_t)stats.words, "stamp",
	    store_reader_stamp(reader).p, "inverted", n > 0, "inverted_why", stats.invfile_why.p, "untouched",
	    (json_int_t)untouched, "touched", (json_int_t)stats.invfile_touched, "layers", (json_int_t)n, "sum", sum);
	if (object == NULL || json_dumpf(object, stdout, JSON_COMPACT) != 0 || putchar('\n') == EOF ||
	    fflush(stdout) != 0)
		fatalx("cannot write");
	json_decref(object);
}

int
main(int argc, char **argv)
{
	struct store_reader *reader;
	struct xc_postings *postings;
	struct arena *arena;
	uint32_t docid;
	enum status status;

	log_init("dump-index", LOG_LEVEL_INFO);
	if (argc != 2)
		fatalx("usage: dump-index DIR");
	status = store_reader_open(argv[1], &reader, &error);
	if (status == STATUS_NOT_FOUND)
		return EXIT_NO_INDEX;
	must(status);
	must(arena_new(DOCUMENT_BYTES, &arena));
	read_files_of(reader);
	must(xc_database_postlist(store_reader_database(reader), (struct str) { "", 0 }, &postings, &error));
	while ((status = xc_postings_next(postings, &docid, &error)) == STATUS_OK)
		dump(reader, docid, arena);
	if (status != STATUS_END)
		must(status);
	dump_stats(reader);
	free(of_files);
	xc_postings_free(postings);
	arena_free(arena);
	store_reader_close(reader);
	return EXIT_SUCCESS;
}
