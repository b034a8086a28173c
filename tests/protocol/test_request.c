/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "protocol/json.h"
#include "protocol/request.h"
#include "tests/protocol/table.h"

enum { ARENA_BYTES = 1024 * 1024 };

/* What becomes of a line, as requests.txt writes it. */
static void
describe(struct arena *arena, struct str line, struct buf *out)
{
	struct request request;
	struct error error;
	int code = 0;
	enum status status = request_parse(arena, line, &request, &error, &code);

	(void)i18n_use(LANGUAGE_EN);
	if (status != STATUS_OK) {
		assert_int_equal(error.code, status);
		assert_int_equal(error.off, ERROR_NO_OFFSET);
		(void)buf_printf(out, "%d %.*s %s", code, STR_FMT(request.id), error.message);
		return;
	}
	assert_int_equal(request_write(out, &request), STATUS_OK);
	assert_int_equal(out->data[out->len - 1], '\n');
	out->data[--out->len] = '\0';
}

static void
check_case(struct arena *arena, const char *line, const char *expected)
{
	char *copy = strdup(line);
	struct buf out, again;

	buf_init(&out, ARENA_BYTES);
	buf_init(&again, ARENA_BYTES);
	describe(arena, table_bytes(copy), &out);
	if (strcmp(out.data, expected) != 0)
		fail_msg("%s\n  gives   %s\n  and not %s", line, out.data, expected);
	/* What was written reads as itself. */
	if (out.data[0] == '{') {
		describe(arena, buf_str(&out), &again);
		assert_string_equal(again.data, out.data);
	}
	buf_done(&out);
	buf_done(&again);
	free(copy);
}

static void
test_table(void **state)
{
	FILE *file = table_open("requests.txt");
	char *line, *request = NULL, *expected = NULL;
	size_t request_size = 0, expected_size = 0;
	struct arena *arena;
	int cases = 0;

	(void)state;
	assert_int_equal(arena_new(ARENA_BYTES, &arena), STATUS_OK);
	while ((line = table_line(file, &request, &request_size)) != NULL) {
		if (line[0] != '>')
			continue;
		assert_non_null(table_line(file, &expected, &expected_size));
		assert_memory_equal(expected, "< ", 2);
		check_case(arena, line + 2, expected + 2);
		arena_reset(arena);
		cases++;
	}
	assert_true(cases >= 135);
	arena_free(arena);
	free(request);
	free(expected);
	(void)fclose(file);
}

/* The language is chosen before anything is refused, be it the method or a parameter before `lang`. */
static void
test_language(void **state)
{
	static const char *const lines[] = {
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"search\",\"params\":{\"q\":1,\"lang\":\"fr\"}}",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"serch\",\"params\":{\"lang\":\"fr\"}}",
		"{\"id\":1,\"params\":{\"lang\":\"fr\"}}",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"explain\",\"params\":{\"no\":0,\"lang\":\"fr\"}}",
	};
	static const char *const messages[] = { "q doit être une chaîne", "il n'y a pas de méthode «\u00a0serch\u00a0»",
		"jsonrpc doit valoir \"2.0\"", "paramètre inconnu «\u00a0no\u00a0»" };
	struct arena *arena;

	(void)state;
	assert_int_equal(arena_new(ARENA_BYTES, &arena), STATUS_OK);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct request request;
		struct error error;
		int code;

		assert_int_not_equal(request_parse(arena, str_of(lines[i]), &request, &error, &code), STATUS_OK);
		assert_int_equal(i18n_language(), LANGUAGE_FR);
		if (strcmp(tr("a string"), "a string") != 0)
			assert_memory_equal(error.message, messages[i], strlen(messages[i]));
		(void)i18n_use(LANGUAGE_EN);
	}
	arena_free(arena);
}

static int
code_of(struct arena *arena, struct str line, enum status *ret_status)
{
	struct request request;
	int code = 0;

	*ret_status = request_parse(arena, line, &request, NULL, &code);
	return *ret_status == STATUS_OK ? 0 : code;
}

/* A ping whose line is `len` bytes long, by blanks at its end. */
static struct str
long_ping(char *text, size_t len)
{
	struct str ping = STR("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}");

	memset(text, ' ', len);
	memcpy(text, ping.p, ping.len);
	return (struct str) { text, len };
}

static void
test_line_length(void **state)
{
	char *text = malloc(LIMIT_REQUEST_BYTES + 1);
	struct arena *arena;
	enum status status;

	(void)state;
	assert_int_equal(arena_new(ARENA_BYTES, &arena), STATUS_OK);
	for (int more = -1; more <= 0; more++)
		assert_int_equal(code_of(arena, long_ping(text, (size_t)(LIMIT_REQUEST_BYTES + more)), &status), 0);
	assert_int_equal(code_of(arena, long_ping(text, LIMIT_REQUEST_BYTES + 1), &status), -32002);
	assert_int_equal(status, STATUS_LIMIT);
	free(text);
	arena_free(arena);
}

/* An id of `len` bytes, each of them `c`. */
static int
code_of_id(struct arena *arena, size_t len, char c, enum status *ret_status)
{
	struct buf line;
	int code;

	buf_init(&line, LIMIT_REQUEST_BYTES);
	(void)buf_append_str(&line, STR("{\"jsonrpc\":\"2.0\",\"id\":\""));
	for (size_t i = 0; i < len; i++)
		(void)(c == '\n' ? buf_append_str(&line, STR("\\n")) : buf_append_char(&line, c));
	(void)buf_append_str(&line, STR("\",\"method\":\"ping\"}"));
	assert_int_equal(buf_status(&line), STATUS_OK);
	code = code_of(arena, buf_str(&line), ret_status);
	buf_done(&line);
	return code;
}

static void
test_id_length(void **state)
{
	struct arena *arena;
	enum status status;

	(void)state;
	assert_int_equal(arena_new(ARENA_BYTES, &arena), STATUS_OK);
	assert_int_equal(code_of_id(arena, LIMIT_REQUEST_ID_BYTES, 'x', &status), 0);
	assert_int_equal(code_of_id(arena, LIMIT_REQUEST_ID_BYTES, '\n', &status), 0);
	assert_int_equal(code_of_id(arena, LIMIT_REQUEST_ID_BYTES + 1, 'x', &status), RPC_INVALID_REQUEST);
	assert_int_equal(status, STATUS_INVALID);
	arena_free(arena);
}

/* An arena that is full is out of memory, said as such, wherever it happens. */
static void
test_small_arena(void **state)
{
	struct str line = STR("{\"jsonrpc\":\"2.0\",\"id\":\"abcdefghijklmnop\",\"method\":\"search\","
			      "\"params\":{\"q\":\"abcdefghijklmnopqrstuvwxyz\",\"cursor\":\"0123456789\"}}");
	bool was_full = false;

	(void)state;
	for (size_t max = 1; max < 200; max++) {
		struct arena *arena;
		enum status status;
		int code;

		assert_int_equal(arena_new(max, &arena), STATUS_OK);
		code = code_of(arena, line, &status);
		arena_free(arena);
		if (code == 0)
			break;
		assert_int_equal(status, STATUS_NOMEM);
		assert_int_equal(code, -32010);
		was_full = true;
	}
	assert_true(was_full);
}

static void
test_defaults(void **state)
{
	struct request request;

	(void)state;
	request_init(&request, METHOD_SEARCH);
	assert_int_equal(request.search.limit, 10);
	assert_int_equal(request.search.passages, 2);
	assert_int_equal(request.search.matches, 0);
	assert_int_equal(request.document.length, 262144);
	assert_true(str_eq(request.id, STR("null")));
	assert_null(request_sort_name(3));
	assert_null(request_accents_name(99));
	assert_string_equal(request_operator_name(1), "or");
}

static void
test_codes(void **state)
{
	enum method method;

	(void)state;
	assert_int_equal(protocol_code(STATUS_INVALID), -32001);
	assert_int_equal(protocol_code(STATUS_INTERNAL), -32603);
	assert_int_equal(protocol_code(STATUS_OK), -32603);
	assert_int_equal(protocol_code((enum status)999), -32603);
	assert_int_equal(protocol_status(-32700), STATUS_INVALID);
	assert_int_equal(protocol_status(-32601), STATUS_NOT_FOUND);
	assert_int_equal(protocol_status(12345), STATUS_INTERNAL);
	for (int code = -32011; code <= -32001; code++)
		assert_int_equal(protocol_code(protocol_status(code)), code);
	for (int i = 0; i < METHOD_COUNT; i++) {
		assert_true(method_find(str_of(method_name((enum method)i)), &method));
		assert_int_equal(method, i);
	}
	assert_false(method_find(STR("pin"), &method));
}

static uint32_t
next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* Any bytes, and a right request with a few of its bytes changed, are taken or refused in good order. */
static void
test_random_lines(void **state)
{
	static const char right[] = "{\"jsonrpc\":\"2.0\",\"id\":\"a\\u00e9\",\"method\":\"search\",\"params\":"
				    "{\"q\":\"cessez-le-feu NEAR Alep\",\"limit\":10,\"sort\":\"date\"}}";
	static const char letters[] = "{}[]\",:\\u0123456789eE+-. truefalsn\n\xC3\xA9\xFF";
	uint32_t seed = 7117;
	struct arena *arena;
	int taken = 0;

	(void)state;
	assert_int_equal(arena_new(ARENA_BYTES, &arena), STATUS_OK);
	for (int round = 0; round < 50000; round++) {
		char text[sizeof(right)];
		struct buf out;
		size_t changes = round % 3 == 0 ? sizeof(text) : next_random(&seed) % 3;

		memcpy(text, right, sizeof(text));
		for (size_t i = 0; i < changes; i++)
			text[next_random(&seed) % (sizeof(text) - 1)] = letters[next_random(&seed) % sizeof(letters)];
		buf_init(&out, 2 * LIMIT_REQUEST_BYTES);
		describe(arena, (struct str) { text, sizeof(text) - 1 }, &out);
		taken += out.data[0] == '{';
		buf_done(&out);
		arena_reset(arena);
	}
	arena_free(arena);
	assert_true(taken > 1000 && taken < 49000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_language),
		cmocka_unit_test(test_line_length),
		cmocka_unit_test(test_id_length),
		cmocka_unit_test(test_small_arena),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_random_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
