/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * analysis: how fast is text cut into words and stems, and how near is that to the floor?
 *
 *	analysis CORPUS.jsonl
 *
 * The floor is libstemmer alone, without a cache, on the same words in lower case and the same order:
 * what any analyser that stems each word as it comes pays at least.
 */
#include <err.h>
#include <libstemmer.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "bench/corpus.h"
#include "bench/stats.h"
#include "stemmer/analyzer.h"

struct analysis {
	struct analyzer *analyzer;
	struct sb_stemmer *stemmer;
	struct buf words; /* of one text, in lower case, each with a NUL behind it */
	size_t n_bytes;
	size_t n_tokens;
	int64_t analyzer_ns;
	int64_t stemmer_ns;
	size_t stem_bytes; /* so that no stem is in vain */
};

static void
check(enum status status, const struct error *error)
{
	if (status != STATUS_OK)
		errx(1, "%s", error->message);
}

static void
stem_words(struct analysis *analysis)
{
	struct str words = buf_str(&analysis->words);
	int64_t start = clock_mono_ns();

	for (size_t i = 0; i < words.len;) {
		size_t len = strlen(words.p + i);

		if (sb_stemmer_stem(analysis->stemmer, (const sb_symbol *)words.p + i, (int)len) == NULL)
			errx(1, "libstemmer is out of memory");
		analysis->stem_bytes += (size_t)sb_stemmer_length(analysis->stemmer);
		i += len + 1;
	}
	analysis->stemmer_ns += clock_mono_ns() - start;
}

static void
analyse(struct analysis *analysis, struct str text)
{
	int64_t start = clock_mono_ns();
	const struct token *tokens;
	struct error error;
	size_t n;

	check(analyzer_run(analysis->analyzer, text, 1, &tokens, &n, &error), &error);
	analysis->analyzer_ns += clock_mono_ns() - start;
	analysis->n_tokens += n;
	analysis->n_bytes += text.len;
	buf_reset(&analysis->words);
	for (size_t i = 0; i < n; i++) {
		buf_append_str(&analysis->words, tokens[i].word->lower);
		buf_append_char(&analysis->words, '\0');
	}
	if (buf_status(&analysis->words) != STATUS_OK)
		errx(1, "out of memory for the words of a text");
	stem_words(analysis);
}

static void
row(struct table *table, const char *name, const struct analysis *analysis, int64_t ns)
{
	double s = (double)ns / 1e9;

	table_cell(table, "%s", name);
	table_cell(table, "%.2f", s);
	table_cell(table, "%.2f", (double)analysis->n_tokens / s / 1e6);
	table_cell(table, "%.1f", (double)analysis->n_bytes / s / 1e6);
}

static void
report(const struct analysis *analysis)
{
	struct table *table = table_new(4);

	printf("%zu words, %zu bytes of text.\n\n", analysis->n_tokens, analysis->n_bytes);
	table_cell(table, "analysis");
	table_cell(table, "seconds");
	table_cell(table, "million words/s");
	table_cell(table, "MB/s");
	row(table, "analyzer_run()", analysis, analysis->analyzer_ns);
	row(table, "libstemmer alone, same words", analysis, analysis->stemmer_ns);
	table_print(table);
	table_free(table);
}

int
main(int argc, char **argv)
{
	struct analysis analysis = { 0 };
	struct corpus *corpus;
	struct corpus_document document;
	struct error error;
	enum status status;

	if (argc != 2)
		errx(2, "usage: bench_analysis CORPUS.jsonl");
	buf_init(&analysis.words, (size_t)1 << 30);
	analysis.stemmer = sb_stemmer_new("french", "UTF_8");
	if (analysis.stemmer == NULL)
		errx(1, "libstemmer has no French stemmer");
	check(analyzer_new(&analysis.analyzer, &error), &error);
	check(corpus_open(argv[1], &corpus, &error), &error);
	while ((status = corpus_next(corpus, &document, &error)) == STATUS_OK) {
		analyse(&analysis, document.title);
		analyse(&analysis, document.text);
	}
	if (status != STATUS_END)
		errx(1, "%s", error.message);
	report(&analysis);
	corpus_close(corpus);
	analyzer_free(analysis.analyzer);
	sb_stemmer_delete(analysis.stemmer);
	buf_done(&analysis.words);
	return 0;
}
