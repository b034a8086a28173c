/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/plan/operators.h"

static const struct plan_op *
make(struct arena *arena, struct plan_op what)
{
	struct plan_op *made = arena_alloc(arena, sizeof(*made));

	if (made != NULL)
		*made = what;
	return made;
}

const struct plan_op *
operators_term(struct arena *arena, struct str term)
{
	return make(arena, (struct plan_op) { .kind = OPERATOR_TERM, .term = term });
}

const struct plan_op *
operators_all(struct arena *arena)
{
	return make(arena, (struct plan_op) { .kind = OPERATOR_ALL });
}

const struct plan_op *
operators_dates(struct arena *arena, struct str lower, struct str upper)
{
	lower = arena_str(arena, lower);
	upper = arena_str(arena, upper);
	if (lower.p == NULL || upper.p == NULL)
		return NULL;
	return make(arena, (struct plan_op) { .kind = OPERATOR_DATES, .lower = lower, .upper = upper });
}

const struct plan_op *
operators_window(
    struct arena *arena, enum operator_kind kind, const struct plan_op *const *children, uint32_t n, uint32_t window)
{
	const struct plan_op **copy = arena_calloc(arena, n, sizeof(*copy));

	if (copy == NULL)
		return NULL;
	for (uint32_t i = 0; i < n; i++) {
		if (children[i] == NULL)
			return NULL;
		copy[i] = children[i];
	}
	return make(arena, (struct plan_op) { .kind = kind, .children = copy, .n = n, .window = window });
}

const struct plan_op *
operators_join(struct arena *arena, enum operator_kind kind, const struct plan_op *const *children, uint32_t n)
{
	return n == 1 ? children[0] : operators_window(arena, kind, children, n, 0);
}

const struct plan_op *
operators_scale(struct arena *arena, const struct plan_op *child, double factor)
{
	const struct plan_op **copy;

	if (child == NULL || factor == 1.0)
		return child;
	copy = arena_calloc(arena, 1, sizeof(*copy));
	if (copy == NULL)
		return NULL;
	copy[0] = child;
	return make(arena, (struct plan_op) { .kind = OPERATOR_SCALE, .children = copy, .n = 1, .factor = factor });
}

const struct plan_op *
operators_terms(struct arena *arena, enum operator_kind kind, const struct str *terms, uint32_t n)
{
	return operators_known_terms(arena, kind, terms, NULL, n);
}

const struct plan_op *
operators_known_terms(
    struct arena *arena, enum operator_kind kind, const struct str *terms, const uint32_t *documents, uint32_t n)
{
	const struct plan_op **all = arena_calloc(arena, n, sizeof(*all));

	if (all == NULL)
		return NULL;
	for (uint32_t i = 0; i < n; i++)
		all[i] = make(arena,
		    (struct plan_op) {
			.kind = OPERATOR_TERM, .term = terms[i], .documents = documents != NULL ? documents[i] : 0 });
	return operators_join(arena, kind, all, n);
}
