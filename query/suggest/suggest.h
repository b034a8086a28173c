/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * suggest: what else may have been meant, told beside an answer or while a query is typed.
 *
 *	alepp NEAR bachar     did you mean: alep NEAR bachar
 *	cessezlefeu alep      did you mean: cessez-le-feu alep
 *	aujourd hui           did you mean: aujourd'hui
 *	publie                publié, too, with accents: loose
 *	cessez-le-f           cessez-le-feu
 *
 * Nothing here changes what a query finds.
 */
#ifndef VOISIN_QUERY_SUGGEST_SUGGEST_H
#define VOISIN_QUERY_SUGGEST_SUGGEST_H

#include "base/arena.h"
#include "query/language/tree.h"
#include "query/language/variants.h"
#include "query/suggest/vocabulary.h"
#include "stemmer/analyzer.h"

enum { SUGGEST_QUERIES = 3, SUGGEST_COMPLETIONS = 20 };

/* What a query is looked at with; all borrowed. */
struct suggest_source {
	struct vocabulary *vocabulary; /* NULL: no corrections */
	const struct store_reader *reader;
	struct analyzer *analyzer;
	enum accents accents; /* of the query */
	const struct variants *variants; /* names in it are right; NULL: there are none */
	struct arena *arena; /* for the results */
};

/* A word for which ACCENTS_LOOSE finds more in this index. */
struct suggest_hint {
	struct str word; /* as typed, in lower case */
	const struct str *loose; /* words of the dictionary that it would stand for too; maybe none */
	uint32_t n_loose;
};

struct suggest_hints {
	const struct suggest_hint *v;
	uint32_t n;
};

/* Looks at the words of a query as it was parsed, each once.  The analyzer's last tokens are lost. */
enum status suggest_hints(const struct suggest_source *source, const struct query *query,
    struct suggest_hints *ret_hints, struct error *reterr) MUST_CHECK;

struct suggest_queries {
	const struct str *v;
	uint32_t n;
};

/*
 * Corrects the words of a query that the index has not, cuts one into several, and makes one of two.  Where it has them all and `found` says that
 * nothing was found, the rarest word that has a far more frequent one beside it.  *ret_queries: the
 * text with the words replaced, the likeliest first, SUGGEST_QUERIES at most; whether they find
 * something is for the caller to see.
 */
enum status suggest_queries(const struct suggest_source *source, struct str text, const struct query *query, bool found,
    struct suggest_queries *ret_queries, struct error *reterr) MUST_CHECK;

struct suggest_completion {
	struct str q; /* the text with its last word completed or corrected */
	struct str word;
	uint32_t documents; /* that hold the word */
};

struct suggest_completions {
	const struct suggest_completion *v;
	uint32_t n;
	const struct suggest_completion *corrections; /* where the last one is no word of the index */
	uint32_t n_corrections;
};

/* Completes the last word of a text that is being typed: `limit` (SUGGEST_COMPLETIONS at most) each. */
enum status suggest_complete(const struct suggest_source *source, struct str text, uint32_t limit,
    struct suggest_completions *ret_completions, struct error *reterr) MUST_CHECK;

#endif
