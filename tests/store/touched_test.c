/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The set of documents that an inverted file has wrong: what is noted, what is written of it, and what is read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "store/touched.h"

enum { VALUE_BYTES = 8 << 20, SMALL = 900 };

static struct error error;

static void
read_ok(struct touched *touched, struct str value)
{
	if (touched_read(touched, value, &error) != STATUS_OK)
		fail_msg("%.*s: %s", STR_FMT(value), error.message);
}

static void
assert_value(struct touched *touched, struct str expected)
{
	struct buf value;

	buf_init(&value, VALUE_BYTES);
	assert_int_equal(touched_write(touched, &value, &error), STATUS_OK);
	assert_true(str_eq(buf_str(&value), expected));
	buf_done(&value);
}

/* Writes the set, reads it into another, and compares the two. */
static void
assert_round_trip(struct touched *touched)
{
	struct touched other = { 0 };
	struct buf value;

	buf_init(&value, VALUE_BYTES);
	assert_int_equal(touched_write(touched, &value, &error), STATUS_OK);
	read_ok(&other, buf_str(&value));
	assert_int_equal(other.last, touched->last);
	assert_int_equal(other.lean, touched->lean);
	assert_int_equal(other.n_set, touched->n_set);
	assert_int_equal(other.n_words, touched->n_words);
	for (uint32_t i = 0; i < touched->n_words; i++)
		assert_true(other.words[i] == touched->words[i]);
	touched_done(&other);
	buf_done(&value);
}

static void
test_no_file(void **state)
{
	struct touched touched = { 0 };

	(void)state;
	read_ok(&touched, STR(""));
	assert_int_equal(touched.last, 0);
	assert_false(touched_note(&touched, 1));
	assert_int_equal(touched.n_set, 0);
	touched_done(&touched);
}

static void
test_values(void **state)
{
	struct touched touched = { 0 };

	(void)state;
	read_ok(&touched, STR("300"));
	assert_int_equal(touched.last, 300);
	assert_value(&touched, STR("300"));
	assert_false(touched_has(&touched, 1));
	assert_true(touched_has(&touched, 301));
	assert_false(touched_note(&touched, 301));
	assert_true(touched_note(&touched, 300));
	assert_false(touched_note(&touched, 300));
	assert_value(&touched, STR("300\n\xAC\x02"));
	assert_true(touched_note(&touched, 1));
	assert_true(touched_note(&touched, 64));
	assert_true(touched_note(&touched, 63));
	assert_value(&touched, STR("300\n\x01\x3E\x01\xEC\x01"));
	assert_int_equal(touched.n_set, 4);
	assert_true(touched_has(&touched, 64));
	assert_false(touched_has(&touched, 65));
	assert_round_trip(&touched);
	touched_done(&touched);
}

/* A value that nobody wrote is refused, and leaves the set as it was. */
static void
test_damaged(void **state)
{
	static const struct str values[] = { STR("0"), STR("x"), STR(" all"), STR("5all"), STR("5 all"), STR("5 all "),
		STR("5 "), STR("5lean"), STR("5 lean all"), STR("5 lean "), STR("5 lean lean"), STR("5 bits\n"),
		STR("5 bits\n\x01"), STR("5 bits\n\x40"), STR("5 bits\n\x02\x00"), STR("5 bits\x02"), STR("5\n\x06"),
		STR("5\n\x05\x01"), STR("5\n\x01\x05"), STR("5\n\x80"), STR("5\n\x01\x00"), STR("4294967296"),
		STR("99999999999999999999"), STR("-1"), STR("\n\x01"),
		STR("5\n\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01") };
	struct touched touched = { 0 };

	(void)state;
	read_ok(&touched, STR("7\n\x07"));
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (touched_read(&touched, values[i], &error) != STATUS_CORRUPT)
			fail_msg("value %zu is taken", i);
		assert_value(&touched, STR("7\n\x07"));
	}
	touched_done(&touched);
}

/* However few documents there are, a thousand are not many. */
static void
test_few_documents(void **state)
{
	struct touched touched = { 0 };

	(void)state;
	read_ok(&touched, STR("900"));
	for (uint32_t docid = SMALL; docid >= 1; docid--)
		assert_true(touched_note(&touched, docid));
	assert_false(touched_is_many(&touched));
	assert_int_equal(touched.n_set, SMALL);
	assert_round_trip(&touched);
	read_ok(&touched, STR("4000"));
	for (uint32_t docid = 1; docid <= LIMIT_TOUCHED_LEAST; docid++)
		assert_true(touched_note(&touched, 2 * docid));
	assert_false(touched_is_many(&touched));
	assert_true(touched_note(&touched, 1));
	assert_true(touched_is_many(&touched));
	assert_round_trip(&touched);
	touched_done(&touched);
}

/* Any share may be touched. */
static void
test_an_eighth(void **state)
{
	struct touched touched = { 0 };

	(void)state;
	read_ok(&touched, STR("80000"));
	for (uint32_t docid = 80000; docid >= 1; docid--) {
		assert_int_equal(touched_is_many(&touched), touched.n_set > 80000 / LIMIT_TOUCHED_SHARE);
		assert_true(touched_note(&touched, docid));
		if (docid % 20000 == 7)
			assert_round_trip(&touched);
	}
	assert_int_equal(touched.n_set, 80000);
	assert_round_trip(&touched);
	touched_done(&touched);
}

/* What is lean stays so. */
static void
test_lean(void **state)
{
	struct touched touched = { 0 };

	(void)state;
	read_ok(&touched, STR("5 lean"));
	assert_true(touched.lean);
	assert_value(&touched, STR("5 lean"));
	assert_true(touched_note(&touched, 5));
	assert_value(&touched, STR("5 lean\n\x05"));
	assert_round_trip(&touched);
	touched_done(&touched);
}

/* What stands before a set is had without it. */
static void
test_head(void **state)
{
	static const struct {
		struct str value;
		uint32_t last;
		bool lean;
	} values[] = { { STR(""), 0, false }, { STR("1"), 1, false }, { STR("20000 lean"), 20000, true },
		{ STR("20000 lean\n\x05"), 20000, true }, { STR("17 bits\n\xFE\x01\x02"), 17, false },
		{ STR("33553920"), LIMIT_FILE_DOCUMENTS, false } };
	uint32_t last = 77;
	bool lean = true;

	(void)state;
	assert_int_equal(touched_read_head(STR("33553921"), &last, &lean, &error), STATUS_CORRUPT);
	assert_int_equal(touched_read_head(STR("x"), &last, &lean, &error), STATUS_CORRUPT);
	assert_int_equal(touched_read_head(STR("0"), &last, &lean, &error), STATUS_CORRUPT);
	assert_int_equal(last, 77);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		assert_int_equal(touched_read_head(values[i].value, &last, &lean, &error), STATUS_OK);
		assert_int_equal(last, values[i].last);
		assert_int_equal(lean, values[i].lean);
	}
}

/* The set of a new file. */
static void
test_begin(void **state)
{
	struct touched touched = { 0 };

	(void)state;
	assert_int_equal(touched_begin(&touched, 64, &error), STATUS_OK);
	assert_value(&touched, STR("64"));
	assert_true(touched_note(&touched, 64));
	assert_int_equal(touched_begin(&touched, LIMIT_FILE_DOCUMENTS + 1, &error), STATUS_LIMIT);
	assert_value(&touched, STR("64\n\x40"));
	assert_int_equal(touched_begin(&touched, 2, &error), STATUS_OK);
	assert_false(touched_has(&touched, 2));
	assert_value(&touched, STR("2"));
	touched_done(&touched);
}

/* What is written is the shorter of gaps and bits. */
static void
test_bits(void **state)
{
	struct touched touched = { 0 };

	(void)state;
	read_ok(&touched, STR("17"));
	for (uint32_t docid = 1; docid <= 8; docid++)
		assert_true(touched_note(&touched, docid));
	assert_value(&touched, STR("17\n\x01\x01\x01\x01\x01\x01\x01\x01"));
	assert_true(touched_note(&touched, 17));
	assert_value(&touched, STR("17 bits\n\xFE\x01\x02"));
	assert_round_trip(&touched);
	read_ok(&touched, STR("17 bits\n\xFE\x01\x02"));
	assert_int_equal(touched.n_set, 9);
	assert_true(touched_has(&touched, 8) && touched_has(&touched, 17) && !touched_has(&touched, 9));
	touched_done(&touched);
}

/* All of the largest file can be told, however it is touched; a larger one cannot be. */
static void
test_most(void **state)
{
	struct touched touched = { 0 };
	struct buf value;

	(void)state;
	read_ok(&touched, STR("33553920 lean"));
	assert_int_equal(touched.last, LIMIT_FILE_DOCUMENTS);
	for (uint32_t docid = 1; docid <= LIMIT_FILE_DOCUMENTS; docid += 3)
		(void)touched_note(&touched, docid);
	assert_round_trip(&touched);
	for (uint32_t docid = 1; docid <= LIMIT_FILE_DOCUMENTS; docid++)
		(void)touched_note(&touched, docid);
	assert_round_trip(&touched);
	buf_init(&value, LIMIT_TOUCHED_BYTES);
	assert_int_equal(touched_write(&touched, &value, &error), STATUS_OK);
	buf_done(&value);
	touched_done(&touched);
	assert_int_equal(touched_read(&touched, STR("33553921"), &error), STATUS_CORRUPT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_file),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_few_documents),
		cmocka_unit_test(test_an_eighth),
		cmocka_unit_test(test_lean),
		cmocka_unit_test(test_head),
		cmocka_unit_test(test_begin),
		cmocka_unit_test(test_bits),
		cmocka_unit_test(test_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
