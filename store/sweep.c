/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sweep: documents whose file vanished, or that their file no longer holds.
 */
#include <stdlib.h>

#include "store/encode.h"
#include "store/path.h"
#include "store/schema.h"
#include "store/writer-internal.h"

/* ---- Lists of paths -------------------------------------------------------------------------- */

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

enum status
store_writer_add_scope(struct store_writer *writer, struct str path, struct error *reterr)
{
	return paths_add(&writer->scope, path, reterr);
}

enum status
store_writer_spare(struct store_writer *writer, struct str path, struct error *reterr)
{
	return paths_add(&writer->spared, path, reterr);
}

/* ---- Finding --------------------------------------------------------------------------------- */

/* In a dry run nothing moved, so a document that another file would have taken over must be told by its id. */
static enum status
is_taken_dry(struct store_writer *writer, uint32_t docid, bool *ret_taken, struct error *reterr)
{
	struct store_document document;
	struct xc_document *doc;
	struct str data;
	enum status status = xc_database_document(writer_database(writer), docid, &doc, reterr);

	if (status != STATUS_OK)
		return status;
	status = xc_document_data(doc, &data, reterr);
	if (status == STATUS_OK)
		status = document_decode(data, &document, reterr);
	if (status == STATUS_OK) {
		struct hash hash = hash_of(document.id);

		*ret_taken = seen_get(&writer->dry_ids, &hash) != NULL;
	}
	xc_document_free(doc);
	return status;
}

static enum status
doom(struct store_writer *writer, uint32_t docid, struct error *reterr)
{
	bool taken = false;
	enum status status = STATUS_OK;

	if (writer->options.dry_run)
		status = is_taken_dry(writer, docid, &taken, reterr);
	if (status != STATUS_OK || taken)
		return status;
	return docids_add(&writer->doomed, docid, reterr);
}

/* A file in scope that was not met. */
static enum status
doom_file(struct store_writer *writer, struct str key, const struct hash *file, struct error *reterr)
{
	struct docids documents = { NULL, 0, 0 };
	enum status status = writer_documents_of(writer, file, &documents, reterr);

	writer->known += documents.n;
	for (size_t i = 0; status == STATUS_OK && i < documents.n; i++)
		status = doom(writer, documents.ids[i], reterr);
	free(documents.ids);
	if (status != STATUS_OK)
		return status;
	(void)buf_append_str(&writer->doomed_records, key);
	status = buf_append_char(&writer->doomed_records, '\0');
	if (status != STATUS_OK)
		return error_set(
		    reterr, status, ERROR_NO_OFFSET, "too many files vanished at once: %s", status_text(status));
	return STATUS_OK;
}

/* Documents that a file of this run held before, and that no other file took. */
static enum status
doom_missing(struct store_writer *writer, const struct seen_file *seen, struct error *reterr)
{
	struct docids still = { NULL, 0, 0 };
	enum status status = writer_documents_of(writer, &seen->path, &still, reterr);
	size_t s = 0;

	for (size_t i = 0; status == STATUS_OK && i < seen->n_missing; i++) {
		while (s < still.n && still.ids[s] < seen->missing[i])
			s++;
		if (s < still.n && still.ids[s] == seen->missing[i])
			status = doom(writer, seen->missing[i], reterr);
	}
	free(still.ids);
	return status;
}

static enum status
consider_record(struct store_writer *writer, struct str key, struct error *reterr)
{
	struct hash hash;
	struct store_file file;
	struct str value;
	enum status status;

	if (!hash_from_hex(
		(struct str) { key.p + sizeof(SCHEMA_META_FILE) - 1, key.len - sizeof(SCHEMA_META_FILE) + 1 }, &hash) ||
	    seen_get(&writer->seen, &hash) != NULL)
		return STATUS_OK;
	status = xc_database_metadata(writer_database(writer), key, &value, reterr);
	if (status == STATUS_OK)
		status = filerecord_decode(value, &file, reterr);
	if (status != STATUS_OK)
		return status;
	if (!paths_cover(&writer->scope, file.path))
		return STATUS_OK;
	if (paths_cover(&writer->spared, file.path)) {
		writer->known += file.documents;
		return STATUS_OK;
	}
	return doom_file(writer, key, &hash, reterr);
}

static enum status
find_vanished(struct store_writer *writer, struct error *reterr)
{
	struct xc_terms *keys;
	struct str key;
	enum status status = xc_database_metadata_keys(writer_database(writer), STR(SCHEMA_META_FILE), &keys, reterr);

	if (status != STATUS_OK)
		return status;
	while ((status = xc_terms_next(keys, &key, reterr)) == STATUS_OK) {
		status = consider_record(writer, key, reterr);
		if (status != STATUS_OK)
			break;
	}
	xc_terms_free(keys);
	return status == STATUS_END ? STATUS_OK : status;
}

/* What is served now holds documents that the build does not: as good as deleted by publishing it. */
static enum status
compare_with_served(struct store_writer *writer, struct store_sweep *ret_sweep, struct error *reterr)
{
	struct generation served;
	struct xc_database *db = NULL;
	char path[PATH_MAX];
	xc_doccount documents = 0;
	uint32_t built = writer->added - writer->deleted;
	enum status status = STATUS_OK;

	if (generation_current(writer->dir, &served, NULL) == STATUS_OK)
		status = path_join(path, writer->dir, served.name, reterr);
	else
		path[0] = '\0';
	if (status != STATUS_OK)
		return status;
	/* One that cannot be read is no measure: a full build is the way to replace it. */
	if (path[0] != '\0' && xc_database_open(str_of(path), XC_BACKEND_GLASS, &db, NULL) == STATUS_OK &&
	    xc_database_doccount(db, &documents, NULL) != STATUS_OK)
		documents = 0;
	xc_database_close(db);
	ret_sweep->known = documents;
	ret_sweep->doomed = documents > built ? documents - built : 0;
	return STATUS_OK;
}

enum status
store_writer_sweep_plan(struct store_writer *writer, struct store_sweep *ret_sweep, struct error *reterr)
{
	enum status status = STATUS_OK;

	if (writer->is_build)
		return compare_with_served(writer, ret_sweep, reterr);
	writer->doomed.n = 0;
	buf_reset(&writer->doomed_records);
	status = find_vanished(writer, reterr);
	for (size_t i = 0; status == STATUS_OK && i < writer->seen.capacity; i++)
		if (writer->seen.slots[i].n_missing > 0)
			status = doom_missing(writer, &writer->seen.slots[i], reterr);
	if (status != STATUS_OK)
		return status;
	ret_sweep->known = writer->known;
	ret_sweep->doomed = writer->doomed.n;
	return STATUS_OK;
}

/* ---- Deleting -------------------------------------------------------------------------------- */

enum status
store_writer_sweep(struct store_writer *writer, struct error *reterr)
{
	enum status status = STATUS_OK;

	if (writer->batch == NULL || (writer->doomed.n == 0 && writer->doomed_records.len == 0))
		return STATUS_OK;
	status = writer_unseal(writer, reterr);
	for (size_t i = 0; status == STATUS_OK && i < writer->doomed.n; i++) {
		uint32_t words = 0;

		status = writer_words_of(writer, writer->doomed.ids[i], &words, reterr);
		if (status == STATUS_OK)
			status = batch_delete(writer->batch, writer->doomed.ids[i], words, reterr);
	}
	for (size_t off = 0; status == STATUS_OK && off < writer->doomed_records.len;) {
		struct str key = str_of(writer->doomed_records.data + off);

		off += key.len + 1;
		status = batch_set_metadata(writer->batch, key, (struct str) { "", 0 }, reterr);
	}
	return status;
}
