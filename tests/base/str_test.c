/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/str.h"

#include "tests/base/cmocka_first.h"

static const struct str NOTHING = { NULL, 0 };

static void
test_literal_keeps_its_nul(void **state)
{
	(void)state;
	assert_int_equal(STR("").len, 0);
	assert_int_equal(STR("a\0b").len, 3);
	assert_int_equal(STR("é").len, 2);
}

static void
test_of_c_string(void **state)
{
	(void)state;
	assert_str(str_of("abc"), "abc");
	assert_str(str_of(NULL), "");
	assert_non_null(str_of(NULL).p);
}

static const struct {
	struct str a;
	struct str b;
	int order;
} pairs[] = {
	{ { "", 0 }, { "", 0 }, 0 }, { { NULL, 0 }, { "", 0 }, 0 }, { { NULL, 0 }, { "a", 1 }, -1 },
	{ { "a", 1 }, { "a", 1 }, 0 }, { { "a", 1 }, { "b", 1 }, -1 }, { { "a", 1 }, { "ab", 2 }, -1 },
	{ { "b", 1 }, { "ab", 2 }, 1 }, { { "a\0a", 3 }, { "a\0b", 3 }, -1 }, { { "a", 1 }, { "a\0", 2 }, -1 },
	{ { "z", 1 }, { "\xC3\xA9", 2 }, -1 }, /* bytes are unsigned */
};

static int
sign(int n)
{
	return (n > 0) - (n < 0);
}

static void
test_order_and_equality(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		assert_int_equal(sign(str_cmp(pairs[i].a, pairs[i].b)), pairs[i].order);
		assert_int_equal(sign(str_cmp(pairs[i].b, pairs[i].a)), -pairs[i].order);
		assert_int_equal(str_eq(pairs[i].a, pairs[i].b), pairs[i].order == 0);
	}
}

static void
test_prefix(void **state)
{
	(void)state;
	assert_true(str_has_prefix(STR("unix:/run"), STR("unix:")));
	assert_true(str_has_prefix(STR("unix:"), STR("unix:")));
	assert_true(str_has_prefix(STR("unix:"), NOTHING));
	assert_true(str_has_prefix(NOTHING, NOTHING));
	assert_false(str_has_prefix(STR("unix"), STR("unix:")));
	assert_false(str_has_prefix(NOTHING, STR("u")));
	assert_false(str_has_prefix(STR("UNIX:"), STR("unix:")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_literal_keeps_its_nul),
		cmocka_unit_test(test_of_c_string),
		cmocka_unit_test(test_order_and_equality),
		cmocka_unit_test(test_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
