/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * matcher-leaf: the postings of one term, as far as they are not moved in matcher-walk.h.
 */
#include "invfile/matcher-walk.h"

enum { LENGTHS_AHEAD = 8 /* the length of the document so many postings on is fetched while others are looked at */ };

void
leaf_end(struct matcher *matcher, struct leaf *leaf)
{
	struct error error;

	if (leaf->walk.docid == CURSOR_END && !leaf->cursor.damaged)
		return;
	leaf->walk.docid = CURSOR_END;
	(void)error_set(&error, STATUS_CORRUPT, ERROR_NO_OFFSET,
	    "the inverted file is damaged: the postings of \"%.*s\" contradict themselves", STR_FMT(leaf->term));
	(void)matcher_fail(matcher, STATUS_CORRUPT, &error);
}

double
matcher_needed(const struct matcher *matcher, double weight, double least)
{
	/* weight * wdf / (shortest + wdf) >= least, for wdf */
	return least * bm25_shortest(matcher->bm25) / (weight - least) * (1 - 1e-9);
}

uint32_t
matcher_enough(const struct matcher *matcher, double weight, double least)
{
	double enough;

	if (!(least > 0) || !(weight > least || weight < least))
		return 0;
	if (weight < least)
		return UINT32_MAX;
	enough = ceil(matcher_needed(matcher, weight, least));
	return enough < UINT32_MAX ? (uint32_t)enough : UINT32_MAX;
}

/* Sets `enough` for a score of `least`. */
static void
leaf_aim(const struct matcher *matcher, struct leaf *leaf, double least)
{
	if (least > leaf->least || least < leaf->least)
		leaf->enough = matcher_enough(matcher, leaf->weight, least);
	leaf->least = least;
}

uint32_t
leaf_find(struct matcher *matcher, struct leaf *leaf, uint32_t docid, uint32_t last, double least)
{
	uint32_t found = leaf->walk.docid >= docid ? leaf->walk.docid : leaf_seek(matcher, leaf, docid);

	leaf_aim(matcher, leaf, least);
	while (found <= last && found != CURSOR_END) {
		double normlen;
		uint32_t wdf = cursor_wdf(&leaf->cursor);

		if (wdf < leaf->enough) {
			matcher->steps -= cursor_pass(&leaf->cursor, last, leaf->enough);
			leaf->walk.docid = found = leaf->cursor.docid;
			wdf = cursor_wdf(&leaf->cursor);
			if (found > last)
				break;
		}
		__builtin_prefetch(&matcher->lengths[cursor_ahead(&leaf->cursor, LENGTHS_AHEAD)]);
		normlen = matcher->lengths[found] * matcher->length_factor;
		/* The score is weight * wdf / (all that stands on the right beside `least`); a division takes longer. */
		if (leaf->weight * wdf >= least * (bm25_beside_wdf(matcher->bm25, normlen) + wdf))
			break;
		matcher->steps--;
		found = leaf_seek(matcher, leaf, found + 1);
	}
	return found;
}

uint32_t
leaf_advance(struct matcher *matcher, struct leaf *leaf, uint32_t docid, double least)
{
	least *= 1 - MATCHER_SLACK;
	while (docid != CURSOR_END && !matcher_is_over(matcher)) {
		if (docid > leaf->bound_last)
			leaf->bound = leaf_bound(leaf, docid, &leaf->bound_last);
		if (leaf->bound < least) {
			docid = docid_after(leaf->bound_last);
			continue;
		}
		docid = leaf_find(matcher, leaf, docid, leaf->bound_last, least);
		if (docid <= leaf->bound_last)
			return docid;
	}
	return CURSOR_END;
}

bool
leaf_read_positions(struct matcher *matcher, struct leaf *leaf)
{
	struct error error;
	enum status status;

	if (leaf->positions_docid == leaf->cursor.docid)
		return true;
	status = cursor_read_positions(&leaf->cursor, &leaf->positions, &error);
	if (status != STATUS_OK) {
		(void)matcher_fail(matcher, status, &error);
		return false;
	}
	leaf->positions_docid = leaf->cursor.docid;
	matcher->steps -= (int64_t)(leaf->positions.n / MATCHER_POSITIONS_STEP);
	return true;
}
