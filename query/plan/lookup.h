/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lookup: the postings of single terms, looked up document by document.
 *
 * What the layers have is read there, in the one that has the document; what they do not have, or where there are none, is asked of Xapian.
 */
#ifndef VOISIN_QUERY_PLAN_LOOKUP_H
#define VOISIN_QUERY_PLAN_LOOKUP_H

#include <stdint.h>

#include "base/error.h"
#include "query/intervals/match.h"
#include "store/reader.h"

struct lookups;
struct lookup;

/* `reader` is borrowed until lookups_free(), and must not be refreshed until then. */
enum status lookups_new(
    const struct store_reader *reader, struct lookups **ret_lookups, struct error *reterr) MUST_CHECK;

/* Frees all that were opened too.  NULL is accepted. */
void lookups_free(struct lookups *lookups);

/* The list of `term` (copied), which may be of no document; it is freed with the others. */
enum status lookups_open(
    struct lookups *lookups, struct str term, struct lookup **ret_lookup, struct error *reterr) MUST_CHECK;

/* How many documents hold a term. */
enum status lookups_freq(
    const struct lookups *lookups, struct str term, uint32_t *ret_freq, struct error *reterr) MUST_CHECK;
enum status lookup_freq(struct lookup *list, uint32_t *ret_freq, struct error *reterr) MUST_CHECK;

/* How often a document holds the term; 0 where it does not.  Ascending docids are fastest. */
enum status lookup_wdf(struct lookup *list, uint32_t docid, uint32_t *ret_wdf, struct error *reterr) MUST_CHECK;

/* Where it does: *ret_positions is borrowed until the next call that is given the list; empty where it does not. */
enum status lookup_positions(
    struct lookup *list, uint32_t docid, struct positions *ret_positions, struct error *reterr) MUST_CHECK;

/* The length of a document, in words. */
enum status lookups_length(
    struct lookups *lookups, uint32_t docid, uint32_t *ret_length, struct error *reterr) MUST_CHECK;

#endif
