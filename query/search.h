/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * search: a question in, hits out; the front door of query/.
 *
 *	query text -> tree (language) -> plan -> candidates -> matches (intervals) -> passages (snippet)
 */
#ifndef VOISIN_QUERY_SEARCH_H
#define VOISIN_QUERY_SEARCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "query/language/expand.h"
#include "query/plan/plan.h"
#include "query/suggest/suggest.h"
#include "stemmer/analyzer.h"
#include "store/document.h"
#include "store/reader.h"

enum search_sort {
	SEARCH_SORT_RELEVANCE, /* BM25, then closeness, then id */
	SEARCH_SORT_DATE, /* newest first, then relevance */
	SEARCH_SORT_CLOSENESS /* smallest distance first, then relevance */
};

struct search_params {
	struct str q;
	bool any; /* words side by side mean OR */
	enum accents accents;
	const struct variants *variants; /* names that stand for one another; NULL: none do */
	struct vocabulary *vocabulary; /* for suggestions; NULL: none are made */
	enum search_sort sort;
	uint32_t limit; /* hits wanted, 0 to LIMIT_HITS (LIMIT_IDS where ids_only) */
	uint32_t offset; /* offset + limit <= LIMIT_WINDOW */
	bool all; /* walk every hit in index order: follow the cursor of each result */
	struct str cursor; /* with all: where the last result stopped, empty at first */
	const struct str *only; /* ids of the documents that may be hits; NULL: all may */
	uint32_t n_only;
	bool ids_only; /* hits carry nothing but their id and score */
	bool exact_total; /* count every hit, however many */
	bool boilerplate; /* lines that are set aside (store/aside.h) match too */
	bool fold; /* of hits that are reprints of one another only the first is shown (folding.h) */
	uint32_t passages; /* at most so many a hit */
	uint32_t matches; /* at most so many matches a hit, as spans; 0 for none */
	int64_t deadline_ns; /* on the monotonic clock; STATUS_TIMEOUT past it; 0 for none */
	bool force_check; /* check every document, whatever Xapian says of it (for tests) */
};

enum search_zone { SEARCH_TITLE, SEARCH_TEXT };

struct search_span {
	enum search_zone zone;
	uint32_t off; /* bytes into the zone's stored text */
	uint32_t len;
};

struct search_segment {
	struct str text;
	bool mark; /* a word that takes part in a match */
};

struct search_passage {
	enum search_zone zone;
	uint32_t off; /* of the first segment */
	bool cut_before; /* the zone goes on before, after */
	bool cut_after;
	const struct search_segment *segments;
	uint32_t n_segments;
};

struct search_match {
	uint32_t distance;
	const struct search_span *spans;
	uint32_t n_spans;
	struct search_span sentence; /* from the sentence of the first word to the end of that of the last */
};

enum { SEARCH_REPRINT_IDS = 20 };

/* What is folded under a hit: reprints of it that match as well. */
struct search_reprints {
	uint32_t count;
	bool more; /* there may be others: LIMIT_REPRINTS were looked at */
	const struct str *ids; /* the first SEARCH_REPRINT_IDS in the order of their bytes */
	uint32_t n_ids;
};

struct search_hit {
	uint32_t docid;
	double score;
	bool has_distance; /* a match has one: of NEAR, ADJ, SENT, PARA, a phrase with slop */
	uint32_t distance; /* the smallest, in words */
	struct store_document document; /* text is empty: passages show it */
	const struct search_passage *passages;
	uint32_t n_passages;
	const struct search_match *matches;
	uint32_t n_matches;
	uint64_t total_matches; /* with params.matches > 0 */
	struct search_reprints reprints; /* with params.fold */
	bool unlisted; /* there are too many matches to list: all of the above is of one of each unit, or none */
};

enum search_relation {
	SEARCH_TOTAL_EXACT, /* "eq" */
	SEARCH_TOTAL_ESTIMATE /* "estimate" */
};

struct search_result {
	struct str understood; /* canonical text, of the query as it was typed */
	struct expansions expansions; /* of its names */
	struct suggest_hints hints; /* words for which accents: loose would find more */
	struct suggest_queries suggestions; /* that find something */
	uint64_t total;
	enum search_relation relation;
	bool has_articles; /* with params.fold, exact_total and a limit of 0 */
	uint64_t articles; /* hits, reprints of one another counted once */
	const struct search_hit *hits;
	uint32_t n_hits;
	struct str cursor; /* with params.all: for the next call, empty at the end */
};

struct search_explanation {
	struct str understood;
	struct expansions expansions;
	const struct query *query; /* the tree, expanded */
	struct str xapian; /* Xapian's description of the query that finds the candidates */
	enum plan_index index; /* in which the words are looked for */
	bool exact; /* it alone decides; else each candidate is checked */
	uint64_t cost; /* estimated postings to be read */
};

/*
 * Runs a query.  Everything in *ret_result lives in `arena`.  The reader is refreshed first and, on
 * STATUS_STALE, the whole query is run again, at most three times.
 *
 * STATUS_INVALID and STATUS_LIMIT: the query is refused, reterr->off is the byte of params->q at
 * fault or ERROR_NO_OFFSET.  STATUS_TIMEOUT, STATUS_CORRUPT, STATUS_IO: the index's own.
 */
enum status search_run(struct store_reader *reader, struct analyzer *analyzer, const struct search_params *params,
    struct arena *arena, struct search_result *ret_result, struct error *reterr) MUST_CHECK;

/* Says how a query is understood and would be run, without running it. */
enum status search_explain(struct store_reader *reader, struct analyzer *analyzer, const struct search_params *params,
    struct arena *arena, struct search_explanation *ret_explanation, struct error *reterr) MUST_CHECK;

/*
 * Completes or corrects the last word of params->q, which is being typed; reads of *params the accents
 * and the vocabulary, which must be there.  Everything in *ret_completions lives in `arena`.
 */
enum status search_suggest(struct store_reader *reader, struct analyzer *analyzer, const struct search_params *params,
    struct arena *arena, struct suggest_completions *ret_completions, struct error *reterr) MUST_CHECK;

#endif
