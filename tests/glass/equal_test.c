/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the loader writes is what the library would have written: random documents, and all that is at an edge.
 */
#include "tests/store/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/limits.h"
#include "tests/glass/model.h"
#include "tests/glass/same.h"

enum {
	LARGE = 16 << 20,
	WORDS = 2000 * 1000,
	SMALL_MEMORY = 1500 * 1000,
	/* spills at every megabyte */ MEMORY = 64 << 20,
	CHECKED_DOCIDS = 1 << 27
};

static struct error error;

/* ---- Comparing ------------------------------------------------------------------------------- */

/* Both databases of a model, compared: the library's is at "api", ours at "glass". */
static struct compare_counts
assert_equal(struct fixture *fixture, const struct model *model, unsigned n_collectors, size_t bytes)
{
	const char *api = fixture_path(fixture, "api");
	const char *glass = fixture_path(fixture, "glass");

	assert_int_equal(mkdir(glass, 0777), 0);
	model_write_api(model, api);
	model_write_glass(model, glass, n_collectors, bytes);
	/* The library's checker keeps a number for each docid that there could be. */
	if (model->n == 0 || model->documents[model->n - 1].docid < CHECKED_DOCIDS)
		assert_clean(glass);
	return assert_same(api, glass);
}

/* ---- Cases ----------------------------------------------------------------------------------- */

static void
test_random(void **state)
{
	static const struct {
		uint32_t documents, words;
		unsigned collectors;
		size_t memory;
	} cases[] = { { 1, 5, 1, MEMORY }, { 40, 60, 1, MEMORY }, { 300, 200, 2, SMALL_MEMORY },
		{ 2000, 120, 3, SMALL_MEMORY }, { 700, 30, 5, SMALL_MEMORY }, { 5000, 40, 2, 4 * SMALL_MEMORY } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct model model;
		struct compare_counts counts;

		assert_int_equal(fixture_setup_folder(state), 0);
		model_init(&model, i + 1);
		for (uint32_t d = 0; d < cases[i].documents; d++)
			model_add_random(&model, model_below(&model, cases[i].words));
		model_set_metadata(&model, "one", STR("1"));
		model_set_metadata(&model, "long", model_noise(&model, 100000));
		counts = assert_equal(*state, &model, cases[i].collectors, cases[i].memory);
		assert_int_equal(counts.documents, cases[i].documents);
		assert_int_equal(counts.metadata, 2);
		assert_true(counts.postings > 0 || cases[i].documents == 1);
		model_done(&model);
		assert_int_equal(fixture_teardown(state), 0);
	}
}

static void
assert_same_tables(const struct fixture *fixture, const char *one, const char *other)
{
	static const char *const tables[] = { "postlist.glass", "position.glass", "termlist.glass", "docdata.glass" };

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		struct buf files[2];
		char name[2][64];

		for (int f = 0; f < 2; f++) {
			buf_init(&files[f], 64 << 20);
			(void)snprintf(name[f], sizeof(name[f]), "%s/%s", f == 0 ? one : other, tables[i]);
			assert_int_equal(file_read(fixture_path(fixture, name[f]), &files[f], &error), STATUS_OK);
		}
		assert_true(files[0].len > 0);
		assert_true(str_eq(buf_str(&files[0]), buf_str(&files[1])));
		buf_done(&files[0]);
		buf_done(&files[1]);
	}
}

/*
 * Whatever the parallelism and the memory, the tables are the same to the byte: also where there is a run for each document, so
 * that they are too many to be merged at once.
 */
static void
test_deterministic(void **state)
{
	static const struct {
		const char *name;
		unsigned collectors;
		size_t memory;
	} cases[] = { { "one", 1, MEMORY }, { "four", 4, SMALL_MEMORY }, { "many", 3, 1 } };
	struct model model;

	model_init(&model, 99);
	for (uint32_t d = 0; d < 2 * LIMIT_BUILD_RUNS + 100; d++)
		model_add_random(&model, model_below(&model, 150));
	model_set_metadata(&model, "changed", STR("x"));
	model_set_metadata(&model, "changed", STR("y"));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(mkdir(fixture_path(*state, cases[i].name), 0777), 0);
		model_write_glass(&model, fixture_path(*state, cases[i].name), cases[i].collectors, cases[i].memory);
		assert_same_tables(*state, "one", cases[i].name);
	}
	model_done(&model);
}

static void
make_nothing(struct model *model)
{
	(void)model;
}

static void
make_metadata_alone(struct model *model)
{
	model_set_metadata(model, "a", STR("b"));
	model_set_metadata(model, "gone", STR("x"));
	model_set_metadata(model, "gone", STR(""));
	model_set_metadata(model, "changed", STR("x"));
	model_set_metadata(model, "changed", STR("y"));
}

static void
make_empty_document(struct model *model)
{
	model_add(model);
	model_add(model)->data = STR("only data");
	model_add_value(model, model_add(model), 3, STR("only a value"));
}

/* Terms of one byte and of the most, with and without NUL bytes. */
static void
make_terms(struct model *model)
{
	static const uint32_t first[] = { 0 };
	static const uint32_t far[] = { 0, 1, 0xFFFFFFFE };
	static const char *const letters = "aZ~";
	struct glass_document *document = model_add(model);
	char most[GLASS_TERM_BYTES];

	memset(most, 'm', sizeof(most));
	model_add_term(model, document, STR("\0"), 1, first, 1);
	model_add_term(model, document, STR("\0\0\0"), 2, far, 3);
	model_add_term(model, document, STR("\0\xC0looks like metadata"), 7, NULL, 0);
	model_add_term(model, document, STR("\0\xE0"), 0, first, 1);
	model_add_term(model, document, STR("a"), 1, far, 2);
	model_add_term(model, document, STR("a\0"), 126, far, 2);
	model_add_term(model, document, STR("a\0b"), 127, far, 2);
	model_add_term(model, document, STR("aa"), 4000000000u, NULL, 0);
	model_add_term(model, document, (struct str) { most, sizeof(most) - 1 }, 1, far, 3);
	model_add_term(model, document, (struct str) { most, sizeof(most) }, 1, far, 3);
	memset(most, '\xFF', sizeof(most));
	model_add_term(model, document, (struct str) { most, sizeof(most) }, 1, first, 1);
	for (size_t i = 0; i < strlen(letters); i++)
		model_add_term(model, model_add(model), (struct str) { letters + i, 1 }, 1, first, 1);
	document = model_add(model);
	memset(most, '\0', sizeof(most));
	model_add_term(model, document, (struct str) { most, sizeof(most) / 2 }, 1, first, 1);
}

static void
make_term_in_all(struct model *model)
{
	for (uint32_t i = 0; i < MODEL_DOCUMENTS; i++) {
		struct glass_document *document = model_add(model);
		uint32_t pos[2] = { i, i + 1 };

		model_add_term(model, document, STR("everywhere"), 1 + i % 3, pos, 1 + i % 2);
		model_add_value(model, document, 0, STR("same"));
	}
}

static void
make_docid_gaps(struct model *model)
{
	static const uint32_t docids[] = { 5, 6, 0x7FFF, 0x8000, 0x8001, 0x3FFFFF, 0x400000, 0x1FFFFFFF, 0x20000000,
		0xFFFFFFF0 };
	static const uint32_t pos[] = { 7 };

	for (size_t i = 0; i < sizeof(docids) / sizeof(docids[0]); i++) {
		struct glass_document *document = model_add(model);

		document->docid = docids[i];
		document->data = STR("data");
		model_add_term(model, document, STR("gap"), 1, pos, 1);
		for (uint32_t slot = 0; slot < 3; slot++)
			model_add_value(model, document, slot << 14, model_noise(model, 900));
	}
}

/* Two million words, each at its position: one term many times, and very many terms once. */
static void
make_long_document(struct model *model)
{
	uint32_t *positions = calloc(WORDS, sizeof(*positions));
	struct glass_document *document = model_add(model);
	char name[16];

	assert_non_null(positions);
	for (uint32_t i = 0; i < WORDS; i++)
		positions[i] = 2 * i + (i % 7 == 0);
	model_add_term(model, document, STR("a"), WORDS, positions, WORDS);
	for (uint32_t i = 0; i < 100000; i++) {
		(void)snprintf(name, sizeof(name), "w%06u", (unsigned)i);
		model_add_term(model, document, str_of(name), 1, &positions[i], 1);
	}
	free(positions);
}

static void
make_large_data(struct model *model)
{
	struct glass_document *document = model_add(model);

	document->data = model_noise(model, LARGE);
	model_add_value(model, document, 0, STR(""));
	model_add_value(model, document, 1, model_noise(model, LARGE));
	document = model_add(model);
	model_add_value(model, document, 0, STR("\0"));
	model_add_value(model, document, 1, STR("x"));
	document = model_add(model);
	document->data = STR("eighteen bytes....");
	document = model_add(model);
	document->data = STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
}

static const struct {
	const char *name;
	void (*make)(struct model *model);
} edges[] = { { "nothing", make_nothing }, { "metadata alone", make_metadata_alone },
	{ "documents of nothing", make_empty_document }, { "terms", make_terms }, { "a term in all", make_term_in_all },
	{ "gaps", make_docid_gaps }, { "a long document", make_long_document }, { "large data", make_large_data } };

static void
test_edges(void **state)
{
	for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++)
		for (unsigned collectors = 1; collectors <= 2; collectors++) {
			struct model model;

			print_message("%s, %u collectors\n", edges[i].name, collectors);
			assert_int_equal(fixture_setup_folder(state), 0);
			model_init(&model, i);
			edges[i].make(&model);
			(void)assert_equal(*state, &model, collectors, collectors == 1 ? MEMORY : SMALL_MEMORY);
			model_done(&model);
			assert_int_equal(fixture_teardown(state), 0);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_random), cmocka_unit_test(test_edges),
		cmocka_unit_test_setup_teardown(test_deterministic, fixture_setup_folder, fixture_teardown) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
