/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/plan/check.h"

#include <stdlib.h>

#include "base/bounds.h"
#include "base/clock.h"
#include "base/limits.h"
#include "query/intervals/match.h"
#include "query/plan/facts.h"
#include "query/plan/lookup.h"
#include "query/plan/text_table.h"
#include "store/schema.h"

enum {
	SCRATCH_BYTES = 192 * 1024 * 1024, /* of one candidate; the worker's memory limit is above it */
	CLOCK_EVERY = 16 /* candidates between two looks at the clock */
};

/* The postings of some terms of a leaf. */
struct leaf_lists {
	struct lookup **v;
	uint32_t n;
};

struct check {
	const struct plan *plan;
	const struct store_reader *reader;
	struct analyzer *analyzer;
	int64_t deadline_ns;
	bool thorough;
	struct arena *scratch; /* reset for each candidate */
	struct leaf_lists *places; /* one a leaf: of terms whose positions cover the leaf's */
	struct positions *leaves; /* one a leaf */
	struct lookup *sentences; /* where they start; NULL where the plan does not ask */
	struct lookup *paragraphs;
	uint64_t decided;
	uint64_t accepted;
	enum status status;
	struct error error;
};

/* Opens the lists of a leaf. */
static enum status
open_leaf(struct check *check, const struct plan_leaf *leaf, struct leaf_lists *ret_lists, struct error *reterr)
{
	uint32_t n = leaf->n_places;
	enum status status = STATUS_OK;

	ret_lists->v = arena_calloc(check->plan->arena, n, sizeof(*ret_lists->v));
	if (ret_lists->v == NULL)
		return error_no_memory(reterr);
	for (ret_lists->n = 0; ret_lists->n < n && status == STATUS_OK; ret_lists->n++)
		status =
		    lookups_open(check->plan->lookups, leaf->places[ret_lists->n], &ret_lists->v[ret_lists->n], reterr);
	return status;
}

static enum status
open_lookups(struct check *check, struct error *reterr)
{
	enum status status = STATUS_OK;

	for (uint32_t i = 0; i < check->plan->query->n_leaves && status == STATUS_OK; i++)
		status = open_leaf(check, &check->plan->leaves[i], &check->places[i], reterr);
	if (status == STATUS_OK && check->plan->needs_sentences)
		status = lookups_open(check->plan->lookups, STR(SCHEMA_TERM_SENTENCE), &check->sentences, reterr);
	if (status == STATUS_OK && check->plan->needs_paragraphs)
		status = lookups_open(check->plan->lookups, STR(SCHEMA_TERM_PARAGRAPH), &check->paragraphs, reterr);
	return status;
}

enum status
check_new(const struct plan *plan, const struct store_reader *reader, struct analyzer *analyzer, int64_t deadline_ns,
    bool thorough, struct check **ret_check, struct error *reterr)
{
	uint32_t n = plan->query->n_leaves;
	struct check *check = calloc(1, sizeof(*check));
	enum status status;

	if (check == NULL)
		return error_no_memory(reterr);
	check->plan = plan;
	check->reader = reader;
	check->analyzer = analyzer;
	check->deadline_ns = deadline_ns;
	check->thorough = thorough;
	check->places = calloc(n + 1, sizeof(*check->places));
	check->leaves = calloc(n + 1, sizeof(*check->leaves));
	if (check->places == NULL || check->leaves == NULL || arena_new(SCRATCH_BYTES, &check->scratch) != STATUS_OK)
		status = error_no_memory(reterr);
	else
		status = open_lookups(check, reterr);
	if (status == STATUS_OK)
		*ret_check = check;
	else
		check_free(check);
	return status;
}

void
check_free(struct check *check)
{
	if (check == NULL)
		return;
	arena_free(check->scratch);
	free(check->leaves);
	free(check->places);
	free(check);
}

enum status
check_failure(const struct check *check, struct error *reterr)
{
	if (check->status != STATUS_OK && reterr != NULL)
		*reterr = check->error;
	return check->status;
}

uint64_t
check_decided(const struct check *check)
{
	return check->decided;
}

uint64_t
check_accepted(const struct check *check)
{
	return check->accepted;
}

static int
by_position(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Positions of a leaf that stands where several terms do: their union. */
static enum status
read_union(struct check *check, xc_docid docid, const struct leaf_lists *lists, struct positions *ret_positions)
{
	uint32_t *all = NULL;
	size_t n = 0, distinct = 0;

	for (uint32_t t = 0; t < lists->n; t++) {
		struct positions more;
		uint32_t *joined;
		enum status status = lookup_positions(lists->v[t], docid, &more, &check->error);

		if (status != STATUS_OK)
			return status;
		if (more.n == 0)
			continue;
		joined = arena_calloc(check->scratch, n + more.n, sizeof(*joined));
		if (joined == NULL)
			return error_set(&check->error, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory for positions");
		if (n > 0)
			memcpy(joined, all, n * sizeof(*joined));
		memcpy(joined + n, more.v, more.n * sizeof(*joined));
		n += more.n;
		all = joined;
	}
	if (n > 0)
		qsort(all, n, sizeof(*all), by_position);
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || all[i] != all[distinct - 1])
			all[distinct++] = all[i];
	}
	*ret_positions = (struct positions) { all, distinct };
	return STATUS_OK;
}

static enum status
read_leaves(struct check *check, xc_docid docid)
{
	const struct leaf_lists *lists = check->places;
	enum status status = STATUS_OK;

	for (uint32_t i = 0; i < check->plan->query->n_leaves && status == STATUS_OK; i++) {
		if (lists[i].n == 1)
			status = lookup_positions(lists[i].v[0], docid, &check->leaves[i], &check->error);
		else
			status = read_union(check, docid, &lists[i], &check->leaves[i]);
	}
	return status;
}

/* Where the leaves stand as far as the lists know, and what bounds them. */
static enum status
read_positions(struct check *check, xc_docid docid, struct match_input *ret_input)
{
	struct positions sentences = { NULL, 0 }, paragraphs = { NULL, 0 };
	enum status status = read_leaves(check, docid);

	if (status == STATUS_OK && check->plan->needs_sentences)
		status = lookup_positions(check->sentences, docid, &sentences, &check->error);
	if (status == STATUS_OK && check->plan->needs_paragraphs)
		status = lookup_positions(check->paragraphs, docid, &paragraphs, &check->error);
	*ret_input = (struct match_input) { .leaves = check->leaves,
		.sentences = sentences,
		.paragraphs = paragraphs,
		.body_first_pos = schema_body_of_paragraphs(paragraphs.v, (uint32_t)paragraphs.n) };
	return status;
}

/* Where the leaves stand in the stored text. */
static enum status
read_text(struct check *check, xc_docid docid, struct match_input *ret_input)
{
	struct store_document document;
	struct text_table table;
	enum status status = store_reader_document(check->reader, docid, check->scratch, &document, &check->error);

	if (status != STATUS_OK)
		return status;
	status = text_table_fill(check->analyzer, check->plan->query, &document, check->scratch, &table, &check->error);
	if (status == STATUS_OK)
		*ret_input = table.input;
	return status;
}

static enum status
satisfies(struct check *check, xc_docid docid, struct match_input *input, bool *ret_satisfied)
{
	const struct match_limits limits = { bound_get(BOUND_MATCH_STEPS), 0 };
	struct facts facts = { store_reader_database(check->reader), docid };

	facts_serve(&facts, input);
	return match_exists(check->plan->query, input, &limits, check->scratch, ret_satisfied, &check->error);
}

/* The index first: what fails with the places of the leaves need not be analysed. */
static enum status
decide(struct check *check, xc_docid docid, bool *ret_satisfied)
{
	const struct plan *plan = check->plan;
	struct match_input input;
	enum status status;

	if (!check->thorough && (!plan->needs_text || plan->has_cover)) {
		status = read_positions(check, docid, &input);
		if (status == STATUS_OK)
			status = satisfies(check, docid, &input, ret_satisfied);
		if (status != STATUS_OK || !plan->needs_text || !*ret_satisfied)
			return status;
	}
	status = read_text(check, docid, &input);
	return status == STATUS_OK ? satisfies(check, docid, &input, ret_satisfied) : status;
}

static bool
is_late(const struct check *check)
{
	return check->deadline_ns != 0 && check->decided % CLOCK_EVERY == 0 && clock_mono_ns() >= check->deadline_ns;
}

enum xc_decision
check_decide(void *ctx, xc_docid docid)
{
	struct check *check = ctx;
	bool satisfied = false;

	check->decided++;
	arena_reset(check->scratch);
	if (is_late(check))
		check->status = error_set(&check->error, STATUS_TIMEOUT, ERROR_NO_OFFSET, "the query took too long");
	else
		check->status = decide(check, docid, &satisfied);
	if (check->status != STATUS_OK)
		return XC_ABORT;
	if (!satisfied)
		return XC_REJECT;
	check->accepted++;
	return XC_ACCEPT;
}
