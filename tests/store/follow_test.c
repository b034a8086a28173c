/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Readers and a writer of one index, in processes of their own: while runs make layers, merge them and remove their files, a reader that stays
 * at its commit goes on to see that commit, one that moves sees each state whole, and a writer that is killed at any point leaves one of two.
 *
 * Document i says "tourK commun" where run K put it last; so the documents that hold "tourK" in the layers, all K, are a state.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "invfile/cursor.h"
#include "invfile/file.h"
#include "store/inspect.h"
#include "tests/store/fixture.h"

enum { DOCUMENTS = 120, RUNS = 48, GONE = RUNS, ATTEMPTS = 100 };

/* The file that a run makes when all is done. */
#define OVER "over.tmp"

/* How many documents each run put last. */
struct counts {
	uint32_t of[RUNS];
};

/* What all processes see. */
struct shared {
	_Atomic unsigned begun; /* runs */
	_Atomic unsigned ended;
	_Atomic bool stop;
	struct counts states[RUNS]; /* after each run; written before it begins */
};

/* What the index is to hold: which run put each document last, or GONE. */
struct model {
	unsigned run_of[DOCUMENTS];
	uint64_t seed;
};

static struct shared *shared;

static uint32_t
draw(struct model *model, uint32_t n)
{
	model->seed = model->seed * UINT64_C(6364136223846793005) + 1442695040888963407; /* Knuth's MMIX */
	return (uint32_t)(model->seed >> 33) % n;
}

static void
word_of(unsigned run, char ret_word[16])
{
	(void)snprintf(ret_word, 16, "tour%c%c", 'a' + (int)(run / 26), 'a' + (int)(run % 26));
}

/* ---- Runs ------------------------------------------------------------------------------------ */

/* What run K changes: few documents mostly, sometimes many; some go and come again. */
static void
change(struct model *model, unsigned run)
{
	uint32_t n = run == 0 ? DOCUMENTS : draw(model, 4) == 0 ? 1 + draw(model, 60) : 1 + draw(model, 6);
	struct counts counts = { { 0 } };

	for (uint32_t i = 0; i < n; i++) {
		uint32_t at = run == 0 ? i : draw(model, DOCUMENTS);

		model->run_of[at] = run > 0 && draw(model, 5) == 0 ? GONE : run;
	}
	for (uint32_t i = 0; i < DOCUMENTS; i++)
		if (model->run_of[i] != GONE)
			counts.of[model->run_of[i]]++;
	shared->states[run] = counts;
}

static void
run_writer(struct fixture *fixture, const struct model *model, unsigned run)
{
	struct store_writer_options options = { .mode = run == 0 ? STORE_REBUILD : STORE_UPDATE, .lean = true };
	struct store_writer *writer = NULL;

	check_ok(fixture, store_writer_open(fixture->dir, &options, &writer, &fixture->error));
	check_ok(fixture, store_writer_add_scope(writer, STR("/"), &fixture->error));
	begin(fixture, writer, "/f/a.jsonl");
	for (unsigned i = 0; i < DOCUMENTS; i++) {
		char id[16];
		char text[32];
		char word[16];

		if (model->run_of[i] == GONE)
			continue;
		(void)snprintf(id, sizeof(id), "%u", i);
		word_of(model->run_of[i], word);
		(void)snprintf(text, sizeof(text), "%s commun", word);
		(void)put(fixture, writer, id, "", text);
	}
	end(fixture, writer);
	(void)sweep(fixture, writer);
	finish(fixture, writer);
}

/* ---- What a reader sees ---------------------------------------------------------------------- */

static uint32_t
count_in(const struct store_layer *layer, const char *word)
{
	struct invfile_term found;
	struct cursor cursor;
	uint32_t n = 0;
	struct error error;
	enum status status = invfile_find(layer->file, str_of(word), &found, &error);

	if (status == STATUS_NOT_FOUND)
		return 0;
	if (status != STATUS_OK)
		abort();
	cursor_open(&cursor, layer->file, &found);
	while (cursor_next(&cursor) != CURSOR_END)
		n += !store_touched_has(&layer->touched, cursor.docid);
	if (cursor.damaged)
		abort();
	return n;
}

static struct counts
look(const struct store_reader *reader)
{
	struct counts counts = { { 0 } };
	uint32_t n;
	const struct store_layer *layers = store_reader_layers(reader, &n);

	for (unsigned run = 0; run < RUNS; run++) {
		char word[16];

		word_of(run, word);
		for (uint32_t i = 0; i < n; i++)
			counts.of[run] += count_in(&layers[i], word);
	}
	return counts;
}

static bool
is_state(const struct counts *counts, unsigned run)
{
	return memcmp(counts, &shared->states[run], sizeof(*counts)) == 0;
}

/* Which of the states from run `least` to `most` that is; RUNS: none. */
static unsigned
state_of(const struct counts *counts, unsigned least, unsigned most)
{
	for (unsigned run = least; run <= most && run < RUNS; run++)
		if (is_state(counts, run))
			return run;
	return RUNS;
}

/* ---- A reader that stays --------------------------------------------------------------------- */

/* What it is told: to look, to move and look, or to open another reader and look. */
static const char orders[] = { 'l', 'm', 'o' };

static enum status
obey(struct fixture *fixture, char order, struct store_reader **reader)
{
	struct store_reader *another = NULL;
	enum status status = STATUS_OK;

	if (order == 'm')
		status = store_reader_refresh(*reader, NULL, &fixture->error);
	if (order == 'o') {
		status = store_reader_open(fixture->dir, &another, &fixture->error);
		if (status == STATUS_OK) {
			store_reader_close(*reader);
			*reader = another;
		}
	}
	return status;
}

static void
serve(struct fixture *fixture, int in, int out)
{
	struct store_reader *reader = open_reader(fixture);
	char order;

	while (read(in, &order, 1) == 1) {
		struct counts counts;

		if (obey(fixture, order, &reader) != STATUS_OK) {
			(void)fprintf(stderr, "%s\n", fixture->error.message);
			_exit(1);
		}
		counts = look(reader);
		if (write(out, &counts, sizeof(counts)) != sizeof(counts))
			_exit(1);
	}
	store_reader_close(reader);
	_exit(0);
}

static struct counts
ask(int to, int from, char order)
{
	struct counts counts;

	assert_int_equal(write(to, &order, 1), 1);
	assert_int_equal(read(from, &counts, sizeof(counts)), sizeof(counts));
	return counts;
}

/* At its commit a reader finds all that it found there, whatever runs have removed since; then it moves, or another one opens. */
static void
test_a_reader_that_stays(void **state)
{
	struct fixture *fixture = *state;
	struct model model = { .seed = 3 };
	int orders_to[2], answers[2], code;
	unsigned at = 0;
	pid_t pid;

	change(&model, 0);
	run_writer(fixture, &model, 0);
	assert_int_equal(pipe(orders_to) | pipe(answers), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)close(orders_to[1]);
		serve(fixture, orders_to[0], answers[1]);
	}
	(void)close(orders_to[0]);
	(void)close(answers[1]);
	for (unsigned run = 1; run < RUNS; run++) {
		struct counts counts = ask(orders_to[1], answers[0], 'l');

		assert_true(is_state(&counts, at));
		change(&model, run);
		run_writer(fixture, &model, run);
		counts = ask(orders_to[1], answers[0], 'l');
		assert_true(is_state(&counts, at));
		/* Not after each run: it may be some commits behind. */
		if (draw(&model, 3) > 0)
			continue;
		counts = ask(orders_to[1], answers[0], orders[1 + draw(&model, 2)]);
		assert_true(is_state(&counts, run));
		at = run;
	}
	(void)close(orders_to[1]);
	(void)close(answers[0]);
	assert_int_equal(waitpid(pid, &code, 0), pid);
	assert_int_equal(code, 0);
	check_ok(fixture, store_inspect_structure(fixture->dir, &fixture->error));
}

/* ---- A reader that moves on all the time ------------------------------------------------------ */

/*
 * Runs that follow each other at once write over what Xapian reads, which then says so, or takes it for damage: that is tried again, as requests are.
 * An inverted file is never written over, and one that is missing belongs to no newest commit.
 */
static void
obey_at_last(struct fixture *fixture, char order, struct store_reader **reader)
{
	enum status status = STATUS_STALE;

	for (int i = 0; i < ATTEMPTS && status != STATUS_OK; i++) {
		status = obey(fixture, order, reader);
		if (status == STATUS_OK || (strstr(fixture->error.message, "Database") != NULL &&
					       (status == STATUS_STALE || status == STATUS_CORRUPT)))
			continue;
		break;
	}
	if (status == STATUS_OK)
		return;
	(void)fprintf(stderr, "%s: %s\n", status_name(status), fixture->error.message);
	_exit(1);
}

/* Moves and looks until it is told to stop; each state that it sees is one that there was, and none before the one it saw last. */
static void
chase(struct fixture *fixture)
{
	struct store_reader *reader = open_reader(fixture);
	unsigned last = 0;
	unsigned n = 0;

	while (!atomic_load(&shared->stop)) {
		unsigned least = atomic_load(&shared->ended);
		struct counts counts;
		unsigned seen;

		obey_at_last(fixture, orders[1 + n++ % 2], &reader);
		counts = look(reader);
		seen = state_of(&counts, least > last ? least : last, atomic_load(&shared->begun));
		if (seen == RUNS) {
			(void)fprintf(stderr, "no state from %u on\n", least);
			_exit(1);
		}
		last = seen;
	}
	store_reader_close(reader);
	_exit(0);
}

static void
test_readers_that_move(void **state)
{
	struct fixture *fixture = *state;
	struct model model = { .seed = 4 };
	pid_t pids[2];

	change(&model, 0);
	run_writer(fixture, &model, 0);
	for (int i = 0; i < 2; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0)
			chase(fixture);
	}
	for (unsigned run = 1; run < RUNS; run++) {
		change(&model, run);
		atomic_store(&shared->begun, run);
		run_writer(fixture, &model, run);
		atomic_store(&shared->ended, run);
	}
	atomic_store(&shared->stop, true);
	for (int i = 0; i < 2; i++) {
		int code;

		assert_int_equal(waitpid(pids[i], &code, 0), pids[i]);
		assert_int_equal(code, 0);
	}
	check_ok(fixture, store_inspect_structure(fixture->dir, &fixture->error));
}

/* ---- A writer that is killed ----------------------------------------------------------------- */

/* Kills the process once `n` things happened in the generation's folder, or it was over. */
static void
kill_after(int watch, pid_t pid, unsigned n)
{
	char events[4096] __attribute__((aligned(8)));
	int code;

	while (n > 0) {
		ssize_t bytes = read(watch, events, sizeof(events));
		const struct inotify_event *event;

		assert_true(bytes > 0);
		for (char *at = events; at < events + bytes && n > 0; at += sizeof(*event) + event->len) {
			event = (const struct inotify_event *)(const void *)at;
			n = event->len > 0 && strcmp(event->name, OVER) == 0 ? 0 : n - 1;
		}
	}
	(void)kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &code, 0), pid);
}

/* Forgets what happened so far. */
static int
watch_anew(struct fixture *fixture, int watch)
{
	if (watch >= 0)
		(void)close(watch);
	watch = inotify_init1(IN_CLOEXEC);
	assert_true(watch >= 0);
	assert_true(inotify_add_watch(watch, fixture_path(fixture, "gen-000001"),
			IN_CREATE | IN_CLOSE_WRITE | IN_MODIFY | IN_DELETE | IN_MOVED_TO) >= 0);
	return watch;
}

/*
 * After each kill a reader sees the state before the run or the one after it, and goes on to do so from the commit it was at; the next run ends, and
 * leaves an index that is whole.
 */
static void
test_a_killed_writer(void **state)
{
	struct fixture *fixture = *state;
	struct model model = { .seed = 5 };
	struct store_reader *reader;
	int watch = -1;
	unsigned before = 0, after = 0;

	change(&model, 0);
	run_writer(fixture, &model, 0);
	reader = open_reader(fixture);
	for (unsigned run = 1; run < RUNS; run++) {
		struct counts counts;
		pid_t pid;

		change(&model, run);
		watch = watch_anew(fixture, watch);
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			run_writer(fixture, &model, run);
			write_file(fixture_path(fixture, "gen-000001/" OVER), "");
			_exit(0);
		}
		kill_after(watch, pid, run);
		(void)unlink(fixture_path(fixture, "gen-000001/" OVER));
		check_ok(fixture, store_reader_refresh(reader, NULL, &fixture->error));
		counts = look(reader);
		assert_true(is_state(&counts, run) || is_state(&counts, run - 1));
		before += is_state(&counts, run - 1);
		after += is_state(&counts, run);
		run_writer(fixture, &model, run);
		check_ok(fixture, store_reader_refresh(reader, NULL, &fixture->error));
		counts = look(reader);
		assert_true(is_state(&counts, run));
		check_ok(fixture, store_inspect_structure(fixture->dir, &fixture->error));
	}
	print_message("killed before the commit %u times, after it %u times\n", before, after);
	store_reader_close(reader);
	(void)close(watch);
}

/* ---------------------------------------------------------------------------------------------- */

static int
setup(void **state)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return shared != MAP_FAILED ? fixture_setup(state) : -1;
}

static int
teardown(void **state)
{
	(void)munmap(shared, sizeof(*shared));
	return fixture_teardown(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_reader_that_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(test_readers_that_move, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_killed_writer, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
