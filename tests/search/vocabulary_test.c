/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of an index that has more of them than there is room for, read in slices. */
#include "tests/search/corpus.h"

#include <stdio.h>
#include <string.h>

#include "query/suggest/vocabulary.h"

enum { WORDS = 3000, SHARED = 500, TEXT_BYTES = 1 << 15, WORD_BYTES = 8 };

/* Four letters, another one for each number. */
static void
write_word(char out[WORD_BYTES], int i)
{
	(void)snprintf(out, WORD_BYTES, "b%c%c%c", 'a' + i / 26 / 26, 'a' + i / 26 % 26, 'a' + i % 26);
}

/* Each `step`-th of the words. */
static void
write_text(char *out, int step)
{
	size_t used = 0;

	for (int i = 0; i < WORDS; i += step) {
		char word[WORD_BYTES];

		write_word(word, i);
		used += (size_t)snprintf(out + used, TEXT_BYTES - used, "%s ", word);
	}
}

static struct corpus
open_many(void **state)
{
	static char all[TEXT_BYTES], some[TEXT_BYTES];
	struct store_document documents[2];

	write_text(all, 1);
	write_text(some, WORDS / SHARED);
	documents[0] = doc("all", "", all);
	documents[1] = doc("some", "", some);
	return corpus_open(*state, documents, 2);
}

/* The words that two documents hold are kept, and nothing that one alone holds. */
static void
test_full(void **state)
{
	struct corpus corpus = open_many(state);
	struct vocabulary *vocabulary;
	unsigned n_calls = 0;

	check_ok(corpus.fixture, vocabulary_new(&vocabulary, &corpus.fixture->error));
	while (vocabulary_n(vocabulary) == 0) {
		check_ok(corpus.fixture, vocabulary_refresh(vocabulary, corpus.reader, &corpus.fixture->error));
		n_calls++;
	}
	assert_true(n_calls > WORDS / 256);
	assert_int_equal(vocabulary_n(vocabulary), SHARED);
	for (int i = 0; i < WORDS; i++) {
		char word[WORD_BYTES];

		write_word(word, i);
		assert_int_equal(vocabulary_freq_of(vocabulary, str_of(word)), i % (WORDS / SHARED) == 0 ? 2 : 0);
	}
	for (uint32_t i = 1; i < vocabulary_n(vocabulary); i++)
		assert_true(str_cmp(vocabulary_word(vocabulary, i - 1), vocabulary_word(vocabulary, i)) < 0);
	vocabulary_free(vocabulary);
	corpus_close(&corpus);
}

/* Another state of the index half way: it is read from the start. */
static void
test_changed(void **state)
{
	const struct store_document other[] = { doc("other", "", "baaa bzzz et peu de mots") };
	struct corpus corpus = open_many(state);
	struct vocabulary *vocabulary;

	check_ok(corpus.fixture, vocabulary_new(&vocabulary, &corpus.fixture->error));
	check_ok(corpus.fixture, vocabulary_refresh(vocabulary, corpus.reader, &corpus.fixture->error));
	corpus_close(&corpus);
	corpus = corpus_open(*state, other, 1);
	check_ok(corpus.fixture, vocabulary_refresh(vocabulary, corpus.reader, &corpus.fixture->error));
	assert_int_equal(vocabulary_n(vocabulary), 6);
	assert_int_equal(vocabulary_freq_of(vocabulary, STR("baaa")), 1);
	assert_int_equal(vocabulary_freq_of(vocabulary, STR("baab")), 0);
	vocabulary_free(vocabulary);
	corpus_close(&corpus);
}

/* Given up half way. */
static void
test_half(void **state)
{
	struct corpus corpus = open_many(state);
	struct vocabulary *vocabulary;

	check_ok(corpus.fixture, vocabulary_new(&vocabulary, &corpus.fixture->error));
	check_ok(corpus.fixture, vocabulary_refresh(vocabulary, corpus.reader, &corpus.fixture->error));
	assert_int_equal(vocabulary_n(vocabulary), 0);
	vocabulary_free(vocabulary);
	corpus_close(&corpus);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_full, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_changed, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_half, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
