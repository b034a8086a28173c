/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looking: is a file as it was?  And which known files did this run not meet?
 *
 * Both are answered by the table of known files (known.h) where there is one for this state of the index, and by the
 * records in the index where there is none.
 */
#include <stdlib.h>

#include "store/manifest.h"
#include "store/path.h"
#include "store/schema.h"
#include "store/writer-internal.h"

static const struct known_file *
known_at(const struct store_writer *writer, size_t i)
{
	return flat_at(writer->known, i);
}

bool
writer_is_kept(const struct store_writer *writer, const struct hash *hash)
{
	size_t at = writer->known != NULL ? flat_find(writer->known, hash) : FLAT_NONE;

	return at != FLAT_NONE && writer->kept[at];
}

enum status
writer_touch(struct store_writer *writer, const struct hash *hash, struct error *reterr)
{
	struct seen_file *touched;

	if (seen_put(&writer->touched, hash, &touched) != STATUS_OK)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	return STATUS_OK;
}

/* ---- A file ---------------------------------------------------------------------------------- */

static struct store_file
file_of(const struct known_file *entry, struct str path)
{
	return (struct store_file) { path, entry->name_len, entry->size, entry->mtime_ns, entry->documents,
		entry->content };
}

static enum status
expect(struct store_writer *writer, const struct hash *hash, struct error *reterr)
{
	struct seen_file *seen;

	return writer_see(writer, hash, SEEN_EXPECTED, &seen, reterr);
}

static enum status
look_in_table(struct store_writer *writer, const struct hash *hash, const struct store_file *found,
    struct store_file *ret_known, enum store_look *ret_look, struct error *reterr)
{
	size_t at = flat_find(writer->known, hash);

	if ((at != FLAT_NONE && writer->kept[at]) || seen_get(&writer->seen, hash) != NULL) {
		*ret_look = STORE_FILE_SEEN;
		return STATUS_OK;
	}
	if (at == FLAT_NONE) {
		*ret_look = STORE_FILE_NEW;
		return expect(writer, hash, reterr);
	}
	*ret_known = file_of(known_at(writer, at), found->path);
	if (ret_known->size != found->size || ret_known->mtime_ns != found->mtime_ns) {
		*ret_look = STORE_FILE_CHANGED;
		return expect(writer, hash, reterr);
	}
	writer->kept[at] = 1;
	writer_count_known(writer, found->path, ret_known->documents);
	*ret_look = STORE_FILE_SAME;
	return STATUS_OK;
}

static enum status
look_in_index(struct store_writer *writer, const struct hash *hash, const struct store_file *found,
    struct store_file *ret_known, enum store_look *ret_look, struct error *reterr)
{
	enum status status;

	if (seen_get(&writer->seen, hash) != NULL) {
		*ret_look = STORE_FILE_SEEN;
		return STATUS_OK;
	}
	status = writer_get_record(writer, hash, ret_known, reterr);
	if (status != STATUS_OK && status != STATUS_NOT_FOUND)
		return status;
	ret_known->path = found->path;
	if (status == STATUS_OK && ret_known->size == found->size && ret_known->mtime_ns == found->mtime_ns) {
		*ret_look = STORE_FILE_SAME;
		return store_writer_file_keep(writer, ret_known, reterr);
	}
	*ret_look = status == STATUS_OK ? STORE_FILE_CHANGED : STORE_FILE_NEW;
	return expect(writer, hash, reterr);
}

enum status
store_writer_file_look(struct store_writer *writer, struct str path, uint64_t size, int64_t mtime_ns,
    struct store_file *ret_known, enum store_look *ret_look, struct error *reterr)
{
	struct store_file found = { .path = path, .size = size, .mtime_ns = mtime_ns };
	struct hash hash = hash_of(path);

	if (writer->known != NULL)
		return look_in_table(writer, &hash, &found, ret_known, ret_look, reterr);
	return look_in_index(writer, &hash, &found, ret_known, ret_look, reterr);
}

/* ---- All files ------------------------------------------------------------------------------- */

/* A record of a file, unless this run has met it or does not look where it is. */
static enum status
visit_record(struct store_writer *writer, struct str key, writer_visit *visit, struct error *reterr)
{
	struct hash hash;
	struct store_file file;
	struct str value;
	enum status status;

	if (!filerecord_hash_of_key(key, &hash) || writer_is_kept(writer, &hash) ||
	    seen_get(&writer->seen, &hash) != NULL)
		return STATUS_OK;
	status = xc_database_metadata(writer_database(writer), key, &value, reterr);
	if (status != STATUS_OK || value.len == 0)
		return status;
	status = filerecord_decode(value, &file, reterr);
	if (status != STATUS_OK || writer_source_of(writer, file.path) == NULL)
		return status;
	return visit(writer, key, &hash, &file, reterr);
}

static enum status
visit_table(struct store_writer *writer, writer_visit *visit, struct error *reterr)
{
	char key[FILERECORD_KEY_BYTES + 1];
	enum status status = STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && i < flat_count(writer->known); i++) {
		if (writer->kept[i])
			continue;
		filerecord_key(&known_at(writer, i)->path, key);
		status = visit_record(writer, (struct str) { key, FILERECORD_KEY_BYTES }, visit, reterr);
	}
	return status;
}

enum status
writer_for_each_unmet(struct store_writer *writer, writer_visit *visit, struct error *reterr)
{
	struct xc_terms *keys;
	struct str key;
	enum status status;

	if (writer->known != NULL)
		return visit_table(writer, visit, reterr);
	if (writer_database(writer) == NULL)
		return STATUS_OK;
	status = xc_database_metadata_keys(writer_database(writer), STR(SCHEMA_META_FILE), &keys, reterr);
	if (status != STATUS_OK)
		return status;
	while ((status = xc_terms_next(keys, &key, reterr)) == STATUS_OK) {
		status = visit_record(writer, key, visit, reterr);
		if (status != STATUS_OK)
			break;
	}
	xc_terms_free(keys);
	return status == STATUS_END ? STATUS_OK : status;
}

/* ---- The next table -------------------------------------------------------------------------- */

struct entries {
	struct known_file *v;
	size_t n;
	size_t capacity;
};

static bool
add_entry(struct entries *entries, const struct known_file *entry)
{
	if (entries->n == entries->capacity) {
		size_t capacity = entries->capacity > 0 ? entries->capacity * 2 : 1024;
		struct known_file *v = realloc(entries->v, capacity * sizeof(*v));

		if (v == NULL)
			return false;
		entries->v = v;
		entries->capacity = capacity;
	}
	entries->v[entries->n++] = *entry;
	return true;
}

static bool
add_record(struct entries *entries, struct xc_database *db, struct str key)
{
	struct known_file entry;
	struct store_file file;
	struct str value;

	if (!filerecord_hash_of_key(key, &entry.path) || xc_database_metadata(db, key, &value, NULL) != STATUS_OK)
		return false;
	if (value.len == 0)
		return true; /* was removed */
	if (filerecord_decode(value, &file, NULL) != STATUS_OK)
		return false;
	entry.content = file.content;
	entry.size = file.size;
	entry.mtime_ns = file.mtime_ns;
	entry.documents = file.documents;
	entry.name_len = (uint32_t)file.name_len;
	return add_entry(entries, &entry);
}

/* The table as it was, less what this run touched, and the records of that. */
static bool
list_by_table(const struct store_writer *writer, struct xc_database *db, struct entries *entries)
{
	char key[FILERECORD_KEY_BYTES + 1];

	for (size_t i = 0; i < flat_count(writer->known); i++) {
		const struct known_file *entry = known_at(writer, i);

		if (seen_get(&writer->touched, &entry->path) == NULL && !add_entry(entries, entry))
			return false;
	}
	for (size_t i = 0; i < writer->touched.capacity; i++) {
		if (!writer->touched.slots[i].used)
			continue;
		filerecord_key(&writer->touched.slots[i].path, key);
		if (!add_record(entries, db, (struct str) { key, FILERECORD_KEY_BYTES }))
			return false;
	}
	return true;
}

static bool
list_by_index(struct xc_database *db, struct entries *entries)
{
	struct xc_terms *keys;
	struct str key;
	enum status status = xc_database_metadata_keys(db, STR(SCHEMA_META_FILE), &keys, NULL);

	if (status != STATUS_OK)
		return false;
	while ((status = xc_terms_next(keys, &key, NULL)) == STATUS_OK)
		if (!add_record(entries, db, key))
			break;
	xc_terms_free(keys);
	return status == STATUS_END;
}

void
writer_note_known(struct store_writer *writer)
{
	struct entries entries = { NULL, 0, 0 };
	struct manifest *manifest = malloc(sizeof(*manifest));
	struct xc_database *db = NULL;
	char path[PATH_MAX];
	bool whole = false;

	if (writer->known != NULL && writer->touched.n == 0) {
		free(manifest);
		return;
	}
	if (manifest != NULL && path_join(path, writer->dir, writer->generation.name, NULL) == STATUS_OK &&
	    manifest_read(path, manifest, NULL) == STATUS_OK && manifest->sealed &&
	    xc_database_open(str_of(path), XC_BACKEND_GLASS, &db, NULL) == STATUS_OK)
		whole = writer->known != NULL ? list_by_table(writer, db, &entries) : list_by_index(db, &entries);
	xc_database_close(db);
	/* A table that is not written, or only in part, is seen not to hold: the next run is slower, and that is all. */
	if (whole && flat_write(writer->dir, known_files(), &manifest->self, entries.v, entries.n, NULL) != STATUS_OK)
		whole = false;
	free(entries.v);
	free(manifest);
}
