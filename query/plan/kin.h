/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kin: the stems of an index that are likely to be of one family with a given one.
 *
 *	construct (construction)  ->  constructeur, construir, constru
 *
 * A stemmer for inflection leaves derivations apart, rightly: a query for one does not ask for the others.  A
 * document that holds them is the better answer all the same.  Kin begin with at least KIN_SHARE of the stem's
 * letters; those that share most are taken.
 */
#ifndef VOISIN_QUERY_PLAN_KIN_H
#define VOISIN_QUERY_PLAN_KIN_H

#include "base/arena.h"
#include "base/error.h"
#include "store/reader.h"

enum {
	KIN_MAX = 4,
	KIN_LETTERS_MIN = 4, /* of the common beginning */
	KIN_LOOKED_AT = 1000 /* terms, at most */
};
#ifndef KIN_SHARE
#define KIN_SHARE 0.6
#endif

/*
 * Finds the kin of `stem` (without prefix); *ret_terms gets terms with SCHEMA_PREFIX_STEM, in `arena`.  A word with a digit has none.
 */
enum status kin_find(const struct store_reader *reader, struct str stem, struct arena *arena,
    struct str ret_terms[KIN_MAX], uint32_t *ret_n, struct error *reterr) MUST_CHECK;

#endif
