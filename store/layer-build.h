/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * layer-build: what the documents of a commit give to an inverted file, in memory until the commit.
 *
 * Documents come in any order of docids, and a docid may come again: the last time counts.  So what is inverted as documents come
 * (glass/lists.h) is kept by the place at which each came, and what became of the places is settled at the end, with one sort:
 *
 *	layer_build_put(12), layer_build_put(7), layer_build_put(12), layer_build_delete(7), layer_build_put(9)
 *	layer_build_sort()                    9 is number 1, from place 5; 12 is number 2, from place 3
 *	layer_build_list(i)                   of each term in order: the numbers that have it
 */
#ifndef VOISIN_STORE_LAYER_BUILD_H
#define VOISIN_STORE_LAYER_BUILD_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "glass/collector.h"

struct layer_build;

enum status layer_build_new(struct layer_build **ret_build, struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void layer_build_free(struct layer_build *build);

/* Forgets all documents and gives their memory back. */
void layer_build_reset(struct layer_build *build);

/*
 * Adds the terms of a sealed document for which schema_is_in_invfile() holds (copied), in place of what came under that docid before.  After any
 * failure the build is of no use.
 */
enum status layer_build_put(
    struct layer_build *build, uint32_t docid, const struct glass_document *document, struct error *reterr) MUST_CHECK;

/* Takes out what came under that docid, if anything did. */
enum status layer_build_delete(struct layer_build *build, uint32_t docid, struct error *reterr) MUST_CHECK;

/* How much memory it takes; half as much again while it is sorted and walked. */
size_t layer_build_bytes(const struct layer_build *build);

/* ---- Walking it ------------------------------------------------------------------------------ */

struct layer_document {
	uint32_t docid;
	uint32_t length; /* in words */
};

struct layer_posting {
	uint32_t number; /* of the document, from 1 on */
	uint32_t wdf;
	struct str positions; /* for poslist_unpack() (glass/poslist.h) */
};

/* To be called before the functions below, and again after a change. */
enum status layer_build_sort(struct layer_build *build, struct error *reterr) MUST_CHECK;

/* The documents, by docid: number n is documents[n - 1].  Borrowed until the next change. */
const struct layer_document *layer_build_documents(const struct layer_build *build, uint32_t *ret_n);

/* How many terms there are, also of documents that do not count any more, and the i-th, ascending by bytes. */
size_t layer_build_terms(const struct layer_build *build);
struct str layer_build_term(const struct layer_build *build, size_t i);

/* The postings of the i-th term, ascending by number; borrowed until the next call. */
enum status layer_build_list(struct layer_build *build, size_t i, const struct layer_posting **ret_postings,
    size_t *ret_n, struct error *reterr) MUST_CHECK;

#endif
