/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "invfile/ranks.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "invfile/numbers.h"

/* Pages of so many bytes of hosts are kept, so that a build's memory does not grow with what it writes. */
enum { TOUCHED_MOST = 16 * 1024 * 1024 };

static void
unmap(const unsigned char *map, size_t len)
{
	if (map != NULL)
		(void)munmap((void *)(uintptr_t)map, len);
}

void
ranks_done(struct ranks *ranks)
{
	unmap(ranks->lists, ranks->lists_end);
	unmap(ranks->terms, ranks->terms_bytes);
	cursor_positions_done(&ranks->positions);
	free(ranks->v);
	*ranks = (struct ranks) { 0 };
}

/* ---- What was written ------------------------------------------------------------------------ */

static enum status
map_output(struct output *output, const unsigned char **ret_map, size_t *ret_len, struct error *reterr)
{
	enum status status = output_flush(output, reterr);
	void *map;

	*ret_len = (size_t)output->flushed;
	if (status != STATUS_OK || *ret_len == 0)
		return status;
	map = mmap(NULL, *ret_len, PROT_READ, MAP_SHARED, output->fd, 0);
	if (map == MAP_FAILED)
		return error_errno(reterr, STATUS_IO, errno, "cannot map the inverted file into memory");
	*ret_map = map;
	return STATUS_OK;
}

/* The groups of terms that were written to their ends: those before one that begins there at the latest. */
static uint64_t
count_groups(const struct dictionary_writer *dictionary, uint64_t written)
{
	const unsigned char *starts = (const unsigned char *)dictionary->groups.data;
	uint64_t low = 0, high = dictionary->groups.len / sizeof(uint32_t);

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (bytes_u32(starts + middle * sizeof(uint32_t)) <= written)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 ? low - 1 : 0;
}

enum status
ranks_map(struct ranks *ranks, struct output *lists, uint64_t lists_off, struct output *terms,
    const struct dictionary_writer *dictionary, uint32_t last_docid, struct error *reterr)
{
	enum status status = map_output(terms, &ranks->terms, &ranks->terms_bytes, reterr);

	if (status == STATUS_OK)
		status = map_output(lists, &ranks->lists, &ranks->lists_end, reterr);
	ranks->lists_off = lists_off;
	ranks->n_groups = count_groups(dictionary, ranks->terms_bytes);
	ranks->last_docid = last_docid;
	return status;
}

/* ---- A host ---------------------------------------------------------------------------------- */

static enum status
find(const struct ranks *ranks, const struct dictionary_writer *writer, struct str term,
    struct dictionary_entry *ret_entry, uint64_t *ret_number)
{
	struct dictionary dictionary = {
		.bytes = ranks->terms,
		.keys = (const unsigned char *)writer->keys.data,
		.groups = (const unsigned char *)writer->groups.data,
		.n_groups = ranks->n_groups,
		.terms = ranks->n_groups * DICTIONARY_GROUP,
	};

	if (ranks->n_groups == 0)
		return STATUS_NOT_FOUND;
	/* There is a group behind them, at the end of what is looked at. */
	dictionary.len = bytes_u32(dictionary.groups + ranks->n_groups * sizeof(uint32_t));
	return dictionary_find(&dictionary, term, ret_entry, ret_number);
}

/* Gives pages back that were read, once they are many. */
static void
give_back(struct ranks *ranks, size_t touched)
{
	ranks->touched += touched;
	if (ranks->touched <= TOUCHED_MOST)
		return;
	(void)madvise((void *)(uintptr_t)ranks->lists, ranks->lists_end, MADV_DONTNEED);
	ranks->touched = 0;
}

enum status
ranks_begin(struct ranks *ranks, const struct dictionary_writer *dictionary, struct str term, uint32_t documents,
    bool *ret_found, struct error *reterr)
{
	const struct dictionary_entry *entry = &ranks->entry;
	enum status status = find(ranks, dictionary, term, &ranks->entry, &ranks->number);

	*ret_found = false;
	if (status == STATUS_NOT_FOUND)
		return STATUS_OK;
	if (status != STATUS_OK)
		return error_set(reterr, status, ERROR_NO_OFFSET, "the inverted file cannot be read back");
	if (entry->host != DICTIONARY_NONE || entry->documents < documents ||
	    ranks->lists_off + entry->list_off + entry->list_bytes + BYTES_SLACK > ranks->lists_end)
		return STATUS_OK;
	give_back(ranks, (size_t)entry->list_bytes);
	ranks->host = (struct invfile_term) {
		.documents = entry->documents,
		.occurrences = entry->occurrences,
		.list = ranks->lists + ranks->lists_off + entry->list_off,
		.host = DICTIONARY_NONE,
	};
	ranks->host.end = ranks->host.list + entry->list_bytes;
	cursor_open_loose(&ranks->cursor, ranks->last_docid, &ranks->host);
	ranks->has_host = true;
	ranks->is_same = entry->documents == documents;
	*ret_found = true;
	return STATUS_OK;
}

void
ranks_end(struct ranks *ranks)
{
	ranks->has_host = false;
}

/* ---- Ranks ----------------------------------------------------------------------------------- */

/* Whether all are among the host's, and where. */
static bool
rank(const struct cursor_positions *host, const uint32_t *positions, uint32_t n, uint32_t *ret_ranks)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < n; i++, at++) {
		while (at < host->n && host->v[at] < positions[i])
			at++;
		if (at == host->n || host->v[at] != positions[i])
			return false;
		ret_ranks[i] = at;
	}
	return true;
}

enum status
ranks_find(struct ranks *ranks, uint32_t docid, uint32_t wdf, const uint32_t *positions, uint32_t n,
    const uint32_t **ret_ranks, struct error *reterr)
{
	bool is_there = cursor_seek(&ranks->cursor, docid) == docid;
	enum status status = STATUS_OK;

	*ret_ranks = NULL;
	if (is_there)
		status = cursor_read_positions(&ranks->cursor, &ranks->positions, reterr);
	if (status != STATUS_OK)
		return status;
	if (!numbers_reserve(&ranks->v, &ranks->capacity, n))
		return error_no_memory(reterr);
	if (is_there && rank(&ranks->positions, positions, n, ranks->v))
		*ret_ranks = ranks->v;
	ranks->is_same =
	    ranks->is_same && *ret_ranks != NULL && n == ranks->positions.n && wdf == cursor_wdf(&ranks->cursor);
	return STATUS_OK;
}
