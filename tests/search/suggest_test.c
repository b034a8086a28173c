/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is told beside an answer: corrections, completions, hints of accents. */
#include "tests/search/corpus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "query/suggest/correct.h"

enum { WORDS = 3000, TEXT_BYTES = 1 << 16 };

static const char *const texts[] = {
	"Le président de la République a parlé d'Alep et du cessez-le-feu. Le théâtre est fermé.",
	"Alep, la ville. Le président parle de la ville, de la pharmacie et de la ville.",
	"La ville d'Alep et sa pharmacie, son théâtre. Le roi côtoie la côte. ale",
	"Une ville, une pharmacie. alep alep",
	"Aujourd'hui la ville. On ment, et la tour tombe. Quel tourment.",
	"Ville, weekend. Latouru.",
	"Ville.",
};

enum { TEXTS = sizeof(texts) / sizeof(texts[0]) };

static struct corpus
open_texts(void **state)
{
	static struct store_document documents[TEXTS];
	static char ids[TEXTS][8];

	for (int i = 0; i < TEXTS; i++) {
		ids[i][0] = (char)('0' + i);
		documents[i] = doc(ids[i], "", texts[i]);
	}
	return corpus_open(*state, documents, TEXTS);
}

static struct vocabulary *
open_vocabulary(struct corpus *corpus)
{
	struct vocabulary *vocabulary;

	check_ok(corpus->fixture, vocabulary_new(&vocabulary, &corpus->fixture->error));
	check_ok(corpus->fixture, vocabulary_refresh(vocabulary, corpus->reader, &corpus->fixture->error));
	return vocabulary;
}

static void
test_vocabulary(void **state)
{
	struct corpus corpus = open_texts(state);
	struct vocabulary *vocabulary = open_vocabulary(&corpus);

	assert_true(vocabulary_n(vocabulary) > 15);
	for (uint32_t i = 1; i < vocabulary_n(vocabulary); i++) {
		struct str before = vocabulary_word(vocabulary, i - 1), word = vocabulary_word(vocabulary, i);
		uint32_t shared = vocabulary_shared(vocabulary, i);

		assert_true(str_cmp(before, word) < 0);
		assert_true(shared <= before.len && shared < word.len);
		assert_int_equal(memcmp(before.p, word.p, shared), 0);
		assert_true(shared == before.len || before.p[shared] != word.p[shared]);
		assert_int_equal(vocabulary_find(vocabulary, word), i);
	}
	assert_int_equal(vocabulary_freq_of(vocabulary, STR("alep")), 4);
	assert_int_equal(vocabulary_freq_of(vocabulary, STR("president")), 2);
	assert_int_equal(vocabulary_freq_of(vocabulary, STR("presiden")), 0);
	assert_int_equal(vocabulary_freq_of(vocabulary, STR("zzz")), 0);
	assert_int_equal(vocabulary_find(vocabulary, STR("zzz")), vocabulary_n(vocabulary));
	vocabulary_free(vocabulary);
	vocabulary_free(NULL);
	corpus_close(&corpus);
}

/* ---- The walk over the vocabulary against a plain count of edits ---- */

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static unsigned
count_edits(struct str a, struct str b)
{
	static unsigned rows[LIMIT_WORD_BYTES + 1][LIMIT_WORD_BYTES + 1];

	for (size_t i = 0; i <= a.len; i++) {
		for (size_t k = 0; k <= b.len; k++) {
			rows[i][k] = (unsigned)(i == 0 ? k : i);
			if (i == 0 || k == 0)
				continue;
			rows[i][k] = least(rows[i - 1][k] + 1, rows[i][k - 1] + 1);
			rows[i][k] = least(rows[i][k], rows[i - 1][k - 1] + (a.p[i - 1] != b.p[k - 1]));
			if (i > 1 && k > 1 && a.p[i - 1] == b.p[k - 2] && a.p[i - 2] == b.p[k - 1])
				rows[i][k] = least(rows[i][k], rows[i - 2][k - 2] + 1);
		}
	}
	return rows[a.len][b.len];
}

static void
random_word(char *out, unsigned letters)
{
	unsigned n = 1 + (unsigned)rand() % 9;

	for (unsigned i = 0; i < n; i++)
		out[i] = (char)('a' + rand() % (int)letters);
	out[n] = '\0';
}

static void
check_word(const struct vocabulary *vocabulary, struct str word)
{
	static struct candidate candidates[WORDS];
	uint32_t n = correct_word(vocabulary, word, candidates, WORDS), expected = 0;

	for (uint32_t i = 0; i < vocabulary_n(vocabulary); i++) {
		struct str other = vocabulary_word(vocabulary, i);
		unsigned edits = count_edits(word, other);
		bool found = false;

		for (uint32_t k = 0; k < n && !found; k++)
			found = str_eq(candidates[k].word, other);
		if (found != (word.len >= 3 && edits > 0 && edits <= (word.len < 5 ? 1 : 2)))
			fail_msg("%.*s, %.*s: %u edits, %s", STR_FMT(word), STR_FMT(other), edits,
			    found ? "found" : "not found");
		expected += found;
	}
	assert_int_equal(n, expected);
	for (uint32_t k = 1; k < n; k++)
		assert_true(candidates[k - 1].score >= candidates[k].score);
}

static void
test_every_candidate(void **state)
{
	static char text[TEXT_BYTES];
	struct store_document document;
	struct vocabulary *vocabulary;
	struct corpus corpus;
	size_t used = 0;
	char word[16];

	srand(20161213);
	for (int i = 0; i < WORDS; i++) {
		random_word(word, 3);
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s ", word);
	}
	document = doc("d", "", text);
	corpus = corpus_open(*state, &document, 1);
	vocabulary = open_vocabulary(&corpus);
	assert_true(vocabulary_n(vocabulary) > 500);
	for (int i = 0; i < 300; i++) {
		random_word(word, 4);
		check_word(vocabulary, str_of(word));
	}
	check_word(vocabulary, STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
	assert_int_equal(correct_word(vocabulary, STR(""), NULL, 0), 0);
	vocabulary_free(vocabulary);
	corpus_close(&corpus);
}

/* ---- Beside an answer ---- */

static const struct {
	const char *q;
	const char *suggestions; /* joined by " / " */
} asked[] = {
	{ "presidnet", "président" },
	{ "alpe", "alep / ale" },
	{ "alpe NEAR presidant", "alep NEAR président" },
	{ "\"le presidet\"", "\"le président\"" },
	{ "cesez-le-feu", "cessez-le-feu" },
	{ "l'alpe", "l'alep / l'ale" },
	{ "titre:(vile OR alep)", "" }, /* corrected, it would still find nothing */
	{ "=farmacie", "=pharmacie" },
	{ "(farmacie AND alep)^2", "(pharmacie AND alep)^2" },
	{ "zzzzzzzz", "" },
	{ "alpe*", "" },
	{ "alep", "" },
	{ "ville OR presidnet", "ville OR président" },
	{ "source:vile alep", "" },
	/* words typed as one */
	{ "cessezlefeu", "cessez-le-feu" },
	{ "cessezlefeu NEAR/50 alpe", "cessez-le-feu NEAR/50 alep" },
	{ "\"du cessezlefeu\"", "\"du cessez-le-feu\"" },
	{ "presidentdela", "président-de-la" },
	{ "=cessezlefeu", "" },
	{ "feualep", "" }, /* words of the index, but never side by side */
	{ "cessezlefeuduroiquicotoie", "" }, /* too many */
	{ "zzcessez", "cessez" },
	{ "laville", "la-ville" },
	{ "latour", "la-tour / latouru" },
	{ "\"ville théâtre\"", "" }, /* both too frequent to be slips */
	{ "presidnet 5612", "" },
	{ "abcdefghijklmnopqrstuvwxyzabcdefghijklmn bcdefghijklmnopqrstuvwxyzabcdefghijklmno", "" },
	/* one typed as two */
	{ "aujourd hui", "aujourd'hui" },
	{ "aujourd  hui la vile", "aujourd'hui la ville" },
	{ "(tour ment) ville", "" }, /* found as it is */
	{ "tour ment pharmacie", "" }, /* corrected, it would still find nothing */
	{ "\"tour ment\"", "\"tourment\"" },
	{ "phar macie", "pharmacie" },
	{ "phar OR macie", "" },
	{ "phar =macie", "" },
	{ "phar macie*", "" },
	{ "phar-macie", "" },
	{ "titre:phar macie", "" },
};

static void
test_queries(void **state)
{
	struct corpus corpus = open_texts(state);
	struct vocabulary *vocabulary;

	check_ok(corpus.fixture, vocabulary_new(&vocabulary, &corpus.fixture->error));
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		const struct search_params params = { .q = str_of(asked[i].q), .limit = 1, .vocabulary = vocabulary };
		struct search_result result = ask(&corpus, &params);
		char joined[512] = "";

		for (uint32_t k = 0; k < result.suggestions.n; k++) {
			size_t used = strlen(joined);

			(void)snprintf(joined + used, sizeof(joined) - used, "%s%.*s", k > 0 ? " / " : "",
			    STR_FMT(result.suggestions.v[k]));
		}
		if (strcmp(joined, asked[i].suggestions) != 0)
			fail_msg("%s: suggested are [%s], not [%s]", asked[i].q, joined, asked[i].suggestions);
	}
	vocabulary_free(vocabulary);
	corpus_close(&corpus);
}

/* A correction that makes the query longer than a query may be is none. */
static void
test_no_room(void **state)
{
	static char q[LIMIT_QUERY_BYTES + 1];
	struct corpus corpus = open_texts(state);
	struct vocabulary *vocabulary = open_vocabulary(&corpus);
	struct search_params params = { .q = { q, LIMIT_QUERY_BYTES }, .limit = 1, .vocabulary = vocabulary };

	(void)snprintf(q, sizeof(q), "%*s", LIMIT_QUERY_BYTES, "presidet");
	assert_int_equal(ask(&corpus, &params).suggestions.n, 0);
	params.q = (struct str) { q + 9, LIMIT_QUERY_BYTES - 9 };
	assert_int_equal(ask(&corpus, &params).suggestions.n, 1);
	vocabulary_free(vocabulary);
	corpus_close(&corpus);
}

/* A name that the table has is right, even where the index has it not. */
static void
test_names_are_right(void **state)
{
	struct corpus corpus = open_texts(state);
	struct vocabulary *vocabulary;
	struct variants *variants;
	struct search_params params = { .q = STR("Alap"), .limit = 1 };
	struct search_result result;

	check_ok(corpus.fixture, vocabulary_new(&vocabulary, &corpus.fixture->error));
	check_ok(corpus.fixture, variants_new(&variants, &corpus.fixture->error));
	check_ok(corpus.fixture,
	    variants_add(variants, corpus.analyzer, STR("Alap, Halab"), "names", &corpus.fixture->error));
	params.vocabulary = vocabulary;
	result = ask(&corpus, &params);
	assert_int_equal(result.suggestions.n, 1);
	params.variants = variants;
	result = ask(&corpus, &params);
	assert_int_equal(result.suggestions.n, 0);
	variants_free(variants);
	vocabulary_free(vocabulary);
	corpus_close(&corpus);
}

static void
test_hints(void **state)
{
	struct corpus corpus = open_texts(state);
	struct vocabulary *vocabulary;
	struct search_params params = { .q = STR("cote ville"), .limit = 1 };
	struct search_result result;

	check_ok(corpus.fixture, vocabulary_new(&vocabulary, &corpus.fixture->error));
	params.vocabulary = vocabulary;
	params.accents = ACCENTS_STRICT;
	result = ask(&corpus, &params);
	assert_int_equal(result.total, 0);
	assert_int_equal(result.hints.n, 1);
	params.q = STR("cote cote =cote ville date:2016");
	assert_int_equal(ask(&corpus, &params).hints.n, 1);
	params.q = STR("cote ville");
	result = ask(&corpus, &params);
	assert_true(str_eq(result.hints.v[0].word, STR("cote")));
	assert_int_equal(result.hints.v[0].n_loose, 1);
	assert_true(str_eq(result.hints.v[0].loose[0], STR("côte")));
	/* nothing was found, and with other accents something would be */
	assert_int_equal(result.suggestions.n, 1);
	assert_true(str_eq(result.suggestions.v[0], STR("côte ville")));
	params.accents = ACCENTS_LOOSE;
	result = ask(&corpus, &params);
	assert_int_equal(result.total, 1);
	assert_int_equal(result.hints.n, 0);
	vocabulary_free(vocabulary);
	corpus_close(&corpus);
}

/* ---- Completion ---- */

static const struct {
	const char *q;
	const char *texts; /* joined by " / "; those of corrections behind a "!" */
} typed[] = {
	{ "vil", "ville" },
	{ "al", "alep / ale" }, /* too short to be corrected */
	{ "ALE", "alep / ale" },
	{ "ville d'al", "ville d'alep / ville d'ale" },
	{ "(\"la vil", "(\"la ville" },
	{ "presi", "président" },
	{ "weekend", "weekend" },
	{ "weeken", "weekend / !weekend" },
	{ "week-end", "week-end" },
	{ "la\tvil", "la\tville" },
	{ "présidnet", "!président" },
	{ "ville pharmcie", "ville !pharmacie" },
	{ "ville ", "" },
	{ "ville!", "" },
	{ "", "" },
	{ "zzz", "" },
	{ "cessez-le-f", "cessez-le-ferme / cessez-le-feu" },
};

static void
join(char *out, size_t size, const struct suggest_completion *v, uint32_t n, bool corrections)
{
	for (uint32_t i = 0; i < n; i++) {
		size_t used = strlen(out), before = v[i].q.len - v[i].word.len;

		assert_true(v[i].documents > 0);
		(void)snprintf(out + used, size - used, "%s%.*s%s%.*s", used > 0 ? " / " : "", (int)before, v[i].q.p,
		    corrections ? "!" : "", STR_FMT(v[i].word));
	}
}

static void
test_completions(void **state)
{
	struct corpus corpus = open_texts(state);
	struct vocabulary *vocabulary;

	check_ok(corpus.fixture, vocabulary_new(&vocabulary, &corpus.fixture->error));
	for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
		const struct search_params params = { .q = str_of(typed[i].q), .limit = 2, .vocabulary = vocabulary };
		struct suggest_completions completions;
		char joined[512] = "";

		check_ok(corpus.fixture, search_suggest(corpus.reader, corpus.analyzer, &params, corpus.arena,
					     &completions, &corpus.fixture->error));
		join(joined, sizeof(joined), completions.v, completions.n, false);
		join(joined, sizeof(joined), completions.corrections, completions.n_corrections, true);
		if (strcmp(joined, typed[i].texts) != 0)
			fail_msg("%s: [%s], not [%s]", typed[i].q, joined, typed[i].texts);
	}
	vocabulary_free(vocabulary);
	corpus_close(&corpus);
}

static void
test_refused(void **state)
{
	struct corpus corpus = open_texts(state);
	struct vocabulary *vocabulary = open_vocabulary(&corpus);
	char longest[LIMIT_QUERY_BYTES + 1];
	struct search_params params = { .q = STR("ale\xff"), .limit = 2, .vocabulary = vocabulary };
	struct suggest_completions completions;

	check_refused(corpus.fixture,
	    search_suggest(corpus.reader, corpus.analyzer, &params, corpus.arena, &completions, &corpus.fixture->error),
	    STATUS_INVALID, "UTF-8");
	memset(longest, 'a', sizeof(longest));
	params.q = (struct str) { longest, sizeof(longest) };
	check_refused(corpus.fixture,
	    search_suggest(corpus.reader, corpus.analyzer, &params, corpus.arena, &completions, &corpus.fixture->error),
	    STATUS_LIMIT, "LIMIT_QUERY_BYTES");
	params.q.len = LIMIT_QUERY_BYTES;
	check_ok(corpus.fixture, search_suggest(corpus.reader, corpus.analyzer, &params, corpus.arena, &completions,
				     &corpus.fixture->error));
	vocabulary_free(vocabulary);
	corpus_close(&corpus);
}

int
main(void)
{
#define T(function) cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(test_vocabulary),
		T(test_every_candidate),
		T(test_queries),
		T(test_no_room),
		T(test_names_are_right),
		T(test_hints),
		T(test_completions),
		T(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
