/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cores.h"

#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/base/cmocka_first.h"

#include "tests/base/own_process.h"

/* A tree of groups: "top" with "top/in" in it. */
struct groups {
	char folder[PATH_MAX / 2];
	char list[PATH_MAX]; /* the file that names the group of the process */
};

static void
put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void
put_quota(const struct groups *groups, const char *group, const char *quota)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s%s/cpu.max", groups->folder, group);
	put(path, quota);
}

static int
set_up(void **state)
{
	static struct groups groups;
	char path[PATH_MAX];

	(void)snprintf(groups.folder, sizeof(groups.folder), "/tmp/voisin-cores-XXXXXX");
	if (mkdtemp(groups.folder) == NULL)
		return -1;
	(void)snprintf(groups.list, sizeof(groups.list), "%s/list", groups.folder);
	(void)snprintf(path, sizeof(path), "%s/top", groups.folder);
	if (mkdir(path, 0700) != 0)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/top/in", groups.folder);
	*state = &groups;
	return mkdir(path, 0700);
}

static int
tear_down(void **state)
{
	static const char *const names[] = { "/top/in/cpu.max", "/top/in", "/top/cpu.max", "/top", "/list" };
	const struct groups *groups = *state;
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", groups->folder, names[i]);
		(void)remove(path);
	}
	return remove(groups->folder);
}

static void
test_least_quota(void **state)
{
	static const struct {
		const char *outer, *inner;
		unsigned paid;
	} cases[] = {
		{ "max 100000\n", "max 100000\n", UINT_MAX },
		{ "max 100000\n", "300000 100000\n", 3 },
		{ "200000 100000\n", "300000 100000\n", 2 },
		{ "max 100000\n", "199999 100000\n", 1 },
		{ "max 100000\n", "50000 100000\n", 1 },
		{ "800000 100000\n", "max 100000\n", 8 },
		/* What the kernel does not write says nothing. */
		{ "max 100000\n", "", UINT_MAX },
		{ "max 100000\n", "100000\n", UINT_MAX },
		{ "max 100000\n", "100000 0\n", UINT_MAX },
		{ "max 100000\n", "99999999999999999999999 1\n", UINT_MAX },
	};
	const struct groups *groups = *state;

	put(groups->list, "1:name=systemd:/else\n0::/top/in\n");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		put_quota(groups, "/top", cases[i].outer);
		put_quota(groups, "/top/in", cases[i].inner);
		assert_int_equal(cores_paid(groups->list, groups->folder), cases[i].paid);
	}
}

static void
test_no_group(void **state)
{
	const struct groups *groups = *state;

	assert_int_equal(cores_paid(groups->list, groups->folder), UINT_MAX);
	put_quota(groups, "/top", "100000 100000\n");
	put(groups->list, "");
	assert_int_equal(cores_paid(groups->list, groups->folder), UINT_MAX);
	put(groups->list, "4:cpu:/top\n");
	assert_int_equal(cores_paid(groups->list, groups->folder), UINT_MAX);
	put(groups->list, "0::/gone");
	assert_int_equal(cores_paid(groups->list, groups->folder), UINT_MAX);
	put(groups->list, "0::/top/gone");
	assert_int_equal(cores_paid(groups->list, groups->folder), 1);
}

static void
test_affinity(void **state)
{
	cpu_set_t all;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
	assert_in_range(cores_count(), 1, CPU_COUNT(&all));
	keep_to_one_core(&all);
	assert_int_equal(cores_count(), 1);
	assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_least_quota, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_group, set_up, tear_down),
		cmocka_unit_test(test_affinity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
