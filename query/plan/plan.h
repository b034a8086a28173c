/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan: how is a tree run on an index?
 *
 * The tree becomes operators (translate.h), and these a match whose answer holds every document of the tree's: of the inverted files
 * of the index's layers (to_invfile.h), or where it has none of Xapian (to_xapian.h).  Words, phrases,
 * NEAR and ADJ of words and of ORs of words are native operators, and exact.  Phrases, NEAR and ADJ
 * inside one another become one window over all their words, anything else that is nested
 * an AND of what its operands need, narrowed by OP_NEAR with a window that is wide enough, as a
 * filter; then each candidate is checked (check.h).
 */
#ifndef VOISIN_QUERY_PLAN_PLAN_H
#define VOISIN_QUERY_PLAN_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "query/language/tree.h"
#include "query/plan/operators.h"
#include "store/reader.h"
#include "xapian-c/source.h"

/*
 * The terms of the index under which a leaf is found.  A surface form has positions in the layers alone.  Where
 * there are none, a form stands where one of the stems stands that words of this form can have,
 * so that the positions of those cover the form's.
 */
struct plan_leaf {
	struct str *terms;
	uint32_t n_terms;
	uint32_t *documents; /* that hold each of them, or NULL */
	struct str *places; /* terms the positions of which cover the leaf's */
	uint32_t n_places; /* 0 where no such terms are known */
	bool has_positions; /* `places` are `terms`, and their positions just the leaf's */
	struct str
	    *stems; /* that words of the leaf can have; two leaves with one in common can stand at one position */
	uint32_t n_stems; /* 0: not known */
};

struct lookups;
struct file_parts;
struct plan_query; /* a Xapian query that the plan owns */

struct plan {
	const struct query *query;
	struct plan_leaf *leaves; /* by leaf number */
	const struct plan_op *operators; /* what the candidates satisfy */
	const struct xc_query *candidates; /* a superset of the answer; NULL until plan_find_candidates() */
	const struct xc_query *found; /* what plan_find_candidates() made of them */
	struct file_parts *parts; /* what the layers answer of the candidates, or NULL: there are no layers */
	bool exact; /* the operators are the answer */
	bool needs_text; /* a check needs the stored text: some leaf has no positions in the index */
	bool needs_sentences; /* a check needs to know where sentences start */
	bool needs_paragraphs; /* or paragraphs, or the body */
	bool has_cover; /* a document fails the check where it fails with the leaves' places for the leaves */
	struct lookups *lookups;
	struct xc_database *db;
	const struct store_reader *reader; /* of which db is the database */
	struct plan_query *owned;
	struct arena *arena;
};

/*
 * Plans `query` for what `reader` sees, which is borrowed until plan_done(); `analyzer` is used during the call, and its last tokens are
 * lost.  Memory from `arena`; plan_done() gives back the Xapian queries, also after
 * a failure.  STATUS_LIMIT: a prefix begins more than LIMIT_PREFIX_EXPANSION words, or all terms
 * together are more than LIMIT_QUERY_TERMS; reterr->off is the byte of the query at fault.
 */
enum status plan_build(const struct query *query, const struct store_reader *reader, struct analyzer *analyzer,
    struct arena *arena, struct plan *ret_plan, struct error *reterr) MUST_CHECK;

/* Frees what a plan owns outside its arena; a zeroed plan is accepted. */
void plan_done(struct plan *plan);

/*
 * The postings and values of all terms, dates and sources: the most that a match can read.  Asks the index for the
 * frequency of each term.
 */
enum status plan_cost(const struct plan *plan, uint64_t *ret_cost, struct error *reterr) MUST_CHECK;

/* Whether plan_cost() is more than `postings`; asks the index only where there may be so many. */
enum status plan_costs_more(
    const struct plan *plan, uint64_t postings, bool *ret_more, struct error *reterr) MUST_CHECK;

/*
 * Makes the candidates, of the layers where the index has some.  `is_weighted`: with scores; otherwise in the order
 * of docids.  A match of them may end with STATUS_CANCELLED: plan_failure() tells why, STATUS_OK meaning that
 * it was not a layer.  STATUS_TIMEOUT is for `deadline_ns` (CLOCK_MONOTONIC; 0: none), which the layers alone look at.
 */
enum status plan_find_candidates(
    struct plan *plan, bool is_weighted, int64_t deadline_ns, struct error *reterr) MUST_CHECK;
enum status plan_failure(const struct plan *plan, struct error *reterr) MUST_CHECK;

/*
 * Documents and scores of the candidates, where a single source has them and they have not been wrapped since: then a match of Xapian is not needed.
 * Else NULL.  Borrowed until plan_done().
 */
const struct xc_source *plan_source(const struct plan *plan);

/* Where the words are looked for: in the layers, or in Xapian's lists, as where there are no words. */
enum plan_index { PLAN_XAPIAN, PLAN_INVERTED };
enum plan_index plan_index(const struct plan *plan);

/* Its name over the wire: "xapian", "inverted". */
const char *plan_index_name(enum plan_index index);

/* Whether a match of the candidates keeps to the deadline by itself. */
bool plan_minds_time(const struct plan *plan);

/* Wraps the candidates so that the match ends with STATUS_TIMEOUT at `deadline_ns` (CLOCK_MONOTONIC). */
enum status plan_limit_time(struct plan *plan, int64_t deadline_ns, struct error *reterr) MUST_CHECK;

/* Lets a candidate that also satisfies `operators` weigh that much more; what matches stays.  Behind plan_find_candidates(). */
enum status plan_weigh(struct plan *plan, const struct plan_op *operators, struct error *reterr) MUST_CHECK;

/* Restricts the candidates to documents that have one of these terms. */
enum status plan_only(struct plan *plan, const struct str *terms, uint32_t n, struct error *reterr) MUST_CHECK;

/* Makes every document a candidate, so that the check alone decides (for tests). */
enum status plan_widen(struct plan *plan, struct error *reterr) MUST_CHECK;

/* Restricts the candidates to documents from `docid` on. */
enum status plan_start_at(struct plan *plan, uint32_t docid, struct error *reterr) MUST_CHECK;

#endif
