/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/plan/facts.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "store/schema.h"

enum status
facts_source_term(const struct node *leaf, char buffer[FACTS_TERM_BYTES], struct str *ret_term, struct error *reterr)
{
	size_t prefix = sizeof(SCHEMA_PREFIX_SOURCE) - 1;

	if (prefix + leaf->folded.len > LIMIT_TERM_BYTES)
		return error_set(reterr, STATUS_LIMIT, leaf->off,
		    "the source's name is longer than %zu bytes (limit term_bytes)", LIMIT_TERM_BYTES - prefix);
	memcpy(buffer, SCHEMA_PREFIX_SOURCE, prefix);
	memcpy(buffer + prefix, leaf->folded.p, leaf->folded.len);
	*ret_term = (struct str) { buffer, prefix + leaf->folded.len };
	return STATUS_OK;
}

static enum status
source_holds(const struct facts *facts, const struct node *leaf, bool *ret_holds, struct error *reterr)
{
	char buffer[FACTS_TERM_BYTES];
	struct xc_postings *postings;
	struct str term;
	xc_docid docid = 0;
	enum status status = facts_source_term(leaf, buffer, &term, reterr);

	if (status == STATUS_OK)
		status = xc_database_postlist(facts->db, term, &postings, reterr);
	if (status != STATUS_OK)
		return status;
	status = xc_postings_skip_to(postings, facts->docid, &docid, reterr);
	xc_postings_free(postings);
	if (status != STATUS_OK && status != STATUS_END)
		return status;
	*ret_holds = status == STATUS_OK && docid == facts->docid;
	return STATUS_OK;
}

static enum status
date_holds(const struct facts *facts, const struct node *leaf, bool *ret_holds, struct error *reterr)
{
	struct xc_document *document;
	struct str value;
	char digits[16];
	unsigned long day = 0;
	enum status status = xc_database_document(facts->db, facts->docid, &document, reterr);

	if (status != STATUS_OK)
		return status;
	status = xc_document_value(document, SCHEMA_VALUE_DATE, &value, reterr);
	if (status == STATUS_OK && value.len > 0 && value.len < sizeof(digits)) {
		memcpy(digits, value.p, value.len);
		digits[value.len] = '\0';
		day = strtoul(digits, NULL, 10);
	}
	xc_document_free(document);
	if (status == STATUS_OK)
		*ret_holds = day != 0 && day >= leaf->first_day && (leaf->last_day == 0 || day <= leaf->last_day);
	return status;
}

static enum status
holds(void *ctx, const struct node *leaf, bool *ret_holds, struct error *reterr)
{
	if (leaf->kind == NODE_SOURCE)
		return source_holds(ctx, leaf, ret_holds, reterr);
	return date_holds(ctx, leaf, ret_holds, reterr);
}

void
facts_serve(struct facts *facts, struct match_input *input)
{
	input->holds = holds;
	input->holds_ctx = facts;
}

enum status
facts_add_cost(struct xc_database *db, const struct node *node, uint64_t *cost, struct error *reterr)
{
	char buffer[FACTS_TERM_BYTES];
	struct str term;
	xc_doccount freq = 0;
	enum status status = STATUS_OK;

	if (node->kind == NODE_SOURCE) {
		status = facts_source_term(node, buffer, &term, reterr);
		if (status == STATUS_OK)
			status = xc_database_termfreq(db, term, &freq, reterr);
	} else if (node->kind == NODE_DATE) {
		status = xc_database_value_freq(db, SCHEMA_VALUE_DATE, &freq, reterr);
	}
	*cost += freq;
	for (uint32_t i = 0; i < node->n_children && status == STATUS_OK; i++)
		status = facts_add_cost(db, node->children[i], cost, reterr);
	return status;
}
