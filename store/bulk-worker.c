/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/bulk-worker.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "glass/collector.h"
#include "store/parcel.h"
#include "store/postings.h"

/* What is stored of them in a batch, at most: a field has a name, too. */
enum { BATCH_DATA = 2 * (BULK_BATCH_BYTES + BULK_DOCUMENT_BYTES) };

/* parcel.what: whether the worker stores the document. */
enum { STORED, STORED_ELSEWHERE };

enum { BATCH_SPACE = BULK_BATCH_BYTES + BULK_DOCUMENT_BYTES };

/* To the worker: how long which batch is, and whether it is the dictionary instead; a length of 0 is the end. */
struct request {
	uint32_t batch;
	uint32_t len;
	bool is_dictionary;
};

struct answer {
	enum status status;
	uint64_t words;
	struct error error;
};

/* ---- The worker ------------------------------------------------------------------------------ */

struct job {
	const struct bulk_worker *worker;
	const char *dir;
	unsigned number;
	size_t most_bytes;
	bool lean;
};

/* Of one document of a batch, in desk->data. */
struct packed {
	size_t len;
	bool is_packed;
};

struct desk {
	struct postings_builder *builder;
	struct collector *collector;
	struct texts *texts;
	struct buf data; /* that are stored of the documents of a batch, one behind the other */
	struct packed *packed;
	size_t n;
	size_t capacity;
	struct str *inputs; /* texts of the batch */
	struct hash *hashes; /* of these */
	size_t n_hashes; /* that there is room for */
};

static enum status
note_packed(struct desk *desk, const struct postings_data *data, struct error *reterr)
{
	size_t capacity = desk->capacity > 0 ? 2 * desk->capacity : 256;
	struct packed *packed;

	if (desk->n == desk->capacity) {
		packed = realloc(desk->packed, capacity * sizeof(*packed));
		if (packed == NULL)
			return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
		desk->packed = packed;
		desk->capacity = capacity;
	}
	desk->packed[desk->n++] = (struct packed) { data->bytes.len, data->packed };
	if (buf_append_str(&desk->data, data->bytes) != STATUS_OK)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	return STATUS_OK;
}

/*
 * Packs the texts of all documents of a batch before the first of them is analysed: inverting a document drives the dictionary out of
 * the processor's cache, and to fetch it back takes as long as packing five.
 */
static enum status
pack_batch(struct desk *desk, const unsigned char *batch, size_t len, struct error *reterr)
{
	const unsigned char *end = batch + len;
	enum status status = STATUS_OK;

	desk->n = 0;
	buf_reset(&desk->data);
	while (status == STATUS_OK && batch < end) {
		struct parcel parcel;
		struct postings_data data = { { "", 0 }, false, NULL };

		batch = parcel_read(batch, &parcel);
		if (parcel.what == STORED)
			status = postings_store(desk->builder, &parcel.document, &data, reterr);
		if (status == STATUS_OK)
			status = note_packed(desk, &data, reterr);
	}
	return status;
}

static enum status
reserve_hashes(struct desk *desk, struct error *reterr)
{
	if (desk->n_hashes >= desk->n)
		return STATUS_OK;
	free(desk->inputs);
	free(desk->hashes);
	desk->n_hashes = 2 * desk->n;
	desk->inputs = calloc(desk->n_hashes, sizeof(*desk->inputs));
	desk->hashes = calloc(desk->n_hashes, sizeof(*desk->hashes));
	return desk->inputs != NULL && desk->hashes != NULL ? STATUS_OK : error_no_memory(reterr);
}

/* Side by side, which one text alone cannot be: a third of the time. */
static enum status
hash_texts(struct desk *desk, const unsigned char *batch, struct error *reterr)
{
	static const struct hash no_salt;
	enum status status = reserve_hashes(desk, reterr);

	if (status != STATUS_OK)
		return status;
	for (size_t i = 0; i < desk->n; i++) {
		struct parcel parcel;

		batch = parcel_read(batch, &parcel);
		desk->inputs[i] = parcel.document.text;
	}
	hash_each(&no_salt, desk->inputs, desk->n, desk->hashes);
	return STATUS_OK;
}

static enum status
collect_batch(struct desk *desk, const unsigned char *batch, size_t len, uint64_t *words, struct error *reterr)
{
	const unsigned char *end = batch + len;
	const struct packed *packed;
	const struct hash *hash;
	const char *bytes;
	enum status status = pack_batch(desk, batch, len, reterr);

	if (status == STATUS_OK)
		status = hash_texts(desk, batch, reterr);
	hash = desk->hashes;
	packed = desk->packed;
	bytes = desk->data.data;
	while (status == STATUS_OK && batch < end) {
		struct parcel parcel;
		struct postings_data data = { { bytes, packed->len }, packed->is_packed, hash++ };
		struct glass_document sealed;
		uint32_t n_words = 0;

		batch = parcel_read(batch, &parcel);
		status =
		    postings_collect(desk->builder, &parcel.document, &parcel.file, &data, &sealed, &n_words, reterr);
		if (status != STATUS_OK)
			break;
		sealed.docid = parcel.docid;
		status = collector_add(desk->collector, &sealed, reterr);
		*words += n_words;
		bytes += packed++->len;
	}
	return status;
}

static enum status
take_dictionary(struct desk *desk, struct str value, struct error *reterr)
{
	enum status status = texts_new(value, true, &desk->texts, reterr);

	if (status == STATUS_OK)
		postings_pack_by(desk->builder, desk->texts);
	return status;
}

static enum status
serve(int fd, const struct job *job, struct desk *desk, struct error *reterr)
{
	struct request request;
	enum status status = STATUS_OK;

	while (status == STATUS_OK && process_receive(fd, &request, sizeof(request)) && request.len > 0) {
		struct answer answer = { STATUS_OK, 0, { STATUS_OK, ERROR_NO_OFFSET, "" } };
		const unsigned char *batch = job->worker->shared + (size_t)request.batch * BATCH_SPACE;

		status = request.is_dictionary
			     ? take_dictionary(desk, (struct str) { (const char *)batch, request.len }, reterr)
			     : collect_batch(desk, batch, request.len, &answer.words, reterr);
		if (status == STATUS_OK && !process_send(fd, &answer, sizeof(answer)))
			return STATUS_CANCELLED;
	}
	return status == STATUS_OK ? collector_finish(desk->collector, reterr) : status;
}

/* The last answer says how it ended. */
static void
worker_main(int fd, void *arg)
{
	const struct job *job = arg;
	struct desk desk = { 0 };
	struct answer answer = { STATUS_OK, 0, { STATUS_OK, ERROR_NO_OFFSET, "" } };

	buf_init(&desk.data, BATCH_DATA);
	answer.status = postings_builder_new(job->lean, &desk.builder, &answer.error);
	if (answer.status == STATUS_OK)
		answer.status = collector_open(job->dir, job->number, job->most_bytes, &desk.collector, &answer.error);
	if (answer.status == STATUS_OK)
		answer.status = serve(fd, job, &desk, &answer.error);
	(void)process_send(fd, &answer, sizeof(answer));
}

/* ---- Its side of the writer ------------------------------------------------------------------ */

enum status
bulk_worker_start(
    struct bulk_worker *worker, const char *dir, unsigned number, size_t most_bytes, bool lean, struct error *reterr)
{
	struct job job = { worker, dir, number, most_bytes, lean };
	void *shared =
	    mmap(NULL, (size_t)BULK_BATCHES * BATCH_SPACE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	*worker = (struct bulk_worker) { .process = { 0, -1 } };
	if (shared == MAP_FAILED)
		return error_errno(reterr, STATUS_NOMEM, errno, "cannot share memory with a process");
	worker->shared = shared;
	return process_start(&worker->process, worker_main, &job, reterr);
}

void
bulk_worker_stop(struct bulk_worker *worker)
{
	process_stop(&worker->process);
	if (worker->shared != NULL)
		(void)munmap(worker->shared, (size_t)BULK_BATCHES * BATCH_SPACE);
	worker->shared = NULL;
}

bool
bulk_worker_is_free(const struct bulk_worker *worker)
{
	return worker->pending < BULK_BATCHES;
}

/* It is gone, or says why it cannot go on; that is what its last answer is for. */
static enum status
ask_why(struct bulk_worker *worker, struct error *reterr)
{
	struct answer answer;
	enum status status;

	while (process_receive(worker->process.fd, &answer, sizeof(answer)))
		if (answer.status != STATUS_OK) {
			if (reterr != NULL)
				*reterr = answer.error;
			return answer.status;
		}
	status = process_wait(&worker->process, reterr);
	return status != STATUS_OK
		   ? status
		   : error_set(reterr, STATUS_INTERNAL, ERROR_NO_OFFSET, "a child process ended without an answer");
}

static enum status
send_request(struct bulk_worker *worker, struct request request, struct error *reterr)
{
	if (!process_send(worker->process.fd, &request, sizeof(request)))
		return ask_why(worker, reterr);
	worker->pending++;
	return STATUS_OK;
}

static enum status
send_batch(struct bulk_worker *worker, bool is_dictionary, struct error *reterr)
{
	struct request request = { worker->batch, (uint32_t)worker->used, is_dictionary };
	enum status status = send_request(worker, request, reterr);

	worker->batch = (worker->batch + 1) % BULK_BATCHES;
	worker->used = 0;
	return status;
}

enum status
bulk_worker_send(struct bulk_worker *worker, struct error *reterr)
{
	return worker->used > 0 ? send_batch(worker, false, reterr) : STATUS_OK;
}

enum status
bulk_worker_pack_by(struct bulk_worker *worker, struct str value, struct error *reterr)
{
	assert(worker->used == 0 && value.len <= BATCH_SPACE && bulk_worker_is_free(worker));
	memcpy(worker->shared + (size_t)worker->batch * BATCH_SPACE, value.p, value.len);
	worker->used = value.len;
	return send_batch(worker, true, reterr);
}

enum status
bulk_worker_add(struct bulk_worker *worker, const struct bulk_work *work, bool *ret_sent, struct error *reterr)
{
	unsigned char *to = worker->shared + (size_t)worker->batch * BATCH_SPACE + worker->used;
	struct parcel parcel = { .docid = work->docid,
		.what = work->stores ? STORED : STORED_ELSEWHERE,
		.file = *work->file,
		.document = *work->document };

	assert(bulk_worker_is_free(worker));
	worker->used += (size_t)(parcel_write(to, &parcel) - to);
	*ret_sent = worker->used >= BULK_BATCH_BYTES;
	return *ret_sent ? send_batch(worker, false, reterr) : STATUS_OK;
}

enum status
bulk_worker_answer(struct bulk_worker *worker, struct error *reterr)
{
	struct answer answer;

	if (!process_receive(worker->process.fd, &answer, sizeof(answer)))
		return ask_why(worker, reterr);
	if (answer.status != STATUS_OK && reterr != NULL)
		*reterr = answer.error;
	worker->pending--;
	worker->words += answer.words;
	return answer.status;
}

enum status
bulk_worker_end(struct bulk_worker *worker, struct error *reterr)
{
	enum status status = bulk_worker_send(worker, reterr);

	return status == STATUS_OK ? send_request(worker, (struct request) { 0, 0, false }, reterr) : status;
}
