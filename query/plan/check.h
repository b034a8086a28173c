/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check: does this candidate satisfy the tree?
 *
 * Stands behind Xapian's match decider: asked of each candidate that could enter the page.  Positions
 * come from the index's lists, or from the stored text where the plan says so.  A failure ends the
 * match and is kept until it is asked for.
 */
#ifndef VOISIN_QUERY_PLAN_CHECK_H
#define VOISIN_QUERY_PLAN_CHECK_H

#include "base/error.h"
#include "query/plan/plan.h"
#include "stemmer/analyzer.h"
#include "store/reader.h"

struct check;

/*
 * Makes a check of `plan`'s tree; all arguments are borrowed until check_free().  `thorough`: go to
 * the text without asking the index (for tests).
 */
enum status check_new(const struct plan *plan, const struct store_reader *reader, struct analyzer *analyzer,
    int64_t deadline_ns, bool thorough, struct check **ret_check, struct error *reterr) MUST_CHECK;
void check_free(struct check *check);

/* An xc_decider; `check` is a struct check. */
enum xc_decision check_decide(void *check, xc_docid docid);

/* STATUS_OK, or why check_decide() answered XC_ABORT. */
enum status check_failure(const struct check *check, struct error *reterr) MUST_CHECK;

/* How many candidates it was asked of, and how many it accepted. */
uint64_t check_decided(const struct check *check);
uint64_t check_accepted(const struct check *check);

#endif
