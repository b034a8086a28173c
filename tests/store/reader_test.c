/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/store/fixture.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "stemmer/analyzer.h"
#include "store/manifest.h"
#include "store/path.h"

/* Opening must fail so. */
static void
check_open(struct fixture *fixture, enum status expected, const char *words)
{
	struct store_reader *reader = NULL;
	enum status status = store_reader_open(fixture->dir, &reader, &fixture->error);

	check_refused(fixture, status, expected, words);
	assert_null(reader);
}

static void
update_one(struct fixture *fixture, const char *id, const char *text)
{
	struct store_writer *writer = open_writer(fixture, STORE_UPDATE);

	begin(fixture, writer, "/f/b.txt");
	(void)put(fixture, writer, id, "", text);
	end(fixture, writer);
	finish(fixture, writer);
}

static bool
refresh(struct fixture *fixture, struct store_reader *reader)
{
	bool changed = false;

	check_ok(fixture, store_reader_refresh(reader, &changed, &fixture->error));
	return changed;
}

static void
test_no_index(void **state)
{
	struct fixture *fixture = *state;

	check_open(fixture, STATUS_NOT_FOUND, "there is no index in");
	assert_int_equal(mkdir(fixture->dir, 0777), 0);
	check_open(fixture, STATUS_NOT_FOUND, "voisin-index --db");
}

static void
test_bad_current(void **state)
{
	static const char *const targets[] = { "gen-000009", "..", "/etc", "current", "gen-1", "gen-0000001",
		"gen-000001/", "../index/gen-000001", "gen-000000", "gen-99999999999999999999", "gen-00000x" };
	struct fixture *fixture = *state;

	make_index(fixture, 1);
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		assert_int_equal(unlink(fixture_path(fixture, "current")), 0);
		assert_int_equal(symlink(targets[i], fixture_path(fixture, "current")), 0);
		check_open(fixture, STATUS_CORRUPT, i == 0 ? "gen-000009" : "is not a symbolic link to a generation");
	}
	assert_int_equal(unlink(fixture_path(fixture, "current")), 0);
	write_file(fixture_path(fixture, "current"), "gen-000001");
	check_open(fixture, STATUS_CORRUPT, "is not a symbolic link");
}

static void
test_bad_manifest(void **state)
{
	struct fixture *fixture = *state;
	struct buf manifest;

	make_index(fixture, 1);
	buf_init(&manifest, 65536);
	check_ok(fixture, file_read(fixture_path(fixture, "current/manifest"), &manifest, &fixture->error));
	for (size_t i = 0; i < manifest.len; i++) {
		manifest.data[i] = (char)(manifest.data[i] ^ 1);
		check_ok(fixture,
		    file_write_atomic(fixture_path(fixture, "current/manifest"), buf_str(&manifest), &fixture->error));
		check_open(fixture, STATUS_CORRUPT, "manifest is damaged");
		manifest.data[i] = (char)(manifest.data[i] ^ 1);
	}
	write_file(fixture_path(fixture, "current/manifest"), "");
	check_open(fixture, STATUS_CORRUPT, "manifest is damaged");
	assert_int_equal(unlink(fixture_path(fixture, "current/manifest")), 0);
	check_open(fixture, STATUS_CORRUPT, "has no manifest");
	buf_done(&manifest);
}

static void
test_damaged_files(void **state)
{
	static const char *const files[] = { "current/postlist.glass", "current/iamglass", "current/position.glass" };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < 3; i++) {
		struct store_reader *reader;

		make_index(fixture, 3);
		reader = open_reader(fixture);
		store_reader_close(reader);
		assert_int_equal(truncate(fixture_path(fixture, files[i]), i == 0 ? 0 : 50), 0);
		check_open(fixture, STATUS_CORRUPT, "");
		make_index(fixture, 3);
		assert_int_equal(unlink(fixture_path(fixture, files[i])), 0);
		check_open(fixture, STATUS_CORRUPT, "");
	}
	/* The wrong number of documents. */
	make_index(fixture, 3);
	check_ok(
	    fixture, manifest_seal(fixture_path(fixture, "current"), analyzer_version(), 4, NULL, &fixture->error));
	check_open(fixture, STATUS_CORRUPT, "3 documents instead of 4");
	/* Another database, well-formed, in its place. */
	write_file(fixture_path(fixture, "current/iamglass"), "auto /etc\n");
	check_open(fixture, STATUS_CORRUPT, "iamglass");
}

static void
test_other_version(void **state)
{
	struct fixture *fixture = *state;
	struct store_writer_options options = { .mode = STORE_UPDATE };
	struct store_writer *writer = NULL;

	make_index(fixture, 3);
	check_ok(fixture, manifest_seal(fixture_path(fixture, "current"), "analysis=0", 3, NULL, &fixture->error));
	check_open(fixture, STATUS_VERSION, "reindex with voisin-index --full");
	check_refused(
	    fixture, store_writer_open(fixture->dir, &options, &writer, &fixture->error), STATUS_VERSION, "analysis=0");
	/* A full build is the way out. */
	make_index(fixture, 2);
	store_reader_close(open_reader(fixture));
}

static void
test_other_version_in_the_database(void **state)
{
	struct fixture *fixture = *state;
	struct xc_writable *db = NULL;
	const char *path = fixture_path(fixture, "gen-000001");

	make_index(fixture, 1);
	check_ok(fixture, xc_writable_open(str_of(path), XC_DB_OPEN, 0, &db, &fixture->error));
	check_ok(fixture, xc_writable_set_metadata(db, STR("voisin.schema"), STR("99"), &fixture->error));
	check_ok(fixture, xc_writable_commit(db, &fixture->error));
	xc_writable_close(db);
	check_ok(fixture, manifest_seal(path, analyzer_version(), 1, NULL, &fixture->error));
	check_open(fixture, STATUS_VERSION, "--full");
}

static void
test_commit_in_place_is_seen(void **state)
{
	struct fixture *fixture = *state;
	struct store_reader *reader;
	char stamp[64];

	make_index(fixture, 2);
	reader = open_reader(fixture);
	(void)snprintf(stamp, sizeof(stamp), "%s", store_reader_stamp(reader).p);
	assert_int_equal(strncmp(stamp, "gen-000001.", 11), 0);
	assert_false(refresh(fixture, reader));
	assert_string_equal(stamp, store_reader_stamp(reader).p);
	update_one(fixture, "neuf", "un texte");
	assert_int_equal(count(fixture, reader), 2);
	assert_true(refresh(fixture, reader));
	assert_int_equal(count(fixture, reader), 3);
	assert_true(has_id(fixture, reader, "neuf"));
	assert_int_equal(strncmp(store_reader_stamp(reader).p, "gen-000001.", 11), 0);
	assert_string_not_equal(stamp, store_reader_stamp(reader).p);
	store_reader_close(reader);
}

static void
test_switch_is_seen(void **state)
{
	struct fixture *fixture = *state;
	struct store_reader *reader;
	struct store_stats stats;

	make_index(fixture, 2);
	reader = open_reader(fixture);
	make_index(fixture, 5);
	assert_int_equal(count(fixture, reader), 2);
	assert_true(refresh(fixture, reader));
	assert_false(refresh(fixture, reader));
	check_ok(fixture, store_reader_stats(reader, &stats, &fixture->error));
	assert_int_equal(stats.documents, 5);
	assert_int_equal(stats.words, 10);
	assert_string_equal(stats.generation.p, "gen-000002");
	assert_int_equal(stats.refused_generation.len, 0);
	assert_true(has_id(fixture, reader, "5"));
	store_reader_close(reader);
}

/* An index made anew at the same path has the same names and revisions: reopen() would mix the two. */
static void
test_swapped_folder_is_seen(void **state)
{
	struct fixture *fixture = *state;
	struct store_reader *reader;

	make_index(fixture, 2);
	reader = open_reader(fixture);
	check_ok(fixture, path_remove_folder(fixture_path(fixture, "gen-000001"), &fixture->error));
	assert_int_equal(unlink(fixture_path(fixture, "current")), 0);
	make_index(fixture, 7);
	assert_string_equal(names_in(fixture->dir, "gen-"), "gen-000001");
	assert_true(refresh(fixture, reader));
	assert_int_equal(count(fixture, reader), 7);
	assert_true(has_id(fixture, reader, "7"));
	store_reader_close(reader);
}

/* A generation of the same files: what leads to the version file that was there before is not the generation alone. */
static void
test_linked_copy_is_followed(void **state)
{
	static const char *const files[] = { "iamglass", "postlist.glass", "docdata.glass", "termlist.glass",
		"position.glass", "manifest" };
	struct fixture *fixture = *state;
	struct store_reader *reader;

	make_index(fixture, 2);
	reader = open_reader(fixture);
	assert_int_equal(mkdir(fixture_path(fixture, "gen-000002"), 0777), 0);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char from[64], to[64];

		(void)snprintf(from, sizeof(from), "gen-000001/%s", files[i]);
		(void)snprintf(to, sizeof(to), "gen-000002/%s", files[i]);
		assert_int_equal(link(fixture_path(fixture, from), fixture_path(fixture, to)), 0);
	}
	assert_int_equal(unlink(fixture_path(fixture, "current")), 0);
	assert_int_equal(symlink("gen-000002", fixture_path(fixture, "current")), 0);
	assert_false(refresh(fixture, reader));
	update_one(fixture, "neuf", "un texte");
	assert_true(refresh(fixture, reader));
	assert_int_equal(count(fixture, reader), 3);
	assert_int_equal(strncmp(store_reader_stamp(reader).p, "gen-000002.", 11), 0);
	store_reader_close(reader);
}

static void
test_bad_new_generation_is_not_served(void **state)
{
	struct fixture *fixture = *state;
	struct store_reader *reader;
	struct store_stats stats;

	make_index(fixture, 2);
	reader = open_reader(fixture);
	make_index(fixture, 5);
	assert_int_equal(truncate(fixture_path(fixture, "gen-000002/postlist.glass"), 100), 0);
	assert_false(refresh(fixture, reader));
	assert_false(refresh(fixture, reader));
	check_ok(fixture, store_reader_stats(reader, &stats, &fixture->error));
	assert_int_equal(stats.documents, 2);
	assert_string_equal(stats.generation.p, "gen-000001");
	assert_string_equal(stats.refused_generation.p, "gen-000002");
	assert_non_null(strstr(stats.refused_why.p, "postlist.glass"));
	assert_true(has_id(fixture, reader, "2"));
	/* The index folder gone altogether: what is open is served on. */
	assert_int_equal(unlink(fixture_path(fixture, "current")), 0);
	assert_false(refresh(fixture, reader));
	assert_int_equal(count(fixture, reader), 2);
	make_index(fixture, 6);
	assert_true(refresh(fixture, reader));
	assert_int_equal(count(fixture, reader), 6);
	check_ok(fixture, store_reader_stats(reader, &stats, &fixture->error));
	assert_int_equal(stats.refused_generation.len, 0);
	store_reader_close(reader);
}

/* Other bytes, from the start of a file on. */
static void
overwrite(const char *path, size_t bytes)
{
	FILE *file = fopen(path, "r+b");

	assert_non_null(file);
	for (size_t i = 0; i < bytes; i++)
		assert_int_equal(putc('x', file), 'x');
	assert_int_equal(fclose(file), 0);
}

static struct store_reader *
open_or_before(struct fixture *fixture)
{
	struct store_reader *reader = NULL;

	check_ok(fixture, store_reader_open_or_before(fixture->dir, &reader, &fixture->error));
	return reader;
}

static void
check_refusal(const struct store_reader *reader, const char *name, const char *words)
{
	struct str why;

	assert_string_equal(store_reader_refused(reader, &why).p, name);
	if (why.p == NULL || strstr(why.p, words) == NULL)
		fail_msg("\"%s\" should hold \"%s\"", why.p != NULL ? why.p : "", words);
}

static void
test_the_one_before_is_served(void **state)
{
	struct fixture *fixture = *state;
	struct store_reader *reader;

	make_index(fixture, 2);
	make_index(fixture, 5);
	reader = open_or_before(fixture);
	assert_int_equal(count(fixture, reader), 5);
	check_refusal(reader, "", "");
	store_reader_close(reader);
	/* The right size, but not what was written. */
	overwrite(fixture_path(fixture, "gen-000002/docdata.glass"), 3000);
	check_open(fixture, STATUS_CORRUPT, "docdata.glass is not as it was written");
	reader = open_or_before(fixture);
	assert_int_equal(count(fixture, reader), 2);
	check_refusal(reader, "gen-000002", "docdata.glass");
	assert_false(refresh(fixture, reader));
	check_refusal(reader, "gen-000002", "docdata.glass");
	make_index(fixture, 6);
	assert_true(refresh(fixture, reader));
	assert_int_equal(count(fixture, reader), 6);
	check_refusal(reader, "", "");
	store_reader_close(reader);
}

/* The one before must be whole too, and have hashes that say so. */
static void
test_nothing_whole_before(void **state)
{
	struct fixture *fixture = *state;
	struct store_reader *reader = NULL;
	enum status status;

	make_index(fixture, 2);
	make_index(fixture, 5);
	overwrite(fixture_path(fixture, "gen-000002/docdata.glass"), 3000);
	check_ok(fixture, manifest_unseal(fixture_path(fixture, "gen-000001"), analyzer_version(), &fixture->error));
	status = store_reader_open_or_before(fixture->dir, &reader, &fixture->error);
	check_refused(fixture, status, STATUS_CORRUPT, "gen-000002/docdata.glass");
	check_ok(fixture, path_remove_folder(fixture_path(fixture, "gen-000001"), &fixture->error));
	status = store_reader_open_or_before(fixture->dir, &reader, &fixture->error);
	check_refused(fixture, status, STATUS_CORRUPT, "gen-000002/docdata.glass");
	/* Nothing says what to go back from. */
	assert_int_equal(unlink(fixture_path(fixture, "current")), 0);
	status = store_reader_open_or_before(fixture->dir, &reader, &fixture->error);
	check_refused(fixture, status, STATUS_NOT_FOUND, "there is no index");
	assert_null(reader);
}

static bool
doubt(struct store_reader *reader, bool again, enum status status)
{
	const struct error why = { status, ERROR_NO_OFFSET, "a page is wrong" };

	return store_reader_doubt(reader, again, &why);
}

static void
test_what_is_doubted(void **state)
{
	struct fixture *fixture = *state;
	struct store_reader *reader;
	uint64_t changes;

	make_index(fixture, 2);
	make_index(fixture, 5);
	reader = open_or_before(fixture);
	changes = store_reader_changes(reader);
	assert_false(doubt(reader, false, STATUS_NOT_FOUND));
	assert_false(doubt(reader, false, STATUS_TIMEOUT));
	assert_false(doubt(reader, false, STATUS_NOMEM));
	assert_int_equal(store_reader_changes(reader), changes);
	/* Opened anew, and no reply that was kept is given. */
	assert_true(doubt(reader, false, STATUS_IO));
	assert_int_equal(store_reader_changes(reader), changes + 1);
	/* A failure that is not Xapian's word for damage does not cost the generation. */
	assert_false(doubt(reader, true, STATUS_IO));
	assert_false(doubt(reader, true, STATUS_INTERNAL));
	assert_int_equal(count(fixture, reader), 5);
	/* A commit explains the failure. */
	update_one(fixture, "neuf", "un texte");
	assert_true(doubt(reader, true, STATUS_CORRUPT));
	assert_int_equal(count(fixture, reader), 6);
	store_reader_close(reader);
	/* Who wants the published state and no other. */
	reader = open_reader(fixture);
	assert_true(doubt(reader, false, STATUS_CORRUPT));
	assert_false(doubt(reader, true, STATUS_CORRUPT));
	assert_int_equal(count(fixture, reader), 6);
	store_reader_close(reader);
}

static void
test_given_up_until_mended(void **state)
{
	struct fixture *fixture = *state;
	struct store_reader *reader;

	make_index(fixture, 2);
	make_index(fixture, 5);
	reader = open_or_before(fixture);
	assert_true(doubt(reader, true, STATUS_STALE));
	assert_int_equal(count(fixture, reader), 2);
	check_refusal(reader, "gen-000002", "a page is wrong");
	/* It could be opened, and is not: what Xapian said of it holds until a file is another. */
	assert_false(refresh(fixture, reader));
	assert_false(doubt(reader, true, STATUS_CORRUPT));
	assert_int_equal(chmod(fixture_path(fixture, "gen-000002/docdata.glass"), 0600), 0);
	for (unsigned i = 0; i < 20 * 1000 && !refresh(fixture, reader); i++)
		(void)usleep(1000);
	assert_int_equal(count(fixture, reader), 5);
	check_refusal(reader, "", "");
	/* Cut under the reader. */
	assert_int_equal(truncate(fixture_path(fixture, "gen-000002/docdata.glass"), 100), 0);
	assert_true(doubt(reader, false, STATUS_IO));
	assert_int_equal(count(fixture, reader), 2);
	check_refusal(reader, "gen-000002", "docdata.glass has 100 bytes");
	store_reader_close(reader);
}

static void
test_documents_come_back(void **state)
{
	struct fixture *fixture = *state;
	struct store_writer *writer = open_writer(fixture, STORE_UPDATE);
	struct store_document document = { .id = STR("syrie/Éte.txt"),
		.title = STR("L’armée à Alep"),
		.text = STR("Un\r\ntexte.\n\nEt la suite \xF0\x9F\x98\x80"),
		.date = STR("2016-12-07"),
		.source = STR("Agence France-Presse"),
		.url = STR("https://Exemple.example:8080/a?b#c"),
		.author = STR("Jeanne Martin"),
		.dated = STR("metadata"),
		.language = STR("fr") };
	struct store_document back;
	struct store_reader *reader;
	struct arena *arena;
	enum store_put what;
	uint32_t docid;

	begin(fixture, writer, "/f/a.jsonl");
	check_ok(fixture, store_writer_put(writer, &document, &what, &fixture->error));
	end(fixture, writer);
	finish(fixture, writer);
	reader = open_reader(fixture);
	check_ok(fixture, arena_new(65536, &arena));
	check_ok(fixture, store_reader_find(reader, document.id, &docid, &fixture->error));
	check_ok(fixture, store_reader_document(reader, docid, arena, &back, &fixture->error));
	assert_true(str_eq(back.id, document.id));
	assert_true(str_eq(back.title, document.title));
	assert_true(str_eq(back.text, document.text));
	assert_true(str_eq(back.date, document.date));
	assert_true(str_eq(back.source, document.source));
	assert_true(str_eq(back.url, document.url));
	assert_true(str_eq(back.author, document.author));
	assert_true(str_eq(back.dated, document.dated));
	assert_true(str_eq(back.language, document.language));
	check_refused(
	    fixture, store_reader_document(reader, docid + 1, arena, &back, &fixture->error), STATUS_NOT_FOUND, "");
	check_refused(fixture, store_reader_find(reader, STR(""), &docid, &fixture->error), STATUS_NOT_FOUND, "");
	arena_free(arena);
	check_ok(fixture, arena_new(16, &arena));
	assert_int_equal(store_reader_document(reader, docid, arena, &back, &fixture->error), STATUS_NOMEM);
	arena_free(arena);
	store_reader_close(reader);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_no_index, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_bad_current, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_bad_manifest, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_damaged_files, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_other_version, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_other_version_in_the_database, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_commit_in_place_is_seen, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_switch_is_seen, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_swapped_folder_is_seen, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_linked_copy_is_followed, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_bad_new_generation_is_not_served, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_the_one_before_is_served, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_nothing_whole_before, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_what_is_doubted, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_given_up_until_mended, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_documents_come_back, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
