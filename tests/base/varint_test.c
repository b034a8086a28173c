/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/varint.h"

#include "tests/base/cmocka_first.h"

static const struct {
	uint64_t number;
	unsigned bytes;
} cases[] = {
	{ 0, 1 },
	{ 1, 1 },
	{ 127, 1 },
	{ 128, 2 },
	{ 16383, 2 },
	{ 16384, 3 },
	{ UINT32_MAX, 5 },
	{ (uint64_t)UINT32_MAX + 1, 5 },
	{ UINT64_MAX / 2, 9 },
	{ UINT64_MAX / 2 + 1, 10 },
	{ UINT64_MAX, 10 },
};

static void
test_numbers_come_back(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		unsigned char bytes[VARINT_BYTES];
		const unsigned char *end = varint_put(bytes, cases[i].number);
		const unsigned char *p = bytes;
		uint64_t found = 0;

		assert_int_equal(end - bytes, cases[i].bytes);
		assert_true(varint_get(&p, end, &found));
		assert_true(found == cases[i].number && p == end);
		p = bytes;
		assert_false(varint_get(&p, end - 1, &found));
		assert_true(p == bytes);
	}
}

static void
test_what_does_not_end_is_refused(void **state)
{
	unsigned char bytes[20];
	const unsigned char *p = bytes;
	uint64_t found = 7;

	(void)state;
	memset(bytes, 0xFF, sizeof(bytes));
	bytes[10] = 0;
	assert_false(varint_get(&p, bytes + sizeof(bytes), &found));
	assert_true(p == bytes && found == 7);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_come_back),
		cmocka_unit_test(test_what_does_not_end_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
