/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scope: which files a run is about, and which source each is of.
 */
#include <stdlib.h>

#include "store/writer-internal.h"

enum status
paths_add(struct paths *paths, struct str path, struct error *reterr)
{
	char *copy = malloc(path.len + 1);

	if (copy == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	if (paths->n == paths->capacity) {
		size_t capacity = paths->capacity > 0 ? paths->capacity * 2 : 8;
		struct str *list = realloc(paths->paths, capacity * sizeof(*list));

		if (list == NULL) {
			free(copy);
			return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
		}
		paths->paths = list;
		paths->capacity = capacity;
	}
	memcpy(copy, path.p, path.len);
	copy[path.len] = '\0';
	paths->paths[paths->n++] = (struct str) { copy, path.len };
	return STATUS_OK;
}

bool
paths_cover(const struct paths *paths, struct str path)
{
	for (size_t i = 0; i < paths->n; i++) {
		struct str top = paths->paths[i];

		if (!str_has_prefix(path, top))
			continue;
		/* "/a" covers "/a" and "/a/b", not "/ab"; "/" covers all. */
		if (path.len == top.len || path.p[top.len] == '/' || str_eq(top, STR("/")))
			return true;
	}
	return false;
}

void
paths_done(struct paths *paths)
{
	for (size_t i = 0; i < paths->n; i++)
		free((void *)(uintptr_t)paths->paths[i].p);
	free(paths->paths);
}

struct source *
writer_source_of(const struct store_writer *writer, struct str path)
{
	for (size_t i = 0; i < writer->n_sources; i++)
		if (paths_cover(&writer->sources[i].scope, path))
			return &writer->sources[i];
	return NULL;
}

enum status
store_writer_add_source(struct store_writer *writer, struct error *reterr)
{
	struct source *sources = realloc(writer->sources, (writer->n_sources + 1) * sizeof(*sources));

	if (sources == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	writer->sources = sources;
	writer->sources[writer->n_sources++] = (struct source) { .built = 0 };
	return STATUS_OK;
}

enum status
store_writer_add_scope(struct store_writer *writer, struct str path, struct error *reterr)
{
	enum status status = writer->n_sources == 0 ? store_writer_add_source(writer, reterr) : STATUS_OK;

	return status == STATUS_OK ? paths_add(&writer->sources[writer->n_sources - 1].scope, path, reterr) : status;
}

enum status
store_writer_spare(struct store_writer *writer, struct str path, struct error *reterr)
{
	return paths_add(&writer->spared, path, reterr);
}

struct store_sweep
store_writer_sweep_of(const struct store_writer *writer, size_t n)
{
	return writer->sources[n].sweep;
}
