/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/search/corpus.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/schema.h"

enum { ARENA_BYTES = 64 << 20, TEXT_BYTES = 64 << 10, MAX_IDS = 4096 };

static void
put_all(struct fixture *fixture, enum store_mode mode, bool lean, const struct store_document *documents, size_t n)
{
	const struct store_writer_options options = { .mode = mode, .lean = lean };
	struct store_writer *writer = NULL;

	check_ok(fixture, store_writer_open(fixture->dir, &options, &writer, &fixture->error));
	check_ok(fixture, store_writer_add_scope(writer, STR("/"), &fixture->error));
	begin(fixture, writer, "/f/a.jsonl");
	for (size_t i = 0; i < n; i++) {
		enum store_put what;

		check_ok(fixture, store_writer_put(writer, &documents[i], &what, &fixture->error));
	}
	end(fixture, writer);
	(void)sweep(fixture, writer);
	finish(fixture, writer);
}

/*
 * Builds an index in which some documents are missing, some say what others say, and some are too many; then makes it right.
 * All but few of the documents are then in the inverted file, and these few are not, or not as they are.
 */
static void
put_and_change(struct fixture *fixture, bool lean, const struct store_document *documents, size_t n)
{
	struct store_document *others = calloc(n + n / 50, sizeof(*others));
	size_t n_others = 0;

	assert_non_null(others);
	for (size_t i = 0; i < n; i++) {
		if (i % 12 == 6)
			continue;
		others[n_others] = documents[i];
		if (i % 12 == 0) {
			others[n_others] = documents[(i + 1) % n];
			others[n_others].id = documents[i].id;
		}
		n_others++;
	}
	for (size_t i = 0; i < n / 50; i++) {
		others[n_others] = documents[i];
		others[n_others++].id = (struct str[]) { STR("one"), STR("too"), STR("many") }[i % 3];
	}
	put_all(fixture, STORE_REBUILD, lean, others, n_others);
	put_all(fixture, STORE_UPDATE, lean, documents, n);
	free(others);
}

/* Without the inverted file that is beside it. */
static void
unlink_file(struct fixture *fixture)
{
	char path[PATH_MAX + 32];

	(void)snprintf(path, sizeof(path), "%s/current/" SCHEMA_INVFILE, fixture->dir);
	assert_int_equal(unlink(path), 0);
}

static void
index_documents(struct fixture *fixture, const char *kind, const struct store_document *documents, size_t n)
{
	bool lean = strcmp(kind, "lean") == 0 || strcmp(kind, "changed") == 0;

	if (strstr(kind, "changed") != NULL)
		put_and_change(fixture, lean, documents, n);
	else
		put_all(fixture, STORE_REBUILD, lean, documents, n);
	if (strcmp(kind, "xapian") == 0)
		unlink_file(fixture);
}

struct corpus
corpus_open_kind(struct fixture *fixture, const char *kind, const struct store_document *documents, size_t n)
{
	struct corpus corpus = { .fixture = fixture };
	uint32_t n_layers;

	index_documents(fixture, kind, documents, n);
	corpus.reader = open_reader(fixture);
	(void)store_reader_layers(corpus.reader, &n_layers);
	assert_int_equal(n_layers == 0, strcmp(kind, "xapian") == 0);
	check_ok(fixture, analyzer_new(&corpus.analyzer, &fixture->error));
	check_ok(fixture, arena_new(ARENA_BYTES, &corpus.arena));
	return corpus;
}

struct corpus
corpus_open(struct fixture *fixture, const struct store_document *documents, size_t n)
{
	const char *kind = getenv("VOISIN_TEST_INDEX");

	return corpus_open_kind(fixture, kind != NULL ? kind : "lean", documents, n);
}

void
corpus_update(struct corpus *corpus, const struct store_document *documents, size_t n)
{
	put_all(corpus->fixture, STORE_UPDATE, false, documents, n);
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
