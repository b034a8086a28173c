/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/glass/compare.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/schema.h"
#include "store/texts.h"

enum { TOLD = 20, SLOTS = 256 };

struct comparison {
	struct xc_database *db[2];
	struct texts *texts[2]; /* by which their data are packed, or NULL */
	struct arena *arena;
	struct compare_counts counts;
	uint64_t differences;
	struct xc_poslist positions[2];
	uint32_t slots[SLOTS]; /* that have values */
	size_t n_slots;
	struct error error;
};

/* ---- Differences ----------------------------------------------------------------------------- */

static void
differ(struct comparison *comparison, const char *what, struct str where, uint64_t one, uint64_t other)
{
	if (comparison->differences++ < TOLD)
		fprintf(stderr, "%s of \"%.*s\": %" PRIu64 " and %" PRIu64 "\n", what, STR_FMT(where), one, other);
}

static void
same(struct comparison *comparison, const char *what, struct str where, uint64_t one, uint64_t other)
{
	if (one != other)
		differ(comparison, what, where, one, other);
}

static void
same_bytes(struct comparison *comparison, const char *what, struct str where, struct str one, struct str other)
{
	if (!str_eq(one, other))
		differ(comparison, what, where, one.len, other.len);
}

static bool
worked(struct comparison *comparison, enum status status)
{
	if (status == STATUS_OK)
		return true;
	differ(comparison, comparison->error.message, str_of(status_name(status)), 0, 0);
	return false;
}

/* A name for a document in messages. */
static struct str
name_of(xc_docid docid, char space[16])
{
	return (struct str) { space, (size_t)snprintf(space, 16, "%" PRIu32, docid) };
}

/* What a database has that the loader built, and no other: what is said of inverted files, and by what texts are packed. */
static bool
is_of_loader(struct str key)
{
	return str_eq(key, STR(SCHEMA_META_TOUCHED)) || str_eq(key, STR(SCHEMA_META_LAYERS)) ||
	       str_has_prefix(key, STR(SCHEMA_META_LAYER)) || str_eq(key, STR(SCHEMA_META_DICTIONARY));
}

/* The next item of what both write. */
static enum status
next_item(struct xc_terms *terms, struct str *ret_term, struct error *reterr)
{
	enum status status;

	do {
		*ret_term = STR("");
		status = xc_terms_next(terms, ret_term, reterr);
	} while (status == STATUS_OK && is_of_loader(*ret_term));
	return status;
}

/* The next item of both lists: true where there is one in each. */
static bool
both_next(struct comparison *comparison, struct xc_terms *const terms[2], struct str ret_terms[2], const char *what)
{
	enum status status[2];

	for (int i = 0; i < 2; i++) {
		status[i] = next_item(terms[i], &ret_terms[i], &comparison->error);
		if (status[i] != STATUS_OK && status[i] != STATUS_END && !worked(comparison, status[i]))
			return false;
	}
	if (status[0] != status[1])
		differ(comparison, what, ret_terms[status[0] != STATUS_OK], status[0] == STATUS_OK,
		    status[1] == STATUS_OK);
	same_bytes(comparison, what, ret_terms[0], ret_terms[0], ret_terms[1]);
	return status[0] == STATUS_OK && status[1] == STATUS_OK && str_eq(ret_terms[0], ret_terms[1]);
}

/* ---- Numbers of a term or of all ------------------------------------------------------------- */

#define NUMBER_OF_ALL(name, type, function)                                           \
	static bool name(struct comparison *c, int i, struct str term, uint64_t *ret) \
	{                                                                             \
		type number = 0;                                                      \
		bool ok = worked(c, function(c->db[i], &number, &c->error));          \
                                                                                      \
		(void)term;                                                           \
		*ret = (uint64_t)number;                                              \
		return ok;                                                            \
	}
#define NUMBER_OF_TERM(name, type, function)                                          \
	static bool name(struct comparison *c, int i, struct str term, uint64_t *ret) \
	{                                                                             \
		type number = 0;                                                      \
		bool ok = worked(c, function(c->db[i], term, &number, &c->error));    \
                                                                                      \
		*ret = (uint64_t)number;                                              \
		return ok;                                                            \
	}

NUMBER_OF_ALL(doccount, xc_doccount, xc_database_doccount)
NUMBER_OF_ALL(lastdocid, xc_docid, xc_database_lastdocid)
NUMBER_OF_ALL(total_length, uint64_t, xc_database_total_length)
NUMBER_OF_ALL(has_positions, bool, xc_database_has_positions)
NUMBER_OF_TERM(termfreq, xc_doccount, xc_database_termfreq)
NUMBER_OF_TERM(collfreq, xc_termcount, xc_database_collfreq)
NUMBER_OF_TERM(wdf_upper, xc_termcount, xc_database_wdf_upper_bound)

static bool
length_lower(struct comparison *c, int i, struct str term, uint64_t *ret)
{
	xc_termcount lower = 0, upper = 0;
	bool ok = worked(c, xc_database_doclength_bounds(c->db[i], &lower, &upper, &c->error));

	(void)term;
	*ret = (uint64_t)lower << 32 | upper;
	return ok;
}

struct number {
	const char *what;
	bool (*get)(struct comparison *c, int i, struct str term, uint64_t *ret);
};

static const struct number of_all[] = { { "documents", doccount }, { "last docid", lastdocid },
	{ "total length", total_length }, { "whether there are positions", has_positions },
	{ "bounds of lengths", length_lower }, { NULL, NULL } };
static const struct number of_term[] = { { "documents", termfreq }, { "occurrences", collfreq },
	{ "upper bound of wdf", wdf_upper }, { NULL, NULL } };

static void
compare_numbers(struct comparison *comparison, const struct number *number, struct str term)
{
	for (; number->what != NULL; number++) {
		uint64_t numbers[2] = { 0, 0 };

		if (number->get(comparison, 0, term, &numbers[0]) && number->get(comparison, 1, term, &numbers[1]))
			same(comparison, number->what, term, numbers[0], numbers[1]);
	}
}

/* ---- Postings -------------------------------------------------------------------------------- */

static bool
compare_positions(struct comparison *comparison, struct str term, xc_docid docid)
{
	struct xc_poslist *lists = comparison->positions;

	for (int i = 0; i < 2; i++)
		if (!worked(
			comparison, xc_positions_read(comparison->db[i], docid, term, &lists[i], &comparison->error)))
			return false;
	comparison->counts.positions += lists[0].n;
	if (lists[0].n != lists[1].n ||
	    (lists[0].n > 0 && memcmp(lists[0].pos, lists[1].pos, lists[0].n * sizeof(*lists[0].pos)) != 0))
		differ(comparison, "positions", term, lists[0].n, lists[1].n);
	return true;
}

static bool
compare_posting(struct comparison *comparison, struct str term, struct xc_postings *const postings[2], xc_docid docid)
{
	xc_termcount numbers[2][2];

	comparison->counts.postings++;
	for (int i = 0; i < 2; i++)
		if (!worked(comparison, xc_postings_wdf(postings[i], &numbers[i][0], &comparison->error)) ||
		    !worked(comparison, xc_postings_doclength(postings[i], &numbers[i][1], &comparison->error)))
			return false;
	same(comparison, "wdf", term, numbers[0][0], numbers[1][0]);
	same(comparison, "length of a document", term, numbers[0][1], numbers[1][1]);
	return term.len == 0 || compare_positions(comparison, term, docid);
}

static void
compare_postings(
    struct comparison *comparison, struct str term, void (*visit)(struct comparison *comparison, xc_docid docid))
{
	struct xc_postings *postings[2] = { NULL, NULL };
	bool going = true;

	for (int i = 0; i < 2; i++)
		going = going && worked(comparison,
				     xc_database_postlist(comparison->db[i], term, &postings[i], &comparison->error));
	while (going) {
		xc_docid docids[2] = { 0, 0 };
		enum status status[2];

		for (int i = 0; i < 2; i++) {
			status[i] = xc_postings_next(postings[i], &docids[i], &comparison->error);
			if (status[i] != STATUS_END)
				going = worked(comparison, status[i]) && going;
		}
		same(comparison, "documents", term, docids[0], docids[1]);
		going = going && status[0] == STATUS_OK && docids[0] == docids[1] &&
			compare_posting(comparison, term, postings, docids[0]);
		if (going && visit != NULL)
			visit(comparison, docids[0]);
	}
	for (int i = 0; i < 2; i++)
		xc_postings_free(postings[i]);
}

static void
compare_terms(struct comparison *comparison)
{
	struct xc_terms *terms[2] = { NULL, NULL };
	struct str term[2];
	bool ok = true;

	for (int i = 0; i < 2; i++)
		ok = ok && worked(comparison,
			       xc_database_allterms(comparison->db[i], STR(""), &terms[i], &comparison->error));
	while (ok && both_next(comparison, terms, term, "terms")) {
		comparison->counts.terms++;
		compare_numbers(comparison, of_term, term[0]);
		compare_postings(comparison, term[0], NULL);
	}
	for (int i = 0; i < 2; i++)
		xc_terms_free(terms[i]);
}

/* ---- Documents ------------------------------------------------------------------------------- */

static void
compare_termlist(struct comparison *comparison, xc_docid docid, struct str name)
{
	struct xc_terms *terms[2] = { NULL, NULL };
	struct str term[2];
	xc_termcount numbers[2] = { 0, 0 };
	bool ok = true;

	for (int i = 0; i < 2; i++)
		ok = ok &&
		     worked(comparison,
			 xc_database_unique_terms(comparison->db[i], docid, &numbers[i], &comparison->error)) &&
		     worked(comparison, xc_database_termlist(comparison->db[i], docid, &terms[i], &comparison->error));
	same(comparison, "distinct terms", name, numbers[0], numbers[1]);
	while (ok && both_next(comparison, terms, term, "a document's terms")) {
		for (int i = 0; i < 2; i++)
			ok = ok && worked(comparison, xc_terms_wdf(terms[i], &numbers[i], &comparison->error));
		same(comparison, "wdf in the term list", term[0], numbers[0], numbers[1]);
	}
	for (int i = 0; i < 2; i++)
		xc_terms_free(terms[i]);
}

static void
note_slot(struct comparison *comparison, uint32_t slot)
{
	for (size_t i = 0; i < comparison->n_slots; i++)
		if (comparison->slots[i] == slot)
			return;
	if (comparison->n_slots < SLOTS)
		comparison->slots[comparison->n_slots++] = slot;
}

/* The next values of two lists; true while there is one in both. */
static bool
compare_value(struct comparison *comparison, struct xc_values *const values[2], struct str where, uint32_t *ret_key)
{
	uint32_t keys[2] = { 0, 0 };
	struct str value[2] = { { "", 0 }, { "", 0 } };
	enum status status[2];

	for (int i = 0; i < 2; i++) {
		status[i] = xc_values_next(values[i], &keys[i], &value[i], &comparison->error);
		if (status[i] != STATUS_END && !worked(comparison, status[i]))
			return false;
	}
	same(comparison, "whether there are more values", where, status[0] == STATUS_OK, status[1] == STATUS_OK);
	same(comparison, "where a value stands", where, keys[0], keys[1]);
	same_bytes(comparison, "a value", where, value[0], value[1]);
	*ret_key = keys[0];
	return status[0] == STATUS_OK && status[1] == STATUS_OK;
}

static void
compare_values(struct comparison *comparison, struct xc_document *const documents[2], struct str name)
{
	struct xc_values *values[2] = { NULL, NULL };
	uint32_t slot;
	bool ok = true;

	for (int i = 0; i < 2; i++)
		ok = ok && worked(comparison, xc_document_values(documents[i], &values[i], &comparison->error));
	while (ok && compare_value(comparison, values, name, &slot)) {
		comparison->counts.values++;
		note_slot(comparison, slot);
	}
	for (int i = 0; i < 2; i++)
		xc_values_free(values[i]);
}

/* The data of a document, unpacked where the database has something to unpack them by. */
static bool
read_data(struct comparison *comparison, int i, struct xc_document *document, struct str *ret_data)
{
	struct error *error = &comparison->error;

	if (!worked(comparison, xc_document_data(document, ret_data, error)))
		return false;
	return comparison->texts[i] == NULL ||
	       worked(comparison, texts_unpack(comparison->texts[i], *ret_data, comparison->arena, ret_data, error));
}

static void
compare_document(struct comparison *comparison, xc_docid docid)
{
	char space[16];
	struct str name = name_of(docid, space);
	struct xc_document *documents[2] = { NULL, NULL };
	struct str data[2] = { { "", 0 }, { "", 0 } };
	bool ok = true;

	comparison->counts.documents++;
	arena_reset(comparison->arena);
	compare_termlist(comparison, docid, name);
	for (int i = 0; i < 2; i++)
		ok = ok &&
		     worked(comparison,
			 xc_database_document(comparison->db[i], docid, &documents[i], &comparison->error)) &&
		     read_data(comparison, i, documents[i], &data[i]);
	if (ok) {
		same_bytes(comparison, "data", name, data[0], data[1]);
		compare_values(comparison, documents, name);
	}
	for (int i = 0; i < 2; i++)
		xc_document_free(documents[i]);
}

/* ---- Slots, metadata, spellings, synonyms ---------------------------------------------------- */

static void
compare_slot_numbers(struct comparison *comparison, uint32_t slot, struct str name)
{
	xc_doccount freq[2] = { 0, 0 };
	struct str lower[2] = { { "", 0 }, { "", 0 } };
	bool ok = true;

	for (int i = 0; i < 2; i++)
		ok =
		    ok &&
		    worked(comparison, xc_database_value_freq(comparison->db[i], slot, &freq[i], &comparison->error)) &&
		    worked(comparison,
			xc_database_value_lower_bound(comparison->db[i], slot, &lower[i], &comparison->error));
	same(comparison, "how many values", name, freq[0], freq[1]);
	same_bytes(comparison, "the least value", name, lower[0], lower[1]);
	for (int i = 0; i < 2; i++)
		ok = ok && worked(comparison,
			       xc_database_value_upper_bound(comparison->db[i], slot, &lower[i], &comparison->error));
	if (ok)
		same_bytes(comparison, "the greatest value", name, lower[0], lower[1]);
}

static void
compare_slot(struct comparison *comparison, uint32_t slot)
{
	char space[16];
	struct str name = name_of(slot, space);
	struct xc_values *values[2] = { NULL, NULL };
	uint32_t docid;
	bool ok = true;

	compare_slot_numbers(comparison, slot, name);
	for (int i = 0; i < 2; i++)
		ok = ok && worked(comparison,
			       xc_database_valuestream(comparison->db[i], slot, &values[i], &comparison->error));
	while (ok && compare_value(comparison, values, name, &docid))
		continue;
	for (int i = 0; i < 2; i++)
		xc_values_free(values[i]);
}

static void
compare_metadata_value(struct comparison *comparison, struct str key)
{
	struct str values[2] = { { "", 0 }, { "", 0 } };
	bool ok = true;

	comparison->counts.metadata++;
	for (int i = 0; i < 2; i++)
		ok = ok &&
		     worked(comparison, xc_database_metadata(comparison->db[i], key, &values[i], &comparison->error));
	if (ok)
		same_bytes(comparison, "metadata", key, values[0], values[1]);
}

static void
compare_synonyms(struct comparison *comparison, struct str key)
{
	struct xc_terms *terms[2] = { NULL, NULL };
	struct str term[2];
	bool ok = true;

	for (int i = 0; i < 2; i++)
		ok = ok &&
		     worked(comparison, xc_database_synonyms(comparison->db[i], key, &terms[i], &comparison->error));
	while (ok && both_next(comparison, terms, term, "synonyms"))
		comparison->counts.others++;
	for (int i = 0; i < 2; i++)
		xc_terms_free(terms[i]);
}

static enum status
open_spellings(struct xc_database *db, struct str prefix, struct xc_terms **ret_terms, struct error *reterr)
{
	(void)prefix;
	return xc_database_spellings(db, ret_terms, reterr);
}

static void
count_spelling(struct comparison *comparison, struct str word)
{
	(void)word;
	comparison->counts.others++;
}

/* Lists of keys that are compared themselves, and then what is under each. */
static void
compare_keys(struct comparison *comparison, const char *what,
    enum status (*open)(struct xc_database *db, struct str prefix, struct xc_terms **ret_terms, struct error *reterr),
    void (*visit)(struct comparison *comparison, struct str key))
{
	struct xc_terms *keys[2] = { NULL, NULL };
	struct str key[2];
	bool ok = true;

	for (int i = 0; i < 2; i++)
		ok = ok && worked(comparison, open(comparison->db[i], STR(""), &keys[i], &comparison->error));
	while (ok && both_next(comparison, keys, key, what))
		visit(comparison, key[0]);
	for (int i = 0; i < 2; i++)
		xc_terms_free(keys[i]);
}

/* Of random databases the data are anything. */
static bool
open_texts(struct comparison *comparison, int i)
{
	struct str value = { "", 0 };

	if (!worked(comparison,
		xc_database_metadata(comparison->db[i], STR(SCHEMA_META_DICTIONARY), &value, &comparison->error)))
		return false;
	return value.len == 0 || worked(comparison, texts_new(value, false, &comparison->texts[i], &comparison->error));
}

uint64_t
compare_databases(struct xc_database *one, struct xc_database *other, struct compare_counts *ret_counts)
{
	struct comparison *comparison = calloc(1, sizeof(*comparison));
	uint64_t differences;

	if (comparison == NULL)
		abort();
	comparison->db[0] = one;
	comparison->db[1] = other;
	if (arena_new(2 * ((size_t)LIMIT_DOCUMENT_BYTES + 1), &comparison->arena) != STATUS_OK ||
	    !open_texts(comparison, 0) || !open_texts(comparison, 1))
		abort();
	compare_numbers(comparison, of_all, STR(""));
	compare_terms(comparison);
	compare_postings(comparison, STR(""), compare_document);
	for (size_t i = 0; i < comparison->n_slots; i++)
		compare_slot(comparison, comparison->slots[i]);
	compare_keys(comparison, "metadata keys", xc_database_metadata_keys, compare_metadata_value);
	compare_keys(comparison, "spellings", open_spellings, count_spelling);
	compare_keys(comparison, "synonym keys", xc_database_synonym_keys, compare_synonyms);
	for (int i = 0; i < 2; i++)
		xc_poslist_done(&comparison->positions[i]);
	texts_free(comparison->texts[0]);
	texts_free(comparison->texts[1]);
	arena_free(comparison->arena);
	differences = comparison->differences;
	*ret_counts = comparison->counts;
	free(comparison);
	return differences;
}
