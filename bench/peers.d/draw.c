/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * draw: draws the queries of bench/peers from its corpus.
 *
 *	draw CORPUS.jsonl SEED QUERIES TEXTS >queries.tsv
 *
 * So many queries a class, from the first TEXTS texts; a line is as driver.h says.  The words stand in some text in the way that the
 * query asks for, so each query has a hit.
 *
 * A peer knows one term a position, Voisin all stems that a word without accents can have (docs/analysis.md).  So no word is drawn that has
 * two stems, nor one whose stem is another word's second one: what is left, all peers must count alike.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/peers.d/spelling.h"
#include "bench/pick.h"

enum { TRIES = 20000 /* a query */, LINE_BYTES = 1024 };

/* How the words of a query are put. */
struct wording {
	const char *before, *between, *after;
	const char *last; /* before the last word, where that is not as between */
};

static const struct class {
	const char *name;
	bool (*pick)(struct draw *draw, struct picked *picked);
	size_t n_words; /* 0: picked->n */
	const char *text, *kind;
	struct wording voisin;
} classes[] = {
	{ "word", pick_one, 1, "stems", "term", { "", "", "", NULL } },
	{ "AND of two", pick_two, 2, "stems", "and", { "", " AND ", "", NULL } },
	{ "OR of three", pick_three, 3, "stems", "or", { "", " OR ", "", NULL } },
	{ "phrase of two", pick_phrase, 2, "stems", "phrase", { "\"", " ", "\"", NULL } },
	{ "phrase, stop words", pick_stop_phrase, 3, "stems", "phrase", { "\"", " ", "\"", NULL } },
	{ "phrase of 3-5", pick_long_phrase, 0, "stems", "phrase", { "\"", " ", "\"", NULL } },
	{ "NEAR rare-rare", pick_near_rare_rare, 2, "stems", "near", { "", " NEAR/10 ", "", NULL } },
	{ "NEAR rare-common", pick_near_rare, 2, "stems", "near", { "", " NEAR/10 ", "", NULL } },
	{ "NEAR common-common", pick_near_common, 2, "stems", "near", { "", " NEAR/10 ", "", NULL } },
	{ "phrase in NEAR", pick_phrase_near, 3, "stems", "phrasenear", { "\"", " ", "", "\" NEAR/10 " } },
	{ "prefix", pick_prefix, 1, "forms", "prefix", { "", "", "*", NULL } },
	{ "exact phrase", pick_phrase, 2, "forms", "phrase", { "=\"", " ", "\"", NULL } },
};

struct drawing {
	struct draw draw;
	struct analyzer *analyzer;
	uint64_t *seconds; /* hashes of stems that are not the first of some word, sorted */
	size_t n_seconds;
};

static void
check(enum status status, const struct error *error)
{
	if (status != STATUS_OK)
		errx(1, "%s", error->message);
}

/* ---- Words that all peers know alike ---- */

static int
ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void
find_seconds(struct drawing *drawing)
{
	uint32_t n = vocabulary_size(drawing->draw.words);

	drawing->seconds = calloc((size_t)n * VOCABULARY_STEMS + 1, sizeof(*drawing->seconds));
	if (drawing->seconds == NULL)
		errx(1, "out of memory");
	for (uint32_t i = 0; i < n; i++) {
		const struct vocabulary_word *word = vocabulary_get(drawing->draw.words, i);

		for (uint8_t s = 1; s < word->n_stems; s++)
			drawing->seconds[drawing->n_seconds++] = word->stems[s];
	}
	qsort(drawing->seconds, drawing->n_seconds, sizeof(*drawing->seconds), ascending);
}

/* The word's only stem, as it is spelled; false where a peer would not find it alike. */
static bool
stem_of(struct drawing *drawing, const struct vocabulary_word *word, char spelled[SPELLING_BYTES])
{
	const struct token *tokens;
	struct error error;
	size_t n;

	if (word->n_stems != 1 || bsearch(&word->stems[0], drawing->seconds, drawing->n_seconds,
				      sizeof(*drawing->seconds), ascending) != NULL)
		return false;
	check(analyzer_run(drawing->analyzer, word->lower, 1, &tokens, &n, &error), &error);
	if (n != 1 || tokens[0].word->n_stems != 1 || !str_eq(tokens[0].word->lower, word->lower))
		return false;
	spelling_of(tokens[0].word->stems[0], spelled);
	return true;
}

/* ---- Lines ---- */

static struct str
part_of(const struct picked *picked, size_t i, struct str word)
{
	return i == 0 && picked->bytes != 0 ? (struct str) { word.p, picked->bytes } : word;
}

static void
write_joint(FILE *out, const struct wording *wording, size_t i, size_t n)
{
	fputs(i == 0 ? wording->before : i + 1 == n && wording->last != NULL ? wording->last : wording->between, out);
}

static bool
write_terms(FILE *out, struct drawing *drawing, const struct class *class, const struct picked *picked, size_t n)
{
	static const struct wording bar = { "", " ", "", "|" }, blank = { "", " ", "", NULL };
	char spelled[SPELLING_BYTES], folded[SPELLING_MAX];

	for (size_t i = 0; i < n; i++) {
		struct str form = part_of(picked, i, picked->words[i]->lower);

		write_joint(out, class->voisin.last != NULL ? &bar : &blank, i, n);
		if (strcmp(class->text, "stems") == 0) {
			if (!stem_of(drawing, picked->words[i], spelled))
				return false;
		} else {
			size_t len = analyzer_fold(form, folded, sizeof(folded));

			if (len == SIZE_MAX)
				return false;
			spelling_of((struct str) { folded, len }, spelled);
		}
		fputs(spelled, out);
	}
	return true;
}

static void
write_words(FILE *out, const struct wording *wording, const struct picked *picked, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		write_joint(out, wording, i, n);
		fprintf(out, "%.*s", STR_FMT(part_of(picked, i, picked->words[i]->lower)));
	}
	fputs(wording->after, out);
}

/* Writes the line of a query; false where it is none that all peers must answer alike. */
static bool
write_line(char line[LINE_BYTES], struct drawing *drawing, const struct class *class, const struct picked *picked)
{
	static const struct wording bar = { "", " ", "", "|" }, blank = { "", " ", "", NULL };
	size_t n = class->n_words > 0 ? class->n_words : picked->n;
	FILE *out = fmemopen(line, LINE_BYTES, "w");
	bool is_alike;

	if (out == NULL)
		err(1, "out of memory");
	fprintf(out, "%s\t%s\t%s\t", class->name, class->text, class->kind);
	is_alike = write_terms(out, drawing, class, picked, n);
	fputc('\t', out);
	write_words(out, class->voisin.last != NULL ? &bar : &blank, picked, n);
	fputc('\t', out);
	write_words(out, &class->voisin, picked, n);
	if (fclose(out) != 0)
		errx(1, "a query of more than %d bytes", LINE_BYTES);
	return is_alike;
}

static bool
is_new(char (*lines)[LINE_BYTES], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(lines[i], lines[n]) == 0)
			return false;
	}
	return true;
}

static void
draw_class(struct drawing *drawing, const struct class *class, size_t n_wanted)
{
	char(*lines)[LINE_BYTES] = calloc(n_wanted + 1, sizeof(*lines));
	size_t n = 0;

	if (lines == NULL)
		errx(1, "out of memory");
	for (size_t tries = TRIES * n_wanted; n < n_wanted && tries > 0; tries--) {
		struct picked picked = { .bytes = 0 };

		if (class->pick(&drawing->draw, &picked) && write_line(lines[n], drawing, class, &picked) &&
		    is_new(lines, n))
			puts(lines[n++]);
	}
	if (n < n_wanted)
		warnx("%s: the corpus gives %zu queries of %zu", class->name, n, n_wanted);
	free(lines);
}

int
main(int argc, char **argv)
{
	struct drawing drawing = { .n_seconds = 0 };
	struct error error;
	size_t n_queries;

	if (argc != 5)
		errx(2, "usage: bench_peers_draw CORPUS.jsonl SEED QUERIES TEXTS");
	drawing.draw.state = draw_number(argv[2], UINT32_MAX, "the seed");
	n_queries = draw_number(argv[3], 100000, "queries a class");
	draw_read_corpus(&drawing.draw, argv[1], draw_number(argv[4], UINT32_MAX, "texts to draw from"));
	check(analyzer_new(&drawing.analyzer, &error), &error);
	find_seconds(&drawing);
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		draw_class(&drawing, &classes[i], n_queries);
	draw_done(&drawing.draw);
	analyzer_free(drawing.analyzer);
	free(drawing.seconds);
	if (fflush(stdout) != 0 || ferror(stdout))
		err(1, "cannot write the queries");
	return 0;
}
