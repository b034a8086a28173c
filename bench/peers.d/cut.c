/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cut: the text of a benchmark as words that every peer cuts alike.
 *
 *	cut CORPUS.jsonl STEMS.tsv FORMS.tsv RAW.tsv
 *	cut version                                     what texts that are kept must have been made with
 *
 * One line a document: its number from 1 on, a tab, and its words with blanks between.  STEMS has the first stem of each
 * word, FORMS its folded form, both by the analysis that Voisin itself indexes with; RAW is the text as it is, on one line, for a
 * peer with a French analysis of its own.  A document is the words of its text, in a row from position 1 on.
 *
 *	L'armée d'Alep a 80 % ...    1<TAB>arme alep a 80 ...     1<TAB>armee alep a 80 ...
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/corpus.h"
#include "bench/peers.d/spelling.h"
#include "stemmer/analyzer.h"

enum output { STEMS, FORMS, RAW, OUTPUTS };

static void
check(enum status status, const struct error *error)
{
	if (status != STATUS_OK)
		errx(1, "%s", error->message);
}

/* What prefixes find: of a word that is written solid and read as two ("weekend") the first part stands for the whole. */
static struct str
form_of(const struct word *word)
{
	return word->whole.len > 0 ? word->whole : word->folded;
}

static void
write_words(FILE *const out[OUTPUTS], const struct token *tokens, size_t n)
{
	char spelled[SPELLING_BYTES];

	for (size_t i = 0; i < n; i++) {
		fputs(spelling_of(tokens[i].word->stems[0], spelled), out[STEMS]);
		fputs(spelling_of(form_of(tokens[i].word), spelled), out[FORMS]);
		if (i + 1 < n) {
			fputc(' ', out[STEMS]);
			fputc(' ', out[FORMS]);
		}
	}
}

/* No tab, newline or backslash, so that a line is a row for whoever reads it. */
static void
write_raw(FILE *out, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.p[i];

		fputc(c < ' ' || c == '\\' ? ' ' : c, out);
	}
}

static void
write_document(struct analyzer *analyzer, struct str text, unsigned long number, FILE *const out[OUTPUTS])
{
	const struct token *tokens;
	struct error error;
	size_t n;

	check(analyzer_run(analyzer, text, 1, &tokens, &n, &error), &error);
	for (int o = 0; o < OUTPUTS; o++)
		fprintf(out[o], "%lu\t", number);
	write_words(out, tokens, n);
	write_raw(out[RAW], text);
	for (int o = 0; o < OUTPUTS; o++)
		fputc('\n', out[o]);
}

static void
cut(struct corpus *corpus, FILE *const out[OUTPUTS])
{
	struct corpus_document document;
	struct analyzer *analyzer;
	struct error error;
	enum status status;
	unsigned long number = 0;

	check(analyzer_new(&analyzer, &error), &error);
	while ((status = corpus_next(corpus, &document, &error)) == STATUS_OK)
		write_document(analyzer, document.text, ++number, out);
	if (status != STATUS_END)
		errx(1, "%s", error.message);
	analyzer_free(analyzer);
}

int
main(int argc, char **argv)
{
	struct corpus *corpus;
	struct error error;
	FILE *out[OUTPUTS];

	if (argc == 2 && strcmp(argv[1], "version") == 0) {
		printf("%s spelling=%d\n", analyzer_version(), SPELLING_VERSION);
		return 0;
	}
	if (argc != 2 + OUTPUTS)
		errx(2, "usage: bench_peers_cut CORPUS.jsonl STEMS.tsv FORMS.tsv RAW.tsv | version");
	check(corpus_open(argv[1], &corpus, &error), &error);
	for (int o = 0; o < OUTPUTS; o++) {
		out[o] = fopen(argv[2 + o], "we");
		if (out[o] == NULL)
			err(1, "cannot write %s", argv[2 + o]);
	}
	cut(corpus, out);
	for (int o = 0; o < OUTPUTS; o++) {
		if (ferror(out[o]) || fclose(out[o]) != 0)
			err(1, "cannot write %s", argv[2 + o]);
	}
	corpus_close(corpus);
	return 0;
}
