/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "glass/collector.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "glass/documents.h"
#include "glass/keys.h"
#include "glass/lists.h"
#include "glass/poslist.h"
#include "glass/run.h"
#include "glass/slots.h"
#include "glass/squeeze.h"

enum { WDF_IN_BYTE = 127 };

struct collector {
	char dir[PATH_MAX];
	unsigned number;
	size_t most_bytes;
	struct lists *lists;
	unsigned n_runs;
	struct slots slots; /* of what is in memory */
	struct spool_writer terms; /* term lists */
	struct spool_writer data;
	struct squeeze *squeeze;
	uint32_t docid; /* of the last document */
	unsigned char *scratch;
	size_t capacity;
	uint32_t naming; /* of the names below */
	uint32_t *lists_of_names; /* by name: number of the list + 1, 0 where it was not looked up */
	size_t n_names;
	uint32_t *found; /* by term of the document at hand: number of the list */
	size_t n_found;
};

/* ---- Opening --------------------------------------------------------------------------------- */

static enum status
open_files(struct collector *collector, struct error *reterr)
{
	char name[DOCUMENTS_NAME_BYTES];
	enum status status;

	documents_name("terms", collector->number, name);
	status = spool_create(&collector->terms, collector->dir, name, reterr);
	documents_name("data", collector->number, name);
	if (status == STATUS_OK)
		status = spool_create(&collector->data, collector->dir, name, reterr);
	return status;
}

enum status
collector_open(
    const char *dir, unsigned number, size_t most_bytes, struct collector **ret_collector, struct error *reterr)
{
	struct collector *collector = calloc(1, sizeof(*collector));
	enum status status;

	if (collector == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	collector->terms.fd = collector->data.fd = -1;
	collector->number = number;
	collector->most_bytes = most_bytes;
	(void)snprintf(collector->dir, sizeof(collector->dir), "%s", dir);
	status = lists_new(&collector->lists, reterr);
	if (status == STATUS_OK)
		status = squeeze_new(&collector->squeeze, reterr);
	if (status == STATUS_OK)
		status = open_files(collector, reterr);
	if (status != STATUS_OK) {
		collector_close(collector);
		return status;
	}
	*ret_collector = collector;
	return STATUS_OK;
}

void
collector_close(struct collector *collector)
{
	if (collector == NULL)
		return;
	lists_free(collector->lists);
	slots_done(&collector->slots);
	squeeze_free(collector->squeeze);
	spool_writer_done(&collector->terms);
	spool_writer_done(&collector->data);
	free(collector->scratch);
	free(collector->lists_of_names);
	free(collector->found);
	free(collector);
}

static enum status
reserve(struct collector *collector, size_t bytes, struct error *reterr)
{
	unsigned char *scratch;

	if (collector->capacity >= bytes)
		return STATUS_OK;
	scratch = realloc(collector->scratch, 2 * bytes);
	if (scratch == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	collector->scratch = scratch;
	collector->capacity = 2 * bytes;
	return STATUS_OK;
}

/* Makes room for numbers[0..n); those that are new are 0. */
static enum status
reserve_numbers(uint32_t **numbers, size_t *capacity, size_t n, struct error *reterr)
{
	uint32_t *larger;

	if (*capacity >= n)
		return STATUS_OK;
	larger = realloc(*numbers, 2 * n * sizeof(*larger));
	if (larger == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	memset(larger + *capacity, 0, (2 * n - *capacity) * sizeof(*larger));
	*numbers = larger;
	*capacity = 2 * n;
	return STATUS_OK;
}

static void
forget_names(struct collector *collector)
{
	free(collector->lists_of_names);
	collector->lists_of_names = NULL;
	collector->n_names = 0;
}

/* ---- Checking -------------------------------------------------------------------------------- */

static enum status
check_size(struct str bytes, struct error *reterr)
{
	if (bytes.len > GLASS_DATA_BYTES)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
		    "%zu bytes are too many for the data or a value of a document: the limit is %d", bytes.len,
		    GLASS_DATA_BYTES);
	return STATUS_OK;
}

static enum status
check_key(struct str key, struct error *reterr)
{
	if (key.len == 0)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "a term or a metadata key is empty");
	if (key.len > GLASS_TERM_BYTES || pack_escaped_len(key) > GLASS_TERM_BYTES)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
		    "a term or a metadata key has %zu bytes, NUL bytes counted twice: the limit is %d",
		    pack_escaped_len(key), GLASS_TERM_BYTES);
	return STATUS_OK;
}

static enum status
check_positions(const struct glass_term *term, struct error *reterr)
{
	if (term->n_positions > POSLIST_MOST)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
		    "a term has %zu positions in one document: the limit is %d", term->n_positions, POSLIST_MOST);
	for (size_t i = 1; i < term->n_positions; i++)
		if (term->positions[i] <= term->positions[i - 1])
			return error_set(
			    reterr, STATUS_INVALID, ERROR_NO_OFFSET, "the positions of a term do not ascend");
	return STATUS_OK;
}

/* Whether the term's list was looked up already: then its bytes were in order. */
static bool
is_known(const struct collector *collector, const struct glass_document *document, const struct glass_term *term)
{
	return document->naming == collector->naming && term->name < collector->n_names &&
	       collector->lists_of_names[term->name] != 0;
}

/* Also the length: the sum of all wdf, which glass keeps in 32 bits. */
static enum status
check_terms(const struct collector *collector, const struct glass_document *document, uint64_t *ret_length,
    struct error *reterr)
{
	struct str before = { "", 0 };
	uint64_t length = 0;
	uint64_t bytes = 0;
	enum status status = STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && i < document->n_terms; i++) {
		const struct glass_term *term = &document->terms[i];

		if (!is_known(collector, document, term))
			status = check_key(term->term, reterr);
		if (status == STATUS_OK)
			status = check_positions(term, reterr);
		bytes += term->term.len + 8;
		if (status != STATUS_OK || term->for_tee)
			continue;
		if (str_cmp(before, term->term) >= 0)
			status =
			    error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "the terms of a document do not ascend");
		before = term->term;
		length += term->wdf;
	}
	if (status == STATUS_OK && length > UINT32_MAX)
		status =
		    error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "the document has %llu words: the limit is %lu",
			(unsigned long long)length, (unsigned long)UINT32_MAX);
	if (status == STATUS_OK && bytes > GLASS_DATA_BYTES)
		status = error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
		    "the terms of the document take %llu bytes: the limit is %d", (unsigned long long)bytes,
		    GLASS_DATA_BYTES);
	*ret_length = length;
	return status;
}

static enum status
check(const struct collector *collector, const struct glass_document *document, uint64_t *ret_length,
    struct error *reterr)
{
	enum status status = check_terms(collector, document, ret_length, reterr);

	if (status == STATUS_OK && document->docid <= collector->docid)
		status = error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "document %lu comes after document %lu",
		    (unsigned long)document->docid, (unsigned long)collector->docid);
	if (status == STATUS_OK)
		status = check_size(document->data, reterr);
	for (size_t i = 0; status == STATUS_OK && i < document->n_values; i++) {
		status = check_size(document->values[i].value, reterr);
		if (status == STATUS_OK && i > 0 && document->values[i - 1].slot >= document->values[i].slot)
			status = error_set(
			    reterr, STATUS_INVALID, ERROR_NO_OFFSET, "the values of a document do not ascend");
	}
	return status;
}

/* ---- Inverting ------------------------------------------------------------------------------- */

static enum status
look_up(struct collector *collector, struct str term, uint32_t *ret_list, struct error *reterr)
{
	unsigned char key[BTREE_KEY_BYTES];
	size_t len = (size_t)(pack_escaped(key, term) - key);

	return lists_find(collector->lists, (struct str) { (const char *)key, len }, ret_list, reterr);
}

static enum status
look_up_named(struct collector *collector, const struct glass_term *term, uint32_t *ret_list, struct error *reterr)
{
	size_t name = term->name;
	enum status status = reserve_numbers(&collector->lists_of_names, &collector->n_names, name + 1, reterr);

	if (status != STATUS_OK)
		return status;
	if (collector->lists_of_names[name] == 0) {
		status = look_up(collector, term->term, ret_list, reterr);
		collector->lists_of_names[name] = status == STATUS_OK ? *ret_list + 1 : 0;
	}
	*ret_list = collector->lists_of_names[name] - 1;
	return status;
}

/* The lists of all terms, in collector->found; they are on their way when it returns. */
static enum status
find_lists(struct collector *collector, const struct glass_document *document, struct error *reterr)
{
	enum status status = reserve_numbers(&collector->found, &collector->n_found, document->n_terms, reterr);

	if (document->naming != collector->naming)
		forget_names(collector);
	collector->naming = document->naming;
	for (size_t i = 0; status == STATUS_OK && i < document->n_terms; i++) {
		const struct glass_term *term = &document->terms[i];

		status = term->name != 0 ? look_up_named(collector, term, &collector->found[i], reterr)
					 : look_up(collector, term->term, &collector->found[i], reterr);
		if (status == STATUS_OK)
			lists_await(collector->lists, collector->found[i]);
	}
	for (size_t i = 0; status == STATUS_OK && i < document->n_terms; i++)
		lists_await_end(collector->lists, collector->found[i]);
	return status;
}

static enum status
add_postings(struct collector *collector, const struct glass_document *document, struct error *reterr)
{
	enum status status = find_lists(collector, document, reterr);

	for (size_t i = 0; status == STATUS_OK && i < document->n_terms; i++) {
		const struct glass_term *term = &document->terms[i];
		struct record record = { document->docid, term->wdf, { "", 0 } };

		status = reserve(collector, POSLIST_PACKED_BYTES(term->n_positions), reterr);
		if (status == STATUS_OK && term->n_positions > 0)
			record.bytes = (struct str) { (const char *)collector->scratch,
				poslist_pack(term->positions, term->n_positions, collector->scratch) };
		if (status == STATUS_OK)
			status = lists_append(collector->lists, collector->found[i], &record, reterr);
	}
	return status;
}

static enum status
add_value(struct collector *collector, uint32_t docid, const struct glass_value *value, struct error *reterr)
{
	unsigned char key[KEYS_PREFIX_BYTES + PACK_UINT_BYTES];
	struct record record = { docid, 0, value->value };
	unsigned char *end;
	enum status status = slots_note(&collector->slots, value->slot, 1, value->value, value->value, reterr);

	if (status != STATUS_OK)
		return status;
	memcpy(key, KEYS_VALUES.p, KEYS_PREFIX_BYTES);
	end = pack_uint(key + KEYS_PREFIX_BYTES, value->slot);
	return lists_add(collector->lists, (struct str) { (const char *)key, (size_t)(end - key) }, &record, reterr);
}

static enum status
add_values(struct collector *collector, const struct glass_document *document, struct error *reterr)
{
	enum status status = STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && i < document->n_values; i++)
		if (document->values[i].value.len > 0)
			status = add_value(collector, document->docid, &document->values[i], reterr);
	return status;
}

/* ---- Term lists and data --------------------------------------------------------------------- */

static size_t
shared_start(struct str a, struct str b)
{
	size_t n = 0;

	while (n < a.len && n < b.len && a.p[n] == b.p[n])
		n++;
	return n;
}

/*
 * A term but the first: how many bytes it shares with the one before, how many more it has, and these.  A small
 * wdf is packed into the first of these numbers, a larger one follows.
 */
static unsigned char *
put_term(unsigned char *to, struct str before, const struct glass_term *term)
{
	size_t shared = shared_start(before, term->term);
	uint64_t packed = term->wdf < WDF_IN_BYTE ? (term->wdf + 1) * (before.len + 1) + shared : 256;

	*to++ = (unsigned char)(packed < 256 ? packed : shared);
	*to++ = (unsigned char)(term->term.len - shared);
	memcpy(to, term->term.p + shared, term->term.len - shared);
	to += term->term.len - shared;
	return packed < 256 ? to : pack_uint(to, term->wdf);
}

/* The next term from number i on that the term list has; document->n_terms where there is none. */
static size_t
next_listed(const struct glass_document *document, size_t i)
{
	while (i < document->n_terms && document->terms[i].for_tee)
		i++;
	return i;
}

static unsigned char *
put_first_term(unsigned char *to, const struct glass_term *first)
{
	*to++ = (unsigned char)first->term.len;
	memcpy(to, first->term.p, first->term.len);
	return pack_uint(to + first->term.len, first->wdf);
}

/* Length and number of terms, then the terms; nothing for a document without terms. */
static enum status
encode_terms(struct collector *collector, const struct glass_document *document, uint64_t length, struct str *ret_tag,
    struct error *reterr)
{
	const struct glass_term *terms = document->terms;
	size_t bytes = 2 * (size_t)PACK_UINT_BYTES;
	size_t listed = 0;
	size_t before = next_listed(document, 0);
	unsigned char *p;
	enum status status;

	for (size_t i = before; i < document->n_terms; i = next_listed(document, i + 1)) {
		bytes += terms[i].term.len + 2 + PACK_UINT_BYTES;
		listed++;
	}
	status = reserve(collector, bytes, reterr);
	if (status != STATUS_OK)
		return status;
	p = collector->scratch;
	if (listed > 0) {
		p = pack_uint(p, length);
		p = pack_uint(p, listed);
		p = put_first_term(p, &terms[before]);
	}
	for (size_t i = next_listed(document, before + 1); i < document->n_terms; i = next_listed(document, i + 1)) {
		p = put_term(p, terms[before].term, &terms[i]);
		before = i;
	}
	*ret_tag = (struct str) { (const char *)collector->scratch, (size_t)(p - collector->scratch) };
	return STATUS_OK;
}

/* Which slots have a value: each as the distance to the one before, less one. */
static enum status
encode_slots(
    struct collector *collector, const struct glass_document *document, struct str *ret_tag, struct error *reterr)
{
	uint32_t before = UINT32_MAX;
	unsigned char *p;
	enum status status = reserve(collector, document->n_values * PACK_UINT_BYTES + 1, reterr);

	if (status != STATUS_OK)
		return status;
	p = collector->scratch;
	for (size_t i = 0; i < document->n_values; i++) {
		if (document->values[i].value.len == 0)
			continue;
		p = pack_uint(p, document->values[i].slot - before - 1);
		before = document->values[i].slot;
	}
	*ret_tag = (struct str) { (const char *)collector->scratch, (size_t)(p - collector->scratch) };
	return STATUS_OK;
}

static enum status
write_tag(struct spool_writer *out, struct str tag, bool compressed, struct error *reterr)
{
	enum status status = spool_write_uint(out, (uint64_t)tag.len << 1 | compressed, reterr);

	return status == STATUS_OK ? spool_write(out, tag, reterr) : status;
}

static enum status
squeeze_and_write(struct collector *collector, struct spool_writer *out, struct str tag, struct error *reterr)
{
	bool compressed;
	enum status status = squeeze_tag(collector->squeeze, tag, &tag, &compressed, reterr);

	return status == STATUS_OK ? write_tag(out, tag, compressed, reterr) : status;
}

static enum status
add_stored(struct collector *collector, const struct glass_document *document, uint64_t length, struct error *reterr)
{
	struct str tag = { "", 0 };
	enum status status = spool_write_uint(&collector->terms, document->docid, reterr);

	if (status == STATUS_OK)
		status = encode_terms(collector, document, length, &tag, reterr);
	if (status == STATUS_OK)
		status = squeeze_and_write(collector, &collector->terms, tag, reterr);
	if (status == STATUS_OK)
		status = encode_slots(collector, document, &tag, reterr);
	if (status == STATUS_OK)
		status = squeeze_and_write(collector, &collector->terms, tag, reterr);
	if (status != STATUS_OK || document->data.len == 0)
		return status;
	status = spool_write_uint(&collector->data, document->docid, reterr);
	if (status != STATUS_OK)
		return status;
	return document->data_is_packed ? write_tag(&collector->data, document->data, false, reterr)
					: squeeze_and_write(collector, &collector->data, document->data, reterr);
}

/* ---- The interface --------------------------------------------------------------------------- */

/* One record a slot: how many values, and as bytes the length of the lower bound, it, and the upper bound. */
static enum status
add_slot(struct collector *collector, const struct slot *slot, struct error *reterr)
{
	unsigned char key[KEYS_PREFIX_BYTES + PACK_LAST_BYTES];
	struct record record = { 0, slot->values, { "", 0 } };
	unsigned char *p;
	enum status status = reserve(collector, PACK_UINT_BYTES + slot->lower.len + slot->upper.len, reterr);

	if (status != STATUS_OK)
		return status;
	p = pack_uint(collector->scratch, slot->lower.len);
	memcpy(p, slot->lower.p, slot->lower.len);
	p += slot->lower.len;
	memcpy(p, slot->upper.p, slot->upper.len);
	p += slot->upper.len;
	record.bytes = (struct str) { (const char *)collector->scratch, (size_t)(p - collector->scratch) };
	memcpy(key, KEYS_VALUE_STATS.p, KEYS_PREFIX_BYTES);
	p = pack_last(key + KEYS_PREFIX_BYTES, slot->number);
	return lists_add(collector->lists, (struct str) { (const char *)key, (size_t)(p - key) }, &record, reterr);
}

static enum status
write_run(struct collector *collector, struct error *reterr)
{
	char name[RUN_NAME_BYTES];
	enum status status = STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && i < collector->slots.n; i++)
		status = add_slot(collector, &collector->slots.slots[i], reterr);
	if (status != STATUS_OK)
		return status;
	run_name(collector->number, collector->n_runs++, name);
	status = run_write(collector->lists, collector->dir, name, reterr);
	lists_reset(collector->lists);
	forget_names(collector);
	slots_done(&collector->slots);
	return status;
}

enum status
collector_add(struct collector *collector, const struct glass_document *document, struct error *reterr)
{
	struct record length = { document->docid, 0, { "", 0 } };
	enum status status = check(collector, document, &length.number, reterr);

	if (status != STATUS_OK)
		return status;
	collector->docid = document->docid;
	status = add_postings(collector, document, reterr);
	if (status == STATUS_OK)
		status = add_values(collector, document, reterr);
	if (status == STATUS_OK)
		status = lists_add(collector->lists, KEYS_LENGTHS, &length, reterr);
	if (status == STATUS_OK)
		status = add_stored(collector, document, length.number, reterr);
	if (status == STATUS_OK && lists_bytes(collector->lists) > collector->most_bytes)
		status = write_run(collector, reterr);
	/* What refuses a document has done so above. */
	return status == STATUS_LIMIT ? STATUS_INTERNAL : status;
}

enum status
collector_set_metadata(struct collector *collector, struct str key, struct str value, struct error *reterr)
{
	char space[KEYS_PREFIX_BYTES + GLASS_TERM_BYTES];
	struct record record = { 0, 0, value };
	enum status status = check_key(key, reterr);

	if (status == STATUS_OK)
		status = check_size(value, reterr);
	if (status != STATUS_OK)
		return status;
	memcpy(space, KEYS_METADATA.p, KEYS_PREFIX_BYTES);
	memcpy(space + KEYS_PREFIX_BYTES, key.p, key.len);
	status = lists_add(collector->lists, (struct str) { space, KEYS_PREFIX_BYTES + key.len }, &record, reterr);
	if (status == STATUS_OK && lists_bytes(collector->lists) > collector->most_bytes)
		status = write_run(collector, reterr);
	return status;
}

enum status
collector_finish(struct collector *collector, struct error *reterr)
{
	enum status status = write_run(collector, reterr);

	if (status == STATUS_OK)
		status = spool_end(&collector->terms, reterr);
	return status == STATUS_OK ? spool_end(&collector->data, reterr) : status;
}
