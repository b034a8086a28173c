/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * alerts: after a run, the standing queries are held against the documents that are new or changed.
 *
 * Which these are is found by comparing the index with what it was when the alerts were last at work, so that
 * nothing depends on how the run ended, or on which run it was that brought a document.
 */
#ifndef VOISIN_INDEXER_ALERTS_H
#define VOISIN_INDEXER_ALERTS_H

#include "base/error.h"
#include "indexer/alert.h"

/*
 * Runs all of them.  The first time there is nothing to compare with: *ret_first is true, and nothing is reported.
 * An alert whose hits could not be delivered does not hold up the others: it is told to `problem_cb`, and tried
 * again by the next call.  Its status is the result.
 */
enum status alerts_run(const struct alerts *alerts, const char *db, void (*problem_cb)(const struct error *why),
    bool *ret_first, struct error *reterr) MUST_CHECK;

#endif
