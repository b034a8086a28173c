/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * text_table: where do the leaves of a query stand in a stored document?
 *
 * The document is analysed as it was for the index, so that the positions are the index's own.  This
 * serves the words of which the index keeps no positions (exact forms, prefixes), sentences and
 * paragraphs, and the byte spans that are shown.
 */
#ifndef VOISIN_QUERY_PLAN_TEXT_TABLE_H
#define VOISIN_QUERY_PLAN_TEXT_TABLE_H

#include "base/arena.h"
#include "base/error.h"
#include "query/intervals/match.h"
#include "stemmer/analyzer.h"
#include "store/document.h"

/* A word of the title or of the text. */
struct text_word {
	uint32_t pos;
	uint32_t off; /* bytes into its zone */
	uint32_t len;
	uint32_t sentence;
};

struct text_table {
	struct match_input input;
	const struct text_word *words; /* in order of position: the title's, the body's, those set aside */
	size_t n;
	size_t n_title;
	size_t n_read; /* of title and body; the others are those of lines that are set aside */
};

/*
 * Analyses title and text of `document` and looks up every leaf of `query`.  All memory is from
 * `arena`; the analyzer's last tokens are lost.
 */
enum status text_table_fill(struct analyzer *analyzer, const struct query *query, const struct store_document *document,
    struct arena *arena, struct text_table *ret_table, struct error *reterr) MUST_CHECK;

/* The index of the word at position `pos`, which must be one of the table's. */
size_t text_table_at(const struct text_table *table, uint32_t pos);

#endif
