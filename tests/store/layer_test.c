/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Layers by themselves: documents that come in any order and again, files that are merged, against one file that is made at once of the same
 * documents.
 */
#include "store/layer-merge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "invfile/cursor.h"
#include "tests/store/fixture.h"

enum { DOCUMENTS = 70, PARTS = 6, TERMS = 90, POSITIONS = 9, LINE_BYTES = 160 };

/* ---- Documents ------------------------------------------------------------------------------- */

static uint64_t dice;

static uint32_t
throw_dice(uint32_t n)
{
	dice = dice * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(dice >> 33) % n;
}

/* What documents say depends on number and version alone: a term that all have, terms that few have, one without positions, one of filters. */
struct made {
	char names[TERMS][24];
	uint32_t positions[TERMS][POSITIONS];
	struct glass_term terms[TERMS];
	struct glass_document document;
};

static void
add_term(struct made *made, const char *name, uint32_t wdf, uint32_t n_positions, uint32_t seed)
{
	size_t i = made->document.n_terms++;

	(void)snprintf(made->names[i], sizeof(made->names[i]), "%s", name);
	for (uint32_t p = 0; p < n_positions; p++)
		made->positions[i][p] = (p > 0 ? made->positions[i][p - 1] : 0) + 1 + (seed * (p + 7)) % 1000;
	made->terms[i] = (struct glass_term) {
		.term = str_of(made->names[i]), .wdf = wdf, .positions = made->positions[i], .n_positions = n_positions
	};
}

static void
make_document(struct made *made, uint32_t docid, uint32_t version)
{
	uint32_t seed = docid * 31 + version;

	memset(made, 0, sizeof(*made));
	add_term(made, "D20161207", 0, 0, seed); /* is in no file */
	add_term(made, "XD0123", 0, 0, seed);
	add_term(made, "Zcommun", 1 + seed % 5, 1 + seed % POSITIONS, seed);
	for (uint32_t i = 0; i < 26; i++) {
		char name[24];

		(void)snprintf(name, sizeof(name), "a%c%u", 'a' + (int)i, (unsigned)(seed / 3 % 7));
		if ((seed >> i % 5 & 1) != 0)
			add_term(made, name, 2, 2, seed + i);
	}
	made->document.terms = made->terms;
}

static void
put_in(struct fixture *fixture, struct layer_build *build, uint32_t docid, uint32_t version)
{
	static struct made made;

	make_document(&made, docid, version);
	check_ok(fixture, layer_build_put(build, docid, &made.document, &fixture->error));
}

/* ---- What files say, line by line ------------------------------------------------------------ */

struct lines {
	char (*v)[LINE_BYTES];
	size_t n;
	size_t capacity;
	const struct layer_part *part; /* that is read */
};

static char *
add_line(struct lines *lines)
{
	if (lines->n == lines->capacity) {
		lines->capacity = 2 * lines->capacity + 256;
		lines->v = realloc(lines->v, lines->capacity * sizeof(*lines->v));
		assert_non_null(lines->v);
	}
	memset(lines->v[lines->n], 0, LINE_BYTES);
	return lines->v[lines->n++];
}

static enum status
read_list(void *arg, struct str term, const struct invfile_term *found, struct error *reterr)
{
	struct lines *lines = arg;
	struct cursor_positions positions = { 0 };
	struct cursor cursor;
	uint32_t number;

	cursor_open(&cursor, lines->part->file, found);
	while ((number = cursor_next(&cursor)) != CURSOR_END) {
		char *line;
		int used;

		if (touched_has(lines->part->touched, number))
			continue;
		assert_int_equal(cursor_read_positions(&cursor, &positions, reterr), STATUS_OK);
		line = add_line(lines);
		used = snprintf(line, LINE_BYTES, "%.*s %u %u:", STR_FMT(term),
		    invfile_docid(lines->part->file, number), cursor_wdf(&cursor));
		for (size_t i = 0; i < positions.n; i++)
			used += snprintf(line + used, LINE_BYTES - (size_t)used, " %u", positions.v[i]);
	}
	assert_false(cursor.damaged);
	cursor_positions_done(&positions);
	return STATUS_OK;
}

static void
read_part(struct lines *lines, const struct layer_part *part)
{
	struct error error;

	lines->part = part;
	assert_int_equal(invfile_verify(part->file, &error), STATUS_OK);
	assert_int_equal(invfile_terms(part->file, STR(""), read_list, lines, &error), STATUS_OK);
	for (uint32_t i = 1; i <= invfile_documents(part->file); i++)
		if (!touched_has(part->touched, i))
			(void)snprintf(add_line(lines), LINE_BYTES, "length %u %u", invfile_docid(part->file, i),
			    invfile_lengths(part->file)[i]);
}

static int
compare_lines(const void *a, const void *b)
{
	return memcmp(a, b, LINE_BYTES);
}

static void
check_same(const struct layer_part *parts, size_t n_parts, const struct layer_part *at_once)
{
	struct lines found = { NULL, 0, 0, NULL };
	struct lines expected = { NULL, 0, 0, NULL };

	for (size_t i = 0; i < n_parts; i++)
		read_part(&found, &parts[i]);
	read_part(&expected, at_once);
	if (found.n > 0)
		qsort(found.v, found.n, sizeof(*found.v), compare_lines);
	if (expected.n > 0)
		qsort(expected.v, expected.n, sizeof(*expected.v), compare_lines);
	for (size_t i = 0; i < found.n && i < expected.n; i++)
		assert_string_equal(found.v[i], expected.v[i]);
	assert_int_equal(found.n, expected.n);
	free(found.v);
	free(expected.v);
}

/* ---- Sequences ------------------------------------------------------------------------------- */

/* What the index has, and the layers that it has it in. */
struct state {
	struct fixture *fixture;
	uint32_t versions[DOCUMENTS + 1]; /* 0: there is no such document */
	struct layer_part parts[PARTS];
	struct touched touched[PARTS];
	struct invfile *files[PARTS];
	size_t n;
	unsigned names; /* of files, so far */
	struct layer_build *build;
};

static void
touch(struct state *state, uint32_t docid)
{
	for (size_t i = 0; i < state->n; i++) {
		uint32_t number = invfile_number(state->files[i], docid);

		if (number != CURSOR_END && invfile_docid(state->files[i], number) == docid)
			(void)touched_note(&state->touched[i], number);
	}
}

static void
change_at_random(struct state *state)
{
	uint32_t docid = 1 + throw_dice(DOCUMENTS);

	touch(state, docid);
	if (throw_dice(4) == 0) {
		state->versions[docid] = 0;
		check_ok(state->fixture, layer_build_delete(state->build, docid, &state->fixture->error));
		return;
	}
	state->versions[docid] = 1 + throw_dice(1000);
	put_in(state->fixture, state->build, docid, state->versions[docid]);
}

static void
drop_part(struct state *state, size_t i)
{
	invfile_close(state->files[i]);
	touched_done(&state->touched[i]);
}

/* Merges what is new with the last `merged` files into one that takes their place. */
static void
write_file_of(struct state *state, size_t merged)
{
	struct fixture *fixture = state->fixture;
	size_t first = state->n - merged;
	char name[32];
	const char *path;
	uint32_t documents = 0, n;

	check_ok(fixture, layer_build_sort(state->build, &fixture->error));
	(void)snprintf(name, sizeof(name), "file%u", state->names++);
	path = fixture_path(fixture, name);
	check_ok(fixture, layer_merge(path, state->build, state->parts + first, merged, &documents, &fixture->error));
	for (size_t i = first; i < state->n; i++)
		drop_part(state, i);
	state->n = first + 1;
	check_ok(fixture, invfile_open(path, &state->files[first], &fixture->error));
	assert_int_equal(invfile_documents(state->files[first]), documents);
	state->touched[first] = (struct touched) { 0 };
	if (documents > 0)
		check_ok(fixture, touched_begin(&state->touched[first], documents, &fixture->error));
	state->parts[first] = (struct layer_part) { state->files[first], &state->touched[first] };
	(void)layer_build_documents(state->build, &n);
	assert_true(n <= documents);
	layer_build_reset(state->build);
	(void)unlink(path);
}

/* The same documents at once, in the order of their docids. */
static void
check_state(struct state *state)
{
	struct fixture *fixture = state->fixture;
	struct touched none = { 0 };
	struct layer_part at_once = { NULL, &none };
	struct invfile *file = NULL;
	const char *path = fixture_path(fixture, "once");
	uint32_t documents = 0;

	for (uint32_t docid = 1; docid <= DOCUMENTS; docid++)
		if (state->versions[docid] > 0)
			put_in(fixture, state->build, docid, state->versions[docid]);
	check_ok(fixture, layer_build_sort(state->build, &fixture->error));
	check_ok(fixture, layer_merge(path, state->build, NULL, 0, &documents, &fixture->error));
	layer_build_reset(state->build);
	check_ok(fixture, invfile_open(path, &file, &fixture->error));
	if (documents > 0)
		check_ok(fixture, touched_begin(&none, documents, &fixture->error));
	at_once.file = file;
	check_same(state->parts, state->n, &at_once);
	invfile_close(file);
	touched_done(&none);
	(void)unlink(path);
}

/* Puts and deletions in any order, the same document again and again, in batches; files merged by none, some or all. */
static void
test_sequences(void **arg)
{
	for (unsigned seed = 0; seed < 25; seed++) {
		struct state state = { .fixture = *arg };

		dice = seed;
		check_ok(state.fixture, layer_build_new(&state.build, &state.fixture->error));
		for (unsigned step = 0; step < 12; step++) {
			size_t merged = throw_dice((uint32_t)state.n + 1);

			for (uint32_t i = throw_dice(60); i > 0; i--)
				change_at_random(&state);
			write_file_of(&state, state.n == PARTS ? state.n : merged);
			check_state(&state);
		}
		for (size_t i = 0; i < state.n; i++)
			drop_part(&state, i);
		layer_build_free(state.build);
	}
}

/* A list of so many postings that it has several blocks, in two files whose documents stand between each other. */
static void
test_long_lists(void **arg)
{
	struct state state = { .fixture = *arg };
	struct fixture *fixture = state.fixture;
	struct invfile_term found;

	check_ok(fixture, layer_build_new(&state.build, &fixture->error));
	for (uint32_t docid = 2; docid <= 2000; docid += 2)
		put_in(fixture, state.build, docid, 1);
	write_file_of(&state, 0);
	for (uint32_t docid = 1999; docid < 2000; docid -= 2)
		put_in(fixture, state.build, docid, 1);
	write_file_of(&state, 1);
	assert_int_equal(invfile_documents(state.files[0]), 2000);
	for (uint32_t number = 1; number <= 2000; number++)
		assert_int_equal(invfile_docid(state.files[0], number), number);
	check_ok(fixture, invfile_find(state.files[0], STR("Zcommun"), &found, &fixture->error));
	assert_int_equal(found.documents, 2000);
	check_ok(fixture, invfile_verify(state.files[0], &fixture->error));
	drop_part(&state, 0);
	layer_build_free(state.build);
}

/* One byte of the file that is merged is another: nothing of it gets into the new one. */
static void
test_damage_is_not_merged(void **arg)
{
	struct state state = { .fixture = *arg };
	struct fixture *fixture = state.fixture;
	const char *path = fixture_path(fixture, "damaged");
	uint32_t documents;
	FILE *file;
	int byte;

	check_ok(fixture, layer_build_new(&state.build, &fixture->error));
	for (uint32_t docid = 1; docid <= DOCUMENTS; docid++)
		put_in(fixture, state.build, docid, 1);
	check_ok(fixture, layer_build_sort(state.build, &fixture->error));
	check_ok(fixture, layer_merge(path, state.build, NULL, 0, &documents, &fixture->error));
	layer_build_reset(state.build);
	file = fopen(path, "r+b");
	assert_non_null(file);
	assert_int_equal(fseek(file, 1500, SEEK_SET), 0);
	byte = fgetc(file);
	assert_int_equal(fseek(file, 1500, SEEK_SET), 0);
	assert_int_not_equal(fputc(byte ^ 4, file), EOF);
	assert_int_equal(fclose(file), 0);
	check_ok(fixture, invfile_open(path, &state.files[0], &fixture->error));
	check_ok(fixture, touched_begin(&state.touched[0], documents, &fixture->error));
	state.parts[0] = (struct layer_part) { state.files[0], &state.touched[0] };
	put_in(fixture, state.build, 3, 2);
	check_ok(fixture, layer_build_sort(state.build, &fixture->error));
	check_refused(fixture,
	    layer_merge(fixture_path(fixture, "new"), state.build, state.parts, 1, &documents, &fixture->error),
	    STATUS_CORRUPT, "");
	drop_part(&state, 0);
	layer_build_free(state.build);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, fixture_setup_folder, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(test_sequences),
		WITH_FIXTURE(test_long_lists),
		WITH_FIXTURE(test_damage_is_not_merged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
