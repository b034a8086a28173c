/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "stemmer/analyzer.h"
#include "store/encode.h"
#include "store/generation.h"
#include "store/ids.h"
#include "store/manifest.h"
#include "store/path.h"
#include "store/postings.h"
#include "store/schema.h"

#define VERSION_FILE "iamglass"

enum {
	GLANCE_NS = 500 * 1000,
	STAMP_BYTES = GENERATION_NAME_BYTES + 24,
	/* A run that ends may seal the manifest between two looks at it. */
	OPEN_ATTEMPTS = 5,
	/* How often a generation that could not be opened is tried again. */
	RETRY_MS = 1000
};

/* One opened generation. */
struct opened {
	struct generation generation;
	int folder_fd; /* keeps the folder's inode from being used again, so that a swap is seen */
	int version_fd; /* the same for the database's version file, which each commit replaces; -1: not known */
	dev_t version_dev;
	ino_t version_ino;
	struct xc_database *db;
	char stamp[STAMP_BYTES];
	uint64_t revision;
	bool has_unstemmed;
	struct invfile *invfile; /* or NULL */
	struct store_touched touched;
};

struct store_reader {
	char dir[PATH_MAX];
	char version_path[PATH_MAX]; /* by way of `current` */
	struct opened opened;
	struct ids *ids; /* of what is opened */
	uint64_t changes;
	int64_t looked_ns; /* when a commit or a switch was last looked for */
	char refused[GENERATION_NAME_BYTES];
	struct error refused_why;
	int64_t refused_ms;
};

/* ---- Opening a generation -------------------------------------------------------------------- */

static void
opened_done(struct opened *opened)
{
	xc_database_close(opened->db);
	if (opened->folder_fd >= 0)
		(void)close(opened->folder_fd);
	if (opened->version_fd >= 0)
		(void)close(opened->version_fd);
	*opened = (struct opened) { .folder_fd = -1, .version_fd = -1 };
}

/*
 * Notes which version file is there.  To be called before the database is opened or reopened: a commit
 * between the two is then looked into once too often, and never missed.
 */
static void
note_version(struct opened *opened)
{
	int fd = openat(opened->folder_fd, VERSION_FILE, O_RDONLY | O_CLOEXEC);
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

/* Notes what holds for one revision. */
static enum status
note_revision(struct opened *opened, struct error *reterr)
{
	struct xc_database *db = opened->db;
	enum status status = xc_database_revision(db, &opened->revision, reterr);

	if (status == STATUS_OK)
		status = has_prefix(db, STR(SCHEMA_PREFIX_STEM SCHEMA_MARK_UNSTEMMED), &opened->has_unstemmed, reterr);
	/* A title may have the only words of another language. */
	if (status == STATUS_OK && !opened->has_unstemmed)
		status =
		    has_prefix(db, STR(SCHEMA_PREFIX_TITLE_STEM SCHEMA_MARK_UNSTEMMED), &opened->has_unstemmed, reterr);
	if (status == STATUS_OK)
		(void)snprintf(
		    opened->stamp, sizeof(opened->stamp), "%s.%" PRIu64, opened->generation.name, opened->revision);
	return status;
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

/* Opens the database that `manifest` describes, where it is as described. */
static enum status
open_described(const char *path, const struct manifest *manifest, struct xc_database **ret_db, struct error *reterr)
{
	struct xc_database *db = NULL;
	enum status status = manifest_check_sizes(path, manifest, reterr);

	if (status == STATUS_OK)
		status = open_database(path, &db, reterr);
	if (status == STATUS_OK)
		status = check_count(path, manifest, db, reterr);
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

static enum status
open_generation(const char *dir, const struct generation *generation, struct opened *ret_opened, struct error *reterr)
{
	struct opened opened = { .generation = *generation, .folder_fd = -1, .version_fd = -1 };
	struct manifest *manifests;
	char path[PATH_MAX];
	enum status status = path_join(path, dir, generation->name, reterr);

	if (status != STATUS_OK)
		return status;
	opened.folder_fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (opened.folder_fd < 0)
		return error_errno(reterr,
		    errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? STATUS_CORRUPT : STATUS_IO, errno,
		    "cannot open the index %s", path);
	note_version(&opened);
	manifests = malloc(2 * sizeof(*manifests));
	if (manifests == NULL)
		status = error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	else
		status = open_checked(path, manifests, &opened.db, reterr);
	free(manifests);
	if (status == STATUS_OK)
		status = note_revision(&opened, reterr);
	if (status != STATUS_OK) {
		opened_done(&opened);
		return status;
	}
	*ret_opened = opened;
	return STATUS_OK;
}

enum status
store_reader_open(const char *dir, struct store_reader **ret_reader, struct error *reterr)
{
	struct store_reader *reader = calloc(1, sizeof(*reader));
	struct generation generation;
	enum status status = STATUS_OK;

	if (reader == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	reader->opened.folder_fd = reader->opened.version_fd = -1;
	if (snprintf(reader->dir, sizeof(reader->dir), "%s", dir) >= PATH_MAX ||
	    snprintf(reader->version_path, sizeof(reader->version_path), "%s/current/" VERSION_FILE, dir) >= PATH_MAX)
		status = error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "the name of the index folder is too long");
	if (status == STATUS_OK && ids_new(&reader->ids) != STATUS_OK)
		status = error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	if (status == STATUS_OK)
		status = generation_current(reader->dir, &generation, reterr);
	if (status == STATUS_OK)
		status = open_generation(reader->dir, &generation, &reader->opened, reterr);
	if (status != STATUS_OK) {
		store_reader_close(reader);
		return status;
	}
	*ret_reader = reader;
	return STATUS_OK;
}

void
store_reader_close(struct store_reader *reader)
{
	if (reader == NULL)
		return;
	opened_done(&reader->opened);
	ids_free(reader->ids);
	free(reader);
}

/* ---- Moving on ------------------------------------------------------------------------------- */

/*
 * Whether nothing moved since the last look: `current` leads to the version file that was there before the database
 * was opened.  A commit and another generation have one with another inode, for ours is kept open.
 */
static bool
is_unmoved(const struct store_reader *reader)
{
	struct stat now;

	return reader->opened.version_fd >= 0 && stat(reader->version_path, &now) == 0 &&
	       now.st_dev == reader->opened.version_dev && now.st_ino == reader->opened.version_ino;
}

/* Whether the folder at the generation's path is still the one that was opened. */
static bool
is_same_folder(const struct store_reader *reader, const struct generation *generation)
{
	char path[PATH_MAX];
	struct stat now;
	struct stat then;

	if (generation->number != reader->opened.generation.number ||
	    path_join(path, reader->dir, generation->name, NULL) != STATUS_OK)
		return false;
	return lstat(path, &now) == 0 && fstat(reader->opened.folder_fd, &then) == 0 && now.st_dev == then.st_dev &&
	       now.st_ino == then.st_ino;
}

static void
note_refused(struct store_reader *reader, const char *name, const struct error *why)
{
	(void)snprintf(reader->refused, sizeof(reader->refused), "%s", name);
	reader->refused_why = *why;
	reader->refused_ms = clock_mono_ms();
}

static void
move_to(struct store_reader *reader, const struct opened *opened)
{
	opened_done(&reader->opened);
	reader->opened = *opened;
	ids_forget(reader->ids);
	reader->refused[0] = '\0';
	reader->refused_why.message[0] = '\0';
}

static bool
is_refused_lately(const struct store_reader *reader, const char *name)
{
	return strcmp(reader->refused, name) == 0 && clock_mono_ms() - reader->refused_ms < RETRY_MS;
}

/* Another generation is served: open it, or stay. */
static void
follow_switch(struct store_reader *reader, const struct generation *generation, bool *ret_changed)
{
	struct error why = { STATUS_OK, ERROR_NO_OFFSET, "" };
	struct opened opened;

	if (is_refused_lately(reader, generation->name))
		return;
	if (open_generation(reader->dir, generation, &opened, &why) != STATUS_OK) {
		note_refused(reader, generation->name, &why);
		return;
	}
	move_to(reader, &opened);
	*ret_changed = true;
}

/* The same generation: a commit in place.  What reopen() cannot do, a new object may. */
static enum status
follow_commit(struct store_reader *reader, bool *ret_changed, struct error *reterr)
{
	struct opened opened;
	bool changed = false;
	enum status status;

	note_version(&reader->opened);
	status = xc_database_reopen(reader->opened.db, &changed, reterr);
	if (status == STATUS_OK && changed) {
		ids_forget(reader->ids);
		status = note_revision(&reader->opened, reterr);
	}
	if (status == STATUS_OK) {
		*ret_changed = changed;
		return STATUS_OK;
	}
	status = open_generation(reader->dir, &reader->opened.generation, &opened, reterr);
	if (status != STATUS_OK)
		return status;
	move_to(reader, &opened);
	*ret_changed = true;
	return STATUS_OK;
}

/* Something moved, or may have: look what. */
static enum status
follow(struct store_reader *reader, bool *ret_changed, struct error *reterr)
{
	struct generation generation;
	struct error why = { STATUS_OK, ERROR_NO_OFFSET, "" };
	enum status status = generation_current(reader->dir, &generation, &why);

	if (status != STATUS_OK)
		note_refused(reader, "current", &why);
	else if (!is_same_folder(reader, &generation))
		follow_switch(reader, &generation, ret_changed);
	else {
		status = follow_commit(reader, ret_changed, reterr);
		if (status != STATUS_OK)
			return status;
		reader->refused[0] = '\0';
	}
	return STATUS_OK;
}

enum status
store_reader_refresh(struct store_reader *reader, bool *ret_changed, struct error *reterr)
{
	bool changed = false;
	enum status status = STATUS_OK;

	reader->looked_ns = clock_mono_ns();
	if (is_unmoved(reader))
		reader->refused[0] = '\0';
	else
		status = follow(reader, &changed, reterr);
	reader->changes += changed;
	if (status == STATUS_OK && ret_changed != NULL)
		*ret_changed = changed;
	return status;
}

enum status
store_reader_glance(struct store_reader *reader, struct error *reterr)
{
	if (clock_mono_ns() - reader->looked_ns < GLANCE_NS)
		return STATUS_OK;
	return store_reader_refresh(reader, NULL, reterr);
}

/* ---- Reading --------------------------------------------------------------------------------- */

struct xc_database *
store_reader_database(const struct store_reader *reader)
{
	return reader->opened.db;
}

const struct invfile *
store_reader_invfile(const struct store_reader *reader)
{
	return reader->opened.invfile;
}

const struct store_touched *
store_reader_touched(const struct store_reader *reader)
{
	return &reader->opened.touched;
}

uint64_t
store_reader_changes(const struct store_reader *reader)
{
	return reader->changes;
}

bool
store_reader_has_unstemmed(const struct store_reader *reader)
{
	return reader->opened.has_unstemmed;
}

struct str
store_reader_stamp(const struct store_reader *reader)
{
	return str_of(reader->opened.stamp);
}

enum status
store_reader_document(const struct store_reader *reader, uint32_t docid, struct arena *arena,
    struct store_document *ret_document, struct error *reterr)
{
	struct xc_document *doc;
	struct str data;
	enum status status = xc_database_document(reader->opened.db, docid, &doc, reterr);

	if (status != STATUS_OK)
		return status;
	status = xc_document_data(doc, &data, reterr);
	if (status == STATUS_OK) {
		data = arena_str(arena, data);
		if (data.p == NULL)
			status = error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "no room for the document");
	}
	xc_document_free(doc);
	return status == STATUS_OK ? document_decode(data, ret_document, reterr) : status;
}

static enum status
copy_id(struct arena *arena, struct str id, struct str *ret_id, struct error *reterr)
{
	struct str copy = arena_str(arena, id);

	if (copy.p == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "no room for an id");
	*ret_id = copy;
	return STATUS_OK;
}

/* The id of one document, or why there is none. */
static enum status
read_id(
    const struct store_reader *reader, uint32_t docid, struct arena *arena, struct str *ret_id, struct error *reterr)
{
	struct xc_document *doc;
	struct str value;
	enum status status = xc_database_document(reader->opened.db, docid, &doc, reterr);

	if (status != STATUS_OK)
		return status;
	status = xc_document_value(doc, SCHEMA_VALUE_ID, &value, reterr);
	if (status == STATUS_OK && value.len == 0)
		status = error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET, "a document of the index has no id");
	if (status == STATUS_OK)
		status = copy_id(arena, value, ret_id, reterr);
	xc_document_free(doc);
	return status;
}

enum status
store_reader_id(
    const struct store_reader *reader, uint32_t docid, struct arena *arena, struct str *ret_id, struct error *reterr)
{
	struct str id;
	enum status status = ids_get(reader->ids, reader->opened.db, docid, &id, reterr);

	if (status != STATUS_OK)
		return status;
	return id.len > 0 ? copy_id(arena, id, ret_id, reterr) : read_id(reader, docid, arena, ret_id, reterr);
}

enum status
store_reader_find(const struct store_reader *reader, struct str id, uint32_t *ret_docid, struct error *reterr)
{
	char space[LIMIT_ID_BYTES + 1];
	struct xc_postings *postings;
	enum status status;

	if (id.len == 0 || id.len > LIMIT_ID_BYTES)
		return error_set(reterr, STATUS_NOT_FOUND, ERROR_NO_OFFSET, "no document has this id");
	status = xc_database_postlist(reader->opened.db, postings_id_term(id, space, sizeof(space)), &postings, reterr);
	if (status != STATUS_OK)
		return status;
	status = xc_postings_next(postings, ret_docid, reterr);
	xc_postings_free(postings);
	if (status == STATUS_END)
		return error_set(reterr, STATUS_NOT_FOUND, ERROR_NO_OFFSET, "no document has this id");
	return status;
}

enum status
store_reader_stats(const struct store_reader *reader, struct store_stats *ret_stats, struct error *reterr)
{
	struct store_stats stats = { 0 };
	char decimal[24] = "0";
	xc_doccount documents = 0;
	struct str words;
	enum status status = xc_database_doccount(reader->opened.db, &documents, reterr);

	if (status == STATUS_OK)
		status = xc_database_metadata(reader->opened.db, STR(SCHEMA_META_WORDS), &words, reterr);
	if (status != STATUS_OK)
		return status;
	if (words.len > 0 && words.len < sizeof(decimal)) {
		memcpy(decimal, words.p, words.len);
		decimal[words.len] = '\0';
	}
	stats.documents = documents;
	stats.words = strtoull(decimal, NULL, 10);
	stats.generation = str_of(reader->opened.generation.name);
	stats.revision = reader->opened.revision;
	stats.refused_generation = str_of(reader->refused);
	stats.refused_why = reader->refused[0] != '\0' ? str_of(reader->refused_why.message) : str_of("");
	*ret_stats = stats;
	return STATUS_OK;
}
