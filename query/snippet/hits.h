/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hits: a document that was found -> what is shown of it.
 */
#ifndef VOISIN_QUERY_SNIPPET_HITS_H
#define VOISIN_QUERY_SNIPPET_HITS_H

#include "query/search.h"

/* What all hits of one run share; borrowed.  The counter begins at 0. */
struct hit_source {
	const struct query *query;
	const struct search_params *params;
	struct analyzer *analyzer;
	struct xc_database *db;
	unsigned n_unlisted; /* hits so far with too many matches to list: the more, the sooner the next is given up */
};

/*
 * Fills distance, passages and matches of hit->document, whose text it then empties.  Memory is from
 * `arena`.  Where the matches are too many to list, hit->unlisted is set, and one match of each unit is shown, or
 * none.
 */
enum status hit_fill(
    struct hit_source *source, struct arena *arena, struct search_hit *hit, struct error *reterr) MUST_CHECK;

/*
 * Fills only has_distance and distance: the smallest distance of a match of more than one word.  The
 * document's text stays.
 */
enum status hit_measure(
    struct hit_source *source, struct arena *arena, struct search_hit *hit, struct error *reterr) MUST_CHECK;

#endif
