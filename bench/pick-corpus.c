/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The corpus in memory, as queries are drawn from it.
 */
#include <err.h>
#include <stdlib.h>

#include "bench/corpus.h"
#include "bench/pick.h"

static void
check(enum status status, const struct error *error)
{
	if (status != STATUS_OK)
		errx(1, "%s", error->message);
}

/* One more element of *array, which has room for *room. */
static void *
grow(void *array, size_t n, size_t *room, size_t size)
{
	if (n < *room)
		return array;
	*room = *room == 0 ? 4096 : *room * 2;
	array = reallocarray(array, *room, size);
	if (array == NULL)
		errx(1, "out of memory for the corpus");
	return array;
}

/* The title's words count for how common a word is; queries are drawn from the text. */
static void
add_zone(struct draw *draw, struct analyzer *analyzer, struct str zone, bool is_text)
{
	const struct token *tokens;
	struct error error;
	size_t n;

	check(analyzer_run(analyzer, zone, 1, &tokens, &n, &error), &error);
	for (size_t i = 0; i < n; i++) {
		uint32_t word;

		check(vocabulary_add(draw->words, tokens[i].word, (uint32_t)draw->n_texts, &word, &error), &error);
		if (!is_text)
			continue;
		draw->tokens = grow(draw->tokens, draw->n_tokens, &draw->token_room, sizeof(*draw->tokens));
		draw->tokens[draw->n_tokens++] = (struct token_ref) { word, tokens[i].sentence };
	}
}

void
draw_read_corpus(struct draw *draw, const char *path, size_t texts_max)
{
	struct corpus *corpus;
	struct corpus_document document;
	struct analyzer *analyzer;
	struct error error;
	enum status status;

	check(vocabulary_new(&draw->words, &error), &error);
	check(analyzer_new(&analyzer, &error), &error);
	check(corpus_open(path, &corpus, &error), &error);
	while ((status = corpus_next(corpus, &document, &error)) == STATUS_OK) {
		size_t first = draw->n_tokens;

		add_zone(draw, analyzer, document.title, false);
		add_zone(draw, analyzer, document.text, draw->n_texts < texts_max);
		draw->texts = grow(draw->texts, draw->n_texts, &draw->text_room, sizeof(*draw->texts));
		draw->texts[draw->n_texts++] = (struct text) { first, (uint32_t)(draw->n_tokens - first) };
	}
	if (status != STATUS_END)
		errx(1, "%s", error.message);
	check(vocabulary_rank(draw->words, &error), &error);
	corpus_close(corpus);
	analyzer_free(analyzer);
	if (draw->n_tokens == 0)
		errx(1, "%s: no words to draw from", path);
}

void
draw_done(struct draw *draw)
{
	vocabulary_free(draw->words);
	free(draw->tokens);
	free(draw->texts);
}

unsigned long
draw_number(const char *text, unsigned long most, const char *what)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end != '\0' || value > most)
		errx(2, "%s: want a number up to %lu, not \"%s\"", what, most, text);
	return value;
}
