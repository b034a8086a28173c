/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * layered: the documents of all layers of an index that satisfy a tree, in the order of their docids.
 *
 * One matcher (invfile/matcher.h) a layer, all with the same tree, for frequencies and lengths in it are those of the whole index; each
 * passes over the documents that are touched in its layer, so that no document comes twice.
 */
#ifndef VOISIN_QUERY_PLAN_LAYERED_H
#define VOISIN_QUERY_PLAN_LAYERED_H

#include "invfile/matcher.h"
#include "store/reader.h"

struct layered;

/* What all matches of a plan have in common. */
struct layered_request {
	const struct store_reader *reader; /* of an index that has layers */
	const struct bm25_collection *collection;
	const struct matcher_tick *tick;
	struct arena *arena;
};

/*
 * Opens a match before its first document.  All is borrowed until layered_done(); memory from the arena, but for what the matchers have.
 * Fails as matcher_new() does.
 */
enum status layered_new(const struct layered_request *request, const struct matcher_node *root, bool is_weighted,
    struct layered **ret_layered, struct error *reterr) MUST_CHECK;

/* Frees the matchers.  NULL is accepted. */
void layered_done(struct layered *layered);

/* Back before the first document; where it stands there already, this costs nothing. */
enum status layered_rewind(struct layered *layered, struct error *reterr) MUST_CHECK;

/* As matcher_next(), matcher_seek(): *ret_docid is a docid of the index, CURSOR_END at the end. */
enum status layered_next(struct layered *layered, double least, uint32_t *ret_docid, struct error *reterr) MUST_CHECK;
enum status layered_seek(
    struct layered *layered, uint32_t docid, double least, uint32_t *ret_docid, struct error *reterr) MUST_CHECK;

/* The score of the document at which it stands, and what none is above. */
double layered_weight(const struct layered *layered);
double layered_weight_max(const struct layered *layered);

/* How many documents satisfy the tree, as matcher_count() has it. */
struct matcher_count layered_count(const struct layered *layered);

#endif
