/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * blocks: the hash of each block of a generation's tables, so that sealing it again costs what was changed.
 *
 * A glass table is made of blocks of 8 KiB; each begins with the number of the commit that wrote it, and a commit
 * writes no block twice (Xapian's backends/glass/glass_table.h, REVISION).  A block whose number is not above that of
 * the state that was sealed last is therefore the one that was hashed then, and its hash is taken over: what
 * damaged it since is not sealed in.  The hash of a table is the hash of its blocks' hashes (Merkle 1979).
 *
 * Inverted files, which no commit writes to, are hashed in pieces of the same size, so that some of them can be looked at (sample.h).
 *
 *	gen-N/blocks    the hashes of all blocks, table after table in the order of the manifest
 */
#ifndef VOISIN_STORE_BLOCKS_H
#define VOISIN_STORE_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "store/hash.h"

enum { BLOCKS_BYTES = 8192 };

#define BLOCKS_NAME "blocks"

/* Of one table: hashes[0..n). */
struct blocks {
	struct hash *hashes; /* owned */
	size_t n;
};

void blocks_done(struct blocks *blocks);

/* Whether a file of that name is hashed by its blocks: a table, or an inverted file. */
bool blocks_is_hashed(const char *name);

/*
 * Hashes the blocks of the table open at `fd`.  Where `before` is not NULL, it has the blocks as of commit
 * `revision`, and only those that a later commit wrote are read to their end.  *ret_hash is the table's.
 */
enum status blocks_hash(int fd, const char *path, const struct blocks *before, uint64_t revision,
    struct blocks *ret_blocks, uint64_t *ret_size, struct hash *ret_hash, struct error *reterr) MUST_CHECK;

#endif
