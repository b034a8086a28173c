/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shape: what a subtree of the query is like, as far as the plan must know.
 *
 * Looks at the tree and at the leaves' terms and makes nothing: no Xapian query, no decision.
 */
#ifndef VOISIN_QUERY_PLAN_SHAPE_H
#define VOISIN_QUERY_PLAN_SHAPE_H

#include <stdbool.h>
#include <stdint.h>

#include "query/plan/plan.h"

#define SHAPE_UNBOUNDED UINT32_MAX

/* The widest extent of a match, in positions; SHAPE_UNBOUNDED for SENT, PARA and what holds them. */
uint32_t shape_width(const struct node *node);

/* Whether every match of the node is one position that the index covers: a word, or an OR of words. */
bool shape_is_single(const struct plan *plan, const struct node *node);

/* Whether it is known of all leaves where just they stand. */
bool shape_is_known(const struct plan *plan, const struct node *node);

/* Whether the places of all leaves are those of stems: of words by their stems, and of surface forms that have no positions of their own. */
bool shape_is_stems(const struct plan *plan, const struct node *node);

/* Whether leaves under two of the nodes can stand at one position. */
bool shape_any_collide(const struct plan *plan, const struct node *const *nodes, uint32_t n);

/* A word that every match of the node holds, or NULL. */
const struct node *shape_representative(const struct plan *plan, const struct node *node);

/*
 * Whether an index's operator over the leaves' places finds all that the node means; where these are known to be just
 * theirs, nothing else.
 */
bool shape_is_positional(const struct plan *plan, const struct node *node);

/*
 * Appends the words of a node to words[LIMIT_QUERY_WORDS], where all that is above them is phrases, NEAR and ADJ and
 * their positions are known; false where it is not, and what was appended means nothing.
 */
bool shape_flatten(const struct plan *plan, const struct node *node, const struct node **words, uint32_t *n);

#endif
