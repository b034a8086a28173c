/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs that change an index, of both kinds: after each its files have every document once and agree with its database, and all of them together
 * say what one full build of the same documents says, to the last position.
 */
#include "tests/store/fixture.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "invfile/file.h"
#include "invfile/writer.h"
#include "stemmer/analyzer.h"
#include "store/manifest.h"
#include "tests/store/agree.h"

enum { DOCUMENTS = 200, OF_A_LAYER = 3, PRETENDED = 4 };

/* What a file of PRETENDED documents says that it has (--wrap); one that has so many takes too long to write. */
static uint32_t pretended = PRETENDED;

uint32_t __real_invfile_documents(const struct invfile *file);
uint32_t __wrap_invfile_documents(const struct invfile *file);

uint32_t
__wrap_invfile_documents(const struct invfile *file)
{
	uint32_t documents = __real_invfile_documents(file);

	return documents == PRETENDED ? pretended : documents;
}

/* The index, and what it should have. */
struct state {
	struct fixture *fixture;
	struct fixture anew; /* where the same is built at once */
	bool lean;
	unsigned versions[DOCUMENTS + 1]; /* 0: there is no such document */
};

/* ---- Documents ------------------------------------------------------------------------------- */

static void
put_numbered(struct fixture *fixture, struct store_writer *writer, unsigned number, unsigned version)
{
	char path[32], id[16], title[48], text[400];
	int used = 0;

	(void)snprintf(path, sizeof(path), "/f/%u", number);
	(void)snprintf(id, sizeof(id), "d%u", number);
	(void)snprintf(title, sizeof(title), "Le titre numéro %u", number % 10);
	for (unsigned i = 0; i <= (number + version) % 7; i++)
		used += snprintf(text + used, sizeof(text) - (size_t)used,
		    "Des convois partent d'Alep le %u. Version mot%c%c.\n\n", 1 + (number * version + i) % 28,
		    'a' + (int)(version % 26), 'a' + (int)((number + i) % 26));
	begin(fixture, writer, path);
	(void)put(fixture, writer, id, title, text);
	end(fixture, writer);
}

static struct store_writer *
open_kind(struct fixture *fixture, enum store_mode mode, bool lean)
{
	struct store_writer_options options = { .mode = mode, .lean = lean, .processes = 1 };
	struct store_writer *writer = NULL;

	check_ok(fixture, store_writer_open(fixture->dir, &options, &writer, &fixture->error));
	check_ok(fixture, store_writer_add_scope(writer, STR("/"), &fixture->error));
	return writer;
}

static void
build(const struct state *state, struct fixture *fixture)
{
	struct store_writer *writer = open_kind(fixture, STORE_REBUILD, state->lean);

	for (unsigned i = 1; i <= DOCUMENTS; i++)
		if (state->versions[i] > 0)
			put_numbered(fixture, writer, i, state->versions[i]);
	finish(fixture, writer);
}

static void
begin_state(struct state *state, struct fixture *fixture, bool lean, unsigned documents)
{
	*state = (struct state) { .fixture = fixture, .lean = lean };
	(void)snprintf(state->anew.dir, sizeof(state->anew.dir), "%.4000s/anew", fixture->top);
	for (unsigned i = 1; i <= documents; i++)
		state->versions[i] = 1;
	build(state, fixture);
}

/* ---- What there is --------------------------------------------------------------------------- */

static struct agreement
agreement_of(struct fixture *fixture)
{
	struct store_reader *reader = open_reader(fixture);
	struct agreement agreement = agree_or_die(reader);

	store_reader_close(reader);
	return agreement;
}

/* How many files of layers there are. */
static unsigned
count_files(struct fixture *fixture)
{
	DIR *folder = opendir(fixture_path(fixture, "current"));
	const struct dirent *entry;
	unsigned n = 0;

	assert_non_null(folder);
	while ((entry = readdir(folder)) != NULL)
		n += strncmp(entry->d_name, "inverted", 8) == 0;
	(void)closedir(folder);
	return n;
}

static struct agreement
check_state(struct state *state)
{
	struct agreement found = agreement_of(state->fixture);
	struct agreement expected = { 0 };

	build(state, &state->anew);
	/* A build of nothing has no file. */
	if (found.documents > 0)
		expected = agreement_of(&state->anew);
	assert_int_equal(found.documents, expected.documents);
	assert_int_equal(found.postings, expected.postings);
	assert_int_equal(found.positions, expected.positions);
	assert_true(found.sum == expected.sum);
	assert_int_equal(count_files(state->fixture), found.layers);
	return found;
}

/* ---- Runs ------------------------------------------------------------------------------------ */

enum what { NOTHING, PUT, DELETE, END /* of a run */ };

struct step {
	enum what what;
	unsigned from, to;
	unsigned version;
};

static void
do_step(struct state *state, struct store_writer *writer, const struct step *step)
{
	struct fixture *fixture = state->fixture;

	for (unsigned i = step->from; i <= step->to; i++) {
		char id[16];

		state->versions[i] = step->what == PUT ? step->version : 0;
		if (step->what == PUT) {
			put_numbered(fixture, writer, i, step->version);
			continue;
		}
		(void)snprintf(id, sizeof(id), "d%u", i);
		check_ok(fixture, store_writer_delete(writer, str_of(id), &fixture->error));
	}
}

/* Does a run; returns how many steps it had. */
static size_t
do_run(struct state *state, const struct step *steps)
{
	struct store_writer *writer = open_kind(state->fixture, STORE_UPDATE, false);
	size_t n = 0;

	for (; steps[n].what == PUT || steps[n].what == DELETE; n++)
		do_step(state, writer, &steps[n]);
	finish(state->fixture, writer);
	return n;
}

/* Each on 60 documents of version 1. */
static const struct {
	const char *name;
	struct step steps[16];
	unsigned layers; /* at the end, with that of the full build */
} cases[] = {
	{ "nothing", { { END, 0, 0, 0 } }, 1 },
	{ "one changed", { { PUT, 7, 7, 2 } }, 2 },
	{ "all changed", { { PUT, 1, 60, 2 } }, 2 },
	{ "some new", { { PUT, 61, 70, 1 } }, 2 },
	{ "deletions alone", { { DELETE, 1, 10, 0 }, { END, 0, 0, 0 }, { DELETE, 60, 60, 0 } }, 1 },
	{ "all deleted", { { DELETE, 1, 60, 0 } }, 1 },
	{ "put and deleted in one run",
	    { { PUT, 61, 61, 1 }, { DELETE, 61, 61, 0 }, { PUT, 5, 5, 2 }, { DELETE, 5, 5, 0 } }, 1 },
	{ "deleted and put in one run", { { DELETE, 3, 9, 0 }, { PUT, 3, 9, 4 } }, 2 },
	{ "backwards", { { PUT, 60, 60, 2 }, { PUT, 30, 30, 2 }, { PUT, 61, 61, 2 }, { PUT, 1, 1, 2 } }, 2 },
	{ "changed again, so that nothing is left of the layer",
	    { { PUT, 1, 20, 2 }, { END, 0, 0, 0 }, { PUT, 1, 20, 3 } }, 2 },
	{ "deleted, so that nothing is left of it", { { PUT, 1, 20, 2 }, { END, 0, 0, 0 }, { DELETE, 1, 20, 0 } }, 1 },
	{ "a small one behind a large one", { { PUT, 1, 40, 2 }, { END, 0, 0, 0 }, { PUT, 50, 50, 2 } }, 3 },
	{ "merged into one",
	    { { PUT, 1, 10, 2 }, { END, 0, 0, 0 }, { PUT, 20, 30, 2 }, { END, 0, 0, 0 }, { PUT, 5, 20, 3 } }, 2 },
	{ "three sizes, then one that takes all",
	    { { PUT, 1, 40, 2 }, { END, 0, 0, 0 }, { PUT, 41, 50, 2 }, { END, 0, 0, 0 }, { PUT, 60, 60, 2 },
		{ END, 0, 0, 0 }, { PUT, 61, 90, 1 } },
	    2 },
	{ "a layer that was merged is deleted from",
	    { { PUT, 61, 80, 1 }, { END, 0, 0, 0 }, { PUT, 70, 90, 2 }, { END, 0, 0, 0 }, { DELETE, 65, 85, 0 },
		{ END, 0, 0, 0 }, { PUT, 100, 100, 1 } },
	    3 },
	{ "what was deleted comes again", { { DELETE, 10, 20, 0 }, { END, 0, 0, 0 }, { PUT, 10, 20, 1 } }, 2 },
};

static void
do_cases(struct fixture *fixture, bool lean)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct state state;
		struct agreement found = { 0 };
		size_t at = 0;

		begin_state(&state, fixture, lean, 60);
		for (bool more = true; more; at++) {
			at += do_run(&state, cases[i].steps + at);
			found = check_state(&state);
			more = cases[i].steps[at].what == END;
		}
		if (found.layers != cases[i].layers)
			fail_msg("%s: %u layers", cases[i].name, found.layers);
	}
}

static void
test_cases_lean(void **arg)
{
	do_cases(*arg, true);
}

static void
test_cases_whole(void **arg)
{
	do_cases(*arg, false);
}

/* Forty runs of one document each: of n documents there are no more layers than log n. */
static void
test_forty_runs(void **arg)
{
	struct fixture *fixture = *arg;
	struct state state;

	begin_state(&state, fixture, true, 60);
	for (unsigned i = 1; i <= 40; i++) {
		struct step steps[] = { { PUT, 2 * i, 2 * i, 2 }, { NOTHING, 0, 0, 0 } };
		unsigned most = 2; /* that of the full build, and one */

		(void)do_run(&state, steps);
		for (unsigned n = i; n > 1; n /= 2)
			most++;
		assert_true(agreement_of(fixture).layers <= most);
	}
	(void)check_state(&state);
}

/* ---- Files that are left, damaged, or too many ------------------------------------------------ */

static bool
is_there(struct fixture *fixture, const char *name)
{
	char path[64];
	struct stat st;

	(void)snprintf(path, sizeof(path), "current/%s", name);
	return stat(fixture_path(fixture, path), &st) == 0;
}

static void
touch_file(struct fixture *fixture, const char *name)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "current/%s", name);
	write_file(fixture_path(fixture, path), "nothing");
}

static void
run_one(struct state *state, unsigned number, unsigned version)
{
	const struct step steps[] = { { PUT, number, number, version }, { NOTHING, 0, 0, 0 } };

	(void)do_run(state, steps);
}

/* What a run wrote that was killed before its commit goes with the next run, though that changes nothing; so do its own files that it merged. */
static void
test_left_by_a_killed_run(void **arg)
{
	struct fixture *fixture = *arg;
	struct state state;

	begin_state(&state, fixture, true, 60);
	run_one(&state, 3, 2);
	check_ok(fixture, manifest_unseal(fixture_path(fixture, "current"), analyzer_version(), &fixture->error));
	touch_file(fixture, "inverted.2");
	touch_file(fixture, "inverted.2.terms");
	touch_file(fixture, "inverted.77");
	run_one(&state, 3, 2);
	assert_true(is_there(fixture, "inverted") && is_there(fixture, "inverted.1"));
	assert_false(is_there(fixture, "inverted.2") || is_there(fixture, "inverted.2.terms"));
	assert_false(is_there(fixture, "inverted.77"));
	run_one(&state, 4, 2);
	assert_false(is_there(fixture, "inverted.1") || is_there(fixture, "inverted.2"));
	assert_true(is_there(fixture, "inverted.3"));
	(void)check_state(&state);
}

/* A number is given once, also where no layer is left that had it. */
static void
test_numbers_are_not_given_again(void **arg)
{
	static const struct step delete_it[] = { { DELETE, 61, 61, 0 }, { NOTHING, 0, 0, 0 } };
	struct fixture *fixture = *arg;
	struct state state;

	begin_state(&state, fixture, true, 60);
	run_one(&state, 61, 1);
	assert_true(is_there(fixture, "inverted.1"));
	(void)do_run(&state, delete_it);
	assert_int_equal(count_files(fixture), 1);
	run_one(&state, 61, 2);
	assert_true(is_there(fixture, "inverted.2"));
	(void)check_state(&state);
}

static void
damage(struct fixture *fixture, const char *name, long at)
{
	char path[64];
	FILE *file;
	int byte;

	(void)snprintf(path, sizeof(path), "current/%s", name);
	file = fopen(fixture_path(fixture, path), "r+b");
	assert_non_null(file);
	assert_int_equal(fseek(file, at, SEEK_SET), 0);
	byte = fgetc(file);
	assert_int_equal(fseek(file, at, SEEK_SET), 0);
	assert_int_not_equal(fputc(byte ^ 1, file), EOF);
	assert_int_equal(fclose(file), 0);
}

static uint32_t
layers_of(struct fixture *fixture)
{
	struct store_reader *reader = open_reader(fixture);
	uint32_t n;

	(void)store_reader_layers(reader, &n);
	store_reader_close(reader);
	return n;
}

/* A lean index is nothing without its files: the run ends, and says which one it is. */
static void
test_damage_of_lean(void **arg)
{
	struct fixture *fixture = *arg;
	struct store_writer_options options = { .mode = STORE_UPDATE };
	struct store_writer *writer = NULL;
	struct state state;

	begin_state(&state, fixture, true, 60);
	run_one(&state, 3, 2);
	damage(fixture, "inverted.1", 12);
	check_refused(
	    fixture, store_writer_open(fixture->dir, &options, &writer, &fixture->error), STATUS_CORRUPT, "inverted.1");
	assert_int_equal(unlink(fixture_path(fixture, "current/inverted.1")), 0);
	check_refused(
	    fixture, store_writer_open(fixture->dir, &options, &writer, &fixture->error), STATUS_CORRUPT, "inverted.1");
	state.versions[5] = 7;
	build(&state, fixture);
	(void)check_state(&state);
}

/* In its postings it is seen where it would be merged: what is committed stays, what the run put included. */
static void
test_damage_that_would_be_merged(void **arg)
{
	struct fixture *fixture = *arg;
	struct store_writer *writer;
	struct state state;

	begin_state(&state, fixture, true, 60);
	run_one(&state, 3, 2);
	damage(fixture, "inverted.1", 600);
	writer = open_kind(fixture, STORE_UPDATE, false);
	put_numbered(fixture, writer, 4, 2);
	check_refused(fixture, store_writer_finish(writer, &fixture->error), STATUS_CORRUPT, "");
	store_writer_close(writer);
	damage(fixture, "inverted.1", 600);
	state.versions[4] = 2;
	assert_int_equal(check_state(&state).layers, 3);
	run_one(&state, 5, 2);
	assert_int_equal(check_state(&state).layers, 2);
}

/* A whole one goes on without any, for what is put now is in none; a full build makes them anew. */
static void
test_damage_of_whole(void **arg)
{
	static const long places[] = { 12, 600, -1 /* it is missing */ };
	struct fixture *fixture = *arg;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct state state;

		begin_state(&state, fixture, false, 60);
		run_one(&state, 3, 2);
		if (places[i] >= 0)
			damage(fixture, "inverted.1", places[i]);
		else
			assert_int_equal(unlink(fixture_path(fixture, "current/inverted.1")), 0);
		run_one(&state, 4, 2);
		assert_int_equal(layers_of(fixture), 0);
		assert_false(is_there(fixture, "inverted.1") || is_there(fixture, "inverted.2"));
		run_one(&state, 5, 2);
		assert_int_equal(layers_of(fixture), 0);
		build(&state, fixture);
		assert_int_equal(check_state(&state).layers, 1);
	}
}

/* A layer of which nobody asks more than its docids here, and what the database says of it. */
static void
add_layer(struct fixture *fixture, struct xc_writable *db, uint32_t number, uint32_t documents, uint32_t said)
{
	static const struct bm25 ours = { .k1 = BM25_K1, .b = BM25_B, .min_normlen = BM25_MIN_NORMLEN };
	struct invfile_writer *writer = NULL;
	char name[64], value[16];

	(void)snprintf(name, sizeof(name), "current/inverted.%u", (unsigned)number);
	check_ok(fixture, invfile_writer_new(fixture_path(fixture, name), &ours, &writer, &fixture->error));
	for (uint32_t i = 1; i <= documents; i++) {
		check_ok(fixture, invfile_writer_length(writer, i, 1, &fixture->error));
		check_ok(fixture, invfile_writer_docid(writer, i, OF_A_LAYER * number + i, &fixture->error));
	}
	check_ok(fixture, invfile_writer_begin(writer, STR("Zmot"), documents, documents, &fixture->error));
	for (uint32_t i = 1; i <= documents; i++)
		check_ok(fixture, invfile_writer_add(writer, i, 1, &i, 1, &fixture->error));
	check_ok(fixture, invfile_writer_finish(writer, &fixture->error));
	invfile_writer_free(writer);
	(void)snprintf(name, sizeof(name), "voisin.layer.%u", (unsigned)number);
	(void)snprintf(value, sizeof(value), "%u", (unsigned)said);
	check_ok(fixture, xc_writable_set_metadata(db, str_of(name), str_of(value), &fixture->error));
}

/* An index with as many files as there may be; the newest says what it is told to. */
static void
begin_full(struct state *state, struct fixture *fixture, bool lean, uint32_t of_newest, uint32_t said)
{
	struct xc_writable *db = NULL;
	const char *path;

	begin_state(state, fixture, lean, 120);
	path = fixture_path(fixture, "current");
	check_ok(fixture, manifest_unseal(path, analyzer_version(), &fixture->error));
	check_ok(fixture, xc_writable_open(str_of(path), XC_DB_OPEN, 0, &db, &fixture->error));
	for (uint32_t number = 1; number < LIMIT_LAYERS - 1; number++)
		add_layer(fixture, db, number, OF_A_LAYER, OF_A_LAYER);
	add_layer(fixture, db, LIMIT_LAYERS - 1, of_newest, said);
	check_ok(fixture, xc_writable_set_metadata(db, STR("voisin.layers"), STR("31"), &fixture->error));
	check_ok(fixture, xc_writable_commit(db, &fixture->error));
	xc_writable_close(db);
}

/* One file more than there may be: all layers become one, though each is larger than what is new. */
static void
test_most_layers(void **arg)
{
	struct fixture *fixture = *arg;
	struct store_reader *reader;
	const struct store_layer *layers;
	struct state state;
	uint32_t n;

	begin_full(&state, fixture, true, OF_A_LAYER, OF_A_LAYER);
	assert_int_equal(layers_of(fixture), LIMIT_LAYERS);
	run_one(&state, 1, 2);
	reader = open_reader(fixture);
	layers = store_reader_layers(reader, &n);
	assert_int_equal(n, 2);
	assert_int_equal(invfile_documents(layers[1].file), OF_A_LAYER * (LIMIT_LAYERS - 1) + 1);
	check_ok(fixture, invfile_verify(layers[1].file, &fixture->error));
	store_reader_close(reader);
	assert_true(is_there(fixture, "inverted.32"));
}

/* The newest of them has so many documents that one more is too many for a file. */
static void
test_layers_that_cannot_be_merged(void **arg)
{
	struct fixture *fixture = *arg;
	struct store_writer *writer;
	struct state state;

	pretended = LIMIT_FILE_DOCUMENTS;
	begin_full(&state, fixture, true, PRETENDED, LIMIT_FILE_DOCUMENTS);
	writer = open_kind(fixture, STORE_UPDATE, false);
	put_numbered(fixture, writer, 1, 2);
	check_refused(fixture, store_writer_finish(writer, &fixture->error), STATUS_CORRUPT,
	    "the index has 32 inverted files, too large to be merged (limit file_documents); rebuild it");
	store_writer_close(writer);
	/* One fewer is not. */
	pretended = LIMIT_FILE_DOCUMENTS - 1;
	begin_full(&state, fixture, true, PRETENDED, LIMIT_FILE_DOCUMENTS - 1);
	writer = open_kind(fixture, STORE_UPDATE, false);
	put_numbered(fixture, writer, 1, 2);
	/* What it is merged with is not what it says. */
	check_refused(fixture, store_writer_finish(writer, &fixture->error), STATUS_CORRUPT, "");
	assert_null(strstr(fixture->error.message, "too large"));
	store_writer_close(writer);
	/* A whole index goes on without any. */
	pretended = LIMIT_FILE_DOCUMENTS;
	begin_full(&state, fixture, false, PRETENDED, LIMIT_FILE_DOCUMENTS);
	run_one(&state, 1, 2);
	assert_int_equal(layers_of(fixture), 0);
	pretended = PRETENDED;
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(test_cases_lean),
		WITH_FIXTURE(test_cases_whole),
		WITH_FIXTURE(test_forty_runs),
		WITH_FIXTURE(test_left_by_a_killed_run),
		WITH_FIXTURE(test_numbers_are_not_given_again),
		WITH_FIXTURE(test_damage_of_lean),
		WITH_FIXTURE(test_damage_that_would_be_merged),
		WITH_FIXTURE(test_damage_of_whole),
		WITH_FIXTURE(test_most_layers),
		WITH_FIXTURE(test_layers_that_cannot_be_merged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
