/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * failing_calls: between query/ and all that it calls, where any call can be made to fail.
 *
 * A program that links this wraps (--wrap) the allocator, the arena, the analyser, the reader of the
 * store and the Xapian-C shim.  Their calls by anyone are counted while armed; the n-th fails, memory as it does when there
 * is no more, and what answers a status with the one that was asked for.
 */
#ifndef VOISIN_TESTS_SEARCH_FAILING_CALLS_H
#define VOISIN_TESTS_SEARCH_FAILING_CALLS_H

#include "base/status.h"

/* The n-th call from now on fails. */
void failing_calls_arm(unsigned long n, enum status status);

/* No call fails any more.  The name of the one that did, or NULL. */
const char *failing_calls_disarm(void);

/* The next `n` matches of Xapian are stale.  How many of them are left. */
void failing_calls_stale(unsigned n);
unsigned failing_calls_stale_left(void);

#endif
