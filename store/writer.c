/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/writer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "stemmer/analyzer.h"
#include "store/layers.h"
#include "store/lock.h"
#include "store/manifest.h"
#include "store/path.h"
#include "store/schema.h"
#include "store/writer-internal.h"
#include "xapian-c/terminate.h"

enum { METADATA_BYTES = 64 * 1024, DOOMED_BYTES = 256 * 1024 * 1024 };

/* ---- Opening --------------------------------------------------------------------------------- */

static enum status
make_folder(const char *dir, struct error *reterr)
{
	struct stat st;
	enum status status;

	if (mkdir(dir, 0777) == 0) {
		/* What is published in it must not be lost because its own name was. */
		status = parent_sync(dir, reterr);
		if (status != STATUS_OK)
			(void)rmdir(dir);
		return status;
	}
	if (errno != EEXIST)
		return error_errno(reterr, STATUS_IO, errno, "cannot make the index folder %s", dir);
	if (stat(dir, &st) != 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot stat %s", dir);
	if (!S_ISDIR(st.st_mode))
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "%s is not a folder", dir);
	return STATUS_OK;
}

/* The tables of known files and records, where they are those of this state. */
static enum status
open_known(struct store_writer *writer, const struct manifest *manifest, struct error *reterr)
{
	enum status status;

	if (!manifest->sealed)
		return STATUS_OK;
	status = flat_open(writer->dir, known_files(), &manifest->self, &writer->known, reterr);
	writer->records.manifest = manifest->self;
	if (status == STATUS_OK)
		status = flat_open(writer->dir, known_records(), &manifest->self, &writer->records.known, reterr);
	if (status != STATUS_OK || writer->known == NULL)
		return status;
	writer->kept = calloc(flat_count(writer->known) + 1, 1);
	if (writer->kept == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	return STATUS_OK;
}

/* Without its inverted file a lean generation is damaged. */
static enum status
check_invfile(const struct store_writer *writer, struct error *reterr)
{
	bool lean = false;
	enum status status = layers_are_lean(writer_database(writer), &lean, reterr);

	if (status != STATUS_OK || !lean || writer->invfile_fault.code == STATUS_OK)
		return status;
	if (reterr != NULL)
		*reterr = writer->invfile_fault;
	return writer->invfile_fault.code;
}

static enum status
check_generation(struct store_writer *writer, struct error *reterr)
{
	const char *path = writer->path;
	struct manifest *manifest = malloc(sizeof(*manifest));
	enum status status;

	if (manifest == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	status = manifest_read(path, manifest, reterr);
	if (status == STATUS_OK)
		status = manifest_check_version(manifest, analyzer_version(), reterr);
	if (status == STATUS_OK)
		status = manifest_check_sizes(path, manifest, MANIFEST_DATABASE, reterr);
	/* Whether that matters the database says. */
	if (status == STATUS_OK)
		writer->invfile_fault.code =
		    manifest_check_sizes(path, manifest, MANIFEST_INVFILE, &writer->invfile_fault);
	if (status == STATUS_OK)
		status = open_known(writer, manifest, reterr);
	writer->was_killed = status == STATUS_OK && !manifest->sealed;
	free(manifest);
	return status;
}

static void
lost_cb(void *arg, struct str id, enum store_put was, const struct error *why)
{
	struct store_writer *writer = arg;

	writer->records.is_lost = true;
	if (writer->options.refused_cb != NULL)
		writer->options.refused_cb(writer->options.arg, id, was, why);
}

static enum status
open_batch(struct store_writer *writer, bool create, struct error *reterr)
{
	struct batch_options options = { create, !create, lost_cb, writer };

	return batch_open(writer->path, &options, &writer->batch, reterr);
}

/* The bulk loader, where it knows the format of the installed library, or else Xapian. */
static enum status
open_build(struct store_writer *writer, struct error *reterr)
{
	enum status status = STATUS_VERSION;

	writer->fallback.code = STATUS_OK;
	if (!writer->options.without_bulk)
		status = bulk_probe(writer->dir, &writer->fallback);
	if (status == STATUS_VERSION)
		return open_batch(writer, true, reterr);
	if (status != STATUS_OK) {
		if (reterr != NULL)
			*reterr = writer->fallback;
		return status;
	}
	return bulk_open(writer->path, writer->options.processes, writer->options.lean, &writer->bulk, reterr);
}

enum status
writer_put_metadata(struct store_writer *writer, struct str key, struct str value, struct error *reterr)
{
	if (writer->bulk != NULL)
		return bulk_set_metadata(writer->bulk, key, value, reterr);
	return batch_set_metadata(writer->batch, key, value, reterr);
}

static enum status
start_build(struct store_writer *writer, struct error *reterr)
{
	char name[GENERATION_NAME_BYTES + 4];
	enum status status = generation_next(writer->dir, &writer->generation, reterr);

	if (status != STATUS_OK)
		return status;
	writer->is_build = true;
	(void)snprintf(name, sizeof(name), "%s.tmp", writer->generation.name);
	status = path_join(writer->path, writer->dir, name, reterr);
	if (status == STATUS_OK)
		status = open_build(writer, reterr);
	if (status == STATUS_OK)
		status = writer_put_metadata(writer, STR(SCHEMA_META_VERSION), STR(SCHEMA_VERSION), reterr);
	if (status == STATUS_OK)
		status = writer_put_metadata(writer, STR(SCHEMA_META_ANALYSIS), str_of(analyzer_version()), reterr);
	return status;
}

/* Opens the published generation for changes in place, or for a dry run. */
static enum status
open_published(struct store_writer *writer, struct error *reterr)
{
	enum status status = path_join(writer->path, writer->dir, writer->generation.name, reterr);

	if (status == STATUS_OK)
		status = check_generation(writer, reterr);
	if (status != STATUS_OK)
		return status;
	if (writer->options.dry_run)
		status = xc_database_open(str_of(writer->path), XC_BACKEND_GLASS, &writer->old, reterr);
	else
		status = open_batch(writer, false, reterr);
	if (status == STATUS_OK && writer->batch != NULL && writer->was_killed)
		batch_sweep(writer->batch);
	return status == STATUS_OK ? check_invfile(writer, reterr) : status;
}

static enum status
open_dry(struct store_writer *writer, struct error *reterr)
{
	enum status status = postings_builder_new(false, &writer->builder, reterr);

	if (status != STATUS_OK)
		return status;
	if (writer->options.mode == STORE_UPDATE)
		status = generation_current(writer->dir, &writer->generation, reterr);
	if (writer->options.mode == STORE_REBUILD || status == STATUS_NOT_FOUND) {
		writer->is_build = true;
		return STATUS_OK;
	}
	return status == STATUS_OK ? open_published(writer, reterr) : status;
}

static enum status
open_index(struct store_writer *writer, struct error *reterr)
{
	enum status status = make_folder(writer->dir, reterr);

	if (status == STATUS_OK)
		status = lock_take(writer->dir, &writer->lock_fd, reterr);
	if (status == STATUS_OK)
		status = generation_recover(writer->dir, reterr);
	if (status != STATUS_OK)
		return status;
	if (writer->options.mode == STORE_REBUILD)
		return start_build(writer, reterr);
	status = generation_current(writer->dir, &writer->generation, reterr);
	if (status == STATUS_NOT_FOUND)
		return start_build(writer, reterr);
	return status == STATUS_OK ? open_published(writer, reterr) : status;
}

void
store_writer_on_terminate(void (*terminate_cb)(void))
{
	xc_on_terminate(terminate_cb);
}

enum status
store_writer_open(
    const char *dir, const struct store_writer_options *options, struct store_writer **ret_writer, struct error *reterr)
{
	struct store_writer *writer = calloc(1, sizeof(*writer));
	enum status status;

	if (writer == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	writer->options = *options;
	writer->lock_fd = -1;
	buf_init(&writer->metadata, METADATA_BYTES);
	buf_init(&writer->file.path, PATH_MAX);
	buf_init(&writer->doomed_records, DOOMED_BYTES);
	if (dir[0] == '\0' || snprintf(writer->dir, sizeof(writer->dir), "%s", dir) >= PATH_MAX)
		status = error_set(
		    reterr, STATUS_INVALID, ERROR_NO_OFFSET, "the name of the index folder is empty or too long");
	else
		status = options->dry_run ? open_dry(writer, reterr) : open_index(writer, reterr);
	if (status != STATUS_OK) {
		store_writer_close(writer);
		return status;
	}
	*ret_writer = writer;
	return STATUS_OK;
}

void
store_writer_close(struct store_writer *writer)
{
	if (writer == NULL)
		return;
	batch_close(writer->batch);
	bulk_close(writer->bulk);
	xc_database_close(writer->old);
	postings_builder_free(writer->builder);
	/* A build that was not finished goes; where it was, its folder is no longer there. */
	if (writer->is_build && writer->lock_fd >= 0 && writer->path[0] != '\0')
		(void)path_remove_folder(writer->path, NULL);
	seen_done(&writer->seen);
	seen_done(&writer->dry_ids);
	buf_done(&writer->file.path);
	free(writer->file.before.ids);
	free(writer->file.met);
	for (size_t i = 0; i < writer->n_sources; i++)
		paths_done(&writer->sources[i].scope);
	free(writer->sources);
	flat_close(writer->known);
	writer_records_done(writer);
	manifest_base_free(writer->base);
	free(writer->kept);
	seen_done(&writer->touched);
	free(writer->vanished.v);
	seen_done(&writer->dry_moved);
	paths_done(&writer->spared);
	buf_done(&writer->metadata);
	free(writer->doomed.ids);
	buf_done(&writer->doomed_records);
	lock_drop(writer->lock_fd);
	free(writer);
}

bool
store_writer_is_build(const struct store_writer *writer)
{
	return writer->is_build;
}

const char *
store_writer_fallback(const struct store_writer *writer)
{
	return writer->fallback.code != STATUS_OK ? writer->fallback.message : NULL;
}

struct xc_database *
writer_database(const struct store_writer *writer)
{
	return writer->batch != NULL ? batch_database(writer->batch) : writer->old;
}

enum status
writer_unseal(struct store_writer *writer, struct error *reterr)
{
	enum status status;

	if (writer->unsealed || writer->is_build)
		return STATUS_OK;
	manifest_base_free(writer->base);
	status = manifest_base_read(writer->path, &writer->base, reterr);
	if (status == STATUS_OK)
		status = manifest_unseal(writer->path, analyzer_version(), reterr);
	writer->unsealed = status == STATUS_OK;
	return status;
}

/* ---- Finishing ------------------------------------------------------------------------------- */

/* Every accepted document must be there: the last guard against a batch that went missing. */
static enum status
check_count(const struct store_writer *writer, uint32_t documents, uint32_t refused, struct error *reterr)
{
	uint32_t expected = writer->added - refused - writer->deleted;

	if (writer->is_build && documents != expected)
		return error_set(reterr, STATUS_INTERNAL, ERROR_NO_OFFSET,
		    "%lu documents were accepted and the new index holds %lu: it is not published",
		    (unsigned long)expected, (unsigned long)documents);
	return STATUS_OK;
}

/* Replaces the build by a compacted copy, which is smaller and faster to search. */
static enum status
compact_build(struct store_writer *writer, uint32_t documents, struct error *reterr)
{
	char compacted[PATH_MAX];
	struct xc_database *db = NULL;
	xc_doccount count = 0;
	enum status status = path_join(compacted, writer->dir, "gen-compact.tmp", reterr);

	if (status == STATUS_OK)
		status = xc_database_open(str_of(writer->path), XC_BACKEND_GLASS, &db, reterr);
	if (status != STATUS_OK)
		return status;
	status = xc_database_compact(db, str_of(compacted), XC_COMPACT_NO_RENUMBER, 0, reterr);
	xc_database_close(db);
	if (status == STATUS_OK)
		status = path_remove_folder(writer->path, reterr);
	if (status == STATUS_OK && rename(compacted, writer->path) != 0)
		status = error_errno(reterr, STATUS_IO, errno, "cannot rename %s", compacted);
	if (status != STATUS_OK) {
		(void)path_remove_folder(compacted, NULL);
		return status;
	}
	status = xc_database_open(str_of(writer->path), XC_BACKEND_GLASS, &db, reterr);
	if (status == STATUS_OK)
		status = xc_database_doccount(db, &count, reterr);
	xc_database_close(db);
	if (status == STATUS_OK && count != documents)
		return error_set(reterr, STATUS_INTERNAL, ERROR_NO_OFFSET,
		    "the index holds %lu documents and its compacted copy %lu: it is not published",
		    (unsigned long)documents, (unsigned long)count);
	return status;
}

static enum status
publish(struct store_writer *writer, uint32_t documents, struct error *reterr)
{
	enum status status = manifest_seal(writer->path, analyzer_version(), documents, NULL, reterr);

	if (status == STATUS_OK)
		status = dir_sync(writer->path, reterr);
	if (status == STATUS_OK)
		status = generation_publish(writer->dir, &writer->generation, reterr);
	if (status == STATUS_OK)
		status = generation_prune(writer->dir, &writer->generation, reterr);
	return status;
}

/* Commits; closed then, for from here on nothing may change, nor be half-open when the folder is renamed. */
static enum status
finish_batch(struct store_writer *writer, uint32_t *ret_documents, struct error *reterr)
{
	enum status status = batch_commit(writer->batch, true, reterr);

	if (status == STATUS_OK && writer->unsealed)
		status = batch_merge(writer->batch, reterr);
	if (status == STATUS_OK)
		status = xc_database_doccount(writer_database(writer), ret_documents, reterr);
	if (status == STATUS_OK)
		status = check_count(writer, *ret_documents, batch_added_refused(writer->batch), reterr);
	if (status != STATUS_OK)
		return status;
	batch_many_touched(writer->batch, &writer->many_touched, &writer->touched_of);
	/* The manifest lists what there is. */
	if (writer->unsealed)
		batch_sweep(writer->batch);
	batch_close(writer->batch);
	writer->batch = NULL;
	return writer->is_build ? compact_build(writer, *ret_documents, reterr) : STATUS_OK;
}

/* What the loader writes is compact. */
static enum status
finish_bulk(struct store_writer *writer, uint32_t *ret_documents, struct error *reterr)
{
	enum status status =
	    bulk_finish(writer->bulk, writer->options.stop_cb, writer->options.arg, ret_documents, reterr);

	return status == STATUS_OK ? check_count(writer, *ret_documents, 0, reterr) : status;
}

enum status
store_writer_finish(struct store_writer *writer, struct error *reterr)
{
	uint32_t documents = 0;
	enum status status;

	if (writer->options.dry_run)
		return STATUS_OK;
	if (writer->unsealed)
		writer_make_records(writer);
	status =
	    writer->bulk != NULL ? finish_bulk(writer, &documents, reterr) : finish_batch(writer, &documents, reterr);
	if (status != STATUS_OK)
		return status;
	if (writer->is_build)
		status = publish(writer, documents, reterr);
	else if (writer->unsealed)
		status = manifest_seal(writer->path, analyzer_version(), documents, writer->base, reterr);
	if (status != STATUS_OK)
		return status;
	writer->unsealed = false;
	writer_note_known(writer);
	writer_note_records(writer);
	return STATUS_OK;
}

bool
store_writer_many_touched(const struct store_writer *writer, uint32_t *ret_touched, uint32_t *ret_of)
{
	*ret_touched = writer->many_touched;
	*ret_of = writer->touched_of;
	return writer->touched_of > 0;
}
