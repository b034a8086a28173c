/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * presence: which leaves of a query stand in which articles, and which articles could satisfy it for that.
 *
 * Enumerating assignments is slow, and nearly all articles lack a word that the query cannot do without.
 * Knows nothing of query/ but the tree: what it leaves out is left out for the want of a word alone.
 */
#ifndef VOISIN_TESTS_E2E_PRESENCE_H
#define VOISIN_TESTS_E2E_PRESENCE_H

#include "query/language/tree.h"
#include "tests/e2e/articles.h"

/* Sets of leaves: bit n is leaf n. */
struct presence {
	uint64_t *of_entries; /* by entry: the leaves that take it */
	uint64_t *of_docs; /* by document: the leaves that stand in it */
};

/* Makes room for the sets of `articles`; presence_done() gives it back. */
void presence_init(struct presence *presence, const struct articles *articles);
void presence_done(struct presence *presence);

/* Fills the sets for a query. */
void presence_find(struct presence *presence, const struct articles *articles, const struct query *query);

/* Whether a document in which just these leaves stand may satisfy the tree, wherever they stand. */
bool presence_may_satisfy(const struct node *node, uint64_t leaves);

#endif
