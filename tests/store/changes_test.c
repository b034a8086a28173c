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

#include "tests/store/agree.h"

enum { DOCUMENTS = 200 };

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
	    { { PUT, 1, 10, 2 }, { END, 0, 0, 0 }, { PUT, 20, 30, 2 }, { END, 0, 0, 0 }, { PUT, 5, 15, 3 } }, 2 },
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

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(test_cases_lean),
		WITH_FIXTURE(test_cases_whole),
		WITH_FIXTURE(test_forty_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
