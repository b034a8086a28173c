/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cursor: a place in the postings of one term.
 *
 * Postings are in blocks of CURSOR_BLOCK, each with its last docid and a bound on what any of its postings can weigh in
 * a table in front of the list, so that blocks are passed over unread, either for their docids or for their bound (block-max
 * indexes: Ding and Suel, "Faster Top-k Document Retrieval Using Block-Max Indexes", SIGIR 2011).
 */
#ifndef VOISIN_INVFILE_CURSOR_H
#define VOISIN_INVFILE_CURSOR_H

#include "invfile/file.h"

enum { CURSOR_BLOCK = 128 };

#define CURSOR_END UINT32_MAX

/* Positions of one document, reused for the next; free v. */
struct cursor_positions {
	uint32_t *v; /* strictly ascending */
	size_t n;
	size_t capacity;
};

/* To be looked at, not changed, from outside; about 2 KiB. */
struct cursor {
	uint32_t docid; /* 0 before the first step, CURSOR_END at the end */
	uint32_t wdf;
	bool damaged; /* the list contradicts itself; the cursor is at its end then */
	/* the rest is cursor.c's: the decoded block, the place in it, the table of blocks */
	const struct invfile_term *term;
	CURSOR_PRIVATE
};

/* Sets a cursor before the first posting; `term` (not NULL) is borrowed. */
void cursor_open(struct cursor *cursor, const struct invfile *file, const struct invfile_term *term);

/* To the next posting.  Returns its docid. */
uint32_t cursor_next(struct cursor *cursor);

/* To the first posting with a docid >= `docid`, never backwards.  Returns its docid. */
uint32_t cursor_seek(struct cursor *cursor, uint32_t docid);

/*
 * Without moving: a bound on bm25_part() (at the file's average length) for the postings of the block in which a posting of `docid` (>= the
 * cursor's) would stand, and *ret_last the last docid for which the bound holds; 0 and CURSOR_END past the last
 * block.
 */
double cursor_block_max(struct cursor *cursor, uint32_t docid, uint32_t *ret_last);

/* The positions in the document at which the cursor stands.  STATUS_NOMEM, STATUS_CORRUPT. */
enum status cursor_read_positions(
    struct cursor *cursor, struct cursor_positions *ret_positions, struct error *reterr) MUST_CHECK;

#endif
