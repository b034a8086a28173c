/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/plan/merged.h"

#include <stdlib.h>

/* ---- Those that are known --------------------------------------------------------------------- */

static int
by_docid(const void *x, const void *y)
{
	const struct ranked *a = x, *b = y;

	return (a->docid > b->docid) - (a->docid < b->docid);
}

enum status
merged_find(struct xc_database *db, const struct xc_query *query, bool is_weighted, uint32_t most, struct arena *arena,
    struct best *ret_found, struct error *reterr)
{
	const struct best_match match = { .db = db, .query = query, .is_weighted = is_weighted };
	const struct best_request request = { .limit = most };
	enum status status = best_of_query(&match, &request, arena, ret_found, reterr);

	if (status == STATUS_OK && ret_found->n > 0)
		qsort(ret_found->v, ret_found->n, sizeof(*ret_found->v), by_docid);
	return status;
}

/* ---- The source ------------------------------------------------------------------------------- */

static enum status
rewind_both(void *ctx)
{
	struct merged *merged = ctx;

	merged->of_base = merged->docid = 0;
	merged->at = 0;
	return merged->base.rewind(merged->base.ctx);
}

/* Moves what stands before `docid`. */
static enum status
move_base(struct merged *merged, xc_docid docid, double least)
{
	if (merged->of_base >= docid)
		return STATUS_OK;
	if (docid == merged->of_base + 1)
		return merged->base.next(merged->base.ctx, least, &merged->of_base);
	return merged->base.seek(merged->base.ctx, docid, least, &merged->of_base);
}

static enum status
seek_both(void *ctx, xc_docid docid, double least, xc_docid *ret_docid)
{
	struct merged *merged = ctx;
	xc_docid other = XC_SOURCE_END;
	enum status status = move_base(merged, docid, least);

	if (status != STATUS_OK)
		return status;
	while (merged->at < merged->n &&
	       (merged->others[merged->at].docid < docid || merged->others[merged->at].score < least))
		merged->at++;
	if (merged->at < merged->n)
		other = merged->others[merged->at].docid;
	merged->docid = other < merged->of_base ? other : merged->of_base;
	*ret_docid = merged->docid;
	return STATUS_OK;
}

static enum status
next_of_both(void *ctx, double least, xc_docid *ret_docid)
{
	return seek_both(ctx, ((struct merged *)ctx)->docid + 1, least, ret_docid);
}

static double
weight_of_either(void *ctx)
{
	struct merged *merged = ctx;

	if (merged->docid == merged->of_base)
		return merged->base.weight(merged->base.ctx);
	return merged->others[merged->at].score;
}

static uint32_t
at_most(uint64_t n, uint32_t most)
{
	return n < most ? (uint32_t)n : most;
}

void
merged_make(
    struct merged *merged, const struct xc_source *base, const struct ranked *others, uint32_t n, uint32_t documents)
{
	*merged = (struct merged) { .base = *base, .others = others, .n = n };
	merged->source = (struct xc_source) { .ctx = merged,
		.rewind = rewind_both,
		.next = next_of_both,
		.seek = seek_both,
		.weight = weight_of_either,
		.weight_max = base->weight_max,
		.count_least = at_most((uint64_t)base->count_least + n, documents),
		.count_estimate = at_most((uint64_t)base->count_estimate + n, documents),
		.count_most = at_most((uint64_t)base->count_most + n, documents) };
	for (uint32_t i = 0; i < n; i++) {
		if (others[i].score > merged->source.weight_max)
			merged->source.weight_max = others[i].score;
	}
}
