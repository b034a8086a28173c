/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench_inverted: an inverted file of an index that is there, and what a step in it costs, beside Xapian.
 *
 *	bench_inverted make DB FILE      makes FILE of the postings of the Xapian database DB
 *	bench_inverted compare DB FILE   every posting and position of both, one by one
 *	bench_inverted time DB FILE      nanoseconds a step, a seek, a document's positions
 *
 * DB is whole for Xapian (voisin-index --whole-database).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "bench/stats.h"
#include "invfile/cursor.h"
#include "invfile/writer.h"
#include "store/schema.h"
#include "xapian-c/xapian-c.h"

static const struct bm25 usual = { .k1 = 1, .b = 0.5, .min_normlen = 0.5 };

static struct error error;

static void
must(enum status status)
{
	if (status != STATUS_OK)
		fatalx("%s", error.message);
}

/* True until the end. */
static bool
goes_on(enum status status)
{
	if (status != STATUS_END)
		must(status);
	return status == STATUS_OK;
}

/* ---- Every term ------------------------------------------------------------------------------ */

static void
for_each_term(struct xc_database *db, void (*term_cb)(void *arg, struct xc_database *db, struct str term), void *arg)
{
	struct xc_terms *terms;
	struct str term;

	must(xc_database_allterms(db, STR(""), &terms, &error));
	while (goes_on(xc_terms_next(terms, &term, &error))) {
		if (schema_is_in_invfile(term))
			term_cb(arg, db, term);
	}
	xc_terms_free(terms);
}

static void
read_positions(struct xc_postings *postings, struct cursor_positions *list)
{
	struct xc_positions *positions;
	xc_termpos position;

	list->n = 0;
	must(xc_postings_positions(postings, &positions, &error));
	while (goes_on(xc_positions_next(positions, &position, &error))) {
		if (list->n == list->capacity) {
			list->capacity = list->capacity * 2 + 64;
			list->v = realloc(list->v, list->capacity * sizeof(*list->v));
			if (list->v == NULL)
				fatalx("out of memory");
		}
		list->v[list->n++] = position;
	}
	xc_positions_free(positions);
}

/* ---- Making ---------------------------------------------------------------------------------- */

struct maker {
	struct invfile_writer *writer;
	struct cursor_positions positions;
};

static void
copy_lengths(struct xc_database *db, struct invfile_writer *writer)
{
	struct xc_postings *all;
	xc_docid docid;
	xc_termcount length;

	must(xc_database_postlist(db, STR(""), &all, &error));
	while (goes_on(xc_postings_next(all, &docid, &error))) {
		must(xc_postings_doclength(all, &length, &error));
		must(invfile_writer_length(writer, docid, length, &error));
	}
	xc_postings_free(all);
}

static void
copy_cb(void *arg, struct xc_database *db, struct str term)
{
	struct maker *maker = arg;
	struct xc_postings *postings;
	xc_doccount documents;
	xc_termcount occurrences;
	xc_docid docid;
	xc_termcount wdf;

	must(xc_database_termfreq(db, term, &documents, &error));
	must(xc_database_collfreq(db, term, &occurrences, &error));
	must(invfile_writer_begin(maker->writer, term, documents, occurrences, &error));
	must(xc_database_postlist(db, term, &postings, &error));
	while (goes_on(xc_postings_next(postings, &docid, &error))) {
		must(xc_postings_wdf(postings, &wdf, &error));
		read_positions(postings, &maker->positions);
		must(invfile_writer_add(maker->writer, docid, wdf, maker->positions.v, maker->positions.n, &error));
	}
	xc_postings_free(postings);
}

static void
make(struct xc_database *db, const char *path)
{
	struct maker maker = { 0 };

	must(invfile_writer_new(path, &usual, &maker.writer, &error));
	copy_lengths(db, maker.writer);
	for_each_term(db, copy_cb, &maker);
	must(invfile_writer_finish(maker.writer, &error));
	invfile_writer_free(maker.writer);
	free(maker.positions.v);
}

/* ---- Comparing ------------------------------------------------------------------------------- */

struct comparison {
	const struct invfile *file;
	struct cursor_positions theirs;
	struct cursor_positions ours;
	unsigned long terms;
	unsigned long postings;
	unsigned long positions;
};

static void
compare_posting(struct comparison *comparison, struct xc_postings *postings, struct cursor *cursor, struct str term)
{
	xc_termcount wdf;

	must(xc_postings_wdf(postings, &wdf, &error));
	read_positions(postings, &comparison->theirs);
	must(cursor_read_positions(cursor, &comparison->ours, &error));
	if (wdf != cursor_wdf(cursor) || comparison->theirs.n != comparison->ours.n ||
	    (comparison->ours.n > 0 && memcmp(comparison->ours.v, comparison->theirs.v,
					   comparison->ours.n * sizeof(*comparison->ours.v)) != 0))
		fatalx("%.*s: document %u differs", STR_FMT(term), cursor->docid);
	comparison->postings++;
	comparison->positions += comparison->ours.n;
}

static void
compare_cb(void *arg, struct xc_database *db, struct str term)
{
	struct comparison *comparison = arg;
	struct xc_postings *postings;
	struct invfile_term found;
	struct cursor cursor;
	xc_docid docid;

	must(invfile_find(comparison->file, term, &found, &error));
	cursor_open(&cursor, comparison->file, &found);
	must(xc_database_postlist(db, term, &postings, &error));
	while (goes_on(xc_postings_next(postings, &docid, &error))) {
		if (cursor_next(&cursor) != docid)
			fatalx("%.*s: document %u is missing", STR_FMT(term), docid);
		compare_posting(comparison, postings, &cursor, term);
	}
	if (cursor_next(&cursor) != CURSOR_END || cursor.damaged)
		fatalx("%.*s: there are too many documents", STR_FMT(term));
	xc_postings_free(postings);
	comparison->terms++;
}

static void
compare(struct xc_database *db, const struct invfile *file)
{
	struct comparison comparison = { .file = file };

	for_each_term(db, compare_cb, &comparison);
	must(invfile_verify(file, &error));
	(void)printf("%lu terms, %lu postings, %lu positions are the same\n", comparison.terms, comparison.postings,
	    comparison.positions);
	free(comparison.theirs.v);
	cursor_positions_done(&comparison.ours);
}

/* ---- Timing ---------------------------------------------------------------------------------- */

enum { PASSES = 9, TERMS = 12 };

/* The stems in most documents, and a sum that keeps the compiler from leaving work out. */
struct frequent {
	struct invfile_term terms[TERMS];
	char names[TERMS][256];
	size_t lens[TERMS];
	size_t n;
};

static volatile uint64_t kept;

static enum status
frequent_cb(void *arg, struct str term, const struct invfile_term *found, struct error *reterr)
{
	struct frequent *frequent = arg;
	size_t i = frequent->n;

	(void)reterr;
	while (i > 0 && frequent->terms[i - 1].documents < found->documents)
		i--;
	if (i == TERMS || term.len > sizeof(frequent->names[0]))
		return STATUS_OK;
	frequent->n += frequent->n < TERMS;
	memmove(frequent->terms + i + 1, frequent->terms + i, (frequent->n - i - 1) * sizeof(*frequent->terms));
	memmove(frequent->names + i + 1, frequent->names + i, (frequent->n - i - 1) * sizeof(*frequent->names));
	memmove(frequent->lens + i + 1, frequent->lens + i, (frequent->n - i - 1) * sizeof(*frequent->lens));
	frequent->terms[i] = *found;
	memcpy(frequent->names[i], term.p, term.len);
	frequent->lens[i] = term.len;
	return STATUS_OK;
}

/* What one pass over a list does: how many steps it took. */
struct ride {
	const struct invfile *file;
	struct xc_database *db;
	const struct invfile_term *term;
	struct str name;
	uint32_t stride; /* of seeks */
};

static uint64_t
ride_next(const struct ride *ride)
{
	struct cursor cursor;
	uint64_t n = 0;

	cursor_open(&cursor, ride->file, ride->term);
	for (; cursor_next(&cursor) != CURSOR_END; n++)
		kept += cursor.docid;
	return n;
}

static uint64_t
ride_next_wdf(const struct ride *ride)
{
	struct cursor cursor;
	uint64_t n = 0;

	cursor_open(&cursor, ride->file, ride->term);
	for (; cursor_next(&cursor) != CURSOR_END; n++)
		kept += cursor_wdf(&cursor);
	return n;
}

static uint64_t
ride_seek(const struct ride *ride)
{
	struct cursor cursor;
	uint64_t n = 0;

	cursor_open(&cursor, ride->file, ride->term);
	for (uint32_t docid = 1; cursor_seek(&cursor, docid) != CURSOR_END; docid += ride->stride, n++)
		kept += cursor.docid;
	return n;
}

static uint64_t
ride_positions(const struct ride *ride)
{
	struct cursor cursor;
	struct cursor_positions positions = { 0 };
	uint64_t n = 0;

	cursor_open(&cursor, ride->file, ride->term);
	for (uint32_t docid = 1; cursor_seek(&cursor, docid) != CURSOR_END; docid += ride->stride, n++) {
		must(cursor_read_positions(&cursor, &positions, &error));
		kept += positions.n;
	}
	cursor_positions_done(&positions);
	return n;
}

static uint64_t
ride_xapian_next(const struct ride *ride)
{
	struct xc_postings *postings;
	xc_docid docid;
	uint64_t n = 0;

	must(xc_database_postlist(ride->db, ride->name, &postings, &error));
	for (; goes_on(xc_postings_next(postings, &docid, &error)); n++)
		kept += docid;
	xc_postings_free(postings);
	return n;
}

static uint64_t
ride_xapian_seek(const struct ride *ride)
{
	struct xc_postings *postings;
	xc_docid docid;
	uint64_t n = 0;

	must(xc_database_postlist(ride->db, ride->name, &postings, &error));
	for (xc_docid target = 1; goes_on(xc_postings_skip_to(postings, target, &docid, &error)); n++) {
		kept += docid;
		target += ride->stride;
	}
	xc_postings_free(postings);
	return n;
}

static uint64_t
ride_xapian_positions(const struct ride *ride)
{
	struct xc_postings *postings;
	struct cursor_positions positions = { 0 };
	xc_docid docid;
	uint64_t n = 0;

	must(xc_database_postlist(ride->db, ride->name, &postings, &error));
	for (xc_docid target = 1; goes_on(xc_postings_skip_to(postings, target, &docid, &error)); n++) {
		read_positions(postings, &positions);
		kept += positions.n;
		target += ride->stride;
	}
	xc_postings_free(postings);
	cursor_positions_done(&positions);
	return n;
}

static uint64_t
ride_find(const struct ride *ride)
{
	struct invfile_term term;
	struct cursor cursor;

	must(invfile_find(ride->file, ride->name, &term, &error));
	cursor_open(&cursor, ride->file, &term);
	kept += cursor_next(&cursor);
	return 1;
}

static uint64_t
ride_xapian_find(const struct ride *ride)
{
	struct xc_postings *postings;
	xc_docid docid;

	must(xc_database_postlist(ride->db, ride->name, &postings, &error));
	must(xc_postings_next(postings, &docid, &error));
	kept += docid;
	xc_postings_free(postings);
	return 1;
}

static const struct {
	const char *name;
	uint32_t stride;
	uint64_t (*ours)(const struct ride *ride);
	uint64_t (*theirs)(const struct ride *ride);
} rides[] = {
	{ "find a term and its first document", 1, ride_find, ride_xapian_find },
	{ "next", 1, ride_next, ride_xapian_next },
	{ "next, wdf", 1, ride_next_wdf, ride_xapian_next },
	{ "seek, 5 documents on", 5, ride_seek, ride_xapian_seek },
	{ "seek, 50", 50, ride_seek, ride_xapian_seek },
	{ "seek, 500", 500, ride_seek, ride_xapian_seek },
	{ "seek, 5000", 5000, ride_seek, ride_xapian_seek },
	{ "positions, all", 1, ride_positions, ride_xapian_positions },
	{ "positions, seek 500", 500, ride_positions, ride_xapian_positions },
};

/* Of this process alone, whatever else the machine does. */
static int64_t
cpu_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Nanoseconds a step, the least of all passes: what disturbs only adds. */
static double
least_ns(uint64_t (*ride_over)(const struct ride *ride), struct ride *ride, const struct frequent *frequent)
{
	double least = 1e9;

	for (unsigned pass = 0; pass < PASSES; pass++) {
		int64_t start = cpu_ns();
		uint64_t steps = 0;
		double ns;

		for (size_t i = 0; i < frequent->n; i++) {
			ride->term = &frequent->terms[i];
			ride->name = (struct str) { frequent->names[i], frequent->lens[i] };
			steps += ride_over(ride);
		}
		ns = (double)(cpu_ns() - start) / (double)(steps > 0 ? steps : 1);
		least = ns < least ? ns : least;
	}
	return least;
}

static void
time_all(struct xc_database *db, const struct invfile *file)
{
	static struct frequent frequent;
	struct table *table = table_new(3);

	must(invfile_terms(file, STR("Z"), frequent_cb, &frequent, &error));
	table_cell(table, "ns a step");
	table_cell(table, "inverted file");
	table_cell(table, "Xapian");
	for (size_t i = 0; i < sizeof(rides) / sizeof(*rides); i++) {
		struct ride ride = { .file = file, .db = db, .stride = rides[i].stride };

		table_cell(table, "%s", rides[i].name);
		table_cell(table, "%.1f", least_ns(rides[i].ours, &ride, &frequent));
		table_cell(table, "%.1f", least_ns(rides[i].theirs, &ride, &frequent));
	}
	table_print(table);
	table_free(table);
}

/* ---------------------------------------------------------------------------------------------- */

int
main(int argc, char **argv)
{
	struct xc_database *db;
	struct invfile *file;
	bool has_positions;

	log_init("bench_inverted", LOG_LEVEL_INFO);
	if (argc != 4)
		fatalx("usage: bench_inverted make|compare|time DB FILE");
	must(xc_database_open(str_of(argv[2]), 0, &db, &error));
	must(xc_database_has_positions(db, &has_positions, &error));
	if (!has_positions)
		fatalx("%s: not an index of voisin-index --full --whole-database", argv[2]);
	if (strcmp(argv[1], "make") == 0)
		make(db, argv[3]);
	must(invfile_open(argv[3], &file, &error));
	if (strcmp(argv[1], "compare") == 0)
		compare(db, file);
	else if (strcmp(argv[1], "time") == 0)
		time_all(db, file);
	invfile_close(file);
	xc_database_close(db);
	return 0;
}
