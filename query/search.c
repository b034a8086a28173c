/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/search.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/bounds.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "query/cursor.h"
#include "query/folding.h"
#include "query/language/parser.h"
#include "query/page.h"
#include "query/plan/plan.h"
#include "query/plan/to_xapian.h"
#include "query/snippet/hits.h"

enum { TRIES = 4 }; /* the first run and three more after STATUS_STALE */

/* One run of one query. */
struct run {
	struct store_reader *reader;
	struct analyzer *analyzer;
	const struct search_params *params;
	struct arena *arena;
	struct query typed;
	struct query query; /* the one that is run: `typed`, expanded */
	struct expansions expansions;
	struct plan plan;
	struct page page;
	struct folding_source folds;
	struct folding *folding; /* NULL where nothing is folded */
	uint32_t folded_last; /* where a walk that is folded stopped, 0 at its end */
};

static enum status
no_memory(struct error *reterr)
{
	return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory for the answer");
}

static enum status
check_params(const struct search_params *params, struct error *reterr)
{
	uint32_t max = params->ids_only ? bound_get(BOUND_IDS) : bound_get(BOUND_HITS);

	if (params->limit > max)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "limit is %u, at most %u are given at once",
		    params->limit, max);
	if (!params->all && (uint64_t)params->offset + params->limit > bound_get(BOUND_WINDOW))
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
		    "offset + limit is more than %d (limit window); walk all hits with a cursor instead",
		    bound_get(BOUND_WINDOW));
	return STATUS_OK;
}

static enum status
parse(const struct search_params *params, struct analyzer *analyzer, struct arena *arena, struct query *ret_query,
    struct str *ret_understood, struct error *reterr)
{
	const struct parser_options options = { .any = params->any, .accents = params->accents };
	struct buf canonical;
	enum status status = query_parse(arena, analyzer, params->q, &options, ret_query, reterr);

	if (status != STATUS_OK)
		return status;
	ret_query->aside = params->boilerplate;
	buf_init(&canonical, LIMIT_REPLY_BYTES);
	status = node_canonical(ret_query->root, &canonical);
	if (status == STATUS_OK)
		*ret_understood = arena_str(arena, buf_str(&canonical));
	buf_done(&canonical);
	return status == STATUS_OK && ret_understood->p != NULL ? STATUS_OK : no_memory(reterr);
}

/* ---- Names and their variants ---- */

static enum status
expand(const struct search_params *params, struct analyzer *analyzer, struct arena *arena, const struct query *typed,
    struct query *ret_query, struct expansions *ret_expansions, struct error *reterr)
{
	if (params->variants == NULL || variants_longest(params->variants) == 0) {
		*ret_query = *typed;
		*ret_expansions = (struct expansions) { NULL, 0 };
		return STATUS_OK;
	}
	return expand_query(
	    params->variants, analyzer, params->accents, arena, params->q, typed, ret_query, ret_expansions, reterr);
}

/* All names left alone. */
static enum status
contract(struct arena *arena, struct expansions *expansions, struct error *reterr)
{
	struct expansion *v = arena_calloc(arena, expansions->n, sizeof(*v));

	if (v == NULL)
		return no_memory(reterr);
	for (uint32_t i = 0; i < expansions->n; i++)
		v[i].from = expansions->v[i].from;
	expansions->v = v;
	return STATUS_OK;
}

/* Plans the query; one that its prefixes and variants together take past a limit, without the variants. */
static enum status
make_plan(const struct store_reader *reader, struct analyzer *analyzer, struct arena *arena, const struct query *typed,
    struct query *query, struct expansions *expansions, struct plan *ret_plan, struct error *reterr)
{
	enum status status = plan_build(query, reader, analyzer, arena, ret_plan, reterr);

	if (status != STATUS_LIMIT || expansions->n == 0)
		return status;
	plan_done(ret_plan);
	*query = *typed;
	status = contract(arena, expansions, reterr);
	return status == STATUS_OK ? plan_build(query, reader, analyzer, arena, ret_plan, reterr) : status;
}

/* ---- Hits ---- */

static enum status
read_hit(const struct run *run, const struct ranked *ranked, struct arena *arena, struct search_hit *hit,
    struct error *reterr)
{
	*hit = (struct search_hit) { .docid = ranked->docid, .score = ranked->score };
	if (run->params->ids_only && !page_is_by_closeness(run->params))
		return store_reader_id(run->reader, ranked->docid, arena, &hit->document.id, reterr);
	return store_reader_document(run->reader, ranked->docid, arena, &hit->document, reterr);
}

/* FNV-1a of the id: an order of equals that has nothing to do with where they are stored. */
static uint64_t
tie_of(struct str id)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < id.len; i++)
		hash = (hash ^ (unsigned char)id.p[i]) * 0x100000001b3u;
	return hash;
}

static int
by_closeness_then_id(const struct search_hit *a, const struct search_hit *b)
{
	uint64_t tie_a, tie_b;

	if (a->has_distance != b->has_distance)
		return a->has_distance ? -1 : 1;
	if (a->has_distance && a->distance != b->distance)
		return a->distance < b->distance ? -1 : 1;
	tie_a = tie_of(a->document.id);
	tie_b = tie_of(b->document.id);
	return (tie_a > tie_b) - (tie_a < tie_b);
}

static int
compare_by_score(const void *x, const void *y)
{
	const struct search_hit *a = x, *b = y;

	if (a->score < b->score || a->score > b->score)
		return a->score > b->score ? -1 : 1;
	return by_closeness_then_id(a, b);
}

static int
compare_by_closeness(const void *x, const void *y)
{
	const struct search_hit *a = x, *b = y;
	uint32_t distance_a = a->has_distance ? a->distance : UINT32_MAX;
	uint32_t distance_b = b->has_distance ? b->distance : UINT32_MAX;

	if (distance_a != distance_b)
		return distance_a < distance_b ? -1 : 1;
	return compare_by_score(x, y);
}

static struct hit_source
source_of(const struct run *run)
{
	return (struct hit_source) { &run->query, run->params, run->analyzer, store_reader_database(run->reader), 0 };
}

/* Reads the page's hits, with passages and matches where the answer shows them. */
static enum status
read_hits(const struct run *run, struct search_hit *hits, struct error *reterr)
{
	struct hit_source source = source_of(run);

	for (uint32_t i = 0; i < run->page.n; i++) {
		enum status status = read_hit(run, &run->page.v[i], run->arena, &hits[i], reterr);

		if (status == STATUS_OK && !run->params->ids_only)
			status = hit_fill(&source, run->arena, &hits[i], reterr);
		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

/* The id and the distance of hit `i`; all else is from `scratch`. */
static enum status
read_distance(const struct run *run, struct hit_source *source, const struct ranked *ranked, struct arena *scratch,
    struct search_hit *hit, struct error *reterr)
{
	enum status status = read_hit(run, ranked, scratch, hit, reterr);

	if (status == STATUS_OK)
		status = hit_measure(source, scratch, hit, reterr);
	if (status != STATUS_OK)
		return status;
	hit->document = (struct store_document) { .id = arena_str(run->arena, hit->document.id) };
	return hit->document.id.p != NULL ? STATUS_OK : no_memory(reterr);
}

/* All candidates of the window with their distances, and no more than that of each. */
static enum status
read_distances(const struct run *run, struct search_hit *hits, struct error *reterr)
{
	struct hit_source source = source_of(run);
	struct arena *scratch;
	enum status status = arena_new(SIZE_MAX, &scratch);

	if (status != STATUS_OK)
		return no_memory(reterr);
	for (uint32_t i = 0; i < run->page.n && status == STATUS_OK; i++) {
		arena_reset(scratch);
		status = read_distance(run, &source, &run->page.v[i], scratch, &hits[i], reterr);
	}
	arena_free(scratch);
	return status;
}

/* Says of each hit what is folded under it. */
static enum status
add_reprints(const struct run *run, struct search_hit *hits, uint32_t n, struct error *reterr)
{
	return run->folding != NULL ? folding_fill(run->folding, hits, n, reterr) : STATUS_OK;
}

/* Leaves those that are shown where hits are folded. */
static enum status
keep_shown(const struct run *run, struct search_hit *hits, uint32_t *n, struct error *reterr)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; run->folding != NULL && i < *n; i++) {
		bool is_shown;
		enum status status = folding_put(run->folding, hits[i].docid, &is_shown, reterr);

		if (status != STATUS_OK)
			return status;
		if (is_shown)
			hits[kept++] = hits[i];
	}
	*n = run->folding != NULL ? kept : *n;
	return STATUS_OK;
}

static enum status
hits_by_closeness(const struct run *run, struct search_result *result, struct error *reterr)
{
	const struct search_params *params = run->params;
	struct hit_source source = source_of(run);
	uint32_t n = run->page.n;
	struct search_hit *all = arena_calloc(run->arena, n, sizeof(*all));
	enum status status;

	if (all == NULL)
		return no_memory(reterr);
	status = read_distances(run, all, reterr);
	if (status != STATUS_OK)
		return status;
	qsort(all, n, sizeof(*all), compare_by_closeness);
	status = keep_shown(run, all, &n, reterr);
	if (status != STATUS_OK)
		return status;
	all += params->offset < n ? params->offset : n;
	n -= params->offset < n ? params->offset : n;
	n = n < params->limit ? n : params->limit;
	for (uint32_t i = 0; i < n && status == STATUS_OK; i++) {
		status = store_reader_document(run->reader, all[i].docid, run->arena, &all[i].document, reterr);
		if (status == STATUS_OK && !params->ids_only)
			status = hit_fill(&source, run->arena, &all[i], reterr);
	}
	result->hits = all;
	result->n_hits = n;
	return status == STATUS_OK ? add_reprints(run, all, n, reterr) : status;
}

static enum status
hits_in_order(const struct run *run, struct search_result *result, struct error *reterr)
{
	const struct search_params *params = run->params;
	uint32_t n = run->page.n;
	struct search_hit *hits = arena_calloc(run->arena, n, sizeof(*hits));
	uint32_t last = run->folding != NULL          ? run->folded_last
			: n > 0 && n == params->limit ? run->page.v[n - 1].docid
						      : 0;
	enum status status;

	if (hits == NULL)
		return no_memory(reterr);
	status = read_hits(run, hits, reterr);
	if (status != STATUS_OK)
		return status;
	if (!params->all && params->sort == SEARCH_SORT_RELEVANCE)
		qsort(hits, n, sizeof(*hits), compare_by_score);
	result->hits = hits;
	result->n_hits = n;
	status = add_reprints(run, hits, n, reterr);
	if (status != STATUS_OK || !params->all || last == 0)
		return status;
	return cursor_write(run->reader, last, run->arena, &result->cursor, reterr);
}

/* Plans the query, and finds the page that `params` ask for; with n_only > 0 among the documents of these ids. */
static enum status
find_with(struct run *run, const struct search_params *params, const struct str *only, uint32_t n_only,
    struct page *ret_page, struct error *reterr)
{
	const struct page_request request = { .reader = run->reader,
		.analyzer = run->analyzer,
		.params = params,
		.plan = &run->plan,
		.arena = run->arena,
		.is_later = run->params->offset > 0,
		.only = only,
		.n_only = n_only };
	enum status status = make_plan(
	    run->reader, run->analyzer, run->arena, &run->typed, &run->query, &run->expansions, &run->plan, reterr);

	if (status == STATUS_OK)
		status = page_find(&request, ret_page, reterr);
	plan_done(&run->plan);
	run->plan = (struct plan) { 0 };
	return status;
}

static enum status
find_page(struct run *run, struct error *reterr)
{
	return find_with(run, run->params, NULL, 0, &run->page, reterr);
}

/* ---- Reprints ---- */

static enum status
find_for_folding(void *arg, const struct search_params *params, const struct str *only, uint32_t n_only,
    struct page *ret_page, struct error *reterr)
{
	return find_with(arg, params, only, n_only, ret_page, reterr);
}

/* Finds the page of a query whose hits are folded; by closeness they are put in order first. */
static enum status
find_folded(struct run *run, struct error *reterr)
{
	enum status status;

	run->folds = (struct folding_source) { run->reader, run->params, run->arena, find_for_folding, run };
	status = folding_new(&run->folds, &run->folding, reterr);
	if (status != STATUS_OK)
		return status;
	if (run->params->limit == 0 || page_is_by_closeness(run->params))
		return find_page(run, reterr);
	return folding_page(run->folding, &run->page, &run->folded_last, reterr);
}

static enum status
count_articles(const struct run *run, struct search_result *result, struct error *reterr)
{
	if (run->params->limit > 0 || !run->params->exact_total || run->params->all)
		return STATUS_OK;
	result->has_articles = true;
	return folding_count(run->folding, &result->articles, reterr);
}

/* ---- What is told beside the hits ---- */

/* Whether a query, which is no one's yet and may be none, finds a document. */
static enum status
finds_something(const struct run *asked, struct str q, bool *ret_finds, struct error *reterr)
{
	struct search_params params = { .q = q,
		.any = asked->params->any,
		.accents = asked->params->accents,
		.variants = asked->params->variants,
		.limit = 1,
		.ids_only = true,
		.deadline_ns = asked->params->deadline_ns };
	struct run run = {
		.reader = asked->reader, .analyzer = asked->analyzer, .params = &params, .arena = asked->arena
	};
	struct str understood;
	enum status status = parse(&params, run.analyzer, run.arena, &run.typed, &understood, reterr);

	*ret_finds = false;
	if (status == STATUS_OK)
		status = expand(&params, run.analyzer, run.arena, &run.typed, &run.query, &run.expansions, reterr);
	if (status == STATUS_OK)
		status = find_page(&run, reterr);
	if (status == STATUS_OK)
		*ret_finds = run.page.n > 0;
	/* A suggestion that is no legal query, or takes too long, is just not made. */
	if (status == STATUS_INVALID || status == STATUS_LIMIT || status == STATUS_TIMEOUT)
		return STATUS_OK;
	return status;
}

static enum status
keep_useful(const struct run *run, struct suggest_queries *queries, struct error *reterr)
{
	struct str *kept = arena_calloc(run->arena, queries->n, sizeof(*kept));
	uint32_t n = 0;

	if (kept == NULL)
		return no_memory(reterr);
	for (uint32_t i = 0; i < queries->n; i++) {
		bool finds;
		enum status status = finds_something(run, queries->v[i], &finds, reterr);

		if (status != STATUS_OK)
			return status;
		if (finds)
			kept[n++] = queries->v[i];
	}
	*queries = (struct suggest_queries) { kept, n };
	return STATUS_OK;
}

/* Once a query, not once a page of a walk. */
static enum status
add_notes(const struct run *run, struct search_result *result, struct error *reterr)
{
	const struct search_params *params = run->params;
	const struct suggest_source source = { .vocabulary = params->vocabulary,
		.reader = run->reader,
		.analyzer = run->analyzer,
		.accents = params->accents,
		.variants = params->variants,
		.arena = run->arena };
	enum status status;

	if (params->vocabulary == NULL || params->cursor.len > 0)
		return STATUS_OK;
	status = suggest_hints(&source, &run->typed, &result->hints, reterr);
	if (status == STATUS_OK)
		status =
		    suggest_queries(&source, params->q, &run->typed, result->total > 0, &result->suggestions, reterr);
	return status == STATUS_OK ? keep_useful(run, &result->suggestions, reterr) : status;
}

static enum status
run_once(struct run *run, struct search_result *result, struct error *reterr)
{
	enum status status = run->params->fold ? find_folded(run, reterr) : find_page(run, reterr);

	if (status != STATUS_OK)
		return status;
	result->total = run->page.total;
	result->relation = run->page.relation;
	if (page_is_by_closeness(run->params))
		status = hits_by_closeness(run, result, reterr);
	else
		status = hits_in_order(run, result, reterr);
	if (status == STATUS_OK && run->folding != NULL)
		status = count_articles(run, result, reterr);
	return status == STATUS_OK ? add_notes(run, result, reterr) : status;
}

enum status
search_run(struct store_reader *reader, struct analyzer *analyzer, const struct search_params *params,
    struct arena *arena, struct search_result *ret_result, struct error *reterr)
{
	struct run run = { .reader = reader, .analyzer = analyzer, .params = params, .arena = arena };
	struct search_result result = { 0 };
	enum status status = check_params(params, reterr);

	if (status == STATUS_OK)
		status = parse(params, analyzer, arena, &run.typed, &result.understood, reterr);
	if (status == STATUS_OK)
		status = expand(params, analyzer, arena, &run.typed, &run.query, &run.expansions, reterr);
	if (status != STATUS_OK)
		return status;
	for (int i = 0; i < TRIES; i++) {
		status = i == 0 ? store_reader_glance(reader, reterr) : store_reader_refresh(reader, NULL, reterr);
		if (status == STATUS_OK)
			status = run_once(&run, &result, reterr);
		folding_free(run.folding);
		run.folding = NULL;
		/* Matches and positions of two revisions are never mixed: the whole query runs again. */
		if (status != STATUS_STALE)
			break;
	}
	result.expansions = run.expansions;
	if (status == STATUS_OK)
		*ret_result = result;
	return status;
}

enum status
search_explain(struct store_reader *reader, struct analyzer *analyzer, const struct search_params *params,
    struct arena *arena, struct search_explanation *ret_explanation, struct error *reterr)
{
	struct query *query = arena_alloc(arena, sizeof(*query));
	struct search_explanation explanation = { .query = query };
	struct plan plan = { 0 };
	struct query typed;
	struct xc_query *candidates = NULL;
	struct str text;
	enum status status;

	if (query == NULL)
		return no_memory(reterr);
	status = parse(params, analyzer, arena, &typed, &explanation.understood, reterr);
	if (status == STATUS_OK)
		status = expand(params, analyzer, arena, &typed, query, &explanation.expansions, reterr);
	if (status == STATUS_OK)
		status = store_reader_refresh(reader, NULL, reterr);
	if (status == STATUS_OK)
		status = make_plan(reader, analyzer, arena, &typed, query, &explanation.expansions, &plan, reterr);
	if (status == STATUS_OK)
		status = plan_find_candidates(&plan, true, 0, reterr);
	if (status == STATUS_OK)
		status = to_xapian(plan.operators, NULL, arena, &candidates, reterr);
	if (status == STATUS_OK)
		status = xc_query_description(candidates, &text, reterr);
	if (status == STATUS_OK) {
		explanation.xapian = arena_str(arena, text);
		status = explanation.xapian.p != NULL ? STATUS_OK : no_memory(reterr);
	}
	if (status == STATUS_OK)
		status = plan_cost(&plan, &explanation.cost, reterr);
	if (status == STATUS_OK) {
		explanation.exact = plan.exact;
		explanation.index = plan_index(&plan);
		*ret_explanation = explanation;
	}
	xc_query_free(candidates);
	plan_done(&plan);
	return status;
}

static enum status
suggest_once(struct store_reader *reader, struct analyzer *analyzer, const struct search_params *params,
    struct arena *arena, struct suggest_completions *ret_completions, struct error *reterr)
{
	const struct suggest_source source = { .vocabulary = params->vocabulary,
		.reader = reader,
		.analyzer = analyzer,
		.accents = params->accents,
		.arena = arena };
	enum status status = store_reader_refresh(reader, NULL, reterr);

	if (status == STATUS_OK)
		status = vocabulary_refresh(params->vocabulary, reader, reterr);
	if (status != STATUS_OK)
		return status;
	return suggest_complete(&source, params->q, params->limit, ret_completions, reterr);
}

enum status
search_suggest(struct store_reader *reader, struct analyzer *analyzer, const struct search_params *params,
    struct arena *arena, struct suggest_completions *ret_completions, struct error *reterr)
{
	enum status status = STATUS_STALE;
	size_t valid = utf8_valid_prefix(params->q);

	if (valid < params->q.len)
		return error_set(reterr, STATUS_INVALID, valid, "the query is not UTF-8 from here on");
	if (params->q.len > bound_get(BOUND_QUERY_BYTES))
		return error_set(reterr, STATUS_LIMIT, bound_get(BOUND_QUERY_BYTES),
		    "the query is longer than LIMIT_QUERY_BYTES (%d)", bound_get(BOUND_QUERY_BYTES));
	for (int i = 0; i < TRIES && status == STATUS_STALE; i++)
		status = suggest_once(reader, analyzer, params, arena, ret_completions, reterr);
	return status;
}
