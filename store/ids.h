/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ids: the ids of the documents that were asked for last, by their numbers.
 *
 * An id stands in a value slot.  Xapian keeps the values of some hundred neighbouring documents together, looks
 * for them from the root of its tree, and walks to the one that is asked for.  So a page of neighbours is read at
 * once and kept.  Ten ids of pages that are not there take what ten questions to Xapian do (47 and 43 microseconds
 * on 20,000 articles), and 0.7 where they are.  Pages of a million documents have room; what bounds them is their bytes.
 *
 * What is kept is of one revision of one database: ids_forget() when that changes.
 */
#ifndef VOISIN_STORE_IDS_H
#define VOISIN_STORE_IDS_H

#include <stdint.h>

#include "base/error.h"
#include "xapian-c/xapian-c.h"

/* A page is of so many documents; so many pages are kept, of IDS_BYTES together, those of more bytes are not. */
enum { IDS_PER_PAGE = 16, IDS_PAGES = 65536, IDS_PAGE_BYTES = 1024 };

/* Past it all pages are forgotten.  A test has one that is soon reached. */
#ifndef IDS_BYTES
#define IDS_BYTES (8 * 1024 * 1024)
#endif

struct ids;

/* STATUS_NOMEM. */
enum status ids_new(struct ids **ret_ids) MUST_CHECK;

/* NULL is accepted. */
void ids_free(struct ids *ids);

void ids_forget(struct ids *ids);

/*
 * The id of a document of `db`, borrowed until the next call; empty where it has none, or where its page is
 * too large to keep.
 */
enum status ids_get(
    struct ids *ids, struct xc_database *db, xc_docid docid, struct str *ret_id, struct error *reterr) MUST_CHECK;

#endif
