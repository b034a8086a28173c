/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order of the best hits where one word is enough: forms, kin, closeness, common words, pages. */
#include "tests/search/corpus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "query/plan/closeness.h"
#include "query/plan/common_words.h"
#include "query/plan/kin.h"
#include "query/plan/rank.h"

enum { DOCUMENTS = 60, FILLERS = 12, TEXT_BYTES = 512 };

/* An index of the two texts, "a" and "b", and of others that make their words rare. */
static struct corpus
open_two(void **state, const char *a, const char *b)
{
	static char ids[FILLERS][16], texts[FILLERS][TEXT_BYTES];
	struct store_document documents[FILLERS + 2];

	for (int i = 0; i < FILLERS; i++) {
		(void)snprintf(ids[i], sizeof(ids[i]), "z%d", i);
		(void)snprintf(
		    texts[i], sizeof(texts[i]), "Le train de %d heures est à quai, et il pleut sur la gare.", i);
		documents[i] = doc(ids[i], "", texts[i]);
	}
	documents[FILLERS] = doc("a", "", a);
	documents[FILLERS + 1] = doc("b", "", b);
	return corpus_open(*state, documents, FILLERS + 2);
}

/* The id of the best hit of words of which one is enough. */
static const char *
best(struct corpus *corpus, const char *q)
{
	static char id[16];
	const struct search_params params = { .q = str_of(q), .any = true, .limit = 1, .ids_only = true };
	struct search_result result = ask(corpus, &params);

	assert_int_equal(result.n_hits, 1);
	(void)snprintf(id, sizeof(id), "%.*s", STR_FMT(result.hits[0].document.id));
	return id;
}

/* Each pair of texts has the same length and the same stems, and swapped ids, so that no tie decides. */
static void
expect(void **state, const char *better, const char *worse, const char *q)
{
	struct corpus corpus = open_two(state, better, worse);

	assert_string_equal(best(&corpus, q), "a");
	corpus_close(&corpus);
	corpus = open_two(state, worse, better);
	assert_string_equal(best(&corpus, q), "b");
	corpus_close(&corpus);
}

static void
test_form(void **state)
{
	expect(state, "Un rebelle attend dehors.", "Des rebelles attendent dehors.", "rebelle convoi");
	expect(state, "Des rebelles attendent dehors.", "Un rebelle attend dehors.", "rebelles convoi");
}

static void
test_kin(void **state)
{
	expect(state, "Le pont est beau. La construction dure.", "Le pont est beau. La partie est dure.",
	    "pont construire");
}

static void
test_closeness(void **state)
{
	expect(state, "Le convoi humanitaire attend depuis hier soir dehors.",
	    "Le convoi attend depuis hier soir dehors, humanitaire.", "convoi humanitaire");
}

static void
test_earliness(void **state)
{
	expect(state, "Le convoi attend sous la pluie depuis hier soir et personne ne sait pourquoi.",
	    "Personne ne sait pourquoi sous la pluie depuis hier soir attend et le convoi.", "convoi verrou");
}

/* The words of a title are its beginning, whatever it is worth to BM25. */
static void
test_title_is_early(void **state)
{
	const struct store_document documents[] = {
		doc("a", "Dehors", "La nuit tombe, et le convoi attend."),
		doc("b", "Le convoi", "La nuit tombe, et dehors attend."),
		doc("c", "La gare", "Il pleut, et le train attend à quai."),
	};
	struct corpus corpus = corpus_open(*state, documents, 3);

	assert_string_equal(best(&corpus, "convoi verrou"), "b");
	corpus_close(&corpus);
}

/* ---- Words that no document holds ---- */

/* More documents than rank.h puts in order, all better by the common words of the question. */
static struct corpus
open_peoples(void **state)
{
	static char ids[2 * RANK_WINDOW][16];
	struct store_document documents[2 * RANK_WINDOW];

	for (int i = 0; i < 2 * RANK_WINDOW; i++) {
		(void)snprintf(ids[i], sizeof(ids[i]), "d%d", i);
		documents[i] = doc(ids[i], "", "Qui sont les autres ? Les autres sont là.");
	}
	documents[7] = doc("x", "", "Les habitants du lac sont des pêcheurs, dit-on ici, et les Tofinus aussi.");
	documents[8] = doc("y", "", "Le lac gèle.");
	return corpus_open(*state, documents, 2 * RANK_WINDOW);
}

static void
test_absent(void **state)
{
	struct corpus corpus = open_peoples(state);

	assert_string_equal(best(&corpus, "qui sont les tofinu"), "x");
	assert_string_equal(best(&corpus, "qui sont les tofinu zzzzz"), "x");
	/* Kin do not match. */
	assert_string_equal(ids_of_page(&corpus, "tofinu", 10), "");
	assert_string_equal(ids_of_page(&corpus, "lac OR tofinu", 10), "x y");
	assert_string_equal(ids_of_page(&corpus, "gèle OR tofinu", 10), "y");
	assert_string_equal(ids_of_page(&corpus, "lac AND (tofinu OR gèle)", 10), "y");
	assert_string_equal(ids_of_page(&corpus, "lac NOT (pêcheurs OR tofinu)", 10), "y");
	assert_string_equal(ids_of_page(&corpus, "(lac OR tofinu) PARA gèle", 10), "y");
	corpus_close(&corpus);
}

/* More of them than are looked at are no fault. */
static void
test_many_absent(void **state)
{
	struct corpus corpus = open_two(state, "verrou constructeur", "verrou destructeur");
	char q[512] = "verrou";

	for (int i = 0; i < 20; i++)
		(void)snprintf(q + strlen(q), sizeof(q) - strlen(q), " construct%c%c", 'a' + i, 'a' + i);
	assert_string_equal(best(&corpus, q), "a");
	corpus_close(&corpus);
}

static void
test_common_words(void **state)
{
	/* Both hold one rare word of the query; one has most of its common words besides. */
	expect(state, "Convoi gris, convoi noir, verrou.", "Qui est dans leur camion avec verrou ?",
	    "qui est avec leur convoi dans");
	assert_true(common_words_has(STR("a")));
	assert_true(common_words_has(STR("y")));
	assert_true(common_words_has(STR("quelle")));
	assert_true(common_words_has(STR("etait")));
	assert_false(common_words_has(STR("alep")));
	assert_false(common_words_has(STR("zebre")));
	assert_false(common_words_has(STR("")));
}

static void
test_parts(void **state)
{
	/* Neither holds the hyphenated word; what they match by is "verrou". */
	expect(state, "Un grand porteur passe le verrou.", "Un petit vendeur passe le verrou.", "verrou gros-porteur");
}

/* Whatever the size of a page, the pages in a row are the one long list: equal scores may change places. */
static void
test_pages(void **state)
{
	static char ids[DOCUMENTS][16], texts[DOCUMENTS][TEXT_BYTES];
	struct store_document documents[DOCUMENTS];
	struct search_params params = {
		.q = STR("convoi humanitaire alep frontière"), .any = true, .limit = DOCUMENTS, .ids_only = true
	};
	double scores[DOCUMENTS];
	struct corpus corpus;

	for (int i = 0; i < DOCUMENTS; i++) {
		(void)snprintf(ids[i], sizeof(ids[i]), "d%d", i);
		(void)snprintf(texts[i], sizeof(texts[i]), "Alep%.*s %s%.*s humanitaire.", 5 * (i % 7),
		    " dort dort dort dort dort dort dort", i % 3 == 0 ? "convoi" : "frontière", 4 * (i % 11),
		    " oui oui oui oui oui oui oui oui oui oui oui oui");
		documents[i] = doc(ids[i], "", texts[i]);
	}
	corpus = corpus_open(*state, documents, DOCUMENTS);
	{
		struct search_result all = ask(&corpus, &params);

		assert_int_equal(all.n_hits, DOCUMENTS);
		for (uint32_t i = 0; i < DOCUMENTS; i++)
			scores[i] = all.hits[i].score;
		for (uint32_t i = 1; i < DOCUMENTS; i++)
			assert_true(scores[i - 1] >= scores[i]);
	}
	for (params.limit = 1; params.limit < 20; params.limit += 6) {
		bool seen[DOCUMENTS] = { false };
		uint32_t n = 0;

		for (params.offset = 0; params.offset < DOCUMENTS; params.offset += params.limit) {
			struct search_result page = ask(&corpus, &params);

			for (uint32_t i = 0; i < page.n_hits; i++) {
				assert_float_equal(page.hits[i].score, scores[n++], 1e-6);
				unsigned long number = strtoul(page.hits[i].document.id.p + 1, NULL, 10);

				assert_false(seen[number]);
				seen[number] = true;
			}
		}
		assert_int_equal(n, DOCUMENTS);
	}
	corpus_close(&corpus);
}

static void
test_find_kin(void **state)
{
	struct corpus corpus =
	    open_two(state, "constructif constructeur construire construite conserve", "cons 2016 2017");
	struct arena *arena;
	struct str kin[KIN_MAX];
	uint32_t n;

	assert_int_equal(arena_new(1 << 16, &arena), STATUS_OK);
	assert_int_equal(kin_find(corpus.reader, STR("construct"), arena, kin, &n, NULL), STATUS_OK);
	assert_int_not_equal(n, 0);
	for (uint32_t i = 0; i < n; i++) {
		assert_true(kin[i].len > 7 && memcmp(kin[i].p, "Zconstr", 7) == 0);
		assert_false(str_eq(kin[i], STR("Zconstruct")));
	}
	assert_int_equal(kin_find(corpus.reader, STR("con"), arena, kin, &n, NULL), STATUS_OK);
	assert_int_equal(n, 0);
	assert_int_equal(kin_find(corpus.reader, STR("2016"), arena, kin, &n, NULL), STATUS_OK);
	assert_int_equal(n, 0);
	arena_free(arena);
	corpus_close(&corpus);
}

static void
test_lend(void **state)
{
	/* Words 0 and 1 two apart; 1 and 2 eleven apart, out of reach; 2 beside itself. */
	const xc_termpos first[] = { 5 }, second[] = { 7 }, third[] = { 18, 19 };
	const double idf[] = { 3.0, 4.0, 5.0 };
	double lent[3];
	struct occurrences occurrences = { NULL, 0, 0 };

	(void)state;
	assert_int_equal(occurrences_add(&occurrences, third, 2, 2, NULL), STATUS_OK);
	assert_int_equal(occurrences_add(&occurrences, first, 1, 0, NULL), STATUS_OK);
	assert_int_equal(occurrences_add(&occurrences, second, 1, 1, NULL), STATUS_OK);
	closeness_lend(&occurrences, RANK_REACH, idf, lent, 3);
	assert_true(lent[0] > 1.99 && lent[0] < 2.01);
	assert_true(lent[1] > 1.49 && lent[1] < 1.51);
	assert_true(lent[2] < 0.01);
	occurrences_done(&occurrences);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_form, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_kin, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_closeness, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_earliness, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_title_is_early, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_absent, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_many_absent, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_common_words, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_parts, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_pages, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_find_kin, fixture_setup, fixture_teardown),
		cmocka_unit_test(test_lend),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
