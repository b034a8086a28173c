/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * terms: the terms of an index that begin alike, in the order of their bytes.
 *
 * They are those of all layers, or Xapian's where there are none.  A term that no document holds any more is none.
 */
#ifndef VOISIN_QUERY_PLAN_TERMS_H
#define VOISIN_QUERY_PLAN_TERMS_H

#include "base/error.h"
#include "store/reader.h"

struct terms;

/*
 * Opens them before the first one that begins with `prefix` and is not below `from`, which is not empty; layers have all of them
 * (schema_is_in_invfile()).  Both strings are borrowed until terms_free().
 */
enum status terms_new(const struct store_reader *reader, struct str prefix, struct str from, struct terms **ret_terms,
    struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void terms_free(struct terms *terms);

/* To the next one, borrowed until the one after it.  STATUS_END, STATUS_CORRUPT, STATUS_STALE. */
enum status terms_next(struct terms *terms, struct str *ret_term, struct error *reterr) MUST_CHECK;

/* How many documents hold it. */
enum status terms_documents(struct terms *terms, uint32_t *ret_documents, struct error *reterr) MUST_CHECK;

#endif
