/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * btree: one table of a glass database, written from its smallest key to its largest.
 *
 * Leaves are filled one after another; a branch block gets its number when it is full.  So the file is written
 * from its start to its end, no block twice, and only one block of each level is in memory.
 * docs/glass-format.md, section 3, has the layout.
 */
#ifndef VOISIN_GLASS_BTREE_H
#define VOISIN_GLASS_BTREE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

enum { BTREE_BLOCK_BYTES = 8192, BTREE_KEY_BYTES = 255 };

/* Where a table begins, for the version file. */
struct btree_root {
	uint32_t block;
	uint32_t blocks; /* in the file */
	uint32_t level; /* 0 where the root is a leaf */
	bool empty; /* nothing was added, and there is no file */
	uint64_t entries;
};

struct btree;

/*
 * Begins the table at `path` (copied), which must not exist; the file is made with the first entry.  Where it is `dense` a tag that
 * does not fit into what is left of a block is cut there: 6 % smaller, and one entry in nine takes two blocks to read.
 */
enum status btree_open(const char *path, bool dense, struct btree **ret_btree, struct error *reterr) MUST_CHECK;

/*
 * Adds an entry.  Keys are not empty and strictly ascending (STATUS_INTERNAL).  `compressed` says that the tag
 * is what squeeze_tag() made.  STATUS_LIMIT: the key or the tag is too long; STATUS_IO.
 */
enum status btree_add(
    struct btree *btree, struct str key, struct str tag, bool compressed, struct error *reterr) MUST_CHECK;

/* Writes what is left and syncs the file. */
enum status btree_finish(struct btree *btree, struct btree_root *ret_root, struct error *reterr) MUST_CHECK;

/* Closes, finished or not.  NULL is accepted. */
void btree_close(struct btree *btree);

#endif
