/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/plan/absent.h"

#include "query/plan/kin.h"
#include "query/plan/leaves.h"

/* The kin of a word that the index has not, as one word with a share of its weight; *ret_op stays as it is where there are none. */
static enum status
stand_in(const struct plan *plan, const struct loose_word *word, const struct plan_op **ret_op, struct error *reterr)
{
	struct str *kin;
	uint64_t postings;
	uint32_t n;
	enum status status = leaves_postings(word->leaf, plan->lookups, &postings, reterr);

	if (status != STATUS_OK || postings > 0 || word->is_part)
		return status;
	kin = arena_calloc(plan->arena, KIN_MAX, sizeof(*kin));
	if (kin == NULL)
		return error_no_memory(reterr);
	status = kin_find(plan->reader, word->node->stems[0], plan->arena, kin, &n, reterr);
	if (status != STATUS_OK || n == 0)
		return status;
	*ret_op = operators_scale(
	    plan->arena, operators_terms(plan->arena, OPERATOR_SYNONYM, kin, n), ABSENT_KIN * word->factor);
	return *ret_op != NULL ? STATUS_OK : error_no_memory(reterr);
}

enum status
absent_weigh(struct plan *plan, const struct loose_words *words, struct error *reterr)
{
	const struct plan_op *ops[ABSENT_WORDS] = { NULL }, *any;
	uint32_t n = 0;
	enum status status = STATUS_OK;

	for (uint32_t i = 0; i < words->n && n < ABSENT_WORDS && status == STATUS_OK; i++) {
		status = stand_in(plan, &words->v[i], &ops[n], reterr);
		n += ops[n] != NULL;
	}
	if (status != STATUS_OK || n == 0)
		return status;
	any = operators_join(plan->arena, OPERATOR_OR, ops, n);
	return any != NULL ? plan_weigh(plan, any, reterr) : error_no_memory(reterr);
}
