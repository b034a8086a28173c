/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/buf.h"

#include <string.h>

#include "tests/base/cmocka_first.h"

static void
test_empty(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 10);
	assert_str(buf_str(&buf), "");
	assert_non_null(buf_str(&buf).p);
	assert_int_equal(buf_status(&buf), STATUS_OK);
	assert_null(buf.data);
	buf_consume(&buf, 0);
	buf_reset(&buf);
	buf_done(&buf);
	buf_done(&buf);
}

static void
test_appends_in_order(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 100);
	assert_int_equal(buf_append(&buf, "a\0b", 3), STATUS_OK);
	assert_int_equal(buf_append_str(&buf, STR("cd")), STATUS_OK);
	assert_int_equal(buf_append_char(&buf, 'e'), STATUS_OK);
	assert_int_equal(buf_printf(&buf, "%03d%s", 7, "f"), STATUS_OK);
	assert_int_equal(buf_append(&buf, NULL, 0), STATUS_OK);
	assert_str(buf_str(&buf), "a\0bcde007f");
	buf_reset(&buf);
	assert_int_equal(buf_append_uint(&buf, 0, 0), STATUS_OK);
	assert_int_equal(buf_append_uint(&buf, 1204, 2), STATUS_OK);
	assert_int_equal(buf_append_uint(&buf, 7, 3), STATUS_OK);
	assert_int_equal(buf_append_uint(&buf, UINT64_MAX, 1), STATUS_OK);
	assert_int_equal(buf_append_uint(&buf, 1, 1000), STATUS_OK);
	assert_str(buf_str(&buf), "012040071844674407370955161500000000000000000001");
	assert_int_equal(buf.data[buf.len], '\0');
	buf_done(&buf);
}

/* One appended run of maximum + delta bytes, for every way of appending it. */
static void
test_maximum(void **state)
{
	static const size_t maxima[] = { 0, 1, 255, 256, 257, 1000 };
	char bytes[1100];

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	for (size_t i = 0; i < sizeof(maxima) / sizeof(maxima[0]); i++) {
		for (int delta = maxima[i] > 0 ? -1 : 0; delta <= 1; delta++) {
			size_t len = (size_t)((int)maxima[i] + delta);
			enum status expected = delta > 0 ? STATUS_LIMIT : STATUS_OK;
			struct buf buf;

			buf_init(&buf, maxima[i]);
			assert_int_equal(buf_append(&buf, bytes, len), expected);
			assert_int_equal(buf.len, delta > 0 ? 0 : len);
			buf_done(&buf);
			assert_int_equal(buf_printf(&buf, "%.*s", (int)len, bytes), expected);
			assert_int_equal(buf.len, delta > 0 ? 0 : len);
			buf_done(&buf);
			for (size_t n = 0; n < len; n++)
				(void)buf_append_char(&buf, 'x');
			assert_int_equal(buf_status(&buf), expected);
			assert_int_equal(buf.len, delta > 0 ? maxima[i] : len);
			assert_true(buf.cap <= maxima[i] + 1);
			buf_done(&buf);
		}
	}
}

static void
test_no_maximum(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, SIZE_MAX);
	for (int i = 0; i < 10000; i++)
		(void)buf_append_str(&buf, STR("0123456789"));
	assert_int_equal(buf_status(&buf), STATUS_OK);
	assert_int_equal(buf.len, 100000);
	buf_done(&buf);
}

static void
test_failure_leaves_contents_and_sticks(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 4);
	assert_int_equal(buf_append_str(&buf, STR("abc")), STATUS_OK);
	assert_int_equal(buf_append_str(&buf, STR("de")), STATUS_LIMIT);
	assert_str(buf_str(&buf), "abc");
	/* There would be room for one, but something is already missing before it. */
	assert_int_equal(buf_append_char(&buf, 'f'), STATUS_LIMIT);
	assert_int_equal(buf_printf(&buf, "%c", 'f'), STATUS_LIMIT);
	assert_str(buf_str(&buf), "abc");
	buf_reset(&buf);
	assert_int_equal(buf_status(&buf), STATUS_OK);
	assert_str(buf_str(&buf), "");
	assert_int_equal(buf_append_str(&buf, STR("wxyz")), STATUS_OK);
	assert_str(buf_str(&buf), "wxyz");
	buf_done(&buf);
	assert_int_equal(buf_append_str(&buf, STR("again")), STATUS_LIMIT);
	buf_done(&buf);
	assert_int_equal(buf_status(&buf), STATUS_OK);
}

/* More memory than there is: refused, with the contents kept. */
static void
test_memory_runs_out(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, SIZE_MAX);
	assert_int_equal(buf_append_str(&buf, STR("abc")), STATUS_OK);
	assert_int_equal(buf_append(&buf, "", SIZE_MAX / 2), STATUS_NOMEM);
	assert_str(buf_str(&buf), "abc");
	assert_int_equal(buf_append_char(&buf, 'd'), STATUS_NOMEM);
	buf_done(&buf);
}

static void
test_consume(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 10);
	assert_int_equal(buf_append_str(&buf, STR("line\nrest")), STATUS_OK);
	buf_consume(&buf, 0);
	assert_str(buf_str(&buf), "line\nrest");
	buf_consume(&buf, 5);
	assert_str(buf_str(&buf), "rest");
	assert_int_equal(buf.data[4], '\0');
	assert_int_equal(buf_append_str(&buf, STR("123456")), STATUS_OK);
	buf_consume(&buf, 10);
	assert_str(buf_str(&buf), "");
	buf_done(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_appends_in_order),
		cmocka_unit_test(test_maximum),
		cmocka_unit_test(test_no_maximum),
		cmocka_unit_test(test_failure_leaves_contents_and_sticks),
		cmocka_unit_test(test_memory_runs_out),
		cmocka_unit_test(test_consume),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
