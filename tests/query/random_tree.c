/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/query/random_tree.h"

#include <stdio.h>
#include <string.h>

static struct node *draw_placed(struct specimen *specimen, struct rng *rng, unsigned depth);

/* xorshift64* (Vigna 2016). */
uint32_t
rng_below(struct rng *rng, uint32_t n)
{
	rng->state ^= rng->state >> 12;
	rng->state ^= rng->state << 25;
	rng->state ^= rng->state >> 27;
	return (uint32_t)((rng->state * 0x2545F4914F6CDD1DULL) >> 33) % n;
}

static struct node *
make(struct specimen *specimen, enum node_kind kind)
{
	struct node *node = &specimen->nodes[specimen->n_nodes++];

	*node = (struct node) { .kind = kind, .leaf = NODE_NO_LEAF, .boost = 1 };
	return node;
}

static void
add(struct specimen *specimen, struct node *parent, struct node *child)
{
	struct node **v = &specimen->slots[specimen->n_slots];

	if (parent->n_children > 0)
		memcpy(v, parent->children, parent->n_children * sizeof(*v));
	v[parent->n_children] = child;
	parent->children = v;
	parent->n_children++;
	specimen->n_slots += parent->n_children;
}

static struct node *
draw_leaf(struct specimen *specimen, struct rng *rng)
{
	struct node *leaf = make(specimen, rng_below(rng, 4) == 0 ? NODE_PREFIX : NODE_WORD);
	uint32_t number = specimen->query.n_leaves++;

	leaf->leaf = number;
	specimen->leaves[number] = leaf;
	specimen->sets[number] = (uint8_t)(1u << rng_below(rng, LETTERS));
	if (rng_below(rng, 5) == 0)
		specimen->sets[number] |= (uint8_t)(1u << rng_below(rng, LETTERS));
	return leaf;
}

static bool
has_room(const struct specimen *specimen)
{
	return specimen->query.n_leaves + 3 < LEAVES_MAX && specimen->n_nodes + 16 < NODES_MAX;
}

static struct node *
draw_phrase(struct specimen *specimen, struct rng *rng)
{
	struct node *phrase = make(specimen, NODE_PHRASE);

	phrase->distance = rng_below(rng, 3) == 0 ? 1 + rng_below(rng, 2) : 0;
	add(specimen, phrase, draw_leaf(specimen, rng));
	while (rng_below(rng, 4) == 0)
		add(specimen, phrase, make(specimen, NODE_ANY));
	add(specimen, phrase, draw_leaf(specimen, rng));
	if (has_room(specimen) && rng_below(rng, 3) == 0)
		add(specimen, phrase, draw_leaf(specimen, rng));
	return phrase;
}

static struct node *
draw_wrapped(struct specimen *specimen, struct rng *rng, enum node_kind kind, unsigned depth)
{
	struct node *node = make(specimen, kind);

	node->distance = kind == NODE_FIRST ? 1 + rng_below(rng, 8) : 0;
	add(specimen, node, draw_placed(specimen, rng, depth - 1));
	return node;
}

static struct node *
draw_joined(struct specimen *specimen, struct rng *rng, enum node_kind kind, unsigned depth)
{
	struct node *node = make(specimen, kind);

	if (kind == NODE_NEAR || kind == NODE_ADJ || kind == NODE_NOT_NEAR)
		node->distance = rng_below(rng, 4);
	add(specimen, node, draw_placed(specimen, rng, depth - 1));
	add(specimen, node, draw_placed(specimen, rng, depth - 1));
	while (kind != NODE_NOT_NEAR && has_room(specimen) && rng_below(rng, 3) == 0)
		add(specimen, node, draw_placed(specimen, rng, depth - 1));
	return node;
}

/* A node that has places in the text. */
static struct node *
draw_placed(struct specimen *specimen, struct rng *rng, unsigned depth)
{
	static const enum node_kind kinds[] = { NODE_NEAR, NODE_NEAR, NODE_NEAR, NODE_ADJ, NODE_ADJ, NODE_NOT_NEAR,
		NODE_SENT, NODE_PARA, NODE_OR, NODE_OR };

	if (depth == 0 || !has_room(specimen) || rng_below(rng, 4) == 0)
		return draw_leaf(specimen, rng);
	switch (rng_below(rng, 10)) {
	case 0:
	case 1: return draw_phrase(specimen, rng);
	case 2:
		return draw_wrapped(specimen, rng,
		    (enum node_kind[]) { NODE_FIRST, NODE_FIRST, NODE_FIELD, NODE_BOOST }[rng_below(rng, 4)], depth);
	default: return draw_joined(specimen, rng, kinds[rng_below(rng, sizeof(kinds) / sizeof(kinds[0]))], depth);
	}
}

/* A node that speaks of the whole document. */
static struct node *
draw_boolean(struct specimen *specimen, struct rng *rng, unsigned depth)
{
	struct node *node, *other;

	if (depth == 0 || !has_room(specimen) || rng_below(rng, 3) != 0)
		return draw_placed(specimen, rng, depth + 1);
	switch (rng_below(rng, 4)) {
	case 0:
		node = make(specimen, NODE_AT_LEAST);
		node->distance = 1 + rng_below(rng, 4);
		add(specimen, node, draw_placed(specimen, rng, depth));
		return node;
	case 1: node = make(specimen, NODE_OR); break;
	default: node = make(specimen, NODE_AND); break;
	}
	add(specimen, node, draw_boolean(specimen, rng, depth - 1));
	add(specimen, node, draw_boolean(specimen, rng, depth - 1));
	if (node->kind == NODE_AND && rng_below(rng, 3) == 0) {
		other = make(specimen, NODE_NOT);
		add(specimen, other, node->children[1]);
		node->children[1] = other;
	}
	return node;
}

static void
draw_text(struct specimen *specimen, struct rng *rng)
{
	uint32_t letters = 2 + rng_below(rng, LETTERS - 1);

	specimen->n = 1 + rng_below(rng, 12);
	specimen->title = rng_below(rng, 3) == 0 ? rng_below(rng, specimen->n) : 0;
	for (uint32_t i = 0; i < specimen->n; i++) {
		bool first = i == 0 || i == specimen->title;

		specimen->letters[i] = (uint8_t)rng_below(rng, letters);
		specimen->starts_paragraph[i] = first || rng_below(rng, 8) == 0;
		specimen->starts_sentence[i] = specimen->starts_paragraph[i] || rng_below(rng, 5) == 0;
	}
}

void
specimen_draw(struct specimen *specimen, struct rng *rng)
{
	memset(specimen, 0, sizeof(*specimen));
	draw_text(specimen, rng);
	specimen->query.leaves = specimen->leaves;
	specimen->query.root = draw_boolean(specimen, rng, 2);
}

uint32_t
position_of(const struct specimen *specimen, uint32_t i)
{
	return i < specimen->title ? i + 1 : i + 1 + (specimen->title > 0 ? TITLE_GAP : 0);
}

void
places_of(const struct specimen *specimen, struct places *places)
{
	size_t n_sentences = 0, n_paragraphs = 0;

	for (uint32_t leaf = 0; leaf < specimen->query.n_leaves; leaf++)
		places->leaves[leaf] = (struct positions) { places->v[leaf], 0 };
	for (uint32_t i = 0; i < specimen->n; i++) {
		uint32_t position = position_of(specimen, i);

		for (uint32_t leaf = 0; leaf < specimen->query.n_leaves; leaf++) {
			if (specimen->sets[leaf] >> specimen->letters[i] & 1)
				places->v[leaf][places->leaves[leaf].n++] = position;
		}
		if (specimen->starts_sentence[i])
			places->sentences[n_sentences++] = position;
		if (specimen->starts_paragraph[i])
			places->paragraphs[n_paragraphs++] = position;
	}
	places->input = (struct match_input) { .leaves = places->leaves,
		.sentences = { places->sentences, n_sentences },
		.paragraphs = { places->paragraphs, n_paragraphs },
		.body_first_pos = position_of(specimen, specimen->title) };
}

static void
print_node(const struct specimen *specimen, const struct node *node)
{
	if (node_is_leaf(node)) {
		(void)fputc('[', stderr);
		for (uint32_t i = 0; i < LETTERS; i++) {
			if (specimen->sets[node->leaf] >> i & 1)
				(void)fputc((int)('a' + i), stderr);
		}
		(void)fputc(']', stderr);
		return;
	}
	(void)fprintf(stderr, "%s/%u(", node_kind_name(node->kind), node->distance);
	for (uint32_t i = 0; i < node->n_children; i++) {
		if (i > 0)
			(void)fputs(", ", stderr);
		print_node(specimen, node->children[i]);
	}
	(void)fputc(')', stderr);
}

void
specimen_print(const struct specimen *specimen)
{
	(void)fputs("text: ", stderr);
	for (uint32_t i = 0; i < specimen->n; i++) {
		if (i == specimen->title && i > 0)
			(void)fputs(" || ", stderr);
		else if (specimen->starts_paragraph[i] && i > 0)
			(void)fputs(" \u00B6 ", stderr);
		else if (specimen->starts_sentence[i] && i > 0)
			(void)fputs(". ", stderr);
		(void)fprintf(stderr, "%c", 'a' + specimen->letters[i]);
	}
	(void)fputs("\ntree: ", stderr);
	print_node(specimen, specimen->query.root);
	(void)fputc('\n', stderr);
}
