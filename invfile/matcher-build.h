/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * matcher-build: what the two files that make the walks of a match have in common.
 */
#ifndef VOISIN_INVFILE_MATCHER_BUILD_H
#define VOISIN_INVFILE_MATCHER_BUILD_H

#include "invfile/matcher-walk.h"

struct builder {
	struct matcher *matcher;
	struct error *reterr;
	unsigned depth; /* of operators in each other */
};

/* STATUS_INTERNAL: the tree makes no sense. */
enum status builder_refuse(struct builder *builder);

/* One level deeper, to the children of a node.  STATUS_LIMIT; STATUS_INTERNAL where it has none. */
enum status builder_descend(struct builder *builder, const struct matcher_node *node) MUST_CHECK;

/* Zeroed memory of the matcher's arena; `ret_memory` is the place of a pointer.  STATUS_LIMIT, STATUS_NOMEM. */
enum status builder_alloc(struct builder *builder, size_t n, size_t bytes, void *ret_memory) MUST_CHECK;

/* The walk of a tree; NULL where nothing matches it. */
enum status builder_walk(struct builder *builder, const struct matcher_node *node, struct walk **ret_walk) MUST_CHECK;

/* The same of an AND, NEAR or PHRASE (matcher-flatten.c). */
enum status builder_conjunction(
    struct builder *builder, const struct matcher_node *node, struct walk **ret_walk) MUST_CHECK;

void leaf_set_weight(const struct matcher *matcher, struct leaf *leaf, double weight);

/* Fills in what a disjunction is as a walk, from its children. */
void disjunction_sum_up(const struct matcher *matcher, struct disjunction *disjunction);

#endif
