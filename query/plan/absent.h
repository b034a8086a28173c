/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * absent: a word of the query that no document holds, and what it says of their order all the same.
 *
 *	Qui sont les Tofinu ?     an article on the Tofinus comes first
 *
 * BM25 cannot weigh such a word, and where it is the one that matters, a slip of spelling or a form that no document
 * has, what is left are common words.  So its kin (kin.h) weigh in its stead, all as one word.  Which documents match does not
 * change: what else may have been meant is for "did you mean" to say, and for the reader to choose.
 */
#ifndef VOISIN_QUERY_PLAN_ABSENT_H
#define VOISIN_QUERY_PLAN_ABSENT_H

#include "query/plan/weights.h"

/* The share of its weight that kin have in the stead of a word. */
#ifndef ABSENT_KIN
#define ABSENT_KIN 0.6
#endif
enum { ABSENT_WORDS = 8 }; /* of one query, the first ones */

/*
 * Adds the weights to the plan's candidates, for each loose word that is no part of a phrase and that the index has not.  Cost: the
 * frequencies of the words' stems, and for an absent one a look at the stems that begin like it.
 */
enum status absent_weigh(struct plan *plan, const struct loose_words *words, struct error *reterr) MUST_CHECK;

#endif
