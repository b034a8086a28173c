/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * own_process: what a test can see of its own process, and where it runs.  Needs cmocka.h before it.
 */
#ifndef VOISIN_TESTS_BASE_OWN_PROCESS_H
#define VOISIN_TESTS_BASE_OWN_PROCESS_H

#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

/* How many descriptors it has open; what was made and freed leaves as many as there were. */
static inline int
count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		n++;
	(void)closedir(dir);
	return n;
}

/* How many mappings `maps` lists of what has these words in its name, /dev/zero for memory that processes share (proc(5), /proc/pid/maps). */
static inline int
count_mappings(const char *maps, const char *words)
{
	FILE *file = fopen(maps, "r");
	char line[4096];
	int n = 0;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL)
		n += strstr(line, words) != NULL;
	(void)fclose(file);
	return n;
}

/* It runs on one core from now on, the first of those on which it could before. */
static inline void
keep_to_one_core(cpu_set_t *ret_before)
{
	cpu_set_t one;
	size_t first = 0;

	assert_int_equal(sched_getaffinity(0, sizeof(*ret_before), ret_before), 0);
	while (!CPU_ISSET(first, ret_before))
		first++;
	CPU_ZERO(&one);
	CPU_SET(first, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
}

#endif
