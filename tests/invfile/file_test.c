/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The writer and the dictionary: terms of all kinds are found and no others, what comes in a wrong order is refused, and a disk that is full
 * leaves no file that is one.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "invfile/cursor.h"
#include "tests/base/cmocka_first.h"
#include "tests/invfile/fixture.h"
#include "tests/invfile/model.h"

static const struct bm25 usual = { .k1 = 1, .b = 0.5, .min_normlen = 0.5 };

static struct error error;

static void
must(enum status status)
{
	fixture_must(status, &error);
}

static struct invfile_writer *
new_writer(void)
{
	struct invfile_writer *writer;

	must(invfile_writer_new(fixture_path(), &usual, &writer, &error));
	return writer;
}

/* ---- Terms ----------------------------------------------------------------------------------- */

/* n terms of 1 to 255 bytes, any of which may be NUL, sorted and distinct. */
struct terms {
	struct str v[3000];
	char bytes[3000][255];
	size_t n;
};

static int
compare_terms(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static void
draw_terms(struct model *model, struct terms *terms, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		size_t len = model_draw(model, 20) == 0 ? 255 - model_draw(model, 3) : 1 + model_draw(model, 12);

		/* Of few letters, so that many begin alike. */
		for (size_t j = 0; j < len; j++)
			terms->bytes[i][j] = "aabbc\0\xFF"[model_draw(model, 7)];
		terms->v[i] = (struct str) { terms->bytes[i], len };
	}
	qsort(terms->v, n, sizeof(*terms->v), compare_terms);
	for (size_t i = 0; i < n; i++) {
		if (kept == 0 || str_cmp(terms->v[kept - 1], terms->v[i]) < 0)
			terms->v[kept++] = terms->v[i];
	}
	terms->n = kept;
}

/* Term i is in document i % 7 + 1 alone. */
static void
write_terms(const struct terms *terms)
{
	struct invfile_writer *writer = new_writer();

	for (uint32_t docid = 1; docid <= 7; docid++)
		must(invfile_writer_length(writer, docid, 10, &error));
	for (size_t i = 0; i < terms->n; i++) {
		must(invfile_writer_begin(writer, terms->v[i], 1, 1, &error));
		must(invfile_writer_add(writer, (uint32_t)(i % 7 + 1), 1, NULL, 0, &error));
	}
	must(invfile_writer_finish(writer, &error));
	invfile_writer_free(writer);
}

static bool
has(const struct invfile *file, struct str term, uint32_t *ret_docid)
{
	struct invfile_term found;
	struct cursor cursor;
	enum status status = invfile_find(file, term, &found, &error);

	if (status == STATUS_NOT_FOUND)
		return false;
	must(status);
	cursor_open(&cursor, file, &found);
	*ret_docid = cursor_next(&cursor);
	return true;
}

/* ---- Terms with one list --------------------------------------------------------------------- */

enum { TWINS = 600, TWIN_DOCUMENTS = 500 };

/* Postings of term i: a document in i % 9 + 1, at positions that tell it from other terms. */
static void
write_twin(struct invfile_writer *writer, char first, uint32_t i)
{
	char term[16];
	uint32_t step = i % 9 + 1, n = TWIN_DOCUMENTS / step;

	(void)snprintf(term, sizeof(term), "%c%05u", first, i);
	must(invfile_writer_begin(writer, str_of(term), n, 2 * (uint64_t)n, &error));
	for (uint32_t docid = 1; docid <= n; docid++) {
		uint32_t positions[] = { i + 1, i + 2 + docid };

		must(invfile_writer_add(writer, docid * step, 2, positions, 2, &error));
	}
}

static void
check_twin(const struct invfile *file, char first, uint32_t i, const unsigned char **ret_list)
{
	struct cursor_positions positions = { 0 };
	struct invfile_term found;
	struct cursor cursor;
	char term[16];
	uint32_t step = i % 9 + 1, n = TWIN_DOCUMENTS / step;

	(void)snprintf(term, sizeof(term), "%c%05u", first, i);
	must(invfile_find(file, str_of(term), &found, &error));
	assert_int_equal(found.documents, n);
	assert_int_equal(found.occurrences, 2 * n);
	cursor_open(&cursor, file, &found);
	for (uint32_t docid = 1; docid <= n; docid++) {
		assert_int_equal(cursor_next(&cursor), docid * step);
		must(cursor_read_positions(&cursor, &positions, &error));
		assert_int_equal(positions.n, 2);
		assert_int_equal(positions.v[0], i + 1);
		assert_int_equal(positions.v[1], i + 2 + docid);
	}
	assert_int_equal(cursor_next(&cursor), CURSOR_END);
	cursor_positions_done(&positions);
	*ret_list = found.list;
}

/* Two terms with the same postings have one list, in memory yet or written long ago; but few that stood across its border. */
static void
test_one_list_for_two_terms(void **state)
{
	struct invfile_writer *writer = new_writer();
	struct invfile *file;
	unsigned shared = 0;

	(void)state;
	for (uint32_t docid = 1; docid <= TWIN_DOCUMENTS; docid++)
		must(invfile_writer_length(writer, docid, 100, &error));
	for (int first = 'a'; first <= 'c'; first++)
		for (uint32_t i = 0; i < TWINS; i++)
			write_twin(writer, (char)first, i);
	must(invfile_writer_finish(writer, &error));
	invfile_writer_free(writer);
	file = fixture_open();
	must(invfile_verify(file, &error));
	for (uint32_t i = 0; i < TWINS; i++) {
		const unsigned char *lists[3];

		for (int j = 0; j < 3; j++)
			check_twin(file, (char)('a' + j), i, &lists[j]);
		shared += lists[0] == lists[1];
		shared += lists[0] == lists[2];
	}
	assert_in_range(shared, 2 * TWINS * 9 / 10, 2 * TWINS);
	invfile_close(file);
}

static bool
is_a_term(const struct terms *terms, struct str term)
{
	return bsearch(&term, terms->v, terms->n, sizeof(*terms->v), compare_terms) != NULL;
}

static void
assert_terms(struct model *model, const struct invfile *file, const struct terms *terms)
{
	uint32_t docid = 0;

	for (size_t i = 0; i < terms->n; i++) {
		char neighbour[256];
		struct str near = { neighbour, terms->v[i].len };

		assert_true(has(file, terms->v[i], &docid));
		assert_int_equal(docid, i % 7 + 1);
		/* One byte less, one more, another one. */
		memcpy(neighbour, terms->v[i].p, near.len);
		neighbour[near.len] = "\0a\xFF"[model_draw(model, 3)];
		assert_int_equal(has(file, (struct str) { neighbour, near.len + 1 }, &docid),
		    is_a_term(terms, (struct str) { neighbour, near.len + 1 }));
		assert_int_equal(has(file, (struct str) { neighbour, near.len - 1 }, &docid),
		    is_a_term(terms, (struct str) { neighbour, near.len - 1 }));
		neighbour[model_draw(model, (uint32_t)near.len)]++;
		assert_int_equal(has(file, near, &docid), is_a_term(terms, near));
	}
}

/* What a walk must give: from `next` on, all terms of `terms` that begin so. */
struct walk {
	const struct terms *terms;
	size_t next;
	size_t given;
	size_t most;
};

static enum status
walk_cb(void *arg, struct str term, const struct invfile_term *found, struct error *reterr)
{
	struct walk *walk = arg;

	(void)reterr;
	assert_true(str_eq(term, walk->terms->v[walk->next++]));
	assert_int_equal(found->documents, 1);
	return ++walk->given < walk->most ? STATUS_OK : STATUS_LIMIT;
}

static void
assert_prefix(const struct invfile *file, const struct terms *terms, struct str prefix)
{
	struct walk walk = { .terms = terms, .most = SIZE_MAX };
	size_t expected = 0;

	for (size_t i = terms->n; i-- > 0;) {
		if (!str_has_prefix(terms->v[i], prefix))
			continue;
		walk.next = i;
		expected++;
	}
	must(invfile_terms(file, prefix, walk_cb, &walk, &error));
	assert_int_equal(walk.given, expected);
}

/* From a sought term on, one that is there or not, before the prefix, in it or behind it, the iterator gives what it must. */
static void
assert_seek(const struct invfile *file, const struct terms *terms, struct str prefix, struct str sought)
{
	struct invfile_terms iterator;
	struct invfile_term found;
	struct str term;

	must(invfile_terms_begin(&iterator, file, prefix, &error));
	/* A step before it makes no difference. */
	if (sought.len % 2 == 0 && invfile_terms_next(&iterator, &term, &found, &error) == STATUS_OK)
		assert_true(str_has_prefix(term, prefix));
	must(invfile_terms_seek(&iterator, sought, &error));
	for (size_t i = 0; i < terms->n; i++) {
		if (!str_has_prefix(terms->v[i], prefix) || str_cmp(terms->v[i], sought) < 0)
			continue;
		must(invfile_terms_next(&iterator, &term, &found, &error));
		assert_true(str_eq(term, terms->v[i]));
		assert_int_equal(found.documents, 1);
	}
	assert_int_equal(invfile_terms_next(&iterator, &term, &found, &error), STATUS_END);
	assert_int_equal(invfile_terms_next(&iterator, &term, &found, &error), STATUS_END);
}

static void
assert_seeks(struct model *model, const struct invfile *file, const struct terms *terms)
{
	for (int i = 0; terms->n > 0 && i < 20; i++) {
		struct str near = terms->v[model_draw(model, (uint32_t)terms->n)];
		struct str sought = terms->v[model_draw(model, (uint32_t)terms->n)];
		char other[256];

		memcpy(other, sought.p, sought.len);
		other[sought.len] = 'b';
		sought = (struct str) { other, sought.len + model_draw(model, 2) };
		near.len = near.len < 3 ? near.len : model_draw(model, 3);
		assert_seek(file, terms, near, sought);
		assert_seek(file, terms, near, STR(""));
	}
}

static void
test_terms_are_found_and_no_others(void **state)
{
	static struct terms terms;
	struct model model = { .seed = 21 };
	struct walk three = { .terms = &terms, .most = 3 };

	(void)state;
	for (size_t n = 0; n <= 3000; n = n * 3 / 2 + 1) {
		struct invfile *file;
		uint32_t docid;

		draw_terms(&model, &terms, n);
		write_terms(&terms);
		file = fixture_open();
		assert_terms(&model, file, &terms);
		assert_false(has(file, STR(""), &docid));
		assert_prefix(file, &terms, STR(""));
		for (size_t i = 0; i < terms.n; i += 7)
			assert_prefix(file, &terms, (struct str) { terms.v[i].p, model_draw(&model, 4) });
		assert_seeks(&model, file, &terms);
		must(invfile_verify(file, &error));
		three.next = three.given = 0;
		assert_int_equal(
		    invfile_terms(file, STR(""), walk_cb, &three, &error), terms.n < 3 ? STATUS_OK : STATUS_LIMIT);
		assert_int_equal(three.given, terms.n < 3 ? terms.n : 3);
		invfile_close(file);
		assert_int_equal(unlink(fixture_path()), 0);
	}
}

/* ---- Documents ------------------------------------------------------------------------------- */

static void
test_a_file_of_nothing(void **state)
{
	struct invfile_writer *writer = new_writer();
	struct invfile *file;
	uint32_t docid;

	(void)state;
	must(invfile_writer_finish(writer, &error));
	invfile_writer_free(writer);
	file = fixture_open();
	must(invfile_verify(file, &error));
	assert_int_equal(invfile_documents(file), 0);
	assert_int_equal(invfile_last_docid(file), 0);
	assert_false(has(file, STR("Zmot"), &docid));
	assert_true(invfile_bound_factor(file, 10) >= 1);
	invfile_close(file);
}

static void
test_ids_may_leave_much_room(void **state)
{
	static const uint32_t docids[] = { 1, 2, 70000, 70001, 20000000, 1u << 31 };
	enum { N = sizeof(docids) / sizeof(*docids) };
	struct invfile_writer *writer = new_writer();
	struct invfile *file;
	struct invfile_term term;
	struct cursor cursor;
	struct stat info;

	(void)state;
	for (uint32_t i = 0; i < N; i++)
		must(invfile_writer_length(writer, docids[i], 100 + i, &error));
	must(invfile_writer_begin(writer, STR("Zmot"), N, N, &error));
	for (uint32_t i = 0; i < N; i++)
		must(invfile_writer_add(writer, docids[i], 1, &i, 1, &error));
	must(invfile_writer_finish(writer, &error));
	invfile_writer_free(writer);
	/* Eight gigabytes of lengths that take nothing on the disk. */
	assert_int_equal(stat(fixture_path(), &info), 0);
	assert_true(info.st_size > (off_t)8 << 30);
	assert_true(info.st_blocks * 512 < 16 << 20);
	file = fixture_open();
	must(invfile_find(file, STR("Zmot"), &term, &error));
	cursor_open(&cursor, file, &term);
	for (uint32_t i = 0; i < N; i++) {
		assert_int_equal(cursor_next(&cursor), docids[i]);
		assert_int_equal(invfile_lengths(file)[docids[i]], 100 + i);
		assert_int_equal(invfile_lengths(file)[docids[i] - 1],
		    docids[i] - 1 == (i > 0 ? docids[i - 1] : 0) && i > 0 ? 99 + i : 0);
	}
	assert_int_equal(cursor_next(&cursor), CURSOR_END);
	invfile_close(file);
}

/* ---- Misuse ---------------------------------------------------------------------------------- */

/* A step of a writer; 0 where a number says nothing. */
struct step {
	enum { LENGTH, BEGIN, ADD, FINISH, NO_STEP } kind;
	uint32_t docid; /* or documents */
	uint32_t number; /* length, occurrences, wdf */
	const char *term;
};

static const struct step misuses[][8] = {
	{ { LENGTH, 0, 1, NULL } },
	{ { LENGTH, UINT32_MAX, 1, NULL } },
	{ { LENGTH, 2, 1, NULL }, { LENGTH, 2, 1, NULL } },
	{ { LENGTH, 2, 1, NULL }, { BEGIN, 1, 1, "a" }, { LENGTH, 3, 1, NULL } },
	{ { LENGTH, 2, 1, NULL }, { BEGIN, 1, 1, "" } },
	{ { LENGTH, 2, 1, NULL }, { BEGIN, 0, 1, "a" } },
	{ { LENGTH, 2, 1, NULL }, { ADD, 2, 1, NULL } },
	{ { LENGTH, 2, 1, NULL }, { BEGIN, 1, 1, "a" }, { ADD, 3, 1, NULL } },
	{ { LENGTH, 2, 1, NULL }, { BEGIN, 1, 1, "a" }, { ADD, 0, 1, NULL } },
	{ { LENGTH, 2, 1, NULL }, { BEGIN, 1, 1, "a" }, { ADD, 2, 2, NULL } },
	{ { LENGTH, 2, 1, NULL }, { BEGIN, 2, 1, "a" }, { ADD, 2, 1, NULL }, { ADD, 2, 0, NULL } },
	{ { LENGTH, 2, 1, NULL }, { BEGIN, 2, 1, "a" }, { ADD, 2, 1, NULL }, { BEGIN, 1, 1, "b" } },
	{ { LENGTH, 2, 1, NULL }, { BEGIN, 1, 3, "a" }, { ADD, 2, 1, NULL }, { BEGIN, 1, 1, "b" } },
	{ { LENGTH, 2, 1, NULL }, { BEGIN, 1, 3, "a" }, { ADD, 2, 1, NULL }, { FINISH, 0, 0, NULL } },
	{ { LENGTH, 2, 1, NULL }, { BEGIN, 1, 1, "b" }, { ADD, 2, 1, NULL }, { BEGIN, 1, 1, "b" } },
	{ { LENGTH, 2, 1, NULL }, { BEGIN, 1, 1, "b" }, { ADD, 2, 1, NULL }, { BEGIN, 1, 1, "aa" } },
};

static enum status
take(struct invfile_writer *writer, const struct step *step)
{
	switch (step->kind) {
	case LENGTH: return invfile_writer_length(writer, step->docid, step->number, &error);
	case BEGIN: return invfile_writer_begin(writer, str_of(step->term), step->docid, step->number, &error);
	case ADD: return invfile_writer_add(writer, step->docid, step->number, NULL, 0, &error);
	default: return invfile_writer_finish(writer, &error);
	}
}

static void
test_a_wrong_order_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(misuses) / sizeof(*misuses); i++) {
		struct invfile_writer *writer = new_writer();
		struct invfile *file;
		size_t last = 7;

		while (misuses[i][last].kind == LENGTH && misuses[i][last].number == 0)
			last--;
		for (size_t j = 0; j < last; j++)
			must(take(writer, &misuses[i][j]));
		print_message("misuse %zu\n", i);
		assert_int_equal(take(writer, &misuses[i][last]), STATUS_INTERNAL);
		invfile_writer_free(writer);
		/* What was not finished is no file. */
		assert_int_equal(invfile_open(fixture_path(), &file, &error), STATUS_CORRUPT);
		assert_int_equal(unlink(fixture_path()), 0);
	}
}

static void
test_a_file_that_is_there_is_left_alone(void **state)
{
	struct invfile_writer *writer;
	FILE *other = fopen(fixture_path(), "w");
	struct stat info;

	(void)state;
	assert_non_null(other);
	assert_int_equal(fclose(other), 0);
	assert_int_equal(invfile_writer_new(fixture_path(), &usual, &writer, &error), STATUS_IO);
	assert_non_null(strstr(error.message, fixture_path()));
	assert_int_equal(stat(fixture_path(), &info), 0);
	assert_int_equal(info.st_size, 0);
}

/* ---- A full disk ----------------------------------------------------------------------------- */

static enum status
write_much(void)
{
	struct invfile_writer *writer;
	enum status status = invfile_writer_new(fixture_path(), &usual, &writer, &error);
	uint32_t docid;

	if (status != STATUS_OK)
		return status;
	for (docid = 1; status == STATUS_OK && docid <= 200000; docid++)
		status = invfile_writer_length(writer, docid, docid % 1000, &error);
	for (unsigned term = 0; status == STATUS_OK && term < 10; term++) {
		char name[2] = { 'Z', (char)('a' + term) };

		status = invfile_writer_begin(writer, (struct str) { name, 2 }, 200000, 200000, &error);
		for (docid = 1; status == STATUS_OK && docid <= 200000; docid++)
			status = invfile_writer_add(writer, docid, 1, &docid, 1, &error);
	}
	if (status == STATUS_OK)
		status = invfile_writer_finish(writer, &error);
	invfile_writer_free(writer);
	return status;
}

static void
test_a_full_disk_leaves_no_file(void **state)
{
	static const rlim_t most[] = { 0, 100, 300000, 800000, 1000000, 2000000, 4000000 };
	struct rlimit before;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	for (size_t i = 0; i < sizeof(most) / sizeof(*most); i++) {
		struct rlimit limit = { most[i], before.rlim_max };
		struct invfile *file;
		enum status status;

		assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
		status = write_much();
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
		assert_int_equal(status, STATUS_IO);
		assert_int_equal(invfile_open(fixture_path(), &file, &error), STATUS_CORRUPT);
		assert_int_equal(unlink(fixture_path()), 0);
	}
	must(write_much());
	assert_true(signal(SIGXFSZ, SIG_DFL) != SIG_ERR);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_one_list_for_two_terms, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_terms_are_found_and_no_others, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_a_file_of_nothing, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_ids_may_leave_much_room, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_a_wrong_order_is_refused, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
		    test_a_file_that_is_there_is_left_alone, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_a_full_disk_leaves_no_file, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
