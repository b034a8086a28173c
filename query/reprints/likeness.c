/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/reprints/likeness.h"

#include <stdlib.h>

#include "store/schema.h"

enum { SCRATCH_BYTES = 64 * 1024 * 1024 };

/*
 * The estimate of a likeness of 0.5 has a standard deviation of sqrt(0.25 / 36) = 0.083: one of 0.2 or less comes
 * with a probability of 0.0002.
 */
#define ESTIMATE_MIN 0.2
#define ESTIMATE_SURE 0.86

/* The shingles of a document; docid 0 for none. */
struct side {
	uint32_t docid;
	struct shingle_set set;
};

struct likeness {
	const struct store_reader *reader;
	struct arena *scratch;
	struct word_list words;
	struct side sides[2];
};

enum status
likeness_new(const struct store_reader *reader, struct likeness **ret_likeness, struct error *reterr)
{
	struct likeness *likeness = calloc(1, sizeof(*likeness));

	if (likeness == NULL || arena_new(SCRATCH_BYTES, &likeness->scratch) != STATUS_OK) {
		likeness_free(likeness);
		return error_no_memory(reterr);
	}
	likeness->reader = reader;
	*ret_likeness = likeness;
	return STATUS_OK;
}

void
likeness_free(struct likeness *likeness)
{
	if (likeness == NULL)
		return;
	word_list_done(&likeness->words);
	for (int i = 0; i < 2; i++)
		shingle_set_done(&likeness->sides[i].set);
	arena_free(likeness->scratch);
	free(likeness);
}

const struct store_reader *
likeness_reader(const struct likeness *likeness)
{
	return likeness->reader;
}

static enum status
read_values(struct xc_document *doc, struct fingerprint *fingerprint, struct error *reterr)
{
	struct str value;
	enum status status = xc_document_value(doc, SCHEMA_VALUE_SIGNATURE, &value, reterr);

	if (status == STATUS_OK)
		fingerprint->has_signature = signature_read(value, &fingerprint->signature);
	if (status == STATUS_OK)
		status = xc_document_value(doc, SCHEMA_VALUE_COLLAPSE, &value, reterr);
	if (status == STATUS_OK && value.len == HASH_BYTES)
		memcpy(fingerprint->text.bytes, value.p, HASH_BYTES);
	return status;
}

enum status
fingerprint_read(
    const struct store_reader *reader, uint32_t docid, struct fingerprint *ret_fingerprint, struct error *reterr)
{
	struct fingerprint fingerprint = { .docid = docid };
	struct xc_document *doc;
	enum status status = xc_database_document(store_reader_database(reader), docid, &doc, reterr);

	if (status != STATUS_OK)
		return status;
	status = read_values(doc, &fingerprint, reterr);
	xc_document_free(doc);
	if (status == STATUS_OK)
		*ret_fingerprint = fingerprint;
	return status;
}

/* The value of `docid` in a stream, empty where it has none; *docid_at is where the stream stands, 0 at first. */
static enum status
stream_value(struct xc_values *values, uint32_t docid, uint32_t *docid_at, struct str *value, struct error *reterr)
{
	enum status status = STATUS_OK;

	if (*docid_at < docid)
		status = xc_values_skip_to(values, docid, docid_at, value, reterr);
	if (status == STATUS_END)
		*docid_at = UINT32_MAX;
	return status == STATUS_END ? STATUS_OK : status;
}

/* The values of one slot: signatures, or hashes of texts. */
static enum status
read_slot(const struct store_reader *reader, bool signatures, const uint32_t *docids, uint32_t n,
    struct fingerprint *fingerprints, struct error *reterr)
{
	struct xc_values *values;
	struct str value = { "", 0 };
	uint32_t at = 0;
	enum status status = xc_database_valuestream(store_reader_database(reader),
	    signatures ? SCHEMA_VALUE_SIGNATURE : SCHEMA_VALUE_COLLAPSE, &values, reterr);

	if (status != STATUS_OK)
		return status;
	for (uint32_t i = 0; status == STATUS_OK && i < n; i++) {
		status = stream_value(values, docids[i], &at, &value, reterr);
		if (status != STATUS_OK || at != docids[i])
			continue;
		if (signatures)
			fingerprints[i].has_signature = signature_read(value, &fingerprints[i].signature);
		else if (value.len == HASH_BYTES)
			memcpy(fingerprints[i].text.bytes, value.p, HASH_BYTES);
	}
	xc_values_free(values);
	return status;
}

enum status
fingerprints_read(const struct store_reader *reader, const uint32_t *docids, uint32_t n,
    struct fingerprint *ret_fingerprints, struct error *reterr)
{
	enum status status;

	for (uint32_t i = 0; i < n; i++)
		ret_fingerprints[i] = (struct fingerprint) { .docid = docids[i] };
	status = read_slot(reader, true, docids, n, ret_fingerprints, reterr);
	return status == STATUS_OK ? read_slot(reader, false, docids, n, ret_fingerprints, reterr) : status;
}

static enum status
load(struct likeness *likeness, struct side *side, uint32_t docid, struct error *reterr)
{
	struct store_document document;
	enum status status;

	side->docid = 0;
	arena_reset(likeness->scratch);
	status = store_reader_document(likeness->reader, docid, likeness->scratch, &document, reterr);
	if (status != STATUS_OK)
		return status;
	if (word_list_read(&likeness->words, document.text) != STATUS_OK ||
	    shingle_set_fill(&side->set, &likeness->words) != STATUS_OK)
		return error_no_memory(reterr);
	side->docid = docid;
	return STATUS_OK;
}

/* The side that holds `docid`; read, where neither does, in place of the one that does not hold `other`. */
static enum status
side_of(struct likeness *likeness, uint32_t docid, uint32_t other, struct side **ret_side, struct error *reterr)
{
	struct side *sides = likeness->sides;

	*ret_side = &sides[sides[1].docid == docid || (sides[0].docid != docid && sides[0].docid == other) ? 1 : 0];
	return (*ret_side)->docid == docid ? STATUS_OK : load(likeness, *ret_side, docid, reterr);
}

enum status
likeness_find(struct likeness *likeness, const struct fingerprint *a, const struct fingerprint *b, double *ret_likeness,
    struct error *reterr)
{
	struct side *side_a = NULL, *side_b = NULL;
	enum status status;

	*ret_likeness = 1;
	if (hash_eq(&a->text, &b->text))
		return STATUS_OK;
	*ret_likeness = 0;
	if (signature_likeness(&a->signature, &b->signature) <= ESTIMATE_MIN)
		return STATUS_OK;
	status = side_of(likeness, a->docid, b->docid, &side_a, reterr);
	if (status == STATUS_OK)
		status = side_of(likeness, b->docid, a->docid, &side_b, reterr);
	if (status == STATUS_OK)
		*ret_likeness = shingle_sets_likeness(&side_a->set, &side_b->set);
	return status;
}

enum status
likeness_is_enough(struct likeness *likeness, const struct fingerprint *a, const struct fingerprint *b,
    bool *ret_enough, struct error *reterr)
{
	double found;
	enum status status;

	*ret_enough = true;
	if (signature_likeness(&a->signature, &b->signature) >= ESTIMATE_SURE)
		return STATUS_OK;
	status = likeness_find(likeness, a, b, &found, reterr);
	if (status == STATUS_OK)
		*ret_enough = found >= REPRINT_LIKENESS;
	return status;
}
