/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * layer-merge: one inverted file out of new documents and of those of existing files that were not touched.
 *
 * A merge of sorted lists (Knuth, "The Art of Computer Programming", volume 3, section 5.4.1), first of the documents, by which they get
 * their new numbers, then of the terms, and of each term of its postings.  What it holds in memory does not grow with the lists: four
 * bytes for each document, besides what invfile/writer.h takes.
 */
#ifndef VOISIN_STORE_LAYER_MERGE_H
#define VOISIN_STORE_LAYER_MERGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "invfile/file.h"
#include "store/layer-build.h"
#include "store/touched.h"

/* A file that is merged, and what it has wrong. */
struct layer_part {
	const struct invfile *file;
	const struct touched *touched;
};

/*
 * Writes the documents of `build`, which is sorted, and those of the parts to a new file at `path`, and syncs it; no docid is untouched in two of
 * them.  *ret_documents is how many the file has.  After a failure what is at `path` is of no use.  STATUS_CORRUPT: a part is damaged, by its
 * checksum or by what it says.
 */
enum status layer_merge(const char *path, struct layer_build *build, const struct layer_part *parts, size_t n_parts,
    uint32_t *ret_documents, struct error *reterr) MUST_CHECK;

#endif
