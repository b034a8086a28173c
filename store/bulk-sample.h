/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bulk-sample: the first documents of a build, of which a process of its own makes the dictionary that texts are packed by (texts.h).
 *
 * They go on to the workers at once, to be analysed, and so do those that follow, up to a bound.  What is to be stored of them all is kept here and
 * packed when the tables are written: there is a core to spare then.
 */
#ifndef VOISIN_STORE_BULK_SAMPLE_H
#define VOISIN_STORE_BULK_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "store/document.h"

struct bulk_sample;

/* A document that was kept. */
struct bulk_sampled {
	uint32_t docid;
	struct str lines; /* borrowed until bulk_sample_free() */
};

/* STATUS_NOMEM. */
enum status bulk_sample_new(struct bulk_sample **ret_sample, struct error *reterr) MUST_CHECK;

/* Ends the process.  NULL is accepted. */
void bulk_sample_free(struct bulk_sample *sample);

/* Keeps a document (copied) of at most BULK_DOCUMENT_BYTES; the process starts once there are enough. */
enum status bulk_sample_add(
    struct bulk_sample *sample, uint32_t docid, const struct store_document *document, struct error *reterr) MUST_CHECK;

/* Whether the process was started: the dictionary is of what was kept until then. */
bool bulk_sample_is_full(const struct bulk_sample *sample);

/* Whether no more documents can be kept. */
bool bulk_sample_is_due(const struct bulk_sample *sample);

/* Appends what is to be stored of the dictionary, of what there is where the process was not started yet; nothing of too few.  Waits. */
enum status bulk_sample_take(struct bulk_sample *sample, struct buf *out, struct error *reterr) MUST_CHECK;

/* The next document, in their order; STATUS_END. */
enum status bulk_sample_next(struct bulk_sample *sample, struct bulk_sampled *ret_next) MUST_CHECK;

#endif
