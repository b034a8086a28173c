/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What outlives what.  Everything made from a database for reading goes on working after it was
 * closed; everything made from a writable one may be freed after it, and never crashes.
 */
#include "tests/xapian-c/scratch.h"

static const char *const pets[] = { "chat chien chat", "chien lapin", "cheval", "chat", NULL };

/* One of everything that can be made from a database. */
struct things {
	struct xc_document *doc, *hit_doc;
	struct xc_terms *termlist, *allterms, *keys, *words, *synonyms, *synonym_keys, *matching;
	struct xc_postings *postings;
	struct xc_positions *positions;
	struct xc_values *values;
	struct xc_query *from;
	struct xc_enquire *enquire;
	struct xc_mset *mset;
};

static void
make_things(struct xc_database *db, struct things *things)
{
	struct xc_query *chat = term("chat");

	assert_ok(xc_database_document(db, 2, &things->doc, &err));
	assert_ok(xc_database_termlist(db, 1, &things->termlist, &err));
	assert_ok(xc_database_allterms(db, STR(""), &things->allterms, &err));
	assert_ok(xc_database_metadata_keys(db, STR(""), &things->keys, &err));
	assert_ok(xc_database_spellings(db, &things->words, &err));
	assert_ok(xc_database_synonyms(db, STR("chat"), &things->synonyms, &err));
	assert_ok(xc_database_synonym_keys(db, STR(""), &things->synonym_keys, &err));
	assert_ok(xc_database_postlist(db, STR("chat"), &things->postings, &err));
	assert_ok(xc_database_positions(db, 1, STR("chat"), &things->positions, &err));
	assert_ok(xc_database_valuestream(db, 0, &things->values, &err));
	assert_ok(xc_query_docid_from(db, 2, &things->from, &err));
	assert_ok(xc_enquire_new(db, &things->enquire, &err));
	assert_ok(xc_enquire_set_query(things->enquire, chat, 0, &err));
	assert_ok(xc_enquire_mset(things->enquire, 0, 10, 10, &things->mset, &err));
	assert_ok(xc_mset_document(things->mset, 0, &things->hit_doc, &err));
	assert_ok(xc_enquire_matching_terms(things->enquire, 1, &things->matching, &err));
	xc_query_free(chat);
}

static void
free_things(struct things *things)
{
	xc_document_free(things->doc);
	xc_document_free(things->hit_doc);
	xc_terms_free(things->termlist);
	xc_terms_free(things->allterms);
	xc_terms_free(things->keys);
	xc_terms_free(things->words);
	xc_terms_free(things->synonyms);
	xc_terms_free(things->synonym_keys);
	xc_terms_free(things->matching);
	xc_postings_free(things->postings);
	xc_positions_free(things->positions);
	xc_values_free(things->values);
	xc_query_free(things->from);
	xc_mset_free(things->mset);
	xc_enquire_free(things->enquire);
}

static void
make_database(void)
{
	struct xc_writable *writable;

	scratch_database("db", pets);
	writable = scratch_create("db");
	assert_ok(xc_writable_set_metadata(writable, STR("key"), STR("value"), &err));
	assert_ok(xc_writable_add_spelling(writable, STR("word"), 1, &err));
	assert_ok(xc_writable_add_synonym(writable, STR("chat"), STR("matou"), &err));
	assert_ok(xc_writable_commit(writable, &err));
	xc_writable_close(writable);
}

/* The list goes on and holds n items. */
static void
assert_n_terms(struct xc_terms *terms, size_t n)
{
	struct str name;

	for (; n > 0; n--)
		assert_ok(xc_terms_next(terms, &name, &err));
	assert_end(xc_terms_next(terms, &name, &err));
}

static void
assert_things_work(struct things *things)
{
	struct xc_mset *again = NULL;
	struct str got;
	xc_docid docid;
	xc_termpos pos;
	uint32_t key;

	assert_ok(xc_document_data(things->doc, &got, &err));
	assert_str(got, "chien lapin");
	assert_ok(xc_document_data(things->hit_doc, &got, &err));
	assert_n_terms(things->termlist, 2);
	assert_n_terms(things->allterms, 4);
	assert_n_terms(things->keys, 1);
	assert_n_terms(things->words, 1);
	assert_n_terms(things->synonyms, 1);
	assert_n_terms(things->synonym_keys, 1);
	assert_n_terms(things->matching, 1);
	assert_ok(xc_postings_next(things->postings, &docid, &err));
	assert_ok(xc_positions_next(things->positions, &pos, &err));
	assert_ok(xc_values_next(things->values, &key, &got, &err));
	assert_ok(xc_mset_data(things->mset, 1, &got, &err));
	assert_ok(xc_enquire_set_query(things->enquire, things->from, 0, &err));
	assert_ok(xc_enquire_mset(things->enquire, 0, 10, 10, &again, &err));
	assert_int_equal(xc_mset_size(again), 3);
	xc_mset_free(again);
}

static void
test_things_outlive_a_reader(void **state)
{
	struct things things = { 0 };
	struct xc_database *db;

	(void)state;
	make_database();
	db = scratch_open("db");
	make_things(db, &things);
	xc_database_close(db);
	assert_things_work(&things);
	free_things(&things);
}

/* Whatever it is, it answers or is INVALID. */
static void
assert_answers(enum status status)
{
	if (status != STATUS_OK && status != STATUS_END && status != STATUS_INVALID)
		fail_msg("%s (%s)", xc_status_name(status), err.message);
}

static void
test_things_survive_a_closed_writer(void **state)
{
	struct things things = { 0 };
	struct xc_writable *writable;
	struct xc_mset *again = NULL;
	struct str got;
	xc_docid docid;
	xc_termpos pos;
	uint32_t key;

	(void)state;
	make_database();
	writable = scratch_create("db");
	make_things(xc_writable_database(writable), &things);
	xc_writable_close(writable);
	assert_answers(xc_document_data(things.doc, &got, &err));
	assert_answers(xc_document_data(things.hit_doc, &got, &err));
	assert_answers(xc_terms_next(things.termlist, &got, &err));
	assert_answers(xc_terms_next(things.allterms, &got, &err));
	assert_answers(xc_terms_next(things.allterms, &got, &err));
	assert_answers(xc_terms_next(things.keys, &got, &err));
	assert_answers(xc_terms_next(things.words, &got, &err));
	assert_answers(xc_terms_next(things.synonyms, &got, &err));
	assert_answers(xc_terms_next(things.synonym_keys, &got, &err));
	assert_answers(xc_terms_next(things.matching, &got, &err));
	assert_answers(xc_postings_next(things.postings, &docid, &err));
	assert_answers(xc_postings_next(things.postings, &docid, &err));
	assert_answers(xc_positions_next(things.positions, &pos, &err));
	assert_answers(xc_values_next(things.values, &key, &got, &err));
	assert_answers(xc_values_next(things.values, &key, &got, &err));
	assert_answers(xc_mset_data(things.mset, 1, &got, &err));
	assert_fails(STATUS_INVALID, xc_enquire_mset(things.enquire, 0, 10, 10, &again, &err));
	assert_null(again);
	free_things(&things);
}

/* Parts may go before the whole, and the whole before its parts. */
static void
test_queries_are_counted(void **state)
{
	struct xc_enquire *enquire = NULL;
	struct xc_mset *mset = NULL;
	struct xc_query *query, *copy = NULL;
	struct xc_database *db;

	(void)state;
	make_database();
	db = scratch_open("db");
	query = combine(XC_OP_NEAR, 2, term("lapin"), term("chien")); /* frees its parts */
	assert_ok(xc_query_copy(query, &copy, &err));
	assert_ok(xc_enquire_new(db, &enquire, &err));
	assert_ok(xc_enquire_set_query(enquire, query, 0, &err));
	xc_query_free(query);
	assert_ok(xc_enquire_mset(enquire, 0, 10, 0, &mset, &err));
	assert_int_equal(xc_mset_size(mset), 1);
	xc_enquire_free(enquire);
	assert_int_equal(xc_mset_size(mset), 1);
	xc_mset_free(mset);
	assert_matches(db, copy, "2");
	xc_database_close(db);
}

/* A string lent by one object is not touched by calls on another. */
static void
test_lent_strings(void **state)
{
	struct xc_document *one = NULL, *two = NULL;
	struct xc_database *db;
	struct str first, second, bound;

	(void)state;
	make_database();
	db = scratch_open("db");
	assert_ok(xc_database_document(db, 1, &one, &err));
	assert_ok(xc_database_document(db, 2, &two, &err));
	assert_ok(xc_document_data(one, &first, &err));
	assert_ok(xc_document_data(two, &second, &err));
	assert_ok(xc_database_value_upper_bound(db, 0, &bound, &err));
	xc_database_close(db);
	xc_document_free(two);
	assert_str(first, "chat chien chat");
	xc_document_free(one);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_things_outlive_a_reader, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_things_survive_a_closed_writer, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_queries_are_counted, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_lent_strings, scratch_setup, scratch_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
