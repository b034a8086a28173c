/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * frequency: how many documents of an index hold a term.
 *
 *	documents = the sum over all layers of (those of its list - the touched ones among them)
 *
 * or what Xapian says, where it alone has the term.
 */
#ifndef VOISIN_QUERY_PLAN_FREQUENCY_H
#define VOISIN_QUERY_PLAN_FREQUENCY_H

#include "base/error.h"
#include "invfile/file.h"
#include "store/reader.h"

/* Whether there is one layer, and nothing of it is touched: then its file says how many documents hold a term. */
bool frequency_is_plain(const struct store_reader *reader);

/* Of any term.  Cost: a look at each layer's dictionary, and what frequency_of_list() takes; less where it was asked before (store/counts.h). */
enum status frequency_of(
    const struct store_reader *reader, struct str term, uint32_t *ret_documents, struct error *reterr) MUST_CHECK;

/*
 * How many documents of a list of the layer are not touched; at most `enough`, where that is all that has to be known.
 * Walks the list, or looks for each touched document in it, whichever is shorter.  STATUS_CORRUPT.
 */
enum status frequency_of_list(const struct store_layer *layer, const struct invfile_term *found, uint32_t enough,
    uint32_t *ret_documents, struct error *reterr) MUST_CHECK;

#endif
