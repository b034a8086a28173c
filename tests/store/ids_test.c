/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ids that a reader keeps in pages are those of the documents, whatever was asked before, and whatever
 * was committed since.
 */
#include "tests/store/fixture.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "store/ids.h"

static struct arena *arena;

static int
setup(void **state)
{
	return fixture_setup(state) == 0 && arena_new(SIZE_MAX, &arena) == STATUS_OK ? 0 : -1;
}

static int
teardown(void **state)
{
	arena_free(arena);
	return fixture_teardown(state);
}

/* The id of a document must be the one that is stored with it. */
static void
check_id(struct fixture *fixture, const struct store_reader *reader, uint32_t docid)
{
	struct store_document document;
	struct str id;

	check_ok(fixture, store_reader_document(reader, docid, arena, &document, &fixture->error));
	check_ok(fixture, store_reader_id(reader, docid, arena, &id, &fixture->error));
	assert_true(str_eq(id, document.id));
}

static void
check_none(struct fixture *fixture, const struct store_reader *reader, uint32_t docid, enum status expected)
{
	struct str id;

	check_refused(fixture, store_reader_id(reader, docid, arena, &id, &fixture->error), expected, "");
}

/* Two pages and a half, and one that takes the place of the first. */
static void
test_pages(void **state)
{
	enum { N = IDS_PER_PAGE * 5 / 2 };
	struct fixture *fixture = *state;
	struct store_reader *reader;

	make_index(fixture, N);
	reader = open_reader(fixture);
	for (uint32_t docid = N; docid >= 1; docid--)
		check_id(fixture, reader, docid);
	for (uint32_t docid = 1; docid <= N; docid += 7)
		check_id(fixture, reader, docid);
	check_none(fixture, reader, N + 1, STATUS_NOT_FOUND);
	check_none(fixture, reader, IDS_PER_PAGE * IDS_PAGES + 1, STATUS_NOT_FOUND);
	check_none(fixture, reader, UINT32_MAX, STATUS_NOT_FOUND);
	check_none(fixture, reader, 0, STATUS_INVALID);
	check_id(fixture, reader, 1);
	store_reader_close(reader);
}

/* Some pages are too long to be kept, and some documents are gone. */
static void
test_long_ids_and_holes(void **state)
{
	struct fixture *fixture = *state;
	struct store_writer *writer = open_writer(fixture, STORE_UPDATE);
	struct store_reader *reader;

	for (unsigned i = 1; i <= 3 * IDS_PER_PAGE; i++) {
		bool is_long = i > IDS_PER_PAGE && i <= 2 * IDS_PER_PAGE;
		char id[LIMIT_ID_BYTES + 1];

		(void)snprintf(id, sizeof(id), "%0*u", is_long ? LIMIT_ID_BYTES : 3, i);
		begin(fixture, writer, i % 5 == 0 ? "/f/gone.txt" : "/f/stays.txt");
		(void)put(fixture, writer, id, "", "texte");
		end(fixture, writer);
	}
	finish(fixture, writer);
	writer = open_writer(fixture, STORE_UPDATE);
	begin(fixture, writer, "/f/gone.txt");
	end(fixture, writer);
	(void)sweep(fixture, writer);
	finish(fixture, writer);
	reader = open_reader(fixture);
	for (uint32_t docid = 1; docid <= 3 * IDS_PER_PAGE; docid++) {
		struct store_document document;

		if (store_reader_document(reader, docid, arena, &document, NULL) == STATUS_OK)
			check_id(fixture, reader, docid);
		else
			check_none(fixture, reader, docid, STATUS_NOT_FOUND);
	}
	store_reader_close(reader);
}

static void
put_one(struct fixture *fixture, enum store_mode mode, const char *id)
{
	struct store_writer *writer = open_writer(fixture, mode);

	begin(fixture, writer, "/f/b.txt");
	(void)put(fixture, writer, id, "", "texte");
	end(fixture, writer);
	finish(fixture, writer);
}

/* A commit in place puts a new document into a page that is kept; a new generation has others altogether. */
static void
test_ids_of_another_revision(void **state)
{
	struct fixture *fixture = *state;
	struct store_reader *reader;

	make_index(fixture, 2);
	reader = open_reader(fixture);
	check_id(fixture, reader, 1);
	put_one(fixture, STORE_UPDATE, "neuf");
	check_none(fixture, reader, 3, STATUS_NOT_FOUND);
	check_ok(fixture, store_reader_refresh(reader, NULL, &fixture->error));
	check_id(fixture, reader, 3);
	put_one(fixture, STORE_REBUILD, "autre");
	check_id(fixture, reader, 1);
	check_ok(fixture, store_reader_refresh(reader, NULL, &fixture->error));
	check_id(fixture, reader, 1);
	check_none(fixture, reader, 2, STATUS_NOT_FOUND);
	store_reader_close(reader);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_pages, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_ids_and_holes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ids_of_another_revision, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
