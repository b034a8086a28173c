/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/batch-worker.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/process.h"
#include "store/layer-build.h"
#include "store/layer-merge.h"
#include "store/layername.h"
#include "store/parcel.h"
#include "store/path.h"
#include "store/postings.h"

enum {
	SLOTS = 4,
	SLOT_BYTES = 64 * 1024, /* one is sent when it has so many */
	/* A document may take all that it may have by itself, and what a parcel adds. */
	SLOT_SPACE = SLOT_BYTES + LIMIT_DOCUMENT_BYTES + 1024
};

enum request_kind { REQUEST_SLOT, REQUEST_SORT, REQUEST_WRITE, REQUEST_RESET, REQUEST_KINDS };

/* parcel.what */
enum { PUT, DELETE };

/* To the worker; behind one to write its `len` bytes follow: a part_head and the bytes of its set for each part. */
struct request {
	enum request_kind kind;
	uint32_t slot;
	uint32_t number; /* of the file */
	uint32_t n_parts;
	size_t len;
};

struct part_head {
	uint32_t number;
	uint32_t len;
};

/* From it, to each request; `len` bytes of outcomes follow. */
struct answer {
	enum status status;
	struct error error;
	uint32_t documents;
	size_t bytes; /* of memory */
	size_t len;
};

/* ---- The worker ------------------------------------------------------------------------------ */

struct desk {
	const struct batch_worker_options *options;
	const unsigned char *shared;
	int fd;
	struct postings_builder *builder;
	struct layer_build *build; /* or NULL */
	struct buf out; /* outcomes */
	struct buf in; /* parts */
};

static bool
is_of_document(enum status status)
{
	return status == STATUS_INVALID || status == STATUS_LIMIT;
}

static enum status
put(struct desk *desk, const struct parcel *parcel, struct error *reterr)
{
	static const struct postings_data stored_elsewhere = { { "", 0 }, false, NULL };
	struct glass_document sealed;
	struct error why;
	uint32_t words = 0;
	enum status status =
	    postings_collect(desk->builder, &parcel->document, &parcel->file, &stored_elsewhere, &sealed, &words, &why);

	if (is_of_document(status))
		return outcome_write_refused(&desk->out, &why, reterr);
	if (status != STATUS_OK) {
		*reterr = why;
		return status;
	}
	status = outcome_write(&desk->out, &sealed, words, reterr);
	if (status != STATUS_OK || desk->build == NULL)
		return status;
	status = layer_build_put(desk->build, parcel->docid, &sealed, &why);
	/* The document itself is not refused any more. */
	return status == STATUS_OK ? STATUS_OK
				   : error_set(reterr, is_of_document(status) ? STATUS_INTERNAL : status,
					 ERROR_NO_OFFSET, "%s", why.message);
}

static enum status
end(struct desk *desk, const struct parcel *parcel, struct error *reterr)
{
	static const struct glass_document none;
	enum status status = outcome_write(&desk->out, &none, 0, reterr);

	if (status == STATUS_OK && desk->build != NULL)
		status = layer_build_delete(desk->build, parcel->docid, reterr);
	return status;
}

static enum status
do_slot(struct desk *desk, const struct request *request, struct answer *answer)
{
	const unsigned char *from = desk->shared + (size_t)request->slot * SLOT_SPACE;
	const unsigned char *to = from + request->len;
	enum status status = STATUS_OK;

	while (status == STATUS_OK && from < to) {
		struct parcel parcel;

		from = parcel_read(from, &parcel);
		status =
		    parcel.what == DELETE ? end(desk, &parcel, &answer->error) : put(desk, &parcel, &answer->error);
	}
	return status;
}

static enum status
do_sort(struct desk *desk, const struct request *request, struct answer *answer)
{
	enum status status = layer_build_sort(desk->build, &answer->error);

	(void)request;
	if (status == STATUS_OK)
		(void)layer_build_documents(desk->build, &answer->documents);
	return status;
}

/* Opens the parts that desk->in says. */
static enum status
open_parts(struct desk *desk, struct layerfile *files, size_t n, struct error *reterr)
{
	const char *from = desk->in.data;
	enum status status = STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && i < n; i++) {
		struct part_head head;

		memcpy(&head, from, sizeof(head));
		from += sizeof(head);
		files[i].number = head.number;
		status = touched_read(&files[i].touched, (struct str) { from, head.len }, reterr);
		if (status == STATUS_OK)
			status = layerfile_open(&files[i], desk->options->path, reterr);
		from += head.len;
	}
	return status;
}

static enum status
write_file(struct desk *desk, uint32_t number, const struct layerfile *files, size_t n, uint32_t *ret_documents,
    struct error *reterr)
{
	struct layer_part parts[LIMIT_LAYERS];
	char name[LAYERNAME_BYTES];
	char path[PATH_MAX];
	enum status status = path_join(path, desk->options->path, layername_file(number, name), reterr);

	for (size_t i = 0; i < n; i++)
		parts[i] = (struct layer_part) { files[i].file, &files[i].touched };
	if (status != STATUS_OK)
		return status;
	/* Of a commit that failed: none has named it. */
	(void)unlink(path);
	status = layer_merge(path, desk->build, parts, n, ret_documents, reterr);
	if (status != STATUS_OK)
		(void)unlink(path);
	return status;
}

static enum status
do_write(struct desk *desk, const struct request *request, struct answer *answer)
{
	struct layerfile files[LIMIT_LAYERS] = { { 0 } };
	enum status status = open_parts(desk, files, request->n_parts, &answer->error);

	if (status == STATUS_OK)
		status = write_file(desk, request->number, files, request->n_parts, &answer->documents, &answer->error);
	for (size_t i = 0; i < request->n_parts; i++)
		layerfile_close(&files[i]);
	return status;
}

static enum status
do_reset(struct desk *desk, const struct request *request, struct answer *answer)
{
	(void)request;
	(void)answer;
	if (desk->build != NULL)
		layer_build_reset(desk->build);
	return STATUS_OK;
}

/* The bytes behind a request to write. */
static bool
receive_parts(struct desk *desk, size_t len)
{
	char chunk[4096];

	buf_reset(&desk->in);
	for (size_t n; len > 0; len -= n) {
		n = len < sizeof(chunk) ? len : sizeof(chunk);
		if (!process_receive(desk->fd, chunk, n) || buf_append(&desk->in, chunk, n) != STATUS_OK)
			return false;
	}
	return true;
}

static bool
send_answer(struct desk *desk, struct answer *answer)
{
	answer->len = desk->out.len;
	answer->bytes = desk->build != NULL ? layer_build_bytes(desk->build) : 0;
	return process_send(desk->fd, answer, sizeof(*answer)) && process_send(desk->fd, desk->out.data, answer->len);
}

static void
serve(struct desk *desk)
{
	static enum status (*const handlers[REQUEST_KINDS])(
	    struct desk * desk, const struct request *request, struct answer *answer) = {
		[REQUEST_SLOT] = do_slot,
		[REQUEST_SORT] = do_sort,
		[REQUEST_WRITE] = do_write,
		[REQUEST_RESET] = do_reset,
	};
	struct request request;
	struct answer answer;

	do {
		if (!process_receive(desk->fd, &request, sizeof(request)) ||
		    (request.kind == REQUEST_WRITE && !receive_parts(desk, request.len)))
			return;
		answer = (struct answer) { .status = STATUS_OK };
		buf_reset(&desk->out);
		answer.status = handlers[request.kind](desk, &request, &answer);
	} while (send_answer(desk, &answer));
}

struct start {
	const struct batch_worker_options *options;
	const unsigned char *shared;
};

static void
worker_main(int fd, void *arg)
{
	const struct start *start = arg;
	struct desk desk = { .options = start->options, .shared = start->shared, .fd = fd };
	struct answer answer = { .status = STATUS_OK };

	/* Above all not the database's lock. */
	process_keep_only(fd);
	buf_init(&desk.out, SIZE_MAX / 2);
	buf_init(&desk.in, SIZE_MAX / 2);
	answer.status = postings_builder_new(start->options->lean, &desk.builder, &answer.error);
	if (answer.status == STATUS_OK && start->options->has_layers)
		answer.status = layer_build_new(&desk.build, &answer.error);
	if (answer.status == STATUS_OK)
		serve(&desk);
	else
		(void)send_answer(&desk, &answer);
}

/* ---- Its side of the batch ------------------------------------------------------------------- */

struct batch_worker {
	struct process process;
	unsigned char *shared; /* SLOTS times SLOT_SPACE */
	unsigned slot; /* the one that is filled */
	size_t used; /* of it */
	unsigned pending; /* that were sent and not answered */
	char *outcomes; /* of the answer that was taken last */
	size_t capacity;
	const char *next; /* of these */
	const char *end;
	struct outcome outcome;
	size_t bytes;
};

enum status
batch_worker_start(const struct batch_worker_options *options, struct batch_worker **ret_worker, struct error *reterr)
{
	struct batch_worker *worker = calloc(1, sizeof(*worker));
	struct start start = { .options = options };
	enum status status;

	if (worker == NULL)
		return error_no_memory(reterr);
	worker->process.fd = -1;
	/* Of a slot hardly more than SLOT_BYTES is ever touched. */
	worker->shared = mmap(NULL, (size_t)SLOTS * SLOT_SPACE, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (worker->shared == MAP_FAILED) {
		worker->shared = NULL;
		status = error_errno(reterr, STATUS_NOMEM, errno, "cannot share memory with a process");
	} else {
		start.shared = worker->shared;
		status = process_start(&worker->process, worker_main, &start, reterr);
	}
	if (status != STATUS_OK) {
		batch_worker_stop(worker);
		return status;
	}
	*ret_worker = worker;
	return STATUS_OK;
}

void
batch_worker_stop(struct batch_worker *worker)
{
	if (worker == NULL)
		return;
	process_stop(&worker->process);
	if (worker->shared != NULL)
		(void)munmap(worker->shared, (size_t)SLOTS * SLOT_SPACE);
	outcome_done(&worker->outcome);
	free(worker->outcomes);
	free(worker);
}

bool
batch_worker_is_gone(const struct batch_worker *worker)
{
	return worker != NULL && worker->process.pid == 0;
}

bool
batch_worker_is_full(const struct batch_worker *worker)
{
	return worker->pending == SLOTS;
}

unsigned
batch_worker_pending(const struct batch_worker *worker)
{
	return worker->pending;
}

size_t
batch_worker_bytes(const struct batch_worker *worker)
{
	return worker->bytes;
}

/* ---- Answers --------------------------------------------------------------------------------- */

bool
batch_worker_is_ready(const struct batch_worker *worker)
{
	struct pollfd fd = { worker->process.fd, POLLIN, 0 };

	return worker->pending > 0 && poll(&fd, 1, 0) > 0;
}

static enum status
is_gone(struct batch_worker *worker, struct error *reterr)
{
	enum status status = worker->process.pid > 0 ? process_wait(&worker->process, reterr) : STATUS_OK;

	return status != STATUS_OK
		   ? status
		   : error_set(reterr, STATUS_INTERNAL, ERROR_NO_OFFSET, "a child process ended without an answer");
}

static enum status
receive_outcomes(struct batch_worker *worker, size_t len, struct error *reterr)
{
	char *larger;

	if (len > worker->capacity) {
		larger = realloc(worker->outcomes, len);
		if (larger == NULL)
			return error_no_memory(reterr);
		worker->outcomes = larger;
		worker->capacity = len;
	}
	if (!process_receive(worker->process.fd, worker->outcomes, len))
		return is_gone(worker, reterr);
	worker->next = worker->outcomes;
	worker->end = worker->outcomes + len;
	return STATUS_OK;
}

static enum status
receive(struct batch_worker *worker, struct answer *ret_answer, struct error *reterr)
{
	enum status status;

	if (worker->process.pid == 0 || !process_receive(worker->process.fd, ret_answer, sizeof(*ret_answer)))
		return is_gone(worker, reterr);
	status = receive_outcomes(worker, ret_answer->len, reterr);
	if (status != STATUS_OK)
		return status;
	worker->bytes = ret_answer->bytes;
	if (ret_answer->status != STATUS_OK && reterr != NULL)
		*reterr = ret_answer->error;
	return ret_answer->status;
}

enum status
batch_worker_take(struct batch_worker *worker, struct error *reterr)
{
	struct answer answer;
	enum status status = receive(worker, &answer, reterr);

	worker->pending -= status == STATUS_OK;
	return status;
}

enum status
batch_worker_next(struct batch_worker *worker, struct outcome **ret_outcome, struct error *reterr)
{
	enum status status;

	if (worker->next == worker->end)
		return STATUS_END;
	status = outcome_read(worker->next, &worker->outcome, &worker->next, reterr);
	if (status == STATUS_OK)
		*ret_outcome = &worker->outcome;
	return status;
}

/* ---- Requests -------------------------------------------------------------------------------- */

/* Where it is gone, its last answer may say why. */
static enum status
send_request(struct batch_worker *worker, const struct request *request, struct str bytes, struct error *reterr)
{
	struct answer answer;
	enum status status;

	if (worker->process.pid == 0)
		return is_gone(worker, reterr);
	if (process_send(worker->process.fd, request, sizeof(*request)) &&
	    process_send(worker->process.fd, bytes.p, bytes.len))
		return STATUS_OK;
	do {
		status = receive(worker, &answer, reterr);
	} while (status == STATUS_OK);
	return status;
}

/* One that is answered at once. */
static enum status
ask(struct batch_worker *worker, const struct request *request, struct str bytes, struct answer *ret_answer,
    struct error *reterr)
{
	enum status status;

	assert(worker->pending == 0 && worker->used == 0);
	status = send_request(worker, request, bytes, reterr);
	return status == STATUS_OK ? receive(worker, ret_answer, reterr) : status;
}

enum status
batch_worker_flush(struct batch_worker *worker, struct error *reterr)
{
	struct request request = { .kind = REQUEST_SLOT, .slot = worker->slot, .len = worker->used };
	enum status status;

	if (worker->used == 0)
		return STATUS_OK;
	assert(!batch_worker_is_full(worker));
	status = send_request(worker, &request, STR(""), reterr);
	if (status != STATUS_OK)
		return status;
	worker->pending++;
	worker->slot = (worker->slot + 1) % SLOTS;
	worker->used = 0;
	return STATUS_OK;
}

static enum status
add(struct batch_worker *worker, const struct parcel *parcel, struct error *reterr)
{
	unsigned char *to;

	assert(!batch_worker_is_full(worker));
	/* So that long documents, which are waited for, touch one slot alone. */
	if (worker->pending == 0 && worker->used == 0)
		worker->slot = 0;
	to = worker->shared + (size_t)worker->slot * SLOT_SPACE + worker->used;
	worker->used += (size_t)(parcel_write(to, parcel) - to);
	return worker->used >= SLOT_BYTES ? batch_worker_flush(worker, reterr) : STATUS_OK;
}

enum status
batch_worker_put(struct batch_worker *worker, uint32_t docid, const struct store_document *document,
    const struct hash *file, struct error *reterr)
{
	return add(
	    worker, &(struct parcel) { .docid = docid, .what = PUT, .file = *file, .document = *document }, reterr);
}

enum status
batch_worker_delete(struct batch_worker *worker, uint32_t docid, struct error *reterr)
{
	return add(worker, &(struct parcel) { .docid = docid, .what = DELETE }, reterr);
}

enum status
batch_worker_sort(struct batch_worker *worker, uint32_t *ret_documents, struct error *reterr)
{
	struct answer answer;
	enum status status = ask(worker, &(struct request) { .kind = REQUEST_SORT }, STR(""), &answer, reterr);

	if (status == STATUS_OK)
		*ret_documents = answer.documents;
	return status;
}

static enum status
append_part(struct buf *parts, const struct layerfile *part, struct error *reterr)
{
	struct part_head head = { .number = part->number };
	size_t at = parts->len;
	enum status status;

	(void)buf_append(parts, &head, sizeof(head));
	status = touched_write(&part->touched, parts, reterr);
	if (status != STATUS_OK)
		return status;
	head.len = (uint32_t)(parts->len - at - sizeof(head));
	memcpy(parts->data + at, &head, sizeof(head));
	return STATUS_OK;
}

enum status
batch_worker_write(struct batch_worker *worker, uint32_t number, const struct layerfile *const parts[], size_t n_parts,
    uint32_t *ret_documents, struct error *reterr)
{
	struct request request = { .kind = REQUEST_WRITE, .number = number, .n_parts = (uint32_t)n_parts };
	struct answer answer;
	struct buf bytes;
	enum status status = STATUS_OK;

	buf_init(&bytes, SIZE_MAX / 2);
	for (size_t i = 0; status == STATUS_OK && i < n_parts; i++)
		status = append_part(&bytes, parts[i], reterr);
	request.len = bytes.len;
	if (status == STATUS_OK)
		status = ask(worker, &request, buf_str(&bytes), &answer, reterr);
	buf_done(&bytes);
	if (status == STATUS_OK)
		*ret_documents = answer.documents;
	return status;
}

enum status
batch_worker_reset(struct batch_worker *worker, struct error *reterr)
{
	struct answer answer;

	return ask(worker, &(struct request) { .kind = REQUEST_RESET }, STR(""), &answer, reterr);
}
