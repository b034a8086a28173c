/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The matcher against the oracle, on many small texts and trees; and the symmetry of what has no order.
 *
 * VOISIN_PROPERTY_SEED and VOISIN_PROPERTY_CASES change what is drawn.  A failure is shrunk and
 * printed; it belongs into tests/data/query-match.txt.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/base/cmocka_first.h"
#include "tests/query/oracle.h"
#include "tests/query/random_tree.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { CASES = 20000 };
#else
enum { CASES = 100000 };
#endif

enum { SEED = 20161207 };

static const struct match_limits LIMITS = { .max_steps = 1000 * 1000, .max_matches = 100000 };

static struct oracle_sets expected, scratch;

static unsigned long
from_environment(const char *name, unsigned long otherwise)
{
	const char *value = getenv(name);

	return value != NULL ? strtoul(value, NULL, 10) : otherwise;
}

/* Order of matches as match.h promises it, among those of one unit. */
static int
cmp_matches(const struct match *a, const struct match *b)
{
	uint32_t x[] = { a->distance, a->lo, a->hi }, y[] = { b->distance, b->lo, b->hi };

	for (size_t i = 0; i < 3; i++) {
		if (x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
	}
	for (uint32_t i = 0; i < a->n && i < b->n; i++) {
		if (a->pos[i] != b->pos[i])
			return a->pos[i] < b->pos[i] ? -1 : 1;
	}
	return (a->n > b->n) - (a->n < b->n);
}

static bool
stands_at(const struct positions *positions, uint32_t position)
{
	for (size_t i = 0; i < positions->n; i++) {
		if (positions->v[i] == position)
			return true;
	}
	return false;
}

/* A match is well made, and the oracle knows its set of positions. */
static const char *
check_match(const struct match *match, const struct match_input *input)
{
	struct oracle_set set = { { 0 } };

	if (match->n == 0 || match->pos[0] != match->lo || match->pos[match->n - 1] != match->hi)
		return "extent";
	if (match->distance != match->hi - match->lo + 1 - match->n)
		return "distance";
	for (uint32_t i = 0; i < match->n; i++) {
		set.pos[i] = match->pos[i];
		if (!stands_at(&input->leaves[match->leaf[i]], match->pos[i]))
			return "a leaf where it does not stand";
	}
	for (uint32_t i = 0; i < expected.n; i++) {
		if (memcmp(&expected.v[i], &set, sizeof(set)) == 0)
			return NULL;
	}
	return "a match that is none";
}

static bool
is_marked(const struct match_set *set, uint32_t position)
{
	return stands_at(&set->marks, position);
}

/* The matches of one unit, of which the oracle's are in `expected`. */
static const char *
check_unit(const struct match_set *set, uint32_t unit, const struct match_input *input)
{
	const struct match *before = NULL;
	uint32_t n = 0;

	for (size_t i = 0; i < set->n; i++) {
		const char *wrong;

		if (set->v[i].unit != unit)
			continue;
		wrong = check_match(&set->v[i], input);
		if (wrong != NULL)
			return wrong;
		if (before != NULL && cmp_matches(before, &set->v[i]) >= 0)
			return "order, or a match twice";
		before = &set->v[i];
		n++;
	}
	for (uint32_t i = 0; i < expected.n; i++) {
		for (uint32_t k = 0; k < ORACLE_LEAVES && expected.v[i].pos[k] != 0; k++) {
			if (!is_marked(set, expected.v[i].pos[k]))
				return "a mark is missing";
		}
	}
	return n == expected.n ? NULL : "a match is missing";
}

/* No mark without a match: with all matches kept, each mark is in one of them. */
static const char *
check_marks(const struct match_set *set)
{
	for (size_t i = 0; i < set->marks.n; i++) {
		bool found = false;

		if (i > 0 && set->marks.v[i - 1] >= set->marks.v[i])
			return "order of marks";
		for (size_t k = 0; k < set->n && !found; k++) {
			struct positions positions = { set->v[k].pos, set->v[k].n };

			found = stands_at(&positions, set->marks.v[i]);
		}
		if (!found)
			return "a mark without a match";
	}
	return NULL;
}

/* With two matches a unit, the two closest of each are kept, and all are counted. */
static const char *
check_cut(
    const struct specimen *specimen, const struct match_input *input, struct arena *arena, const struct match_set *all)
{
	const struct match_limits two = { .max_steps = LIMITS.max_steps, .max_matches = 2 };
	struct match_set set;
	size_t at = 0;
	uint32_t kept[ORACLE_UNITS] = { 0 };

	if (match_find(&specimen->query, input, &two, arena, &set, NULL) != STATUS_OK)
		return "failure with a cut";
	if (set.total != all->total || set.marks.n != all->marks.n)
		return "total or marks with a cut";
	for (size_t i = 0; i < all->n; i++) {
		if (kept[all->v[i].unit]++ >= 2)
			continue;
		if (at == set.n || cmp_matches(&set.v[at], &all->v[i]) != 0 || set.v[at].unit != all->v[i].unit)
			return "other matches with a cut";
		at++;
	}
	return at == set.n ? NULL : "more matches with a cut";
}

/* Whether the match is one of the set's. */
static bool
is_one_of(const struct match *match, const struct match_set *set)
{
	for (size_t i = 0; i < set->n; i++) {
		if (set->v[i].unit == match->unit && cmp_matches(&set->v[i], match) == 0)
			return true;
	}
	return false;
}

/* The first match of each unit is one of its matches, and there is one where there are any. */
static const char *
check_first(
    const struct specimen *specimen, const struct match_input *input, struct arena *arena, const struct match_set *all)
{
	struct match_set set;
	bool has[ORACLE_UNITS] = { false };
	size_t units = 0;

	if (match_find_first(&specimen->query, input, &LIMITS, arena, &set, NULL) != STATUS_OK)
		return "failure of match_find_first";
	for (size_t i = 0; i < all->n; i++) {
		units += has[all->v[i].unit] ? 0 : 1;
		has[all->v[i].unit] = true;
	}
	for (size_t i = 0; i < set.n; i++) {
		if (!is_one_of(&set.v[i], all))
			return "a first match that is none";
		if (!has[set.v[i].unit])
			return "two first matches";
		has[set.v[i].unit] = false;
	}
	if (set.n != units || set.total != units)
		return "no first match";
	return check_marks(&set);
}

static const char *
check_matches(const struct specimen *specimen, const struct match_input *input, struct arena *arena)
{
	const struct node *units[ORACLE_UNITS];
	uint32_t numbers[ORACLE_UNITS];
	uint32_t n = oracle_units(specimen->query.root, input, &scratch, units, numbers);
	struct match_set set;
	const char *wrong = NULL;
	uint64_t total = 0;

	if (match_find(&specimen->query, input, &LIMITS, arena, &set, NULL) != STATUS_OK)
		return "failure of match_find";
	for (uint32_t i = 0; i < n && wrong == NULL; i++) {
		oracle_matches(units[i], input, &expected);
		total += expected.n;
		wrong = check_unit(&set, numbers[i], input);
	}
	if (wrong == NULL && (set.total != total || set.n != total))
		wrong = "total";
	if (wrong == NULL)
		wrong = check_marks(&set);
	if (wrong == NULL)
		wrong = check_cut(specimen, input, arena, &set);
	return wrong != NULL ? wrong : check_first(specimen, input, arena, &set);
}

/* NULL where matcher and oracle agree, or what they disagree in. */
static const char *
check(const struct specimen *specimen, struct arena *arena)
{
	struct places places;
	struct match_set set;
	bool wanted, satisfied;

	arena_reset(arena);
	places_of(specimen, &places);
	wanted = oracle_satisfies(specimen->query.root, &places.input, &scratch);
	if (match_exists(&specimen->query, &places.input, &LIMITS, NULL, &satisfied, NULL) != STATUS_OK)
		return "failure of match_exists";
	if (satisfied != wanted)
		return wanted ? "match_exists misses" : "match_exists invents";
	if (wanted)
		return check_matches(specimen, &places.input, arena);
	if (match_find(&specimen->query, &places.input, &LIMITS, arena, &set, NULL) != STATUS_OK)
		return "failure of match_find";
	return set.n == 0 && set.total == 0 && set.marks.n == 0 ? NULL : "matches of nothing";
}

/* Takes the i-th word out. */
static void
remove_word(struct specimen *specimen, uint32_t i)
{
	for (uint32_t k = i; k + 1 < specimen->n; k++) {
		specimen->letters[k] = specimen->letters[k + 1];
		specimen->starts_sentence[k] = specimen->starts_sentence[k + 1];
		specimen->starts_paragraph[k] = specimen->starts_paragraph[k + 1];
	}
	specimen->n--;
	if (i < specimen->title)
		specimen->title--;
}

static bool
shrink_text(struct specimen *specimen, struct arena *arena)
{
	uint8_t letters[TEXT_MAX];
	bool sentences[TEXT_MAX], paragraphs[TEXT_MAX];
	uint32_t n = specimen->n, title = specimen->title;

	memcpy(letters, specimen->letters, sizeof(letters));
	memcpy(sentences, specimen->starts_sentence, sizeof(sentences));
	memcpy(paragraphs, specimen->starts_paragraph, sizeof(paragraphs));
	for (uint32_t i = 0; i < n; i++) {
		remove_word(specimen, i);
		if (check(specimen, arena) != NULL)
			return true;
		memcpy(specimen->letters, letters, sizeof(letters));
		memcpy(specimen->starts_sentence, sentences, sizeof(sentences));
		memcpy(specimen->starts_paragraph, paragraphs, sizeof(paragraphs));
		specimen->n = n;
		specimen->title = title;
	}
	return false;
}

/* Tries to put a child in the place of a node that has places in the text. */
static bool
shrink_tree(struct specimen *specimen, struct node **slot, struct arena *arena)
{
	struct node *node = *slot;

	for (uint32_t i = 0; i < node->n_children; i++) {
		if (node->children[i]->kind == NODE_ANY || node->kind == NODE_NOT)
			continue;
		*slot = node->children[i];
		if (check(specimen, arena) != NULL)
			return true;
		*slot = node;
	}
	for (uint32_t i = 0; i < node->n_children && node->kind != NODE_PHRASE; i++) {
		if (shrink_tree(specimen, &node->children[i], arena))
			return true;
	}
	return false;
}

static void
fail_small(struct specimen *specimen, unsigned long seed, unsigned long number, struct arena *arena)
{
	while (shrink_text(specimen, arena) || shrink_tree(specimen, &specimen->query.root, arena))
		continue;
	(void)fprintf(stderr, "seed %lu, case %lu: %s\n", seed, number, check(specimen, arena));
	specimen_print(specimen);
	fail();
}

static void
test_agrees_with_the_oracle(void **state)
{
	unsigned long seed = from_environment("VOISIN_PROPERTY_SEED", SEED);
	unsigned long cases = from_environment("VOISIN_PROPERTY_CASES", CASES), satisfied = 0;
	struct rng rng = { seed * 2 + 1 };
	static struct specimen specimen;
	struct arena *arena;

	(void)state;
	assert_int_equal(arena_new(1 << 26, &arena), STATUS_OK);
	for (unsigned long i = 0; i < cases; i++) {
		struct places places;

		specimen_draw(&specimen, &rng);
		if (check(&specimen, arena) != NULL)
			fail_small(&specimen, seed, i, arena);
		places_of(&specimen, &places);
		satisfied += oracle_satisfies(specimen.query.root, &places.input, &scratch) ? 1 : 0;
	}
	print_message("seed %lu: %lu cases, %lu of them satisfied\n", seed, cases, satisfied);
	/* A test that draws nothing but one answer would prove little. */
	assert_true(satisfied > cases / 5 && satisfied < cases - cases / 5);
	arena_free(arena);
}

/* Turns around the operands of all that has no order. */
static void
mirror(struct node *node)
{
	bool no_order =
	    node->kind == NODE_NEAR || node->kind == NODE_SENT || node->kind == NODE_PARA || node->kind == NODE_OR;

	for (uint32_t i = 0; no_order && i < node->n_children / 2; i++) {
		struct node *left = node->children[i];

		node->children[i] = node->children[node->n_children - 1 - i];
		node->children[node->n_children - 1 - i] = left;
	}
	for (uint32_t i = 0; i < node->n_children; i++)
		mirror(node->children[i]);
}

/* Whether two sets hold the same matches, units aside. */
static bool
same_matches(const struct match_set *a, const struct match_set *b)
{
	if (a->n != b->n || a->total != b->total || a->marks.n != b->marks.n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		if (cmp_matches(&a->v[i], &b->v[i]) != 0)
			return false;
	}
	return a->marks.n == 0 || memcmp(a->marks.v, b->marks.v, a->marks.n * sizeof(*a->marks.v)) == 0;
}

static void
test_order_does_not_matter(void **state)
{
	struct rng rng = { SEED };
	static struct specimen specimen;
	struct arena *arena;

	(void)state;
	assert_int_equal(arena_new(1 << 26, &arena), STATUS_OK);
	for (unsigned i = 0; i < CASES / 10; i++) {
		struct match_set set, mirrored;
		struct places places;

		arena_reset(arena);
		specimen_draw(&specimen, &rng);
		places_of(&specimen, &places);
		assert_int_equal(match_find(&specimen.query, &places.input, &LIMITS, arena, &set, NULL), STATUS_OK);
		mirror(specimen.query.root);
		assert_int_equal(
		    match_find(&specimen.query, &places.input, &LIMITS, arena, &mirrored, NULL), STATUS_OK);
		if (!same_matches(&set, &mirrored)) {
			specimen_print(&specimen);
			fail();
		}
	}
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_agrees_with_the_oracle),
		cmocka_unit_test(test_order_does_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
