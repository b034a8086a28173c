/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/generation.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "store/manifest.h"
#include "store/path.h"

/* Numbers have six digits or more and no needless zeros, so that one number has one name. */
enum { NUMBER_MAX = 999999999 };

static void
generation_name(struct generation *generation, unsigned number)
{
	generation->number = number;
	(void)snprintf(generation->name, sizeof(generation->name), "gen-%06u", number);
}

/* Whether `name` is that of a generation ("gen-000007"), and which. */
static bool
generation_parse(struct str name, struct generation *ret_generation)
{
	struct generation generation;
	unsigned number = 0;

	if (!str_has_prefix(name, STR("gen-")) || name.len >= GENERATION_NAME_BYTES)
		return false;
	for (size_t i = 4; i < name.len; i++) {
		if (name.p[i] < '0' || name.p[i] > '9' || number > NUMBER_MAX / 10)
			return false;
		number = number * 10 + (unsigned)(name.p[i] - '0');
	}
	generation_name(&generation, number);
	if (number == 0 || !str_eq(name, str_of(generation.name)))
		return false;
	*ret_generation = generation;
	return true;
}

/* Of a writer that was killed: the link, a generation, or a table of what is known (store/flat.h). */
static bool
is_leftover(const char *name)
{
	size_t len = strlen(name);

	if (strcmp(name, "current.tmp") == 0)
		return true;
	if (strncmp(name, "gen-", 4) != 0 && strncmp(name, "known-", 6) != 0)
		return false;
	return strcmp(name + len - 4, ".tmp") == 0;
}

enum status
generation_current(const char *dir, struct generation *ret_generation, struct error *reterr)
{
	char path[PATH_MAX];
	char target[GENERATION_NAME_BYTES + 1];
	enum status status = path_join(path, dir, "current", reterr);
	ssize_t n;

	if (status != STATUS_OK)
		return status;
	n = readlink(path, target, sizeof(target));
	if (n < 0 && (errno == ENOENT || errno == ENOTDIR))
		return error_set(reterr, STATUS_NOT_FOUND, ERROR_NO_OFFSET,
		    "there is no index in %s; make one with voisin-index --db %s PATH", dir, dir);
	if (n < 0 && errno != EINVAL)
		return error_errno(reterr, STATUS_IO, errno, "cannot read %s", path);
	if (n < 0 || !generation_parse((struct str) { target, (size_t)n }, ret_generation))
		return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
		    "%s is not a symbolic link to a generation such as gen-000001", path);
	return STATUS_OK;
}

/* Calls visit(arg, name) for each entry of the folder until one fails. */
static enum status
for_each_entry(const char *dir, enum status (*visit)(void *arg, const char *name, struct error *reterr), void *arg,
    struct error *reterr)
{
	DIR *folder = opendir(dir);
	const struct dirent *entry;
	enum status status = STATUS_OK;

	if (folder == NULL)
		return error_errno(reterr, STATUS_IO, errno, "cannot open folder %s", dir);
	while (status == STATUS_OK && (errno = 0, entry = readdir(folder)) != NULL)
		status = visit(arg, entry->d_name, reterr);
	if (status == STATUS_OK && errno != 0)
		status = error_errno(reterr, STATUS_IO, errno, "cannot read folder %s", dir);
	(void)closedir(folder);
	return status;
}

static enum status
take_highest(void *arg, const char *name, struct error *reterr)
{
	struct generation *highest = arg;
	struct generation found;
	size_t len = strlen(name);

	(void)reterr;
	if (is_leftover(name))
		len -= 4;
	if (generation_parse((struct str) { name, len }, &found) && found.number > highest->number)
		*highest = found;
	return STATUS_OK;
}

enum status
generation_next(const char *dir, struct generation *ret_generation, struct error *reterr)
{
	struct generation highest = { 0, "" };
	enum status status = for_each_entry(dir, take_highest, &highest, reterr);

	if (status != STATUS_OK)
		return status;
	if (highest.number >= NUMBER_MAX)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "%s has run out of generation numbers", dir);
	generation_name(ret_generation, highest.number + 1);
	return STATUS_OK;
}

struct removal {
	const char *dir;
	unsigned least; /* generations from here... */
	unsigned most; /* ...to here are removed */
};

static enum status
remove_leftover(void *arg, const char *name, struct error *reterr)
{
	const struct removal *removal = arg;
	char path[PATH_MAX];
	enum status status;

	if (!is_leftover(name))
		return STATUS_OK;
	status = path_join(path, removal->dir, name, reterr);
	if (status != STATUS_OK)
		return status;
	if (unlink(path) == 0)
		return STATUS_OK;
	return path_remove_folder(path, reterr);
}

static enum status
remove_in_range(void *arg, const char *name, struct error *reterr)
{
	const struct removal *removal = arg;
	struct generation found;
	char path[PATH_MAX];
	enum status status;

	if (!generation_parse(str_of(name), &found) || found.number < removal->least || found.number > removal->most)
		return STATUS_OK;
	status = path_join(path, removal->dir, name, reterr);
	if (status != STATUS_OK)
		return status;
	return path_remove_folder(path, reterr);
}

struct whole {
	const char *dir;
	struct generation newest;
};

static enum status
take_newest_whole(void *arg, const char *name, struct error *reterr)
{
	struct whole *whole = arg;
	struct generation found;
	char path[PATH_MAX];
	enum status status;

	if (!generation_parse(str_of(name), &found) || found.number < whole->newest.number)
		return STATUS_OK;
	status = path_join(path, whole->dir, name, reterr);
	if (status != STATUS_OK)
		return status;
	if (manifest_verify(path, NULL, NULL) == STATUS_OK)
		whole->newest = found;
	return STATUS_OK;
}

static enum status
point_current(const char *dir, const struct generation *generation, struct error *reterr)
{
	char path[PATH_MAX];
	char temporary[PATH_MAX];
	enum status status = path_join(path, dir, "current", reterr);

	if (status == STATUS_OK)
		status = path_join(temporary, dir, "current.tmp", reterr);
	if (status != STATUS_OK)
		return status;
	if (unlink(temporary) != 0 && errno != ENOENT)
		return error_errno(reterr, STATUS_IO, errno, "cannot remove %s", temporary);
	if (symlink(generation->name, temporary) != 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot make %s", temporary);
	if (rename(temporary, path) != 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot rename %s to %s", temporary, path);
	return dir_sync(dir, reterr);
}

static bool
is_folder(const char *dir, const char *name)
{
	char path[PATH_MAX];
	struct stat st;

	return path_join(path, dir, name, NULL) == STATUS_OK && lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

enum status
generation_recover(const char *dir, struct error *reterr)
{
	struct generation current;
	enum status status;
	struct removal unpublished = { dir, 0, NUMBER_MAX };
	struct whole whole = { dir, { 0, "" } };

	status = for_each_entry(dir, remove_leftover, &unpublished, reterr);
	if (status != STATUS_OK)
		return status;
	status = generation_current(dir, &current, reterr);
	if (status == STATUS_OK && is_folder(dir, current.name)) {
		unpublished.least = current.number + 1;
		return for_each_entry(dir, remove_in_range, &unpublished, reterr);
	}
	if (status != STATUS_OK && status != STATUS_NOT_FOUND)
		return status;
	status = for_each_entry(dir, take_newest_whole, &whole, reterr);
	if (status != STATUS_OK || whole.newest.number == 0)
		return status;
	return point_current(dir, &whole.newest, reterr);
}

enum status
generation_publish(const char *dir, const struct generation *generation, struct error *reterr)
{
	char built[PATH_MAX];
	char path[PATH_MAX];
	char name[GENERATION_NAME_BYTES + 4];
	enum status status = path_join(path, dir, generation->name, reterr);

	(void)snprintf(name, sizeof(name), "%s.tmp", generation->name);
	if (status == STATUS_OK)
		status = path_join(built, dir, name, reterr);
	if (status != STATUS_OK)
		return status;
	if (rename(built, path) != 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot rename %s to %s", built, path);
	status = dir_sync(dir, reterr);
	if (status != STATUS_OK)
		return status;
	return point_current(dir, generation, reterr);
}

/* What is below `bound`, and of that the highest found so far. */
struct before {
	unsigned bound;
	struct generation found;
};

static enum status
take_before(void *arg, const char *name, struct error *reterr)
{
	struct before *before = arg;
	struct generation found;

	(void)reterr;
	if (generation_parse(str_of(name), &found) && found.number < before->bound &&
	    found.number > before->found.number)
		before->found = found;
	return STATUS_OK;
}

enum status
generation_before(
    const char *dir, const struct generation *generation, struct generation *ret_before, struct error *reterr)
{
	struct before before = { generation->number, { 0, "" } };
	enum status status = for_each_entry(dir, take_before, &before, reterr);

	if (status != STATUS_OK)
		return status;
	if (before.found.number == 0)
		return error_set(
		    reterr, STATUS_NOT_FOUND, ERROR_NO_OFFSET, "%s has nothing before %s", dir, generation->name);
	*ret_before = before.found;
	return STATUS_OK;
}

enum status
generation_prune(const char *dir, const struct generation *served, struct error *reterr)
{
	struct generation previous;
	struct removal older = { dir, 0, 0 };
	enum status status = generation_before(dir, served, &previous, reterr);

	if (status != STATUS_OK)
		return status == STATUS_NOT_FOUND ? STATUS_OK : status;
	older.most = previous.number - 1;
	return for_each_entry(dir, remove_in_range, &older, reterr);
}
