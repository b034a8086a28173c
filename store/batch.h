/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * batch: changes to a database, committed together, of which none is lost silently.
 *
 * When Xapian fails in the midst of a write, everything since the last commit is gone, without a word
 * from its next commit.  So each change is kept here until it is committed.  After a failure that may
 * be a document's fault the database is opened again and the changes are made once more: all of them, then halves,
 * quarters, and so on down to the one that fails alone.  If that is a document it is handed to `refused_cb`
 * and the rest goes on.  Any other failure (disk full, a sync that failed, no memory) ends the batch at once.
 *
 * Documents are analysed by another process (batch-worker.h) while the next ones are read, so that some of the last changes are not in the
 * database yet; what asks it about one of these waits for it (batch_settle_id() and its like).  What becomes of the documents does not depend on how
 * far that process is.
 *
 * Commits happen at COMMIT_DOCUMENTS or COMMIT_BYTES, and with `for_readers` at least COMMIT_SPACING_MS
 * apart, each followed by an fsync of the folder, which Xapian leaves out.
 */
#ifndef VOISIN_STORE_BATCH_H
#define VOISIN_STORE_BATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "store/document.h"
#include "store/hash.h"
#include "store/writer.h"
#include "xapian-c/xapian-c.h"

struct batch;

struct batch_options {
	bool create; /* a new database, which must not exist */
	bool for_readers; /* others may read it: sync each commit and keep them apart */
	void (*refused_cb)(void *arg, struct str id, enum store_put was, const struct error *why);
	void *arg;
};

/* Opens the database at `path` (copied). */
enum status batch_open(
    const char *path, const struct batch_options *options, struct batch **ret_batch, struct error *reterr) MUST_CHECK;

/* Closes without committing.  NULL is accepted. */
void batch_close(struct batch *batch);

/* The database as changed so far, but for documents that are being analysed.  Borrowed until the next call that takes the batch. */
struct xc_database *batch_database(struct batch *batch);

/* From here on the database says what it will of the document with this id; of all documents of this file; of all documents. */
enum status batch_settle_id(struct batch *batch, struct str id, struct error *reterr) MUST_CHECK;
enum status batch_settle_file(struct batch *batch, const struct hash *file, struct error *reterr) MUST_CHECK;
enum status batch_settle(struct batch *batch, struct error *reterr) MUST_CHECK;

/* How many documents have the term, without those that are being analysed, be it in place of ones that have it. */
enum status batch_frequency(
    struct batch *batch, struct str term, uint32_t *ret_documents, struct error *reterr) MUST_CHECK;

/* The docid that the next new document gets. */
uint32_t batch_next_docid(const struct batch *batch);

/*
 * Puts `document` (copied) under `docid`, in place of one that had `old_words` words.  STATUS_INVALID
 * and STATUS_LIMIT refuse the document and change nothing; any other failure, which may be that of a change before, ends the batch, and
 * every later call returns it.
 */
enum status batch_put(struct batch *batch, uint32_t docid, const struct store_document *document,
    const struct hash *file, uint32_t old_words, enum store_put what, struct error *reterr) MUST_CHECK;

/* Gives a document another id and another file, and leaves what it says as it is: no analysis. */
enum status batch_move(
    struct batch *batch, uint32_t docid, struct str id, const struct hash *file, struct error *reterr) MUST_CHECK;

/* Deletes a document that has `words` words. */
enum status batch_delete(struct batch *batch, uint32_t docid, uint32_t words, struct error *reterr) MUST_CHECK;

enum status batch_set_metadata(struct batch *batch, struct str key, struct str value, struct error *reterr) MUST_CHECK;

/* Commits what there is.  `last`: without waiting for the time between commits. */
enum status batch_commit(struct batch *batch, bool last, struct error *reterr) MUST_CHECK;

/*
 * To be called once all is committed: merges inverted files that have become many (layer-set.h), in a commit of its own.  A failure ends the batch,
 * and what was committed before stays.
 */
enum status batch_merge(struct batch *batch, struct error *reterr) MUST_CHECK;

/*
 * To be called where nothing has changed since the last commit: removes inverted files that it does not name, such as those of a run that was
 * killed before its commit.
 */
void batch_sweep(struct batch *batch);

/*
 * How many documents of the generation's inverted file were touched, of how many, where that is more than touched_is_many() says; else
 * *ret_of is 0.
 */
void batch_many_touched(const struct batch *batch, uint32_t *ret_touched, uint32_t *ret_of);

/* Documents refused after batch_put() had accepted them, of those that were STORE_ADDED. */
uint32_t batch_added_refused(const struct batch *batch);

#endif
