/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/entry.h"

#include <stdlib.h>

#include "store/schema.h"

enum { TERM_OVERHEAD_BYTES = 8, SLOTS = 32, AHEAD = 8 /* words, of the one that is looked for */ };

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

/* A term of words: how often it was added, and when sealed where its positions are. */
struct counted {
	uint32_t number; /* wordterms.h */
	uint32_t wdf;
	uint32_t n;
	uint32_t first; /* behind the positions of additions */
};

/* One time of them. */
struct occurrence {
	uint32_t term; /* its number, and once they are counted which of the counted ones it is */
	uint32_t pos;
};

/* By number of a term: which of the counted terms it is, if it is one of this document. */
struct place {
	uint32_t document;
	uint32_t counted;
};

/* A term that is to be sorted. */
struct listed {
	uint64_t start; /* of its bytes, for comparing */
	size_t at;
};

struct entry {
	bool lean;
	struct wordterms *wordterms;
	uint32_t document; /* counts them */
	struct array places;
	struct array counted;
	struct array occurrences;
	struct array additions;
	struct array bytes; /* of terms and values */
	struct array positions;
	struct array gathered; /* struct glass_term: those that the database lists, not in order yet */
	struct array listed; /* these, for sorting */
	struct array terms; /* struct glass_term, when sealed */
	struct glass_value values[SLOTS];
	size_t value_at[SLOTS]; /* in bytes */
	size_t n_values;
	struct str data;
	bool data_is_packed;
};

enum status
entry_new(bool lean, struct wordterms *wordterms, struct entry **ret_entry, struct error *reterr)
{
	*ret_entry = calloc(1, sizeof(**ret_entry));
	if (*ret_entry == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	(*ret_entry)->lean = lean;
	(*ret_entry)->wordterms = wordterms;
	(*ret_entry)->document = 1;
	return STATUS_OK;
}

void
entry_free(struct entry *entry)
{
	if (entry == NULL)
		return;
	free(entry->places.items);
	free(entry->counted.items);
	free(entry->occurrences.items);
	free(entry->additions.items);
	free(entry->bytes.items);
	free(entry->positions.items);
	free(entry->gathered.items);
	free(entry->listed.items);
	free(entry->terms.items);
	free(entry);
}

void
entry_reset(struct entry *entry)
{
	entry->counted.n = entry->occurrences.n = 0;
	entry->additions.n = entry->bytes.n = entry->positions.n = entry->terms.n = 0;
	entry->n_values = 0;
	entry->document++;
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

/* ---- Words ----------------------------------------------------------------------------------- */

/* Room for the places of terms up to this number. */
static enum status
reserve_places(struct entry *entry, uint32_t number, struct error *reterr)
{
	struct array *places = &entry->places;
	size_t before = places->capacity;
	enum status status;

	if (number < places->n)
		return STATUS_OK;
	status = reserve(places, number + 1 - places->n, sizeof(struct place), reterr);
	if (status != STATUS_OK)
		return status;
	memset((struct place *)places->items + before, 0, (places->capacity - before) * sizeof(struct place));
	places->n = places->capacity;
	return STATUS_OK;
}

/* Notes the terms of a word at its position; their places are on their way when it returns. */
static enum status
note(struct entry *entry, const struct token *token, const uint32_t *numbers, size_t n, struct error *reterr)
{
	enum status status = reserve(&entry->occurrences, n, sizeof(struct occurrence), reterr);

	for (size_t i = 0; status == STATUS_OK && i < n; i++) {
		status = reserve_places(entry, numbers[i], reterr);
		if (status != STATUS_OK)
			break;
		__builtin_prefetch((struct place *)entry->places.items + numbers[i], 1);
		((struct occurrence *)entry->occurrences.items)[entry->occurrences.n++] =
		    (struct occurrence) { numbers[i], token->pos };
	}
	return status;
}

/* Counts the occurrences from number `from` on, each term of which has a place. */
static enum status
count(struct entry *entry, size_t from, uint32_t wdf_inc, struct error *reterr)
{
	struct occurrence *occurrences = entry->occurrences.items;
	struct place *places = entry->places.items;
	struct counted *counted;
	enum status status = reserve(&entry->counted, entry->occurrences.n - from, sizeof(*counted), reterr);

	if (status != STATUS_OK)
		return status;
	counted = entry->counted.items;
	for (size_t i = from; i < entry->occurrences.n; i++) {
		uint32_t number = occurrences[i].term;
		struct place *place = &places[number];

		if (place->document != entry->document) {
			*place = (struct place) { entry->document, (uint32_t)entry->counted.n };
			counted[entry->counted.n++] = (struct counted) { number, 0, 0, 0 };
			__builtin_prefetch(wordterms_term(entry->wordterms, number));
		}
		occurrences[i].term = place->counted;
		counted[place->counted].n++;
		counted[place->counted].wdf += wdf_inc;
	}
	return STATUS_OK;
}

enum status
entry_add_words(struct entry *entry, enum wordterms_kind kind, const struct token *tokens, size_t n, uint32_t wdf_inc,
    struct error *reterr)
{
	size_t from = entry->occurrences.n;
	enum status status = STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && i < n; i++) {
		const uint32_t *numbers = NULL;
		size_t n_numbers = 0;

		if (i + AHEAD < n)
			wordterms_await(entry->wordterms, kind, tokens[i + AHEAD].word);
		status = wordterms_find(entry->wordterms, kind, tokens[i].word, &numbers, &n_numbers, reterr);
		if (status == STATUS_OK)
			status = note(entry, &tokens[i], numbers, n_numbers, reterr);
	}
	return status == STATUS_OK ? count(entry, from, wdf_inc, reterr) : status;
}

/* ---- Values and data ------------------------------------------------------------------------- */

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
join(struct entry *entry, size_t from, size_t to, struct addition *ret_joined, struct error *reterr)
{
	const struct addition *additions = entry->additions.items;
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
	*ret_joined = joined;
	return status;
}

/* So that each term is one of the additions. */
static enum status
sort_and_join(struct entry *entry, struct error *reterr)
{
	struct addition *additions = entry->additions.items;
	size_t n = entry->additions.n;
	size_t kept = 0;
	enum status status = STATUS_OK;

	if (n > 1)
		qsort_r(additions, n, sizeof(*additions), compare, entry);
	for (size_t from = 0, to; status == STATUS_OK && from < n; from = to) {
		for (to = from + 1; to < n && additions[to].start == additions[from].start &&
				    str_eq(term_of(entry, &additions[to]), term_of(entry, &additions[from]));)
			to++;
		status = join(entry, from, to, &additions[kept++], reterr);
	}
	entry->additions.n = kept;
	return status;
}

/* Puts the positions of words behind the others, by term: where each term's begin, then each at its place. */
static enum status
place_words(struct entry *entry, struct error *reterr)
{
	const struct occurrence *occurrences = entry->occurrences.items;
	struct counted *counted = entry->counted.items;
	size_t at = entry->positions.n;
	uint32_t *positions;
	enum status status = reserve(&entry->positions, entry->occurrences.n, sizeof(*positions), reterr);

	if (status != STATUS_OK)
		return status;
	for (size_t i = 0; i < entry->counted.n; i++) {
		counted[i].first = (uint32_t)at;
		at += counted[i].n;
	}
	positions = entry->positions.items;
	for (size_t i = 0; i < entry->occurrences.n; i++)
		positions[counted[occurrences[i].term].first++] = occurrences[i].pos;
	for (size_t i = 0; i < entry->counted.n; i++)
		counted[i].first -= counted[i].n;
	entry->positions.n = at;
	return STATUS_OK;
}

static enum status
check(const struct entry *entry, uint32_t *ret_rest, struct error *reterr)
{
	const struct addition *additions = entry->additions.items;
	const struct counted *counted = entry->counted.items;
	size_t bytes = 0;
	size_t n_of_database = 0; /* positions */
	uint32_t rest = 0; /* wdf of what is in inverted files */

	for (size_t i = 0; i < entry->additions.n; i++) {
		struct str term = term_of(entry, &additions[i]);

		bytes += term.len + TERM_OVERHEAD_BYTES;
		n_of_database += schema_has_positions(term) ? additions[i].n : 0;
		rest += schema_is_in_invfile(term) ? additions[i].wdf : 0;
	}
	for (size_t i = 0; i < entry->counted.n; i++) {
		const struct wordterms_term *term = wordterms_term(entry->wordterms, counted[i].number);

		bytes += term->bytes.len + TERM_OVERHEAD_BYTES;
		n_of_database += term->has_positions ? counted[i].n : 0;
		rest += term->in_invfile ? counted[i].wdf : 0;
	}
	*ret_rest = rest;
	if (bytes > XC_TERMLIST_BYTES)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
		    "the terms of the document take %zu bytes: the limit is %d", bytes, (int)XC_TERMLIST_BYTES);
	if (n_of_database > XC_DOCUMENT_POSTINGS)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
		    "the document has %zu word positions: the limit is %d", n_of_database, (int)XC_DOCUMENT_POSTINGS);
	return STATUS_OK;
}

static void
gather(struct entry *entry, const struct glass_term *term)
{
	struct array *array = term->for_tee ? &entry->terms : &entry->gathered;

	((struct glass_term *)array->items)[array->n++] = *term;
}

/* All terms: those for the file alone are where they belong then. */
static enum status
gather_terms(struct entry *entry, struct error *reterr)
{
	const struct addition *additions = entry->additions.items;
	const struct counted *counted = entry->counted.items;
	const uint32_t *positions = entry->positions.items;
	size_t n = entry->additions.n + entry->counted.n;
	enum status status = STATUS_OK;

	entry->gathered.n = entry->listed.n = 0;
	status = reserve(&entry->gathered, n, sizeof(struct glass_term), reterr);
	if (status == STATUS_OK)
		status = reserve(&entry->terms, n, sizeof(struct glass_term), reterr);
	if (status == STATUS_OK)
		status = reserve(&entry->listed, n, sizeof(struct listed), reterr);
	for (size_t i = 0; status == STATUS_OK && i < entry->counted.n; i++) {
		const struct wordterms_term *term = wordterms_term(entry->wordterms, counted[i].number);

		gather(entry, &(struct glass_term) { term->bytes, counted[i].wdf, counted[i].number,
				  positions + counted[i].first, counted[i].n, entry->lean && term->in_invfile });
	}
	for (size_t i = 0; status == STATUS_OK && i < entry->additions.n; i++) {
		struct str term = term_of(entry, &additions[i]);

		gather(entry, &(struct glass_term) { term, additions[i].wdf, 0, positions + additions[i].first,
				  additions[i].n, entry->lean && schema_is_in_invfile(term) });
	}
	return status;
}

static int
compare_listed(const void *a, const void *b, void *arg)
{
	const struct listed *one = a;
	const struct listed *other = b;
	const struct glass_term *terms = arg;

	if (one->start != other->start)
		return one->start < other->start ? -1 : 1;
	return str_cmp(terms[one->at].term, terms[other->at].term);
}

/* Puts what the database lists behind the others, sorted. */
static void
sort_listed(struct entry *entry)
{
	struct glass_term *gathered = entry->gathered.items;
	struct glass_term *terms = entry->terms.items;
	struct listed *listed = entry->listed.items;

	for (size_t i = 0; i < entry->gathered.n; i++)
		listed[i] = (struct listed) { str_start(gathered[i].term), i };
	if (entry->gathered.n > 1)
		qsort_r(listed, entry->gathered.n, sizeof(*listed), compare_listed, gathered);
	for (size_t i = 0; i < entry->gathered.n; i++)
		terms[entry->terms.n++] = gathered[listed[i].at];
}

enum status
entry_seal(struct entry *entry, struct glass_document *ret_document, struct error *reterr)
{
	uint32_t rest = 0;
	enum status status = check(entry, &rest, reterr);

	if (status == STATUS_OK && entry->lean && rest > 0)
		status = entry_add_term(entry, STR(SCHEMA_TERM_REST), rest, reterr);
	if (status == STATUS_OK)
		status = sort_and_join(entry, reterr);
	if (status == STATUS_OK)
		status = place_words(entry, reterr);
	if (status == STATUS_OK)
		status = gather_terms(entry, reterr);
	if (status != STATUS_OK)
		return status;
	sort_listed(entry);
	for (size_t i = 0; i < entry->n_values; i++)
		entry->values[i].value.p = (const char *)entry->bytes.items + entry->value_at[i];
	*ret_document =
	    (struct glass_document) { 0, entry->terms.items, entry->terms.n, wordterms_numbering(entry->wordterms),
		    entry->values, entry->n_values, entry->data, entry->data_is_packed };
	return STATUS_OK;
}

static enum status
add_to_xapian(struct xc_document *doc, const struct glass_term *term, struct error *reterr)
{
	enum status status;

	if (term->for_tee)
		return STATUS_OK;
	status = xc_document_add_term(doc, term->term, term->wdf, reterr);
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
