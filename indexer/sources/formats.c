/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * formats: which reader a file is for, by its name; and the reading of one file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/i18n.h"
#include "base/limits.h"
#include "indexer/sources/reading.h"
#include "indexer/sources/words.h"

enum { EXTENSION_BYTES = 16, LIST_BYTES = 1024 };

static const struct {
	const char *extension;
	source_reader read;
	bool is_one; /* the file is one document, and its name the id */
} built_in[] = {
	{ "txt", text_read, true },
	{ "text", text_read, true },
	{ "jsonl", jsonl_read, false },
	{ "ndjson", jsonl_read, false },
	{ "md", markdown_read, true },
	{ "markdown", markdown_read, true },
	{ "html", html_read, true },
	{ "htm", html_read, true },
	{ "xhtml", html_read, true },
	{ "rss", feed_read, false },
	{ "atom", feed_read, false },
	{ "rdf", feed_read, false },
	{ "xml", feed_read, false },
	{ "eml", mail_read, true },
	{ "mbox", mbox_read, false },
	{ "warc", warc_read, false },
	{ "pdf", filter_read, true },
};

enum { BUILT_IN = sizeof(built_in) / sizeof(built_in[0]) };

/* The text of a PDF, with its metadata, as a page (poppler). */
static const char *const pdf_command[] = { "pdftotext", "-q", "-htmlmeta", "-enc", "UTF-8", "-", "-", NULL };

struct filter {
	char extension[EXTENSION_BYTES];
	char **command;
};

struct source_formats {
	struct filter filters[LIMIT_FILTERS];
	size_t n;
	char list[LIST_BYTES];
};

static void
write_list(struct source_formats *formats)
{
	size_t used = 0;

	for (size_t i = 0; i < formats->n + BUILT_IN; i++) {
		const char *extension =
		    i < formats->n ? formats->filters[i].extension : built_in[i - formats->n].extension;

		used += (size_t)snprintf(
		    formats->list + used, sizeof(formats->list) - used, "%s%s", i > 0 ? " " : "", extension);
	}
}

enum status
source_formats_new(struct source_formats **ret_formats, struct error *reterr)
{
	struct source_formats *formats = calloc(1, sizeof(*formats));

	if (formats == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	write_list(formats);
	*ret_formats = formats;
	return STATUS_OK;
}

void
source_formats_free(struct source_formats *formats)
{
	for (size_t i = 0; formats != NULL && i < formats->n; i++)
		free(formats->filters[i].command);
	free(formats);
}

static bool
is_extension(struct str s)
{
	if (s.len == 0 || s.len >= EXTENSION_BYTES)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", s.p[i]) == NULL)
			return false;
	}
	return true;
}

enum status
source_formats_add_filter(struct source_formats *formats, const char *filter, struct error *reterr)
{
	const char *sign = strchr(filter, '=');
	struct str extension = { filter, sign != NULL ? (size_t)(sign - filter) : 0 };
	struct filter *added = &formats->filters[formats->n];
	enum status status;

	if (extension.len > 0 && filter[0] == '.')
		extension = (struct str) { filter + 1, extension.len - 1 };
	if (!is_extension(extension))
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "a filter is written EXT=COMMAND, as in doc='catdoc -d utf-8', not %.80s", filter);
	if (formats->n == LIMIT_FILTERS)
		return error_set(
		    reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "more than %d filters (LIMIT_FILTERS)", LIMIT_FILTERS);
	status = words_split(sign + 1, &added->command, reterr);
	if (status != STATUS_OK)
		return status;
	(void)snprintf(added->extension, sizeof(added->extension), "%.*s", STR_FMT(extension));
	formats->n++;
	write_list(formats);
	return STATUS_OK;
}

struct str
source_formats_list(const struct source_formats *formats)
{
	return str_of(formats->list);
}

static bool
ends_with(struct str name, const char *extension)
{
	size_t len = strlen(extension);

	return name.len > len + 1 && name.p[name.len - len - 1] == '.' &&
	       strncasecmp(name.p + name.len - len, extension, len) == 0;
}

/* How files of a name are read. */
struct way {
	source_reader read; /* NULL: not at all */
	char *const *command;
	bool is_one;
};

static struct way
find_way(const struct source_formats *formats, struct str name)
{
	bool is_packed = ends_with(name, "gz") || ends_with(name, "zst");

	for (size_t i = formats->n; i-- > 0;) {
		if (ends_with(name, formats->filters[i].extension))
			return (struct way) { filter_read, formats->filters[i].command, true };
	}
	if (is_packed)
		name.len -= ends_with(name, "gz") ? strlen(".gz") : strlen(".zst");
	for (size_t i = 0; i < BUILT_IN; i++) {
		bool is_pdf = built_in[i].read == filter_read;

		if (ends_with(name, built_in[i].extension) && !(is_packed && is_pdf))
			return (struct way) { built_in[i].read, is_pdf ? (char *const *)(uintptr_t)pdf_command : NULL,
				built_in[i].is_one };
	}
	return (struct way) { NULL, NULL, false };
}

bool
source_formats_has(const struct source_formats *formats, struct str name)
{
	return find_way(formats, name).read != NULL;
}

bool
source_formats_are_same(const struct source_formats *formats, struct str a, struct str b)
{
	struct way one = find_way(formats, a), other = find_way(formats, b);

	return one.read == other.read && one.command == other.command;
}

size_t
source_id_of_file(const struct source_formats *formats, struct str name, char *out, size_t size)
{
	return find_way(formats, name).is_one ? text_id_of_name(name, out, size) : 0;
}

/* A file that is nearly all holes takes hours to read and holds nothing. */
static bool
has_holes(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_size > LIMIT_SOURCE_FREE_BYTES &&
	       st.st_size / LIMIT_SOURCE_HOLES > (off_t)st.st_blocks * 512;
}

static enum status
run(source_reader read, struct reading *reading, struct error *reterr)
{
	struct error why;

	if (!has_holes(reading->file->fd))
		return read(reading, reterr);
	(void)error_set(&why, STATUS_LIMIT, ERROR_NO_OFFSET,
	    "it is longer than %d times what it takes on the disk (LIMIT_SOURCE_HOLES): nearly all of it are holes",
	    LIMIT_SOURCE_HOLES);
	return reading_refuse(reading, 0, &why, reterr);
}

enum status
source_read(const struct source_formats *formats, const struct source_file *file, const struct source_events *events,
    struct hash *ret_content, struct error *reterr)
{
	struct way way = find_way(formats, file->path);
	struct reading reading = { .file = file, .events = events, .command = way.command };
	enum status status;

	if (way.read == NULL)
		return error_set(reterr, STATUS_INTERNAL, ERROR_NO_OFFSET, "a file that is none of ours");
	status = arena_new(READING_ARENA_BYTES, &reading.arena);
	if (status != STATUS_OK)
		return error_set(reterr, status, ERROR_NO_OFFSET, "out of memory");
	status = stream_new(file->fd, events, &reading.stream, reterr);
	if (status == STATUS_OK)
		status = run(way.read, &reading, reterr);
	if (status == STATUS_OK)
		(void)stream_hash(reading.stream, ret_content);
	stream_free(reading.stream);
	arena_free(reading.arena);
	return status;
}
