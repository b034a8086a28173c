/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * matcher: the documents of an inverted file that satisfy a tree of operators, with their scores.
 *
 * The operators have the meaning of Xapian's of the same name, and scores are those of its BM25Weight to the last bit
 * but for the order in which the parts of a sum are added:
 *
 *	TERM     documents that hold it; its BM25 weight times `factor`
 *	AND      of all children; the sum
 *	OR       of any child; the sum over those that hold
 *	NEAR     all children (TERM, or OR of TERMs; no term in two of them) at positions of which the first and the last are less than
 *	         `window` apart; the sum
 *	PHRASE   the same, in the order of the children; these may share terms
 *	SYNONYM  of any child, all TERMs; it weighs as one term that stands wherever they do
 *
 * A step is given the least score that is of use, and documents that cannot have it are passed over: by the bounds of
 * whole lists (MaxScore: Turtle and Flood 1995), and of blocks (block-max WAND: Ding and Suel, SIGIR 2011); for a proximity operator
 * before any position is read.
 */
#ifndef VOISIN_INVFILE_MATCHER_H
#define VOISIN_INVFILE_MATCHER_H

#include "base/arena.h"
#include "invfile/cursor.h"

enum matcher_op { MATCHER_TERM, MATCHER_AND, MATCHER_OR, MATCHER_NEAR, MATCHER_PHRASE, MATCHER_SYNONYM };

/* The tree; all of it is the caller's and is borrowed. */
struct matcher_node {
	enum matcher_op op;
	struct str term; /* TERM */
	double factor; /* TERM, SYNONYM: on the weight; not of a SYNONYM's children */
	uint32_t documents; /* TERM: how many of the whole index hold it, for the weight; 0: as many as in the file */
	const struct matcher_node *const *children; /* n >= 1 */
	uint32_t n;
	uint32_t window; /* NEAR, PHRASE: >= n */
};

/* Documents that are passed over, as if they were not in the file: bit docid % 64 of word docid / 64.  May be NULL. */
struct matcher_skip {
	const uint64_t *words;
	uint32_t n_words; /* docids past it are not skipped */
	uint32_t n_set; /* how many bits are set */
};

/*
 * A step may look at many documents before it finds one.  Every MATCHER_TICK_STEPS of them, or as many bunches of positions, it
 * asks whether the time is over, and is STATUS_TIMEOUT if so.
 */
enum { MATCHER_TICK_STEPS = 1024 };

struct matcher_tick {
	bool (*is_over_cb)(void *arg);
	void *arg;
};

struct matcher;

/*
 * Opens a match before its first document.  `skip` and `tick` may be NULL.  With `is_weighted` false all scores are 0, and nothing
 * is passed over for its score.  All arguments are borrowed until matcher_free().  STATUS_NOMEM; STATUS_CORRUPT; STATUS_LIMIT:
 * more than LIMIT_MATCHER_BYTES or deeper than LIMIT_MATCHER_DEPTH; STATUS_INTERNAL: a tree that is none of those above.
 */
enum status matcher_new(const struct invfile *file, const struct bm25_collection *collection,
    const struct matcher_node *root, const struct matcher_skip *skip, const struct matcher_tick *tick, bool is_weighted,
    struct matcher **ret_matcher, struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void matcher_free(struct matcher *matcher);

/*
 * To the next document, or the first with an id >= `docid` (never backwards), that satisfies the tree; those
 * with a score below `least` may be passed over; a `least` below an earlier one counts as that.  *ret_docid is CURSOR_END at the end.  STATUS_CORRUPT, STATUS_NOMEM,
 * STATUS_TIMEOUT; after a failure each further step fails the same way.
 */
enum status matcher_next(struct matcher *matcher, double least, uint32_t *ret_docid, struct error *reterr) MUST_CHECK;
enum status matcher_seek(
    struct matcher *matcher, uint32_t docid, double least, uint32_t *ret_docid, struct error *reterr) MUST_CHECK;

/* The score of the document at which the matcher stands. */
double matcher_weight(struct matcher *matcher);

/* No document scores more. */
double matcher_weight_max(const struct matcher *matcher);

/* How many documents satisfy the tree: bounds, and an estimate between them.  Those skipped may be counted in `most` and `estimate`. */
struct matcher_count {
	uint32_t least;
	uint32_t most;
	uint32_t estimate;
};
struct matcher_count matcher_count(const struct matcher *matcher);

/*
 * How many of `collection` documents hold any of n terms, as Xapian takes it to be (OrPostList), and SYNONYM with it: the two rarest are joined
 * as if they were independent, and so on.  `documents` are those of each term, none more than `collection`; they are changed.
 */
uint32_t matcher_any_documents(uint32_t *documents, uint32_t n, uint32_t collection);

#endif
