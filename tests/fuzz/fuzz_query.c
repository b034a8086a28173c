/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_query: any bytes are a query that comes back from its canonical text, and that the matcher
 * answers the same way twice; or they are refused with a message, at a place within them.
 *
 * The leaves stand in a small fixed text: the n-th one at the words whose number has n's bits.
 */
#include <stdint.h>
#include <stdlib.h>

#include "query/intervals/match.h"
#include "query/language/parser.h"

enum { TEXT_WORDS = 40, LEAVES = 64 };

static struct arena *arena;
static struct analyzer *analyzer;

/* A broken promise ends the run, as a sanitizer's finding would. */
static void
require(bool holds)
{
	if (!holds)
		abort();
}

static void
check_canonical(const struct query *query)
{
	struct parser_options options = { .any = false };
	struct query again;
	struct buf text;

	buf_init(&text, 1 << 16);
	require(node_canonical(query->root, &text) == STATUS_OK);
	for (int any = 0; any < 2; any++) {
		options.any = any == 1;
		require(query_parse(arena, analyzer, buf_str(&text), &options, &again, NULL) == STATUS_OK);
		require(node_equal(query->root, again.root));
	}
	buf_done(&text);
}

static void
check_match(const struct query *query)
{
	static const uint32_t starts[] = { 1, 8, 15, 30 };
	static uint32_t places[LEAVES][TEXT_WORDS];
	const struct match_limits limits = { .max_steps = 200 * 1000, .max_matches = 20 };
	struct positions leaves[LEAVES];
	struct match_input input = {
		.leaves = leaves, .sentences = { starts, 4 }, .paragraphs = { starts, 2 }, .body_first_pos = 8
	};
	struct match_set set;
	bool satisfied = false;

	require(query->n_leaves <= LEAVES);
	for (uint32_t leaf = 0; leaf < query->n_leaves; leaf++) {
		leaves[leaf] = (struct positions) { places[leaf], 0 };
		for (uint32_t i = 1; i <= TEXT_WORDS; i++) {
			if (i % (2 + leaf % 5) == leaf % 2)
				places[leaf][leaves[leaf].n++] = i;
		}
	}
	if (match_exists(query, &input, &limits, NULL, &satisfied, NULL) != STATUS_OK ||
	    match_find(query, &input, &limits, arena, &set, NULL) != STATUS_OK)
		return;
	require(satisfied || set.total == 0);
	require(set.n <= set.total && (set.n > 0) == (set.marks.n > 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	struct parser_options options = { .any = size % 2 == 1 };
	struct query query;
	struct error error;

	if (arena == NULL)
		require(arena_new(1 << 26, &arena) == STATUS_OK && analyzer_new(&analyzer, NULL) == STATUS_OK);
	arena_reset(arena);
	if (query_parse(arena, analyzer, text, &options, &query, &error) != STATUS_OK) {
		require(error.code == STATUS_INVALID || error.code == STATUS_LIMIT);
		require(error.message[0] != '\0' && (error.off == ERROR_NO_OFFSET || error.off <= size));
		return 0;
	}
	check_canonical(&query);
	check_match(&query);
	return 0;
}
