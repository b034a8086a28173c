/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is told of the postings while they are written is told all of them, in order; and what positions are packed as in runs is
 * what they are read back from.
 */
#include "tests/store/fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "glass/poslist.h"
#include "tests/glass/model.h"

enum { MEMORY = 1500 * 1000, TOLD_BYTES = 64 << 20 };

static struct error error;

/* ---- Positions ------------------------------------------------------------------------------- */

static void
assert_round_trip(const uint32_t *pos, size_t n)
{
	unsigned char *bytes = malloc(POSLIST_PACKED_BYTES(n));
	struct poslist list = { NULL, 0, 0 };
	size_t len;

	assert_non_null(bytes);
	len = poslist_pack(pos, n, bytes);
	assert_int_equal(poslist_unpack((struct str) { (const char *)bytes, len }, &list, &error), STATUS_OK);
	assert_int_equal(list.n, n);
	assert_memory_equal(list.v, pos, n * sizeof(*pos));
	/* Cut short anywhere it is refused, or something else that ascends. */
	for (size_t cut = len > 40 ? len - 40 : 0; cut < len; cut++) {
		enum status status = poslist_unpack((struct str) { (const char *)bytes, cut }, &list, &error);

		assert_true(status == STATUS_OK || status == STATUS_CORRUPT);
		for (size_t i = 1; status == STATUS_OK && i < list.n; i++)
			assert_true(list.v[i - 1] < list.v[i]);
	}
	free(list.v);
	free(bytes);
}

static void
test_positions_at_the_edges(void **state)
{
	static const struct {
		size_t n;
		uint32_t pos[5];
	} cases[] = { { 1, { 0 } }, { 1, { 1 } }, { 1, { UINT32_MAX } }, { 2, { 0, 2 } }, { 2, { 1, 2 } },
		{ 2, { 0, UINT32_MAX } }, { 2, { UINT32_MAX - 1, UINT32_MAX } }, { 3, { 0, 1, 2 } },
		{ 3, { 0, 1, UINT32_MAX } }, { 3, { 0, UINT32_MAX - 1, UINT32_MAX } },
		{ 3, { 7, 0x80000000u, 0x80000001u } }, { 4, { 1, 2, 3, 4 } }, { 5, { 1, 2, 3, 4, 6 } },
		{ 5, { 0, 0x7FFFFFFF, 0x80000000u, 0xFFFFFFFEu, UINT32_MAX } } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_round_trip(cases[i].pos, cases[i].n);
}

static void
test_positions_at_random(void **state)
{
	static uint32_t pos[5000];
	struct model model;

	(void)state;
	model_init(&model, 5);
	for (uint32_t round = 0; round < 3000; round++) {
		uint32_t n = 1 + model_below(&model, round % 100 == 0 ? 5000 : 30);
		uint32_t gap = 1 + model_below(&model, (uint32_t)1 << model_below(&model, 19));

		for (uint32_t i = 0, at = model_below(&model, 100); i < n; i++)
			pos[i] = at += 1 + model_below(&model, gap);
		assert_round_trip(pos, n);
	}
	model_done(&model);
}

/* Whatever the bytes are, what is read ascends, or it is refused. */
static void
test_positions_of_noise(void **state)
{
	struct poslist list = { NULL, 0, 0 };
	struct model model;
	unsigned refused = 0;

	(void)state;
	model_init(&model, 6);
	for (uint32_t round = 0; round < 3000; round++) {
		struct str noise = model_noise(&model, model_below(&model, 40));
		enum status status = poslist_unpack(noise, &list, &error);

		assert_true(status == STATUS_OK || status == STATUS_CORRUPT);
		refused += status == STATUS_CORRUPT;
		for (size_t i = 1; status == STATUS_OK && i < list.n; i++)
			assert_true(list.v[i - 1] < list.v[i]);
	}
	assert_true(refused > 300);
	free(list.v);
	model_done(&model);
}

/* ---- What is told ---------------------------------------------------------------------------- */

/* Writes down what it is told; the process that it is told in is not the test's. */
struct scribe {
	const char *path;
	FILE *file;
	unsigned calls;
	unsigned fail_at; /* 0: never */
};

static enum status
count_call(struct scribe *scribe, struct error *reterr)
{
	if (++scribe->calls == scribe->fail_at)
		return error_set(reterr, STATUS_IO, ERROR_NO_OFFSET, "%s", "the scribe is tired");
	return STATUS_OK;
}

static void
print_term(FILE *file, struct str term)
{
	for (size_t i = 0; i < term.len; i++)
		(void)fprintf(file, "%02x", (unsigned char)term.p[i]);
}

static void
print_positions(FILE *file, uint32_t docid, uint32_t wdf, const uint32_t *positions, size_t n)
{
	(void)fprintf(file, " %u/%u", docid, wdf);
	for (size_t i = 0; i < n; i++)
		(void)fprintf(file, ",%u", positions[i]);
}

/* Terms with an odd last byte are of no interest. */
static bool
is_wanted(struct str term)
{
	return term.p[term.len - 1] % 2 == 0;
}

static enum status
start(void *arg, struct error *reterr)
{
	struct scribe *scribe = arg;

	scribe->file = fopen(scribe->path, "w");
	if (scribe->file == NULL)
		return error_errno(reterr, STATUS_IO, errno, "cannot make %s", scribe->path);
	return count_call(scribe, reterr);
}

static enum status
note_length(void *arg, uint32_t docid, uint32_t length, struct error *reterr)
{
	struct scribe *scribe = arg;

	(void)fprintf(scribe->file, "%u: %u\n", docid, length);
	return count_call(scribe, reterr);
}

static enum tee_wish
wish_of(void *arg, struct str term)
{
	(void)arg;
	if (!is_wanted(term))
		return TEE_NOTHING;
	return term.p[term.len - 1] % 4 == 0 ? TEE_LIST : TEE_POSITIONS_ALONE;
}

static enum status
begin_term(void *arg, struct str term, uint32_t documents, uint64_t occurrences, struct error *reterr)
{
	struct scribe *scribe = arg;

	print_term(scribe->file, term);
	(void)fprintf(scribe->file, " %u %llu\n", documents, (unsigned long long)occurrences);
	return count_call(scribe, reterr);
}

static enum status
add_posting(void *arg, uint32_t docid, uint32_t wdf, const uint32_t *positions, size_t n, struct error *reterr)
{
	struct scribe *scribe = arg;

	print_positions(scribe->file, docid, wdf, positions, n);
	(void)fputc('\n', scribe->file);
	return count_call(scribe, reterr);
}

static enum status
finish_file(void *arg, struct error *reterr)
{
	struct scribe *scribe = arg;

	(void)fputs("end\n", scribe->file);
	if (fclose(scribe->file) != 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot write");
	return count_call(scribe, reterr);
}

static struct tee
tee_of(struct scribe *scribe)
{
	return (struct tee) { scribe, start, note_length, wish_of, begin_term, add_posting, finish_file };
}

struct occurrence {
	const struct glass_term *term;
	uint32_t docid;
};

static int
compare_occurrences(const void *a, const void *b)
{
	const struct occurrence *one = a, *other = b;
	int order = str_cmp(one->term->term, other->term->term);

	return order != 0 ? order : (one->docid > other->docid) - (one->docid < other->docid);
}

static size_t
invert(const struct model *model, struct occurrence **ret_all)
{
	struct occurrence *all;
	size_t n = 0;

	for (size_t d = 0; d < model->n; d++)
		n += model->documents[d].n_terms;
	all = calloc(n + 1, sizeof(*all));
	assert_non_null(all);
	n = 0;
	for (size_t d = 0; d < model->n; d++)
		for (size_t t = 0; t < model->documents[d].n_terms; t++)
			all[n++] = (struct occurrence) { &model->documents[d].terms[t], model->documents[d].docid };
	qsort(all, n, sizeof(*all), compare_occurrences);
	*ret_all = all;
	return n;
}

static void
print_list(FILE *file, const struct occurrence *v, size_t n)
{
	unsigned long long occurrences = 0;

	if (!is_wanted(v->term->term))
		return;
	for (size_t i = 0; i < n; i++)
		occurrences += v[i].term->wdf;
	print_term(file, v->term->term);
	(void)fprintf(file, " %zu %llu\n", n, occurrences);
	for (size_t i = 0; i < n; i++) {
		print_positions(file, v[i].docid, v[i].term->wdf, v[i].term->positions, v[i].term->n_positions);
		(void)fputc('\n', file);
	}
}

/* What should be told, by the model alone. */
static void
write_expected(const struct model *model, const char *path)
{
	FILE *file = fopen(path, "w");
	struct occurrence *all;
	size_t n = invert(model, &all);

	assert_non_null(file);
	for (size_t d = 0; d < model->n; d++) {
		uint32_t length = 0;

		for (size_t t = 0; t < model->documents[d].n_terms; t++)
			length += model->documents[d].terms[t].wdf;
		(void)fprintf(file, "%u: %u\n", model->documents[d].docid, length);
	}
	for (size_t from = 0, to; from < n; from = to) {
		for (to = from; to < n && str_eq(all[to].term->term, all[from].term->term); to++)
			continue;
		print_list(file, all + from, to - from);
	}
	(void)fputs("end\n", file);
	assert_int_equal(fclose(file), 0);
	free(all);
}

static void
assert_same_text(const char *one, const char *other)
{
	struct buf texts[2];

	for (int i = 0; i < 2; i++) {
		buf_init(&texts[i], TOLD_BYTES);
		assert_int_equal(file_read(i == 0 ? one : other, &texts[i], &error), STATUS_OK);
	}
	assert_true(texts[0].len > 100);
	assert_true(str_eq(buf_str(&texts[0]), buf_str(&texts[1])));
	buf_done(&texts[0]);
	buf_done(&texts[1]);
}

static void
test_all_is_told(void **state)
{
	static const struct {
		uint32_t documents, words;
		unsigned collectors;
	} cases[] = { { 3, 8, 1 }, { 300, 200, 1 }, { 1500, 120, 3 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char told[PATH_MAX], expected[PATH_MAX];
		struct scribe scribe = { told, NULL, 0, 0 };
		const struct tee tee = tee_of(&scribe);
		struct model model;

		assert_int_equal(fixture_setup_folder(state), 0);
		(void)snprintf(told, sizeof(told), "%s", fixture_path(*state, "told"));
		(void)snprintf(expected, sizeof(expected), "%s", fixture_path(*state, "expected"));
		assert_int_equal(mkdir(fixture_path(*state, "glass"), 0777), 0);
		model_init(&model, 40 + i);
		model_set_metadata(&model, "a", STR("b"));
		for (uint32_t d = 0; d < cases[i].documents; d++)
			model_add_random(&model, 1 + model_below(&model, cases[i].words));
		assert_int_equal(
		    model_load(&model, fixture_path(*state, "glass"), cases[i].collectors, MEMORY, &tee, &error),
		    STATUS_OK);
		write_expected(&model, expected);
		assert_same_text(told, expected);
		model_done(&model);
		assert_int_equal(fixture_teardown(state), 0);
	}
}

/* Whichever call fails, the loading does, with that error, and leaves no database. */
static void
test_a_failure_is_passed_on(void **state)
{
	struct scribe scribe = { "/dev/null", NULL, 0, 0 };
	const struct tee tee = tee_of(&scribe);
	struct model model;
	enum status status = STATUS_IO;
	unsigned failures = 0;

	model_init(&model, 8);
	for (uint32_t d = 0; d < 3; d++)
		model_add_random(&model, 6);
	while (status != STATUS_OK) {
		char name[32];

		(void)snprintf(name, sizeof(name), "glass%u", ++scribe.fail_at);
		assert_int_equal(mkdir(fixture_path(*state, name), 0777), 0);
		status = model_load(&model, fixture_path(*state, name), 1, MEMORY, &tee, &error);
		if (status == STATUS_OK)
			break;
		assert_int_equal(status, STATUS_IO);
		assert_string_equal(error.message, "the scribe is tired");
		(void)snprintf(name, sizeof(name), "glass%u/iamglass", scribe.fail_at);
		assert_int_equal(access(fixture_path(*state, name), F_OK), -1);
		failures++;
	}
	/* start, three lengths, at least a term and a posting, finish */
	assert_true(failures >= 7);
	model_done(&model);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_positions_at_the_edges),
		cmocka_unit_test(test_positions_at_random),
		cmocka_unit_test(test_positions_of_noise),
		cmocka_unit_test(test_all_is_told),
		cmocka_unit_test_setup_teardown(test_a_failure_is_passed_on, fixture_setup_folder, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
