/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * facts: what a query says of a whole document, its source and its date, asked of one document.
 *
 * The candidates of a plan mostly have these right by construction; under an OR or a NOT beside
 * something that must be checked they do not, and the check asks here.
 */
#ifndef VOISIN_QUERY_PLAN_FACTS_H
#define VOISIN_QUERY_PLAN_FACTS_H

#include "query/intervals/match.h"
#include "xapian-c/xapian-c.h"

struct facts {
	struct xc_database *db;
	xc_docid docid;
};

/* Makes `input` ask `facts`, which is borrowed until the input is done with. */
void facts_serve(struct facts *facts, struct match_input *input);

/* Writes the term of a NODE_SOURCE; *ret_term is borrowed from `buffer`.  STATUS_LIMIT: too long. */
enum { FACTS_TERM_BYTES = 256 };
enum status facts_source_term(
    const struct node *leaf, char buffer[FACTS_TERM_BYTES], struct str *ret_term, struct error *reterr) MUST_CHECK;

/* Adds the postings and values that a match of the document-level leaves under `node` can read. */
enum status facts_add_cost(
    struct xc_database *db, const struct node *node, uint64_t *cost, struct error *reterr) MUST_CHECK;

#endif
