/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * operators: what a plan asks of an index, as a tree of the operators that indexes have.
 *
 * Pure data, made by translate.h and read by each back end: to_xapian.h makes a Xapian query of it.
 * Operators have the meaning and the weights of Xapian's of the same name.
 */
#ifndef VOISIN_QUERY_PLAN_OPERATORS_H
#define VOISIN_QUERY_PLAN_OPERATORS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

enum operator_kind {
	OPERATOR_TERM,
	OPERATOR_ALL, /* every document */
	OPERATOR_AND,
	OPERATOR_OR,
	OPERATOR_SYNONYM, /* an OR that weighs as one term */
	OPERATOR_FILTER, /* AND, weighted by the first child alone */
	OPERATOR_AND_NOT, /* the first child and not the second */
	OPERATOR_NEAR, /* children are terms and ORs of terms */
	OPERATOR_PHRASE,
	OPERATOR_SCALE, /* its only child, weighted `factor` times */
	OPERATOR_DATES /* documents with a date between lower and upper, both included */
};

struct plan_op {
	enum operator_kind kind;
	const struct plan_op *const *children;
	uint32_t n;
	struct str term; /* TERM */
	uint32_t documents; /* that hold it, where that is known; or else 0 */
	uint32_t window; /* NEAR, PHRASE: the first and the last position are less than this apart; >= n */
	double factor; /* SCALE */
	struct str lower; /* DATES: eight digits */
	struct str upper; /* empty: no end */
};

/* All return NULL when the arena has no memory; terms and children are borrowed. */
const struct plan_op *operators_term(struct arena *arena, struct str term);
const struct plan_op *operators_all(struct arena *arena);
const struct plan_op *operators_dates(struct arena *arena, struct str lower, struct str upper);

/* The child itself where the factor is 1. */
const struct plan_op *operators_scale(struct arena *arena, const struct plan_op *child, double factor);

/*
 * An operator over n children (copied); one child stands for itself, except under NEAR and PHRASE.  NULL also where a
 * child is NULL, so that calls can be nested and checked once.
 */
const struct plan_op *operators_join(
    struct arena *arena, enum operator_kind kind, const struct plan_op *const *children, uint32_t n);
const struct plan_op *operators_window(
    struct arena *arena, enum operator_kind kind, const struct plan_op *const *children, uint32_t n, uint32_t window);

/* Terms joined by OR or SYNONYM; the numbers of documents that hold each may be NULL. */
const struct plan_op *operators_terms(
    struct arena *arena, enum operator_kind kind, const struct str *terms, uint32_t n);
const struct plan_op *operators_known_terms(
    struct arena *arena, enum operator_kind kind, const struct str *terms, const uint32_t *documents, uint32_t n);

#endif
