/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of layers: of their files and of their keys, and what is none. */
#include "store/layername.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
test_names(void **state)
{
	static const struct {
		const char *name;
		bool is_file;
		uint32_t number;
	} names[] = { { "inverted", true, 0 }, { "inverted.1", true, 1 }, { "inverted.12", true, 12 },
		{ "inverted.4294967295", true, UINT32_MAX }, { "inverted.4294967296", false, 0 },
		{ "inverted.99999999999", false, 0 }, { "inverted.0", false, 0 }, { "inverted.01", false, 0 },
		{ "inverted.", false, 0 }, { "inverted.1a", false, 0 }, { "inverted.-1", false, 0 },
		{ "inverted.1.tmp", false, 0 }, { "inverted1", false, 0 }, { "Inverted", false, 0 }, { "", false, 0 } };
	char space[LAYERNAME_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		uint32_t number = 77;

		assert_int_equal(layername_is_file(names[i].name, &number), names[i].is_file);
		assert_int_equal(layername_is_file(names[i].name, NULL), names[i].is_file);
		assert_int_equal(number, names[i].is_file ? names[i].number : 77);
		if (names[i].is_file)
			assert_string_equal(layername_file(number, space), names[i].name);
	}
	assert_true(str_eq(layername_key(0, space), STR("voisin.touched")));
	assert_true(str_eq(layername_key(10, space), STR("voisin.layer.10")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_names) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
