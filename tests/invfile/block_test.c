/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blocks and the columns in them, at all widths and at the edges of what numbers can be.
 */
#include "invfile/block.h"

#include <stdlib.h>

#include "tests/base/cmocka_first.h"
#include "tests/invfile/model.h"

enum { MOST = UINT32_MAX };

/* ---- Columns --------------------------------------------------------------------------------- */

static void
assert_column(struct model *model, unsigned n, unsigned width)
{
	unsigned char bytes[COLUMN_FULL * 4 + BYTES_SLACK];
	uint32_t numbers[COLUMN_FULL];
	uint32_t found[COLUMN_FULL];
	uint32_t sum = 1000;

	for (unsigned i = 0; i < n; i++)
		numbers[i] = model_draw(model, MOST) & bits_mask(width);
	numbers[model_draw(model, n)] = bits_mask(width);
	assert_int_equal(column_width(numbers, n), width);
	memset(bytes, 0xA5, sizeof(bytes));
	assert_int_equal(column_put(bytes, numbers, n, width) - bytes, column_bytes(n, width));
	column_read(bytes, found, n, width);
	assert_memory_equal(found, numbers, n * sizeof(*numbers));
	column_read_sums(bytes, sum, 3, found, n, width);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(found[i], sum += numbers[i] + 3);
}

static void
test_columns_of_all_widths(void **state)
{
	static const unsigned sizes[] = { 1, 2, 3, 31, 32, 33, 127, 128 };
	struct model model = { .seed = 11 };

	(void)state;
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		for (unsigned width = 0; width <= 32; width++)
			assert_column(&model, sizes[i], width);
	}
}

/* ---- Blocks ---------------------------------------------------------------------------------- */

/* What goes into a block, and what must come out. */
struct content {
	uint32_t n;
	uint32_t docids[BLOCK_POSTINGS];
	uint32_t wdfs[BLOCK_POSTINGS];
	uint32_t counts[BLOCK_POSTINGS];
	uint32_t *positions[BLOCK_POSTINGS];
};

static void
content_done(struct content *content)
{
	for (uint32_t i = 0; i < content->n; i++)
		free(content->positions[i]);
}

/* n positions with gaps of up to `gap`. */
static uint32_t *
draw_positions(struct model *model, uint32_t n, uint32_t gap)
{
	uint32_t *positions = malloc((n + 1) * sizeof(*positions));
	uint32_t position = model_draw(model, gap);

	assert_non_null(positions);
	for (uint32_t i = 0; i < n; i++) {
		positions[i] = position;
		position += 1 + model_draw(model, gap);
	}
	return positions;
}

/* What postings say of ranks: nothing; all of them that they are the j * step-th ones; all but one. */
enum { NO_RANKS, ALL_RANKS, ALL_BUT_ONE };

/* Whether the numbers are those that were put. */
static bool
are_ranks(const uint32_t *numbers, uint32_t n, uint32_t step)
{
	for (uint32_t j = 0; j < n; j++)
		if (numbers[j] != j * step)
			return false;
	return true;
}

static void
add_content(const struct content *content, int ranks, uint32_t step, struct block_builder *builder)
{
	for (uint32_t i = 0; i < content->n; i++) {
		uint32_t *places = malloc((content->counts[i] + 1) * sizeof(*places));
		bool has_ranks = ranks == ALL_RANKS || (ranks == ALL_BUT_ONE && i != content->n / 2);

		assert_non_null(places);
		for (uint32_t j = 0; j < content->counts[i]; j++)
			places[j] = j * step;
		assert_int_equal(block_add(builder, content->docids[i], content->wdfs[i], content->positions[i],
				     has_ranks ? places : NULL, content->counts[i]),
		    STATUS_OK);
		free(places);
	}
}

/* One by one the positions are the same, also where some are passed over; whether they can be had so. */
static bool
is_run(const struct block *block, uint32_t start, uint32_t end, const uint32_t *positions)
{
	const uint32_t n = end - start;
	struct block_run run;

	for (uint32_t step = 1; step <= 7; step += 3) {
		uint64_t pos = 0;

		if (!block_open_run(block, start, end, &run))
			return false;
		for (uint32_t i = 0; i < n; i += step) {
			assert_int_equal(block_run_seek(&run, pos), positions[i]);
			assert_int_equal(block_run_seek(&run, 0), positions[i]);
			pos = i + step < n ? (uint64_t)positions[i + step - 1] + 1 : (uint64_t)positions[n - 1] + 1;
		}
		assert_true(block_run_seek(&run, pos) == BLOCK_NO_POSITION);
	}
	return true;
}

static void
assert_content(const struct content *content, uint32_t base, int ranks, struct block_builder *builder)
{
	uint32_t step = 1 + content->n % 3;
	bool has_positions = false, has_ranks;
	uint32_t docids[BLOCK_POSTINGS];
	uint32_t wdfs[BLOCK_POSTINGS];
	uint32_t starts[BLOCK_POSTINGS + 1];
	const unsigned char *bytes;
	unsigned char *copy;
	struct block block;
	size_t len;

	add_content(content, ranks, step, builder);
	assert_int_equal(block_end(builder, base, &bytes, &len, &has_ranks), STATUS_OK);
	assert_int_equal(builder->n, 0);
	/* Of the very size, so that a sanitizer sees what goes beyond the slack. */
	copy = calloc(1, len + BYTES_SLACK);
	assert_non_null(copy);
	memcpy(copy, bytes, len);
	assert_true(block_open(copy, copy + len, content->n, &block));
	assert_int_equal(block_has_ranks(&block), has_ranks);
	assert_true(block_read_docids(&block, base, MOST, docids));
	assert_memory_equal(docids, content->docids, content->n * sizeof(*docids));
	block_read_wdfs(&block, wdfs);
	assert_memory_equal(wdfs, content->wdfs, content->n * sizeof(*wdfs));
	assert_true(block_read_starts(&block, starts));
	for (uint32_t i = 0; i < content->n; i++) {
		uint32_t n = starts[i + 1] - starts[i];
		uint32_t *positions = malloc((n + 1) * sizeof(*positions));
		bool fits;

		assert_non_null(positions);
		assert_int_equal(n, content->counts[i]);
		assert_true(block_read_positions(&block, starts[i], starts[i + 1], positions));
		if (has_ranks)
			assert_true(are_ranks(positions, n, step));
		else
			assert_memory_equal(positions, content->positions[i], n * sizeof(*positions));
		/* Not of ranks, nor where they might come to 2^32; blocks of few postings may be varints. */
		fits = !has_ranks && n > 0 && (uint64_t)n << block.position_width <= MOST;
		if (is_run(&block, starts[i], starts[i + 1], positions))
			assert_true(fits);
		else
			assert_true(!fits || content->n <= 32);
		has_positions = has_positions || n > 0;
		free(positions);
	}
	assert_int_equal(has_ranks, ranks == ALL_RANKS && has_positions);
	/* A last docid that is allowed is one that is there. */
	assert_false(block_read_docids(&block, base, content->docids[content->n - 1] - 1, docids));
	free(copy);
}

static void
test_blocks_of_all_sizes(void **state)
{
	struct model model = { .seed = 12 };
	struct block_builder builder = { 0 };

	(void)state;
	for (uint32_t n = 1; n <= BLOCK_POSTINGS; n++) {
		struct content content = { .n = n };
		uint32_t base = model_draw(&model, 1000);
		uint32_t docid = base;

		for (uint32_t i = 0; i < n; i++) {
			content.docids[i] = docid += 1 + model_draw(&model, n);
			content.wdfs[i] = model_draw(&model, 4);
			content.counts[i] = n % 2 == 0 ? content.wdfs[i] : model_draw(&model, 3);
			content.positions[i] = draw_positions(&model, content.counts[i], 500);
		}
		for (int ranks = NO_RANKS; ranks <= ALL_BUT_ONE; ranks++)
			assert_content(&content, base, ranks, &builder);
		content_done(&content);
	}
	block_builder_done(&builder);
}

static void
test_gaps_to_the_last_docid(void **state)
{
	struct model model = { .seed = 13 };
	struct block_builder builder = { 0 };

	(void)state;
	for (unsigned bits = 0; bits < 32; bits++) {
		struct content content = { .n = bits % 2 == 0 ? BLOCK_POSTINGS : 100 };
		uint32_t gap = bits > 0 ? 1u << bits : 0;
		uint32_t docid = 5;

		for (uint32_t i = 0; i < content.n; i++) {
			content.docids[i] = docid += 1 + (i == 50 ? gap : 0);
			content.wdfs[i] = i == 7 ? MOST : 0;
			content.positions[i] = draw_positions(&model, 0, 1);
		}
		content.docids[content.n - 1] = MOST - 1;
		assert_content(&content, 5, NO_RANKS, &builder);
		content_done(&content);
	}
	block_builder_done(&builder);
}

static void
test_many_positions(void **state)
{
	struct model model = { .seed = 14 };
	struct block_builder builder = { 0 };
	struct content content = { .n = BLOCK_POSTINGS };

	(void)state;
	for (uint32_t i = 0; i < content.n; i++) {
		content.docids[i] = i + 1;
		content.counts[i] = content.wdfs[i] = i == 3 ? 65000 : i % 3;
		content.positions[i] = draw_positions(&model, content.counts[i], i == 3 ? 60000 : 2);
	}
	assert_content(&content, 0, NO_RANKS, &builder);
	/* The last position that there can be, far from the others; and all of them one behind the other. */
	content.positions[3][64999] = MOST;
	for (uint32_t i = 0; i < content.counts[5]; i++)
		content.positions[5][i] = i;
	assert_content(&content, 0, NO_RANKS, &builder);
	content_done(&content);
	block_builder_done(&builder);
}

/* ---- Damage ---------------------------------------------------------------------------------- */

static void
test_columns_that_wrap_are_refused(void **state)
{
	enum { FORM_HAS_POSITIONS = 1, FORM_HAS_COUNTS = 2 };
	unsigned char bytes[5 + COLUMN_FULL * 12 + BYTES_SLACK] = { FORM_HAS_POSITIONS | FORM_HAS_COUNTS, 32, 0, 32,
		1 };
	uint32_t numbers[BLOCK_POSTINGS + 1];
	unsigned char *end = bytes + 5 + COLUMN_FULL * 8;
	struct block block;

	(void)state;
	/* Two gaps of 2^31 lead back to where they started. */
	memset(numbers, 0, sizeof(numbers));
	numbers[10] = numbers[20] = 0x7FFFFFFFu;
	(void)column_put(bytes + 5, numbers, COLUMN_FULL, 32);
	(void)column_put(bytes + 5 + COLUMN_FULL * 4, numbers, COLUMN_FULL, 32);
	assert_true(block_open(bytes, end, COLUMN_FULL, &block));
	assert_false(block_read_docids(&block, 5, MOST - 1, numbers));
	/* So do the counts, and they are more than what follows anyway. */
	assert_false(block_read_starts(&block, numbers));
}

static void
test_what_is_too_short_is_refused(void **state)
{
	struct block_builder builder = { 0 };
	struct block block;
	const unsigned char *bytes;
	bool has_ranks;
	size_t len;

	(void)state;
	for (uint32_t i = 0; i < BLOCK_POSTINGS; i++) {
		uint32_t position = i * 7;

		assert_int_equal(block_add(&builder, i * 3 + 1, 1 + i % 5, &position, NULL, 1), STATUS_OK);
	}
	assert_int_equal(block_end(&builder, 0, &bytes, &len, &has_ranks), STATUS_OK);
	for (size_t shorter = 0; shorter < len; shorter++) {
		uint32_t starts[BLOCK_POSTINGS + 1];

		if (block_open(bytes, bytes + shorter, BLOCK_POSTINGS, &block))
			assert_false(block_read_starts(&block, starts));
	}
	block_builder_done(&builder);
}

static void
test_widths_beyond_32_are_refused(void **state)
{
	unsigned char bytes[4096] = { 3, 5, 5, 5, 5 };
	struct block block;

	(void)state;
	assert_true(block_open(bytes, bytes + sizeof(bytes) - BYTES_SLACK, BLOCK_POSTINGS, &block));
	for (unsigned i = 1; i < 5; i++) {
		bytes[i] = 33;
		assert_false(block_open(bytes, bytes + sizeof(bytes) - BYTES_SLACK, BLOCK_POSTINGS, &block));
		bytes[i] = 5;
	}
	bytes[4] = 0; /* as many positions as one likes, in no bits */
	assert_false(block_open(bytes, bytes + sizeof(bytes) - BYTES_SLACK, BLOCK_POSTINGS, &block));
	bytes[0] |= 16; /* ranks, of which there are no more than the host has positions */
	assert_true(block_open(bytes, bytes + sizeof(bytes) - BYTES_SLACK, BLOCK_POSTINGS, &block));
	bytes[0] = 32; /* a form that there is not */
	assert_false(block_open(bytes, bytes + sizeof(bytes) - BYTES_SLACK, BLOCK_POSTINGS, &block));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_columns_of_all_widths),
		cmocka_unit_test(test_blocks_of_all_sizes),
		cmocka_unit_test(test_gaps_to_the_last_docid),
		cmocka_unit_test(test_many_positions),
		cmocka_unit_test(test_columns_that_wrap_are_refused),
		cmocka_unit_test(test_what_is_too_short_is_refused),
		cmocka_unit_test(test_widths_beyond_32_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
