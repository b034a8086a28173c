/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parser: query text -> tree, or a refusal.
 *
 * A query runs as written or is refused, never changed in silence.  A refusal is STATUS_INVALID (or
 * STATUS_LIMIT, with the limit's name and value) with error.off at the byte at fault and a message
 * that gives the reason and, where there is one, the nearest legal query behind "try: ".
 * docs/query-language.md is the reference of the language.
 */
#ifndef VOISIN_QUERY_LANGUAGE_PARSER_H
#define VOISIN_QUERY_LANGUAGE_PARSER_H

#include "base/arena.h"
#include "base/error.h"
#include "query/language/tree.h"
#include "stemmer/analyzer.h"

struct parser_options {
	bool any; /* words side by side mean OR instead of AND */
	enum accents accents;
};

/*
 * Parses `text`.  The tree and its strings live in `arena`; `analyzer` is only used during the call.
 * Limits: LIMIT_QUERY_BYTES, _WORDS, _DEPTH, _PHRASES, LIMIT_PHRASE_WORDS, LIMIT_DISTANCE,
 * LIMIT_PREFIXES, LIMIT_PREFIX_LETTERS_MIN.
 */
enum status query_parse(struct arena *arena, struct analyzer *analyzer, struct str text,
    const struct parser_options *options, struct query *ret_query, struct error *reterr) MUST_CHECK;

/* The column, from 1 and in characters, of byte `off` of `text`: what people are told. */
uint32_t query_column(struct str text, size_t off);

#endif
