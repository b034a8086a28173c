/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * frequency: how many documents of an index hold a term.
 *
 * Where nothing has changed since the inverted file was made, the file knows.  Else Xapian does, but for a surface form of a lean
 * index (store/reader.h), of which it has the changed documents alone:
 *
 *	documents = the file's - the changed ones among them + Xapian's
 */
#ifndef VOISIN_QUERY_PLAN_FREQUENCY_H
#define VOISIN_QUERY_PLAN_FREQUENCY_H

#include "base/error.h"
#include "invfile/file.h"
#include "store/reader.h"

/* Whether Xapian lacks a term of those documents that have not changed. */
bool frequency_is_split(const struct store_reader *reader, struct str term);

/* Of any term.  Cost: a look at a dictionary; of a term that is split also what frequency_unchanged() takes. */
enum status frequency_of(
    const struct store_reader *reader, struct str term, uint32_t *ret_documents, struct error *reterr) MUST_CHECK;

/*
 * How many documents of a list of the file have not changed since it was made; at most `enough`, where that is all that has to be known.
 * Walks the list, or looks for each changed document in it, whichever is shorter.  STATUS_CORRUPT.
 */
enum status frequency_unchanged(const struct store_reader *reader, const struct invfile_term *found, uint32_t enough,
    uint32_t *ret_documents, struct error *reterr) MUST_CHECK;

#endif
