/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The layers of an index: named, opened, followed from commit to commit, damaged and missing; in an index that is lean, and in one that is
 * whole without them.  The files are written here, and named by commits that are made here.
 */
#include "store/layers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "invfile/file.h"
#include "invfile/writer.h"
#include "stemmer/analyzer.h"
#include "store/inspect.h"
#include "store/layername.h"
#include "store/manifest.h"
#include "store/schema.h"
#include "tests/store/fixture.h"

enum { DOCUMENTS = 60, FEW = 3 };

#define GENERATION "gen-000001"

/* The weights that files are made for. */
#define OURS                                                                \
	{                                                                   \
		.k1 = BM25_K1, .b = BM25_B, .min_normlen = BM25_MIN_NORMLEN \
	}

/* The file of a layer, as it is written. */
struct file {
	uint32_t number;
	uint32_t n; /* documents */
	const uint32_t *docids; /* of them, or NULL: they are the numbers */
	const char *term; /* which all have */
	struct bm25 bm25;
	uint32_t longer; /* than they are, in words */
};

static bool is_lean; /* the index of the test that runs */

static const uint32_t few[FEW] = { 3, 17, 59 };

static struct file
file_of_few(uint32_t number)
{
	return (struct file) { number, FEW, few, "Zmot", OURS, 0 };
}

static const char *
path_of(struct fixture *fixture, uint32_t number)
{
	char name[LAYERNAME_BYTES + sizeof(GENERATION)];
	char space[LAYERNAME_BYTES];

	(void)snprintf(name, sizeof(name), GENERATION "/%s", layername_file(number, space));
	return fixture_path(fixture, name);
}

static void
write_layer(struct fixture *fixture, const struct file *file)
{
	struct invfile_writer *writer = NULL;
	struct error *error = &fixture->error;
	const char *path = path_of(fixture, file->number);

	(void)unlink(path);
	check_ok(fixture, invfile_writer_new(path, &file->bm25, &writer, error));
	for (uint32_t i = 0; i < file->n; i++) {
		check_ok(fixture, invfile_writer_length(writer, i + 1, 4 + file->longer, error));
		if (file->docids != NULL)
			check_ok(fixture, invfile_writer_docid(writer, i + 1, file->docids[i], error));
	}
	check_ok(fixture, invfile_writer_begin(writer, str_of(file->term), file->n, file->n, error));
	for (uint32_t i = 0; i < file->n; i++)
		check_ok(fixture, invfile_writer_add(writer, i + 1, 1, &i, 1, error));
	check_ok(fixture, invfile_writer_finish(writer, error));
	invfile_writer_free(writer);
}

struct entry {
	const char *key;
	struct str value; /* empty: the key goes */
};

/* Commits to the generation, which nobody seals. */
static void
commit(struct fixture *fixture, const struct entry *entries, size_t n)
{
	const char *path = fixture_path(fixture, GENERATION);
	struct xc_writable *db = NULL;

	check_ok(fixture, manifest_unseal(path, analyzer_version(), &fixture->error));
	check_ok(fixture, xc_writable_open(str_of(path), XC_DB_OPEN, 0, &db, &fixture->error));
	for (size_t i = 0; i < n; i++)
		check_ok(
		    fixture, xc_writable_set_metadata(db, str_of(entries[i].key), entries[i].value, &fixture->error));
	check_ok(fixture, xc_writable_commit(db, &fixture->error));
	xc_writable_close(db);
}

static void
commit_one(struct fixture *fixture, const char *key, struct str value)
{
	const struct entry entry = { key, value };

	commit(fixture, &entry, 1);
}

static void
seal(struct fixture *fixture)
{
	check_ok(fixture,
	    manifest_seal(fixture_path(fixture, GENERATION), analyzer_version(), DOCUMENTS, NULL, &fixture->error));
}

/* An index of 60 documents, and documents 3, 17 and 59 again in layer 1. */
static void
make(struct fixture *fixture)
{
	struct store_writer_options options = { .mode = STORE_REBUILD, .lean = is_lean };
	struct store_writer *writer = NULL;
	const struct file file = file_of_few(1);
	const struct entry entries[] = { { "voisin.layer.1", STR("3") },
		{ "voisin.touched", is_lean ? STR("60 lean\n\x03\x0E\x2A") : STR("60\n\x03\x0E\x2A") } };

	check_ok(fixture, store_writer_open(fixture->dir, &options, &writer, &fixture->error));
	check_ok(fixture, store_writer_add_scope(writer, STR("/"), &fixture->error));
	put_plain(fixture, writer, DOCUMENTS);
	finish(fixture, writer);
	write_layer(fixture, &file);
	commit(fixture, entries, 2);
	seal(fixture);
}

static uint32_t
n_layers(const struct store_reader *reader)
{
	uint32_t n;

	(void)store_reader_layers(reader, &n);
	return n;
}

/* Which layer has a document, by its place; -1: none. */
static int
place_of(const struct store_reader *reader, uint32_t docid, uint32_t *ret_number)
{
	uint32_t n;
	const struct store_layer *layers = store_reader_layers(reader, &n);
	const struct store_layer *found = store_reader_layer_of(reader, docid, ret_number);

	return found != NULL ? (int)(found - layers) : -1;
}

/* ---- Many of them --------------------------------------------------------------------------- */

/* They are in the order of their numbers, which is not that of the keys' bytes. */
static void
test_order(void **state)
{
	static const uint32_t numbers[] = { 2, 9, 10, 100, 4000000000 };
	struct fixture *fixture = *state;
	struct store_reader *reader;
	uint32_t n;
	const struct store_layer *layers;

	make(fixture);
	commit_one(fixture, "voisin.layer.1", STR(""));
	for (size_t i = 0; i < 5; i++) {
		const uint32_t docid = 50 - 10 * (uint32_t)i;
		const struct file file = { numbers[i], 1, &docid, "Zmot", OURS, 0 };
		char space[LAYERNAME_BYTES];
		char key[LAYERNAME_BYTES];

		(void)snprintf(key, sizeof(key), "%s", layername_key(numbers[i], space).p);
		write_layer(fixture, &file);
		commit_one(fixture, key, STR("1"));
	}
	reader = open_reader(fixture);
	layers = store_reader_layers(reader, &n);
	assert_int_equal(n, 6);
	for (uint32_t i = 1; i < n; i++)
		assert_int_equal(invfile_docid(layers[i].file, 1), 60 - 10 * i);
	store_reader_close(reader);
}

/* So many and no more. */
static void
test_most_layers(void **state)
{
	struct fixture *fixture = *state;
	struct store_reader *reader;

	make(fixture);
	for (uint32_t number = 2; number <= LIMIT_LAYERS; number++) {
		const struct file file = { number, 1, &number, "Zmot", OURS, 0 };
		char key[LAYERNAME_BYTES];

		(void)snprintf(key, sizeof(key), "voisin.layer.%u", (unsigned)number);
		if (number == LIMIT_LAYERS) {
			seal(fixture);
			reader = open_reader(fixture);
			assert_int_equal(n_layers(reader), LIMIT_LAYERS);
			store_reader_close(reader);
		}
		write_layer(fixture, &file);
		commit_one(fixture, key, STR("1"));
	}
	check_refused(fixture, store_reader_open(fixture->dir, &reader, &fixture->error), STATUS_CORRUPT,
	    "what it says of its inverted files contradicts itself");
}

/* ---- Documents ------------------------------------------------------------------------------- */

static void
check_documents(const struct store_reader *reader)
{
	uint32_t number = 0;

	assert_int_equal(n_layers(reader), 2);
	for (uint32_t docid = 1; docid <= DOCUMENTS; docid++) {
		bool is_put = docid == 3 || docid == 17 || docid == 59;

		assert_int_equal(place_of(reader, docid, &number), is_put);
		assert_int_equal(number, !is_put ? docid : docid == 3 ? 1 : docid == 17 ? 2 : 3);
	}
	number = 77;
	assert_int_equal(place_of(reader, 0, &number), -1);
	assert_int_equal(place_of(reader, DOCUMENTS + 1, &number), -1);
	assert_int_equal(place_of(reader, UINT32_MAX, &number), -1);
	assert_int_equal(number, 77);
}

static void
test_documents(void **state)
{
	struct fixture *fixture = *state;
	struct store_reader *reader;
	struct store_stats stats;
	struct stat of_build, of_few;

	make(fixture);
	reader = open_reader(fixture);
	check_documents(reader);
	check_ok(fixture, store_reader_stats(reader, &stats, &fixture->error));
	assert_int_equal(stats.is_lean, is_lean);
	assert_true(stats.invfile_is_used);
	assert_int_equal(stats.invfile_layers, 2);
	assert_int_equal(stats.invfile_put, FEW);
	assert_int_equal(stats.invfile_touched, FEW);
	assert_int_equal(stat(path_of(fixture, 0), &of_build), 0);
	assert_int_equal(stat(path_of(fixture, 1), &of_few), 0);
	assert_int_equal(stats.invfile_bytes, of_build.st_size + of_few.st_size);
	store_reader_close(reader);
}

/* A reader goes from commit to commit: what did not change stays open, what went is closed. */
static void
test_follow(void **state)
{
	static const uint32_t one[] = { 17 };
	struct fixture *fixture = *state;
	const struct file second = { 2, 1, one, "Zmot", OURS, 0 };
	const struct file third = file_of_few(3);
	const struct entry next[] = { { "voisin.layer.1", STR("3\n\x02") }, { "voisin.layer.2", STR("1") } };
	const struct entry merged[] = { { "voisin.layer.1", STR("") }, { "voisin.layer.2", STR("") },
		{ "voisin.layer.3", STR("3") } };
	struct store_reader *reader;
	const struct store_layer *layers;
	const struct invfile *files[2];
	uint32_t n, number;
	bool changed;

	make(fixture);
	reader = open_reader(fixture);
	layers = store_reader_layers(reader, &n);
	files[0] = layers[0].file;
	files[1] = layers[1].file;
	write_layer(fixture, &second);
	assert_int_equal(place_of(reader, 17, &number), 1);
	commit(fixture, next, 2);
	assert_int_equal(place_of(reader, 17, &number), 1);
	check_ok(fixture, store_reader_refresh(reader, &changed, &fixture->error));
	assert_true(changed);
	layers = store_reader_layers(reader, &n);
	assert_int_equal(n, 3);
	assert_ptr_equal(layers[0].file, files[0]);
	assert_ptr_equal(layers[1].file, files[1]);
	assert_int_equal(layers[1].touched.n_set, 1);
	assert_int_equal(place_of(reader, 17, &number), 2);
	assert_int_equal(number, 1);
	assert_int_equal(place_of(reader, 59, &number), 1);
	/* Merged into one, and the files are gone. */
	write_layer(fixture, &third);
	commit(fixture, merged, 3);
	assert_int_equal(unlink(path_of(fixture, 1)) | unlink(path_of(fixture, 2)), 0);
	assert_int_equal(place_of(reader, 17, &number), 2);
	check_ok(fixture, store_reader_refresh(reader, &changed, &fixture->error));
	check_documents(reader);
	assert_ptr_equal(store_reader_layers(reader, &n)[0].file, files[0]);
	store_reader_close(reader);
}

/* A file by the name of another one is that other one. */
static void
test_another_file_by_that_name(void **state)
{
	static const uint32_t others[] = { 4, 5, 6 };
	struct fixture *fixture = *state;
	const struct file other = { 1, FEW, others, "Zmot", OURS, 0 };
	struct store_reader *reader;
	uint32_t number;

	make(fixture);
	reader = open_reader(fixture);
	write_layer(fixture, &other);
	commit_one(fixture, "voisin.touched", is_lean ? STR("60 lean\n\x04\x01\x01") : STR("60\n\x04\x01\x01"));
	assert_int_equal(place_of(reader, 17, &number), 1);
	check_ok(fixture, store_reader_refresh(reader, NULL, &fixture->error));
	assert_int_equal(place_of(reader, 17, &number), 0);
	assert_int_equal(place_of(reader, 6, &number), 1);
	assert_int_equal(number, 3);
	store_reader_close(reader);
}

/* ---- Words without stems --------------------------------------------------------------------- */

static void
test_words_without_stems(void **state)
{
	static const char *const terms[] = { "Z=word", "ZS=word" };
	struct fixture *fixture = *state;
	struct store_reader *reader;

	make(fixture);
	reader = open_reader(fixture);
	assert_false(store_reader_has_unstemmed(reader));
	for (uint32_t i = 0; i < 2; i++) {
		struct file file = file_of_few(i + 2);
		char key[LAYERNAME_BYTES];
		struct entry entry = { key, STR("3\n\x01\x01\x01") };

		(void)snprintf(key, sizeof(key), "voisin.layer.%u", (unsigned)i + 2);
		file.term = terms[i];
		write_layer(fixture, &file);
		commit(fixture, &entry, 1);
		check_ok(fixture, store_reader_refresh(reader, NULL, &fixture->error));
		assert_true(store_reader_has_unstemmed(reader));
		entry.value = STR("");
		commit(fixture, &entry, 1);
		check_ok(fixture, store_reader_refresh(reader, NULL, &fixture->error));
		assert_false(store_reader_has_unstemmed(reader));
	}
	store_reader_close(reader);
}

/* ---- Missing files --------------------------------------------------------------------------- */

/* At a commit that is not the newest a file may be gone: then the next one has others. */
static void
test_gone_since(void **state)
{
	struct fixture *fixture = *state;
	const struct file second = file_of_few(2);
	const struct entry next[] = { { "voisin.layer.1", STR("") }, { "voisin.layer.2", STR("3") } };
	struct layers layers = { 0 };
	struct xc_database *db = NULL;
	bool changed = false;

	make(fixture);
	layers.path = fixture_path(fixture, GENERATION);
	check_ok(fixture, xc_database_open(str_of(layers.path), XC_BACKEND_GLASS, &db, &fixture->error));
	write_layer(fixture, &second);
	commit(fixture, next, 2);
	assert_int_equal(unlink(path_of(fixture, 1)), 0);
	layers.path = fixture_path(fixture, GENERATION);
	check_refused(fixture, layers_follow(&layers, db, false, &fixture->error), STATUS_STALE, "inverted.1");
	assert_int_equal(layers.n, 0);
	check_ok(fixture, xc_database_reopen(db, &changed, &fixture->error));
	assert_true(changed);
	check_ok(fixture, layers_follow(&layers, db, false, &fixture->error));
	assert_int_equal(layers_in_use(&layers), 2);
	assert_int_equal(layers.v[1].its.number, 2);
	layers_done(&layers);
	xc_database_close(db);
}

/* At the newest commit a file that is missing is damage; what is open stays. */
static void
test_gone(void **state)
{
	struct fixture *fixture = *state;
	struct store_reader *reader;
	struct store_stats stats;

	make(fixture);
	reader = open_reader(fixture);
	assert_int_equal(unlink(path_of(fixture, 1)), 0);
	commit_one(fixture, "unknown", STR("x"));
	for (int i = 0; i < 3; i++) {
		enum status status = store_reader_refresh(reader, NULL, &fixture->error);

		if (is_lean) {
			/* Again and again: it does not answer out of files of one commit and a database of another. */
			check_refused(fixture, status, STATUS_CORRUPT, "inverted.1");
			continue;
		}
		check_ok(fixture, status);
		assert_int_equal(n_layers(reader), 0);
		check_ok(fixture, store_reader_stats(reader, &stats, &fixture->error));
		assert_false(stats.invfile_is_used);
		assert_int_equal(stats.invfile_touched, FEW);
		assert_true(stats.invfile_bytes > 0);
		assert_non_null(strstr(stats.invfile_why.p, "inverted.1"));
	}
	if (is_lean) {
		const struct file again = file_of_few(1);

		write_layer(fixture, &again);
		check_ok(fixture, store_reader_refresh(reader, NULL, &fixture->error));
		check_documents(reader);
	}
	store_reader_close(reader);
}

/* ---- Damage ---------------------------------------------------------------------------------- */

/* A lean index is refused; of a whole one no layer is used. */
static void
check_no_good(struct fixture *fixture, const char *words)
{
	struct store_reader *reader = NULL;
	struct store_stats stats;
	enum status status = store_reader_open(fixture->dir, &reader, &fixture->error);

	if (is_lean) {
		check_refused(fixture, status, STATUS_CORRUPT, words);
		assert_int_not_equal(store_inspect_structure(fixture->dir, &fixture->error), STATUS_OK);
		return;
	}
	check_ok(fixture, status);
	assert_int_equal(n_layers(reader), 0);
	check_ok(fixture, store_reader_stats(reader, &stats, &fixture->error));
	if (strstr(stats.invfile_why.p, words) == NULL)
		fail_msg("\"%s\" should hold \"%s\"", stats.invfile_why.p, words);
	store_reader_close(reader);
}

static void
check_good(struct fixture *fixture)
{
	struct store_reader *reader = open_reader(fixture);

	check_documents(reader);
	store_reader_close(reader);
}

static void
test_files_of_others(void **state)
{
	static const uint32_t two[] = { 3, 17 };
	static const uint32_t beyond[] = { 3, 17, DOCUMENTS + 1 };
	static const struct {
		struct file file;
		const char *words;
	} cases[] = { { { 1, 2, two, "Zmot", OURS, 0 }, "and the index says 3" },
		{ { 1, FEW, NULL, "Zmot", OURS, 0 }, "are not those of the index" },
		{ { 1, FEW, beyond, "Zmot", OURS, 0 }, "are not those of the index" },
		{ { 1, FEW, few, "Zmot", { 1, 1, 1 }, 0 }, "made for other weights" },
		{ { 0, DOCUMENTS - 1, NULL, "Zmot", OURS, 0 }, "and the index says 60" },
		{ { 0, FEW, few, "Zmot", OURS, 0 }, "and the index says 60" } };
	struct fixture *fixture = *state;

	make(fixture);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct file right = file_of_few(1);
		char kept[PATH_MAX];

		(void)snprintf(kept, sizeof(kept), "%s", fixture_path(fixture, "kept"));
		assert_int_equal(rename(path_of(fixture, cases[i].file.number), kept), 0);
		write_layer(fixture, &cases[i].file);
		commit_one(fixture, "unknown", STR("x"));
		check_no_good(fixture, cases[i].words);
		assert_int_equal(rename(kept, path_of(fixture, cases[i].file.number)), 0);
		if (cases[i].file.number == 1)
			write_layer(fixture, &right);
		check_good(fixture);
	}
}

static void
spoil(const char *path, long off, const char *bytes, size_t n)
{
	FILE *file = fopen(path, "r+");

	assert_non_null(file);
	assert_int_equal(fseek(file, off, off < 0 ? SEEK_END : SEEK_SET), 0);
	assert_int_equal(fwrite(bytes, 1, n, file), n);
	assert_int_equal(fclose(file), 0);
}

static void
test_damaged_file(void **state)
{
	struct fixture *fixture = *state;
	const struct file right = file_of_few(1);

	make(fixture);
	commit_one(fixture, "unknown", STR("x"));
	spoil(path_of(fixture, 1), 0, "NoFile", 6);
	check_no_good(fixture, "inverted.1");
	write_layer(fixture, &right);
	check_good(fixture);
	spoil(path_of(fixture, 1), 8, "\x02", 1);
	check_no_good(fixture, "another version");
	assert_int_equal(truncate(path_of(fixture, 1), 0), 0);
	check_no_good(fixture, "inverted.1");
	assert_int_equal(unlink(path_of(fixture, 1)), 0);
	check_no_good(fixture, "inverted.1");
	write_layer(fixture, &right);
	check_good(fixture);
}

/* What the index says of its layers, wrongly. */
static void
test_damaged_names_and_sets(void **state)
{
	static const struct {
		struct entry entry;
		struct entry right;
	} cases[] = { { { "voisin.layer.x", STR("3") }, { "voisin.layer.x", STR("") } },
		{ { "voisin.layer.0", STR("3") }, { "voisin.layer.0", STR("") } },
		{ { "voisin.layer.01", STR("3") }, { "voisin.layer.01", STR("") } },
		{ { "voisin.layer.", STR("3") }, { "voisin.layer.", STR("") } },
		{ { "voisin.layer.4294967296", STR("3") }, { "voisin.layer.4294967296", STR("") } },
		{ { "voisin.layer.1", STR("x") }, { "voisin.layer.1", STR("3") } },
		{ { "voisin.layer.1", STR("3 all") }, { "voisin.layer.1", STR("3") } },
		{ { "voisin.layer.1", STR("3\n\x04") }, { "voisin.layer.1", STR("3") } } };
	struct fixture *fixture = *state;
	struct store_reader *reader = NULL;
	struct str of_build = is_lean ? STR("60 lean\n\x03\x0E\x2A") : STR("60\n\x03\x0E\x2A");

	make(fixture);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		commit(fixture, &cases[i].entry, 1);
		check_refused(fixture, store_reader_open(fixture->dir, &reader, &fixture->error), STATUS_CORRUPT,
		    "contradicts itself");
		commit(fixture, &cases[i].right, 1);
		check_good(fixture);
	}
	/* Layers without the file of a full build. */
	commit_one(fixture, "voisin.touched", STR(""));
	check_refused(
	    fixture, store_reader_open(fixture->dir, &reader, &fixture->error), STATUS_CORRUPT, "contradicts itself");
	commit_one(fixture, "voisin.touched", of_build);
	check_good(fixture);
}

/* ---- Places ---------------------------------------------------------------------------------- */

/* Of what says that the documents of layer 1 are there and not in the first file. */
static struct str
touched_by(const char *gaps)
{
	static char value[32];

	(void)snprintf(value, sizeof(value), "60%s\n%s", is_lean ? " lean" : "", gaps);
	return str_of(value);
}

static void
check_places(struct fixture *fixture, const char *words)
{
	check_refused(fixture, store_inspect_structure(fixture->dir, &fixture->error), STATUS_CORRUPT, words);
}

/* A document is in one layer, as long as it is, and there are no others. */
static void
test_places(void **state)
{
	struct fixture *fixture = *state;
	const struct file right = file_of_few(1);
	struct file wrong = right;
	struct xc_writable *db = NULL;

	make(fixture);
	check_ok(fixture, store_inspect_structure(fixture->dir, &fixture->error));
	commit_one(fixture, "voisin.touched", touched_by("\x03\x0E"));
	check_places(fixture, "document 59 is in 2 inverted files");
	commit_one(fixture, "voisin.touched", touched_by("\x03\x01\x0D\x2A"));
	check_places(fixture, "document 4 has no inverted file");
	commit_one(fixture, "voisin.touched", touched_by("\x03\x0E\x2A"));
	check_ok(fixture, store_inspect_structure(fixture->dir, &fixture->error));
	wrong.longer = 1;
	write_layer(fixture, &wrong);
	check_places(fixture, "document 3 has two lengths");
	write_layer(fixture, &right);
	check_ok(fixture, store_inspect_structure(fixture->dir, &fixture->error));
	check_ok(
	    fixture, xc_writable_open(str_of(fixture_path(fixture, GENERATION)), XC_DB_OPEN, 0, &db, &fixture->error));
	check_ok(fixture, xc_writable_delete_document(db, 17, &fixture->error));
	check_ok(fixture, xc_writable_commit(db, &fixture->error));
	xc_writable_close(db);
	check_places(fixture, "documents that it has not");
}

/* ---- The manifest ---------------------------------------------------------------------------- */

static bool
lists(struct fixture *fixture, const char *name)
{
	struct manifest *manifest = malloc(sizeof(*manifest));
	bool found = false;

	assert_non_null(manifest);
	check_ok(fixture, manifest_read(fixture_path(fixture, GENERATION), manifest, &fixture->error));
	assert_true(manifest->sealed);
	for (size_t i = 0; i < manifest->n_files; i++)
		found = found || strcmp(manifest->files[i].name, name) == 0;
	free(manifest);
	return found;
}

/* It lists what the newest commit names; others may come and go. */
static void
test_manifest_lists_what_is_named(void **state)
{
	struct fixture *fixture = *state;
	const struct file left = file_of_few(2);
	bool sealed = false;

	make(fixture);
	write_layer(fixture, &left);
	seal(fixture);
	assert_true(lists(fixture, "inverted"));
	assert_true(lists(fixture, "inverted.1"));
	assert_false(lists(fixture, "inverted.2"));
	check_good(fixture);
	assert_int_equal(unlink(path_of(fixture, 2)), 0);
	check_good(fixture);
	check_ok(fixture, store_inspect_hashes(fixture->dir, &sealed, &fixture->error));
	assert_true(sealed);
	check_ok(fixture, store_inspect_structure(fixture->dir, &fixture->error));
}

/* A layer of a lean index is a part of it like any table; to any other it is none. */
static void
test_manifest_against_files(void **state)
{
	struct fixture *fixture = *state;
	const struct file right = file_of_few(1);
	bool sealed;

	make(fixture);
	/* One byte less of its bound: whole to an opening, but for the hash of its block. */
	spoil(path_of(fixture, 1), 192 + 4, "\x05", 1);
	assert_int_equal(store_inspect_hashes(fixture->dir, &sealed, &fixture->error), STATUS_CORRUPT);
	assert_int_equal(store_inspect_structure(fixture->dir, &fixture->error), STATUS_CORRUPT);
	if (is_lean)
		check_no_good(fixture, "is not as it was written");
	else
		check_good(fixture);
	write_layer(fixture, &right);
	check_good(fixture);
	check_ok(fixture, store_inspect_hashes(fixture->dir, &sealed, &fixture->error));
}

/* A manifest that was sealed without a layer. */
static void
test_manifest_without_a_layer(void **state)
{
	struct fixture *fixture = *state;
	struct manifest *manifest = malloc(sizeof(*manifest));
	const char *path;
	struct store_reader *reader = NULL;
	size_t kept = 0;

	make(fixture);
	assert_non_null(manifest);
	path = fixture_path(fixture, GENERATION);
	check_ok(fixture, manifest_read(path, manifest, &fixture->error));
	for (size_t i = 0; i < manifest->n_files; i++)
		if (strcmp(manifest->files[i].name, "inverted.1") != 0)
			manifest->files[kept++] = manifest->files[i];
	assert_int_equal(kept, manifest->n_files - 1);
	manifest->n_files = kept;
	check_ok(fixture, manifest_write(path, manifest, &fixture->error));
	free(manifest);
	if (is_lean)
		check_refused(fixture, store_reader_open(fixture->dir, &reader, &fixture->error), STATUS_CORRUPT,
		    "does not list inverted.1");
	else
		check_good(fixture);
}

/* Sealing reads nothing of a file that was sealed before: damage is not sealed in. */
static void
test_sealing_again(void **state)
{
	struct fixture *fixture = *state;
	const char *path;
	struct manifest_base *base = NULL;
	const struct file second = file_of_few(2);
	bool sealed;

	make(fixture);
	path = fixture_path(fixture, GENERATION);
	check_ok(fixture, manifest_base_read(path, &base, &fixture->error));
	assert_non_null(base);
	write_layer(fixture, &second);
	commit_one(fixture, "voisin.layer.2", STR("3\n\x01\x01\x01"));
	path = fixture_path(fixture, GENERATION);
	check_ok(fixture, manifest_seal(path, analyzer_version(), DOCUMENTS, base, &fixture->error));
	check_ok(fixture, store_inspect_hashes(fixture->dir, &sealed, &fixture->error));
	assert_true(lists(fixture, "inverted.2"));
	spoil(path_of(fixture, 1), 192 + 4, "\x05", 1);
	commit_one(fixture, "unknown", STR("x"));
	path = fixture_path(fixture, GENERATION);
	check_ok(fixture, manifest_seal(path, analyzer_version(), DOCUMENTS, base, &fixture->error));
	check_refused(fixture, store_inspect_hashes(fixture->dir, &sealed, &fixture->error), STATUS_CORRUPT,
	    "inverted.1 is not as it was written");
	manifest_base_free(base);
}

static int
setup_lean(void **state)
{
	is_lean = true;
	return fixture_setup(state);
}

static int
setup_whole(void **state)
{
	is_lean = false;
	return fixture_setup(state);
}

#define OF_BOTH(test)                                                        \
	cmocka_unit_test_setup_teardown(test, setup_lean, fixture_teardown), \
	    cmocka_unit_test_setup_teardown(test, setup_whole, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		OF_BOTH(test_order),
		OF_BOTH(test_most_layers),
		OF_BOTH(test_documents),
		OF_BOTH(test_follow),
		OF_BOTH(test_another_file_by_that_name),
		OF_BOTH(test_words_without_stems),
		OF_BOTH(test_gone_since),
		OF_BOTH(test_gone),
		OF_BOTH(test_files_of_others),
		OF_BOTH(test_damaged_file),
		OF_BOTH(test_damaged_names_and_sets),
		OF_BOTH(test_places),
		OF_BOTH(test_manifest_lists_what_is_named),
		OF_BOTH(test_manifest_against_files),
		OF_BOTH(test_manifest_without_a_layer),
		OF_BOTH(test_sealing_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
