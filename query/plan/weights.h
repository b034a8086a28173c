/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * weights: what makes one document a better answer than another.
 *
 * Which documents match is the plan's business and is not touched here: all that is added stands on the right
 * of an AND_MAYBE.  What it is made of, and what each piece is worth, is measured in docs/relevance.md:
 *
 *	loose words        words of which one is enough: those of units that stand under an OR
 *	common words       weigh WEIGHTS_COMMON of what they would
 *	the form itself    a loose word as it was typed counts besides its stem
 *	kin                stems that begin as a loose word's does count for it: construire, construction
 *	parts              words of a phrase that is one of the alternatives count alone, too
 */
#ifndef VOISIN_QUERY_PLAN_WEIGHTS_H
#define VOISIN_QUERY_PLAN_WEIGHTS_H

#include "query/plan/plan.h"

/* BM25 with these for all queries (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009). */
#ifndef WEIGHTS_K1
#define WEIGHTS_K1 1.0
#endif
#ifndef WEIGHTS_B
#define WEIGHTS_B 0.7
#endif

/* Factors on a word's weight. */
#ifndef WEIGHTS_COMMON
#define WEIGHTS_COMMON 0.2
#endif
#ifndef WEIGHTS_FORM
#define WEIGHTS_FORM 0.4
#endif
#ifndef WEIGHTS_KIN
#define WEIGHTS_KIN 0.4
#endif

struct loose_word {
	const struct node *node; /* NODE_WORD, FORM_STEM, FIELD_ANY */
	const struct plan_leaf *leaf;
	double factor; /* of ^, and of the list of common words */
	bool is_common;
	bool is_part; /* of a phrase */
};

struct loose_words {
	struct loose_word *v;
	uint32_t n;
};

/* How much a word weighs, beside what is typed behind ^. */
double weights_of_word(const struct node *node);

/* Finds the loose words of the plan's query; from the plan's arena. */
enum status weights_find(const struct plan *plan, struct loose_words *ret_words, struct error *reterr) MUST_CHECK;

/* Adds the weights of loose words to plan->candidates; the same documents match. */
enum status weights_add(
    struct plan *plan, struct xc_database *db, const struct loose_words *words, struct error *reterr) MUST_CHECK;

#endif
