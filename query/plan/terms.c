/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/plan/terms.h"

#include <stdlib.h>

#include "invfile/file.h"
#include "query/plan/frequency.h"

/* One of the two lists that are merged. */
struct head {
	bool is_open;
	bool is_taken; /* its term was given, or there was none yet */
	struct str term;
};

struct terms {
	const struct store_reader *reader;
	struct str from; /* of Xapian's, until the first step */
	struct head in_file;
	struct invfile_terms walk;
	struct invfile_term found;
	struct head in_xapian;
	struct xc_terms *list;
};

enum status
terms_new(const struct store_reader *reader, struct str prefix, struct str from, struct terms **ret_terms,
    struct error *reterr)
{
	const struct invfile *file = store_reader_invfile(reader);
	bool has_changed = file != NULL && store_reader_touched(reader)->has_any;
	struct terms *terms = calloc(1, sizeof(*terms));
	enum status status = STATUS_OK;

	if (terms == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	terms->reader = reader;
	terms->from = from;
	terms->in_file =
	    (struct head) { file != NULL && (!has_changed || frequency_is_split(reader, from)), true, STR("") };
	terms->in_xapian = (struct head) { file == NULL || has_changed, true, STR("") };
	if (terms->in_file.is_open)
		status = invfile_terms_begin(&terms->walk, file, prefix, reterr);
	if (status == STATUS_OK && terms->in_file.is_open)
		status = invfile_terms_seek(&terms->walk, from, reterr);
	if (status == STATUS_OK && terms->in_xapian.is_open)
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

/* Notes how a step of one list went. */
static enum status
note(struct head *head, enum status status)
{
	head->is_open = status == STATUS_OK;
	head->is_taken = false;
	return status == STATUS_END ? STATUS_OK : status;
}

static enum status
step_file(struct terms *terms, struct error *reterr)
{
	struct head *head = &terms->in_file;

	if (!head->is_open || !head->is_taken)
		return STATUS_OK;
	return note(head, invfile_terms_next(&terms->walk, &head->term, &terms->found, reterr));
}

static enum status
step_xapian(struct terms *terms, struct error *reterr)
{
	struct head *head = &terms->in_xapian;
	struct str from = terms->from;

	if (!head->is_open || !head->is_taken)
		return STATUS_OK;
	terms->from = STR("");
	return note(head, from.len > 0 ? xc_terms_skip_to(terms->list, from, &head->term, reterr)
				       : xc_terms_next(terms->list, &head->term, reterr));
}

/* Takes the lesser of both terms, or both where they are one.  STATUS_END: there is none. */
static enum status
take(struct terms *terms, struct str *ret_term)
{
	struct head *a = &terms->in_file, *b = &terms->in_xapian;
	int order = a->is_open && b->is_open ? str_cmp(a->term, b->term) : a->is_open ? -1 : 1;

	if (!a->is_open && !b->is_open)
		return STATUS_END;
	a->is_taken = order <= 0;
	b->is_taken = order >= 0;
	*ret_term = order <= 0 ? a->term : b->term;
	return STATUS_OK;
}

bool
terms_is_unchanged(const struct terms *terms)
{
	return !terms->in_xapian.is_open || !terms->in_xapian.is_taken;
}

/* Whether some document still holds what was taken: what Xapian has, one does. */
static enum status
is_alive(const struct terms *terms, bool *ret_alive, struct error *reterr)
{
	uint32_t n = 1;
	enum status status = STATUS_OK;

	if (terms_is_unchanged(terms))
		status = frequency_unchanged(terms->reader, &terms->found, 1, &n, reterr);
	*ret_alive = n > 0;
	return status;
}

enum status
terms_next(struct terms *terms, struct str *ret_term, struct error *reterr)
{
	bool alive = false;
	enum status status = STATUS_OK;

	while (status == STATUS_OK && !alive) {
		status = step_file(terms, reterr);
		if (status == STATUS_OK)
			status = step_xapian(terms, reterr);
		if (status == STATUS_OK)
			status = take(terms, ret_term);
		if (status == STATUS_OK)
			status = is_alive(terms, &alive, reterr);
	}
	return status;
}

enum status
terms_documents(struct terms *terms, uint32_t *ret_documents, struct error *reterr)
{
	uint32_t in_file = 0, in_xapian = 0;
	enum status status = STATUS_OK;

	if (terms->in_file.is_open && terms->in_file.is_taken)
		status = frequency_unchanged(terms->reader, &terms->found, UINT32_MAX, &in_file, reterr);
	if (status == STATUS_OK && !terms_is_unchanged(terms))
		status = xc_terms_termfreq(terms->list, &in_xapian, reterr);
	if (status == STATUS_OK)
		*ret_documents = in_file + in_xapian;
	return status;
}
