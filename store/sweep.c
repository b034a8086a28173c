/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sweep: documents whose file vanished, or that their file no longer holds.
 */
#include <stdlib.h>

#include "store/encode.h"
#include "store/path.h"
#include "store/schema.h"
#include "store/writer-internal.h"

/* ---- Finding --------------------------------------------------------------------------------- */

/* In a dry run nothing moved, so a document that another file would have taken over must be told by its id. */
static enum status
is_taken_dry(struct store_writer *writer, uint32_t docid, bool *ret_taken, struct error *reterr)
{
	char space[LIMIT_ID_BYTES];
	struct str id;
	enum status status = writer_id_of(writer, docid, space, &id, reterr);

	if (status == STATUS_OK) {
		struct hash hash = hash_of(id);

		*ret_taken = seen_get(&writer->dry_ids, &hash) != NULL;
	}
	return status;
}

static enum status
doom(struct store_writer *writer, struct source *source, uint32_t docid, struct error *reterr)
{
	bool taken = false;
	enum status status = STATUS_OK;

	if (writer->options.dry_run)
		status = is_taken_dry(writer, docid, &taken, reterr);
	if (status != STATUS_OK || taken)
		return status;
	if (source != NULL)
		source->sweep.doomed++;
	return docids_add(&writer->doomed, docid, reterr);
}

/* A file in scope that was not met. */
static enum status
doom_file(struct store_writer *writer, struct str key, const struct hash *hash, const struct store_file *file,
    struct error *reterr)
{
	struct docids documents = { NULL, 0, 0 };
	enum status status;

	if (paths_cover(&writer->spared, file->path)) {
		writer_count_known(writer, file->path, file->documents);
		return STATUS_OK;
	}
	if (seen_get(&writer->dry_moved, hash) != NULL)
		return STATUS_OK;
	status = writer_documents_of(writer, hash, &documents, reterr);
	writer_count_known(writer, file->path, documents.n);
	for (size_t i = 0; status == STATUS_OK && i < documents.n; i++)
		status = doom(writer, writer_source_of(writer, file->path), documents.ids[i], reterr);
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
	struct store_file file;
	enum status status = writer_get_record(writer, &seen->path, &file, reterr);
	struct source *source;
	size_t s = 0;

	if (status != STATUS_OK)
		return status;
	source = writer_source_of(writer, file.path);
	status = writer_documents_of(writer, &seen->path, &still, reterr);
	for (size_t i = 0; status == STATUS_OK && i < seen->n_missing; i++) {
		while (s < still.n && still.ids[s] < seen->missing[i])
			s++;
		if (s < still.n && still.ids[s] == seen->missing[i])
			status = doom(writer, source, seen->missing[i], reterr);
	}
	free(still.ids);
	return status;
}

/* ---- Of a build ------------------------------------------------------------------------------ */

static enum status
count_served(void *arg, const struct store_file *file)
{
	writer_count_known(arg, file->path, file->documents);
	return STATUS_OK;
}

/* Forgets counts that were begun on what turned out to be unreadable. */
static void
reset_known(struct store_writer *writer)
{
	for (size_t i = 0; i < writer->n_sources; i++)
		writer->sources[i].sweep = (struct store_sweep) { 0, 0 };
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

	reset_known(writer);
	if (generation_current(writer->dir, &served, NULL) == STATUS_OK)
		status = path_join(path, writer->dir, served.name, reterr);
	else
		path[0] = '\0';
	if (status != STATUS_OK)
		return status;
	/* One that cannot be read is no measure: a full build is the way to replace it. */
	if (path[0] != '\0' && xc_database_open(str_of(path), XC_BACKEND_GLASS, &db, NULL) == STATUS_OK &&
	    (xc_database_doccount(db, &documents, NULL) != STATUS_OK ||
		filerecord_each(db, count_served, writer, NULL) != STATUS_OK)) {
		documents = 0;
		reset_known(writer);
	}
	xc_database_close(db);
	ret_sweep->known = documents;
	ret_sweep->doomed = documents > built ? documents - built : 0;
	for (size_t i = 0; i < writer->n_sources; i++) {
		struct source *source = &writer->sources[i];

		source->sweep.doomed = source->sweep.known > source->built ? source->sweep.known - source->built : 0;
	}
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
	status = writer_for_each_unmet(writer, doom_file, reterr);
	for (size_t i = 0; status == STATUS_OK && i < writer->seen.capacity; i++)
		if (writer->seen.slots[i].n_missing > 0)
			status = doom_missing(writer, &writer->seen.slots[i], reterr);
	if (status != STATUS_OK)
		return status;
	*ret_sweep = (struct store_sweep) { writer->known_documents, writer->doomed.n };
	return STATUS_OK;
}

/* ---- Deleting -------------------------------------------------------------------------------- */

static enum status
touch_record(struct store_writer *writer, struct str key, struct error *reterr)
{
	struct hash hash;

	if (!filerecord_hash_of_key(key, &hash))
		return STATUS_OK;
	return writer_touch(writer, &hash, reterr);
}

enum status
store_writer_sweep(struct store_writer *writer, struct error *reterr)
{
	enum status status = STATUS_OK;

	if (writer->batch == NULL || (writer->doomed.n == 0 && writer->doomed_records.len == 0))
		return STATUS_OK;
	status = writer_unseal(writer, reterr);
	for (size_t i = 0; status == STATUS_OK && i < writer->doomed.n; i++) {
		uint32_t words = 0;

		writer_note_stale(writer, writer->doomed.ids[i]);
		status = writer_words_of(writer, writer->doomed.ids[i], &words, reterr);
		if (status == STATUS_OK)
			status = batch_delete(writer->batch, writer->doomed.ids[i], words, reterr);
	}
	for (size_t off = 0; status == STATUS_OK && off < writer->doomed_records.len;) {
		struct str key = str_of(writer->doomed_records.data + off);

		off += key.len + 1;
		status = touch_record(writer, key, reterr);
		if (status == STATUS_OK)
			status = batch_set_metadata(writer->batch, key, (struct str) { "", 0 }, reterr);
	}
	return status;
}
