/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The positions of a posting: its own, or its ranks among those of another list, its host's, in the same document.
 */
#include <stdlib.h>

#include "invfile/cursor.h"
#include "invfile/numbers.h"

/* A place in a host's list. */
struct cursor_host {
	const struct invfile *file; /* of which file, and which of its terms; NULL: none yet */
	uint64_t number;
	struct invfile_term term;
	struct cursor cursor;
	uint32_t *ranks;
	size_t capacity;
};

void
cursor_positions_done(struct cursor_positions *positions)
{
	if (positions->host != NULL)
		free(positions->host->ranks);
	free(positions->host);
	free(positions->v);
	*positions = (struct cursor_positions) { 0 };
}

static enum status
damaged(struct error *reterr)
{
	return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET, "the inverted file is damaged: positions");
}

/* Which numbers of the decoded block are those of the posting. */
static bool
read_starts(struct cursor *cursor, uint32_t *ret_start, uint32_t *ret_end)
{
	if (!cursor->has_starts)
		cursor->has_starts = block_read_starts(&cursor->block, cursor->starts);
	*ret_start = cursor->starts[cursor->i];
	*ret_end = cursor->starts[cursor->i + 1];
	return cursor->has_starts;
}

/* Of a posting whose positions are in its own block. */
static enum status
read_own(struct cursor *cursor, struct cursor_positions *ret_positions, struct error *reterr)
{
	uint32_t start, end;

	if (!read_starts(cursor, &start, &end))
		return damaged(reterr);
	if (!numbers_reserve(&ret_positions->v, &ret_positions->capacity, end - start))
		return error_no_memory(reterr);
	if (!block_read_positions(&cursor->block, start, end, ret_positions->v))
		return damaged(reterr);
	ret_positions->n = end - start;
	return STATUS_OK;
}

static enum status
new_host(struct cursor_host **ret_host, struct error *reterr)
{
	struct cursor_host *host = malloc(sizeof(*host));

	if (host == NULL)
		return error_no_memory(reterr);
	host->file = NULL;
	host->ranks = NULL;
	host->capacity = 0;
	*ret_host = host;
	return STATUS_OK;
}

/* Moves to the posting of the host in the document at which the cursor stands. */
static enum status
seek_host(const struct cursor *cursor, struct cursor_host *host, struct error *reterr)
{
	bool is_open = host->file != NULL && host->file == cursor->file && host->number == cursor->term->host;

	if (!is_open) {
		host->file = NULL;
		if (cursor->file == NULL || invfile_host(cursor->file, cursor->term, &host->term) != STATUS_OK)
			return damaged(reterr);
		host->file = cursor->file;
		host->number = cursor->term->host;
	}
	if (!is_open || host->cursor.docid > cursor->docid)
		cursor_open(&host->cursor, host->file, &host->term);
	if (cursor_seek(&host->cursor, cursor->docid) != cursor->docid || block_has_ranks(&host->cursor.block))
		return damaged(reterr);
	return STATUS_OK;
}

/* Whether there are as many positions as the host has, without a look at where the ranks are: as most often. */
static bool
has_all(struct cursor *cursor, const struct cursor_positions *of_host)
{
	return block_counts_are_wdfs(&cursor->block) && cursor_wdf(cursor) == of_host->n;
}

/* Leaves of the host's positions those that have a rank. */
static enum status
choose(struct cursor *cursor, struct cursor_positions *positions, struct error *reterr)
{
	struct cursor_host *host = positions->host;
	uint32_t start, end, n;

	if (!read_starts(cursor, &start, &end))
		return damaged(reterr);
	n = end - start;
	if (n > positions->n)
		return damaged(reterr);
	if (!numbers_reserve(&host->ranks, &host->capacity, n))
		return error_no_memory(reterr);
	if (!block_read_positions(&cursor->block, start, end, host->ranks) ||
	    (n > 0 && host->ranks[n - 1] >= positions->n))
		return damaged(reterr);
	/* Ranks ascend, so that none is below its place. */
	for (uint32_t i = 0; i < n; i++)
		positions->v[i] = positions->v[host->ranks[i]];
	positions->n = n;
	return STATUS_OK;
}

static enum status
read_by_rank(struct cursor *cursor, struct cursor_positions *ret_positions, struct error *reterr)
{
	enum status status = STATUS_OK;

	if (ret_positions->host == NULL)
		status = new_host(&ret_positions->host, reterr);
	if (status == STATUS_OK)
		status = seek_host(cursor, ret_positions->host, reterr);
	if (status == STATUS_OK)
		status = read_own(&ret_positions->host->cursor, ret_positions, reterr);
	if (status != STATUS_OK || has_all(cursor, ret_positions))
		return status;
	return choose(cursor, ret_positions, reterr);
}

enum status
cursor_read_positions(struct cursor *cursor, struct cursor_positions *ret_positions, struct error *reterr)
{
	if (block_has_ranks(&cursor->block))
		return read_by_rank(cursor, ret_positions, reterr);
	return read_own(cursor, ret_positions, reterr);
}

bool
cursor_open_run(struct cursor *cursor, struct block_run *ret_run)
{
	uint32_t start, end;

	return read_starts(cursor, &start, &end) && block_open_run(&cursor->block, start, end, ret_run);
}
