/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * batch-worker: a process that analyses the documents of a batch, and makes their inverted file.
 *
 * The batch hands it documents and deletions, some slots of memory ahead, which both share; what comes back, in the same order, is what Xapian's
 * database gets of each (outcome.h).  The worker keeps the postings for the inverted file (layer-build.h), and writes that when it is told.  It has
 * nothing of the index open but the files that it merges.
 *
 *	batch_worker_put, batch_worker_delete, batch_worker_put      while the slot is not taken
 *	batch_worker_flush
 *	batch_worker_take, batch_worker_next, batch_worker_next      for each slot that was sent
 *	batch_worker_sort, batch_worker_write                        once nothing is pending
 */
#ifndef VOISIN_STORE_BATCH_WORKER_H
#define VOISIN_STORE_BATCH_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "store/document.h"
#include "store/hash.h"
#include "store/layerfile.h"
#include "store/outcome.h"

struct batch_worker;

struct batch_worker_options {
	const char *path; /* of the database (copied by the process) */
	bool lean; /* it is of a lean generation */
	bool has_layers; /* documents are to be inverted */
};

/* Starts one.  After a failure of any call but batch_worker_write() it is of no use. */
enum status batch_worker_start(
    const struct batch_worker_options *options, struct batch_worker **ret_worker, struct error *reterr) MUST_CHECK;

/* Kills it where it still runs.  NULL is accepted. */
void batch_worker_stop(struct batch_worker *worker);

/* Whether its process has ended, so that a failure says nothing of a document.  NULL is accepted: there is none. */
bool batch_worker_is_gone(const struct batch_worker *worker);

/* Whether the slot that is to be filled is taken: an answer has to be taken first. */
bool batch_worker_is_full(const struct batch_worker *worker);

/* Hands over a document that document_check() accepts (copied), or a deletion.  A slot that is full is sent. */
enum status batch_worker_put(struct batch_worker *worker, uint32_t docid, const struct store_document *document,
    const struct hash *file, struct error *reterr) MUST_CHECK;
enum status batch_worker_delete(struct batch_worker *worker, uint32_t docid, struct error *reterr) MUST_CHECK;

/* Sends what the slot has.  The worker must not be full. */
enum status batch_worker_flush(struct batch_worker *worker, struct error *reterr) MUST_CHECK;

/* How many slots were sent and not answered, and whether the answer to one can be taken without waiting. */
unsigned batch_worker_pending(const struct batch_worker *worker);
bool batch_worker_is_ready(const struct batch_worker *worker);

/* Takes the answer to the slot that was sent first; waits for it. */
enum status batch_worker_take(struct batch_worker *worker, struct error *reterr) MUST_CHECK;

/* The next outcome of that answer, borrowed until the next call; STATUS_END. */
enum status batch_worker_next(
    struct batch_worker *worker, struct outcome **ret_outcome, struct error *reterr) MUST_CHECK;

/* How much memory the postings take, as of the last answer. */
size_t batch_worker_bytes(const struct batch_worker *worker);

/* How many documents were put, those left out that were deleted or put again later. */
enum status batch_worker_sort(struct batch_worker *worker, uint32_t *ret_documents, struct error *reterr) MUST_CHECK;

/*
 * Writes their inverted file under that number, and into it the untouched documents of `parts`, and syncs it; *ret_documents is how many it has
 * (layer-merge.h).  After batch_worker_sort().
 */
enum status batch_worker_write(struct batch_worker *worker, uint32_t number, const struct layerfile *const parts[],
    size_t n_parts, uint32_t *ret_documents, struct error *reterr) MUST_CHECK;

/* Forgets all documents. */
enum status batch_worker_reset(struct batch_worker *worker, struct error *reterr) MUST_CHECK;

#endif
