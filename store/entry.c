/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/entry.h"

#include <stdlib.h>

#include "store/schema.h"

enum { TERM_OVERHEAD_BYTES = 8, SLOTS = 32 };

/* One call of entry_add_...(): a term may have several. */
struct addition {
	uint64_t start; /* of the term, for comparing */
	size_t term; /* in bytes */
	size_t len;
	size_t first; /* in positions */
	size_t n;
	uint32_t wdf;
	uint32_t order;
};

/* An array that grows. */
struct array {
	void *items;
	size_t n;
	size_t capacity;
};

struct entry {
	bool lean;
	uint32_t rest; /* wdf of all surface forms */
	struct array additions;
	struct array bytes; /* of terms and values */
	struct array positions;
	size_t n_of_database; /* of the positions, those that the database keeps too */
	struct array terms; /* struct glass_term, when sealed */
	struct glass_value values[SLOTS];
	size_t value_at[SLOTS]; /* in bytes */
	size_t n_values;
	struct str data;
	bool data_is_packed;
};

enum status
entry_new(bool lean, struct entry **ret_entry, struct error *reterr)
{
	*ret_entry = calloc(1, sizeof(**ret_entry));
	if (*ret_entry == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	(*ret_entry)->lean = lean;
	return STATUS_OK;
}

void
entry_free(struct entry *entry)
{
	if (entry == NULL)
		return;
	free(entry->additions.items);
	free(entry->bytes.items);
	free(entry->positions.items);
	free(entry->terms.items);
	free(entry);
}

void
entry_reset(struct entry *entry)
{
	entry->additions.n = entry->bytes.n = entry->positions.n = entry->terms.n = 0;
	entry->n_values = entry->n_of_database = entry->rest = 0;
	entry->data = STR("");
	entry->data_is_packed = false;
}

/* ---- Filling --------------------------------------------------------------------------------- */

/* Room for `more` items of `size` bytes behind those that are there. */
static enum status
reserve(struct array *array, size_t more, size_t size, struct error *reterr)
{
	size_t capacity = array->capacity > 0 ? array->capacity : 1024;
	void *larger;

	if (array->n + more <= array->capacity)
		return STATUS_OK;
	while (capacity < array->n + more)
		capacity *= 2;
	larger = realloc(array->items, capacity * size);
	if (larger == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	array->items = larger;
	array->capacity = capacity;
	return STATUS_OK;
}

static enum status
append_bytes(struct entry *entry, struct str bytes, size_t *ret_at, struct error *reterr)
{
	enum status status = reserve(&entry->bytes, bytes.len, 1, reterr);

	if (status != STATUS_OK)
		return status;
	if (bytes.len > 0)
		memcpy((char *)entry->bytes.items + entry->bytes.n, bytes.p, bytes.len);
	*ret_at = entry->bytes.n;
	entry->bytes.n += bytes.len;
	return STATUS_OK;
}

static enum status
append_positions(struct entry *entry, const uint32_t *pos, size_t n, struct error *reterr)
{
	enum status status = reserve(&entry->positions, n, sizeof(*pos), reterr);

	if (status != STATUS_OK || n == 0)
		return status;
	memcpy((uint32_t *)entry->positions.items + entry->positions.n, pos, n * sizeof(*pos));
	entry->positions.n += n;
	return STATUS_OK;
}

static enum status
add(struct entry *entry, struct str term, const uint32_t *pos, size_t n, uint32_t wdf, struct error *reterr)
{
	struct addition addition = { str_start(term), 0, term.len, entry->positions.n, n, wdf,
		(uint32_t)entry->additions.n };
	enum status status = reserve(&entry->additions, 1, sizeof(addition), reterr);

	if (status == STATUS_OK)
		status = append_bytes(entry, term, &addition.term, reterr);
	if (status == STATUS_OK)
		status = append_positions(entry, pos, n, reterr);
	if (status != STATUS_OK)
		return status;
	((struct addition *)entry->additions.items)[entry->additions.n++] = addition;
	if (schema_has_positions(term))
		entry->n_of_database += n;
	if (schema_is_in_file_alone(term))
		entry->rest += wdf;
	return STATUS_OK;
}

enum status
entry_add_postings(
    struct entry *entry, struct str term, const uint32_t *pos, size_t n, uint32_t wdf_inc, struct error *reterr)
{
	return add(entry, term, pos, n, (uint32_t)n * wdf_inc, reterr);
}

enum status
entry_add_term(struct entry *entry, struct str term, uint32_t wdf_inc, struct error *reterr)
{
	return add(entry, term, NULL, 0, wdf_inc, reterr);
}

enum status
entry_add_boolean_term(struct entry *entry, struct str term, struct error *reterr)
{
	return add(entry, term, NULL, 0, 0, reterr);
}

enum status
entry_set_value(struct entry *entry, uint32_t slot, struct str value, struct error *reterr)
{
	size_t i = entry->n_values;
	size_t at;
	enum status status;

	if (value.len == 0)
		return STATUS_OK;
	if (i == SLOTS)
		return error_set(reterr, STATUS_INTERNAL, ERROR_NO_OFFSET, "more than %d values", SLOTS);
	status = append_bytes(entry, value, &at, reterr);
	if (status != STATUS_OK)
		return status;
	for (; i > 0 && entry->values[i - 1].slot > slot; i--) {
		entry->values[i] = entry->values[i - 1];
		entry->value_at[i] = entry->value_at[i - 1];
	}
	entry->values[i] = (struct glass_value) { slot, { NULL, value.len } };
	entry->value_at[i] = at;
	entry->n_values++;
	return STATUS_OK;
}

void
entry_set_data(struct entry *entry, struct str data, bool packed)
{
	entry->data = data;
	entry->data_is_packed = packed;
}

/* ---- Sealing --------------------------------------------------------------------------------- */

static struct str
term_of(const struct entry *entry, const struct addition *addition)
{
	return (struct str) { (const char *)entry->bytes.items + addition->term, addition->len };
}

static int
compare(const void *a, const void *b, void *arg)
{
	const struct addition *one = a;
	const struct addition *other = b;
	int order;

	if (one->start != other->start)
		return one->start < other->start ? -1 : 1;
	order = str_cmp(term_of(arg, one), term_of(arg, other));
	return order != 0 ? order : (one->order > other->order) - (one->order < other->order);
}

/* What was added to one term, from..to-1, as one; positions of several additions are copied behind all others. */
static enum status
join(struct entry *entry, size_t from, size_t to, struct error *reterr)
{
	struct addition *additions = entry->additions.items;
	struct addition joined = additions[from];
	enum status status = STATUS_OK;

	if (to > from + 1) {
		joined.first = entry->positions.n;
		joined.n = 0;
		joined.wdf = 0;
	}
	for (size_t i = from; to > from + 1 && status == STATUS_OK && i < to; i++) {
		size_t first = additions[i].first;

		joined.wdf += additions[i].wdf;
		joined.n += additions[i].n;
		status = reserve(&entry->positions, additions[i].n, sizeof(uint32_t), reterr);
		if (status == STATUS_OK)
			status =
			    append_positions(entry, (uint32_t *)entry->positions.items + first, additions[i].n, reterr);
	}
	((struct glass_term *)entry->terms.items)[entry->terms.n++] = (struct glass_term) { term_of(entry, &joined),
		joined.wdf, NULL, joined.n, entry->lean && schema_is_in_file_alone(term_of(entry, &joined)) };
	additions[from].first = joined.first;
	return status;
}

/* The arrays do not move any more: where each term's positions are. */
static void
point(struct entry *entry, size_t term, size_t first)
{
	struct glass_term *terms = entry->terms.items;

	terms[term].positions = (const uint32_t *)entry->positions.items + first;
}

static enum status
check(const struct entry *entry, struct error *reterr)
{
	const struct addition *additions = entry->additions.items;
	size_t bytes = 0;

	for (size_t i = 0; i < entry->additions.n; i++)
		bytes += additions[i].len + TERM_OVERHEAD_BYTES;
	if (bytes > XC_TERMLIST_BYTES)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
		    "the terms of the document take %zu bytes: the limit is %d", bytes, (int)XC_TERMLIST_BYTES);
	if (entry->n_of_database > XC_DOCUMENT_POSTINGS)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
		    "the document has %zu word positions: the limit is %d", entry->n_of_database,
		    (int)XC_DOCUMENT_POSTINGS);
	return STATUS_OK;
}

static enum status
sort_and_join(struct entry *entry, struct error *reterr)
{
	struct addition *additions = entry->additions.items;
	size_t n = entry->additions.n;
	size_t kept = 0;
	enum status status = reserve(&entry->terms, n, sizeof(struct glass_term), reterr);

	if (status != STATUS_OK)
		return status;
	if (n > 1)
		qsort_r(additions, n, sizeof(*additions), compare, entry);
	for (size_t from = 0, to; status == STATUS_OK && from < n; from = to) {
		for (to = from + 1; to < n && additions[to].start == additions[from].start &&
				    str_eq(term_of(entry, &additions[to]), term_of(entry, &additions[from]));)
			to++;
		status = join(entry, from, to, reterr);
		additions[kept++] = additions[from];
	}
	for (size_t i = 0; i < kept; i++)
		point(entry, i, additions[i].first);
	entry->additions.n = kept;
	return status;
}

enum status
entry_seal(struct entry *entry, struct glass_document *ret_document, struct error *reterr)
{
	enum status status = check(entry, reterr);

	if (status == STATUS_OK && entry->lean && entry->rest > 0)
		status = entry_add_term(entry, STR(SCHEMA_TERM_REST), entry->rest, reterr);
	if (status == STATUS_OK)
		status = sort_and_join(entry, reterr);
	if (status != STATUS_OK)
		return status;
	for (size_t i = 0; i < entry->n_values; i++)
		entry->values[i].value.p = (const char *)entry->bytes.items + entry->value_at[i];
	*ret_document = (struct glass_document) { 0, entry->terms.items, entry->terms.n, entry->values, entry->n_values,
		entry->data, entry->data_is_packed };
	return STATUS_OK;
}

static enum status
add_to_xapian(struct xc_document *doc, const struct glass_term *term, struct error *reterr)
{
	enum status status = xc_document_add_term(doc, term->term, term->wdf, reterr);

	if (status != STATUS_OK || term->n_positions == 0 || !schema_has_positions(term->term))
		return status;
	return xc_document_add_postings(doc, term->term, term->positions, term->n_positions, 0, reterr);
}

enum status
entry_add_to(const struct glass_document *sealed, struct xc_document *doc, struct error *reterr)
{
	enum status status = STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && i < sealed->n_terms; i++)
		status = add_to_xapian(doc, &sealed->terms[i], reterr);
	for (size_t i = 0; status == STATUS_OK && i < sealed->n_values; i++)
		status = xc_document_set_value(doc, sealed->values[i].slot, sealed->values[i].value, reterr);
	return status == STATUS_OK ? xc_document_set_data(doc, sealed->data, reterr) : status;
}

enum status
entry_to_xapian(const struct glass_document *sealed, struct xc_document **ret_doc, struct error *reterr)
{
	struct xc_document *doc = NULL;
	enum status status = xc_document_new(&doc, reterr);

	if (status == STATUS_OK)
		status = entry_add_to(sealed, doc, reterr);
	if (status != STATUS_OK) {
		xc_document_free(doc);
		return status;
	}
	*ret_doc = doc;
	return STATUS_OK;
}
