/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The modules behind the analyzer that have a contract of their own: lexicon, stem, fold, version.
 */
#include "stemmer/analyzer.h"

#include <stdio.h>

#include "stemmer/lexicon.h"
#include "stemmer/normalize.h"
#include "stemmer/overrides.h"
#include "stemmer/stem.h"
#include "tests/base/cmocka_first.h"

static struct str
form_str(const struct lexicon_form *form)
{
	return (struct str) { form->bytes, form->len };
}

static void
test_lexicon_finds(void **state)
{
	struct lexicon_form forms[LEXICON_FORMS_MAX];

	(void)state;
	assert_int_equal(lexicon_find(STR("armee"), forms), 1);
	assert_str(form_str(&forms[0]), "armée");
	assert_int_equal(lexicon_find(STR("cotes"), forms), 4);
	assert_str(form_str(&forms[0]), "cotes");
	assert_str(form_str(&forms[1]), "cotés");
	assert_str(form_str(&forms[2]), "côtes");
	assert_str(form_str(&forms[3]), "côtés");
	assert_int_equal(lexicon_find(STR("desinstitutionnaliseraient"), forms), 1);
	assert_str(form_str(&forms[0]), "désinstitutionnaliseraient");
	assert_int_equal(lexicon_find(STR("a"), forms), 2);
	assert_int_equal(lexicon_find(STR("coeur"), forms), 1);
}

static void
test_lexicon_finds_not(void **state)
{
	static const char *const words[] = { "", " ", "0", "alep", "armeee", "armée", "zzzzzz", "\xFF\xFF",
		"aujourd'hui", "quelquun", "cessez-le-feu",
		"anticonstitutionnellementanticonstitutionnellementanticonstitution" };
	struct lexicon_form forms[LEXICON_FORMS_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		assert_int_equal(lexicon_find(str_of(words[i]), forms), 0);
}

/* Every key is found, in order, and folds to itself from each of its forms. */
static void
test_lexicon_is_whole(void **state)
{
	char before[LEXICON_FORM_BYTES];
	size_t before_len = 0, n_forms = 0;

	(void)state;
	assert_true(lexicon_n_keys() > 300000);
	for (uint32_t i = 0; i < lexicon_n_keys(); i++) {
		struct lexicon_form forms[LEXICON_FORMS_MAX];
		char key[LEXICON_FORM_BYTES];
		struct str folded = { key, lexicon_key(i, key) };
		size_t n = lexicon_find(folded, forms);

		assert_true(n > 0);
		assert_true(i == 0 || str_cmp((struct str) { before, before_len }, folded) < 0);
		for (size_t j = 0; j < n; j++) {
			char again[LEXICON_FORM_BYTES];
			size_t len = analyzer_fold(form_str(&forms[j]), again, sizeof(again));

			assert_true(len != SIZE_MAX && str_eq((struct str) { again, len }, folded));
		}
		n_forms += n;
		memcpy(before, key, folded.len);
		before_len = folded.len;
	}
	assert_int_equal(n_forms, lexicon_n_forms());
}

static void
test_stem(void **state)
{
	static const char *const pairs[][2] = { { "continuellement", "continuel" }, { "armée", "armé" },
		{ "chevaux", "cheval" }, { "l", "l" }, { "", "" } };
	struct stemmer *stemmer = NULL;

	(void)state;
	assert_int_equal(stemmer_new(&stemmer), STATUS_OK);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct str stem;

		assert_int_equal(stemmer_stem(stemmer, str_of(pairs[i][0]), &stem), STATUS_OK);
		assert_true(str_eq(stem, str_of(pairs[i][1])));
	}
	stemmer_free(stemmer);
	stemmer_free(NULL);
}

static void
test_fold(void **state)
{
	static const char *const pairs[][2] = { { "États", "etats" }, { "E\xCC\x81TATS", "etats" },
		{ "ŒUVRE", "oeuvre" }, { "aujourd’h", "aujourd'h" }, { "Cessez‑le", "cessez-le" }, { "Łó", "lo" },
		{ "Straß", "strass" }, { "", "" }, { "COVID-19", "covid-19" } };
	char out[64];

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		size_t len = analyzer_fold(str_of(pairs[i][0]), out, sizeof(out));

		assert_int_equal(len, strlen(pairs[i][1]));
		assert_memory_equal(out, pairs[i][1], len);
	}
	assert_int_equal(analyzer_fold(STR("États"), out, 5), 5);
	assert_int_equal(analyzer_fold(STR("États"), out, 4), SIZE_MAX);
	assert_int_equal(analyzer_fold(STR("\xC3"), out, sizeof(out)), SIZE_MAX);
	assert_int_equal(
	    analyzer_fold(STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), out, sizeof(out)),
	    SIZE_MAX);
}

static void
test_version(void **state)
{
	unsigned rules, stemmer, lexicon, tables;
	int end = 0;

	(void)state;
	assert_int_equal(sscanf(analyzer_version(), "analysis=%u libstemmer=%8x lexicon=%8x tables=%8x%n", &rules,
			     &stemmer, &lexicon, &tables, &end),
	    4);
	assert_int_equal(strlen(analyzer_version()), (size_t)end);
	assert_int_equal(rules, 2);
	assert_int_equal(lexicon, lexicon_hash());
	assert_int_equal(tables, override_hash());
	assert_ptr_equal(analyzer_version(), analyzer_version());
}

/* How much more a query word would find with accents: loose. */
static void
test_count_kin(void **state)
{
	static const struct {
		const char *word;
		enum accents accents;
		size_t n;
	} rows[] = { { "marche", ACCENTS_TYPED, 1 }, { "marche", ACCENTS_LOOSE, 0 }, { "armee", ACCENTS_TYPED, 0 },
		{ "armee", ACCENTS_STRICT, 1 }, { "cote", ACCENTS_TYPED, 2 }, { "Alep", ACCENTS_TYPED, 0 },
		{ "300", ACCENTS_TYPED, 0 } };
	struct analyzer *analyzer = NULL;

	(void)state;
	assert_int_equal(analyzer_new(&analyzer, NULL), STATUS_OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct token *tokens;
		size_t n, n_kin = 99;

		assert_int_equal(analyzer_run(analyzer, str_of(rows[i].word), 1, &tokens, &n, NULL), STATUS_OK);
		assert_int_equal(analyzer_count_kin(analyzer, tokens[0].word, rows[i].accents, &n_kin), STATUS_OK);
		assert_int_equal(n_kin, rows[i].n);
	}
	analyzer_free(analyzer);
}

/* Each row of the tables is what the analysis makes of the word. */
static void
test_tables_apply(void **state)
{
	struct analyzer *analyzer = NULL;
	struct str key, value;
	const struct token *tokens;
	size_t n, count;

	(void)state;
	assert_int_equal(analyzer_new(&analyzer, NULL), STATUS_OK);
	for (n = 0; override_stem_row(n, &key, &value); n++) {
		assert_int_equal(analyzer_run(analyzer, key, 1, &tokens, &count, NULL), STATUS_OK);
		assert_int_equal(count, 1);
		assert_int_equal(tokens[0].word->n_stems, 1);
		assert_true(str_eq(tokens[0].word->stems[0], value));
	}
	assert_true(n > 4000);
	for (n = 0; override_split_row(n, &key, &value); n++) {
		assert_int_equal(analyzer_run(analyzer, key, 1, &tokens, &count, NULL), STATUS_OK);
		assert_int_equal(count, 2);
		assert_true(str_eq(tokens[0].word->folded, value) && str_eq(tokens[0].word->whole, key));
		assert_ptr_equal(tokens[0].word->rest, tokens[1].word);
		assert_int_equal(tokens[0].len + tokens[1].len, key.len);
	}
	assert_true(n > 800);
	analyzer_free(analyzer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lexicon_finds),
		cmocka_unit_test(test_lexicon_finds_not),
		cmocka_unit_test(test_lexicon_is_whole),
		cmocka_unit_test(test_stem),
		cmocka_unit_test(test_fold),
		cmocka_unit_test(test_count_kin),
		cmocka_unit_test(test_tables_apply),
		cmocka_unit_test(test_version),
	};

	return cmocka_run_group_tests_name("analysis modules", tests, NULL, NULL);
}
