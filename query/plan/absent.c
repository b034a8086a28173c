/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/plan/absent.h"

#include "query/plan/kin.h"
#include "query/plan/leaves.h"

static enum status
add_terms(const struct str *terms, uint32_t n, struct xc_query **queries, struct error *reterr)
{
	for (uint32_t i = 0; i < n; i++) {
		enum status status = xc_query_term(terms[i], 1, 0, &queries[i], reterr);

		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

static void
free_all(struct xc_query **queries, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		xc_query_free(queries[i]);
}

/* The terms as one word, with a share of its weight. */
static enum status
one_word(const struct str *terms, uint32_t n, double factor, struct xc_query **ret_query, struct error *reterr)
{
	struct xc_query *queries[KIN_MAX] = { NULL }, *synonym = NULL;
	enum status status = add_terms(terms, n, queries, reterr);

	if (status == STATUS_OK)
		status =
		    xc_query_combine(XC_OP_SYNONYM, (const struct xc_query *const *)queries, n, 0, &synonym, reterr);
	if (status == STATUS_OK)
		status = xc_query_scale_weight(synonym, factor, ret_query, reterr);
	xc_query_free(synonym);
	free_all(queries, n);
	return status;
}

/* *ret_query stays as it is where the index has the word, or no kin of it. */
static enum status
stand_in(struct plan *plan, const struct loose_word *word, struct xc_query **ret_query, struct error *reterr)
{
	struct str kin[KIN_MAX];
	uint64_t postings;
	uint32_t n;
	enum status status = leaves_postings(word->leaf, plan->lookups, &postings, reterr);

	if (status != STATUS_OK || postings > 0 || word->is_part)
		return status;
	status = kin_find(plan->reader, word->node->stems[0], plan->arena, kin, &n, reterr);
	if (status != STATUS_OK || n == 0)
		return status;
	return one_word(kin, n, ABSENT_KIN * word->factor, ret_query, reterr);
}

enum status
absent_weigh(struct plan *plan, const struct loose_words *words, struct error *reterr)
{
	struct xc_query *queries[ABSENT_WORDS] = { NULL }, *all = NULL;
	uint32_t n = 0;
	enum status status = STATUS_OK;

	for (uint32_t i = 0; i < words->n && n < ABSENT_WORDS && status == STATUS_OK; i++) {
		status = stand_in(plan, &words->v[i], &queries[n], reterr);
		n += queries[n] != NULL;
	}
	if (status == STATUS_OK && n > 0)
		status = xc_query_combine(XC_OP_OR, (const struct xc_query *const *)queries, n, 0, &all, reterr);
	if (status == STATUS_OK && n > 0)
		status = plan_weigh(plan, all, reterr);
	free_all(queries, n);
	return status;
}
