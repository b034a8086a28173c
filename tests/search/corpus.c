/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/search/corpus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_BYTES = 64 << 20, TEXT_BYTES = 64 << 10, MAX_IDS = 4096 };

struct corpus
corpus_open(struct fixture *fixture, const struct store_document *documents, size_t n)
{
	struct corpus corpus = { .fixture = fixture };
	struct store_writer *writer = open_writer(fixture, STORE_REBUILD);

	begin(fixture, writer, "/f/a.jsonl");
	for (size_t i = 0; i < n; i++) {
		enum store_put what;

		check_ok(fixture, store_writer_put(writer, &documents[i], &what, &fixture->error));
	}
	end(fixture, writer);
	finish(fixture, writer);
	corpus.reader = open_reader(fixture);
	check_ok(fixture, analyzer_new(&corpus.analyzer, &fixture->error));
	check_ok(fixture, arena_new(ARENA_BYTES, &corpus.arena));
	return corpus;
}

void
corpus_close(struct corpus *corpus)
{
	arena_free(corpus->arena);
	analyzer_free(corpus->analyzer);
	store_reader_close(corpus->reader);
}

struct search_result
ask(struct corpus *corpus, const struct search_params *params)
{
	struct search_result result = { 0 };
	enum status status;

	arena_reset(corpus->arena);
	status = search_run(corpus->reader, corpus->analyzer, params, corpus->arena, &result, &corpus->fixture->error);
	if (status != STATUS_OK)
		fail_msg("%.*s: %s", STR_FMT(params->q), corpus->fixture->error.message);
	return result;
}

struct search_result
ask_text(struct corpus *corpus, const char *q)
{
	const struct search_params params = { .q = str_of(q),
		.variants = corpus->variants,
		.boilerplate = corpus->boilerplate,
		.limit = 10,
		.passages = 2,
		.matches = 20 };

	return ask(corpus, &params);
}

static int
compare_ids(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorts, joins by blanks and frees.  Static. */
static const char *
join(char **ids, size_t n)
{
	static char joined[TEXT_BYTES];
	size_t used = 0;

	qsort(ids, n, sizeof(*ids), compare_ids);
	joined[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		used += (size_t)snprintf(joined + used, sizeof(joined) - used, "%s%s", i > 0 ? " " : "", ids[i]);
		free(ids[i]);
	}
	return joined;
}

const char *
ids_of_page(struct corpus *corpus, const char *q, uint32_t limit)
{
	const struct search_params params = { .q = str_of(q),
		.variants = corpus->variants,
		.boilerplate = corpus->boilerplate,
		.limit = limit,
		.ids_only = true };
	const struct search_result result = ask(corpus, &params);
	char *ids[MAX_IDS];

	for (uint32_t i = 0; i < result.n_hits; i++)
		ids[i] = strndup(result.hits[i].document.id.p, result.hits[i].document.id.len);
	return join(ids, result.n_hits);
}

const char *
ids_of(struct corpus *corpus, const char *q, bool force_check)
{
	char *ids[MAX_IDS], cursor[128] = "";
	struct search_params params = { .q = str_of(q),
		.variants = corpus->variants,
		.boilerplate = corpus->boilerplate,
		.limit = 7,
		.all = true,
		.ids_only = true,
		.force_check = force_check };
	size_t n = 0;

	do {
		struct search_result result;

		params.cursor = str_of(cursor);
		result = ask(corpus, &params);
		for (uint32_t i = 0; i < result.n_hits && n < MAX_IDS; i++)
			ids[n++] = strndup(result.hits[i].document.id.p, result.hits[i].document.id.len);
		(void)snprintf(cursor, sizeof(cursor), "%.*s", STR_FMT(result.cursor));
	} while (cursor[0] != '\0');
	return join(ids, n);
}

size_t
refuse(struct corpus *corpus, const struct search_params *params, enum status expected, const char *words)
{
	struct search_result result;
	enum status status;

	arena_reset(corpus->arena);
	status = search_run(corpus->reader, corpus->analyzer, params, corpus->arena, &result, &corpus->fixture->error);
	check_refused(corpus->fixture, status, expected, words);
	return corpus->fixture->error.off;
}

const char *
shown(const struct search_passage *passage)
{
	static char text[TEXT_BYTES];
	size_t used = (size_t)snprintf(text, sizeof(text), "%s", passage->cut_before ? "… " : "");

	for (uint32_t i = 0; i < passage->n_segments; i++) {
		const struct search_segment *s = &passage->segments[i];

		used +=
		    (size_t)snprintf(text + used, sizeof(text) - used, s->mark ? "[%.*s]" : "%.*s", STR_FMT(s->text));
	}
	(void)snprintf(text + used, sizeof(text) - used, "%s", passage->cut_after ? " …" : "");
	return text;
}
