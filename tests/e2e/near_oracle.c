/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * near_oracle: do random NEAR queries find what a plain scan finds?
 *
 *	near_oracle DB DOCS.jsonl QUERIES SEED
 *
 * Draws two-word NEAR queries from the documents, scans the documents for the answer with two loops
 * over positions, and compares with search_run() on the index DB of the same documents.  Shares the
 * analysis with Voisin, and nothing of query/.  A disagreement is printed and ends with status 1.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "query/search.h"
#include "stemmer/analyzer.h"
#include "store/reader.h"
#include "tests/e2e/articles.h"

enum { ARENA_BYTES = 256 << 20 };

static struct articles articles;
static uint64_t random_state;

/* The stems of a word typed alone; false where it is not one word. */
static bool
typed_stems(struct analyzer *analyzer, const char *typed, char *stems[ARTICLES_STEMS], uint32_t *ret_n)
{
	const struct token *tokens;
	size_t n;

	if (analyzer_run(analyzer, str_of(typed), 1, &tokens, &n, NULL) != STATUS_OK || n != 1)
		return false;
	*ret_n = 0;
	for (uint32_t i = 0; i < tokens[0].word->n_stems && i < ARTICLES_STEMS; i++)
		stems[(*ret_n)++] = checked(strndup(tokens[0].word->stems[i].p, tokens[0].word->stems[i].len));
	return true;
}

static bool
meets(const struct entry *e, char *const stems[ARTICLES_STEMS], uint32_t n)
{
	for (uint32_t i = 0; i < e->n_stems; i++) {
		for (uint32_t j = 0; j < n; j++) {
			if (strcmp(e->stems[i], stems[j]) == 0)
				return true;
		}
	}
	return false;
}

static bool
scan(const struct doc *doc, uint32_t distance)
{
	for (uint32_t i = 0; i < doc->n; i++) {
		if (!articles.entries[doc->places[i].entry].wanted_a)
			continue;
		for (uint32_t j = 0; j < doc->n; j++) {
			uint32_t p = doc->places[i].pos, q = doc->places[j].pos;

			if (p != q && articles.entries[doc->places[j].entry].wanted_b &&
			    (p > q ? p - q : q - p) - 1 <= distance)
				return true;
		}
	}
	return false;
}

/* Marks in `right` the documents that the query should find; returns how many. */
static uint32_t
expected(struct analyzer *analyzer, const char *a, const char *b, uint32_t distance, bool *right)
{
	char *stems_a[ARTICLES_STEMS], *stems_b[ARTICLES_STEMS];
	uint32_t n_a = 0, n_b = 0, found = 0;
	bool *has_a = checked(calloc(articles.n_docs, 1));

	if (!typed_stems(analyzer, a, stems_a, &n_a) || !typed_stems(analyzer, b, stems_b, &n_b))
		exit(2);
	for (uint32_t e = 0; e < articles.n_entries; e++) {
		articles.entries[e].wanted_a = meets(&articles.entries[e], stems_a, n_a);
		articles.entries[e].wanted_b = meets(&articles.entries[e], stems_b, n_b);
		for (uint32_t d = 0; articles.entries[e].wanted_a && d < articles.entries[e].n_docs; d++)
			has_a[articles.entries[e].docs[d]] = true;
	}
	for (uint32_t d = 0; d < articles.n_docs; d++) {
		right[d] = has_a[d] && scan(&articles.docs[d], distance);
		found += right[d];
	}
	for (uint32_t i = 0; i < n_a; i++)
		free(stems_a[i]);
	for (uint32_t i = 0; i < n_b; i++)
		free(stems_b[i]);
	free(has_a);
	return found;
}

/* Walks all hits; returns how many of them are right, or UINT32_MAX where one is wrong. */
static uint32_t
compare(struct store_reader *reader, struct analyzer *analyzer, struct arena *arena, const char *q, const bool *right)
{
	struct search_params params = { .q = str_of(q), .limit = LIMIT_IDS, .all = true, .ids_only = true };
	uint32_t found = 0;

	do {
		struct search_result result;
		struct error error;

		if (search_run(reader, analyzer, &params, arena, &result, &error) != STATUS_OK) {
			fprintf(stderr, "%s: %s\n", q, error.message);
			return UINT32_MAX;
		}
		for (uint32_t i = 0; i < result.n_hits; i++) {
			uint32_t d = articles_find(&articles, result.hits[i].document.id);

			if (d == UINT32_MAX || !right[d]) {
				fprintf(
				    stderr, "%s: finds %.*s, which is wrong\n", q, STR_FMT(result.hits[i].document.id));
				return UINT32_MAX;
			}
			found++;
		}
		params.cursor = result.cursor;
	} while (params.cursor.len > 0);
	return found;
}

/* Draws two words that stand near each other in some document. */
static bool
draw(struct analyzer *analyzer, const char **ret_a, const char **ret_b)
{
	const struct doc *doc = &articles.docs[random_below(&random_state, articles.n_docs)];
	uint32_t i, j;
	const struct token *tokens;
	size_t n;

	if (doc->n < 2)
		return false;
	i = random_below(&random_state, doc->n);
	j = i + 1 + random_below(&random_state, 12);
	if (j >= doc->n)
		return false;
	*ret_a = articles.entries[doc->places[i].entry].lower;
	*ret_b = articles.entries[doc->places[j].entry].lower;
	if (analyzer_run(analyzer, str_of(*ret_a), 1, &tokens, &n, NULL) != STATUS_OK || n != 1)
		return false;
	return analyzer_run(analyzer, str_of(*ret_b), 1, &tokens, &n, NULL) == STATUS_OK && n == 1;
}

static bool
ask(struct store_reader *reader, struct analyzer *analyzer, struct arena *arena)
{
	bool *right = checked(calloc(articles.n_docs + 1, 1));
	const char *a, *b;
	char q[256];
	uint32_t distance = random_below(&random_state, 21), n_right, found;
	bool agrees;

	while (!draw(analyzer, &a, &b))
		continue;
	(void)snprintf(q, sizeof(q), "%s NEAR/%" PRIu32 " %s", a, distance, b);
	n_right = expected(analyzer, a, b, distance, right);
	found = compare(reader, analyzer, arena, q, right);
	agrees = found == n_right;
	if (!agrees)
		fprintf(stderr, "%s: a scan finds %" PRIu32 " documents, the index %" PRId32 "\n", q, n_right,
		    (int32_t)found);
	free(right);
	arena_reset(arena);
	return agrees;
}

int
main(int argc, char **argv)
{
	struct analyzer *analyzer = NULL;
	struct store_reader *reader = NULL;
	struct arena *arena = NULL;
	struct error error;
	unsigned long n, wrong = 0;

	if (argc != 5) {
		fputs("usage: near_oracle DB DOCS.jsonl QUERIES SEED\n", stderr);
		return 2;
	}
	n = strtoul(argv[3], NULL, 10);
	random_state = strtoull(argv[4], NULL, 10);
	if (analyzer_new(&analyzer, &error) != STATUS_OK || store_reader_open(argv[1], &reader, &error) != STATUS_OK ||
	    arena_new(ARENA_BYTES, &arena) != STATUS_OK) {
		fprintf(stderr, "near_oracle: %s\n", error.message);
		return 2;
	}
	articles_read(&articles, analyzer, argv[2]);
	for (unsigned long i = 0; i < n && wrong < 10; i++)
		wrong += !ask(reader, analyzer, arena);
	printf(
	    "%lu queries on %" PRIu32 " documents, seed %s: %lu disagreements\n", n, articles.n_docs, argv[4], wrong);
	articles_free(&articles);
	arena_free(arena);
	store_reader_close(reader);
	analyzer_free(analyzer);
	return wrong != 0;
}
