/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Documents from outside in a match. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/xapian-c/scratch.h"
#include "xapian-c/source.h"

enum { DOCUMENTS = 300 };

/* Document d says "all"; "even" or "odd"; "seven" where 7 divides it; "last" in the last three.  Those 11 divides are gone. */
static struct xc_database *
numbered(void)
{
	struct xc_writable *writable = scratch_create("db");

	for (unsigned d = 1; d <= DOCUMENTS; d++) {
		char text[64];

		(void)snprintf(text, sizeof(text), "all %s%s%s", d % 2 == 0 ? "even" : "odd",
		    d % 7 == 0 ? " seven seven" : "", d > DOCUMENTS - 3 ? " last" : "");
		assert_int_equal(scratch_add(writable, text), d);
	}
	for (unsigned d = 11; d <= DOCUMENTS; d += 11)
		assert_ok(xc_writable_delete_document(writable, d, &err));
	assert_ok(xc_writable_commit(writable, &err));
	xc_writable_close(writable);
	return scratch_open("db");
}

/* All hits of a match, in the order that it gives them. */
struct hits {
	struct xc_mset_item v[DOCUMENTS + 1];
	xc_doccount n;
};

static void
run(struct xc_database *db, const struct xc_query *query, bool weighted, xc_doccount most, struct hits *hits)
{
	struct xc_enquire *enquire = NULL;
	struct xc_mset *mset = NULL;

	assert_ok(xc_enquire_new(db, &enquire, &err));
	assert_ok(xc_enquire_set_query(enquire, query, 0, &err));
	if (!weighted)
		assert_ok(xc_enquire_set_bool_weight(enquire, &err));
	assert_ok(xc_enquire_mset(enquire, 0, most, 0, &mset, &err));
	hits->n = xc_mset_size(mset);
	for (xc_doccount i = 0; i < hits->n; i++)
		assert_ok(xc_mset_item(mset, i, &hits->v[i], &err));
	xc_mset_free(mset);
	xc_enquire_free(enquire);
}

/* Every `step`th document from `step` on, of weight 1 to 10 by its id. */
struct given {
	unsigned step;
	unsigned at; /* 0 before the first */
	double best_least; /* the highest that was asked for */
	unsigned rewinds, calls;
	unsigned fail_at; /* call number, from 1; 0: none */
	enum status failure;
	bool backwards;
};

static double
weight_of(unsigned d)
{
	return 1 + d % 10;
}

static enum status
count_call(struct given *given)
{
	return ++given->calls == given->fail_at ? given->failure : STATUS_OK;
}

static enum status
given_rewind(void *ctx)
{
	struct given *given = ctx;

	given->at = 0;
	given->rewinds++;
	return count_call(given);
}

static enum status
given_seek(void *ctx, xc_docid docid, double least, xc_docid *ret_docid)
{
	struct given *given = ctx;

	assert_true(docid > given->at);
	if (least > given->best_least)
		given->best_least = least;
	for (given->at = docid; given->at <= DOCUMENTS; given->at++)
		if (given->at % given->step == 0 && given->at % 11 != 0 && weight_of(given->at) >= least)
			break;
	*ret_docid = given->at <= DOCUMENTS ? given->at : XC_SOURCE_END;
	if (given->backwards && given->at > 20)
		*ret_docid = 1;
	return count_call(given);
}

static enum status
given_next(void *ctx, double least, xc_docid *ret_docid)
{
	const struct given *given = ctx;

	return given_seek(ctx, given->at + 1, least, ret_docid);
}

static double
given_weight(void *ctx)
{
	const struct given *given = ctx;

	return weight_of(given->at);
}

static struct xc_source
source_of(struct given *given)
{
	return (struct xc_source) { .ctx = given,
		.rewind = given_rewind,
		.next = given_next,
		.seek = given_seek,
		.weight = given_weight,
		.weight_max = 10,
		.count_least = 0,
		.count_estimate = DOCUMENTS / given->step,
		.count_most = DOCUMENTS / given->step };
}

static struct xc_query *
query_of(struct xc_database *db, struct given *given)
{
	const struct xc_source source = source_of(given);
	struct xc_query *query = NULL;

	assert_ok(xc_query_source(db, &source, &query, &err));
	return query;
}

/* The hits are exactly these documents (those for which `is_hit`), in docid order. */
static void
assert_hits(struct xc_database *db, struct xc_query *owned, bool (*is_hit)(unsigned d))
{
	static struct hits hits;
	xc_doccount n = 0;

	run(db, owned, false, DOCUMENTS, &hits);
	for (unsigned d = 1; d <= DOCUMENTS; d++) {
		if (d % 11 == 0 || !is_hit(d))
			continue;
		assert_true(n < hits.n);
		assert_int_equal(hits.v[n++].docid, d);
	}
	assert_int_equal(hits.n, n);
	xc_query_free(owned);
}

static bool
is_fifth(unsigned d)
{
	return d % 5 == 0;
}

static bool
is_fifth_or_seventh(unsigned d)
{
	return d % 5 == 0 || d % 7 == 0;
}

static bool
is_fifth_and_seventh(unsigned d)
{
	return d % 35 == 0;
}

static bool
is_fifth_not_seventh(unsigned d)
{
	return d % 5 == 0 && d % 7 != 0;
}

static bool
is_seventh_not_fifth(unsigned d)
{
	return d % 5 != 0 && d % 7 == 0;
}

static void
test_source_anywhere(void **state)
{
	static const struct {
		enum xc_op op;
		bool second; /* the source is the second operand */
		bool (*is_hit)(unsigned d);
	} cases[] = { { XC_OP_OR, false, is_fifth_or_seventh }, { XC_OP_OR, true, is_fifth_or_seventh },
		{ XC_OP_AND, false, is_fifth_and_seventh }, { XC_OP_FILTER, false, is_fifth_and_seventh },
		{ XC_OP_FILTER, true, is_fifth_and_seventh }, { XC_OP_AND_NOT, false, is_fifth_not_seventh },
		{ XC_OP_AND_NOT, true, is_seventh_not_fifth }, { XC_OP_AND_MAYBE, false, is_fifth } };
	struct xc_database *db = numbered();
	struct given given = { .step = 5 };

	(void)state;
	assert_hits(db, query_of(db, &given), is_fifth);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct xc_query *source = query_of(db, &given), *word = term("seven");

		assert_hits(db,
		    combine(cases[i].op, 0, cases[i].second ? word : source, cases[i].second ? source : word),
		    cases[i].is_hit);
	}
	xc_database_close(db);
}

static int
compare_hits(const void *a, const void *b)
{
	const struct xc_mset_item *one = a, *other = b;

	if (one->weight != other->weight)
		return one->weight > other->weight ? -1 : 1;
	return one->docid < other->docid ? -1 : one->docid > other->docid;
}

/* The best of a page are the best of all, though the source leaves out what is too light; so again in a second match. */
static void
test_source_weighs(void **state)
{
	static struct hits all, best, words;
	struct xc_database *db = numbered();
	struct given given = { .step = 3 };
	struct xc_query *word = term("seven"), *query = NULL;

	(void)state;
	run(db, word, true, DOCUMENTS, &words);
	for (unsigned d = 1; d <= DOCUMENTS; d++)
		if (d % 11 != 0 && (d % 3 == 0 || d % 7 == 0))
			all.v[all.n++] = (struct xc_mset_item) { .docid = d, .weight = d % 3 == 0 ? weight_of(d) : 0 };
	for (size_t i = 0; i < words.n; i++)
		for (size_t j = 0; j < all.n; j++)
			all.v[j].weight += all.v[j].docid == words.v[i].docid ? words.v[i].weight : 0;
	qsort(all.v, all.n, sizeof(all.v[0]), compare_hits);
	query = combine(XC_OP_OR, 0, query_of(db, &given), word);
	for (xc_doccount most = 1; most < all.n; most += 9) {
		run(db, query, true, most, &best);
		assert_int_equal(best.n, most);
		for (size_t i = 0; i < most; i++) {
			assert_int_equal(best.v[i].docid, all.v[i].docid);
			assert_true(fabs(best.v[i].weight - all.v[i].weight) < 1e-9);
		}
	}
	assert_true(given.best_least > 1);
	xc_query_free(query);
	xc_database_close(db);
}

/* Whichever call fails, the match ends with it. */
static void
test_source_fails(void **state)
{
	struct xc_database *db = numbered();
	struct given given = { .step = 30, .failure = STATUS_CORRUPT };
	struct xc_query *query = combine(XC_OP_OR, 0, query_of(db, &given), term("seven"));
	struct xc_enquire *enquire = NULL;
	struct xc_mset *mset = NULL;
	static struct hits hits;
	unsigned calls;

	(void)state;
	run(db, query, true, DOCUMENTS, &hits);
	calls = given.calls;
	assert_true(calls > 10);
	assert_ok(xc_enquire_new(db, &enquire, &err));
	assert_ok(xc_enquire_set_query(enquire, query, 0, &err));
	for (given.fail_at = 1; given.fail_at <= calls; given.fail_at++) {
		given.calls = 0;
		assert_fails(STATUS_CANCELLED, xc_enquire_mset(enquire, 0, DOCUMENTS, 0, &mset, &err));
	}
	given.fail_at = 0;
	given.backwards = true;
	assert_fails(STATUS_INVALID, xc_enquire_mset(enquire, 0, DOCUMENTS, 0, &mset, &err));
	given.backwards = false;
	assert_null(mset);
	assert_ok(xc_enquire_mset(enquire, 0, DOCUMENTS, 0, &mset, &err));
	assert_int_equal(xc_mset_size(mset), hits.n);
	xc_mset_free(mset);
	xc_enquire_free(enquire);
	xc_query_free(query);
	xc_database_close(db);
}

static enum status
try_match(struct xc_database *db, const struct xc_query *query)
{
	struct xc_enquire *enquire = NULL;
	struct xc_mset *mset = NULL;
	enum status status;

	assert_ok(xc_enquire_new(db, &enquire, &err));
	assert_ok(xc_enquire_set_query(enquire, query, 0, &err));
	status = xc_enquire_mset(enquire, 0, DOCUMENTS, 0, &mset, &err);
	xc_mset_free(mset);
	xc_enquire_free(enquire);
	return status;
}

/* One source cannot give two lists at a time. */
static void
test_source_twice(void **state)
{
	struct xc_database *db = numbered();
	struct given given = { .step = 2 };
	struct xc_query *query = query_of(db, &given), *copy = NULL, *both;

	(void)state;
	assert_ok(xc_query_copy(query, &copy, &err));
	both = combine(XC_OP_OR, 0, query, copy);
	assert_fails(STATUS_INVALID, try_match(db, both));
	xc_query_free(both);
	xc_database_close(db);
}

static void
test_refused(void **state)
{
	struct xc_database *db = numbered(), *other = scratch_open("db"), *shards = NULL;
	struct given given = { .step = 2 };
	struct xc_source source = source_of(&given);
	struct xc_query *word = term("even"), *query = NULL, *larger, *made = NULL;
	struct str bytes;

	(void)state;
	assert_ok(xc_database_new(&shards, &err));
	assert_fails(STATUS_INVALID, xc_query_source(shards, &source, &made, &err));
	assert_ok(xc_database_add(shards, db, &err));
	assert_ok(xc_database_add(shards, other, &err));
	assert_fails(STATUS_INVALID, xc_query_source(shards, &source, &made, &err));
	assert_non_null(strstr(err.message, "one shard"));

	source.weight_max = -1;
	assert_fails(STATUS_INVALID, xc_query_source(db, &source, &made, &err));
	source.weight_max = (double)NAN;
	assert_fails(STATUS_INVALID, xc_query_source(db, &source, &made, &err));
	source = source_of(&given);
	source.count_least = source.count_estimate + 1;
	assert_fails(STATUS_INVALID, xc_query_source(db, &source, &made, &err));
	source = source_of(&given);
	source.count_most = source.count_estimate - 1;
	assert_fails(STATUS_INVALID, xc_query_source(db, &source, &made, &err));

	/* Of another database; scaled, also inside a larger query; as bytes. */
	query = query_of(other, &given);
	assert_fails(STATUS_INVALID, try_match(db, query));
	assert_fails(STATUS_INVALID, try_match(shards, query));
	assert_fails(STATUS_INVALID, xc_query_scale_weight(query, 2, &made, &err));
	assert_fails(STATUS_INVALID, xc_query_serialise(query, &bytes, &err));
	larger = combine(XC_OP_OR, 0, query, word);
	assert_fails(STATUS_INVALID, xc_query_scale_weight(larger, 2, &made, &err));
	xc_query_free(larger);
	assert_null(made);
	xc_database_close(shards);
	xc_database_close(other);
	xc_database_close(db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_source_anywhere, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_source_weighs, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_source_fails, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_source_twice, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_refused, scratch_setup, scratch_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
