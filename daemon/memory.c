/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/memory.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { TEXT_BYTES = 128 };

static int statm = -1; /* proc(5), and the one descriptor that is kept of it */

void
memory_watch(void)
{
	if (statm < 0)
		statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
}

uint64_t
memory_resident(void)
{
	char text[TEXT_BYTES];
	char *second;
	ssize_t n = statm >= 0 ? pread(statm, text, sizeof(text) - 1, 0) : -1;

	if (n <= 0)
		return 0;
	text[n] = '\0';
	(void)strtoull(text, &second, 10);
	return strtoull(second, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}
