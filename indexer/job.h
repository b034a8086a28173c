/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * job: one run of voisin-index.
 *
 * Look at every file below the paths; keep those that are as they were, read the others; then delete
 * what vanished, unless that is suspiciously much; then commit or publish.
 */
#ifndef VOISIN_INDEXER_JOB_H
#define VOISIN_INDEXER_JOB_H

#include <signal.h>

#include "base/error.h"
#include "indexer/report.h"
#include "indexer/settings.h"

enum {
	/* A run that would delete more documents than this of a source, and more than a fifth of it, asks first. */
	JOB_DELETES_FREE = 10
};

/*
 * Runs.  `stop` is looked at between documents: once it is not 0 the run ends early, with what was
 * done so far committed (a build that was not finished is dropped), and STATUS_CANCELLED.
 */
enum status job_run(const struct settings *settings, struct report *report, const volatile sig_atomic_t *stop,
    struct error *reterr) MUST_CHECK;

#endif
