/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fold: of hits that are reprints of one another only the first is shown.
 *
 * Hits are put in in their order.  One that is a reprint (likeness.h) of a hit that is shown is folded under it, under the first
 * where there are several; any other is shown.  So each hit has its place in exactly one group, whose members are
 * all reprints of the one that is shown, and the start of a list is folded the same way however long the list is.
 * Closing groups over chains of likeness instead would have an article stand for others it has nothing in common with.
 *
 * Shown hits are found by the bands of their signatures, in a table in memory: no posting list is read.
 */
#ifndef VOISIN_QUERY_REPRINTS_FOLD_H
#define VOISIN_QUERY_REPRINTS_FOLD_H

#include "query/reprints/likeness.h"

struct fold;

/* Makes an empty one; `likeness` is borrowed until fold_free().  STATUS_NOMEM or STATUS_OK. */
enum status fold_new(struct likeness *likeness, struct fold **ret_fold, struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void fold_free(struct fold *fold);

/*
 * Puts in the next hit.  *ret_head is the docid of the shown hit that stands for it, which is its own where it is shown.  Fails like
 * store_reader_document().
 */
enum status fold_put(
    struct fold *fold, const struct fingerprint *fingerprint, uint32_t *ret_head, struct error *reterr) MUST_CHECK;

/* The same without putting it in: which shown hit would stand for it, 0 for none. */
enum status fold_look(
    struct fold *fold, const struct fingerprint *fingerprint, uint32_t *ret_head, struct error *reterr) MUST_CHECK;

/* How many hits are shown. */
uint32_t fold_count(const struct fold *fold);

#endif
