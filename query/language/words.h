/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * words: the text of a chunk or of a phrase -> leaves, by the analysis of the documents.
 *
 *	l'OTAN           otan
 *	cessez-le-feu    "cessez le feu"
 *	l'arm*           arm*
 *	!                nothing
 */
#ifndef VOISIN_QUERY_LANGUAGE_WORDS_H
#define VOISIN_QUERY_LANGUAGE_WORDS_H

#include <stdbool.h>

#include "query/language/lexer.h"
#include "query/language/parser.h"

/* Nodes in a row, in an arena. */
struct node_list {
	struct node **v;
	uint32_t n;
	uint32_t cap;
};

/* What is needed to make leaves, and how many were made. */
struct words {
	struct arena *arena;
	struct analyzer *analyzer;
	enum accents accents;
	struct node_list leaves; /* of the whole query, by number */
	uint32_t n_phrases;
	uint32_t n_prefixes;
};

/* STATUS_NOMEM or STATUS_OK. */
enum status node_list_add(struct node_list *list, struct arena *arena, struct node *node) MUST_CHECK;

/* A node without children; NULL when memory runs out. */
struct node *node_make(struct arena *arena, enum node_kind kind, size_t off, size_t len);

/* Whether a word or quote lexeme holds neither word nor star: typography, to be passed over. */
enum status words_is_empty(
    struct words *words, const struct lexeme *lexeme, bool *ret_empty, struct error *reterr) MUST_CHECK;

/* Makes a word, a prefix or a phrase of a word or quote lexeme that is not empty. */
enum status words_make(
    struct words *words, const struct lexeme *lexeme, struct node **ret_node, struct error *reterr) MUST_CHECK;

/* Makes a NODE_SOURCE of source:name, every word of which counts. */
enum status words_make_source(
    struct words *words, const struct lexeme *lexeme, struct node **ret_node, struct error *reterr) MUST_CHECK;

/*
 * Makes sure that the text of every leaf reads back as the same word, for the canonical text: where
 * the normalised one does not (`x²` is the word x2, but `x2` is two), it becomes what stands in `query`.
 */
enum status words_settle(struct words *words, struct str query, struct error *reterr) MUST_CHECK;

#endif
