/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line that is read without jansson says what jansson reads in it; one that is refused there is left to it. */
#include "indexer/sources/members.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/base/cmocka_first.h"

enum { LINE_BYTES = 512, ROUNDS = 200000 };

/* What members_read() says of a line; what it takes it must have from jansson too. */
static bool
is_read(struct str line)
{
	char space[LINE_BYTES];
	struct members members;
	json_t *object;

	if (!members_read(line, space, &members))
		return false;
	object = json_loadb(line.p, line.len, JSON_REJECT_DUPLICATES, NULL);
	assert_true(json_is_object(object));
	assert_int_equal(json_object_size(object), members.n);
	for (size_t i = 0; i < members.n; i++) {
		char key[LINE_BYTES];
		const json_t *value;

		memcpy(key, members.list[i].key.p, members.list[i].key.len);
		key[members.list[i].key.len] = '\0';
		value = json_object_get(object, key);
		assert_true(json_is_string(value) || json_is_null(value));
		assert_true(str_eq(members.list[i].value, str_of(json_string_value(value))));
		assert_ptr_equal(members_find(&members, str_of(key)), &members.list[i].value);
	}
	json_decref(object);
	return true;
}

static void
test_lines(void **state)
{
	static const struct {
		struct str line;
		bool is_read;
	} cases[] = {
		{ STR("{\"id\": \"a\", \"text\": \"Un mot.\"}"), true },
		{ STR(" \t{ \"id\"\n:\r\"a\" , \"text\":\"b\"} "), true },
		{ STR("{\"id\": \"\", \"title\": null}"), true },
		{ STR("{\"t\\u00e9xt\": \"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u20AC\\uffff\\u007f\"}"), true },
		{ STR("{\"id\": \"\xC3\xA9t\xC3\xA9 \xE2\x80\x99 \xF0\x9F\x98\x80\x7F\"}"), true },
		{ STR("{\"id\": \"\\ud83d\\ude00\"}"), true },
		{ STR("{\"id\": \"\\ud83d\"}"), false },
		{ STR("{\"id\": \"\\u0000\"}"), false },
		{ STR("{\"id\": \"\\u00g0\"}"), false },
		{ STR("{\"id\": \"\\x\"}"), false },
		{ STR("{\"id\": \"a\\"), false },
		{ STR("{\"id\": \"a\\u12"), false },
		{ STR("{\"id\": \"a\tb\"}"), false },
		{ STR("{\"id\": \"a\\n\tb\"}"), false },
		{ STR("{\"id\": \"\xC3\"}"), false },
		{ STR("{\"id\": \"a\", \"id\": \"b\"}"), false },
		{ STR("{\"id\": \"a\", \"\\u0069d\": \"b\"}"), false },
		{ STR("{\"id\": 1}"), false },
		{ STR("{\"id\": nul}"), false },
		{ STR("{\"id\": \"a\"} x"), false },
		{ STR("{\"id\": \"a\",}"), false },
		{ STR("{\"id\" \"a\"}"), false },
		{ STR("{}"), false },
		{ STR("[\"id\"]"), false },
		{ STR("{\"id\": \"a"), false },
		{ STR("{\"id"), false },
		{ STR("{"), false },
		{ STR(""), false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (is_read(cases[i].line) != cases[i].is_read)
			fail_msg("%.*s", STR_FMT(cases[i].line));
}

/* As many members as there is room for, and one more. */
static void
test_members(void **state)
{
	char line[LINE_BYTES] = "{";

	(void)state;
	for (unsigned i = 0; i <= MEMBERS_MOST; i++) {
		size_t len = strlen(line);

		(void)snprintf(line + len, sizeof(line) - len, "%s\"k%u\":\"%u\"}", i > 0 ? "," : "", i, i);
		assert_int_equal(is_read(str_of(line)), i < MEMBERS_MOST);
		line[strlen(line) - 1] = '\0';
	}
}

static uint32_t
below(uint64_t *seed, uint32_t n)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*seed >> 33) % n;
}

/* Lines in which some bytes are others. */
static void
test_changed_lines(void **state)
{
	static const char line[] =
	    "{\"id\": \"a1\", \"title\": \"L'\xC3\xA9t\xC3\xA9 \\\"\\u00e9\\n\\\\\", \"date\":null ,\"text\": "
	    "\"\xE2\x82\xAC \\u20ac\\/\"}";
	static const char others[] = "\"\\{}[]:,u0e9dnl \t\xC3\xA9\xE2\x82";
	uint64_t seed = 1;
	unsigned n_read = 0;

	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		char changed[sizeof(line)];

		memcpy(changed, line, sizeof(line));
		for (uint32_t n = 1 + below(&seed, 3); n > 0; n--)
			changed[below(&seed, sizeof(line) - 1)] = others[below(&seed, sizeof(others) - 1)];
		n_read += is_read((struct str) { changed, sizeof(line) - 1 });
	}
	assert_in_range(n_read, ROUNDS / 20, ROUNDS - ROUNDS / 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_changed_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
