/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions to a small index: what is found, how it is counted, ordered, paged, shown and refused. */
#include "tests/search/corpus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"

#define S(text)                        \
	{                              \
		text, sizeof(text) - 1 \
	}
#define D(i, t, body, d, s)                                                              \
	{                                                                                \
		.id = S(i), .title = S(t), .text = S(body), .date = S(d), .source = S(s) \
	}

static const struct store_document articles[] = {
	D("treve", "Trêve à Alep",
	    "Le matin est calme. L’armée et les rebelles d’Alep ont signé un cessez-le-feu, dit l'ONU. "
	    "Un convoi de trente camions attend à la frontière depuis l'aube, et personne ne sait quand il passera. "
	    "Les habitants sortent.",
	    "2016-12-13", "AFP"),
	D("loin", "Le marché",
	    "Alep est loin d'ici. On y vend un deux trois quatre cinq six sept huit neuf dix onze douze fruits. "
	    "Le cessez-le-feu tient ailleurs.",
	    "2016-11-02", "Le Quotidien du Nord"),
	D("rebelle", "Une femme rebelle", "La rebelle rit. Sa sœur publie un livre d'images.", "2017-01-05", "AFP"),
	D("deux", "Deux fois", "Alep, Alep.", "", ""),
	D("titre", "Alep en titre", "Rien que des mots.", "2016-12-31", "Agence du Sud"),
	D("etats", "États-Unis", "Les États-Unis comptent 300 000 soldats. Les Etats-Unis se retirent.", "2016-12-01",
	    "Le Quotidien du Nord"),
};

/* Words of another language are found as they are written, and all that is shown agrees. */
static void
test_other_languages(void **state)
{
	struct store_document documents[] = { doc("en", "Soldiers leave",
						  "Four soldiers left. A rebel café is near Alep, as the rebels say."),
		doc("fr", "Les rebelles", "Le rebelle est près d'un café d'Alep.") };
	static const struct {
		const char *query, *ids;
	} cases[] = { { "rebelles", "fr" }, { "soldiers", "en" }, { "soldier", "" }, { "left", "en" }, { "lefts", "" },
		{ "rebels", "en fr" }, { "=rebel", "en" }, { "rebel*", "en fr" }, { "cafe", "en fr" },
		{ "\"four soldiers\"", "en" }, { "soldiers NEAR cafe", "en" }, { "soldiers SENT left", "en" },
		{ "soldiers SENT alep", "" }, { "titre:soldiers", "en" }, { "titre:soldier", "" },
		{ "titre:rebelle", "fr" }, { "café NEAR Alep", "en fr" }, { "=rebel NEAR =alep", "en" },
		{ "(rebel* NEAR alep) SENT cafe", "en fr" }, { "soldiers>=2", "en" }, { "soldiers>=3", "" } };
	struct corpus corpus;
	struct search_result result;

	documents[0].language = STR("en");
	documents[1].language = STR("fr");
	corpus = corpus_open(*state, documents, 2);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_string_equal(ids_of(&corpus, cases[i].query, false), cases[i].ids);
		assert_string_equal(ids_of(&corpus, cases[i].query, true), cases[i].ids);
	}
	result = ask_text(&corpus, "soldiers NEAR cafe");
	assert_int_equal(result.n_hits, 1);
	assert_string_equal(shown(&result.hits[0].passages[0]),
	    "Four [soldiers] left. A rebel [café] is near Alep, as the rebels say.");
	assert_int_equal(result.suggestions.n, 0);
	assert_true(str_eq(result.hits[0].document.language, STR("en")));
	corpus_close(&corpus);
}

static struct corpus
open_articles(void **state)
{
	return corpus_open(*state, articles, sizeof(articles) / sizeof(articles[0]));
}

static const struct {
	const char *q;
	const char *ids;
} answers[] = {
	{ "cessez-le-feu NEAR Alep", "treve" },
	{ "cessez-le-feu NEAR/19 Alep", "treve" },
	{ "cessez-le-feu NEAR/20 Alep", "loin treve" },
	{ "Alep NEAR Alep", "deux" },
	{ "Alep", "deux loin titre treve" },
	{ "alep alep", "deux loin titre treve" },
	{ "alep>=2", "deux treve" },
	{ "titre:alep", "titre treve" },
	{ "titre:=alep", "titre treve" },
	{ "titre:ale*", "titre treve" },
	{ "ale*", "deux loin titre treve" },
	{ "rebelle", "rebelle treve" },
	{ "=rebelle", "rebelle" },
	{ "=rebelles NEAR/1 alep", "treve" },
	{ "rebel* NEAR/1 alep", "treve" },
	{ "zzzz*", "" },
	{ "zzzz* NEAR alep", "" },
	{ "\"zzzz* alep\"", "" },
	{ "(zzzz* OR treve) NEAR alep", "treve" },
	{ "NEAR/5(alep, treve, \"zzzz* rebelle\")", "" },
	{ "source:afp", "rebelle treve" },
	{ "source:\"Le Quotidien du Nord\"", "etats loin" },
	{ "source:nord alep", "loin" },
	{ "date:2016", "etats loin titre treve" },
	{ "date:2016-12", "etats titre treve" },
	{ "date:2016-12-13..", "rebelle titre treve" },
	{ "date:..2016-11", "loin" },
	{ "alep date:2016-12-01..2016-12-13", "treve" },
	{ "alep NOT source:afp", "deux loin titre" },
	{ "alep NOT convoi", "deux loin titre" },
	{ "alep NOT (cessez-le-feu NEAR rebelle)", "deux loin titre" },
	/* beside what must be checked, a source and a date are asked of each document */
	{ "source:sud OR (cessez-le-feu NEAR (alep OR \"un convoi\"))", "titre treve" },
	{ "(alep OR \"les rebelles\") NEAR/20 cessez-le-feu NOT source:afp", "loin" },
	{ "(alep OR \"les rebelles\") NEAR/20 cessez-le-feu NOT date:2016-11", "treve" },
	{ "(source:nord OR date:2017) AND (images SENT livre OR \"on y vend\")", "loin rebelle" },
	{ "armée SENT cessez-le-feu", "treve" },
	{ "calme SENT cessez-le-feu", "" },
	{ "calme PARA cessez-le-feu", "treve" },
	{ "calme DEBUT/4", "treve" },
	{ "armée DEBUT/4", "" },
	{ "alep NOT NEAR/3 rebelle", "deux loin titre treve" },
	{ "rebelle NOT NEAR/3 alep", "rebelle" },
	{ "\"un * de trente\"", "treve" },
	{ "\"signé cessez\"~1", "treve" },
	{ "alep^3 OR fruits", "deux loin titre treve" },
	{ "ETATS-UNIS", "etats" },
	{ "300.000", "etats" },
	/* nothing is near across the border of title and body */
	{ "titre NEAR/50 rien", "" },
	{ "fois NEAR/50 alep", "" },
};

static void
test_answers(void **state)
{
	struct corpus corpus = open_articles(state);

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		const char *ids = ids_of(&corpus, answers[i].q, false);

		if (strcmp(ids, answers[i].ids) != 0)
			fail_msg("%s finds [%s], not [%s]", answers[i].q, ids, answers[i].ids);
		ids = ids_of(&corpus, answers[i].q, true);
		if (strcmp(ids, answers[i].ids) != 0)
			fail_msg("%s finds [%s] when all is checked, not [%s]", answers[i].q, ids, answers[i].ids);
	}
	corpus_close(&corpus);
}

/* A query with names, and the one that says the same without the table. */
static const struct {
	const char *q;
	const char *same;
} named[] = {
	{ "trêve", "trêve OR \"cessez le feu\"" },
	{ "trêve NEAR/19 alep", "(trêve OR \"cessez le feu\") NEAR/19 alep" },
	{ "trêve NEAR/20 alep", "(trêve OR \"cessez le feu\") NEAR/20 alep" },
	{ "\"une trêve\"", "\"une trêve\" OR \"une cessez le feu\"" },
	{ "\"un cessez le feu\"", "\"un cessez le feu\" OR \"un trêve\"" },
	{ "=trêve", "=trêve" },
	{ "titre:trêve", "titre:(trêve OR \"cessez le feu\")" },
	{ "alep NOT trêve", "alep NOT (trêve OR \"cessez le feu\")" },
	{ "USA", "usa OR \"états unis\"" },
	{ "\"les USA\" SENT soldats", "(\"les usa\" OR \"les états unis\") SENT soldats" },
	{ "USA>=2", "(usa OR \"états unis\")>=2" },
	{ "\"les USA comptent\"~1", "\"les usa comptent\"~1 OR \"les états unis comptent\"~1" },
	{ "ONU DEBUT/20", "(onu OR \"nations unies\") FIRST/20" },
};

static void
test_variants(void **state)
{
	struct corpus corpus = open_articles(state);
	struct variants *variants;
	struct search_result result;
	char *expected;

	assert_int_equal(variants_new(&variants, NULL), STATUS_OK);
	assert_int_equal(variants_add(variants, corpus.analyzer,
			     STR("trêve, cessez-le-feu\nUSA, États-Unis\nONU, Nations unies, OTAN"), "names", NULL),
	    STATUS_OK);
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
		corpus.variants = NULL;
		expected = strdup(ids_of(&corpus, named[i].same, false));
		assert_non_null(expected);
		corpus.variants = variants;
		if (strcmp(ids_of(&corpus, named[i].q, false), expected) != 0)
			fail_msg("%s finds [%s], not [%s]", named[i].q, ids_of(&corpus, named[i].q, false), expected);
		assert_string_equal(ids_of(&corpus, named[i].q, true), expected);
		free(expected);
	}
	result = ask_text(&corpus, "USA NEAR soldats");
	assert_true(str_eq(result.understood, STR("usa NEAR/10 soldats")));
	assert_int_equal(result.expansions.n, 1);
	assert_true(str_eq(result.expansions.v[0].from, STR("USA")));
	assert_true(str_eq(result.expansions.v[0].to[0], STR("États-Unis")));
	assert_int_equal(result.n_hits, 1);
	assert_string_equal(shown(&result.hits[0].passages[0]),
	    "Les [États-Unis] comptent 300 000 [soldats]. Les [Etats-Unis] se retirent.");
	variants_free(variants);
	corpus_close(&corpus);
}

static void
test_any_mode(void **state)
{
	struct corpus corpus = open_articles(state);
	const struct search_params params = { .q = STR("fruits convoi"), .any = true, .limit = 10 };
	struct search_result result = ask(&corpus, &params);

	assert_int_equal(result.n_hits, 2);
	assert_true(str_eq(result.understood, STR("fruits OR convoi")));
	corpus_close(&corpus);
}

static void
test_counts(void **state)
{
	struct corpus corpus = open_articles(state);
	struct search_params params = { .q = STR("alep"), .limit = 0, .exact_total = true };
	struct search_result result = ask(&corpus, &params);

	assert_int_equal(result.total, 4);
	assert_int_equal(result.relation, SEARCH_TOTAL_EXACT);
	assert_int_equal(result.n_hits, 0);
	params.q = STR("(alep OR \"les rebelles\") NEAR/20 cessez-le-feu");
	result = ask(&corpus, &params);
	assert_int_equal(result.total, 2);
	corpus_close(&corpus);
}

static void
test_passages(void **state)
{
	struct corpus corpus = open_articles(state);
	struct search_result result = ask_text(&corpus, "cessez-le-feu NEAR Alep");

	assert_int_equal(result.n_hits, 1);
	assert_int_equal(result.hits[0].n_passages, 1);
	assert_string_equal(shown(&result.hits[0].passages[0]),
	    "… L’armée et les rebelles d’[Alep] ont signé un [cessez-le-feu], dit l'ONU. …");
	assert_true(result.hits[0].has_distance);
	assert_int_equal(result.hits[0].distance, 3);
	/* An AND is shown where both words are, before places that hold one of them. */
	result = ask_text(&corpus, "convoi passera");
	assert_string_equal(shown(&result.hits[0].passages[0]),
	    "… Un [convoi] de trente camions attend à la frontière depuis l'aube, et personne ne sait quand il "
	    "[passera]. …");
	assert_false(result.hits[0].has_distance);
	/* The title is a place like any other. */
	result = ask_text(&corpus, "titre:=alep");
	for (uint32_t i = 0; i < result.n_hits; i++)
		assert_int_equal(result.hits[i].passages[0].zone, SEARCH_TITLE);
	corpus_close(&corpus);
}

static void
test_matches(void **state)
{
	struct corpus corpus = open_articles(state);
	struct search_result result = ask_text(&corpus, "cessez-le-feu NEAR Alep");
	const struct search_match *match = &result.hits[0].matches[0];
	const char *text = articles[0].text.p;

	assert_int_equal(result.hits[0].total_matches, 1);
	assert_int_equal(result.hits[0].n_matches, 1);
	assert_int_equal(match->n_spans, 4);
	assert_memory_equal(text + match->spans[0].off, "Alep", 4);
	assert_memory_equal(text + match->spans[1].off, "cessez", 6);
	assert_int_equal(match->spans[3].len, 3);
	assert_memory_equal(text + match->sentence.off, "armée et les rebelles", strlen("armée et les rebelles"));
	assert_memory_equal(text + match->sentence.off + match->sentence.len - 3, "ONU", 3);
	corpus_close(&corpus);
}

/* The number in letters, a for 0 to j for 9: different words for different numbers.  Static. */
static const char *
letters(int number)
{
	static char text[8];

	(void)snprintf(text, sizeof(text), "%03d", number);
	for (char *c = text; *c != '\0'; c++)
		*c = (char)('a' + (*c - '0'));
	return text;
}

static void
test_a_long_match_is_cut(void **state)
{
	char text[8192] = "Alep";
	struct store_document document = doc("long", "", text);
	struct corpus corpus;
	struct search_result result;

	for (int i = 0; i < 300; i++)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), " mot%s", letters(i));
	(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), " fin suite mot.collé,ici");
	document.text = str_of(text);
	corpus = corpus_open(*state, &document, 1);
	result = ask_text(&corpus, "alep PARA fin");
	assert_int_equal(result.n_hits, 1);
	assert_true(result.hits[0].passages[0].cut_after);
	assert_true(strstr(shown(&result.hits[0].passages[0]), "motaga") != NULL);
	assert_true(strstr(shown(&result.hits[0].passages[0]), "motaja") == NULL);
	result = ask_text(&corpus, "motbfa");
	assert_true(strncmp(shown(&result.hits[0].passages[0]), "… motbdi ", strlen("… motbdi ")) == 0);
	corpus_close(&corpus);
}

static void
test_order(void **state)
{
	struct corpus corpus = open_articles(state);
	struct search_params params = { .q = STR("alep"), .limit = 10, .sort = SEARCH_SORT_DATE };
	struct search_result result = ask(&corpus, &params);

	assert_int_equal(result.n_hits, 4);
	assert_true(str_eq(result.hits[0].document.id, STR("titre")));
	assert_true(str_eq(result.hits[1].document.id, STR("treve")));
	assert_true(str_eq(result.hits[3].document.id, STR("deux")));
	params = (struct search_params) {
		.q = STR("cessez-le-feu NEAR/20 alep"), .limit = 10, .sort = SEARCH_SORT_CLOSENESS, .passages = 1
	};
	result = ask(&corpus, &params);
	assert_int_equal(result.n_hits, 2);
	assert_int_equal(result.hits[0].distance, 3);
	assert_int_equal(result.hits[1].distance, 20);
	assert_int_equal(result.hits[1].n_passages, 1);
	params.offset = 1;
	params.ids_only = true;
	result = ask(&corpus, &params);
	assert_int_equal(result.n_hits, 1);
	assert_true(str_eq(result.hits[0].document.id, STR("loin")));
	params.offset = 5;
	assert_int_equal(ask(&corpus, &params).n_hits, 0);
	/* A boost moves a clause up. */
	params = (struct search_params) { .q = STR("fruits^9 OR rebelle OR convoi OR armée"), .limit = 1 };
	assert_true(str_eq(ask(&corpus, &params).hits[0].document.id, STR("loin")));
	corpus_close(&corpus);
}

static void
test_refusals(void **state)
{
	struct corpus corpus = open_articles(state);
	struct search_params params = { .q = STR("alep"), .limit = LIMIT_HITS + 1 };

	(void)refuse(&corpus, &params, STATUS_LIMIT, "at most 100");
	params.ids_only = true;
	assert_int_equal(ask(&corpus, &params).n_hits, 4);
	params.limit = LIMIT_IDS + 1;
	(void)refuse(&corpus, &params, STATUS_LIMIT, "at most 1000");
	params = (struct search_params) { .q = STR("alep"), .limit = 1, .offset = LIMIT_WINDOW };
	(void)refuse(&corpus, &params, STATUS_LIMIT, "window");
	params.offset = UINT32_MAX;
	(void)refuse(&corpus, &params, STATUS_LIMIT, "window");
	params = (struct search_params) { .q = STR("alep NEAR"), .limit = 1 };
	assert_int_equal(refuse(&corpus, &params, STATUS_INVALID, "NEAR"), 5);
	params = (struct search_params) { .q = STR("alep OR \"un convoi\" NEAR armée"), .limit = 1, .deadline_ns = 1 };
	(void)refuse(&corpus, &params, STATUS_TIMEOUT, "");
	corpus_close(&corpus);
}

static void
test_cursors(void **state)
{
	struct corpus corpus = open_articles(state);
	struct search_params params = { .q = STR("alep"), .limit = 1, .all = true };
	static const char *const bad[] = { "x", "gen-000001", "gen-000001:", "gen-000001:x", "gen-000001:0",
		"gen-000001:99999999999", "gen-000001:4294967296", "gen-000001:1x", ":1" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct search_result result;
		enum status status;

		params.cursor = str_of(bad[i]);
		status = search_run(corpus.reader, corpus.analyzer, &params, corpus.arena, &result, NULL);
		if (status != STATUS_INVALID && status != STATUS_STALE)
			fail_msg("cursor %s: %s", bad[i], status_name(status));
	}
	params.cursor = STR("gen-000009:1");
	(void)refuse(&corpus, &params, STATUS_STALE, "rebuilt");
	corpus_close(&corpus);
}

/* Documents that hold `n` different words with one beginning. */
static void
test_prefix_limits(void **state)
{
	static char text[LIMIT_PREFIX_EXPANSION * 16];
	struct store_document documents[2] = { doc("many", "", ""), doc("more", "", "prefaxx prefayy") };
	struct corpus corpus;
	struct search_params params = { .q = STR("a OR prefa*"), .limit = 1 };

	for (int i = 0; i < LIMIT_PREFIX_EXPANSION - 2; i++)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "prefa%s ", letters(i));
	documents[0].text = str_of(text);
	corpus = corpus_open(*state, documents, 2);
	assert_string_equal(ids_of(&corpus, "prefa*", false), "many more");
	(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "prefazz");
	documents[0].text = str_of(text);
	corpus_close(&corpus);
	corpus = corpus_open(*state, documents, 2);
	assert_int_equal(refuse(&corpus, &params, STATUS_LIMIT, "prefix_expansion"), 5);
	corpus_close(&corpus);
}

static void
test_too_many_terms(void **state)
{
	static char text[8192];
	struct store_document document = doc("many", "", "");
	struct corpus corpus;
	struct search_params params = { .q = STR("prefa* prefb*"), .limit = 1 };

	for (int i = 0; i < 129; i++)
		(void)snprintf(
		    text + strlen(text), sizeof(text) - strlen(text), "prefa%s prefb%s ", letters(i), letters(i));
	document.text = str_of(text);
	corpus = corpus_open(*state, &document, 1);
	(void)refuse(&corpus, &params, STATUS_LIMIT, "query_terms");
	corpus_close(&corpus);
}

static void
test_explain(void **state)
{
	struct corpus corpus = open_articles(state);
	struct search_params params = { .q = STR("cessez-le-feu PRES Alep") };
	struct search_explanation explanation;
	struct fixture *fixture = *state;

	check_ok(fixture,
	    search_explain(corpus.reader, corpus.analyzer, &params, corpus.arena, &explanation, &fixture->error));
	assert_true(str_eq(explanation.understood, STR("\"cessez le feu\" NEAR/10 alep")));
	assert_false(explanation.exact);
	assert_true(explanation.cost > 0);
	/* One window for all words, wide enough for any match. */
	assert_non_null(strstr(explanation.xapian.p, "Zcess NEAR 14 Zle NEAR 14 Zfeu NEAR 14 Zalep"));
	params.q = STR("alep NEAR/3 feu");
	check_ok(fixture,
	    search_explain(corpus.reader, corpus.analyzer, &params, corpus.arena, &explanation, &fixture->error));
	assert_true(explanation.exact);
	assert_non_null(strstr(explanation.xapian.p, "NEAR 5"));
	params.q = STR("source:afp OR date:2016");
	check_ok(fixture,
	    search_explain(corpus.reader, corpus.analyzer, &params, corpus.arena, &explanation, &fixture->error));
	assert_int_equal(explanation.cost, 2 + 5);
	params.q = STR("(alep");
	assert_int_equal(
	    search_explain(corpus.reader, corpus.analyzer, &params, corpus.arena, &explanation, NULL), STATUS_INVALID);
	corpus_close(&corpus);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(function) cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)
		T(test_other_languages),
		T(test_answers),
		T(test_variants),
		T(test_any_mode),
		T(test_counts),
		T(test_passages),
		T(test_matches),
		T(test_a_long_match_is_cut),
		T(test_order),
		T(test_refusals),
		T(test_cursors),
		T(test_prefix_limits),
		T(test_too_many_terms),
		T(test_explain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
