/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The matcher against plain enumeration, and against Xapian on the same postings: random trees over random documents.
 */
#include "tests/store/fixture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/limits.h"
#include "tests/invfile/forest.h"

enum { MOST_DOCUMENTS = 2000, TOP = 10 };

/* As query/plan/weights.h has them. */
static const struct bm25 bm25 = { .k1 = 0.9, .b = 0.75, .min_normlen = 0.5 };

static struct error error;

struct answer {
	uint32_t docids[MOST_DOCUMENTS];
	double scores[MOST_DOCUMENTS];
	uint32_t n;
};

/* Documents, their file, and what is asked of it. */
struct ground {
	struct fixture *fixture;
	struct model model;
	struct forest forest;
	struct invfile *file;
	struct bm25_collection collection;
	uint64_t skip_words[2048];
	struct matcher_skip skip;
	struct answer expected;
	struct answer got;
};

static struct ground ground;

#define assert_status(expected, call)                                                        \
	do {                                                                                 \
		enum status status_ = (call);                                                \
                                                                                             \
		if (status_ != (expected))                                                   \
			fail_msg("%s: %s (%s)", #call, status_name(status_), error.message); \
	} while (0)

static int
setup(void **state)
{
	int failed = fixture_setup_folder(state);

	ground.fixture = *state;
	return failed;
}

static int
teardown(void **state)
{
	invfile_close(ground.file);
	ground.file = NULL;
	model_done(&ground.model);
	return fixture_teardown(state);
}

/* Makes the file of the documents. */
static void
open_ground(void)
{
	const char *path = fixture_path(ground.fixture, "inverted");

	forest_write(&ground.forest, &bm25, path);
	assert_status(STATUS_OK, invfile_open(path, &ground.file, &error));
	ground.collection.documents = invfile_documents(ground.file);
	ground.collection.average_length = (double)invfile_total_length(ground.file) / invfile_documents(ground.file);
	memset(ground.skip_words, 0, sizeof(ground.skip_words));
	ground.skip = (struct matcher_skip) { ground.skip_words, sizeof(ground.skip_words) / sizeof(uint64_t), 0 };
}

static void
make_ground(uint64_t seed, uint32_t documents, uint32_t words, bool is_shared)
{
	model_init(&ground.model, seed);
	forest_init(&ground.forest, &ground.model, documents, words, is_shared);
	open_ground();
}

static uint32_t
below(uint32_t n)
{
	return model_below(&ground.model, n);
}

static bool
is_skipped(uint32_t docid)
{
	return docid / 64 < ground.skip.n_words && (ground.skip_words[docid / 64] >> docid % 64 & 1) != 0;
}

/* Leaves out about one document in `n`. */
static void
skip_some(uint32_t n)
{
	for (size_t i = 0; i < ground.model.n; i++) {
		uint32_t docid = ground.model.documents[i].docid;

		if (below(n) > 0)
			continue;
		ground.skip_words[docid / 64] |= UINT64_C(1) << docid % 64;
		ground.skip.n_set++;
	}
}

/* ---- Answers --------------------------------------------------------------------------------- */

static void
enumerate(const struct matcher_node *tree)
{
	struct answer *answer = &ground.expected;

	answer->n = 0;
	for (size_t i = 0; i < ground.model.n; i++) {
		const struct glass_document *document = &ground.model.documents[i];
		double score;

		if (is_skipped(document->docid) ||
		    !forest_matches(&ground.forest, tree, document, &bm25, &ground.collection, &score))
			continue;
		answer->docids[answer->n] = document->docid;
		answer->scores[answer->n++] = score;
	}
}

static struct matcher *
open_matcher(const struct matcher_node *tree, bool is_weighted)
{
	struct matcher *matcher;

	assert_status(STATUS_OK,
	    matcher_new(ground.file, &ground.collection, tree, &ground.skip, NULL, is_weighted, &matcher, &error));
	return matcher;
}

static void
check_score(const struct matcher_node *tree, uint32_t docid, double score, double expected)
{
	if (!(fabs(score - expected) <= 1e-12 * expected))
		fail_msg("document %u scores %.17g, not %.17g: %s", docid, score, expected, forest_text(tree));
}

/* What stands where the expected answer has its i-th document. */
static void
check_document(const struct matcher_node *tree, struct matcher *matcher, uint32_t i, uint32_t docid, bool is_weighted)
{
	const struct answer *expected = &ground.expected;

	if (i == expected->n ? docid != CURSOR_END : docid != expected->docids[i])
		fail_msg("number %u of %u is %u: %s", i, expected->n, docid, forest_text(tree));
	if (i < expected->n)
		check_score(tree, docid, matcher_weight(matcher), is_weighted ? expected->scores[i] : 0);
	assert_true(matcher_weight(matcher) <= matcher_weight_max(matcher));
}

/* Steps and leaps through all documents. */
static void
check_all(const struct matcher_node *tree, bool is_weighted, bool leaps)
{
	struct matcher *matcher = open_matcher(tree, is_weighted);
	uint32_t docid = 0;

	for (uint32_t i = 0; docid != CURSOR_END; i++) {
		uint32_t target = docid + 1;

		if (leaps && below(2) == 0)
			target += below(60);
		while (i < ground.expected.n && ground.expected.docids[i] < target)
			i++;
		if (target == docid + 1)
			assert_status(STATUS_OK, matcher_next(matcher, 0, &docid, &error));
		else
			assert_status(STATUS_OK, matcher_seek(matcher, target, 0, &docid, &error));
		check_document(tree, matcher, i, docid, is_weighted);
	}
	assert_status(STATUS_OK, matcher_next(matcher, 0, &docid, &error));
	assert_int_equal(docid, CURSOR_END);
	matcher_free(matcher);
}

static void
check_count(const struct matcher_node *tree)
{
	struct matcher *matcher = open_matcher(tree, true);
	struct matcher_count count = matcher_count(matcher);

	if (count.least > ground.expected.n || ground.expected.n > count.most || count.estimate < count.least ||
	    count.estimate > count.most)
		fail_msg("%u documents are not in %u..%u..%u: %s", ground.expected.n, count.least, count.estimate,
		    count.most, forest_text(tree));
	matcher_free(matcher);
}

/* ---- The best -------------------------------------------------------------------------------- */

static int
compare_scores(const void *a, const void *b)
{
	double one = *(const double *)a, other = *(const double *)b;

	return (one < other) - (one > other);
}

/* Keeps the TOP best scores; returns the one to beat. */
static double
keep_best(double *best, uint32_t *n, double score)
{
	best[(*n)++] = score;
	qsort(best, *n, sizeof(*best), compare_scores);
	if (*n > TOP)
		*n = TOP;
	return *n == TOP ? best[TOP - 1] : 0;
}

static double
expected_score(const struct matcher_node *tree, uint32_t docid)
{
	for (uint32_t i = 0; i < ground.expected.n; i++)
		if (ground.expected.docids[i] == docid)
			return ground.expected.scores[i];
	fail_msg("document %u does not match: %s", docid, forest_text(tree));
	return 0;
}

/* With a score to beat that rises as the best are found, these are the best of all. */
static void
check_best(const struct matcher_node *tree)
{
	struct matcher *matcher = open_matcher(tree, true);
	double best[TOP + 1], of_all[MOST_DOCUMENTS];
	uint32_t n = 0, docid = 0;
	double least = 0;

	for (;;) {
		assert_status(STATUS_OK, matcher_next(matcher, least, &docid, &error));
		if (docid == CURSOR_END)
			break;
		check_score(tree, docid, matcher_weight(matcher), expected_score(tree, docid));
		least = keep_best(best, &n, matcher_weight(matcher));
	}
	memcpy(of_all, ground.expected.scores, sizeof(of_all));
	qsort(of_all, ground.expected.n, sizeof(*of_all), compare_scores);
	assert_int_equal(n, ground.expected.n < TOP ? ground.expected.n : TOP);
	for (uint32_t i = 0; i < n; i++)
		check_score(tree, i, best[i], of_all[i]);
	matcher_free(matcher);
}

static void
check_tree(const struct matcher_node *tree)
{
	enumerate(tree);
	check_all(tree, false, false);
	check_all(tree, false, true);
	check_all(tree, true, false);
	check_all(tree, true, true);
	check_best(tree);
	check_count(tree);
}

static void
check_trees(uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		check_tree(forest_tree(&ground.forest, 1 + below(3)));
}

/* ---- Against enumeration --------------------------------------------------------------------- */

static void
test_few_documents(void **state)
{
	(void)state;
	make_ground(1, 40, 60, true);
	check_trees(300);
}

static void
test_many_blocks(void **state)
{
	(void)state;
	make_ground(2, 1500, 40, false);
	check_trees(150);
}

static void
test_shared_positions(void **state)
{
	(void)state;
	make_ground(3, 300, 100, true);
	check_trees(200);
}

static void
test_skipped_documents(void **state)
{
	(void)state;
	make_ground(4, 500, 50, true);
	skip_some(3);
	check_trees(150);
}

/* The collection has other documents too: longer ones, shorter ones, and more of them. */
static void
test_other_collections(void **state)
{
	static const double factors[] = { 0.2, 0.9, 1.1, 5 };

	(void)state;
	make_ground(5, 800, 40, false);
	double average = ground.collection.average_length;
	for (size_t i = 0; i < sizeof(factors) / sizeof(*factors); i++) {
		ground.collection.documents += 100 * (uint32_t)i;
		ground.collection.average_length = average * factors[i];
		check_trees(60);
	}
}

/* ---- By hand --------------------------------------------------------------------------------- */

/* Positions of three words, each list ended by 0, and whether they stand in a window near each other and in order. */
static const struct {
	uint32_t positions[3][5];
	uint32_t window;
	bool is_near, is_phrase;
} places[] = {
	{ { { 1 }, { 2 }, { 3 } }, 3, true, true },
	{ { { 1 }, { 2 }, { 4 } }, 3, false, false },
	{ { { 1 }, { 2 }, { 4 } }, 4, true, true },
	{ { { 3 }, { 2 }, { 1 } }, 3, true, false },
	{ { { 1, 10 }, { 3, 11 }, { 5, 12 } }, 3, true, true },
	{ { { 1, 10 }, { 3, 11 }, { 5, 14 } }, 5, true, true },
	{ { { 1, 10 }, { 3, 11 }, { 5, 14 } }, 4, false, false },
	/* The earliest word is not the best one. */
	{ { { 1, 6 }, { 7 }, { 8 } }, 3, true, true },
	{ { { 1, 2, 3, 4 }, { 5 }, { 7 } }, 4, true, true },
	{ { { 1 }, { 2, 9 }, { 3, 4 } }, 3, true, true },
	/* One position serves one word. */
	{ { { 1 }, { 1 }, { 2 } }, 3, false, false },
	{ { { 5, 6 }, { 5, 100 }, { 4 } }, 3, true, false },
	{ { { 5, 100 }, { 5, 6 }, { 7 } }, 3, true, true },
	{ { { 5, 6 }, { 5, 6 }, { 5, 6 } }, 9, false, false },
	{ { { 5, 6 }, { 5, 6 }, { 5, 7 } }, 3, true, true },
	/* None begins at 5, one behind it. */
	{ { { 6 }, { 6, 8 }, { 5, 7 } }, 3, true, false },
	{ { { 0xFFFFFFFD }, { 0xFFFFFFFE }, { 0xFFFFFFFF } }, 3, true, true },
};

enum { PLACES = sizeof(places) / sizeof(*places) };

static void
make_places(void)
{
	model_init(&ground.model, 13);
	forest_init(&ground.forest, &ground.model, 0, 1, true);
	for (size_t i = 0; i < PLACES; i++) {
		struct glass_document *document = model_add(&ground.model);

		for (uint32_t word = 0; word < 3; word++) {
			const uint32_t *positions = places[i].positions[word];
			uint32_t n = 0;

			while (positions[n] != 0)
				n++;
			model_add_term(&ground.model, document, str_of(ground.forest.names[word]), n, positions, n);
		}
	}
	forest_count(&ground.forest);
	open_ground();
}

/* Whether the node matches document number i. */
static bool
stands_in(const struct matcher_node *node, size_t i)
{
	struct matcher *matcher = open_matcher(node, true);
	uint32_t docid;

	assert_status(STATUS_OK, matcher_seek(matcher, ground.model.documents[i].docid, 0, &docid, &error));
	matcher_free(matcher);
	return docid == ground.model.documents[i].docid;
}

static void
test_places(void **state)
{
	struct forest *forest = &ground.forest;

	(void)state;
	make_places();
	for (size_t i = 0; i < PLACES; i++) {
		struct matcher_node *a = forest_term(forest, 0), *b = forest_term(forest, 1);
		struct matcher_node *c = forest_term(forest, 2);
		struct matcher_node *near = forest_node(forest, MATCHER_NEAR, 3, b, a, c);
		struct matcher_node *phrase = forest_node(forest, MATCHER_PHRASE, 3, a, b, c);

		near->window = phrase->window = places[i].window;
		if (stands_in(near, i) != places[i].is_near || stands_in(phrase, i) != places[i].is_phrase)
			fail_msg("place %zu: %d, %d", i, stands_in(near, i), stands_in(phrase, i));
	}
}

/* ---- Against Xapian -------------------------------------------------------------------------- */

static struct xc_database *
open_database(void)
{
	const char *path = fixture_path(ground.fixture, "api");
	struct xc_database *db;

	model_write_api(&ground.model, path);
	assert_status(STATUS_OK, xc_database_open(str_of(path), 0, &db, &error));
	return db;
}

/* Asks Xapian; the answer is put where the enumeration would be. */
static void
ask_xapian(struct xc_database *db, const struct matcher_node *tree)
{
	const struct xc_bm25 parameters = { bm25.k1, 0, 1, bm25.b, bm25.min_normlen };
	struct xc_query *query = forest_query(tree);
	struct answer *answer = &ground.expected;
	struct xc_enquire *enquire;
	struct xc_mset *mset;

	assert_status(STATUS_OK, xc_enquire_new(db, &enquire, &error));
	assert_status(STATUS_OK, xc_enquire_set_query(enquire, query, 0, &error));
	assert_status(STATUS_OK, xc_enquire_set_bm25(enquire, &parameters, &error));
	assert_status(STATUS_OK, xc_enquire_mset(enquire, 0, MOST_DOCUMENTS, MOST_DOCUMENTS, &mset, &error));
	answer->n = xc_mset_size(mset);
	for (uint32_t i = 0; i < answer->n; i++) {
		struct xc_mset_item item;

		assert_status(STATUS_OK, xc_mset_item(mset, i, &item, &error));
		answer->docids[i] = item.docid;
		answer->scores[i] = item.weight;
	}
	xc_mset_free(mset);
	xc_enquire_free(enquire);
	xc_query_free(query);
}

/* Xapian's hits are in the order of their scores; all of ours are among them. */
static void
check_against_xapian(struct xc_database *db, const struct matcher_node *tree)
{
	struct matcher *matcher = open_matcher(tree, true);
	uint32_t docid = 0, n = 0;

	ask_xapian(db, tree);
	for (;;) {
		assert_status(STATUS_OK, matcher_next(matcher, 0, &docid, &error));
		if (docid == CURSOR_END)
			break;
		check_score(tree, docid, matcher_weight(matcher), expected_score(tree, docid));
		n++;
	}
	if (n != ground.expected.n)
		fail_msg("%u documents, not %u: %s", n, ground.expected.n, forest_text(tree));
	matcher_free(matcher);
	check_best(tree);
	check_count(tree);
}

static void
test_same_as_xapian(void **state)
{
	struct xc_database *db;

	(void)state;
	make_ground(6, 1200, 60, false);
	ground.forest.is_for_xapian = true;
	db = open_database();
	for (uint32_t i = 0; i < 1000; i++)
		check_against_xapian(db, forest_tree(&ground.forest, 1 + below(3)));
	xc_database_close(db);
}

/* ---- Refusals, ends -------------------------------------------------------------------------- */

static void
check_refused_tree(enum status expected, const struct matcher_node *tree)
{
	struct matcher *matcher = NULL;

	assert_status(expected, matcher_new(ground.file, &ground.collection, tree, NULL, NULL, true, &matcher, &error));
	assert_null(matcher);
	assert_string_not_equal(error.message, "");
}

static void
test_refused_trees(void **state)
{
	struct forest *forest = &ground.forest;
	struct matcher_node *a, *b, *node;

	(void)state;
	make_ground(7, 10, 30, false);
	a = forest_term(forest, 0);
	b = forest_term(forest, 1);
	check_refused_tree(STATUS_INTERNAL, forest_node(forest, MATCHER_AND, 0));
	check_refused_tree(STATUS_INTERNAL, forest_node(forest, MATCHER_OR, 0));
	check_refused_tree(STATUS_INTERNAL, forest_node(forest, (enum matcher_op)9, 2, a, b));
	node = forest_node(forest, MATCHER_NEAR, 2, a, b);
	check_refused_tree(STATUS_INTERNAL, node);
	node->window = 2;
	node = forest_node(forest, MATCHER_PHRASE, 2, node, a);
	node->window = 2;
	check_refused_tree(STATUS_INTERNAL, node);
	node = forest_node(forest, MATCHER_NEAR, 2, a, forest_node(forest, MATCHER_AND, 2, a, b));
	node->window = 2;
	check_refused_tree(STATUS_INTERNAL, node);
	check_refused_tree(STATUS_INTERNAL, forest_node(forest, MATCHER_SYNONYM, 2, a, node));
	node = forest_node(forest, MATCHER_PHRASE, 2, a, forest_node(forest, MATCHER_SYNONYM, 2, a, b));
	node->window = 2;
	check_refused_tree(STATUS_INTERNAL, node);
	a->factor = -1;
	check_refused_tree(STATUS_INTERNAL, a);
	a->factor = NAN;
	check_refused_tree(STATUS_INTERNAL, forest_node(forest, MATCHER_OR, 2, b, a));
}

static void
test_depth(void **state)
{
	struct forest *forest = &ground.forest;
	struct matcher_node *node;

	(void)state;
	make_ground(8, 50, 30, false);
	for (uint32_t levels = LIMIT_MATCHER_DEPTH; levels <= LIMIT_MATCHER_DEPTH + 1; levels++) {
		forest_clear(forest);
		node = forest_term(forest, 0);
		for (uint32_t i = 0; i < levels; i++)
			node =
			    forest_node(forest, i % 2 == 0 ? MATCHER_AND : MATCHER_OR, 2, node, forest_term(forest, i));
		if (levels == LIMIT_MATCHER_DEPTH)
			check_tree(node);
		else
			check_refused_tree(STATUS_LIMIT, node);
	}
	assert_non_null(strstr(error.message, "64"));
}

static void
test_unknown_words(void **state)
{
	struct forest *forest = &ground.forest;
	struct matcher_node *unknown, *node;

	(void)state;
	make_ground(9, 30, 30, false);
	unknown = forest_term(forest, 0);
	unknown->term = STR("w999");
	unknown->documents = 7;
	check_tree(unknown);
	check_tree(forest_node(forest, MATCHER_AND, 2, unknown, forest_term(forest, 0)));
	check_tree(forest_node(forest, MATCHER_OR, 2, unknown, forest_term(forest, 0)));
	check_tree(forest_node(forest, MATCHER_OR, 2, unknown, unknown));
	check_tree(forest_node(forest, MATCHER_SYNONYM, 2, unknown, forest_term(forest, 0)));
	check_tree(forest_node(forest, MATCHER_SYNONYM, 2, unknown, unknown));
	node = forest_node(forest, MATCHER_NEAR, 2, forest_term(forest, 1),
	    forest_node(forest, MATCHER_OR, 2, unknown, forest_term(forest, 0)));
	node->window = 9;
	check_tree(node);
}

static void
test_words_asked_for_twice(void **state)
{
	struct forest *forest = &ground.forest;
	struct matcher_node *a, *b, *either, *phrase, *near;

	(void)state;
	make_ground(10, 200, 60, true);
	a = forest_term(forest, 0);
	b = forest_term(forest, 2);
	a->factor = 0.5;
	either = forest_node(forest, MATCHER_OR, 2, b, forest_term(forest, 1));
	phrase = forest_node(forest, MATCHER_PHRASE, 3, a, either, a);
	phrase->window = 3;
	check_tree(phrase);
	near = forest_node(forest, MATCHER_NEAR, 2, a, a);
	near->window = 4;
	check_tree(near);
	check_tree(forest_node(forest, MATCHER_AND, 5, a, near, either, phrase, either));
	check_tree(forest_node(forest, MATCHER_OR, 4, a, near, b, a));
}

static bool
count_ticks(void *arg)
{
	uint32_t *left = arg;

	return *left == 0 || --*left == 0;
}

/* A match in which a single step goes over all documents asks for the time, and ends when it is told to. */
static void
test_ticks(void **state)
{
	struct forest *forest = &ground.forest;
	uint32_t left = 1000, docid = 77;
	const struct matcher_tick tick = { count_ticks, &left };
	struct matcher_node *node;
	struct matcher *matcher;

	(void)state;
	make_ground(11, 1500, 400, false);
	/* Words without positions are in no phrase. */
	node = forest_node(forest, MATCHER_PHRASE, 2, forest_term(forest, 0), forest_term(forest, 8));
	node->window = 2;
	assert_status(
	    STATUS_OK, matcher_new(ground.file, &ground.collection, node, NULL, &tick, true, &matcher, &error));
	assert_status(STATUS_OK, matcher_next(matcher, 0, &docid, &error));
	assert_int_equal(docid, CURSOR_END);
	assert_in_range(left, 900, 999);
	matcher_free(matcher);

	left = 1;
	docid = 77;
	assert_status(
	    STATUS_OK, matcher_new(ground.file, &ground.collection, node, NULL, &tick, true, &matcher, &error));
	assert_status(STATUS_TIMEOUT, matcher_next(matcher, 0, &docid, &error));
	assert_status(STATUS_TIMEOUT, matcher_seek(matcher, 5, 0, &docid, &error));
	assert_int_equal(docid, 77);
	matcher_free(matcher);
}

/* Whatever a damaged file holds, the match ends, and in good order or with STATUS_CORRUPT. */
static void
walk_damaged(const struct matcher_node *tree)
{
	struct matcher *matcher;
	uint32_t docid = 0, last;
	enum status status;

	status = matcher_new(ground.file, &ground.collection, tree, NULL, NULL, true, &matcher, &error);
	if (status != STATUS_OK) {
		assert_int_equal(status, STATUS_CORRUPT);
		return;
	}
	do {
		last = docid;
		status = matcher_next(matcher, docid % 3, &docid, &error);
		assert_true(status == STATUS_CORRUPT || (status == STATUS_OK && docid > last));
	} while (status == STATUS_OK && docid != CURSOR_END);
	matcher_free(matcher);
}

static void
test_damaged_files(void **state)
{
	const char *path = fixture_path(ground.fixture, "damaged");
	struct buf good;

	(void)state;
	make_ground(12, 300, 60, true);
	buf_init(&good, 1 << 24);
	assert_status(STATUS_OK, file_read(fixture_path(ground.fixture, "inverted"), &good, &error));
	for (uint32_t i = 0; i < 400; i++) {
		FILE *damaged = fopen(path, "w");
		size_t off = below((uint32_t)good.len);
		char kept = good.data[off];

		good.data[off] = (char)below(256);
		assert_int_equal(fwrite(good.data, 1, good.len, damaged), good.len);
		assert_int_equal(fclose(damaged), 0);
		good.data[off] = kept;
		invfile_close(ground.file);
		ground.file = NULL;
		if (invfile_open(path, &ground.file, &error) != STATUS_OK)
			continue;
		for (uint32_t j = 0; j < 10; j++)
			walk_damaged(forest_tree(&ground.forest, 3));
	}
	buf_done(&good);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_few_documents, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_blocks, setup, teardown),
		cmocka_unit_test_setup_teardown(test_shared_positions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_skipped_documents, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_collections, setup, teardown),
		cmocka_unit_test_setup_teardown(test_places, setup, teardown),
		cmocka_unit_test_setup_teardown(test_same_as_xapian, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused_trees, setup, teardown),
		cmocka_unit_test_setup_teardown(test_depth, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unknown_words, setup, teardown),
		cmocka_unit_test_setup_teardown(test_words_asked_for_twice, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ticks, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged_files, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
