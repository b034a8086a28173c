/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reading: what every reader of a format works with.
 *
 * A reader takes bytes from the stream and gives articles, each with what the format says of it and no more.
 * article_give() adds what any document must have: fields on one line, a day for its date and where that comes from,
 * the language.
 */
#ifndef VOISIN_INDEXER_SOURCES_READING_H
#define VOISIN_INDEXER_SOURCES_READING_H

#include "base/arena.h"
#include "base/buf.h"
#include "indexer/source.h"
#include "indexer/sources/stream.h"

enum {
	READING_TITLE_BYTES = 300, /* a longer first line of a text is no title */
	READING_ARENA_BYTES = 64 * 1024 * 1024 /* of what is kept beside the text of one document */
};

struct reading {
	const struct source_file *file;
	const struct source_events *events;
	struct stream *stream;
	struct arena *arena; /* of one document: article_give() empties it at its end */
	bool by_mtime; /* the last document would have another date with another mtime, or may have */
	char *const *command; /* of a filter: its words, NULL behind the last */
};

typedef enum status (*source_reader)(struct reading *reading, struct error *reterr);

/* The readers, one a format (docs/sources.md). */
enum status text_read(struct reading *reading, struct error *reterr) MUST_CHECK;
enum status jsonl_read(struct reading *reading, struct error *reterr) MUST_CHECK;
enum status markdown_read(struct reading *reading, struct error *reterr) MUST_CHECK;
enum status html_read(struct reading *reading, struct error *reterr) MUST_CHECK;
enum status feed_read(struct reading *reading, struct error *reterr) MUST_CHECK;
enum status mail_read(struct reading *reading, struct error *reterr) MUST_CHECK;
enum status mbox_read(struct reading *reading, struct error *reterr) MUST_CHECK;
enum status warc_read(struct reading *reading, struct error *reterr) MUST_CHECK;
enum status filter_read(struct reading *reading, struct error *reterr) MUST_CHECK;

/*
 * One document, as its format tells of it.  Strings are UTF-8 (NUL and control characters in them are the store's to
 * refuse), any may be empty, and must stay until article_give() returns.
 */
struct article {
	struct str id;
	struct str title;
	struct str text;
	struct str date; /* in any notation of date.h */
	struct str author;
	struct str source;
	struct str url;
	struct str captured; /* a date that is better than none: of a record of an archive */
	struct str language; /* as declared: "fr", "fr-FR", "FR" */
	size_t number; /* the line, or which one of the file; 0 where the file is it */
	bool is_exact; /* all fields are to be taken or refused as they are, but for blanks at their ends */
};

/* Makes a document of it and hands it on. */
enum status article_give(struct reading *reading, const struct article *article, struct error *reterr) MUST_CHECK;

/* The same; without an id the file's name is the id, and a name that is too long is refused. */
enum status article_give_named(struct reading *reading, struct article *article, struct error *reterr) MUST_CHECK;

/*
 * Reports what went wrong with a document, and STATUS_OK, so that the next one is read; but STATUS_NOMEM is
 * everybody's, and is returned.
 */
enum status reading_refuse(
    struct reading *reading, size_t number, const struct error *why, struct error *reterr) MUST_CHECK;

/* All of the file, at most `max` bytes.  *ret_whole is false where it was refused. */
enum status reading_all(struct reading *reading, struct buf *out, bool *ret_whole, struct error *reterr) MUST_CHECK;

/* Appends bytes in whatever encoding as UTF-8, and notes what that took. */
enum status reading_decode(
    struct reading *reading, struct str bytes, const char *declared, struct buf *out, struct error *reterr) MUST_CHECK;

/*
 * `natural` as an id, in the arena: control characters and bytes that are not UTF-8 as %NN; where it is too long, its
 * beginning and a hash of all of it.  {NULL, 0} when memory runs out.
 */
struct str reading_id(struct reading *reading, struct str natural);

/* White space, of which any runs are one blank, cut off at both ends; in the arena.  {NULL, 0} without memory. */
struct str reading_line(struct reading *reading, struct str s);

/*
 * Gives the bytes of a plain text, in whatever encoding, as a document.  Without an id in `article` the file's name is
 * the id.
 */
enum status text_give(struct reading *reading, struct str bytes, const char *declared, struct article *article,
    struct error *reterr) MUST_CHECK;

/* Without white space at both ends. */
struct str text_trim(struct str s);

/* Takes the first line off *rest, without its end. */
struct str text_take_line(struct str *rest);

/* Title and text of the contents of a plain text; both point into `contents`. */
void text_split(struct str contents, struct str *ret_title, struct str *ret_text);

/*
 * The id of a file: its name, with control characters and bytes that are not UTF-8 as %NN.  Writes at most `size`
 * bytes; returns the length, which may be more than was written.
 */
size_t text_id_of_name(struct str name, char *out, size_t size);

#endif
