/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/store/fixture.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

int
fixture_setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	const char *tmp = getenv("TMPDIR");

	if (fixture == NULL)
		return -1;
	(void)snprintf(fixture->top, sizeof(fixture->top) - 8, "%s/voisin-store-XXXXXX", tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(fixture->top) == NULL)
		return -1;
	(void)snprintf(fixture->dir, sizeof(fixture->dir), "%.4000s/index", fixture->top);
	*state = fixture;
	return 0;
}

int
fixture_setup_folder(void **state)
{
	int failed = fixture_setup(state);
	const struct fixture *fixture = *state;

	return failed != 0 ? failed : mkdir(fixture->dir, 0777);
}

static int
remove_cb(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

int
fixture_teardown(void **state)
{
	struct fixture *fixture = *state;
	int failed = nftw(fixture->top, remove_cb, 16, FTW_DEPTH | FTW_PHYS);

	free(fixture);
	return failed;
}

void
check_ok(struct fixture *fixture, enum status status)
{
	if (status != STATUS_OK)
		fail_msg("%s: %s", status_name(status), fixture->error.message);
}

void
check_refused(struct fixture *fixture, enum status status, enum status expected, const char *words)
{
	if (status != expected || strstr(fixture->error.message, words) == NULL)
		fail_msg("%s instead of %s, and \"%s\" should hold \"%s\"", status_name(status), status_name(expected),
		    fixture->error.message, words);
}

const char *
fixture_path(const struct fixture *fixture, const char *name)
{
	static char paths[4][PATH_MAX];
	static unsigned next;
	char *path = paths[next++ % 4];

	(void)snprintf(path, PATH_MAX, "%.3900s/%.100s", fixture->dir, name);
	return path;
}

struct store_document
doc(const char *id, const char *title, const char *text)
{
	return (struct store_document) { .id = str_of(id), .title = str_of(title), .text = str_of(text) };
}

void
text_of(unsigned i, char ret_text[32])
{
	(void)snprintf(
	    ret_text, 32, "mot%c%c%c commun", 'a' + (int)(i % 26), 'a' + (int)(i / 26 % 26), 'a' + (int)(i / 676 % 26));
}

struct store_writer *
open_writer(struct fixture *fixture, enum store_mode mode)
{
	struct store_writer_options options = { .mode = mode };
	struct store_writer *writer = NULL;

	check_ok(fixture, store_writer_open(fixture->dir, &options, &writer, &fixture->error));
	check_ok(fixture, store_writer_add_scope(writer, STR("/"), &fixture->error));
	return writer;
}

struct store_file
file_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return (struct store_file) { str_of(path), strlen(slash + 1), 100, 1, 0, { { 0 } } };
}

void
begin(struct fixture *fixture, struct store_writer *writer, const char *path)
{
	struct store_file file = file_of(path);

	check_ok(fixture, store_writer_file_begin(writer, &file, &fixture->error));
}

void
end(struct fixture *fixture, struct store_writer *writer)
{
	struct hash content = hash_of(STR("content"));

	check_ok(fixture, store_writer_file_end(writer, &content, true, &fixture->error));
}

enum store_put
put(struct fixture *fixture, struct store_writer *writer, const char *id, const char *title, const char *text)
{
	struct store_document document = doc(id, title, text);
	enum store_put what = STORE_UNCHANGED;

	check_ok(fixture, store_writer_put(writer, &document, &what, &fixture->error));
	return what;
}

uint64_t
sweep(struct fixture *fixture, struct store_writer *writer)
{
	struct store_sweep plan = { 0, 0 };

	check_ok(fixture, store_writer_sweep_plan(writer, &plan, &fixture->error));
	check_ok(fixture, store_writer_sweep(writer, &fixture->error));
	return plan.doomed;
}

void
finish(struct fixture *fixture, struct store_writer *writer)
{
	check_ok(fixture, store_writer_finish(writer, &fixture->error));
	store_writer_close(writer);
}

void
put_plain(struct fixture *fixture, struct store_writer *writer, unsigned n)
{
	begin(fixture, writer, "/f/a.jsonl");
	for (unsigned i = 1; i <= n; i++) {
		char id[16];
		char text[32];

		(void)snprintf(id, sizeof(id), "%u", i);
		text_of(i, text);
		assert_int_equal(put(fixture, writer, id, "", text), STORE_ADDED);
	}
	end(fixture, writer);
}

void
make_index(struct fixture *fixture, unsigned n)
{
	struct store_writer *writer = open_writer(fixture, STORE_REBUILD);

	put_plain(fixture, writer, n);
	finish(fixture, writer);
}

struct store_reader *
open_reader(struct fixture *fixture)
{
	struct store_reader *reader = NULL;

	check_ok(fixture, store_reader_open(fixture->dir, &reader, &fixture->error));
	return reader;
}

uint32_t
count(struct fixture *fixture, struct store_reader *reader)
{
	struct store_stats stats;

	check_ok(fixture, store_reader_stats(reader, &stats, &fixture->error));
	return stats.documents;
}

bool
has_id(struct fixture *fixture, struct store_reader *reader, const char *id)
{
	uint32_t docid;
	enum status status = store_reader_find(reader, str_of(id), &docid, &fixture->error);

	if (status != STATUS_NOT_FOUND)
		check_ok(fixture, status);
	return status == STATUS_OK;
}

static int
compare_strings(const void *a, const void *b)
{
	return strcmp(a, b);
}

const char *
names_in(const char *dir, const char *prefix)
{
	static char joined[1024];
	char names[16][64];
	size_t n = 0;
	size_t used = 0;
	const struct dirent *entry;
	DIR *folder = opendir(dir);

	assert_non_null(folder);
	while ((entry = readdir(folder)) != NULL)
		if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0 && n < 16)
			(void)snprintf(names[n++], sizeof(names[0]), "%.60s", entry->d_name);
	(void)closedir(folder);
	qsort(names, n, sizeof(names[0]), compare_strings);
	joined[0] = '\0';
	for (size_t i = 0; i < n; i++)
		used += (size_t)snprintf(joined + used, sizeof(joined) - used, "%s%s", i > 0 ? " " : "", names[i]);
	return joined;
}

void
write_file(const char *path, const char *text)
{
	assert_int_equal(file_write_atomic(path, str_of(text), NULL), STATUS_OK);
}

pid_t
fixture_child(void)
{
	char path[64], digits[32] = "";
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/self/task/%ld/children", (long)getpid());
	file = fopen(path, "r");
	assert_non_null(file);
	if (fgets(digits, sizeof(digits), file) == NULL)
		digits[0] = '\0';
	(void)fclose(file);
	return (pid_t)strtol(digits, NULL, 10);
}
