/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "invfile/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "invfile/dictionary.h"
#include "invfile/layout.h"
#include "invfile/norms.h"

/* What is made of the file when it is first asked for. */
struct kept {
	uint8_t *norms; /* or NULL */
};

struct invfile {
	const unsigned char *map;
	size_t map_bytes;
	struct layout layout;
	const uint32_t *docids; /* of numbers 0 to the last, or NULL: they are the numbers */
	struct kept *kept;
	struct dictionary dictionary;
};

/* ---- Opening --------------------------------------------------------------------------------- */

static enum status
is_damaged(const char *path, struct error *reterr)
{
	return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET, "the inverted file %s is damaged", path);
}

/* Maps the file open as `fd`, of which nothing is looked at yet. */
static enum status
map_fd(int fd, const char *path, struct invfile *file, struct error *reterr)
{
	struct stat info;
	void *map;

	if (fstat(fd, &info) != 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot read %s", path);
	if (!S_ISREG(info.st_mode) || info.st_size < LAYOUT_BYTES)
		return is_damaged(path, reterr);
	map = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return error_errno(reterr, STATUS_IO, errno, "cannot map %s into memory", path);
	file->map = map;
	file->map_bytes = (size_t)info.st_size;
	return STATUS_OK;
}

static enum status
map_path(const char *path, struct invfile *file, struct error *reterr)
{
	/* Without O_NONBLOCK a FIFO by that name would be waited for. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	enum status status;

	if (fd < 0)
		return error_errno(
		    reterr, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO, errno, "cannot open %s", path);
	status = map_fd(fd, path, file, reterr);
	(void)close(fd);
	return status;
}

/* Whether [off, off + bytes) is in the file and not before `*at`; moves *at behind it. */
static bool
follows(uint64_t off, uint64_t bytes, uint64_t file_bytes, uint64_t *at)
{
	if (off < *at || off > file_bytes || bytes > file_bytes - off)
		return false;
	*at = off + bytes;
	return true;
}

/* Whether it is a number at all, and one that a weight can be made of. */
static bool
is_weight(double number)
{
	return number >= 0 && number <= 1e12;
}

/* Whether lengths and, where there is one, the table of docids are in the file; moves *at behind them. */
static bool
has_documents(const struct layout *layout, uint64_t file_bytes, uint64_t *at)
{
	uint64_t bytes = layout_docids_off(layout) - LAYOUT_BYTES;

	if (!follows(LAYOUT_BYTES, bytes, file_bytes, at))
		return false;
	if (layout->docids_off == 0)
		return true;
	/* A number that no document has would need no docid. */
	return layout->docids_off == *at && layout->documents == layout->last_docid && layout->documents > 0 &&
	       follows(layout->docids_off, bytes, file_bytes, at);
}

/* Whether what the header says can be true of a file of this size. */
static bool
is_sound(const struct layout *layout, uint64_t file_bytes)
{
	uint64_t at = LAYOUT_BYTES;

	if (layout->file_bytes != file_bytes || file_bytes % 8 != 0 || layout->last_docid == UINT32_MAX ||
	    layout->documents > layout->last_docid)
		return false;
	if (!is_weight(layout->bm25.k1) || !is_weight(layout->bm25.b) || layout->bm25.b > 1 ||
	    !is_weight(layout->bm25.min_normlen) || !is_weight(layout->average_length))
		return false;
	if (!has_documents(layout, file_bytes, &at) ||
	    !follows(layout->lists_off, layout->lists_bytes, file_bytes, &at) || file_bytes - at < BYTES_SLACK ||
	    !follows(layout->dictionary_off, layout->dictionary_bytes, file_bytes, &at) ||
	    layout->groups > file_bytes / DICTIONARY_GROUP_BYTES ||
	    !follows(layout->groups_off, layout->groups * DICTIONARY_GROUP_BYTES, file_bytes, &at))
		return false;
	return layout->terms <= layout->dictionary_bytes &&
	       layout->groups == (layout->terms + DICTIONARY_GROUP - 1) / DICTIONARY_GROUP;
}

/* Whether the docids ascend from 1 on: all who go through more than one file believe that. */
static bool
has_ascending_docids(const uint32_t *docids, uint32_t n)
{
	bool ascends = docids[0] == 0;

	for (uint32_t number = 1; number <= n; number++)
		ascends = ascends && docids[number] > docids[number - 1];
	return ascends && docids[n] < UINT32_MAX;
}

static enum status
read_header(struct invfile *file, const char *path, struct error *reterr)
{
	struct layout *layout = &file->layout;
	enum status status = layout_get(file->map, layout);

	if (status == STATUS_VERSION)
		return error_set(
		    reterr, status, ERROR_NO_OFFSET, "the inverted file %s was made by another version", path);
	if (status != STATUS_OK || !is_sound(layout, file->map_bytes))
		return is_damaged(path, reterr);
	if (layout->docids_off > 0) {
		file->docids = (const uint32_t *)(const void *)(file->map + layout->docids_off);
		if (!has_ascending_docids(file->docids, layout->last_docid))
			return is_damaged(path, reterr);
	}
	file->dictionary = (struct dictionary) {
		.bytes = file->map + layout->dictionary_off,
		.len = layout->dictionary_bytes,
		.keys = file->map + layout->groups_off,
		.groups = file->map + layout->groups_off + layout->groups * sizeof(uint64_t),
		.n_groups = layout->groups,
		.terms = layout->terms,
	};
	return STATUS_OK;
}

enum status
invfile_open(const char *path, struct invfile **ret_file, struct error *reterr)
{
	struct invfile *file = calloc(1, sizeof(*file));
	enum status status;

	if (file == NULL)
		return error_no_memory(reterr);
	file->kept = calloc(1, sizeof(*file->kept));
	status = file->kept != NULL ? layout_check_machine(reterr) : error_no_memory(reterr);
	if (status == STATUS_OK)
		status = map_path(path, file, reterr);
	if (status == STATUS_OK)
		status = read_header(file, path, reterr);
	if (status != STATUS_OK) {
		invfile_close(file);
		return status;
	}
	*ret_file = file;
	return STATUS_OK;
}

void
invfile_close(struct invfile *file)
{
	if (file == NULL)
		return;
	if (file->map != NULL)
		(void)munmap((void *)(uintptr_t)file->map, file->map_bytes);
	if (file->kept != NULL)
		free(file->kept->norms);
	free(file->kept);
	free(file);
}

/* ---- What the header says -------------------------------------------------------------------- */

uint32_t
invfile_documents(const struct invfile *file)
{
	return file->layout.documents;
}

uint32_t
invfile_last_docid(const struct invfile *file)
{
	return file->layout.last_docid;
}

bool
invfile_has_docids(const struct invfile *file)
{
	return file->docids != NULL;
}

uint32_t
invfile_docid(const struct invfile *file, uint32_t number)
{
	if (file->docids == NULL || number > file->layout.last_docid)
		return number;
	return file->docids[number];
}

uint32_t
invfile_number(const struct invfile *file, uint32_t docid)
{
	uint32_t n = file->layout.last_docid;
	uint32_t number = docid > 0 ? docid : 1;
	uint32_t below = 0; /* a number that is too low, or 0 */

	if (file->docids == NULL || n == 0)
		return number <= n ? number : UINT32_MAX;
	if (docid > file->docids[n])
		return UINT32_MAX;
	/* No docid is below its number. */
	number = number < n ? number : n;
	while (number - below > 1) {
		uint32_t middle = below + (number - below) / 2;

		if (file->docids[middle] < docid)
			below = middle;
		else
			number = middle;
	}
	return number;
}

uint64_t
invfile_total_length(const struct invfile *file)
{
	return file->layout.total_length;
}

const struct bm25 *
invfile_bm25(const struct invfile *file)
{
	return &file->layout.bm25;
}

double
invfile_average_length(const struct invfile *file)
{
	return file->layout.average_length;
}

double
invfile_bound_factor(const struct invfile *file, double average_length)
{
	/* A little more than the ratio, so that no rounding on the way puts a bound below what it bounds. */
	const double rounding = 1 + 1e-12;

	if (!(average_length > file->layout.average_length) || !(file->layout.average_length > 0))
		return average_length == file->layout.average_length ? 1 : rounding;
	return average_length / file->layout.average_length * rounding;
}

const uint32_t *
invfile_lengths(const struct invfile *file)
{
	return (const uint32_t *)(const void *)(file->map + LAYOUT_BYTES);
}

enum status
invfile_norms(const struct invfile *file, const uint8_t **ret_norms, struct error *reterr)
{
	struct kept *kept = file->kept;

	if (kept->norms == NULL)
		kept->norms = norms_new(&file->layout.bm25, invfile_lengths(file), file->layout.last_docid,
		    file->layout.average_length);
	*ret_norms = kept->norms;
	return kept->norms != NULL ? STATUS_OK : error_no_memory(reterr);
}

enum status
invfile_check_bytes(const struct invfile *file, struct error *reterr)
{
	size_t len = file->map_bytes - LAYOUT_BYTES;

	if (layout_checksum(LAYOUT_CHECKSUM_START, file->map + LAYOUT_BYTES, len) == file->layout.checksum)
		return STATUS_OK;
	return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
	    "the inverted file is damaged: it does not have the bytes that were written");
}

/* ---- Terms ----------------------------------------------------------------------------------- */

static bool
make_term(const struct invfile *file, const struct dictionary_entry *entry, struct invfile_term *ret_term)
{
	if (entry->list_off > file->layout.lists_bytes ||
	    entry->list_bytes > file->layout.lists_bytes - entry->list_off || entry->documents == 0 ||
	    entry->documents > file->layout.documents)
		return false;
	ret_term->documents = entry->documents;
	ret_term->occurrences = entry->occurrences;
	ret_term->part_max = layout_bound_value(entry->bound);
	ret_term->list = file->map + file->layout.lists_off + entry->list_off;
	ret_term->end = ret_term->list + entry->list_bytes;
	ret_term->host = entry->host;
	return true;
}

static enum status
dictionary_is_damaged(struct error *reterr)
{
	return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET, "the dictionary of the inverted file is damaged");
}

enum status
invfile_find(const struct invfile *file, struct str term, struct invfile_term *ret_term, struct error *reterr)
{
	struct dictionary_entry entry;
	uint64_t number;
	enum status status = dictionary_find(&file->dictionary, term, &entry, &number);

	if (status == STATUS_NOT_FOUND)
		return error_set(reterr, status, ERROR_NO_OFFSET, "no document has the term");
	if (status != STATUS_OK || !make_term(file, &entry, ret_term))
		return dictionary_is_damaged(reterr);
	return STATUS_OK;
}

enum status
invfile_host(const struct invfile *file, const struct invfile_term *term, struct invfile_term *ret_term)
{
	struct dictionary_entry entry;

	if (dictionary_get(&file->dictionary, term->host, &entry) != STATUS_OK || !make_term(file, &entry, ret_term))
		return STATUS_CORRUPT;
	return STATUS_OK;
}

enum status
invfile_terms_begin(struct invfile_terms *terms, const struct invfile *file, struct str prefix, struct error *reterr)
{
	terms->file = file;
	terms->prefix = prefix;
	return invfile_terms_seek(terms, prefix, reterr);
}

enum status
invfile_terms_seek(struct invfile_terms *terms, struct str term, struct error *reterr)
{
	terms->from = str_cmp(term, terms->prefix) > 0 ? term : terms->prefix;
	if (dictionary_walk_begin(&terms->walk, &terms->file->dictionary, terms->from) != STATUS_OK)
		return dictionary_is_damaged(reterr);
	return STATUS_OK;
}

enum status
invfile_terms_next(
    struct invfile_terms *terms, struct str *ret_term, struct invfile_term *ret_found, struct error *reterr)
{
	struct dictionary_entry entry;
	struct str term;
	enum status status;

	do
		status = dictionary_walk_next(&terms->walk, &term, &entry);
	while (status == STATUS_OK && terms->from.len > 0 && str_cmp(term, terms->from) < 0);
	if (status == STATUS_OK && !str_has_prefix(term, terms->prefix))
		status = STATUS_END;
	if (status == STATUS_END)
		return status;
	if (status != STATUS_OK || !make_term(terms->file, &entry, ret_found))
		return dictionary_is_damaged(reterr);
	terms->from = STR("");
	*ret_term = term;
	return STATUS_OK;
}

enum status
invfile_terms(const struct invfile *file, struct str prefix,
    enum status (*term_cb)(void *arg, struct str term, const struct invfile_term *found, struct error *reterr),
    void *arg, struct error *reterr)
{
	struct invfile_terms terms;
	struct invfile_term found;
	struct str term;
	enum status status = invfile_terms_begin(&terms, file, prefix, reterr);

	while (status == STATUS_OK) {
		status = invfile_terms_next(&terms, &term, &found, reterr);
		if (status == STATUS_OK)
			status = term_cb(arg, term, &found, reterr);
	}
	return status == STATUS_END ? STATUS_OK : status;
}
