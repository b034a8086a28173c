/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/bulk.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/cores.h"
#include "base/limits.h"
#include "glass/collector.h"
#include "glass/loader.h"
#include "store/bulk-invfile.h"
#include "store/bulk-sample.h"
#include "store/bulk-worker.h"
#include "store/claims.h"
#include "store/parcel.h"
#include "store/path.h"
#include "store/postings.h"
#include "store/schema.h"
#include "store/texts.h"
#include "store/touched.h"

enum { OWN_BYTES = 8 * 1024 * 1024, WAIT_MS = 200 };

struct bulk {
	char path[PATH_MAX];
	struct bulk_worker workers[LIMIT_BUILD_PROCESSES];
	unsigned n_workers;
	struct bulk_sample *sample; /* documents that came before there was a dictionary */
	bool is_sampling; /* none yet */
	struct texts *texts; /* from then on, or NULL: there are too few for one */
	bool lean;
	unsigned current; /* worker, whose batch is filled */
	struct collector *collector; /* of this process: metadata, and documents too long for a batch */
	struct postings_builder *builder; /* for these, or NULL */
	struct claims *claims;
	struct hash file;
	uint32_t docid; /* of the last document */
	uint64_t words; /* of the documents of this process */
};

/* ---- Opening --------------------------------------------------------------------------------- */

static enum status
make_empty(const char *path, struct error *reterr)
{
	struct xc_writable *writable = NULL;
	enum status status = xc_writable_open(str_of(path), XC_DB_CREATE | XC_DB_NO_SYNC, 0, &writable, reterr);

	xc_writable_close(writable);
	return status;
}

enum status
bulk_probe(const char *dir, struct error *reterr)
{
	char path[PATH_MAX];
	enum status status = path_join(path, dir, "gen-probe.tmp", reterr);

	if (status != STATUS_OK)
		return status;
	status = make_empty(path, reterr);
	if (status == STATUS_OK)
		status = loader_check(path, reterr);
	(void)path_remove_folder(path, NULL);
	return status;
}

static enum status
start_workers(struct bulk *bulk, unsigned wanted, struct error *reterr)
{
	enum status status = STATUS_OK;

	while (status == STATUS_OK && bulk->n_workers < wanted) {
		unsigned i = bulk->n_workers++;

		/* Number 0 is the collector of this process. */
		status = bulk_worker_start(
		    &bulk->workers[i], bulk->path, i + 1, (size_t)LIMIT_BUILD_BYTES / wanted, bulk->lean, reterr);
	}
	return status;
}

enum status
bulk_open(const char *path, unsigned workers, bool lean, struct bulk **ret_bulk, struct error *reterr)
{
	unsigned wanted = workers > 0 ? workers : cores_count();
	struct bulk *bulk = calloc(1, sizeof(*bulk));
	enum status status;

	if (bulk == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	(void)snprintf(bulk->path, sizeof(bulk->path), "%s", path);
	bulk->lean = lean;
	bulk->is_sampling = true;
	status = claims_new(&bulk->claims, reterr);
	if (status == STATUS_OK)
		status = bulk_sample_new(&bulk->sample, reterr);
	if (status == STATUS_OK && mkdir(path, 0777) != 0)
		status = error_errno(reterr, STATUS_IO, errno, "cannot make the folder %s", path);
	if (status == STATUS_OK)
		status = start_workers(bulk, wanted < LIMIT_BUILD_PROCESSES ? wanted : LIMIT_BUILD_PROCESSES, reterr);
	if (status == STATUS_OK)
		status = collector_open(path, 0, OWN_BYTES, &bulk->collector, reterr);
	if (status != STATUS_OK) {
		bulk_close(bulk);
		return status;
	}
	*ret_bulk = bulk;
	return STATUS_OK;
}

void
bulk_close(struct bulk *bulk)
{
	if (bulk == NULL)
		return;
	for (unsigned i = 0; i < bulk->n_workers; i++)
		bulk_worker_stop(&bulk->workers[i]);
	collector_close(bulk->collector);
	postings_builder_free(bulk->builder);
	texts_free(bulk->texts);
	bulk_sample_free(bulk->sample);
	claims_free(bulk->claims);
	free(bulk);
}

/* ---- Documents ------------------------------------------------------------------------------- */

enum status
bulk_begin_file(struct bulk *bulk, struct str path, struct error *reterr)
{
	bulk->file = hash_of(path);
	return claims_begin_file(bulk->claims, path, reterr);
}

/* Takes the answers that are there; with `wait`, at least one. */
static enum status
take_answers(struct bulk *bulk, bool wait, struct error *reterr)
{
	struct pollfd fds[LIMIT_BUILD_PROCESSES];
	enum status status = STATUS_OK;
	int n;

	for (unsigned i = 0; i < bulk->n_workers; i++)
		fds[i] = (struct pollfd) { bulk->workers[i].pending > 0 ? bulk->workers[i].process.fd : -1, POLLIN, 0 };
	n = poll(fds, bulk->n_workers, wait ? WAIT_MS : 0);
	if (n < 0 && errno != EINTR)
		return error_errno(reterr, STATUS_IO, errno, "cannot wait for a process");
	for (unsigned i = 0; n > 0 && status == STATUS_OK && i < bulk->n_workers; i++)
		if (fds[i].revents != 0)
			status = bulk_worker_answer(&bulk->workers[i], reterr);
	return status;
}

static struct bulk_worker *
freest_worker(struct bulk *bulk)
{
	struct bulk_worker *freest = &bulk->workers[0];

	for (unsigned i = 1; i < bulk->n_workers; i++)
		if (bulk->workers[i].pending < freest->pending)
			freest = &bulk->workers[i];
	bulk->current = (unsigned)(freest - bulk->workers);
	return freest;
}

/* Until there is a worker that a document can be given to. */
static enum status
wait_for_worker(struct bulk *bulk, struct error *reterr)
{
	enum status status = STATUS_OK;

	while (status == STATUS_OK && !bulk_worker_is_free(freest_worker(bulk)))
		status = take_answers(bulk, true, reterr);
	return status;
}

static enum status
hand_over(struct bulk *bulk, const struct store_document *document, bool stores, struct error *reterr)
{
	const struct bulk_work work = { bulk->docid + 1, document, &bulk->file, stores };
	bool sent = false;
	enum status status = bulk_worker_add(&bulk->workers[bulk->current], &work, &sent, reterr);

	if (status == STATUS_OK && sent)
		status = take_answers(bulk, false, reterr);
	return status == STATUS_OK && sent ? wait_for_worker(bulk, reterr) : status;
}

/* From the next document on; those before it are in batches of their own. */
static enum status
tell_workers(struct bulk *bulk, struct str value, struct error *reterr)
{
	enum status status = bulk_worker_send(&bulk->workers[bulk->current], reterr);

	for (unsigned i = 0; status == STATUS_OK && i < bulk->n_workers; i++) {
		while (status == STATUS_OK && !bulk_worker_is_free(&bulk->workers[i]))
			status = take_answers(bulk, true, reterr);
		if (status == STATUS_OK)
			status = bulk_worker_pack_by(&bulk->workers[i], value, reterr);
	}
	return status == STATUS_OK ? wait_for_worker(bulk, reterr) : status;
}

/* Waits for the dictionary of this build, if it has documents enough, and notes it.  With `more` to come the workers are told. */
static enum status
take_dictionary(struct bulk *bulk, bool more, struct error *reterr)
{
	struct buf value;
	enum status status;

	buf_init(&value, TEXTS_VALUE_BYTES);
	status = bulk_sample_take(bulk->sample, &value, reterr);
	if (status == STATUS_OK && value.len > 0)
		status = bulk_set_metadata(bulk, STR(SCHEMA_META_DICTIONARY), buf_str(&value), reterr);
	if (status == STATUS_OK && value.len > 0)
		status = texts_new(buf_str(&value), true, &bulk->texts, reterr);
	if (status == STATUS_OK && bulk->builder != NULL)
		postings_pack_by(bulk->builder, bulk->texts);
	if (status == STATUS_OK && value.len > 0 && more)
		status = tell_workers(bulk, buf_str(&value), reterr);
	bulk->is_sampling = false;
	buf_done(&value);
	return status;
}

static enum status
keep_and_hand_over(struct bulk *bulk, const struct store_document *document, struct error *reterr)
{
	enum status status = STATUS_OK;

	if (bulk->is_sampling && bulk_sample_is_due(bulk->sample))
		status = take_dictionary(bulk, true, reterr);
	if (status == STATUS_OK && bulk->is_sampling)
		status = bulk_sample_add(bulk->sample, bulk->docid + 1, document, reterr);
	return status == STATUS_OK ? hand_over(bulk, document, !bulk->is_sampling, reterr) : status;
}

/*
 * A long document is collected here, where it may still be refused.  One that comes before there are enough for a dictionary is stored
 * as it is, for glass to compress; one that comes while it is made waits for it, so that what is stored does not depend on how long that takes.
 */
static enum status
collect(struct bulk *bulk, const struct store_document *document, struct error *reterr)
{
	struct glass_document sealed;
	uint32_t words = 0;
	enum status status = STATUS_OK;

	if (bulk->is_sampling && bulk_sample_is_full(bulk->sample))
		status = take_dictionary(bulk, true, reterr);
	if (status == STATUS_OK && bulk->builder == NULL) {
		status = postings_builder_new(bulk->lean, &bulk->builder, reterr);
		if (status == STATUS_OK)
			postings_pack_by(bulk->builder, bulk->texts);
	}
	if (status == STATUS_OK)
		status = postings_collect(bulk->builder, document, &bulk->file, NULL, &sealed, &words, reterr);
	if (status != STATUS_OK)
		return status;
	sealed.docid = bulk->docid + 1;
	status = collector_add(bulk->collector, &sealed, reterr);
	bulk->words += words;
	return status;
}

/* Which of its documents are touched must be told in LIMIT_TOUCHED_BYTES whatever happens to the index. */
static enum status
check_room(const struct bulk *bulk, struct error *reterr)
{
	if (bulk->docid < LIMIT_FILE_DOCUMENTS)
		return STATUS_OK;
	return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
	    "an inverted file holds at most %d documents (limit file_documents)", LIMIT_FILE_DOCUMENTS);
}

enum status
bulk_put(struct bulk *bulk, const struct store_document *document, struct error *reterr)
{
	struct hash id = hash_of(document->id);
	enum status status = claims_check(bulk->claims, &id, reterr);

	if (status != STATUS_OK)
		return status;
	status = check_room(bulk, reterr);
	if (status != STATUS_OK)
		return status;
	status = parcel_bytes(document) > BULK_DOCUMENT_BYTES ? collect(bulk, document, reterr)
							      : keep_and_hand_over(bulk, document, reterr);
	if (status == STATUS_OK)
		status = claims_take(bulk->claims, &id, reterr);
	bulk->docid += status == STATUS_OK;
	return status;
}

enum status
bulk_set_metadata(struct bulk *bulk, struct str key, struct str value, struct error *reterr)
{
	return collector_set_metadata(bulk->collector, key, value, reterr);
}

/* ---- Finishing ------------------------------------------------------------------------------- */

/* What is stored of the next one of the documents that were kept. */
static enum status
next_stored(void *arg, uint32_t *ret_docid, struct str *ret_data, bool *ret_is_packed, struct error *reterr)
{
	struct bulk *bulk = arg;
	struct bulk_sampled next;
	enum status status = bulk_sample_next(bulk->sample, &next);

	if (status != STATUS_OK)
		return status;
	*ret_docid = next.docid;
	*ret_data = next.lines;
	*ret_is_packed = false;
	return bulk->texts != NULL ? texts_pack(bulk->texts, next.lines, ret_data, ret_is_packed, reterr) : STATUS_OK;
}

static enum status
end_workers(struct bulk *bulk, bool (*stop_cb)(void *arg), void *arg, struct error *reterr)
{
	enum status status = STATUS_OK;
	unsigned pending = 1;

	for (unsigned i = 0; status == STATUS_OK && i < bulk->n_workers; i++)
		status = bulk_worker_end(&bulk->workers[i], reterr);
	if (status == STATUS_OK && bulk->is_sampling)
		status = take_dictionary(bulk, false, reterr);
	while (status == STATUS_OK && pending > 0) {
		status = take_answers(bulk, true, reterr);
		if (status == STATUS_OK && stop_cb != NULL && stop_cb(arg))
			status = error_set(reterr, STATUS_CANCELLED, ERROR_NO_OFFSET, "stopped by a signal");
		pending = 0;
		for (unsigned i = 0; i < bulk->n_workers; i++)
			pending += bulk->workers[i].pending;
	}
	for (unsigned i = 0; status == STATUS_OK && i < bulk->n_workers; i++) {
		bulk->words += bulk->workers[i].words;
		status = process_wait(&bulk->workers[i].process, reterr);
	}
	return status;
}

static enum status
set_words(struct bulk *bulk, struct error *reterr)
{
	char decimal[24];
	int n = snprintf(decimal, sizeof(decimal), "%" PRIu64, bulk->words);

	/* As batch.h has it: an index without words has no number of them. */
	if (bulk->words == 0)
		return STATUS_OK;
	return bulk_set_metadata(bulk, STR(SCHEMA_META_WORDS), (struct str) { decimal, (size_t)n }, reterr);
}

/* An index of documents has an inverted file, in which nothing is wrong yet. */
static enum status
announce_invfile(struct bulk *bulk, struct error *reterr)
{
	struct touched none = { .last = bulk->docid, .lean = bulk->lean };
	struct buf value;
	enum status status;

	buf_init(&value, LIMIT_TOUCHED_BYTES);
	status = touched_write(&none, &value, reterr);
	if (status == STATUS_OK)
		status = bulk_set_metadata(bulk, STR(SCHEMA_META_TOUCHED), buf_str(&value), reterr);
	buf_done(&value);
	return status;
}

enum status
bulk_finish(struct bulk *bulk, bool (*stop_cb)(void *arg), void *arg, uint32_t *ret_documents, struct error *reterr)
{
	const struct loader_stop stop = { stop_cb, arg };
	const struct documents_later later = { bulk, next_stored };
	struct bulk_invfile invfile = { .writer = NULL };
	struct tee tee;
	enum status status = end_workers(bulk, stop_cb, arg, reterr);

	if (status == STATUS_OK)
		status = set_words(bulk, reterr);
	if (status == STATUS_OK && bulk->docid > 0)
		status = announce_invfile(bulk, reterr);
	if (status == STATUS_OK)
		status = bulk_invfile_tee(&invfile, bulk->path, bulk->lean, &tee, reterr);
	if (status == STATUS_OK)
		status = collector_finish(bulk->collector, reterr);
	if (status != STATUS_OK)
		return status;
	collector_close(bulk->collector);
	bulk->collector = NULL;
	return loader_write(bulk->path, bulk->n_workers + 1, &later, bulk->docid > 0 ? &tee : NULL,
	    stop_cb != NULL ? &stop : NULL, ret_documents, reterr);
}
