/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cascade: the merge (merge.h) of a build that has more runs than a process may have open.
 *
 * As many of them as must are merged into longer runs first, neighbours with neighbours, so that what comes out is the
 * same to the byte (Knuth, The Art of Computer Programming, volume 3, section 5.4).  With 512 ways, 600 runs cost the
 * reading and writing of the first 89 once more; 512 * 512 runs that of all.
 *
 *	run-0-0 ... run-2-199    ->    merged-0   run-0-89 ... run-2-199    ->    merge
 */
#ifndef VOISIN_GLASS_CASCADE_H
#define VOISIN_GLASS_CASCADE_H

#include "glass/merge.h"

/*
 * Opens the merge of all runs of collectors 0 to n_collectors - 1 in `dir`, of which at most `ways` (2 or more) are open at
 * a time.  Runs that were merged into others are removed.
 */
enum status cascade_open(
    const char *dir, unsigned n_collectors, size_t ways, struct merge **ret_merge, struct error *reterr) MUST_CHECK;

#endif
