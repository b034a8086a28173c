/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/layer-merge.h"

#include <stdlib.h>

#include "glass/poslist.h"
#include "invfile/cursor.h"
#include "invfile/writer.h"

/* Where documents come from: a file, or the build. */
struct source {
	const struct invfile *file; /* NULL: the build */
	uint32_t n; /* of its documents, touched ones included */
	uint32_t *numbers; /* the new number of each, from 1 on; 0: it was touched */
	bool is_whole; /* none was touched, so that the dictionary's counts hold */
	/* The term at which it stands. */
	bool at_end;
	struct str term;
	struct invfile_terms terms;
	struct invfile_term found;
	size_t next_term; /* of the build */
	/* Its list, where the term is the one that is written. */
	struct cursor cursor;
	const struct layer_posting *postings;
	size_t n_postings;
	size_t posting; /* the next one */
	uint32_t number; /* the new one of the document at which it stands; CURSOR_END */
};

struct merge {
	struct invfile_writer *writer;
	struct layer_build *build;
	struct source *sources; /* the first is the build */
	size_t n;
	struct source **having; /* the term */
	size_t n_having;
	struct cursor_positions in_file; /* positions of one posting */
	struct poslist in_build; /* the same */
	uint32_t documents;
};

static enum status
is_damaged(struct error *reterr)
{
	return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
	    "the index is damaged: an inverted file contradicts itself; rebuild it with voisin-index --full");
}

/* ---- Opening --------------------------------------------------------------------------------- */

static enum status
open_source(struct source *source, const struct layer_part *part, struct error *reterr)
{
	enum status status = invfile_check_bytes(part->file, reterr);

	if (status != STATUS_OK)
		return status;
	source->file = part->file;
	source->n = invfile_documents(part->file);
	source->is_whole = part->touched->n_set == 0;
	source->numbers = calloc((size_t)source->n + 1, sizeof(*source->numbers));
	if (source->numbers == NULL)
		return error_no_memory(reterr);
	for (uint32_t i = 1; i <= source->n; i++)
		source->numbers[i] = !touched_has(part->touched, i);
	return invfile_terms_begin(&source->terms, part->file, STR(""), reterr);
}

static enum status
open_build(struct source *source, struct layer_build *build, struct error *reterr)
{
	(void)layer_build_documents(build, &source->n);
	source->numbers = calloc((size_t)source->n + 1, sizeof(*source->numbers));
	if (source->numbers == NULL)
		return error_no_memory(reterr);
	for (uint32_t i = 1; i <= source->n; i++)
		source->numbers[i] = 1;
	return STATUS_OK;
}

static enum status
open_sources(struct merge *merge, const struct layer_part *parts, size_t n_parts, struct error *reterr)
{
	enum status status;

	merge->n = n_parts + 1;
	merge->sources = calloc(merge->n, sizeof(*merge->sources));
	merge->having = calloc(merge->n, sizeof(*merge->having));
	if (merge->sources == NULL || merge->having == NULL)
		return error_no_memory(reterr);
	status = open_build(&merge->sources[0], merge->build, reterr);
	for (size_t i = 0; status == STATUS_OK && i < n_parts; i++)
		status = open_source(&merge->sources[i + 1], &parts[i], reterr);
	return status;
}

static void
close_merge(struct merge *merge)
{
	invfile_writer_free(merge->writer);
	for (size_t i = 0; merge->sources != NULL && i < merge->n; i++)
		free(merge->sources[i].numbers);
	free(merge->sources);
	free(merge->having);
	cursor_positions_done(&merge->in_file);
	free(merge->in_build.v);
}

/* ---- Documents ------------------------------------------------------------------------------- */

static struct layer_document
document_of(const struct merge *merge, const struct source *source, uint32_t number)
{
	uint32_t n;

	if (source->file == NULL)
		return layer_build_documents(merge->build, &n)[number - 1];
	return (struct layer_document) { invfile_docid(source->file, number), invfile_lengths(source->file)[number] };
}

/* Moves a source on to its next document that counts: source->posting is its number, source->number its docid. */
static void
next_document(const struct merge *merge, struct source *source)
{
	uint32_t number = (uint32_t)source->posting + 1;

	while (number <= source->n && source->numbers[number] == 0)
		number++;
	source->posting = number;
	source->number = number <= source->n ? document_of(merge, source, number).docid : CURSOR_END;
}

static struct source *
least(struct source **sources, size_t n)
{
	struct source *least = sources[0];

	for (size_t i = 1; i < n; i++)
		if (sources[i]->number < least->number)
			least = sources[i];
	return least;
}

/* Numbers the documents as their docids ascend, and writes their lengths. */
static enum status
merge_documents(struct merge *merge, struct error *reterr)
{
	struct source *source;
	enum status status = STATUS_OK;

	for (size_t i = 0; i < merge->n; i++) {
		merge->having[i] = &merge->sources[i];
		next_document(merge, &merge->sources[i]);
	}
	while (status == STATUS_OK && (source = least(merge->having, merge->n))->number != CURSOR_END) {
		struct layer_document document = document_of(merge, source, (uint32_t)source->posting);

		source->numbers[source->posting] = ++merge->documents;
		status = invfile_writer_length(merge->writer, merge->documents, document.length, reterr);
		if (status == STATUS_OK)
			status = invfile_writer_docid(merge->writer, merge->documents, document.docid, reterr);
		next_document(merge, source);
	}
	return status;
}

/* ---- Postings -------------------------------------------------------------------------------- */

static enum status
next_posting_of_file(struct source *source, struct error *reterr)
{
	uint32_t old;

	do {
		old = cursor_next(&source->cursor);
	} while (old <= source->n && source->numbers[old] == 0);
	if (source->cursor.damaged || (old > source->n && old != CURSOR_END))
		return is_damaged(reterr);
	source->number = old != CURSOR_END ? source->numbers[old] : CURSOR_END;
	return STATUS_OK;
}

static enum status
next_posting(struct source *source, struct error *reterr)
{
	if (source->file != NULL)
		return next_posting_of_file(source, reterr);
	source->number = source->posting < source->n_postings
			     ? source->numbers[source->postings[source->posting].number]
			     : CURSOR_END;
	source->posting++;
	return STATUS_OK;
}

/* Sets a source before the first posting of its term. */
static enum status
open_list(struct merge *merge, struct source *source, struct error *reterr)
{
	if (source->file != NULL) {
		cursor_open(&source->cursor, source->file, &source->found);
		return STATUS_OK;
	}
	source->posting = 0;
	return layer_build_list(merge->build, source->next_term - 1, &source->postings, &source->n_postings, reterr);
}

/* What the list of a source gives to the new one; the list is open. */
static enum status
count_list(struct source *source, uint64_t *documents, uint64_t *occurrences, struct error *reterr)
{
	enum status status = STATUS_OK;

	if (source->file == NULL) {
		*documents += source->n_postings;
		for (size_t i = 0; i < source->n_postings; i++)
			*occurrences += source->postings[i].wdf;
		return STATUS_OK;
	}
	if (source->is_whole) {
		*documents += source->found.documents;
		*occurrences += source->found.occurrences;
		return STATUS_OK;
	}
	while ((status = next_posting_of_file(source, reterr)) == STATUS_OK && source->number != CURSOR_END) {
		++*documents;
		*occurrences += cursor_wdf(&source->cursor);
	}
	cursor_open(&source->cursor, source->file, &source->found);
	return status;
}

static enum status
write_posting(struct merge *merge, struct source *source, struct error *reterr)
{
	struct cursor_positions *in_file = &merge->in_file;
	struct poslist *in_build = &merge->in_build;
	const struct layer_posting *posting;
	enum status status;

	if (source->file != NULL) {
		status = cursor_read_positions(&source->cursor, in_file, reterr);
		if (status != STATUS_OK)
			return status;
		return invfile_writer_add(
		    merge->writer, source->number, cursor_wdf(&source->cursor), in_file->v, in_file->n, reterr);
	}
	posting = &source->postings[source->posting - 1];
	status = poslist_unpack(posting->positions, in_build, reterr);
	if (status != STATUS_OK)
		return status;
	return invfile_writer_add(merge->writer, source->number, posting->wdf, in_build->v, in_build->n, reterr);
}

static enum status
write_list(struct merge *merge, struct error *reterr)
{
	struct source *source;
	enum status status = STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && i < merge->n_having; i++)
		status = next_posting(merge->having[i], reterr);
	while (status == STATUS_OK && (source = least(merge->having, merge->n_having))->number != CURSOR_END) {
		status = write_posting(merge, source, reterr);
		if (status == STATUS_OK)
			status = next_posting(source, reterr);
	}
	return status;
}

/* Merges the lists of the sources that have the term; of one that touched documents alone have nothing is written. */
static enum status
merge_lists(struct merge *merge, struct error *reterr)
{
	uint64_t documents = 0, occurrences = 0;
	enum status status = STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && i < merge->n_having; i++) {
		status = open_list(merge, merge->having[i], reterr);
		if (status == STATUS_OK)
			status = count_list(merge->having[i], &documents, &occurrences, reterr);
	}
	if (status != STATUS_OK || documents == 0)
		return status;
	if (documents > merge->documents)
		return is_damaged(reterr);
	status = invfile_writer_begin(merge->writer, merge->having[0]->term, (uint32_t)documents, occurrences, reterr);
	return status == STATUS_OK ? write_list(merge, reterr) : status;
}

/* ---- Terms ----------------------------------------------------------------------------------- */

static enum status
next_term(const struct merge *merge, struct source *source, struct error *reterr)
{
	enum status status = STATUS_OK;

	if (source->file == NULL) {
		source->at_end = source->next_term == layer_build_terms(merge->build);
		if (!source->at_end)
			source->term = layer_build_term(merge->build, source->next_term++);
		return STATUS_OK;
	}
	status = invfile_terms_next(&source->terms, &source->term, &source->found, reterr);
	source->at_end = status == STATUS_END;
	return status == STATUS_END ? STATUS_OK : status;
}

/* Which sources stand at the first of all their terms. */
static void
find_first(struct merge *merge)
{
	merge->n_having = 0;
	for (size_t i = 0; i < merge->n; i++) {
		struct source *source = &merge->sources[i];
		int order = merge->n_having > 0 && !source->at_end ? str_cmp(source->term, merge->having[0]->term) : 0;

		if (source->at_end || order > 0)
			continue;
		if (order < 0)
			merge->n_having = 0;
		merge->having[merge->n_having++] = source;
	}
}

static enum status
merge_terms(struct merge *merge, struct error *reterr)
{
	enum status status = STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && i < merge->n; i++)
		status = next_term(merge, &merge->sources[i], reterr);
	find_first(merge);
	while (status == STATUS_OK && merge->n_having > 0) {
		status = merge_lists(merge, reterr);
		for (size_t i = 0; status == STATUS_OK && i < merge->n_having; i++)
			status = next_term(merge, merge->having[i], reterr);
		find_first(merge);
	}
	return status;
}

enum status
layer_merge(const char *path, struct layer_build *build, const struct layer_part *parts, size_t n_parts,
    uint32_t *ret_documents, struct error *reterr)
{
	const struct bm25 bm25 = { BM25_K1, BM25_B, BM25_MIN_NORMLEN };
	struct merge merge = { .build = build };
	enum status status = invfile_writer_new(path, &bm25, &merge.writer, reterr);

	if (status == STATUS_OK)
		status = open_sources(&merge, parts, n_parts, reterr);
	if (status == STATUS_OK)
		status = merge_documents(&merge, reterr);
	if (status == STATUS_OK)
		status = merge_terms(&merge, reterr);
	if (status == STATUS_OK)
		status = invfile_writer_finish(merge.writer, reterr);
	/* Only what a file says can bring the writer out of its order. */
	if (status == STATUS_INTERNAL && n_parts > 0)
		status = is_damaged(reterr);
	if (status == STATUS_OK)
		*ret_documents = merge.documents;
	close_merge(&merge);
	return status;
}
