/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The four iterators: their three answers, skipping, and what is known of the current item. */

#include "tests/xapian-c/scratch.h"

static const char *const pets[] = { "chat chien chat", "chien lapin", "cheval", "chat", NULL };

static struct xc_database *
open_pets(void)
{
	scratch_database("db", pets);
	return scratch_open("db");
}

static void
test_termlist(void **state)
{
	struct xc_database *db = open_pets();
	struct xc_terms *terms = NULL;
	xc_termcount wdf = 0;
	xc_doccount freq = 0;
	struct str name;

	(void)state;
	assert_ok(xc_database_termlist(db, 1, &terms, &err));
	assert_fails(STATUS_INVALID, xc_terms_wdf(terms, &wdf, &err));
	assert_ok(xc_terms_next(terms, &name, &err));
	assert_str(name, "chat");
	assert_ok(xc_terms_wdf(terms, &wdf, &err));
	assert_int_equal(wdf, 2);
	assert_ok(xc_terms_termfreq(terms, &freq, &err));
	assert_int_equal(freq, 2);
	assert_ok(xc_terms_next(terms, &name, &err));
	assert_str(name, "chien");
	assert_end(xc_terms_next(terms, &name, &err));
	assert_end(xc_terms_next(terms, &name, NULL));
	assert_end(xc_terms_skip_to(terms, STR("a"), &name, &err));
	assert_fails(STATUS_INVALID, xc_terms_termfreq(terms, &freq, &err));
	xc_terms_free(terms);
	xc_terms_free(NULL);
	xc_database_close(db);
}

static void
test_allterms(void **state)
{
	struct xc_database *db = open_pets();
	struct xc_terms *terms = NULL;
	xc_termcount wdf;
	struct str name;

	(void)state;
	assert_ok(xc_database_allterms(db, STR("ch"), &terms, &err));
	assert_ok(xc_terms_skip_to(terms, STR("chb"), &name, &err));
	assert_str(name, "cheval");
	assert_fails(STATUS_INVALID, xc_terms_wdf(terms, &wdf, &err));
	assert_ok(xc_terms_skip_to(terms, STR("a"), &name, &err));
	assert_str(name, "cheval");
	assert_ok(xc_terms_next(terms, &name, &err));
	assert_str(name, "chien");
	assert_end(xc_terms_next(terms, &name, &err));
	xc_terms_free(terms);
	assert_ok(xc_database_allterms(db, STR("z"), &terms, &err));
	assert_end(xc_terms_next(terms, &name, &err));
	xc_terms_free(terms);
	xc_database_close(db);
}

static void
test_spellings_and_metadata_keys(void **state)
{
	struct xc_writable *writable = scratch_create("db");
	struct xc_database *db = xc_writable_database(writable);
	struct xc_terms *terms = NULL;
	xc_doccount freq = 0;
	struct str name;

	(void)state;
	assert_ok(xc_writable_add_spelling(writable, STR("trêve"), 3, &err));
	assert_ok(xc_writable_set_metadata(writable, STR("a1"), STR("x"), &err));
	assert_ok(xc_writable_set_metadata(writable, STR("a2"), STR("y"), &err));
	assert_ok(xc_writable_set_metadata(writable, STR("b"), STR("z"), &err));
	assert_ok(xc_writable_commit(writable, &err));
	assert_ok(xc_database_spellings(db, &terms, &err));
	assert_ok(xc_terms_next(terms, &name, &err));
	assert_str(name, "trêve");
	assert_ok(xc_terms_termfreq(terms, &freq, &err));
	assert_int_equal(freq, 3);
	assert_end(xc_terms_next(terms, &name, &err));
	xc_terms_free(terms);
	assert_ok(xc_database_metadata_keys(db, STR("a"), &terms, &err));
	assert_ok(xc_terms_next(terms, &name, &err));
	assert_str(name, "a1");
	assert_ok(xc_terms_next(terms, &name, &err));
	assert_str(name, "a2");
	assert_end(xc_terms_next(terms, &name, &err));
	xc_terms_free(terms);
	xc_writable_close(writable);
}

static void
test_query_terms(void **state)
{
	struct xc_query *query = combine(XC_OP_OR, 0, term("z"), combine(XC_OP_AND, 0, term("a"), term("z")));
	struct xc_terms *terms = NULL;
	xc_doccount freq;
	struct str name;

	(void)state;
	assert_ok(xc_query_terms(query, &terms, &err));
	xc_query_free(query);
	assert_ok(xc_terms_next(terms, &name, &err));
	assert_str(name, "a");
	assert_fails(STATUS_INVALID, xc_terms_termfreq(terms, &freq, &err));
	assert_ok(xc_terms_next(terms, &name, &err));
	assert_str(name, "z");
	assert_end(xc_terms_next(terms, &name, &err));
	xc_terms_free(terms);
}

/* A list that cannot be skipped fails, and goes on failing. */
static void
test_failure_is_kept(void **state)
{
	struct xc_query *query = term("a");
	struct xc_terms *terms = NULL;
	struct str name = STR("untouched");

	(void)state;
	assert_ok(xc_query_terms(query, &terms, &err));
	assert_fails(STATUS_INVALID, xc_terms_skip_to(terms, STR("b"), &name, &err));
	assert_fails(STATUS_INVALID, xc_terms_next(terms, &name, &err));
	assert_int_equal(xc_terms_next(terms, &name, NULL), STATUS_INVALID);
	assert_str(name, "untouched");
	xc_terms_free(terms);
	xc_query_free(query);
}

static void
test_postlist(void **state)
{
	struct xc_database *db = open_pets();
	struct xc_postings *postings = NULL;
	struct xc_positions *positions = NULL;
	xc_termcount count = 0;
	xc_docid docid = 0;
	xc_termpos pos = 0;

	(void)state;
	assert_ok(xc_database_postlist(db, STR("chat"), &postings, &err));
	assert_fails(STATUS_INVALID, xc_postings_wdf(postings, &count, &err));
	assert_ok(xc_postings_next(postings, &docid, &err));
	assert_int_equal(docid, 1);
	assert_ok(xc_postings_wdf(postings, &count, &err));
	assert_int_equal(count, 2);
	assert_ok(xc_postings_doclength(postings, &count, &err));
	assert_int_equal(count, 3);
	assert_ok(xc_postings_positions(postings, &positions, &err));
	assert_ok(xc_positions_next(positions, &pos, &err));
	assert_int_equal(pos, 1);
	assert_ok(xc_positions_next(positions, &pos, &err));
	assert_int_equal(pos, 3);
	assert_end(xc_positions_next(positions, &pos, &err));
	xc_positions_free(positions);
	assert_ok(xc_postings_skip_to(postings, 2, &docid, &err));
	assert_int_equal(docid, 4);
	assert_ok(xc_postings_skip_to(postings, 1, &docid, &err));
	assert_int_equal(docid, 4);
	assert_end(xc_postings_next(postings, &docid, &err));
	assert_fails(STATUS_INVALID, xc_postings_positions(postings, &positions, &err));
	xc_postings_free(postings);
	xc_postings_free(NULL);
	xc_database_close(db);
}

static void
test_postlist_of_all(void **state)
{
	struct xc_database *db = open_pets();
	struct xc_postings *postings = NULL;
	xc_docid docid = 0, expected = 0;

	(void)state;
	assert_ok(xc_database_postlist(db, STR(""), &postings, &err));
	while (xc_postings_next(postings, &docid, &err) == STATUS_OK)
		assert_int_equal(docid, ++expected);
	assert_int_equal(expected, 4);
	xc_postings_free(postings);
	assert_ok(xc_database_postlist(db, STR("loup"), &postings, &err));
	assert_end(xc_postings_next(postings, &docid, &err));
	xc_postings_free(postings);
	xc_database_close(db);
}

static void
test_positions(void **state)
{
	struct xc_database *db = open_pets();
	struct xc_positions *positions = NULL;
	xc_termpos pos = 0;

	(void)state;
	assert_ok(xc_database_positions(db, 1, STR("chat"), &positions, &err));
	assert_ok(xc_positions_skip_to(positions, 2, &pos, &err));
	assert_int_equal(pos, 3);
	assert_ok(xc_positions_skip_to(positions, 1, &pos, &err));
	assert_int_equal(pos, 3);
	assert_end(xc_positions_skip_to(positions, 4, &pos, &err));
	xc_positions_free(positions);
	assert_ok(xc_database_positions(db, 99, STR("chat"), &positions, &err));
	assert_end(xc_positions_next(positions, &pos, &err));
	xc_positions_free(positions);
	xc_positions_free(NULL);
	assert_fails(STATUS_INVALID, xc_database_positions(db, 0, STR("chat"), &positions, &err));
	xc_database_close(db);
}

/* One list for short, long and empty position lists; it grows, and is never more than what was read. */
static void
test_positions_in_bulk(void **state)
{
	static xc_termpos many[100000];
	struct xc_writable *writable = scratch_create("db");
	struct xc_poslist list = { NULL, 0, 0 };
	struct xc_document *doc = NULL;
	struct xc_database *db = xc_writable_database(writable);

	(void)state;
	for (xc_termpos i = 0; i < 100000; i++)
		many[i] = i * 3 + i % 2;
	assert_ok(xc_document_new(&doc, &err));
	assert_ok(xc_document_add_postings(doc, STR("many"), many, 100000, 1, &err));
	assert_ok(xc_document_add_posting(doc, STR("one"), 42, 1, &err));
	assert_ok(xc_document_add_term(doc, STR("none"), 1, &err));
	assert_ok(xc_writable_add_document(writable, doc, NULL, &err));
	assert_ok(xc_writable_commit(writable, &err));
	assert_ok(xc_positions_read(db, 1, STR("one"), &list, &err));
	assert_int_equal(list.n, 1);
	assert_int_equal(list.pos[0], 42);
	assert_ok(xc_positions_read(db, 1, STR("many"), &list, &err));
	assert_int_equal(list.n, 100000);
	assert_memory_equal(list.pos, many, sizeof(many));
	assert_ok(xc_positions_read(db, 1, STR("none"), &list, &err));
	assert_int_equal(list.n, 0);
	assert_ok(xc_positions_read(db, 1, STR("one"), &list, &err));
	assert_int_equal(list.n, 1);
	assert_ok(xc_positions_read(db, 2, STR("one"), &list, &err));
	assert_int_equal(list.n, 0);
	xc_poslist_done(&list);
	assert_null(list.pos);
	xc_poslist_done(&list);
	xc_document_free(doc);
	xc_writable_close(writable);
}

static void
test_valuestream(void **state)
{
	struct xc_database *db = open_pets();
	struct xc_values *values = NULL;
	uint32_t key = 0;
	struct str value;

	(void)state;
	assert_ok(xc_database_valuestream(db, 0, &values, &err));
	assert_ok(xc_values_next(values, &key, &value, &err));
	assert_int_equal(key, 1);
	assert_str(value, "chat chien chat");
	assert_ok(xc_values_skip_to(values, 3, &key, &value, &err));
	assert_int_equal(key, 3);
	assert_str(value, "cheval");
	assert_ok(xc_values_skip_to(values, 1, &key, &value, &err));
	assert_int_equal(key, 3);
	assert_ok(xc_values_next(values, &key, &value, &err));
	assert_end(xc_values_next(values, &key, &value, &err));
	xc_values_free(values);
	assert_ok(xc_database_valuestream(db, 7, &values, &err));
	assert_end(xc_values_next(values, &key, &value, &err));
	xc_values_free(values);
	xc_values_free(NULL);
	xc_database_close(db);
}

static void
test_document_values(void **state)
{
	struct xc_document *doc = NULL;
	struct xc_values *values = NULL;
	uint32_t key = 0;
	struct str value;

	(void)state;
	assert_ok(xc_document_new(&doc, &err));
	assert_ok(xc_document_set_value(doc, 9, STR("neuf"), &err));
	assert_ok(xc_document_set_value(doc, 3, STR("trois"), &err));
	assert_ok(xc_document_values(doc, &values, &err));
	assert_ok(xc_values_next(values, &key, &value, &err));
	assert_int_equal(key, 3);
	assert_str(value, "trois");
	assert_ok(xc_values_skip_to(values, 4, &key, &value, &err));
	assert_int_equal(key, 9);
	assert_end(xc_values_next(values, &key, &value, &err));
	xc_values_free(values);
	xc_document_free(doc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_termlist, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_allterms, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_spellings_and_metadata_keys, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_query_terms, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_failure_is_kept, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_postlist, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_postlist_of_all, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_positions, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_positions_in_bulk, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_valuestream, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_document_values, scratch_setup, scratch_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
