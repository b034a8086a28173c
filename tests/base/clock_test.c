/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/clock.h"

#include <time.h>

#include "tests/base/cmocka_first.h"

static void
test_never_goes_back(void **state)
{
	int64_t before = clock_mono_ns();

	(void)state;
	for (int i = 0; i < 10000; i++) {
		int64_t now = clock_mono_ns();

		assert_true(now >= before);
		before = now;
	}
}

/* A pause of 20 ms is seen as at least that long by both, and they agree. */
static void
test_units(void **state)
{
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	int64_t ns = clock_mono_ns(), ms = clock_mono_ms();

	(void)state;
	assert_in_range(ms - ns / 1000000, 0, 1000);
	assert_int_equal(clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL), 0);
	assert_true(clock_mono_ns() - ns >= pause.tv_nsec);
	assert_true(clock_mono_ms() - ms >= 19);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_never_goes_back),
		cmocka_unit_test(test_units),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
