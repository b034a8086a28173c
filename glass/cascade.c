/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "glass/cascade.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The runs as they are now, in the order of their documents. */
struct cascade {
	const char *dir;
	struct merge_name *names;
	size_t n;
	size_t capacity;
	unsigned n_merged; /* runs that were made so far */
};

/* ---- Which runs there are -------------------------------------------------------------------- */

static enum status
add_name(struct cascade *cascade, const struct merge_name *name, struct error *reterr)
{
	if (cascade->n == cascade->capacity) {
		size_t capacity = cascade->capacity > 0 ? cascade->capacity * 2 : 64;
		struct merge_name *names = realloc(cascade->names, capacity * sizeof(*names));

		if (names == NULL)
			return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
		cascade->names = names;
		cascade->capacity = capacity;
	}
	cascade->names[cascade->n++] = *name;
	return STATUS_OK;
}

static enum status
path_of(const struct cascade *cascade, const struct merge_name *name, char path[PATH_MAX], struct error *reterr)
{
	if (snprintf(path, PATH_MAX, "%s/%s", cascade->dir, name->name) < PATH_MAX)
		return STATUS_OK;
	return error_set(
	    reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "the path of the index is longer than %d bytes", PATH_MAX - 1);
}

static enum status
list_collector(struct cascade *cascade, unsigned collector, struct error *reterr)
{
	char path[PATH_MAX];
	struct merge_name name;
	enum status status = STATUS_OK;

	for (unsigned number = 0; status == STATUS_OK; number++) {
		run_name(collector, number, name.name);
		status = path_of(cascade, &name, path, reterr);
		if (status != STATUS_OK)
			break;
		if (access(path, F_OK) != 0)
			return errno == ENOENT ? STATUS_OK
					       : error_errno(reterr, STATUS_IO, errno, "cannot open %s", path);
		status = add_name(cascade, &name, reterr);
	}
	return status;
}

/* ---- Merging some into one ------------------------------------------------------------------- */

static enum status
copy_key(struct merge *merge, const struct merge_key *key, struct run_writer *writer, struct error *reterr)
{
	const struct record *record;
	enum status status = run_begin_key(writer, key->key, key->records, key->sum, reterr);

	while (status == STATUS_OK && (status = merge_next_record(merge, &record, reterr)) == STATUS_OK)
		status = run_add_record(writer, record, reterr);
	return status == STATUS_END ? run_end_key(writer, reterr) : status;
}

static enum status
copy_keys(struct merge *merge, struct run_writer *writer, struct error *reterr)
{
	struct merge_key key;
	enum status status = STATUS_OK;

	while (status == STATUS_OK && (status = merge_next_key(merge, &key, reterr)) == STATUS_OK)
		status = copy_key(merge, &key, writer, reterr);
	return status == STATUS_END ? run_end(writer, reterr) : status;
}

static enum status
remove_runs(const struct cascade *cascade, const struct merge_name *names, size_t n, struct error *reterr)
{
	char path[PATH_MAX];
	enum status status = STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && i < n; i++) {
		status = path_of(cascade, &names[i], path, reterr);
		if (status == STATUS_OK && unlink(path) != 0)
			status = error_errno(reterr, STATUS_IO, errno, "cannot remove %s", path);
	}
	return status;
}

/* Merges names[0..n), of which *ret_name may be one, into a new run, and removes them. */
static enum status
merge_group(struct cascade *cascade, const struct merge_name *names, size_t n, struct merge_name *ret_name,
    struct error *reterr)
{
	struct run_writer writer = { .spool = { .fd = -1 } };
	struct merge_name name;
	struct merge *merge = NULL;
	enum status status = merge_open(cascade->dir, names, n, &merge, reterr);

	(void)snprintf(name.name, sizeof(name.name), "merged-%u.tmp", cascade->n_merged++);
	if (status == STATUS_OK)
		status = run_create(&writer, cascade->dir, name.name, reterr);
	if (status == STATUS_OK)
		status = copy_keys(merge, &writer, reterr);
	run_writer_done(&writer);
	merge_close(merge);
	if (status == STATUS_OK)
		status = remove_runs(cascade, names, n, reterr);
	if (status == STATUS_OK)
		*ret_name = name;
	return status;
}

/*
 * From the first run on, group after group, until there are no more than `ways`, or all were in a group.  A group of n leaves n - 1 fewer.
 */
static enum status
merge_some(struct cascade *cascade, size_t ways, struct error *reterr)
{
	size_t from = 0;
	size_t to = 0;
	enum status status = STATUS_OK;

	while (status == STATUS_OK && from < cascade->n) {
		size_t surplus = to + cascade->n - from > ways ? to + cascade->n - from - ways : 0;
		size_t n = surplus + 1 < ways ? surplus + 1 : ways;

		if (n > cascade->n - from)
			n = cascade->n - from;
		if (n > 1)
			status = merge_group(cascade, &cascade->names[from], n, &cascade->names[to], reterr);
		else
			cascade->names[to] = cascade->names[from];
		from += n;
		to++;
	}
	cascade->n = to;
	return status;
}

enum status
cascade_open(const char *dir, unsigned n_collectors, size_t ways, struct merge **ret_merge, struct error *reterr)
{
	struct cascade cascade = { .dir = dir };
	enum status status = STATUS_OK;

	for (unsigned i = 0; status == STATUS_OK && i < n_collectors; i++)
		status = list_collector(&cascade, i, reterr);
	while (status == STATUS_OK && cascade.n > ways)
		status = merge_some(&cascade, ways, reterr);
	if (status == STATUS_OK)
		status = merge_open(dir, cascade.names, cascade.n, ret_merge, reterr);
	free(cascade.names);
	return status;
}
