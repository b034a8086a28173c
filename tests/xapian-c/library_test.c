/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Versions, sortable numbers, compaction and check. */
#include <math.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/xapian-c/scratch.h"

static const char *const pets[] = { "chat chien", "chien lapin", "cheval", NULL };
static const char *const more[] = { "loup", "chat", NULL };

static void
test_versions(void **state)
{
	(void)state;
	assert_int_equal(strncmp(xc_version(), "1.4.", 4), 0);
	assert_int_equal(strncmp(xc_version_compiled(), "1.4.", 4), 0);
	assert_string_equal(xc_status_name(STATUS_NOT_FOUND), "not_found");
	assert_string_equal(xc_status_text(STATUS_OK), "no error");
}

static void
test_sortable_numbers(void **state)
{
	static const double numbers[] = { (double)-INFINITY, -1e300, -2.5, -1, -1e-300, 0, 1e-300, 1, 20161207, 1e300,
		(double)INFINITY };
	char before[XC_SORTABLE_BYTES], bytes[XC_SORTABLE_BYTES];
	size_t before_len = 0, len;

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		len = xc_sortable_serialise(numbers[i], bytes);
		assert_in_range(len, 0, XC_SORTABLE_BYTES);
		assert_true(xc_sortable_unserialise((struct str) { bytes, len }) == numbers[i]);
		if (i > 0)
			assert_true(str_cmp((struct str) { before, before_len }, (struct str) { bytes, len }) < 0);
		memcpy(before, bytes, len);
		before_len = len;
	}
	(void)xc_sortable_unserialise(STR("\xFF\xFE any bytes at all, of any length whatever"));
	(void)xc_sortable_unserialise((struct str) { NULL, 0 });
}

static void
assert_compacted(const char *from, const char *to, unsigned flags, unsigned block_size)
{
	struct xc_database *db = scratch_open(from);

	assert_ok(xc_database_compact(db, scratch_path(to), flags, block_size, &err));
	xc_database_close(db);
	db = scratch_open(to);
	assert_matches(db, term("chien"), "1 2");
	xc_database_close(db);
}

static void
test_compact(void **state)
{
	(void)state;
	scratch_database("db", pets);
	assert_compacted("db", "standard", XC_COMPACT_STANDARD, 0);
	assert_compacted("db", "full", XC_COMPACT_FULL | XC_COMPACT_NO_RENUMBER, 4096);
	assert_compacted("db", "fuller", XC_COMPACT_FULLER | XC_COMPACT_MULTIPASS, 2048);
	assert_compacted("db", "single", XC_COMPACT_SINGLE_FILE, 0);
}

static void
test_compact_merges(void **state)
{
	struct xc_database *all = NULL, *one;

	(void)state;
	scratch_database("a", pets);
	scratch_database("b", more);
	assert_ok(xc_database_new(&all, &err));
	one = scratch_open("a");
	assert_ok(xc_database_add(all, one, &err));
	xc_database_close(one);
	one = scratch_open("b");
	assert_ok(xc_database_add(all, one, &err));
	xc_database_close(one);
	assert_ok(xc_database_compact(all, scratch_path("both"), XC_COMPACT_FULL, 0, &err));
	assert_fails(STATUS_INVALID,
	    xc_database_compact(all, scratch_path("no"), XC_COMPACT_FULL | XC_COMPACT_NO_RENUMBER, 0, &err));
	xc_database_close(all);
	one = scratch_open("both");
	assert_int_equal(xc_database_shards(one), 1);
	assert_matches(one, term("chat"), "1 5");
	xc_database_close(one);
}

static void
test_compact_refusals(void **state)
{
	struct xc_database *db;

	(void)state;
	scratch_database("db", pets);
	db = scratch_open("db");
	assert_fails(STATUS_INVALID, xc_database_compact(db, scratch_path("db"), 0, 0, &err));
	assert_fails(STATUS_INVALID, xc_database_compact(db, scratch_path("to"), 0x20, 0, &err));
	assert_fails(STATUS_INVALID, xc_database_compact(db, scratch_path("to"), 0, 3000, &err));
	assert_fails(STATUS_INVALID, xc_database_compact(db, STR("t\0o"), 0, 0, &err));
	assert_fails(STATUS_IO, xc_database_compact(db, scratch_path("no/such/folder"), 0, 0, &err));
	xc_database_close(db);
}

static void
test_check_of_a_good_one(void **state)
{
	static const unsigned every =
	    XC_CHECK_SHORT_TREE | XC_CHECK_FULL_TREE | XC_CHECK_SHOW_FREELIST | XC_CHECK_SHOW_STATS;
	char report[65536], tiny[8] = "?";
	size_t errors = 9;

	(void)state;
	scratch_database("db", pets);
	assert_ok(xc_database_check(scratch_path("db"), 0, NULL, 0, &errors, &err));
	assert_int_equal(errors, 0);
	errors = 9;
	assert_ok(xc_database_check(scratch_path("db"), every, report, sizeof(report), &errors, &err));
	assert_int_equal(errors, 0);
	assert_non_null(strstr(report, "structure checked OK"));
	assert_ok(xc_database_check(scratch_path("db"), 0, tiny, sizeof(tiny), &errors, &err));
	assert_int_equal(strlen(tiny), sizeof(tiny) - 1);
	assert_memory_equal(tiny, report, 4);
	assert_ok(xc_database_check(scratch_path("db"), 0, tiny, 1, &errors, &err));
	assert_string_equal(tiny, "");
}

static void
test_check_refusals(void **state)
{
	size_t errors = 9;

	(void)state;
	scratch_file("garbage", STR("nothing of the kind\n"));
	assert_fails(STATUS_IO, xc_database_check(scratch_path("nowhere"), 0, NULL, 0, &errors, &err));
	assert_fails(STATUS_CORRUPT, xc_database_check(scratch_path("garbage"), 0, NULL, 0, &errors, &err));
	assert_fails(STATUS_INVALID, xc_database_check(STR("d\0b"), 0, NULL, 0, &errors, &err));
	assert_fails(STATUS_INVALID, xc_database_check(scratch_path("db"), 16, NULL, 0, &errors, &err));
	assert_int_equal(errors, 9);
}

/* As a caller should: in a child, for it may crash. */
static void
test_check_of_a_damaged_one(void **state)
{
	struct xc_writable *writable = scratch_create("db");
	static char noise[8192];
	size_t errors = 0;
	long blocks = 0;
	FILE *table;
	pid_t child;
	int result;

	(void)state;
	for (int i = 0; i < 3000; i++)
		(void)scratch_add(writable, "chat chien lapin cheval loup renard ours souris");
	assert_ok(xc_writable_commit(writable, &err));
	xc_writable_close(writable);
	table = fopen(scratch_path("db/postlist.glass").p, "r+b");
	assert_non_null(table);
	memset(noise, 0xA5, sizeof(noise));
	assert_int_equal(fseek(table, 0, SEEK_END), 0);
	for (long end = ftell(table); blocks * 8192 < end; blocks++) {
		assert_int_equal(fseek(table, blocks * 8192 + 64, SEEK_SET), 0);
		assert_int_equal(fwrite(noise, 1, 4096, table), 4096);
	}
	assert_int_equal(fclose(table), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		scratch_child();
		if (xc_database_check(scratch_path("db"), 0, NULL, 0, &errors, &err) == STATUS_OK && errors == 0)
			_exit(77);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &result, 0), child);
	assert_false(WIFEXITED(result) && WEXITSTATUS(result) == 77);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_sortable_numbers),
		cmocka_unit_test_setup_teardown(test_compact, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_compact_merges, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_compact_refusals, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_check_of_a_good_one, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_check_refusals, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_check_of_a_damaged_one, scratch_setup, scratch_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
