/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A list is found again where the same bytes were written before, in the file or still in memory; and only there, whatever its hash says.
 */
#include "invfile/same.h"

#include <stdlib.h>
#include <unistd.h>

#include "tests/base/cmocka_first.h"
#include "tests/invfile/fixture.h"

/* SLOTS: that same_new() makes for one document. */
enum { WORDS_MOST = 2000, SLOTS = 4096, SHORT_LISTS = SLOTS / 4 };

static struct error error;
static struct output output;
static struct same *same;

static int
setup(void **state)
{
	if (fixture_setup(state) != 0 || same_new(1, &same, &error) != STATUS_OK)
		return -1;
	output_init(&output);
	/* No file begins with a list. */
	return output_open(&output, fixture_path(), &error) == STATUS_OK &&
		       output_put(&output, "a header", 8, &error) == STATUS_OK
		   ? 0
		   : -1;
}

static int
teardown(void **state)
{
	same_free(same);
	output_done(&output);
	return unlink(fixture_path()) == 0 ? fixture_teardown(state) : -1;
}

/* Puts a list; where it is, or where one that is the same was. */
static uint64_t
put(const void *bytes, size_t len)
{
	uint64_t off = output_len(&output), found = 0;

	fixture_must(output_put(&output, bytes, len, &error), &error);
	fixture_must(same_find(same, &output, off, &found, &error), &error);
	assert_int_equal(output_len(&output), found == off ? off + len : off);
	return found;
}

static void
flush(void)
{
	fixture_must(output_flush(&output, &error), &error);
}

/* ---- Lists whose hashes are the same --------------------------------------------------------- */

/* What same.c makes of whole words, before it ends: a step can be undone, so that other bytes can be brought to the same hash. */
static uint64_t
step(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x100000001b3);
	return hash ^ hash >> 29;
}

/* Changes word `at` of n, and the one behind it so that the hash is as it was. */
static void
change(uint64_t *words, size_t n, size_t at)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ n * sizeof(*words), other;

	for (size_t i = 0; i < at; i++)
		hash = step(hash, words[i]);
	other = step(hash, words[at] + 1);
	hash = step(hash, words[at]);
	words[at]++;
	words[at + 1] ^= hash ^ other;
}

static void
test_other_lists_with_the_same_hash(void **state)
{
	static const struct {
		size_t n;
		size_t at;
	} cases[] = { { 2, 0 }, { 3, 1 }, { 512, 0 }, { 513, 511 }, { 600, 590 }, { WORDS_MOST, 0 },
		{ WORDS_MOST, WORDS_MOST - 2 } };
	uint64_t words[WORDS_MOST];

	(void)state;
	for (size_t flushes = 0; flushes < 2; flushes++)
		for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
			size_t len = cases[c].n * sizeof(*words);
			uint64_t first, second;

			for (size_t i = 0; i < cases[c].n; i++)
				words[i] = i * 1000003 + 7 * c + flushes;
			first = put(words, len);
			if (flushes > 0)
				flush();
			assert_int_equal(put(words, len), first);
			change(words, cases[c].n, cases[c].at);
			second = put(words, len);
			assert_int_not_equal(second, first);
			/* It has a place of its own, in the same line of slots. */
			assert_int_equal(put(words, len), second);
		}
}

/* Zeros at the end count. */
static void
test_short_lists(void **state)
{
	static const char bytes[12] = { 1 };
	uint64_t places[sizeof(bytes)];

	(void)state;
	for (size_t len = 1; len < sizeof(bytes); len++) {
		places[len] = put(bytes, len);
		assert_int_equal(places[len], output_len(&output) - len);
	}
	flush();
	for (size_t len = 1; len < sizeof(bytes); len++)
		assert_int_equal(put(bytes, len), places[len]);
}

/* In which slot a list of up to eight bytes is looked for first. */
static uint64_t
slot_of(uint64_t word, size_t len)
{
	uint64_t hash = step(UINT64_C(0xcbf29ce484222325) ^ len, word) * UINT64_C(0x100000001b3);

	return (hash ^ hash >> 32) & (SLOTS - 1);
}

/* The same, where both are looked for in one slot. */
static void
test_zeros_in_one_slot(void **state)
{
	char bytes[8] = "";
	uint32_t word = 1;
	uint64_t place;

	(void)state;
	while (slot_of(word, 4) != slot_of(word, 5))
		word++;
	memcpy(bytes, &word, sizeof(word));
	place = put(bytes, 4);
	assert_int_equal(put(bytes, 5), place + 4);
	assert_int_equal(put(bytes, 4), place);
}

/* A list that was written in part is not looked for. */
static void
test_written_in_part(void **state)
{
	static const char bytes[64];
	uint64_t off, found;

	(void)state;
	(void)put(bytes, sizeof(bytes));
	off = output_len(&output);
	fixture_must(output_put(&output, bytes, sizeof(bytes) / 2, &error), &error);
	flush();
	fixture_must(output_put(&output, bytes, sizeof(bytes) / 2, &error), &error);
	fixture_must(same_find(same, &output, off, &found, &error), &error);
	assert_int_equal(found, off);
	assert_int_equal(output_len(&output), off + sizeof(bytes));
}

/* Of as many as fill a quarter of the slots hardly one has no place. */
static void
test_many_lists(void **state)
{
	uint64_t places[SHORT_LISTS];
	uint32_t words[SHORT_LISTS];
	unsigned n_found = 0;

	(void)state;
	for (uint32_t i = 0; i < SHORT_LISTS; i++) {
		words[i] = (i + 1) * i * i * 2654435761u;
		places[i] = put(&words[i], sizeof(*words));
		assert_true(i == 0 || places[i] == places[i - 1] + sizeof(*words));
	}
	for (uint32_t i = 0; i < SHORT_LISTS; i++)
		n_found += put(&words[i], sizeof(*words)) == places[i];
	assert_in_range(n_found, SHORT_LISTS - 4, SHORT_LISTS);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_other_lists_with_the_same_hash, setup, teardown),
		cmocka_unit_test_setup_teardown(test_short_lists, setup, teardown),
		cmocka_unit_test_setup_teardown(test_zeros_in_one_slot, setup, teardown),
		cmocka_unit_test_setup_teardown(test_written_in_part, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_lists, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
