/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/bulk-sample.h"

#include <stdlib.h>

#include "store/bulk-worker.h"
#include "store/encode.h"
#include "store/texts.h"

/* The lines of a document that has as many bytes as one may, which are little more. */
enum { SAMPLE_MAX = TEXTS_SAMPLE_BYTES + 2 * BULK_DOCUMENT_BYTES };

struct kept {
	struct hash file;
	uint32_t docid;
};

struct bulk_sample {
	struct buf lines; /* of all documents, one behind the other */
	struct kept *kept;
	size_t *lengths; /* of the lines of each */
	size_t n;
	size_t capacity;
	size_t next;
	size_t off; /* of the lines of `next` */
};

enum status
bulk_sample_new(struct bulk_sample **ret_sample, struct error *reterr)
{
	struct bulk_sample *sample = calloc(1, sizeof(*sample));

	if (sample == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	buf_init(&sample->lines, SAMPLE_MAX);
	*ret_sample = sample;
	return STATUS_OK;
}

void
bulk_sample_free(struct bulk_sample *sample)
{
	if (sample == NULL)
		return;
	buf_done(&sample->lines);
	free(sample->kept);
	free(sample->lengths);
	free(sample);
}

static enum status
reserve(struct bulk_sample *sample, struct error *reterr)
{
	size_t capacity = sample->capacity > 0 ? 2 * sample->capacity : 256;
	struct kept *kept;
	size_t *lengths;

	if (sample->n < sample->capacity)
		return STATUS_OK;
	kept = realloc(sample->kept, capacity * sizeof(*kept));
	if (kept != NULL)
		sample->kept = kept;
	lengths = realloc(sample->lengths, capacity * sizeof(*lengths));
	if (lengths != NULL)
		sample->lengths = lengths;
	if (kept == NULL || lengths == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	sample->capacity = capacity;
	return STATUS_OK;
}

enum status
bulk_sample_add(struct bulk_sample *sample, uint32_t docid, const struct store_document *document,
    const struct hash *file, bool *ret_full, struct error *reterr)
{
	size_t before = sample->lines.len;
	enum status status = reserve(sample, reterr);

	if (status != STATUS_OK)
		return status;
	status = document_encode(document, &sample->lines);
	if (status != STATUS_OK)
		return error_set(reterr, status, ERROR_NO_OFFSET, "no room for the document");
	sample->kept[sample->n] = (struct kept) { *file, docid };
	sample->lengths[sample->n++] = sample->lines.len - before;
	*ret_full = sample->lines.len >= TEXTS_SAMPLE_BYTES;
	return STATUS_OK;
}

enum status
bulk_sample_train(const struct bulk_sample *sample, struct buf *out, struct error *reterr)
{
	return texts_train(sample->lines.data, sample->lengths, sample->n, out, reterr);
}

enum status
bulk_sample_next(struct bulk_sample *sample, struct bulk_sampled *ret_next, struct error *reterr)
{
	struct str lines;
	size_t i = sample->next;

	if (i == sample->n)
		return STATUS_END;
	lines = (struct str) { sample->lines.data + sample->off, sample->lengths[i] };
	sample->next++;
	sample->off += lines.len;
	ret_next->file = sample->kept[i].file;
	ret_next->docid = sample->kept[i].docid;
	return document_decode(lines, &ret_next->document, reterr);
}
