/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check: what may stand where, told of trees that the grammar lets pass.
 *
 * Operands of proximity operators need places in the text; NOT needs something to take away from.
 */
#ifndef VOISIN_QUERY_LANGUAGE_CHECK_H
#define VOISIN_QUERY_LANGUAGE_CHECK_H

#include "base/error.h"
#include "query/language/tree.h"

/*
 * Whether all operands of a proximity node, AT_LEAST or FIRST have places in the text; if not, a
 * refusal that suggests the nearest legal query.
 */
enum status check_operands(const struct node *node, struct error *reterr) MUST_CHECK;

/* Whether what stands under titre: speaks of words alone. */
enum status check_field(const struct node *node, struct error *reterr) MUST_CHECK;

/* The last check, of the whole tree: no NOT without something to take away from, no FIRST in a title. */
enum status check_tree(const struct node *root, struct error *reterr) MUST_CHECK;

#endif
