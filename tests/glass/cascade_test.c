/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs that are merged in several steps give what one merge gives: every key, its counts, every record in its order.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/buf.h"
#include "glass/cascade.h"
#include "store/path.h"
#include "tests/store/fixture.h"

enum { RUNS = 41, COLLECTORS = 3, KEYS = 60, LONG_BYTES = 150000, DUMP_BYTES = 64 * 1024 * 1024 };

static struct error error;
static uint64_t seed;

/* SplitMix64 (Steele, Lea and Flood 2014). */
static uint32_t
below(uint32_t n)
{
	uint64_t z = seed += 0x9E3779B97F4A7C15u;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
	z = (z ^ z >> 27) * 0x94D049BB133111EBu;
	return (uint32_t)((z ^ z >> 31) % n);
}

static void
must(enum status status)
{
	if (status != STATUS_OK)
		fail_msg("%s: %s", status_name(status), error.message);
}

static void
add(struct lists *lists, uint32_t key, uint32_t docid)
{
	static char bytes[LONG_BYTES];
	char name[16];
	struct record record = { docid, below(1000), { bytes, 0 } };
	int n = snprintf(name, sizeof(name), "key%u", key);

	memset(bytes, (int)below(256), sizeof(bytes));
	if (below(3) > 0)
		record.bytes.len = below(50) == 0 ? LONG_BYTES : below(40);
	must(lists_add(lists, (struct str) { name, (size_t)n }, &record, &error));
}

/* Runs of documents that ascend from run to run, shared out among collectors in turn; a key without documents in each, as metadata are. */
static void
write_runs(const char *dir)
{
	unsigned numbers[COLLECTORS] = { 0 };
	uint32_t docid = 0;

	assert_int_equal(mkdir(dir, 0777), 0);
	for (unsigned r = 0; r < RUNS; r++) {
		unsigned collector = r / 4 % COLLECTORS;
		char name[RUN_NAME_BYTES];
		struct lists *lists;

		must(lists_new(&lists, &error));
		for (uint32_t d = r % 7 == 3 ? 0 : below(30); d > 0; d--) {
			docid += 1 + below(5);
			for (uint32_t k = below(12); k > 0; k--)
				add(lists, below(KEYS), docid);
		}
		add(lists, KEYS, 0);
		run_name(collector, numbers[collector]++, name);
		must(run_write(lists, dir, name, &error));
		lists_free(lists);
	}
}

/* All that a merge in `ways` has to say. */
static void
dump(const char *dir, size_t ways, struct buf *out)
{
	struct merge *merge;
	struct merge_key key;
	const struct record *record;
	enum status status;

	must(cascade_open(dir, COLLECTORS, ways, &merge, &error));
	while ((status = merge_next_key(merge, &key, &error)) == STATUS_OK) {
		(void)buf_printf(out, "%.*s %llu %llu\n", STR_FMT(key.key), (unsigned long long)key.records,
		    (unsigned long long)key.sum);
		while ((status = merge_next_record(merge, &record, &error)) == STATUS_OK) {
			(void)buf_printf(out, " %lu %llu %zu ", (unsigned long)record->docid,
			    (unsigned long long)record->number, record->bytes.len);
			(void)buf_append_str(out, record->bytes);
		}
		assert_int_equal(status, STATUS_END);
	}
	assert_int_equal(status, STATUS_END);
	merge_close(merge);
	assert_int_equal(buf_status(out), STATUS_OK);
}

static size_t
count_files(const char *dir)
{
	DIR *folder = opendir(dir);
	const struct dirent *entry;
	size_t n = 0;

	assert_non_null(folder);
	while ((entry = readdir(folder)) != NULL)
		n += entry->d_name[0] != '.';
	(void)closedir(folder);
	return n;
}

static void
test_any_ways(void **state)
{
	static const size_t cases[] = { 2, 3, 5, 7, 20, 21, RUNS - 1, RUNS };
	struct buf whole;

	seed = 7;
	write_runs(fixture_path(*state, "whole"));
	buf_init(&whole, DUMP_BYTES);
	dump(fixture_path(*state, "whole"), RUNS, &whole);
	assert_int_equal(count_files(fixture_path(*state, "whole")), RUNS);
	assert_true(whole.len > LONG_BYTES);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *dir = fixture_path(*state, "case");
		struct buf found;

		seed = 7;
		write_runs(dir);
		buf_init(&found, DUMP_BYTES);
		dump(dir, cases[i], &found);
		assert_true(str_eq(buf_str(&found), buf_str(&whole)));
		assert_int_equal(count_files(dir), cases[i]);
		buf_done(&found);
		must(path_remove_folder(dir, &error));
	}
	buf_done(&whole);
}

/* A disk that is full while runs are merged is told of, and no run is lost that was not merged. */
static void
test_no_room(void **state)
{
	const char *dir = fixture_path(*state, "full");
	struct merge *merge;

	seed = 8;
	write_runs(dir);
	assert_int_equal(mkdir(fixture_path(*state, "full/merged-0.tmp"), 0777), 0);
	assert_int_equal(cascade_open(dir, COLLECTORS, 5, &merge, &error), STATUS_IO);
	assert_non_null(strstr(error.message, "merged-0.tmp"));
	assert_int_equal(count_files(dir), RUNS + 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_any_ways, fixture_setup_folder, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_no_room, fixture_setup_folder, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
