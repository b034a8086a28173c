/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "protocol/reply.h"
#include "tests/protocol/table.h"

static void
test_write_result(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	for (int i = 0; i < 2; i++) {
		reply_begin(&out, STR("\"x\""));
		json_write_open(&out, '{');
		json_write_key(&out, "protocol");
		json_write_int(&out, PROTOCOL_VERSION);
		json_write_close(&out, '}');
		assert_int_equal(reply_end(&out), STATUS_OK);
	}
	/* A second reply may follow the first in one buffer. */
	assert_string_equal(out.data, "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"result\":{\"protocol\":1}}\n"
				      "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"result\":{\"protocol\":1}}\n");
	buf_done(&out);
}

static void
test_write_error(void **state)
{
	struct error error = { .code = STATUS_INVALID, .off = 3, .message = "\"é\" needs\na word" };
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	assert_int_equal(reply_error(&out, STR("7"), -32001, &error, STR("é (x"), 0), STATUS_OK);
	assert_string_equal(out.data,
	    "{\"jsonrpc\":\"2.0\",\"id\":7,\"error\":{\"code\":-32001,\"message\":\"\\\"é\\\" needs\\na word\","
	    "\"data\":{\"status\":\"invalid\",\"column\":3,\"offset\":3}}}\n");
	buf_reset(&out);
	error = (struct error) { .code = STATUS_BUSY, .off = ERROR_NO_OFFSET, .message = "too many requests wait" };
	assert_int_equal(reply_error(&out, STR("null"), -32004, &error, STR(""), 50), STATUS_OK);
	assert_string_equal(out.data,
	    "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32004,\"message\":\"too many requests wait\","
	    "\"data\":{\"status\":\"busy\",\"retry_after_ms\":50}}}\n");
	buf_done(&out);
	buf_init(&out, 20);
	assert_int_equal(reply_error(&out, STR("null"), -32004, &error, STR(""), 50), STATUS_LIMIT);
	buf_done(&out);
}

static void
test_column(void **state)
{
	struct str q = STR("é€😀\xFFz");

	(void)state;
	assert_int_equal(reply_column(q, 0), 1);
	assert_int_equal(reply_column(q, 1), 1); /* inside é */
	assert_int_equal(reply_column(q, 2), 2);
	assert_int_equal(reply_column(q, 5), 3);
	assert_int_equal(reply_column(q, 9), 4);
	assert_int_equal(reply_column(q, 10), 5);
	assert_int_equal(reply_column(q, 11), 6); /* the end */
	assert_int_equal(reply_column(q, 4000), 6);
	assert_int_equal(reply_column(STR(""), 0), 1);
}

static void
test_read(void **state)
{
	struct reply reply;

	(void)state;
	assert_int_equal(
	    reply_read(STR("{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"a\":1}}"), &reply, NULL), STATUS_OK);
	assert_int_equal(reply.id->as.integer, 7);
	assert_int_equal(value_count(reply.result), 1);
	reply_done(&reply);
	assert_null(reply.root);
	assert_int_equal(reply_read(STR("{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32004,\"message\":\"m\","
					"\"data\":{\"status\":\"busy\",\"column\":3,\"offset\":4,"
					"\"retry_after_ms\":50}}}"),
			     &reply, NULL),
	    STATUS_OK);
	assert_null(reply.result);
	assert_int_equal(reply.status, STATUS_BUSY);
	assert_true(reply.has_place && reply.column == 3 && reply.offset == 4 && reply.retry_after_ms == 50);
	assert_true(str_eq(reply.message, STR("m")));
	reply_done(&reply);
	/* Data that makes no sense is no reason to lose the message. */
	assert_int_equal(reply_read(STR("{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":1,\"message\":\"m\","
					"\"data\":{\"column\":-1,\"offset\":\"x\",\"retry_after_ms\":1e9}}}"),
			     &reply, NULL),
	    STATUS_OK);
	assert_true(!reply.has_place && reply.retry_after_ms == 0 && reply.status == STATUS_INTERNAL);
	reply_done(&reply);
}

static void
test_refused(void **state)
{
	static const char *const lines[] = {
		"",
		"x",
		"{}",
		"[]",
		"\xE9",
		"{\"jsonrpc\":\"2.0\",\"id\":1}",
		"{\"jsonrpc\":\"2.0\",\"result\":{}}",
		"{\"id\":1,\"result\":{}}",
		"{\"jsonrpc\":\"1.0\",\"id\":1,\"result\":{}}",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":[]}",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":null}",
		"{\"jsonrpc\":\"2.0\",\"id\":1.5,\"result\":{}}",
		"{\"jsonrpc\":\"2.0\",\"id\":{},\"result\":{}}",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{},\"error\":{\"code\":1,\"message\":\"m\"}}",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":null}",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{}}",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":\"1\",\"message\":\"m\"}}",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":99999999999,\"message\":\"m\"}}",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":1}}",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":1,\"message\":2}}",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":1,\"result\":{}}",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}{}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct reply reply;
		struct error error = { .message = "" };

		if (reply_read(str_of(lines[i]), &reply, &error) != STATUS_INVALID)
			fail_msg("%s is taken for a reply", lines[i]);
		assert_non_null(strstr(error.message, "the server's reply is not understood: "));
	}
}

static void
test_length(void **state)
{
	struct str reply_text = STR("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}");
	char *line = malloc(REPLY_READ_BYTES + 1);
	struct reply reply;
	struct error error;

	(void)state;
	memset(line, ' ', REPLY_READ_BYTES + 1);
	memcpy(line, reply_text.p, reply_text.len);
	assert_int_equal(reply_read((struct str) { line, REPLY_READ_BYTES }, &reply, &error), STATUS_OK);
	reply_done(&reply);
	assert_int_equal(reply_read((struct str) { line, REPLY_READ_BYTES + 1 }, &reply, &error), STATUS_LIMIT);
	assert_int_equal(error.code, STATUS_LIMIT);
	free(line);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_write_result),
		cmocka_unit_test(test_write_error),
		cmocka_unit_test(test_column),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
