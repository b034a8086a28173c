/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * file: an inverted file (docs/inverted-file.md), mapped into memory, and its dictionary.
 *
 * Nothing in the file is believed: every offset and length is checked against the map before it is followed, so that a damaged
 * file gives STATUS_CORRUPT or wrong answers, never a crash; a file that is cut short while it is
 * mapped (SIGBUS) is the one exception, and nobody cuts a published one.
 */
#ifndef VOISIN_INVFILE_FILE_H
#define VOISIN_INVFILE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "invfile/bm25.h"
#include "invfile/dictionary.h"

struct invfile;

/* Maps the file at `path`.  STATUS_NOT_FOUND, STATUS_VERSION, STATUS_CORRUPT (header and directory are checked), STATUS_IO. */
enum status invfile_open(const char *path, struct invfile **ret_file, struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void invfile_close(struct invfile *file);

uint32_t invfile_documents(const struct invfile *file);
uint32_t invfile_last_docid(const struct invfile *file);

/*
 * The documents of a file are numbered from 1 on: what the rest of this room calls a docid is this number.  In the file of a full build it is
 * the docid of the index too; a file of a part of the documents has a table of the docids, which ascend as the numbers do
 * (invfile_has_docids()).  invfile_docid() takes a
 * number, or CURSOR_END, which stays as it is; invfile_number() gives the number of the first document with a docid >= `docid`, CURSOR_END behind
 * the last.  The latter takes a step for each bit of the number of documents.
 */
bool invfile_has_docids(const struct invfile *file);
uint32_t invfile_docid(const struct invfile *file, uint32_t number);
uint32_t invfile_number(const struct invfile *file, uint32_t docid);

uint64_t invfile_total_length(const struct invfile *file);
const struct bm25 *invfile_bm25(const struct invfile *file);

/* The average length for which the bounds of the file hold: that of its documents. */
double invfile_average_length(const struct invfile *file);

/*
 * What bounds must be multiplied by to hold where the average is `average_length`.  With a longer average a document counts as
 * shorter, by a factor of at most the ratio of the two, and so does the whole denominator of bm25_part().
 */
double invfile_bound_factor(const struct invfile *file, double average_length);

/* lengths[docid] for 1 <= docid <= invfile_last_docid(): how many words the document has; 0 also where there is none. */
const uint32_t *invfile_lengths(const struct invfile *file);

/*
 * norms.h, at the file's own average length.  They are made when they are first asked for, and stay as long as the file is open: not for two threads.
 * STATUS_NOMEM.
 */
enum status invfile_norms(const struct invfile *file, const uint8_t **ret_norms, struct error *reterr) MUST_CHECK;

/* What the dictionary has of a term.  Borrowed from the file. */
struct invfile_term {
	uint32_t documents;
	uint64_t occurrences;
	double part_max; /* the most that bm25_part() is for any posting, at the file's own average length */
	const unsigned char *list; /* its postings, for cursor.h; all of [list, end) is in the map */
	const unsigned char *end;
	uint64_t host; /* for invfile_host() */
};

/* STATUS_NOT_FOUND: no document of the file has it.  STATUS_CORRUPT. */
enum status invfile_find(
    const struct invfile *file, struct str term, struct invfile_term *ret_term, struct error *reterr) MUST_CHECK;

/*
 * The term whose list has all postings and positions of this one, where some of its positions are kept as ranks among those (docs/inverted-file.md,
 * section 4): cursor.h reads it by itself.  STATUS_CORRUPT: also where there is none.
 */
enum status invfile_host(
    const struct invfile *file, const struct invfile_term *term, struct invfile_term *ret_term) MUST_CHECK;

/* The terms that begin with a prefix, in order.  To be looked into by file.c alone. */
struct invfile_terms {
	const struct invfile *file;
	struct dictionary_walk walk;
	struct str prefix;
	struct str from; /* terms before it are passed over */
};

/* Sets an iterator before the first of them.  `prefix` is borrowed until the last step.  STATUS_CORRUPT. */
enum status invfile_terms_begin(
    struct invfile_terms *terms, const struct invfile *file, struct str prefix, struct error *reterr) MUST_CHECK;

/* The next step is to the first of them >= `term`, which is borrowed until then, forwards or backwards.  STATUS_CORRUPT. */
enum status invfile_terms_seek(struct invfile_terms *terms, struct str term, struct error *reterr) MUST_CHECK;

/* To the next one.  *ret_term is borrowed until the next step.  STATUS_END behind the last; STATUS_CORRUPT. */
enum status invfile_terms_next(
    struct invfile_terms *terms, struct str *ret_term, struct invfile_term *ret_found, struct error *reterr) MUST_CHECK;

/* Calls `term_cb` for every term that begins with `prefix`, in order, until it answers something other than STATUS_OK. */
enum status invfile_terms(const struct invfile *file, struct str prefix,
    enum status (*term_cb)(void *arg, struct str term, const struct invfile_term *found, struct error *reterr),
    void *arg, struct error *reterr) MUST_CHECK;

/* Whether the bytes are those that were written, by their checksum.  STATUS_CORRUPT. */
enum status invfile_check_bytes(const struct invfile *file, struct error *reterr) MUST_CHECK;

/* The same, and reads everything: every list is decoded and checked for order and counts.  STATUS_CORRUPT names what is wrong. */
enum status invfile_verify(const struct invfile *file, struct error *reterr) MUST_CHECK;

#endif
