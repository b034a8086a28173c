/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Databases for writing: modes, the lock, transactions, what is refused, and the poison of a failed write. */
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/xapian-c/scratch.h"

static xc_doccount
doccount(struct xc_database *db)
{
	xc_doccount count;

	assert_ok(xc_database_doccount(db, &count, &err));
	return count;
}

/* Documents that a new reader sees. */
static xc_doccount
committed(const char *name)
{
	struct xc_database *db = scratch_open(name);
	xc_doccount count = doccount(db);

	xc_database_close(db);
	return count;
}

static void
test_modes(void **state)
{
	struct xc_writable *writable = NULL;

	(void)state;
	assert_fails(STATUS_NOT_FOUND, xc_writable_open(scratch_path("db"), XC_DB_OPEN, 0, &writable, &err));
	assert_ok(xc_writable_open(scratch_path("db"), XC_DB_CREATE | XC_DB_FULL_SYNC, 2048, &writable, &err));
	(void)scratch_add(writable, "chat");
	assert_ok(xc_writable_commit(writable, &err));
	xc_writable_close(writable);
	assert_fails(STATUS_INVALID, xc_writable_open(scratch_path("db"), XC_DB_CREATE, 0, &writable, &err));
	assert_ok(xc_writable_open(scratch_path("db"), XC_DB_OPEN, 0, &writable, &err));
	assert_int_equal(doccount(xc_writable_database(writable)), 1);
	xc_writable_close(writable);
	assert_ok(xc_writable_open(
	    scratch_path("db"), XC_DB_CREATE_OR_OVERWRITE | XC_BACKEND_GLASS | XC_DB_DANGEROUS, 0, &writable, &err));
	assert_int_equal(doccount(xc_writable_database(writable)), 0);
	(void)scratch_add(writable, "chien");
	assert_ok(xc_writable_commit(writable, &err));
	xc_writable_close(writable);
	assert_int_equal(committed("db"), 1);
	xc_writable_close(NULL);
}

static void
test_open_failures(void **state)
{
	struct xc_writable *writable = NULL;

	(void)state;
	assert_fails(STATUS_IO, xc_writable_open(scratch_path("no/such/db"), XC_DB_CREATE, 0, &writable, &err));
	assert_fails(STATUS_INVALID, xc_writable_open(STR("d\0b"), XC_DB_CREATE, 0, &writable, &err));
	assert_fails(STATUS_INVALID, xc_writable_open(scratch_path("db"), 0x1000, 0, &writable, &err));
	for (unsigned size = 1; size <= 1u << 20; size = size * 2 + 1)
		assert_fails(STATUS_INVALID, xc_writable_open(scratch_path("db"), XC_DB_CREATE, size, &writable, &err));
	assert_fails(STATUS_INVALID, xc_writable_open(scratch_path("db"), XC_DB_CREATE, 1024, &writable, &err));
	assert_fails(STATUS_INVALID, xc_writable_open(scratch_path("db"), XC_DB_CREATE, 131072, &writable, &err));
	assert_null(writable);
}

static void
test_lock_held_here(void **state)
{
	struct xc_writable *writable = scratch_create("db");
	struct xc_writable *second = NULL;
	struct xc_database *db;
	bool locked;

	(void)state;
	assert_fails(STATUS_BUSY, xc_writable_open(scratch_path("db"), XC_DB_OPEN, 0, &second, &err));
	assert_null(second);
	db = scratch_open("db");
	assert_ok(xc_database_is_locked(db, &locked, &err));
	assert_true(locked);
	xc_writable_close(writable);
	assert_ok(xc_database_is_locked(db, &locked, &err));
	assert_false(locked);
	xc_database_close(db);
}

/* A child takes the lock, says so, and keeps it until it is told to end. */
static void
hold_lock(int ready, int end)
{
	struct xc_writable *writable = NULL;
	char byte = 0;

	if (xc_writable_open(scratch_path("db"), XC_DB_CREATE_OR_OPEN, 0, &writable, NULL) != STATUS_OK)
		_exit(1);
	if (write(ready, "r", 1) != 1 || read(end, &byte, 1) != 1)
		_exit(2);
	xc_writable_close(writable);
	_exit(0);
}

static void
test_lock_held_by_another_process(void **state)
{
	struct xc_writable *writable = NULL;
	int ready[2], end[2], result;
	char byte;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(end), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		hold_lock(ready[1], end[0]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_fails(STATUS_BUSY, xc_writable_open(scratch_path("db"), XC_DB_OPEN, 0, &writable, &err));
	assert_int_equal(write(end[1], "e", 1), 1);
	/* Waits for the child's close. */
	assert_ok(xc_writable_open(scratch_path("db"), XC_DB_OPEN | XC_DB_RETRY_LOCK, 0, &writable, &err));
	xc_writable_close(writable);
	assert_int_equal(waitpid(child, &result, 0), child);
	assert_int_equal(result, 0);
	for (int i = 0; i < 2; i++) {
		(void)close(ready[i]);
		(void)close(end[i]);
	}
}

static void
test_close_discards(void **state)
{
	struct xc_writable *writable = scratch_create("db");

	(void)state;
	(void)scratch_add(writable, "chat");
	assert_ok(xc_writable_commit(writable, &err));
	(void)scratch_add(writable, "chien");
	xc_writable_close(writable);
	assert_int_equal(committed("db"), 1);
	writable = scratch_create("db");
	assert_ok(xc_writable_begin_transaction(writable, true, &err));
	(void)scratch_add(writable, "chien");
	xc_writable_close(writable);
	assert_int_equal(committed("db"), 1);
}

static void
test_transactions(void **state)
{
	struct xc_writable *writable = scratch_create("db");
	struct xc_database *db = xc_writable_database(writable);

	(void)state;
	(void)scratch_add(writable, "un");
	assert_ok(xc_writable_begin_transaction(writable, true, &err));
	assert_int_equal(committed("db"), 1);
	(void)scratch_add(writable, "deux");
	assert_fails(STATUS_INVALID, xc_writable_begin_transaction(writable, true, &err));
	assert_fails(STATUS_INVALID, xc_writable_commit(writable, &err));
	assert_int_equal(doccount(db), 2);
	assert_ok(xc_writable_cancel_transaction(writable, &err));
	assert_int_equal(doccount(db), 1);
	assert_fails(STATUS_INVALID, xc_writable_cancel_transaction(writable, &err));
	assert_fails(STATUS_INVALID, xc_writable_commit_transaction(writable, &err));
	assert_ok(xc_writable_begin_transaction(writable, true, &err));
	(void)scratch_add(writable, "trois");
	assert_ok(xc_writable_commit_transaction(writable, &err));
	assert_int_equal(committed("db"), 2);
	assert_ok(xc_writable_begin_transaction(writable, false, &err));
	(void)scratch_add(writable, "quatre");
	assert_ok(xc_writable_commit_transaction(writable, &err));
	assert_int_equal(committed("db"), 2);
	assert_ok(xc_writable_commit(writable, &err));
	assert_int_equal(committed("db"), 3);
	assert_int_equal(xc_writable_poisoned(writable), STATUS_OK);
	xc_writable_close(writable);
}

static struct xc_document *
document(const char *word)
{
	struct xc_document *doc = NULL;

	assert_ok(xc_document_new(&doc, &err));
	assert_ok(xc_document_add_term(doc, str_of(word), 1, &err));
	return doc;
}

static void
test_replace_and_delete(void **state)
{
	struct xc_writable *writable = scratch_create("db");
	struct xc_database *db = xc_writable_database(writable);
	struct xc_document *chat = document("chat"), *chien = document("chien");
	xc_docid docid;

	(void)state;
	assert_ok(xc_writable_add_document(writable, chat, NULL, &err));
	assert_ok(xc_writable_add_document(writable, chat, &docid, &err));
	assert_int_equal(docid, 2);
	assert_ok(xc_writable_replace_document(writable, 7, chien, &err));
	assert_matches(db, term("chien"), "7");
	assert_ok(xc_writable_replace_document(writable, 7, chat, &err));
	assert_matches(db, term("chat"), "1 2 7");
	assert_ok(xc_writable_replace_document_by_term(writable, STR("chat"), chat, &docid, &err));
	assert_int_equal(docid, 1);
	assert_matches(db, term("chat"), "1");
	assert_ok(xc_writable_replace_document_by_term(writable, STR("chien"), chien, &docid, &err));
	assert_int_equal(docid, 8);
	assert_ok(xc_writable_delete_document(writable, 8, &err));
	assert_ok(xc_writable_delete_document_by_term(writable, STR("chat"), &err));
	assert_ok(xc_writable_delete_document_by_term(writable, STR("chat"), &err));
	assert_int_equal(doccount(db), 0);
	xc_document_free(chat);
	xc_document_free(chien);
	xc_writable_close(writable);
}

/* What is refused before Xapian is touched leaves the batch, and the handle, as they were. */
static void
test_refusals_poison_nothing(void **state)
{
	static const char bytes_300[300] = { 'a', [299] = 'b' };
	struct str long_key = { bytes_300, sizeof(bytes_300) };
	struct xc_writable *writable = scratch_create("db");
	struct xc_document *chat = document("chat");

	(void)state;
	assert_ok(xc_writable_add_document(writable, chat, NULL, &err));
	assert_fails(STATUS_NOT_FOUND, xc_writable_delete_document(writable, 99, &err));
	assert_fails(STATUS_INVALID, xc_writable_delete_document(writable, 0, &err));
	assert_fails(STATUS_INVALID, xc_writable_replace_document(writable, 0, chat, &err));
	assert_fails(STATUS_INVALID, xc_writable_delete_document_by_term(writable, STR(""), &err));
	assert_fails(STATUS_LIMIT, xc_writable_replace_document_by_term(writable, long_key, chat, NULL, &err));
	assert_fails(STATUS_INVALID, xc_writable_set_metadata(writable, STR(""), STR("x"), &err));
	assert_fails(STATUS_LIMIT, xc_writable_set_metadata(writable, long_key, STR("x"), &err));
	assert_fails(STATUS_LIMIT, xc_writable_add_spelling(writable, long_key, 1, &err));
	assert_fails(STATUS_LIMIT, xc_writable_remove_spelling(writable, long_key, 1, &err));
	assert_fails(STATUS_LIMIT, xc_writable_add_synonym(writable, long_key, STR("x"), &err));
	assert_fails(STATUS_LIMIT, xc_writable_add_synonym(writable, STR("x"), long_key, &err));
	assert_fails(STATUS_LIMIT, xc_writable_remove_synonym(writable, STR("x"), long_key, &err));
	assert_fails(STATUS_INVALID, xc_writable_clear_synonyms(writable, STR(""), &err));
	assert_int_equal(xc_writable_poisoned(writable), STATUS_OK);
	assert_ok(xc_writable_commit(writable, &err));
	assert_int_equal(committed("db"), 1);
	xc_document_free(chat);
	xc_writable_close(writable);
}

/* The longest of everything that is accepted does go in, at the block size that takes the least. */
static void
test_limits_are_safe(void **state)
{
	static char key_bytes[XC_TERM_BYTES], data_bytes[XC_DATA_BYTES];
	struct str key = { key_bytes, sizeof(key_bytes) };
	struct str nuls = { key_bytes, XC_TERM_BYTES / 2 };
	struct str data = { data_bytes, sizeof(data_bytes) };
	struct xc_writable *writable = NULL;
	struct xc_document *doc = document("chat");
	unsigned noise = 1;

	(void)state;
	for (size_t i = 0; i < data.len; i++)
		data_bytes[i] = (char)((noise = noise * 1664525u + 1013904223u) >> 24);
	assert_ok(xc_writable_open(scratch_path("db"), XC_DB_CREATE | XC_DB_NO_SYNC, 2048, &writable, &err));
	assert_ok(xc_document_add_posting(doc, nuls, UINT32_MAX, 1, &err));
	memset(key_bytes, 'k', sizeof(key_bytes));
	assert_ok(xc_document_add_posting(doc, key, UINT32_MAX, 1, &err));
	assert_ok(xc_document_set_data(doc, data, &err));
	assert_ok(xc_document_set_value(doc, 3, data, &err));
	assert_ok(xc_writable_replace_document(writable, UINT32_MAX - 1, doc, &err));
	data.len = XC_METADATA_BYTES + 1;
	assert_fails(STATUS_LIMIT, xc_writable_set_metadata(writable, key, data, &err));
	data.len = XC_METADATA_BYTES;
	assert_ok(xc_writable_set_metadata(writable, key, data, &err));
	assert_ok(xc_writable_add_spelling(writable, key, 1, &err));
	assert_ok(xc_writable_add_synonym(writable, key, key, &err));
	assert_ok(xc_writable_commit(writable, &err));
	xc_document_free(doc);
	xc_writable_close(writable);
	assert_int_equal(committed("db"), 1);
}

static void
test_out_of_docids(void **state)
{
	struct xc_writable *writable = scratch_create("db");
	struct xc_document *doc = document("chat");
	xc_docid docid = 5;

	(void)state;
	assert_ok(xc_writable_replace_document(writable, UINT32_MAX - 1, doc, &err));
	assert_ok(xc_writable_add_document(writable, doc, &docid, &err));
	assert_int_equal(docid, UINT32_MAX);
	assert_fails(STATUS_LIMIT, xc_writable_add_document(writable, doc, &docid, &err));
	assert_fails(STATUS_LIMIT, xc_writable_replace_document_by_term(writable, STR("loup"), doc, &docid, &err));
	assert_ok(xc_writable_replace_document_by_term(writable, STR("chat"), doc, &docid, &err));
	assert_int_equal(xc_writable_poisoned(writable), STATUS_OK);
	xc_document_free(doc);
	xc_writable_close(writable);
}

/* More distinct terms than a termlist may hold. */
static void
test_termlist_limit(void **state)
{
	struct xc_writable *writable = scratch_create("db");
	struct xc_document *doc = NULL;
	char name[XC_TERM_BYTES + 1];

	(void)state;
	memset(name, 'x', sizeof(name));
	assert_ok(xc_document_new(&doc, &err));
	for (int i = 0; i < XC_TERMLIST_BYTES / XC_TERM_BYTES; i++) {
		(void)snprintf(name, 9, "%08d", i);
		name[8] = 'x';
		assert_ok(xc_document_add_boolean_term(doc, (struct str) { name, XC_TERM_BYTES }, &err));
	}
	assert_fails(STATUS_LIMIT, xc_writable_add_document(writable, doc, NULL, &err));
	assert_fails(STATUS_LIMIT, xc_writable_replace_document(writable, 1, doc, &err));
	assert_int_equal(xc_writable_poisoned(writable), STATUS_OK);
	xc_document_free(doc);
	xc_writable_close(writable);
}

/* Runs in a child, where files may not grow past 64 KiB. */
static int
write_until_poisoned(void)
{
	const struct rlimit small = { 65536, 65536 };
	struct xc_writable *writable = scratch_create("db");
	enum status status = STATUS_OK;
	int added = 0;

	if (setrlimit(RLIMIT_FSIZE, &small) != 0 || signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
		return 10;
	while (status == STATUS_OK && added < 100000) {
		for (int i = 0; i < 100; i++, added++)
			(void)scratch_add(writable, "chat chien lapin cheval loup renard ours souris");
		status = xc_writable_commit(writable, &err);
	}
	if (status != STATUS_IO || err.code != STATUS_IO || xc_writable_poisoned(writable) != STATUS_IO)
		return 11;
	if (xc_writable_commit(writable, &err) != STATUS_IO || strstr(err.message, "earlier write") == NULL)
		return 12;
	if (xc_writable_delete_document(writable, 1, NULL) != STATUS_IO ||
	    xc_writable_set_metadata(writable, STR("k"), STR("v"), &err) != STATUS_IO ||
	    xc_writable_begin_transaction(writable, true, &err) != STATUS_IO)
		return 13;
	xc_writable_close(writable);
	return 0;
}

/*
 * A commit that cannot write poisons the handle, though Xapian's next commit would say OK with
 * nothing in it.  What was committed before is whole.
 */
static void
test_failed_commit_poisons(void **state)
{
	struct xc_writable *writable = scratch_create("db");
	xc_doccount before;
	int result;
	pid_t child;

	(void)state;
	(void)scratch_add(writable, "chat");
	assert_ok(xc_writable_commit(writable, &err));
	xc_writable_close(writable);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(write_until_poisoned());
	assert_int_equal(waitpid(child, &result, 0), child);
	assert_true(WIFEXITED(result));
	assert_int_equal(WEXITSTATUS(result), 0);
	before = committed("db");
	assert_true(before >= 1 && before % 100 == 1);
	writable = scratch_create("db");
	(void)scratch_add(writable, "chat");
	assert_ok(xc_writable_commit(writable, &err));
	xc_writable_close(writable);
	assert_int_equal(committed("db"), before + 1);
}

static void
test_synonyms(void **state)
{
	struct xc_writable *writable = scratch_create("db");
	struct xc_database *db = xc_writable_database(writable);
	struct xc_terms *terms = NULL;
	struct str name;

	(void)state;
	assert_ok(xc_writable_add_synonym(writable, STR("trêve"), STR("armistice"), &err));
	assert_ok(xc_writable_add_synonym(writable, STR("trêve"), STR("pause"), &err));
	assert_ok(xc_writable_add_synonym(writable, STR("loup"), STR("bête"), &err));
	assert_ok(xc_writable_remove_synonym(writable, STR("trêve"), STR("pause"), &err));
	assert_ok(xc_writable_clear_synonyms(writable, STR("loup"), &err));
	assert_ok(xc_writable_commit(writable, &err));
	assert_ok(xc_database_synonyms(db, STR("trêve"), &terms, &err));
	assert_ok(xc_terms_next(terms, &name, &err));
	assert_str(name, "armistice");
	assert_end(xc_terms_next(terms, &name, &err));
	xc_terms_free(terms);
	assert_ok(xc_database_synonym_keys(db, STR(""), &terms, &err));
	assert_ok(xc_terms_next(terms, &name, &err));
	assert_str(name, "trêve");
	assert_end(xc_terms_next(terms, &name, &err));
	xc_terms_free(terms);
	xc_writable_close(writable);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_modes, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_open_failures, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_lock_held_here, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_lock_held_by_another_process, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_close_discards, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_transactions, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_replace_and_delete, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_refusals_poison_nothing, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_limits_are_safe, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_out_of_docids, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_termlist_limit, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_failed_commit_poisons, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_synonyms, scratch_setup, scratch_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
