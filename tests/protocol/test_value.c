/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON that is read: what is taken and what is not, and that each value is the one that Jansson makes of the same text.
 */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "protocol/json.h"
#include "protocol/value.h"
#include "tests/protocol/table.h"

enum { ARENA_BYTES = 64 * 1024 * 1024 };

static int
make_arena(void **state)
{
	struct arena *arena;

	if (arena_new(ARENA_BYTES, &arena) != STATUS_OK)
		return -1;
	*state = arena;
	return 0;
}

static int
free_arena(void **state)
{
	arena_free(*state);
	return 0;
}

/* The verdicts of json.txt: which letters there are, whether the text is taken, how many there must be. */
static struct verdict {
	char letter;
	bool taken;
	int least;
	int seen;
} verdicts[] = {
	{ 'y', true, 96, 0 },
	{ 'n', false, 189, 0 },
	{ 't', true, 5, 0 },
	{ 'r', false, 33, 0 },
};

enum { N_VERDICTS = sizeof(verdicts) / sizeof(verdicts[0]), CASE_BYTES = 1024 * 1024 };

static void
check_verdict(struct arena *arena, struct verdict *verdict, const char *line)
{
	struct error error = { .message = "" };
	const struct value *value = NULL;
	enum status status;
	struct buf text;
	struct str bytes;

	verdict->seen++;
	buf_init(&text, CASE_BYTES);
	assert_int_equal(table_repeat(&text, line + 2), STATUS_OK);
	bytes = text.len > 0 ? table_bytes(text.data) : (struct str) { "", 0 };
	status = value_read(arena, bytes, LIMIT_JSON_DEPTH, LIMIT_JSON_KEYS, &value, &error);
	if ((status == STATUS_OK) != verdict->taken)
		fail_msg("%.100s: %s", line, error.message);
	if (status != STATUS_OK)
		assert_true(error.message[0] != '\0' && error.code == status);
	arena_reset(arena);
	buf_done(&text);
}

static void
test_strictness(void **state)
{
	struct arena *arena = *state;
	FILE *file = table_open("json.txt");
	char *line, *buffer = NULL;
	size_t size = 0;

	while ((line = table_line(file, &buffer, &size)) != NULL) {
		for (size_t i = 0; i < N_VERDICTS; i++) {
			if (line[0] == verdicts[i].letter)
				check_verdict(arena, &verdicts[i], line);
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
	struct arena *arena = *state;
	char *text = malloc(MANY);
	const struct value *value;

	memset(text, '[', MANY);
	assert_int_equal(value_read(arena, (struct str) { text, MANY }, 16, 32, &value, NULL), STATUS_LIMIT);
	for (size_t i = 0; i + 5 <= MANY; i += 5)
		memcpy(text + i, "{\"a\":", 5);
	assert_int_equal(value_read(arena, (struct str) { text, MANY }, 16, 32, &value, NULL), STATUS_LIMIT);
	memset(text, ' ', MANY);
	assert_int_equal(value_read(arena, (struct str) { text, MANY }, 16, 32, &value, NULL), STATUS_INVALID);
	memset(text, '\\', MANY);
	text[0] = text[MANY - 1] = '"';
	assert_int_equal(value_read(arena, (struct str) { text, MANY }, 16, 32, &value, NULL), STATUS_OK);
	assert_int_equal(value_str(value).len, MANY / 2 - 1);
	memset(text, '9', MANY);
	assert_int_equal(value_read(arena, (struct str) { text, MANY }, 16, 32, &value, NULL), STATUS_INVALID);
	free(text);
}

static uint32_t
next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* Appends `s` with U+FFFD for each piece that is no character. */
static void
scrub(struct buf *out, struct str s)
{
	for (size_t off = 0; off < s.len;) {
		size_t start = off;
		bool is_valid;

		(void)utf8_next(s, &off, &is_valid);
		(void)buf_append_str(out, is_valid ? (struct str) { s.p + start, off - start } : STR("\xEF\xBF\xBD"));
	}
}

/* What any bytes at all are written as can be read, is the bytes scrubbed, and is as long as said. */
static void
test_random_strings(void **state)
{
	struct arena *arena = *state;
	uint32_t seed = 20161207;

	for (int round = 0; round < 20000; round++) {
		char bytes[40];
		struct str in = { bytes, next_random(&seed) % sizeof(bytes) };
		struct buf out, scrubbed;
		const struct value *value;

		for (size_t i = 0; i < in.len; i++)
			bytes[i] = (char)(round % 2 == 0 ? next_random(&seed) : 0xC0 | (next_random(&seed) & 0x3F));
		buf_init(&out, 1000);
		buf_init(&scrubbed, 1000);
		json_write_string(&out, in);
		scrub(&scrubbed, in);
		assert_int_equal(json_written_bytes(in), out.len);
		assert_int_equal(value_read(arena, buf_str(&out), 1, 1, &value, NULL), STATUS_OK);
		assert_true(str_eq(value_str(value), buf_str(&scrubbed)));
		arena_reset(arena);
		buf_done(&out);
		buf_done(&scrubbed);
	}
}

/* ---- Against Jansson ---- */

enum { JANSSON = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL };

static void assert_same(const struct value *value, const json_t *meant);

static void
assert_same_items(const struct value *value, const json_t *meant)
{
	const struct value *item = value_first(value);

	assert_int_equal(value_count(value), json_array_size(meant));
	for (size_t i = 0; i < json_array_size(meant); i++, item = item->next)
		assert_same(item, json_array_get(meant, i));
	assert_null(item);
}

static void
assert_same_members(const struct value *value, const json_t *meant)
{
	const struct value *member = value_first(value);
	void *at = json_object_iter((json_t *)(uintptr_t)meant);

	assert_int_equal(value_count(value), json_object_size(meant));
	for (; at != NULL; at = json_object_iter_next((json_t *)(uintptr_t)meant, at), member = member->next) {
		assert_true(str_eq(member->key, str_of(json_object_iter_key(at))));
		assert_ptr_equal(value_get(value, json_object_iter_key(at)), member);
		assert_same(member, json_object_iter_value(at));
	}
	assert_null(member);
}

static void
assert_same(const struct value *value, const json_t *meant)
{
	static const enum value_kind kinds[] = {
		[JSON_OBJECT] = VALUE_OBJECT,
		[JSON_ARRAY] = VALUE_ARRAY,
		[JSON_STRING] = VALUE_STRING,
		[JSON_INTEGER] = VALUE_INTEGER,
		[JSON_REAL] = VALUE_REAL,
		[JSON_TRUE] = VALUE_TRUE,
		[JSON_FALSE] = VALUE_FALSE,
		[JSON_NULL] = VALUE_NULL,
	};
	const double real = json_real_value(meant);

	assert_non_null(value);
	assert_int_equal(value->kind, kinds[json_typeof(meant)]);
	if (value->kind == VALUE_STRING)
		assert_true(
		    str_eq(value->as.text, (struct str) { json_string_value(meant), json_string_length(meant) }));
	else if (value->kind == VALUE_INTEGER)
		assert_int_equal(value->as.integer, json_integer_value(meant));
	else if (value->kind == VALUE_REAL)
		assert_memory_equal(&value->as.real, &real, sizeof(real));
	else if (value->kind == VALUE_ARRAY)
		assert_same_items(value, meant);
	else if (value->kind == VALUE_OBJECT)
		assert_same_members(value, meant);
}

/* What is taken has the same values, also when it is read from how each of them is written; what is not is refused by both. */
static void
agree(struct arena *arena, struct str text)
{
	struct error error;
	json_error_t why;
	const struct value *value, *again;
	enum status status = value_read(arena, text, LIMIT_JSON_DEPTH, LIMIT_JSON_KEYS, &value, &error);
	json_t *meant = json_loadb(text.p, text.len, JANSSON, &why);

	/* The two agree: or json_refuse() would have found nothing. */
	assert_int_not_equal(status, STATUS_INTERNAL);
	if (status == STATUS_OK) {
		assert_non_null(meant);
		assert_same(value, meant);
		assert_int_equal(
		    value_read(arena, value->source, LIMIT_JSON_DEPTH, LIMIT_JSON_KEYS, &again, &error), STATUS_OK);
		assert_same(again, meant);
	}
	json_decref(meant);
	arena_reset(arena);
}

/* Changes one byte, takes one out, or doubles one. */
static size_t
mutate(uint32_t *seed, char *bytes, size_t len)
{
	static const char letters[] = "\"\\/{}[]:,.-+eE0123456789abtrufnlsdD \t\x01\x7F\xC3\xA9\xED\xF0";
	size_t at = next_random(seed) % len;

	switch (next_random(seed) % 3) {
	case 0: bytes[at] = letters[next_random(seed) % (sizeof(letters) - 1)]; return len;
	case 1: memmove(bytes + at, bytes + at + 1, len - at - 1); return len - 1;
	default: memmove(bytes + at + 1, bytes + at, len - at); return len + 1;
	}
}

/* Real lines, and what a few changed bytes make of them. */
static void
test_mutations(void **state)
{
	static const char *const lines[] = {
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"search\",\"params\":{\"q\":\"caf\\u00e9 NEAR/5 "
		"\\\"th\xC3\xA9\\\"\","
		"\"limit\":10,\"fold\":true}}",
		"{\"a\":[1,-2,3.5,-0.25e-3,1e22,1E+23,0.1,123456789012345678,9223372036854775807],\"b\":[null,true,"
		"false,{}]}",
		"[\"\\ud83d\\ude00\",\"\\u0000\\/"
		"\\b\\f\\n\\r\\t\",[[[]]],{\"k\":{\"k\":\"\"}},179769313486231570e291,4.9e-324]",
		"{\"a\":1,\"b\":2,\"c\":3,\"ab\":4,\"\":5}",
	};
	struct arena *arena = *state;
	uint32_t seed = 20161207;

	for (size_t round = 0; round < 60000; round++) {
		char bytes[512];
		size_t len = strlen(lines[round % 4]);

		memcpy(bytes, lines[round % 4], len);
		for (uint32_t n = next_random(&seed) % 4; n > 0; n--)
			len = mutate(&seed, bytes, len);
		agree(arena, (struct str) { bytes, len });
	}
}

/* Numbers of all lengths: the nearest double, whichever way it was found. */
static void
test_numbers(void **state)
{
	struct arena *arena = *state;
	uint32_t seed = 20161207;

	for (int round = 0; round < 60000; round++) {
		char text[80];
		int len = snprintf(text, sizeof(text), "%s%u", next_random(&seed) % 2 == 0 ? "-" : "",
		    next_random(&seed) % 3 == 0 ? 0 : next_random(&seed));

		if (next_random(&seed) % 4 > 0)
			len += snprintf(text + len, sizeof(text) - (size_t)len, ".%0*u",
			    (int)(next_random(&seed) % 12) + 1, next_random(&seed) % 1000);
		if (next_random(&seed) % 2 == 0)
			(void)snprintf(
			    text + len, sizeof(text) - (size_t)len, "e%d", (int)(next_random(&seed) % 700) - 350);
		agree(arena, str_of(text));
	}
}

/* An arena that is too small says so; nothing else is said in its place. */
static void
test_memory(void **state)
{
	struct str text = STR("{\"a\":[1,2.5,\"x\\ny\",1234567890123456789],\"b\":{}}");
	enum status status = STATUS_NOMEM;
	const struct value *value;

	(void)state;
	for (size_t bytes = 0; status == STATUS_NOMEM; bytes += 8) {
		struct arena *arena;

		assert_int_equal(arena_new(bytes, &arena), STATUS_OK);
		status = value_read(arena, text, 4, 4, &value, NULL);
		assert_true(bytes < 4096);
		arena_free(arena);
	}
	assert_int_equal(status, STATUS_OK);
}

static void
test_access(void **state)
{
	const struct value *root, *item;
	size_t i, sum = 0;

	assert_int_equal(
	    value_read(*state, STR(" {\"list\" : [1, 2, 3], \"s\":\"x\\u00e9\"} "), 4, 4, &root, NULL), STATUS_OK);
	value_foreach(value_get(root, "list"), i, item) sum += (i + 1) * (size_t)item->as.integer;
	assert_int_equal(sum, 14);
	assert_true(str_eq(value_str(value_get(root, "s")), STR("x\xC3\xA9")));
	assert_true(str_eq(value_get(root, "s")->source, STR("\"x\\u00e9\"")));
	assert_true(str_eq(value_get(root, "list")->source, STR("[1, 2, 3]")));
	assert_null(value_get(root, "S"));
	assert_null(value_get(value_get(root, "list"), "s"));
	assert_null(value_get(NULL, "s"));
	assert_null(value_first(value_get(root, "s")));
	assert_int_equal(value_str(root).len, 0);
	assert_int_equal(value_count(NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strictness),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_random_strings),
		cmocka_unit_test(test_mutations),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_access),
	};

	return cmocka_run_group_tests(tests, make_arena, free_arena);
}
