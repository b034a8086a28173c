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
	assert_int_equal(other.all, touched->all);
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
	read_ok(&touched, STR("5 all"));
	assert_true(touched.all && touched_has(&touched, 1));
	assert_false(touched_note(&touched, 1));
	assert_value(&touched, STR("5 all"));
	touched_done(&touched);
}

/* A value that nobody wrote is refused, and leaves the set as it was. */
static void
test_damaged(void **state)
{
	static const struct str values[] = { STR("0"), STR("x"), STR(" all"), STR("5all"), STR("5 al"), STR("5 all "),
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

/* However few documents there are, a thousand may be touched. */
static void
test_few_documents(void **state)
{
	struct touched touched = { 0 };

	(void)state;
	read_ok(&touched, STR("900"));
	for (uint32_t docid = SMALL; docid >= 1; docid--)
		assert_true(touched_note(&touched, docid));
	assert_false(touched.all);
	assert_int_equal(touched.n_set, SMALL);
	assert_round_trip(&touched);
	read_ok(&touched, STR("4000"));
	for (uint32_t docid = 1; docid <= LIMIT_TOUCHED_LEAST; docid++)
		assert_true(touched_note(&touched, 2 * docid));
	assert_false(touched.all);
	assert_true(touched_note(&touched, 1));
	assert_true(touched.all);
	assert_round_trip(&touched);
	touched_done(&touched);
}

static void
test_an_eighth(void **state)
{
	struct touched touched = { 0 };

	(void)state;
	read_ok(&touched, STR("80000"));
	for (uint32_t i = 0; i < 80000 / LIMIT_TOUCHED_SHARE; i++)
		assert_true(touched_note(&touched, 1 + 7 * i));
	assert_false(touched.all);
	assert_round_trip(&touched);
	assert_true(touched_note(&touched, 80000));
	assert_true(touched.all);
	assert_false(touched_note(&touched, 79999));
	assert_value(&touched, STR("80000 all"));
	touched_done(&touched);
}

/* Of a lean index any share may be touched. */
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
	read_ok(&touched, STR("80000 lean"));
	for (uint32_t docid = 80000; docid >= 1; docid--) {
		assert_int_equal(touched_is_many(&touched), touched.n_set > 80000 / LIMIT_TOUCHED_SHARE);
		assert_true(touched_note(&touched, docid));
		if (docid % 20000 == 7)
			assert_round_trip(&touched);
	}
	assert_false(touched.all);
	assert_int_equal(touched.n_set, 80000);
	assert_round_trip(&touched);
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

/* All of the largest lean index can be told. */
static void
test_most_lean(void **state)
{
	struct touched touched = { 0 };

	(void)state;
	read_ok(&touched, STR("33553920 lean"));
	assert_int_equal(touched.last, LIMIT_LEAN_DOCUMENTS);
	for (uint32_t docid = 1; docid <= LIMIT_LEAN_DOCUMENTS; docid++)
		(void)touched_note(&touched, docid);
	assert_round_trip(&touched);
	touched_done(&touched);
}

/* A list that would be too long for the index is not kept. */
static void
test_too_long(void **state)
{
	struct touched touched = { 0 };
	uint32_t docid = 0;

	(void)state;
	read_ok(&touched, STR("500000000"));
	for (uint32_t n = 0; n < LIMIT_TOUCHED_BYTES / 2 - 1; n++)
		assert_true(touched_note(&touched, docid += 200));
	assert_round_trip(&touched);
	assert_false(touched.all);
	assert_true(touched_note(&touched, docid + 200));
	assert_false(touched.all);
	assert_value(&touched, STR("500000000 all"));
	assert_true(touched.all);
	touched_done(&touched);
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
		cmocka_unit_test(test_bits),
		cmocka_unit_test(test_most_lean),
		cmocka_unit_test(test_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
