/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * match: which occurrences satisfy a tree?
 *
 * Input is a table "leaf -> positions" of one document, whoever filled it (position lists of the
 * index, or the tokens of the stored text), so that what decides is what is shown.
 *
 * Meaning (docs/query-language.md): a match of an operand is a set of distinct token positions, one
 * for each of its words; its extent is [min, max].  The distance of two matches is the number of
 * words strictly between their extents, 0 where these touch or overlap; for more operands it is the
 * number of positions of the common stretch that no operand's extent covers.  One occurrence never
 * serves two operands of a proximity node.  This is plain enumeration of assignments, stricter and
 * fuller than the minimal intervals of Clarke, Cormack and Burkowski (1995).
 */
#ifndef VOISIN_QUERY_INTERVALS_MATCH_H
#define VOISIN_QUERY_INTERVALS_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "query/language/tree.h"

/* Sorted, distinct. */
struct positions {
	const uint32_t *v;
	size_t n;
};

struct match_input {
	const struct positions *leaves; /* by leaf number */
	struct positions sentences; /* positions at which a sentence starts; needed for SENT only */
	struct positions paragraphs; /* the same for PARA */
	/* Whether a document-level leaf (NODE_SOURCE, NODE_DATE) holds; NULL: all of them do. */
	enum status (*holds)(void *ctx, const struct node *leaf, bool *ret_holds, struct error *reterr);
	void *holds_ctx;
	uint32_t body_first_pos; /* position of the body's first word; needed for DEBUT only */
};

struct match_limits {
	uint64_t max_steps; /* elementary steps; past them STATUS_LIMIT names LIMIT_MATCH_STEPS */
	size_t max_matches; /* kept per unit by match_find(), the closest ones */
};

/* One assignment of one proximity unit. */
struct match {
	uint32_t unit; /* number of the unit in the tree, in order of the query */
	uint32_t lo; /* extent */
	uint32_t hi;
	uint32_t distance; /* words of [lo, hi] that are not part of the match */
	const uint32_t *pos; /* one a word, in ascending order */
	const uint32_t *leaf; /* leaf[i] stands at pos[i] */
	uint32_t n;
};

struct match_set {
	const struct match *v; /* by distance, then lo, then hi, then positions */
	size_t n;
	uint64_t total; /* how many there are: more than n where max_matches cut, exact then too */
	struct positions marks; /* every position that takes part in some match of a satisfied unit */
};

/*
 * Whether the document satisfies the tree.  Stops at the first proof, and leaves nothing behind: all
 * memory that it takes is freed, and `arena` may be NULL.
 *
 * Cost: near-linear in the positions of the rarest operand of each unit for ordinary queries; never
 * more than limits->max_steps steps and 64 MiB (docs/query-language.md, "Cost").
 */
enum status match_exists(const struct query *query, const struct match_input *input, const struct match_limits *limits,
    struct arena *arena, bool *ret_satisfied, struct error *reterr) MUST_CHECK;

/*
 * Finds the matches of all units that take part in satisfying the tree (those under a NOT do not).
 * *ret_set is empty where the document does not satisfy it.  Memory of the result from `arena`.
 *
 * Matches that differ only by which of two leaves stands at a position are one match.  Cost: linear
 * in the matches, besides that of match_exists(), with the same limits.
 */
enum status match_find(const struct query *query, const struct match_input *input, const struct match_limits *limits,
    struct arena *arena, struct match_set *ret_set, struct error *reterr) MUST_CHECK;

/*
 * As match_find(), but one match of each unit, the first that is met, of as many units as the limits
 * allow: for where all matches are too many to list.  Never STATUS_LIMIT.
 */
enum status match_find_first(const struct query *query, const struct match_input *input,
    const struct match_limits *limits, struct arena *arena, struct match_set *ret_set, struct error *reterr) MUST_CHECK;

#endif
