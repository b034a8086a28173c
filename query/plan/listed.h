/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * listed: what a layer has of a term, for those that read its lists themselves.
 */
#ifndef VOISIN_QUERY_PLAN_LISTED_H
#define VOISIN_QUERY_PLAN_LISTED_H

#include "base/error.h"
#include "invfile/cursor.h"
#include "store/reader.h"

/* Looks a term up in a layer's file; of 0 documents where it is not there. */
enum status listed_find(
    const struct store_layer *layer, struct str term, struct invfile_term *ret_found, struct error *reterr) MUST_CHECK;

/* To be called behind the last step of a cursor.  STATUS_CORRUPT: the list ended early. */
enum status listed_check(const struct cursor *cursor, struct error *reterr) MUST_CHECK;

/* Whether the layers of an index, of which there is at least one, answer for a term; else Xapian does. */
bool listed_has(const struct store_reader *reader, struct str term);

#endif
