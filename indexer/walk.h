/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * walk: the files below a folder that documents may be in.
 *
 * Those whose names the formats know (source.h).  Symbolic links below the folder are not
 * followed: nothing outside of it is read, and there are no loops.  What a pattern excludes is not looked at, and a
 * folder that one excludes not entered: a pattern (fnmatch(3)) with a slash is held against the whole name below the
 * folder, one without against the last component.  One folder is open at a time,
 * so that no depth runs out of descriptors.
 */
#ifndef VOISIN_INDEXER_WALK_H
#define VOISIN_INDEXER_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "indexer/source.h"

struct walk_file {
	struct str path; /* absolute; NUL-terminated */
	size_t name_len; /* the last so many bytes of path: its name below the folder */
	uint64_t size;
	int64_t mtime_ns;
};

struct walk_events {
	/* A file.  `file` is valid during the call.  Anything but STATUS_OK ends the walk. */
	enum status (*file_cb)(void *arg, const struct walk_file *file, struct error *reterr);
	/* Something that cannot be looked at, with all that may be below it. */
	enum status (*problem_cb)(void *arg, struct str path, const char *why, struct error *reterr);
	void *arg;
};

/*
 * The absolute path of what the user named, without symbolic links: malloc'd, the caller's.
 * STATUS_NOT_FOUND, STATUS_IO; STATUS_INVALID where it is neither a folder nor a file that is read.
 */
enum status walk_resolve(
    const char *path, const struct source_formats *formats, char **ret_path, struct error *reterr) MUST_CHECK;

struct walk_patterns {
	const char *const *patterns;
	size_t n;
};

/* Walks what walk_resolve() gave: a folder, or one file. */
enum status walk_run(const char *path, const struct source_formats *formats, const struct walk_patterns *excludes,
    const struct walk_events *events, struct error *reterr) MUST_CHECK;

/* Whether `name`, which is below a folder that is walked, or a folder that it is in, is excluded. */
bool walk_is_excluded(const struct walk_patterns *excludes, const char *name);

#endif
