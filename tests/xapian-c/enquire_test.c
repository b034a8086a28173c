/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Matching: weights, orders, deciders, match sets, and the two sources, over one shard and over several. */
#include <math.h>
#include <stdio.h>
#include <time.h>

#include "tests/xapian-c/scratch.h"

static const char *const pets[] = { "chat chien chat", "chien lapin", "cheval", "chat", "lapin chat", NULL };

static struct xc_enquire *
enquire_for(struct xc_database *db, struct xc_query *owned)
{
	struct xc_enquire *enquire = NULL;

	assert_ok(xc_enquire_new(db, &enquire, &err));
	assert_ok(xc_enquire_set_query(enquire, owned, 0, &err));
	xc_query_free(owned);
	return enquire;
}

/* Runs the match and compares the docids, in order. */
static void
assert_ranked(struct xc_enquire *enquire, const char *expected)
{
	struct xc_mset *mset = NULL;
	struct xc_mset_item item;
	char text[128] = "";
	size_t used = 0;

	assert_ok(xc_enquire_mset(enquire, 0, 10, 10, &mset, &err));
	for (xc_doccount i = 0; i < xc_mset_size(mset); i++) {
		assert_ok(xc_mset_item(mset, i, &item, &err));
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%u", i > 0 ? " " : "", item.docid);
	}
	xc_mset_free(mset);
	assert_string_equal(text, expected);
}

static void
test_bm25_ranks(void **state)
{
	static const struct xc_bm25 flat = { 0, 0, 0, 0, 0 };
	struct xc_enquire *enquire;
	struct xc_database *db;

	(void)state;
	scratch_database("db", pets);
	db = scratch_open("db");
	enquire = enquire_for(db, combine(XC_OP_OR, 0, term("chat"), term("lapin")));
	assert_ranked(enquire, "5 2 1 4");
	assert_ok(xc_enquire_set_bm25(enquire, &flat, &err));
	assert_ranked(enquire, "5 2 1 4");
	assert_ok(xc_enquire_set_bool_weight(enquire, &err));
	assert_ranked(enquire, "1 2 4 5");
	assert_ok(xc_enquire_set_docid_order(enquire, XC_DOCID_DESCENDING, &err));
	assert_ranked(enquire, "5 4 2 1");
	assert_ok(xc_enquire_set_docid_order(enquire, XC_DOCID_DONT_CARE, &err));
	assert_ok(xc_enquire_set_docid_order(enquire, XC_DOCID_ASCENDING, &err));
	assert_ranked(enquire, "1 2 4 5");
	xc_enquire_free(enquire);
	xc_enquire_free(NULL);
	xc_database_close(db);
}

static void
test_sorts(void **state)
{
	struct xc_enquire *enquire;
	struct xc_database *db;

	(void)state;
	scratch_database("db", pets);
	db = scratch_open("db");
	enquire = enquire_for(db, combine(XC_OP_OR, 0, term("chat"), term("lapin")));
	assert_ok(xc_enquire_set_sort(enquire, XC_SORT_VALUE, 0, false, &err));
	assert_ranked(enquire, "4 1 2 5"); /* "chat", "chat chien chat", "chien lapin", "lapin chat" */
	assert_ok(xc_enquire_set_sort(enquire, XC_SORT_VALUE, 0, true, &err));
	assert_ranked(enquire, "5 2 1 4");
	assert_ok(xc_enquire_set_sort(enquire, XC_SORT_VALUE_THEN_RELEVANCE, 9, true, &err));
	assert_ranked(enquire, "5 2 1 4");
	assert_ok(xc_enquire_set_bool_weight(enquire, &err));
	assert_ok(xc_enquire_set_sort(enquire, XC_SORT_RELEVANCE_THEN_VALUE, 0, false, &err));
	assert_ranked(enquire, "4 1 2 5");
	assert_ok(xc_enquire_set_sort(enquire, XC_SORT_RELEVANCE, 0, false, &err));
	assert_ranked(enquire, "1 2 4 5");
	xc_enquire_free(enquire);
	xc_database_close(db);
}

static void
test_refused_settings(void **state)
{
	static const struct xc_bm25 bad[] = { { -1, 0, 1, 0.5, 0.5 }, { 1, -1, 1, 0.5, 0.5 }, { 1, 0, -1, 0.5, 0.5 },
		{ 1, 0, 1, 1.5, 0.5 }, { 1, 0, 1, 0.5, -1 }, { (double)NAN, 0, 1, 0.5, 0.5 },
		{ 1, 0, (double)INFINITY, 0.5, 0.5 } };
	struct xc_enquire *enquire;
	struct xc_database *db;

	(void)state;
	scratch_database("db", pets);
	db = scratch_open("db");
	enquire = enquire_for(db, term("chat"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_fails(STATUS_INVALID, xc_enquire_set_bm25(enquire, &bad[i], &err));
	assert_fails(STATUS_INVALID, xc_enquire_set_sort(enquire, (enum xc_sort)4, 0, false, &err));
	assert_fails(STATUS_INVALID, xc_enquire_set_docid_order(enquire, (enum xc_docid_order)3, &err));
	assert_fails(STATUS_INVALID, xc_enquire_set_collapse_key(enquire, 0, 0, &err));
	assert_fails(STATUS_INVALID, xc_enquire_set_cutoff(enquire, 101, 0, &err));
	assert_fails(STATUS_INVALID, xc_enquire_set_cutoff(enquire, 0, -1, &err));
	assert_fails(STATUS_INVALID, xc_enquire_set_cutoff(enquire, 0, (double)NAN, &err));
	assert_ranked(enquire, "1 4 5");
	xc_enquire_free(enquire);
	xc_database_close(db);
}

static void
test_collapse_and_cutoff(void **state)
{
	static const char *const twins[] = { "chat", "chien", "chat", "chat", NULL };
	struct xc_mset *mset = NULL;
	struct xc_mset_stats stats;
	struct xc_mset_item item;
	struct xc_enquire *enquire;
	struct xc_database *db;
	struct str key;

	(void)state;
	scratch_database("db", twins);
	db = scratch_open("db");
	enquire = enquire_for(db, term("chat"));
	assert_ok(xc_enquire_set_collapse_key(enquire, 0, 1, &err));
	assert_ok(xc_enquire_mset(enquire, 0, 10, 10, &mset, &err));
	assert_ok(xc_mset_item(mset, 0, &item, &err));
	assert_int_equal(item.collapse_count, 2);
	assert_ok(xc_mset_collapse_key(mset, 0, &key, &err));
	assert_str(key, "chat");
	assert_ok(xc_mset_stats(mset, &stats, &err));
	assert_int_equal(stats.size, 1);
	assert_int_equal(stats.upper, 1);
	assert_int_equal(stats.uncollapsed_lower, 3);
	assert_int_equal(stats.uncollapsed_upper, 3);
	xc_mset_free(mset);
	assert_ok(xc_enquire_set_collapse_key(enquire, XC_NO_VALUENO, 0, &err));
	assert_ranked(enquire, "1 3 4");
	assert_ok(xc_enquire_set_cutoff(enquire, 0, 1000.0, &err));
	assert_ranked(enquire, "");
	xc_enquire_free(enquire);
	xc_database_close(db);
}

static void
test_match_set(void **state)
{
	struct xc_mset *mset = NULL;
	struct xc_mset_stats stats;
	struct xc_mset_item item;
	struct xc_enquire *enquire;
	struct xc_database *db;
	xc_doccount freq;
	struct str got;
	double weight;

	(void)state;
	scratch_database("db", pets);
	db = scratch_open("db");
	enquire = enquire_for(db, term("chat"));
	assert_ok(xc_enquire_set_sort(enquire, XC_SORT_VALUE, 0, false, &err));
	assert_ok(xc_enquire_mset(enquire, 1, 1, 10, &mset, &err));
	assert_int_equal(xc_mset_size(mset), 1);
	assert_ok(xc_mset_stats(mset, &stats, &err));
	assert_int_equal(stats.first, 1);
	assert_int_equal(stats.lower, 3);
	assert_int_equal(stats.estimated, 3);
	assert_int_equal(stats.upper, 3);
	assert_true(stats.max_attained > 0 && stats.max_attained <= stats.max_possible);
	assert_ok(xc_mset_item(mset, 0, &item, &err));
	assert_int_equal(item.docid, 1);
	assert_int_equal(item.rank, 1);
	assert_int_equal(item.collapse_count, 0);
	assert_true(item.weight > 0 && item.percent > 0 && item.percent <= 100);
	assert_ok(xc_mset_sort_key(mset, 0, &got, &err));
	assert_str(got, "chat chien chat");
	assert_ok(xc_mset_fetch(mset, &err));
	assert_ok(xc_mset_data(mset, 0, &got, &err));
	assert_str(got, "chat chien chat");
	assert_ok(xc_mset_term(mset, STR("chat"), &freq, &weight, &err));
	assert_int_equal(freq, 3);
	assert_true(weight > 0);
	assert_fails(STATUS_INVALID, xc_mset_term(mset, STR("loup"), &freq, &weight, &err));
	xc_mset_free(mset);
	xc_enquire_free(enquire);
	xc_database_close(db);
}

static void
test_past_the_end(void **state)
{
	struct xc_document *doc = NULL;
	struct xc_mset *mset = NULL;
	struct xc_mset_item item;
	struct xc_enquire *enquire;
	struct xc_database *db;
	struct str got;

	(void)state;
	scratch_database("db", pets);
	db = scratch_open("db");
	enquire = enquire_for(db, term("chat"));
	assert_ok(xc_enquire_mset(enquire, 0, UINT32_MAX, UINT32_MAX, &mset, &err));
	assert_int_equal(xc_mset_size(mset), 3);
	assert_ok(xc_mset_fetch(mset, &err));
	for (uint64_t i = 3; i <= UINT32_MAX; i = i * 2 + 1) {
		assert_fails(STATUS_INVALID, xc_mset_item(mset, (xc_doccount)i, &item, &err));
		assert_fails(STATUS_INVALID, xc_mset_sort_key(mset, (xc_doccount)i, &got, &err));
		assert_fails(STATUS_INVALID, xc_mset_collapse_key(mset, (xc_doccount)i, &got, &err));
		assert_fails(STATUS_INVALID, xc_mset_document(mset, (xc_doccount)i, &doc, &err));
		assert_fails(STATUS_INVALID, xc_mset_data(mset, (xc_doccount)i, &got, &err));
	}
	assert_null(doc);
	xc_mset_free(mset);
	assert_ok(xc_enquire_mset(enquire, UINT32_MAX, UINT32_MAX, UINT32_MAX, &mset, &err));
	assert_int_equal(xc_mset_size(mset), 0);
	assert_ok(xc_mset_fetch(mset, &err));
	xc_mset_free(mset);
	xc_mset_free(NULL);
	xc_enquire_free(enquire);
	xc_database_close(db);
}

static void
test_matching_terms(void **state)
{
	struct xc_terms *terms = NULL;
	struct xc_enquire *enquire;
	struct xc_database *db;
	struct str name;

	(void)state;
	scratch_database("db", pets);
	db = scratch_open("db");
	enquire =
	    enquire_for(db, combine(XC_OP_OR, 0, term("lapin"), combine(XC_OP_OR, 0, term("chat"), term("loup"))));
	assert_ok(xc_enquire_matching_terms(enquire, 5, &terms, &err));
	assert_ok(xc_terms_next(terms, &name, &err));
	assert_str(name, "chat");
	assert_ok(xc_terms_next(terms, &name, &err));
	assert_str(name, "lapin");
	assert_end(xc_terms_next(terms, &name, &err));
	xc_terms_free(terms);
	assert_fails(STATUS_NOT_FOUND, xc_enquire_matching_terms(enquire, 99, &terms, &err));
	xc_enquire_free(enquire);
	xc_database_close(db);
}

/* ---- Deciders ---- */

struct decider_log {
	xc_docid seen[16];
	size_t n;
	xc_docid abort_at;
};

static enum xc_decision
accept_even(void *ctx, xc_docid docid)
{
	struct decider_log *log = ctx;

	log->seen[log->n++ % 16] = docid;
	if (docid == log->abort_at)
		return XC_ABORT;
	return docid % 2 == 0 ? XC_ACCEPT : XC_REJECT;
}

static void
test_decider(void **state)
{
	struct decider_log log = { { 0 }, 0, 0 };
	struct xc_mset *mset = NULL;
	struct xc_enquire *enquire;
	struct xc_database *db;

	(void)state;
	scratch_database("db", pets);
	db = scratch_open("db");
	enquire = enquire_for(db, combine(XC_OP_OR, 0, term("chat"), term("lapin")));
	xc_enquire_set_decider(enquire, accept_even, &log);
	assert_ranked(enquire, "2 4");
	assert_int_equal(log.n, 4);
	log.abort_at = 4;
	assert_fails(STATUS_CANCELLED, xc_enquire_mset(enquire, 0, 10, 10, &mset, &err));
	assert_null(mset);
	xc_enquire_set_decider(enquire, NULL, NULL);
	assert_ranked(enquire, "5 2 1 4");
	xc_enquire_free(enquire);
	xc_database_close(db);
}

/* Three shards of uneven size, the middle one without the word "loup". */
static struct xc_database *
three_shards(void)
{
	static const char *const a[] = { "chat", "chat loup", "chat", NULL };
	static const char *const b[] = { "chat", "chien", "chat", "chat", "chat", NULL };
	static const char *const c[] = { "loup", "chat loup", NULL };
	struct xc_database *all = NULL, *one;

	scratch_database("a", a);
	scratch_database("b", b);
	scratch_database("c", c);
	assert_ok(xc_database_new(&all, &err));
	for (const char *name = "a\0b\0c\0"; *name != '\0'; name += 2) {
		one = scratch_open(name);
		assert_ok(xc_database_add(all, one, &err));
		xc_database_close(one);
	}
	return all;
}

/* A decider is shown the ids of the whole, though Xapian shows it those of the shard. */
static void
test_decider_over_shards(void **state)
{
	struct decider_log log = { { 0 }, 0, 0 };
	struct xc_database *db = three_shards();
	struct xc_enquire *enquire;
	bool seen[16] = { false };

	(void)state;
	enquire = enquire_for(db, term("loup")); /* shard a: 2nd = 4; shard c: 1st, 2nd = 3, 6 */
	assert_ok(xc_enquire_set_bool_weight(enquire, &err));
	xc_enquire_set_decider(enquire, accept_even, &log);
	assert_ranked(enquire, "4 6");
	assert_int_equal(log.n, 3);
	for (size_t i = 0; i < log.n; i++)
		seen[log.seen[i]] = true;
	assert_true(seen[3] && seen[4] && seen[6]);
	xc_enquire_set_decider(enquire, NULL, NULL);
	assert_ranked(enquire, "3 4 6");
	xc_enquire_free(enquire);
	xc_database_close(db);
}

/* ---- docid_from ---- */

static void
assert_from(struct xc_database *db, const char *word, xc_docid from, const char *expected)
{
	struct xc_query *query = NULL;

	assert_ok(xc_query_docid_from(db, from, &query, &err));
	if (word != NULL)
		query = combine(XC_OP_FILTER, 0, term(word), query);
	assert_matches(db, query, expected);
}

static void
test_docid_from(void **state)
{
	struct xc_writable *writable;
	struct xc_database *db;

	(void)state;
	scratch_database("db", pets);
	writable = scratch_create("db");
	assert_ok(xc_writable_delete_document(writable, 3, &err));
	assert_ok(xc_writable_commit(writable, &err));
	xc_writable_close(writable);
	db = scratch_open("db");
	assert_from(db, "chat", 0, "1 4 5");
	assert_from(db, "chat", 1, "1 4 5");
	assert_from(db, "chat", 2, "4 5");
	assert_from(db, "chat", 5, "5");
	assert_from(db, "chat", 6, "");
	assert_from(db, "chat", UINT32_MAX, "");
	assert_from(db, NULL, 0, "1 2 4 5");
	assert_from(db, NULL, 3, "4 5");
	assert_from(db, NULL, 6, "");
	xc_database_close(db);
}

/* Every start over three shards gives what is left of the whole. */
static void
test_docid_from_over_shards(void **state)
{
	static const xc_docid chats[] = { 1, 2, 4, 6, 7, 8, 11, 14 };
	struct xc_database *db = three_shards();
	char expected[64];

	(void)state;
	assert_matches(db, term("chat"), "1 2 4 6 7 8 11 14");
	for (xc_docid from = 0; from <= 16; from++) {
		size_t used = 0;

		expected[0] = '\0';
		for (size_t i = 0; i < sizeof(chats) / sizeof(chats[0]); i++)
			if (chats[i] >= from)
				used += (size_t)snprintf(
				    expected + used, sizeof(expected) - used, "%s%u", used > 0 ? " " : "", chats[i]);
		assert_from(db, "chat", from, expected);
	}
	assert_from(db, NULL, 5, "5 6 7 8 11 14");
	xc_database_close(db);
}

/* In every place of a query, not only where it is meant to be. */
static void
test_docid_from_anywhere(void **state)
{
	struct xc_query *query = NULL, *other = NULL;
	struct xc_database *db;

	(void)state;
	scratch_database("db", pets);
	db = scratch_open("db");
	assert_ok(xc_query_docid_from(db, 4, &query, &err));
	assert_matches(db, combine(XC_OP_OR, 0, query, term("chien")), "1 2 4 5");
	assert_ok(xc_query_docid_from(db, 4, &query, &err));
	assert_matches(db, combine(XC_OP_AND_NOT, 0, term("chat"), query), "1");
	assert_ok(xc_query_docid_from(db, 2, &query, &err));
	assert_ok(xc_query_docid_from(db, 4, &other, &err));
	assert_matches(db, combine(XC_OP_XOR, 0, query, other), "2 3");
	assert_ok(xc_query_docid_from(db, 2, &query, &err));
	assert_ok(xc_query_docid_from(db, 4, &other, &err));
	assert_matches(db, combine(XC_OP_AND, 0, query, other), "4 5");
	assert_ok(xc_query_docid_from(db, 2, &query, &err));
	assert_matches(db, combine(XC_OP_AND_MAYBE, 0, term("chat"), query), "1 4 5");
	xc_database_close(db);
}

static void
test_docid_from_of_another_database(void **state)
{
	struct xc_query *query = NULL;
	struct xc_mset *mset = NULL;
	struct xc_enquire *enquire;
	struct xc_database *db, *other;

	(void)state;
	scratch_database("db", pets);
	db = scratch_open("db");
	other = scratch_open("db");
	assert_ok(xc_query_docid_from(other, 2, &query, &err));
	enquire = enquire_for(db, query);
	assert_fails(STATUS_INVALID, xc_enquire_mset(enquire, 0, 10, 0, &mset, &err));
	assert_null(mset);
	xc_enquire_free(enquire);
	xc_database_close(other);
	xc_database_close(db);
}

/* ---- Deadlines ---- */

static uint64_t
now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static struct xc_query *
until(struct xc_query *owned, uint64_t deadline_ns)
{
	struct xc_query *query = NULL;

	assert_ok(xc_query_deadline(deadline_ns, &query, &err));
	return combine(XC_OP_FILTER, 0, owned, query);
}

static void
test_deadline(void **state)
{
	struct xc_mset *mset = NULL;
	struct xc_mset_stats stats;
	struct xc_enquire *enquire;
	struct xc_database *db;

	(void)state;
	scratch_database("db", pets);
	db = scratch_open("db");
	assert_matches(db, until(term("chat"), UINT64_MAX), "1 4 5");
	assert_matches(db, until(combine(XC_OP_NEAR, 0, term("chat"), term("lapin")), UINT64_MAX), "5");
	enquire = enquire_for(db, until(term("chat"), UINT64_MAX));
	assert_ok(xc_enquire_mset(enquire, 0, 10, 0, &mset, &err));
	assert_ok(xc_mset_stats(mset, &stats, &err));
	assert_int_equal(stats.lower, 3);
	assert_int_equal(stats.upper, 3);
	xc_mset_free(mset);
	xc_enquire_free(enquire);
	mset = NULL;
	enquire = enquire_for(db, until(term("chat"), now_ns()));
	assert_fails(STATUS_TIMEOUT, xc_enquire_mset(enquire, 0, 10, 0, &mset, &err));
	assert_null(mset);
	xc_enquire_free(enquire);
	xc_database_close(db);
}

/* A decider that never ends: it calls until the deadline stops the match. */
static enum xc_decision
wait_a_little(void *ctx, xc_docid docid)
{
	const struct timespec nap = { 0, 2000000 };

	(void)docid;
	(void)nanosleep(&nap, NULL);
	++*(unsigned *)ctx;
	return XC_REJECT;
}

/* The deadline falls in the midst of the match: it is stopped long before its last candidate. */
static void
test_deadline_in_the_midst(void **state)
{
	struct xc_writable *writable = scratch_create("db");
	unsigned asked = 0;
	struct xc_mset *mset = NULL;
	struct xc_enquire *enquire;

	(void)state;
	for (int i = 0; i < 5000; i++)
		(void)scratch_add(writable, "de la paix");
	assert_ok(xc_writable_commit(writable, &err));
	enquire = enquire_for(xc_writable_database(writable),
	    until(combine(XC_OP_PHRASE, 0, term("de"), term("la")), now_ns() + 200000000));
	xc_enquire_set_decider(enquire, wait_a_little, &asked);
	assert_fails(STATUS_TIMEOUT, xc_enquire_mset(enquire, 0, 10, 5000, &mset, &err));
	assert_true(asked > 0 && asked < 1000);
	assert_null(mset);
	xc_enquire_free(enquire);
	xc_writable_close(writable);
}

/* It also fires inside a phrase of which there is not one, and the database answers right afterwards. */
static void
test_deadline_without_hits(void **state)
{
	struct xc_writable *writable = scratch_create("db");
	char text[3 * 2000 + 1];
	struct xc_mset *mset = NULL;
	struct xc_enquire *enquire;

	(void)state;
	for (size_t i = 0; i < 2000; i++)
		memcpy(text + i * 3, i % 2 == 0 ? "aa " : "bb ", 4);
	for (int i = 0; i < 500; i++)
		(void)scratch_add(writable, text);
	assert_ok(xc_writable_commit(writable, &err));
	enquire = enquire_for(
	    xc_writable_database(writable), until(combine(XC_OP_PHRASE, 0, term("aa"), term("aa")), now_ns() + 200000));
	assert_fails(STATUS_TIMEOUT, xc_enquire_mset(enquire, 0, 10, 500, &mset, &err));
	assert_null(mset);
	xc_enquire_free(enquire);
	assert_matches(xc_writable_database(writable), combine(XC_OP_PHRASE, 0, term("aa"), term("aa")), "");
	xc_writable_close(writable);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_bm25_ranks, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_sorts, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_refused_settings, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_collapse_and_cutoff, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_match_set, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_past_the_end, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_matching_terms, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_decider, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_decider_over_shards, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_docid_from, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_docid_from_over_shards, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_docid_from_anywhere, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_docid_from_of_another_database, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_deadline, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_deadline_in_the_midst, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_deadline_without_hits, scratch_setup, scratch_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
