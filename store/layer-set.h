/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * layer-set: the inverted files of a database that is being changed, and what each has wrong.
 *
 * What the documents of a commit give to the index is written to a new file, `inverted.N`, before the commit that names it; a document that
 * one of the others has is touched there.  A file that has no more documents left than those behind it together
 * is merged with them (Bentley and Saxe, "Decomposable Searching Problems I", Journal of Algorithms 1, 1980), so that of n changed documents
 * there are O(log n) files, and each document is written O(log n) times.  The file of the full build is never merged.  Since what was put need not wait for that
 * to be found, files are merged in a transaction of their own, behind the one that puts it (as in Lucene, where segments are merged once they are flushed).
 *
 *	layer_set_open(path, database)         as of the last commit; after a failure, anew
 *	layer_set_touch                        for each document that is put or deleted
 *	layer_set_write(worker, writable)      in the transaction, last
 *	layer_set_committed                    once it is on the disk
 *	layer_set_is_due                       at the end of a run; if so, in the next transaction
 *	layer_set_merge(worker, writable)
 *	layer_set_committed
 */
#ifndef VOISIN_STORE_LAYER_SET_H
#define VOISIN_STORE_LAYER_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "store/batch-worker.h"
#include "store/touched.h"
#include "xapian-c/xapian-c.h"

struct layer_set;

/*
 * Reads what the last commit of the database in folder `path` (copied) says, and opens the files that it names but for that of the full build.  Where
 * there was no such build the set is of nothing, and all calls do nothing.  STATUS_CORRUPT: a file of a lean index is missing or damaged; of
 * any other one all are given up with the next commit.
 */
enum status layer_set_open(
    const char *path, struct xc_database *db, struct layer_set **ret_set, struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void layer_set_close(struct layer_set *set);

/* What the file of the full build has wrong, with the changes since the last commit; borrowed. */
const struct touched *layer_set_base(const struct layer_set *set);

/* Whether documents are to be inverted. */
bool layer_set_has_files(const struct layer_set *set);

/* A document was put, or deleted: whatever the files say of it is wrong from now on. */
void layer_set_touch(struct layer_set *set, uint32_t docid);

/*
 * Has the worker write the new file of all that it was handed, and writes to the metadata what changed.  `worker` may be NULL: no document
 * was put or deleted.  After any failure the set is of no use.
 */
enum status layer_set_write(
    struct layer_set *set, struct batch_worker *worker, struct xc_writable *writable, struct error *reterr) MUST_CHECK;

/* Whether there are files to be merged. */
bool layer_set_is_due(const struct layer_set *set);

/*
 * Has the worker merge these, and writes to the metadata what changed.  Nothing else changed since the last commit, and the worker has no documents.
 * After any failure the set is of no use.
 */
enum status layer_set_merge(
    struct layer_set *set, struct batch_worker *worker, struct xc_writable *writable, struct error *reterr) MUST_CHECK;

/* The changes are on the disk.  Removes files that neither this commit nor the one before it names. */
void layer_set_committed(struct layer_set *set);

/* Removes all that the last commit does not name, of runs that were killed too.  A file that cannot be removed stays. */
void layer_set_sweep(struct layer_set *set);

#endif
