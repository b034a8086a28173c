/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bulk-worker: a process of the bulk writer, that analyses documents and hands them to a collector of its own.
 *
 * Documents come in batches, in memory that both share: two of them, so that one is filled while the other is
 * worked on.  Over the socket go only the lengths, and the worker's answers.
 */
#ifndef VOISIN_STORE_BULK_WORKER_H
#define VOISIN_STORE_BULK_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/process.h"
#include "store/document.h"
#include "store/hash.h"

enum {
	BULK_BATCHES = 2,
	BULK_BATCH_BYTES = 256 * 1024, /* a batch is sent when it has so many... */
	BULK_DOCUMENT_BYTES = 1024 * 1024 /* ...and a document has no more (parcel_bytes()) */
};

struct bulk_worker {
	struct process process;
	unsigned char *shared; /* BULK_BATCHES times the memory of a batch */
	unsigned batch; /* the one that is filled */
	size_t used; /* of it */
	unsigned pending; /* batches that were sent and not answered */
	uint64_t words; /* of the documents so far */
};

/* Starts collector number `number` on `dir`, with so much memory, for a lean database or a whole one. */
enum status bulk_worker_start(struct bulk_worker *worker, const char *dir, unsigned number, size_t most_bytes,
    bool lean, struct error *reterr) MUST_CHECK;

/* Kills it where it still runs.  All zero, but process.fd -1, is accepted. */
void bulk_worker_stop(struct bulk_worker *worker);

/* Whether a document can be added without waiting. */
bool bulk_worker_is_free(const struct bulk_worker *worker);

/* Sends what is in the batch, if anything is.  To be called while a document can be added without waiting, as the next two. */
enum status bulk_worker_send(struct bulk_worker *worker, struct error *reterr) MUST_CHECK;

/* From here on texts are packed by this dictionary (texts.h; copied).  The batch is empty. */
enum status bulk_worker_pack_by(struct bulk_worker *worker, struct str value, struct error *reterr) MUST_CHECK;

/* What a worker is given of a document, of at most BULK_DOCUMENT_BYTES. */
struct bulk_work {
	uint32_t docid;
	const struct store_document *document;
	const struct hash *file;
	bool stores; /* or else somebody else stores its data */
};

/* Adds a document (copied) to the batch; sends it when it is full: *ret_sent. */
enum status bulk_worker_add(
    struct bulk_worker *worker, const struct bulk_work *work, bool *ret_sent, struct error *reterr) MUST_CHECK;

/* Takes the answer to one batch; waits for it where there is none yet.  What the worker says is wrong. */
enum status bulk_worker_answer(struct bulk_worker *worker, struct error *reterr) MUST_CHECK;

/* Sends what is left and tells the worker to finish; bulk_worker_answer() for each one that is pending; then wait. */
enum status bulk_worker_end(struct bulk_worker *worker, struct error *reterr) MUST_CHECK;

#endif
