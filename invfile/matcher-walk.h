/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * matcher-walk: the parts of a running match, for the files that make it up; nobody else includes this.
 *
 * A walk goes over documents in the order of their ids.  There are four kinds:
 *
 *	leaf         the postings of one term
 *	conjunction  AND, NEAR, PHRASE and what stands in them, laid flat: `streams` that all must hold a document, and
 *	             `checks` of positions that it must pass
 *	disjunction  OR
 *	synonym      SYNONYM
 *
 * A walk first stands at a candidate, found by docids alone; walk_confirm() reads positions and says whether it is a match.
 * Between the two lies the question whether the candidate's score is of use, so that positions are read for few.
 *
 * What fails is kept in the matcher, and ends all walks.
 */
#ifndef VOISIN_INVFILE_MATCHER_WALK_H
#define VOISIN_INVFILE_MATCHER_WALK_H

#include "invfile/matcher.h"

/*
 * Scores and bounds are sums whose parts are added in different orders.  A bound is raised by this much, some thousand times
 * the error of such a sum, so that no document is lost to it.
 */
#define MATCHER_SLACK 1e-12

enum { MATCHER_POSITIONS_STEP = 16 /* so many positions are one step of a match */ };

struct matcher {
	const struct invfile *file;
	const struct bm25 *bm25;
	const uint32_t *lengths;
	uint32_t last_docid;
	struct bm25_collection collection;
	double length_factor; /* 1 / average length */
	double bound_factor; /* on the bounds of the file, which were made for another average */
	bool is_weighted;
	const struct matcher_skip *skip;
	const struct matcher_tick *tick;
	int64_t steps; /* until the next tick */
	enum status status; /* of the first failure */
	struct error error;
	struct arena *arena;
	struct leaf *leaves; /* all that own memory outside of the arena */
	struct proximity *checks;
	struct walk *root; /* NULL: nothing can match */
	uint32_t docid;
	double weight;
	double least; /* the most that was asked for: scores of parts may be unknown where the whole has less */
};

enum walk_kind { WALK_LEAF, WALK_CONJUNCTION, WALK_DISJUNCTION, WALK_SYNONYM };

struct walk {
	enum walk_kind kind;
	bool is_certain; /* a candidate is a match */
	uint32_t docid; /* 0 before the first candidate, CURSOR_END behind the last */
	double weight_max;
	uint32_t least, most; /* how many documents there are */
	double estimate;
};

struct leaf {
	struct walk walk;
	struct str term;
	struct invfile_term found;
	double weight; /* with the factor; 0: does not count */
	double weight_bound; /* times a bound of the file: no posting weighs more */
	double bound; /* of the block up to bound_last, where this is the whole match */
	uint32_t bound_last;
	double least; /* of the last search for one, and how many occurrences a posting must have for it */
	uint32_t enough;
	struct cursor_positions positions; /* in positions_docid */
	uint32_t positions_docid;
	struct leaf *next_leaf;
	struct cursor cursor;
};

struct conjunction {
	struct walk walk;
	struct walk **streams; /* the rarest first */
	uint32_t n;
	double *rest; /* what the streams from the i-th on can weigh, up to bound_last; n + 1 */
	double *scratch; /* the same elsewhere */
	uint32_t bound_last;
	struct proximity **checks;
	uint32_t n_checks;
	uint32_t refused_docid; /* the last candidate that was no match */
};

struct disjunction {
	struct walk walk;
	struct walk **children; /* in the order of the tree */
	uint32_t n;
	struct walk **order; /* by what they can weigh up to window_last, the least first */
	double *bounds; /* of those */
	double *sums; /* of the bounds before the i-th; n + 1 */
	uint32_t window_last; /* 0: there is no window yet */
	uint32_t first; /* a document that only those before it hold has not `least`, which never falls */
};

/* A term of a synonym, which has no cursor of its own. */
struct member {
	struct str term;
	struct invfile_term found;
	uint32_t docid; /* the first of its documents that is not in the window or before it; 0: not known */
};

enum { SYNONYM_WINDOW = 4096, SYNONYM_WINDOW_MAX = 131072 };

struct synonym {
	struct walk walk;
	struct member *members;
	uint32_t n;
	double weight;
	/* What is to be found, for the `least` of the last step: no score reaches it with fewer occurrences than `enough`. */
	double least;
	uint32_t enough;
	const uint8_t *norms; /* of all documents */
	uint16_t product; /* of a document's sum and its norm, which no score is reached without; sums above NORM_MOST have none */
	/* What all members together have in the documents from `first` on, of which there are `width`. */
	uint32_t first;
	uint32_t width; /* 0: no window is open yet */
	uint32_t width_next;
	uint32_t width_max;
	uint16_t *sums; /* of wdfs, up to CURSOR_SUM_MAX */
	bool has_zeros;
	uint64_t *zeros; /* documents that may be there with a sum of 0 */
	struct cursor cursor;
};

/* A place in the positions of one operand. */
struct slot {
	struct walk *walk; /* a leaf, or a disjunction of leaves */
	uint32_t off; /* its place in the phrase */
	uint64_t size; /* about how many positions there are */
	const uint32_t *v;
	size_t n;
	size_t at;
	bool is_run; /* in place of v, n and at: */
	struct block_run run;
	struct cursor_positions merged; /* of a disjunction */
};

struct proximity {
	bool (*holds_cb)(struct matcher *matcher, struct proximity *proximity);
	double share; /* about which part of the documents that hold all operands it leaves */
	uint32_t window;
	uint32_t n;
	struct slot *slots; /* in the order of the tree */
	struct slot **order; /* in which positions are read */
	/* of the operands in that order, for the search for distinct positions */
	uint32_t *taken;
	bool *has_taken;
	bool *is_asked;
	struct proximity *next_check;
};

/* Keeps the first failure.  Returns it. */
enum status matcher_fail(struct matcher *matcher, enum status status, const struct error *error);
void matcher_ask_tick(struct matcher *matcher);

/* To be called where a leaf is behind the file's last document: at its end, or damaged. */
void leaf_end(struct matcher *matcher, struct leaf *leaf);

/* To be asked before each candidate: whether it is all over. */
static inline bool
matcher_is_over(struct matcher *matcher)
{
	if (--matcher->steps <= 0)
		matcher_ask_tick(matcher);
	return matcher->status != STATUS_OK;
}

static inline uint32_t
docid_after(uint32_t docid)
{
	return docid == CURSOR_END ? CURSOR_END : docid + 1;
}

/* matcher-tree.c: makes the walks.  STATUS_LIMIT, STATUS_NOMEM, STATUS_CORRUPT, STATUS_INTERNAL. */
enum status matcher_build(struct matcher *matcher, const struct matcher_node *root, struct error *reterr) MUST_CHECK;

/* To the first candidate >= docid whose score may be `least`. */
uint32_t conjunction_advance(struct matcher *matcher, struct conjunction *conjunction, uint32_t docid, double least);
uint32_t disjunction_advance(struct matcher *matcher, struct disjunction *disjunction, uint32_t docid, double least);

uint32_t synonym_advance(struct matcher *matcher, struct synonym *synonym, uint32_t docid, double least);

/* Whether the candidate is a match. */
bool conjunction_confirm(struct matcher *matcher, struct conjunction *conjunction);
bool disjunction_confirm(struct matcher *matcher, struct disjunction *disjunction);

/* The score of the candidate; at least that, where walk_confirm() was not asked. */
double conjunction_score(const struct matcher *matcher, struct conjunction *conjunction);
double disjunction_score(const struct matcher *matcher, struct disjunction *disjunction);

double synonym_score(const struct matcher *matcher, struct synonym *synonym);

/* A bound on the scores of the documents from `docid` to *ret_last. */
double conjunction_bound(
    const struct matcher *matcher, struct conjunction *conjunction, uint32_t docid, uint32_t *ret_last);
double disjunction_bound(
    const struct matcher *matcher, struct disjunction *disjunction, uint32_t docid, uint32_t *ret_last);

/* Sets holds_cb, share and the order by `window` and the operands, which are there. */
void proximity_init(struct proximity *proximity, bool is_ordered);

/* Whether the positions in the document at which all operands stand are as they should. */
bool proximity_holds(struct matcher *matcher, struct proximity *proximity);

/*
 * So many occurrences a term of this weight must have, in the shortest document there may be, for a score of `least`: a whole number, 0 for any and UINT32_MAX for no
 * score that can be; and before it is rounded, for a score below the weight.
 */
double matcher_needed(const struct matcher *matcher, double weight, double least);
uint32_t matcher_enough(const struct matcher *matcher, double weight, double least);

/* To the first posting >= docid with a score of `least`, or the first one behind `last`. */
uint32_t leaf_find(struct matcher *matcher, struct leaf *leaf, uint32_t docid, uint32_t last, double least);

/* To the first posting >= docid with a score of `least`, over blocks that have none. */
uint32_t leaf_advance(struct matcher *matcher, struct leaf *leaf, uint32_t docid, double least);

/* Reads the positions where they were not; false where that failed. */
bool leaf_read_positions(struct matcher *matcher, struct leaf *leaf);

static inline uint32_t
leaf_seek(struct matcher *matcher, struct leaf *leaf, uint32_t docid)
{
	leaf->walk.docid =
	    docid == leaf->walk.docid + 1 ? cursor_next(&leaf->cursor) : cursor_seek(&leaf->cursor, docid);
	if (leaf->walk.docid > matcher->last_docid)
		leaf_end(matcher, leaf);
	return leaf->walk.docid;
}

static inline double
leaf_score(const struct matcher *matcher, struct leaf *leaf)
{
	if (leaf->weight == 0)
		return 0;
	return leaf->weight * bm25_part(matcher->bm25, matcher->length_factor, cursor_wdf(&leaf->cursor),
				  matcher->lengths[leaf->cursor.docid]);
}

static inline double
leaf_bound(struct leaf *leaf, uint32_t docid, uint32_t *ret_last)
{
	double bound;

	*ret_last = CURSOR_END;
	if (leaf->weight == 0)
		return 0;
	if (docid < leaf->walk.docid)
		docid = leaf->walk.docid;
	bound = cursor_block_max(&leaf->cursor, docid, ret_last);
	if (*ret_last < docid)
		*ret_last = docid;
	return leaf->weight_bound * bound;
}

static inline uint32_t
walk_advance(struct matcher *matcher, struct walk *walk, uint32_t docid, double least)
{
	if (walk->docid >= docid)
		return walk->docid;
	if (walk->kind == WALK_LEAF)
		return leaf_seek(matcher, (struct leaf *)walk, docid);
	if (walk->kind == WALK_SYNONYM)
		return synonym_advance(matcher, (struct synonym *)walk, docid, least);
	if (walk->kind == WALK_CONJUNCTION)
		return conjunction_advance(matcher, (struct conjunction *)walk, docid, least);
	return disjunction_advance(matcher, (struct disjunction *)walk, docid, least);
}

static inline bool
walk_confirm(struct matcher *matcher, struct walk *walk)
{
	if (walk->is_certain)
		return true;
	if (walk->kind == WALK_CONJUNCTION)
		return conjunction_confirm(matcher, (struct conjunction *)walk);
	return disjunction_confirm(matcher, (struct disjunction *)walk);
}

static inline double
walk_score(const struct matcher *matcher, struct walk *walk)
{
	if (walk->kind == WALK_LEAF)
		return leaf_score(matcher, (struct leaf *)walk);
	if (walk->kind == WALK_SYNONYM)
		return synonym_score(matcher, (struct synonym *)walk);
	if (walk->kind == WALK_CONJUNCTION)
		return conjunction_score(matcher, (struct conjunction *)walk);
	return disjunction_score(matcher, (struct disjunction *)walk);
}

static inline double
walk_bound(const struct matcher *matcher, struct walk *walk, uint32_t docid, uint32_t *ret_last)
{
	*ret_last = CURSOR_END;
	if (walk->docid == CURSOR_END)
		return 0;
	if (walk->kind == WALK_LEAF)
		return leaf_bound((struct leaf *)walk, docid, ret_last);
	if (walk->kind == WALK_CONJUNCTION)
		return conjunction_bound(matcher, (struct conjunction *)walk, docid, ret_last);
	if (walk->kind == WALK_SYNONYM)
		return walk->weight_max;
	return disjunction_bound(matcher, (struct disjunction *)walk, docid, ret_last);
}

/* What of `least` is left for one part, when all together can weigh `total` and the part `own`. */
static inline double
least_left(double least, double total, double own)
{
	return least * (1 - MATCHER_SLACK) - (total - own) * (1 + MATCHER_SLACK);
}

#endif
