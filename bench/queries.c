/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * queries: how long do queries of each class take, here and in bare Xapian?
 *
 *	queries QUERIES.tsv DB WHOLE_DB SERVER BARE_DB PASSES [RAW.tsv]
 *
 * First every query is asked of Voisin in process, of the daemon and, where Xapian's operators say it, of bare
 * Xapian, with all hits counted: a difference is reported.  Then one pass over all queries to warm up, and
 * PASSES that are timed, by the wall's clock and by the processor's.  In a pass each query is asked of one
 * contender after the other, in another order each time.  A query's time is the median over the
 * passes; a class has the median and 95th percentile of those, and their sum, from which the ratios come.
 *
 * DB and WHOLE_DB are of the same documents; Xapian is asked for the same terms in the second, which
 * voisin-index --full --whole-database has made.  QUERIES.tsv: class, query, the same for Xapian's QueryParser, that serialised in hexadecimal.
 */
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench/contest.h"
#include "bench/stats.h"

enum { COLUMNS = 4, PASSES_MAX = 1000, DIFFERENCES_SHOWN = 5 };

/* The time of the wall clock, and the time that the processor gave to this process. */
enum measure { WALL, CPU, MEASURES };

struct bench {
	struct contest *contest;
	struct question *questions;
	bool *failed; /* by question: some contender did not answer; it counts for none */
	size_t n, room;
	unsigned n_passes;
	double *times[MEASURES]; /* microseconds; [question][contender][pass] */
	unsigned n_differences;
	unsigned n_uncounted;
	FILE *raw;
};

static void
check(enum status status, const struct error *error)
{
	if (status != STATUS_OK)
		errx(1, "%s", error->message);
}

/* ---- Reading the queries ---- */

/* Cuts the line, without its newline, at its tabs; false where it has not COLUMNS columns. */
static bool
cut(char *line, char *ret_columns[COLUMNS])
{
	size_t n = 0;
	char *column;

	line[strcspn(line, "\n")] = '\0';
	while ((column = strsep(&line, "\t")) != NULL) {
		if (n == COLUMNS)
			return false;
		ret_columns[n++] = column;
	}
	return n == COLUMNS;
}

static struct str
unhex(const char *hex)
{
	size_t len = strlen(hex) / 2;
	char *bytes = malloc(len + 1);

	if (bytes == NULL)
		err(1, "out of memory");
	for (size_t i = 0; i < len; i++) {
		unsigned byte;

		if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
			errx(1, "not in hexadecimal: %s", hex);
		bytes[i] = (char)byte;
	}
	return (struct str) { bytes, len };
}

static void
add_question(struct bench *bench, char *const columns[COLUMNS])
{
	struct question *question;
	struct error error;

	if (bench->n == bench->room) {
		bench->room = bench->room == 0 ? 1024 : bench->room * 2;
		bench->questions = reallocarray(bench->questions, bench->room, sizeof(*bench->questions));
		if (bench->questions == NULL)
			err(1, "out of memory");
	}
	question = &bench->questions[bench->n++];
	*question = (struct question) { .class = strdup(columns[0]), .text = strdup(columns[1]) };
	if (question->class == NULL || question->text == NULL)
		err(1, "out of memory");
	question->own = unhex(columns[3]);
	if (contest_prepare(bench->contest, question, &error) != STATUS_OK)
		errx(1, "%s: %s", question->text, error.message);
}

static void
read_questions(struct bench *bench, const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = NULL, *columns[COLUMNS];
	size_t size = 0;

	if (file == NULL)
		err(1, "cannot open %s", path);
	while (getline(&line, &size, file) >= 0) {
		if (!cut(line, columns))
			errx(1, "%s, line %zu: want %d columns", path, bench->n + 1, COLUMNS);
		add_question(bench, columns);
	}
	if (ferror(file) || bench->n == 0)
		errx(1, "%s: no queries in it", path);
	free(line);
	fclose(file);
	bench->failed = calloc(bench->n, sizeof(*bench->failed));
	for (int m = 0; m < MEASURES; m++) {
		bench->times[m] = calloc(bench->n * CONTENDER_COUNT * bench->n_passes, sizeof(*bench->times[m]));
		if (bench->times[m] == NULL)
			err(1, "out of memory");
	}
	if (bench->failed == NULL)
		err(1, "out of memory");
}

/* ---- Asking ---- */

static bool
ask(struct bench *bench, size_t q, enum contender contender)
{
	const struct question *question = &bench->questions[q];
	struct error error;

	if (contest_ask(bench->contest, contender, question, NULL, &error) == STATUS_OK)
		return true;
	printf(
	    "Left out, for %s did not answer: `%s` (%s)\n", contender_name(contender), question->text, error.message);
	bench->failed[q] = true;
	return false;
}

static bool
count(struct bench *bench, const struct question *question, enum contender contender, uint64_t *ret_total)
{
	struct error error;

	if (contest_ask(bench->contest, contender, question, ret_total, &error) == STATUS_OK)
		return true;
	printf("Not counted by %s: `%s` (%s)\n", contender_name(contender), question->text, error.message);
	bench->n_uncounted++;
	return false;
}

static void
compare_totals(struct bench *bench, const struct question *question)
{
	uint64_t voisin, other;

	if (!count(bench, question, CONTENDER_VOISIN_IDS, &voisin))
		return;
	for (int c = CONTENDER_DAEMON_IDS; c <= CONTENDER_XAPIAN_TERMS; c++) {
		if (c == CONTENDER_XAPIAN_TERMS && !question->is_native)
			continue;
		if (!count(bench, question, (enum contender)c, &other) || other == voisin)
			continue;
		if (bench->n_differences++ < DIFFERENCES_SHOWN)
			printf("Different: `%s` has %" PRIu64 " hits in process, %" PRIu64 " for %s\n", question->text,
			    voisin, other, contender_name((enum contender)c));
	}
}

static double
microseconds(enum measure measure)
{
	struct timespec now;

	if (clock_gettime(measure == CPU ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &now) != 0)
		err(1, "cannot read a clock");
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

_Static_assert(CONTENDER_COUNT == 7, "a prime number, so that any stride leads to all contenders");

/*
 * Asks one query of all in turn, beginning with another one and by another stride each time: in six passes each comes once
 * behind each other one.  Whoever comes behind the daemon finds the processor's caches filled by other programs.
 * pass < 0 warms up.
 */
static void
time_question(struct bench *bench, size_t q, int pass)
{
	size_t stride = 1 + (size_t)(pass + 1) % (CONTENDER_COUNT - 1);

	for (size_t turn = 0; turn < CONTENDER_COUNT; turn++) {
		size_t c = (turn * stride + q + (size_t)(pass + 1)) % CONTENDER_COUNT;
		size_t i = (q * CONTENDER_COUNT + c) * bench->n_passes + (size_t)(pass > 0 ? pass : 0);
		double wall, cpu;

		if (!contest_can((enum contender)c, &bench->questions[q]))
			continue;
		wall = microseconds(WALL);
		cpu = microseconds(CPU);
		if (!ask(bench, q, (enum contender)c))
			return;
		/* Warming up is written over by the first pass. */
		bench->times[CPU][i] = microseconds(CPU) - cpu;
		bench->times[WALL][i] = microseconds(WALL) - wall;
	}
}

static void
run_passes(struct bench *bench)
{
	for (int pass = -1; pass < (int)bench->n_passes; pass++) {
		for (size_t q = 0; q < bench->n; q++) {
			if (!bench->failed[q])
				time_question(bench, q, pass);
		}
	}
}

/* ---- Reporting ---- */

/* The figures of a contender in a class. */
struct figures {
	size_t n;
	double median, p95, sum;
};

/* Questions first..last-1 are a class. */
static struct figures
figures_of(struct bench *bench, enum measure measure, size_t first, size_t last, enum contender contender)
{
	struct figures figures = { 0 };
	double *medians = calloc(last - first, sizeof(*medians));

	if (medians == NULL)
		err(1, "out of memory");
	for (size_t q = first; q < last; q++) {
		double *times = &bench->times[measure][(q * CONTENDER_COUNT + contender) * bench->n_passes];

		if (!bench->failed[q] && contest_can(contender, &bench->questions[q]))
			medians[figures.n++] = stats_quantile(times, bench->n_passes, 0.5);
	}
	figures.sum = stats_sum(medians, figures.n);
	figures.median = stats_quantile(medians, figures.n, 0.5);
	figures.p95 = stats_quantile(medians, figures.n, 0.95);
	free(medians);
	return figures;
}

/* Whether a contender is asked in this process, so that its processor time is known. */
static bool
is_in_process(enum contender contender)
{
	return contender != CONTENDER_DAEMON_IDS && contender != CONTENDER_DAEMON_PASSAGES;
}

static const char *
mark_of(const struct question *question, enum contender contender)
{
	bool stands_in = contender == CONTENDER_XAPIAN_TERMS || contender == CONTENDER_XAPIAN_DATA;

	return stands_in && !question->is_native ? " AND" : "";
}

static void
report_times(struct bench *bench, size_t first, size_t last, struct table *table)
{
	const struct question *question = &bench->questions[first];

	table_cell(table, "%s", question->class);
	table_cell(table, "%zu", figures_of(bench, WALL, first, last, CONTENDER_XAPIAN_TERMS).n);
	for (int c = 0; c < CONTENDER_COUNT; c++) {
		struct figures figures = figures_of(bench, WALL, first, last, (enum contender)c);
		const char *mark = mark_of(question, (enum contender)c);

		if (figures.n == 0) {
			table_cell(table, "-");
			continue;
		}
		table_cell(table, "%.0f / %.0f%s", figures.median, figures.p95, mark);
		if (bench->raw != NULL)
			fprintf(bench->raw, "%s\t%s%s\t%zu\t%.1f\t%.1f\t%.1f\n", question->class,
			    contender_name((enum contender)c), mark, figures.n, figures.median, figures.p95,
			    figures.sum);
	}
}

static void
report_ratios(struct bench *bench, enum measure measure, size_t first, size_t last, struct table *table)
{
	const struct question *question = &bench->questions[first];
	double base = figures_of(bench, measure, first, last, CONTENDER_XAPIAN_TERMS).sum;

	table_cell(table, "%s", question->class);
	for (int c = 0; c < CONTENDER_COUNT; c++) {
		struct figures figures = figures_of(bench, measure, first, last, (enum contender)c);

		if (measure == CPU && !is_in_process((enum contender)c))
			continue;
		if (figures.n == 0)
			table_cell(table, "-");
		else
			table_cell(table, "%.2f%s", figures.sum / base, mark_of(question, (enum contender)c));
	}
}

/* The question behind the last one of a class. */
static size_t
class_end(const struct bench *bench, size_t first)
{
	size_t last = first + 1;

	while (last < bench->n && strcmp(bench->questions[last].class, bench->questions[first].class) == 0)
		last++;
	return last;
}

static void
print_times(struct bench *bench)
{
	struct table *table = table_new(CONTENDER_COUNT + 2);

	table_cell(table, "class");
	table_cell(table, "queries");
	for (int c = 0; c < CONTENDER_COUNT; c++)
		table_cell(table, "%s", contender_name((enum contender)c));
	for (size_t first = 0; first < bench->n; first = class_end(bench, first))
		report_times(bench, first, class_end(bench, first), table);
	table_print(table);
	table_free(table);
}

static void
print_ratios(struct bench *bench, enum measure measure)
{
	struct table *table = table_new(measure == CPU ? CONTENDER_COUNT - 1 : CONTENDER_COUNT + 1);

	table_cell(table, "class");
	for (int c = 0; c < CONTENDER_COUNT; c++) {
		if (measure == WALL || is_in_process((enum contender)c))
			table_cell(table, "%s", contender_name((enum contender)c));
	}
	for (size_t first = 0; first < bench->n; first = class_end(bench, first))
		report_ratios(bench, measure, first, class_end(bench, first), table);
	table_print(table);
	table_free(table);
}

static void
report(struct bench *bench)
{
	printf("\nMicroseconds, median / 95th percentile, ten hits, %u passes:\n\n", bench->n_passes);
	print_times(bench);
	printf("\nSum of each class, in times that of Xapian on the same terms (AND: it has no such operator and gets\n"
	       "an AND of the words, which is less work):\n\n");
	print_ratios(bench, WALL);
	printf("\nThe same of the processor's time, which other programs disturb less; what runs in this process "
	       "alone:\n\n");
	print_ratios(bench, CPU);
}

static void
open_all(struct bench *bench, char **argv)
{
	char *end;
	unsigned long n_passes = strtoul(argv[6], &end, 10);
	struct error error;

	if (*end != '\0' || n_passes == 0 || n_passes > PASSES_MAX)
		errx(2, "PASSES: want a number from 1 to %d, not \"%s\"", PASSES_MAX, argv[6]);
	bench->n_passes = (unsigned)n_passes;
	if (argv[7] != NULL && (bench->raw = fopen(argv[7], "we")) == NULL)
		err(2, "cannot write %s", argv[7]);
	check(contest_open(argv[2], argv[3], argv[4], argv[5], &bench->contest, &error), &error);
}

int
main(int argc, char **argv)
{
	struct bench bench = { 0 };

	if (argc != 7 && argc != 8)
		errx(2, "usage: bench_queries QUERIES.tsv DB WHOLE_DB SERVER BARE_DB PASSES [RAW.tsv]");
	open_all(&bench, argv);
	read_questions(&bench, argv[1]);
	for (size_t q = 0; q < bench.n; q++)
		compare_totals(&bench, &bench.questions[q]);
	printf("%zu queries, all hits counted: %u differences, %u counts not given.\n", bench.n, bench.n_differences,
	    bench.n_uncounted);
	run_passes(&bench);
	report(&bench);
	for (size_t q = 0; q < bench.n; q++)
		question_done(&bench.questions[q]);
	contest_close(bench.contest);
	free(bench.questions);
	free(bench.failed);
	for (int m = 0; m < MEASURES; m++)
		free(bench.times[m]);
	if (bench.raw != NULL && fclose(bench.raw) != 0)
		err(1, "cannot write %s", argv[7]);
	return bench.n_differences == 0 ? 0 : 1;
}
