/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Terms and positions that are for the tee alone: the tee is told of all, and the database is the one that the library would have made of
 * documents without them.  It stays so through all that the library does with it afterwards.
 */
#include "tests/store/fixture.h"

#include <stdio.h>
#include <sys/stat.h>

#include "tests/glass/model.h"
#include "tests/glass/same.h"

enum { MEMORY = 1500 * 1000, DOCUMENTS = 400, WORDS = 150, CHANGES = 120 };

static struct error error;

/* ---- The tee --------------------------------------------------------------------------------- */

/* What it is told, added up; in memory that the process that it is told in shares with the test. */
struct sums {
	uint64_t lengths;
	uint64_t lists, alone;
	uint64_t postings, occurrences, positions, position_sum;
};

static void
must(enum status status)
{
	if (status != STATUS_OK)
		fail_msg("%s: %s", status_name(status), error.message);
}

/* As the test marks them: by the first byte. */
static bool
is_for_tee(struct str term)
{
	return term.p[0] % 2 == 0 && !str_eq(term, STR("~"));
}

struct adder {
	struct sums sums;
	const char *path;
};

static enum status
start(void *arg, struct error *reterr)
{
	(void)arg;
	(void)reterr;
	return STATUS_OK;
}

static enum status
note_length(void *arg, uint32_t docid, uint32_t length, struct error *reterr)
{
	struct adder *adder = arg;

	(void)reterr;
	adder->sums.lengths += (uint64_t)docid * length;
	return STATUS_OK;
}

static enum tee_wish
wish_of(void *arg, struct str term)
{
	(void)arg;
	return is_for_tee(term) ? TEE_ALONE : TEE_POSITIONS_ALONE;
}

static enum status
begin_term(void *arg, struct str term, uint32_t documents, uint64_t occurrences, struct error *reterr)
{
	struct adder *adder = arg;

	(void)reterr;
	(void)documents;
	adder->sums.lists++;
	adder->sums.alone += is_for_tee(term);
	adder->sums.occurrences += occurrences;
	return STATUS_OK;
}

static enum status
add_posting(void *arg, uint32_t docid, uint32_t wdf, const uint32_t *positions, size_t n, struct error *reterr)
{
	struct adder *adder = arg;

	(void)reterr;
	adder->sums.postings++;
	adder->sums.positions += n;
	for (size_t i = 0; i < n; i++)
		adder->sums.position_sum += (uint64_t)docid * positions[i] + wdf;
	return STATUS_OK;
}

static enum status
finish_sums(void *arg, struct error *reterr)
{
	const struct adder *adder = arg;
	FILE *file = fopen(adder->path, "w");

	(void)reterr;
	if (file == NULL || fwrite(&adder->sums, sizeof(adder->sums), 1, file) != 1 || fclose(file) != 0)
		return STATUS_IO;
	return STATUS_OK;
}

static struct sums
expected_sums(const struct model *model)
{
	struct sums sums = { 0 };

	for (size_t d = 0; d < model->n; d++) {
		const struct glass_document *document = &model->documents[d];

		for (size_t t = 0; t < document->n_terms; t++) {
			const struct glass_term *term = &document->terms[t];

			sums.postings++;
			sums.occurrences += term->wdf;
			sums.lengths += term->for_tee ? 0 : (uint64_t)document->docid * term->wdf;
			sums.positions += term->n_positions;
			for (size_t i = 0; i < term->n_positions; i++)
				sums.position_sum += (uint64_t)document->docid * term->positions[i] + term->wdf;
		}
	}
	return sums;
}

/* ---- Changes --------------------------------------------------------------------------------- */

/* A whole document with positions, as an update puts it. */
static struct xc_document *
whole_document(const struct glass_document *document)
{
	struct xc_document *doc;

	must(xc_document_new(&doc, &error));
	for (size_t i = 0; i < document->n_terms; i++) {
		const struct glass_term *term = &document->terms[i];

		must(xc_document_add_term(doc, term->term, term->wdf, &error));
		if (term->n_positions > 0)
			must(xc_document_add_postings(doc, term->term, term->positions, term->n_positions, 0, &error));
	}
	must(xc_document_set_data(doc, document->data, &error));
	return doc;
}

/* Reads a document, gives it one more term, and puts it back. */
static void
move(struct xc_writable *writable, uint32_t docid)
{
	struct xc_document *doc;

	must(xc_database_document(xc_writable_database(writable), docid, &doc, &error));
	must(xc_document_add_boolean_term(doc, STR("moved"), &error));
	must(xc_writable_replace_document(writable, docid, doc, &error));
	xc_document_free(doc);
}

static void
change(const struct model *model, const char *path, uint64_t seed)
{
	struct xc_writable *writable;
	struct model dice;

	model_init(&dice, seed);
	must(xc_writable_open(str_of(path), XC_DB_OPEN | XC_DB_NO_SYNC, 0, &writable, &error));
	for (uint32_t i = 0; i < CHANGES; i++) {
		const struct glass_document *other = &model->documents[model_below(&dice, (uint32_t)model->n)];
		uint32_t docid = model->documents[(seed - 1) * CHANGES + i].docid;
		struct xc_document *doc;

		if (i % 3 == 0)
			must(xc_writable_delete_document(writable, docid, &error));
		if (i % 3 == 1)
			move(writable, docid);
		if (i % 3 == 0)
			continue;
		doc = whole_document(other);
		must(xc_writable_replace_document(writable,
		    i % 3 == 1 ? model->documents[model->n - 1].docid + (uint32_t)seed * CHANGES + i : docid, doc,
		    &error));
		xc_document_free(doc);
	}
	must(xc_writable_commit(writable, &error));
	xc_writable_close(writable);
	model_done(&dice);
}

static void
compact(const char *from, const char *to)
{
	struct xc_database *db;

	must(xc_database_open(str_of(from), XC_BACKEND_GLASS, &db, &error));
	must(xc_database_compact(db, str_of(to), XC_COMPACT_NO_RENUMBER, 0, &error));
	xc_database_close(db);
}

/* ---- Tests ----------------------------------------------------------------------------------- */

/* Marks what is for the tee, and puts it before, between and behind the others, in no order. */
static void
mark_terms(struct model *model, struct glass_document *document)
{
	struct glass_term *terms = (struct glass_term *)(uintptr_t)document->terms;

	for (size_t t = 0; t < document->n_terms; t++)
		terms[t].for_tee = is_for_tee(terms[t].term);
	for (size_t t = 0; t + 1 < document->n_terms; t++) {
		size_t with = t + 1 + model_below(model, 3);
		struct glass_term term = terms[t];

		if (with >= document->n_terms || !terms[t].for_tee || !terms[with].for_tee)
			with = t + 1;
		if (!terms[t].for_tee && !terms[with].for_tee)
			continue;
		terms[t] = terms[with];
		terms[with] = term;
	}
}

static void
make_model(struct model *model)
{
	model_init(model, 77);
	model->lean = true;
	for (uint32_t d = 0; d < DOCUMENTS; d++)
		model_add_random(model, 1 + model_below(model, WORDS));
	for (size_t d = 0; d < model->n; d++)
		mark_terms(model, &model->documents[d]);
}

static void
check_sums(const char *path, const struct model *model)
{
	struct sums sums, expected = expected_sums(model);
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	assert_int_equal(fread(&sums, sizeof(sums), 1, file), 1);
	assert_int_equal(fclose(file), 0);
	assert_true(sums.alone > 50 && sums.lists > sums.alone + 50);
	sums.alone = sums.lists = 0;
	assert_memory_equal(&sums, &expected, sizeof(sums));
}

static void
test_database_is_whole(void **state)
{
	struct fixture *fixture = *state;
	char api[PATH_MAX], glass[PATH_MAX], told[PATH_MAX];
	struct adder adder = { .path = told };
	const struct tee tee = { &adder, start, note_length, wish_of, begin_term, add_posting, finish_sums };
	struct compare_counts counts;
	struct model model;

	assert_int_equal(mkdir(fixture->dir, 0777), 0);
	(void)snprintf(api, sizeof(api), "%s", fixture_path(fixture, "api"));
	(void)snprintf(glass, sizeof(glass), "%s", fixture_path(fixture, "glass"));
	(void)snprintf(told, sizeof(told), "%s", fixture_path(fixture, "told"));
	make_model(&model);
	assert_int_equal(mkdir(glass, 0777), 0);
	model_write_api(&model, api);
	must(model_load(&model, glass, 2, MEMORY, &tee, &error));
	check_sums(told, &model);
	counts = assert_same(api, glass);
	assert_int_equal(counts.documents, DOCUMENTS);
	assert_int_equal(counts.positions, 0);
	assert_clean(glass);
	for (uint64_t round = 1; round <= 2; round++) {
		change(&model, api, round);
		change(&model, glass, round);
		counts = assert_same(api, glass);
		assert_true(counts.positions > 1000);
		assert_clean(glass);
	}
	compact(api, fixture_path(fixture, "api-compact"));
	compact(glass, fixture_path(fixture, "glass-compact"));
	(void)assert_same(fixture_path(fixture, "api-compact"), fixture_path(fixture, "glass-compact"));
	assert_clean(fixture_path(fixture, "glass-compact"));
	model_done(&model);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(
	    test_database_is_whole, fixture_setup, fixture_teardown) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
