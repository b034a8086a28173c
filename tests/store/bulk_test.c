/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Builds by the bulk loader: what is refused, what an unknown library leads to, what is left when one is given up. */
#include "tests/store/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "glass/loader.h"
#include "store/bulk-worker.h"

static bool format_is_known = true;

enum status __wrap_loader_check(const char *dir, struct error *reterr);
enum status __real_loader_check(const char *dir, struct error *reterr);

enum status
__wrap_loader_check(const char *dir, struct error *reterr)
{
	if (format_is_known)
		return __real_loader_check(dir, reterr);
	return error_set(reterr, STATUS_VERSION, ERROR_NO_OFFSET, "another format");
}

static struct store_writer *
open_build(struct fixture *fixture, unsigned processes, bool (*stop_cb)(void *arg))
{
	struct store_writer_options options = { .mode = STORE_REBUILD, .processes = processes, .stop_cb = stop_cb };
	struct store_writer *writer = NULL;

	check_ok(fixture, store_writer_open(fixture->dir, &options, &writer, &fixture->error));
	check_ok(fixture, store_writer_add_scope(writer, STR("/"), &fixture->error));
	return writer;
}

static void
put_texts(struct fixture *fixture, struct store_writer *writer, const char *path, unsigned from, unsigned to)
{
	begin(fixture, writer, path);
	for (unsigned i = from; i < to; i++) {
		char id[16], text[32];

		(void)snprintf(id, sizeof(id), "%u", i);
		text_of(i, text);
		(void)put(fixture, writer, id, "", text);
	}
	end(fixture, writer);
}

static void
check_documents(struct fixture *fixture, uint32_t expected)
{
	struct store_reader *reader = open_reader(fixture);

	assert_int_equal(count(fixture, reader), expected);
	assert_true(expected == 0 || has_id(fixture, reader, "1"));
	store_reader_close(reader);
}

static void
test_builds(void **state)
{
	struct fixture *fixture = *state;

	for (unsigned processes = 0; processes < 4; processes++) {
		struct store_writer *writer = open_build(fixture, processes, NULL);

		assert_null(store_writer_fallback(writer));
		put_texts(fixture, writer, "/f/a.jsonl", 0, 500);
		put_texts(fixture, writer, "/f/b.jsonl", 500, 700);
		finish(fixture, writer);
		check_documents(fixture, 700);
	}
}

static void
test_nothing(void **state)
{
	struct store_writer *writer = open_build(*state, 2, NULL);

	finish(*state, writer);
	check_documents(*state, 0);
}

/* An id that another document has is refused, by the name of its file; one that was refused stays free. */
static void
test_refusals(void **state)
{
	struct fixture *fixture = *state;
	struct store_writer *writer = open_build(fixture, 2, NULL);
	struct store_document document = doc("1", "", "de nouveau");
	enum store_put what;

	put_texts(fixture, writer, "/f/a.jsonl", 0, 3);
	begin(fixture, writer, "/f/b.jsonl");
	check_refused(fixture, store_writer_put(writer, &document, &what, &fixture->error), STATUS_INVALID,
	    "duplicate id: /f/a.jsonl has it already");
	document = doc("4", "", " ");
	check_refused(
	    fixture, store_writer_put(writer, &document, &what, &fixture->error), STATUS_INVALID, "the text is empty");
	(void)put(fixture, writer, "4", "", "un texte");
	check_refused(fixture,
	    store_writer_put(
		writer, &(struct store_document) { .id = STR("4"), .text = STR("encore") }, &what, &fixture->error),
	    STATUS_INVALID, "the same file has it already");
	end(fixture, writer);
	finish(fixture, writer);
	check_documents(fixture, 4);
}

/* One that is too long for a batch, and one that has too many words, which is refused at once. */
static void
test_long(void **state)
{
	struct fixture *fixture = *state;
	struct store_writer *writer = open_build(fixture, 2, NULL);
	size_t len = 2 * ((size_t)LIMIT_DOCUMENT_WORDS + 1);
	char *text = malloc(len + 1);
	enum store_put what;
	struct store_document document = doc("long", "", "");

	assert_non_null(text);
	for (size_t i = 0; i < len; i++)
		text[i] = i % 2 == 0 ? 'a' : ' ';
	put_texts(fixture, writer, "/f/a.jsonl", 0, 3);
	begin(fixture, writer, "/f/b.jsonl");
	document.text = (struct str) { text, len };
	check_refused(fixture, store_writer_put(writer, &document, &what, &fixture->error), STATUS_LIMIT, "2000000");
	document.text.len = 2 * (size_t)BULK_DOCUMENT_BYTES;
	check_ok(fixture, store_writer_put(writer, &document, &what, &fixture->error));
	(void)put(fixture, writer, "4", "", "après");
	end(fixture, writer);
	finish(fixture, writer);
	check_documents(fixture, 5);
	free(text);
}

static void
test_fallback(void **state)
{
	struct fixture *fixture = *state;
	struct store_writer *writer;

	format_is_known = false;
	writer = open_build(fixture, 2, NULL);
	assert_string_equal(store_writer_fallback(writer), "another format");
	put_texts(fixture, writer, "/f/a.jsonl", 0, 30);
	finish(fixture, writer);
	format_is_known = true;
	check_documents(fixture, 30);
	assert_string_equal(names_in(fixture->dir, "gen-"), "gen-000001");
}

static bool
stop_at_once(void *arg)
{
	(void)arg;
	return true;
}

/* Given up, closed in the middle, or stopped while it is written: what was served before is served, nothing else is there. */
static void
test_given_up(void **state)
{
	struct fixture *fixture = *state;
	struct store_writer *writer = open_build(fixture, 2, NULL);

	put_texts(fixture, writer, "/f/a.jsonl", 0, 30);
	finish(fixture, writer);
	writer = open_build(fixture, 2, NULL);
	put_texts(fixture, writer, "/f/a.jsonl", 0, 20);
	store_writer_close(writer);
	assert_string_equal(names_in(fixture->dir, "gen-"), "gen-000001");
	writer = open_build(fixture, 2, stop_at_once);
	put_texts(fixture, writer, "/f/a.jsonl", 0, 20);
	check_refused(fixture, store_writer_finish(writer, &fixture->error), STATUS_CANCELLED, "signal");
	store_writer_close(writer);
	assert_string_equal(names_in(fixture->dir, "gen-"), "gen-000001");
	check_documents(fixture, 30);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(
						test_builds, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_nothing, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_refusals, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_long, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_fallback, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_given_up, fixture_setup, fixture_teardown) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
