/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reprints: what is known of a document's reprints, and of what it shares with others; the front door of this folder.
 */
#ifndef VOISIN_QUERY_REPRINTS_REPRINTS_H
#define VOISIN_QUERY_REPRINTS_REPRINTS_H

#include "query/reprints/copies.h"
#include "query/search.h"

struct reprints_params {
	struct str id;
	uint32_t limit; /* of the documents that are listed, of either kind */
	uint32_t offset; /* of the first reprint that is listed */
	int64_t deadline_ns; /* past it no more copies are looked for; 0 for none */
};

struct reprint {
	uint32_t docid;
	double likeness;
	struct store_document document; /* its text is empty */
};

/* Another document that has passages of this one. */
struct reprint_copy {
	struct copied copied;
	struct store_document document; /* its text is empty */
};

struct reprints_result {
	struct store_document document; /* that was asked about, with its text */
	const struct reprint *reprints; /* the likest first, then by id */
	uint32_t n_reprints;
	uint32_t total; /* reprints, of which `limit` from `offset` on are listed */
	bool more; /* there may be others still */
	const struct reprint_copy *copies; /* that are no reprints of it */
	uint32_t n_copies;
	bool more_copies;
};

/*
 * Everything in *ret_result lives in `arena`.  The reader is refreshed first and, on STATUS_STALE, all is done
 * again.  STATUS_NOT_FOUND: no document has this id.
 */
enum status reprints_run(struct store_reader *reader, struct analyzer *analyzer, const struct reprints_params *params,
    struct arena *arena, struct reprints_result *ret_result, struct error *reterr) MUST_CHECK;

/* How many reprints a document has in the index, and the first of their ids; on the reader as it is. */
enum status reprints_of(const struct store_reader *reader, uint32_t docid, struct arena *arena,
    struct search_reprints *ret_reprints, struct error *reterr) MUST_CHECK;

#endif
