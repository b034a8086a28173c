/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/manifest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "store/layername.h"
#include "store/path.h"
#include "store/schema.h"

enum { MANIFEST_BYTES = 32 * 1024 };

/* The first kind had hashes of whole tables, the second has hashes of the hashes of their blocks. */
#define MANIFEST_FIRST_LINE_1 "voisin manifest 1"
#define MANIFEST_FIRST_LINE "voisin manifest 2"

/* ---- Writing --------------------------------------------------------------------------------- */

static void
print_manifest(struct buf *out, const struct manifest *manifest)
{
	char hex[HASH_HEX_BYTES + 1];
	struct hash self;

	(void)buf_printf(out, MANIFEST_FIRST_LINE "\nschema %s\nanalysis %s\nstate %s\n", manifest->schema,
	    manifest->analysis, manifest->sealed ? "sealed" : "open");
	if (manifest->sealed)
		(void)buf_printf(
		    out, "documents %" PRIu32 "\nrevision %" PRIu64 "\n", manifest->documents, manifest->revision);
	for (size_t i = 0; manifest->sealed && i < manifest->n_files; i++) {
		hash_to_hex(&manifest->files[i].hash, hex);
		(void)buf_printf(
		    out, "file %s %" PRIu64 " %s\n", manifest->files[i].name, manifest->files[i].size, hex);
	}
	self = hash_of(buf_str(out));
	hash_to_hex(&self, hex);
	(void)buf_printf(out, "end %s\n", hex);
}

enum status
manifest_write(const char *path, const struct manifest *manifest, struct error *reterr)
{
	char full[PATH_MAX];
	struct buf out;
	enum status status = path_join(full, path, MANIFEST_NAME, reterr);

	if (status != STATUS_OK)
		return status;
	buf_init(&out, MANIFEST_BYTES);
	print_manifest(&out, manifest);
	if (buf_status(&out) != STATUS_OK)
		status = error_set(reterr, buf_status(&out), ERROR_NO_OFFSET, "cannot write the manifest of %s: %s",
		    path, status_text(buf_status(&out)));
	else
		status = file_write_atomic(full, buf_str(&out), reterr);
	buf_done(&out);
	return status;
}

/* ---- Reading --------------------------------------------------------------------------------- */

/* Takes the next line, without its newline, from *rest.  False at the end. */
static bool
next_line(struct str *rest, struct str *ret_line)
{
	const char *newline = rest->len > 0 ? memchr(rest->p, '\n', rest->len) : NULL;

	if (newline == NULL)
		return false;
	*ret_line = (struct str) { rest->p, (size_t)(newline - rest->p) };
	rest->p = newline + 1;
	rest->len -= ret_line->len + 1;
	return true;
}

/* Copies what follows `key ` in the next line; false where the line is another or the value too long. */
static bool
read_field(struct str *rest, struct str key, char *out, size_t size)
{
	struct str line;

	if (!next_line(rest, &line) || !str_has_prefix(line, key) || line.len - key.len >= size)
		return false;
	memcpy(out, line.p + key.len, line.len - key.len);
	out[line.len - key.len] = '\0';
	return true;
}

/* Reads "file NAME SIZE HASH". */
static bool
read_file_line(struct str line, struct manifest_file *ret_file)
{
	char text[MANIFEST_NAME_BYTES + 64];
	char hex[HASH_HEX_BYTES + 1];
	int end = 0;

	if (line.len >= sizeof(text))
		return false;
	memcpy(text, line.p, line.len);
	text[line.len] = '\0';
	if (sscanf(text, "file %63s %" SCNu64 " %32s%n", ret_file->name, &ret_file->size, hex, &end) != 3)
		return false;
	return (size_t)end == line.len && strchr(ret_file->name, '/') == NULL &&
	       hash_from_hex(str_of(hex), &ret_file->hash);
}

static bool
read_files(struct str *rest, struct manifest *manifest)
{
	char documents[16];
	char *end = NULL;
	struct str line;

	if (!read_field(rest, STR("documents "), documents, sizeof(documents)))
		return false;
	manifest->documents = (uint32_t)strtoul(documents, &end, 10);
	if (end == documents || *end != '\0')
		return false;
	if (manifest->has_blocks) {
		char revision[24];

		if (!read_field(rest, STR("revision "), revision, sizeof(revision)))
			return false;
		manifest->revision = strtoull(revision, &end, 10);
		if (end == revision || *end != '\0')
			return false;
	}
	while (str_has_prefix(*rest, STR("file "))) {
		if (manifest->n_files == MANIFEST_FILES || !next_line(rest, &line) ||
		    !read_file_line(line, &manifest->files[manifest->n_files]))
			return false;
		manifest->n_files++;
	}
	return true;
}

/* The last line fingerprints all before it: checked first, so that the rest may be believed. */
static bool
check_self(struct str text, struct manifest *manifest)
{
	const size_t end_bytes = sizeof("end \n") - 1 + HASH_HEX_BYTES;
	struct str lines = { text.p, text.len - end_bytes };
	struct hash said;

	if (text.len < end_bytes || memcmp(lines.p + lines.len, "end ", 4) != 0 || text.p[text.len - 1] != '\n')
		return false;
	if (!hash_from_hex((struct str) { lines.p + lines.len + 4, HASH_HEX_BYTES }, &said))
		return false;
	manifest->self = hash_of(lines);
	return hash_eq(&manifest->self, &said);
}

static bool
parse_manifest(struct str text, struct manifest *manifest)
{
	char first[64];
	char state[16];

	memset(manifest, 0, sizeof(*manifest));
	if (!check_self(text, manifest))
		return false;
	if (!read_field(&text, STR(""), first, sizeof(first)))
		return false;
	manifest->has_blocks = strcmp(first, MANIFEST_FIRST_LINE) == 0;
	if (!manifest->has_blocks && strcmp(first, MANIFEST_FIRST_LINE_1) != 0)
		return false;
	if (!read_field(&text, STR("schema "), manifest->schema, sizeof(manifest->schema)) ||
	    !read_field(&text, STR("analysis "), manifest->analysis, sizeof(manifest->analysis)) ||
	    !read_field(&text, STR("state "), state, sizeof(state)))
		return false;
	manifest->sealed = strcmp(state, "sealed") == 0;
	if (!manifest->sealed && strcmp(state, "open") != 0)
		return false;
	if (manifest->sealed && !read_files(&text, manifest))
		return false;
	return str_has_prefix(text, STR("end "));
}

enum status
manifest_read(const char *path, struct manifest *ret_manifest, struct error *reterr)
{
	char full[PATH_MAX];
	struct buf text;
	enum status status = path_join(full, path, MANIFEST_NAME, reterr);

	if (status != STATUS_OK)
		return status;
	buf_init(&text, MANIFEST_BYTES);
	status = file_read(full, &text, reterr);
	if (status == STATUS_NOT_FOUND)
		status = error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
		    "%s has no manifest: it is no index, or a damaged one; rebuild it with voisin-index --full", path);
	else if (status == STATUS_LIMIT || status == STATUS_INVALID ||
		 (status == STATUS_OK && !parse_manifest(buf_str(&text), ret_manifest)))
		status = error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
		    "%s is damaged; rebuild the index with voisin-index --full", full);
	buf_done(&text);
	return status;
}

enum status
manifest_check_version(const struct manifest *manifest, const char *analysis, struct error *reterr)
{
	if (strcmp(manifest->schema, SCHEMA_VERSION) != 0)
		return error_set(reterr, STATUS_VERSION, ERROR_NO_OFFSET,
		    "the index has schema %.40s and this program reads schema %s; reindex with voisin-index --full",
		    manifest->schema, SCHEMA_VERSION);
	if (strcmp(manifest->analysis, analysis) != 0)
		return error_set(reterr, STATUS_VERSION, ERROR_NO_OFFSET,
		    "the index was made with %.80s and this program analyses with %.80s; reindex with voisin-index "
		    "--full",
		    manifest->analysis, analysis);
	return STATUS_OK;
}

enum manifest_part
manifest_part_of(const char *name)
{
	return layername_is_file(name, NULL) ? MANIFEST_INVFILE : MANIFEST_DATABASE;
}

static enum status
check_size(const char *path, const struct manifest_file *file, struct error *reterr)
{
	char full[PATH_MAX];
	struct stat st;
	enum status status = path_join(full, path, file->name, reterr);

	if (status != STATUS_OK)
		return status;
	if (lstat(full, &st) != 0)
		return error_errno(reterr, STATUS_CORRUPT, errno, "the index is damaged: %s", full);
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != file->size)
		return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
		    "the index is damaged: %s has %lld bytes instead of %llu", full, (long long)st.st_size,
		    (unsigned long long)file->size);
	return STATUS_OK;
}

enum status
manifest_check_sizes(const char *path, const struct manifest *manifest, enum manifest_part part, struct error *reterr)
{
	size_t met = 0;

	for (size_t i = 0; i < manifest->n_files; i++) {
		enum status status;

		if (manifest_part_of(manifest->files[i].name) != part)
			continue;
		status = check_size(path, &manifest->files[i], reterr);
		if (status != STATUS_OK)
			return status;
		met++;
	}
	if (manifest->sealed && part == MANIFEST_INVFILE && met == 0)
		return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
		    "the index is damaged: the manifest of %s lists no inverted file", path);
	return STATUS_OK;
}

static bool
lists(const struct manifest *manifest, const char *name)
{
	for (size_t i = 0; i < manifest->n_files; i++)
		if (strcmp(manifest->files[i].name, name) == 0)
			return true;
	return false;
}

enum status
manifest_check_layers(const char *path, const struct manifest *manifest, struct xc_database *db, struct error *reterr)
{
	uint32_t numbers[LIMIT_LAYERS];
	uint32_t n = 0;
	enum status status = layername_read(db, numbers, &n, reterr);

	for (uint32_t i = 0; status == STATUS_OK && manifest->sealed && i < n; i++) {
		char space[LAYERNAME_BYTES];
		const char *name = layername_file(numbers[i], space);

		if (!lists(manifest, name))
			status = error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
			    "the index is damaged: the manifest of %s does not list %s", path, name);
	}
	return status;
}
