/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The batch: opening, committing, and what is done after a failure.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/file.h"
#include "store/batch-internal.h"
#include "store/schema.h"

enum {
	/* Small flushes are faster than Xapian's 10,000 documents, and take less memory. */
	COMMIT_DOCUMENTS = 1000,
	COMMIT_BYTES = 8 * 1024 * 1024,
	/* Where there are readers each commit also makes an inverted file, and is synced. */
	COMMIT_DOCUMENTS_FOR_READERS = 4000,
	/* Where commits have to keep apart a batch may grow to this, and then waits. */
	COMMIT_DOCUMENTS_MAX = 5000,
	COMMIT_BYTES_MAX = 32 * 1024 * 1024,
	COMMIT_SPACING_MS = 1000
};

/* ---- The database ---------------------------------------------------------------------------- */

static enum status
read_totals(struct batch *batch, struct error *reterr)
{
	struct xc_database *db = xc_writable_database(batch->writable);
	struct str words;
	char decimal[24] = "0";
	xc_docid last;
	enum status status = xc_database_lastdocid(db, &last, reterr);

	if (status == STATUS_OK)
		status = xc_database_metadata(db, STR(SCHEMA_META_WORDS), &words, reterr);
	if (status != STATUS_OK)
		return status;
	if (words.len > 0 && words.len < sizeof(decimal)) {
		memcpy(decimal, words.p, words.len);
		decimal[words.len] = '\0';
	}
	batch->words = batch->words_committed = strtoll(decimal, NULL, 10);
	batch->next_docid = last + 1;
	return STATUS_OK;
}

/* At its last commit. */
static enum status
open_database(struct batch *batch, bool create, struct error *reterr)
{
	unsigned flags = create ? XC_DB_CREATE : XC_DB_OPEN;
	enum status status;

	if (!batch->options.for_readers)
		flags |= XC_DB_NO_SYNC;
	batch_worker_stop(batch->worker);
	xc_writable_close(batch->writable);
	layer_set_close(batch->layers);
	batch->worker = NULL;
	batch->writable = NULL;
	batch->layers = NULL;
	batch->in_transaction = false;
	status = xc_writable_open(str_of(batch->path), flags, 0, &batch->writable, reterr);
	if (status != STATUS_OK)
		return status;
	return layer_set_open(batch->path, xc_writable_database(batch->writable), &batch->layers, reterr);
}

enum status
batch_open(const char *path, const struct batch_options *options, struct batch **ret_batch, struct error *reterr)
{
	struct batch *batch = calloc(1, sizeof(*batch));
	enum status status;

	if (batch == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	(void)snprintf(batch->path, sizeof(batch->path), "%s", path);
	batch->options = *options;
	status = open_database(batch, options->create, reterr);
	if (status == STATUS_OK)
		status = postings_builder_new(layer_set_base(batch->layers)->lean, &batch->builder, reterr);
	if (status == STATUS_OK)
		status = read_totals(batch, reterr);
	if (status != STATUS_OK) {
		batch_close(batch);
		return status;
	}
	*ret_batch = batch;
	return STATUS_OK;
}

static void
forget_changes(struct batch *batch)
{
	for (size_t i = 0; i < batch->n_changes; i++)
		free(batch->changes[i]);
	batch->n_changes = 0;
	batch->n_handed = 0;
	batch->next = 0;
	batch->n_bytes = 0;
	batch->n_documents = 0;
}

void
batch_close(struct batch *batch)
{
	if (batch == NULL)
		return;
	batch_worker_stop(batch->worker);
	xc_writable_close(batch->writable);
	postings_builder_free(batch->builder);
	texts_free(batch->texts);
	forget_changes(batch);
	layer_set_close(batch->layers);
	free(batch->changes);
	free(batch);
}

struct xc_database *
batch_database(struct batch *batch)
{
	return xc_writable_database(batch->writable);
}

uint32_t
batch_next_docid(const struct batch *batch)
{
	return batch->next_docid;
}

void
batch_many_touched(const struct batch *batch, uint32_t *ret_touched, uint32_t *ret_of)
{
	const struct touched *touched = layer_set_base(batch->layers);
	bool many = touched_is_many(touched);

	*ret_touched = many ? touched->n_set : 0;
	*ret_of = many ? touched->last : 0;
}

uint32_t
batch_added_refused(const struct batch *batch)
{
	return batch->added_refused;
}

/* ---- Committing ------------------------------------------------------------------------------ */

/* Readers keep one older commit readable, so that commits must not chase each other. */
static void
wait_for_spacing(const struct batch *batch)
{
	int64_t left_ms;

	if (!batch->options.for_readers || batch->committed_ms == 0)
		return;
	while ((left_ms = batch->committed_ms + COMMIT_SPACING_MS - clock_mono_ms()) > 0) {
		struct timespec pause = { left_ms / 1000, (left_ms % 1000) * 1000 * 1000 };

		(void)nanosleep(&pause, NULL);
	}
}

static enum status
put_words(struct batch *batch, struct error *reterr)
{
	char decimal[24];
	int n = snprintf(decimal, sizeof(decimal), "%" PRId64, batch->words);

	if (batch->words == batch->words_committed)
		return STATUS_OK;
	return xc_writable_set_metadata(
	    batch->writable, STR(SCHEMA_META_WORDS), (struct str) { decimal, (size_t)n }, reterr);
}

static enum status
commit_transaction(struct batch *batch, struct error *reterr)
{
	enum status status;

	if (!batch->in_transaction)
		return STATUS_OK;
	status = put_words(batch, reterr);
	if (status == STATUS_OK)
		status = layer_set_write(batch->layers, batch->worker, batch->writable, reterr);
	if (status == STATUS_OK)
		status = xc_writable_commit_transaction(batch->writable, reterr);
	if (status != STATUS_OK)
		return status;
	batch->in_transaction = false;
	batch->words_committed = batch->words;
	batch->committed_ms = clock_mono_ms();
	return STATUS_OK;
}

/* The batch is over: every later call answers what happened. */
static enum status
fail(struct batch *batch, enum status status, const struct error *why, struct error *reterr)
{
	batch->failed = *why;
	batch->failed.code = status;
	if (reterr != NULL)
		*reterr = batch->failed;
	return status;
}

enum status
batch_check_failed(const struct batch *batch, struct error *reterr)
{
	if (batch->failed.code != STATUS_OK && reterr != NULL)
		*reterr = batch->failed;
	return batch->failed.code;
}

/* A folder that cannot be synced ends the batch: what is on the disk is then anybody's guess. */
static enum status
commit_and_sync(struct batch *batch, struct error *reterr)
{
	struct error why = { STATUS_OK, ERROR_NO_OFFSET, "" };
	enum status status = batch_apply_rest(batch, reterr);

	if (status == STATUS_OK)
		status = commit_transaction(batch, reterr);
	if (status == STATUS_OK && batch->options.for_readers) {
		status = dir_sync(batch->path, &why);
		if (status != STATUS_OK)
			return fail(batch, status, &why, reterr);
	}
	if (status != STATUS_OK)
		return status;
	layer_set_committed(batch->layers);
	if (batch->worker == NULL)
		return STATUS_OK;
	/* What is committed must not be made again. */
	status = batch_worker_reset(batch->worker, &why);
	return status == STATUS_OK ? STATUS_OK : fail(batch, status, &why, reterr);
}

/* ---- After a failure ------------------------------------------------------------------------- */

static bool
is_fault_of_document(enum status status)
{
	return status == STATUS_INVALID || status == STATUS_LIMIT || status == STATUS_INTERNAL;
}

/* Opens the database at its last commit. */
static enum status
reopen(struct batch *batch, struct error *reterr)
{
	enum status status = open_database(batch, false, reterr);

	batch->words = batch->words_committed;
	return status;
}

/* A worker that ended twice ends the batch: whether the document or a signal is to blame is not known, and the next run is to try it again. */
static enum status
refuse_or_fail(struct batch *batch, const struct change *change, const struct error *why, struct error *reterr)
{
	if (change->kind != CHANGE_PUT || !is_fault_of_document(why->code) || batch_worker_is_gone(batch->worker)) {
		if (reterr != NULL)
			*reterr = *why;
		return why->code;
	}
	batch->added_refused += change->what == STORE_ADDED;
	if (batch->options.refused_cb != NULL)
		batch->options.refused_cb(batch->options.arg, change->document.id, change->what, why);
	return reopen(batch, reterr);
}

/* Makes the changes from..to-1 again from the last commit, and commits them, save those that fail alone. */
static enum status
replay(struct batch *batch, size_t from, size_t to, struct error *reterr)
{
	struct error why = { STATUS_OK, ERROR_NO_OFFSET, "" };
	size_t middle = from + (to - from) / 2;
	enum status status = reopen(batch, reterr);

	if (status != STATUS_OK)
		return status;
	batch->n_handed = batch->next = from;
	for (size_t i = from; status == STATUS_OK && i < to; i++)
		status = batch_apply(batch, batch->changes[i], &why);
	if (status == STATUS_OK)
		status = batch_apply_rest(batch, &why);
	if (status == STATUS_OK) {
		wait_for_spacing(batch);
		status = commit_and_sync(batch, &why);
	}
	if (status == STATUS_OK)
		return STATUS_OK;
	if (batch->failed.code != STATUS_OK)
		return batch_check_failed(batch, reterr);
	if (to - from == 1 || !is_fault_of_document(why.code))
		return refuse_or_fail(batch, batch->changes[from], &why, reterr);
	status = replay(batch, from, middle, reterr);
	if (status != STATUS_OK)
		return status;
	return replay(batch, middle, to, reterr);
}

/*
 * After `failure`.  A disk that failed is not asked again: an fsync that is tried once more succeeds although the bytes are
 * lost, since the kernel has dropped them (Rebello et al., "Can Applications Recover from fsync Failures?", ATC 2020).
 */
enum status
batch_recover(struct batch *batch, const struct error *failure, struct error *reterr)
{
	struct error why = { STATUS_OK, ERROR_NO_OFFSET, "" };
	enum status status;

	if (!is_fault_of_document(failure->code))
		return fail(batch, failure->code, failure, reterr);
	status = batch->n_changes > 0 ? replay(batch, 0, batch->n_changes, &why) : reopen(batch, &why);
	if (status != STATUS_OK)
		return fail(batch, status, &why, reterr);
	forget_changes(batch);
	return STATUS_OK;
}

/* ---- The interface --------------------------------------------------------------------------- */

void
batch_sweep(struct batch *batch)
{
	if (batch->failed.code == STATUS_OK)
		layer_set_sweep(batch->layers);
}

enum status
batch_commit(struct batch *batch, bool last, struct error *reterr)
{
	struct error why = { STATUS_OK, ERROR_NO_OFFSET, "" };
	enum status status = batch_check_failed(batch, reterr);

	if (status != STATUS_OK || batch->n_changes == 0)
		return status;
	if (!last)
		wait_for_spacing(batch);
	status = commit_and_sync(batch, &why);
	if (status != STATUS_OK && batch->failed.code == STATUS_OK)
		return batch_recover(batch, &why, reterr);
	if (status != STATUS_OK)
		return batch_check_failed(batch, reterr);
	forget_changes(batch);
	return STATUS_OK;
}

static enum status
merge(struct batch *batch, struct error *reterr)
{
	enum status status = batch_start_worker(batch, reterr);

	if (status == STATUS_OK)
		status = xc_writable_begin_transaction(batch->writable, true, reterr);
	if (status == STATUS_OK)
		status = layer_set_merge(batch->layers, batch->worker, batch->writable, reterr);
	if (status == STATUS_OK)
		status = xc_writable_commit_transaction(batch->writable, reterr);
	if (status == STATUS_OK)
		status = dir_sync(batch->path, reterr);
	if (status == STATUS_OK)
		layer_set_committed(batch->layers);
	return status;
}

enum status
batch_merge(struct batch *batch, struct error *reterr)
{
	struct error why = { STATUS_OK, ERROR_NO_OFFSET, "" };
	enum status status = batch_check_failed(batch, reterr);

	if (status != STATUS_OK || !layer_set_is_due(batch->layers))
		return status;
	status = merge(batch, &why);
	/* As with changes, a worker that was killed gets a second chance. */
	if (is_fault_of_document(status))
		status = reopen(batch, &why);
	if (status == STATUS_OK && layer_set_is_due(batch->layers))
		status = merge(batch, &why);
	return status == STATUS_OK ? STATUS_OK : fail(batch, status, &why, reterr);
}

static bool
is_full(const struct batch *batch)
{
	bool much = batch->worker != NULL && batch_worker_bytes(batch->worker) > LIMIT_LAYER_BYTES;
	size_t documents = batch->options.for_readers ? COMMIT_DOCUMENTS_FOR_READERS : COMMIT_DOCUMENTS;

	if (batch->n_documents < documents && batch->n_bytes < COMMIT_BYTES && !much)
		return false;
	return !batch->options.for_readers || much || batch->n_documents >= COMMIT_DOCUMENTS_MAX ||
	       batch->n_bytes >= COMMIT_BYTES_MAX || clock_mono_ms() - batch->committed_ms >= COMMIT_SPACING_MS;
}

static enum status
reserve(struct batch *batch, struct error *reterr)
{
	size_t capacity = batch->capacity > 0 ? batch->capacity * 2 : 1024;
	struct change **changes;

	if (batch->n_changes < batch->capacity)
		return STATUS_OK;
	changes = realloc(batch->changes, capacity * sizeof(*changes));
	if (changes == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	batch->changes = changes;
	batch->capacity = capacity;
	return STATUS_OK;
}

/* Takes back the last change. */
static void
take_back(struct batch *batch)
{
	struct change *change = batch->changes[--batch->n_changes];

	batch->n_handed = batch->next = batch->n_changes;
	batch->n_bytes -= change->n_bytes;
	batch->n_documents--;
	free(change);
}

/* Makes a change and keeps it; takes ownership of it. */
static enum status
make(struct batch *batch, struct change *change, struct error *reterr)
{
	struct error why = { STATUS_OK, ERROR_NO_OFFSET, "" };
	enum status status = reserve(batch, &why);

	if (status != STATUS_OK) {
		free(change);
		return fail(batch, status, &why, reterr);
	}
	batch->changes[batch->n_changes++] = change;
	batch->n_bytes += change->n_bytes;
	batch->n_documents += change->kind != CHANGE_METADATA;
	batch->refusal.code = STATUS_OK;
	status = batch_apply(batch, change, &why);
	if (status != STATUS_OK)
		status = batch_recover(batch, &why, reterr);
	else if (batch->refusal.code != STATUS_OK)
		take_back(batch);
	if (status == STATUS_OK && batch->refusal.code != STATUS_OK) {
		if (reterr != NULL)
			*reterr = batch->refusal;
		return batch->refusal.code;
	}
	return status == STATUS_OK && is_full(batch) ? batch_commit(batch, false, reterr) : status;
}

static enum status
change_new(enum change_kind kind, size_t n_bytes, struct change **ret_change, struct error *reterr)
{
	struct change *change = calloc(1, sizeof(*change) + n_bytes);

	if (change == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	change->kind = kind;
	*ret_change = change;
	return STATUS_OK;
}

static struct str
copy_in(struct change *change, struct str s)
{
	char *to = change->bytes + change->n_bytes;

	if (s.len > 0)
		memcpy(to, s.p, s.len);
	change->n_bytes += s.len;
	return (struct str) { to, s.len };
}

enum status
batch_put(struct batch *batch, uint32_t docid, const struct store_document *document, const struct hash *file,
    uint32_t old_words, enum store_put what, struct error *reterr)
{
	size_t n_bytes = document->id.len + document->title.len + document->date.len + document->source.len +
			 document->url.len + document->author.len + document->dated.len + document->language.len +
			 document->aside.len + document->text.len;
	struct change *change = NULL;
	enum status status = batch_check_failed(batch, reterr);

	if (status == STATUS_OK)
		status = change_new(CHANGE_PUT, n_bytes, &change, reterr);
	if (status != STATUS_OK)
		return status;
	change->docid = docid;
	change->old_words = old_words;
	change->what = what;
	change->file = *file;
	change->document.id = copy_in(change, document->id);
	change->document.title = copy_in(change, document->title);
	change->document.date = copy_in(change, document->date);
	change->document.source = copy_in(change, document->source);
	change->document.url = copy_in(change, document->url);
	change->document.author = copy_in(change, document->author);
	change->document.dated = copy_in(change, document->dated);
	change->document.language = copy_in(change, document->language);
	change->document.aside = copy_in(change, document->aside);
	change->document.text = copy_in(change, document->text);
	status = make(batch, change, reterr);
	if (status == STATUS_OK && docid >= batch->next_docid)
		batch->next_docid = docid + 1;
	return status;
}

enum status
batch_move(struct batch *batch, uint32_t docid, struct str id, const struct hash *file, struct error *reterr)
{
	struct change *change = NULL;
	enum status status = batch_check_failed(batch, reterr);

	if (status == STATUS_OK)
		status = change_new(CHANGE_MOVE, id.len, &change, reterr);
	if (status != STATUS_OK)
		return status;
	change->docid = docid;
	change->file = *file;
	change->document.id = copy_in(change, id);
	return make(batch, change, reterr);
}

enum status
batch_delete(struct batch *batch, uint32_t docid, uint32_t words, struct error *reterr)
{
	struct change *change = NULL;
	enum status status = batch_check_failed(batch, reterr);

	if (status == STATUS_OK)
		status = change_new(CHANGE_DELETE, 0, &change, reterr);
	if (status != STATUS_OK)
		return status;
	change->docid = docid;
	change->old_words = words;
	return make(batch, change, reterr);
}

enum status
batch_set_metadata(struct batch *batch, struct str key, struct str value, struct error *reterr)
{
	struct change *change = NULL;
	enum status status = batch_check_failed(batch, reterr);

	if (status == STATUS_OK)
		status = change_new(CHANGE_METADATA, key.len + value.len, &change, reterr);
	if (status != STATUS_OK)
		return status;
	change->key = copy_in(change, key);
	change->value = copy_in(change, value);
	return make(batch, change, reterr);
}
