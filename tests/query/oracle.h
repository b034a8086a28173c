/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * oracle: the matches of a tree by plain enumeration, as slow and as simple as can be.
 *
 * Shares no code with query/: it gives every leaf each of its positions in turn, and asks of the
 * finished assignment whether it satisfies the tree, straight from the definitions of
 * docs/query-language.md.  Exponential in the leaves: for small texts only.
 */
#ifndef VOISIN_TESTS_QUERY_ORACLE_H
#define VOISIN_TESTS_QUERY_ORACLE_H

#include <stdbool.h>
#include <stdint.h>

#include "query/intervals/match.h"

enum { ORACLE_LEAVES = 8, ORACLE_SETS = 20000, ORACLE_UNITS = 16 };

/* A set of positions, ascending, filled up with zeros. */
struct oracle_set {
	uint32_t pos[ORACLE_LEAVES];
};

struct oracle_sets {
	uint32_t n;
	bool overflow;
	struct oracle_set v[ORACLE_SETS];
};

/* Whether the document satisfies the tree; false with sets->overflow where there is too much to enumerate. */
bool oracle_satisfies(const struct node *root, const struct match_input *input, struct oracle_sets *scratch);

/* The matches of one unit, each set of positions once, in any order. */
void oracle_matches(const struct node *unit, const struct match_input *input, struct oracle_sets *ret_sets);

/*
 * The units that take part in satisfying the tree, with their numbers: at most ORACLE_UNITS of them;
 * returns how many.
 */
uint32_t oracle_units(const struct node *root, const struct match_input *input, struct oracle_sets *scratch,
    const struct node *units[ORACLE_UNITS], uint32_t numbers[ORACLE_UNITS]);

#endif
