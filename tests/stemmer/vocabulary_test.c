/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much of the press's vocabulary is found when it is typed without accents?
 *
 * Every distinct accented form of the 20,000 articles of ../shared, and of Snowball's French vocabulary,
 * is looked up as somebody types it who leaves the accents out, writes capitals or has a keyboard
 * that decomposes; and the other way round, the form is the query and the text has it without accents. The
 * figures go to standard output and into docs/analysis.md; the goals are at least 98 % by default and
 * all with ACCENTS_LOOSE.  Skipped, with exit status 77, where the data or zstd are absent.
 */
#include "stemmer/analyzer.h"

#include <jansson.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <utf8proc.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "stemmer/stem.h"
#include "tests/base/cmocka_first.h"

enum { EXIT_SKIPPED = 77, ARTICLES = 20000 };

static const char vocabulary[] = SHARED_DATA_DIR "/data/stemmer_fr/french_2021-11_libstemmer-2.2.tsv";
static const char articles[] = SHARED_DATA_DIR "/data/orangesum_20k/docs.jsonl.zst";
static bool is_skipped;

/* What twalk_r() counts over the forms. */
struct survey {
	struct analyzer *texts; /* finds the stems that are posted */
	struct analyzer *queries;
	struct stemmer *stemmer;
	size_t n_forms;
	size_t n_typed; /* found by default */
	size_t n_loose;
	size_t n_capitals; /* typed in capitals without accents: found by default */
	size_t n_accented_capitals;
	size_t n_decomposed;
	size_t n_text_typed; /* the text has no accents, the query has: found by default */
	size_t n_text_loose;
	size_t n_late_folded; /* found if accents were taken off after stemming */
};

static int
compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Enters the accented words of a text into the tree. */
static void
collect(struct analyzer *analyzer, struct str text, void **tree)
{
	const struct token *tokens;
	size_t n;

	assert_int_equal(analyzer_run(analyzer, text, 1, &tokens, &n, NULL), STATUS_OK);
	for (size_t i = 0; i < n; i++) {
		const struct word *word = tokens[i].word;
		char *form, **node;

		if (str_eq(word->lower, word->folded))
			continue;
		form = strndup(word->lower.p, word->lower.len);
		assert_non_null(form);
		node = tsearch(form, tree, compare);
		assert_non_null(node);
		if (*node != form)
			free(form);
	}
}

static void
collect_articles(struct analyzer *analyzer, void **tree)
{
	char command[2048], *line = NULL;
	size_t cap = 0, n = 0;
	FILE *pipe;

	(void)snprintf(command, sizeof(command), "zstd -dcq '%s'", articles);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	while (getline(&line, &cap, pipe) > 0) {
		json_t *article = json_loads(line, 0, NULL), *text = json_object_get(article, "text");

		assert_true(json_is_string(text));
		collect(analyzer, (struct str) { json_string_value(text), json_string_length(text) }, tree);
		json_decref(article);
		n++;
	}
	free(line);
	assert_int_equal(pclose(pipe), 0);
	assert_int_equal(n, ARTICLES);
}

static const struct word *
one_word(struct analyzer *analyzer, struct str text)
{
	const struct token *tokens;
	size_t n;

	assert_int_equal(analyzer_run(analyzer, text, 1, &tokens, &n, NULL), STATUS_OK);
	assert_int_equal(n, 1);
	return tokens[0].word;
}

static bool
is_found(struct survey *survey, const struct word *posted, const struct word *query, enum accents accents)
{
	const struct str *stems;
	size_t n;

	assert_int_equal(analyzer_query_stems(survey->queries, query, accents, &stems, &n), STATUS_OK);
	for (size_t i = 0; i < n; i++) {
		for (uint32_t j = 0; j < posted->n_stems; j++) {
			if (str_eq(stems[i], posted->stems[j]))
				return true;
		}
	}
	return false;
}

static size_t
folded_stem(struct survey *survey, struct str word, char out[LIMIT_WORD_BYTES])
{
	struct str stem;

	assert_int_equal(stemmer_stem(survey->stemmer, word, &stem), STATUS_OK);
	return analyzer_fold(stem, out, LIMIT_WORD_BYTES);
}

/* The word in capitals, in `out`; not `ß` and what else has none. */
static struct str
capitals(struct str word, char *out)
{
	size_t len = 0;

	for (size_t off = 0; off < word.len;)
		len +=
		    utf8_encode((uint32_t)utf8proc_toupper((utf8proc_int32_t)utf8_next(word, &off, NULL)), out + len);
	return (struct str) { out, len };
}

/* Whether the form, posted as the text has it, is found when typed as `typed`. */
static bool
is_found_as(struct survey *survey, const struct word *posted, struct str typed, enum accents accents)
{
	return is_found(survey, posted, one_word(survey->queries, typed), accents);
}

static void
look_up(const void *node, VISIT visit, void *context)
{
	struct survey *survey = context;
	const char *form = *(const char *const *)node;
	char a[LIMIT_WORD_BYTES], b[LIMIT_WORD_BYTES], upper[4 * LIMIT_WORD_BYTES], *nfd;
	const struct word *posted;
	size_t a_len, b_len;

	if (visit != postorder && visit != leaf)
		return;
	nfd = (char *)utf8proc_NFD((const utf8proc_uint8_t *)form);
	assert_non_null(nfd);
	posted = one_word(survey->texts, str_of(form));
	a_len = folded_stem(survey, posted->lower, a);
	b_len = folded_stem(survey, posted->folded, b);
	survey->n_forms++;
	survey->n_late_folded += str_eq((struct str) { a, a_len }, (struct str) { b, b_len });
	survey->n_typed += is_found_as(survey, posted, posted->folded, ACCENTS_TYPED);
	survey->n_loose += is_found_as(survey, posted, posted->folded, ACCENTS_LOOSE);
	survey->n_capitals += is_found_as(survey, posted, capitals(posted->folded, upper), ACCENTS_TYPED);
	survey->n_accented_capitals += is_found_as(survey, posted, capitals(posted->lower, upper), ACCENTS_TYPED);
	survey->n_decomposed += is_found_as(survey, posted, str_of(nfd), ACCENTS_TYPED);
	posted = one_word(survey->texts, posted->folded);
	survey->n_text_typed += is_found_as(survey, posted, str_of(form), ACCENTS_TYPED);
	survey->n_text_loose += is_found_as(survey, posted, str_of(form), ACCENTS_LOOSE);
	free(nfd);
}

static void
report(const char *what, size_t n, size_t all)
{
	print_message("%-40s %7zu  %6.2f %%\n", what, n, 100.0 * (double)n / (double)all);
}

static void
skip_without(const char *path)
{
	if (access(path, R_OK) == 0 && system("command -v zstd >/dev/null") == 0)
		return;
	print_message("skipped: no %s, or no zstd\n", path);
	is_skipped = true;
	skip();
}

static void
begin_survey(struct survey *survey)
{
	assert_int_equal(analyzer_new(&survey->texts, NULL), STATUS_OK);
	assert_int_equal(analyzer_new(&survey->queries, NULL), STATUS_OK);
	assert_int_equal(stemmer_new(&survey->stemmer), STATUS_OK);
}

/* Looks all forms of the tree up, tells what was found and frees all. */
static void
finish_survey(struct survey *survey, void *tree)
{
	twalk_r(tree, look_up, survey);
	report("accented forms", survey->n_forms, survey->n_forms);
	report("without accents", survey->n_typed, survey->n_forms);
	report("without accents, accents: loose", survey->n_loose, survey->n_forms);
	report("in capitals without accents", survey->n_capitals, survey->n_forms);
	report("in capitals with accents", survey->n_accented_capitals, survey->n_forms);
	report("decomposed (NFD)", survey->n_decomposed, survey->n_forms);
	report("text without accents", survey->n_text_typed, survey->n_forms);
	report("text without accents, accents: loose", survey->n_text_loose, survey->n_forms);
	report("if folded after stemming", survey->n_late_folded, survey->n_forms);
	tdestroy(tree, free);
	stemmer_free(survey->stemmer);
	analyzer_free(survey->queries);
	analyzer_free(survey->texts);
}

static void
check_goals(const struct survey *survey)
{
	assert_true(survey->n_typed * 100 >= survey->n_forms * 98);
	assert_true(survey->n_capitals * 100 >= survey->n_forms * 98);
	assert_true(survey->n_text_typed * 100 >= survey->n_forms * 98);
	assert_int_equal(survey->n_loose, survey->n_forms);
	assert_int_equal(survey->n_text_loose, survey->n_forms);
	assert_int_equal(survey->n_accented_capitals, survey->n_forms);
	assert_int_equal(survey->n_decomposed, survey->n_forms);
}

static void
test_articles(void **state)
{
	struct survey survey = { 0 };
	void *tree = NULL;

	(void)state;
	skip_without(articles);
	begin_survey(&survey);
	collect_articles(survey.texts, &tree);
	finish_survey(&survey, tree);
	assert_true(survey.n_forms > 10000);
	check_goals(&survey);
}

static void
test_snowball_vocabulary(void **state)
{
	struct survey survey = { 0 };
	void *tree = NULL;
	char *line = NULL;
	size_t cap = 0;
	FILE *file;

	(void)state;
	skip_without(vocabulary);
	begin_survey(&survey);
	file = fopen(vocabulary, "r");
	assert_non_null(file);
	while (getline(&line, &cap, file) > 0)
		collect(survey.texts, (struct str) { line, strcspn(line, "\t") }, &tree);
	free(line);
	(void)fclose(file);
	finish_survey(&survey, tree);
	assert_true(survey.n_forms > 5000);
	check_goals(&survey);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_articles),
		cmocka_unit_test(test_snowball_vocabulary),
	};

	if (cmocka_run_group_tests_name("analysis of a vocabulary", tests, NULL, NULL) != 0)
		return 1;
	return is_skipped ? EXIT_SKIPPED : 0;
}
