/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Documents, files and the sweep: who owns which id, and what is deleted when. */
#include "tests/store/fixture.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/hash.h"
#include "store/path.h"

/* Ids of all documents the reader finds among "1".."9", joined. */
static const char *
ids_in(struct fixture *fixture)
{
	static char found[16];
	struct store_reader *reader = open_reader(fixture);
	size_t n = 0;

	for (char c = '1'; c <= '9'; c++) {
		char id[2] = { c, '\0' };

		if (has_id(fixture, reader, id))
			found[n++] = c;
	}
	found[n] = '\0';
	assert_int_equal(count(fixture, reader), n);
	store_reader_close(reader);
	return found;
}

/* Puts documents of one file: a document for each letter of `ids`. */
static void
put_file(struct fixture *fixture, struct store_writer *writer, const char *path, const char *ids)
{
	begin(fixture, writer, path);
	for (; *ids != '\0'; ids++) {
		char id[2] = { *ids, '\0' };

		(void)put(fixture, writer, id, "", "un texte");
	}
	end(fixture, writer);
}

static void
check_put_refused(struct fixture *fixture, struct store_writer *writer, const char *id, const char *words)
{
	struct store_document document = doc(id, "", "un texte");
	enum store_put what;

	check_refused(fixture, store_writer_put(writer, &document, &what, &fixture->error), STATUS_INVALID, words);
}

static uint64_t
words_in(struct fixture *fixture)
{
	struct store_reader *reader = open_reader(fixture);
	struct store_stats stats;

	check_ok(fixture, store_reader_stats(reader, &stats, &fixture->error));
	store_reader_close(reader);
	return stats.words;
}

static void
test_added_changed_unchanged_deleted(void **state)
{
	struct fixture *fixture = *state;
	struct store_writer *writer = open_writer(fixture, STORE_UPDATE);

	assert_true(store_writer_is_build(writer));
	begin(fixture, writer, "/f/a.jsonl");
	assert_int_equal(put(fixture, writer, "1", "", "un deux trois"), STORE_ADDED);
	assert_int_equal(put(fixture, writer, "2", "titre", "un deux"), STORE_ADDED);
	assert_int_equal(put(fixture, writer, "3", "", "un"), STORE_ADDED);
	end(fixture, writer);
	assert_int_equal(sweep(fixture, writer), 0);
	finish(fixture, writer);
	assert_string_equal(ids_in(fixture), "123");
	assert_int_equal(words_in(fixture), 7);

	writer = open_writer(fixture, STORE_UPDATE);
	assert_false(store_writer_is_build(writer));
	begin(fixture, writer, "/f/a.jsonl");
	assert_int_equal(put(fixture, writer, "1", "", "un deux trois"), STORE_UNCHANGED);
	assert_int_equal(put(fixture, writer, "2", "titre", "un deux trois quatre"), STORE_CHANGED);
	assert_int_equal(put(fixture, writer, "4", "", "un"), STORE_ADDED);
	end(fixture, writer);
	assert_int_equal(sweep(fixture, writer), 1);
	finish(fixture, writer);
	assert_string_equal(ids_in(fixture), "124");
	assert_int_equal(words_in(fixture), 9);
	assert_string_equal(names_in(fixture->dir, "gen-"), "gen-000001");
}

static void
test_delete_by_id(void **state)
{
	struct fixture *fixture = *state;
	struct store_writer *writer;

	make_index(fixture, 3);
	writer = open_writer(fixture, STORE_UPDATE);
	check_ok(fixture, store_writer_delete(writer, STR("2"), &fixture->error));
	check_refused(fixture, store_writer_delete(writer, STR("2"), &fixture->error), STATUS_NOT_FOUND, "no document");
	check_refused(fixture, store_writer_delete(writer, STR("x"), &fixture->error), STATUS_NOT_FOUND, "no document");
	finish(fixture, writer);
	assert_string_equal(ids_in(fixture), "13");
	assert_int_equal(words_in(fixture), 4);
}

static void
test_duplicates_are_refused(void **state)
{
	struct fixture *fixture = *state;

	for (int round = 0; round < 2; round++) {
		struct store_writer *writer = open_writer(fixture, STORE_UPDATE);

		begin(fixture, writer, "/f/a.jsonl");
		(void)put(fixture, writer, "1", "", "un texte");
		check_put_refused(fixture, writer, "1", "duplicate id: the same file");
		end(fixture, writer);
		begin(fixture, writer, "/f/b.jsonl");
		check_put_refused(fixture, writer, "1", "duplicate id: /f/a.jsonl has it already");
		(void)put(fixture, writer, "2", "", "un texte");
		end(fixture, writer);
		assert_int_equal(sweep(fixture, writer), 0);
		finish(fixture, writer);
		assert_string_equal(ids_in(fixture), "12");
	}
}

/* Documents of a file outside of the scope, or that was kept, cannot be taken; those of one that vanished can. */
static void
test_takeover(void **state)
{
	struct fixture *fixture = *state;
	struct store_writer *writer = open_writer(fixture, STORE_UPDATE);
	struct store_writer_options options = { .mode = STORE_UPDATE };
	struct store_file kept = file_of("/f/a.jsonl");

	put_file(fixture, writer, "/f/a.jsonl", "12");
	put_file(fixture, writer, "/f/b.jsonl", "34");
	put_file(fixture, writer, "/g/c.jsonl", "56");
	finish(fixture, writer);

	check_ok(fixture, store_writer_open(fixture->dir, &options, &writer, &fixture->error));
	check_ok(fixture, store_writer_add_scope(writer, STR("/f"), &fixture->error));
	check_ok(fixture, store_writer_file_keep(writer, &kept, &fixture->error));
	begin(fixture, writer, "/f/d.jsonl");
	check_put_refused(fixture, writer, "1", "/f/a.jsonl has it already");
	check_put_refused(fixture, writer, "5", "/g/c.jsonl has it already");
	(void)put(fixture, writer, "3", "", "un texte");
	end(fixture, writer);
	/* b is gone: 3 moved to d, 4 goes with it; c is none of this run's business. */
	assert_int_equal(sweep(fixture, writer), 1);
	finish(fixture, writer);
	assert_string_equal(ids_in(fixture), "12356");
}

/* A document that moves between two files that are both read, in either order, is there all the time. */
static void
test_documents_move_between_files(void **state)
{
	struct fixture *fixture = *state;

	for (int order = 0; order < 2; order++) {
		struct store_writer *writer = open_writer(fixture, STORE_REBUILD);

		put_file(fixture, writer, "/f/a.jsonl", "12");
		put_file(fixture, writer, "/f/b.jsonl", "3");
		finish(fixture, writer);
		writer = open_writer(fixture, STORE_UPDATE);
		check_ok(fixture, store_writer_file_expect(writer, STR("/f/a.jsonl"), &fixture->error));
		check_ok(fixture, store_writer_file_expect(writer, STR("/f/b.jsonl"), &fixture->error));
		if (order == 0)
			put_file(fixture, writer, "/f/a.jsonl", "1");
		put_file(fixture, writer, "/f/b.jsonl", "23");
		if (order == 1)
			put_file(fixture, writer, "/f/a.jsonl", "1");
		assert_int_equal(sweep(fixture, writer), 0);
		finish(fixture, writer);
		assert_string_equal(ids_in(fixture), "123");
	}
}

static void
test_incomplete_file_deletes_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct store_writer *writer;
	struct hash content = hash_of(STR("x"));
	struct store_file record;

	make_index(fixture, 3);
	writer = open_writer(fixture, STORE_UPDATE);
	begin(fixture, writer, "/f/a.jsonl");
	(void)put(fixture, writer, "1", "", "autre");
	check_ok(fixture, store_writer_file_end(writer, &content, false, &fixture->error));
	assert_int_equal(sweep(fixture, writer), 0);
	finish(fixture, writer);
	assert_string_equal(ids_in(fixture), "123");
	writer = open_writer(fixture, STORE_UPDATE);
	check_ok(fixture, store_writer_file_get(writer, STR("/f/a.jsonl"), &record, &fixture->error));
	assert_true(record.mtime_ns == STORE_MTIME_UNSURE);
	store_writer_close(writer);
}

static void
test_vanished_and_spared(void **state)
{
	struct fixture *fixture = *state;
	struct store_writer *writer = open_writer(fixture, STORE_UPDATE);
	struct store_writer_options options = { .mode = STORE_UPDATE };
	struct store_sweep plan;
	struct store_file record;

	put_file(fixture, writer, "/f/a.txt", "1");
	put_file(fixture, writer, "/f/sub/b.txt", "2");
	put_file(fixture, writer, "/f/sub2/c.txt", "3");
	put_file(fixture, writer, "/g/d.txt", "4");
	finish(fixture, writer);
	check_ok(fixture, store_writer_open(fixture->dir, &options, &writer, &fixture->error));
	check_ok(fixture, store_writer_add_scope(writer, STR("/f"), &fixture->error));
	check_ok(fixture, store_writer_spare(writer, STR("/f/sub"), &fixture->error));
	check_ok(fixture, store_writer_sweep_plan(writer, &plan, &fixture->error));
	assert_int_equal(plan.known, 3);
	assert_int_equal(plan.doomed, 2);
	check_ok(fixture, store_writer_sweep(writer, &fixture->error));
	finish(fixture, writer);
	assert_string_equal(ids_in(fixture), "24");
	writer = open_writer(fixture, STORE_UPDATE);
	assert_int_equal(store_writer_file_get(writer, STR("/f/a.txt"), &record, NULL), STATUS_NOT_FOUND);
	store_writer_close(writer);
}

/* A full build that would hold far less than what is served says so before it is published. */
static void
test_build_is_held_against_what_is_served(void **state)
{
	struct fixture *fixture = *state;
	struct store_writer *writer;
	struct store_sweep plan;

	make_index(fixture, 9);
	writer = open_writer(fixture, STORE_REBUILD);
	put_file(fixture, writer, "/f/a.jsonl", "12");
	check_ok(fixture, store_writer_sweep_plan(writer, &plan, &fixture->error));
	assert_int_equal(plan.known, 9);
	assert_int_equal(plan.doomed, 7);
	store_writer_close(writer);
	assert_string_equal(ids_in(fixture), "123456789");
	assert_string_equal(names_in(fixture->dir, "gen-"), "gen-000001");
}

static void
test_file_records(void **state)
{
	struct fixture *fixture = *state;
	struct store_writer *writer = open_writer(fixture, STORE_UPDATE);
	struct store_file file = { STR("/f/un\nnom \xE9.txt"), 10, 12345678901u, -5, 0, { { 0 } } };
	struct hash content = hash_of(STR("abc"));
	struct store_file record;

	check_ok(fixture, store_writer_file_begin(writer, &file, &fixture->error));
	(void)put(fixture, writer, "1", "", "un texte");
	check_ok(fixture, store_writer_file_end(writer, &content, true, &fixture->error));
	finish(fixture, writer);
	writer = open_writer(fixture, STORE_UPDATE);
	check_ok(fixture, store_writer_file_get(writer, file.path, &record, &fixture->error));
	assert_true(str_eq(record.path, file.path));
	assert_int_equal(record.name_len, 10);
	assert_true(record.size == 12345678901u);
	assert_true(record.mtime_ns == -5);
	assert_int_equal(record.documents, 1);
	assert_true(hash_eq(&record.content, &content));
	assert_false(store_writer_file_is_seen(writer, file.path));
	check_ok(fixture, store_writer_file_keep(writer,
			      &(struct store_file) { file.path, 10, 12345678901u, 77, 1, content }, &fixture->error));
	assert_true(store_writer_file_is_seen(writer, file.path));
	finish(fixture, writer);
	writer = open_writer(fixture, STORE_UPDATE);
	check_ok(fixture, store_writer_file_get(writer, file.path, &record, &fixture->error));
	assert_true(record.mtime_ns == 77);
	store_writer_close(writer);
}

static void
test_nothing_is_seen_before_finish(void **state)
{
	struct fixture *fixture = *state;
	struct store_writer *writer;

	make_index(fixture, 2);
	writer = open_writer(fixture, STORE_UPDATE);
	put_file(fixture, writer, "/f/a.jsonl", "1234");
	assert_string_equal(ids_in(fixture), "12");
	store_writer_close(writer);
	assert_string_equal(ids_in(fixture), "12");
	writer = open_writer(fixture, STORE_REBUILD);
	put_file(fixture, writer, "/f/a.jsonl", "1234");
	assert_string_equal(ids_in(fixture), "12");
	store_writer_close(writer);
	assert_string_equal(ids_in(fixture), "12");
	assert_string_equal(names_in(fixture->dir, "gen-"), "gen-000001");
}

static void
test_dry_run_writes_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct store_writer_options options = { .mode = STORE_UPDATE, .dry_run = true };
	struct store_writer *writer;
	struct stat st;

	check_ok(fixture, store_writer_open(fixture->dir, &options, &writer, &fixture->error));
	begin(fixture, writer, "/f/a.jsonl");
	assert_int_equal(put(fixture, writer, "1", "", "un texte"), STORE_ADDED);
	check_put_refused(fixture, writer, "1", "duplicate");
	end(fixture, writer);
	assert_int_equal(sweep(fixture, writer), 0);
	finish(fixture, writer);
	assert_int_not_equal(stat(fixture->dir, &st), 0);

	make_index(fixture, 3);
	check_ok(fixture, store_writer_open(fixture->dir, &options, &writer, &fixture->error));
	check_ok(fixture, store_writer_add_scope(writer, STR("/"), &fixture->error));
	begin(fixture, writer, "/f/b.jsonl");
	assert_int_equal(put(fixture, writer, "1", "", "motbaa commun"), STORE_UNCHANGED);
	assert_int_equal(put(fixture, writer, "2", "", "autre"), STORE_CHANGED);
	assert_int_equal(put(fixture, writer, "4", "", "autre"), STORE_ADDED);
	end(fixture, writer);
	assert_int_equal(sweep(fixture, writer), 1); /* 3; the others moved from a to b */
	finish(fixture, writer);
	assert_string_equal(ids_in(fixture), "123");
}

/* A process of its own: a lock that the same process holds would not be seen by another descriptor's flock. */
static void
test_second_writer_is_told_who_is_first(void **state)
{
	struct fixture *fixture = *state;
	struct store_writer_options options = { .mode = STORE_UPDATE };
	struct store_writer *writer = NULL;
	char pid_text[32];
	int ready[2];
	int done[2];
	char byte;
	pid_t pid;

	make_index(fixture, 1);
	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(done), 0);
	pid = fork();
	if (pid == 0) {
		(void)close(done[1]);
		if (store_writer_open(fixture->dir, &options, &writer, NULL) != STATUS_OK ||
		    write(ready[1], "x", 1) != 1)
			_exit(1);
		_exit(read(done[0], &byte, 1) < 0);
	}
	assert_true(pid > 0);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	(void)snprintf(pid_text, sizeof(pid_text), "process %ld", (long)pid);
	check_refused(
	    fixture, store_writer_open(fixture->dir, &options, &writer, &fixture->error), STATUS_BUSY, pid_text);
	assert_null(writer);
	/* It ends without closing: the lock is free all the same. */
	(void)close(done[1]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	make_index(fixture, 2);
	(void)close(ready[0]);
	(void)close(ready[1]);
	(void)close(done[0]);
}

/* A process takes the lock and ends; a child of it has the lock for so long, or, with 0, until *ret_end is closed. */
static void
leave_lock_to_child(struct fixture *fixture, unsigned ms, int *ret_end)
{
	struct store_writer_options options = { .mode = STORE_UPDATE };
	struct store_writer *writer;
	int ended[2], code;
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ended), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)close(ended[1]);
		if (store_writer_open(fixture->dir, &options, &writer, NULL) != STATUS_OK || (pid = fork()) < 0)
			_exit(1);
		if (pid == 0 && ms > 0)
			(void)usleep(ms * 1000);
		_exit(pid == 0 && ms == 0 && read(ended[0], &byte, 1) != 0);
	}
	(void)close(ended[0]);
	assert_int_equal(waitpid(pid, &code, 0), pid);
	assert_int_equal(code, 0);
	*ret_end = ended[1];
}

static void
test_lock_of_a_process_that_has_ended(void **state)
{
	struct fixture *fixture = *state;
	struct store_writer_options options = { .mode = STORE_UPDATE };
	struct store_writer *writer = NULL;
	int end;

	make_index(fixture, 1);
	leave_lock_to_child(fixture, 100, &end);
	make_index(fixture, 2);
	(void)close(end);
	/* One that stays. */
	leave_lock_to_child(fixture, 0, &end);
	check_refused(fixture, store_writer_open(fixture->dir, &options, &writer, &fixture->error), STATUS_BUSY,
	    "is being written by process ");
	(void)close(end);
	make_index(fixture, 3);
	assert_string_equal(ids_in(fixture), "123");
}

static void
test_leftovers_are_cleared_and_one_generation_kept(void **state)
{
	struct fixture *fixture = *state;

	make_index(fixture, 1);
	make_index(fixture, 2);
	assert_string_equal(names_in(fixture->dir, "gen-"), "gen-000001 gen-000002");
	assert_int_equal(mkdir(fixture_path(fixture, "gen-000009.tmp"), 0777), 0);
	write_file(fixture_path(fixture, "gen-000009.tmp/postlist.glass"), "x");
	assert_int_equal(mkdir(fixture_path(fixture, "gen-000003"), 0777), 0);
	write_file(fixture_path(fixture, "gen-000003/postlist.glass"), "x");
	assert_int_equal(symlink("gen-000003", fixture_path(fixture, "current.tmp")), 0);
	write_file(fixture_path(fixture, "mine"), "not a part of the index");
	store_writer_close(open_writer(fixture, STORE_UPDATE));
	assert_string_equal(names_in(fixture->dir, "gen-"), "gen-000001 gen-000002");
	assert_string_equal(names_in(fixture->dir, "current"), "current");
	assert_string_equal(ids_in(fixture), "12");
	make_index(fixture, 3);
	assert_string_equal(names_in(fixture->dir, "gen-"), "gen-000002 gen-000003");
	assert_string_equal(names_in(fixture->dir, "mine"), "mine");
}

/* Killed between the two renames of the very first publication. */
static void
test_unserved_generation_is_taken(void **state)
{
	struct fixture *fixture = *state;

	make_index(fixture, 2);
	make_index(fixture, 3);
	assert_int_equal(unlink(fixture_path(fixture, "current")), 0);
	store_writer_close(open_writer(fixture, STORE_UPDATE));
	assert_string_equal(ids_in(fixture), "123");
	/* The newest is damaged: the one before it. */
	assert_int_equal(unlink(fixture_path(fixture, "current")), 0);
	assert_int_equal(truncate(fixture_path(fixture, "gen-000002/docdata.glass"), 5), 0);
	store_writer_close(open_writer(fixture, STORE_UPDATE));
	assert_string_equal(ids_in(fixture), "12");
}

static void
test_bad_folders(void **state)
{
	struct fixture *fixture = *state;
	struct store_writer_options options = { .mode = STORE_UPDATE };
	struct store_writer *writer = NULL;

	check_refused(fixture, store_writer_open("", &options, &writer, &fixture->error), STATUS_INVALID, "empty");
	check_refused(fixture, store_writer_open(fixture_path(fixture, "a/b"), &options, &writer, &fixture->error),
	    STATUS_IO, "cannot make the index folder");
	write_file(fixture->dir, "a file");
	check_refused(fixture, store_writer_open(fixture->dir, &options, &writer, &fixture->error), STATUS_INVALID,
	    "is not a folder");
	assert_null(writer);
}

/* ---- Records --------------------------------------------------------------------------------- */

/* Puts, as the record `text`, document `id`, unless it is known; whether it was. */
static bool
look(struct fixture *fixture, struct store_writer *writer, const char *id, const char *text)
{
	struct str record = str_of(text);
	bool same = false;

	check_ok(fixture, store_writer_record_look(writer, record, &same, &fixture->error));
	if (same)
		return true;
	(void)put(fixture, writer, id, "", text);
	store_writer_record_keep(writer);
	return false;
}

/* A run over one file with a document of each text; how many of them were known, as digits. */
static const char *
look_at(struct fixture *fixture, const char *path, const char *const texts[3])
{
	static char known[4];
	struct store_writer *writer = open_writer(fixture, STORE_UPDATE);

	begin(fixture, writer, path);
	for (int i = 0; i < 3; i++) {
		char id[2] = { (char)('1' + i), '\0' };

		known[i] = look(fixture, writer, id, texts[i]) ? 'x' : '-';
	}
	end(fixture, writer);
	(void)sweep(fixture, writer);
	finish(fixture, writer);
	return known;
}

static void
test_records(void **state)
{
	struct fixture *fixture = *state;
	const char *const first[3] = { "un", "deux", "trois" };
	const char *const second[3] = { "un", "deux fois", "trois" };

	assert_string_equal(look_at(fixture, "/f/a.jsonl", first), "---");
	assert_string_equal(look_at(fixture, "/f/a.jsonl", first), "xxx");
	assert_string_equal(look_at(fixture, "/f/a.jsonl", second), "x-x");
	/* What a document said once is not what it says now. */
	assert_string_equal(look_at(fixture, "/f/a.jsonl", first), "x-x");
	assert_string_equal(look_at(fixture, "/f/a.jsonl", first), "xxx");
	/* The same records in another file are others. */
	assert_string_equal(look_at(fixture, "/f/b.jsonl", first), "---");
	write_file(fixture_path(fixture, "known-records"), "");
	assert_string_equal(look_at(fixture, "/f/b.jsonl", first), "---");
	assert_string_equal(look_at(fixture, "/f/b.jsonl", second), "x-x");
	assert_string_equal(ids_in(fixture), "123");
}

static void
test_a_record_twice(void **state)
{
	struct fixture *fixture = *state;
	const char *const texts[3] = { "un", "deux", "trois" };
	struct store_writer *writer;
	bool same = true;

	(void)look_at(fixture, "/f/a.jsonl", texts);
	writer = open_writer(fixture, STORE_UPDATE);
	begin(fixture, writer, "/f/a.jsonl");
	assert_true(look(fixture, writer, "1", "un"));
	check_ok(fixture, store_writer_record_look(writer, STR("un"), &same, &fixture->error));
	assert_false(same);
	check_put_refused(fixture, writer, "1", "duplicate id");
	store_writer_record_keep(writer); /* of a document that was refused: nothing */
	(void)put(fixture, writer, "2", "", "autre chose");
	check_ok(fixture, store_writer_record_look(writer, STR("deux"), &same, &fixture->error));
	assert_false(same);
	end(fixture, writer);
	finish(fixture, writer);
	/* Where it was read, but not kept, it is read again; and what that had said before is forgotten. */
	assert_string_equal(look_at(fixture, "/f/a.jsonl", texts), "x-x");
}

/* A run that is not finished leaves a state that no table is of. */
static void
test_records_after_a_kill(void **state)
{
	struct fixture *fixture = *state;
	const char *const texts[3] = { "un", "deux", "trois" };
	const char *const others[3] = { "un", "deux", "quatre" };
	struct store_writer *writer;

	(void)look_at(fixture, "/f/a.jsonl", texts);
	writer = open_writer(fixture, STORE_UPDATE);
	begin(fixture, writer, "/f/a.jsonl");
	assert_false(look(fixture, writer, "1", "un autre"));
	store_writer_close(writer);
	assert_string_equal(look_at(fixture, "/f/a.jsonl", others), "---");
	assert_string_equal(look_at(fixture, "/f/a.jsonl", others), "xxx");
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(test_added_changed_unchanged_deleted),
		WITH_FIXTURE(test_delete_by_id),
		WITH_FIXTURE(test_records),
		WITH_FIXTURE(test_a_record_twice),
		WITH_FIXTURE(test_records_after_a_kill),
		WITH_FIXTURE(test_duplicates_are_refused),
		WITH_FIXTURE(test_takeover),
		WITH_FIXTURE(test_documents_move_between_files),
		WITH_FIXTURE(test_incomplete_file_deletes_nothing),
		WITH_FIXTURE(test_vanished_and_spared),
		WITH_FIXTURE(test_build_is_held_against_what_is_served),
		WITH_FIXTURE(test_file_records),
		WITH_FIXTURE(test_nothing_is_seen_before_finish),
		WITH_FIXTURE(test_dry_run_writes_nothing),
		WITH_FIXTURE(test_second_writer_is_told_who_is_first),
		WITH_FIXTURE(test_lock_of_a_process_that_has_ended),
		WITH_FIXTURE(test_leftovers_are_cleared_and_one_generation_kept),
		WITH_FIXTURE(test_unserved_generation_is_taken),
		WITH_FIXTURE(test_bad_folders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
