/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compare: whether two databases hold the same, to the last posting and statistic.
 */
#ifndef VOISIN_TESTS_GLASS_COMPARE_H
#define VOISIN_TESTS_GLASS_COMPARE_H

#include "xapian-c/xapian-c.h"

/* What was compared, so that a comparison of nothing cannot pass for one. */
struct compare_counts {
	uint64_t documents;
	uint64_t terms;
	uint64_t postings;
	uint64_t positions;
	uint64_t values;
	uint64_t metadata;
	uint64_t others; /* spellings and synonyms */
};

/*
 * Walks both through the library.  The number of differences, of which the first ones are written to standard
 * error; a failure of the library is one too, and ends the walk.
 */
uint64_t compare_databases(struct xc_database *one, struct xc_database *other, struct compare_counts *ret_counts);

#endif
