/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process that analyses what an update changes, by itself: what it is handed comes back in order, however much is on its way; what it writes;
 * what it leaves behind when it is stopped, killed, or fails.
 */
#include "store/batch-worker.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "store/layername.h"
#include "tests/store/fixture.h"

#include "tests/base/own_process.h"

enum { PATIENCE_MS = 20 * 1000, MANY = 4000 };

static const struct hash no_file;

/* What a test that failed has left would be taken for the next one's. */
static int
teardown(void **state)
{
	pid_t pid;

	while ((pid = fixture_child()) > 0) {
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
	}
	return fixture_teardown(state);
}

/* A document of 1 to 7 words. */
static void
put_one(struct fixture *fixture, struct batch_worker *worker, uint32_t docid)
{
	static const char words[] = "un un un un un un un";
	char id[16];
	struct store_document document;

	(void)snprintf(id, sizeof(id), "%u", docid);
	document = doc(id, "", "");
	document.text = (struct str) { words, 2 + docid % 7 * 3 };
	check_ok(fixture, batch_worker_put(worker, docid, &document, &no_file, &fixture->error));
}

static struct batch_worker *
start(struct fixture *fixture, bool has_layers)
{
	const struct batch_worker_options options = { .path = fixture->dir, .lean = true, .has_layers = has_layers };
	struct batch_worker *worker = NULL;

	check_ok(fixture, batch_worker_start(&options, &worker, &fixture->error));
	return worker;
}

/* Takes the answer that is next, whose documents follow number `from`; returns the number of the last.  Each tenth is a deletion. */
static uint32_t
take_answer(struct fixture *fixture, struct batch_worker *worker, uint32_t from)
{
	struct outcome *outcome;
	enum status status;

	check_ok(fixture, batch_worker_take(worker, &fixture->error));
	while ((status = batch_worker_next(worker, &outcome, &fixture->error)) == STATUS_OK) {
		bool is_deletion = ++from % 10 == 0;

		assert_int_equal(outcome->refused.code, STATUS_OK);
		assert_int_equal(outcome->words, is_deletion ? 0 : 1 + from % 7);
		assert_int_equal(outcome->document.n_terms == 0, is_deletion);
	}
	assert_int_equal(status, STATUS_END);
	return from;
}

static uint32_t
take_all(struct fixture *fixture, struct batch_worker *worker, uint32_t from)
{
	check_ok(fixture, batch_worker_flush(worker, &fixture->error));
	while (batch_worker_pending(worker) > 0)
		from = take_answer(fixture, worker, from);
	return from;
}

static void
put_many(struct fixture *fixture, struct batch_worker *worker, uint32_t n)
{
	uint32_t taken = 0;

	for (uint32_t docid = 1; docid <= n; docid++) {
		if (batch_worker_is_full(worker))
			taken = take_answer(fixture, worker, taken);
		if (docid % 10 == 0)
			check_ok(fixture, batch_worker_delete(worker, docid, &fixture->error));
		else
			put_one(fixture, worker, docid);
	}
	assert_int_equal(take_all(fixture, worker, taken), n);
}

/* ---- What comes back ------------------------------------------------------------------------- */

static void
test_outcomes_come_in_order(void **state)
{
	struct fixture *fixture = *state;

	for (int has_layers = 0; has_layers < 2; has_layers++) {
		struct batch_worker *worker = start(fixture, has_layers != 0);

		assert_int_equal(batch_worker_pending(worker), 0);
		assert_false(batch_worker_is_ready(worker) || batch_worker_is_gone(worker));
		for (unsigned round = 0; round < 2; round++)
			put_many(fixture, worker, MANY);
		assert_int_equal(batch_worker_bytes(worker) > 0, has_layers);
		batch_worker_stop(worker);
	}
}

/* Several slots are under way at a time, and none is waited for before all are taken. */
static void
test_several_on_their_way(void **state)
{
	struct fixture *fixture = *state;
	struct batch_worker *worker = start(fixture, true);
	uint32_t docid = 0;

	assert_int_equal(kill(fixture_child(), SIGSTOP), 0);
	while (!batch_worker_is_full(worker))
		if (++docid % 10 == 0)
			check_ok(fixture, batch_worker_delete(worker, docid, &fixture->error));
		else
			put_one(fixture, worker, docid);
	assert_in_range(batch_worker_pending(worker), 2, 100);
	assert_false(batch_worker_is_ready(worker));
	assert_int_equal(kill(fixture_child(), SIGCONT), 0);
	for (int i = 0; !batch_worker_is_ready(worker) && i < PATIENCE_MS; i++)
		(void)poll(NULL, 0, 1);
	assert_true(batch_worker_is_ready(worker));
	assert_int_equal(take_all(fixture, worker, 0), docid);
	assert_false(batch_worker_is_ready(worker));
	batch_worker_stop(worker);
}

/* The longest document there may be, behind others in its slot, is whole when the next slot is filled before it is read. */
static void
test_longest_document(void **state)
{
	static const char words[] = " un deux trois quatre cinq six sept huit neuf dix";
	struct fixture *fixture = *state;
	struct batch_worker *worker = start(fixture, true);
	struct store_document document = doc("long", "", "");
	size_t len = LIMIT_DOCUMENT_BYTES - document.id.len;
	char *text = malloc(len);
	struct outcome *outcome;
	uint32_t n = 0;

	assert_non_null(text);
	memset(text, ' ', len);
	memcpy(text + len - strlen(words), words, strlen(words));
	document.text = (struct str) { text, len };
	assert_int_equal(kill(fixture_child(), SIGSTOP), 0);
	/* Up to a slot less one of them: SLOT_BYTES of what each takes. */
	while (batch_worker_pending(worker) == 0)
		put_one(fixture, worker, 7 * ++n);
	for (uint32_t i = 1; i < n; i++)
		put_one(fixture, worker, 7 * i);
	assert_int_equal(batch_worker_pending(worker), 1);
	check_ok(fixture, batch_worker_put(worker, 1, &document, &no_file, &fixture->error));
	assert_int_equal(batch_worker_pending(worker), 2);
	put_one(fixture, worker, 7);
	assert_int_equal(kill(fixture_child(), SIGCONT), 0);
	check_ok(fixture, batch_worker_take(worker, &fixture->error));
	check_ok(fixture, batch_worker_take(worker, &fixture->error));
	for (uint32_t i = 1; i < n; i++)
		check_ok(fixture, batch_worker_next(worker, &outcome, &fixture->error));
	check_ok(fixture, batch_worker_next(worker, &outcome, &fixture->error));
	assert_int_equal(outcome->words, 10);
	free(text);
	batch_worker_stop(worker);
}

/* A document that is refused is no failure, and those beside it are as they are. */
static void
test_refused(void **state)
{
	struct fixture *fixture = *state;
	struct batch_worker *worker = start(fixture, true);
	struct store_document document = doc("mots", "", "");
	size_t len = 2 * ((size_t)LIMIT_DOCUMENT_WORDS + 1);
	char *text = malloc(len);
	struct outcome *outcome;
	uint32_t documents;

	assert_non_null(text);
	for (size_t i = 0; i < len; i++)
		text[i] = i % 2 == 0 ? 'x' : ' ';
	document.text = (struct str) { text, len };
	put_one(fixture, worker, 1);
	check_ok(fixture, batch_worker_put(worker, 2, &document, &no_file, &fixture->error));
	put_one(fixture, worker, 3);
	check_ok(fixture, batch_worker_flush(worker, &fixture->error));
	while (batch_worker_pending(worker) > 0) {
		check_ok(fixture, batch_worker_take(worker, &fixture->error));
		while (batch_worker_next(worker, &outcome, &fixture->error) == STATUS_OK)
			if (outcome->refused.code != STATUS_OK) {
				assert_int_equal(outcome->refused.code, STATUS_LIMIT);
				assert_non_null(strstr(outcome->refused.message, "words"));
			} else {
				assert_true(outcome->words == 2 || outcome->words == 4);
			}
	}
	check_ok(fixture, batch_worker_sort(worker, &documents, &fixture->error));
	assert_int_equal(documents, 2);
	free(text);
	batch_worker_stop(worker);
}

/* ---- What it writes -------------------------------------------------------------------------- */

static const char *
path_of(const struct fixture *fixture, uint32_t number)
{
	char name[LAYERNAME_BYTES];

	return fixture_path(fixture, layername_file(number, name));
}

static uint32_t
sort_and_write(struct fixture *fixture, struct batch_worker *worker, uint32_t number,
    const struct layerfile *const parts[], size_t n_parts)
{
	uint32_t documents = 0;

	check_ok(fixture, batch_worker_sort(worker, &documents, &fixture->error));
	check_ok(fixture, batch_worker_write(worker, number, parts, n_parts, &documents, &fixture->error));
	return documents;
}

static void
test_files(void **state)
{
	struct fixture *fixture = *state;
	struct batch_worker *worker = start(fixture, true);
	struct layerfile first = { .number = 7 }, second = { .number = 8 };
	const struct layerfile *parts[] = { &first };
	char maps[64];
	uint32_t documents;

	/* Left by a commit that failed. */
	write_file(path_of(fixture, 7), "no inverted file");
	put_many(fixture, worker, 25);
	check_ok(fixture, batch_worker_sort(worker, &documents, &fixture->error));
	assert_int_equal(documents, 23);
	assert_int_equal(sort_and_write(fixture, worker, 7, NULL, 0), 23);
	check_ok(fixture, batch_worker_reset(worker, &fixture->error));
	check_ok(fixture, batch_worker_sort(worker, &documents, &fixture->error));
	assert_int_equal(documents, 0);
	/* The same again without what the first has of it. */
	check_ok(fixture, touched_begin(&first.touched, 23, &fixture->error));
	for (uint32_t number = 1; number <= 5; number++)
		assert_true(touched_note(&first.touched, number));
	put_many(fixture, worker, 5);
	assert_int_equal(sort_and_write(fixture, worker, 8, parts, 1), 23);
	/* Another part, and nothing new. */
	check_ok(fixture, batch_worker_reset(worker, &fixture->error));
	check_ok(fixture, touched_begin(&second.touched, 23, &fixture->error));
	assert_true(touched_note(&second.touched, 1));
	parts[0] = &second;
	put_one(fixture, worker, 100);
	check_ok(fixture, batch_worker_flush(worker, &fixture->error));
	check_ok(fixture, batch_worker_take(worker, &fixture->error));
	assert_int_equal(sort_and_write(fixture, worker, 9, parts, 1), 23);
	/* None is held open. */
	(void)snprintf(maps, sizeof(maps), "/proc/%ld/maps", (long)fixture_child());
	assert_int_equal(count_mappings(maps, fixture->dir), 0);
	batch_worker_stop(worker);
	check_ok(fixture, layerfile_open(&second, fixture->dir, &fixture->error));
	assert_int_equal(invfile_documents(second.file), 23);
	check_ok(fixture, invfile_verify(second.file, &fixture->error));
	layerfile_close(&second);
	layerfile_close(&first);
}

/* Of documents that were put, deleted and put again, each that is there counts once. */
static void
test_changes_of_mind(void **state)
{
	struct fixture *fixture = *state;
	struct batch_worker *worker = start(fixture, true);
	uint32_t documents;

	for (uint32_t docid = 1; docid <= 5; docid++)
		put_one(fixture, worker, docid);
	check_ok(fixture, batch_worker_delete(worker, 3, &fixture->error));
	put_one(fixture, worker, 4);
	check_ok(fixture, batch_worker_delete(worker, 5, &fixture->error));
	put_one(fixture, worker, 5);
	check_ok(fixture, batch_worker_flush(worker, &fixture->error));
	check_ok(fixture, batch_worker_take(worker, &fixture->error));
	check_ok(fixture, batch_worker_sort(worker, &documents, &fixture->error));
	assert_int_equal(documents, 4);
	batch_worker_stop(worker);
}

/* What cannot be written leaves nothing, says why, and may be tried again. */
static void
test_files_that_fail(void **state)
{
	struct fixture *fixture = *state;
	struct batch_worker *worker = start(fixture, true);
	struct layerfile part = { .number = 7 };
	const struct layerfile *parts[] = { &part };
	uint32_t documents = 77;
	FILE *file;

	put_many(fixture, worker, 25);
	assert_int_equal(sort_and_write(fixture, worker, 7, NULL, 0), 23);
	check_ok(fixture, touched_begin(&part.touched, 23, &fixture->error));
	file = fopen(path_of(fixture, 7), "r+");
	assert_non_null(file);
	assert_int_equal(fseek(file, -100, SEEK_END), 0);
	assert_int_equal(fwrite("damaged", 1, 7, file), 7);
	assert_int_equal(fclose(file), 0);
	check_refused(
	    fixture, batch_worker_write(worker, 8, parts, 1, &documents, &fixture->error), STATUS_CORRUPT, "damaged");
	assert_int_equal(documents, 77);
	assert_int_equal(access(path_of(fixture, 8), F_OK), -1);
	part.number = 99;
	check_refused(
	    fixture, batch_worker_write(worker, 8, parts, 1, &documents, &fixture->error), STATUS_CORRUPT, "");
	check_ok(fixture, batch_worker_write(worker, 8, NULL, 0, &documents, &fixture->error));
	assert_int_equal(documents, 23);
	layerfile_close(&part);
	batch_worker_stop(worker);
}

/* ---- Its end --------------------------------------------------------------------------------- */

static void
test_killed(void **state)
{
	struct fixture *fixture = *state;
	struct batch_worker *worker = start(fixture, true);
	enum status status = STATUS_OK;

	assert_false(batch_worker_is_gone(NULL));
	assert_int_equal(kill(fixture_child(), SIGKILL), 0);
	for (uint32_t docid = 1; status == STATUS_OK; docid++) {
		struct store_document document = doc("a", "", "un");

		status = batch_worker_is_full(worker)
			     ? batch_worker_take(worker, &fixture->error)
			     : batch_worker_put(worker, docid, &document, &no_file, &fixture->error);
	}
	assert_int_equal(status, STATUS_INTERNAL);
	assert_non_null(strstr(fixture->error.message, "child process"));
	assert_true(batch_worker_is_gone(worker));
	assert_int_equal(batch_worker_take(worker, &fixture->error), STATUS_INTERNAL);
	assert_true(batch_worker_is_gone(worker));
	batch_worker_stop(worker);
}

/* No process, no descriptor, no shared memory is left. */
static void
test_stopped(void **state)
{
	struct fixture *fixture = *state;
	int descriptors = count_descriptors(), maps = count_mappings("/proc/self/maps", "/dev/zero");

	for (unsigned n_documents = 0; n_documents < 3000; n_documents += 1499) {
		struct batch_worker *worker = start(fixture, true);

		assert_int_not_equal(fixture_child(), 0);
		assert_int_equal(count_mappings("/proc/self/maps", "/dev/zero"), maps + 1);
		for (uint32_t docid = 1; docid <= n_documents; docid++)
			put_one(fixture, worker, docid);
		batch_worker_stop(worker);
		assert_int_equal(fixture_child(), 0);
		assert_int_equal(count_descriptors(), descriptors);
		assert_int_equal(count_mappings("/proc/self/maps", "/dev/zero"), maps);
	}
	batch_worker_stop(NULL);
}

/* It holds nothing that its parent had open: a pipe whose other end that closes is at its end. */
static void
test_holds_nothing_of_its_parent(void **state)
{
	struct fixture *fixture = *state;
	struct pollfd end = { .events = POLLIN };
	struct batch_worker *worker;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	worker = start(fixture, true);
	assert_int_equal(close(fds[1]), 0);
	end.fd = fds[0];
	assert_int_equal(poll(&end, 1, PATIENCE_MS), 1);
	assert_true((end.revents & POLLHUP) != 0);
	(void)close(fds[0]);
	put_one(fixture, worker, 1);
	assert_int_equal(take_all(fixture, worker, 0), 1);
	batch_worker_stop(worker);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_outcomes_come_in_order, fixture_setup_folder, teardown),
		cmocka_unit_test_setup_teardown(test_several_on_their_way, fixture_setup_folder, teardown),
		cmocka_unit_test_setup_teardown(test_longest_document, fixture_setup_folder, teardown),
		cmocka_unit_test_setup_teardown(test_refused, fixture_setup_folder, teardown),
		cmocka_unit_test_setup_teardown(test_files, fixture_setup_folder, teardown),
		cmocka_unit_test_setup_teardown(test_changes_of_mind, fixture_setup_folder, teardown),
		cmocka_unit_test_setup_teardown(test_files_that_fail, fixture_setup_folder, teardown),
		cmocka_unit_test_setup_teardown(test_killed, fixture_setup_folder, teardown),
		cmocka_unit_test_setup_teardown(test_stopped, fixture_setup_folder, teardown),
		cmocka_unit_test_setup_teardown(test_holds_nothing_of_its_parent, fixture_setup_folder, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
