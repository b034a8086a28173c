/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vocabulary: the words of an index in memory, for completing and correcting.
 *
 * These are the folded surface forms with the number of documents that hold them; numbers are left
 * out.  They lie in order of their bytes, each with how much it shares with the one before, so that a
 * walk over them is a walk over their trie (Oflazer 1996) in some ten bytes a word besides its
 * letters.  Xapian's spelling table would cost every document more to index, and knows nothing else.
 *
 * The table is made when it is first asked for, in slices of time, and anew when the index has
 * changed; until the new one is whole the old one serves.
 */
#ifndef VOISIN_QUERY_SUGGEST_VOCABULARY_H
#define VOISIN_QUERY_SUGGEST_VOCABULARY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "store/reader.h"

/* A test sets other values. */
#ifndef VOCABULARY_BYTES
#define VOCABULARY_BYTES (40 * 1024 * 1024) /* of one table; rare words are left out of one that grows past it */
#endif
#ifndef VOCABULARY_SLICE_MS
#define VOCABULARY_SLICE_MS 150 /* of making it, in one call */
#endif

struct vocabulary;

/* Makes an empty one.  STATUS_NOMEM or STATUS_OK. */
enum status vocabulary_new(struct vocabulary **ret_vocabulary, struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void vocabulary_free(struct vocabulary *vocabulary);

/*
 * Makes the table, or goes on making it, for what the reader sees, for VOCABULARY_SLICE_MS at most.
 * STATUS_STALE, STATUS_CORRUPT, STATUS_IO: the index's own; STATUS_NOMEM.  The table that was there
 * serves on after any of them.
 */
enum status vocabulary_refresh(
    struct vocabulary *vocabulary, const struct store_reader *reader, struct error *reterr) MUST_CHECK;

/* How often vocabulary_refresh() was called: whether an answer depended on how far the table had come. */
uint64_t vocabulary_uses(const struct vocabulary *vocabulary);

/* How many words there are; 0 while the first table is being made. */
uint32_t vocabulary_n(const struct vocabulary *vocabulary);

/* The i-th word by bytes, borrowed until the next refresh. */
struct str vocabulary_word(const struct vocabulary *vocabulary, uint32_t i);

/* How many documents hold the i-th word. */
uint32_t vocabulary_freq(const struct vocabulary *vocabulary, uint32_t i);

/* How many bytes the i-th word has in common with the one before, at most 255. */
uint32_t vocabulary_shared(const struct vocabulary *vocabulary, uint32_t i);

/* The first word that is not below `word`: vocabulary_n() where there is none. */
uint32_t vocabulary_find(const struct vocabulary *vocabulary, struct str word);

/* How many documents hold `word`; 0 where it is no word of the table. */
uint32_t vocabulary_freq_of(const struct vocabulary *vocabulary, struct str word);

#endif
