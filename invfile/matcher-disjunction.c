/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * matcher-disjunction: documents that are in any of several walks.
 *
 * MaxScore (Turtle and Flood, "Query Evaluation: Strategies and Optimizations", 1995), with bounds of stretches instead of whole lists: the
 * children are put in the order of what they can weigh up to the nearest end of a block.  The first of them that together cannot make up
 * `least` find no documents of their own; they are only moved to documents that the others found, and only as long as
 * the score is still in doubt.
 */
#include "invfile/matcher-walk.h"

/* A window is at least so wide for each child, so that finding its bounds is little work beside its documents. */
enum { DISJUNCTION_WINDOW = 32, DISJUNCTION_BOUNDED = 8 };

/* A bound on the child's scores from `docid` to *ret_last, which is `reach` or more. */
static double
child_bound(const struct matcher *matcher, struct walk *child, uint32_t docid, uint32_t reach, uint32_t *ret_last)
{
	double bound = walk_bound(matcher, child, docid, ret_last);

	while (*ret_last < reach) {
		double next = walk_bound(matcher, child, *ret_last + 1, ret_last);

		if (next > bound)
			bound = next;
	}
	return bound;
}

/* Puts a child among the first `i`, which are in order. */
static void
disjunction_insert(struct disjunction *disjunction, uint32_t i, struct walk *child, double bound)
{
	for (; i > 0 && disjunction->bounds[i - 1] > bound; i--) {
		disjunction->order[i] = disjunction->order[i - 1];
		disjunction->bounds[i] = disjunction->bounds[i - 1];
	}
	disjunction->order[i] = child;
	disjunction->bounds[i] = bound;
}

static void
disjunction_open_window(const struct matcher *matcher, struct disjunction *disjunction, uint32_t docid)
{
	uint32_t width = (disjunction->n - 2) * DISJUNCTION_WINDOW;
	uint32_t reach = CURSOR_END - docid > width ? docid + width : CURSOR_END;
	uint32_t last = CURSOR_END;

	for (uint32_t i = 0; i < disjunction->n; i++) {
		struct walk *child = disjunction->order[i];
		uint32_t child_last;
		double bound = child_bound(matcher, child, docid, reach, &child_last);

		if (child_last < last)
			last = child_last;
		disjunction_insert(disjunction, i, child, bound);
	}
	disjunction->sums[0] = 0;
	for (uint32_t i = 0; i < disjunction->n; i++)
		disjunction->sums[i + 1] = disjunction->sums[i] + disjunction->bounds[i];
	disjunction->window_last = last;
	disjunction->first = 0;
}

/* Sees to it that `docid` is in the window and `first` fits `least`. */
static void
disjunction_aim(const struct matcher *matcher, struct disjunction *disjunction, uint32_t docid, double least)
{
	if (docid > disjunction->window_last)
		disjunction_open_window(matcher, disjunction, docid);
	while (disjunction->first < disjunction->n && disjunction->sums[disjunction->first + 1] < least)
		disjunction->first++;
}

/* The first candidate >= docid of the children from `first` on. */
static uint32_t
disjunction_lead(struct matcher *matcher, struct disjunction *disjunction, uint32_t first, uint32_t docid, double least)
{
	uint32_t lead = CURSOR_END;

	for (uint32_t i = first; i < disjunction->n; i++) {
		struct walk *child = disjunction->order[i];
		uint32_t found = child->docid;

		if (found < docid)
			found = walk_advance(matcher, child, docid,
			    least > 0 ? least_left(least, disjunction->walk.weight_max, child->weight_max) : 0);
		if (found < lead)
			lead = found;
	}
	return lead;
}

/* Whether the candidate can have `least`; if so all children have been moved to it. */
static bool
disjunction_reaches(struct matcher *matcher, struct disjunction *disjunction, uint32_t docid, double least)
{
	double score = 0;

	for (uint32_t i = disjunction->n; i-- > disjunction->first;)
		if (disjunction->order[i]->docid == docid)
			score += walk_score(matcher, disjunction->order[i]);
	for (uint32_t i = disjunction->first; i-- > 0;) {
		if (score + disjunction->sums[i + 1] < least)
			return false;
		if (walk_advance(matcher, disjunction->order[i], docid, 0) == docid)
			score += walk_score(matcher, disjunction->order[i]);
	}
	return score >= least;
}

static uint32_t
disjunction_leap_bounded(struct matcher *matcher, struct disjunction *disjunction, uint32_t docid, double least)
{
	least *= 1 - MATCHER_SLACK;
	while (docid != CURSOR_END && !matcher_is_over(matcher)) {
		disjunction_aim(matcher, disjunction, docid, least);
		uint32_t lead = disjunction_lead(matcher, disjunction, disjunction->first, docid, least);
		if (lead > disjunction->window_last)
			docid = disjunction->window_last + 1;
		else if (lead == CURSOR_END || disjunction_reaches(matcher, disjunction, lead, least))
			return lead;
		else
			docid = lead + 1;
	}
	return CURSOR_END;
}

uint32_t
disjunction_advance(struct matcher *matcher, struct disjunction *disjunction, uint32_t docid, double least)
{
	disjunction->walk.docid = least > 0 ? disjunction_leap_bounded(matcher, disjunction, docid, least)
					    : disjunction_lead(matcher, disjunction, 0, docid, 0);
	return disjunction->walk.docid;
}

bool
disjunction_confirm(struct matcher *matcher, struct disjunction *disjunction)
{
	bool is_match = false;

	for (uint32_t i = 0; i < disjunction->n; i++)
		if (disjunction->children[i]->docid == disjunction->walk.docid)
			is_match |= walk_confirm(matcher, disjunction->children[i]);
	return is_match;
}

double
disjunction_score(const struct matcher *matcher, struct disjunction *disjunction)
{
	double score = 0;

	for (uint32_t i = 0; i < disjunction->n; i++)
		if (disjunction->children[i]->docid == disjunction->walk.docid)
			score += walk_score(matcher, disjunction->children[i]);
	return score;
}

double
disjunction_bound(const struct matcher *matcher, struct disjunction *disjunction, uint32_t docid, uint32_t *ret_last)
{
	double sum = 0;
	uint32_t last = CURSOR_END;

	*ret_last = CURSOR_END;
	if (disjunction->n > DISJUNCTION_BOUNDED)
		return disjunction->walk.weight_max;
	for (uint32_t i = 0; i < disjunction->n; i++) {
		uint32_t child_last;

		sum += walk_bound(matcher, disjunction->children[i], docid, &child_last);
		if (child_last < last)
			last = child_last;
	}
	*ret_last = last;
	return sum;
}
