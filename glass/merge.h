/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * merge: many runs (run.h) as if they were one: keys ascending, and of each key the records by docid.
 *
 * So what comes out does not depend on how the documents were shared out among collectors and runs.
 * Memory: 64 KiB a run, and the longest record.
 */
#ifndef VOISIN_GLASS_MERGE_H
#define VOISIN_GLASS_MERGE_H

#include "glass/run.h"

struct merge;

struct merge_name {
	char name[RUN_NAME_BYTES];
};

/* Opens the runs of these names in `dir`, in the order of their documents.  More than a process may have open: cascade.h. */
enum status merge_open(const char *dir, const struct merge_name *names, size_t n, struct merge **ret_merge,
    struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void merge_close(struct merge *merge);

/* What is known of a key before its records are read. */
struct merge_key {
	struct str key; /* borrowed until the next key */
	uint64_t records;
	uint64_t sum;
};

/* The next key; records of the one before that were not read are passed over.  STATUS_END. */
enum status merge_next_key(struct merge *merge, struct merge_key *ret_key, struct error *reterr) MUST_CHECK;

/* Its next record, borrowed until the next call; equal docids in the order of the runs.  STATUS_END. */
enum status merge_next_record(struct merge *merge, const struct record **ret_record, struct error *reterr) MUST_CHECK;

#endif
