/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the writer holds in memory (16 MiB at most of it same.h) does not grow with the collection, but for 12 bytes in 16 terms and 9 in 128 postings of the longest
 * list: the dictionary goes to a second file, without a name, until it is copied behind the lists; the lengths are
 * read back from where they were written.
 */
#include "invfile/writer.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "invfile/block.h"
#include "invfile/dictionary.h"
#include "invfile/layout.h"
#include "invfile/output.h"
#include "invfile/ranks.h"
#include "invfile/same.h"

/* The blocks of the term that is under way. */
struct list {
	unsigned char term[DICTIONARY_TERM_BYTES];
	size_t term_len; /* 0: there was none yet */
	uint32_t documents; /* as they were said */
	uint64_t occurrences;
	uint32_t documents_left;
	uint64_t occurrences_left;
	uint64_t off; /* in the file */
	uint32_t last_docid;
	uint32_t base; /* the last docid of the block before */
	bool is_hosted; /* some of its blocks have ranks */
	double block_part; /* the greatest of the block */
	double part;
	struct buf lasts; /* the table */
	struct buf offsets;
	struct buf bounds;
};

struct invfile_writer {
	char *path;
	struct output lists; /* lengths and all */
	struct output terms;
	struct layout layout;
	struct buf docids; /* of numbers 0 to the last one that was said; nothing where none was */
	double length_factor;
	const unsigned char *map; /* the file up to the lists, from the first term on */
	struct dictionary_writer dictionary;
	struct block_builder block;
	struct list list;
	struct same *same;
	struct ranks ranks;
};

static enum status
misuse(struct error *reterr)
{
	return error_set(
	    reterr, STATUS_INTERNAL, ERROR_NO_OFFSET, "what goes into the inverted file came in a wrong order");
}

/* ---- Making and freeing ---------------------------------------------------------------------- */

/* A file in the same folder that is gone when it is closed. */
static enum status
open_nameless(struct invfile_writer *writer, struct error *reterr)
{
	struct buf path;
	enum status status;

	buf_init(&path, SIZE_MAX / 2);
	status = buf_printf(&path, "%s.terms", writer->path);
	if (status == STATUS_OK) {
		status = output_open(&writer->terms, path.data, reterr);
		if (status == STATUS_OK && unlink(path.data) != 0)
			status = error_errno(reterr, STATUS_IO, errno, "cannot make %s", path.data);
	} else {
		status = error_no_memory(reterr);
	}
	buf_done(&path);
	return status;
}

static enum status
open_files(struct invfile_writer *writer, struct error *reterr)
{
	enum status status = layout_check_machine(reterr);

	if (status != STATUS_OK)
		return status;
	status = output_open(&writer->lists, writer->path, reterr);
	if (status == STATUS_OK)
		status = open_nameless(writer, reterr);
	/* The header is written last: until then the file is none. */
	if (status == STATUS_OK)
		status = output_put_zeros(&writer->lists, LAYOUT_BYTES, reterr);
	if (status == STATUS_OK)
		status = output_end(&writer->lists, reterr);
	writer->lists.checksum = LAYOUT_CHECKSUM_START;
	/* Docid 0 has a length as well. */
	return status == STATUS_OK ? output_put_zeros(&writer->lists, LAYOUT_BYTES + 4, reterr) : status;
}

enum status
invfile_writer_new(const char *path, const struct bm25 *bm25, struct invfile_writer **ret_writer, struct error *reterr)
{
	struct invfile_writer *writer = calloc(1, sizeof(*writer));
	enum status status;

	if (writer == NULL)
		return error_no_memory(reterr);
	output_init(&writer->lists);
	output_init(&writer->terms);
	dictionary_writer_init(&writer->dictionary);
	buf_init(&writer->list.lasts, SIZE_MAX / 2);
	buf_init(&writer->list.offsets, SIZE_MAX / 2);
	buf_init(&writer->list.bounds, SIZE_MAX / 2);
	buf_init(&writer->docids, SIZE_MAX / 2);
	writer->layout.version = LAYOUT_VERSION;
	writer->layout.bm25 = *bm25;
	writer->path = strdup(path);
	status = writer->path != NULL ? open_files(writer, reterr) : error_no_memory(reterr);
	if (status != STATUS_OK) {
		invfile_writer_free(writer);
		return status;
	}
	*ret_writer = writer;
	return STATUS_OK;
}

void
invfile_writer_free(struct invfile_writer *writer)
{
	if (writer == NULL)
		return;
	if (writer->map != NULL)
		(void)munmap((void *)(uintptr_t)writer->map, (size_t)writer->layout.lists_off);
	output_done(&writer->lists);
	output_done(&writer->terms);
	same_free(writer->same);
	ranks_done(&writer->ranks);
	dictionary_writer_done(&writer->dictionary);
	block_builder_done(&writer->block);
	buf_done(&writer->list.lasts);
	buf_done(&writer->list.offsets);
	buf_done(&writer->list.bounds);
	buf_done(&writer->docids);
	free(writer->path);
	free(writer);
}

/* ---- Documents ------------------------------------------------------------------------------- */

enum status
invfile_writer_length(struct invfile_writer *writer, uint32_t docid, uint32_t length, struct error *reterr)
{
	struct layout *layout = &writer->layout;
	unsigned char bytes[4];
	enum status status;

	if (writer->map != NULL || docid <= layout->last_docid || docid == UINT32_MAX)
		return misuse(reterr);
	status = output_put_zeros(&writer->lists, LAYOUT_BYTES + (uint64_t)docid * sizeof(bytes), reterr);
	if (status != STATUS_OK)
		return status;
	layout->documents++;
	layout->last_docid = docid;
	layout->total_length += length;
	(void)bytes_put_u32(bytes, length);
	return output_put(&writer->lists, bytes, sizeof(bytes), reterr);
}

/* The last docid that was said; 0: there was none. */
static uint32_t
last_in_table(const struct invfile_writer *writer)
{
	const struct buf *docids = &writer->docids;

	return docids->len > 0 ? bytes_u32((const unsigned char *)docids->data + docids->len - sizeof(uint32_t)) : 0;
}

enum status
invfile_writer_docid(struct invfile_writer *writer, uint32_t number, uint32_t docid, struct error *reterr)
{
	struct buf *docids = &writer->docids;
	unsigned char bytes[sizeof(uint32_t)] = { 0 };

	if (writer->map != NULL || docid <= last_in_table(writer) || docid == UINT32_MAX ||
	    number != (docids->len > 0 ? docids->len / sizeof(bytes) : 1))
		return misuse(reterr);
	/* No document is number 0. */
	if (docids->len == 0 && buf_append(docids, bytes, sizeof(bytes)) != STATUS_OK)
		return error_no_memory(reterr);
	(void)bytes_put_u32(bytes, docid);
	return buf_append(docids, bytes, sizeof(bytes)) == STATUS_OK ? STATUS_OK : error_no_memory(reterr);
}

/* Lengths, and docids where they were said: of every document. */
static enum status
end_documents(struct invfile_writer *writer, struct error *reterr)
{
	struct layout *layout = &writer->layout;
	const struct buf *docids = &writer->docids;
	enum status status;

	if (docids->len > 0) {
		if (layout->documents != layout->last_docid ||
		    docids->len != ((size_t)layout->last_docid + 1) * sizeof(uint32_t))
			return misuse(reterr);
		layout->docids_off = output_len(&writer->lists);
		status = output_put(&writer->lists, docids->data, docids->len, reterr);
		if (status != STATUS_OK)
			return status;
	}
	return output_end(&writer->lists, reterr);
}

/* All lengths are there: the lists begin, and bounds can be had. */
static enum status
end_lengths(struct invfile_writer *writer, struct error *reterr)
{
	struct layout *layout = &writer->layout;
	enum status status = end_documents(writer, reterr);
	void *map;

	if (status != STATUS_OK)
		return status;
	layout->lists_off = output_len(&writer->lists);
	if (layout->documents > 0)
		layout->average_length = (double)layout->total_length / layout->documents;
	writer->length_factor = layout->total_length > 0 ? 1 / layout->average_length : 0;
	map = mmap(NULL, (size_t)layout->lists_off, PROT_READ, MAP_SHARED, writer->lists.fd, 0);
	if (map == MAP_FAILED)
		return error_errno(reterr, STATUS_IO, errno, "cannot map %s into memory", writer->path);
	writer->map = map;
	return same_new(layout->documents, &writer->same, reterr);
}

/* ---- Lists ----------------------------------------------------------------------------------- */

/* The row of the table for the block that begins `off` bytes into the list. */
static enum status
add_row(struct list *list, uint32_t off)
{
	unsigned char bound = layout_bound(list->block_part);
	unsigned char number[4];
	enum status status;

	(void)bytes_put_u32(number, list->last_docid);
	status = buf_append(&list->lasts, number, sizeof(number));
	(void)bytes_put_u32(number, off);
	if (status == STATUS_OK)
		status = buf_append(&list->offsets, number, sizeof(number));
	return status == STATUS_OK ? buf_append(&list->bounds, &bound, 1) : status;
}

/* Writes the block that is under way. */
static enum status
end_block(struct invfile_writer *writer, struct error *reterr)
{
	struct list *list = &writer->list;
	uint64_t off = output_len(&writer->lists) - list->off;
	const unsigned char *bytes;
	bool has_ranks;
	size_t len;

	if (off > UINT32_MAX)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "the list of a term takes more than 4 GiB");
	if (block_end(&writer->block, list->base, &bytes, &len, &has_ranks) != STATUS_OK ||
	    add_row(list, (uint32_t)off) != STATUS_OK)
		return error_no_memory(reterr);
	list->is_hosted = list->is_hosted || has_ranks;
	list->base = list->last_docid;
	list->part = list->block_part > list->part ? list->block_part : list->part;
	list->block_part = 0;
	return output_put(&writer->lists, bytes, len, reterr);
}

/* The table of blocks. */
static enum status
put_table(struct invfile_writer *writer, struct error *reterr)
{
	const struct buf *columns[] = { &writer->list.lasts, &writer->list.offsets, &writer->list.bounds };
	enum status status = STATUS_OK;

	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns) && status == STATUS_OK; i++)
		status = output_put(&writer->lists, columns[i]->data, columns[i]->len, reterr);
	return status;
}

/*
 * The list that was put last may stand in the file already: as its host's, or as any that has the same bytes.  One with ranks is not looked for
 * among others, which may have another host.
 */
static enum status
find_earlier(struct invfile_writer *writer, struct dictionary_entry *entry, struct error *reterr)
{
	const struct list *list = &writer->list;
	const struct ranks *ranks = &writer->ranks;
	uint64_t off;
	enum status status;

	if (ranks->has_host && ranks->is_same && output_unwritten(&writer->lists, list->off) != NULL) {
		output_take_back(&writer->lists, list->off);
		*entry = ranks->entry;
		return STATUS_OK;
	}
	if (list->is_hosted) {
		entry->host = ranks->number;
		return STATUS_OK;
	}
	status = same_find(writer->same, &writer->lists, list->off, &off, reterr);
	entry->list_off = off - writer->layout.lists_off;
	return status;
}

/* The list is complete: its last block, its table and its entry in the dictionary. */
static enum status
end_list(struct invfile_writer *writer, struct error *reterr)
{
	struct list *list = &writer->list;
	struct dictionary_entry entry;
	enum status status = STATUS_OK;

	if (list->documents_left != 0 || list->occurrences_left != 0)
		return misuse(reterr);
	if (writer->block.n > 0)
		status = end_block(writer, reterr);
	if (status == STATUS_OK && list->bounds.len > 1)
		status = put_table(writer, reterr);
	entry = (struct dictionary_entry) {
		.documents = list->documents,
		.occurrences = list->occurrences,
		.bound = layout_bound(list->part),
		.list_off = list->off - writer->layout.lists_off,
		.list_bytes = output_len(&writer->lists) - list->off,
		.host = DICTIONARY_NONE,
	};
	if (status == STATUS_OK)
		status = find_earlier(writer, &entry, reterr);
	if (status != STATUS_OK)
		return status;
	status = dictionary_put(&writer->dictionary, (struct str) { (const char *)list->term, list->term_len }, &entry,
	    &writer->terms.buf, reterr);
	return status == STATUS_OK ? output_flush_full(&writer->terms, reterr) : status;
}

enum status
invfile_writer_begin(
    struct invfile_writer *writer, struct str term, uint32_t documents, uint64_t occurrences, struct error *reterr)
{
	struct list *list = &writer->list;
	struct str last = { (const char *)list->term, list->term_len };
	enum status status = STATUS_OK;

	if (term.len == 0 || term.len > sizeof(list->term) || documents == 0 || str_cmp(last, term) >= 0)
		return misuse(reterr);
	if (writer->map == NULL)
		status = end_lengths(writer, reterr);
	else if (list->term_len > 0)
		status = end_list(writer, reterr);
	if (status != STATUS_OK)
		return status;
	memcpy(list->term, term.p, term.len);
	list->term_len = term.len;
	list->documents = list->documents_left = documents;
	list->occurrences = list->occurrences_left = occurrences;
	list->off = output_len(&writer->lists);
	list->last_docid = 0;
	list->base = 0;
	list->block_part = 0;
	list->part = 0;
	list->is_hosted = false;
	ranks_end(&writer->ranks);
	buf_reset(&list->lasts);
	buf_reset(&list->offsets);
	buf_reset(&list->bounds);
	return STATUS_OK;
}

enum status
invfile_writer_host(struct invfile_writer *writer, struct str term, bool *ret_found, struct error *reterr)
{
	const struct list *list = &writer->list;
	struct ranks *ranks = &writer->ranks;
	enum status status = STATUS_OK;

	if (list->term_len == 0 || list->documents_left != list->documents)
		return misuse(reterr);
	if (ranks->lists == NULL)
		status = ranks_map(ranks, &writer->lists, writer->layout.lists_off, &writer->terms, &writer->dictionary,
		    writer->layout.last_docid, reterr);
	if (status != STATUS_OK)
		return status;
	return ranks_begin(ranks, &writer->dictionary, term, list->documents, ret_found, reterr);
}

enum status
invfile_writer_add(struct invfile_writer *writer, uint32_t docid, uint32_t wdf, const uint32_t *positions, size_t n,
    struct error *reterr)
{
	struct list *list = &writer->list;
	const uint32_t *ranks = NULL;
	enum status status = STATUS_OK;
	double part;

	if (docid <= list->last_docid || docid > writer->layout.last_docid || list->documents_left == 0 ||
	    wdf > list->occurrences_left || n > UINT32_MAX)
		return misuse(reterr);
	if (writer->ranks.has_host)
		status = ranks_find(&writer->ranks, docid, wdf, positions, (uint32_t)n, &ranks, reterr);
	if (status != STATUS_OK)
		return status;
	if (block_add(&writer->block, docid, wdf, positions, ranks, (uint32_t)n) != STATUS_OK)
		return error_no_memory(reterr);
	part = wdf == 0 ? 0
			: bm25_part(&writer->layout.bm25, writer->length_factor, wdf,
			      bytes_u32(writer->map + LAYOUT_BYTES + (size_t)docid * 4));
	list->block_part = part > list->block_part ? part : list->block_part;
	list->last_docid = docid;
	list->documents_left--;
	list->occurrences_left -= wdf;
	return writer->block.n == BLOCK_POSTINGS ? end_block(writer, reterr) : STATUS_OK;
}

/* ---- The end --------------------------------------------------------------------------------- */

static enum status
copy_terms(struct invfile_writer *writer, struct error *reterr)
{
	unsigned char bytes[16 * 1024];
	enum status status = output_end(&writer->terms, reterr);
	ssize_t n = 0;

	for (off_t at = 0; status == STATUS_OK; at += n) {
		n = pread(writer->terms.fd, bytes, sizeof(bytes), at);
		if (n == 0)
			break;
		if (n < 0 && errno != EINTR)
			return error_errno(reterr, STATUS_IO, errno, "cannot read %s.terms", writer->path);
		n = n < 0 ? 0 : n;
		status = output_put(&writer->lists, bytes, (size_t)n, reterr);
	}
	return status;
}

static enum status
put_header(struct invfile_writer *writer, struct error *reterr)
{
	unsigned char header[LAYOUT_BYTES];
	enum status status;

	layout_put(header, &writer->layout);
	if (lseek(writer->lists.fd, 0, SEEK_SET) != 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot write %s", writer->path);
	status = fd_write_all(writer->lists.fd, (struct str) { (const char *)header, sizeof(header) }, reterr);
	if (status != STATUS_OK)
		return status;
	if (fsync(writer->lists.fd) != 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot write %s", writer->path);
	return STATUS_OK;
}

/* Lists, a gap that reads of bits may reach into, the dictionary, its table. */
static enum status
end_sections(struct invfile_writer *writer, struct error *reterr)
{
	struct layout *layout = &writer->layout;
	struct output *out = &writer->lists;
	const struct dictionary_writer *dictionary = &writer->dictionary;
	enum status status;

	layout->lists_bytes = output_len(out) - layout->lists_off;
	status = output_put_zeros(out, output_len(out) + BYTES_SLACK, reterr);
	layout->dictionary_off = output_len(out);
	layout->dictionary_bytes = dictionary->bytes;
	layout->terms = dictionary->terms;
	if (status == STATUS_OK)
		status = copy_terms(writer, reterr);
	layout->groups_off = output_len(out);
	layout->groups = dictionary->groups.len / sizeof(uint32_t);
	if (status == STATUS_OK)
		status = output_put(out, dictionary->keys.data, dictionary->keys.len, reterr);
	if (status == STATUS_OK)
		status = output_put(out, dictionary->groups.data, dictionary->groups.len, reterr);
	if (status == STATUS_OK)
		status = output_end(out, reterr);
	layout->file_bytes = out->flushed;
	layout->checksum = out->checksum;
	return status;
}

enum status
invfile_writer_finish(struct invfile_writer *writer, struct error *reterr)
{
	enum status status = STATUS_OK;

	if (writer->map == NULL)
		status = end_lengths(writer, reterr);
	else if (writer->list.term_len > 0)
		status = end_list(writer, reterr);
	if (status == STATUS_OK)
		status = end_sections(writer, reterr);
	return status == STATUS_OK ? put_header(writer, reterr) : status;
}
