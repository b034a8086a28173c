/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hits: a document that was found -> what is shown of it.
 */
#ifndef VOISIN_QUERY_SNIPPET_HITS_H
#define VOISIN_QUERY_SNIPPET_HITS_H

#include "query/search.h"

/*
 * Fills distance, passages and matches of ret_hit->document, whose text it then empties.  Memory is
 * from `arena`.  STATUS_LIMIT where the matches of one document are too many to enumerate.
 */
enum status hit_fill(const struct query *query, const struct search_params *params, struct analyzer *analyzer,
    struct arena *arena, struct search_hit *hit, struct error *reterr) MUST_CHECK;

/*
 * The smallest distance of a match of more than one word in `document`; *ret_has is false where the
 * query has no such unit.
 */
enum status hit_distance(const struct query *query, const struct store_document *document, struct analyzer *analyzer,
    struct arena *arena, bool *ret_has, uint32_t *ret_distance, struct error *reterr) MUST_CHECK;

#endif
