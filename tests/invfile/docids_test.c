/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of a part of the documents: numbers become docids and docids numbers, also at the borders and between two; a table that is
 * damaged, in any of its bytes, or incomplete is refused.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "invfile/cursor.h"
#include "invfile/layout.h"
#include "tests/base/cmocka_first.h"
#include "tests/invfile/fixture.h"
#include "tests/invfile/model.h"
#include "tests/invfile/probe.h"

static const struct bm25 usual = { .k1 = 1, .b = 0.5, .min_normlen = 0.5 };

static struct error error;

static void
must(enum status status)
{
	fixture_must(status, &error);
}

/* A file of n documents with these docids, which all have one word. */
static enum status
write_docids(const uint32_t *docids, uint32_t n)
{
	struct invfile_writer *writer = NULL;
	enum status status = STATUS_OK;

	must(invfile_writer_new(fixture_path(), &usual, &writer, &error));
	for (uint32_t i = 0; status == STATUS_OK && i < n; i++)
		status = invfile_writer_docid(writer, i + 1, docids[i], &error);
	for (uint32_t i = 0; i < n; i++)
		must(invfile_writer_length(writer, i + 1, 10 + i, &error));
	if (status == STATUS_OK)
		status = invfile_writer_begin(writer, STR("Zmot"), n, n, &error);
	for (uint32_t i = 0; status == STATUS_OK && i < n; i++)
		status = invfile_writer_add(writer, i + 1, 1, &i, 1, &error);
	if (status == STATUS_OK)
		status = invfile_writer_finish(writer, &error);
	invfile_writer_free(writer);
	return status;
}

/* What invfile_number() must be, found by looking at each. */
static uint32_t
number_of(const uint32_t *docids, uint32_t n, uint32_t docid)
{
	for (uint32_t i = 0; i < n; i++)
		if (docids[i] >= docid)
			return i + 1;
	return CURSOR_END;
}

static void
check_docids(const struct invfile *file, const uint32_t *docids, uint32_t n)
{
	assert_int_equal(invfile_documents(file), n);
	assert_int_equal(invfile_last_docid(file), n);
	assert_int_equal(invfile_docid(file, CURSOR_END), CURSOR_END);
	for (uint32_t i = 0; i < n; i++) {
		assert_int_equal(invfile_docid(file, i + 1), docids[i]);
		assert_int_equal(invfile_lengths(file)[i + 1], 10 + i);
		for (uint32_t near = docids[i] < 2 ? 0 : docids[i] - 2; near <= docids[i] + 2 && near >= docids[i] - 2;
		     near++)
			assert_int_equal(invfile_number(file, near), number_of(docids, n, near));
	}
	assert_int_equal(invfile_number(file, 0), 1);
	assert_int_equal(invfile_number(file, 1), 1);
	assert_int_equal(invfile_number(file, UINT32_MAX - 1), number_of(docids, n, UINT32_MAX - 1));
	assert_int_equal(invfile_number(file, UINT32_MAX), CURSOR_END);
}

static void
test_docids_and_numbers(void **state)
{
	static const uint32_t tables[][8] = { { 1 }, { 2 }, { 70000 }, { UINT32_MAX - 1 }, { 1, 2 },
		{ 1, UINT32_MAX - 1 }, { UINT32_MAX - 2, UINT32_MAX - 1 }, { 2, 4, 6 }, { 1, 2, 3, 4, 5, 6, 7 },
		{ 5, 6, 7, 90, 91, 1u << 31 }, { 3, 9, 10, 11, 500, 501, 502, 1000000 } };

	(void)state;
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		struct invfile *file;
		uint32_t n = 1;

		while (n < 8 && tables[i][n] > 0)
			n++;
		must(write_docids(tables[i], n));
		file = fixture_open();
		must(invfile_verify(file, &error));
		check_docids(file, tables[i], n);
		invfile_close(file);
		assert_int_equal(unlink(fixture_path()), 0);
	}
}

/* Many, and with gaps of all widths. */
static void
test_many_docids(void **state)
{
	static const uint32_t gaps[] = { 1, 2, 3, 1000, 40000 };
	enum { N = 20000 };
	uint32_t *docids = calloc(N, sizeof(*docids));
	struct model model = { .seed = 5 };

	(void)state;
	assert_non_null(docids);
	for (size_t i = 0; i < sizeof(gaps) / sizeof(*gaps); i++) {
		struct invfile *file;
		uint32_t docid = 0;

		for (uint32_t j = 0; j < N; j++)
			docids[j] = docid += 1 + model_draw(&model, gaps[i]);
		must(write_docids(docids, N));
		file = fixture_open();
		must(invfile_verify(file, &error));
		for (uint32_t before = 0, j = 0; j < N; before = docids[j++]) {
			assert_int_equal(invfile_docid(file, j + 1), docids[j]);
			assert_int_equal(invfile_number(file, docids[j]), j + 1);
			assert_int_equal(invfile_number(file, before + 1), j + 1);
			assert_int_equal(
			    invfile_number(file, before + 1 + model_draw(&model, docids[j] - before)), j + 1);
		}
		assert_int_equal(invfile_number(file, docids[N - 1] + 1), CURSOR_END);
		invfile_close(file);
		assert_int_equal(unlink(fixture_path()), 0);
	}
	free(docids);
}

/* Where a file has no table numbers are docids, up to the last. */
static void
test_no_table(void **state)
{
	struct invfile_writer *writer;
	struct invfile *file;

	(void)state;
	for (uint32_t n = 0; n <= 3; n++) {
		must(invfile_writer_new(fixture_path(), &usual, &writer, &error));
		for (uint32_t docid = 1; docid <= n; docid++)
			must(invfile_writer_length(writer, docid, 10, &error));
		must(invfile_writer_finish(writer, &error));
		invfile_writer_free(writer);
		file = fixture_open();
		for (uint32_t docid = 1; docid <= n; docid++) {
			assert_int_equal(invfile_docid(file, docid), docid);
			assert_int_equal(invfile_number(file, docid), docid);
		}
		assert_int_equal(invfile_docid(file, CURSOR_END), CURSOR_END);
		assert_int_equal(invfile_number(file, 0), n > 0 ? 1 : CURSOR_END);
		assert_int_equal(invfile_number(file, n + 1), CURSOR_END);
		assert_int_equal(invfile_number(file, UINT32_MAX), CURSOR_END);
		invfile_close(file);
		assert_int_equal(unlink(fixture_path()), 0);
	}
}

/* ---- What is refused ------------------------------------------------------------------------- */

static void
test_docids_that_do_not_ascend(void **state)
{
	static const uint32_t tables[][3] = { { 0, 1, 2 }, { 1, 1, 2 }, { 1, 3, 2 }, { 2, 1, 3 },
		{ 1, 2, UINT32_MAX } };

	(void)state;
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		assert_int_equal(write_docids(tables[i], 3), STATUS_INTERNAL);
		assert_int_equal(unlink(fixture_path()), 0);
	}
}

/* Docids of numbers, and lengths of documents, as they are said before a term or the end. */
struct said {
	uint32_t numbers[3]; /* of docids; 0: no more */
	uint32_t documents[3]; /* of lengths */
	unsigned right; /* how many docids are taken */
};

static void
test_docids_of_other_documents(void **state)
{
	static const struct said said[] = {
		{ { 2 }, { 1, 2 }, 0 },
		{ { 1, 1 }, { 1, 2 }, 1 },
		{ { 1, 3 }, { 1, 2, 3 }, 1 },
		{ { 1 }, { 1, 2 }, 1 }, /* one without */
		{ { 1, 2, 3 }, { 1, 2 }, 3 }, /* one too many */
		{ { 1, 2, 3 }, { 1, 3 }, 3 }, /* a number that no document has */
		{ { 1 }, { 0 }, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(said) / sizeof(*said); i++)
		for (int at_end = 0; at_end < 2; at_end++) {
			struct invfile_writer *writer;
			struct invfile *file;
			enum status status = STATUS_OK;
			unsigned n = 0;

			must(invfile_writer_new(fixture_path(), &usual, &writer, &error));
			for (unsigned j = 0; j < 3 && said[i].documents[j] > 0; j++)
				must(invfile_writer_length(writer, said[i].documents[j], 10, &error));
			while (status == STATUS_OK && n < 3 && said[i].numbers[n] > 0) {
				status = invfile_writer_docid(writer, said[i].numbers[n], 10 * (n + 1), &error);
				n += status == STATUS_OK;
			}
			assert_int_equal(n, said[i].right);
			if (status == STATUS_OK)
				status = at_end ? invfile_writer_finish(writer, &error)
						: invfile_writer_begin(writer, STR("a"), 1, 1, &error);
			assert_int_equal(status, STATUS_INTERNAL);
			invfile_writer_free(writer);
			assert_int_equal(invfile_open(fixture_path(), &file, &error), STATUS_CORRUPT);
			assert_int_equal(unlink(fixture_path()), 0);
		}
}

static void
test_a_docid_behind_a_term(void **state)
{
	struct invfile_writer *writer;

	(void)state;
	must(invfile_writer_new(fixture_path(), &usual, &writer, &error));
	must(invfile_writer_length(writer, 1, 10, &error));
	must(invfile_writer_docid(writer, 1, 10, &error));
	must(invfile_writer_begin(writer, STR("a"), 1, 1, &error));
	assert_int_equal(invfile_writer_docid(writer, 2, 20, &error), STATUS_INTERNAL);
	invfile_writer_free(writer);
}

/* ---- Damage ---------------------------------------------------------------------------------- */

/* A file in memory of 130 documents with gaps of 1 to 3. */
struct subject {
	struct buf bytes;
	uint64_t docids_off;
	uint32_t docids[131];
};

static void
make_subject(struct subject *subject)
{
	struct layout layout;
	struct model model;

	model_init(&model, 9, 130, 0);
	model_number(&model, 3);
	(void)model_add(&model, "Zmot", MODEL_WORDS, 129);
	(void)model_add(&model, "Zmots", MODEL_MIXED, 40);
	(void)model_add(&model, "mot", MODEL_FORMS, 130);
	memcpy(subject->docids, model.docids, sizeof(subject->docids));
	model_write(&model, &usual, fixture_path());
	model_done(&model);
	buf_init(&subject->bytes, 1 << 20);
	must(file_read(fixture_path(), &subject->bytes, &error));
	must(layout_get((const unsigned char *)subject->bytes.data, &layout));
	subject->docids_off = layout.docids_off;
	assert_int_equal(layout.docids_off, LAYOUT_BYTES + 131 * 4);
}

/* Writes what is in the buffer, with checksums that are right, and opens it. */
static enum status
open_mended(struct subject *subject, struct invfile **ret_file)
{
	FILE *out = fopen(fixture_path(), "w");

	assert_non_null(out);
	probe_mend((unsigned char *)subject->bytes.data, subject->bytes.len);
	assert_int_equal(fwrite(subject->bytes.data, 1, subject->bytes.len, out), subject->bytes.len);
	assert_int_equal(fclose(out), 0);
	return invfile_open(fixture_path(), ret_file, &error);
}

static bool
ascends(const uint32_t *docids, uint32_t n)
{
	for (uint32_t i = 1; i <= n; i++)
		if (docids[i] <= docids[i - 1])
			return false;
	return docids[0] == 0 && docids[n] < UINT32_MAX;
}

/* Any byte of the table, made any other by flipping bits: a table that still ascends is believed, another is not. */
static void
test_any_changed_byte_of_the_table(void **state)
{
	static const unsigned char changes[] = { 0x01, 0x02, 0x80, 0xFF };
	struct subject subject;
	unsigned refused = 0, opened = 0;

	(void)state;
	make_subject(&subject);
	for (size_t i = 0; i < 131 * 4 * sizeof(changes); i++) {
		unsigned char *at = (unsigned char *)subject.bytes.data + subject.docids_off + i / sizeof(changes);
		struct invfile *file;
		uint32_t docids[131];
		enum status status;

		*at ^= changes[i % sizeof(changes)];
		memcpy(docids, subject.bytes.data + subject.docids_off, sizeof(docids));
		status = open_mended(&subject, &file);
		assert_int_equal(status, ascends(docids, 130) ? STATUS_OK : STATUS_CORRUPT);
		refused += status != STATUS_OK;
		if (status == STATUS_OK) {
			opened++;
			probe_file(file, i);
			for (uint32_t number = 1; number <= 130; number++)
				assert_int_equal(invfile_number(file, invfile_docid(file, number)), number);
			invfile_close(file);
		}
		*at ^= changes[i % sizeof(changes)];
	}
	assert_in_range(refused, 1000, 131 * 4 * sizeof(changes));
	assert_in_range(opened, 50, 131 * 4 * sizeof(changes));
	buf_done(&subject.bytes);
}

/* A header that has the table elsewhere, or of other documents than there are. */
static void
test_a_table_that_is_not_there(void **state)
{
	struct subject subject;
	struct layout right;
	struct invfile *file;

	(void)state;
	make_subject(&subject);
	must(layout_get((const unsigned char *)subject.bytes.data, &right));
	for (int i = 0; i < 8; i++) {
		const uint64_t offs[] = { 1, LAYOUT_BYTES, right.docids_off - 4, right.docids_off + 4, right.lists_off,
			right.file_bytes, UINT64_MAX, right.docids_off };
		struct layout layout = right;

		layout.docids_off = offs[i];
		layout.documents -= offs[i] == right.docids_off;
		layout_put((unsigned char *)subject.bytes.data, &layout);
		assert_int_equal(open_mended(&subject, &file), STATUS_CORRUPT);
	}
	layout_put((unsigned char *)subject.bytes.data, &right);
	must(open_mended(&subject, &file));
	must(invfile_verify(file, &error));
	invfile_close(file);
	buf_done(&subject.bytes);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_docids_and_numbers, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_many_docids, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_no_table, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_docids_that_do_not_ascend, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_docids_of_other_documents, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_a_docid_behind_a_term, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_any_changed_byte_of_the_table, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_a_table_that_is_not_there, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
