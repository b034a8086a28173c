/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * texts: stored documents, packed with what they have in common.
 *
 * An article is too short to be packed well alone.  So each is packed with a dictionary, pieces of text that were frequent among the
 * first documents of the build, as if these stood before it (RFC 8878; the pieces are chosen as in Liao, Petri, Moffat and Wirth,
 * "Effective Construction of Relative Lempel-Ziv Dictionaries", WWW 2016).  The dictionary is in the index's metadata and is never
 * changed; an index too small for one has none.
 *
 * What is stored is either a document's lines as they are (encode.h), which begin with "id=", or a Zstandard frame of them, with
 * their length and a checksum of 4 bytes and without the dictionary's number:
 *
 *	28 B5 2F FD   descriptor   length   blocks   checksum
 */
#ifndef VOISIN_STORE_TEXTS_H
#define VOISIN_STORE_TEXTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/str.h"
#include "store/hash.h"
#include "xapian-c/xapian-c.h"

struct texts;

enum {
	/* What a dictionary is made of: documents of so many bytes in all; of fewer there is a smaller one, or none. */
	TEXTS_SAMPLE_BYTES = 2 * 1024 * 1024,
	TEXTS_SAMPLE_LEAST_BYTES = 128 * 1024,
	TEXTS_SAMPLE_LEAST = 64, /* documents */
	TEXTS_VALUE_BYTES =
	    HASH_BYTES + LIMIT_DICTIONARY_BYTES /* at most, of what is stored of a dictionary: its hash, and it */
};

/*
 * Makes a dictionary of n documents, whose lines stand one behind the other in `lines` and have these lengths, and appends the value
 * that is stored of it to `out`; nothing where they are too few or too much alike for one.  The same documents give the same.
 * Takes 0.05 s of processor time.  STATUS_NOMEM.
 */
enum status texts_train(
    const char *lines, const size_t *lengths, size_t n, struct buf *out, struct error *reterr) MUST_CHECK;

/*
 * `value`: what is stored of the dictionary (copied), or nothing.  STATUS_CORRUPT: it is not what was stored.  Takes half a megabyte,
 * and as what also `packs` one and a half.
 */
enum status texts_new(struct str value, bool packs, struct texts **ret_texts, struct error *reterr) MUST_CHECK;

/* The same of the dictionary that is in a database, or is not. */
enum status texts_open(struct xc_database *db, bool packs, struct texts **ret_texts, struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void texts_free(struct texts *texts);

/*
 * What is to be stored of a document's lines: a frame (borrowed until the next call), or the lines themselves where there is no
 * dictionary, it does not pay, or `texts` was not made to pack.
 */
enum status texts_pack(
    struct texts *texts, struct str lines, struct str *ret_stored, bool *ret_packed, struct error *reterr) MUST_CHECK;

/*
 * The lines of what is stored, in `arena`.  STATUS_CORRUPT: it is damaged, longer than a document may be, or packed with a dictionary
 * that the index does not have.  STATUS_NOMEM: the arena is full.
 */
enum status texts_unpack(struct texts *texts, struct str stored, struct arena *arena, struct str *ret_lines,
    struct error *reterr) MUST_CHECK;

#endif
