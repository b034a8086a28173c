/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rank: the order of the best documents of a query in which one word is enough.
 *
 * BM25 over stems finds the RANK_WINDOW best documents; to the score of each of them is added, for every loose word:
 *
 *	form        RANK_FORM times BM25's weight of the word as it is typed, accents aside
 *	kin         RANK_KIN times the weight of its stem and its kin (kin.h) as one term
 *	part        the weight of its stem, where it is part of a phrase, which BM25 has only as a whole
 *	closeness   RANK_CLOSE times what the words beside it lend it
 *	earliness   RANK_EARLY times its idf, the less the more words there are before it
 *
 * Closeness: each occurrence of a word lends its idf to the occurrence next to it, where that is of another word and
 * at most RANK_REACH positions away, divided by the distance; what a word was lent is saturated as BM25 saturates
 * frequencies.  This is the accumulator of Büttcher, Clarke and Lushman (Term proximity scoring for ad-hoc
 * retrieval on very large text collections, SIGIR 2006), with 1/d in place of 1/d² (docs/relevance.md).
 *
 * Earliness: what a text is about is named in its title and at its beginning; the press writes so (the inverted pyramid), and
 * encyclopedias.  The share is RANK_EARLY_HALF / (RANK_EARLY_HALF + n) with n words of the body before the first
 * occurrence, and 1 in the title.
 *
 * The window does not depend on the page that is asked for, so that pages fit together: nothing is ever taken away
 * from a score, so nothing from behind the window belongs before what is in it.  The cost does not grow with the index as that of
 * more terms in the query would: a few dozen documents are looked up in the lists of a few dozen terms.
 */
#ifndef VOISIN_QUERY_PLAN_RANK_H
#define VOISIN_QUERY_PLAN_RANK_H

#include "query/plan/best.h"
#include "query/plan/weights.h"

#ifndef RANK_WINDOW
#define RANK_WINDOW 30 /* documents */
#endif
#define RANK_WORDS 16 /* the rarest of a query */
#define RANK_REACH 10 /* positions */
#define RANK_POSITIONS 512 /* of one word in one document, the first ones */
#ifndef RANK_FORM
#define RANK_FORM 0.6
#endif
#ifndef RANK_KIN
#define RANK_KIN 0.3
#endif
#ifndef RANK_CLOSE
#define RANK_CLOSE 0.5
#endif
#ifndef RANK_EARLY
#define RANK_EARLY 0.5
#endif
#ifndef RANK_EARLY_HALF
#define RANK_EARLY_HALF 50.0 /* words: here it is worth half */
#endif

struct rank;

/*
 * Makes *ret_rank of the loose words; NULL where there is none.  The plan and the words are borrowed until rank_free(),
 * and so is `arena`.
 */
enum status rank_new(const struct plan *plan, const struct loose_words *words, struct arena *arena,
    struct rank **ret_rank, struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void rank_free(struct rank *rank);

/* Puts the hits [0, n) of a page that begins with the best one in order, as far as the window reaches; `rank` may be NULL: as they are. */
enum status rank_list(struct rank *rank, struct ranked *ranked, uint32_t n, struct error *reterr) MUST_CHECK;

#endif
