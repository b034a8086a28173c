/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When processes poll, as a table of what happens at which microsecond.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/polling.h"

enum { NS_PER_US = 1000 };
enum what { END, CROWD, BEGIN, BEGIN_ON_OUR_CORE, ENDED, LOOK };

struct moment {
	enum what what;
	int64_t us;
	bool expected; /* of both BEGINs and LOOK */
};

static void
play(unsigned cores, uint32_t poll_us, const struct moment *moments)
{
	struct polling polling;

	polling_init(&polling, cores);
	for (; moments->what != END; moments++) {
		int64_t now = moments->us * NS_PER_US;
		bool shared = moments->what == BEGIN_ON_OUR_CORE;

		switch (moments->what) {
		case CROWD: polling_crowd(&polling, now); break;
		case BEGIN:
		case BEGIN_ON_OUR_CORE:
			assert_int_equal(polling_begin(&polling, now, poll_us, shared), moments->expected);
			break;
		case ENDED: polling_end(&polling); break;
		default: assert_int_equal(polling_is_on(&polling, now), moments->expected); break;
		}
	}
}

static void
test_one_at_a_time(void **state)
{
	static const struct moment moments[] = {
		{ LOOK, 5, false }, /* nothing is under way */
		{ BEGIN, 10, true },
		{ LOOK, 10, true },
		{ LOOK, 209, true },
		{ LOOK, 210, false }, /* it takes longer */
		{ ENDED, 300, false },
		{ LOOK, 301, false },
		{ BEGIN, 400, true },
		{ LOOK, 410, true },
		{ ENDED, 420, false },
		{ LOOK, 421, false },
		{ BEGIN_ON_OUR_CORE, 500, true }, /* the worker may */
		{ LOOK, 510, false },
		{ ENDED, 520, false },
		{ BEGIN, 600, true },
		{ LOOK, 610, true },
		{ END, 0, false },
	};

	(void)state;
	play(2, 200, moments);
}

static void
test_crowd(void **state)
{
	static const struct moment moments[] = {
		{ BEGIN, 10, true },
		{ CROWD, 50, false },
		{ LOOK, 51, false },
		{ BEGIN, 60, false },
		{ LOOK, 61, false },
		{ ENDED, 100, false },
		{ BEGIN, 50 + 19999, false },
		{ LOOK, 50 + 19999, false },
		{ BEGIN, 50 + 20000, true },
		{ LOOK, 50 + 20001, true },
		{ END, 0, false },
	};

	(void)state;
	play(2, 200, moments);
}

static void
test_never(void **state)
{
	static const struct moment moments[] = {
		{ BEGIN, 10, false },
		{ LOOK, 11, false },
		{ ENDED, 20, false },
		{ BEGIN, 1000 * 1000, false },
		{ LOOK, 1000 * 1000, false },
		{ END, 0, false },
	};

	(void)state;
	play(1, 200, moments); /* a single core */
	play(2, 0, moments); /* busy-poll-us = 0 */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_at_a_time),
		cmocka_unit_test(test_crowd),
		cmocka_unit_test(test_never),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
