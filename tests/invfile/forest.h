/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * forest: random documents, random trees of operators over their words, and what matches by plain enumeration.
 */
#ifndef VOISIN_TESTS_INVFILE_FOREST_H
#define VOISIN_TESTS_INVFILE_FOREST_H

#include "invfile/matcher.h"
#include "tests/glass/model.h"

enum { FOREST_WORDS = 400, FOREST_NODES = 512 };

struct forest {
	struct model *model;
	bool is_shared; /* some positions hold two words */
	/*
	 * Without what Xapian 1.4.22 gets wrong: it finds phrases in ORs with words that have no positions, and counts the weight of
	 * a phrase that does not match where that stands in an OR in an AND.
	 */
	bool is_for_xapian;
	char names[FOREST_WORDS][8];
	uint32_t documents_with[FOREST_WORDS];
	struct matcher_node nodes[FOREST_NODES];
	const struct matcher_node *children[FOREST_NODES];
	uint32_t n_nodes;
	uint32_t n_children;
};

/* `n` documents of up to `words` words of a vocabulary that follows Zipf's law. */
void forest_init(struct forest *forest, struct model *model, uint32_t n, uint32_t words, bool is_shared);

/* To be called when documents were added by hand. */
void forest_count(struct forest *forest);

/* Writes the documents as an inverted file for these parameters. */
void forest_write(const struct forest *forest, const struct bm25 *bm25, const char *path);

/* A document of a file: which number it has there, and which docid where that is another. */
struct forest_entry {
	uint32_t number;
	uint32_t docid; /* 0: the number */
	const struct glass_document *document;
};

/* Writes such a file. */
void forest_write_entries(const struct forest *forest, const struct bm25 *bm25, const struct forest_entry *entries,
    size_t n, const char *path);

/* How many words a document has. */
uint32_t forest_length(const struct glass_document *document);

/* What a document has of a word, or NULL. */
const struct glass_term *forest_find(const struct glass_document *document, struct str word);

/* A tree of at most `depth` operators in each other; it lives until the next call. */
const struct matcher_node *forest_tree(struct forest *forest, unsigned depth);

/* Nodes of such a tree, by hand; forest_clear() begins a new one. */
void forest_clear(struct forest *forest);
struct matcher_node *forest_term(struct forest *forest, uint32_t word);
struct matcher_node *forest_node(struct forest *forest, enum matcher_op op, uint32_t n, ...);

/* How many documents hold the word. */
uint32_t forest_documents_with(const struct forest *forest, struct str word);

/* The same as a query. */
struct xc_query *forest_query(const struct matcher_node *node);

/* "AND(w1 NEAR/5(w2 OR(w3 w4)))", for messages; static. */
const char *forest_text(const struct matcher_node *node);

/* Whether the document matches, and its score. */
bool forest_matches(const struct forest *forest, const struct matcher_node *node, const struct glass_document *document,
    const struct bm25 *bm25, const struct bm25_collection *collection, double *ret_score);

#endif
