/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "invfile/column.h"

/* Four numbers side by side, which the compiler keeps in one register where the machine has such. */
typedef uint32_t lanes __attribute__((vector_size(16)));

enum { LANES = 4, ROWS = COLUMN_FULL / LANES, ROW_BYTES = 16 };

/* ---- Runs of bits ---------------------------------------------------------------------------- */

unsigned char *
bits_put(unsigned char *to, const uint32_t *numbers, size_t n, unsigned width)
{
	uint64_t pending = 0;
	unsigned bits = 0;

	for (size_t i = 0; i < n; i++) {
		pending |= (uint64_t)numbers[i] << bits;
		bits += width;
		if (bits < 32)
			continue;
		to = bytes_put_u32(to, (uint32_t)pending);
		pending >>= 32;
		bits -= 32;
	}
	(void)bytes_put_u64(to, pending);
	return to + (bits + 7) / 8;
}

/* ---- Writing --------------------------------------------------------------------------------- */

unsigned
column_width(const uint32_t *numbers, unsigned n)
{
	uint32_t all = 0;

	for (unsigned i = 0; i < n; i++)
		all |= numbers[i];
	return bits_width(all);
}

static unsigned char *
put_full(unsigned char *to, const uint32_t *numbers, unsigned width)
{
	memset(to, 0, (size_t)ROW_BYTES * width);
	for (unsigned i = 0; i < COLUMN_FULL; i++) {
		unsigned bit = i / LANES * width;
		unsigned char *word = to + bit / 32 * ROW_BYTES + i % LANES * sizeof(uint32_t);
		uint64_t shifted = (uint64_t)numbers[i] << bit % 32;

		(void)bytes_put_u32(word, bytes_u32(word) | (uint32_t)shifted);
		if (bit % 32 + width > 32)
			(void)bytes_put_u32(word + ROW_BYTES, (uint32_t)(shifted >> 32));
	}
	return to + (size_t)ROW_BYTES * width;
}

unsigned char *
column_put(unsigned char *to, const uint32_t *numbers, unsigned n, unsigned width)
{
	if (n == COLUMN_FULL)
		return put_full(to, numbers, width);
	return bits_put(to, numbers, n, width);
}

/* ---- Reading --------------------------------------------------------------------------------- */

static inline lanes
load(const unsigned char *from)
{
	lanes row;

	memcpy(&row, from, sizeof(row));
	return row;
}

/* Row `row` of a column.  With `width` and `row` known to the compiler it is a load, two shifts and an AND at most. */
static inline __attribute__((always_inline)) lanes
row_of(const unsigned char *from, unsigned width, unsigned row)
{
	unsigned bit = row * width;
	unsigned shift = bit % 32;
	lanes numbers;

	if (width == 0)
		return (lanes) { 0, 0, 0, 0 };
	numbers = load(from + bit / 32 * ROW_BYTES) >> shift;
	if (shift + width > 32)
		numbers |= load(from + (bit / 32 + 1) * ROW_BYTES) << (32 - shift);
	return numbers & bits_mask(width);
}

static inline void
store(uint32_t *to, unsigned row, lanes numbers)
{
	memcpy(to + (size_t)LANES * row, &numbers, sizeof(numbers));
}

#define ROW(width, row) store(to, row, row_of(from, width, row));
#define ROWS_4(width, row) ROW(width, row) ROW(width, row + 1) ROW(width, row + 2) ROW(width, row + 3)
#define ROWS_16(width, row) ROWS_4(width, row) ROWS_4(width, row + 4) ROWS_4(width, row + 8) ROWS_4(width, row + 12)
#define READER(width)                                                                       \
	static void read_##width(const unsigned char *restrict from, uint32_t *restrict to) \
	{                                                                                   \
		ROWS_16(width, 0) ROWS_16(width, 16)                                        \
	}

#define WIDTHS(XX)                                                                                                     \
	XX(0)                                                                                                          \
	XX(1)                                                                                                          \
	XX(2)                                                                                                          \
	XX(3)                                                                                                          \
	XX(4)                                                                                                          \
	XX(5)                                                                                                          \
	XX(6)                                                                                                          \
	XX(7)                                                                                                          \
	XX(8)                                                                                                          \
	XX(9) XX(10) XX(11) XX(12) XX(13) XX(14) XX(15) XX(16) XX(17) XX(18) XX(19) XX(20) XX(21) XX(22) XX(23) XX(24) \
	    XX(25) XX(26) XX(27) XX(28) XX(29) XX(30) XX(31) XX(32)

WIDTHS(READER)

#define READER_NAME(width) read_##width,
static void (*const readers[])(const unsigned char *restrict from, uint32_t *restrict to) = { WIDTHS(READER_NAME) };

void
column_read(const unsigned char *from, uint32_t *ret_numbers, unsigned n, unsigned width)
{
	if (n == COLUMN_FULL) {
		readers[width](from, ret_numbers);
		return;
	}
	for (unsigned i = 0; i < n; i++)
		ret_numbers[i] = bits_get(from, i, width);
}

/* Sums within a row by two additions of the row shifted by one lane and by two; then what the rows before it made. */
static void
add_up(uint32_t *numbers, uint32_t base, uint32_t plus)
{
	lanes sum = { base, base, base, base };
	const lanes none = { 0, 0, 0, 0 };

	for (unsigned row = 0; row < ROWS; row++) {
		lanes parts = load((const unsigned char *)(numbers + (size_t)LANES * row)) + plus;

		parts += __builtin_shufflevector(parts, none, 4, 0, 1, 2);
		parts += __builtin_shufflevector(parts, none, 4, 4, 0, 1);
		sum += parts;
		store(numbers, row, sum);
		sum = __builtin_shufflevector(sum, sum, 3, 3, 3, 3);
	}
}

void
column_read_sums(
    const unsigned char *from, uint32_t base, uint32_t plus, uint32_t *ret_numbers, unsigned n, unsigned width)
{
	column_read(from, ret_numbers, n, width);
	if (n == COLUMN_FULL) {
		add_up(ret_numbers, base, plus);
		return;
	}
	for (unsigned i = 0; i < n; i++)
		ret_numbers[i] = base += ret_numbers[i] + plus;
}
