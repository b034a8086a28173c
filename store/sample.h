/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sample: are some blocks of a generation's tables as they were written?
 *
 * A table of the right size may hold anything: glass has no checksums.  Comparing all of it with its hashes takes as long as
 * reading it, which is for `voisin-index --verify`; but SAMPLE_BLOCKS blocks of each table, drawn anew each time, take 5 ms of
 * processor time (20,000 articles, 170 MB).  They show a table that is another file, and one that lost a part of its blocks:
 * one in twenty, in 96 of 100 openings (1 - 0.95^64).  A table of no more blocks is compared whole.
 */
#ifndef VOISIN_STORE_SAMPLE_H
#define VOISIN_STORE_SAMPLE_H

#include <stdint.h>

#include "store/manifest.h"

enum { SAMPLE_BLOCKS = 64 /* of each table: the first, the last, and others between them */ };

/*
 * The files of which some blocks are looked at: the tables, or the inverted files, which only a lean generation must have.
 *
 * STATUS_CORRUPT names a file and the place of a block that is another; `seed` says which blocks are looked at.  Nothing is
 * compared where the manifest is open or gen-N/blocks is missing or not what the manifest says: then there is nothing to hold
 * the tables against.  Reads gen-N/blocks to its end: 2 MB for each GB of tables.
 */
enum status sample_check(const char *path, const struct manifest *manifest, enum manifest_part part, uint64_t seed,
    struct error *reterr) MUST_CHECK;

#endif
