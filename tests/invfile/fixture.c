/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/invfile/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/base/cmocka_first.h"

static char dir[32];
static char path[64];

int
fixture_setup(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "/tmp/voisin-invfile-XXXXXX");
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/inverted", dir);
	return 0;
}

int
fixture_teardown(void **state)
{
	(void)state;
	return (unlink(path) == 0 || access(path, F_OK) != 0) && rmdir(dir) == 0 ? 0 : -1;
}

const char *
fixture_path(void)
{
	return path;
}

void
fixture_must(enum status status, const struct error *error)
{
	if (status != STATUS_OK)
		fail_msg("%s", error->message);
}

struct invfile *
fixture_open(void)
{
	struct invfile *file = NULL;
	struct error error;

	fixture_must(invfile_open(path, &file, &error), &error);
	return file;
}
