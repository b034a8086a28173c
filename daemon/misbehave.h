/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * misbehave: does what an intruder would, so that a test can see that it is prevented.
 *
 * A search for `misbehave network open` makes the network process try to open a file; `misbehave worker exec` makes a
 * worker try to become a shell.  The answer is an error that says how that went.  There only where the build says
 * VOISIN_MISBEHAVE, as for the test program voisind-misbehaving; in voisind this is a query like any other.
 */
#ifndef VOISIN_DAEMON_MISBEHAVE_H
#define VOISIN_DAEMON_MISBEHAVE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"

#ifdef VOISIN_MISBEHAVE

/* Whether the query is meant for this process ("network", "worker"); then it is done and *reterr says how it went. */
bool misbehave(const char *process, struct str q, struct error *reterr);

#else

static inline bool
misbehave(const char *process, struct str q, struct error *reterr)
{
	(void)process;
	(void)q;
	(void)reterr;
	return false;
}

#endif

#endif
