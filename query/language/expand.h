/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expand: a query and the table of variants -> the query that is run.
 *
 *	Bachar NEAR Alep            (bachar | bashar) NEAR (alep | halab)
 *	"président Assad"           "président assad" | "président el assad" | "président al assad"
 *
 * A name in a phrase stands for the phrases that its alternatives give in its place; anywhere else,
 * for an OR of the alternatives.  A name is a word, or words that stand side by side in a phrase or a
 * hyphenated word, the longest that the table has.  Exact words (=) and prefixes are never names.
 */
#ifndef VOISIN_QUERY_LANGUAGE_EXPAND_H
#define VOISIN_QUERY_LANGUAGE_EXPAND_H

#include "base/arena.h"
#include "base/error.h"
#include "query/language/tree.h"
#include "query/language/variants.h"
#include "stemmer/analyzer.h"

enum {
	EXPAND_ALTERNATIVES = 32, /* looked for, of one name */
	EXPAND_CHOICES = 16 /* phrases that one phrase may become */
};

/* One name, once. */
struct expansion {
	struct str from; /* as typed */
	const struct str *to; /* as the table has them; none where a limit left the name alone */
	uint32_t n_to;
};

struct expansions {
	const struct expansion *v;
	uint32_t n;
};

/*
 * Makes *ret_query of `query`, which was parsed from `text` and stays as it is; the two may share
 * nodes.  The words that are added are read under `accents`.  Everything lives in `arena`;
 * `analyzer` is used during the call, and its last tokens are lost.
 *
 * A legal query is never refused for its expansion: a name that would take it past
 * LIMIT_QUERY_WORDS, LIMIT_QUERY_TERMS or EXPAND_CHOICES is left alone.  STATUS_NOMEM.
 */
enum status expand_query(const struct variants *variants, struct analyzer *analyzer, enum accents accents,
    struct arena *arena, struct str text, const struct query *query, struct query *ret_query,
    struct expansions *ret_expansions, struct error *reterr) MUST_CHECK;

#endif
