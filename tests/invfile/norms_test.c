/* SPDX-License-Identifier: GPL-2.0-or-later */
/* norms: no less than what they stand for, and no more than the next number; also with constants that are 0. */
#include <stdlib.h>

#include "invfile/norms.h"
#include "tests/base/cmocka_first.h"

enum { DOCUMENTS = 3000 };

/* What stands beside wdf in the denominator of bm25_part(). */
static double
beside_wdf(const struct bm25 *bm25, double average, uint32_t length)
{
	double normlen = average > 0 ? length / average : 0;

	return bm25->k1 * (fmax(normlen, bm25->min_normlen) * bm25->b + (1 - bm25->b));
}

static void
check(const struct bm25 *bm25, double average)
{
	uint32_t lengths[DOCUMENTS + 1] = { 0 };
	uint8_t *norms;

	for (uint32_t i = 0; i <= DOCUMENTS; i++)
		lengths[i] = i < 2000 ? i : i == DOCUMENTS ? UINT32_MAX : 1000 * i;
	norms = norms_new(bm25, lengths, DOCUMENTS, average);
	assert_non_null(norms);
	for (uint32_t i = 1; i <= DOCUMENTS; i++) {
		double wanted = NORM_MOST * bm25_shortest(bm25), beside = beside_wdf(bm25, average, lengths[i]);

		assert_true(norms[i] > 0 || wanted == 0);
		assert_true(norms[i] * beside >= wanted * (1 - 1e-12));
		assert_true(norms[i] <= 1 || (norms[i] - 1) * beside <= wanted * (1 + 1e-12));
	}
	for (uint32_t i = 1; i <= NORMS_SLACK; i++)
		assert_int_equal(norms[DOCUMENTS + i], 0);
	free(norms);
}

static void
test_norms(void **state)
{
	static const struct bm25 constants[] = {
		{ .k1 = 0.9, .b = 0.75, .min_normlen = 0.5 },
		{ .k1 = 2, .b = 1, .min_normlen = 0.1 },
		{ .k1 = 2, .b = 1, .min_normlen = 0 },
		{ .k1 = 0.5, .b = 0, .min_normlen = 0.5 },
		{ .k1 = 0, .b = 0.75, .min_normlen = 0.5 },
	};
	static const double averages[] = { 0, 1, 311.7, 1e9 };

	(void)state;
	for (size_t i = 0; i < sizeof(constants) / sizeof(constants[0]); i++) {
		for (size_t j = 0; j < sizeof(averages) / sizeof(averages[0]); j++)
			check(&constants[i], averages[j]);
	}
}

static void
test_no_documents(void **state)
{
	const struct bm25 bm25 = { .k1 = 0.9, .b = 0.75, .min_normlen = 0.5 };
	uint32_t none = 0;
	uint8_t *norms = norms_new(&bm25, &none, 0, 0);

	(void)state;
	assert_non_null(norms);
	assert_int_equal(norms[0], 0);
	free(norms);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_norms),
		cmocka_unit_test(test_no_documents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
