/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Documents: data, terms, postings, values, and what is refused before a database sees it. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/xapian-c/scratch.h"

static struct xc_document *
new_document(void)
{
	struct xc_document *doc = NULL;

	assert_ok(xc_document_new(&doc, &err));
	return doc;
}

static xc_termcount
terms_of(struct xc_document *doc)
{
	xc_termcount count;

	assert_ok(xc_document_termlist_count(doc, &count, &err));
	return count;
}

static void
test_data_and_values(void **state)
{
	struct xc_document *doc = new_document();
	struct str got;
	xc_docid docid;

	(void)state;
	assert_ok(xc_document_docid(doc, &docid, &err));
	assert_int_equal(docid, 0);
	assert_ok(xc_document_data(doc, &got, &err));
	assert_str(got, "");
	assert_ok(xc_document_set_data(doc, STR("a\0b"), &err));
	assert_ok(xc_document_data(doc, &got, &err));
	assert_str(got, "a\0b");
	assert_ok(xc_document_set_data(doc, (struct str) { NULL, 0 }, &err));
	assert_ok(xc_document_data(doc, &got, &err));
	assert_str(got, "");
	assert_ok(xc_document_set_value(doc, 0, STR("x"), &err));
	assert_ok(xc_document_set_value(doc, UINT32_MAX - 1, STR("y"), &err));
	assert_ok(xc_document_value(doc, UINT32_MAX - 1, &got, &err));
	assert_str(got, "y");
	assert_ok(xc_document_value(doc, 5, &got, &err));
	assert_str(got, "");
	assert_ok(xc_document_remove_value(doc, 0, &err));
	assert_fails(STATUS_INVALID, xc_document_remove_value(doc, 0, &err));
	assert_ok(xc_document_clear_values(doc, &err));
	assert_ok(xc_document_value(doc, UINT32_MAX - 1, &got, &err));
	assert_str(got, "");
	xc_document_free(doc);
	xc_document_free(NULL);
}

static void
test_size_limits(void **state)
{
	static char bytes[XC_DATA_BYTES + 1];
	struct xc_document *doc = new_document();
	struct str data = { bytes, sizeof(bytes) };
	struct str got;

	(void)state;
	assert_fails(STATUS_LIMIT, xc_document_set_data(doc, data, &err));
	assert_fails(STATUS_LIMIT, xc_document_set_value(doc, 1, data, &err));
	assert_non_null(strstr(err.message, "25165824"));
	assert_fails(STATUS_INVALID, xc_document_set_value(doc, XC_NO_VALUENO, STR("x"), &err));
	assert_fails(STATUS_INVALID, xc_document_value(doc, XC_NO_VALUENO, &got, &err));
	data.len--;
	assert_ok(xc_document_set_data(doc, data, &err));
	assert_ok(xc_document_set_value(doc, 1, data, &err));
	xc_document_free(doc);
}

/* A term's bytes, with NULs counted twice, at the limit and one past it. */
static void
test_term_limits(void **state)
{
	static const struct {
		size_t letters, nuls;
		enum status expected;
	} table[] = {
		{ 0, 0, STATUS_INVALID },
		{ 1, 0, STATUS_OK },
		{ 244, 0, STATUS_OK },
		{ 245, 0, STATUS_OK },
		{ 246, 0, STATUS_LIMIT },
		{ 100000, 0, STATUS_LIMIT },
		{ 0, 1, STATUS_OK },
		{ 1, 122, STATUS_OK },
		{ 0, 123, STATUS_LIMIT },
		{ 243, 1, STATUS_OK },
		{ 244, 1, STATUS_LIMIT },
	};
	static char bytes[100000];
	struct xc_document *doc = new_document();

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct str name = { bytes, table[i].letters + table[i].nuls };
		xc_termcount before = terms_of(doc);

		memset(bytes, 'a', table[i].letters);
		memset(bytes + table[i].letters, 0, table[i].nuls);
		assert_int_equal(xc_document_add_term(doc, name, 1, &err), table[i].expected);
		assert_int_equal(xc_document_add_boolean_term(doc, name, &err), table[i].expected);
		assert_int_equal(xc_document_add_posting(doc, name, 1, 1, &err), table[i].expected);
		assert_int_equal(terms_of(doc), before + (table[i].expected == STATUS_OK));
	}
	xc_document_free(doc);
}

/* The list as "term:wdf" with spaces between. */
static void
assert_terms(struct xc_document *doc, const char *expected)
{
	struct xc_terms *terms = NULL;
	char text[256] = "";
	size_t used = 0;
	xc_termcount wdf;
	struct str name;

	assert_ok(xc_document_termlist(doc, &terms, &err));
	while (xc_terms_next(terms, &name, &err) == STATUS_OK) {
		assert_ok(xc_terms_wdf(terms, &wdf, &err));
		used += (size_t)snprintf(
		    text + used, sizeof(text) - used, "%s%.*s:%u", used > 0 ? " " : "", STR_FMT(name), wdf);
	}
	xc_terms_free(terms);
	assert_string_equal(text, expected);
}

static void
test_terms(void **state)
{
	struct xc_document *doc = new_document();

	(void)state;
	assert_ok(xc_document_add_term(doc, STR("b"), 2, &err));
	assert_ok(xc_document_add_term(doc, STR("b"), 3, &err));
	assert_ok(xc_document_add_boolean_term(doc, STR("Q1"), &err));
	assert_ok(xc_document_add_posting(doc, STR("a"), 7, 4, &err));
	assert_terms(doc, "Q1:0 a:4 b:5");
	assert_ok(xc_document_remove_term(doc, STR("b"), &err));
	assert_fails(STATUS_INVALID, xc_document_remove_term(doc, STR("b"), &err));
	assert_terms(doc, "Q1:0 a:4");
	assert_ok(xc_document_clear_terms(doc, &err));
	assert_terms(doc, "");
	xc_document_free(doc);
}

/* Postings in bulk are the same as one by one. */
static void
test_postings_in_bulk(void **state)
{
	static const xc_termpos positions[] = { 0, 1, 5, 1000, UINT32_MAX };
	struct xc_writable *writable = scratch_create("db");
	struct xc_poslist list = { NULL, 0, 0 };
	struct xc_document *bulk = new_document(), *single = new_document();

	(void)state;
	assert_ok(xc_document_add_postings(bulk, STR("a"), positions, 5, 2, &err));
	assert_ok(xc_document_add_postings(bulk, STR("b"), NULL, 0, 2, &err));
	for (size_t i = 0; i < 5; i++)
		assert_ok(xc_document_add_posting(single, STR("a"), positions[i], 2, &err));
	assert_terms(bulk, "a:10");
	assert_terms(single, "a:10");
	assert_ok(xc_writable_add_document(writable, bulk, NULL, &err));
	assert_ok(xc_writable_add_document(writable, single, NULL, &err));
	assert_ok(xc_writable_commit(writable, &err));
	for (xc_docid docid = 1; docid <= 2; docid++) {
		assert_ok(xc_positions_read(xc_writable_database(writable), docid, STR("a"), &list, &err));
		assert_int_equal(list.n, 5);
		assert_memory_equal(list.pos, positions, sizeof(positions));
	}
	xc_poslist_done(&list);
	xc_document_free(bulk);
	xc_document_free(single);
	xc_writable_close(writable);
}

static void
test_postings_refused(void **state)
{
	static const xc_termpos equal[] = { 3, 4, 4 }, falling[] = { 3, 2 };
	struct xc_document *doc = new_document();
	xc_termpos *many = malloc((XC_DOCUMENT_POSTINGS + 1) * sizeof(*many));

	(void)state;
	assert_non_null(many);
	assert_fails(STATUS_INVALID, xc_document_add_postings(doc, STR("a"), equal, 3, 1, &err));
	assert_int_equal(err.off, 2);
	assert_fails(STATUS_INVALID, xc_document_add_postings(doc, STR("a"), falling, 2, 1, &err));
	assert_int_equal(terms_of(doc), 0);
	for (xc_termpos i = 0; i <= XC_DOCUMENT_POSTINGS; i++)
		many[i] = i;
	assert_fails(STATUS_LIMIT, xc_document_add_postings(doc, STR("a"), many, XC_DOCUMENT_POSTINGS + 1, 1, &err));
	assert_int_equal(terms_of(doc), 0);
	assert_ok(xc_document_add_postings(doc, STR("a"), many, XC_DOCUMENT_POSTINGS, 1, &err));
	assert_fails(STATUS_LIMIT, xc_document_add_posting(doc, STR("b"), 1, 1, &err));
	assert_ok(xc_document_clear_terms(doc, &err));
	assert_ok(xc_document_add_posting(doc, STR("b"), 1, 1, &err));
	free(many);
	xc_document_free(doc);
}

static void
test_document_of_a_database(void **state)
{
	static const char *const texts[] = { "chat chien", "loup", NULL };
	struct xc_writable *writable;
	struct xc_document *doc = NULL;
	struct xc_database *db;
	xc_docid docid;
	struct str got;

	(void)state;
	scratch_database("db", texts);
	db = scratch_open("db");
	assert_ok(xc_database_document(db, 2, &doc, &err));
	assert_ok(xc_document_docid(doc, &docid, &err));
	assert_int_equal(docid, 2);
	assert_ok(xc_document_data(doc, &got, &err));
	assert_str(got, "loup");
	assert_terms(doc, "loup:1");
	assert_ok(xc_document_add_term(doc, STR("renard"), 1, &err));
	writable = scratch_create("db");
	assert_ok(xc_writable_replace_document(writable, 2, doc, &err));
	assert_matches(xc_writable_database(writable), term("renard"), "2");
	assert_matches(xc_writable_database(writable), term("loup"), "2");
	xc_writable_close(writable);
	xc_document_free(doc);
	xc_database_close(db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_data_and_values, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_size_limits, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_term_limits, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_terms, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_postings_in_bulk, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_postings_refused, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_document_of_a_database, scratch_setup, scratch_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
