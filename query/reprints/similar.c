/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/reprints/similar.h"

#include <stdlib.h>

#include "base/limits.h"
#include "query/plan/holders.h"
#include "store/schema.h"

enum { BAND_TERM_BYTES = sizeof(SCHEMA_PREFIX_BAND) - 1 + SIGNATURE_BAND_DIGITS };

/* Documents that have a band in common with the one that is asked about. */
struct candidates {
	uint32_t docids[SIGNATURE_BANDS * LIMIT_REPRINTS];
	uint32_t n;
	bool more;
};

static int
compare_docids(const void *a, const void *b)
{
	uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;

	return (one > other) - (one < other);
}

/* The document that is asked about has all its bands itself: one more is looked for. */
static enum status
add_band(struct candidates *candidates, const struct store_reader *reader, const struct fingerprint *fingerprint,
    unsigned band, struct error *reterr)
{
	char term[BAND_TERM_BYTES + 1] = SCHEMA_PREFIX_BAND;
	uint32_t docids[LIMIT_REPRINTS + 1], n = 0;
	struct holders holders = { .docids = docids, .most = LIMIT_REPRINTS + 1 };
	enum status status;

	signature_band_text(&fingerprint->signature, band, term + sizeof(SCHEMA_PREFIX_BAND) - 1);
	status = holders_find(reader, (struct str) { term, BAND_TERM_BYTES }, &holders, reterr);
	if (status != STATUS_OK)
		return status;
	candidates->more = candidates->more || holders.more;
	for (uint32_t i = 0; i < holders.n; i++) {
		if (docids[i] == fingerprint->docid)
			continue;
		candidates->more = candidates->more || n == LIMIT_REPRINTS;
		if (n++ == LIMIT_REPRINTS)
			break;
		candidates->docids[candidates->n++] = docids[i];
	}
	return STATUS_OK;
}

static void
sort_candidates(struct candidates *candidates)
{
	uint32_t n = 0;

	if (candidates->n > 1)
		qsort(candidates->docids, candidates->n, sizeof(*candidates->docids), compare_docids);
	for (uint32_t i = 0; i < candidates->n; i++) {
		if (n == 0 || candidates->docids[i] != candidates->docids[n - 1])
			candidates->docids[n++] = candidates->docids[i];
	}
	candidates->more = candidates->more || n > LIMIT_REPRINTS;
	candidates->n = n < LIMIT_REPRINTS ? n : LIMIT_REPRINTS;
}

static enum status
keep_similar(struct likeness *likeness, const struct fingerprint *fingerprint, const struct candidates *candidates,
    struct similar_list *list, struct error *reterr)
{
	for (uint32_t i = 0; i < candidates->n; i++) {
		struct similar *next = &list->v[list->n];
		enum status status =
		    fingerprint_read(likeness_reader(likeness), candidates->docids[i], &next->fingerprint, reterr);

		if (status == STATUS_OK)
			status = likeness_find(likeness, fingerprint, &next->fingerprint, &next->likeness, reterr);
		if (status != STATUS_OK)
			return status;
		list->n += next->likeness >= REPRINT_LIKENESS;
	}
	return STATUS_OK;
}

enum status
similar_find(struct likeness *likeness, const struct fingerprint *fingerprint, struct arena *arena,
    struct similar_list *ret_list, struct error *reterr)
{
	struct candidates *candidates;
	struct similar_list list = { 0 };
	enum status status = STATUS_OK;

	*ret_list = list;
	if (!fingerprint->has_signature)
		return STATUS_OK;
	candidates = malloc(sizeof(*candidates));
	if (candidates == NULL)
		return error_no_memory(reterr);
	candidates->n = 0;
	candidates->more = false;
	for (unsigned band = 0; band < SIGNATURE_BANDS && status == STATUS_OK; band++)
		status = add_band(candidates, likeness_reader(likeness), fingerprint, band, reterr);
	sort_candidates(candidates);
	list.more = candidates->more;
	if (status == STATUS_OK && candidates->n > 0) {
		list.v = arena_calloc(arena, candidates->n, sizeof(*list.v));
		if (list.v == NULL)
			status = error_no_memory(reterr);
	}
	if (status == STATUS_OK)
		status = keep_similar(likeness, fingerprint, candidates, &list, reterr);
	free(candidates);
	if (status == STATUS_OK)
		*ret_list = list;
	return status;
}
