/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * weights: what a word of a query is worth.
 *
 * Scores alone depend on this, never which documents match.  Each figure was chosen by cross-validation, and what it
 * brings is measured in docs/relevance.md; they can be set when the project is built, for bench/relevance.  Those of BM25
 * itself are in invfile/bm25.h.
 */
#ifndef VOISIN_QUERY_PLAN_WEIGHTS_H
#define VOISIN_QUERY_PLAN_WEIGHTS_H

#include "query/plan/plan.h"

/* Factor on the weight of a common word (common_words.h). */
#ifndef WEIGHTS_COMMON
#define WEIGHTS_COMMON 0.4
#endif

/*
 * A loose word is one of which any is enough: a word of a unit that stands under an OR, or of a phrase that does.
 * The spellings of one name are one word, the one that was typed.
 */
struct loose_word {
	const struct node *node; /* NODE_WORD, FORM_STEM, FIELD_ANY; not a common word */
	const struct plan_leaf *leaf;
	double factor; /* what is typed behind ^ */
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

#endif
