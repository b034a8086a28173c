/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree: a query as it was understood.
 *
 * Nodes live in the arena of their request.  Leaves are numbered in the order in which they stand
 * in the query, so that a table "leaf -> positions" can be an array.  A proximity unit is a leaf or
 * a proximity node (phrase, NEAR, ADJ, NOT NEAR, SENT, PARA, first-n) that stands under none; the
 * boolean nodes above the units speak of whole documents.
 */
#ifndef VOISIN_QUERY_LANGUAGE_TREE_H
#define VOISIN_QUERY_LANGUAGE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "stemmer/analyzer.h"

enum node_kind {
	/* leaves with positions */
	NODE_WORD, /* a word: form, text, folded, stems */
	NODE_PREFIX, /* bombard*: folded holds the letters before the star */

	/* inside a phrase only, never first or last: * for any one word.  Has no leaf number. */
	NODE_ANY,

	/* leaves that speak of the whole document */
	NODE_SOURCE, /* source:afp: folded, one blank between words */
	NODE_DATE, /* date:A..B: first_day, last_day */

	/* proximity */
	NODE_PHRASE, /* children in this order, with at most `distance` other words among them (0) */
	NODE_NEAR, /* in any order, at most `distance` other words among them */
	NODE_ADJ, /* in this order, at most `distance` other words among them */
	NODE_NOT_NEAR, /* a match of the first with no match of the second at `distance` or less */
	NODE_SENT, /* all in one sentence */
	NODE_PARA, /* all in one paragraph */
	NODE_FIRST, /* FIRST/n: the child within the first `distance` words of the body */

	/* boolean, and what only wraps one child */
	NODE_AND, /* two children or more, none of them an AND */
	NODE_OR, /* the same of OR; also an operand of proximity nodes */
	NODE_NOT, /* one child; only under an AND that has another child */
	NODE_FIELD, /* titre:(...): one child, every leaf of which has field == FIELD_TITLE; also an operand */
	NODE_AT_LEAST, /* alep>=3: at least `distance` distinct occurrences of the child */
	NODE_BOOST /* alep^2: one child, its weight times `boost`; also an operand of proximity nodes */
};

/* What a word must agree on. */
enum word_form {
	FORM_STEM, /* any of its stems (also written ~word) */
	FORM_EXACT /* =word: the folded form; case, accents and typography ignored */
};

/* Which accents a word takes, if it says so itself. */
enum word_accents {
	WORD_ACCENTS_ASKED, /* those of the whole query */
	WORD_ACCENTS_LOOSE, /* ~~word */
	WORD_ACCENTS_STRICT /* ~=word */
};

enum field { FIELD_ANY, FIELD_TITLE };

#define NODE_NO_LEAF UINT32_MAX

struct node {
	enum node_kind kind;
	uint32_t off; /* where it stands in the query text, in bytes */
	uint32_t len;

	struct node **children;
	uint32_t n_children;
	uint32_t distance;
	double boost;
	bool variants; /* NODE_OR: spellings of one name, added by expand.h; may stand in phrases and other ORs */

	/* leaves */
	uint32_t leaf; /* number among the query's leaves with positions; NODE_NO_LEAF for any other node */
	enum word_form form;
	enum word_accents accents; /* NODE_WORD, FORM_STEM */
	enum field field;
	struct str text; /* lower case, accents as typed; as typed altogether where that reads back otherwise (x²) */
	struct str folded;
	const struct str *stems; /* NODE_WORD, FORM_STEM */
	uint32_t n_stems;
	uint32_t first_day; /* yyyymmdd, inclusive; 0 for an open end */
	uint32_t last_day;
};

struct query {
	struct node *root;
	struct node **leaves; /* leaves with positions, by number */
	uint32_t n_leaves;
	bool aside; /* words of lines that are set aside match too (store/aside.h) */
};

/* Whether a node is a leaf with positions: a word or a prefix. */
bool node_is_leaf(const struct node *node);

/* Whether a node is a proximity node (see above), leaves and NODE_OR not included. */
bool node_is_proximity(const struct node *node);

/*
 * Appends the one canonical spelling of the tree: parsing that text gives an equal tree.
 * STATUS_LIMIT where `out` is too small.
 */
enum status node_canonical(const struct node *node, struct buf *out) MUST_CHECK;

/* Whether two trees are equal: kinds, words, forms, distances, fields and children; places aside. */
bool node_equal(const struct node *a, const struct node *b);

/* The standard name of a kind: "near", "phrase", "word".  Static. */
const char *node_kind_name(enum node_kind kind);

#endif
