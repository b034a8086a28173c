/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Native plan against checked plan: random queries on random documents, run as planned and with every
 * document checked, must find the same documents.  VOISIN_TEST_SEED sets the seed.
 */
#include "tests/search/corpus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

enum { DOCUMENTS = 120, QUERIES = 1500, TEXT_BYTES = 1024, QUERY_BYTES = 512, DEPTH = 3 };

static const char *const words[] = { "alep", "armée", "armee", "arme", "rebelle", "rebelles", "feu", "de", "la",
	"cessez-le-feu", "trêve", "treve", "publie", "publié", "l'armée", "Alep-Est" };
static const char *const marks[] = { " ", " ", " ", " ", ", ", ". ", ".\n\n" };

/* Names of one word, of two and of three, some of which are parts of others. */
static const char names[] = "alep, trêve, cessez-le-feu\n"
			    "rebelle, de la, feu\n"
			    "armée, la armée\n"
			    "publie, Alep-Est, arme\n";

static uint64_t state64;

static unsigned
below(unsigned n)
{
	/* xorshift64 (Marsaglia 2003) */
	state64 ^= state64 << 13;
	state64 ^= state64 >> 7;
	state64 ^= state64 << 17;
	return (unsigned)(state64 % n);
}

static const char *
word(void)
{
	return words[below(sizeof(words) / sizeof(words[0]))];
}

static void
add(char *out, size_t size, const char *text)
{
	size_t used = strlen(out);

	(void)snprintf(out + used, size - used, "%s", text);
}

static void
random_text(char *out, unsigned n)
{
	out[0] = '\0';
	for (unsigned i = 0; i < n; i++) {
		add(out, TEXT_BYTES, i == 0 ? "" : marks[below(sizeof(marks) / sizeof(marks[0]))]);
		add(out, TEXT_BYTES, word());
	}
}

static void operand(char *out, int depth);

static void
near(char *out, int depth)
{
	static const char *const operators[] = { "NEAR/0", "NEAR/2", "NEAR", "ADJ/1", "ADJ/5", "NOT NEAR/2", "SENT",
		"PARA" };

	add(out, QUERY_BYTES, "(");
	operand(out, depth - 1);
	add(out, QUERY_BYTES, " ");
	add(out, QUERY_BYTES, operators[below(sizeof(operators) / sizeof(operators[0]))]);
	add(out, QUERY_BYTES, " ");
	operand(out, depth - 1);
	add(out, QUERY_BYTES, ")");
}

static void
random_phrase(char *out)
{
	unsigned n = 2 + below(2);

	add(out, QUERY_BYTES, "\"");
	for (unsigned i = 0; i < n; i++) {
		add(out, QUERY_BYTES, i > 0 ? " " : "");
		add(out, QUERY_BYTES, word());
	}
	add(out, QUERY_BYTES, below(2) == 0 ? "\"" : "\"~1");
}

/* What may stand on a side of NEAR. */
static void
operand(char *out, int depth)
{
	switch (depth > 0 ? below(8) : below(5)) {
	case 0:
		add(out, QUERY_BYTES, "=");
		add(out, QUERY_BYTES, word());
		break;
	case 1: add(out, QUERY_BYTES, "\"de la\""); break;
	case 2: add(out, QUERY_BYTES, "\"la * feu\"~1"); break;
	case 3: random_phrase(out); break;
	case 4: add(out, QUERY_BYTES, word()); break;
	case 5:
		add(out, QUERY_BYTES, "(");
		operand(out, depth - 1);
		add(out, QUERY_BYTES, " OR ");
		operand(out, depth - 1);
		add(out, QUERY_BYTES, ")");
		break;
	default: near(out, depth); break;
	}
}

static void
clause(char *out, int depth)
{
	static const char *const joins[] = { " AND ", " OR ", " AND NOT " };

	if (depth == 0 || below(3) == 0) {
		operand(out, depth);
		return;
	}
	add(out, QUERY_BYTES, "(");
	clause(out, depth - 1);
	add(out, QUERY_BYTES, joins[below(3)]);
	clause(out, depth - 1);
	add(out, QUERY_BYTES, ")");
}

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
	static char texts[DOCUMENTS][TEXT_BYTES], titles[DOCUMENTS][TEXT_BYTES], ids[DOCUMENTS][16];
	struct store_document documents[DOCUMENTS];
	struct variants *variants;
	struct corpus corpus;

	for (int i = 0; i < DOCUMENTS; i++) {
		(void)snprintf(ids[i], sizeof(ids[i]), "d%03d", i);
		random_text(titles[i], below(4));
		random_text(texts[i], 3 + below(25));
		documents[i] = doc(ids[i], titles[i], texts[i]);
		documents[i].language = i % 3 == 0 ? STR("en") : STR("");
		/* A title is one line. */
		for (char *c = titles[i]; *c != '\0'; c++)
			*c = *c == '\n' ? ' ' : *c;
	}
	corpus = corpus_open(*state, documents, DOCUMENTS);
	assert_int_equal(variants_new(&variants, NULL), STATUS_OK);
	assert_int_equal(variants_add(variants, corpus.analyzer, str_of(names), "names", NULL), STATUS_OK);
	for (int i = 0; i < QUERIES; i++) {
		char query[QUERY_BYTES] = "";
		char *native;

		clause(query, DEPTH);
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
		check_first_page(&corpus, query, native, 1 + below(20));
		free(native);
	}
	variants_free(variants);
	corpus_close(&corpus);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_native_equals_checked, fixture_setup, fixture_teardown),
	};
	const char *seed = getenv("VOISIN_TEST_SEED");

	state64 = seed != NULL ? strtoull(seed, NULL, 10) : 20161213;
	printf("seed %llu\n", (unsigned long long)state64);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
