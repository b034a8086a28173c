/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How hits are shown and in which order: passages at the edges of texts, equals, and too many matches. */
#include "tests/search/corpus.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "query/language/parser.h"
#include "query/plan/check.h"

/* A document of 200,000 words, "de la de la ...", in sentences of 20 words where asked. */
static struct store_document
endless(const char *id, bool sentences)
{
	static char texts[2][200 * 1000 * 4];
	struct store_document document = doc(id, "", "");
	char *text = texts[sentences ? 1 : 0];
	size_t used = 0;

	for (unsigned i = 0; i < 100 * 1000; i++) {
		memcpy(text + used, "de la ", 6);
		used += 6;
		if (sentences && i % 10 == 9) {
			memcpy(text + used - 6, "De la. ", 7);
			used += 1;
		}
	}
	document.text = (struct str) { text, used };
	return document;
}

/* Too many matches to list them all: the page is shown all the same, with one match, and says so. */
static void
test_too_many_matches(void **state)
{
	struct store_document documents[] = { endless("endless", true),
		doc("short", "", "De la, de la; voici de la.") };
	struct corpus corpus = corpus_open(*state, documents, 2);
	struct search_params params = { .q = STR("(de NEAR/50 la) NEAR/50 (la NEAR/50 de)"), .limit = 10 };
	struct search_result result;

	params.passages = 2;
	params.matches = 5;
	for (int i = 0; i < 2; i++) {
		const struct search_hit *shorter, *longer;

		params.sort = i == 0 ? SEARCH_SORT_RELEVANCE : SEARCH_SORT_CLOSENESS;
		result = ask(&corpus, &params);
		assert_int_equal(result.n_hits, 2);
		shorter = &result.hits[str_eq(result.hits[0].document.id, STR("short")) ? 0 : 1];
		longer = &result.hits[shorter == result.hits ? 1 : 0];
		assert_true(longer->unlisted);
		assert_true(longer->has_distance);
		assert_int_equal(longer->n_matches, 1);
		assert_int_equal(longer->total_matches, 1);
		assert_int_equal(longer->matches[0].n_spans, 4);
		assert_int_equal(longer->n_passages, 1);
		assert_non_null(strstr(shown(&longer->passages[0]), "[de] [la]"));
		assert_false(shorter->unlisted);
		assert_true(shorter->total_matches > 5);
	}
	corpus_close(&corpus);
}

/* What is proved by one part of a query is shown by that part, where another is too costly to look for. */
static void
test_costly_part(void **state)
{
	struct store_document document = endless("endless", false);
	struct corpus corpus;
	struct search_result result;

	document.title = STR("Mot rare");
	corpus = corpus_open(*state, &document, 1);
	result = ask_text(&corpus, "rare OR (de PARA la PARA de)");
	assert_int_equal(result.n_hits, 1);
	assert_true(result.hits[0].unlisted);
	assert_false(result.hits[0].has_distance);
	assert_int_equal(result.hits[0].n_passages, 1);
	assert_string_equal(shown(&result.hits[0].passages[0]), "Mot [rare]");
	corpus_close(&corpus);
}

/* Asks for the first passage of the one hit. */
static const char *
passage_of(struct corpus *corpus, const char *q)
{
	struct search_result result = ask_text(corpus, q);

	assert_int_equal(result.n_hits, 1);
	assert_true(result.hits[0].n_passages > 0);
	return shown(&result.hits[0].passages[0]);
}

/* What clings to the first and the last word is kept where it is punctuation, in bounds. */
static void
test_edges(void **state)
{
	static const struct {
		const char *text;
		const char *q;
		const char *passage;
	} rows[] = {
		{ "Il dit :\t«cessez‑le‑feu»\r\nà Alep.", "cessez-le-feu NEAR alep",
		    "Il dit :\t«[cessez‑le‑feu]»\r\nà [Alep]." },
		{ "cessez‐le‐feu", "cessez-le-feu", "[cessez‐le‐feu]" },
		{ "cessez/le/feu", "\"cessez le feu\"", "[cessez]/[le]/[feu]" },
		{ "Un mot.\r(((\"Alep\"))). Fin.", "alep", "… (((\"[Alep]\"))). …" },
		{ "Un mot. ((((((((((((((((((((Alep)))))))))))))))))))) Fin.", "alep",
		    "… [Alep])))))))))))))))))))) Fin." },
		{ "............................Alep............................", "alep", "[Alep]" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct store_document document = doc("one", "", rows[i].text);
		struct corpus corpus = corpus_open(*state, &document, 1);

		assert_string_equal(passage_of(&corpus, rows[i].q), rows[i].passage);
		corpus_close(&corpus);
	}
}

/* Passages that show more of the query come first, then the closer, then the earlier; none shows a word twice. */
static void
test_order_of_passages(void **state)
{
	struct store_document document = doc("one", "",
	    "Un camion passe à Alep. La trêve tient. Le matin est calme. Le soir est froid. Le camion de la trêve "
	    "est là. Le soir est froid. Le matin est calme. Une trêve pour un seul camion. Il pleut sur Alep.");
	struct corpus corpus = corpus_open(*state, &document, 1);
	struct search_params params = { .q = STR("camion NEAR trêve"), .limit = 1, .passages = 9 };
	struct search_result result = ask(&corpus, &params);
	const struct search_hit *hit = &result.hits[0];

	assert_int_equal(hit->n_passages, 3);
	assert_string_equal(shown(&hit->passages[0]), "… Le [camion] de la [trêve] est là. …");
	assert_string_equal(shown(&hit->passages[1]), "… Une [trêve] pour un seul [camion]. …");
	assert_string_equal(shown(&hit->passages[2]), "Un [camion] passe à Alep. La [trêve] tient. …");
	params.q = STR("camion trêve alep");
	result = ask(&corpus, &params);
	hit = &result.hits[0];
	assert_string_equal(shown(&hit->passages[0]), "Un [camion] passe à [Alep]. …");
	params.q = STR("(camion NEAR/4 trêve) OR alep");
	result = ask(&corpus, &params);
	hit = &result.hits[0];
	assert_string_equal(shown(&hit->passages[0]), "Un [camion] passe à [Alep]. La [trêve] tient. …");
	assert_string_equal(shown(&hit->passages[1]), "… Il pleut sur [Alep].");
	assert_string_equal(shown(&hit->passages[2]), "… Le [camion] de la [trêve] est là. …");
	corpus_close(&corpus);
}

/* The ids in the order of the answer, joined; static. */
static const char *
order_of(struct corpus *corpus, const struct search_params *params)
{
	static char ids[256];
	struct search_result result = ask(corpus, params);

	ids[0] = '\0';
	for (uint32_t i = 0; i < result.n_hits; i++)
		(void)snprintf(
		    ids + strlen(ids), sizeof(ids) - strlen(ids), " %.*s", STR_FMT(result.hits[i].document.id));
	return ids;
}

/* Equal scores: the closer first; all equal: an order of the ids that does not hang on that of the index. */
static void
test_equals(void **state)
{
	struct store_document documents[] = { doc("a", "", "Trêve à Alep, un deux trois."),
		doc("b", "", "Trêve un deux trois à Alep."), doc("c", "", "Trêve à Alep, un deux trois."),
		doc("d", "", "Trêve un deux à Alep, trois."), doc("e", "", "Fruits, trêve, Alep, Alep, Alep.") };
	struct search_params params = { .q = STR("(trêve NEAR alep) OR fruits"), .limit = 9 };
	char forward[256];
	struct corpus corpus = corpus_open(*state, documents, 4);

	params.q = STR("trêve NEAR alep");
	(void)snprintf(forward, sizeof(forward), "%s", order_of(&corpus, &params));
	assert_string_equal(forward + 4, " d b");
	params.sort = SEARCH_SORT_CLOSENESS;
	assert_string_equal(order_of(&corpus, &params), forward);
	corpus_close(&corpus);
	documents[0].id = STR("c");
	documents[2].id = STR("a");
	corpus = corpus_open(*state, documents, 4);
	assert_string_equal(order_of(&corpus, &params), forward);
	params.sort = SEARCH_SORT_RELEVANCE;
	assert_string_equal(order_of(&corpus, &params), forward);
	corpus_close(&corpus);
}

/* A hit of one word has no distance, and stands behind those that have one. */
static void
test_no_distance(void **state)
{
	struct store_document documents[] = { doc("near", "", "Trêve un deux trois à Alep."),
		doc("word", "", "Fruits, un deux trois à Alep."), doc("other", "", "Fruits, un deux trois à Alep.") };
	struct corpus corpus = corpus_open(*state, documents, 3);
	struct search_params params = { .q = STR("(trêve NEAR alep) OR fruits^100"), .limit = 9 };
	struct search_result result = ask(&corpus, &params);

	assert_int_equal(result.n_hits, 3);
	assert_false(result.hits[0].has_distance);
	assert_true(result.hits[2].has_distance);
	params.sort = SEARCH_SORT_CLOSENESS;
	result = ask(&corpus, &params);
	assert_true(result.hits[0].has_distance);
	assert_false(result.hits[1].has_distance);
	assert_false(result.hits[2].has_distance);
	/* A walk has the order of the index, whatever else is asked for. */
	params.all = true;
	assert_string_equal(order_of(&corpus, &params), " near word other");
	params.limit = 0;
	assert_int_equal(ask(&corpus, &params).cursor.len, 0);
	corpus_close(&corpus);
}

/* A word typed without accents stands for several; where these are posted at one place, it is one place. */
static void
test_several_stems(void **state)
{
	struct store_document documents[] = { doc("typed", "", "UN ELEVE RIT. IL EST ELEVE PAR SA MERE."),
		doc("accents", "", "Un élève rit. Il est élevé par sa mère.") };
	struct corpus corpus = corpus_open(*state, documents, 2);

	assert_string_equal(ids_of(&corpus, "eleve NEAR/3 (rit NEAR est)", false), "accents typed");
	assert_string_equal(ids_of(&corpus, "eleve NEAR/3 (rit NEAR eleve)", false), "accents typed");
	assert_string_equal(ids_of(&corpus, "eleve NEAR/0 (rit NEAR/0 eleve)", false), "");
	assert_string_equal(ids_of(&corpus, "(eleve NEAR/9 eleve) NEAR rit", false), "accents typed");
	assert_string_equal(ids_of(&corpus, "(eleve NEAR/9 eleve NEAR eleve) NEAR rit", false), "");
	corpus_close(&corpus);
}

/* Facts of whole documents alone, and names too long to be in the index. */
static void
test_facts_alone(void **state)
{
	static char q[LIMIT_QUERY_BYTES];
	struct store_document document = doc("one", "", "Un mot.");
	struct search_params params = { .limit = 1 };
	struct corpus corpus;

	document.date = STR("2016-12-13");
	document.source = STR("AFP");
	corpus = corpus_open(*state, &document, 1);
	assert_string_equal(ids_of(&corpus, "source:afp date:2016", false), "one");
	assert_string_equal(ids_of(&corpus, "source:afp date:2017", false), "");
	assert_string_equal(ids_of(&corpus, "source:afp NOT date:2017", false), "one");
	(void)snprintf(q, sizeof(q), "source:\"mot");
	while (strlen(q) < 300)
		(void)snprintf(q + strlen(q), sizeof(q) - strlen(q), " mot");
	(void)snprintf(q + strlen(q), sizeof(q) - strlen(q), "\"");
	params.q = str_of(q);
	(void)refuse(&corpus, &params, STATUS_LIMIT, "term_bytes");
	corpus_close(&corpus);
}

/* Prefixes and a name that are too many terms together: the prefixes stay, the name is left as it was typed. */
static void
test_too_many_terms_of_names(void **state)
{
	static char text[8192];
	struct store_document document = doc("one", "", "");
	struct search_params params = { .q = STR("prefa* prefb* (onu OR prefa*)"), .limit = 1 };
	struct search_result result;
	struct variants *variants;
	struct corpus corpus;

	for (unsigned i = 0; i < 85; i++) {
		const char c = (char)('a' + i % 26), d = (char)('a' + i / 26);

		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "prefa%c%c prefb%c%c ", c, d, c, d);
	}
	(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "onu");
	document.text = str_of(text);
	corpus = corpus_open(*state, &document, 1);
	assert_int_equal(variants_new(&variants, NULL), STATUS_OK);
	assert_int_equal(variants_add(variants, corpus.analyzer, STR("ONU, Nations unies"), "names", NULL), STATUS_OK);
	params.variants = variants;
	result = ask(&corpus, &params);
	assert_int_equal(result.n_hits, 1);
	assert_int_equal(result.expansions.n, 1);
	assert_int_equal(result.expansions.v[0].n_to, 0);
	params.q = STR("prefa* (onu OR prefb*)");
	assert_int_equal(ask(&corpus, &params).expansions.v[0].n_to, 1);
	variants_free(variants);
	corpus_close(&corpus);
}

/* The check by itself: it looks at the clock now and then, and says why it stopped. */
static void
test_late_check(void **state)
{
	struct store_document document = doc("one", "", "Trêve à Alep, dit l'ONU.");
	struct corpus corpus = corpus_open(*state, &document, 1);
	struct fixture *fixture = *state;
	const struct parser_options options = { .any = false };
	const int64_t deadlines[] = { INT64_MAX, 1 };

	for (int i = 0; i < 2; i++) {
		struct query query;
		struct plan plan;
		struct check *check;
		struct error error;
		unsigned accepted = 0;

		check_ok(fixture, query_parse(corpus.arena, corpus.analyzer, STR("(trêve NEAR alep) SENT onu"),
				      &options, &query, &fixture->error));
		check_ok(
		    fixture, plan_build(&query, corpus.reader, corpus.analyzer, corpus.arena, &plan, &fixture->error));
		check_ok(fixture,
		    check_new(&plan, corpus.reader, corpus.analyzer, deadlines[i], false, &check, &fixture->error));
		while (accepted < 100 && check_decide(check, 1) == XC_ACCEPT)
			accepted++;
		assert_int_equal(check_accepted(check), accepted);
		assert_int_equal(check_failure(check, NULL), i == 0 ? STATUS_OK : STATUS_TIMEOUT);
		assert_int_equal(check_failure(check, &error), i == 0 ? STATUS_OK : STATUS_TIMEOUT);
		assert_true(i == 0 ? accepted == 100 : accepted < 100 && strstr(error.message, "too long") != NULL);
		check_free(check);
		plan_done(&plan);
	}
	corpus_close(&corpus);
}

/* What a query may cost, and the match itself looking at the clock. */
static void
test_late_match(void **state)
{
	static const struct {
		const char *q;
		uint64_t cost;
	} rows[] = {
		{ "alep", 2 },
		{ "alep trêve", 3 },
		{ "(alep NEAR trêve) SENT onu", 4 },
		{ "alep date:2016 source:afp", 4 },
		{ "absent", 0 },
	};
	struct store_document documents[] = { doc("un", "", "Trêve à Alep, dit l'ONU."), doc("deux", "", "Alep.") };
	const struct parser_options options = { .any = false };
	struct corpus corpus;
	struct fixture *fixture = *state;

	documents[0].date = STR("2016-12-07");
	documents[0].source = STR("AFP");
	corpus = corpus_open(*state, documents, 2);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct xc_enquire *enquire;
		struct xc_mset *mset;
		struct query query;
		struct plan plan;
		uint64_t cost;
		bool more;

		check_ok(fixture,
		    query_parse(corpus.arena, corpus.analyzer, str_of(rows[i].q), &options, &query, &fixture->error));
		check_ok(
		    fixture, plan_build(&query, corpus.reader, corpus.analyzer, corpus.arena, &plan, &fixture->error));
		check_ok(fixture, plan_find_candidates(&plan, true, 0, &fixture->error));
		check_ok(fixture, plan_cost(&plan, &cost, &fixture->error));
		assert_int_equal(cost, rows[i].cost);
		check_ok(fixture, plan_costs_more(&plan, cost, &more, &fixture->error));
		assert_false(more);
		check_ok(fixture, plan_costs_more(&plan, UINT64_MAX, &more, &fixture->error));
		assert_false(more);
		if (cost > 0)
			check_ok(fixture, plan_costs_more(&plan, cost - 1, &more, &fixture->error));
		assert_int_equal(more, cost > 0);
		check_ok(fixture, plan_limit_time(&plan, 1, &fixture->error));
		check_ok(fixture, xc_enquire_new(store_reader_database(corpus.reader), &enquire, &fixture->error));
		check_ok(fixture, xc_enquire_set_query(enquire, plan.candidates, 0, &fixture->error));
		check_refused(
		    fixture, xc_enquire_mset(enquire, 0, 10, 0, &mset, &fixture->error), STATUS_TIMEOUT, "deadline");
		xc_enquire_free(enquire);
		plan_done(&plan);
	}
	corpus_close(&corpus);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(function) cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)
		T(test_too_many_matches),
		T(test_costly_part),
		T(test_edges),
		T(test_order_of_passages),
		T(test_equals),
		T(test_no_distance),
		T(test_several_stems),
		T(test_facts_alone),
		T(test_too_many_terms_of_names),
		T(test_late_check),
		T(test_late_match),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
