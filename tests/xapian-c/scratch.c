/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/xapian-c/scratch.h"

#include <dirent.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct error err;

static char folder[64];

int
scratch_setup(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof(folder), "%s", "/tmp/xapian-c.XXXXXX");
	return mkdtemp(folder) == NULL ? -1 : 0;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

int
scratch_teardown(void **state)
{
	(void)state;
	return nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void
scratch_child(void)
{
	static const int signals[] = { SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGSYS, SIGABRT };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)signal(signals[i], SIG_DFL);
}

struct str
scratch_path(const char *name)
{
	static char paths[4][256];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	(void)snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return str_of(path);
}

void
scratch_file(const char *name, struct str bytes)
{
	FILE *file = fopen(scratch_path(name).p, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes.p, 1, bytes.len, file), bytes.len);
	assert_int_equal(fclose(file), 0);
}

static void
copy_file(const char *from, const char *to)
{
	char bytes[4096];
	size_t n;
	FILE *in = fopen(from, "rb");
	FILE *out = fopen(to, "wb");

	assert_non_null(in);
	assert_non_null(out);
	while ((n = fread(bytes, 1, sizeof(bytes), in)) > 0)
		assert_int_equal(fwrite(bytes, 1, n, out), n);
	assert_int_equal(fclose(in), 0);
	assert_int_equal(fclose(out), 0);
}

void
scratch_copy(const char *from, const char *to)
{
	char source[512], target[512];
	struct dirent *entry;
	DIR *dir = opendir(scratch_path(from).p);

	assert_non_null(dir);
	assert_int_equal(mkdir(scratch_path(to).p, 0700), 0);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(source, sizeof(source), "%s/%s", scratch_path(from).p, entry->d_name);
		(void)snprintf(target, sizeof(target), "%s/%s", scratch_path(to).p, entry->d_name);
		copy_file(source, target);
	}
	assert_int_equal(closedir(dir), 0);
}

struct xc_writable *
scratch_create(const char *name)
{
	struct xc_writable *writable = NULL;

	assert_ok(xc_writable_open(scratch_path(name), XC_DB_CREATE_OR_OPEN | XC_DB_NO_SYNC, 0, &writable, &err));
	return writable;
}

struct xc_database *
scratch_open(const char *name)
{
	struct xc_database *db = NULL;

	assert_ok(xc_database_open(scratch_path(name), 0, &db, &err));
	return db;
}

static void
add_words(struct xc_document *doc, const char *text)
{
	xc_termpos pos = 1;

	while (*text != '\0') {
		size_t len = strcspn(text, " ");

		if (len > 0)
			assert_ok(xc_document_add_posting(doc, (struct str) { text, len }, pos++, 1, &err));
		text += len + strspn(text + len, " ");
	}
}

xc_docid
scratch_add(struct xc_writable *writable, const char *text)
{
	struct xc_document *doc = NULL;
	xc_docid docid = 0;

	assert_ok(xc_document_new(&doc, &err));
	add_words(doc, text);
	assert_ok(xc_document_set_data(doc, str_of(text), &err));
	assert_ok(xc_document_set_value(doc, 0, str_of(text), &err));
	assert_ok(xc_writable_add_document(writable, doc, &docid, &err));
	xc_document_free(doc);
	return docid;
}

void
scratch_database(const char *name, const char *const *texts)
{
	struct xc_writable *writable = scratch_create(name);

	for (; *texts != NULL; texts++)
		(void)scratch_add(writable, *texts);
	assert_ok(xc_writable_commit(writable, &err));
	xc_writable_close(writable);
}

struct xc_query *
term(const char *text)
{
	struct xc_query *query = NULL;

	assert_ok(xc_query_term(str_of(text), 1, 0, &query, &err));
	return query;
}

struct xc_query *
combine(enum xc_op op, xc_termcount parameter, struct xc_query *a, struct xc_query *b)
{
	const struct xc_query *both[] = { a, b };
	struct xc_query *query = NULL;

	assert_ok(xc_query_combine(op, both, 2, parameter, &query, &err));
	xc_query_free(a);
	xc_query_free(b);
	return query;
}

size_t
scratch_match(struct xc_database *db, const struct xc_query *query, xc_docid ids[64])
{
	struct xc_enquire *enquire = NULL;
	struct xc_mset *mset = NULL;
	struct xc_mset_item item;
	size_t n;

	assert_ok(xc_enquire_new(db, &enquire, &err));
	assert_ok(xc_enquire_set_query(enquire, query, 0, &err));
	assert_ok(xc_enquire_set_bool_weight(enquire, &err));
	assert_ok(xc_enquire_mset(enquire, 0, 64, 64, &mset, &err));
	for (n = 0; n < xc_mset_size(mset); n++) {
		assert_ok(xc_mset_item(mset, (xc_doccount)n, &item, &err));
		ids[n] = item.docid;
	}
	xc_mset_free(mset);
	xc_enquire_free(enquire);
	return n;
}

void
assert_matches(struct xc_database *db, struct xc_query *owned, const char *expected)
{
	char text[64 * 11] = "";
	xc_docid ids[64];
	size_t used = 0;
	size_t n = scratch_match(db, owned, ids);

	for (size_t i = 0; i < n; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%u", i > 0 ? " " : "", ids[i]);
	xc_query_free(owned);
	assert_string_equal(text, expected);
}
