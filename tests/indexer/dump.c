/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dump-index DIR: every document of an index as a line of JSON, for the tests in Python.
 *
 * "terms" is a hash of all terms with their frequencies and positions, but for the file's own term, so that two
 * indexes of the same texts in different folders are equal.  An inverted file that is used must agree with the
 * database (agree.h); the last line says how much of it was compared.  Exit status 3: there is no index.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
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

static json_t *
hash_terms(struct xc_database *db, uint32_t docid)
{
	char hex[HASH_HEX_BYTES + 1];
	struct xc_poslist list = { NULL, 0, 0 };
	struct xc_terms *terms;
	struct hash_state state;
	struct hash hash;
	struct str term;
	xc_termcount wdf;

	hash_init(&state);
	must(xc_database_termlist(db, docid, &terms, &error));
	while (xc_terms_next(terms, &term, &error) == STATUS_OK) {
		if (str_has_prefix(term, STR(SCHEMA_PREFIX_FILE)))
			continue;
		hash_field(&state, term);
		must(xc_terms_wdf(terms, &wdf, &error));
		hash_field(&state, (struct str) { (const char *)&wdf, sizeof(wdf) });
		must(xc_positions_read(db, docid, term, &list, &error));
		if (list.n > 0)
			hash_field(&state, (struct str) { (const char *)list.pos, list.n * sizeof(*list.pos) });
	}
	xc_terms_free(terms);
	xc_poslist_done(&list);
	hash_final(&state, &hash);
	hash_to_hex(&hash, hex);
	return json_string(hex);
}

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
	    string(document.language), "text", string(document.text), "terms",
	    hash_terms(store_reader_database(reader), docid));
	if (object == NULL || json_dumpf(object, stdout, JSON_COMPACT) != 0 || putchar('\n') == EOF)
		fatalx("cannot write document %lu", (unsigned long)docid);
	json_decref(object);
}

static void
dump_stats(const struct store_reader *reader)
{
	struct agreement agreement = { 0, 0, 0 };
	struct store_stats stats;
	json_t *object;

	must(store_reader_stats(reader, &stats, &error));
	if (stats.invfile_is_used)
		agreement = agree_or_die(reader);
	object = json_pack("{s:I,s:s,s:b,s:s,s:I,s:I}", "words", (json_int_t)stats.words, "stamp",
	    store_reader_stamp(reader).p, "inverted", (int)stats.invfile_is_used, "inverted_why", stats.invfile_why.p,
	    "untouched", (json_int_t)agreement.documents, "touched", (json_int_t)stats.invfile_touched);
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
	must(xc_database_postlist(store_reader_database(reader), (struct str) { "", 0 }, &postings, &error));
	while ((status = xc_postings_next(postings, &docid, &error)) == STATUS_OK)
		dump(reader, docid, arena);
	if (status != STATUS_END)
		must(status);
	dump_stats(reader);
	xc_postings_free(postings);
	arena_free(arena);
	store_reader_close(reader);
	return EXIT_SUCCESS;
}
