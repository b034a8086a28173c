/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "invfile/cursor.h"

#include "invfile/layout.h"

/* ---- The table of blocks --------------------------------------------------------------------- */

static inline uint32_t
last_of(const struct cursor *cursor, uint32_t number)
{
	return bytes_u32(cursor->table + (size_t)number * 4);
}

static inline uint32_t
offset_of(const struct cursor *cursor, uint32_t number)
{
	return bytes_u32(cursor->table + ((size_t)cursor->n_blocks + number) * 4);
}

/*
 * The first block from `number` on that ends at `docid` or behind it, or n_blocks: in strides that double (Bentley and Yao,
 * "An almost optimal algorithm for unbounded searching", 1976), then by halves of the last stride.
 */
static uint32_t
find_block(const struct cursor *cursor, uint32_t number, uint32_t docid)
{
	uint32_t low = number; /* all blocks before it end too early */
	uint32_t high = number;

	for (uint32_t stride = 1; low < cursor->n_blocks; stride *= 2) {
		high = cursor->n_blocks - low < stride ? cursor->n_blocks - 1 : low + stride - 1;
		if (last_of(cursor, high) >= docid)
			break;
		low = high + 1;
	}
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (last_of(cursor, middle) < docid)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* ---- Blocks ---------------------------------------------------------------------------------- */

static uint32_t
end(struct cursor *cursor)
{
	cursor->i = 0;
	cursor->n = 0;
	cursor->number = cursor->n_blocks;
	return cursor->docid = CURSOR_END;
}

static uint32_t
give_up(struct cursor *cursor)
{
	cursor->damaged = true;
	return end(cursor);
}

/* Finds the bytes of a block, which follow each other up to the table. */
static bool
block_bytes(
    const struct cursor *cursor, uint32_t number, const unsigned char **ret_bytes, const unsigned char **ret_end)
{
	size_t start;
	size_t stop = (size_t)((cursor->table != NULL ? cursor->table : cursor->term->end) - cursor->term->list);

	*ret_end = cursor->term->list + stop;
	*ret_bytes = cursor->term->list;
	if (cursor->table == NULL)
		return true;
	start = offset_of(cursor, number);
	if (number + 1 < cursor->n_blocks && offset_of(cursor, number + 1) <= stop)
		stop = offset_of(cursor, number + 1);
	*ret_bytes = cursor->term->list + start;
	*ret_end = cursor->term->list + stop;
	return start < stop;
}

/* Decodes the docids of a block, and stands before its first posting.  False where it is damaged. */
static bool
load(struct cursor *cursor, uint32_t number)
{
	bool is_last = number + 1 == cursor->n_blocks;
	uint32_t n = is_last ? (cursor->term->documents - 1) % CURSOR_BLOCK + 1 : CURSOR_BLOCK;
	uint32_t base = number > 0 ? last_of(cursor, number - 1) : 0;
	uint32_t most = cursor->table != NULL ? last_of(cursor, number) : cursor->file_last;
	const unsigned char *bytes;
	const unsigned char *stop;

	/* Docids never fall, and none is beyond the file's: who uses them as an index may rely on it. */
	if (base < cursor->docid || most > cursor->file_last)
		return false;
	if (!block_bytes(cursor, number, &bytes, &stop) || !block_open(bytes, stop, n, &cursor->block) ||
	    !block_read_docids(&cursor->block, base, most, cursor->docids))
		return false;
	cursor->i = UINT32_MAX;
	cursor->n = n;
	cursor->number = number;
	cursor->block_last = cursor->docids[n - 1];
	cursor->has_wdfs = false;
	cursor->has_starts = false;
	return cursor->table == NULL || cursor->block_last == most;
}

uint32_t
cursor_next_block(struct cursor *cursor)
{
	uint32_t number = cursor->block_last > 0 ? cursor->number + 1 : 0;

	if (cursor->docid == CURSOR_END || number >= cursor->n_blocks)
		return end(cursor);
	if (!load(cursor, number))
		return give_up(cursor);
	cursor->i = 0;
	return cursor->docid = cursor->docids[0];
}

/* ---- Steps ----------------------------------------------------------------------------------- */

void
cursor_open_loose(struct cursor *cursor, uint32_t last_docid, const struct invfile_term *term)
{
	size_t bytes = (size_t)(term->end - term->list);

	cursor->docid = 0;
	cursor->damaged = false;
	cursor->i = UINT32_MAX;
	cursor->n = 0;
	cursor->block_last = 0;
	cursor->has_wdfs = false;
	cursor->has_starts = false;
	cursor->file = NULL;
	cursor->term = term;
	cursor->number = 0;
	cursor->bound_number = 0;
	cursor->n_blocks = (uint32_t)(((uint64_t)term->documents + CURSOR_BLOCK - 1) / CURSOR_BLOCK);
	cursor->file_last = last_docid;
	cursor->table = NULL;
	if (cursor->n_blocks == 0 || (cursor->n_blocks > 1 && bytes / LAYOUT_ENTRY_BYTES < cursor->n_blocks)) {
		(void)give_up(cursor);
		return;
	}
	if (cursor->n_blocks > 1)
		cursor->table = term->end - (size_t)cursor->n_blocks * LAYOUT_ENTRY_BYTES;
	else if (!load(cursor, 0))
		(void)give_up(cursor);
}

void
cursor_open(struct cursor *cursor, const struct invfile *file, const struct invfile_term *term)
{
	cursor_open_loose(cursor, invfile_last_docid(file), term);
	cursor->file = file;
}

/* The first posting of the decoded block, from i on, with at least this docid; there is one. */
static uint32_t
search(const struct cursor *cursor, uint32_t docid)
{
	const uint32_t *docids = cursor->docids;
	uint32_t low = cursor->i + 1;
	uint32_t n = cursor->n - low;

	while (n > 1) {
		uint32_t half = n / 2;

		low += docids[low + half - 1] < docid ? half : 0;
		n -= half;
	}
	return low;
}

uint32_t
cursor_seek_on(struct cursor *cursor, uint32_t docid)
{
	if (docid > cursor->block_last || cursor->block_last == 0) {
		uint32_t number = cursor->block_last > 0 ? cursor->number + 1 : 0;

		if (cursor->table == NULL)
			return end(cursor);
		number = find_block(cursor, number, docid);
		if (number == cursor->n_blocks)
			return end(cursor);
		if (!load(cursor, number))
			return give_up(cursor);
	}
	cursor->i = search(cursor, docid);
	return cursor->docid = cursor->docids[cursor->i];
}

double
cursor_block_max(struct cursor *cursor, uint32_t docid, uint32_t *ret_last)
{
	uint32_t number = cursor->number;

	*ret_last = CURSOR_END;
	if (cursor->docid == CURSOR_END)
		return 0;
	if (cursor->table == NULL) {
		if (docid > cursor->block_last)
			return 0;
		*ret_last = cursor->block_last;
		return cursor->term->part_max;
	}
	/* Where one is asked about block after block the search goes on from the last one. */
	if (cursor->bound_number > number && last_of(cursor, cursor->bound_number - 1) < docid)
		number = cursor->bound_number;
	number = find_block(cursor, number, docid);
	if (number == cursor->n_blocks)
		return 0;
	cursor->bound_number = number;
	*ret_last = last_of(cursor, number);
	return layout_bound_value(cursor->table[(size_t)cursor->n_blocks * 8 + number]);
}

/* ---- What stands in a posting ---------------------------------------------------------------- */

void
cursor_read_wdfs(struct cursor *cursor)
{
	block_read_wdfs(&cursor->block, cursor->wdfs);
	cursor->has_wdfs = true;
}

/* The same within the decoded block, from the posting at which the cursor stands; returns the number of the first one behind. */
static uint32_t
add_up_block(struct cursor *cursor, uint32_t first, uint32_t width, uint16_t *sums)
{
	const uint32_t *docids = cursor->docids;
	const uint32_t *wdfs = cursor->wdfs;
	uint32_t i = cursor->i;

	for (; i < cursor->n && docids[i] - first < width; i++) {
		uint64_t sum = (uint64_t)sums[docids[i] - first] + wdfs[i];

		sums[docids[i] - first] = (uint16_t)(sum < CURSOR_SUM_MAX ? sum : CURSOR_SUM_MAX);
	}
	return i;
}

static void
mark(const struct cursor *cursor, uint32_t first, uint32_t end, uint64_t *zeros)
{
	for (uint32_t i = cursor->i; i < end; i++) {
		uint32_t at = cursor->docids[i] - first;

		zeros[at / 64] |= UINT64_C(1) << at % 64;
	}
}

uint32_t
cursor_add_up(struct cursor *cursor, uint32_t first, uint32_t width, uint16_t *sums, uint64_t *zeros, bool *ret_zeros)
{
	uint32_t docid = cursor_seek(cursor, first);
	uint32_t n = 0;

	while (docid != CURSOR_END && docid - first < width) {
		uint32_t end;

		if (!cursor->has_wdfs)
			cursor_read_wdfs(cursor);
		end = add_up_block(cursor, first, width, sums);
		n += end - cursor->i;
		if (block_may_have_zeros(&cursor->block)) {
			mark(cursor, first, end, zeros);
			*ret_zeros = true;
		}
		cursor->i = end - 1;
		cursor->docid = cursor->docids[end - 1];
		docid = cursor_next(cursor);
	}
	return n;
}
