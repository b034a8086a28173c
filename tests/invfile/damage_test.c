/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that are none: cut short, of another version, with any byte changed.  What is wrong is found, and nothing crashes where
 * nobody looks for it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "invfile/dictionary.h"
#include "invfile/layout.h"
#include "tests/base/cmocka_first.h"
#include "tests/invfile/model.h"
#include "tests/invfile/probe.h"

static const struct bm25 usual = { .k1 = 1, .b = 0.5, .min_normlen = 0.5 };

static struct error error;

/* A file in memory, its path, and the bytes that are right. */
struct subject {
	char dir[32];
	int fd;
	char path[64];
	struct buf bytes;
};

static struct subject subject;

/* A small file that has every kind of list and block. */
static void
make(const char *path)
{
	struct model model;

	model_init(&model, 7, 700, 5);
	(void)model_add(&model, "XSENT", MODEL_MARKS, 30);
	/* Two groups of terms that are told apart from what follows, so that it may stand on their lists. */
	(void)model_add(&model, "Y00", MODEL_WORDS, 180);
	for (unsigned i = 1; i < 2 * DICTIONARY_GROUP; i++) {
		char term[8];

		(void)snprintf(term, sizeof(term), "Y%02u", i);
		(void)model_add(&model, term, MODEL_WORDS, 1);
	}
	(void)model_add(&model, "Za", MODEL_WORDS, 1);
	(void)model_add(&model, "Zb", MODEL_MIXED, 300);
	(void)model_add(&model, "Zm", MODEL_WORDS, 3);
	(void)model_add(&model, "Zmo", MODEL_WORDS, 140);
	(void)model_add(&model, "Zmot", MODEL_WORDS, 257);
	(void)model_add(&model, "Zmots", MODEL_MIXED, 40);
	(void)model_add(&model, "zone", MODEL_FORMS, 128);
	(void)model_add(&model, "zut", MODEL_FORMS, 2);
	(void)model_add_part(&model, "zy", "Y00", MODEL_STRAYS);
	(void)model_add_part(&model, "zz", "Y00", MODEL_SOME);
	model_write(&model, &usual, path);
	model_done(&model);
}

static int
setup(void **state)
{
	char path[64];

	(void)state;
	(void)snprintf(subject.dir, sizeof(subject.dir), "/tmp/voisin-damage-XXXXXX");
	if (mkdtemp(subject.dir) == NULL)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/inverted", subject.dir);
	make(path);
	buf_init(&subject.bytes, 1 << 20);
	subject.fd = memfd_create("inverted", MFD_CLOEXEC);
	(void)snprintf(subject.path, sizeof(subject.path), "/proc/self/fd/%d", subject.fd);
	return file_read(path, &subject.bytes, &error) == STATUS_OK && unlink(path) == 0 && rmdir(subject.dir) == 0
		   ? 0
		   : -1;
}

static int
teardown(void **state)
{
	(void)state;
	buf_done(&subject.bytes);
	return close(subject.fd);
}

static void
put(const unsigned char *bytes, size_t len)
{
	assert_int_equal(ftruncate(subject.fd, 0), 0);
	assert_int_equal(pwrite(subject.fd, bytes, len, 0), (ssize_t)len);
}

static enum status
try_open(struct invfile **ret_file)
{
	enum status status = invfile_open(subject.path, ret_file, &error);

	if (status != STATUS_OK)
		assert_true(error.message[0] != '\0');
	return status;
}

/* ---------------------------------------------------------------------------------------------- */

static void
test_a_sound_file_is_sound(void **state)
{
	struct invfile_term term, host;
	struct invfile *file;

	(void)state;
	put((const unsigned char *)subject.bytes.data, subject.bytes.len);
	assert_int_equal(try_open(&file), STATUS_OK);
	assert_int_equal(invfile_verify(file, &error), STATUS_OK);
	assert_int_equal(invfile_find(file, STR("zz"), &term, &error), STATUS_OK);
	assert_int_equal(invfile_host(file, &term, &host), STATUS_OK);
	probe_file(file, 1);
	invfile_close(file);
}

static void
test_any_changed_byte_is_found(void **state)
{
	static const unsigned char changes[] = { 0x01, 0x80, 0xFF };
	size_t len = subject.bytes.len;
	unsigned char *bytes = malloc(len);

	(void)state;
	assert_non_null(bytes);
	for (size_t i = 0; i < len * sizeof(changes); i++) {
		struct invfile *file;
		enum status status;

		memcpy(bytes, subject.bytes.data, len);
		bytes[i % len] ^= changes[i / len];
		put(bytes, len);
		status = try_open(&file);
		if (status == STATUS_OK) {
			assert_int_equal(invfile_verify(file, &error), STATUS_CORRUPT);
			invfile_close(file);
		} else if (status != STATUS_VERSION) {
			assert_int_equal(status, STATUS_CORRUPT);
		}
	}
	free(bytes);
}

static void
test_any_changed_byte_may_be_believed(void **state)
{
	size_t len = subject.bytes.len;
	unsigned char *bytes = malloc(len);
	size_t opened = 0;

	(void)state;
	assert_non_null(bytes);
	for (size_t i = 0; i < len; i++) {
		struct invfile *file;

		memcpy(bytes, subject.bytes.data, len);
		bytes[i] ^= (unsigned char)(1u << i % 8 | (i % 3 == 0 ? 0xF0u : 0));
		probe_mend(bytes, len);
		put(bytes, len);
		if (try_open(&file) != STATUS_OK)
			continue;
		probe_file(file, i);
		invfile_close(file);
		opened++;
	}
	assert_in_range(opened, len - LAYOUT_BYTES, len);
	free(bytes);
}

static void
test_any_shorter_file_is_refused(void **state)
{
	struct invfile *file;

	(void)state;
	for (size_t len = 0; len < subject.bytes.len; len += 1 + len / 500) {
		put((const unsigned char *)subject.bytes.data, len);
		assert_int_equal(try_open(&file), STATUS_CORRUPT);
	}
}

static void
test_another_version_is_told_apart(void **state)
{
	unsigned char *bytes = (unsigned char *)subject.bytes.data;
	struct invfile *file;

	(void)state;
	bytes[8]++;
	put(bytes, subject.bytes.len);
	bytes[8]--;
	assert_int_equal(try_open(&file), STATUS_VERSION);
	assert_non_null(strstr(error.message, "another version"));
}

static void
test_what_is_no_file_is_refused(void **state)
{
	char path[] = "/tmp/voisin-damage-XXXXXX";
	char fifo[sizeof(path) + 8];
	struct invfile *file;

	(void)state;
	assert_non_null(mkdtemp(path));
	assert_int_equal(invfile_open(path, &file, &error), STATUS_CORRUPT);
	(void)snprintf(fifo, sizeof(fifo), "%s/fifo", path);
	assert_int_equal(invfile_open(fifo, &file, &error), STATUS_NOT_FOUND);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(invfile_open(fifo, &file, &error), STATUS_CORRUPT);
	assert_int_equal(unlink(fifo), 0);
	assert_int_equal(rmdir(path), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_sound_file_is_sound),
		cmocka_unit_test(test_any_changed_byte_is_found),
		cmocka_unit_test(test_any_changed_byte_may_be_believed),
		cmocka_unit_test(test_any_shorter_file_is_refused),
		cmocka_unit_test(test_another_version_is_told_apart),
		cmocka_unit_test(test_what_is_no_file_is_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
