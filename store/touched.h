/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * touched: the documents of an inverted file that were put anew or deleted since it was made, as bits.
 *
 * A file (invfile/file.h) is written once.  So later runs keep a set of what it has wrong, of each file one, in the database's metadata, where
 * each commit changes both or neither (docs/index-format.md, section 6).  A document is what the file has as its number, which in that of a
 * full build is the docid.  Numbers behind the file's last are in no set: the file knows nothing of them anyway.
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
	uint32_t last; /* number of the file, at most LIMIT_FILE_DOCUMENTS; 0: there is no file */
	bool lean; /* of the file of a full build: the database has nothing that the files have */
	uint64_t *words; /* bit number % 64 of words[number / 64] */
	uint32_t n_words;
	uint32_t n_set;
};

void touched_done(struct touched *touched);

/* The set of nothing, of a file with documents 1 to `last`, in place of what *touched holds.  STATUS_LIMIT, STATUS_NOMEM; then it is as it was. */
enum status touched_begin(struct touched *touched, uint32_t last, struct error *reterr) MUST_CHECK;

/*
 * Reads the metadata's value, which is empty where there is no file, in place of what *touched holds.  STATUS_CORRUPT, STATUS_NOMEM; then
 * it is as it was.
 */
enum status touched_read(struct touched *touched, struct str value, struct error *reterr) MUST_CHECK;

/* What stands before the set: the file's last number, 0 where there is none, and whether the index is lean.  STATUS_CORRUPT. */
enum status touched_read_head(struct str value, uint32_t *ret_last, bool *ret_lean, struct error *reterr) MUST_CHECK;

/* Notes a document; false where that changes nothing. */
bool touched_note(struct touched *touched, uint32_t number);

/* Whether more than an eighth of the file's documents (LIMIT_TOUCHED_SHARE) are in the set, and more than LIMIT_TOUCHED_LEAST. */
bool touched_is_many(const struct touched *touched);

/* Whether it is in the set, or behind the file's last. */
bool touched_has(const struct touched *touched, uint32_t number);

/* Writes the value of a set to `out`, the shorter way, in LIMIT_TOUCHED_BYTES at most.  STATUS_NOMEM. */
enum status touched_write(const struct touched *touched, struct buf *out, struct error *reterr) MUST_CHECK;

#endif
