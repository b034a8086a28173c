/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * block: up to BLOCK_POSTINGS postings of one term, as they stand in the file (docs/inverted-file.md, section 4).
 *
 * A block is columns behind one another, so that docids are read without the wdfs and both without the positions:
 *
 *	form | widths | docids (gaps) | wdfs | counts of positions | positions (gaps)
 *
 * The positions are one run of numbers of one width: those of a posting are found by how many the postings before it have.  A
 * column of counts is only there where some posting has not as many positions as its wdf.  Blocks of few
 * postings are varints instead, where that is shorter.  Where all positions of a block are among those of another list in the
 * same documents, their ranks there stand in their place.
 */
#ifndef VOISIN_INVFILE_BLOCK_H
#define VOISIN_INVFILE_BLOCK_H

#include <stdbool.h>

#include "base/status.h"
#include "invfile/column.h"

enum { BLOCK_POSTINGS = COLUMN_FULL };

/* ---- Writing --------------------------------------------------------------------------------- */

struct block_builder {
	uint32_t n;
	uint32_t docids[BLOCK_POSTINGS];
	uint32_t wdfs[BLOCK_POSTINGS];
	uint32_t counts[BLOCK_POSTINGS];
	uint32_t *gaps; /* of the positions of all postings */
	uint32_t *rank_gaps; /* the same of their ranks */
	size_t n_gaps;
	size_t capacity; /* of each of the two */
	bool has_unranked; /* some posting has no ranks */
	unsigned char *bytes; /* of the finished block */
	size_t bytes_capacity;
};

/* All zero is an empty one; done frees what it grew to. */
void block_builder_done(struct block_builder *builder);

/*
 * Adds a posting, of which there are less than BLOCK_POSTINGS yet.  Positions ascend.  `ranks` are their places, from 0 on, among the
 * positions of a list that has them all, or NULL.  STATUS_NOMEM.
 */
enum status block_add(struct block_builder *builder, uint32_t docid, uint32_t wdf, const uint32_t *positions,
    const uint32_t *ranks, uint32_t n_positions) MUST_CHECK;

/*
 * Makes the bytes of the postings that were added, all with docids > base, with ranks where all have some (*ret_ranked), and empties the
 * builder.  *ret_bytes is borrowed until the next call.  STATUS_NOMEM.
 */
enum status block_end(struct block_builder *builder, uint32_t base, const unsigned char **ret_bytes, size_t *ret_len,
    bool *ret_ranked) MUST_CHECK;

/* ---- Reading --------------------------------------------------------------------------------- */

/* Where the columns of a block are, checked to be inside of it. */
struct block {
	const unsigned char *docids;
	const unsigned char *wdfs;
	const unsigned char *counts;
	const unsigned char *positions;
	const unsigned char *end;
	uint16_t n;
	uint8_t form;
	uint8_t docid_width;
	uint8_t wdf_width;
	uint8_t count_width;
	uint8_t position_width;
};

/* Finds the columns of a block of n postings (1 to BLOCK_POSTINGS), with BYTES_SLACK bytes behind `end`.  False where it is damaged. */
bool block_open(const unsigned char *bytes, const unsigned char *end, unsigned n, struct block *ret_block) MUST_CHECK;

/* Reads the docids, ascending from above `base` to `most`.  False where they are not. */
bool block_read_docids(const struct block *block, uint32_t base, uint32_t most, uint32_t *ret_docids) MUST_CHECK;

/* Whether it is not certain that all wdfs are more than 0. */
bool block_may_have_zeros(const struct block *block);

void block_read_wdfs(const struct block *block, uint32_t *ret_wdfs);

/*
 * Reads at which of the block's positions those of each posting start, and at ret_starts[n] how many there are.  False where the
 * block cannot have as many.
 */
bool block_read_starts(const struct block *block, uint32_t *ret_starts) MUST_CHECK;

/* Whether each posting has as many positions as its wdf. */
bool block_counts_are_wdfs(const struct block *block);

/* Whether it has ranks in place of positions. */
bool block_has_ranks(const struct block *block);

/*
 * Reads the positions of one posting, or their ranks: those from ret_starts[i] to ret_starts[i + 1].  False where they do not ascend below
 * 2^32.
 */
bool block_read_positions(const struct block *block, uint32_t start, uint32_t end, uint32_t *ret_positions) MUST_CHECK;

#define BLOCK_NO_POSITION UINT64_MAX

/* The positions of one posting, each read when it is its turn. */
struct block_run {
	uint64_t pos; /* where it stands */
	/* The rest is block.c's. */
	const unsigned char *gaps; /* of the whole block */
	uint32_t next, end; /* those that are to come */
	uint32_t width;
};

/*
 * Stands at the first of the positions from `start` to `end`, as above.  False where there is none, where there are ranks, and where they
 * are better read all at once: the gaps are varints, or so wide that positions might not stay below 2^32.
 */
bool block_open_run(const struct block *block, uint32_t start, uint32_t end, struct block_run *ret_run) MUST_CHECK;

/* To the first position >= pos, never backwards.  Returns it, or BLOCK_NO_POSITION behind the last one. */
static inline uint64_t
block_run_seek(struct block_run *run, uint64_t pos)
{
	while (run->pos < pos) {
		if (run->next == run->end)
			return BLOCK_NO_POSITION;
		run->pos += bits_get(run->gaps, run->next++, run->width) + 1;
	}
	return run->pos;
}

#endif
