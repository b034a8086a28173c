/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/status.h"

#include <string.h>

#include "tests/base/cmocka_first.h"

static const enum status all[] = {
#define XX(code, name, text) STATUS_##code,
	STATUS_TABLE(XX)
#undef XX
};

enum { COUNT = sizeof(all) / sizeof(all[0]) };

static void
test_ok_is_zero(void **state)
{
	(void)state;
	assert_int_equal(STATUS_OK, 0);
}

static void
test_wire_names(void **state)
{
	(void)state;
	assert_string_equal(status_name(STATUS_OK), "ok");
	assert_string_equal(status_name(STATUS_NOT_FOUND), "not_found");
	assert_string_equal(status_name(STATUS_INTERNAL), "internal");
	assert_string_equal(status_text(STATUS_NOMEM), "out of memory");
}

/* The wire names are one word each of small letters and _, and no two are equal. */
static void
test_names_are_distinct_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		const char *name = status_name(all[i]);

		assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz_"), strlen(name));
		assert_true(strlen(name) > 0);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(name, status_name(all[j]));
	}
}

static void
test_texts_are_short_sentences(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		const char *text = status_text(all[i]);

		assert_in_range(strlen(text), 1, 60);
		assert_null(strchr(text, '\n'));
		assert_true(text[strlen(text) - 1] != '.');
	}
}

static void
test_a_number_that_is_none_is_internal(void **state)
{
	(void)state;
	assert_string_equal(status_name((enum status)COUNT), "internal");
	assert_string_equal(status_name((enum status) - 1), "internal");
	assert_string_equal(status_text((enum status)9999), status_text(STATUS_INTERNAL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ok_is_zero),
		cmocka_unit_test(test_wire_names),
		cmocka_unit_test(test_names_are_distinct_words),
		cmocka_unit_test(test_texts_are_short_sentences),
		cmocka_unit_test(test_a_number_that_is_none_is_internal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
