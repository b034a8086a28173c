/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/plan/only.h"

#include <stdlib.h>

#include "base/limits.h"
#include "store/postings.h"

/* The documents with these ids; terms[] has room for n and holds what is to be freed. */
static enum status
any_of(const struct str *ids, uint32_t n, struct xc_query **terms, struct xc_query **ret_any, struct error *reterr)
{
	char space[LIMIT_ID_BYTES + 2];
	enum status status = STATUS_OK;

	for (uint32_t i = 0; i < n && status == STATUS_OK; i++)
		status = xc_query_term(postings_id_term(ids[i], space, sizeof(space)), 1, 0, &terms[i], reterr);
	if (status != STATUS_OK)
		return status;
	return xc_query_combine(XC_OP_OR, (const struct xc_query *const *)terms, n, 0, ret_any, reterr);
}

enum status
only_of_ids(
    const struct xc_query *query, const struct str *ids, uint32_t n, struct xc_query **ret_query, struct error *reterr)
{
	struct xc_query **terms = calloc(n, sizeof(struct xc_query *)), *any = NULL;
	const struct xc_query *both[2] = { query, NULL };
	enum status status;

	if (terms == NULL)
		return error_no_memory(reterr);
	status = any_of(ids, n, terms, &any, reterr);
	both[1] = any;
	if (status == STATUS_OK)
		status = xc_query_combine(XC_OP_FILTER, both, 2, 0, ret_query, reterr);
	xc_query_free(any);
	for (uint32_t i = 0; i < n; i++)
		xc_query_free(terms[i]);
	free(terms);
	return status;
}
