/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/catalog.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "tests/base/cmocka_first.h"

enum { HEAD = 28, ROWS = 3 };

static const struct {
	struct str message;
	struct str translation;
} rows[ROWS] = {
	{ STR(""), STR("Content-Type: text/plain; charset=UTF-8\n") },
	{ STR("%d word\0%d words"), STR("%d mot\0%d mots") },
	{ STR("no"), STR("non") },
};

static void
put(struct buf *out, uint32_t number, bool swapped)
{
	if (swapped)
		number = __builtin_bswap32(number);
	(void)buf_append(out, &number, sizeof(number));
}

/* A catalog of the rows, in this machine's order of bytes or the other. */
static void
make(struct buf *out, bool swapped)
{
	uint32_t at = HEAD + 2 * ROWS * 8;
	const uint32_t head[] = { 0x950412DE, 0, ROWS, HEAD, HEAD + ROWS * 8, 0, 0 };

	for (size_t i = 0; i < 7; i++)
		put(out, head[i], swapped);
	for (int translated = 0; translated < 2; translated++) {
		for (size_t i = 0; i < ROWS; i++) {
			struct str s = translated ? rows[i].translation : rows[i].message;

			put(out, (uint32_t)s.len, swapped);
			put(out, at, swapped);
			at += (uint32_t)s.len + 1;
		}
	}
	for (int translated = 0; translated < 2; translated++) {
		for (size_t i = 0; i < ROWS; i++) {
			struct str s = translated ? rows[i].translation : rows[i].message;

			(void)buf_append(out, s.p, s.len + 1);
		}
	}
	assert_int_equal(buf_status(out), STATUS_OK);
}

static enum status
open_bytes(struct str bytes, struct catalog **ret_catalog, struct error *reterr)
{
	char path[] = "/tmp/voisin-catalog-XXXXXX";
	int fd = mkstemp(path);
	enum status status;

	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, bytes, NULL), STATUS_OK);
	(void)close(fd);
	status = catalog_open(path, ret_catalog, reterr);
	(void)unlink(path);
	return status;
}

static void
test_finds_in_both_orders_of_bytes(void **state)
{
	(void)state;
	for (int swapped = 0; swapped < 2; swapped++) {
		struct catalog *catalog;
		struct buf bytes;

		buf_init(&bytes, 4096);
		make(&bytes, swapped != 0);
		assert_int_equal(open_bytes(buf_str(&bytes), &catalog, NULL), STATUS_OK);
		assert_str(catalog_find(catalog, "no"), "non");
		assert_str(catalog_find(catalog, "%d word"), "%d mot\0%d mots");
		assert_str(catalog_find(catalog, "n"), "");
		assert_str(catalog_find(catalog, "none"), "");
		assert_str(catalog_find(catalog, "zzz"), "");
		catalog_free(catalog);
		buf_done(&bytes);
	}
}

/* Cut anywhere, or with any byte of its head and tables spoilt: refused, or read within its bounds. */
static void
test_damage(void **state)
{
	struct buf bytes;
	struct catalog *catalog;
	struct error error;
	size_t refused = 0;

	(void)state;
	buf_init(&bytes, 4096);
	make(&bytes, false);
	for (size_t len = 0; len < bytes.len; len++) {
		assert_int_equal(open_bytes((struct str) { bytes.data, len }, &catalog, &error), STATUS_INVALID);
		assert_non_null(strstr(error.message, " is no catalog of messages"));
	}
	for (size_t i = 0; i < HEAD + 2 * ROWS * 8; i++) {
		char kept = bytes.data[i];

		bytes.data[i] = (char)(kept ^ 0x7F);
		if (open_bytes(buf_str(&bytes), &catalog, NULL) == STATUS_OK) {
			(void)catalog_find(catalog, "no");
			catalog_free(catalog);
		} else
			refused++;
		bytes.data[i] = kept;
	}
	assert_true(refused > HEAD);
	buf_done(&bytes);
}

static void
test_no_file(void **state)
{
	struct catalog *catalog;
	struct error error;

	(void)state;
	assert_int_not_equal(catalog_open("/nowhere/at/all.mo", &catalog, &error), STATUS_OK);
	assert_non_null(strstr(error.message, "/nowhere/at/all.mo"));
	catalog_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finds_in_both_orders_of_bytes),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
