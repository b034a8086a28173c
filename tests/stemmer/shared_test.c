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

/* Writes each word's position and stems; what two ways of writing must have in common. */
static size_t
write_words(struct analyzer *analyzer, struct str text, struct buf *out)
{
	const struct token *tokens;
	size_t n;

	buf_reset(out);
	assert_int_equal(analyzer_run(analyzer, text, 1, &tokens, &n, NULL), STATUS_OK);
	for (size_t i = 0; i < n; i++) {
		(void)buf_printf(out, "%u", tokens[i].pos);
		for (uint32_t j = 0; j < tokens[i].word->n_stems; j++)
			(void)buf_printf(out, "/%.*s", STR_FMT(tokens[i].word->stems[j]));
		(void)buf_append_char(out, ' ');
	}
	assert_int_equal(buf_status(out), STATUS_OK);
	return n;
}

/* One way to write a term: each `from` in it is written as `to`. */
struct way {
	const char *from;
	const char *to;
};

struct trial {
	struct analyzer *analyzer;
	struct buf text;
	struct buf as_listed;
	struct buf otherwise;
	size_t n;
	size_t n_failed;
};

static void
begin_trial(struct trial *trial)
{
	assert_int_equal(analyzer_new(&trial->analyzer, NULL), STATUS_OK);
	buf_init(&trial->text, 4096);
	buf_init(&trial->as_listed, 4096);
	buf_init(&trial->otherwise, 4096);
	trial->n = trial->n_failed = 0;
}

static void
end_trial(struct trial *trial, const char *what)
{
	print_message("%-24s %6zu tried, %zu differ\n", what, trial->n, trial->n_failed);
	analyzer_free(trial->analyzer);
	buf_done(&trial->text);
	buf_done(&trial->as_listed);
	buf_done(&trial->otherwise);
}

static void
try_way(struct trial *trial, struct str term, const struct way *way)
{
	struct str from = str_of(way->from);

	buf_reset(&trial->text);
	for (size_t i = 0; i < term.len;) {
		bool is_here = str_has_prefix((struct str) { term.p + i, term.len - i }, from);

		if (is_here)
			(void)buf_append_str(&trial->text, str_of(way->to));
		else
			(void)buf_append_char(&trial->text, term.p[i]);
		i += is_here ? from.len : 1;
	}
	(void)write_words(trial->analyzer, term, &trial->as_listed);
	(void)write_words(trial->analyzer, buf_str(&trial->text), &trial->otherwise);
	trial->n++;
	if (str_eq(buf_str(&trial->as_listed), buf_str(&trial->otherwise)))
		return;
	trial->n_failed++;
	print_message("\"%.*s\": %.*s; \"%.*s\": %.*s\n", STR_FMT(term), STR_FMT(buf_str(&trial->as_listed)),
	    STR_FMT(buf_str(&trial->text)), STR_FMT(buf_str(&trial->otherwise)));
}

/* Each term of a list of the press in each of the ways: the same positions and stems. */
static void
check_ways(const char *name, const struct way *ways, size_t n_ways, size_t terms)
{
	struct buf list;
	struct str rest, term, count;
	struct trial trial;
	size_t n = 0;

	read_shared(name, &list);
	begin_trial(&trial);
	rest = buf_str(&list);
	while (take_until(&rest, '\t', &term) && take_until(&rest, '\n', &count)) {
		for (size_t i = 0; i < n_ways; i++)
			try_way(&trial, term, &ways[i]);
		n++;
	}
	buf_done(&list);
	assert_int_equal(n, terms);
	n = trial.n_failed;
	end_trial(&trial, strrchr(name, '/') + 1);
	assert_int_equal(n, 0);
}

static void
test_hyphenated(void **state)
{
	static const struct way ways[] = { { "-", "\u2010" }, { "-", "\u2011" }, { "-", " " }, { "-", "-\n" },
		{ "-", "\u00A0" }, { "e", "e\u00AD" }, { "e", "e\u00AD\n" } };

	(void)state;
	check_ways("data/terms_fr_news/hyphenated.tsv", ways, sizeof(ways) / sizeof(ways[0]), 3853);
}

static void
test_elided(void **state)
{
	static const struct way ways[] = { { "'", "\u2019" }, { "'", "\u2018" }, { "'", "\u02BC" }, { "'", "\u2032" },
		{ "'", "\u00B4" }, { "'", "`" }, { "'", "\uFF07" }, { "'", "\u201B" } };

	(void)state;
	check_ways("data/terms_fr_news/elided.tsv", ways, sizeof(ways) / sizeof(ways[0]), 2276);
}

static void
test_numbers(void **state)
{
	static const struct way ways[] = { { " ", "\u00A0" }, { " ", "\u202F" }, { " ", "\u2009" }, { "h", " h " },
		{ "h", "\u00A0h\u00A0" } };

	(void)state;
	check_ways("data/terms_fr_news/numbers.tsv", ways, sizeof(ways) / sizeof(ways[0]), 1989);
}

/* "AFP" is found as A.F.P., and in lower case. */
static void
test_acronyms(void **state)
{
	struct buf list, dotted;
	struct str rest, term, count;
	struct trial trial;

	(void)state;
	read_shared("data/terms_fr_news/acronyms.tsv", &list);
	begin_trial(&trial);
	buf_init(&dotted, 256);
	rest = buf_str(&list);
	while (take_until(&rest, '\t', &term) && take_until(&rest, '\n', &count)) {
		buf_reset(&dotted);
		for (size_t i = 0; i < term.len; i++) {
			if (term.p[i] >= 'A' && term.p[i] <= 'Z')
				(void)buf_printf(&dotted, "%c.", term.p[i]);
		}
		if (dotted.len != 2 * term.len || term.len < 2)
			continue;
		try_way(&trial, buf_str(&dotted), &(struct way) { ".", "" });
	}
	assert_true(trial.n > 1500);
	assert_int_equal(trial.n_failed, 0);
	end_trial(&trial, "acronyms.tsv");
	buf_done(&dotted);
	buf_done(&list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reference_stems),
		cmocka_unit_test(test_alep_in_seeds),
		cmocka_unit_test(test_hyphenated),
		cmocka_unit_test(test_elided),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_acronyms),
	};
	int failed = cmocka_run_group_tests_name("analysis of shared data", tests, NULL, NULL);

	if (failed != 0)
		return 1;
	return some_skipped ? EXIT_SKIPPED : 0;
}
