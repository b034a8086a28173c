/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order of concordance lines, and the end of what it keeps. */
#include "client/concordance.h"

#include <string.h>

#include "tests/base/cmocka_first.h"

#define SIZE(rows) (sizeof(rows) / sizeof((rows)[0]))

/* Adds lines that are their own contexts, from last to first, and expects them sorted as they stand. */
static void
expect_order(bool by_left, const char *const *rows, size_t n)
{
	struct concordance *concordance = concordance_new(by_left);

	assert_non_null(concordance);
	for (size_t i = n; i-- > 0;)
		assert_true(concordance_add(concordance, str_of(rows[i]), str_of(rows[i])));
	assert_int_equal(concordance_count(concordance), n);
	concordance_sort(concordance);
	for (size_t i = 0; i < n; i++) {
		struct str line = concordance_line(concordance, i);

		if (!str_eq(line, str_of(rows[i])))
			fail_msg("line %zu is [%.*s], not [%s]", i, STR_FMT(line), rows[i]);
	}
	concordance_free(concordance);
}

static void
test_right(void **state)
{
	static const char *const rows[] = { "", " 2016 ", " a", ", à bas", " À bas les armes", " cote", " Côte d'Azur",
		" CÔTÉ jardin", " e\xCC\x81tat", " «œdème»", " œuf", " off", " straße", " strasse z", " zèbre",
		" \xE6\x97\xA5\xE6\x9C\xAC" };

	(void)state;
	expect_order(false, rows, SIZE(rows));
}

/* From the match outwards: the nearest word first, and then the one before it. */
static void
test_left(void **state)
{
	static const char *const rows[] = { "... ", "l'armée à ", "cessez-le-feu A\xCC\x80 ", "Trêve à ", "d'",
		"l'Été d'", "zone d'", "la ", "mot la " };

	(void)state;
	expect_order(true, rows, SIZE(rows));
}

/* Sixteen words decide; beyond them, and where keys are full, lines stay as they came. */
static void
test_far_words(void **state)
{
	struct concordance *concordance = concordance_new(false);
	char word[4 * CONCORDANCE_KEY_BYTES];

	(void)state;
	assert_non_null(concordance);
	memset(word, 'a', sizeof(word));
	assert_true(concordance_add(concordance, (struct str) { word, sizeof(word) }, STR("long first")));
	word[sizeof(word) - 1] = 'A';
	assert_true(concordance_add(concordance, (struct str) { word, sizeof(word) - 1 }, STR("long last")));
	assert_true(concordance_add(concordance, STR("A b c d e f g h i j k l m n o p z"), STR("z")));
	assert_true(concordance_add(concordance, STR("a b c d e f g h i j k l m n o p a"), STR("a")));
	assert_true(concordance_add(concordance, STR("\xFF\xC3 a b \x80"), STR("bytes")));
	concordance_sort(concordance);
	assert_true(str_eq(concordance_line(concordance, 0), STR("bytes")));
	assert_true(str_eq(concordance_line(concordance, 1), STR("z")));
	assert_true(str_eq(concordance_line(concordance, 2), STR("a")));
	assert_true(str_eq(concordance_line(concordance, 3), STR("long first")));
	assert_true(str_eq(concordance_line(concordance, 4), STR("long last")));
	concordance_free(concordance);
}

static void
test_full(void **state)
{
	struct concordance *concordance = concordance_new(true);
	static char line[1024 * 1024];
	size_t n = 0;

	(void)state;
	assert_non_null(concordance);
	for (; n < CONCORDANCE_LINES; n++)
		assert_true(concordance_add(concordance, STR("x"), STR("y")));
	assert_false(concordance_is_full(concordance));
	assert_false(concordance_add(concordance, STR("x"), STR("y")));
	assert_true(concordance_is_full(concordance));
	assert_int_equal(concordance_count(concordance), n);
	concordance_free(concordance);
	concordance = concordance_new(true);
	assert_non_null(concordance);
	for (n = 0; concordance_add(concordance, STR("x"), (struct str) { line, sizeof(line) }); n++)
		assert_true(n * sizeof(line) < CONCORDANCE_BYTES);
	assert_true(n > 20);
	assert_true(concordance_is_full(concordance));
	assert_false(concordance_add(concordance, STR("x"), STR("y")));
	assert_int_equal(concordance_count(concordance), n);
	concordance_sort(concordance);
	concordance_free(concordance);
	concordance_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_right),
		cmocka_unit_test(test_left),
		cmocka_unit_test(test_far_words),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
