/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "indexer/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/i18n.h"

/* Folders that are still to be looked into. */
struct walk {
	const struct walk_events *events;
	const struct walk_patterns *excludes;
	const struct source_formats *formats;
	size_t root_len; /* of the path that names begin behind, its slash included */
	char **pending;
	size_t n;
	size_t capacity;
};

enum status
walk_resolve(const char *path, const struct source_formats *formats, char **ret_path, struct error *reterr)
{
	char *real = realpath(path, NULL);
	struct stat st;

	if (real == NULL)
		return error_errno(
		    reterr, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO, errno, "cannot open %.120s", path);
	if (stat(real, &st) != 0) {
		free(real);
		return error_errno(reterr, STATUS_IO, errno, "cannot stat %.120s", path);
	}
	if (!S_ISDIR(st.st_mode) && (!S_ISREG(st.st_mode) || !source_formats_has(formats, str_of(real)))) {
		free(real);
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "%.80s is neither a folder nor a file of a kind that is read: %.*s", path,
		    STR_FMT(source_formats_list(formats)));
	}
	*ret_path = real;
	return STATUS_OK;
}

static enum status
push(struct walk *walk, const char *path, struct error *reterr)
{
	char *copy = strdup(path);

	if (copy != NULL && walk->n == walk->capacity) {
		size_t capacity = walk->capacity > 0 ? walk->capacity * 2 : 64;
		char **pending = realloc(walk->pending, capacity * sizeof(*pending));

		if (pending == NULL) {
			free(copy);
			copy = NULL;
		} else {
			walk->pending = pending;
			walk->capacity = capacity;
		}
	}
	if (copy == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	walk->pending[walk->n++] = copy;
	return STATUS_OK;
}

static enum status
problem(struct walk *walk, const char *path, const char *why, struct error *reterr)
{
	return walk->events->problem_cb(walk->events->arg, str_of(path), why, reterr);
}

static enum status
problem_errno(struct walk *walk, const char *path, const char *what, int errnum, struct error *reterr)
{
	struct error why;

	(void)error_errno(&why, STATUS_IO, errnum, "%s", what);
	return problem(walk, path, why.message, reterr);
}

static enum status
found_file(struct walk *walk, const char *path, const struct stat *st, struct error *reterr)
{
	struct walk_file file;

	file.path = str_of(path);
	file.name_len = file.path.len - walk->root_len;
	file.size = (uint64_t)st->st_size;
	file.mtime_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
	return walk->events->file_cb(walk->events->arg, &file, reterr);
}

/* Whether a pattern fits the name itself, not a folder that it is in. */
static bool
is_named(const struct walk_patterns *excludes, const char *name)
{
	const char *slash = strrchr(name, '/');
	const char *last = slash != NULL ? slash + 1 : name;

	for (size_t i = 0; i < excludes->n; i++) {
		const char *pattern = excludes->patterns[i];
		bool is_whole = strchr(pattern, '/') != NULL;

		if (fnmatch(pattern, is_whole ? name : last, FNM_PATHNAME) == 0)
			return true;
	}
	return false;
}

bool
walk_is_excluded(const struct walk_patterns *excludes, const char *name)
{
	char part[PATH_MAX];
	size_t len = strlen(name);

	if (excludes->n == 0 || len >= sizeof(part))
		return false;
	for (size_t i = 1; i <= len; i++) {
		if (name[i] != '/' && name[i] != '\0')
			continue;
		memcpy(part, name, i);
		part[i] = '\0';
		if (is_named(excludes, part))
			return true;
	}
	return false;
}

/* A link is worth a word where a document or a folder may be behind it. */
static bool
is_link_of_interest(const struct walk *walk, int folder_fd, const char *name)
{
	struct stat st;

	if (source_formats_has(walk->formats, str_of(name)))
		return true;
	if (fstatat(folder_fd, name, &st, 0) != 0)
		return errno == ELOOP;
	return S_ISDIR(st.st_mode);
}

static enum status
visit_entry(struct walk *walk, int folder_fd, const char *name, const char *path, struct error *reterr)
{
	struct stat st;

	if (walk->excludes->n > 0 && is_named(walk->excludes, path + walk->root_len))
		return STATUS_OK;
	if (fstatat(folder_fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? STATUS_OK
				       : problem_errno(walk, path, tr("cannot be looked at"), errno, reterr);
	if (S_ISDIR(st.st_mode))
		return push(walk, path, reterr);
	if (S_ISLNK(st.st_mode)) {
		if (!is_link_of_interest(walk, folder_fd, name))
			return STATUS_OK;
		return problem(walk, path, tr("a symbolic link, which is not followed"), reterr);
	}
	if (!source_formats_has(walk->formats, str_of(name)))
		return STATUS_OK;
	if (!S_ISREG(st.st_mode))
		return problem(walk, path, tr("not a regular file"), reterr);
	return found_file(walk, path, &st, reterr);
}

/* What needs no look at all: most names of a large tree, where the file system tells their kind. */
static bool
is_skipped(const struct walk *walk, const struct dirent *entry)
{
	if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
		return true;
	return (entry->d_type == DT_REG || entry->d_type == DT_FIFO || entry->d_type == DT_SOCK) &&
	       !source_formats_has(walk->formats, str_of(entry->d_name));
}

static enum status
visit_folder(struct walk *walk, DIR *folder, const char *path, struct error *reterr)
{
	char full[PATH_MAX];
	const struct dirent *entry;
	enum status status = STATUS_OK;

	while (status == STATUS_OK && (errno = 0, entry = readdir(folder)) != NULL) {
		int n;

		if (is_skipped(walk, entry))
			continue;
		n = snprintf(full, sizeof(full), "%s/%s", strcmp(path, "/") == 0 ? "" : path, entry->d_name);
		if (n >= (int)sizeof(full))
			status = problem(walk, full, tr("the path is too long"), reterr);
		else
			status = visit_entry(walk, dirfd(folder), entry->d_name, full, reterr);
	}
	if (status == STATUS_OK && errno != 0)
		status = problem_errno(walk, path, tr("the folder cannot be read to its end"), errno, reterr);
	return status;
}

static enum status
open_and_visit(struct walk *walk, const char *path, struct error *reterr)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
	enum status status;

	if (folder == NULL) {
		int errnum = errno;

		if (fd >= 0)
			(void)close(fd);
		return problem_errno(walk, path, tr("the folder cannot be opened"), errnum, reterr);
	}
	status = visit_folder(walk, folder, path, reterr);
	(void)closedir(folder);
	return status;
}

static enum status
walk_file(struct walk *walk, const char *path, struct error *reterr)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return problem_errno(walk, path, tr("cannot be looked at"), errno, reterr);
	walk->root_len = (size_t)(strrchr(path, '/') - path) + 1;
	return found_file(walk, path, &st, reterr);
}

enum status
walk_run(const char *path, const struct source_formats *formats, const struct walk_patterns *excludes,
    const struct walk_events *events, struct error *reterr)
{
	struct walk walk = { .events = events, .excludes = excludes, .formats = formats };
	struct stat st;
	enum status status;

	if (lstat(path, &st) == 0 && S_ISREG(st.st_mode))
		return walk_file(&walk, path, reterr);
	walk.root_len = strcmp(path, "/") == 0 ? 1 : strlen(path) + 1;
	status = push(&walk, path, reterr);
	while (status == STATUS_OK && walk.n > 0) {
		char *folder = walk.pending[--walk.n];

		status = open_and_visit(&walk, folder, reterr);
		free(folder);
	}
	while (walk.n > 0)
		free(walk.pending[--walk.n]);
	free(walk.pending);
	return status;
}
