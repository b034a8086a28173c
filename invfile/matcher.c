/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * matcher: the outside of a match; matcher-walk.h says how its inside is made.
 */
#include "invfile/matcher.h"

#include <stdlib.h>

#include "base/limits.h"
#include "invfile/matcher-walk.h"

enum status
matcher_fail(struct matcher *matcher, enum status status, const struct error *error)
{
	if (matcher->status != STATUS_OK)
		return matcher->status;
	matcher->status = status;
	if (error != NULL)
		matcher->error = *error;
	else
		(void)error_set(&matcher->error, status, ERROR_NO_OFFSET, "%s", status_text(status));
	return status;
}

void
matcher_ask_tick(struct matcher *matcher)
{
	matcher->steps = MATCHER_TICK_STEPS;
	if (matcher->tick != NULL && matcher->tick->is_over_cb(matcher->tick->arg))
		(void)matcher_fail(matcher, STATUS_TIMEOUT, NULL);
}

static void
matcher_set_lengths(struct matcher *matcher)
{
	double average = matcher->collection.average_length;

	if (!(average > 0))
		average = invfile_average_length(matcher->file);
	matcher->length_factor = average > 0 ? 1 / average : 0;
	matcher->bound_factor = invfile_bound_factor(matcher->file, average) * (1 + MATCHER_SLACK);
}

static enum status
matcher_open(struct matcher *matcher, const struct matcher_node *root, struct error *reterr)
{
	enum status status = arena_new(LIMIT_MATCHER_BYTES, &matcher->arena);

	if (status != STATUS_OK)
		return error_set(reterr, status, ERROR_NO_OFFSET, "out of memory");
	return matcher_build(matcher, root, reterr);
}

enum status
matcher_new(const struct invfile *file, const struct bm25_collection *collection, const struct matcher_node *root,
    const struct matcher_skip *skip, const struct matcher_tick *tick, bool is_weighted, struct matcher **ret_matcher,
    struct error *reterr)
{
	struct matcher *matcher = calloc(1, sizeof(*matcher));
	enum status status;

	if (matcher == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	matcher->file = file;
	matcher->bm25 = invfile_bm25(file);
	matcher->lengths = invfile_lengths(file);
	matcher->last_docid = invfile_last_docid(file);
	matcher->collection = *collection;
	matcher->skip = skip;
	matcher->tick = tick;
	matcher->is_weighted = is_weighted;
	matcher->steps = MATCHER_TICK_STEPS;
	matcher_set_lengths(matcher);
	status = matcher_open(matcher, root, reterr);
	if (status != STATUS_OK) {
		matcher_free(matcher);
		return status;
	}
	*ret_matcher = matcher;
	return STATUS_OK;
}

void
matcher_free(struct matcher *matcher)
{
	if (matcher == NULL)
		return;
	for (struct leaf *leaf = matcher->leaves; leaf != NULL; leaf = leaf->next_leaf)
		cursor_positions_done(&leaf->positions);
	for (struct proximity *check = matcher->checks; check != NULL; check = check->next_check)
		for (uint32_t i = 0; i < check->n; i++)
			cursor_positions_done(&check->slots[i].merged);
	arena_free(matcher->arena);
	free(matcher);
}

static bool
is_skipped(const struct matcher *matcher, uint32_t docid)
{
	return matcher->skip != NULL && docid / 64 < matcher->skip->n_words &&
	       (matcher->skip->words[docid / 64] >> docid % 64 & 1) != 0;
}

/* To the first document >= docid that matches, whatever its score is by then. */
static uint32_t
matcher_advance(struct matcher *matcher, uint32_t docid, double least)
{
	struct walk *root = matcher->root;

	if (root->kind == WALK_LEAF && least > 0)
		return leaf_advance(matcher, (struct leaf *)root, docid, least);
	return walk_advance(matcher, root, docid, least);
}

static uint32_t
matcher_find(struct matcher *matcher, uint32_t docid, double least)
{
	while (docid != CURSOR_END && !matcher_is_over(matcher)) {
		docid = matcher_advance(matcher, docid, least);
		if (docid == CURSOR_END)
			break;
		if (!is_skipped(matcher, docid) && walk_confirm(matcher, matcher->root)) {
			matcher->weight = walk_score(matcher, matcher->root);
			if (!(matcher->weight < least))
				return docid;
		}
		docid++;
	}
	return CURSOR_END;
}

enum status
matcher_seek(struct matcher *matcher, uint32_t docid, double least, uint32_t *ret_docid, struct error *reterr)
{
	if (least > matcher->least)
		matcher->least = least;
	if (matcher->docid == 0 || docid > matcher->docid) {
		matcher->weight = 0;
		matcher->docid = matcher->root != NULL ? matcher_find(matcher, docid, matcher->least) : CURSOR_END;
	}
	if (matcher->status != STATUS_OK) {
		if (reterr != NULL)
			*reterr = matcher->error;
		return matcher->status;
	}
	*ret_docid = matcher->docid;
	return STATUS_OK;
}

enum status
matcher_next(struct matcher *matcher, double least, uint32_t *ret_docid, struct error *reterr)
{
	return matcher_seek(matcher, docid_after(matcher->docid), least, ret_docid, reterr);
}

double
matcher_weight(struct matcher *matcher)
{
	return matcher->weight;
}

double
matcher_weight_max(const struct matcher *matcher)
{
	return matcher->root != NULL ? matcher->root->weight_max : 0;
}

struct matcher_count
matcher_count(const struct matcher *matcher)
{
	struct matcher_count count = { 0, 0, 0 };
	uint32_t skipped = matcher->skip != NULL ? matcher->skip->n_set : 0;

	if (matcher->root == NULL)
		return count;
	count.most = matcher->root->most;
	count.least = matcher->root->least > skipped ? matcher->root->least - skipped : 0;
	count.estimate = (uint32_t)(matcher->root->estimate + 0.5);
	if (count.estimate < count.least)
		count.estimate = count.least;
	if (count.estimate > count.most)
		count.estimate = count.most;
	return count;
}
