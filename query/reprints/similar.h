/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * similar: which documents of the index are reprints of this one?
 *
 * Candidates come from the posting lists of its bands; likeness.h decides.
 */
#ifndef VOISIN_QUERY_REPRINTS_SIMILAR_H
#define VOISIN_QUERY_REPRINTS_SIMILAR_H

#include "query/reprints/likeness.h"

struct similar {
	struct fingerprint fingerprint;
	double likeness;
};

struct similar_list {
	struct similar *v; /* by docid, ascending; itself not among them */
	uint32_t n;
	bool more; /* LIMIT_REPRINTS documents were looked at, and there are others */
};

/* Everything in *ret_list lives in `arena`.  Fails like store_reader_document().  Cost: SIGNATURE_BANDS posting lists, and
 * two texts of each candidate that is no exact copy. */
enum status similar_find(struct likeness *likeness, const struct fingerprint *fingerprint, struct arena *arena,
    struct similar_list *ret_list, struct error *reterr) MUST_CHECK;

#endif
