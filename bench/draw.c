/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * draw: draws the queries of a benchmark from its corpus.
 *
 *	draw CORPUS.jsonl SEED QUERIES >queries.tsv
 *
 * Each query is made of words that stand in the text in the way that it asks for, so each has a hit.
 * A line is class, query in Voisin's language, and the same in that of Xapian's QueryParser, or nothing where
 * that cannot say it.  The same corpus and seed give the same queries.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/pick.h"

enum { TRIES = 20000 /* a query */ };

/* ---- The classes ---- */

/*
 * $1 to $3 are the words.  NEAR/10 of Voisin allows ten words between, Xapian's counts from word to
 * word: the same is NEAR/11 there.  Words in Xapian's phrases and NEAR are surface forms, as they are in
 * Voisin's exact phrase.
 */
static const struct class {
	const char *name;
	bool (*pick)(struct draw *draw, struct picked *picked);
	const char *voisin;
	const char *xapian; /* empty where QueryParser cannot say it */
} classes[] = {
	{ "word", pick_one, "$1", "$1" },
	{ "AND", pick_two, "$1 AND $2", "$1 AND $2" },
	{ "OR of three", pick_three, "$1 OR $2 OR $3", "$1 OR $2 OR $3" },
	{ "prefix", pick_prefix, "$1*", "$1*" },
	{ "phrase", pick_phrase, "\"$1 $2\"", "\"$1 $2\"" },
	{ "phrase, stop words", pick_stop_phrase, "\"$1 $2 $3\"", "\"$1 $2 $3\"" },
	{ "NEAR/10", pick_near, "$1 NEAR/10 $2", "$1 NEAR/11 $2" },
	{ "NEAR common-common", pick_near_common, "$1 NEAR/10 $2", "$1 NEAR/11 $2" },
	{ "NEAR rare-common", pick_near_rare, "$1 NEAR/10 $2", "$1 NEAR/11 $2" },
	{ "phrase in NEAR", pick_phrase_near, "\"$1 $2\" NEAR/10 $3", "" },
	{ "NEAR in NEAR", pick_near_near, "($1 NEAR/5 $2) NEAR/10 $3", "" },
	{ "SENT", pick_sentence, "$1 SENT $2", "" },
	{ "exact phrase", pick_phrase, "=\"$1 $2\"", "\"$1 $2\"" },
};

static void
write_query(FILE *out, const char *pattern, const struct picked *picked)
{
	for (const char *p = pattern; *p != '\0'; p++) {
		struct str word;

		if (*p != '$') {
			fputc(*p, out);
			continue;
		}
		p++;
		word = picked->words[*p - '1']->lower;
		fwrite(word.p, 1, *p == '1' && picked->bytes != 0 ? picked->bytes : word.len, out);
	}
}

/* Writes the line of a query to memory; the caller frees it. */
static char *
line_of(const struct class *class, const struct picked *picked)
{
	char *line = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&line, &len);

	if (out == NULL)
		err(1, "out of memory");
	fprintf(out, "%s\t", class->name);
	write_query(out, class->voisin, picked);
	fputc('\t', out);
	write_query(out, class->xapian, picked);
	fputc('\n', out);
	if (fclose(out) != 0)
		err(1, "out of memory");
	return line;
}

static bool
is_new(char *const *lines, size_t n, const char *line)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(lines[i], line) == 0)
			return false;
	}
	return true;
}

static void
draw_class(struct draw *draw, const struct class *class, size_t n_wanted)
{
	char **lines = calloc(n_wanted, sizeof(*lines));
	size_t n = 0;

	if (lines == NULL)
		errx(1, "out of memory");
	for (size_t tries = TRIES * n_wanted; n < n_wanted && tries > 0; tries--) {
		struct picked picked = { .bytes = 0 };
		char *line;

		if (!class->pick(draw, &picked))
			continue;
		line = line_of(class, &picked);
		if (is_new(lines, n, line))
			lines[n++] = line;
		else
			free(line);
	}
	if (n < n_wanted)
		warnx("%s: the corpus gives %zu queries of %zu", class->name, n, n_wanted);
	for (size_t i = 0; i < n; i++) {
		fputs(lines[i], stdout);
		free(lines[i]);
	}
	free(lines);
}

int
main(int argc, char **argv)
{
	struct draw draw = { 0 };
	size_t n_queries;

	if (argc != 4)
		errx(2, "usage: bench_draw CORPUS.jsonl SEED QUERIES");
	draw.state = draw_number(argv[2], UINT32_MAX, "the seed");
	n_queries = draw_number(argv[3], 100000, "queries a class");
	draw_read_corpus(&draw, argv[1], SIZE_MAX);
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		draw_class(&draw, &classes[i], n_queries);
	draw_done(&draw);
	if (fflush(stdout) != 0 || ferror(stdout))
		err(1, "cannot write the queries");
	return 0;
}
