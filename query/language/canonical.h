/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * canonical: node_canonical() with the depth of what it prints, for the parser's last check.
 */
#ifndef VOISIN_QUERY_LANGUAGE_CANONICAL_H
#define VOISIN_QUERY_LANGUAGE_CANONICAL_H

#include "query/language/tree.h"

/* Appends the canonical text; *ret_depth is the depth that the parser counts in it. */
enum status canonical_print(const struct node *node, struct buf *out, unsigned *ret_depth) MUST_CHECK;

#endif
