/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * timed: runs a command and writes what it cost: wall seconds, CPU seconds, peak KiB.
 *
 *	timed FILE COMMAND ARGUMENT...
 *
 * The three numbers go to FILE, one line, parted by tabs.  Ends as the command does.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

static double
seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static int
exit_code(int status)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	warnx("ended by signal %d", WTERMSIG(status));
	return 128 + WTERMSIG(status);
}

int
main(int argc, char **argv)
{
	struct rusage usage;
	int64_t start = clock_mono_ns();
	double wall;
	FILE *out;
	pid_t pid;
	int status;

	if (argc < 3)
		errx(2, "usage: bench_timed FILE COMMAND ARGUMENT...");
	pid = fork();
	if (pid < 0)
		err(2, "cannot fork");
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		err(127, "cannot run %s", argv[2]);
	}
	if (wait4(pid, &status, 0, &usage) != pid)
		err(2, "cannot wait for %s", argv[2]);
	wall = (double)(clock_mono_ns() - start) / 1e9;
	out = fopen(argv[1], "we");
	if (out == NULL)
		err(2, "cannot write %s", argv[1]);
	fprintf(out, "%.3f\t%.3f\t%ld\n", wall, seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss);
	if (fclose(out) != 0)
		err(2, "cannot write %s", argv[1]);
	return exit_code(status);
}
