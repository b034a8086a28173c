/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/indexer/hear.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/file.h"
#include "indexer/source.h"
#include "store/encode.h"

enum { HEARD_BYTES = 64 << 20 };

int64_t hear_mtime_ns;
const char *hear_filter;

static struct buf out;
static struct buf text;
static unsigned n_documents;
static size_t n_bytes;

static enum status
document_cb(void *arg, const struct store_document *d, size_t line, struct error *reterr)
{
	struct error why;

	(void)arg;
	(void)reterr;
	n_documents++;
	buf_reset(&text);
	(void)buf_append_str(&text, d->text);
	/* What the store would refuse is a refusal here too. */
	if (document_check(d, &why) != STATUS_OK) {
		(void)buf_printf(&out, "%zu !%s\n", line, why.message);
		return STATUS_OK;
	}
	(void)buf_printf(&out, "%zu %.*s|%.*s|%.*s%s%.*s|%.*s|%.*s|%.*s\n", line, STR_FMT(d->id), STR_FMT(d->title),
	    STR_FMT(d->date), d->dated.len > 0 ? " " : "", STR_FMT(d->dated), STR_FMT(d->source), STR_FMT(d->url),
	    STR_FMT(d->text));
	if (d->author.len > 0)
		(void)buf_printf(&out, "  author=%.*s\n", STR_FMT(d->author));
	if (d->language.len > 0)
		(void)buf_printf(&out, "  language=%.*s\n", STR_FMT(d->language));
	return STATUS_OK;
}

static void
refused_cb(void *arg, size_t line, const char *why)
{
	(void)arg;
	(void)buf_printf(&out, "%zu !%s\n", line, why);
}

static void
read_cb(void *arg, size_t bytes)
{
	(void)arg;
	n_bytes += bytes;
}

static void
note_cb(void *arg, enum source_note note)
{
	static const char *const names[] = { [SOURCE_CONVERTED] = "converted", [SOURCE_REPAIRED] = "repaired" };

	(void)arg;
	(void)buf_printf(&out, "~%s\n", names[note]);
}

static struct hash
content_of(struct str bytes)
{
	struct hash_tree tree;
	struct hash hash;

	hash_tree_init(&tree);
	hash_tree_update(&tree, bytes);
	hash_tree_final(&tree, &hash);
	return hash;
}

const char *
hear(const char *name, struct str contents)
{
	struct source_events events = { document_cb, refused_cb, read_cb, note_cb, NULL, NULL, NULL, NULL, NULL };
	struct source_formats *formats = NULL;
	char path[] = "/tmp/voisin-hear-XXXXXX", renamed[256];
	struct source_file file = { .fd = mkstemp(path), .name = str_of(name), .mtime_ns = hear_mtime_ns };
	static const struct hash none;
	struct hash content = none, expected = content_of(contents);
	struct error error;

	buf_done(&out);
	buf_done(&text);
	buf_init(&out, HEARD_BYTES);
	buf_init(&text, HEARD_BYTES);
	n_bytes = 0;
	n_documents = 0;
	assert_true(file.fd >= 0);
	(void)snprintf(renamed, sizeof(renamed), "%s-%s", path, name);
	assert_int_equal(rename(path, renamed), 0);
	file.path = str_of(renamed);
	assert_int_equal(fd_write_all(file.fd, contents, NULL), STATUS_OK);
	assert_int_equal(lseek(file.fd, 0, SEEK_SET), 0);
	assert_int_equal(source_formats_new(&formats, &error), STATUS_OK);
	if (hear_filter != NULL)
		assert_int_equal(source_formats_add_filter(formats, hear_filter, &error), STATUS_OK);
	assert_int_equal(source_read(formats, &file, &events, &content, &error), STATUS_OK);
	source_formats_free(formats);
	(void)close(file.fd);
	(void)unlink(renamed);
	/* What could not be read to its end has no hash, and something was refused. */
	if (hash_eq(&content, &none)) {
		assert_non_null(strstr(out.data, "!"));
	} else {
		assert_int_equal(n_bytes, contents.len);
		assert_true(hash_eq(&content, &expected));
	}
	return out.data != NULL ? out.data : "";
}

struct str
heard_text(void)
{
	assert_int_equal(n_documents, 1);
	return buf_str(&text);
}
