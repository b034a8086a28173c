/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "protocol/json.h"

static uint32_t
next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void
test_commas(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	json_write_open(&out, '{');
	json_write_key(&out, "a");
	json_write_string(&out, STR("{"));
	json_write_key(&out, "b");
	json_write_open(&out, '[');
	json_write_int(&out, -1);
	json_write_uint(&out, UINT64_MAX);
	json_write_string(&out, STR("["));
	json_write_string(&out, STR(":"));
	json_write_bool(&out, true);
	json_write_null(&out);
	json_write_open(&out, '{');
	json_write_close(&out, '}');
	json_write_open(&out, '[');
	json_write_close(&out, ']');
	json_write_raw(&out, STR("\"x\""));
	json_write_close(&out, ']');
	json_write_key(&out, "c");
	json_write_bool(&out, false);
	json_write_close(&out, '}');
	assert_int_equal(buf_status(&out), STATUS_OK);
	assert_string_equal(
	    out.data, "{\"a\":\"{\",\"b\":[-1,18446744073709551615,\"[\",\":\",true,null,{},[],\"x\"],\"c\":false}");
	buf_done(&out);
}

static void
test_numbers(void **state)
{
	static const struct {
		double value;
		const char *text;
	} cases[] = {
		{ 0, "0" },
		{ 7.25, "7.25" },
		{ -0.1, "-0.1" },
		{ 1e300, "1e+300" },
		{ 123456789, "123456789" },
		{ 99999999.96, "100000000" },
		{ 999999999.7, "1e+09" },
		{ 0.0001, "0.0001" },
		{ 0.00009999999999, "0.0001" },
		{ 0.000123456789499, "0.000123456789" },
		{ 0.99999999999, "1" },
		{ -0.0, "-0" },
		{ 3.14159265358979, "3.14159265" },
		{ INFINITY, "0" },
		{ -INFINITY, "0" },
		{ NAN, "0" },
	};
	const char *comma = setlocale(LC_NUMERIC, "fr_FR.UTF-8");

	(void)state;
	if (comma == NULL)
		print_message("no French locale here: the decimal comma is not tried\n");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out;

		buf_init(&out, 100);
		json_write_number(&out, cases[i].value);
		assert_string_equal(out.data, cases[i].text);
		buf_done(&out);
	}
	(void)setlocale(LC_NUMERIC, "C");
}

/* Nine digits of any value are those of printf(3), which may take its time. */
static void
test_random_numbers(void **state)
{
	uint32_t seed = 20161207;

	(void)state;
	for (int round = 0; round < 300000; round++) {
		uint64_t bits = 0;
		double value;
		char meant[32];
		struct buf out;

		for (int i = 0; i < 4; i++)
			bits = bits << 16 | (next_random(&seed) & 0xFFFF);
		value = (double)(int64_t)bits / 9e18;
		/* Of all sizes, of few digits, and halfway between two of nine digits. */
		if (round % 3 == 0)
			value = ldexp(value, (int)(next_random(&seed) % 60) - 20);
		else if (round % 3 == 1)
			value = (double)(next_random(&seed) % 100000) / (double)(1 + next_random(&seed) % 100000);
		else
			value = (double)(next_random(&seed) % 1000000000) + 0.5;
		(void)snprintf(meant, sizeof(meant), "%.9g", value);
		buf_init(&out, 100);
		json_write_number(&out, value);
		assert_string_equal(out.data, meant);
		buf_done(&out);
	}
}

static void
test_strings(void **state)
{
	static const struct {
		const char *in;
		size_t len;
		const char *out;
	} cases[] = {
		{ "", 0, "\"\"" },
		{ "Alep", 4, "\"Alep\"" },
		{ "\"\\/", 3, "\"\\\"\\\\/\"" },
		{ "\b\f\n\r\t\x01\x1f\x7f", 8, "\"\\b\\f\\n\\r\\t\\u0001\\u001f\\u007f\"" },
		{ "a\0b", 3, "\"a\\u0000b\"" },
		{ "é€😀", 9, "\"é€😀\"" },
		{ "\xE9t\xE9", 3, "\"\xEF\xBF\xBDt\xEF\xBF\xBD\"" },
		{ "\xED\xA0\x80", 3, "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"" },
		{ "a\xE2\x82", 3, "\"a\xEF\xBF\xBD\"" },
		{ "\xE2\x80\xA8", 3, "\"\xE2\x80\xA8\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str in = { cases[i].in, cases[i].len };
		struct buf out;

		buf_init(&out, 100);
		json_write_string(&out, in);
		assert_string_equal(out.data, cases[i].out);
		assert_int_equal(json_written_bytes(in), out.len);
		buf_done(&out);
	}
}

/* A buffer that is too small fails once and for all, and never holds more than it may. */
static void
test_full_buffer(void **state)
{
	(void)state;
	for (size_t max = 0; max < 20; max++) {
		struct buf out;

		buf_init(&out, max);
		json_write_open(&out, '{');
		json_write_key(&out, "key");
		json_write_string(&out, STR("\xFFvalue\n"));
		json_write_close(&out, '}');
		assert_int_equal(buf_status(&out), STATUS_LIMIT);
		assert_true(out.len <= max);
		buf_done(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commas),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_random_numbers),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_full_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
