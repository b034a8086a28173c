/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "invfile/block.h"

#include <stdlib.h>

#include "base/varint.h"

/* The first byte of a block. */
enum {
	FORM_HAS_POSITIONS = 1, /* of any posting */
	FORM_HAS_COUNTS = 2, /* not as many positions as the wdf */
	FORM_WDF_FROM_1 = 4, /* wdfs are kept less one */
	FORM_VARINT = 8,
	FORM_RANKS = 16, /* in place of positions */
	FORM_KNOWN = 31
};

enum { FORM_BYTES = 5 /* at most, with the widths */ };

/* ---- Writing --------------------------------------------------------------------------------- */

void
block_builder_done(struct block_builder *builder)
{
	free(builder->gaps);
	free(builder->rank_gaps);
	free(builder->bytes);
	*builder = (struct block_builder) { 0 };
}

static bool
grow(uint32_t **gaps, size_t capacity)
{
	uint32_t *larger = realloc(*gaps, capacity * sizeof(*larger));

	if (larger != NULL)
		*gaps = larger;
	return larger != NULL;
}

static bool
grow_gaps(struct block_builder *builder, size_t n)
{
	size_t capacity = builder->capacity > 0 ? builder->capacity : 1024;

	while (capacity - builder->n_gaps < n)
		capacity *= 2;
	if (capacity == builder->capacity)
		return true;
	if (!grow(&builder->gaps, capacity) || !grow(&builder->rank_gaps, capacity))
		return false;
	builder->capacity = capacity;
	return true;
}

static void
put_gaps(uint32_t *gaps, const uint32_t *numbers, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		gaps[i] = i == 0 ? numbers[0] : numbers[i] - numbers[i - 1] - 1;
}

enum status
block_add(struct block_builder *builder, uint32_t docid, uint32_t wdf, const uint32_t *positions, const uint32_t *ranks,
    uint32_t n_positions)
{
	if (!grow_gaps(builder, n_positions))
		return STATUS_NOMEM;
	put_gaps(builder->gaps + builder->n_gaps, positions, n_positions);
	if (ranks != NULL)
		put_gaps(builder->rank_gaps + builder->n_gaps, ranks, n_positions);
	else
		builder->has_unranked = true;
	builder->n_gaps += n_positions;
	builder->docids[builder->n] = docid;
	builder->wdfs[builder->n] = wdf;
	builder->counts[builder->n++] = n_positions;
	return STATUS_OK;
}

/* Turns docids into gaps, and wdfs into what is kept of them; returns the form. */
static unsigned
prepare(struct block_builder *builder, uint32_t base)
{
	unsigned form = FORM_WDF_FROM_1;

	if (builder->n_gaps > 0)
		form |= FORM_HAS_POSITIONS;
	if (builder->n_gaps > 0 && !builder->has_unranked)
		form |= FORM_RANKS;
	for (uint32_t i = 0; i < builder->n; i++) {
		uint32_t docid = builder->docids[i];

		builder->docids[i] = docid - base - 1;
		base = docid;
		if (builder->wdfs[i] == 0)
			form &= ~(unsigned)FORM_WDF_FROM_1;
		if (builder->counts[i] != builder->wdfs[i])
			form |= FORM_HAS_COUNTS;
	}
	if ((form & FORM_HAS_POSITIONS) == 0)
		form &= ~(unsigned)FORM_HAS_COUNTS;
	if ((form & FORM_WDF_FROM_1) != 0) {
		for (uint32_t i = 0; i < builder->n; i++)
			builder->wdfs[i]--;
	}
	return form;
}

static bool
reserve(struct block_builder *builder, size_t bytes)
{
	unsigned char *larger;

	if (builder->bytes_capacity >= bytes)
		return true;
	larger = realloc(builder->bytes, 2 * bytes);
	if (larger == NULL)
		return false;
	builder->bytes = larger;
	builder->bytes_capacity = 2 * bytes;
	return true;
}

static unsigned char *
put_varints(unsigned char *to, const uint32_t *numbers, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to = varint_put(to, numbers[i]);
	return to;
}

/* What stands for the positions. */
static const uint32_t *
gaps_of(const struct block_builder *builder, unsigned form)
{
	return (form & FORM_RANKS) != 0 ? builder->rank_gaps : builder->gaps;
}

static size_t
end_varint(struct block_builder *builder, unsigned form)
{
	unsigned char *to = builder->bytes;

	*to++ = (unsigned char)(form | FORM_VARINT);
	to = put_varints(to, builder->docids, builder->n);
	to = put_varints(to, builder->wdfs, builder->n);
	if ((form & FORM_HAS_COUNTS) != 0)
		to = put_varints(to, builder->counts, builder->n);
	to = put_varints(to, gaps_of(builder, form), builder->n_gaps);
	return (size_t)(to - builder->bytes);
}

static size_t
end_packed(struct block_builder *builder, unsigned form)
{
	unsigned docid_width = column_width(builder->docids, builder->n);
	unsigned wdf_width = column_width(builder->wdfs, builder->n);
	unsigned count_width = column_width(builder->counts, builder->n);
	/* So that there cannot be more positions than bits; of ranks there are no more than the other list has positions. */
	unsigned least = (form & FORM_RANKS) != 0 ? 0 : 1;
	const uint32_t *gaps = gaps_of(builder, form);
	unsigned position_width = least;
	unsigned char *to = builder->bytes;

	for (size_t i = 0; i < builder->n_gaps; i++) {
		unsigned width = bits_width(gaps[i]);

		position_width = width > position_width ? width : position_width;
	}
	*to++ = (unsigned char)form;
	*to++ = (unsigned char)docid_width;
	*to++ = (unsigned char)wdf_width;
	if ((form & FORM_HAS_COUNTS) != 0)
		*to++ = (unsigned char)count_width;
	if ((form & FORM_HAS_POSITIONS) != 0)
		*to++ = (unsigned char)position_width;
	to = column_put(to, builder->docids, builder->n, docid_width);
	to = column_put(to, builder->wdfs, builder->n, wdf_width);
	if ((form & FORM_HAS_COUNTS) != 0)
		to = column_put(to, builder->counts, builder->n, count_width);
	to = bits_put(to, gaps, builder->n_gaps, position_width);
	return (size_t)(to - builder->bytes);
}

enum status
block_end(
    struct block_builder *builder, uint32_t base, const unsigned char **ret_bytes, size_t *ret_len, bool *ret_ranked)
{
	enum { VARINT_MOST = 5 /* bytes of one of 32 bits */, FEW = 32 };
	size_t numbers = 3 * BLOCK_POSTINGS + builder->n_gaps;
	unsigned form = prepare(builder, base);
	size_t packed;
	size_t len;

	if (!reserve(builder, FORM_BYTES + numbers * VARINT_MOST + BYTES_SLACK))
		return STATUS_NOMEM;
	packed = end_packed(builder, form);
	/* Of few postings both are made, and the shorter one is kept. */
	len = builder->n <= FEW ? end_varint(builder, form) : packed;
	if (builder->n <= FEW && packed < len)
		len = end_packed(builder, form);
	builder->n = 0;
	builder->n_gaps = 0;
	builder->has_unranked = false;
	*ret_bytes = builder->bytes;
	*ret_len = len;
	*ret_ranked = (form & FORM_RANKS) != 0;
	return STATUS_OK;
}

/* ---- Finding the columns --------------------------------------------------------------------- */

static bool
skip_varints(const unsigned char **from, const unsigned char *end, unsigned n)
{
	const unsigned char *p = *from;

	for (; n > 0 && p < end; p++)
		n -= *p < 0x80;
	*from = p;
	return n == 0;
}

static bool
open_varint(const unsigned char *p, const unsigned char *end, struct block *block)
{
	block->docids = p;
	if (!skip_varints(&p, end, block->n))
		return false;
	block->wdfs = p;
	if (!skip_varints(&p, end, block->n))
		return false;
	block->counts = p;
	if ((block->form & FORM_HAS_COUNTS) != 0 && !skip_varints(&p, end, block->n))
		return false;
	block->positions = p;
	return true;
}

static bool
open_packed(const unsigned char *p, const unsigned char *end, struct block *block)
{
	bool has_positions = (block->form & FORM_HAS_POSITIONS) != 0;
	bool has_counts = (block->form & FORM_HAS_COUNTS) != 0;
	uint32_t bytes[3];

	if (end - p < FORM_BYTES - 1 - !has_counts - !has_positions)
		return false;
	block->docid_width = *p++;
	block->wdf_width = *p++;
	block->count_width = has_counts ? *p++ : 0;
	block->position_width = has_positions ? *p++ : 1;
	if (block->docid_width > 32 || block->wdf_width > 32 || block->count_width > 32 || block->position_width > 32 ||
	    (block->position_width == 0 && (block->form & FORM_RANKS) == 0))
		return false;
	bytes[0] = column_bytes(block->n, block->docid_width);
	bytes[1] = column_bytes(block->n, block->wdf_width);
	bytes[2] = column_bytes(block->n, block->count_width);
	if ((size_t)(end - p) < bytes[0] + bytes[1] + bytes[2])
		return false;
	block->docids = p;
	block->wdfs = block->docids + bytes[0];
	block->counts = block->wdfs + bytes[1];
	block->positions = block->counts + bytes[2];
	return true;
}

bool
block_open(const unsigned char *bytes, const unsigned char *end, unsigned n, struct block *ret_block)
{
	if (bytes == end)
		return false;
	ret_block->form = *bytes++;
	ret_block->n = (uint16_t)n;
	ret_block->end = end;
	if (ret_block->form > FORM_KNOWN)
		return false;
	if ((ret_block->form & FORM_VARINT) != 0)
		return open_varint(bytes, end, ret_block);
	return open_packed(bytes, end, ret_block);
}

/* ---- Reading --------------------------------------------------------------------------------- */

/* Varints that were skipped once, so that they are known to end; too long ones give some number. */
static const unsigned char *
read_varints(const unsigned char *from, const unsigned char *end, uint32_t *numbers, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		uint64_t number = 0;

		if (!varint_get(&from, end, &number))
			from = end;
		numbers[i] = (uint32_t)number;
	}
	return from;
}

static bool
ascends(const uint32_t *docids, unsigned n, uint32_t base)
{
	for (unsigned i = 0; i < n; base = docids[i++]) {
		if (docids[i] <= base)
			return false;
	}
	return true;
}

bool
block_read_docids(const struct block *block, uint32_t base, uint32_t most, uint32_t *ret_docids)
{
	unsigned n = block->n;

	if ((block->form & FORM_VARINT) != 0) {
		(void)read_varints(block->docids, block->end, ret_docids, n);
		for (unsigned i = 0; i < n; i++)
			ret_docids[i] += (i == 0 ? base : ret_docids[i - 1]) + 1;
		return ret_docids[n - 1] <= most && ascends(ret_docids, n, base);
	}
	column_read_sums(block->docids, base, 1, ret_docids, n, block->docid_width);
	/* Gaps of which all together cannot reach 2^32 need not be looked at one by one. */
	if (((uint64_t)n << block->docid_width) + base > UINT32_MAX && !ascends(ret_docids, n, base))
		return false;
	return ret_docids[n - 1] <= most;
}

bool
block_may_have_zeros(const struct block *block)
{
	return (block->form & FORM_WDF_FROM_1) == 0;
}

void
block_read_wdfs(const struct block *block, uint32_t *ret_wdfs)
{
	if ((block->form & FORM_VARINT) != 0)
		(void)read_varints(block->wdfs, block->end, ret_wdfs, block->n);
	else
		column_read(block->wdfs, ret_wdfs, block->n, block->wdf_width);
	if ((block->form & FORM_WDF_FROM_1) == 0)
		return;
	for (unsigned i = 0; i < block->n; i++)
		ret_wdfs[i]++;
}

/* The sums of up to BLOCK_POSTINGS counts.  False where they are more than what fits. */
static bool
add_starts(uint32_t *starts, unsigned n)
{
	uint64_t sum = 0;

	starts[0] = 0;
	for (unsigned i = 1; i <= n; i++) {
		sum += starts[i];
		starts[i] = (uint32_t)sum;
	}
	return sum <= UINT32_MAX;
}

/* Reads from how many positions a posting has at which one it starts.  False as above. */
static bool
read_packed_starts(const struct block *block, uint32_t *starts)
{
	enum { SAFE_WIDTH = 24 }; /* all sums of these are below 2^32 */
	bool has_counts = (block->form & FORM_HAS_COUNTS) != 0;
	const unsigned char *counts = has_counts ? block->counts : block->wdfs;
	unsigned width = has_counts ? block->count_width : block->wdf_width;
	bool from_1 = !has_counts && (block->form & FORM_WDF_FROM_1) != 0;

	if (width <= SAFE_WIDTH) {
		starts[0] = 0;
		column_read_sums(counts, 0, from_1, starts + 1, block->n, width);
		return true;
	}
	column_read(counts, starts + 1, block->n, width);
	for (unsigned i = 1; i <= block->n; i++)
		starts[i] += from_1;
	return add_starts(starts, block->n);
}

static bool
read_varint_starts(const struct block *block, uint32_t *starts)
{
	if ((block->form & FORM_HAS_COUNTS) != 0)
		(void)read_varints(block->counts, block->end, starts + 1, block->n);
	else
		block_read_wdfs(block, starts + 1);
	return add_starts(starts, block->n);
}

bool
block_read_starts(const struct block *block, uint32_t *ret_starts)
{
	uint64_t bytes = (uint64_t)(block->end - block->positions);

	if ((block->form & FORM_HAS_POSITIONS) == 0) {
		memset(ret_starts, 0, (block->n + 1u) * sizeof(*ret_starts));
		return true;
	}
	if ((block->form & FORM_VARINT) != 0)
		return read_varint_starts(block, ret_starts) && ret_starts[block->n] <= bytes;
	return read_packed_starts(block, ret_starts) &&
	       (uint64_t)ret_starts[block->n] * block->position_width <= bytes * 8;
}

bool
block_counts_are_wdfs(const struct block *block)
{
	return (block->form & (FORM_HAS_POSITIONS | FORM_HAS_COUNTS)) == FORM_HAS_POSITIONS;
}

bool
block_has_ranks(const struct block *block)
{
	return (block->form & FORM_RANKS) != 0;
}

static bool
read_varint_positions(const struct block *block, uint32_t start, uint32_t n, uint32_t *ret_positions)
{
	const unsigned char *p = block->positions;
	uint64_t last = UINT64_MAX;

	if (!skip_varints(&p, block->end, start))
		return false;
	for (uint32_t i = 0; i < n; i++) {
		uint64_t gap;

		if (!varint_get(&p, block->end, &gap) || gap > UINT32_MAX)
			return false;
		last += gap + 1;
		ret_positions[i] = (uint32_t)last;
	}
	return n == 0 || last <= UINT32_MAX;
}

bool
block_read_positions(const struct block *block, uint32_t start, uint32_t end, uint32_t *ret_positions)
{
	const unsigned char *positions = block->positions;
	const unsigned width = block->position_width;
	uint64_t last = UINT64_MAX;

	if ((block->form & FORM_VARINT) != 0)
		return read_varint_positions(block, start, end - start, ret_positions);
	for (uint32_t i = start; i < end; i++) {
		last += bits_get(positions, i, width) + 1;
		*ret_positions++ = (uint32_t)last;
	}
	return end == start || last <= UINT32_MAX;
}

bool
block_open_run(const struct block *block, uint32_t start, uint32_t end, struct block_run *ret_run)
{
	if ((block->form & (FORM_VARINT | FORM_RANKS)) != 0 || start == end ||
	    (uint64_t)(end - start) << block->position_width > UINT32_MAX)
		return false;
	*ret_run = (struct block_run) { .pos = bits_get(block->positions, start, block->position_width),
		.gaps = block->positions,
		.next = start + 1,
		.end = end,
		.width = block->position_width };
	return true;
}
