/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nodes: operators -> the tree of a match in the layers of an index (layered.h).
 */
#ifndef VOISIN_QUERY_PLAN_NODES_H
#define VOISIN_QUERY_PLAN_NODES_H

#include "invfile/matcher.h"
#include "query/plan/operators.h"
#include "store/reader.h"

/*
 * Whether such a match can answer the operator: one that is made of terms of the layers (schema_is_in_invfile()), AND, OR, FILTER, NEAR, PHRASE, SCALE, and
 * SYNONYM of terms.
 */
bool nodes_can_answer(const struct plan_op *op);

/* Makes the tree, with its weights multiplied by `factor`; from `arena`, and the operators' terms are borrowed. */
enum status nodes_make(const struct store_reader *reader, const struct plan_op *op, double factor, struct arena *arena,
    const struct matcher_node **ret_node, struct error *reterr) MUST_CHECK;

#endif
