/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * to_xapian: operators -> a Xapian query.
 */
#ifndef VOISIN_QUERY_PLAN_TO_XAPIAN_H
#define VOISIN_QUERY_PLAN_TO_XAPIAN_H

#include "base/error.h"
#include "query/plan/operators.h"
#include "xapian-c/xapian-c.h"

/*
 * Is offered each operator from the root down, but nothing under those that want terms of Xapian's own (NEAR, PHRASE,
 * SYNONYM); sets *ret_query, which is NULL, to a query of its own in the operator's place, or leaves it.  A source cannot be scaled, so
 * that it is told by what factor its weights are to be multiplied: that of all SCALE above.
 */
struct to_xapian_hook {
	enum status (*take)(
	    void *ctx, const struct plan_op *op, double factor, struct xc_query **ret_query, struct error *reterr);
	void *ctx;
};

/*
 * Makes the query that `operators` stand for; it is the caller's to free.  `hook` may be NULL; `arena` is for the
 * time of the call.
 */
enum status to_xapian(const struct plan_op *operators, const struct to_xapian_hook *hook, struct arena *arena,
    struct xc_query **ret_query, struct error *reterr) MUST_CHECK;

#endif
