/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * random_tree: small trees over small texts, drawn at random, for tests of properties.
 *
 * A text is a row of letters a..d.  A leaf stands where its set of letters says, so that the places of
 * two leaves can be equal, apart, or overlap, as those of a word, its exact form and a prefix do.
 */
#ifndef VOISIN_TESTS_QUERY_RANDOM_TREE_H
#define VOISIN_TESTS_QUERY_RANDOM_TREE_H

#include <stdint.h>

#include "query/intervals/match.h"

enum { LETTERS = 4, TEXT_MAX = 16, LEAVES_MAX = 8, NODES_MAX = 128, TITLE_GAP = 40 };

struct rng {
	uint64_t state;
};

/* A number in [0, n). */
uint32_t rng_below(struct rng *rng, uint32_t n);

/* A text and a tree, with all memory that they need: it must not be copied. */
struct specimen {
	uint32_t n;
	uint8_t letters[TEXT_MAX];
	bool starts_sentence[TEXT_MAX];
	bool starts_paragraph[TEXT_MAX];
	uint32_t title; /* how many words stand before the body, and before a gap */

	struct query query;
	uint8_t sets[LEAVES_MAX]; /* by leaf: bit k is letter k */

	struct node nodes[NODES_MAX];
	uint32_t n_nodes;
	struct node *slots[NODES_MAX * 4];
	uint32_t n_slots;
	struct node *leaves[LEAVES_MAX];
};

/* Draws one. */
void specimen_draw(struct specimen *specimen, struct rng *rng);

/* The matcher's input of a specimen. */
struct places {
	uint32_t v[LEAVES_MAX][TEXT_MAX];
	struct positions leaves[LEAVES_MAX];
	uint32_t sentences[TEXT_MAX];
	uint32_t paragraphs[TEXT_MAX];
	struct match_input input;
};

void places_of(const struct specimen *specimen, struct places *places);

/* The position of the i-th word. */
uint32_t position_of(const struct specimen *specimen, uint32_t i);

/* Writes text and tree to standard error. */
void specimen_print(const struct specimen *specimen);

#endif
