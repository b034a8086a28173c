/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/opened.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "invfile/file.h"
#include "stemmer/analyzer.h"
#include "store/manifest.h"
#include "store/path.h"
#include "store/sample.h"
#include "store/schema.h"

/* A run that ends may seal the manifest between two looks at it. */
enum { OPEN_ATTEMPTS = 5 };

void
opened_done(struct opened *opened)
{
	xc_database_close(opened->db);
	layers_done(&opened->layers);
	texts_free(opened->texts);
	free(opened->path);
	if (opened->folder_fd >= 0)
		(void)close(opened->folder_fd);
	if (opened->version_fd >= 0)
		(void)close(opened->version_fd);
	*opened = (struct opened) { .folder_fd = -1, .version_fd = -1 };
}

void
opened_note_version(struct opened *opened)
{
	int fd = openat(opened->folder_fd, OPENED_VERSION_FILE, O_RDONLY | O_CLOEXEC);
	struct stat now;

	if (opened->version_fd >= 0)
		(void)close(opened->version_fd);
	opened->version_fd = -1;
	if (fd < 0)
		return;
	if (fstat(fd, &now) != 0) {
		(void)close(fd);
		return;
	}
	opened->version_fd = fd;
	opened->version_dev = now.st_dev;
	opened->version_ino = now.st_ino;
}

static enum status
has_prefix(struct xc_database *db, struct str prefix, bool *ret_has, struct error *reterr)
{
	struct xc_terms *terms;
	struct str term;
	enum status status = xc_database_allterms(db, prefix, &terms, reterr);

	if (status != STATUS_OK)
		return status;
	status = xc_terms_next(terms, &term, reterr);
	xc_terms_free(terms);
	*ret_has = status == STATUS_OK;
	return status == STATUS_END ? STATUS_OK : status;
}

static enum status
has_prefix_in_file(const struct invfile *file, struct str prefix, bool *ret_has, struct error *reterr)
{
	struct invfile_terms terms;
	struct invfile_term found;
	struct str term;
	enum status status = invfile_terms_begin(&terms, file, prefix, reterr);

	if (status == STATUS_OK)
		status = invfile_terms_next(&terms, &term, &found, reterr);
	*ret_has = status == STATUS_OK;
	return status == STATUS_END ? STATUS_OK : status;
}

static enum status
find_unstemmed(struct opened *opened, struct error *reterr)
{
	/* A title may have the only words of another language. */
	static const struct str prefixes[] = { STR(SCHEMA_PREFIX_STEM SCHEMA_MARK_UNSTEMMED),
		STR(SCHEMA_PREFIX_TITLE_STEM SCHEMA_MARK_UNSTEMMED) };
	uint32_t n = layers_in_use(&opened->layers);
	enum status status = STATUS_OK;
	bool has = false;

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		for (uint32_t j = 0; status == STATUS_OK && !has && j < n; j++)
			status = has_prefix_in_file(opened->layers.v[j].its.file, prefixes[i], &has, reterr);
		if (status == STATUS_OK && !has && n == 0)
			status = has_prefix(opened->db, prefixes[i], &has, reterr);
	}
	opened->has_unstemmed = has;
	return status;
}

static enum status
note_unstemmed(struct opened *opened, struct error *reterr)
{
	struct error why = { STATUS_OK, ERROR_NO_OFFSET, "" };
	enum status status = find_unstemmed(opened, &why);

	if (status == STATUS_CORRUPT && layers_in_use(&opened->layers) > 0 && !opened->layers.lean) {
		layers_give_up(&opened->layers, &why);
		status = find_unstemmed(opened, &why);
	}
	if (status != STATUS_OK && reterr != NULL)
		*reterr = why;
	return status;
}

static enum status
note_revision(struct opened *opened, struct error *reterr)
{
	enum status status = xc_database_revision(opened->db, &opened->revision, reterr);

	if (status == STATUS_OK)
		(void)snprintf(
		    opened->stamp, sizeof(opened->stamp), "%s.%" PRIu64, opened->generation.name, opened->revision);
	return status;
}

/* A file that is missing was removed by a writer, which has made another commit since: unless there is none. */
static enum status
follow_layers(struct opened *opened, struct error *reterr)
{
	bool newest = false;
	enum status status = STATUS_STALE;

	for (int i = 0; status == STATUS_STALE && i < OPEN_ATTEMPTS; i++) {
		bool changed = false;

		status = layers_follow(&opened->layers, opened->db, newest, reterr);
		if (status != STATUS_STALE)
			break;
		opened_note_version(opened);
		if (xc_database_reopen(opened->db, &changed, reterr) != STATUS_OK)
			return STATUS_STALE;
		newest = !changed;
	}
	return status;
}

enum status
opened_follow(struct opened *opened, struct error *reterr)
{
	enum status status = follow_layers(opened, reterr);

	if (status == STATUS_OK)
		status = note_revision(opened, reterr);
	return status == STATUS_OK ? note_unstemmed(opened, reterr) : status;
}

/* The database must say of itself what the manifest says of it. */
static enum status
check_metadata(struct xc_database *db, struct error *reterr)
{
	struct str value;
	enum status status = xc_database_metadata(db, STR(SCHEMA_META_VERSION), &value, reterr);

	if (status == STATUS_OK && !str_eq(value, STR(SCHEMA_VERSION)))
		return error_set(reterr, STATUS_VERSION, ERROR_NO_OFFSET,
		    "the database does not have schema %s; reindex with voisin-index --full", SCHEMA_VERSION);
	if (status == STATUS_OK)
		status = xc_database_metadata(db, STR(SCHEMA_META_ANALYSIS), &value, reterr);
	if (status == STATUS_OK && !str_eq(value, str_of(analyzer_version())))
		return error_set(reterr, STATUS_VERSION, ERROR_NO_OFFSET,
		    "the database was analysed by another version; reindex with voisin-index --full");
	return status;
}

static enum status
open_database(const char *path, struct xc_database **ret_db, struct error *reterr)
{
	struct xc_database *db;
	enum status status = STATUS_STALE;

	/* STALE: a commit came between two reads of the opening. */
	for (int i = 0; status == STATUS_STALE && i < OPEN_ATTEMPTS; i++)
		status = xc_database_open(str_of(path), XC_BACKEND_GLASS, &db, reterr);
	if (status == STATUS_NOT_FOUND)
		return error_set(
		    reterr, STATUS_CORRUPT, ERROR_NO_OFFSET, "the index is damaged: no database in %s", path);
	if (status != STATUS_OK)
		return status;
	status = check_metadata(db, reterr);
	if (status != STATUS_OK) {
		xc_database_close(db);
		return status;
	}
	*ret_db = db;
	return STATUS_OK;
}

static enum status
check_count(const char *path, const struct manifest *manifest, struct xc_database *db, struct error *reterr)
{
	xc_doccount documents;
	enum status status = xc_database_doccount(db, &documents, reterr);

	if (status == STATUS_OK && manifest->sealed && documents != manifest->documents)
		return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
		    "the index is damaged: %lu documents instead of %lu in %s", (unsigned long)documents,
		    (unsigned long)manifest->documents, path);
	return status;
}

/* The inverted files of a lean generation are held against the manifest as tables are. */
static enum status
check_invfile(const char *path, const struct manifest *manifest, struct xc_database *db, struct error *reterr)
{
	bool lean = false;
	enum status status = layers_are_lean(db, &lean, reterr);

	if (status == STATUS_OK && lean)
		status = manifest_check_sizes(path, manifest, MANIFEST_INVFILE, reterr);
	if (status == STATUS_OK && lean)
		status = manifest_check_layers(path, manifest, db, reterr);
	if (status == STATUS_OK && lean)
		status = sample_check(path, manifest, MANIFEST_INVFILE, (uint64_t)clock_mono_ns(), reterr);
	return status;
}

/* Opens the database that `manifest` describes, where it is as described. */
static enum status
open_described(const char *path, const struct manifest *manifest, struct xc_database **ret_db, struct error *reterr)
{
	struct xc_database *db = NULL;
	enum status status = manifest_check_sizes(path, manifest, MANIFEST_DATABASE, reterr);

	if (status == STATUS_OK)
		status = sample_check(path, manifest, MANIFEST_DATABASE, (uint64_t)clock_mono_ns(), reterr);
	if (status == STATUS_OK)
		status = open_database(path, &db, reterr);
	if (status == STATUS_OK)
		status = check_count(path, manifest, db, reterr);
	if (status == STATUS_OK)
		status = check_invfile(path, manifest, db, reterr);
	if (status != STATUS_OK) {
		xc_database_close(db);
		return status;
	}
	*ret_db = db;
	return STATUS_OK;
}

/*
 * Opens the database at `path` and holds it against its manifest.  A writer may change both at any
 * time, so that a contradiction counts only when the manifest is still the same after it.
 */
static enum status
open_checked(const char *path, struct manifest manifests[2], struct xc_database **ret_db, struct error *reterr)
{
	for (int i = 0;; i++) {
		enum status status = manifest_read(path, &manifests[0], reterr);

		if (status == STATUS_OK)
			status = manifest_check_version(&manifests[0], analyzer_version(), reterr);
		if (status != STATUS_OK)
			return status;
		status = open_described(path, &manifests[0], ret_db, reterr);
		if (status == STATUS_OK || i == OPEN_ATTEMPTS)
			return status;
		if (manifest_read(path, &manifests[1], NULL) != STATUS_OK ||
		    hash_eq(&manifests[0].self, &manifests[1].self))
			return status;
	}
}

enum status
opened_open(const char *dir, const struct generation *generation, struct opened *ret_opened, struct error *reterr)
{
	struct opened opened = { .generation = *generation, .folder_fd = -1, .version_fd = -1 };
	struct manifest *manifests;
	char path[PATH_MAX];
	enum status status = path_join(path, dir, generation->name, reterr);

	if (status != STATUS_OK)
		return status;
	opened.layers.path = opened.path = strdup(path);
	if (opened.path == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	opened.folder_fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (opened.folder_fd < 0) {
		status = error_errno(reterr,
		    errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? STATUS_CORRUPT : STATUS_IO, errno,
		    "cannot open the index %s", path);
		opened_done(&opened);
		return status;
	}
	opened_note_version(&opened);
	manifests = malloc(2 * sizeof(*manifests));
	if (manifests == NULL)
		status = error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	else
		status = open_checked(path, manifests, &opened.db, reterr);
	opened.sealed = status == STATUS_OK && manifests[0].sealed;
	free(manifests);
	if (status == STATUS_OK)
		status = opened_follow(&opened, reterr);
	if (status == STATUS_OK)
		status = texts_open(opened.db, false, &opened.texts, reterr);
	if (status != STATUS_OK) {
		opened_done(&opened);
		return status;
	}
	*ret_opened = opened;
	return STATUS_OK;
}
