/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/self.h"

#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/base/own_process.h"

static void
test_before_it_is_watched(void **state)
{
	(void)state;
	assert_int_equal(self_resident(), 0);
	assert_true(self_had_to_wait());
}

static void
test_resident(void **state)
{
	(void)state;
	self_watch();
	assert_in_range(self_resident(), 64 * 1024, (uint64_t)1 << 40);
}

/* Two processes that never sleep on one core: one of them waits. */
static void
test_waits_for_a_core(void **state)
{
	const struct timespec pause = { .tv_nsec = 1000 * 1000 };
	cpu_set_t all;
	pid_t other;

	(void)state;
	self_watch();
	keep_to_one_core(&all);
	other = fork();
	assert_true(other >= 0);
	while (other == 0)
		continue;
	while (!self_had_to_wait())
		continue;
	assert_int_equal(kill(other, SIGKILL), 0);
	assert_int_equal(waitpid(other, NULL, 0), other);
	assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
	/* One that mostly sleeps gets its core, sooner or later also where other programs run. */
	do {
		(void)nanosleep(&pause, NULL);
	} while (self_had_to_wait());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_before_it_is_watched),
		cmocka_unit_test(test_resident),
		cmocka_unit_test(test_waits_for_a_core),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
