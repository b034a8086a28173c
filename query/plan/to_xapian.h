/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * to_xapian: operators -> a Xapian query.
 */
#ifndef VOISIN_QUERY_PLAN_TO_XAPIAN_H
#define VOISIN_QUERY_PLAN_TO_XAPIAN_H

#include "base/error.h"
#include "query/plan/operators.h"
#include "xapian-c/xapian-c.h"

/* Makes the query that `operators` stand for; it is the caller's to free.  `arena` is for the time of the call. */
enum status to_xapian(
    const struct plan_op *operators, struct arena *arena, struct xc_query **ret_query, struct error *reterr) MUST_CHECK;

#endif
