/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * baseline: the query that one would write for Xapian by hand, on the terms of a Voisin index.
 *
 * Shares the tree with Voisin and nothing of query/plan: it is what the plan is measured against, in time
 * and in hits.
 */
#ifndef VOISIN_BENCH_BASELINE_H
#define VOISIN_BENCH_BASELINE_H

#include <stdbool.h>

#include "base/error.h"
#include "query/language/tree.h"
#include "xapian-c/xapian-c.h"

/*
 * Whether Xapian has operators for all of it: words, prefixes, AND, OR, and phrases and NEAR of words that
 * are looked up by their stems.
 */
bool baseline_is_native(const struct node *root);

/*
 * The same query in Xapian's operators; where there are none for it, an AND of its words, the least
 * work that an answer can need.  The caller frees it with xc_query_free().
 */
enum status baseline_build(const struct query *query, struct xc_query **ret_query, struct error *reterr) MUST_CHECK;

#endif
