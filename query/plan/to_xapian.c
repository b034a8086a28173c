/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/plan/to_xapian.h"

#include "store/schema.h"

/* Xapian's name of an operator over queries. */
static enum xc_op
xapian_op(enum operator_kind kind)
{
	switch (kind) {
	case OPERATOR_OR: return XC_OP_OR;
	case OPERATOR_SYNONYM: return XC_OP_SYNONYM;
	case OPERATOR_FILTER: return XC_OP_FILTER;
	case OPERATOR_AND_NOT: return XC_OP_AND_NOT;
	case OPERATOR_NEAR: return XC_OP_NEAR;
	case OPERATOR_PHRASE: return XC_OP_PHRASE;
	default: return XC_OP_AND;
	}
}

/* Whether what stands under an operator may be something else than Xapian's own. */
static bool
is_open(enum operator_kind kind)
{
	return kind == OPERATOR_AND || kind == OPERATOR_OR || kind == OPERATOR_FILTER || kind == OPERATOR_AND_NOT;
}

static enum status make(const struct plan_op *operators, double factor, const struct to_xapian_hook *hook,
    struct arena *arena, struct xc_query **ret_query, struct error *reterr);

static enum status
combine(const struct plan_op *operators, double factor, const struct to_xapian_hook *hook, struct arena *arena,
    struct xc_query **ret_query, struct error *reterr)
{
	const struct to_xapian_hook *below = is_open(operators->kind) ? hook : NULL;
	struct xc_query **children = arena_calloc(arena, operators->n, sizeof(struct xc_query *));
	enum status status = STATUS_OK;

	if (children == NULL)
		return error_no_memory(reterr);
	for (uint32_t i = 0; i < operators->n && status == STATUS_OK; i++)
		status = make(operators->children[i], factor, below, arena, &children[i], reterr);
	if (status == STATUS_OK)
		status = xc_query_combine(xapian_op(operators->kind), (const struct xc_query *const *)children,
		    operators->n, operators->window, ret_query, reterr);
	for (uint32_t i = 0; i < operators->n; i++)
		xc_query_free(children[i]);
	return status;
}

/* What has nothing in it that is not Xapian's, with its weights multiplied. */
static enum status
scale(const struct plan_op *operators, double factor, struct arena *arena, struct xc_query **ret_query,
    struct error *reterr)
{
	struct xc_query *child = NULL;
	enum status status = make(operators, 1.0, NULL, arena, &child, reterr);

	if (status == STATUS_OK)
		status = xc_query_scale_weight(child, factor, ret_query, reterr);
	xc_query_free(child);
	return status;
}

static enum status
make(const struct plan_op *operators, double factor, const struct to_xapian_hook *hook, struct arena *arena,
    struct xc_query **ret_query, struct error *reterr)
{
	*ret_query = NULL;
	if (hook != NULL) {
		enum status status = hook->take(hook->ctx, operators, factor, ret_query, reterr);

		if (status != STATUS_OK || *ret_query != NULL)
			return status;
	}
	if (operators->kind == OPERATOR_SCALE && hook != NULL)
		return make(operators->children[0], factor * operators->factor, hook, arena, ret_query, reterr);
	if (operators->kind == OPERATOR_SCALE)
		return scale(operators->children[0], operators->factor, arena, ret_query, reterr);
	if (factor != 1.0 && !is_open(operators->kind))
		return scale(operators, factor, arena, ret_query, reterr);
	switch (operators->kind) {
	case OPERATOR_TERM: return xc_query_term(operators->term, 1, 0, ret_query, reterr);
	case OPERATOR_ALL: return xc_query_match_all(ret_query, reterr);
	case OPERATOR_DATES:
		if (operators->upper.len == 0)
			return xc_query_value_ge(SCHEMA_VALUE_DATE, operators->lower, ret_query, reterr);
		return xc_query_value_range(SCHEMA_VALUE_DATE, operators->lower, operators->upper, ret_query, reterr);
	default: return combine(operators, factor, hook, arena, ret_query, reterr);
	}
}

enum status
to_xapian(const struct plan_op *operators, const struct to_xapian_hook *hook, struct arena *arena,
    struct xc_query **ret_query, struct error *reterr)
{
	return make(operators, 1.0, hook, arena, ret_query, reterr);
}
