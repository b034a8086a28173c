/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/store/fixture.h"

#include "tests/glass/same.h"

static struct error error;

static struct xc_database *
open_database(const char *path)
{
	struct xc_database *db;

	if (xc_database_open(str_of(path), 0, &db, &error) != STATUS_OK)
		fail_msg("%s: %s", path, error.message);
	return db;
}

struct compare_counts
assert_same(const char *one, const char *other)
{
	struct xc_database *db[2] = { open_database(one), open_database(other) };
	struct compare_counts counts;

	assert_int_equal(compare_databases(db[0], db[1], &counts), 0);
	xc_database_close(db[0]);
	xc_database_close(db[1]);
	return counts;
}

void
assert_clean(const char *path)
{
	static char report[4096];
	size_t errors = 1;

	if (xc_database_check(str_of(path), 0, report, sizeof(report), &errors, &error) != STATUS_OK)
		fail_msg("%s: %s", path, error.message);
	if (errors != 0)
		fail_msg("%s", report);
}
