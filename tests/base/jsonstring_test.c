/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strings of JSON are what RFC 8259 says, and no byte behind the end of the text is looked at. */
#include "base/jsonstring.h"

#include "tests/base/cmocka_first.h"

enum { SPACE_BYTES = 64 };

/* As a reader calls it: `text` begins behind the first quotation mark; *ret_rest is what is left. */
static bool
take(struct str text, char *space, struct str *ret_string, size_t *ret_rest)
{
	const char *p = text.p, *end = text.p + text.len;
	bool taken = jsonstring_plain(&p, end, ret_string);

	if (!taken) {
		assert_ptr_equal(p, text.p);
		taken = jsonstring_escaped(&p, end, space, ret_string);
	}
	*ret_rest = taken ? (size_t)(end - p) : 0;
	return taken;
}

static const struct {
	struct str text;
	struct str string; /* .p is NULL: refused */
	bool plain;
} cases[] = {
	{ STR("\""), STR(""), true },
	{ STR("a\""), STR("a"), true },
	{ STR("1234567\""), STR("1234567"), true },
	{ STR("12345678\""), STR("12345678"), true },
	{ STR("123456789\""), STR("123456789"), true },
	{ STR("12345678 \x7F\xC3\xA9\""), STR("12345678 \x7F\xC3\xA9"), true },
	{ STR("\xC3\xA9\""), STR("\xC3\xA9"), true },
	{ STR("\\\"\\\\\\/\\b\\f\\n\\r\\t\""), STR("\"\\/\b\f\n\r\t"), false },
	{ STR("12345678\\n12345678\\n\""), STR("12345678\n12345678\n"), false },
	{ STR("\\u0000\""), STR("\0"), false },
	{ STR("\\u00e9\\u00E9\\u20ac\\uFFFF\""), STR("\xC3\xA9\xC3\xA9\xE2\x82\xAC\xEF\xBF\xBF"), false },
	{ STR("\\uD7FF\\uE000\""), STR("\xED\x9F\xBF\xEE\x80\x80"), false },
	/* The first and the last of the pairs. */
	{ STR("\\ud800\\udc00\""), STR("\xF0\x90\x80\x80"), false },
	{ STR("\\ud83d\\ude00\""), STR("\xF0\x9F\x98\x80"), false },
	{ STR("\\uDBFF\\uDFFF\""), STR("\xF4\x8F\xBF\xBF"), false },
	{ STR("\\ud800\""), { NULL, 0 }, false },
	{ STR("\\ud800\\n\""), { NULL, 0 }, false },
	{ STR("\\ud800\\ud800\""), { NULL, 0 }, false },
	{ STR("\\ud800\\udbff\""), { NULL, 0 }, false },
	{ STR("\\ud800\\ue000\""), { NULL, 0 }, false },
	{ STR("\\udc00\""), { NULL, 0 }, false },
	{ STR("\\udfff\\ud800\""), { NULL, 0 }, false },
	{ STR("\\u00g0\""), { NULL, 0 }, false },
	{ STR("\\u00:0\""), { NULL, 0 }, false },
	{ STR("\\u00@0\""), { NULL, 0 }, false },
	{ STR("\\u123\""), { NULL, 0 }, false },
	{ STR("\\U0041\""), { NULL, 0 }, false },
	{ STR("\\x\""), { NULL, 0 }, false },
	{ STR("\\\0\""), { NULL, 0 }, false },
	{ STR("a\0\""), { NULL, 0 }, false },
	{ STR("a\x1F\""), { NULL, 0 }, false },
	{ STR("\\n\x1F\""), { NULL, 0 }, false },
};

static void
test_strings(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char space[SPACE_BYTES];
		struct str string = STR("untouched");
		size_t rest = 0;
		bool taken = take(cases[i].text, space, &string, &rest);

		if (taken != (cases[i].string.p != NULL) || rest != 0)
			fail_msg("%s: %d, %zu left", cases[i].text.p, taken, rest);
		if (!taken)
			continue;
		if (!str_eq(string, cases[i].string) || (string.p == cases[i].text.p) != cases[i].plain)
			fail_msg("%s", cases[i].text.p);
	}
}

/* Of a text that is cut short, what stands behind the cut says nothing. */
static void
test_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t len = 0; len < cases[i].text.len; len++) {
			char space[SPACE_BYTES];
			struct str string = STR("untouched");
			size_t rest;

			if (take((struct str) { cases[i].text.p, len }, space, &string, &rest))
				fail_msg("%s: taken with %zu bytes", cases[i].text.p, len);
		}
}

/* What is behind the string is left. */
static void
test_rest(void **state)
{
	static const struct str texts[] = { STR("12345678\" : \"b\""), STR("\\n\" : \"b\"") };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char space[SPACE_BYTES];
		struct str string;
		size_t rest;

		assert_true(take(texts[i], space, &string, &rest));
		assert_int_equal(rest, strlen(" : \"b\""));
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
