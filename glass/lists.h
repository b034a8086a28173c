/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lists: for each key a list of records, in memory; what inverting a batch of documents fills.
 *
 * A list is a chain of chunks that grow with it, so that the rare and the common words of a language fit side
 * by side (Zobel and Moffat, "Inverted Files for Text Search Engines", ACM Computing Surveys 38, 2006, section 5).
 * A record belongs to a document (or to none, docid 0), carries a number, and perhaps bytes:
 *
 *	gap to the docid before   number * 2 + whether bytes follow   length   bytes
 *
 * all but the bytes as pack_uint() writes them.
 */
#ifndef VOISIN_GLASS_LISTS_H
#define VOISIN_GLASS_LISTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "glass/pack.h"

struct lists;

enum status lists_new(struct lists **ret_lists, struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void lists_free(struct lists *lists);

/* Forgets all lists and gives their memory back. */
void lists_reset(struct lists *lists);

/* How much memory they take. */
size_t lists_bytes(const struct lists *lists);

struct record {
	uint32_t docid;
	uint64_t number;
	struct str bytes; /* empty where there are none */
};

/*
 * Writes what stands in front of a record's bytes: how far it is from the docid before, its number and whether there are bytes, and
 * their length.  Returns the place behind.
 */
enum { RECORD_HEAD_BYTES = 3 * PACK_UINT_BYTES /* at most */ };
unsigned char *record_head(const struct record *record, uint32_t docid_before, unsigned char *to);

/* The number of the list of `key` (at most BTREE_KEY_BYTES, copied), made now where there is none; it holds until lists_reset(). */
enum status lists_find(struct lists *lists, struct str key, uint32_t *ret_number, struct error *reterr) MUST_CHECK;

/*
 * Appends a record to a list, in which docids do not descend.  STATUS_NOMEM; STATUS_LIMIT past 4 GiB.
 *
 * Most lists are far from the processor when their turn comes.  Who knows some that will be appended to says so of each,
 * first by lists_await() and when that is done for all by lists_await_end(), so that they come while others are worked on.
 */
enum status lists_append(
    struct lists *lists, uint32_t number, const struct record *record, struct error *reterr) MUST_CHECK;
void lists_await(const struct lists *lists, uint32_t number);
void lists_await_end(const struct lists *lists, uint32_t number);

/* Both. */
enum status lists_add(
    struct lists *lists, struct str key, const struct record *record, struct error *reterr) MUST_CHECK;

/* ---- Walking them in the order of their keys ------------------------------------------------- */

struct list {
	struct str key;
	uint64_t records;
	uint64_t sum; /* of the records' numbers */
	uint64_t bytes; /* of all records */
	uint32_t first; /* of the chain */
};

/* Sorts the keys; until the next lists_add() list number 0 <= i < lists_count() can be had. */
enum status lists_sort(struct lists *lists, struct error *reterr) MUST_CHECK;
size_t lists_count(const struct lists *lists);
struct list lists_get(const struct lists *lists, size_t i);

/* The bytes of a list piece after piece: begin with {0}; false at the end. */
struct list_walk {
	uint32_t at;
	uint64_t done;
};
bool lists_piece(const struct lists *lists, const struct list *list, struct list_walk *walk, struct str *ret_piece);

#endif
