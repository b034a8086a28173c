/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Databases for reading: what they tell, and every way in which opening and reading them fails. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/xapian-c/scratch.h"

static const char *const pets[] = { "chat chien", "chien chien lapin", "cheval", NULL };

static void
test_tells_of_itself(void **state)
{
	struct xc_database *db;
	xc_doccount count;
	xc_docid last;
	xc_termcount lower, upper, length;
	uint64_t total, revision;
	double mean;
	bool has, locked;
	struct str uuid;

	(void)state;
	scratch_database("db", pets);
	db = scratch_open("db");
	assert_int_equal(xc_database_shards(db), 1);
	assert_ok(xc_database_doccount(db, &count, &err));
	assert_int_equal(count, 3);
	assert_ok(xc_database_lastdocid(db, &last, &err));
	assert_int_equal(last, 3);
	assert_ok(xc_database_avlength(db, &mean, &err));
	assert_true(mean == 2.0);
	assert_ok(xc_database_total_length(db, &total, &err));
	assert_int_equal(total, 6);
	assert_ok(xc_database_doclength_bounds(db, &lower, &upper, &err));
	assert_true(lower >= 1 && lower <= upper && upper >= 3);
	assert_ok(xc_database_doclength(db, 2, &length, &err));
	assert_int_equal(length, 3);
	assert_ok(xc_database_unique_terms(db, 2, &length, &err));
	assert_int_equal(length, 2);
	assert_ok(xc_database_has_positions(db, &has, &err));
	assert_true(has);
	assert_ok(xc_database_is_locked(db, &locked, &err));
	assert_false(locked);
	assert_ok(xc_database_uuid(db, &uuid, &err));
	assert_int_equal(uuid.len, 36);
	assert_ok(xc_database_revision(db, &revision, &err));
	assert_int_equal(revision, 1);
	assert_ok(xc_database_keep_alive(db, &err));
	xc_database_close(db);
	xc_database_close(NULL);
}

static void
test_tells_of_terms_and_values(void **state)
{
	struct xc_database *db;
	xc_doccount freq;
	xc_termcount count;
	struct str bound;
	bool exists;

	(void)state;
	scratch_database("db", pets);
	db = scratch_open("db");
	assert_ok(xc_database_termfreq(db, STR("chien"), &freq, &err));
	assert_int_equal(freq, 2);
	assert_ok(xc_database_termfreq(db, STR("loup"), &freq, &err));
	assert_int_equal(freq, 0);
	assert_ok(xc_database_termfreq(db, STR(""), &freq, &err));
	assert_int_equal(freq, 3);
	assert_ok(xc_database_collfreq(db, STR("chien"), &count, &err));
	assert_int_equal(count, 3);
	assert_ok(xc_database_wdf_upper_bound(db, STR("chien"), &count, &err));
	assert_int_equal(count, 2);
	assert_ok(xc_database_term_exists(db, STR("chat"), &exists, &err));
	assert_true(exists);
	assert_ok(xc_database_term_exists(db, STR("loup"), &exists, &err));
	assert_false(exists);
	assert_ok(xc_database_value_freq(db, 0, &freq, &err));
	assert_int_equal(freq, 3);
	assert_ok(xc_database_value_lower_bound(db, 0, &bound, &err));
	assert_str(bound, "chat chien");
	assert_ok(xc_database_value_upper_bound(db, 0, &bound, &err));
	assert_str(bound, "chien chien lapin");
	assert_ok(xc_database_value_lower_bound(db, 9, &bound, &err));
	assert_str(bound, "");
	xc_database_close(db);
}

/* A term longer than any that can be stored is a term that no document holds. */
static void
test_oversized_term_is_unknown(void **state)
{
	static const char long_term[1000] = { 'a', [999] = 'z' };
	struct str term_1000 = { long_term, sizeof(long_term) };
	struct xc_poslist list = { NULL, 0, 0 };
	struct xc_database *db;
	xc_doccount freq;

	(void)state;
	scratch_database("db", pets);
	db = scratch_open("db");
	assert_ok(xc_database_termfreq(db, term_1000, &freq, &err));
	assert_int_equal(freq, 0);
	assert_ok(xc_positions_read(db, 1, term_1000, &list, &err));
	assert_int_equal(list.n, 0);
	xc_poslist_done(&list);
	xc_database_close(db);
}

static void
test_document_not_found(void **state)
{
	struct xc_document *doc = NULL;
	struct xc_terms *terms = NULL;
	struct xc_database *db;
	xc_termcount length;

	(void)state;
	scratch_database("db", pets);
	db = scratch_open("db");
	assert_fails(STATUS_NOT_FOUND, xc_database_document(db, 4, &doc, &err));
	assert_fails(STATUS_INVALID, xc_database_document(db, 0, &doc, &err));
	assert_null(doc);
	assert_fails(STATUS_NOT_FOUND, xc_database_doclength(db, 4, &length, &err));
	assert_fails(STATUS_NOT_FOUND, xc_database_unique_terms(db, 4, &length, &err));
	assert_fails(STATUS_NOT_FOUND, xc_database_termlist(db, 4, &terms, &err));
	assert_null(terms);
	assert_int_equal(xc_database_document(db, 4, &doc, NULL), STATUS_NOT_FOUND);
	xc_database_close(db);
}

static void
test_metadata(void **state)
{
	struct xc_writable *writable = scratch_create("db");
	struct xc_database *db;
	struct str value;

	(void)state;
	assert_ok(xc_writable_set_metadata(writable, STR("k\0ey"), STR("val\0ue"), &err));
	assert_ok(xc_writable_commit(writable, &err));
	db = scratch_open("db");
	assert_ok(xc_database_metadata(db, STR("k\0ey"), &value, &err));
	assert_str(value, "val\0ue");
	assert_ok(xc_database_metadata(db, STR("none"), &value, &err));
	assert_str(value, "");
	assert_fails(STATUS_INVALID, xc_database_metadata(db, STR(""), &value, &err));
	xc_database_close(db);
	assert_ok(xc_writable_set_metadata(writable, STR("k\0ey"), STR(""), &err));
	assert_ok(xc_database_metadata(xc_writable_database(writable), STR("k\0ey"), &value, &err));
	assert_str(value, "");
	xc_writable_close(writable);
}

static void
test_spelling(void **state)
{
	static const char word_300[300] = { 'a', [299] = 'b' };
	struct xc_writable *writable = scratch_create("db");
	struct xc_database *db;
	struct str word;

	(void)state;
	assert_ok(xc_writable_add_spelling(writable, STR("trêve"), 2, &err));
	assert_ok(xc_writable_add_spelling(writable, STR("rebelle"), 2, &err));
	assert_ok(xc_writable_remove_spelling(writable, STR("rebelle"), 2, &err));
	assert_ok(xc_writable_commit(writable, &err));
	db = scratch_open("db");
	assert_ok(xc_database_suggest(db, STR("treve"), 2, &word, &err));
	assert_str(word, "trêve");
	assert_ok(xc_database_suggest(db, STR("rebele"), 2, &word, &err));
	assert_str(word, "");
	assert_fails(STATUS_LIMIT, xc_database_suggest(db, (struct str) { word_300, 300 }, 2, &word, &err));
	xc_database_close(db);
	xc_writable_close(writable);
}

/* Shards take turns in the numbering, and the first may be closed at once. */
static void
test_several_shards(void **state)
{
	static const char *const more[] = { "loup", "chat", NULL };
	struct xc_database *all = NULL, *one;
	xc_doccount count;
	uint64_t revision;

	(void)state;
	scratch_database("a", pets);
	scratch_database("b", more);
	assert_ok(xc_database_new(&all, &err));
	assert_int_equal(xc_database_shards(all), 0);
	one = scratch_open("a");
	assert_ok(xc_database_add(all, one, &err));
	xc_database_close(one);
	one = scratch_open("b");
	assert_ok(xc_database_add(all, one, &err));
	xc_database_close(one);
	assert_int_equal(xc_database_shards(all), 2);
	assert_ok(xc_database_doccount(all, &count, &err));
	assert_int_equal(count, 5);
	assert_matches(all, term("chat"), "1 4");
	assert_fails(STATUS_INVALID, xc_database_revision(all, &revision, &err));
	assert_fails(STATUS_INVALID, xc_database_add(all, all, &err));
	xc_database_close(all);
}

static void
test_stub_file(void **state)
{
	static const char *const more[] = { "loup", "chat", NULL };
	struct xc_database *db = NULL;

	(void)state;
	scratch_database("a", pets);
	scratch_database("b", more);
	scratch_file("both", STR("auto a\nauto b\n"));
	scratch_file("lost", STR("auto nowhere\n"));
	assert_ok(xc_database_open(scratch_path("both"), XC_BACKEND_STUB, &db, &err));
	assert_int_equal(xc_database_shards(db), 2);
	assert_matches(db, term("chat"), "1 4");
	xc_database_close(db);
	db = NULL;
	assert_fails(STATUS_NOT_FOUND, xc_database_open(scratch_path("both"), XC_BACKEND_GLASS, &db, &err));
	assert_fails(STATUS_NOT_FOUND, xc_database_open(scratch_path("lost"), 0, &db, &err));
	assert_null(db);
}

static void
test_no_shards(void **state)
{
	struct xc_database *db = NULL;
	struct xc_enquire *enquire = NULL;
	struct xc_document *doc = NULL;
	xc_doccount count;

	(void)state;
	assert_ok(xc_database_new(&db, &err));
	assert_ok(xc_database_doccount(db, &count, &err));
	assert_int_equal(count, 0);
	assert_fails(STATUS_INVALID, xc_database_document(db, 1, &doc, &err));
	assert_fails(STATUS_INVALID, xc_enquire_new(db, &enquire, &err));
	assert_fails(STATUS_INVALID, xc_database_compact(db, scratch_path("c"), 0, 0, &err));
	xc_database_close(db);
}

/* Replaces bytes of a file of the database `name`. */
static void
damage(const char *name, const char *file, long at, struct str bytes)
{
	char path[64];
	FILE *out;

	(void)snprintf(path, sizeof(path), "%s/%s", name, file);
	out = fopen(scratch_path(path).p, "r+b");
	assert_non_null(out);
	assert_int_equal(fseek(out, at, SEEK_SET), 0);
	assert_int_equal(fwrite(bytes.p, 1, bytes.len, out), bytes.len);
	assert_int_equal(fclose(out), 0);
}

static void
test_open_failures(void **state)
{
	struct xc_database *db = NULL;

	(void)state;
	scratch_database("db", pets);
	scratch_file("garbage", STR("\x7F\x45\x4C\x46 nothing\n\x01"));
	assert_int_equal(mkdir(scratch_path("empty").p, 0700), 0);
	scratch_copy("db", "version");
	damage("version", "iamglass", 14, STR("\x05\x06")); /* the format's date, behind its magic */
	scratch_copy("db", "magic");
	damage("magic", "iamglass", 0, STR("no magic at all"));
	scratch_copy("db", "cut");
	assert_int_equal(truncate(scratch_path("cut/iamglass").p, 0), 0);
	scratch_copy("db", "table");
	assert_int_equal(unlink(scratch_path("table/postlist.glass").p), 0);

	assert_fails(STATUS_NOT_FOUND, xc_database_open(scratch_path("nowhere"), 0, &db, &err));
	assert_non_null(strstr(err.message, "nowhere"));
	assert_fails(STATUS_NOT_FOUND, xc_database_open(STR(""), 0, &db, &err));
	assert_fails(STATUS_NOT_FOUND, xc_database_open(scratch_path("empty"), 0, &db, &err));
	assert_fails(STATUS_CORRUPT, xc_database_open(scratch_path("garbage"), 0, &db, &err));
	assert_fails(STATUS_VERSION, xc_database_open(scratch_path("version"), 0, &db, &err));
	assert_fails(STATUS_CORRUPT, xc_database_open(scratch_path("magic"), 0, &db, &err));
	assert_fails(STATUS_CORRUPT, xc_database_open(scratch_path("cut"), 0, &db, &err));
	assert_fails(STATUS_IO, xc_database_open(scratch_path("table"), 0, &db, &err));
	assert_fails(STATUS_IO, xc_database_open(scratch_path("garbage/db"), 0, &db, &err));
	assert_fails(STATUS_INVALID, xc_database_open(STR("db\0db"), 0, &db, &err));
	assert_int_equal(err.off, 2);
	assert_fails(STATUS_INVALID, xc_database_open(scratch_path("db"), 0x400, &db, &err));
	assert_null(db);
}

/* A message is one line of UTF-8 whatever the path holds. */
static void
test_message_is_one_clean_line(void **state)
{
	static const char hostile[] = "no\nwhere\x1B[2J\xFF\xC3\xA9t\xC3\xA9";
	struct xc_database *db = NULL;
	char long_path[600];

	(void)state;
	assert_fails(STATUS_NOT_FOUND, xc_database_open(STR(hostile), 0, &db, &err));
	assert_non_null(strstr(err.message, "no where [2J?\xC3\xA9t\xC3\xA9"));
	memset(long_path, 'x', sizeof(long_path) - 1);
	long_path[sizeof(long_path) - 1] = '\0';
	assert_true(xc_database_open(str_of(long_path), 0, &db, &err) != STATUS_OK);
	assert_true(strlen(err.message) < sizeof(err.message));
	assert_null(db);
}

/* Every block of the postings is overwritten: whatever is asked fails as damage or as I/O, or finds nothing. */
static void
test_damaged_table(void **state)
{
	static char noise[8192];
	struct xc_database *db = NULL;
	struct xc_postings *postings = NULL;
	enum status status;
	xc_docid docid;

	(void)state;
	scratch_database("db", pets);
	memset(noise, 0xA5, sizeof(noise));
	damage("db", "postlist.glass", 0, (struct str) { noise, sizeof(noise) });
	status = xc_database_open(scratch_path("db"), 0, &db, &err);
	if (status == STATUS_OK)
		status = xc_database_postlist(db, STR("chien"), &postings, &err);
	if (status == STATUS_OK)
		status = xc_postings_next(postings, &docid, &err);
	assert_true(status == STATUS_CORRUPT || status == STATUS_IO || status == STATUS_STALE);
	xc_postings_free(postings);
	xc_database_close(db);
}

/* Two commits under a reader: the revision that it reads is gone. */
static void
test_modified_under_reader(void **state)
{
	struct xc_writable *writable = scratch_create("db");
	struct xc_database *db;
	struct xc_terms *terms = NULL;
	xc_docid last = 0;
	enum status status;
	struct str name;
	bool changed = true;

	(void)state;
	for (int i = 0; i < 2000; i++)
		last = scratch_add(writable, "chat chien lapin cheval loup renard ours souris");
	assert_ok(xc_writable_commit(writable, &err));
	db = scratch_open("db");
	assert_ok(xc_database_reopen(db, &changed, &err));
	assert_false(changed);
	for (int commits = 0; commits < 3; commits++) {
		for (xc_docid docid = 1; docid <= last; docid += 7)
			assert_ok(xc_writable_delete_document(writable, docid + (xc_docid)commits, &err));
		assert_ok(xc_writable_commit(writable, &err));
	}
	assert_fails(STATUS_STALE, xc_database_termlist(db, last, &terms, &err));
	assert_ok(xc_database_reopen(db, &changed, &err));
	assert_true(changed);
	assert_ok(xc_database_reopen(db, NULL, &err));
	assert_ok(xc_database_termlist(db, last, &terms, &err));
	status = xc_terms_next(terms, &name, &err);
	assert_int_equal(status, STATUS_OK);
	assert_str(name, "chat");
	xc_terms_free(terms);
	xc_database_close(db);
	xc_writable_close(writable);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_tells_of_itself, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_tells_of_terms_and_values, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_oversized_term_is_unknown, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_document_not_found, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_metadata, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_spelling, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_several_shards, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_stub_file, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_no_shards, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_open_failures, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_message_is_one_clean_line, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_damaged_table, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_modified_under_reader, scratch_setup, scratch_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
