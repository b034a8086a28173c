/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source: a file -> the documents in it.
 *
 * Two kinds.  A .txt file is one document: its first line that is not blank is the title, if it is
 * short and something follows, and the rest the text.  A .jsonl file has one JSON object a line: id, title,
 * date, source, url, text; only id and text must be there, and other keys mean nothing.
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

enum {
	SOURCE_TITLE_BYTES = 300, /* of a .txt file: a longer first line is text */
	SOURCE_LINE_BYTES = 32 * 1024 * 1024 /* of a .jsonl file */
};

struct source_events {
	/* A document, valid during the call.  Anything but STATUS_OK ends the reading. */
	enum status (*document_cb)(void *arg, const struct store_document *document, size_t line, struct error *reterr);
	/* Something that is no document.  `line` is 0 for the whole file. */
	void (*refused_cb)(void *arg, size_t line, const char *why);
	/* So many bytes were read. */
	void (*read_cb)(void *arg, size_t bytes);
	void *arg;
};

/*
 * Reads a file from `fd`, at its beginning.  `name` is its name below the folder that is indexed, for
 * the document's id.  *ret_content is the hash of all bytes, where all could be read: a file that cannot
 * be read is a refusal too.  STATUS_NOMEM, or what document_cb answered.
 */
enum status source_read_text(int fd, struct str name, const struct source_events *events, struct hash *ret_content,
    struct error *reterr) MUST_CHECK;
enum status source_read_jsonl(
    int fd, const struct source_events *events, struct hash *ret_content, struct error *reterr) MUST_CHECK;

/* Title and text of the contents of a .txt file; both point into `contents`. */
void source_split_text(struct str contents, struct str *ret_title, struct str *ret_text);

/*
 * The id of a .txt file: its name, with control characters and bytes that are not UTF-8 as %NN.  Writes at
 * most `size` bytes; returns the length, which may be more than was written.
 */
size_t source_id_of_name(struct str name, char *out, size_t size);

#endif
