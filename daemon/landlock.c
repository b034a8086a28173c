/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"

/* What each version of Landlock can refuse; a kernel is asked for no more than it knows. */
static const struct {
	int abi;
	uint64_t files;
	uint64_t net;
} versions[] = {
	{ 1,
	    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE |
		LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
		LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
		LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
		LANDLOCK_ACCESS_FS_MAKE_SYM,
	    0 },
	{ 2, 1ULL << 13 /* REFER: linking and renaming across folders */, 0 },
	{ 3, 1ULL << 14 /* TRUNCATE */, 0 },
	{ 4, 0, 1ULL << 0 | 1ULL << 1 /* BIND_TCP, CONNECT_TCP */ },
	{ 5, 1ULL << 15 /* IOCTL_DEV */, 0 },
};

/* struct landlock_ruleset_attr as of version 4; an older kernel wants the first member alone. */
struct ruleset {
	uint64_t files;
	uint64_t net;
};

enum { NET_ABI = 4 };

static struct ruleset
handled(int abi)
{
	struct ruleset ruleset = { 0, 0 };

	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]) && versions[i].abi <= abi; i++) {
		ruleset.files |= versions[i].files;
		ruleset.net |= versions[i].net;
	}
	return ruleset;
}

/* A folder that is not there needs no rule. */
static void
allow(int ruleset, const char *path, uint64_t access)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = access };

	rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
		log_warn("sandbox cannot allow path=\"%s\"", path);
	(void)close(rule.parent_fd);
}

static void
allow_all(int ruleset, const char *const *paths, uint64_t access)
{
	for (size_t i = 0; paths != NULL && paths[i] != NULL; i++)
		allow(ruleset, paths[i], access);
}

int
landlock_restrict(const struct sandbox_paths *paths)
{
	uint64_t reading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
	int abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct ruleset attr;
	int ruleset, result;

	if (abi < 1)
		return -1;
	attr = handled(abi);
	ruleset =
	    (int)syscall(SYS_landlock_create_ruleset, &attr, abi < NET_ABI ? sizeof(attr.files) : sizeof(attr), 0);
	if (ruleset < 0)
		return -1;
	if (paths->executable)
		reading |= LANDLOCK_ACCESS_FS_EXECUTE;
	allow_all(ruleset, paths->readable, reading);
	allow_all(ruleset, paths->removable, LANDLOCK_ACCESS_FS_REMOVE_FILE);
	result = (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
	(void)close(ruleset);
	return result == 0 ? abi : -1;
}
