/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/query/oracle.h"

#include <stdlib.h>
#include <string.h>

/* Where each leaf stands; 0 where it does not take part. */
struct assignment {
	uint32_t at[ORACLE_LEAVES];
};

/* What is done with a whole assignment; true ends the enumeration. */
typedef bool found_cb(const struct assignment *assignment, void *closure);

struct enumeration {
	const struct match_input *input;
	const struct node *root;
	const struct node *pending[64];
	uint32_t n_pending;
	struct assignment assignment;
	found_cb *cb;
	void *closure;
};

static bool satisfied(const struct node *node, const struct assignment *a, const struct match_input *input);
static bool enumerate(struct enumeration *e);

static bool
is_word(const struct node *node)
{
	return node->kind == NODE_WORD || node->kind == NODE_PREFIX;
}

/* Whether a position is taken by a leaf in or under `node`. */
static bool
takes(const struct node *node, const struct assignment *a, uint32_t position)
{
	if (is_word(node))
		return a->at[node->leaf] == position;
	for (uint32_t i = 0; i < node->n_children; i++) {
		if (takes(node->children[i], a, position))
			return true;
	}
	return false;
}

/* The extent of the leaves in or under `node`; false where none takes part. */
static bool
extent(const struct node *node, const struct assignment *a, uint32_t *lo, uint32_t *hi)
{
	bool any = false;

	if (is_word(node)) {
		*lo = *hi = a->at[node->leaf];
		return *lo != 0;
	}
	for (uint32_t i = 0; i < node->n_children; i++) {
		uint32_t child_lo, child_hi;

		if (!extent(node->children[i], a, &child_lo, &child_hi))
			continue;
		*lo = !any || child_lo < *lo ? child_lo : *lo;
		*hi = !any || child_hi > *hi ? child_hi : *hi;
		any = true;
	}
	return any;
}

static bool
children_satisfied(const struct node *node, const struct assignment *a, const struct match_input *input)
{
	for (uint32_t i = 0; i < node->n_children; i++) {
		if (!satisfied(node->children[i], a, input))
			return false;
	}
	return true;
}

/* The positions of the common stretch that no operand's extent covers. */
static uint32_t
other_words(const struct node *node, const struct assignment *a)
{
	uint32_t lo, hi, count = 0;

	(void)extent(node, a, &lo, &hi);
	for (uint32_t position = lo; position <= hi; position++) {
		bool covered = false;

		for (uint32_t i = 0; i < node->n_children; i++) {
			uint32_t child_lo, child_hi;

			if (extent(node->children[i], a, &child_lo, &child_hi))
				covered = covered || (child_lo <= position && position <= child_hi);
		}
		count += covered ? 0 : 1;
	}
	return count;
}

static bool
in_order(const struct node *node, const struct assignment *a)
{
	uint32_t before = 0;

	for (uint32_t i = 0; i < node->n_children; i++) {
		uint32_t lo, hi;

		if (!extent(node->children[i], a, &lo, &hi) || lo <= before)
			return false;
		before = hi;
	}
	return true;
}

/* Places child `i` and those behind it, a * anywhere behind `before`; `first` is where the phrase began. */
static bool
phrase_from(const struct node *node, const struct assignment *a, uint32_t i, uint32_t before, uint32_t first)
{
	const struct node *child;

	if (i == node->n_children)
		return before - first + 1 - node->n_children <= node->distance;
	child = node->children[i];
	if (is_word(child))
		return a->at[child->leaf] > before &&
		       phrase_from(node, a, i + 1, a->at[child->leaf], i == 0 ? a->at[child->leaf] : first);
	for (uint32_t position = before + 1; position <= before + 1 + node->distance; position++) {
		if (phrase_from(node, a, i + 1, position, first))
			return true;
	}
	return false;
}

/* In which stretch between boundaries a position stands. */
static uint32_t
stretch_of(const struct positions *starts, uint32_t position)
{
	uint32_t stretch = 0;

	for (size_t i = 0; i < starts->n; i++)
		stretch += starts->v[i] <= position ? 1 : 0;
	return stretch;
}

static bool
in_one_stretch(const struct node *node, const struct assignment *a, const struct positions *starts)
{
	uint32_t lo, hi;

	return extent(node, a, &lo, &hi) && stretch_of(starts, lo) == stretch_of(starts, hi);
}

/* The first operand of NOT NEAR, and the assignment that it holds. */
struct kept {
	const struct node *node;
	const struct assignment *assignment;
};

/* Whether an assignment of the second operand stands near the first, with other positions. */
static bool
is_near(const struct assignment *other, void *closure)
{
	const struct kept *kept = closure;
	uint32_t lo, hi, other_lo, other_hi, between = 0;
	const struct node *first = kept->node->children[0], *second = kept->node->children[1];

	for (uint32_t leaf = 0; leaf < ORACLE_LEAVES; leaf++) {
		if (other->at[leaf] != 0 && takes(first, kept->assignment, other->at[leaf]))
			return false;
	}
	(void)extent(first, kept->assignment, &lo, &hi);
	(void)extent(second, other, &other_lo, &other_hi);
	if (other_lo > hi)
		between = other_lo - hi - 1;
	if (lo > other_hi)
		between = lo - other_hi - 1;
	return between <= kept->node->distance;
}

static bool
not_near(const struct node *node, const struct assignment *a, const struct match_input *input)
{
	struct kept kept = { node, a };
	struct enumeration e = { .input = input, .root = node->children[1], .cb = is_near, .closure = &kept };

	e.pending[e.n_pending++] = node->children[1];
	return satisfied(node->children[0], a, input) && !enumerate(&e);
}

static bool
first_words(const struct node *node, const struct assignment *a, const struct match_input *input)
{
	uint32_t lo, hi;

	return extent(node, a, &lo, &hi) && lo >= input->body_first_pos && hi - input->body_first_pos < node->distance;
}

static bool
one_satisfied(const struct node *node, const struct assignment *a, const struct match_input *input)
{
	for (uint32_t i = 0; i < node->n_children; i++) {
		uint32_t lo, hi;

		if (extent(node->children[i], a, &lo, &hi))
			return satisfied(node->children[i], a, input);
	}
	return false;
}

static bool
satisfied(const struct node *node, const struct assignment *a, const struct match_input *input)
{
	switch (node->kind) {
	case NODE_WORD:
	case NODE_PREFIX: return a->at[node->leaf] != 0;
	case NODE_OR: return one_satisfied(node, a, input);
	case NODE_PHRASE: return phrase_from(node, a, 0, 0, 0);
	case NODE_NEAR: return children_satisfied(node, a, input) && other_words(node, a) <= node->distance;
	case NODE_ADJ:
		return children_satisfied(node, a, input) && in_order(node, a) &&
		       other_words(node, a) <= node->distance;
	case NODE_NOT_NEAR: return not_near(node, a, input);
	case NODE_SENT: return children_satisfied(node, a, input) && in_one_stretch(node, a, &input->sentences);
	case NODE_PARA: return children_satisfied(node, a, input) && in_one_stretch(node, a, &input->paragraphs);
	case NODE_FIRST: return children_satisfied(node, a, input) && first_words(node, a, input);
	case NODE_FIELD:
	case NODE_BOOST: return satisfied(node->children[0], a, input);
	default: abort();
	}
}

static bool
is_distinct(const struct assignment *a)
{
	for (uint32_t i = 0; i < ORACLE_LEAVES; i++) {
		for (uint32_t k = i + 1; k < ORACLE_LEAVES; k++) {
			if (a->at[i] != 0 && a->at[i] == a->at[k])
				return false;
		}
	}
	return true;
}

/* Takes the last pending node and tries all that it can be; what was pending is as before in the end. */
static bool
enumerate(struct enumeration *e)
{
	const struct node *node;
	uint32_t n_before = e->n_pending;
	bool stop = false;

	if (e->n_pending == 0)
		return is_distinct(&e->assignment) && satisfied(e->root, &e->assignment, e->input) &&
		       e->cb(&e->assignment, e->closure);
	node = e->pending[--e->n_pending];
	if (is_word(node)) {
		const struct positions *positions = &e->input->leaves[node->leaf];

		for (size_t i = 0; i < positions->n && !stop; i++) {
			e->assignment.at[node->leaf] = positions->v[i];
			stop = enumerate(e);
		}
		e->assignment.at[node->leaf] = 0;
	} else if (node->kind == NODE_OR) {
		for (uint32_t i = 0; i < node->n_children && !stop; i++) {
			e->pending[e->n_pending++] = node->children[i];
			stop = enumerate(e);
			e->n_pending = n_before - 1;
		}
	} else {
		uint32_t n = node->kind == NODE_NOT_NEAR ? 1 : node->n_children;

		for (uint32_t i = 0; i < n; i++) {
			if (node->children[i]->kind != NODE_ANY)
				e->pending[e->n_pending++] = node->children[i];
		}
		stop = enumerate(e);
	}
	e->n_pending = n_before;
	e->pending[n_before - 1] = node;
	return stop;
}

static int
cmp_positions(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	/* Zeros, which are no positions, go last. */
	return (x - 1 > y - 1) - (x - 1 < y - 1);
}

static bool
add_set(const struct assignment *assignment, void *closure)
{
	struct oracle_sets *sets = closure;
	struct oracle_set set;

	memcpy(set.pos, assignment->at, sizeof(set.pos));
	qsort(set.pos, ORACLE_LEAVES, sizeof(set.pos[0]), cmp_positions);
	for (uint32_t i = 0; i < sets->n; i++) {
		if (memcmp(&sets->v[i], &set, sizeof(set)) == 0)
			return false;
	}
	if (sets->n == ORACLE_SETS) {
		sets->overflow = true;
		return true;
	}
	sets->v[sets->n++] = set;
	return false;
}

void
oracle_matches(const struct node *unit, const struct match_input *input, struct oracle_sets *ret_sets)
{
	struct enumeration e = { .input = input, .root = unit, .cb = add_set, .closure = ret_sets };

	ret_sets->n = 0;
	ret_sets->overflow = false;
	e.pending[e.n_pending++] = unit;
	(void)enumerate(&e);
}

bool
oracle_satisfies(const struct node *root, const struct match_input *input, struct oracle_sets *scratch)
{
	switch (root->kind) {
	case NODE_SOURCE:
	case NODE_DATE: return true;
	case NODE_AND:
		for (uint32_t i = 0; i < root->n_children; i++) {
			if (!oracle_satisfies(root->children[i], input, scratch))
				return false;
		}
		return true;
	case NODE_OR:
		for (uint32_t i = 0; i < root->n_children; i++) {
			if (oracle_satisfies(root->children[i], input, scratch))
				return true;
		}
		return false;
	case NODE_NOT: return !oracle_satisfies(root->children[0], input, scratch);
	case NODE_FIELD:
	case NODE_BOOST: return oracle_satisfies(root->children[0], input, scratch);
	case NODE_AT_LEAST: oracle_matches(root->children[0], input, scratch); return scratch->n >= root->distance;
	default: oracle_matches(root, input, scratch); return scratch->n > 0;
	}
}

/* What oracle_units() fills. */
struct units {
	const struct node **v;
	uint32_t *numbers;
	uint32_t n;
	uint32_t next_number;
};

static void
walk(const struct node *node, bool counts, const struct match_input *input, struct oracle_sets *scratch,
    struct units *units)
{
	bool boolean = node->kind >= NODE_AND;

	counts = counts && node->kind != NODE_NOT && oracle_satisfies(node, input, scratch);
	if (!boolean && node->kind != NODE_SOURCE && node->kind != NODE_DATE) {
		if (counts) {
			units->v[units->n] = node;
			units->numbers[units->n++] = units->next_number;
		}
		units->next_number++;
		return;
	}
	for (uint32_t i = 0; i < node->n_children; i++)
		walk(node->children[i], counts, input, scratch, units);
}

uint32_t
oracle_units(const struct node *root, const struct match_input *input, struct oracle_sets *scratch,
    const struct node *units[ORACLE_UNITS], uint32_t numbers[ORACLE_UNITS])
{
	struct units found = { .v = units, .numbers = numbers };

	walk(root, true, input, scratch, &found);
	return found.n;
}
