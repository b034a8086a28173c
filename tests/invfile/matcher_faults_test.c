/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The n-th allocation of a match fails, for all n: it ends by name and gives back all memory (a sanitizer looks), and where
 * none fails its documents are as before.
 */
#include "tests/store/fixture.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "tests/invfile/forest.h"

static const struct bm25 bm25 = { .k1 = 0.9, .b = 0.75, .min_normlen = 0.5 };

static struct error error;
static unsigned long calls;
static unsigned long failing; /* 0: none */

static bool
fails(void)
{
	return ++calls == failing;
}

#define FAILING(name, parameters, arguments)                     \
	void *__real_##name parameters;                          \
	void *__wrap_##name parameters;                          \
	void *__wrap_##name parameters                           \
	{                                                        \
		return fails() ? NULL : __real_##name arguments; \
	}

FAILING(malloc, (size_t bytes), (bytes))
FAILING(calloc, (size_t n, size_t bytes), (n, bytes))
FAILING(realloc, (void *old, size_t bytes), (old, bytes))

/* The sum of all docids; the match is run to its end. */
static enum status
sum_up(const struct invfile *file, const struct matcher_node *tree, uint64_t *ret_sum)
{
	const struct bm25_collection collection = { invfile_documents(file), invfile_average_length(file) };
	struct matcher *matcher = NULL;
	uint64_t sum = 0;
	uint32_t docid = 0;
	enum status status = matcher_new(file, &collection, tree, NULL, NULL, true, &matcher, &error);

	while (status == STATUS_OK && docid != CURSOR_END) {
		sum += docid;
		status = matcher_next(matcher, 0, &docid, &error);
	}
	matcher_free(matcher);
	*ret_sum = sum;
	return status;
}

/* Returns how many allocations failed before none was left. */
static unsigned long
fail_all(const struct invfile *file, const struct matcher_node *tree)
{
	enum status status;
	uint64_t expected, sum;
	unsigned long n = 0;

	assert_int_equal(sum_up(file, tree, &expected), STATUS_OK);
	do {
		calls = 0;
		failing = ++n;
		status = sum_up(file, tree, &sum);
		failing = 0;
		assert_true(status == STATUS_NOMEM || (status == STATUS_OK && sum == expected));
		if (status != STATUS_OK) {
			assert_int_equal(error.code, STATUS_NOMEM);
			assert_string_not_equal(error.message, "");
		}
	} while (status != STATUS_OK);
	return n - 1;
}

static void
test_allocations(void **state)
{
	static struct forest forest;
	static struct model model;
	struct fixture *fixture = *state;
	struct invfile *file;
	unsigned long n = 0;

	assert_int_equal(mkdir(fixture->dir, 0777), 0);
	model_init(&model, 21);
	forest_init(&forest, &model, 60, 80, true);
	forest_write(&forest, &bm25, fixture_path(fixture, "inverted"));
	assert_int_equal(invfile_open(fixture_path(fixture, "inverted"), &file, &error), STATUS_OK);
	for (unsigned i = 0; i < 150; i++)
		n += fail_all(file, forest_tree(&forest, 3));
	assert_true(n > 3 * 150);
	invfile_close(file);
	model_done(&model);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_allocations, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
