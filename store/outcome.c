/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/outcome.h"

#include <stdlib.h>
#include <string.h>

#include "store/schema.h"

/*
 *	head  (term_head, bytes, gap, positions)*  (value_head, bytes, gap)*        or        head  error  gap
 *
 * Each part fills whole units, so that positions can be read where they are.
 */
enum { UNIT = sizeof(uint32_t) };

struct head {
	enum status refused;
	uint32_t words;
	uint32_t n_terms;
	uint32_t n_values;
};

struct term_head {
	uint32_t len;
	uint32_t wdf;
	uint32_t n_positions;
};

struct value_head {
	uint32_t slot;
	uint32_t len;
};

/* ---- Writing --------------------------------------------------------------------------------- */

static void
append(struct buf *out, const void *bytes, size_t len)
{
	static const char gap[UNIT];

	(void)buf_append(out, bytes, len);
	(void)buf_append(out, gap, (UNIT - len % UNIT) % UNIT);
}

static enum status
written(const struct buf *out, struct error *reterr)
{
	return buf_status(out) == STATUS_OK ? STATUS_OK : error_no_memory(reterr);
}

/* Of positions, those alone that the database has. */
static void
append_term(struct buf *out, const struct glass_term *term)
{
	size_t n = schema_has_positions(term->term) ? term->n_positions : 0;
	struct term_head head = { (uint32_t)term->term.len, term->wdf, (uint32_t)n };

	append(out, &head, sizeof(head));
	append(out, term->term.p, term->term.len);
	append(out, term->positions, n * sizeof(*term->positions));
}

enum status
outcome_write(struct buf *out, const struct glass_document *sealed, uint32_t words, struct error *reterr)
{
	struct head head = { STATUS_OK, words, 0, (uint32_t)sealed->n_values };

	for (size_t i = 0; i < sealed->n_terms; i++)
		head.n_terms += !sealed->terms[i].for_tee;
	append(out, &head, sizeof(head));
	for (size_t i = 0; i < sealed->n_terms; i++)
		if (!sealed->terms[i].for_tee)
			append_term(out, &sealed->terms[i]);
	for (size_t i = 0; i < sealed->n_values; i++) {
		const struct glass_value *value = &sealed->values[i];
		struct value_head value_head = { value->slot, (uint32_t)value->value.len };

		append(out, &value_head, sizeof(value_head));
		append(out, value->value.p, value->value.len);
	}
	return written(out, reterr);
}

enum status
outcome_write_refused(struct buf *out, const struct error *why, struct error *reterr)
{
	struct head head = { .refused = why->code };

	append(out, &head, sizeof(head));
	append(out, why, sizeof(*why));
	return written(out, reterr);
}

/* ---- Reading --------------------------------------------------------------------------------- */

/* Moves *from behind `len` bytes and the gap; returns where they are. */
static const char *
take(const char **from, size_t len)
{
	const char *bytes = *from;

	*from += (len + UNIT - 1) / UNIT * UNIT;
	return bytes;
}

static enum status
reserve(void **items, size_t *capacity, size_t n, size_t size, struct error *reterr)
{
	void *larger;

	if (n <= *capacity)
		return STATUS_OK;
	larger = realloc(*items, 2 * n * size);
	if (larger == NULL)
		return error_no_memory(reterr);
	*items = larger;
	*capacity = 2 * n;
	return STATUS_OK;
}

static void
take_term(const char **from, struct glass_term *ret_term)
{
	struct term_head head;
	const char *bytes, *positions;

	memcpy(&head, take(from, sizeof(head)), sizeof(head));
	bytes = take(from, head.len);
	positions = take(from, head.n_positions * sizeof(uint32_t));
	*ret_term = (struct glass_term) { .term = { bytes, head.len },
		.wdf = head.wdf,
		.positions = (const uint32_t *)(const void *)positions,
		.n_positions = head.n_positions };
}

static void
take_value(const char **from, struct glass_value *ret_value)
{
	struct value_head head;

	memcpy(&head, take(from, sizeof(head)), sizeof(head));
	*ret_value = (struct glass_value) { head.slot, { take(from, head.len), head.len } };
}

enum status
outcome_read(const char *from, struct outcome *outcome, const char **ret_behind, struct error *reterr)
{
	struct head head;
	void *terms = outcome->terms, *values = outcome->values;
	enum status status;

	memcpy(&head, take(&from, sizeof(head)), sizeof(head));
	status = reserve(&terms, &outcome->terms_capacity, head.n_terms, sizeof(*outcome->terms), reterr);
	outcome->terms = terms;
	if (status == STATUS_OK)
		status = reserve(&values, &outcome->values_capacity, head.n_values, sizeof(*outcome->values), reterr);
	outcome->values = values;
	if (status != STATUS_OK)
		return status;
	outcome->refused.code = STATUS_OK;
	if (head.refused != STATUS_OK)
		memcpy(&outcome->refused, take(&from, sizeof(outcome->refused)), sizeof(outcome->refused));
	for (size_t i = 0; i < head.n_terms; i++)
		take_term(&from, &outcome->terms[i]);
	for (size_t i = 0; i < head.n_values; i++)
		take_value(&from, &outcome->values[i]);
	outcome->words = head.words;
	outcome->document = (struct glass_document) {
		.terms = outcome->terms, .n_terms = head.n_terms, .values = outcome->values, .n_values = head.n_values
	};
	*ret_behind = from;
	return STATUS_OK;
}

void
outcome_done(struct outcome *outcome)
{
	free(outcome->terms);
	free(outcome->values);
	*outcome = (struct outcome) { .words = 0 };
}
