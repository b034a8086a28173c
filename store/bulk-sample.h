/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bulk-sample: the first documents of a build, kept until there is a dictionary to pack their texts by (texts.h).
 */
#ifndef VOISIN_STORE_BULK_SAMPLE_H
#define VOISIN_STORE_BULK_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "store/document.h"
#include "store/hash.h"

struct bulk_sample;

/* A document that was kept. */
struct bulk_sampled {
	struct hash file;
	uint32_t docid;
	struct store_document document; /* borrowed until bulk_sample_free() */
};

/* STATUS_NOMEM. */
enum status bulk_sample_new(struct bulk_sample **ret_sample, struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void bulk_sample_free(struct bulk_sample *sample);

/* Keeps a document (copied) of at most BULK_DOCUMENT_BYTES; *ret_full: it was the last. */
enum status bulk_sample_add(struct bulk_sample *sample, uint32_t docid, const struct store_document *document,
    const struct hash *file, bool *ret_full, struct error *reterr) MUST_CHECK;

/* Appends what is to be stored of a dictionary made of them; nothing where they are too few. */
enum status bulk_sample_train(const struct bulk_sample *sample, struct buf *out, struct error *reterr) MUST_CHECK;

/* The next document, in their order; STATUS_END. */
enum status bulk_sample_next(
    struct bulk_sample *sample, struct bulk_sampled *ret_next, struct error *reterr) MUST_CHECK;

#endif
