/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files: what is known of them, and which documents they held before.
 */
#include <stdlib.h>

#include "store/path.h"
#include "store/schema.h"
#include "store/writer-internal.h"

/* ---- Lists ----------------------------------------------------------------------------------- */

enum status
docids_add(struct docids *docids, uint32_t docid, struct error *reterr)
{
	if (docids->n == docids->capacity) {
		size_t capacity = docids->capacity > 0 ? docids->capacity * 2 : 16;
		uint32_t *ids = realloc(docids->ids, capacity * sizeof(*ids));

		if (ids == NULL)
			return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
		docids->ids = ids;
		docids->capacity = capacity;
	}
	docids->ids[docids->n++] = docid;
	return STATUS_OK;
}

enum status
writer_documents_of(
    struct store_writer *writer, const struct hash *file, struct docids *ret_docids, struct error *reterr)
{
	char space[POSTINGS_FILE_TERM_BYTES + 1];
	struct xc_database *db = writer_database(writer);
	struct xc_postings *postings;
	uint32_t docid;
	enum status status;

	if (db == NULL)
		return STATUS_OK;
	status = writer->batch != NULL ? batch_settle_file(writer->batch, file, reterr) : STATUS_OK;
	if (status != STATUS_OK)
		return status;
	db = writer_database(writer);
	status = xc_database_postlist(db, postings_file_term(file, space), &postings, reterr);
	if (status != STATUS_OK)
		return status;
	while ((status = xc_postings_next(postings, &docid, reterr)) == STATUS_OK) {
		status = docids_add(ret_docids, docid, reterr);
		if (status != STATUS_OK)
			break;
	}
	xc_postings_free(postings);
	return status == STATUS_END ? STATUS_OK : status;
}

/* ---- Files ----------------------------------------------------------------------------------- */

enum status
writer_get_record(
    struct store_writer *writer, const struct hash *file, struct store_file *ret_file, struct error *reterr)
{
	char key[FILERECORD_KEY_BYTES + 1];
	struct xc_database *db = writer_database(writer);
	struct str value;
	enum status status;

	if (db == NULL)
		return STATUS_NOT_FOUND;
	filerecord_key(file, key);
	status = xc_database_metadata(db, (struct str) { key, FILERECORD_KEY_BYTES }, &value, reterr);
	if (status != STATUS_OK)
		return status;
	if (value.len == 0)
		return STATUS_NOT_FOUND;
	buf_reset(&writer->metadata);
	status = buf_append_str(&writer->metadata, value);
	if (status != STATUS_OK)
		return error_set(reterr, status, ERROR_NO_OFFSET, "a file's record: %s", status_text(status));
	return filerecord_decode(buf_str(&writer->metadata), ret_file, reterr);
}

static enum status
set_metadata(struct store_writer *writer, struct str key, struct str value, struct error *reterr)
{
	struct xc_database *db = writer_database(writer);
	struct str known = { "", 0 };
	enum status status = STATUS_OK;

	/* A run in which nothing is new leaves the index as it is, to the byte. */
	if (db != NULL)
		status = xc_database_metadata(db, key, &known, reterr);
	if (status != STATUS_OK || str_eq(known, value) || writer->options.dry_run)
		return status;
	status = writer_unseal(writer, reterr);
	return status == STATUS_OK ? writer_put_metadata(writer, key, value, reterr) : status;
}

void
writer_count_known(struct store_writer *writer, struct str path, uint64_t documents)
{
	struct source *source = writer_source_of(writer, path);

	writer->known_documents += documents;
	if (source != NULL)
		source->sweep.known += documents;
}

enum status
writer_set_record(struct store_writer *writer, const struct store_file *file, struct error *reterr)
{
	char key[FILERECORD_KEY_BYTES + 1];
	struct hash hash = hash_of(file->path);
	struct buf value;
	enum status status;

	buf_init(&value, PATH_MAX + 256);
	filerecord_key(&hash, key);
	status = filerecord_encode(file, &value);
	if (status == STATUS_OK)
		status = writer_touch(writer, &hash, reterr);
	if (status == STATUS_OK)
		status = set_metadata(writer, (struct str) { key, FILERECORD_KEY_BYTES }, buf_str(&value), reterr);
	else if (buf_status(&value) != STATUS_OK)
		status = error_set(reterr, status, ERROR_NO_OFFSET, "a file's record: %s", status_text(status));
	buf_done(&value);
	return status;
}

enum status
store_writer_file_get(struct store_writer *writer, struct str path, struct store_file *ret_file, struct error *reterr)
{
	struct hash hash = hash_of(path);

	return writer_get_record(writer, &hash, ret_file, reterr);
}

enum status
writer_see(struct store_writer *writer, const struct hash *hash, enum seen_state state, struct seen_file **ret_seen,
    struct error *reterr)
{
	enum status status = seen_put(&writer->seen, hash, ret_seen);

	if (status != STATUS_OK)
		return error_set(reterr, status, ERROR_NO_OFFSET, "out of memory");
	(*ret_seen)->state = state;
	return STATUS_OK;
}

enum status
store_writer_file_expect(struct store_writer *writer, struct str path, struct error *reterr)
{
	struct hash hash = hash_of(path);
	struct seen_file *seen;

	return writer_see(writer, &hash, SEEN_EXPECTED, &seen, reterr);
}

bool
store_writer_file_is_seen(const struct store_writer *writer, struct str path)
{
	struct hash hash = hash_of(path);

	return writer_is_kept(writer, &hash) || seen_get(&writer->seen, &hash) != NULL;
}

enum status
store_writer_file_keep(struct store_writer *writer, const struct store_file *file, struct error *reterr)
{
	struct hash hash = hash_of(file->path);
	struct seen_file *seen;
	enum status status = writer_see(writer, &hash, SEEN_SETTLED, &seen, reterr);

	if (status != STATUS_OK)
		return status;
	writer_count_known(writer, file->path, file->documents);
	return writer_set_record(writer, file, reterr);
}

/* A new file gets a record before its first document, so that none is ever without one. */
static enum status
note_begun(struct store_writer *writer, struct error *reterr)
{
	struct store_file known;
	enum status status = writer_get_record(writer, &writer->file.hash, &known, reterr);

	if (status != STATUS_NOT_FOUND || writer->is_build)
		return status == STATUS_NOT_FOUND ? STATUS_OK : status;
	writer->file.record.mtime_ns = STORE_MTIME_UNSURE;
	return writer_set_record(writer, &writer->file.record, reterr);
}

static enum status
copy_file(struct store_writer *writer, const struct store_file *file, struct error *reterr)
{
	struct open_file *open = &writer->file;
	enum status status;

	open->hash = hash_of(file->path);
	open->documents = 0;
	open->put = 0;
	open->n_expected = 0;
	open->next_expected = 0;
	open->before.n = 0;
	buf_reset(&open->path);
	status = buf_append_str(&open->path, file->path);
	if (status != STATUS_OK)
		return error_set(
		    reterr, status, ERROR_NO_OFFSET, "the path has %zu bytes: %s", file->path.len, status_text(status));
	open->record = *file;
	open->record.path = buf_str(&open->path);
	open->record.documents = 0;
	memset(&open->record.content, 0, sizeof(open->record.content));
	return STATUS_OK;
}

enum status
store_writer_file_begin(struct store_writer *writer, const struct store_file *file, struct error *reterr)
{
	struct open_file *open = &writer->file;
	struct seen_file *seen;
	int64_t mtime_ns = file->mtime_ns;
	enum status status = copy_file(writer, file, reterr);

	if (status == STATUS_OK)
		status = writer_see(writer, &open->hash, SEEN_EXPECTED, &seen, reterr);
	if (status == STATUS_OK)
		status = note_begun(writer, reterr);
	if (status == STATUS_OK)
		status = writer_documents_of(writer, &open->hash, &open->before, reterr);
	if (status != STATUS_OK)
		return status;
	open->record.mtime_ns = mtime_ns;
	free(open->met);
	open->met = calloc(open->before.n + 1, sizeof(*open->met));
	if (open->met == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	writer_count_known(writer, open->record.path, open->before.n);
	if (writer->bulk != NULL)
		status = bulk_begin_file(writer->bulk, open->record.path, reterr);
	if (status != STATUS_OK)
		return status;
	open->is_open = true;
	return STATUS_OK;
}

/* Notes what the file held before and holds no more; ids may move to other files from here on. */
static enum status
note_missing(struct store_writer *writer, struct seen_file *seen, struct error *reterr)
{
	const struct open_file *open = &writer->file;
	struct docids missing = { NULL, 0, 0 };
	enum status status = STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && i < open->before.n; i++)
		if (!open->met[i])
			status = docids_add(&missing, open->before.ids[i], reterr);
	if (status != STATUS_OK) {
		free(missing.ids);
		return status;
	}
	free(seen->missing);
	seen->missing = missing.ids;
	seen->n_missing = missing.n;
	return STATUS_OK;
}

enum status
store_writer_file_end(struct store_writer *writer, const struct hash *content, bool complete, struct error *reterr)
{
	struct open_file *open = &writer->file;
	struct seen_file *seen;
	enum status status = writer_see(writer, &open->hash, SEEN_SETTLED, &seen, reterr);

	if (status == STATUS_OK && complete)
		status = note_missing(writer, seen, reterr);
	if (status != STATUS_OK)
		return status;
	open->is_open = false;
	open->record.documents = open->documents;
	if (writer->is_build && writer_source_of(writer, open->record.path) != NULL)
		writer_source_of(writer, open->record.path)->built += open->documents;
	/* A file with something amiss, or with deletions that are still to come, is read again next time. */
	if (complete && seen->n_missing == 0)
		open->record.content = *content;
	else
		open->record.mtime_ns = STORE_MTIME_UNSURE;
	return writer_set_record(writer, &open->record, reterr);
}
