/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * batch-internal: what batch.c and batch-apply.c share.
 */
#ifndef VOISIN_STORE_BATCH_INTERNAL_H
#define VOISIN_STORE_BATCH_INTERNAL_H

#include <limits.h>

#include "store/batch-worker.h"
#include "store/batch.h"
#include "store/layer-set.h"
#include "store/postings.h"

enum change_kind { CHANGE_PUT, CHANGE_MOVE, CHANGE_DELETE, CHANGE_METADATA };

struct change {
	enum change_kind kind;
	uint32_t docid;
	uint32_t old_words;
	enum store_put what;
	struct hash file;
	struct store_document document; /* all strings point into bytes */
	struct str key, value;
	bool is_refused; /* by the analysis: it is not made again */
	size_t n_bytes;
	char bytes[];
};

struct batch {
	char path[PATH_MAX];
	struct batch_options options;
	struct xc_writable *writable;
	struct postings_builder *builder;
	struct texts *texts; /* of the database, once they are needed, or NULL */
	struct batch_worker *worker; /* once there is something for it, or NULL */
	struct change **changes; /* since the last commit */
	size_t n_changes;
	size_t n_handed; /* of these, how many have been made, or are with the worker */
	size_t next; /* the first of them that has not been made, if any */
	size_t capacity;
	size_t n_bytes; /* in all changes */
	size_t n_documents; /* of the changes, those that put or delete one */
	bool in_transaction;
	struct layer_set *layers; /* changes included */
	uint32_t next_docid;
	uint32_t added_refused;
	int64_t words; /* of all documents, changes included */
	int64_t words_committed;
	int64_t committed_ms; /* when, 0 for never */
	struct error refusal; /* of the last document that was waited for; code STATUS_OK: it was not refused */
	struct error failed; /* code STATUS_OK while nothing failed for good */
};

/* Makes a change, now or when the worker has done its part. */
enum status batch_apply(struct batch *batch, const struct change *change, struct error *reterr) MUST_CHECK;

/* Makes all changes that the worker has. */
enum status batch_apply_rest(struct batch *batch, struct error *reterr) MUST_CHECK;

/* Starts the worker, where there is none. */
enum status batch_start_worker(struct batch *batch, struct error *reterr) MUST_CHECK;

/* After a failure to make changes: makes all of them anew, but for what fails alone, or ends the batch. */
enum status batch_recover(struct batch *batch, const struct error *failure, struct error *reterr) MUST_CHECK;

/* What ended the batch, or STATUS_OK. */
enum status batch_check_failed(const struct batch *batch, struct error *reterr) MUST_CHECK;

#endif
