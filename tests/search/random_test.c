/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Native plan against checked plan: random queries on random documents, run as planned and with every
 * document checked, must find the same documents.  VOISIN_TEST_SEED sets the seed.
 */
#include "tests/search/corpus.h"
#include "tests/search/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

enum { DOCUMENTS = 120, QUERIES = 1500, DEPTH = 3 };

/* The first page is full, or has all; and nothing is on it that is wrong, or twice. */
static void
check_first_page(struct corpus *corpus, const char *query, const char *all, uint32_t limit)
{
	char *page = strdup(ids_of_page(corpus, query, limit)), *rest = page;
	uint32_t n_all = 0, n = 0;
	const char *previous = "";

	assert_non_null(page);
	for (const char *id = all; *id != '\0'; id += strcspn(id, " "), id += *id == ' ')
		n_all++;
	for (char *id = strsep(&rest, " "); id != NULL && *id != '\0'; id = strsep(&rest, " ")) {
		if (strstr(all, id) == NULL || strcmp(id, previous) == 0)
			fail_msg("%s: %s is on the page of %u, all are [%s]", query, id, limit, all);
		previous = id;
		n++;
	}
	if (n != (n_all < limit ? n_all : limit))
		fail_msg("%s: %u hits on the page of %u, all are [%s]", query, n, limit, all);
	free(page);
}

static void
test_native_equals_checked(void **state)
{
	static char texts[DOCUMENTS][RANDOM_TEXT_BYTES], titles[DOCUMENTS][RANDOM_TEXT_BYTES], ids[DOCUMENTS][16];
	struct store_document documents[DOCUMENTS];
	struct variants *variants;
	struct corpus corpus;

	for (int i = 0; i < DOCUMENTS; i++) {
		(void)snprintf(ids[i], sizeof(ids[i]), "d%03d", i);
		random_text(titles[i], random_below(4));
		random_text(texts[i], 3 + random_below(25));
		documents[i] = doc(ids[i], titles[i], texts[i]);
		documents[i].language = i % 3 == 0 ? STR("en") : STR("");
		/* A title is one line. */
		for (char *c = titles[i]; *c != '\0'; c++)
			*c = *c == '\n' ? ' ' : *c;
	}
	corpus = corpus_open(*state, documents, DOCUMENTS);
	assert_int_equal(variants_new(&variants, NULL), STATUS_OK);
	assert_int_equal(variants_add(variants, corpus.analyzer, str_of(random_names), "names", NULL), STATUS_OK);
	for (int i = 0; i < QUERIES; i++) {
		char query[RANDOM_QUERY_BYTES] = "";
		char *native;

		random_query(query, DEPTH);
		corpus.variants = i % 2 == 0 ? variants : NULL;
		/* Scored too: what Xapian does with a query depends on its weights. */
		(void)ask_text(&corpus, query);
		native = strdup(ids_of(&corpus, query, false));
		assert_non_null(native);
		if (strcmp(native, ids_of(&corpus, query, true)) != 0)
			fail_msg("%s finds [%s] natively, not [%s]", query, native, ids_of(&corpus, query, true));
		if (strcmp(native, ids_of_page(&corpus, query, LIMIT_IDS)) != 0)
			fail_msg("%s finds [%s], but the best of it are [%s]", query, native,
			    ids_of_page(&corpus, query, LIMIT_IDS));
		check_first_page(&corpus, query, native, 1 + random_below(20));
		free(native);
	}
	variants_free(variants);
	corpus_close(&corpus);
}

/* Sets paragraphs aside by chance; in `blanked` they are blanks instead. */
static void
set_aside(char *text, char *blanked, char *spans, size_t size)
{
	size_t len = strlen(text), used = 0;

	memcpy(blanked, text, len + 1);
	spans[0] = '\0';
	for (size_t off = 0, end; off < len; off = end + strspn(text + end, "\n")) {
		const char *border = strstr(text + off, "\n\n");

		end = border != NULL ? (size_t)(border - text) : len;
		if (random_below(3) > 0)
			continue;
		used += (size_t)snprintf(spans + used, size - used, "%s%zu+%zu", used > 0 ? " " : "", off, end - off);
		memset(blanked + off, ' ', end - off);
	}
	/* Where nothing is left, nothing is set aside. */
	if (strspn(blanked, " \n") == len) {
		memcpy(blanked, text, len + 1);
		spans[0] = '\0';
	}
}

/*
 * Documents with paragraphs that are set aside answer as those do that have blanks there; and with the
 * paragraphs asked for, native and checked plans agree.
 */
static void
test_aside(void **state)
{
	static char texts[DOCUMENTS][RANDOM_TEXT_BYTES], blanked[DOCUMENTS][RANDOM_TEXT_BYTES],
	    spans[DOCUMENTS][RANDOM_TEXT_BYTES];
	static char ids[DOCUMENTS][16];
	struct store_document documents[DOCUMENTS];
	struct corpus corpus;
	char *plain[QUERIES], *queries[QUERIES];
	int n = QUERIES / 3;

	for (int i = 0; i < DOCUMENTS; i++) {
		(void)snprintf(ids[i], sizeof(ids[i]), "d%03d", i);
		random_text(texts[i], 3 + random_below(25));
		set_aside(texts[i], blanked[i], spans[i], RANDOM_TEXT_BYTES);
		documents[i] = doc(ids[i], "", blanked[i]);
	}
	corpus = corpus_open(*state, documents, DOCUMENTS);
	for (int i = 0; i < n; i++) {
		char query[RANDOM_QUERY_BYTES] = "";

		random_query(query, DEPTH);
		queries[i] = strdup(query);
		plain[i] = strdup(ids_of(&corpus, query, false));
		assert_true(queries[i] != NULL && plain[i] != NULL);
	}
	corpus_close(&corpus);
	for (int i = 0; i < DOCUMENTS; i++) {
		documents[i].text = str_of(texts[i]);
		documents[i].aside = str_of(spans[i]);
	}
	corpus = corpus_open(*state, documents, DOCUMENTS);
	for (int i = 0; i < n; i++) {
		char *native;

		corpus.boilerplate = false;
		for (int checked = 0; checked < 2; checked++) {
			if (strcmp(plain[i], ids_of(&corpus, queries[i], checked == 1)) != 0)
				fail_msg("%s finds [%s] with lines set aside, not [%s]", queries[i],
				    ids_of(&corpus, queries[i], checked == 1), plain[i]);
		}
		corpus.boilerplate = true;
		(void)ask_text(&corpus, queries[i]);
		native = strdup(ids_of(&corpus, queries[i], false));
		assert_non_null(native);
		if (strcmp(native, ids_of(&corpus, queries[i], true)) != 0)
			fail_msg("%s finds [%s] in all lines natively, not [%s]", queries[i], native,
			    ids_of(&corpus, queries[i], true));
		free(native);
		free(plain[i]);
		free(queries[i]);
	}
	corpus_close(&corpus);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_native_equals_checked, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_aside, fixture_setup, fixture_teardown),
	};
	const char *seed = getenv("VOISIN_TEST_SEED");

	uint64_t number = seed != NULL ? strtoull(seed, NULL, 10) : 20161213;

	random_seed(number);
	printf("seed %llu\n", (unsigned long long)number);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
