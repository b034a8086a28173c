/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * matcher-conjunction: documents that are in all of several streams, by leaps from the rarest.
 *
 * The bound of a stretch of documents is the sum of the bounds of the blocks that the streams have there; where it is
 * less than the score to beat, the stretch is passed over before a posting of it is looked at.  In a stretch that may be
 * of use, the known scores of the first streams and the bounds of the others decide whether these are moved.
 */
#include "invfile/matcher-walk.h"

/* Bounds of what the streams from the i-th on can weigh from `docid` to *ret_last; from the last to the first. */
static void
conjunction_find_rest(
    const struct matcher *matcher, struct conjunction *conjunction, uint32_t docid, double *rest, uint32_t *ret_last)
{
	uint32_t last = CURSOR_END;

	rest[conjunction->n] = 0;
	for (uint32_t i = conjunction->n; i-- > 0;) {
		uint32_t stream_last;

		rest[i] = rest[i + 1] + walk_bound(matcher, conjunction->streams[i], docid, &stream_last);
		if (stream_last < last)
			last = stream_last;
	}
	*ret_last = last;
}

double
conjunction_bound(const struct matcher *matcher, struct conjunction *conjunction, uint32_t docid, uint32_t *ret_last)
{
	conjunction_find_rest(matcher, conjunction, docid, conjunction->scratch, ret_last);
	return conjunction->scratch[0];
}

/* Moves all streams to `docid`.  Returns it, or the first document behind it that may be a candidate. */
static uint32_t
conjunction_try(struct matcher *matcher, struct conjunction *conjunction, uint32_t docid)
{
	for (uint32_t i = 1; i < conjunction->n; i++) {
		uint32_t found = walk_advance(matcher, conjunction->streams[i], docid, 0);

		if (found != docid)
			return found;
	}
	return docid;
}

/* The same, where a score below `least` is of no use. */
static uint32_t
conjunction_try_bounded(struct matcher *matcher, struct conjunction *conjunction, uint32_t docid, double least)
{
	double score = walk_score(matcher, conjunction->streams[0]);

	for (uint32_t i = 1; i < conjunction->n; i++) {
		if (score + conjunction->rest[i] < least)
			return docid + 1;
		uint32_t found = walk_advance(matcher, conjunction->streams[i], docid, 0);
		if (found != docid)
			return found;
		score += walk_score(matcher, conjunction->streams[i]);
	}
	return score < least ? docid + 1 : docid;
}

/* To the first candidate, whatever its score. */
static uint32_t
conjunction_leap(struct matcher *matcher, struct conjunction *conjunction, uint32_t docid)
{
	while (docid != CURSOR_END && !matcher_is_over(matcher)) {
		uint32_t lead = walk_advance(matcher, conjunction->streams[0], docid, 0);

		if (lead == CURSOR_END)
			break;
		docid = conjunction_try(matcher, conjunction, lead);
		if (docid == lead)
			return docid;
	}
	return CURSOR_END;
}

/* The first document >= docid of the rarest stream that may have `least`, in the stretch for which there are bounds, or behind it. */
static uint32_t
conjunction_lead(struct matcher *matcher, struct conjunction *conjunction, uint32_t docid, double least)
{
	struct walk *first = conjunction->streams[0];

	if (first->kind == WALK_LEAF)
		return leaf_find(matcher, (struct leaf *)first, docid, conjunction->bound_last,
		    least - conjunction->rest[1] * (1 + MATCHER_SLACK));
	return walk_advance(matcher, first, docid, least_left(least, conjunction->walk.weight_max, first->weight_max));
}

static uint32_t
conjunction_leap_bounded(struct matcher *matcher, struct conjunction *conjunction, uint32_t docid, double least)
{
	least *= 1 - MATCHER_SLACK;
	while (docid != CURSOR_END && !matcher_is_over(matcher)) {
		if (docid > conjunction->bound_last)
			conjunction_find_rest(matcher, conjunction, docid, conjunction->rest, &conjunction->bound_last);
		if (conjunction->rest[0] < least) {
			docid = docid_after(conjunction->bound_last);
			continue;
		}
		uint32_t lead = conjunction_lead(matcher, conjunction, docid, least);
		if (lead == CURSOR_END)
			break;
		if (lead > conjunction->bound_last) {
			docid = lead;
			continue;
		}
		docid = conjunction_try_bounded(matcher, conjunction, lead, least);
		if (docid == lead)
			return docid;
	}
	return CURSOR_END;
}

uint32_t
conjunction_advance(struct matcher *matcher, struct conjunction *conjunction, uint32_t docid, double least)
{
	conjunction->walk.docid = least > 0 ? conjunction_leap_bounded(matcher, conjunction, docid, least)
					    : conjunction_leap(matcher, conjunction, docid);
	return conjunction->walk.docid;
}

static bool
conjunction_passes(struct matcher *matcher, struct conjunction *conjunction)
{
	for (uint32_t i = 0; i < conjunction->n_checks; i++)
		if (!proximity_holds(matcher, conjunction->checks[i]))
			return false;
	for (uint32_t i = 0; i < conjunction->n; i++)
		if (!walk_confirm(matcher, conjunction->streams[i]))
			return false;
	return true;
}

bool
conjunction_confirm(struct matcher *matcher, struct conjunction *conjunction)
{
	if (conjunction_passes(matcher, conjunction))
		return true;
	conjunction->refused_docid = conjunction->walk.docid;
	return false;
}

double
conjunction_score(const struct matcher *matcher, struct conjunction *conjunction)
{
	double score = 0;

	if (conjunction->refused_docid == conjunction->walk.docid)
		return 0;
	for (uint32_t i = 0; i < conjunction->n; i++)
		score += walk_score(matcher, conjunction->streams[i]);
	return score;
}
