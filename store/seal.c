/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sealing: the hashes of a generation's files, made and compared.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "store/blocks.h"
#include "store/layername.h"
#include "store/manifest.h"
#include "store/path.h"
#include "store/schema.h"
#include "xapian-c/xapian-c.h"

enum { READ_BYTES = 128 * 1024, TABLES = 8 + LIMIT_LAYERS, BLOCKS_FILE_BYTES = 1024 * 1024 * 1024 };

#define NOWHERE SIZE_MAX

/* The blocks of all tables and inverted files, in the order of their names. */
struct manifest_base {
	uint64_t revision;
	struct manifest_file files[TABLES];
	struct blocks blocks[TABLES];
	size_t n;
};

/* What the database says of itself. */
struct said {
	uint64_t revision;
	uint32_t layers[LIMIT_LAYERS]; /* which it names */
	uint32_t n_layers;
};

/* ---- Files ----------------------------------------------------------------------------------- */

static bool
names_layer(const struct said *said, uint32_t number)
{
	for (uint32_t i = 0; i < said->n_layers; i++)
		if (said->layers[i] == number)
			return true;
	return false;
}

/* Not what comes and goes with the writer: its lock, what a killed commit or manifest left, and layers that readers of an earlier commit may
 * still use; nor `blocks`, which the hashes of the tables vouch for. */
static bool
is_listed(const char *name, const struct said *said)
{
	size_t len = strlen(name);
	uint32_t number;

	if (layername_is_file(name, &number))
		return names_layer(said, number);
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return false;
	if (strcmp(name, MANIFEST_NAME) == 0 || strcmp(name, BLOCKS_NAME) == 0 || strcmp(name, "flintlock") == 0)
		return false;
	return len < 4 || strcmp(name + len - 4, ".tmp") != 0;
}

static enum status
hash_descriptor(int fd, const char *path, struct manifest_file *file, struct error *reterr)
{
	struct hash_state state;
	char *chunk = malloc(READ_BYTES);
	enum status status = STATUS_OK;
	ssize_t n = 0;

	if (chunk == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	hash_init(&state);
	file->size = 0;
	while ((n = read(fd, chunk, READ_BYTES)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			status = error_errno(reterr, STATUS_IO, errno, "cannot read %s/%s", path, file->name);
			break;
		}
		hash_update(&state, (struct str) { chunk, (size_t)n });
		file->size += (uint64_t)n;
	}
	hash_final(&state, &file->hash);
	free(chunk);
	return status;
}

static enum status
open_file(const char *path, const char *name, bool sync, int *ret_fd, struct error *reterr)
{
	char full[PATH_MAX];
	enum status status = path_join(full, path, name, reterr);
	int fd;

	if (status != STATUS_OK)
		return status;
	fd = open(full, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return error_errno(reterr, errno == ENOENT ? STATUS_CORRUPT : STATUS_IO, errno, "cannot open %s", full);
	if (sync && fsync(fd) != 0) {
		status = error_errno(reterr, STATUS_IO, errno, "cannot sync %s", full);
		(void)close(fd);
		return status;
	}
	*ret_fd = fd;
	return STATUS_OK;
}

/* Fills size and hash of path/file->name, after an fsync if asked for. */
static enum status
hash_file(const char *path, struct manifest_file *file, bool sync, struct error *reterr)
{
	int fd;
	enum status status = open_file(path, file->name, sync, &fd, reterr);

	if (status != STATUS_OK)
		return status;
	status = hash_descriptor(fd, path, file, reterr);
	(void)close(fd);
	return status;
}

/* Where a file stands in the state before, or NOWHERE. */
static size_t
find_in(const struct manifest_base *base, const char *name)
{
	for (size_t i = 0; i < base->n; i++)
		if (strcmp(base->files[i].name, name) == 0)
			return i;
	return NOWHERE;
}

/* The same of a table, by its blocks. */
static enum status
hash_table(const char *path, struct manifest_file *file, bool sync, const struct manifest_base *base,
    struct blocks *ret_blocks, struct error *reterr)
{
	size_t at = base != NULL ? find_in(base, file->name) : NOWHERE;
	int fd;
	enum status status = open_file(path, file->name, sync, &fd, reterr);

	if (status != STATUS_OK)
		return status;
	status = blocks_hash(fd, file->name, at != NOWHERE ? &base->blocks[at] : NULL,
	    base != NULL ? base->revision : 0, ret_blocks, &file->size, &file->hash, reterr);
	(void)close(fd);
	return status;
}

static int
compare_names(const void *a, const void *b)
{
	const struct manifest_file *one = a;
	const struct manifest_file *other = b;

	return strcmp(one->name, other->name);
}

static enum status
list_files(DIR *folder, const char *path, const struct said *said, struct manifest *manifest, struct error *reterr)
{
	const struct dirent *entry;

	manifest->n_files = 0;
	while ((errno = 0, entry = readdir(folder)) != NULL) {
		struct manifest_file *file = &manifest->files[manifest->n_files];

		if (!is_listed(entry->d_name, said))
			continue;
		if (manifest->n_files == MANIFEST_FILES || strlen(entry->d_name) >= MANIFEST_NAME_BYTES)
			return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
			    "%s holds files that are no part of an index, such as %.60s", path, entry->d_name);
		memcpy(file->name, entry->d_name, strlen(entry->d_name) + 1);
		manifest->n_files++;
	}
	if (errno != 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot read folder %s", path);
	qsort(manifest->files, manifest->n_files, sizeof(manifest->files[0]), compare_names);
	return STATUS_OK;
}

static enum status
find_files(const char *path, const struct said *said, struct manifest *manifest, struct error *reterr)
{
	DIR *folder = opendir(path);
	enum status status;

	if (folder == NULL)
		return error_errno(reterr, STATUS_IO, errno, "cannot open folder %s", path);
	status = list_files(folder, path, said, manifest, reterr);
	(void)closedir(folder);
	return status;
}

static enum status
append_hashes(struct buf *all, const char *path, const struct blocks *blocks, struct error *reterr)
{
	enum status status = buf_append(all, blocks->hashes, blocks->n * sizeof(*blocks->hashes));

	if (status != STATUS_OK)
		return error_set(reterr, status, ERROR_NO_OFFSET, "the hashes of %s: %s", path, status_text(status));
	return STATUS_OK;
}

/* Hashes a file, unless it is as it was; of a table, appends the hashes of its blocks to `all`. */
static enum status
hash_one(const char *path, struct manifest_file *file, const struct manifest_base *base, struct buf *all,
    struct error *reterr)
{
	struct blocks blocks;
	size_t at = base != NULL ? find_in(base, file->name) : NOWHERE;
	enum status status;

	/* Nobody writes to an inverted file, nor gives its name to another. */
	if (at != NOWHERE && manifest_part_of(file->name) == MANIFEST_INVFILE) {
		*file = base->files[at];
		return append_hashes(all, path, &base->blocks[at], reterr);
	}
	if (!blocks_is_hashed(file->name))
		return hash_file(path, file, true, reterr);
	status = hash_table(path, file, true, base, &blocks, reterr);
	if (status != STATUS_OK)
		return status;
	status = append_hashes(all, path, &blocks, reterr);
	blocks_done(&blocks);
	return status;
}

/* Hashes all files, and writes the hashes of all blocks beside them. */
static enum status
hash_files(const char *path, const struct said *said, struct manifest *manifest, const struct manifest_base *base,
    struct error *reterr)
{
	char full[PATH_MAX];
	struct buf all;
	enum status status = find_files(path, said, manifest, reterr);

	buf_init(&all, BLOCKS_FILE_BYTES);
	for (size_t i = 0; status == STATUS_OK && i < manifest->n_files; i++)
		status = hash_one(path, &manifest->files[i], base, &all, reterr);
	if (status == STATUS_OK)
		status = path_join(full, path, BLOCKS_NAME, reterr);
	if (status == STATUS_OK)
		status = file_write_atomic(full, buf_str(&all), reterr);
	buf_done(&all);
	return status;
}

static enum status
read_said(const char *path, struct said *ret_said, struct error *reterr)
{
	struct xc_database *db;
	enum status status = xc_database_open(str_of(path), XC_BACKEND_GLASS, &db, reterr);

	if (status != STATUS_OK)
		return status;
	status = xc_database_revision(db, &ret_said->revision, reterr);
	if (status == STATUS_OK)
		status = layername_read(db, ret_said->layers, &ret_said->n_layers, reterr);
	xc_database_close(db);
	return status;
}

/* ---- The state before ------------------------------------------------------------------------ */

/* Takes the hashes of one table from the front of *all; false where they are not what the manifest says. */
static bool
take_table(struct manifest_base *base, const struct manifest_file *file, struct str *all)
{
	struct blocks *blocks = &base->blocks[base->n];
	size_t n = (size_t)((file->size + BLOCKS_BYTES - 1) / BLOCKS_BYTES);
	size_t bytes = n * sizeof(struct hash);
	struct hash found;

	if (base->n == TABLES || bytes > all->len)
		return false;
	found = hash_of((struct str) { all->p, bytes });
	if (!hash_eq(&found, &file->hash) || (blocks->hashes = calloc(n + 1, sizeof(struct hash))) == NULL)
		return false;
	if (bytes > 0)
		memcpy(blocks->hashes, all->p, bytes);
	blocks->n = n;
	base->files[base->n++] = *file;
	*all = (struct str) { all->p + bytes, all->len - bytes };
	return true;
}

static bool
take_tables(struct manifest_base *base, const struct manifest *manifest, struct str all)
{
	bool whole = true;

	base->revision = manifest->revision;
	for (size_t i = 0; whole && i < manifest->n_files; i++)
		if (blocks_is_hashed(manifest->files[i].name))
			whole = take_table(base, &manifest->files[i], &all);
	return whole && all.len == 0;
}

enum status
manifest_base_read(const char *path, struct manifest_base **ret_base, struct error *reterr)
{
	struct manifest *manifest = malloc(sizeof(*manifest));
	struct manifest_base *base = calloc(1, sizeof(*base));
	char full[PATH_MAX];
	struct buf all;
	bool whole;

	*ret_base = NULL;
	if (manifest == NULL || base == NULL) {
		free(manifest);
		free(base);
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	}
	buf_init(&all, BLOCKS_FILE_BYTES);
	whole = manifest_read(path, manifest, NULL) == STATUS_OK && manifest->sealed && manifest->has_blocks &&
		path_join(full, path, BLOCKS_NAME, NULL) == STATUS_OK && file_read(full, &all, NULL) == STATUS_OK &&
		take_tables(base, manifest, buf_str(&all));
	buf_done(&all);
	free(manifest);
	if (whole)
		*ret_base = base;
	else
		manifest_base_free(base);
	return STATUS_OK;
}

void
manifest_base_free(struct manifest_base *base)
{
	for (size_t i = 0; base != NULL && i < base->n; i++)
		blocks_done(&base->blocks[i]);
	free(base);
}

/* ---- Sealing --------------------------------------------------------------------------------- */

static enum status
manifest_new(const char *analysis, bool sealed, struct manifest **ret_manifest, struct error *reterr)
{
	struct manifest *manifest = calloc(1, sizeof(*manifest));

	if (manifest == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	if (strlen(analysis) >= sizeof(manifest->analysis)) {
		free(manifest);
		return error_set(reterr, STATUS_INTERNAL, ERROR_NO_OFFSET, "the analysis version is too long");
	}
	memcpy(manifest->schema, SCHEMA_VERSION, sizeof(SCHEMA_VERSION));
	memcpy(manifest->analysis, analysis, strlen(analysis) + 1);
	manifest->sealed = sealed;
	*ret_manifest = manifest;
	return STATUS_OK;
}

enum status
manifest_seal(
    const char *path, const char *analysis, uint32_t documents, const struct manifest_base *base, struct error *reterr)
{
	struct manifest *manifest = NULL;
	struct said said = { 0 };
	enum status status = manifest_new(analysis, true, &manifest, reterr);

	if (status != STATUS_OK)
		return status;
	manifest->documents = documents;
	manifest->has_blocks = true;
	status = read_said(path, &said, reterr);
	manifest->revision = said.revision;
	if (status == STATUS_OK)
		status = hash_files(path, &said, manifest, base, reterr);
	if (status == STATUS_OK)
		status = manifest_write(path, manifest, reterr);
	free(manifest);
	return status;
}

enum status
manifest_unseal(const char *path, const char *analysis, struct error *reterr)
{
	struct manifest *manifest = NULL;
	enum status status = manifest_new(analysis, false, &manifest, reterr);

	if (status != STATUS_OK)
		return status;
	status = manifest_write(path, manifest, reterr);
	free(manifest);
	return status;
}

/* ---- Comparing ------------------------------------------------------------------------------- */

static enum status
verify_files(const char *path, const struct manifest *manifest, struct error *reterr)
{
	for (size_t i = 0; i < manifest->n_files; i++) {
		struct manifest_file found = manifest->files[i];
		struct blocks blocks = { NULL, 0 };
		enum status status = manifest->has_blocks && blocks_is_hashed(found.name)
					 ? hash_table(path, &found, false, NULL, &blocks, reterr)
					 : hash_file(path, &found, false, reterr);

		blocks_done(&blocks);
		if (status != STATUS_OK)
			return status;
		if (found.size != manifest->files[i].size || !hash_eq(&found.hash, &manifest->files[i].hash))
			return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
			    "the index is damaged: %s/%s is not as it was written", path, found.name);
	}
	return STATUS_OK;
}

enum status
manifest_verify(const char *path, bool *ret_sealed, struct error *reterr)
{
	struct manifest *manifest = malloc(sizeof(*manifest));
	enum status status;

	if (manifest == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	status = manifest_read(path, manifest, reterr);
	if (status == STATUS_OK)
		status = verify_files(path, manifest, reterr);
	if (status == STATUS_OK && ret_sealed != NULL)
		*ret_sealed = manifest->sealed;
	free(manifest);
	return status;
}
