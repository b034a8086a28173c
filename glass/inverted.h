/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inverted: the two tables by term: postings (with values, lengths and metadata), and positions.
 */
#ifndef VOISIN_GLASS_INVERTED_H
#define VOISIN_GLASS_INVERTED_H

#include <stdint.h>

#include "base/error.h"
#include "glass/btree.h"
#include "glass/tee.h"

/* What the version file says of all documents.  Ranking goes by the bounds. */
struct inverted_stats {
	uint32_t documents;
	uint32_t last_docid;
	uint32_t length_lower; /* of the documents that have a length */
	uint32_t length_upper;
	uint32_t wdf_upper;
	uint64_t total_length;
};

struct inverted {
	struct btree_root postings;
	struct btree_root positions;
	struct inverted_stats stats;
};

/* Writes dir/postlist.glass and dir/position.glass from the runs of n_collectors collectors, and tells `tee`, which may be NULL. */
enum status inverted_write(const char *dir, unsigned n_collectors, const struct tee *tee, struct inverted *ret_inverted,
    struct error *reterr) MUST_CHECK;

#endif
