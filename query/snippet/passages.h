/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * passages: the pieces of a document that show why it matched.
 *
 * A passage is cut around a match, from the start of its sentence to the end of it where these are
 * near, and a few words around it where they are not.  Passages come in the order of what they show:
 * those that hold more of the query's units first, then the closest match, then the earliest.  Only
 * words that take part in a match are marked.
 */
#ifndef VOISIN_QUERY_SNIPPET_PASSAGES_H
#define VOISIN_QUERY_SNIPPET_PASSAGES_H

#include "query/plan/text_table.h"
#include "query/search.h"

/*
 * Cuts at most `max` passages that share no word.  Strings point into `document`, arrays live in
 * `arena`.  STATUS_NOMEM or STATUS_OK.
 */
enum status passages_cut(const struct text_table *table, const struct store_document *document,
    const struct match_set *matches, uint32_t max, struct arena *arena, const struct search_passage **ret_passages,
    uint32_t *ret_n) MUST_CHECK;

/* The bytes of the word at index `i` of the table. */
struct search_span passages_span(const struct text_table *table, size_t i);

/* The bytes from the start of the sentence of word `first` to the last word of that of word `last`. */
struct search_span passages_sentence(const struct text_table *table, size_t first, size_t last);

#endif
