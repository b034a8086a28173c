/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The n-th allocation fails, or the n-th step is one too many, for all n: the matcher fails by name,
 * and its answer is as before when nothing fails.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/base/cmocka_first.h"
#include "tests/query/random_tree.h"

enum { SPECIMENS = 400, SEED = 1936 };

static unsigned long allocations, failing;

void *__real_malloc(size_t bytes);
void *__wrap_malloc(size_t bytes);

void *
__wrap_malloc(size_t bytes)
{
	return ++allocations == failing ? NULL : __real_malloc(bytes);
}

/* Makes the n-th malloc from now on fail; 0 for none. */
static void
fail_allocation(unsigned long n)
{
	allocations = 0;
	failing = n;
}

static void
fail_all_allocations(const struct specimen *specimen, const struct match_input *input, uint64_t total)
{
	const struct match_limits limits = { .max_steps = 1000 * 1000, .max_matches = 3 };
	enum status status;
	unsigned long n = 0;

	do {
		struct match_set set = { .total = 0 };
		struct error error;
		struct arena *arena;
		bool satisfied;

		fail_allocation(0);
		assert_int_equal(arena_new(1 << 20, &arena), STATUS_OK);
		fail_allocation(++n);
		status = match_exists(&specimen->query, input, &limits, NULL, &satisfied, &error);
		if (status == STATUS_OK)
			status = match_find(&specimen->query, input, &limits, arena, &set, &error);
		fail_allocation(0);
		assert_true(status == STATUS_NOMEM || (status == STATUS_OK && set.total == total));
		arena_free(arena);
	} while (status != STATUS_OK);
}

static void
fail_all_steps(const struct specimen *specimen, const struct match_input *input, uint64_t total, struct arena *arena)
{
	struct match_limits limits = { .max_steps = 0, .max_matches = 1000 };
	enum status status;

	do {
		struct match_set set = { .total = 0 };
		struct error error;

		arena_reset(arena);
		status = match_find(&specimen->query, input, &limits, arena, &set, &error);
		if (status == STATUS_OK) {
			assert_int_equal(set.total, total);
		} else {
			assert_int_equal(status, STATUS_LIMIT);
			assert_non_null(strstr(error.message, "LIMIT_MATCH_STEPS"));
		}
		limits.max_steps += 1 + limits.max_steps / 50;
	} while (status != STATUS_OK);
}

static void
test_faults(void **state)
{
	const struct match_limits limits = { .max_steps = 1000 * 1000, .max_matches = 1000 };
	static struct specimen specimen;
	struct rng rng = { SEED };
	struct arena *arena;

	(void)state;
	assert_int_equal(arena_new(1 << 24, &arena), STATUS_OK);
	for (unsigned i = 0; i < SPECIMENS; i++) {
		struct places places;
		struct match_set set;

		arena_reset(arena);
		specimen_draw(&specimen, &rng);
		places_of(&specimen, &places);
		assert_int_equal(match_find(&specimen.query, &places.input, &limits, arena, &set, NULL), STATUS_OK);
		fail_all_allocations(&specimen, &places.input, set.total);
		fail_all_steps(&specimen, &places.input, set.total, arena);
	}
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
