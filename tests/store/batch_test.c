/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happens when Xapian fails in the midst of a batch.  The linker puts the functions below
 * between batch.c and xapian-c (--wrap), so that the failures are real ones: a document with a term
 * that is too long, which xapian-c lets pass here, and a write that fails.
 */
#include "tests/store/fixture.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/batch.h"
#include "store/layer-set.h"
#include "store/lines.h"
#include "store/manifest.h"
#include "tests/store/agree.h"

enum status __real_xc_writable_replace_document(
    struct xc_writable *writable, xc_docid docid, const struct xc_document *doc, struct error *reterr);
enum status __wrap_xc_writable_replace_document(
    struct xc_writable *writable, xc_docid docid, const struct xc_document *doc, struct error *reterr);
enum status __real_xc_writable_commit_transaction(struct xc_writable *writable, struct error *reterr);
enum status __wrap_xc_writable_commit_transaction(struct xc_writable *writable, struct error *reterr);
enum status __real_xc_writable_poisoned(const struct xc_writable *writable);
enum status __wrap_xc_writable_poisoned(const struct xc_writable *writable);
enum status __real_layer_set_merge(
    struct layer_set *set, struct batch_worker *worker, struct xc_writable *writable, struct error *reterr);
enum status __wrap_layer_set_merge(
    struct layer_set *set, struct batch_worker *worker, struct xc_writable *writable, struct error *reterr);

/* What fails, and how often still. */
static struct {
	xc_docid bad_docid; /* every put under this docid fails, with `bad_status` */
	enum status bad_status;
	unsigned commits; /* so many commits fail, with `commit_status` */
	enum status commit_status;
	unsigned n_replaced;
	unsigned n_committed;
	const struct xc_writable *poisoned;
} faults;

/* As Xapian does it: all since the last commit is gone, and the handle is of no more use. */
static enum status
lose_batch(struct xc_writable *writable, enum status status, struct error *reterr)
{
	struct error ignored;

	if (xc_writable_cancel_transaction(writable, &ignored) != STATUS_OK)
		fail_msg("cannot lose the batch: %s", ignored.message);
	faults.poisoned = writable;
	return error_set(reterr, status, ERROR_NO_OFFSET, "made to fail");
}

enum status
__wrap_xc_writable_replace_document(
    struct xc_writable *writable, xc_docid docid, const struct xc_document *doc, struct error *reterr)
{
	faults.n_replaced++;
	if (docid == faults.bad_docid)
		return lose_batch(writable, faults.bad_status, reterr);
	return __real_xc_writable_replace_document(writable, docid, doc, reterr);
}

enum status
__wrap_xc_writable_commit_transaction(struct xc_writable *writable, struct error *reterr)
{
	if (faults.commits > 0) {
		faults.commits--;
		return lose_batch(writable, faults.commit_status, reterr);
	}
	faults.n_committed++;
	return __real_xc_writable_commit_transaction(writable, reterr);
}

enum status
__wrap_xc_writable_poisoned(const struct xc_writable *writable)
{
	return writable == faults.poisoned ? STATUS_INVALID : __real_xc_writable_poisoned(writable);
}

static int
setup(void **state)
{
	memset(&faults, 0, sizeof(faults));
	return fixture_setup(state);
}

static char refused[256];

static void
refused_cb(void *arg, struct str id, enum store_put was, const struct error *why)
{
	size_t used = strlen(refused);

	(void)arg;
	(void)snprintf(refused + used, sizeof(refused) - used, "%.*s:%d:%.60s ", STR_FMT(id), (int)was, why->message);
}

static struct store_writer *
open_with_cb(struct fixture *fixture, enum store_mode mode)
{
	struct store_writer_options options = { .mode = mode, .refused_cb = refused_cb, .without_bulk = true };
	struct store_writer *writer = NULL;

	refused[0] = '\0';
	check_ok(fixture, store_writer_open(fixture->dir, &options, &writer, &fixture->error));
	check_ok(fixture, store_writer_add_scope(writer, STR("/"), &fixture->error));
	return writer;
}

static void
put_numbered(struct fixture *fixture, struct store_writer *writer, unsigned from, unsigned to)
{
	begin(fixture, writer, "/f/a.jsonl");
	for (unsigned i = from; i <= to; i++) {
		char id[16];
		char text[32];

		(void)snprintf(id, sizeof(id), "%u", i);
		text_of(i, text);
		(void)put(fixture, writer, id, "", text);
	}
	end(fixture, writer);
}

static void
check_all_but(struct fixture *fixture, unsigned n, unsigned missing)
{
	struct store_reader *reader = open_reader(fixture);
	struct store_stats stats;

	for (unsigned i = 1; i <= n; i++) {
		char id[16];

		(void)snprintf(id, sizeof(id), "%u", i);
		if (has_id(fixture, reader, id) == (i == missing))
			fail_msg("document %u: missing should be %u", i, missing);
	}
	check_ok(fixture, store_reader_stats(reader, &stats, &fixture->error));
	assert_int_equal(stats.documents, missing > 0 ? n - 1 : n);
	assert_int_equal(stats.words, 2 * stats.documents);
	store_reader_close(reader);
}

/* Whether a bad document is the first, in the middle, or last of a batch: all others are there. */
static void
test_bad_document_loses_no_other(void **state)
{
	static const unsigned bad[] = { 1, 250, 499, 500 };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct store_writer *writer = open_with_cb(fixture, STORE_REBUILD);
		char expected[64];

		faults.bad_docid = bad[i];
		faults.bad_status = STATUS_INVALID;
		put_numbered(fixture, writer, 1, 500);
		finish(fixture, writer);
		faults.bad_docid = 0;
		(void)snprintf(expected, sizeof(expected), "%u:0:made to fail ", bad[i]);
		assert_string_equal(refused, expected);
		check_all_but(fixture, 500, bad[i]);
	}
}

static void
test_bad_document_of_an_update(void **state)
{
	struct fixture *fixture = *state;
	struct store_writer *writer;

	make_index(fixture, 3);
	writer = open_with_cb(fixture, STORE_UPDATE);
	faults.bad_docid = 5;
	faults.bad_status = STATUS_INVALID;
	put_numbered(fixture, writer, 1, 8);
	finish(fixture, writer);
	assert_string_equal(refused, "5:0:made to fail ");
	check_all_but(fixture, 8, 5);
}

/* Puts documents 1 to 60, of which the first 20 say something else now. */
static void
put_changed(struct fixture *fixture, struct store_writer *writer)
{
	begin(fixture, writer, "/f/a.jsonl");
	for (unsigned i = 1; i <= 60; i++) {
		char id[16];
		char text[32];

		(void)snprintf(id, sizeof(id), "%u", i);
		text_of(i <= 20 ? i + 1000 : i, text);
		(void)put(fixture, writer, id, "", text);
	}
	end(fixture, writer);
}

/* Of 60 documents none was changed since the full build, or the first 20 but for one. */
static void
check_touched(struct fixture *fixture, uint32_t changed, uint32_t not_touched)
{
	struct store_reader *reader = open_reader(fixture);
	uint32_t n;
	const struct store_layer *layers = store_reader_layers(reader, &n);

	assert_int_equal(agree_or_die(reader).documents, 60);
	assert_int_equal(layers[0].touched.first, 61);
	for (uint32_t docid = 1; docid <= 60; docid++)
		if (store_touched_has(&layers[0].touched, docid) != (docid <= changed && docid != not_touched))
			fail_msg("document %u", docid);
	store_reader_close(reader);
}

/* What the inverted files have, and have wrong, is what was committed: nothing of a change that was refused or lost. */
static void
test_touched_are_those_committed(void **state)
{
	static const struct {
		uint32_t bad_docid;
		unsigned commits;
	} cases[] = { { 0, 0 }, { 1, 0 }, { 7, 0 }, { 20, 0 }, { 0, 1 } };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct store_writer *writer;

		writer = open_writer(fixture, STORE_REBUILD);
		put_numbered(fixture, writer, 1, 60);
		finish(fixture, writer);
		check_touched(fixture, 0, 0);
		writer = open_with_cb(fixture, STORE_UPDATE);
		faults.bad_docid = cases[i].bad_docid;
		faults.bad_status = STATUS_INVALID;
		faults.commits = cases[i].commits;
		faults.commit_status = STATUS_INTERNAL;
		put_changed(fixture, writer);
		finish(fixture, writer);
		faults.bad_docid = 0;
		check_touched(fixture, 20, cases[i].bad_docid);
	}
}

/* A database that was made through Xapian has no file, and notes nothing. */
static void
test_no_file_without_the_loader(void **state)
{
	struct fixture *fixture = *state;
	struct store_writer *writer = open_with_cb(fixture, STORE_REBUILD);
	struct store_reader *reader;
	struct store_stats stats;
	struct str value;
	uint32_t n;

	put_numbered(fixture, writer, 1, 60);
	finish(fixture, writer);
	writer = open_with_cb(fixture, STORE_UPDATE);
	put_changed(fixture, writer);
	finish(fixture, writer);
	reader = open_reader(fixture);
	(void)store_reader_layers(reader, &n);
	assert_int_equal(n, 0);
	check_ok(fixture, store_reader_stats(reader, &stats, &fixture->error));
	assert_false(stats.invfile_is_used);
	assert_int_equal(stats.invfile_bytes, 0);
	assert_int_equal(stats.invfile_why.len, 0);
	check_ok(fixture,
	    xc_database_metadata(store_reader_database(reader), STR("voisin.touched"), &value, &fixture->error));
	assert_int_equal(value.len, 0);
	store_reader_close(reader);
}

static void
test_commit_that_fails_once_loses_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct store_writer *writer;

	make_index(fixture, 3);
	writer = open_with_cb(fixture, STORE_UPDATE);
	faults.commits = 1;
	faults.commit_status = STATUS_INTERNAL;
	put_numbered(fixture, writer, 1, 8);
	finish(fixture, writer);
	assert_string_equal(refused, "");
	check_all_but(fixture, 8, 0);
}

/* A second attempt at what the disk refused could seem to succeed. */
static void
test_commit_that_the_disk_fails_is_not_tried_again(void **state)
{
	struct fixture *fixture = *state;
	struct store_writer *writer;
	struct hash content = hash_of(STR(""));

	make_index(fixture, 3);
	writer = open_with_cb(fixture, STORE_UPDATE);
	faults.commits = 1;
	faults.commit_status = STATUS_IO;
	begin(fixture, writer, "/f/a.jsonl");
	(void)put(fixture, writer, "4", "", "motx commun");
	check_ok(fixture, store_writer_file_end(writer, &content, true, &fixture->error));
	check_refused(fixture, store_writer_finish(writer, &fixture->error), STATUS_IO, "made to fail");
	assert_int_equal(faults.n_committed, 0);
	store_writer_close(writer);
	check_all_but(fixture, 3, 0);
}

/* A full disk is nobody's fault: the run ends, and what was committed before stays. */
static void
test_lasting_failure_ends_the_run(void **state)
{
	struct fixture *fixture = *state;
	struct store_document document = doc("5", "", "un texte");
	enum store_put what;
	struct store_writer *writer;

	make_index(fixture, 3);
	writer = open_with_cb(fixture, STORE_UPDATE);
	faults.bad_docid = 5;
	faults.bad_status = STATUS_IO;
	begin(fixture, writer, "/f/a.jsonl");
	(void)put(fixture, writer, "4", "", "motx commun");
	(void)put(fixture, writer, "5", "", "motx commun");
	/* It is analysed still; who asks for it by its id waits for that. */
	check_refused(fixture, store_writer_put(writer, &document, &what, &fixture->error), STATUS_IO, "made to fail");
	document.id = STR("6");
	check_refused(fixture, store_writer_put(writer, &document, &what, &fixture->error), STATUS_IO, "made to fail");
	check_refused(fixture, store_writer_finish(writer, &fixture->error), STATUS_IO, "made to fail");
	store_writer_close(writer);
	assert_string_equal(refused, "");
	faults.bad_docid = 0;
	check_all_but(fixture, 3, 0);
	writer = open_with_cb(fixture, STORE_UPDATE);
	put_numbered(fixture, writer, 1, 8);
	finish(fixture, writer);
	check_all_but(fixture, 8, 0);
}

static void
test_build_that_fails_is_not_published(void **state)
{
	struct fixture *fixture = *state;
	struct store_writer *writer;
	struct hash content = hash_of(STR(""));

	make_index(fixture, 3);
	writer = open_with_cb(fixture, STORE_REBUILD);
	faults.commits = 1000;
	faults.commit_status = STATUS_IO;
	begin(fixture, writer, "/f/a.jsonl");
	(void)put(fixture, writer, "1", "", "un texte");
	check_ok(fixture, store_writer_file_end(writer, &content, true, &fixture->error));
	check_refused(fixture, store_writer_finish(writer, &fixture->error), STATUS_IO, "made to fail");
	store_writer_close(writer);
	faults.commits = 0;
	check_all_but(fixture, 3, 0);
	assert_string_equal(names_in(fixture->dir, "gen-"), "gen-000001");
}

/* Commits come at 1,000 documents, 4,000 in place, and not at Xapian's whim, whatever the environment says. */
static void
test_commits_are_ours(void **state)
{
	struct fixture *fixture = *state;
	struct store_writer *writer;

	assert_int_equal(setenv("XAPIAN_FLUSH_THRESHOLD", "7", 1), 0);
	writer = open_with_cb(fixture, STORE_REBUILD);
	put_numbered(fixture, writer, 1, 2500);
	assert_int_equal(faults.n_committed, 2);
	finish(fixture, writer);
	assert_int_equal(faults.n_committed, 3);
	check_all_but(fixture, 2500, 0);
	/* In place: none before the batch is full. */
	faults.n_committed = 0;
	writer = open_with_cb(fixture, STORE_UPDATE);
	put_numbered(fixture, writer, 1, 2600);
	{
		struct store_reader *reader = open_reader(fixture);

		assert_int_equal(count(fixture, reader), 2500);
		store_reader_close(reader);
	}
	store_writer_close(writer);
	assert_int_equal(faults.n_committed, 0);
	check_all_but(fixture, 2500, 0);
	writer = open_with_cb(fixture, STORE_UPDATE);
	put_numbered(fixture, writer, 1, 2500 + 3999);
	assert_int_equal(faults.n_committed, 0);
	put_numbered(fixture, writer, 6500, 6500);
	assert_int_equal(faults.n_committed, 1);
	store_writer_close(writer);
	check_all_but(fixture, 6500, 0);
	assert_int_equal(unsetenv("XAPIAN_FLUSH_THRESHOLD"), 0);
}

/* How often a line stands in the index does not depend on how far the analysis of what was put is. */
static void
test_frequency_of_what_is_replaced(void **state)
{
	enum { DOCUMENTS = 120 };
	struct fixture *fixture = *state;
	struct store_writer *writer = open_writer(fixture, STORE_REBUILD);
	char space[LINES_TERM_BYTES + 1];
	struct str term = lines_term(STR(""), STR("La ligne"), space);
	uint32_t n;

	begin(fixture, writer, "/f/a.jsonl");
	for (unsigned i = 1; i <= DOCUMENTS; i++) {
		char id[16];

		(void)snprintf(id, sizeof(id), "%u", i);
		(void)put(fixture, writer, id, "", i % 3 != 0 ? "La ligne\nmotx commun" : "motx commun");
	}
	end(fixture, writer);
	finish(fixture, writer);
	writer = open_with_cb(fixture, STORE_UPDATE);
	begin(fixture, writer, "/f/a.jsonl");
	for (unsigned i = DOCUMENTS; i >= 1; i--) {
		char id[16];

		check_ok(fixture, store_writer_frequency(writer, term, &n, &fixture->error));
		assert_int_equal(n, i - i / 3);
		(void)snprintf(id, sizeof(id), "%u", i);
		(void)put(fixture, writer, id, "", "un autre texte");
	}
	check_ok(fixture, store_writer_frequency(writer, term, &n, &fixture->error));
	assert_int_equal(n, 0);
	end(fixture, writer);
	finish(fixture, writer);
}

static void
kill_child(void)
{
	pid_t pid = fixture_child();

	assert_true(pid > 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
}

/* The process that analyses is killed, by whoever runs short of memory: another one takes its place, and no document is lost. */
static void
test_killed_worker(void **state)
{
	static const unsigned when[] = { 1, 300, 600 };
	struct fixture *fixture = *state;

	for (size_t w = 0; w < sizeof(when) / sizeof(when[0]); w++) {
		struct store_writer *writer = open_writer(fixture, STORE_REBUILD);
		struct store_reader *reader;

		put_numbered(fixture, writer, 1, 3);
		finish(fixture, writer);
		writer = open_with_cb(fixture, STORE_UPDATE);
		begin(fixture, writer, "/f/b.jsonl");
		for (unsigned i = 4; i <= 603; i++) {
			char id[16], text[32];

			(void)snprintf(id, sizeof(id), "%u", i);
			text_of(i, text);
			(void)put(fixture, writer, id, "", text);
			if (i == when[w] + 3)
				kill_child();
		}
		end(fixture, writer);
		finish(fixture, writer);
		assert_string_equal(refused, "");
		check_all_but(fixture, 603, 0);
		reader = open_reader(fixture);
		assert_int_equal(agree_or_die(reader).documents, 603);
		store_reader_close(reader);
	}
}

static unsigned kills_while_merging;

enum status
__wrap_layer_set_merge(
    struct layer_set *set, struct batch_worker *worker, struct xc_writable *writable, struct error *reterr)
{
	if (kills_while_merging > 0) {
		kills_while_merging--;
		kill_child();
	}
	return __real_layer_set_merge(set, worker, writable, reterr);
}

/* How many files there are, of so many documents. */
static uint32_t
layers_of(struct fixture *fixture, unsigned documents)
{
	struct store_reader *reader = open_reader(fixture);
	uint32_t n;

	check_all_but(fixture, documents, 0);
	assert_int_equal(agree_or_die(reader).documents, documents);
	(void)store_reader_layers(reader, &n);
	store_reader_close(reader);
	return n;
}

/* The process that merges files is killed: another one takes its place; where that is killed too the run fails, and what it put is there all the same. */
static void
test_killed_while_merging(void **state)
{
	static const struct {
		unsigned to, kills;
		enum status status;
		uint32_t layers;
	} runs[] = {
		{ 10, 0, STATUS_OK, 2 },
		{ 30, 1, STATUS_OK, 2 },
		{ 90, 2, STATUS_INTERNAL, 3 },
		{ 100, 0, STATUS_OK, 2 },
	};
	struct fixture *fixture = *state;
	struct store_writer *writer = open_writer(fixture, STORE_REBUILD);

	put_numbered(fixture, writer, 1, 3);
	finish(fixture, writer);
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		writer = open_with_cb(fixture, STORE_UPDATE);
		put_numbered(fixture, writer, 1, runs[i].to);
		kills_while_merging = runs[i].kills;
		assert_int_equal(store_writer_finish(writer, &fixture->error), runs[i].status);
		store_writer_close(writer);
		assert_int_equal(kills_while_merging, 0);
		assert_int_equal(layers_of(fixture, runs[i].to), runs[i].layers);
	}
}

/* Document `number` of as many different words as there are in none of the others. */
static void
put_words(struct fixture *fixture, struct store_writer *writer, unsigned number)
{
	enum { WORDS = 10000, LETTERS = 8 };
	char *text = malloc(WORDS * (LETTERS + 1) + 1);
	char id[16];
	size_t used = 0;

	assert_non_null(text);
	for (unsigned i = 0; i < WORDS; i++) {
		/* A bijection, so that no two are one, which leaves no alphabetical order. */
		unsigned word = (number * WORDS + i) * 2654435761u;

		text[used++] = 'w';
		for (unsigned letter = 1; letter < LETTERS; letter++, word /= 26)
			text[used++] = (char)('a' + word % 26);
		text[used++] = ' ';
	}
	text[used] = '\0';
	(void)snprintf(id, sizeof(id), "%u", number);
	(void)put(fixture, writer, id, "", text);
	free(text);
}

/* Postings in memory have a limit of their own (LIMIT_LAYER_BYTES): so many different words reach it long before there are COMMIT_BYTES. */
static void
test_many_words_are_committed(void **state)
{
	static const struct {
		unsigned documents;
		unsigned commits;
	} cases[] = { { 10, 1 }, { 35, 2 } };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct store_writer *writer = open_writer(fixture, STORE_REBUILD);

		put_numbered(fixture, writer, 1, 3);
		finish(fixture, writer);
		writer = open_with_cb(fixture, STORE_UPDATE);
		faults.n_committed = 0;
		begin(fixture, writer, "/f/words.jsonl");
		for (unsigned number = 1; number <= cases[i].documents; number++)
			put_words(fixture, writer, 100 + number);
		end(fixture, writer);
		put_numbered(fixture, writer, 1, 3);
		finish(fixture, writer);
		assert_int_equal(faults.n_committed, cases[i].commits);
	}
}

/* The manifest is open from before the first change in place until the run ends, also one that was given up. */
static void
test_manifest_is_open_while_changing(void **state)
{
	struct fixture *fixture = *state;
	struct manifest *manifest = malloc(sizeof(*manifest));
	const char *path = fixture_path(fixture, "gen-000001");
	struct store_writer *writer;

	assert_non_null(manifest);
	make_index(fixture, 3);
	store_writer_close(open_with_cb(fixture, STORE_UPDATE));
	check_ok(fixture, manifest_read(path, manifest, &fixture->error));
	assert_true(manifest->sealed);
	writer = open_with_cb(fixture, STORE_UPDATE);
	put_numbered(fixture, writer, 1, 4);
	check_ok(fixture, manifest_read(path, manifest, &fixture->error));
	assert_false(manifest->sealed);
	store_writer_close(writer);
	check_all_but(fixture, 3, 0);
	writer = open_with_cb(fixture, STORE_UPDATE);
	put_numbered(fixture, writer, 1, 4);
	finish(fixture, writer);
	check_ok(fixture, manifest_read(path, manifest, &fixture->error));
	assert_true(manifest->sealed);
	assert_int_equal(manifest->documents, 4);
	check_ok(fixture, manifest_verify(path, NULL, &fixture->error));
	check_all_but(fixture, 4, 0);
	free(manifest);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(test_bad_document_loses_no_other),
		WITH_FIXTURE(test_bad_document_of_an_update),
		WITH_FIXTURE(test_touched_are_those_committed),
		WITH_FIXTURE(test_no_file_without_the_loader),
		WITH_FIXTURE(test_commit_that_fails_once_loses_nothing),
		WITH_FIXTURE(test_commit_that_the_disk_fails_is_not_tried_again),
		WITH_FIXTURE(test_lasting_failure_ends_the_run),
		WITH_FIXTURE(test_build_that_fails_is_not_published),
		WITH_FIXTURE(test_commits_are_ours),
		WITH_FIXTURE(test_many_words_are_committed),
		WITH_FIXTURE(test_frequency_of_what_is_replaced),
		WITH_FIXTURE(test_killed_worker),
		WITH_FIXTURE(test_killed_while_merging),
		WITH_FIXTURE(test_manifest_is_open_while_changing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
