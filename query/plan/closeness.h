/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * closeness: how near to each other the words of a query stand in one document, as a number (rank.h).
 */
#ifndef VOISIN_QUERY_PLAN_CLOSENESS_H
#define VOISIN_QUERY_PLAN_CLOSENESS_H

#include "base/error.h"
#include "xapian-c/xapian-c.h"

struct occurrence {
	xc_termpos pos;
	uint32_t word;
};

/* The occurrences of one document, reused for the next. */
struct occurrences {
	struct occurrence *v;
	size_t n;
	size_t capacity;
};

/* Adds `n` positions of a word.  STATUS_NOMEM. */
enum status occurrences_add(
    struct occurrences *occurrences, const xc_termpos *pos, size_t n, uint32_t word, struct error *reterr) MUST_CHECK;
void occurrences_done(struct occurrences *occurrences);

/* Puts them in order, and sets lent[w] of each word w < n_words: what its neighbours lend it of their idf[]. */
void closeness_lend(struct occurrences *occurrences, uint32_t reach, const double *idf, double *lent, uint32_t n_words);

#endif
