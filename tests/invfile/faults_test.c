/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The n-th call of the system fails, for all n: writing, opening and reading an inverted file end by name, give back all memory (a
 * sanitizer looks), and an unfinished file is none.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "invfile/cursor.h"
#include "tests/base/cmocka_first.h"
#include "tests/invfile/fixture.h"
#include "tests/invfile/model.h"

static const struct bm25 usual = { .k1 = 1, .b = 0.5, .min_normlen = 0.5 };

static struct error error;

/* ---- Calls that fail ------------------------------------------------------------------------- */

static unsigned long calls;
static unsigned long failing; /* 0: none */

static bool
fails(int errnum)
{
	errno = errnum;
	return ++calls == failing;
}

#define FAILING(type, name, parameters, arguments, errnum, failure)         \
	type __real_##name parameters;                                      \
	type __wrap_##name parameters;                                      \
	type __wrap_##name parameters                                       \
	{                                                                   \
		return fails(errnum) ? (failure) : __real_##name arguments; \
	}

FAILING(void *, malloc, (size_t bytes), (bytes), ENOMEM, NULL)
FAILING(void *, calloc, (size_t n, size_t bytes), (n, bytes), ENOMEM, NULL)
FAILING(void *, realloc, (void *old, size_t bytes), (old, bytes), ENOMEM, NULL)
FAILING(char *, strdup, (const char *string), (string), ENOMEM, NULL)
FAILING(ssize_t, write, (int fd, const void *bytes, size_t n), (fd, bytes, n), ENOSPC, -1)
FAILING(ssize_t, pwrite, (int fd, const void *bytes, size_t n, off_t at), (fd, bytes, n, at), EIO, -1)
FAILING(ssize_t, pread, (int fd, void *bytes, size_t n, off_t at), (fd, bytes, n, at), EIO, -1)
FAILING(off_t, lseek, (int fd, off_t at, int whence), (fd, at, whence), EINVAL, -1)
FAILING(int, fstat, (int fd, struct stat *info), (fd, info), EIO, -1)
FAILING(void *, mmap, (void *at, size_t n, int protection, int flags, int fd, off_t off),
    (at, n, protection, flags, fd, off), ENOMEM, MAP_FAILED)

static bool sync_failed;

int __real_fsync(int fd);
int __wrap_fsync(int fd);

int
__wrap_fsync(int fd)
{
	sync_failed = fails(EIO);
	return sync_failed ? -1 : __real_fsync(fd);
}

/* Makes the n-th call from now on fail; 0: none. */
static void
fail_call(unsigned long n)
{
	calls = 0;
	failing = n;
}

/* ---- What is done ---------------------------------------------------------------------------- */

/* Some terms, the first of several blocks, one that stands on it; and a table of docids, or a hole before the last length. */
static void
make_model(struct model *model, bool has_table)
{
	if (has_table) {
		model_init(model, 32, 3000, 0);
		model_number(model, 10);
		(void)model_add(model, "Za", MODEL_WORDS, 300);
		return;
	}
	model_init(model, 31, 100000, 0);
	for (uint32_t docid = 500; docid < model->last_docid; docid++) {
		model->documents--;
		model->total_length -= model->lengths[docid];
		model->lengths[docid] = 0;
	}
	(void)model_add(model, "Za", MODEL_WORDS, 300);
	(void)model_add(model, "Zb", MODEL_MIXED, 100);
	for (unsigned i = 0; i < 40; i++) {
		char term[8];

		(void)snprintf(term, sizeof(term), "Zb%02u", i);
		(void)model_add(model, term, MODEL_WORDS, 1);
	}
	(void)model_add_part(model, "za", "Za", MODEL_SOME);
}

static enum status
write_model(const struct model *model)
{
	struct invfile_writer *writer;
	enum status status = invfile_writer_new(fixture_path(), &usual, &writer, &error);

	if (status != STATUS_OK)
		return status;
	for (uint32_t docid = 1; docid <= model->last_docid && status == STATUS_OK; docid++) {
		if (model->lengths[docid] > 0)
			status = invfile_writer_length(writer, docid, model->lengths[docid], &error);
		if (status == STATUS_OK && model->docids != NULL)
			status = invfile_writer_docid(writer, docid, model->docids[docid], &error);
	}
	for (size_t i = 0; i < model->n && status == STATUS_OK; i++)
		status = model_write_list(&model->lists[i], writer, &error);
	if (status == STATUS_OK)
		status = invfile_writer_finish(writer, &error);
	invfile_writer_free(writer);
	return status;
}

static enum status
read_file(const char *name)
{
	struct cursor_positions positions = { 0 };
	struct invfile_term term;
	struct invfile *file;
	struct cursor cursor;
	enum status status = invfile_open(fixture_path(), &file, &error);

	if (status != STATUS_OK)
		return status;
	status = invfile_verify(file, &error);
	if (status == STATUS_OK)
		status = invfile_find(file, str_of(name), &term, &error);
	if (status == STATUS_OK) {
		cursor_open(&cursor, file, &term);
		(void)cursor_next(&cursor);
		status = cursor_read_positions(&cursor, &positions, &error);
	}
	cursor_positions_done(&positions);
	invfile_close(file);
	return status;
}

/* ---------------------------------------------------------------------------------------------- */

static void
check_writing(bool has_table)
{
	unsigned long n = 0;
	struct model model;
	enum status status;

	make_model(&model, has_table);
	do {
		(void)unlink(fixture_path());
		fail_call(++n);
		sync_failed = false;
		status = write_model(&model);
		fail_call(0);
		assert_true(status == STATUS_OK || status == STATUS_NOMEM || status == STATUS_IO);
		assert_true(status == STATUS_OK || (error.code == status && error.message[0] != '\0'));
		/* Only where the sync was all that failed is the file complete. */
		if (status != STATUS_OK && access(fixture_path(), F_OK) == 0 && !sync_failed)
			assert_int_equal(read_file("Za"), STATUS_CORRUPT);
	} while (status != STATUS_OK);
	print_message("%lu calls\n", n);
	assert_in_range(n, 20, 10000);
	assert_int_equal(read_file(model.lists[model.n - 1].term), STATUS_OK);
	model_done(&model);
}

static void
test_writing_fails_by_name(void **state)
{
	(void)state;
	check_writing(false);
	assert_int_equal(unlink(fixture_path()), 0);
	check_writing(true);
}

static void
check_reading(bool has_table)
{
	unsigned long n = 0;
	struct model model;
	enum status status;

	make_model(&model, has_table);
	assert_int_equal(write_model(&model), STATUS_OK);
	do {
		fail_call(++n);
		status = read_file(model.lists[model.n - 1].term);
		fail_call(0);
		assert_true(status == STATUS_OK || status == STATUS_NOMEM || status == STATUS_IO);
		assert_true(status == STATUS_OK || (error.code == status && error.message[0] != '\0'));
	} while (status != STATUS_OK);
	print_message("%lu calls\n", n);
	assert_in_range(n, 5, 1000);
	model_done(&model);
}

static void
test_reading_fails_by_name(void **state)
{
	(void)state;
	check_reading(true);
	assert_int_equal(unlink(fixture_path()), 0);
	check_reading(false);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_writing_fails_by_name, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_reading_fails_by_name, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
