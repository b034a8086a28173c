/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rank: of the best documents, those in which the loose words stand close together come first.
 *
 * Each occurrence of a word lends weight to the nearest occurrence of another one at most RANK_REACH positions
 * away, divided by that distance; what a word was lent is saturated as BM25 saturates frequencies.  This is the
 * accumulator of Büttcher, Clarke and Lushman (Term proximity scoring for ad-hoc retrieval on very large text
 * collections, SIGIR 2006), with 1/d in place of 1/d², which was better here (docs/relevance.md).
 *
 * Only the RANK_WINDOW best documents by BM25 are looked at, whatever page is asked for, so that pages fit
 * together: a bonus is never negative, and nothing from behind the window comes before what is in it.
 */
#ifndef VOISIN_QUERY_PLAN_RANK_H
#define VOISIN_QUERY_PLAN_RANK_H

#include "query/plan/weights.h"

enum {
	RANK_WINDOW = 50, /* documents */
	RANK_WORDS = 16, /* the rarest of a query */
	RANK_REACH = 10, /* positions */
	RANK_POSITIONS = 512 /* of one word in one document, the first ones */
};
#ifndef RANK_BONUS
#define RANK_BONUS 0.3
#endif

struct rank;

/*
 * Makes *ret_rank of the loose words that are not common; NULL where they are fewer than two.  `db` and the
 * words are borrowed until rank_free().
 */
enum status rank_new(
    struct xc_database *db, const struct loose_words *words, struct rank **ret_rank, struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void rank_free(struct rank *rank);

struct ranked {
	xc_docid docid;
	double score;
};

/*
 * Lists hits [0, n) of a match set that begins with the best one, the window in its new order; `rank` may be
 * NULL: as they are.  `ret_ranked` has room for n.
 */
enum status rank_list(struct rank *rank, const struct xc_mset *mset, uint32_t n, struct ranked *ret_ranked,
    struct error *reterr) MUST_CHECK;

#endif
