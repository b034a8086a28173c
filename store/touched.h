/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * touched: the documents of an inverted file that were put anew or deleted since it was made, as bits.
 *
 * The file (invfile/file.h) is written once, with a full build; later runs change the database alone.  So they keep a set of
 * what the file has wrong, in the database's metadata, where each commit changes both or neither (docs/index-format.md,
 * section 4).  Documents behind the file's last are not in the set: the file knows nothing of them anyway.
 */
#ifndef VOISIN_STORE_TOUCHED_H
#define VOISIN_STORE_TOUCHED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

/* Begin with all zero: the set of no file. */
struct touched {
	uint32_t last; /* docid of the file; 0: there is no file */
	bool
	    lean; /* the database has no positions and no surface forms of documents that are not in the set; never `all` */
	bool all; /* too many to be counted: the file is of no use any more */
	uint64_t *words; /* bit docid % 64 of words[docid / 64] */
	uint32_t n_words;
	uint32_t n_set;
};

void touched_done(struct touched *touched);

/*
 * Reads the metadata's value, which is empty where there is no file, in place of what *touched holds.  STATUS_CORRUPT, STATUS_NOMEM; then
 * it is as it was.
 */
enum status touched_read(struct touched *touched, struct str value, struct error *reterr) MUST_CHECK;

/*
 * Notes a document; false where that changes nothing.  Past what touched_is_many() says the set of a whole database becomes `all`; that of a
 * lean one, in which nothing stands in for the file, only makes searches slower.
 */
bool touched_note(struct touched *touched, uint32_t docid);

/* Whether more than an eighth of the file's documents (LIMIT_TOUCHED_SHARE) are in the set, and more than LIMIT_TOUCHED_LEAST. */
bool touched_is_many(const struct touched *touched);

/* Whether it is in the set. */
bool touched_has(const struct touched *touched, uint32_t docid);

/*
 * Writes the value of a set to `out`, the shorter way; longer than LIMIT_TOUCHED_BYTES, which one of LIMIT_LEAN_DOCUMENTS is not, it becomes
 * `all`.  STATUS_NOMEM.
 */
enum status touched_write(struct touched *touched, struct buf *out, struct error *reterr) MUST_CHECK;

#endif
