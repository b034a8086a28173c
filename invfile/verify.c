/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything in an inverted file, held against what the dictionary and the header say.
 */
#include <stdlib.h>

#include "invfile/cursor.h"

struct verifier {
	const struct invfile *file;
	double length_factor;
	struct cursor cursor;
	struct cursor_positions positions;
	unsigned char last[256]; /* the term before */
	size_t last_len;
};

/* The posting at which the cursor stands. */
static enum status
check_posting(struct verifier *verifier, struct str term, const struct invfile_term *found, struct error *reterr)
{
	struct cursor *cursor = &verifier->cursor;
	struct cursor_positions *positions = &verifier->positions;
	uint32_t length = invfile_lengths(verifier->file)[cursor->docid];
	uint32_t wdf = cursor_wdf(cursor);
	double part = wdf == 0 ? 0 : bm25_part(invfile_bm25(verifier->file), verifier->length_factor, wdf, length);
	uint32_t last;
	double bound = cursor_block_max(cursor, cursor->docid, &last);
	enum status status;

	if (part > bound || part > found->part_max || last < cursor->docid)
		return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
		    "the inverted file is damaged: document %lu has more of the term %.*s than its bound",
		    (unsigned long)cursor->docid, STR_FMT(term));
	status = cursor_read_positions(cursor, positions, reterr);
	for (size_t i = 1; status == STATUS_OK && i < positions->n; i++) {
		if (positions->v[i] <= positions->v[i - 1])
			status = STATUS_CORRUPT;
	}
	if (status == STATUS_CORRUPT)
		return error_set(reterr, status, ERROR_NO_OFFSET,
		    "the inverted file is damaged: the positions of the term %.*s in document %lu", STR_FMT(term),
		    (unsigned long)cursor->docid);
	return status;
}

static enum status
check_list(struct verifier *verifier, struct str term, const struct invfile_term *found, struct error *reterr)
{
	struct cursor *cursor = &verifier->cursor;
	uint64_t occurrences = 0;
	uint32_t documents = 0;

	cursor_open(cursor, verifier->file, found);
	while (cursor_next(cursor) != CURSOR_END) {
		enum status status = check_posting(verifier, term, found, reterr);

		if (status != STATUS_OK)
			return status;
		documents++;
		occurrences += cursor_wdf(cursor);
	}
	if (cursor->damaged)
		return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
		    "the inverted file is damaged: the documents of the term %.*s", STR_FMT(term));
	if (documents != found->documents || occurrences != found->occurrences)
		return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
		    "the inverted file is damaged: the term %.*s is not as frequent as it says", STR_FMT(term));
	return STATUS_OK;
}

static enum status
check_term_cb(void *arg, struct str term, const struct invfile_term *found, struct error *reterr)
{
	struct verifier *verifier = arg;
	struct str last = { (const char *)verifier->last, verifier->last_len };

	if (term.len == 0 || str_cmp(last, term) >= 0)
		return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
		    "the inverted file is damaged: the term %.*s is not in its place", STR_FMT(term));
	memcpy(verifier->last, term.p, term.len);
	verifier->last_len = term.len;
	return check_list(verifier, term, found, reterr);
}

static enum status
check_lengths(const struct invfile *file, struct error *reterr)
{
	const uint32_t *lengths = invfile_lengths(file);
	uint64_t sum = lengths[0]; /* of no document, so 0 */
	uint32_t n = 0;

	for (uint32_t docid = 1; docid <= invfile_last_docid(file); docid++) {
		sum += lengths[docid];
		n += lengths[docid] > 0;
	}
	if (sum == invfile_total_length(file) && lengths[0] == 0 && n <= invfile_documents(file))
		return STATUS_OK;
	return error_set(
	    reterr, STATUS_CORRUPT, ERROR_NO_OFFSET, "the inverted file is damaged: the lengths of documents");
}

enum status
invfile_verify(const struct invfile *file, struct error *reterr)
{
	struct verifier *verifier = calloc(1, sizeof(*verifier));
	enum status status;

	if (verifier == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	verifier->file = file;
	verifier->length_factor = invfile_average_length(file) > 0 ? 1 / invfile_average_length(file) : 0;
	status = invfile_check_bytes(file, reterr);
	if (status == STATUS_OK)
		status = check_lengths(file, reterr);
	if (status == STATUS_OK)
		status = invfile_terms(file, STR(""), check_term_cb, verifier, reterr);
	cursor_positions_done(&verifier->positions);
	free(verifier);
	return status;
}
