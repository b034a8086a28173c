/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench_matcher: how long do the ten best hits take in an inverted file, and in Xapian?
 *
 *	bench_matcher QUERIES.tsv DB FILE PASSES [CLASS]
 *
 * The queries (of bench_draw) are planned for the index DB, which is whole for Xapian (voisin-index --whole-database), and the plan's operators run twice: as a Xapian query, and by the
 * matcher over FILE, which holds the same postings (bench_inverted make).  Both open the match, find the ten best and
 * close it.  First the scores of the ten best are compared; then one pass to warm up, and PASSES that are
 * timed by the processor's clock, turn about.  A query's time is the median over the passes; a class has
 * the median and 95th percentile of those, and their sum, from which the ratio comes.  Queries that need more than the
 * operators of the matcher, more words than are allowed, or what Xapian does not hold, are left out.
 */
#include <err.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/stats.h"
#include "invfile/matcher.h"
#include "query/language/parser.h"
#include "query/plan/plan.h"
#include "query/plan/to_xapian.h"
#include "query/search.h"

enum { HITS = 10, PASSES_MAX = 1000, QUERIES = 10000, SHOWN = 5 };

#define ARENA_BYTES ((size_t)1 << 30)

enum contender { XAPIAN, MATCHER, CONTENDERS };

struct question {
	char *class;
	char *text;
	struct plan plan;
	struct xc_query *native; /* its operators, for Xapian */
	const struct matcher_node *tree; /* NULL: left out */
	double *times[CONTENDERS];
};

static struct {
	struct analyzer *analyzer;
	struct store_reader *reader;
	struct xc_database *db;
	struct invfile *file;
	struct arena *arena;
	struct bm25_collection collection;
	struct question questions[QUERIES];
	size_t n;
	unsigned n_passes;
} bench;

static struct error error;

static void
must(enum status status)
{
	if (status != STATUS_OK)
		errx(1, "%s: %s", status_name(status), error.message);
}

static void *
take(size_t n, size_t size)
{
	void *memory = arena_calloc(bench.arena, n, size);

	if (memory == NULL)
		errx(1, "out of memory");
	return memory;
}

/* ---- Queries --------------------------------------------------------------------------------- */

static const enum matcher_op operator_of[] = {
	[OPERATOR_TERM] = MATCHER_TERM,
	[OPERATOR_AND] = MATCHER_AND,
	[OPERATOR_OR] = MATCHER_OR,
	[OPERATOR_NEAR] = MATCHER_NEAR,
	[OPERATOR_PHRASE] = MATCHER_PHRASE,
	[OPERATOR_SYNONYM] = MATCHER_SYNONYM,
};

static bool
has_operator(enum operator_kind kind)
{
	return kind == OPERATOR_TERM || (kind < sizeof(operator_of) / sizeof(*operator_of) && operator_of[kind] != 0);
}

/* Whether Xapian has the positions of all terms: not those of surface forms, which have no prefix. */
static bool
has_positions(const struct plan_op *op)
{
	if (op->kind == OPERATOR_TERM)
		return op->term.len > 0 && op->term.p[0] >= 'A' && op->term.p[0] <= 'Z';
	for (uint32_t i = 0; i < op->n; i++)
		if (!has_positions(op->children[i]))
			return false;
	return true;
}

static bool
is_window(enum operator_kind kind)
{
	return kind == OPERATOR_NEAR || kind == OPERATOR_PHRASE;
}

/* NULL where the matcher has no such operators, or Xapian not the positions. */
static const struct matcher_node *
tree_of(const struct plan_op *op, double factor)
{
	const struct matcher_node **children;
	struct matcher_node *node;

	if (op->kind == OPERATOR_SCALE)
		return tree_of(op->children[0], factor * op->factor);
	if (!has_operator(op->kind) || (is_window(op->kind) && !has_positions(op)))
		return NULL;
	node = take(1, sizeof(*node));
	children = take(op->n + 1, sizeof(struct matcher_node *));
	*node = (struct matcher_node) { .op = operator_of[op->kind],
		.term = op->term,
		.factor = factor,
		.children = children,
		.n = op->n,
		.window = op->window };
	for (uint32_t i = 0; i < op->n; i++) {
		children[i] = tree_of(op->children[i], factor);
		if (children[i] == NULL)
			return NULL;
	}
	return node;
}

static void
add_question(const char *class, const char *text)
{
	const struct parser_options options = { .any = false, .accents = ACCENTS_TYPED };
	struct question *question = &bench.questions[bench.n++];
	struct query *query = take(1, sizeof(*query));

	if (bench.n == QUERIES)
		errx(1, "more than %d queries", QUERIES);
	question->class = strdup(class);
	question->text = strdup(text);
	if (question->class == NULL || question->text == NULL)
		err(1, "out of memory");
	must(query_parse(bench.arena, bench.analyzer, str_of(question->text), &options, query, &error));
	if (plan_build(query, bench.reader, bench.analyzer, bench.arena, &question->plan, &error) == STATUS_OK) {
		question->tree = tree_of(question->plan.operators, 1);
		must(to_xapian(question->plan.operators, NULL, bench.arena, &question->native, &error));
	}
	for (int i = 0; i < CONTENDERS; i++)
		question->times[i] = take(bench.n_passes, sizeof(double));
}

static void
read_questions(const char *path, const char *only)
{
	FILE *stream = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;

	if (stream == NULL)
		err(1, "cannot open %s", path);
	while (getline(&line, &size, stream) >= 0) {
		char *rest = line;
		const char *class = strsep(&rest, "\t");
		const char *text = strsep(&rest, "\t\n");

		if (text == NULL)
			errx(1, "%s: a line without a tab", path);
		if (only == NULL || strcmp(class, only) == 0)
			add_question(class, text);
	}
	free(line);
	fclose(stream);
}

/* ---- Asking ---------------------------------------------------------------------------------- */

/* The scores of the best, from the best down; returns how many. */
static uint32_t
ask_xapian(const struct question *question, double *scores)
{
	const struct bm25 *bm25 = invfile_bm25(bench.file);
	const struct xc_bm25 parameters = { bm25->k1, 0, 1, bm25->b, bm25->min_normlen };
	struct xc_enquire *enquire;
	struct xc_mset *mset;
	uint32_t n;

	must(xc_enquire_new(bench.db, &enquire, &error));
	must(xc_enquire_set_query(enquire, question->native, 0, &error));
	must(xc_enquire_set_bm25(enquire, &parameters, &error));
	must(xc_enquire_mset(enquire, 0, HITS, 0, &mset, &error));
	n = xc_mset_size(mset);
	for (uint32_t i = 0; i < n; i++) {
		struct xc_mset_item item;

		must(xc_mset_item(mset, i, &item, &error));
		scores[i] = item.weight;
	}
	xc_mset_free(mset);
	xc_enquire_free(enquire);
	return n;
}

/* Puts a score where it belongs; the least of too many falls out. */
static uint32_t
keep(double *scores, uint32_t n, double score)
{
	uint32_t at = n < HITS ? n : HITS - 1;

	for (; at > 0 && scores[at - 1] < score; at--)
		scores[at] = scores[at - 1];
	scores[at] = score;
	return n < HITS ? n + 1 : HITS;
}

/* A document must be better than the ten before it, as in Xapian. */
static uint32_t
ask_matcher(const struct question *question, double *scores)
{
	struct matcher *matcher;
	uint32_t docid, n = 0;
	double least = 0;

	must(matcher_new(bench.file, &bench.collection, question->tree, NULL, NULL, true, &matcher, &error));
	for (;;) {
		must(matcher_next(matcher, least, &docid, &error));
		if (docid == CURSOR_END)
			break;
		if (n < HITS || matcher_weight(matcher) > least)
			n = keep(scores, n, matcher_weight(matcher));
		least = n < HITS ? 0 : nextafter(scores[HITS - 1], INFINITY);
	}
	matcher_free(matcher);
	return n;
}

static uint32_t (*const ask[])(const struct question *question, double *scores) = { ask_xapian, ask_matcher };

static void
compare(const struct question *question, unsigned *n_different)
{
	double scores[CONTENDERS][HITS];
	uint32_t n = ask_xapian(question, scores[XAPIAN]);
	bool is_same = ask_matcher(question, scores[MATCHER]) == n;

	for (uint32_t i = 0; i < n && is_same; i++)
		is_same = fabs(scores[XAPIAN][i] - scores[MATCHER][i]) <= 1e-9 * scores[XAPIAN][i];
	if (!is_same && (*n_different)++ < SHOWN)
		printf("Different: `%s`\n", question->text);
}

static double
microseconds(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) != 0)
		err(1, "cannot read a clock");
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void
run_passes(void)
{
	double scores[HITS];

	for (int pass = -1; pass < (int)bench.n_passes; pass++)
		for (size_t q = 0; q < bench.n; q++)
			for (size_t turn = 0; turn < CONTENDERS && bench.questions[q].tree != NULL; turn++) {
				size_t c = (turn + q + (size_t)(pass + 1)) % CONTENDERS;
				double start = microseconds();

				(void)ask[c](&bench.questions[q], scores);
				/* Warming up is written over by the first pass. */
				bench.questions[q].times[c][pass > 0 ? pass : 0] = microseconds() - start;
			}
}

/* ---- Reporting ------------------------------------------------------------------------------- */

/* Questions first..last-1 are a class; returns the sum of their times. */
static double
report_contender(size_t first, size_t last, enum contender contender, struct table *table)
{
	double *medians = take(last - first, sizeof(*medians));
	size_t n = 0;

	for (size_t q = first; q < last; q++)
		if (bench.questions[q].tree != NULL)
			medians[n++] = stats_quantile(bench.questions[q].times[contender], bench.n_passes, 0.5);
	table_cell(table, "%.1f / %.1f", stats_quantile(medians, n, 0.5), stats_quantile(medians, n, 0.95));
	return stats_sum(medians, n);
}

static void
report_class(size_t first, size_t last, struct table *table)
{
	size_t n = 0;
	double sums[CONTENDERS];

	for (size_t q = first; q < last; q++)
		n += bench.questions[q].tree != NULL;
	if (n == 0)
		return;
	table_cell(table, "%s", bench.questions[first].class);
	table_cell(table, "%zu", n);
	for (int c = 0; c < CONTENDERS; c++)
		sums[c] = report_contender(first, last, (enum contender)c, table);
	table_cell(table, "%.2f", sums[MATCHER] / sums[XAPIAN]);
}

static void
report(void)
{
	struct table *table = table_new(5);

	table_cell(table, "class");
	table_cell(table, "queries");
	table_cell(table, "Xapian, us");
	table_cell(table, "matcher, us");
	table_cell(table, "ratio");
	for (size_t first = 0, last; first < bench.n; first = last) {
		for (last = first + 1; last < bench.n; last++)
			if (strcmp(bench.questions[last].class, bench.questions[first].class) != 0)
				break;
		report_class(first, last, table);
	}
	table_print(table);
	table_free(table);
}

/* ---- The program ----------------------------------------------------------------------------- */

static void
open_all(const char *db, const char *file)
{
	must(analyzer_new(&bench.analyzer, &error));
	must(store_reader_open(db, &bench.reader, &error));
	if (store_reader_is_lean(bench.reader))
		errx(2, "%s: not an index of voisin-index --full --whole-database", db);
	bench.db = store_reader_database(bench.reader);
	must(invfile_open(file, &bench.file, &error));
	must(arena_new(ARENA_BYTES, &bench.arena));
	must(xc_database_doccount(bench.db, &bench.collection.documents, &error));
	must(xc_database_avlength(bench.db, &bench.collection.average_length, &error));
}

static void
close_all(void)
{
	for (size_t q = 0; q < bench.n; q++) {
		xc_query_free(bench.questions[q].native);
		plan_done(&bench.questions[q].plan);
		free(bench.questions[q].class);
		free(bench.questions[q].text);
	}
	arena_free(bench.arena);
	invfile_close(bench.file);
	store_reader_close(bench.reader);
	analyzer_free(bench.analyzer);
}

int
main(int argc, char **argv)
{
	unsigned n_different = 0;

	if (argc < 5 || argc > 6)
		errx(2, "usage: %s QUERIES.tsv DB FILE PASSES [CLASS]", argv[0]);
	bench.n_passes = (unsigned)strtoul(argv[4], NULL, 10);
	if (bench.n_passes < 1 || bench.n_passes > PASSES_MAX)
		errx(2, "PASSES is 1 to %d", PASSES_MAX);
	open_all(argv[2], argv[3]);
	read_questions(argv[1], argc > 5 ? argv[5] : NULL);
	for (size_t q = 0; q < bench.n; q++)
		if (bench.questions[q].tree != NULL)
			compare(&bench.questions[q], &n_different);
	printf("%zu queries, %u with other scores\n\n", bench.n, n_different);
	run_passes();
	report();
	close_all();
	return n_different == 0 ? 0 : 1;
}
