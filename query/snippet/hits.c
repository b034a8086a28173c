/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/snippet/hits.h"

#include "base/bounds.h"
#include "base/limits.h"
#include "query/intervals/match.h"
#include "query/plan/facts.h"
#include "query/plan/text_table.h"
#include "query/snippet/passages.h"

enum {
	MATCHES_FOR_PASSAGES = 256,
	HALVINGS = 6 /* of the steps that listing may take, one for each hit of which it took too many */
};

static enum status
no_memory(struct error *reterr)
{
	return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory for a hit");
}

/*
 * All matches, or where these are too many the first of each unit: the document is a hit, since to prove
 * a match takes less than to list them all, and it is shown as one.
 */
static enum status
find(struct hit_source *source, struct search_hit *hit, size_t max_matches, struct arena *arena,
    struct text_table *ret_table, struct match_set *ret_set, struct error *reterr)
{
	const unsigned halvings = source->n_unlisted < HALVINGS ? source->n_unlisted : HALVINGS;
	const struct match_limits limits = { bound_get(BOUND_MATCH_STEPS), max_matches };
	const struct match_limits listing = { bound_get(BOUND_MATCH_STEPS) >> halvings, max_matches };
	const struct match_input *input = &ret_table->input;
	struct facts facts = { source->db, hit->docid };
	enum status status = text_table_fill(source->analyzer, source->query, &hit->document, arena, ret_table, reterr);

	if (status != STATUS_OK)
		return status;
	facts_serve(&facts, &ret_table->input);
	status = match_find(source->query, input, &listing, arena, ret_set, reterr);
	if (status != STATUS_LIMIT)
		return status;
	hit->unlisted = true;
	source->n_unlisted++;
	return match_find_first(source->query, input, &limits, arena, ret_set, reterr);
}

/* Whether the matches of a unit can be nearer or farther: not those of a word or a plain phrase. */
static bool
has_distance(const struct node *unit)
{
	switch (unit->kind) {
	case NODE_NEAR:
	case NODE_ADJ:
	case NODE_SENT:
	case NODE_PARA: return true;
	case NODE_PHRASE: return unit->distance > 0;
	case NODE_NOT_NEAR:
	case NODE_FIRST:
	case NODE_FIELD:
	case NODE_BOOST: return has_distance(unit->children[0]);
	case NODE_OR:
		for (uint32_t i = 0; i < unit->n_children; i++) {
			if (has_distance(unit->children[i]))
				return true;
		}
		return false;
	default: return false;
	}
}

/* Notes by its number which unit has distances; units are numbered as match.h does, in order of the query. */
static void
note_units(const struct node *node, uint32_t *n, bool has[LIMIT_QUERY_WORDS])
{
	if (node_is_leaf(node) || node_is_proximity(node)) {
		if (*n < LIMIT_QUERY_WORDS)
			has[(*n)++] = has_distance(node);
		return;
	}
	for (uint32_t i = 0; i < node->n_children; i++)
		note_units(node->children[i], n, has);
}

static bool
smallest_distance(const struct query *query, const struct match_set *set, uint32_t *ret_distance)
{
	bool has_any = false, has[LIMIT_QUERY_WORDS];
	uint32_t n = 0;

	note_units(query->root, &n, has);
	for (size_t i = 0; i < set->n; i++) {
		const struct match *match = &set->v[i];

		if (match->unit >= n || !has[match->unit] || (has_any && match->distance >= *ret_distance))
			continue;
		*ret_distance = match->distance;
		has_any = true;
	}
	return has_any;
}

static enum status
fill_match(
    const struct text_table *table, const struct match *match, struct arena *arena, struct search_match *ret_match)
{
	struct search_span *spans = arena_calloc(arena, match->n, sizeof(*spans));

	if (spans == NULL)
		return STATUS_NOMEM;
	for (uint32_t i = 0; i < match->n; i++)
		spans[i] = passages_span(table, text_table_at(table, match->pos[i]));
	*ret_match = (struct search_match) { .distance = match->distance,
		.spans = spans,
		.n_spans = match->n,
		.sentence =
		    passages_sentence(table, text_table_at(table, match->lo), text_table_at(table, match->hi)) };
	return STATUS_OK;
}

static enum status
fill_matches(const struct text_table *table, const struct match_set *set, uint32_t max, struct arena *arena,
    struct search_hit *hit)
{
	uint32_t n = set->n < max ? (uint32_t)set->n : max;
	struct search_match *matches = arena_calloc(arena, n, sizeof(*matches));

	if (matches == NULL)
		return STATUS_NOMEM;
	for (uint32_t i = 0; i < n; i++) {
		if (fill_match(table, &set->v[i], arena, &matches[i]) != STATUS_OK)
			return STATUS_NOMEM;
	}
	hit->matches = matches;
	hit->n_matches = n;
	hit->total_matches = set->total;
	return STATUS_OK;
}

enum status
hit_fill(struct hit_source *source, struct arena *arena, struct search_hit *hit, struct error *reterr)
{
	const struct search_params *params = source->params;
	size_t max_matches = params->matches > MATCHES_FOR_PASSAGES ? params->matches : MATCHES_FOR_PASSAGES;
	struct text_table table;
	struct match_set set;
	enum status status = find(source, hit, max_matches, arena, &table, &set, reterr);

	if (status != STATUS_OK)
		return status;
	hit->has_distance = smallest_distance(source->query, &set, &hit->distance);
	if (passages_cut(&table, &hit->document, &set, params->passages, arena, &hit->passages, &hit->n_passages) !=
	    STATUS_OK)
		return no_memory(reterr);
	if (params->matches > 0 && fill_matches(&table, &set, params->matches, arena, hit) != STATUS_OK)
		return no_memory(reterr);
	hit->document.text = (struct str) { "", 0 };
	return STATUS_OK;
}

enum status
hit_measure(struct hit_source *source, struct arena *arena, struct search_hit *hit, struct error *reterr)
{
	struct text_table table;
	struct match_set set;
	enum status status = find(source, hit, MATCHES_FOR_PASSAGES, arena, &table, &set, reterr);

	if (status == STATUS_OK)
		hit->has_distance = smallest_distance(source->query, &set, &hit->distance);
	return status;
}
