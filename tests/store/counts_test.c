/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was counted of terms comes back, or nothing does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "store/counts.h"

enum { TERMS = 10000 };

static struct counts *
make(void)
{
	struct counts *counts;

	assert_int_equal(counts_new(&counts), STATUS_OK);
	return counts;
}

static void
test_kept_and_forgotten(void **state)
{
	struct counts *counts = make();
	uint32_t n = 7;

	(void)state;
	assert_false(counts_get(counts, STR("Zalep"), &n));
	counts_put(counts, STR("Zalep"), 12);
	counts_put(counts, STR("alep"), 0);
	assert_false(counts_get(counts, STR("Zale"), &n));
	assert_false(counts_get(counts, STR(""), &n));
	assert_int_equal(n, 7);
	assert_true(counts_get(counts, STR("Zalep"), &n));
	assert_int_equal(n, 12);
	assert_true(counts_get(counts, STR("alep"), &n));
	assert_int_equal(n, 0);
	counts_put(counts, STR("Zalep"), 13);
	assert_true(counts_get(counts, STR("Zalep"), &n));
	assert_int_equal(n, 13);
	counts_forget(counts);
	assert_false(counts_get(counts, STR("Zalep"), &n));
	counts_free(counts);
	counts_free(NULL);
}

static void
test_lengths(void **state)
{
	static const char letters[] = "anticonstitutionnellement-vous";
	struct counts *counts = make();
	uint32_t n;

	(void)state;
	for (size_t len = 0; len < sizeof(letters); len++)
		counts_put(counts, (struct str) { letters, len }, (uint32_t)len);
	for (size_t len = 0; len < sizeof(letters); len++) {
		bool kept = counts_get(counts, (struct str) { letters, len }, &n);

		assert_int_equal(kept, len > 0 && len <= 27);
		if (kept)
			assert_int_equal(n, len);
	}
	counts_free(counts);
}

/* More than there is room for: what comes back is right, and it is many. */
static void
test_many(void **state)
{
	struct counts *counts = make();
	uint32_t n, found = 0;
	char term[16];

	(void)state;
	for (uint32_t i = 0; i < TERMS; i++) {
		(void)snprintf(term, sizeof(term), "Zmot%u", i);
		counts_put(counts, str_of(term), i);
	}
	for (uint32_t i = 0; i < TERMS; i++) {
		(void)snprintf(term, sizeof(term), "Zmot%u", i);
		if (!counts_get(counts, str_of(term), &n))
			continue;
		assert_int_equal(n, i);
		found++;
	}
	assert_true(found > TERMS / 4 && found < TERMS / 2);
	counts_free(counts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kept_and_forgotten),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
