/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every call that query/ makes fails once: the question is answered by a failure, nothing leaks, and the
 * next one is answered as before.
 */
#include "tests/search/corpus.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "tests/search/failing_calls.h"

#define T(text)                        \
	{                              \
		text, sizeof(text) - 1 \
	}

static const struct store_document documents[] = {
	{ .id = T("treve"),
	    .title = T("Trêve à Alep"),
	    .text =
		T("Le matin est calme. L’armée et les rebelles d’Alep ont signé un cessez-le-feu, dit l'ONU. Un convoi "
		  "de trente camions attend.\n\nLes habitants sortent d'Alep."),
	    .date = T("2016-12-13"),
	    .source = T("AFP") },
	{ .id = T("loin"),
	    .title = T("Le marché"),
	    .text = T("Alep est loin. On y vend des fruits. Le cessez-le-feu tient ailleurs."),
	    .date = T("2016-11-02"),
	    .source = T("Le Quotidien du Nord") },
	{ .id = T("kin"),
	    .title = T("Fruits"),
	    .text =
		T("Fruit, fruitier, fruiterie, fruitarien, fruiticulteur, fruitage, fruitaison, fruiticole, fruitlet."),
	    .date = T("2017-01-01"),
	    .source = T("AFP") },
	{ .id = T("trajet"),
	    .text = T("Le trajet du train de nuit est long, dit-on à la gare, et le café y est froid.") },
	{ .id = T("trajet2"),
	    .text = T("Le trajet du train de nuit est long, dit-on à la gare, et le café y est tiède.") },
	{ .id = T("trajet3"),
	    .text = T("Le trajet du train de nuit est long, dit-on à la gare, et le café, lui, froid.") },
	{ .id = T("sans"), .title = T("Sans date"), .text = T("Alep, Alep. Le rebelle d'Alep.") },
};

/* What a search and its answer are made of. */
static const struct search_params questions[] = {
	{ .q = T("alep"), .limit = 10, .passages = 2, .matches = 5 },
	{ .q = T("alep OR fruits^2"), .limit = 10, .any = true, .ids_only = true },
	{ .q = T("fruits alep convois"), .limit = 10, .any = true },
	{ .q = T("fruits OR fruitier OR fruitages"), .limit = 10 },
	{ .q = T("alep OR fruitables^2 OR fruitibles OR zzzzz OR cessez-lez-feux"),
	    .limit = 10,
	    .deadline_ns = INT64_MAX },
	{ .q = T("alpe rebele"), .limit = 10 },
	{ .q = T("convoidetrente habi tants alpe"), .limit = 10 },
	{ .q = T("cesez-le-feu NEAR allep publie"), .limit = 10, .accents = ACCENTS_TYPED },
	{ .q = T("alep fruits armée NEAR/1 trente"), .limit = 10 },
	{ .q = T("alep -convoi"), .limit = 10, .exact_total = true },
	{ .q = T("\"cessez le feu\"~2 titre:\"le marché\""), .limit = 10, .passages = 2 },
	{ .q = T("cessez-le-feu NEAR/30 Alep"), .limit = 10, .passages = 3, .matches = 5, .exact_total = true },
	{ .q = T("cessez-le-feu NEAR/30 Alep"), .limit = 2, .passages = 1, .sort = SEARCH_SORT_CLOSENESS },
	{ .q = T("alep"), .limit = 2, .sort = SEARCH_SORT_CLOSENESS, .ids_only = true },
	{ .q = T("alep source:afp"), .limit = 2, .sort = SEARCH_SORT_DATE },
	{ .q = T("alep NEAR alep"), .limit = 10, .deadline_ns = INT64_MAX },
	{ .q = T("(alep OR rebelles) ADJ/5 cessez"), .limit = 10, .deadline_ns = INT64_MAX, .force_check = true },
	{ .q = T("=rebelle NEAR/3 ale*"), .limit = 10, .passages = 1 },
	{ .q = T("habit* ADJ (alep NOT NEAR/3 convoi)"), .limit = 10 },
	{ .q = T("(armée SENT onu) PARA calme"), .limit = 10, .matches = 1 },
	{ .q = T("alep>=2 rebelle DEBUT/30"), .limit = 10 },
	{ .q = T("source:nord OR date:2016-12 OR (\"un convoi\" NEAR camions)"), .limit = 10 },
	{ .q = T("(date:2016.. OR source:afp) AND (\"un convoi\" NEAR camions) NOT date:..2015"), .limit = 10 },
	{ .q = T("\"convoi * trente\" OR \"a b\""), .limit = 10 },
	{ .q = T("(alep fruits) (marché loin)"), .limit = 10 },
	{ .q = T("(eleve NEAR/3 rit) NEAR alep"), .limit = 10 },
	{ .q = T("alep"), .limit = 1, .all = true, .exact_total = true },
	{ .q = T("trajet"), .limit = 10, .fold = true },
	{ .q = T("trajet NEAR train"), .limit = 10, .fold = true, .sort = SEARCH_SORT_CLOSENESS },
	{ .q = T("trajet"), .limit = 1, .all = true, .fold = true },
	{ .q = T("trajet"), .limit = 1, .all = true, .fold = true, .cursor = T("gen-000001:5") },
	{ .q = T("trajet"), .exact_total = true, .fold = true },
	{ .q = T("alep"), .limit = 1, .all = true, .cursor = T("gen-000001:2"), .passages = 1 },
};

enum { QUESTIONS = sizeof(questions) / sizeof(questions[0]) };

/* Names that many of the questions hold. */
static const char names[] =
    "Alep, Halep\nONU, Nations unies, machin\ncessez-le-feu, trêve\nle marché, la foire\nAlep, ONU";

static struct corpus
open_corpus(void **state, struct variants **ret_variants)
{
	struct corpus corpus = corpus_open(*state, documents, sizeof(documents) / sizeof(documents[0]));

	assert_int_equal(variants_new(ret_variants, NULL), STATUS_OK);
	assert_int_equal(variants_add(*ret_variants, corpus.analyzer, str_of(names), "names", NULL), STATUS_OK);
	return corpus;
}

/* What was found, as a text; static. */
static const char *
answer_of(const struct search_result *result)
{
	static char text[512];
	size_t used = (size_t)snprintf(text, sizeof(text), "%lu:", (unsigned long)result->total);

	for (uint32_t i = 0; i < result->n_hits; i++) {
		const struct search_hit *hit = &result->hits[i];

		used += (size_t)snprintf(text + used, sizeof(text) - used, " %.*s/%u/%u/%u", STR_FMT(hit->document.id),
		    hit->distance, hit->n_passages, hit->n_matches);
	}
	return text;
}

/* Asks with the n-th call failing; whether one did. */
static bool
ask_failing(struct corpus *corpus, const struct search_params *params, unsigned long n, enum status failure,
    struct search_result *ret_result)
{
	struct error error = { .code = STATUS_OK };
	enum status status;
	const char *failed;

	arena_reset(corpus->arena);
	failing_calls_arm(n, failure);
	status = search_run(corpus->reader, corpus->analyzer, params, corpus->arena, ret_result, &error);
	failed = failing_calls_disarm();
	if (failed != NULL && status != failure && status != STATUS_NOMEM)
		fail_msg("%.*s, call %lu of %s fails: %s", STR_FMT(params->q), n, failed, status_name(status));
	if (failed == NULL && status != STATUS_OK)
		fail_msg("%.*s: %s", STR_FMT(params->q), error.message);
	return failed != NULL;
}

static void
test_search(void **state)
{
	struct variants *variants;
	struct vocabulary *vocabulary;
	struct corpus corpus = open_corpus(state, &variants);
	unsigned long calls = 0;

	assert_int_equal(vocabulary_new(&vocabulary, NULL), STATUS_OK);
	assert_int_equal(vocabulary_refresh(vocabulary, corpus.reader, NULL), STATUS_OK);

	for (unsigned i = 0; i < QUESTIONS; i++) {
		struct search_params params = questions[i];
		char expected[512];
		struct search_result result;
		unsigned long n = 1;

		params.variants = variants;
		params.vocabulary = vocabulary;
		result = ask(&corpus, &params);
		(void)snprintf(expected, sizeof(expected), "%s", answer_of(&result));
		while (ask_failing(&corpus, &params, n, STATUS_IO, &result))
			n++;
		assert_string_equal(answer_of(&result), expected);
		calls += n - 1;
	}
	print_message("%u questions, %lu failures\n", QUESTIONS, calls);
	vocabulary_free(vocabulary);
	variants_free(variants);
	corpus_close(&corpus);
}

/* The same where the words of the index are not known yet. */
static void
test_first_words(void **state)
{
	static const char *const slips[] = { "alpe", "habi tants", "convoidetrente" };
	struct corpus corpus = corpus_open(*state, documents, sizeof(documents) / sizeof(documents[0]));

	for (unsigned i = 0; i < sizeof(slips) / sizeof(slips[0]); i++) {
		struct search_params params = { .q = str_of(slips[i]), .limit = 10 };
		struct search_result result;
		bool failed = true;

		for (unsigned long n = 1; failed; n++) {
			assert_int_equal(vocabulary_new(&params.vocabulary, NULL), STATUS_OK);
			failed = ask_failing(&corpus, &params, n, STATUS_IO, &result);
			vocabulary_free(params.vocabulary);
		}
		assert_int_equal(result.suggestions.n, 1);
	}
	corpus_close(&corpus);
}

static void
test_explain(void **state)
{
	struct variants *variants;
	struct corpus corpus = open_corpus(state, &variants);

	for (unsigned i = 0; i < QUESTIONS; i++) {
		struct search_params params = questions[i];
		const char *failed = "";

		params.variants = variants;

		for (unsigned long n = 1; failed != NULL; n++) {
			struct search_explanation explanation = { .cost = 0 };
			enum status status;

			arena_reset(corpus.arena);
			failing_calls_arm(n, STATUS_IO);
			status =
			    search_explain(corpus.reader, corpus.analyzer, &params, corpus.arena, &explanation, NULL);
			failed = failing_calls_disarm();
			if ((failed != NULL) != (status != STATUS_OK))
				fail_msg("%.*s, call %lu of %s fails: %s", STR_FMT(questions[i].q), n, failed,
				    status_name(status));
			assert_int_equal(failed != NULL, explanation.query == NULL);
		}
	}
	variants_free(variants);
	corpus_close(&corpus);
}

static void
test_suggest(void **state)
{
	static const char *const typed[] = { "alep NEAR fru", "alpe", "cesez-le-f", "O.N.", "zzzzz", "alep " };
	struct variants *variants;
	struct corpus corpus = open_corpus(state, &variants);

	for (unsigned i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
		struct search_params params = { .q = str_of(typed[i]), .variants = variants, .limit = 5 };
		const char *failed = "";

		for (unsigned long n = 1; failed != NULL; n++) {
			struct suggest_completions completions;
			enum status status;

			arena_reset(corpus.arena);
			assert_int_equal(vocabulary_new(&params.vocabulary, NULL), STATUS_OK);
			failing_calls_arm(n, STATUS_IO);
			status =
			    search_suggest(corpus.reader, corpus.analyzer, &params, corpus.arena, &completions, NULL);
			failed = failing_calls_disarm();
			vocabulary_free(params.vocabulary);
			if ((failed != NULL) != (status != STATUS_OK))
				fail_msg("%s, call %lu of %s fails: %s", typed[i], n, failed, status_name(status));
		}
	}
	variants_free(variants);
	corpus_close(&corpus);
}

/* A table of names is made whole or not at all. */
static void
test_variants(void **state)
{
	char text[4096] = "";
	struct analyzer *analyzer;
	const char *failed = "";

	(void)state;
	assert_int_equal(analyzer_new(&analyzer, NULL), STATUS_OK);
	for (unsigned i = 0; i < 150; i++)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "nom%c%c, autre%c%c\n", 'a' + i / 26,
		    'a' + i % 26, 'a' + i / 26, 'a' + i % 26);
	for (unsigned long n = 1; failed != NULL; n++) {
		struct variants *variants = NULL;
		enum status status;

		failing_calls_arm(n, STATUS_IO);
		status = variants_new(&variants, NULL);
		if (status == STATUS_OK)
			status = variants_add(variants, analyzer, str_of(text), "names", NULL);
		failed = failing_calls_disarm();
		assert_int_equal(failed != NULL, status != STATUS_OK);
		assert_true(failed != NULL || variants_n_groups(variants) == 150);
		variants_free(variants);
	}
	analyzer_free(analyzer);
}

/* A question runs again when the index changes under it, and three times more at most. */
static void
test_stale(void **state)
{
	struct corpus corpus = corpus_open(*state, documents, sizeof(documents) / sizeof(documents[0]));
	const struct search_params *params = &questions[0];
	unsigned n_hits = ask(&corpus, params).n_hits;

	for (unsigned n = 1; n <= 3; n++) {
		failing_calls_stale(n);
		assert_int_equal(ask(&corpus, params).n_hits, n_hits);
		assert_int_equal(failing_calls_stale_left(), 0);
	}
	failing_calls_stale(10);
	(void)refuse(&corpus, params, STATUS_STALE, "made to change");
	assert_int_equal(failing_calls_stale_left(), 6);
	failing_calls_stale(0);
	corpus_close(&corpus);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_search, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_first_words, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_explain, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_suggest, fixture_setup, fixture_teardown),
		cmocka_unit_test(test_variants),
		cmocka_unit_test_setup_teardown(test_stale, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
