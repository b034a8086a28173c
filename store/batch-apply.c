/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making changes: what the worker does first, what Xapian gets then, and what the database says meanwhile.
 */
#include <stdlib.h>

#include "store/batch-internal.h"
#include "store/entry.h"
#include "store/texts.h"

/* So long a document may be refused by the analysis: it is waited for.  A shorter one cannot have too many words. */
enum { AWAITED_BYTES = 1024 * 1024 };

/* ---- In Xapian's database -------------------------------------------------------------------- */

static enum status
begin(struct batch *batch, struct error *reterr)
{
	enum status status;

	if (batch->in_transaction)
		return STATUS_OK;
	status = xc_writable_begin_transaction(batch->writable, true, reterr);
	batch->in_transaction = status == STATUS_OK;
	return status;
}

/* What texts are packed by never changes, and many a batch has none to pack. */
static enum status
open_texts(struct batch *batch, struct error *reterr)
{
	enum status status;

	if (batch->texts != NULL)
		return STATUS_OK;
	status = texts_open(xc_writable_database(batch->writable), true, &batch->texts, reterr);
	if (status == STATUS_OK)
		postings_pack_by(batch->builder, batch->texts);
	return status;
}

/* What the worker made of a document, with what is stored of it, replaces the one that there is. */
static enum status
apply_put(struct batch *batch, const struct change *change, const struct outcome *outcome, struct error *reterr)
{
	struct glass_document sealed = outcome->document;
	struct postings_data data;
	struct xc_document *doc;
	enum status status = postings_store(batch->builder, &change->document, &data, reterr);

	if (status != STATUS_OK)
		return status;
	sealed.data = data.bytes;
	status = entry_to_xapian(&sealed, &doc, reterr);
	if (status != STATUS_OK)
		return status;
	status = xc_writable_replace_document(batch->writable, change->docid, doc, reterr);
	xc_document_free(doc);
	if (status == STATUS_OK)
		batch->words += (int64_t)outcome->words - (int64_t)change->old_words;
	return status;
}

static enum status
apply_delete(struct batch *batch, const struct change *change, struct error *reterr)
{
	enum status status = xc_writable_delete_document(batch->writable, change->docid, reterr);

	if (status == STATUS_OK)
		batch->words -= (int64_t)change->old_words;
	return status;
}

/* No posting of an inverted file is another for it. */
static enum status
apply_move(struct batch *batch, const struct change *change, struct error *reterr)
{
	enum status status = open_texts(batch, reterr);

	if (status != STATUS_OK)
		return status;
	return postings_move(
	    batch->builder, batch->writable, change->docid, change->document.id, &change->file, reterr);
}

/* ---- What the worker does -------------------------------------------------------------------- */

static bool
is_for_worker(const struct change *change)
{
	return (change->kind == CHANGE_PUT || change->kind == CHANGE_DELETE) && !change->is_refused;
}

/* A document that is waited for is refused to whoever puts it, any other is lost. */
static void
refuse(struct batch *batch, struct change *change, const struct error *why)
{
	change->is_refused = true;
	if (change->n_bytes > AWAITED_BYTES) {
		batch->refusal = *why;
		return;
	}
	batch->added_refused += change->what == STORE_ADDED;
	if (batch->options.refused_cb != NULL)
		batch->options.refused_cb(batch->options.arg, change->document.id, change->what, why);
}

static enum status
apply_outcome(struct batch *batch, const struct outcome *outcome, struct error *reterr)
{
	struct change *change;
	enum status status;

	while (!is_for_worker(batch->changes[batch->next]))
		batch->next++;
	change = batch->changes[batch->next++];
	if (outcome->refused.code != STATUS_OK) {
		refuse(batch, change, &outcome->refused);
		return STATUS_OK;
	}
	status = begin(batch, reterr);
	if (status == STATUS_OK)
		status = change->kind == CHANGE_PUT ? apply_put(batch, change, outcome, reterr)
						    : apply_delete(batch, change, reterr);
	if (status == STATUS_OK)
		layer_set_touch(batch->layers, change->docid);
	return status;
}

/* Makes the changes that the worker answers first. */
static enum status
take_answer(struct batch *batch, struct error *reterr)
{
	struct outcome *outcome;
	enum status status = batch_worker_take(batch->worker, reterr);

	while (status == STATUS_OK && (status = batch_worker_next(batch->worker, &outcome, reterr)) == STATUS_OK)
		status = apply_outcome(batch, outcome, reterr);
	return status == STATUS_END ? STATUS_OK : status;
}

enum status
batch_apply_rest(struct batch *batch, struct error *reterr)
{
	enum status status = STATUS_OK;

	if (batch->worker == NULL)
		return STATUS_OK;
	if (batch_worker_is_full(batch->worker))
		status = take_answer(batch, reterr);
	if (status == STATUS_OK)
		status = batch_worker_flush(batch->worker, reterr);
	while (status == STATUS_OK && batch_worker_pending(batch->worker) > 0)
		status = take_answer(batch, reterr);
	batch->next = batch->n_handed;
	return status;
}

enum status
batch_start_worker(struct batch *batch, struct error *reterr)
{
	struct batch_worker_options options = { batch->path, layer_set_base(batch->layers)->lean,
		layer_set_has_files(batch->layers) };

	return batch->worker == NULL ? batch_worker_start(&options, &batch->worker, reterr) : STATUS_OK;
}

/* Waits only where the worker is far behind, and takes what it has done. */
static enum status
hand_over(struct batch *batch, const struct change *change, struct error *reterr)
{
	/* First, so that it makes its tables while this one reads the dictionary of texts. */
	enum status status = batch_start_worker(batch, reterr);

	if (status == STATUS_OK && change->kind == CHANGE_PUT)
		status = open_texts(batch, reterr);
	while (status == STATUS_OK && (batch_worker_is_full(batch->worker) || batch_worker_is_ready(batch->worker)))
		status = take_answer(batch, reterr);
	if (status != STATUS_OK)
		return status;
	if (change->kind == CHANGE_DELETE)
		return batch_worker_delete(batch->worker, change->docid, reterr);
	return batch_worker_put(batch->worker, change->docid, &change->document, &change->file, reterr);
}

enum status
batch_apply(struct batch *batch, const struct change *change, struct error *reterr)
{
	enum status status = STATUS_OK;

	batch->n_handed++;
	if (is_for_worker(change)) {
		status = hand_over(batch, change, reterr);
		return status == STATUS_OK && change->n_bytes > AWAITED_BYTES ? batch_apply_rest(batch, reterr)
									      : status;
	}
	if (change->kind == CHANGE_MOVE)
		status = batch_apply_rest(batch, reterr);
	if (status == STATUS_OK)
		status = begin(batch, reterr);
	if (status != STATUS_OK || change->is_refused)
		return status;
	if (change->kind == CHANGE_MOVE)
		return apply_move(batch, change, reterr);
	return xc_writable_set_metadata(batch->writable, change->key, change->value, reterr);
}

/* ---- What the database says meanwhile -------------------------------------------------------- */

/* Of a deletion only the docid is known: it may be anybody's.  Whether the worker has a change for which `is_meant` says so. */
static bool
has_pending(const struct batch *batch, bool (*is_meant)(const struct change *change, const void *arg), const void *arg)
{
	for (size_t i = batch->next; i < batch->n_handed; i++)
		if (is_for_worker(batch->changes[i]) && is_meant(batch->changes[i], arg))
			return true;
	return false;
}

static enum status
settle_if(struct batch *batch, bool needed, struct error *reterr)
{
	struct error why = { STATUS_OK, ERROR_NO_OFFSET, "" };
	enum status status = batch_check_failed(batch, reterr);

	if (status != STATUS_OK || !needed)
		return status;
	status = batch_apply_rest(batch, &why);
	return status == STATUS_OK ? STATUS_OK : batch_recover(batch, &why, reterr);
}

static bool
has_id(const struct change *change, const void *arg)
{
	return change->kind == CHANGE_DELETE || str_eq(change->document.id, *(const struct str *)arg);
}

enum status
batch_settle_id(struct batch *batch, struct str id, struct error *reterr)
{
	return settle_if(batch, has_pending(batch, has_id, &id), reterr);
}

static bool
has_file(const struct change *change, const void *arg)
{
	return change->kind == CHANGE_DELETE || hash_eq(&change->file, arg);
}

enum status
batch_settle_file(struct batch *batch, const struct hash *file, struct error *reterr)
{
	return settle_if(batch, has_pending(batch, has_file, file), reterr);
}

enum status
batch_settle(struct batch *batch, struct error *reterr)
{
	return settle_if(batch, true, reterr);
}

static int
compare_docids(const void *a, const void *b)
{
	uint32_t one = *(const uint32_t *)a;
	uint32_t other = *(const uint32_t *)b;

	return (one > other) - (one < other);
}

/* How many of these docids, ascending, are among the postings. */
static enum status
count_common(struct xc_postings *postings, const uint32_t *docids, size_t n, uint32_t *ret_n, struct error *reterr)
{
	xc_docid found = 0;
	uint32_t common = 0;
	enum status status = STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && i < n; i++) {
		status = xc_postings_skip_to(postings, docids[i], &found, reterr);
		common += status == STATUS_OK && found == docids[i];
	}
	*ret_n = common;
	return status == STATUS_END ? STATUS_OK : status;
}

/* How many documents that have the term are about to be replaced or deleted. */
static enum status
count_leaving(struct batch *batch, struct str term, uint32_t *ret_n, struct error *reterr)
{
	uint32_t *docids = calloc(batch->n_handed - batch->next + 1, sizeof(*docids));
	struct xc_postings *postings = NULL;
	size_t n = 0;
	enum status status;

	if (docids == NULL)
		return error_no_memory(reterr);
	for (size_t i = batch->next; i < batch->n_handed; i++)
		if (is_for_worker(batch->changes[i]))
			docids[n++] = batch->changes[i]->docid;
	qsort(docids, n, sizeof(*docids), compare_docids);
	status = xc_database_postlist(batch_database(batch), term, &postings, reterr);
	if (status == STATUS_OK)
		status = count_common(postings, docids, n, ret_n, reterr);
	xc_postings_free(postings);
	free(docids);
	return status;
}

enum status
batch_frequency(struct batch *batch, struct str term, uint32_t *ret_documents, struct error *reterr)
{
	xc_doccount documents = 0;
	uint32_t leaving = 0;
	enum status status = batch_check_failed(batch, reterr);

	if (status == STATUS_OK)
		status = xc_database_termfreq(batch_database(batch), term, &documents, reterr);
	if (status == STATUS_OK && documents > 0)
		status = count_leaving(batch, term, &leaving, reterr);
	if (status == STATUS_OK)
		*ret_documents = documents - leaving;
	return status;
}
