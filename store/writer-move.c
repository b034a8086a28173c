/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Renames: a file that vanished, and one with the same bytes that appeared.
 */
#include <stdlib.h>

#include "base/limits.h"
#include "store/encode.h"
#include "store/path.h"
#include "store/writer-internal.h"

/* ---- What vanished --------------------------------------------------------------------------- */

static enum status
add_vanished(struct store_writer *writer, struct str key, const struct hash *hash, const struct store_file *file,
    struct error *reterr)
{
	static const struct hash none;
	struct vanished_list *list = &writer->vanished;

	(void)key;
	if (hash_eq(&file->content, &none) || paths_cover(&writer->spared, file->path))
		return STATUS_OK;
	if (list->n == list->capacity) {
		size_t capacity = list->capacity > 0 ? list->capacity * 2 : 64;
		struct vanished *v = realloc(list->v, capacity * sizeof(*v));

		if (v == NULL)
			return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
		list->v = v;
		list->capacity = capacity;
	}
	list->v[list->n++] = (struct vanished) { *hash, file->content, file->size, false };
	return STATUS_OK;
}

static int
compare_sizes(const void *a, const void *b)
{
	const struct vanished *one = a;
	const struct vanished *other = b;

	if (one->size != other->size)
		return one->size < other->size ? -1 : 1;
	/* In one order always: of two with the same bytes it is the same that is taken. */
	return memcmp(one->path.bytes, other->path.bytes, HASH_BYTES);
}

static enum status
make_list(struct store_writer *writer, struct error *reterr)
{
	struct vanished_list *list = &writer->vanished;
	enum status status;

	if (list->is_made || writer->is_build)
		return STATUS_OK;
	status = writer_for_each_unmet(writer, add_vanished, reterr);
	if (status != STATUS_OK)
		return status;
	if (list->n > 1)
		qsort(list->v, list->n, sizeof(*list->v), compare_sizes);
	list->is_made = true;
	return STATUS_OK;
}

/* The first of that size or more. */
static size_t
first_of_size(const struct vanished_list *list, uint64_t size)
{
	size_t low = 0;
	size_t high = list->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (list->v[middle].size < size)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

enum status
store_writer_has_vanished(struct store_writer *writer, uint64_t size, bool *ret_has, struct error *reterr)
{
	enum status status = make_list(writer, reterr);
	size_t at = first_of_size(&writer->vanished, size);

	if (status == STATUS_OK)
		*ret_has = at < writer->vanished.n && writer->vanished.v[at].size == size;
	return status;
}

enum status
store_writer_take_vanished(struct store_writer *writer, uint64_t size, const struct hash *content,
    struct store_file *ret_from, struct error *reterr)
{
	enum status status = make_list(writer, reterr);

	if (status != STATUS_OK)
		return status;
	for (size_t i = first_of_size(&writer->vanished, size);
	     i < writer->vanished.n && writer->vanished.v[i].size == size; i++) {
		struct vanished *one = &writer->vanished.v[i];

		if (one->taken || !hash_eq(&one->content, content))
			continue;
		one->taken = true;
		return writer_get_record(writer, &one->path, ret_from, reterr);
	}
	return STATUS_NOT_FOUND;
}

/* ---- Moving ---------------------------------------------------------------------------------- */

/* Whether a document that is none of `from`'s has the id. */
static enum status
check_free(struct store_writer *writer, struct str id, struct error *reterr)
{
	struct hash hash = hash_of(id);
	uint32_t docid;
	enum status status = writer_find_id(writer, id, &docid, reterr);

	if (status == STATUS_NOT_FOUND && seen_get(&writer->dry_ids, &hash) == NULL)
		return STATUS_OK;
	if (status == STATUS_OK || status == STATUS_NOT_FOUND)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "duplicate id: another file has it already");
	return status;
}

enum status
writer_id_of(
    struct store_writer *writer, uint32_t docid, char space[LIMIT_ID_BYTES], struct str *ret_id, struct error *reterr)
{
	struct xc_document *doc;
	struct str value;
	enum status status = xc_database_document(writer_database(writer), docid, &doc, reterr);

	if (status != STATUS_OK)
		return status;
	status = xc_document_value(doc, SCHEMA_VALUE_ID, &value, reterr);
	if (status == STATUS_OK && (value.len == 0 || value.len > LIMIT_ID_BYTES))
		status = error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
		    "the index is damaged: document %lu has no id, or too long an id", (unsigned long)docid);
	if (status == STATUS_OK) {
		memcpy(space, value.p, value.len);
		*ret_id = (struct str) { space, value.len };
	}
	xc_document_free(doc);
	return status;
}

static enum status
move_document(struct store_writer *writer, uint32_t docid, const struct hash *file, struct str old_id,
    struct str new_id, struct error *reterr)
{
	char space[LIMIT_ID_BYTES];
	struct str id;
	struct hash hash;
	struct seen_file *seen;
	enum status status = writer_id_of(writer, docid, space, &id, reterr);

	if (status != STATUS_OK)
		return status;
	if (str_eq(id, old_id))
		id = new_id;
	if (writer->batch != NULL)
		return batch_move(writer->batch, docid, id, file, reterr);
	/* A dry run has to remember who has which id. */
	hash = hash_of(id);
	if (seen_put(&writer->dry_ids, &hash, &seen) != STATUS_OK)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	return STATUS_OK;
}

enum status
store_writer_file_move(struct store_writer *writer, const struct store_file *from, const struct store_file *to,
    struct str old_id, struct str new_id, struct error *reterr)
{
	struct hash from_hash = hash_of(from->path);
	struct hash to_hash = hash_of(to->path);
	struct store_file record = *to;
	struct docids documents = { NULL, 0, 0 };
	struct seen_file *seen;
	enum status status = STATUS_OK;

	if (!str_eq(old_id, new_id))
		status = check_free(writer, new_id, reterr);
	if (status == STATUS_OK)
		status = writer_documents_of(writer, &from_hash, &documents, reterr);
	if (status == STATUS_OK && writer->batch != NULL)
		status = writer_unseal(writer, reterr);
	/* As for a new file: no document is ever without a record. */
	record.mtime_ns = STORE_MTIME_UNSURE;
	if (status == STATUS_OK)
		status = writer_set_record(writer, &record, reterr);
	for (size_t i = 0; status == STATUS_OK && i < documents.n; i++)
		status = move_document(writer, documents.ids[i], &to_hash, old_id, new_id, reterr);
	if (status == STATUS_OK && writer->options.dry_run)
		status = seen_put(&writer->dry_moved, &from_hash, &seen);
	if (status == STATUS_OK) {
		record.mtime_ns = to->mtime_ns;
		record.documents = (uint32_t)documents.n;
		writer_count_known(writer, to->path, documents.n);
		status = writer_see(writer, &to_hash, SEEN_SETTLED, &seen, reterr);
	}
	free(documents.ids);
	return status == STATUS_OK ? writer_set_record(writer, &record, reterr) : status;
}
