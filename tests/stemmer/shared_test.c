/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Real text and reference stems, where ../shared has them; otherwise skipped, with exit status 77.
 */
#include "stemmer/analyzer.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "stemmer/stem.h"
#include "tests/base/cmocka_first.h"

enum { EXIT_SKIPPED = 77 };

static bool some_skipped;

/* Reads a file of the shared data, or skips the test. */
static void
read_shared(const char *name, struct buf *out)
{
	char path[1024];

	(void)snprintf(path, sizeof(path), "%s/%s", SHARED_DATA_DIR, name);
	buf_init(out, (size_t)64 << 20);
	if (file_read(path, out, NULL) == STATUS_OK)
		return;
	print_message("skipped: no %s\n", path);
	some_skipped = true;
	skip();
}

static bool
take_until(struct str *rest, char end, struct str *ret_part)
{
	const char *at = rest->len > 0 ? memchr(rest->p, end, rest->len) : NULL;

	if (at == NULL)
		return false;
	*ret_part = (struct str) { rest->p, (size_t)(at - rest->p) };
	*rest = (struct str) { at + 1, rest->len - ret_part->len - 1 };
	return true;
}

static void
test_reference_stems(void **state)
{
	struct buf pairs;
	struct stemmer *stemmer = NULL;
	struct str rest, word, expected, stem;
	size_t n = 0;

	(void)state;
	read_shared("data/stemmer_fr/french_2021-11_libstemmer-2.2.tsv", &pairs);
	assert_int_equal(stemmer_new(&stemmer), STATUS_OK);
	rest = buf_str(&pairs);
	while (take_until(&rest, '\t', &word) && take_until(&rest, '\n', &expected)) {
		assert_int_equal(stemmer_stem(stemmer, word, &stem), STATUS_OK);
		if (!str_eq(stem, expected))
			fail_msg("%.*s: %.*s, not %.*s", STR_FMT(word), STR_FMT(stem), STR_FMT(expected));
		n++;
	}
	assert_int_equal(n, 20805);
	stemmer_free(stemmer);
	buf_done(&pairs);
}

struct counts {
	size_t all;
	size_t elided; /* behind an apostrophe */
	size_t stems; /* tokens with the stem "alep" */
};

static void
count_alep(struct analyzer *analyzer, const char *name, struct counts *counts)
{
	struct buf text;
	const struct token *tokens;
	size_t n;

	read_shared(name, &text);
	assert_int_equal(analyzer_run(analyzer, buf_str(&text), 1, &tokens, &n, NULL), STATUS_OK);
	for (size_t i = 0; i < n; i++) {
		const struct token *token = &tokens[i];

		counts->stems += str_eq(token->word->stems[0], STR("alep"));
		if (!str_eq(token->word->folded, STR("alep")))
			continue;
		assert_memory_equal(text.data + token->off, "Alep", 4);
		assert_int_equal(token->len, 4);
		counts->all++;
		if (token->off > 0 && (text.data[token->off - 1] == '\'' || text.data[token->off - 1] == '\x99'))
			counts->elided++;
	}
	buf_done(&text);
}

/* 39 in the five articles, 19 of them elided; "Alepmerc", a slip in one of them, is none. */
static void
test_alep_in_seeds(void **state)
{
	static const char *const seeds[] = { "seeds/000_1449a6dae473802f.txt", "seeds/001_ea07a390312a6797.txt",
		"seeds/002_8db79db811459940.txt", "seeds/003_f776e755a06bad7c.txt", "seeds/004_39d82658c174e787.txt" };
	struct analyzer *analyzer = NULL;
	struct counts counts = { 0 };
	struct buf first;

	(void)state;
	read_shared(seeds[0], &first);
	buf_done(&first);
	assert_int_equal(analyzer_new(&analyzer, NULL), STATUS_OK);
	for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++)
		count_alep(analyzer, seeds[i], &counts);
	assert_int_equal(counts.all, 39);
	assert_int_equal(counts.stems, 39);
	assert_int_equal(counts.elided, 19);
	analyzer_free(analyzer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reference_stems),
		cmocka_unit_test(test_alep_in_seeds),
	};
	int failed = cmocka_run_group_tests_name("analysis of shared data", tests, NULL, NULL);

	if (failed != 0)
		return 1;
	return some_skipped ? EXIT_SKIPPED : 0;
}
