/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * alert-state: which documents the standing queries have been held against, and which were reported.
 *
 *	DIR/alerts/seen       each document: hash of its id, hash of what it says; and the state of the index it is from
 *	DIR/alerts/reported   each report: hash of the alert's name, hash of the id; appended to, and synced, after it
 *	DIR/alerts/pending    a file that hits are being appended to, and how long it was
 *	DIR/alerts/lock       held by the one process at work on them
 *
 * New is what `seen` does not have, or has with another hash.  It is replaced at the end, when all hits are
 * delivered: a run that is killed finds the same documents new again, and `reported` says what is done with.
 */
#ifndef VOISIN_INDEXER_ALERT_STATE_H
#define VOISIN_INDEXER_ALERT_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

enum { ALERT_STAMP_BYTES = 64 };

/* A document, or a report; two hashes are enough to tell them apart. */
struct alert_pair {
	uint64_t first; /* id, or name of the alert */
	uint64_t second; /* content, or id */
};

struct alert_pairs {
	struct alert_pair *v;
	size_t n;
	size_t capacity;
};

struct alert_state {
	char dir[4096]; /* DIR/alerts */
	int lock_fd;
	bool is_new; /* there was no `seen` */
	char stamp[ALERT_STAMP_BYTES]; /* of `seen` */
	struct alert_pairs seen; /* by first */
	struct alert_pairs reported; /* by both, but for what was added since */
	size_t n_sorted; /* of reported */
	int reported_fd;
	bool is_stuck; /* `pending` is of a file that cannot be put right now */
};

/* Opens what is in DIR/alerts, which is made where it is missing; mends what a killed run left.  STATUS_BUSY. */
enum status alert_state_open(const char *db, struct alert_state *state, struct error *reterr) MUST_CHECK;

/* Also after a failure of open. */
void alert_state_close(struct alert_state *state);

bool alert_pairs_add(struct alert_pairs *pairs, uint64_t first, uint64_t second);
void alert_pairs_sort(struct alert_pairs *pairs);
/* The first pair with that first number, or NULL. */
const struct alert_pair *alert_pairs_find(const struct alert_pairs *pairs, uint64_t first);

/* The number that stands for a name or an id: the first bytes of its hash. */
uint64_t alert_number(struct str s);

bool alert_state_is_reported(const struct alert_state *state, uint64_t alert, uint64_t id);

/* Notes reports, durably. */
enum status alert_state_report(
    struct alert_state *state, const struct alert_pair *pairs, size_t n, struct error *reterr) MUST_CHECK;

/* All that is in `now` (sorted) has been dealt with; reports of documents that are gone are forgotten. */
enum status alert_state_finish(
    struct alert_state *state, const struct alert_pairs *now, const char *stamp, struct error *reterr) MUST_CHECK;

/*
 * Before and after lines are appended to the file of an alert: what stands there behind `length` when a run was killed in
 * between was written by it, and is noted as reported by the next.
 */
enum status alert_state_begin_file(
    struct alert_state *state, struct str alert, const char *path, uint64_t length, struct error *reterr) MUST_CHECK;
enum status alert_state_end_file(struct alert_state *state, struct error *reterr) MUST_CHECK;

#endif
