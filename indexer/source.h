/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source: a file -> the documents in it.
 *
 * Which files are read, and as what, is a table of names (source_formats); docs/sources.md says what each format
 * gives.  Whatever the format, a document that comes out has its text in UTF-8, the date that is known best, and the
 * language it is in.
 *
 * What is wrong with a document is an event and not an error: the next one is read.
 */
#ifndef VOISIN_INDEXER_SOURCE_H
#define VOISIN_INDEXER_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/document.h"
#include "store/hash.h"
#include "store/writer.h"

/* What was done to a text, for the report. */
enum source_note {
	SOURCE_CONVERTED, /* it was in another encoding than UTF-8 */
	SOURCE_REPAIRED, /* characters that had been encoded twice, or wrongly, were mended */
	SOURCE_NOTES
};

enum { SOURCE_RECORDS = STORE_RECORDS_EXPECTED };

struct source_events {
	/* A document, valid during the call.  Anything but STATUS_OK ends the reading. */
	enum status (*document_cb)(void *arg, const struct store_document *document, size_t line, struct error *reterr);
	/* Something that is no document.  `line` is the line, or the number of the entry; 0 for the whole file. */
	void (*refused_cb)(void *arg, size_t line, const char *why);
	/* So many bytes were read. */
	void (*read_cb)(void *arg, size_t bytes);
	/* Once for each text that it holds for. */
	void (*note_cb)(void *arg, enum source_note note);
	/* Whether the first line of a plain text may be its title.  NULL: any may. */
	bool (*title_cb)(void *arg, struct str line);
	void *arg;
	/* Of a file of records: these come next, perhaps with others between them; at most SOURCE_RECORDS, borrowed until they have come.  May be NULL. */
	void (*expect_cb)(void *arg, const struct str *records, size_t n);
	/* Of a file of records: whether this one is as it was, and need not be read.  NULL: none is. */
	enum status (*look_cb)(void *arg, struct str record, bool *ret_same, struct error *reterr);
	/* The record gave a document, all of it from its own bytes and nothing from the file's mtime.  May be NULL. */
	void (*keep_cb)(void *arg);
};

/* ---- Which files are read --------------------------------------------------------------------- */

struct source_formats;

/* The formats that are built in.  STATUS_NOMEM. */
enum status source_formats_new(struct source_formats **ret_formats, struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void source_formats_free(struct source_formats *formats);

/*
 * Adds a filter, "EXT=COMMAND": files of that ending are given to the command, and what it writes is their text.
 * Goes before what is built in.  STATUS_INVALID says what is wrong with it.
 */
enum status source_formats_add_filter(
    struct source_formats *formats, const char *filter, struct error *reterr) MUST_CHECK;

/* Whether a file of that name is read.  A further ending .gz or .zst is looked through. */
bool source_formats_has(const struct source_formats *formats, struct str name);

/* Whether files of two names are read in the same way. */
bool source_formats_are_same(const struct source_formats *formats, struct str a, struct str b);

/*
 * The id of the document that a file of that name is: at most `size` bytes of it; returns its length, which may be
 * more.  0 where the documents in a file have ids of their own.
 */
size_t source_id_of_file(const struct source_formats *formats, struct str name, char *out, size_t size);

/* The endings that are read, "txt jsonl html ...", for messages.  Borrowed. */
struct str source_formats_list(const struct source_formats *formats);

/* ---- Reading ---------------------------------------------------------------------------------- */

struct source_file {
	int fd; /* at its beginning */
	struct str path; /* absolute; NUL-terminated */
	struct str name; /* below the folder that is indexed: for ids */
	int64_t mtime_ns; /* for the date of a document that has no other */
};

/*
 * Reads a file that source_formats_has().  *ret_content is the hash of all its bytes, where all could be read: a
 * file that cannot be read is a refusal too.  STATUS_NOMEM, or what document_cb answered.
 */
enum status source_read(const struct source_formats *formats, const struct source_file *file,
    const struct source_events *events, struct hash *ret_content, struct error *reterr) MUST_CHECK;

#endif
