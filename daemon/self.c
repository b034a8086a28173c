/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/self.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"

enum { TEXT_BYTES = 128, LONG_WAIT_NS = 400 * 1000, REST_NS = 10 * 1000 * 1000 };

/* Of proc(5), the descriptors that are kept. */
static int statm = -1;
static int schedstat = -1;

void
self_watch(void)
{
	if (statm < 0)
		statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	if (schedstat < 0)
		schedstat = open("/proc/self/schedstat", O_RDONLY | O_CLOEXEC);
}

/* The first two numbers of a file of the kernel; false where it has none. */
static bool
read_two(int fd, uint64_t *ret_first, uint64_t *ret_second)
{
	char text[TEXT_BYTES];
	char *next;
	ssize_t n = fd >= 0 ? pread(fd, text, sizeof(text) - 1, 0) : -1;

	if (n <= 0)
		return false;
	text[n] = '\0';
	*ret_first = strtoull(text, &next, 10);
	*ret_second = strtoull(next, NULL, 10);
	return true;
}

uint64_t
self_resident(void)
{
	uint64_t size, resident;

	return read_two(statm, &size, &resident) ? resident * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

uint32_t
self_core(void)
{
	int core = sched_getcpu();

	return core >= 0 ? (uint32_t)core : SELF_NO_CORE;
}

bool
self_had_to_wait(void)
{
	static uint64_t before;
	static int64_t before_ns;
	const int64_t now = clock_mono_ns();
	const bool rested = now - before_ns > REST_NS;
	uint64_t ran, waited, since;

	/* A kernel that does not count says that the process has never run. */
	if (!read_two(schedstat, &ran, &waited) || ran == 0)
		return true;
	since = waited - before;
	before = waited;
	before_ns = now;
	return !rested && since > LONG_WAIT_NS;
}
