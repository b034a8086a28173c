/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * best_of_source() against Xapian's own match of the same source: the same documents in the same order, the same bounds and estimate; what
 * a decider leaves of them; and what becomes of sources that fail.
 */
#include <stdlib.h>

#include "query/plan/best.h"
#include "tests/xapian-c/scratch.h"

enum { DOCUMENTS = 3000, ROUNDS = 3000 };

/* A source of documents with scores, some of which it leaves out where they are of no use. */
struct supply {
	struct ranked v[DOCUMENTS];
	uint32_t n;
	uint32_t at; /* the next one */
	bool leaves_out;
	uint32_t fails_at; /* this step fails; 0: none */
	bool goes_back;
	struct xc_source source;
};

static struct supply supply;

static uint32_t
below(uint32_t n)
{
	static uint64_t seed = 12345;

	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((seed >> 33) % n);
}

static enum status
rewind_supply(void *ctx)
{
	struct supply *s = ctx;

	s->at = 0;
	return s->fails_at == 1 ? STATUS_IO : STATUS_OK;
}

static enum status
next(void *ctx, double least, xc_docid *ret_docid)
{
	struct supply *s = ctx;

	if (s->fails_at > 0 && s->at + 2 >= s->fails_at)
		return STATUS_IO;
	while (s->leaves_out && s->at < s->n && s->v[s->at].score < least)
		s->at++;
	*ret_docid = s->at < s->n ? s->v[s->at].docid : XC_SOURCE_END;
	if (s->goes_back && s->at == 5)
		*ret_docid = s->v[2].docid;
	s->at++;
	return STATUS_OK;
}

static enum status
seek(void *ctx, xc_docid docid, double least, xc_docid *ret_docid)
{
	struct supply *s = ctx;

	while (s->at < s->n && s->v[s->at].docid < docid)
		s->at++;
	return next(ctx, least, ret_docid);
}

static double
weight(void *ctx)
{
	struct supply *s = ctx;

	return s->v[s->at - 1].score;
}

/* About n documents; of few different scores, so that many are equal. */
static void
draw(uint32_t n, uint32_t scores)
{
	supply = (struct supply) { .leaves_out = below(2) == 0 };
	for (uint32_t docid = 1; docid <= DOCUMENTS; docid++) {
		if (below(DOCUMENTS) < n)
			supply.v[supply.n++] = (struct ranked) { docid, below(scores) / 8.0 };
	}
	supply.source = (struct xc_source) { .ctx = &supply,
		.rewind = rewind_supply,
		.next = next,
		.seek = seek,
		.weight = weight,
		.weight_max = scores > 1 ? scores / 8.0 : 0,
		.count_least = below(supply.n + 1),
		.count_most = supply.n + below(DOCUMENTS - supply.n + 1) };
	supply.source.count_estimate =
	    supply.source.count_least + below(supply.source.count_most - supply.source.count_least + 1);
}

static void
match(struct xc_database *db, const struct best_request *request, struct arena *arena, struct best *ret_best)
{
	struct xc_enquire *enquire;
	struct xc_query *query;
	struct xc_mset *mset;

	assert_ok(xc_query_source(db, &supply.source, &query, &err));
	assert_ok(xc_enquire_new(db, &enquire, &err));
	assert_ok(xc_enquire_set_query(enquire, query, 0, &err));
	assert_ok(xc_enquire_mset(enquire, request->first, request->limit, request->at_least, &mset, &err));
	assert_ok(best_of_mset(mset, arena, ret_best, &err));
	xc_mset_free(mset);
	xc_enquire_free(enquire);
	xc_query_free(query);
}

static void
assert_ranked(const struct ranked *a, const struct ranked *b, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		assert_int_equal(a[i].docid, b[i].docid);
		assert_true(a[i].score == b[i].score);
	}
}

static void
assert_same(const struct best *a, const struct best *b)
{
	assert_int_equal(a->n, b->n);
	assert_ranked(a->v, b->v, a->n);
	assert_int_equal(a->lower, b->lower);
	assert_int_equal(a->estimated, b->estimated);
	assert_int_equal(a->upper, b->upper);
}

static struct xc_database *
documents(void)
{
	struct xc_writable *writable = scratch_create("db");

	for (unsigned d = 1; d <= DOCUMENTS; d++)
		assert_int_equal(scratch_add(writable, "word"), d);
	assert_ok(xc_writable_commit(writable, &err));
	xc_writable_close(writable);
	return scratch_open("db");
}

static void
test_same_as_xapian(void **state)
{
	static const uint32_t numbers[] = { 0, 1, 2, 9, 10, 11, 30, 100, 1000, DOCUMENTS };
	enum { N = sizeof(numbers) / sizeof(*numbers) };
	struct xc_database *db = documents();
	struct arena *arena;

	(void)state;
	assert_ok(arena_new(SIZE_MAX, &arena));
	for (uint32_t i = 0; i < ROUNDS; i++) {
		struct best_request request = { .first = below(3) == 0 ? numbers[below(N)] : 0,
			.limit = numbers[1 + below(N - 1)],
			.at_least = below(2) == 0 ? numbers[below(N)] : 0,
			.documents = DOCUMENTS };
		struct best ours, theirs;

		draw(numbers[below(N)], (uint32_t[]) { 1, 2, 20, 1000000 }[below(4)]);
		match(db, &request, arena, &theirs);
		assert_ok(best_of_source(&supply.source, &request, arena, &ours, &err));
		assert_same(&ours, &theirs);
		arena_reset(arena);
	}
	arena_free(arena);
	xc_database_close(db);
}

/* Which documents pass, and how many were asked of; 0 in place of the former: the decider fails. */
struct sieve {
	uint32_t one_in;
	uint32_t asked;
};

static bool
passes(uint32_t one_in, xc_docid docid)
{
	return docid * UINT32_C(2654435761) % 1024 < 1024 / one_in;
}

static enum xc_decision
decide(void *ctx, xc_docid docid)
{
	struct sieve *sieve = ctx;

	sieve->asked++;
	if (sieve->one_in == 0)
		return XC_ABORT;
	return passes(sieve->one_in, docid) ? XC_ACCEPT : XC_REJECT;
}

/* The best of those that pass are found, and of no other is more known. */
static void
test_decider(void **state)
{
	struct arena *arena;

	(void)state;
	assert_ok(arena_new(SIZE_MAX, &arena));
	for (uint32_t i = 0; i < ROUNDS; i++) {
		struct sieve sieve = { (uint32_t[]) { 1, 2, 7, 1000 }[below(4)], 0 };
		struct best_request request = {
			.limit = 1 + below(40), .documents = DOCUMENTS, .decider = decide, .decider_ctx = &sieve
		};
		struct ranked *passed = arena_calloc(arena, DOCUMENTS, sizeof(*passed));
		struct best best;
		uint32_t n = 0;

		assert_non_null(passed);
		draw(below(DOCUMENTS), (uint32_t[]) { 2, 20, 1000000 }[below(3)]);
		assert_ok(best_of_source(&supply.source, &request, arena, &best, &err));
		for (uint32_t s = 0; s < supply.n; s++) {
			if (passes(sieve.one_in, supply.v[s].docid))
				passed[n++] = supply.v[s];
		}
		qsort(passed, n, sizeof(*passed), ranked_compare);
		assert_int_equal(best.n, n < request.limit ? n : request.limit);
		assert_ranked(best.v, passed, best.n);
		assert_in_range(sieve.asked, best.n, supply.n);
		if (n < request.limit)
			assert_int_equal(best.upper, supply.n);
		arena_reset(arena);
	}
	arena_free(arena);
}

static void
test_decider_that_fails(void **state)
{
	struct sieve sieve = { 0, 0 };
	const struct best_request request = {
		.limit = 10, .documents = DOCUMENTS, .decider = decide, .decider_ctx = &sieve
	};
	struct best best = { .n = 77 };
	struct arena *arena;

	(void)state;
	assert_ok(arena_new(SIZE_MAX, &arena));
	draw(500, 1000);
	assert_int_equal(best_of_source(&supply.source, &request, arena, &best, &err), STATUS_CANCELLED);
	assert_int_equal(sieve.asked, 1);
	assert_int_equal(best.n, 77);
	arena_free(arena);
}

static void
test_sources_that_fail(void **state)
{
	const struct best_request request = { .limit = 10, .documents = DOCUMENTS };
	struct best best = { .n = 77 };
	struct arena *arena;

	(void)state;
	assert_ok(arena_new(SIZE_MAX, &arena));
	draw(500, 1000);
	for (supply.fails_at = 1; supply.fails_at < 30; supply.fails_at++)
		assert_int_equal(best_of_source(&supply.source, &request, arena, &best, &err), STATUS_CANCELLED);
	supply.fails_at = 0;
	supply.goes_back = true;
	supply.leaves_out = false;
	assert_int_equal(best_of_source(&supply.source, &request, arena, &best, &err), STATUS_INTERNAL);
	arena_free(arena);
	assert_ok(arena_new(8, &arena));
	supply.goes_back = false;
	assert_int_equal(best_of_source(&supply.source, &request, arena, &best, &err), STATUS_NOMEM);
	assert_int_equal(best.n, 77);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_same_as_xapian, scratch_setup, scratch_teardown),
		cmocka_unit_test(test_decider),
		cmocka_unit_test(test_decider_that_fails),
		cmocka_unit_test_setup_teardown(test_sources_that_fail, scratch_setup, scratch_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
