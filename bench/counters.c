/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * counters: work whose instructions and block reads bench/counters counts.
 *
 *	counters DOCS.jsonl DB
 *
 * Each kind of work is done in a function of its own, counted_NAME(), whose cost callgrind knows; and begins with a line
 * "NAME" on standard output, between which strace counts reads.  What is done depends on the arguments alone.
 */
#include <err.h>
#include <stdio.h>
#include <unistd.h>

#include "base/arena.h"
#include "bench/corpus.h"
#include "query/language/parser.h"
#include "query/search.h"
#include "store/reader.h"

enum { HITS = 10, PARSES = 20, QUERIES_MAX = 8 };

#define ARENA_BYTES ((size_t)64 << 20)

/* Not to be joined with another one, copied or moved into main(): callgrind looks for it by its name. */
#if defined(__clang__)
#define APART __attribute__((noinline))
#else
#define APART __attribute__((noipa))
#endif

struct work {
	struct analyzer *analyzer;
	struct store_reader *reader;
	struct arena *arena;
	const char *docs;
};

/* Words of the sample articles, of which the documents are made. */
static const struct class {
	const char *name;
	const char *queries[QUERIES_MAX];
} classes[] = {
	{ "word", { "alep", "convoi", "les", "mercredi", "blessés" } },
	{ "and", { "convoi AND farine", "les AND alep", "prix AND marché AND hausse" } },
	{ "or", { "convoi OR farine OR barrage", "alep OR paris OR marseille" } },
	{ "prefix", { "bless*", "négoc*", "march*" } },
	{ "phrase", { "\"cessez le feu\"", "\"convoi de farine\"", "\"de la\"", "\"union européenne\"" } },
	{ "near", { "convoi NEAR/10 barrage", "cessez-le-feu NEAR alep", "les NEAR/10 des", "bus NEAR/10 quartier" } },
	{ "nested", { "\"cessez le feu\" NEAR/10 (alep OR syrie)", "(bus NEAR/5 vingt) NEAR/10 quartier" } },
	{ "exact", { "=\"cessez le feu\"", "=convoi", "=\"de la\"" } },
	{ "sentence", { "convoi SENT farine", "alep SENT feu" } },
};

static struct error error;

static void
check(enum status status)
{
	if (status != STATUS_OK)
		errx(1, "%s", error.message);
}

/* ---- The kinds of work ---- */

APART static void
counted_analysis(struct work *work)
{
	struct corpus_document document;
	const struct token *tokens;
	struct corpus *corpus;
	enum status status;
	size_t n;

	check(corpus_open(work->docs, &corpus, &error));
	while ((status = corpus_next(corpus, &document, &error)) == STATUS_OK)
		check(analyzer_run(work->analyzer, document.text, 1, &tokens, &n, &error));
	if (status != STATUS_END)
		check(status);
	corpus_close(corpus);
}

APART static void
counted_parse(struct work *work)
{
	const struct parser_options options = { .any = false, .accents = ACCENTS_TYPED };
	struct query query;

	for (size_t i = 0; i < PARSES * sizeof(classes) / sizeof(classes[0]); i++) {
		const struct class *class = &classes[i % (sizeof(classes) / sizeof(classes[0]))];

		for (size_t q = 0; q < QUERIES_MAX && class->queries[q] != NULL; q++)
			check(query_parse(
			    work->arena, work->analyzer, str_of(class->queries[q]), &options, &query, &error));
		arena_reset(work->arena);
	}
}

/* Asks each query of a class; returns how many hits they had in all. */
static unsigned
search_class(struct work *work, const struct class *class)
{
	unsigned n_hits = 0;

	for (size_t q = 0; q < QUERIES_MAX && class->queries[q] != NULL; q++) {
		const struct search_params params = { .q = str_of(class->queries[q]), .limit = HITS, .ids_only = true };
		struct search_result result;

		check(search_run(work->reader, work->analyzer, &params, work->arena, &result, &error));
		n_hits += result.n_hits;
		arena_reset(work->arena);
	}
	return n_hits;
}

/* One function a class, so that callgrind tells them apart. */
#define COUNTED(name)                                                     \
	APART static unsigned counted_##name(struct work *work, size_t i) \
	{                                                                 \
		return search_class(work, &classes[i]);                   \
	}

COUNTED(word)
COUNTED(and)
COUNTED(or)
COUNTED(prefix)
COUNTED(phrase)
COUNTED(near)
COUNTED(nested)
COUNTED(exact)
COUNTED(sentence)

static unsigned (*const counted[])(struct work *, size_t) = { counted_word, counted_and, counted_or, counted_prefix,
	counted_phrase, counted_near, counted_nested, counted_exact, counted_sentence };

_Static_assert(sizeof(counted) / sizeof(counted[0]) == sizeof(classes) / sizeof(classes[0]), "one function a class");

/* Past the buffer of stdio, so that it stands where it belongs among the calls that strace sees. */
static void
announce(const char *name)
{
	char line[32];
	int len = snprintf(line, sizeof(line), "%s\n", name);

	if (write(STDOUT_FILENO, line, (size_t)len) != len)
		err(1, "cannot write");
}

int
main(int argc, char **argv)
{
	struct work work = { .docs = argv[1] };

	if (argc != 3)
		errx(2, "usage: bench_counters DOCS.jsonl DB");
	check(analyzer_new(&work.analyzer, &error));
	check(store_reader_open(argv[2], &work.reader, &error));
	if (arena_new(ARENA_BYTES, &work.arena) != STATUS_OK)
		errx(1, "out of memory");
	counted_analysis(&work);
	counted_parse(&work);
	/* Once before, so that what is read once a process is not counted with the first class. */
	(void)search_class(&work, &classes[0]);
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		announce(classes[i].name);
		if (counted[i](&work, i) == 0)
			errx(1, "%s: no hits", classes[i].name);
	}
	announce("end");
	arena_free(work.arena);
	store_reader_close(work.reader);
	analyzer_free(work.analyzer);
	return 0;
}
