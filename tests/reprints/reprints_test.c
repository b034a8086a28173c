/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words, shingles, signatures and shared passages of texts: against the plain definitions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "reprints/passages.h"
#include "reprints/signature.h"

enum { TEXT_WORDS = 400, TEXT_BYTES = TEXT_WORDS * 8, PAIRS = 60, CHANCE = 1000 };

static struct word_list
words_of(struct str text)
{
	struct word_list words = { 0 };

	assert_int_equal(word_list_read(&words, text), STATUS_OK);
	return words;
}

static double
likeness_of(const char *a, const char *b)
{
	struct word_list words_a = words_of(str_of(a)), words_b = words_of(str_of(b));
	struct shingle_set set_a = { 0 }, set_b = { 0 };
	double likeness;

	assert_int_equal(shingle_set_fill(&set_a, &words_a), STATUS_OK);
	assert_int_equal(shingle_set_fill(&set_b, &words_b), STATUS_OK);
	likeness = shingle_sets_likeness(&set_a, &set_b);
	shingle_set_done(&set_a);
	shingle_set_done(&set_b);
	word_list_done(&words_a);
	word_list_done(&words_b);
	return likeness;
}

static const struct {
	const char *text;
	const char *words; /* where each begins and ends, joined by | */
} spans[] = {
	{ "", "" },
	{ "  ... ", "" },
	{ "L'armée d’Alep-Est", "L|armée|d|Alep|Est" },
	{ "snake_case, 300 000 €", "snake_case|300|000" },
	{ "cœur\xFF"
	  "brisé",
	    "cœur|brisé" },
	{ "e\xCC\x81te\xCC\x81", "e\xCC\x81te\xCC\x81" },
	{ "co\xC2\xADop", "co\xC2\xADop" },
	{ "fin.", "fin" },
};

static void
test_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
		struct word_list words = words_of(str_of(spans[i].text));
		char joined[128] = "";
		size_t used = 0;

		for (size_t w = 0; w < words.n; w++)
			used += (size_t)snprintf(joined + used, sizeof(joined) - used, "%s%.*s", w > 0 ? "|" : "",
			    (int)(words.v[w].end - words.v[w].off), spans[i].text + words.v[w].off);
		assert_string_equal(joined, spans[i].words);
		word_list_done(&words);
	}
}

static const struct {
	const char *a, *b;
	bool same;
} spellings[] = {
	{ "ARMÉE", "armée", true },
	{ "ARMÉE", "armee", true },
	{ "e\xCC\x81te\xCC\x81", "été", true },
	{ "cœur", "COEUR", true },
	{ "Ætius", "aetius", true },
	{ "coup", "coups", false },
	{ "ab", "ba", false },
	{ "Ж", "Д", false },
};

static void
test_spellings(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		struct word_list a = words_of(str_of(spellings[i].a)), b = words_of(str_of(spellings[i].b));

		assert_int_equal(a.n, 1);
		assert_int_equal(b.n, 1);
		assert_int_equal(a.v[0].hash == b.v[0].hash, spellings[i].same);
		word_list_done(&a);
		word_list_done(&b);
	}
}

static const struct {
	const char *a, *b;
	unsigned shared, all; /* shingles, counted by hand */
} likenesses[] = {
	{ "un deux trois quatre", "UN, DEUX ; TROIS : QUATRE !", 2, 2 },
	{ "un deux trois quatre", "un deux trois cinq", 1, 3 }, { "un deux trois", "trois deux un", 0, 2 },
	{ "a b c d e", "c d e f g", 1, 5 }, { "a b a b a b a b", "a b a", 1, 2 }, /* aba, bab */
	{ "un deux", "un deux", 0, 1 }, /* too short for a shingle */
};

static void
test_likeness(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(likenesses) / sizeof(likenesses[0]); i++) {
		double expected = (double)likenesses[i].shared / likenesses[i].all;

		assert_true(likeness_of(likenesses[i].a, likenesses[i].b) == expected);
		assert_true(likeness_of(likenesses[i].b, likenesses[i].a) == expected);
	}
}

/* ---- Signatures: chance, from a fixed seed ---- */

static uint64_t seed;

static unsigned
draw(unsigned below)
{
	seed += 0x9e3779b97f4a7c15u;
	return (unsigned)(hash_mix(seed) % below);
}

/* A text of TEXT_WORDS words of chance, and beside it one with some of them replaced. */
static void
make_pair(unsigned replaced_of_chance, char a[TEXT_BYTES], char b[TEXT_BYTES])
{
	size_t used_a = 0, used_b = 0;

	for (int i = 0; i < TEXT_WORDS; i++) {
		unsigned word = draw(90000), other = draw(CHANCE) < replaced_of_chance ? draw(90000) : word;

		used_a += (size_t)snprintf(a + used_a, TEXT_BYTES - used_a, "w%u ", word);
		used_b += (size_t)snprintf(b + used_b, TEXT_BYTES - used_b, "w%u ", other);
	}
}

static bool
have_common_band(const struct signature *a, const struct signature *b)
{
	for (unsigned band = 0; band < SIGNATURE_BANDS; band++) {
		if (signature_band(a, band) == signature_band(b, band))
			return true;
	}
	return false;
}

struct tally {
	double error; /* of the estimates, summed */
	unsigned n, common;
};

/* Adds PAIRS pairs of texts in which so many of CHANCE words differ. */
static void
tally_pairs(unsigned replaced_of_chance, double from, double to, struct tally *tally)
{
	char a[TEXT_BYTES], b[TEXT_BYTES];

	for (int i = 0; i < PAIRS; i++) {
		struct signature of_a, of_b;
		struct word_list words_a, words_b;
		double likeness;

		make_pair(replaced_of_chance, a, b);
		likeness = likeness_of(a, b);
		words_a = words_of(str_of(a));
		words_b = words_of(str_of(b));
		assert_true(signature_of(&words_a, &of_a) && signature_of(&words_b, &of_b));
		word_list_done(&words_a);
		word_list_done(&words_b);
		if (likeness < from || likeness > to)
			continue;
		tally->n++;
		tally->error += signature_likeness(&of_a, &of_b) - likeness;
		tally->common += have_common_band(&of_a, &of_b);
	}
}

/* Without bias: the mean of many estimates comes near; and the candidates are those that banding promises. */
static void
test_estimates(void **state)
{
	static const struct {
		unsigned replaced;
		double from, to;
		double common_min, common_max; /* parts of the pairs */
	} rows[] = {
		{ 0, 1, 1, 1, 1 },
		{ 20, 0.8, 1, 1, 1 },
		{ 60, 0.6, 0.8, 0.97, 1 },
		{ 400, 0.05, 0.2, 0, 0.1 },
		{ 1000, 0, 0.02, 0, 0.02 },
	};

	(void)state;
	seed = 1;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct tally tally = { 0 };

		tally_pairs(rows[i].replaced, rows[i].from, rows[i].to, &tally);
		assert_true(tally.n > PAIRS / 3);
		assert_true(tally.error / tally.n < 0.04 && tally.error / tally.n > -0.04);
		assert_true(tally.common >= rows[i].common_min * tally.n);
		assert_true(tally.common <= rows[i].common_max * tally.n);
	}
}

static void
test_signature_bytes(void **state)
{
	struct word_list words = words_of(STR("le cessez-le-feu est entré en vigueur à Alep mardi"));
	struct word_list few = words_of(STR("le cessez-le-feu est entré en"));
	struct signature signature, again;
	char bytes[SIGNATURE_BYTES], one[SIGNATURE_BAND_DIGITS + 1], other[SIGNATURE_BAND_DIGITS + 1];

	(void)state;
	assert_false(signature_of(&few, &signature));
	assert_true(signature_of(&words, &signature));
	signature_write(&signature, bytes);
	assert_true(signature_read((struct str) { bytes, sizeof(bytes) }, &again));
	assert_memory_equal(&signature, &again, sizeof(signature));
	assert_false(signature_read((struct str) { bytes, sizeof(bytes) - 1 }, &again));
	assert_false(signature_read(STR(""), &again));
	signature_band_text(&signature, 0, one);
	signature_band_text(&signature, 1, other);
	assert_int_equal(strlen(one), SIGNATURE_BAND_DIGITS);
	assert_int_equal(
	    strspn(one, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"), SIGNATURE_BAND_DIGITS);
	assert_string_not_equal(one, other);
	word_list_done(&words);
	word_list_done(&few);
}

/* What is on the disk must not change by accident: an index made before would answer wrongly. */
static void
test_signature_is_kept(void **state)
{
	struct word_list words = words_of(STR("le cessez-le-feu est entré en vigueur à Alep mardi"));
	struct signature signature;
	char digits[SIGNATURE_BAND_DIGITS + 1];

	(void)state;
	assert_true(signature_of(&words, &signature));
	signature_band_text(&signature, 0, digits);
	assert_string_equal(digits, "N_Rao");
	signature_band_text(&signature, SIGNATURE_BANDS - 1, digits);
	assert_string_equal(digits, "7NBkx");
	word_list_done(&words);
}

/* ---- Passages ---- */

#define SIXTEEN "a1 a2 a3 a4 a5 a6 a7 a8 a9 b1 b2 b3 b4 b5 b6 b7"
#define TEN "k1 k2 k3 k4 k5 k6 k7 k8 k9 k0"

static const struct {
	const char *a, *b;
	const char *passages; /* "words:a-a_end/b-b_end" joined by blanks */
} shared[] = {
	{ SIXTEEN, SIXTEEN, "16:0-16/0-16" },
	{ "x y " SIXTEEN " z", "u " SIXTEEN, "16:2-18/1-17" },
	{ TEN, TEN, "" }, /* too short */
	{ TEN " x " SIXTEEN, TEN " y y " SIXTEEN, "26:0-27/0-28" }, /* one word, two words differ between */
	{ TEN " x x x x " SIXTEEN, TEN " " SIXTEEN, "16:14-30/10-26" }, /* four are too many */
	{ TEN " " SIXTEEN, SIXTEEN " " TEN, "16:10-26/0-16" }, /* the order differs */
	{ SIXTEEN, SIXTEEN " x x x x " SIXTEEN, "16:0-16/0-16" }, /* twice in b: once */
	{ "", SIXTEEN, "" },
	{ SIXTEEN, "", "" },
	{ "a1 a2 a3", "a1 a2 a3", "" },
};

static void
test_passages(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++) {
		struct word_list a = words_of(str_of(shared[i].a)), b = words_of(str_of(shared[i].b));
		struct passage_index index = { 0 };
		struct passage_list list = { 0 };
		char joined[256] = "";
		size_t used = 0;

		assert_int_equal(passage_index_fill(&index, &a), STATUS_OK);
		assert_int_equal(passage_list_find(&list, &index, &b), STATUS_OK);
		for (size_t p = 0; p < list.n; p++)
			used += (size_t)snprintf(joined + used, sizeof(joined) - used, "%s%zu:%zu-%zu/%zu-%zu",
			    p > 0 ? " " : "", list.v[p].words, list.v[p].a, list.v[p].a_end, list.v[p].b,
			    list.v[p].b_end);
		assert_string_equal(joined, shared[i].passages);
		passage_list_done(&list);
		passage_index_done(&index);
		word_list_done(&a);
		word_list_done(&b);
	}
}

/* One sentence a thousand times over must cost no more than its length. */
static void
test_monotony(void **state)
{
	enum { TIMES = 20000 };
	size_t len = sizeof(TEN), bytes = len * TIMES;
	char *text = malloc(bytes);
	struct word_list words;
	struct passage_index index = { 0 };
	struct passage_list list = { 0 };

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < TIMES; i++)
		memcpy(text + i * len, TEN " ", len);
	words = words_of((struct str) { text, bytes });
	assert_int_equal(words.n, 10 * TIMES);
	assert_int_equal(passage_index_fill(&index, &words), STATUS_OK);
	assert_int_equal(passage_list_find(&list, &index, &words), STATUS_OK);
	assert_int_equal(list.n, 1);
	assert_int_equal(list.v[0].words, words.n);
	passage_list_done(&list);
	passage_index_done(&index);
	word_list_done(&words);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_spellings),
		cmocka_unit_test(test_likeness),
		cmocka_unit_test(test_estimates),
		cmocka_unit_test(test_signature_bytes),
		cmocka_unit_test(test_signature_is_kept),
		cmocka_unit_test(test_passages),
		cmocka_unit_test(test_monotony),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
