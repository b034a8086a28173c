/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dictionary: the terms of an inverted file, in order, and of each what struct invfile_term has.
 *
 * Groups of DICTIONARY_GROUP terms, of which each after the first is written without what it shares with the one before it (front
 * coding: Witten, Moffat and Bell, "Managing Gigabytes", 1999, section 4.1).  A table has the first eight bytes of each
 * group's first term as a number (str_start()), and where the group starts.
 */
#ifndef VOISIN_INVFILE_DICTIONARY_H
#define VOISIN_INVFILE_DICTIONARY_H

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

enum {
	DICTIONARY_GROUP = 16,
	DICTIONARY_GROUP_BYTES = 12, /* in the table */
	DICTIONARY_TERM_BYTES = 255
};

#define DICTIONARY_NONE UINT64_MAX

/*
 * An entry: lists of terms follow each other as the terms do, so that each says only how long its own is; but for one that is the list of an earlier
 * term.
 */
struct dictionary_entry {
	uint32_t documents;
	uint64_t occurrences;
	unsigned char bound; /* layout.h */
	uint64_t list_off;
	uint64_t list_bytes;
	uint64_t host; /* the number (from 0) of the term on whose list this one stands, or DICTIONARY_NONE */
};

/* ---- Writing --------------------------------------------------------------------------------- */

struct dictionary_writer {
	uint64_t terms;
	uint64_t bytes; /* of all entries so far */
	uint64_t next_off; /* where the next list begins that is not an earlier term's */
	struct buf keys; /* of groups, u64 each */
	struct buf groups; /* their places, u32 each */
	unsigned char last[DICTIONARY_TERM_BYTES];
	size_t last_len;
};

void dictionary_writer_init(struct dictionary_writer *writer);
void dictionary_writer_done(struct dictionary_writer *writer);

/* Appends an entry, whose list begins where the one before it ends or earlier, to `out`, which the caller may empty between calls.  STATUS_NOMEM, STATUS_LIMIT: over 4 GiB of terms. */
enum status dictionary_put(struct dictionary_writer *writer, struct str term, const struct dictionary_entry *entry,
    struct buf *out, struct error *reterr) MUST_CHECK;

/* ---- Reading --------------------------------------------------------------------------------- */

struct dictionary {
	const unsigned char *bytes;
	uint64_t len;
	const unsigned char *keys; /* u64 each */
	const unsigned char *groups; /* u32 each */
	uint64_t n_groups;
	uint64_t terms;
};

/* *ret_number is which of the terms it is, from 0 on.  STATUS_NOT_FOUND, STATUS_CORRUPT. */
enum status dictionary_find(const struct dictionary *dictionary, struct str term, struct dictionary_entry *ret_entry,
    uint64_t *ret_number) MUST_CHECK;

/* The entry of the term with that number.  STATUS_CORRUPT: also where there are not as many. */
enum status dictionary_get(
    const struct dictionary *dictionary, uint64_t number, struct dictionary_entry *ret_entry) MUST_CHECK;

/* A place in it. */
struct dictionary_walk {
	const struct dictionary *dictionary;
	const unsigned char *p;
	const unsigned char *end; /* of the group */
	uint64_t group; /* the next one */
	uint64_t left; /* terms */
	uint64_t next_off; /* where the list of the next term begins that does not have an earlier one's */
	unsigned char term[DICTIONARY_TERM_BYTES];
	size_t term_len;
};

/* Begins with the group in which the first term >= `from` may stand; an empty `from` is the start.  STATUS_CORRUPT. */
enum status dictionary_walk_begin(
    struct dictionary_walk *walk, const struct dictionary *dictionary, struct str from) MUST_CHECK;

/* The next term, borrowed until the next call, and its entry.  STATUS_END, STATUS_CORRUPT. */
enum status dictionary_walk_next(
    struct dictionary_walk *walk, struct str *ret_term, struct dictionary_entry *ret_entry) MUST_CHECK;

#endif
