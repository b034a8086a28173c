/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * only: a query asked of a few documents.
 */
#ifndef VOISIN_QUERY_PLAN_ONLY_H
#define VOISIN_QUERY_PLAN_ONLY_H

#include "base/error.h"
#include "xapian-c/xapian-c.h"

/* `query` restricted to the documents with these ids (n > 0); the result is the caller's to free. */
enum status only_of_ids(const struct xc_query *query, const struct str *ids, uint32_t n, struct xc_query **ret_query,
    struct error *reterr) MUST_CHECK;

#endif
