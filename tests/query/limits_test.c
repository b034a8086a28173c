/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Long documents full of common words: the matcher finishes, or names the limit, and soon.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "query/intervals/match.h"
#include "tests/base/cmocka_first.h"
#include "tests/query/table.h"

enum { WORDS = 200 * 1000, LEAVES = 16 };

/* The document is "de la de la ...", with `rare` once at its end, and sentences of 20 words where asked. */
struct long_text {
	uint32_t de[WORDS];
	uint32_t la[WORDS];
	uint32_t rare[1];
	uint32_t sentences[WORDS];
	struct positions of_de, of_la, of_rare, of_sentences;
};

static struct long_text text;

static int
setup(void **state)
{
	text.of_de = (struct positions) { text.de, 0 };
	text.of_la = (struct positions) { text.la, 0 };
	text.rare[0] = WORDS + 1;
	text.of_rare = (struct positions) { text.rare, 1 };
	text.of_sentences = (struct positions) { text.sentences, 0 };
	for (uint32_t i = 1; i <= WORDS; i += 2) {
		text.de[text.of_de.n++] = i;
		text.la[text.of_la.n++] = i + 1;
		if (i % 20 == 1)
			text.sentences[text.of_sentences.n++] = i;
	}
	return table_setup(state);
}

struct answer {
	enum status exists_status, find_status, first_status;
	bool satisfied;
	uint64_t total, first_total;
	int64_t exists_ms, find_ms, first_ms;
	struct error error;
};

static struct answer
ask(const char *query_text, bool sentences)
{
	static const struct parser_options options = { .any = false };
	const struct match_limits limits = { .max_steps = LIMIT_MATCH_STEPS, .max_matches = 100 };
	struct positions leaves[LEAVES];
	struct match_input input = { .leaves = leaves, .body_first_pos = 1 };
	struct answer answer = { .total = 0 };
	struct match_set set = { .total = 0 };
	struct query query;
	int64_t start;

	arena_reset(test_arena);
	if (query_parse(test_arena, test_analyzer, str_of(query_text), &options, &query, &answer.error) != STATUS_OK)
		fail_msg("%s", answer.error.message);
	assert_true(query.n_leaves <= LEAVES);
	for (uint32_t i = 0; i < query.n_leaves; i++)
		leaves[i] = str_eq(query.leaves[i]->text, STR("de"))     ? text.of_de
			    : str_eq(query.leaves[i]->text, STR("la"))   ? text.of_la
			    : str_eq(query.leaves[i]->text, STR("rare")) ? text.of_rare
									 : (struct positions) { NULL, 0 };
	if (sentences)
		input.sentences = input.paragraphs = text.of_sentences;
	start = clock_mono_ms();
	answer.exists_status = match_exists(&query, &input, &limits, NULL, &answer.satisfied, &answer.error);
	answer.exists_ms = clock_mono_ms() - start;
	start = clock_mono_ms();
	answer.find_status = match_find(&query, &input, &limits, test_arena, &set, &answer.error);
	answer.find_ms = clock_mono_ms() - start;
	answer.total = set.total;
	set.total = 0;
	start = clock_mono_ms();
	answer.first_status = match_find_first(&query, &input, &limits, test_arena, &set, NULL);
	answer.first_ms = clock_mono_ms() - start;
	answer.first_total = set.total;
	print_message("%-60s exists %s %lld ms, find %s %lld ms, %llu matches; first %s %lld ms, %llu\n", query_text,
	    status_name(answer.exists_status), (long long)answer.exists_ms, status_name(answer.find_status),
	    (long long)answer.find_ms, (unsigned long long)answer.total, status_name(answer.first_status),
	    (long long)answer.first_ms, (unsigned long long)answer.first_total);
	return answer;
}

/* Ordinary queries finish, however common their words. */
static void
test_finishes(void **state)
{
	static const struct {
		const char *query;
		uint64_t total;
	} rows[] = {
		{ "de", WORDS / 2 },
		{ "\"de la\"", WORDS / 2 },
		{ "\"de la de la\"", WORDS / 2 - 1 },
		{ "de NEAR/0 la", WORDS - 1 },
		{ "rare NEAR la", 6 },
		{ "rare NEAR/50 (de NEAR/3 la)", 102 },
		{ "(\"de la\" NEAR/5 rare) NEAR/0 de", 3 },
		{ "de NOT NEAR/5 la", 0 },
		{ "la NOT NEAR/10 rare", WORDS / 2 - 6 },
		{ "absent NEAR (de NEAR/50 la NEAR/50 de)", 0 },
		{ "de DEBUT/50", 25 },
		{ "de>=1000 AND rare", WORDS / 2 + 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct answer answer = ask(rows[i].query, false);

		assert_int_equal(answer.exists_status, STATUS_OK);
		assert_int_equal(answer.find_status, STATUS_OK);
		assert_int_equal(answer.satisfied, rows[i].total > 0);
		assert_int_equal(answer.total, rows[i].total);
	}
}

/* What is found at the start of the text is proved at once, though to list all would be too much. */
static void
test_proves_early(void **state)
{
	static const char *const rows[] = { "(de NEAR/50 la) NEAR/50 (la NEAR/50 de)",
		"de NEAR/50 la NEAR/50 de NEAR/50 la", "NEAR/50(de, la, de, la, de, la, de, la)", "de SENT la SENT de",
		"de PARA la PARA de", "(de SENT la) NEAR/50 (de ADJ/50 la)" };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct answer answer = ask(rows[i], true);

		assert_int_equal(answer.exists_status, STATUS_OK);
		assert_true(answer.satisfied);
		assert_true(answer.find_status == STATUS_OK || answer.find_status == STATUS_LIMIT);
		assert_int_equal(answer.first_status, STATUS_OK);
		assert_int_equal(answer.first_total, 1);
	}
}

/* What takes too long is refused by the limit's name. */
static void
test_refuses_by_name(void **state)
{
	static const char *const rows[] = {
		"NEAR/50(de, la, de, la, de, la) NEAR rare NEAR/0 absent OR NEAR/50(de, la, de, la, de)", "de SENT la",
		"de PARA la PARA de"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct answer answer = ask(rows[i], false);

		assert_int_equal(answer.find_status, STATUS_LIMIT);
		assert_int_equal(answer.first_status, STATUS_OK);
		assert_non_null(strstr(answer.error.message, "match steps"));
	}
}

/* Whether the first words of the text are matched within so many steps; else the limit is named with its value. */
static bool
takes_at_most(const struct query *query, const struct match_input *input, uint64_t steps)
{
	const struct match_limits limits = { .max_steps = steps, .max_matches = 100 };
	struct match_set set;
	struct error error;
	char words[64];
	enum status status = match_find(query, input, &limits, test_arena, &set, &error);

	if (status == STATUS_OK)
		return true;
	(void)snprintf(words, sizeof(words), "LIMIT_MATCH_STEPS (%llu match steps)", (unsigned long long)steps);
	assert_int_equal(status, STATUS_LIMIT);
	assert_non_null(strstr(error.message, words));
	return false;
}

/* A match that takes n steps is found within n and n + 1, and refused within n - 1. */
static void
test_exactly_so_many_steps(void **state)
{
	static const char *const rows[] = { "de NEAR/5 la", "\"de la de\"", "(de NEAR/3 la) NEAR/9 (la ADJ/2 de)",
		"de NOT NEAR/5 la" };
	static const struct parser_options options = { .any = false };
	const struct positions first_de = { text.de, 50 }, first_la = { text.la, 50 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct positions leaves[LEAVES];
		struct match_input input = { .leaves = leaves, .body_first_pos = 1 };
		struct query query;
		struct error error;
		uint64_t too_few = 0, enough = 1000 * 1000;

		arena_reset(test_arena);
		assert_int_equal(
		    query_parse(test_arena, test_analyzer, str_of(rows[i]), &options, &query, &error), STATUS_OK);
		for (uint32_t leaf = 0; leaf < query.n_leaves; leaf++)
			leaves[leaf] = str_eq(query.leaves[leaf]->text, STR("de")) ? first_de : first_la;
		assert_true(takes_at_most(&query, &input, enough));
		while (enough - too_few > 1) {
			uint64_t middle = too_few + (enough - too_few) / 2;

			if (takes_at_most(&query, &input, middle))
				enough = middle;
			else
				too_few = middle;
		}
		print_message("%-40s takes %llu steps\n", rows[i], (unsigned long long)enough);
		assert_true(enough > 1);
		assert_false(takes_at_most(&query, &input, enough - 1));
		assert_true(takes_at_most(&query, &input, enough));
		assert_true(takes_at_most(&query, &input, enough + 1));
	}
}

/* With no end of sentence in sight, a SENT of words that are both everywhere is still proved at once. */
static void
test_one_sentence(void **state)
{
	struct answer answer = ask("de SENT rare", false);

	(void)state;
	assert_int_equal(answer.exists_status, STATUS_OK);
	assert_true(answer.satisfied);
	assert_int_equal(answer.total, WORDS / 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finishes),
		cmocka_unit_test(test_proves_early),
		cmocka_unit_test(test_refuses_by_name),
		cmocka_unit_test(test_exactly_so_many_steps),
		cmocka_unit_test(test_one_sentence),
	};

	return cmocka_run_group_tests(tests, setup, table_teardown);
}
