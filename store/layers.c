/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/layers.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "invfile/file.h"
#include "store/layername.h"
#include "store/path.h"
#include "store/schema.h"

static void
layer_done(struct layer *layer)
{
	layerfile_close(&layer->its);
	*layer = (struct layer) { .bytes = 0 };
}

static void
all_done(struct layers *layers)
{
	for (uint32_t i = 0; i < layers->n; i++)
		layer_done(&layers->v[i]);
	layers->n = 0;
}

void
layers_done(struct layers *layers)
{
	all_done(layers);
	*layers = (struct layers) { 0 };
}

void
layers_give_up(struct layers *layers, const struct error *why)
{
	for (uint32_t i = 0; i < layers->n; i++) {
		invfile_close(layers->v[i].its.file);
		layers->v[i].its.file = NULL;
		layers->views[i].file = NULL;
	}
	layers->why = *why;
}

enum status
layers_are_lean(struct xc_database *db, bool *ret_lean, struct error *reterr)
{
	struct str value;
	uint32_t last;
	enum status status = xc_database_metadata(db, STR(SCHEMA_META_TOUCHED), &value, reterr);

	return status == STATUS_OK ? touched_read_head(value, &last, ret_lean, reterr) : status;
}

/* ---- One layer ------------------------------------------------------------------------------- */

/* The same layer as of the commit before, or NULL. */
static struct layer *
layer_before(struct layers *layers, uint32_t number)
{
	for (uint32_t i = 0; i < layers->n; i++)
		if (layers->v[i].its.number == number)
			return &layers->v[i];
	return NULL;
}

/* Reads the set of a layer; where it is the one that is known the layer is left without one. */
static enum status
read_touched(struct xc_database *db, const struct layer *before, struct layer *layer, struct error *reterr)
{
	char space[LAYERNAME_BYTES];
	struct str value;
	enum status status = xc_database_metadata(db, layername_key(layer->its.number, space), &value, reterr);

	if (status != STATUS_OK)
		return status;
	layer->said = hash_of(value);
	if (before != NULL && hash_eq(&before->said, &layer->said))
		return STATUS_OK;
	return touched_read(&layer->its.touched, value, reterr);
}

static bool
is_for_our_weights(const struct bm25 *bm25)
{
	return !(bm25->k1 < BM25_K1 || bm25->k1 > BM25_K1 || bm25->b < BM25_B || bm25->b > BM25_B ||
		 bm25->min_normlen < BM25_MIN_NORMLEN || bm25->min_normlen > BM25_MIN_NORMLEN);
}

/* A file that has come from elsewhere, or has bounds for other weights, would answer wrongly. */
static enum status
check_file(const struct invfile *file, uint32_t number, uint32_t last, uint32_t last_docid, struct error *reterr)
{
	if (invfile_last_docid(file) != last || invfile_documents(file) != last)
		return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
		    "it has %lu documents up to number %lu, and the index says %lu",
		    (unsigned long)invfile_documents(file), (unsigned long)invfile_last_docid(file),
		    (unsigned long)last);
	if (invfile_has_docids(file) != (number > 0) || invfile_docid(file, last) > last_docid)
		return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET, "its documents are not those of the index");
	if (!is_for_our_weights(invfile_bm25(file)))
		return error_set(reterr, STATUS_VERSION, ERROR_NO_OFFSET,
		    "it was made for other weights; voisin-index --full makes a new one");
	return STATUS_OK;
}

/* Notes which file a layer has. */
static void
note_file(const char *full, struct layer *layer)
{
	struct stat st;

	if (stat(full, &st) != 0)
		return;
	layer->bytes = (uint64_t)st.st_size;
	layer->dev = st.st_dev;
	layer->ino = st.st_ino;
}

/* Opens the file of a layer; where it is the one that is open the layer is left without one. */
static enum status
open_file(const char *full, const struct layer *before, uint32_t last_docid, struct layer *layer, struct error *reterr)
{
	const struct touched *touched = layer->its.touched.words != NULL ? &layer->its.touched : &before->its.touched;
	enum status status;

	if (before != NULL && before->its.file != NULL && before->dev == layer->dev && before->ino == layer->ino)
		return STATUS_OK;
	status = invfile_open(full, &layer->its.file, reterr);
	return status == STATUS_OK ? check_file(layer->its.file, layer->its.number, touched->last, last_docid, reterr)
				   : status;
}

/* ---- All of them ----------------------------------------------------------------------------- */

/* What a file that is no good means: of a lean index, or else that none is used. */
static enum status
judge(struct layers *next, const char *full, bool newest, const struct error *why, struct error *reterr)
{
	if (why->code == STATUS_NOMEM)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "%s", why->message);
	if (why->code == STATUS_NOT_FOUND && !newest)
		return error_set(reterr, STATUS_STALE, ERROR_NO_OFFSET, "%s", why->message);
	if (next->lean)
		return error_set(
		    reterr, STATUS_CORRUPT, ERROR_NO_OFFSET, "the index is damaged: %s: %s", full, why->message);
	next->why = *why;
	return STATUS_OK;
}

/* Reads what a commit says of its i-th layer. */
static enum status
read_layer(struct layers *layers, struct xc_database *db, uint32_t last_docid, bool newest, struct layers *next,
    uint32_t i, struct error *reterr)
{
	struct error why = { STATUS_OK, ERROR_NO_OFFSET, "" };
	struct layer *layer = &next->v[i];
	struct layer *before = layer_before(layers, layer->its.number);
	char space[LAYERNAME_BYTES];
	char full[PATH_MAX];
	enum status status = path_join(full, layers->path, layername_file(layer->its.number, space), reterr);

	if (status == STATUS_OK)
		status = read_touched(db, before, layer, reterr);
	if (status != STATUS_OK)
		return status;
	if (i == 0)
		next->lean = (layer->its.touched.words != NULL ? &layer->its.touched : &before->its.touched)->lean;
	note_file(full, layer);
	if (next->why.code == STATUS_OK && open_file(full, before, last_docid, layer, &why) != STATUS_OK)
		return judge(next, full, newest, &why, reterr);
	return STATUS_OK;
}

/* Moves what did not change into the new state, and lets the rest of the old one go. */
static void
take_over(struct layers *layers, struct layers *next)
{
	for (uint32_t i = 0; i < next->n; i++) {
		struct layer *layer = &next->v[i];
		struct layer *before = layer_before(layers, layer->its.number);

		if (layer->its.file == NULL && before != NULL) {
			layer->its.file = before->its.file;
			before->its.file = NULL;
		}
		if (layer->its.touched.words == NULL) {
			layer->its.touched = before->its.touched;
			before->its.touched = (struct touched) { 0 };
		}
	}
	all_done(layers);
	*layers = *next;
}

static void
note_views(struct layers *layers)
{
	for (uint32_t i = 0; i < layers->n; i++) {
		const struct touched *touched = &layers->v[i].its.touched;

		layers->views[i] = (struct store_layer) { layers->v[i].its.file, { .words = touched->words,
										     .n_words = touched->n_words,
										     .n_set = touched->n_set,
										     .first = touched->last + 1 } };
	}
}

enum status
layers_follow(struct layers *layers, struct xc_database *db, bool newest, struct error *reterr)
{
	struct layers next = { .path = layers->path, .why = layers->why };
	uint32_t numbers[LIMIT_LAYERS];
	xc_docid last_docid = 0;
	uint32_t n = 0;
	enum status status = layername_read(db, numbers, &n, reterr);

	if (status == STATUS_OK)
		status = xc_database_lastdocid(db, &last_docid, reterr);
	for (uint32_t i = 0; status == STATUS_OK && i < n; i++) {
		next.v[next.n++].its.number = numbers[i];
		status = read_layer(layers, db, last_docid, newest, &next, i, reterr);
	}
	if (status != STATUS_OK) {
		all_done(&next);
		return status;
	}
	take_over(layers, &next);
	note_views(layers);
	if (layers->why.code != STATUS_OK) {
		const struct error why = layers->why;

		layers_give_up(layers, &why);
	}
	return STATUS_OK;
}
