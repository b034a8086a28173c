/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "protocol/json.h"
#include "tests/protocol/table.h"

/* The verdicts of json.txt: which letters there are, whether the text is taken, how many there must be. */
static struct verdict {
	char letter;
	bool taken;
	int least;
	int seen;
} verdicts[] = {
	{ 'y', true, 95, 0 },
	{ 'n', false, 188, 0 },
	{ 't', true, 4, 0 },
	{ 'r', false, 31, 0 },
};

enum { N_VERDICTS = sizeof(verdicts) / sizeof(verdicts[0]), CASE_BYTES = 1024 * 1024 };

static void
check_verdict(struct verdict *verdict, const char *line)
{
	struct error error = { .message = "" };
	json_t *value = NULL;
	enum status status;
	struct buf text;
	struct str bytes;

	verdict->seen++;
	buf_init(&text, CASE_BYTES);
	assert_int_equal(table_repeat(&text, line + 2), STATUS_OK);
	bytes = text.len > 0 ? table_bytes(text.data) : (struct str) { "", 0 };
	status = json_read(bytes, LIMIT_JSON_DEPTH, LIMIT_JSON_KEYS, &value, &error);
	if ((status == STATUS_OK) != verdict->taken)
		fail_msg("%.100s: %s", line, error.message);
	if (status == STATUS_OK)
		json_decref(value);
	else
		assert_true(error.message[0] != '\0' && error.code == status);
	buf_done(&text);
}

static void
test_strictness(void **state)
{
	FILE *file = table_open("json.txt");
	char *line, *buffer = NULL;
	size_t size = 0;

	(void)state;
	while ((line = table_line(file, &buffer, &size)) != NULL) {
		for (size_t i = 0; i < N_VERDICTS; i++) {
			if (line[0] == verdicts[i].letter)
				check_verdict(&verdicts[i], line);
		}
	}
	for (size_t i = 0; i < N_VERDICTS; i++)
		assert_true(verdicts[i].seen >= verdicts[i].least);
	free(buffer);
	(void)fclose(file);
}

/* Very deep and very long lines end quickly, and without a deep stack. */
static void
test_depth(void **state)
{
	enum { MANY = 200000 };
	char *text = malloc(MANY);
	json_t *value;

	(void)state;
	memset(text, '[', MANY);
	assert_int_equal(json_read((struct str) { text, MANY }, 16, 32, &value, NULL), STATUS_LIMIT);
	for (size_t i = 0; i + 5 <= MANY; i += 5)
		memcpy(text + i, "{\"a\":", 5);
	assert_int_equal(json_read((struct str) { text, MANY }, 16, 32, &value, NULL), STATUS_LIMIT);
	memset(text, ' ', MANY);
	assert_int_equal(json_read((struct str) { text, MANY }, 16, 32, &value, NULL), STATUS_INVALID);
	memset(text, '\\', MANY);
	text[0] = text[MANY - 1] = '"';
	assert_int_equal(json_read((struct str) { text, MANY }, 16, 32, &value, NULL), STATUS_OK);
	json_decref(value);
	memset(text, '9', MANY);
	assert_int_equal(json_read((struct str) { text, MANY }, 16, 32, &value, NULL), STATUS_INVALID);
	free(text);
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

static uint32_t
next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* What any bytes at all are written as can be read, is the bytes scrubbed, and is as long as said. */
static void
test_random_strings(void **state)
{
	uint32_t seed = 20161207;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char bytes[40];
		struct str in = { bytes, next_random(&seed) % sizeof(bytes) };
		struct buf out, scrubbed;
		json_t *value;

		for (size_t i = 0; i < in.len; i++)
			bytes[i] = (char)(round % 2 == 0 ? next_random(&seed) : 0xC0 | (next_random(&seed) & 0x3F));
		buf_init(&out, 1000);
		buf_init(&scrubbed, 1000);
		json_write_string(&out, in);
		assert_int_equal(utf8_scrub(&scrubbed, in), STATUS_OK);
		assert_int_equal(json_written_bytes(in), out.len);
		assert_int_equal(json_read(buf_str(&out), 1, 1, &value, NULL), STATUS_OK);
		assert_true(str_eq(json_str(value), buf_str(&scrubbed)));
		json_decref(value);
		buf_done(&out);
		buf_done(&scrubbed);
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
		cmocka_unit_test(test_strictness),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_commas),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_random_strings),
		cmocka_unit_test(test_full_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
