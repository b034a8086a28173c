/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SYNONYM against adding up by hand: lists of all kinds over so many documents that several windows are opened, with sums of
 * zero and sums that are more than a window can hold; walked, leapt through, and asked for what has a score.
 */
#include <stdio.h>
#include <stdlib.h>

#include "invfile/matcher.h"
#include "tests/base/cmocka_first.h"
#include "tests/invfile/fixture.h"
#include "tests/invfile/model.h"

enum { LISTS = 12 };

static const struct bm25 usual = { .k1 = 0.9, .b = 0.75, .min_normlen = 0.5 };

static struct error error;

/* A file, a synonym of all its terms, and what is to be found. */
struct ground {
	struct model model;
	struct invfile *file;
	struct bm25_collection collection;
	struct matcher_node terms[LISTS];
	const struct matcher_node *children[LISTS];
	struct matcher_node synonym;
	uint64_t *sums; /* by docid */
	bool *holds;
	double weight; /* of the synonym */
};

static struct ground ground;

static void
add_list(uint32_t i, enum model_kind kind, uint32_t documents)
{
	static char names[LISTS][8];
	struct model_list *list;

	(void)snprintf(names[i], sizeof(names[i]), "w%02u", i);
	list = model_add(&ground.model, names[i], kind, documents);
	ground.terms[i] = (struct matcher_node) { .op = MATCHER_TERM, .term = str_of(names[i]), .factor = 1 };
	ground.children[i] = &ground.terms[i];
	/* Documents here and there in which all terms stand very often. */
	for (uint32_t p = 0; kind == MODEL_FORMS && p < list->n; p++) {
		if (list->postings[p].docid % 97 != 5)
			continue;
		list->occurrences += 40000;
		list->postings[p].wdf += 40000;
	}
	for (uint32_t p = 0; p < list->n; p++) {
		ground.sums[list->postings[p].docid] += list->postings[p].wdf;
		ground.holds[list->postings[p].docid] = true;
	}
}

static void
make_ground(uint64_t seed, uint32_t last_docid, uint32_t gaps, const uint32_t documents[LISTS], bool has_zeros)
{
	model_init(&ground.model, seed, last_docid, gaps);
	ground.sums = calloc(last_docid + 1u, sizeof(*ground.sums));
	ground.holds = calloc(last_docid + 1u, sizeof(*ground.holds));
	assert_non_null(ground.sums);
	assert_non_null(ground.holds);
	for (uint32_t i = 0; i < LISTS; i++)
		add_list(i, has_zeros ? (enum model_kind)(i % MODEL_KINDS) : MODEL_FORMS, documents[i]);
	/* No document is shorter than what stands in it. */
	for (uint32_t docid = 1; docid <= last_docid; docid++) {
		uint32_t more = (uint32_t)ground.sums[docid] % 100000 * (model_draw(&ground.model, 3) > 0);

		ground.model.lengths[docid] += ground.model.lengths[docid] > 0 ? more : 0;
		ground.model.total_length += ground.model.lengths[docid] > 0 ? more : 0;
	}
	model_write(&ground.model, &usual, fixture_path());
	ground.file = fixture_open();
	ground.collection.documents = invfile_documents(ground.file);
	ground.collection.average_length = invfile_average_length(ground.file);
	ground.synonym =
	    (struct matcher_node) { .op = MATCHER_SYNONYM, .factor = 1, .children = ground.children, .n = LISTS };
}

static int
teardown(void **state)
{
	invfile_close(ground.file);
	model_done(&ground.model);
	free(ground.sums);
	free(ground.holds);
	ground = (struct ground) { 0 };
	return fixture_teardown(state);
}

static struct matcher *
open_matcher(const struct matcher_node *tree)
{
	struct matcher *matcher;

	fixture_must(matcher_new(ground.file, &ground.collection, tree, NULL, NULL, true, &matcher, &error), &error);
	return matcher;
}

static double
part_of(uint32_t docid)
{
	uint32_t length = ground.model.lengths[docid];
	uint64_t wdf = ground.sums[docid];

	return bm25_part(&usual, 1 / ground.collection.average_length, wdf < length ? (uint32_t)wdf : length, length);
}

/* From `docid` on the first that holds a term and has the score. */
static uint32_t
expected_from(uint32_t docid, double least)
{
	for (; docid <= ground.model.last_docid; docid++)
		if (ground.holds[docid] && !(ground.weight * part_of(docid) < least))
			return docid;
	return CURSOR_END;
}

/* How many documents have more occurrences than a window can count. */
static uint32_t
count_overflows(void)
{
	uint32_t n = 0;

	for (uint32_t docid = 1; docid <= ground.model.last_docid; docid++)
		n += ground.sums[docid] > CURSOR_SUM_MAX;
	return n;
}

/* By steps, or leaps of up to `leap`, with a score that grows to `most` of what there may be. */
static void
walk(uint32_t leap, double most)
{
	struct matcher *matcher = open_matcher(&ground.synonym);
	double least = 0;
	uint32_t docid = 0, sought, n = 0;

	do {
		sought = docid + 1 + (leap > 0 ? model_draw(&ground.model, leap) : 0);
		least = most > 0 && n++ > 10 ? fmax(least, ground.weight * most * n / (n + 40.0)) : 0;
		fixture_must(matcher_seek(matcher, sought, least, &docid, &error), &error);
		assert_int_equal(docid, expected_from(sought, least));
		if (docid != CURSOR_END)
			assert_true(matcher_weight(matcher) == ground.weight * part_of(docid));
	} while (docid != CURSOR_END);
	matcher_free(matcher);
}

static void
check_ground(void)
{
	uint32_t documents[LISTS];

	for (uint32_t i = 0; i < LISTS; i++)
		documents[i] = ground.model.lists[i].n;
	ground.weight = bm25_term_weight(&usual, ground.collection.documents,
	    matcher_any_documents(documents, LISTS, ground.collection.documents), 1);
	walk(0, 0);
	walk(20, 0);
	walk(30000, 0);
	walk(0, 0.5);
	walk(0, 1);
	walk(3000, 0.9);
}

static void
test_many_documents(void **state)
{
	static const uint32_t documents[LISTS] = { 1, 90000, 3, 128, 129, 5000, 40, 60000, 2000, 127, 256, 700 };

	(void)state;
	make_ground(1, 300000, 3, documents, false);
	assert_in_range(count_overflows(), 10, 5000);
	check_ground();
}

static void
test_all_kinds_of_lists(void **state)
{
	static const uint32_t documents[LISTS] = { 200, 9000, 3000, 128, 129, 5000, 40, 6000, 2000, 127, 256, 700 };

	(void)state;
	make_ground(2, 40000, 4, documents, true);
	check_ground();
}

/* All fit in a window, which no word of bits ends with. */
static void
test_few_documents(void **state)
{
	static const uint32_t documents[LISTS] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };

	(void)state;
	make_ground(3, 77, 5, documents, true);
	check_ground();
}

/* Few documents with much room between them: narrow windows, and leaps over what is empty. */
static void
test_sparse_lists(void **state)
{
	static const uint32_t documents[LISTS] = { 1, 2, 3, 1, 2, 1, 1, 4, 1, 2, 2, 1 };

	(void)state;
	make_ground(4, 500000, 2, documents, false);
	check_ground();
}

/* With another word: the synonym is asked for documents that the word has, few or many. */
static void
test_beside_a_word(void **state)
{
	static const uint32_t documents[LISTS] = { 30, 20000, 3, 128, 129, 5000, 40, 60000, 2000, 127, 256, 700 };

	(void)state;
	make_ground(5, 200000, 2, documents, true);
	for (uint32_t i = 0; i < LISTS; i++) {
		const struct matcher_node *both[] = { &ground.terms[i], &ground.synonym };
		const struct matcher_node tree = { .op = MATCHER_AND, .children = both, .n = 2 };
		struct matcher *matcher = open_matcher(&tree);
		uint32_t docid;

		/* Each document of a term has one of the synonym. */
		for (uint32_t p = 0; p < ground.model.lists[i].n; p++) {
			fixture_must(matcher_next(matcher, 0, &docid, &error), &error);
			assert_int_equal(docid, ground.model.lists[i].postings[p].docid);
		}
		fixture_must(matcher_next(matcher, 0, &docid, &error), &error);
		assert_int_equal(docid, CURSOR_END);
		matcher_free(matcher);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_many_documents, fixture_setup, teardown),
		cmocka_unit_test_setup_teardown(test_all_kinds_of_lists, fixture_setup, teardown),
		cmocka_unit_test_setup_teardown(test_few_documents, fixture_setup, teardown),
		cmocka_unit_test_setup_teardown(test_sparse_lists, fixture_setup, teardown),
		cmocka_unit_test_setup_teardown(test_beside_a_word, fixture_setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
