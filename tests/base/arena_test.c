/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/arena.h"

#include <stdalign.h>
#include <string.h>

#include "tests/base/cmocka_first.h"

static struct arena *
make(size_t max_bytes)
{
	struct arena *arena = NULL;

	assert_int_equal(arena_new(max_bytes, &arena), STATUS_OK);
	assert_non_null(arena);
	assert_int_equal(arena_used(arena), 0);
	return arena;
}

static void
test_free_accepts_null_and_empty(void **state)
{
	(void)state;
	arena_free(NULL);
	arena_free(make(0));
}

static bool
all_zero(const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (p[i] != 0)
			return false;
	return true;
}

/* Sizes around the first block of 4096 bytes: aligned, zeroed, apart from each other, and kept. */
static void
test_allocations_are_aligned_zeroed_and_apart(void **state)
{
	static const size_t sizes[] = { 0, 1, 15, 16, 17, 100, 4000, 4096, 4097, 50000, 3 };
	enum { COUNT = sizeof(sizes) / sizeof(sizes[0]) };
	struct arena *arena = make(1 << 20);
	char *made[COUNT];

	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		made[i] = arena_alloc(arena, sizes[i]);
		assert_non_null(made[i]);
		assert_int_equal((uintptr_t)made[i] % alignof(max_align_t), 0);
		assert_true(all_zero(made[i], sizes[i]));
		memset(made[i], (int)i + 1, sizes[i]);
	}
	for (size_t i = 0; i < COUNT; i++)
		for (size_t n = 0; n < sizes[i]; n++)
			assert_int_equal(made[i][n], (int)i + 1);
	assert_true(arena_used(arena) >= 4000 + 4096 + 4097 + 50000);
	arena_free(arena);
}

static void
test_maximum(void **state)
{
	struct arena *arena = make(1600);

	(void)state;
	assert_null(arena_alloc(arena, 1601));
	assert_int_equal(arena_used(arena), 0);
	assert_non_null(arena_alloc(arena, 1600));
	assert_null(arena_alloc(arena, 1));
	arena_reset(arena);
	for (int i = 0; i < 100; i++)
		assert_non_null(arena_alloc(arena, 16));
	assert_null(arena_alloc(arena, 0));
	assert_int_equal(arena_used(arena), 1600);
	arena_free(arena);
	arena = make(0);
	assert_null(arena_alloc(arena, 0));
	arena_free(arena);
}

/* Sizes whose rounding up or whose sum with a header would wrap round are refused, not made small. */
static void
test_sizes_that_would_wrap(void **state)
{
	struct arena *arena = make(SIZE_MAX);

	(void)state;
	for (size_t less = 0; less < 64; less++) {
		assert_null(arena_alloc(arena, SIZE_MAX - less));
		assert_null(arena_strdup(arena, (struct str) { "a", SIZE_MAX - less }));
	}
	assert_null(arena_calloc(arena, SIZE_MAX / 2, 3));
	assert_null(arena_calloc(arena, SIZE_MAX, SIZE_MAX));
	assert_non_null(arena_calloc(arena, 0, SIZE_MAX));
	assert_non_null(arena_alloc(arena, 100));
	arena_free(arena);
}

static void
test_calloc_multiplies(void **state)
{
	struct arena *arena = make(100);

	(void)state;
	assert_null(arena_calloc(arena, 11, 10));
	assert_non_null(arena_calloc(arena, 8, 10));
	assert_in_range(arena_used(arena), 80, 96);
	arena_free(arena);
}

static void
test_strings(void **state)
{
	struct arena *arena = make(1000);
	struct str copy;
	char text[] = "a\0b";

	(void)state;
	copy = arena_str(arena, (struct str) { text, 3 });
	memset(text, 'x', sizeof(text));
	assert_str(copy, "a\0b");
	assert_int_equal(copy.p[3], '\0');
	assert_string_equal(arena_strdup(arena, STR("é")), "é");
	assert_string_equal(arena_strdup(arena, (struct str) { NULL, 0 }), "");
	assert_null(arena_strdup(arena, (struct str) { "a", 1000 }));
	copy = arena_str(arena, (struct str) { "a", 1000 });
	assert_null(copy.p);
	assert_int_equal(copy.len, 0);
	arena_free(arena);
}

/* After a reset the memory is given out again, zeroed again. */
static void
test_reset_reuses(void **state)
{
	struct arena *arena = make(1 << 20);
	char *first = arena_alloc(arena, 4000);

	(void)state;
	memset(first, 'x', 4000);
	arena_reset(arena);
	assert_int_equal(arena_used(arena), 0);
	assert_ptr_equal(arena_alloc(arena, 4000), first);
	assert_true(all_zero(first, 4000));
	for (int i = 0; i < 20; i++)
		assert_non_null(arena_alloc(arena, 4000));
	arena_reset(arena);
	arena_reset(arena);
	assert_non_null(arena_alloc(arena, 60000));
	arena_free(arena);
	arena = make(10);
	arena_reset(arena);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_free_accepts_null_and_empty),
		cmocka_unit_test(test_allocations_are_aligned_zeroed_and_apart),
		cmocka_unit_test(test_maximum),
		cmocka_unit_test(test_sizes_that_would_wrap),
		cmocka_unit_test(test_calloc_multiplies),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_reset_reuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
