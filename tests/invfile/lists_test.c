/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What goes into an inverted file comes out of it: random lists of all sizes, by steps, by seeks and by asking for bounds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "invfile/cursor.h"
#include "invfile/dictionary.h"
#include "tests/base/cmocka_first.h"
#include "tests/invfile/fixture.h"
#include "tests/invfile/model.h"

static const struct bm25 usual = { .k1 = 1, .b = 0.5, .min_normlen = 0.5 };

static struct error error;

static struct invfile_term
find(const struct invfile *file, const char *term)
{
	struct invfile_term found;

	fixture_must(invfile_find(file, str_of(term), &found, &error), &error);
	return found;
}

/* The posting at which the cursor stands. */
static void
assert_posting(const struct model_posting *posting, struct cursor *cursor, struct cursor_positions *positions)
{
	assert_int_equal(cursor->docid, posting->docid);
	assert_int_equal(cursor_wdf(cursor), posting->wdf);
	assert_int_equal(cursor_read_positions(cursor, positions, &error), STATUS_OK);
	assert_int_equal(positions->n, posting->n);
	if (posting->n > 0)
		assert_memory_equal(positions->v, posting->positions, posting->n * sizeof(*posting->positions));
}

static void
assert_end(struct cursor *cursor)
{
	assert_int_equal(cursor->docid, CURSOR_END);
	assert_int_equal(cursor_next(cursor), CURSOR_END);
	assert_int_equal(cursor_seek(cursor, 1), CURSOR_END);
	assert_int_equal(cursor_seek(cursor, CURSOR_END), CURSOR_END);
	assert_false(cursor->damaged);
}

static void
assert_walk(const struct invfile *file, const struct model_list *list)
{
	struct invfile_term term = find(file, list->term);
	struct cursor_positions positions = { 0 };
	struct cursor cursor;

	assert_int_equal(term.documents, list->n);
	assert_int_equal(term.occurrences, list->occurrences);
	cursor_open(&cursor, file, &term);
	assert_int_equal(cursor.docid, 0);
	for (uint32_t i = 0; i < list->n; i++) {
		assert_int_equal(cursor_next(&cursor), list->postings[i].docid);
		assert_posting(&list->postings[i], &cursor, &positions);
	}
	assert_int_equal(cursor_next(&cursor), CURSOR_END);
	assert_end(&cursor);
	cursor_positions_done(&positions);
}

/* Seeks of all lengths, with steps between them; about one posting in three is looked at. */
static void
assert_seeks(struct model *model, const struct invfile *file, const struct model_list *list)
{
	struct invfile_term term = find(file, list->term);
	uint32_t stride = 1u << model_draw(model, bits_width(model->last_docid) + 1);
	struct cursor_positions positions = { 0 };
	struct cursor cursor;
	uint32_t i = 0;

	cursor_open(&cursor, file, &term);
	for (uint32_t docid = model_draw(model, stride); i < list->n; docid += 1 + model_draw(model, stride)) {
		bool is_step = model_draw(model, 4) == 0;

		if (is_step && cursor.docid > 0)
			i++;
		while (!is_step && i < list->n && list->postings[i].docid < docid)
			i++;
		(void)(is_step ? cursor_next(&cursor) : cursor_seek(&cursor, docid));
		if (i == list->n)
			break;
		assert_int_equal(cursor.docid, list->postings[i].docid);
		if (model_draw(model, 3) == 0)
			assert_posting(&list->postings[i], &cursor, &positions);
		docid = cursor.docid > docid ? cursor.docid : docid;
	}
	assert_int_equal(cursor_seek(&cursor, CURSOR_END), CURSOR_END);
	assert_end(&cursor);
	cursor_positions_done(&positions);
}

static double
part_of(const struct model *model, const struct model_posting *posting, double average_length)
{
	return posting->wdf == 0 ? 0
				 : bm25_part(&usual, 1 / average_length, posting->wdf, model->lengths[posting->docid]);
}

/* Bounds hold for every posting up to the docid that they are given with, also with another average length. */
static void
assert_bounds(const struct model *model, const struct invfile *file, const struct model_list *list)
{
	static const double ratios[] = { 1, 0.01, 0.7, 1.0001, 1.5, 40 };
	double average_length = (double)model->total_length / model->documents;
	struct invfile_term term = find(file, list->term);
	struct cursor cursor;
	uint32_t last = 0;
	double bound = 0;

	cursor_open(&cursor, file, &term);
	for (uint32_t i = 0; i < list->n; i++) {
		const struct model_posting *posting = &list->postings[i];

		if (posting->docid > last)
			bound = cursor_block_max(&cursor, posting->docid, &last);
		assert_in_range(last, posting->docid, model->last_docid);
		assert_true(bound <= term.part_max);
		for (size_t j = 0; j < sizeof(ratios) / sizeof(*ratios); j++) {
			double average = average_length * ratios[j];

			assert_true(bound * invfile_bound_factor(file, average) >= part_of(model, posting, average));
		}
	}
	assert_int_equal(last, list->postings[list->n - 1].docid);
	assert_true(cursor_block_max(&cursor, last + 1, &last) == 0);
	assert_int_equal(last, CURSOR_END);
	assert_int_equal(cursor.docid, 0);
}

static void
assert_file(struct model *model, const struct invfile *file)
{
	assert_int_equal(invfile_documents(file), model->documents);
	assert_int_equal(invfile_last_docid(file), model->last_docid);
	assert_int_equal(invfile_total_length(file), model->total_length);
	assert_memory_equal(invfile_lengths(file), model->lengths, (model->last_docid + 1) * sizeof(uint32_t));
	for (const struct model_list *list = model->lists; list < model->lists + model->n; list++) {
		assert_walk(file, list);
		for (unsigned i = 0; i < 20; i++)
			assert_seeks(model, file, list);
		assert_bounds(model, file, list);
	}
	fixture_must(invfile_verify(file, &error), &error);
}

static void
test_lists_of_all_sizes_and_kinds(void **state)
{
	static const uint32_t sizes[] = { 1, 2, 3, 4, 20, 32, 33, 127, 128, 129, 255, 256, 257, 1000, 5000 };

	(void)state;
	for (uint64_t seed = 1; seed <= 4; seed++) {
		struct model model;
		struct invfile *file;

		print_message("seed %u\n", (unsigned)seed);
		model_init(&model, seed, seed % 2 == 0 ? 5000 : 60000, seed > 2 ? 3 : 0);
		for (unsigned i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
			for (unsigned kind = 0; kind < MODEL_KINDS; kind++) {
				char term[32];

				(void)snprintf(term, sizeof(term), "Zterme%04u-%u", sizes[i], kind);
				(void)model_add(&model, term, (enum model_kind)kind, sizes[i]);
			}
		}
		model_write(&model, &usual, fixture_path());
		file = fixture_open();
		assert_file(&model, file);
		invfile_close(file);
		model_done(&model);
		assert_int_equal(unlink(fixture_path()), 0);
	}
}

/* Which terms stand on others' lists, and of which the list is another's. */
static void
assert_hosted(const struct model *model, const struct invfile *file)
{
	uint32_t hosted = 0, same = 0;

	for (const struct model_list *list = model->lists; list < model->lists + model->n; list++) {
		struct invfile_term term = find(file, list->term), host;

		if (list->host == NULL) {
			assert_int_equal(invfile_host(file, &term, &host), STATUS_CORRUPT);
			continue;
		}
		if (invfile_host(file, &term, &host) == STATUS_OK) {
			assert_ptr_equal(host.list, find(file, list->host).list);
			hosted++;
		} else {
			same += term.list == find(file, list->host).list;
		}
	}
	print_message("%u hosted, %u the same\n", hosted, same);
	assert_in_range(hosted, 20, model->n);
	assert_in_range(same, 10, model->n);
}

/* Lists that are parts of others, or nearly: what is kept as ranks, or not at all, comes out as it went in. */
static void
test_parts_of_other_lists(void **state)
{
	static const uint32_t sizes[] = { 1, 3, 20, 33, 128, 129, 300, 1000, 4000 };
	enum { N = sizeof(sizes) / sizeof(*sizes), FILLERS = 40 };
	struct model model;
	struct invfile *file;
	char term[32], host[32];

	(void)state;
	model_init(&model, 6, 5000, 4);
	for (unsigned i = 0; i < N * MODEL_KINDS; i++) {
		(void)snprintf(term, sizeof(term), "Z%02u", i);
		(void)model_add(&model, term, (enum model_kind)(i % MODEL_KINDS), sizes[i / MODEL_KINDS]);
	}
	/* What was just written may not be there to be read yet. */
	for (unsigned i = 0; i < FILLERS; i++) {
		(void)snprintf(term, sizeof(term), "Zz%02u", i);
		(void)model_add(&model, term, MODEL_WORDS, 30);
	}
	for (unsigned i = 0; i < N * MODEL_KINDS; i++) {
		(void)snprintf(host, sizeof(host), "Z%02u", i);
		for (int part = MODEL_ALL; part <= MODEL_STRAYS; part++) {
			(void)snprintf(term, sizeof(term), "z%02u-%d", i, part);
			(void)model_add_part(&model, term, host, (enum model_part)part);
		}
	}
	model_write(&model, &usual, fixture_path());
	file = fixture_open();
	assert_file(&model, file);
	assert_hosted(&model, file);
	invfile_close(file);
	model_done(&model);
}

/* A host is none that was not there yet, that is too short, or that has no such positions. */
static void
test_hosts_that_are_none(void **state)
{
	struct model model;
	struct invfile *file;

	(void)state;
	model_init(&model, 8, 3000, 0);
	for (unsigned i = 0; i < 60; i++) {
		char term[8];

		(void)snprintf(term, sizeof(term), "Z%02u", i);
		(void)model_add(&model, term, MODEL_WORDS, 10 * i + 10);
	}
	model_add(&model, "za", MODEL_WORDS, 500)->host = "Z03";
	model_add(&model, "zb", MODEL_WORDS, 500)->host = "Z58";
	model_add(&model, "zc", MODEL_WORDS, 500)->host = "aucun";
	model_add(&model, "zd", MODEL_WORDS, 500)->host = "za";
	model_add(&model, "ze", MODEL_WORDS, 500)->host = "Z40";
	model_write(&model, &usual, fixture_path());
	file = fixture_open();
	assert_file(&model, file);
	for (size_t i = 0; i < model.n; i++) {
		struct invfile_term term = find(file, model.lists[i].term), host;

		assert_int_equal(invfile_host(file, &term, &host), STATUS_CORRUPT);
	}
	invfile_close(file);
	model_done(&model);
}

/* Writes the list of a term in document 1. */
static void
put_list(struct invfile_writer *writer, const char *term, const char *host, const uint32_t *positions, uint32_t n,
    bool *ret_found)
{
	*ret_found = false;
	fixture_must(invfile_writer_begin(writer, str_of(term), 1, n, &error), &error);
	if (host != NULL)
		fixture_must(invfile_writer_host(writer, str_of(host), ret_found, &error), &error);
	fixture_must(invfile_writer_add(writer, 1, n, positions, n, &error), &error);
}

/* The list has one position, in document 1. */
static void
assert_list(const struct invfile *file, const char *name, bool is_hosted, uint32_t position)
{
	struct invfile_term term = find(file, name), host;
	struct cursor_positions found = { 0 };
	struct cursor cursor;

	assert_int_equal(invfile_host(file, &term, &host), is_hosted ? STATUS_OK : STATUS_CORRUPT);
	cursor_open(&cursor, file, &term);
	assert_int_equal(cursor_next(&cursor), 1);
	assert_int_equal(cursor_read_positions(&cursor, &found, &error), STATUS_OK);
	assert_int_equal(found.n, 1);
	assert_int_equal(found.v[0], position);
	cursor_positions_done(&found);
}

enum { STEM_POSITIONS = 24 };

/* Of stem i: its own, so that no two lists are the same, and so many that no list is too near the end to be read. */
static const uint32_t *
stem_positions(uint32_t i)
{
	static uint32_t positions[STEM_POSITIONS];

	for (uint32_t j = 0; j < STEM_POSITIONS; j++)
		positions[j] = i + j * (1000 + i);
	return positions;
}

/* Of form i, by turns: the first of its stem's, its last, one between two of them. */
static uint32_t
form_position(uint32_t i)
{
	static const uint32_t places[] = { 0, STEM_POSITIONS - 1, 1 };

	return stem_positions(i)[places[i % 3]] + (i % 3 == 2);
}

/* `n` stems, and then a form of each.  When the first of these comes, all groups of terms but the last can be read back. */
static void
write_groups(struct invfile_writer *writer, uint32_t n, uint32_t readable)
{
	char term[16], host[16];
	bool found;

	fixture_must(invfile_writer_length(writer, 1, 1000, &error), &error);
	for (uint32_t i = 0; i < n; i++) {
		(void)snprintf(term, sizeof(term), "Z%02u", i);
		put_list(writer, term, NULL, stem_positions(i), STEM_POSITIONS, &found);
	}
	for (uint32_t i = 0; i <= n; i++) {
		uint32_t position = form_position(i);

		(void)snprintf(term, sizeof(term), "z%02u", i);
		(void)snprintf(host, sizeof(host), "Z%02u", i);
		/* In as many documents as its host. */
		put_list(writer, term, host, &position, 1, &found);
		if (found != (i < readable))
			fail_msg("%s after %u terms", host, n);
	}
	/* No host was named for this one, though the last one that was found has its position. */
	put_list(writer, "zz", NULL, (const uint32_t[]) { form_position(readable > 0 ? readable - 1 : n) }, 1, &found);
	fixture_must(invfile_writer_finish(writer, &error), &error);
}

static void
check_groups(uint32_t n)
{
	uint32_t readable = n > 0 ? (n - 1) / DICTIONARY_GROUP * DICTIONARY_GROUP : 0;
	struct invfile_writer *writer;
	struct invfile *file;

	fixture_must(invfile_writer_new(fixture_path(), &usual, &writer, &error), &error);
	write_groups(writer, n, readable);
	invfile_writer_free(writer);
	file = fixture_open();
	for (uint32_t i = 0; i <= n; i++) {
		char term[8];

		(void)snprintf(term, sizeof(term), "z%02u", i);
		assert_list(file, term, i < readable && i % 3 < 2, form_position(i));
	}
	assert_list(file, "zz", false, form_position(readable > 0 ? readable - 1 : n));
	invfile_close(file);
	assert_int_equal(unlink(fixture_path()), 0);
}

static void
test_hosts_at_the_ends_of_groups(void **state)
{
	(void)state;
	for (uint32_t n = 0; n <= 2 * DICTIONARY_GROUP + 1; n++)
		check_groups(n);
}

struct posting {
	uint32_t docid; /* 0: none, and no more */
	uint32_t wdf;
	uint32_t n;
	uint32_t positions[3];
};

enum { POSTINGS = 3, PAIR_DOCUMENTS = 4 };

/* Lists that are nearly those of their hosts. */
static const struct {
	struct posting host[POSTINGS];
	struct posting form[POSTINGS];
} pairs[] = {
	/* The host had the position in the document before, has fewer here, and is not in the next one at all. */
	{ { { 1, 3, 3, { 1, 5, 9 } }, { 2, 1, 1, { 1 } }, { 4, 1, 1, { 1 } } },
	    { { 1, 1, 1, { 5 } }, { 2, 1, 1, { 5 } }, { 3, 1, 1, { 1 } } } },
	{ { { 1, 3, 3, { 1, 5, 9 } } }, { { 1, 3, 3, { 1, 5, 8 } } } },
	{ { { 1, 3, 3, { 1, 5, 9 } } }, { { 1, 3, 2, { 1, 9 } } } },
	{ { { 1, 3, 3, { 1, 5, 9 } } }, { { 1, 2, 3, { 1, 5, 9 } } } },
	{ { { 1, 3, 3, { 1, 5, 9 } } }, { { 2, 3, 3, { 1, 5, 9 } } } },
	{ { { 1, 1, 1, { 7 } }, { 2, 1, 1, { 7 } } }, { { 1, 1, 1, { 7 } }, { 3, 1, 1, { 7 } } } },
};

static void
put_postings(struct invfile_writer *writer, const char *term, const char *host, const struct posting *postings)
{
	uint32_t n = 0;
	uint64_t wdfs = 0;
	bool is_found = true;

	for (; n < POSTINGS && postings[n].docid > 0; n++)
		wdfs += postings[n].wdf;
	fixture_must(invfile_writer_begin(writer, str_of(term), n, wdfs, &error), &error);
	if (host != NULL)
		fixture_must(invfile_writer_host(writer, str_of(host), &is_found, &error), &error);
	assert_true(is_found);
	for (const struct posting *p = postings; p < postings + n; p++)
		fixture_must(invfile_writer_add(writer, p->docid, p->wdf, p->positions, p->n, &error), &error);
}

static void
assert_postings(const struct invfile *file, const char *name, const struct posting *postings)
{
	struct invfile_term term = find(file, name);
	struct cursor_positions found = { 0 };
	struct cursor cursor;

	cursor_open(&cursor, file, &term);
	for (const struct posting *p = postings; p < postings + POSTINGS && p->docid > 0; p++) {
		assert_int_equal(cursor_next(&cursor), p->docid);
		assert_int_equal(cursor_wdf(&cursor), p->wdf);
		assert_int_equal(cursor_read_positions(&cursor, &found, &error), STATUS_OK);
		assert_int_equal(found.n, p->n);
		assert_memory_equal(found.v, p->positions, p->n * sizeof(*p->positions));
	}
	assert_int_equal(cursor_next(&cursor), CURSOR_END);
	cursor_positions_done(&found);
}

/* Makes a file of a host "Z" and a form of it, "z", and opens it.  The terms have the same numbers in all of these. */
static struct invfile *
make_pair(const struct posting *host, const struct posting *form)
{
	struct invfile_writer *writer;
	struct invfile *file;
	bool found;

	fixture_must(invfile_writer_new(fixture_path(), &usual, &writer, &error), &error);
	for (uint32_t docid = 1; docid <= PAIR_DOCUMENTS; docid++)
		fixture_must(invfile_writer_length(writer, docid, 1000, &error), &error);
	put_postings(writer, "Z", NULL, host);
	for (uint32_t i = 0; i < DICTIONARY_GROUP; i++) {
		char filler[8];

		(void)snprintf(filler, sizeof(filler), "Z%02u", i);
		put_list(writer, filler, NULL, stem_positions(i), STEM_POSITIONS, &found);
	}
	put_postings(writer, "z", "Z", form);
	fixture_must(invfile_writer_finish(writer, &error), &error);
	invfile_writer_free(writer);
	file = fixture_open();
	assert_int_equal(unlink(fixture_path()), 0);
	return file;
}

static void
test_lists_that_are_nearly_their_hosts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		struct invfile *file = make_pair(pairs[i].host, pairs[i].form);

		assert_postings(file, "Z", pairs[i].host);
		assert_postings(file, "z", pairs[i].form);
		fixture_must(invfile_verify(file, &error), &error);
		invfile_close(file);
	}
}

/* The same memory serves for lists of several files, whose hosts have one number. */
static void
test_hosts_of_several_files(void **state)
{
	static const struct posting hosts[][POSTINGS] = { { { 1, 3, 3, { 1, 5, 9 } } }, { { 1, 3, 3, { 2, 6, 7 } } } };
	static const struct posting forms[][POSTINGS] = { { { 1, 1, 1, { 5 } } }, { { 1, 1, 1, { 6 } } } };
	struct cursor_positions found = { 0 };
	struct invfile *files[2];
	struct invfile_term host;

	(void)state;
	for (unsigned i = 0; i < 2; i++)
		files[i] = make_pair(hosts[i], forms[i]);
	for (unsigned i = 0; i < 6; i++) {
		struct invfile_term term = find(files[i % 2], "z");
		struct cursor cursor;

		assert_int_equal(invfile_host(files[i % 2], &term, &host), STATUS_OK);
		cursor_open(&cursor, files[i % 2], &term);
		assert_int_equal(cursor_next(&cursor), 1);
		assert_int_equal(cursor_read_positions(&cursor, &found, &error), STATUS_OK);
		assert_true(found.n == 1 && found.v[0] == forms[i % 2]->positions[0]);
	}
	cursor_positions_done(&found);
	for (unsigned i = 0; i < 2; i++)
		invfile_close(files[i]);
}

static void
test_a_long_list(void **state)
{
	struct model model;
	struct invfile *file;

	(void)state;
	model_init(&model, 5, 150000, 0);
	(void)model_add(&model, "Zde", MODEL_WORDS, 100000);
	(void)model_add(&model, "Zmot", MODEL_MIXED, 150000);
	model_write(&model, &usual, fixture_path());
	file = fixture_open();
	assert_file(&model, file);
	invfile_close(file);
	model_done(&model);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_lists_of_all_sizes_and_kinds, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_parts_of_other_lists, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_hosts_that_are_none, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_hosts_at_the_ends_of_groups, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
		    test_lists_that_are_nearly_their_hosts, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_hosts_of_several_files, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_a_long_list, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
