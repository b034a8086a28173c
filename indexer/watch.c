/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "indexer/watch.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "indexer/walk.h"

enum { EVENT_BYTES = 64 * 1024 };

#define MASK                                                                                            \
	(IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE | \
	    IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK)

/* A folder, by its watch's number. */
struct folder {
	char *path; /* NULL: no such watch */
	size_t root_len; /* of the path that names begin behind */
	const struct settings_source *source;
	bool one_file; /* it is watched for the sake of one file in it: `path` has that */
};

struct watch {
	const struct settings *settings;
	int fd;
	struct folder *folders;
	size_t capacity;
	size_t n;
	bool in_doubt;
};

/* ---- Folders --------------------------------------------------------------------------------- */

static enum status
no_memory(struct error *reterr)
{
	return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
}

static void
forget(struct watch *watch, int wd)
{
	if (wd < 0 || (size_t)wd >= watch->capacity || watch->folders[wd].path == NULL)
		return;
	free(watch->folders[wd].path);
	watch->folders[wd].path = NULL;
	watch->n--;
}

static enum status
reserve(struct watch *watch, int wd, struct error *reterr)
{
	size_t capacity = watch->capacity > 0 ? watch->capacity : 256;
	struct folder *folders;

	while (capacity <= (size_t)wd)
		capacity *= 2;
	if (capacity == watch->capacity)
		return STATUS_OK;
	folders = realloc(watch->folders, capacity * sizeof(*folders));
	if (folders == NULL)
		return no_memory(reterr);
	memset(folders + watch->capacity, 0, (capacity - watch->capacity) * sizeof(*folders));
	watch->folders = folders;
	watch->capacity = capacity;
	return STATUS_OK;
}

/* Watches one folder.  One that is gone, or may not be read, is for the run to speak of: *ret_added is false. */
static enum status
add_folder(struct watch *watch, const char *path, const struct folder *like, bool *ret_added, struct error *reterr)
{
	int wd = inotify_add_watch(watch->fd, path, MASK);
	char *copy;
	enum status status;

	*ret_added = false;
	if (wd < 0 && errno == ENOSPC)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
		    "the kernel allows no more folders to be watched (%zu are): raise "
		    "/proc/sys/fs/inotify/max_user_watches",
		    watch->n);
	if (wd < 0 && errno == ENOMEM)
		return no_memory(reterr);
	if (wd < 0)
		return STATUS_OK;
	status = reserve(watch, wd, reterr);
	if (status != STATUS_OK)
		return status;
	copy = strdup(path);
	if (copy == NULL)
		return no_memory(reterr);
	forget(watch, wd); /* a folder that was moved keeps its number and gets another path */
	watch->folders[wd] = *like;
	watch->folders[wd].path = copy;
	watch->n++;
	*ret_added = true;
	return STATUS_OK;
}

static bool
is_excluded(const struct folder *folder, const char *path)
{
	struct walk_patterns excludes = { folder->source->excludes, folder->source->n_excludes };

	return strlen(path) > folder->root_len && walk_is_excluded(&excludes, path + folder->root_len);
}

static bool
is_folder(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Appends the folders in `path` to a list of paths that are still to be watched. */
static enum status
list_folders(const char *path, char ***list, size_t *n, struct error *reterr)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;
	enum status status = STATUS_OK;

	while (status == STATUS_OK && folder != NULL && (entry = readdir(folder)) != NULL) {
		char *full = NULL;
		char **longer;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN))
			continue;
		if (asprintf(&full, "%s/%s", path, entry->d_name) < 0)
			status = no_memory(reterr);
		else if (!is_folder(full))
			free(full);
		else if ((longer = realloc(*list, (*n + 1) * sizeof(*longer))) == NULL) {
			free(full);
			status = no_memory(reterr);
		} else {
			*list = longer;
			longer[(*n)++] = full;
		}
	}
	if (folder != NULL)
		(void)closedir(folder);
	return status;
}

/* Watches a folder and all that are in it.  Watched first and read then, so that none slips through. */
static enum status
add_tree(struct watch *watch, const char *path, const struct folder *like, struct error *reterr)
{
	char **list = NULL;
	size_t n = 0;
	bool added = false;
	enum status status = STATUS_OK;

	if (is_excluded(like, path))
		return STATUS_OK;
	status = add_folder(watch, path, like, &added, reterr);
	if (status == STATUS_OK && added)
		status = list_folders(path, &list, &n, reterr);
	while (status == STATUS_OK && n > 0) {
		char *next = list[--n];

		if (!is_excluded(like, next))
			status = add_folder(watch, next, like, &added, reterr);
		else
			added = false;
		if (status == STATUS_OK && added)
			status = list_folders(next, &list, &n, reterr);
		free(next);
	}
	while (n > 0)
		free(list[--n]);
	free(list);
	return status;
}

/* A path of a source: a folder, or a file, for which its folder is watched. */
static enum status
add_root(struct watch *watch, const struct settings_source *source, const char *path, struct error *reterr)
{
	struct folder like = { .source = source };
	char *real;
	char *slash;
	bool added;
	enum status status;

	if (walk_resolve(path, watch->settings->formats, &real, NULL) != STATUS_OK)
		return STATUS_OK;
	if (is_folder(real)) {
		like.root_len = strcmp(real, "/") == 0 ? 1 : strlen(real) + 1;
		status = add_tree(watch, real, &like, reterr);
	} else {
		slash = strrchr(real, '/');
		like.one_file = true;
		like.root_len = (size_t)(slash - real) + 1;
		*slash = '\0';
		status = add_folder(watch, slash == real ? "/" : real, &like, &added, reterr);
	}
	free(real);
	return status;
}

static enum status
add_all(struct watch *watch, struct error *reterr)
{
	const struct settings *settings = watch->settings;
	enum status status = STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && i < settings->n_sources; i++)
		for (size_t p = 0; status == STATUS_OK && p < settings->sources[i].n_paths; p++)
			status = add_root(watch, &settings->sources[i], settings->sources[i].paths[p], reterr);
	return status;
}

enum status
watch_new(const struct settings *settings, struct watch **ret_watch, struct error *reterr)
{
	struct watch *watch = calloc(1, sizeof(*watch));
	enum status status;

	if (watch == NULL)
		return no_memory(reterr);
	watch->settings = settings;
	watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	status = watch->fd >= 0 ? add_all(watch, reterr)
				: error_errno(reterr, STATUS_LIMIT, errno, "cannot watch folders (inotify)");
	if (status != STATUS_OK) {
		watch_free(watch);
		return status;
	}
	*ret_watch = watch;
	return STATUS_OK;
}

void
watch_free(struct watch *watch)
{
	if (watch == NULL)
		return;
	for (size_t i = 0; i < watch->capacity; i++)
		free(watch->folders[i].path);
	free(watch->folders);
	if (watch->fd >= 0)
		(void)close(watch->fd);
	free(watch);
}

size_t
watch_count(const struct watch *watch)
{
	return watch->n;
}

void
watch_doubt(struct watch *watch)
{
	watch->in_doubt = true;
}

/* ---- Events ---------------------------------------------------------------------------------- */

/* A name in a folder.  *ret_matters: a run may find something changed. */
static enum status
take_name(struct watch *watch, const struct inotify_event *event, bool *ret_matters, struct error *reterr)
{
	struct folder folder = watch->folders[event->wd];
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s", folder.path, event->name) >= (int)sizeof(path) ||
	    (!folder.one_file && is_excluded(&folder, path)))
		return STATUS_OK;
	if ((event->mask & IN_ISDIR) == 0) {
		*ret_matters = *ret_matters || source_formats_has(watch->settings->formats, str_of(event->name));
		return STATUS_OK;
	}
	if (folder.one_file)
		return STATUS_OK;
	*ret_matters = true;
	if ((event->mask & (IN_CREATE | IN_MOVED_TO)) == 0)
		return STATUS_OK;
	return add_tree(watch, path, &folder, reterr);
}

static enum status
take_event(struct watch *watch, const struct inotify_event *event, bool *ret_matters, struct error *reterr)
{
	if ((event->mask & IN_Q_OVERFLOW) != 0) {
		watch->in_doubt = true;
		return STATUS_OK;
	}
	if (event->wd < 0 || (size_t)event->wd >= watch->capacity || watch->folders[event->wd].path == NULL)
		return STATUS_OK;
	if (event->len > 0)
		return take_name(watch, event, ret_matters, reterr);
	if ((event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED)) != 0)
		*ret_matters = true;
	if ((event->mask & IN_IGNORED) != 0)
		forget(watch, event->wd);
	return STATUS_OK;
}

/* Reads all events that are there. */
static enum status
take_events(struct watch *watch, bool *ret_matters, struct error *reterr)
{
	_Alignas(struct inotify_event) char events[EVENT_BYTES];
	enum status status = STATUS_OK;
	ssize_t n;

	while (status == STATUS_OK && (n = read(watch->fd, events, sizeof(events))) > 0) {
		for (size_t off = 0; status == STATUS_OK && off < (size_t)n;) {
			const struct inotify_event *event = (const struct inotify_event *)(const void *)(events + off);

			status = take_event(watch, event, ret_matters, reterr);
			off += sizeof(*event) + event->len;
		}
	}
	if (status == STATUS_OK && n < 0 && errno != EAGAIN && errno != EINTR)
		return error_errno(reterr, STATUS_IO, errno, "cannot watch folders (inotify)");
	return status;
}

/* ---- Waiting --------------------------------------------------------------------------------- */

/* How long to wait for the next event: -1 for ever, 0 not at all. */
static int64_t
time_left(const struct watch *watch, int64_t first_ms, int64_t last_ms)
{
	const struct settings *settings = watch->settings;
	int64_t now_ms = clock_mono_ms();
	int64_t end_ms;

	if (first_ms < 0)
		return -1;
	end_ms = last_ms + settings->quiet_ms;
	if (end_ms > first_ms + settings->longest_ms)
		end_ms = first_ms + settings->longest_ms;
	return end_ms > now_ms ? end_ms - now_ms : 0;
}

/* Signals are let in only while waiting, so that none comes between the look at `stop` and the wait. */
static void
wait_for_event(const struct watch *watch, int64_t ms, const sigset_t *open_mask)
{
	struct pollfd poll = { .fd = watch->fd, .events = POLLIN };
	struct timespec timeout = { ms / 1000, (ms % 1000) * 1000000 };

	(void)ppoll(&poll, 1, ms >= 0 ? &timeout : NULL, open_mask);
}

static enum status
wait_masked(struct watch *watch, const volatile sig_atomic_t *stop, const sigset_t *open_mask, struct error *reterr)
{
	int64_t first_ms = -1;
	int64_t last_ms = -1;
	enum status status = STATUS_OK;

	/* Doubt is a change that was there from the beginning, and waits its longest: what failed shall not spin. */
	if (watch->in_doubt)
		first_ms = last_ms = clock_mono_ms() + watch->settings->longest_ms - watch->settings->quiet_ms;
	while (status == STATUS_OK && *stop == 0) {
		int64_t left_ms = time_left(watch, first_ms, last_ms);
		bool matters = false;

		if (left_ms == 0)
			break;
		wait_for_event(watch, left_ms, open_mask);
		status = take_events(watch, &matters, reterr);
		if (!matters)
			continue;
		last_ms = clock_mono_ms();
		if (first_ms < 0 || first_ms > last_ms)
			first_ms = last_ms;
	}
	if (status == STATUS_OK && *stop != 0)
		return error_set(reterr, STATUS_CANCELLED, ERROR_NO_OFFSET, "stopped by a signal");
	if (status == STATUS_OK && watch->in_doubt) {
		watch->in_doubt = false;
		status = add_all(watch, reterr);
	}
	return status;
}

enum status
watch_wait(struct watch *watch, const volatile sig_atomic_t *stop, struct error *reterr)
{
	sigset_t closed;
	sigset_t before;
	enum status status;

	(void)sigemptyset(&closed);
	(void)sigaddset(&closed, SIGINT);
	(void)sigaddset(&closed, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &closed, &before);
	status = wait_masked(watch, stop, &before, reterr);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return status;
}
