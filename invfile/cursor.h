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

#include "invfile/block.h"
#include "invfile/file.h"

enum { CURSOR_BLOCK = BLOCK_POSTINGS };

#define CURSOR_END UINT32_MAX

/* Positions of one document, reused for the next, also of other cursors.  All zero is none; cursor_positions_done() frees what it grew to. */
struct cursor_positions {
	uint32_t *v; /* strictly ascending */
	size_t n;
	size_t capacity;
	struct cursor_host *host; /* cursor-positions.c's, or NULL */
};

/* To be looked at, not changed, from outside; about 2 KiB. */
struct cursor {
	uint32_t docid; /* 0 before the first step, CURSOR_END at the end */
	bool damaged; /* the list contradicts itself; the cursor is at its end then */
	/* The rest is cursor.c's.  The block that is decoded: */
	uint32_t i; /* the posting in it, UINT32_MAX before the first */
	uint32_t n;
	uint32_t block_last; /* its last docid; 0 where none is decoded */
	bool has_wdfs;
	bool has_starts;
	struct block block;
	/* The list: */
	const struct invfile *file; /* or NULL: the term has no host */
	const struct invfile_term *term;
	uint32_t number; /* of the decoded block */
	uint32_t bound_number; /* of that of the last cursor_block_max() */
	uint32_t n_blocks;
	uint32_t file_last; /* docid */
	const unsigned char *table; /* NULL of a single block */
	uint32_t docids[CURSOR_BLOCK];
	uint32_t wdfs[CURSOR_BLOCK];
	uint32_t starts[CURSOR_BLOCK + 1]; /* of the positions of each posting */
};

/* Sets a cursor before the first posting; `term` (not NULL) is borrowed. */
void cursor_open(struct cursor *cursor, const struct invfile *file, const struct invfile_term *term);

/* The same in lists that are no file's yet: of documents up to `last_docid`, and of a term without a host. */
void cursor_open_loose(struct cursor *cursor, uint32_t last_docid, const struct invfile_term *term);

/* What the functions below do where the decoded block does not have the answer. */
uint32_t cursor_next_block(struct cursor *cursor);
uint32_t cursor_seek_on(struct cursor *cursor, uint32_t docid);
void cursor_read_wdfs(struct cursor *cursor);

/* To the next posting.  Returns its docid. */
static inline uint32_t
cursor_next(struct cursor *cursor)
{
	if (++cursor->i < cursor->n)
		return cursor->docid = cursor->docids[cursor->i];
	return cursor_next_block(cursor);
}

/* To the first posting with a docid >= `docid`, never backwards.  Returns its docid. */
static inline uint32_t
cursor_seek(struct cursor *cursor, uint32_t docid)
{
	if (docid <= cursor->docid && cursor->docid > 0)
		return cursor->docid;
	/* Often it is the next posting: of a word that most documents hold, or where articles of one day stand together. */
	if (cursor->i + 1 < cursor->n && cursor->docids[cursor->i + 1] >= docid)
		return cursor->docid = cursor->docids[++cursor->i];
	return cursor_seek_on(cursor, docid);
}

/* The wdf of the posting at which the cursor stands. */
static inline uint32_t
cursor_wdf(struct cursor *cursor)
{
	if (!cursor->has_wdfs)
		cursor_read_wdfs(cursor);
	return cursor->wdfs[cursor->i];
}

/*
 * From the posting at which the cursor stands, whose wdf was asked for, to the first one of the decoded block that has a wdf of `enough` or
 * a docid behind `last`, or that is the block's last.  Returns how many were passed over.
 */
static inline uint32_t
cursor_pass(struct cursor *cursor, uint32_t last, uint32_t enough)
{
	const uint32_t end = cursor->n - 1, start = cursor->i;
	uint32_t i = start;

	while (i < end && cursor->wdfs[i] < enough && cursor->docids[i] <= last)
		i++;
	cursor->i = i;
	cursor->docid = cursor->docids[i];
	return i - start;
}

/* The docid of the posting so many behind that at which the cursor stands, as far as it is decoded: what is kept by docid can be asked for early. */
static inline uint32_t
cursor_ahead(const struct cursor *cursor, uint32_t postings)
{
	uint32_t i = cursor->i + postings;

	return cursor->docids[i < cursor->n ? i : cursor->n - 1];
}

/*
 * Without moving: a bound on bm25_part() (at the file's average length) for the postings of the block in which a posting of `docid` (>= the
 * cursor's) would stand, and *ret_last the last docid for which the bound holds; 0 and CURSOR_END past the last
 * block.
 */
double cursor_block_max(struct cursor *cursor, uint32_t docid, uint32_t *ret_last);

/*
 * Adds the wdfs of the postings from the first with a docid >= `first` on, below first + `width`, to sums[docid - first], which stop at
 * CURSOR_SUM_MAX.  Sets the bits of those in `zeros` whose wdf may be 0, and *ret_zeros where it does.  The cursor then
 * stands at the first posting behind; it must not be behind `first` when it begins.  Returns how many postings were added.
 */
enum { CURSOR_SUM_MAX = UINT16_MAX };
uint32_t cursor_add_up(
    struct cursor *cursor, uint32_t first, uint32_t width, uint16_t *sums, uint64_t *zeros, bool *ret_zeros);

/*
 * The positions in the document at which the cursor stands.  Those that are kept as ranks are looked up in the host's list, which takes
 * a seek there: it is cheap where documents are asked for in their order.  STATUS_NOMEM, STATUS_CORRUPT.
 */
enum status cursor_read_positions(
    struct cursor *cursor, struct cursor_positions *ret_positions, struct error *reterr) MUST_CHECK;

void cursor_positions_done(struct cursor_positions *positions);

/*
 * The same, each read when it is its turn.  False where they have to be read as above, which also tells what is wrong where something
 * is.  The run ends where the cursor moves.
 */
bool cursor_open_run(struct cursor *cursor, struct block_run *ret_run) MUST_CHECK;

#endif
