/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/layer-set.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "invfile/cursor.h"
#include "store/layerfile.h"
#include "store/layername.h"
#include "store/schema.h"

enum { LAYERS = LIMIT_LAYERS - 1 /* without that of the full build */ };

struct layer_set {
	char path[PATH_MAX];
	struct touched base;
	bool is_base_changed;
	struct layerfile layers[LAYERS]; /* the oldest first */
	bool is_changed[LAYERS]; /* of each, since the last commit */
	size_t n;
	uint32_t named[LAYERS]; /* by the last commit */
	size_t n_named;
	uint32_t highest; /* number that was ever given */
	bool has_any; /* there are files in the folder, or were */
	bool is_given_up; /* all are to go with the next commit */
};

/* ---- Opening --------------------------------------------------------------------------------- */

static void
give_up(struct layer_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		layerfile_close(&set->layers[i]);
	set->n = 0;
	set->is_given_up = true;
}

void
layer_set_close(struct layer_set *set)
{
	if (set == NULL)
		return;
	for (size_t i = 0; i < set->n; i++)
		layerfile_close(&set->layers[i]);
	touched_done(&set->base);
	free(set);
}

static enum status
add_layer(struct layer_set *set, struct xc_database *db, uint32_t number, struct error *reterr)
{
	struct layerfile *layer = &set->layers[set->n++];
	char key[LAYERNAME_BYTES];
	struct str value;
	enum status status = xc_database_metadata(db, layername_key(number, key), &value, reterr);

	layer->number = number;
	return status == STATUS_OK ? touched_read(&layer->touched, value, reterr) : status;
}

static enum status
read_layers(struct layer_set *set, struct xc_database *db, struct error *reterr)
{
	uint32_t numbers[LIMIT_LAYERS];
	uint32_t n = 0;
	enum status status = layername_read(db, numbers, &n, reterr);

	/* The first is that of the full build. */
	for (uint32_t i = 1; status == STATUS_OK && i < n; i++)
		status = add_layer(set, db, numbers[i], reterr);
	return status;
}

static void
note_named(struct layer_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		set->named[i] = set->layers[i].number;
	set->n_named = set->n;
}

/* No layer has a number above the highest that was given. */
static enum status
read_highest(struct layer_set *set, struct xc_database *db, struct error *reterr)
{
	enum status status = layername_highest(db, &set->highest, reterr);

	if (status == STATUS_OK && set->n > 0 && set->layers[set->n - 1].number > set->highest)
		return layername_damaged(reterr);
	return status;
}

static enum status
open_files(struct layer_set *set, struct error *reterr)
{
	enum status status = STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && i < set->n; i++)
		status = layerfile_open(&set->layers[i], set->path, reterr);
	if (status == STATUS_CORRUPT && !set->base.lean) {
		give_up(set);
		return STATUS_OK;
	}
	return status;
}

static enum status
read_set(struct layer_set *set, struct xc_database *db, struct error *reterr)
{
	struct str value;
	enum status status = xc_database_metadata(db, STR(SCHEMA_META_TOUCHED), &value, reterr);

	if (status == STATUS_OK)
		status = touched_read(&set->base, value, reterr);
	if (status != STATUS_OK || set->base.last == 0)
		return status;
	set->has_any = true;
	status = read_layers(set, db, reterr);
	if (status == STATUS_OK)
		status = read_highest(set, db, reterr);
	if (status != STATUS_OK)
		return status;
	note_named(set);
	return open_files(set, reterr);
}

enum status
layer_set_open(const char *path, struct xc_database *db, struct layer_set **ret_set, struct error *reterr)
{
	struct layer_set *set = calloc(1, sizeof(*set));
	enum status status;

	if (set == NULL)
		return error_no_memory(reterr);
	(void)snprintf(set->path, sizeof(set->path), "%s", path);
	status = read_set(set, db, reterr);
	if (status != STATUS_OK) {
		layer_set_close(set);
		return status;
	}
	*ret_set = set;
	return STATUS_OK;
}

const struct touched *
layer_set_base(const struct layer_set *set)
{
	return &set->base;
}

/* ---- Changes --------------------------------------------------------------------------------- */

bool
layer_set_has_files(const struct layer_set *set)
{
	return set->base.last > 0 && !set->is_given_up;
}

void
layer_set_touch(struct layer_set *set, uint32_t docid)
{
	if (!layer_set_has_files(set))
		return;
	if (touched_note(&set->base, docid))
		set->is_base_changed = true;
	for (size_t i = 0; i < set->n; i++) {
		struct layerfile *layer = &set->layers[i];
		uint32_t number = invfile_number(layer->file, docid);

		if (number != CURSOR_END && invfile_docid(layer->file, number) == docid &&
		    touched_note(&layer->touched, number))
			set->is_changed[i] = true;
	}
}

/* ---- Metadata -------------------------------------------------------------------------------- */

static enum status
remove_key(struct xc_writable *writable, uint32_t number, struct error *reterr)
{
	char key[LAYERNAME_BYTES];

	return xc_writable_set_metadata(writable, layername_key(number, key), (struct str) { "", 0 }, reterr);
}

static enum status
put_touched(struct xc_writable *writable, struct str key, const struct touched *touched, struct error *reterr)
{
	struct buf value;
	enum status status;

	buf_init(&value, XC_METADATA_BYTES);
	status = touched_write(touched, &value, reterr);
	if (status == STATUS_OK)
		status = xc_writable_set_metadata(writable, key, buf_str(&value), reterr);
	buf_done(&value);
	return status;
}

static enum status
put_layer(struct xc_writable *writable, const struct layerfile *layer, struct error *reterr)
{
	char key[LAYERNAME_BYTES];

	return put_touched(writable, layername_key(layer->number, key), &layer->touched, reterr);
}

/* A whole index does without them from now on. */
static enum status
put_nothing(struct layer_set *set, struct xc_writable *writable, struct error *reterr)
{
	enum status status =
	    xc_writable_set_metadata(writable, STR(SCHEMA_META_TOUCHED), (struct str) { "", 0 }, reterr);

	for (size_t i = 0; status == STATUS_OK && i < set->n_named; i++)
		status = remove_key(writable, set->named[i], reterr);
	touched_done(&set->base);
	return status;
}

/* ---- Writing --------------------------------------------------------------------------------- */

static uint32_t
left_of(const struct layerfile *layer)
{
	return layer->touched.last - layer->touched.n_set;
}

/* Takes out layers from..to-1. */
static enum status
drop(struct layer_set *set, size_t from, size_t to, struct xc_writable *writable, struct error *reterr)
{
	enum status status = STATUS_OK;

	for (size_t i = from; status == STATUS_OK && i < to; i++)
		status = remove_key(writable, set->layers[i].number, reterr);
	if (status != STATUS_OK)
		return status;
	for (size_t i = from; i < to; i++)
		layerfile_close(&set->layers[i]);
	for (size_t i = to; i < set->n; i++) {
		set->layers[i - (to - from)] = set->layers[i];
		set->is_changed[i - (to - from)] = set->is_changed[i];
	}
	set->n -= to - from;
	return STATUS_OK;
}

/* Layers of which nothing is left. */
static enum status
drop_empty(struct layer_set *set, struct xc_writable *writable, struct error *reterr)
{
	enum status status = STATUS_OK;

	for (size_t i = set->n; status == STATUS_OK && i-- > 0;)
		if (left_of(&set->layers[i]) == 0)
			status = drop(set, i, i + 1, writable, reterr);
	return status;
}

/*
 * The first layer that is to be merged with those behind it and `documents` new ones, of which no file has more than its set of touched ones can
 * tell; set->n where there is none.  With `all` it is as many as can be.
 */
static size_t
first_merged(const struct layer_set *set, uint32_t documents, bool all)
{
	uint64_t behind = documents;
	size_t first = set->n;

	for (size_t i = set->n; i-- > 0;) {
		uint32_t left = left_of(&set->layers[i]);

		if (behind + left > LIMIT_FILE_DOCUMENTS)
			break;
		if (all || left <= behind)
			first = i;
		behind += left;
	}
	return first;
}

/* Has what is new written, and the layers from `first` on, to the file of `layer`. */
static enum status
write_file(
    struct layer_set *set, struct batch_worker *worker, size_t first, struct layerfile *layer, struct error *reterr)
{
	const struct layerfile *parts[LAYERS];
	uint32_t documents;
	enum status status;

	for (size_t i = first; i < set->n; i++)
		parts[i - first] = &set->layers[i];
	status = batch_worker_write(worker, layer->number, parts, set->n - first, &documents, reterr);
	if (status == STATUS_OK)
		status = touched_begin(&layer->touched, documents, reterr);
	if (status == STATUS_OK)
		status = dir_sync(set->path, reterr);
	return status == STATUS_OK ? layerfile_open(layer, set->path, reterr) : status;
}

static enum status
put_highest(struct layer_set *set, struct xc_writable *writable, struct error *reterr)
{
	char decimal[16];
	int n = snprintf(decimal, sizeof(decimal), "%" PRIu32, set->highest);

	return xc_writable_set_metadata(writable, STR(SCHEMA_META_LAYERS), (struct str) { decimal, (size_t)n }, reterr);
}

/* Puts a layer of what is new in the place of those from `first` on, which are merged into it. */
static enum status
replace(struct layer_set *set, struct batch_worker *worker, size_t first, struct xc_writable *writable,
    struct error *reterr)
{
	struct layerfile layer = { .number = set->highest + 1 };
	enum status status;

	if (set->highest == UINT32_MAX)
		return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
		    "the index has run out of numbers of inverted files; rebuild it with voisin-index --full");
	status = write_file(set, worker, first, &layer, reterr);
	if (status == STATUS_OK)
		status = put_layer(writable, &layer, reterr);
	if (status == STATUS_OK)
		status = drop(set, first, set->n, writable, reterr);
	if (status != STATUS_OK) {
		layerfile_close(&layer);
		return status;
	}
	set->highest = layer.number;
	set->is_changed[set->n] = false;
	set->layers[set->n++] = layer;
	return put_highest(set, writable, reterr);
}

static enum status
write_layers(struct layer_set *set, struct batch_worker *worker, struct xc_writable *writable, struct error *reterr)
{
	uint32_t documents = 0;
	size_t first;
	enum status status = worker != NULL ? batch_worker_sort(worker, &documents, reterr) : STATUS_OK;

	if (status == STATUS_OK)
		status = drop_empty(set, writable, reterr);
	if (status != STATUS_OK || documents == 0)
		return status;
	first = set->n < LAYERS ? set->n : first_merged(set, documents, true);
	if (first == LAYERS)
		return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
		    "the index has %d inverted files, too large to be merged (limit file_documents); rebuild it with "
		    "voisin-index --full",
		    LIMIT_LAYERS);
	return replace(set, worker, first, writable, reterr);
}

static enum status
put_changed(struct layer_set *set, struct xc_writable *writable, struct error *reterr)
{
	enum status status = STATUS_OK;

	if (set->is_base_changed)
		status = put_touched(writable, STR(SCHEMA_META_TOUCHED), &set->base, reterr);
	for (size_t i = 0; status == STATUS_OK && i < set->n; i++)
		if (set->is_changed[i])
			status = put_layer(writable, &set->layers[i], reterr);
	return status;
}

/* A whole index goes on without any where one of them is damaged. */
static enum status
settle(struct layer_set *set, enum status status, struct xc_writable *writable, struct error *reterr)
{
	if (status == STATUS_CORRUPT && !set->base.lean) {
		give_up(set);
		return put_nothing(set, writable, reterr);
	}
	return status == STATUS_OK ? put_changed(set, writable, reterr) : status;
}

enum status
layer_set_write(struct layer_set *set, struct batch_worker *worker, struct xc_writable *writable, struct error *reterr)
{
	if (set->base.last == 0)
		return STATUS_OK;
	if (set->is_given_up)
		return put_nothing(set, writable, reterr);
	return settle(set, write_layers(set, worker, writable, reterr), writable, reterr);
}

bool
layer_set_is_due(const struct layer_set *set)
{
	return layer_set_has_files(set) && first_merged(set, 0, false) < set->n;
}

enum status
layer_set_merge(struct layer_set *set, struct batch_worker *worker, struct xc_writable *writable, struct error *reterr)
{
	uint32_t documents;
	enum status status = batch_worker_sort(worker, &documents, reterr);

	if (status == STATUS_OK)
		status = replace(set, worker, first_merged(set, 0, false), writable, reterr);
	return settle(set, status, writable, reterr);
}

/* ---- Files that are not needed any more ------------------------------------------------------ */

static bool
is_named(const struct layer_set *set, uint32_t number)
{
	for (size_t i = 0; i < set->n_named; i++)
		if (set->named[i] == number)
			return true;
	for (size_t i = 0; i < set->n; i++)
		if (set->layers[i].number == number)
			return true;
	return false;
}

/* Removes what no commit names that somebody may read. */
static void
remove_unnamed(struct layer_set *set)
{
	DIR *folder = opendir(set->path);
	const struct dirent *entry;

	while (folder != NULL && (entry = readdir(folder)) != NULL) {
		uint32_t number = 0;

		if (!str_has_prefix(str_of(entry->d_name), STR(SCHEMA_INVFILE_LAYER)) ||
		    (layername_is_file(entry->d_name, &number) && is_named(set, number)))
			continue;
		(void)unlinkat(dirfd(folder), entry->d_name, 0);
	}
	if (folder != NULL)
		(void)closedir(folder);
}

void
layer_set_committed(struct layer_set *set)
{
	if (!set->has_any)
		return;
	remove_unnamed(set);
	note_named(set);
	set->is_base_changed = false;
	memset(set->is_changed, 0, sizeof(set->is_changed));
}

void
layer_set_sweep(struct layer_set *set)
{
	if (!set->has_any)
		return;
	note_named(set);
	remove_unnamed(set);
}
