/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * writer: an inverted file, written from its first byte to its last, in bounded memory.
 *
 * The caller has all postings in the order of terms, and of each term in the order of docids, as a merge of sorted
 * runs gives them (glass/merge.h).  docs/inverted-file.md is the format.
 *
 *	invfile_writer_new(path, &bm25, ...)
 *	invfile_writer_length(docid, length)              for each document, ascending; before any term
 *	invfile_writer_docid(number, docid)               the same, or for none: which document of the index it is
 *	invfile_writer_begin(term, documents, occurrences)     for each term, ascending by bytes
 *	invfile_writer_host(host)                         for terms that are a part of an earlier one; or not at all
 *	invfile_writer_add(docid, wdf, positions, n)      for each of its documents, ascending
 *	invfile_writer_finish()                           syncs the file
 */
#ifndef VOISIN_INVFILE_WRITER_H
#define VOISIN_INVFILE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "invfile/bm25.h"

struct invfile_writer;

/*
 * Makes the file, which must not exist.  The bounds by which blocks are passed over are computed for `bm25` and
 * `average_length`; at search other averages are allowed for.
 */
enum status invfile_writer_new(
    const char *path, const struct bm25 *bm25, struct invfile_writer **ret_writer, struct error *reterr) MUST_CHECK;

/* Frees; a file that was not finished stays, and is none.  NULL is accepted. */
void invfile_writer_free(struct invfile_writer *writer);

/* The length of a document, in words.  Docids ascend from 1; those that are left out do not exist. */
enum status invfile_writer_length(
    struct invfile_writer *writer, uint32_t docid, uint32_t length, struct error *reterr) MUST_CHECK;

/*
 * The docid that a document has in the index, where that is not its number here: for each number from 1 on or for none, both ascending,
 * before or after its length.  Is kept in memory, four bytes each.
 */
enum status invfile_writer_docid(
    struct invfile_writer *writer, uint32_t number, uint32_t docid, struct error *reterr) MUST_CHECK;

/*
 * Begins the list of a term (1 to 255 bytes, any), ascending.  `documents` and `occurrences` are those that
 * the list will have.
 */
enum status invfile_writer_begin(struct invfile_writer *writer, struct str term, uint32_t documents,
    uint64_t occurrences, struct error *reterr) MUST_CHECK;

/*
 * Says, before its first posting, that the list of the term that was begun is likely a part of that of `term`, its host: the same documents and
 * positions or fewer.  Then positions are kept as ranks among the host's, block by block, as far as that is true.  *ret_found is false, and nothing
 * changes, where `term` was not begun before this was first called for any term, has no such list, or one of fewer documents.
 */
enum status invfile_writer_host(
    struct invfile_writer *writer, struct str term, bool *ret_found, struct error *reterr) MUST_CHECK;

/* Adds a posting: `n` positions (strictly ascending; 0 where the term has none), wdf >= 0. */
enum status invfile_writer_add(struct invfile_writer *writer, uint32_t docid, uint32_t wdf, const uint32_t *positions,
    size_t n, struct error *reterr) MUST_CHECK;

/* Writes what is left and syncs the file.  STATUS_IO (disk full included), STATUS_INTERNAL where the order above was not kept. */
enum status invfile_writer_finish(struct invfile_writer *writer, struct error *reterr) MUST_CHECK;

#endif
