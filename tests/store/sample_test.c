/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/sample.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "store/blocks.h"
#include "tests/store/fixture.h"

enum { BIG = 640 /* blocks */, SMALL = 7, REST = 100 /* bytes of a last block */, SEEDS = 60 };

/* Two tables of bytes that are all alike but for the number of their block, sealed as an index's are. */
struct tables {
	struct manifest manifest;
	char path[PATH_MAX];
};

static void
write_block(const char *path, uint64_t number, char fill, size_t bytes)
{
	char block[BLOCKS_BYTES];
	int fd = open(path, O_WRONLY | O_CREAT, 0666);

	memset(block, fill, sizeof(block));
	memcpy(block, &number, sizeof(number));
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, block, bytes, (off_t)(number * BLOCKS_BYTES)), (ssize_t)bytes);
	(void)close(fd);
}

static void
add_table(struct fixture *fixture, struct tables *tables, const char *name, uint64_t n, struct buf *all)
{
	struct manifest_file *file = &tables->manifest.files[tables->manifest.n_files++];
	const char *path = fixture_path(fixture, name);
	struct blocks blocks;
	int fd;

	(void)snprintf(file->name, sizeof(file->name), "%s", name);
	for (uint64_t i = 0; i < n; i++)
		write_block(path, i, 'a', i + 1 < n ? BLOCKS_BYTES : REST);
	fd = open(path, O_RDONLY | O_CREAT, 0666);
	assert_true(fd >= 0);
	check_ok(fixture, blocks_hash(fd, path, NULL, 0, &blocks, &file->size, &file->hash, &fixture->error));
	assert_int_equal(buf_append(all, blocks.hashes, blocks.n * sizeof(*blocks.hashes)), STATUS_OK);
	blocks_done(&blocks);
	(void)close(fd);
}

static struct tables
make_tables(struct fixture *fixture)
{
	struct tables tables = { .manifest = { .sealed = true, .has_blocks = true } };
	struct buf all;

	assert_int_equal(mkdir(fixture->dir, 0777), 0);
	(void)snprintf(tables.path, sizeof(tables.path), "%s", fixture->dir);
	buf_init(&all, 1 << 20);
	add_table(fixture, &tables, "big.glass", BIG, &all);
	add_table(fixture, &tables, "empty.glass", 0, &all);
	add_table(fixture, &tables, "small.glass", SMALL, &all);
	check_ok(fixture, file_write_atomic(fixture_path(fixture, BLOCKS_NAME), buf_str(&all), &fixture->error));
	buf_done(&all);
	return tables;
}

/* In how many openings of SEEDS the damage is seen; those must name `name`. */
static unsigned
seen(struct fixture *fixture, const struct tables *tables, const char *name)
{
	unsigned n = 0;

	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		if (sample_check(tables->path, &tables->manifest, MANIFEST_DATABASE, seed, &fixture->error) ==
		    STATUS_OK)
			continue;
		assert_int_equal(fixture->error.code, STATUS_CORRUPT);
		if (strstr(fixture->error.message, name) == NULL)
			fail_msg("%s is not in %s", name, fixture->error.message);
		n++;
	}
	return n;
}

static void
test_whole(void **state)
{
	struct fixture *fixture = *state;
	struct tables tables = make_tables(fixture);

	assert_int_equal(seen(fixture, &tables, ""), 0);
}

/* A small table is compared whole, and so are the first and the last block of any. */
static void
test_any_block_of_a_small_table(void **state)
{
	struct fixture *fixture = *state;
	struct tables tables = make_tables(fixture);
	const char *small = fixture_path(fixture, "small.glass");

	for (uint64_t i = 0; i < SMALL; i++) {
		size_t bytes = i + 1 < SMALL ? BLOCKS_BYTES : REST;

		write_block(small, i, 'b', bytes);
		assert_int_equal(seen(fixture, &tables, "small.glass"), SEEDS);
		write_block(small, i, 'a', bytes);
	}
	assert_int_equal(seen(fixture, &tables, ""), 0);
	write_block(fixture_path(fixture, "big.glass"), BIG - 1, 'b', REST);
	assert_int_equal(seen(fixture, &tables, "big.glass"), SEEDS);
}

/* One block in twenty: 1 - 0.95^64 is 96 in 100.  The seeds are fixed, and so is what they see. */
static void
test_part_of_a_big_table(void **state)
{
	struct fixture *fixture = *state;
	struct tables tables = make_tables(fixture);
	const char *big = fixture_path(fixture, "big.glass");
	unsigned n;

	for (uint64_t i = 11; i < BIG; i += 20)
		write_block(big, i, 'b', BLOCKS_BYTES);
	n = seen(fixture, &tables, "big.glass");
	assert_in_range(n, SEEDS * 90 / 100, SEEDS);
	for (uint64_t i = 1; i + 1 < BIG; i++)
		write_block(big, i, 'b', BLOCKS_BYTES);
	assert_int_equal(seen(fixture, &tables, "big.glass"), SEEDS);
}

static void
test_shorter_or_gone(void **state)
{
	struct fixture *fixture = *state;
	struct tables tables = make_tables(fixture);

	assert_int_equal(truncate(fixture_path(fixture, "small.glass"), BLOCKS_BYTES), 0);
	assert_int_equal(seen(fixture, &tables, "small.glass"), SEEDS);
	assert_int_equal(unlink(fixture_path(fixture, "big.glass")), 0);
	assert_int_equal(seen(fixture, &tables, "big.glass"), SEEDS);
}

/* Nothing vouches for the blocks: nothing is said of them. */
static void
test_nothing_to_compare_with(void **state)
{
	struct fixture *fixture = *state;
	struct tables tables = make_tables(fixture);

	write_block(fixture_path(fixture, "big.glass"), 0, 'b', BLOCKS_BYTES);
	assert_int_equal(seen(fixture, &tables, "big.glass"), SEEDS);
	tables.manifest.sealed = false;
	assert_int_equal(seen(fixture, &tables, ""), 0);
	tables.manifest.sealed = true;
	tables.manifest.has_blocks = false;
	assert_int_equal(seen(fixture, &tables, ""), 0);
	tables.manifest.has_blocks = true;
	write_block(fixture_path(fixture, BLOCKS_NAME), 0, 'b', REST);
	assert_int_equal(seen(fixture, &tables, ""), 0);
	assert_int_equal(truncate(fixture_path(fixture, BLOCKS_NAME), REST), 0);
	assert_int_equal(seen(fixture, &tables, ""), 0);
	assert_int_equal(unlink(fixture_path(fixture, BLOCKS_NAME)), 0);
	assert_int_equal(seen(fixture, &tables, ""), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_whole, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_any_block_of_a_small_table, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_part_of_a_big_table, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_shorter_or_gone, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_nothing_to_compare_with, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
