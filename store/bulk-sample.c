/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/bulk-sample.h"

#include <stdlib.h>

#include "base/process.h"
#include "store/bulk-worker.h"
#include "store/encode.h"
#include "store/texts.h"

enum {
	/* To make a dictionary takes as long as to read some three times as many documents as it is made of. */
	KEPT_BYTES = 8 * TEXTS_SAMPLE_BYTES,
	/* The lines of a document that has as many bytes as one may are little more. */
	LINES_MAX = KEPT_BYTES + 2 * BULK_DOCUMENT_BYTES
};

struct kept {
	uint32_t docid;
	size_t bytes; /* of its lines */
};

struct bulk_sample {
	struct buf lines; /* of all documents, one behind the other */
	struct kept *kept;
	size_t n;
	size_t capacity;
	size_t next;
	size_t off; /* of the lines of `next` */
	struct process process; /* that makes the dictionary */
};

/* What the process says; the value follows. */
struct answer {
	enum status status;
	struct error error;
	size_t len;
};

enum status
bulk_sample_new(struct bulk_sample **ret_sample, struct error *reterr)
{
	struct bulk_sample *sample = calloc(1, sizeof(*sample));

	if (sample == NULL)
		return error_no_memory(reterr);
	sample->process.fd = -1;
	buf_init(&sample->lines, LINES_MAX);
	*ret_sample = sample;
	return STATUS_OK;
}

void
bulk_sample_free(struct bulk_sample *sample)
{
	if (sample == NULL)
		return;
	process_stop(&sample->process);
	buf_done(&sample->lines);
	free(sample->kept);
	free(sample);
}

/* ---- The process ----------------------------------------------------------------------------- */

static enum status
train(const struct bulk_sample *sample, struct buf *out, struct error *reterr)
{
	size_t *lengths = calloc(sample->n + 1, sizeof(*lengths));
	enum status status;

	if (lengths == NULL)
		return error_no_memory(reterr);
	for (size_t i = 0; i < sample->n; i++)
		lengths[i] = sample->kept[i].bytes;
	status = texts_train(sample->lines.data, lengths, sample->n, out, reterr);
	free(lengths);
	return status;
}

static void
train_main(int fd, void *arg)
{
	struct answer answer = { STATUS_OK, { STATUS_OK, ERROR_NO_OFFSET, "" }, 0 };
	struct buf value;

	buf_init(&value, TEXTS_VALUE_BYTES);
	answer.status = train(arg, &value, &answer.error);
	answer.len = value.len;
	if (process_send(fd, &answer, sizeof(answer)) && value.len > 0)
		(void)process_send(fd, value.data, value.len);
}

/* Its answer, where all of it came. */
static bool
receive(const struct bulk_sample *sample, struct answer *answer, struct buf *out)
{
	char value[TEXTS_VALUE_BYTES];

	return process_receive(sample->process.fd, answer, sizeof(*answer)) && answer->len <= sizeof(value) &&
	       process_receive(sample->process.fd, value, answer->len) &&
	       buf_append(out, value, answer->len) == STATUS_OK;
}

enum status
bulk_sample_take(struct bulk_sample *sample, struct buf *out, struct error *reterr)
{
	struct answer answer;
	bool answered;
	enum status status;

	if (!bulk_sample_is_full(sample))
		return train(sample, out, reterr);
	answered = receive(sample, &answer, out);
	status = process_wait(&sample->process, reterr);
	if (status != STATUS_OK)
		return status;
	if (!answered)
		return error_set(reterr, STATUS_INTERNAL, ERROR_NO_OFFSET, "a child process ended without an answer");
	if (answer.status != STATUS_OK && reterr != NULL)
		*reterr = answer.error;
	return answer.status;
}

bool
bulk_sample_is_full(const struct bulk_sample *sample)
{
	return sample->process.pid > 0;
}

bool
bulk_sample_is_due(const struct bulk_sample *sample)
{
	return sample->lines.len >= KEPT_BYTES;
}

/* ---- Documents ------------------------------------------------------------------------------- */

static enum status
reserve(struct bulk_sample *sample, struct error *reterr)
{
	size_t capacity = sample->capacity > 0 ? 2 * sample->capacity : 256;
	struct kept *kept;

	if (sample->n < sample->capacity)
		return STATUS_OK;
	kept = realloc(sample->kept, capacity * sizeof(*kept));
	if (kept == NULL)
		return error_no_memory(reterr);
	sample->kept = kept;
	sample->capacity = capacity;
	return STATUS_OK;
}

enum status
bulk_sample_add(struct bulk_sample *sample, uint32_t docid, const struct store_document *document, struct error *reterr)
{
	size_t before = sample->lines.len;
	enum status status = reserve(sample, reterr);

	if (status != STATUS_OK)
		return status;
	status = document_encode(document, &sample->lines);
	if (status != STATUS_OK)
		return error_set(reterr, status, ERROR_NO_OFFSET, "no room for the document");
	sample->kept[sample->n++] = (struct kept) { docid, sample->lines.len - before };
	if (sample->lines.len < TEXTS_SAMPLE_BYTES || bulk_sample_is_full(sample))
		return STATUS_OK;
	return process_start(&sample->process, train_main, sample, reterr);
}

enum status
bulk_sample_next(struct bulk_sample *sample, struct bulk_sampled *ret_next)
{
	size_t i = sample->next;

	if (i == sample->n)
		return STATUS_END;
	ret_next->docid = sample->kept[i].docid;
	ret_next->lines = (struct str) { sample->lines.data + sample->off, sample->kept[i].bytes };
	sample->next++;
	sample->off += sample->kept[i].bytes;
	return STATUS_OK;
}
