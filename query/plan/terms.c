/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/plan/terms.h"

#include <stdlib.h>

#include "invfile/cursor.h"
#include "query/plan/frequency.h"

/* The dictionary of a layer. */
struct head {
	const struct store_layer *layer;
	struct invfile_terms walk;
	bool is_over;
	bool is_taken; /* its term was given, or there was none yet */
	struct str term;
	struct invfile_term found; /* of it */
};

struct terms {
	const struct store_reader *reader;
	struct str term; /* that was given last */
	uint32_t documents; /* that hold it, where they were counted; or else 0 */
	struct xc_terms *list; /* Xapian's, where there are no layers */
	struct str from; /* of these, until the first step */
	uint32_t n;
	struct head heads[]; /* one a layer */
};

static enum status
open_head(struct head *head, const struct store_layer *layer, struct str prefix, struct str from, struct error *reterr)
{
	enum status status = invfile_terms_begin(&head->walk, layer->file, prefix, reterr);

	head->layer = layer;
	head->is_taken = true;
	return status == STATUS_OK ? invfile_terms_seek(&head->walk, from, reterr) : status;
}

enum status
terms_new(const struct store_reader *reader, struct str prefix, struct str from, struct terms **ret_terms,
    struct error *reterr)
{
	uint32_t n;
	const struct store_layer *layers = store_reader_layers(reader, &n);
	struct terms *terms = calloc(1, sizeof(*terms) + n * sizeof(terms->heads[0]));
	enum status status = STATUS_OK;

	if (terms == NULL)
		return error_no_memory(reterr);
	terms->reader = reader;
	terms->from = from;
	terms->n = n;
	for (uint32_t i = 0; i < n && status == STATUS_OK; i++)
		status = open_head(&terms->heads[i], &layers[i], prefix, from, reterr);
	if (n == 0)
		status = xc_database_allterms(store_reader_database(reader), prefix, &terms->list, reterr);
	if (status == STATUS_OK)
		*ret_terms = terms;
	else
		terms_free(terms);
	return status;
}

void
terms_free(struct terms *terms)
{
	if (terms == NULL)
		return;
	xc_terms_free(terms->list);
	free(terms);
}

/* ---- Of Xapian -------------------------------------------------------------------------------- */

static enum status
step_xapian(struct terms *terms, struct str *ret_term, struct error *reterr)
{
	struct str from = terms->from;

	terms->from = STR("");
	return from.len > 0 ? xc_terms_skip_to(terms->list, from, ret_term, reterr)
			    : xc_terms_next(terms->list, ret_term, reterr);
}

/* ---- Of the layers ---------------------------------------------------------------------------- */

static enum status
step_head(struct head *head, struct error *reterr)
{
	enum status status;

	if (head->is_over || !head->is_taken)
		return STATUS_OK;
	status = invfile_terms_next(&head->walk, &head->term, &head->found, reterr);
	head->is_over = status != STATUS_OK;
	head->is_taken = false;
	return status == STATUS_END ? STATUS_OK : status;
}

/* Steps to the least term of all, and takes it wherever it stands.  STATUS_END: there is none. */
static enum status
take(struct terms *terms, struct str *ret_term, struct error *reterr)
{
	const struct head *least = NULL;

	for (uint32_t i = 0; i < terms->n; i++) {
		struct head *head = &terms->heads[i];
		enum status status = step_head(head, reterr);

		if (status != STATUS_OK)
			return status;
		if (!head->is_over && (least == NULL || str_cmp(head->term, least->term) < 0))
			least = head;
	}
	if (least == NULL)
		return STATUS_END;
	for (uint32_t i = 0; i < terms->n; i++) {
		struct head *head = &terms->heads[i];

		head->is_taken = head == least || (!head->is_over && str_eq(head->term, least->term));
	}
	*ret_term = least->term;
	return STATUS_OK;
}

/* How many documents of the layers hold what was taken; at most `enough`, where that is all that has to be known. */
static enum status
count(const struct terms *terms, uint32_t enough, uint32_t *ret_documents, struct error *reterr)
{
	uint32_t documents = 0;
	enum status status = STATUS_OK;

	for (uint32_t i = 0; i < terms->n && status == STATUS_OK && documents < enough; i++) {
		const struct head *head = &terms->heads[i];
		uint32_t n = 0;

		if (!head->is_over && head->is_taken)
			status = frequency_of_list(head->layer, &head->found, enough - documents, &n, reterr);
		documents += n;
	}
	if (status == STATUS_OK)
		*ret_documents = documents;
	return status;
}

/* Whether what was taken is counted with no more work than to find one document of it: the lists in which there may be touched ones are short. */
static bool
is_short(const struct terms *terms)
{
	uint64_t listed = 0;

	for (uint32_t i = 0; i < terms->n; i++) {
		if (!terms->heads[i].is_over && terms->heads[i].is_taken && terms->heads[i].layer->touched.n_set > 0)
			listed += terms->heads[i].found.documents;
	}
	return listed <= CURSOR_BLOCK;
}

enum status
terms_next(struct terms *terms, struct str *ret_term, struct error *reterr)
{
	uint32_t alive = 0;
	bool counts = false;
	enum status status = STATUS_OK;

	if (terms->n == 0)
		return step_xapian(terms, ret_term, reterr);
	while (status == STATUS_OK && alive == 0) {
		status = take(terms, &terms->term, reterr);
		counts = status == STATUS_OK && is_short(terms);
		if (status == STATUS_OK)
			status = count(terms, counts ? UINT32_MAX : 1, &alive, reterr);
	}
	terms->documents = counts ? alive : 0;
	*ret_term = terms->term;
	return status;
}

enum status
terms_documents(struct terms *terms, uint32_t *ret_documents, struct error *reterr)
{
	if (terms->n == 0)
		return xc_terms_termfreq(terms->list, ret_documents, reterr);
	if (terms->documents == 0)
		return frequency_of(terms->reader, terms->term, ret_documents, reterr);
	*ret_documents = terms->documents;
	return STATUS_OK;
}
