/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * translate: tree of a query -> operators whose answer holds every document of the tree's.
 */
#ifndef VOISIN_QUERY_PLAN_TRANSLATE_H
#define VOISIN_QUERY_PLAN_TRANSLATE_H

#include "query/plan/operators.h"
#include "query/plan/plan.h"

struct translation {
	const struct plan_op *operators;
	bool exact; /* their answer is the tree's, and holds no other document */
	bool is_filter; /* carries no weight: dates, sources */
};

/* Translates `node` of the plan's tree; its leaves have been found.  From the plan's arena. */
enum status translate(const struct plan *plan, const struct node *node, struct translation *ret_translation,
    struct error *reterr) MUST_CHECK;

#endif
