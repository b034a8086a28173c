/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An index of several layers, made by hand: what is found in all of them together is what a single file of the documents as they are now would
 * have, by plain enumeration.
 *
 * Each document stands as it is in one layer, and otherwise, and touched, in some of those before it; the first layer has some that were
 * deleted since.
 */
#include "tests/store/fixture.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "query/plan/frequency.h"
#include "query/plan/holders.h"
#include "query/plan/layered.h"
#include "query/plan/lookup.h"
#include "query/plan/terms.h"
#include "store/counts.h"
#include "tests/invfile/forest.h"

enum { DOCUMENTS = 700, LAYERS = 5, TREES = 150, TOP = 10, WORDS_OF_BITS = 512, ARENA_BYTES = 64 << 20 };

static const struct bm25 bm25 = { .k1 = BM25_K1, .b = BM25_B, .min_normlen = BM25_MIN_NORMLEN };

static struct {
	struct fixture *fixture;
	struct model model;
	struct forest forest;
	uint32_t home[DOCUMENTS]; /* the layer of each document; LAYERS: deleted */
	struct forest_entry entries[LAYERS][DOCUMENTS];
	struct invfile *files[LAYERS];
	uint64_t touched[LAYERS][WORDS_OF_BITS];
	struct store_layer layers[LAYERS];
	uint32_t n_layers;
	struct counts *counts;
	struct bm25_collection collection;
	struct arena *arena;
	struct error error;
	uint32_t docids[DOCUMENTS]; /* what is expected */
	double scores[DOCUMENTS];
	uint32_t n;
} ground;

/* ---- The reader ------------------------------------------------------------------------------- */

const struct store_layer *__wrap_store_reader_layers(const struct store_reader *reader, uint32_t *ret_n);
const struct store_layer *__wrap_store_reader_layer_of(
    const struct store_reader *reader, uint32_t docid, uint32_t *ret_number);
struct counts *__wrap_store_reader_counts(const struct store_reader *reader);
struct xc_database *__wrap_store_reader_database(const struct store_reader *reader);

const struct store_layer *
__wrap_store_reader_layers(const struct store_reader *reader, uint32_t *ret_n)
{
	(void)reader;
	*ret_n = ground.n_layers;
	return ground.layers;
}

const struct store_layer *
__wrap_store_reader_layer_of(const struct store_reader *reader, uint32_t docid, uint32_t *ret_number)
{
	const struct forest_entry *entry = NULL;

	(void)reader;
	for (size_t i = 0; i < ground.model.n; i++) {
		uint32_t layer = ground.home[i];

		if (ground.model.documents[i].docid != docid || layer == LAYERS)
			continue;
		for (entry = ground.entries[layer]; entry->document != &ground.model.documents[i]; entry++)
			continue;
		*ret_number = entry->number;
		return &ground.layers[layer];
	}
	return NULL;
}

struct counts *
__wrap_store_reader_counts(const struct store_reader *reader)
{
	(void)reader;
	return ground.counts;
}

struct xc_database *
__wrap_store_reader_database(const struct store_reader *reader)
{
	(void)reader;
	return NULL;
}

/* ---- The layers ------------------------------------------------------------------------------- */

static uint32_t
below(uint32_t n)
{
	return model_below(&ground.model, n);
}

/* One in two is of the first layer, which has one in nine deleted. */
static void
choose_homes(void)
{
	for (size_t i = 0; i < ground.model.n; i++) {
		uint32_t n = below(18);

		ground.home[i] = n < 2 ? LAYERS : n < 9 ? 0 : n % ground.n_layers;
	}
}

/* The documents of a layer: those at home there, and as another one is now, which is not how they are, some of later layers. */
static size_t
fill_layer(uint32_t layer)
{
	struct forest_entry *entries = ground.entries[layer];
	uint64_t *touched = ground.touched[layer];
	size_t n = 0;

	for (size_t i = 0; i < ground.model.n; i++) {
		const struct glass_document *document = &ground.model.documents[i];
		bool is_old = ground.home[i] > layer && below(layer == 0 ? 1 : 3) == 0;
		uint32_t number = layer == 0 ? document->docid : (uint32_t)n + 1;

		if (ground.home[i] != layer && !is_old)
			continue;
		entries[n++] = (struct forest_entry) { .number = number,
			.docid = layer == 0 ? 0 : document->docid,
			.document = is_old ? &ground.model.documents[below((uint32_t)ground.model.n)] : document };
		if (is_old)
			touched[number / 64] |= UINT64_C(1) << number % 64;
	}
	return n;
}

static void
open_layer(uint32_t layer)
{
	const char *path = fixture_path(ground.fixture, "layer");
	struct store_touched touched = { .words = ground.touched[layer], .n_words = WORDS_OF_BITS };

	forest_write_entries(&ground.forest, &bm25, ground.entries[layer], fill_layer(layer), path);
	check_ok(ground.fixture, invfile_open(path, &ground.files[layer], &ground.fixture->error));
	assert_int_equal(unlink(path), 0);
	for (uint32_t i = 0; i < WORDS_OF_BITS; i++)
		touched.n_set += (uint32_t)__builtin_popcountll(touched.words[i]);
	touched.first = invfile_last_docid(ground.files[layer]) + 1;
	assert_true(touched.first <= 64 * WORDS_OF_BITS);
	ground.layers[layer] = (struct store_layer) { ground.files[layer], touched };
}

/* Documents that were deleted are not in the index. */
static void
forget_deleted(void)
{
	uint64_t length = 0;
	struct model *model = &ground.model;

	for (uint32_t word = 0; word < FOREST_WORDS; word++)
		ground.forest.documents_with[word] = 0;
	for (size_t i = 0; i < model->n; i++) {
		if (ground.home[i] == LAYERS)
			continue;
		ground.collection.documents++;
		length += forest_length(&model->documents[i]);
		for (uint32_t word = 0; word < FOREST_WORDS; word++)
			ground.forest.documents_with[word] +=
			    forest_find(&model->documents[i], str_of(ground.forest.names[word])) != NULL;
	}
	ground.collection.average_length = (double)length / ground.collection.documents;
}

static void
make_ground(uint64_t seed, uint32_t n_layers)
{
	ground.n_layers = n_layers;
	model_init(&ground.model, seed);
	forest_init(&ground.forest, &ground.model, DOCUMENTS, 40, true);
	choose_homes();
	for (uint32_t i = 0; i < n_layers; i++)
		open_layer(i);
	forget_deleted();
	assert_int_equal(counts_new(&ground.counts), STATUS_OK);
	assert_int_equal(arena_new(ARENA_BYTES, &ground.arena), STATUS_OK);
}

static int
setup(void **state)
{
	int failed = fixture_setup_folder(state);

	memset(&ground, 0, sizeof(ground));
	ground.fixture = *state;
	return failed;
}

static int
teardown(void **state)
{
	for (uint32_t i = 0; i < ground.n_layers; i++)
		invfile_close(ground.files[i]);
	counts_free(ground.counts);
	arena_free(ground.arena);
	model_done(&ground.model);
	return fixture_teardown(state);
}

/* ---- Trees ------------------------------------------------------------------------------------ */

/* Gives the terms the frequencies of the whole index, as nodes.h does; those that no document has any more are in no file. */
static void
set_frequencies(void)
{
	for (uint32_t i = 0; i < ground.forest.n_nodes; i++) {
		struct matcher_node *node = &ground.forest.nodes[i];

		if (node->op != MATCHER_TERM)
			continue;
		node->documents = forest_documents_with(&ground.forest, node->term);
		if (node->documents == 0)
			node->term = STR("");
	}
}

static void
enumerate(const struct matcher_node *tree)
{
	ground.n = 0;
	for (size_t i = 0; i < ground.model.n; i++) {
		const struct glass_document *document = &ground.model.documents[i];

		if (ground.home[i] == LAYERS || !forest_matches(&ground.forest, tree, document, &bm25,
						    &ground.collection, &ground.scores[ground.n]))
			continue;
		ground.docids[ground.n++] = document->docid;
	}
}

static void
check_score(const struct matcher_node *tree, uint32_t i, double score)
{
	if (!(fabs(score - ground.scores[i]) <= 1e-12 * ground.scores[i]))
		fail_msg("document %u scores %.17g, not %.17g: %s", ground.docids[i], score, ground.scores[i],
		    forest_text(tree));
}

/* Walks through all, by steps and, where it `leaps`, by leaps. */
static void
check_walk(const struct matcher_node *tree, struct layered *layered, bool leaps)
{
	uint32_t docid = 0;

	for (uint32_t i = 0; docid != CURSOR_END; i++) {
		uint32_t target = docid + 1 + (leaps && below(2) == 0 ? below(60) : 0);

		while (i < ground.n && ground.docids[i] < target)
			i++;
		if (target == docid + 1)
			check_ok(ground.fixture, layered_next(layered, 0, &docid, &ground.fixture->error));
		else
			check_ok(ground.fixture, layered_seek(layered, target, 0, &docid, &ground.fixture->error));
		if (i == ground.n ? docid != CURSOR_END : docid != ground.docids[i])
			fail_msg("number %u of %u is %u: %s", i, ground.n, docid, forest_text(tree));
		if (i == ground.n)
			break;
		check_score(tree, i, layered_weight(layered));
		assert_true(layered_weight(layered) <= layered_weight_max(layered));
	}
	check_ok(ground.fixture, layered_next(layered, 0, &docid, &ground.fixture->error));
	assert_int_equal(docid, CURSOR_END);
}

static int
compare_scores(const void *a, const void *b)
{
	double one = *(const double *)a, other = *(const double *)b;

	return (one < other) - (one > other);
}

/* With a score to beat that rises as the best are found, these are the best of all. */
static void
check_best(const struct matcher_node *tree, struct layered *layered)
{
	double best[TOP + 1], least = 0;
	uint32_t n = 0, docid;

	for (;;) {
		check_ok(ground.fixture, layered_next(layered, least, &docid, &ground.fixture->error));
		if (docid == CURSOR_END)
			break;
		best[n++] = layered_weight(layered);
		qsort(best, n, sizeof(*best), compare_scores);
		n = n > TOP ? TOP : n;
		least = n == TOP ? best[TOP - 1] : 0;
	}
	qsort(ground.scores, ground.n, sizeof(*ground.scores), compare_scores);
	assert_int_equal(n, ground.n < TOP ? ground.n : TOP);
	for (uint32_t i = 0; i < n; i++)
		check_score(tree, i, best[i]);
}

static void
check_tree(const struct matcher_node *tree)
{
	const struct layered_request request = { NULL, &ground.collection, NULL, ground.arena };
	struct layered *layered;
	struct matcher_count count;

	arena_reset(ground.arena);
	enumerate(tree);
	set_frequencies();
	check_ok(ground.fixture, layered_new(&request, tree, true, &layered, &ground.fixture->error));
	count = layered_count(layered);
	if (count.least > ground.n || ground.n > count.most || count.estimate < count.least ||
	    count.estimate > count.most || count.most > ground.collection.documents)
		fail_msg("%u documents are not in %u..%u..%u: %s", ground.n, count.least, count.estimate, count.most,
		    forest_text(tree));
	check_walk(tree, layered, false);
	check_ok(ground.fixture, layered_rewind(layered, &ground.fixture->error));
	check_walk(tree, layered, true);
	check_ok(ground.fixture, layered_rewind(layered, &ground.fixture->error));
	check_best(tree, layered);
	layered_done(layered);
}

/* ---- Terms ------------------------------------------------------------------------------------ */

static void
check_holders(struct str word, uint32_t documents)
{
	uint32_t docids[DOCUMENTS], most = 1 + below(DOCUMENTS), n = 0;
	struct holders holders = { .docids = docids, .most = most };

	check_ok(ground.fixture, holders_find(NULL, word, &holders, &ground.fixture->error));
	for (size_t i = 0; i < ground.model.n && n < holders.n; i++) {
		if (ground.home[i] < LAYERS && forest_find(&ground.model.documents[i], word) != NULL)
			assert_int_equal(docids[n++], ground.model.documents[i].docid);
	}
	assert_int_equal(holders.n, documents < most ? documents : most);
	assert_int_equal(holders.more, documents > most);
}

/* Those of the words that some document has, in order, and in how many. */
static void
check_terms(void)
{
	struct terms *terms;
	struct str term;
	uint32_t n;

	check_ok(ground.fixture, terms_new(NULL, STR("w"), STR("w"), &terms, &ground.fixture->error));
	for (uint32_t word = 0; word < FOREST_WORDS; word++) {
		struct str name = str_of(ground.forest.names[word]);
		uint32_t documents = forest_documents_with(&ground.forest, name);

		/* Once counted, and once as it was kept. */
		for (int i = 0; i < 2; i++) {
			check_ok(ground.fixture, frequency_of(NULL, name, &n, &ground.fixture->error));
			assert_int_equal(n, documents);
		}
		check_holders(name, documents);
		if (documents == 0)
			continue;
		check_ok(ground.fixture, terms_next(terms, &term, &ground.fixture->error));
		assert_true(str_eq(term, name));
		check_ok(ground.fixture, terms_documents(terms, &n, &ground.fixture->error));
		assert_int_equal(n, documents);
	}
	assert_int_equal(terms_next(terms, &term, &ground.fixture->error), STATUS_END);
	terms_free(terms);
}

/* What a list says of a document; it is asked of documents in any order. */
static void
check_lookup(struct lookups *lookups, struct lookup *lookup, struct str word)
{
	for (int i = 0; i < 30; i++) {
		uint32_t at = below((uint32_t)ground.model.n), wdf, length;
		const struct glass_document *document = &ground.model.documents[at];
		const struct glass_term *found = forest_find(document, word);
		struct positions positions;

		if (ground.home[at] == LAYERS)
			continue;
		check_ok(ground.fixture, lookup_wdf(lookup, document->docid, &wdf, &ground.fixture->error));
		assert_int_equal(wdf, found != NULL ? found->wdf : 0);
		check_ok(ground.fixture, lookup_positions(lookup, document->docid, &positions, &ground.fixture->error));
		assert_int_equal(positions.n, found != NULL ? found->n_positions : 0);
		if (positions.n > 0)
			assert_memory_equal(positions.v, found->positions, positions.n * sizeof(*positions.v));
		check_ok(ground.fixture, lookups_length(lookups, document->docid, &length, &ground.fixture->error));
		assert_int_equal(length, forest_length(document));
	}
}

static void
check_lookups(void)
{
	struct lookups *lookups;

	check_ok(ground.fixture, lookups_new(NULL, &lookups, &ground.fixture->error));
	for (uint32_t word = 0; word < FOREST_WORDS; word += 3) {
		struct str name = str_of(ground.forest.names[word]);
		struct lookup *lookup;
		uint32_t n;

		check_ok(ground.fixture, lookups_open(lookups, name, &lookup, &ground.fixture->error));
		check_ok(ground.fixture, lookup_freq(lookup, &n, &ground.fixture->error));
		assert_int_equal(n, forest_documents_with(&ground.forest, name));
		check_lookup(lookups, lookup, name);
	}
	lookups_free(lookups);
}

static void
check_ground(uint64_t seed, uint32_t n_layers)
{
	make_ground(seed, n_layers);
	check_terms();
	check_lookups();
	for (int i = 0; i < TREES; i++)
		check_tree(forest_tree(&ground.forest, 1 + below(3)));
}

static void
test_base_alone(void **state)
{
	(void)state;
	check_ground(1, 1);
}

static void
test_two_layers(void **state)
{
	(void)state;
	check_ground(2, 2);
}

static void
test_many_layers(void **state)
{
	(void)state;
	check_ground(3, LAYERS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_base_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_two_layers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_layers, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
