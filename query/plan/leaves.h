/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * leaves: under which terms of the index is each leaf found?
 *
 * Prefixes are expanded here, over the folded surface forms, and never by OP_WILDCARD: that gives
 * wrong weights on several shards, and would cut in silence.
 */
#ifndef VOISIN_QUERY_PLAN_LEAVES_H
#define VOISIN_QUERY_PLAN_LEAVES_H

#include "query/plan/lookup.h"
#include "query/plan/plan.h"

/* Fills plan->leaves. */
enum status leaves_find(struct plan *plan, struct analyzer *analyzer, struct error *reterr) MUST_CHECK;

/* How many postings the terms of a leaf have together. */
enum status leaves_postings(const struct plan_leaf *leaf, const struct lookups *lookups, uint64_t *ret_postings,
    struct error *reterr) MUST_CHECK;

/* Whether two leaves can stand at one position: words of both can have one stem, or it is not known. */
bool leaves_collide(const struct plan_leaf *a, const struct plan_leaf *b);

#endif
