/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reader: the published generation of an index, for searching.
 *
 * A reader opens the path that `current` resolves to, never `current` itself, and never reopens
 * across a switch: a new generation is a new database object.  One reader a thread or process.
 */
#ifndef VOISIN_STORE_READER_H
#define VOISIN_STORE_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "store/document.h"
#include "xapian-c/xapian-c.h"

struct store_reader;
struct invfile;
struct counts;

/*
 * Opens the index in folder `dir`.  STATUS_NOT_FOUND where there is none, STATUS_VERSION where it was
 * made by another schema or analysis version (the message says to reindex), STATUS_CORRUPT, STATUS_IO.
 */
enum status store_reader_open(const char *dir, struct store_reader **ret_reader, struct error *reterr) MUST_CHECK;

/*
 * The same for who rather answers from an older state than not at all: where what `current` names cannot be opened, the
 * newest generation before it that is whole is.  store_reader_stats() names the one that is refused, and why; refreshing
 * moves on when another one is published, or when the files of the refused one have changed.
 */
enum status store_reader_open_or_before(
    const char *dir, struct store_reader **ret_reader, struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void store_reader_close(struct store_reader *reader);

/*
 * Looks for a new commit or a new generation and moves to it; to be called before each request and
 * after STATUS_STALE.  Where a new generation cannot be opened the reader stays with the old one and
 * returns STATUS_OK, and store_reader_stats() tells why.  ret_changed may be NULL.  Costs one stat()
 * where nothing moved.
 */
enum status store_reader_refresh(struct store_reader *reader, bool *ret_changed, struct error *reterr) MUST_CHECK;

/*
 * The same at the start of a request that can be asked again: where the last look was less than half a
 * millisecond ago, which is less than a commit takes, it does not look.
 */
enum status store_reader_glance(struct store_reader *reader, struct error *reterr) MUST_CHECK;

/*
 * A request failed for `why`; may that be because the index is damaged?  At the first doubt (`again` false) the same
 * generation is opened anew, and held against its manifest, and after STATUS_CORRUPT its inverted files, where it is not lean, are used no more.  At the second one (it failed again, and Xapian calls it damaged)
 * the generation is given up, like one that cannot be opened: a reader of store_reader_open_or_before() goes back to the one
 * before, and does not try this one again until its files change.  Returns whether the request should be tried again.
 */
bool store_reader_doubt(struct store_reader *reader, bool again, const struct error *why);

/* The database, borrowed until the next refresh or close. */
struct xc_database *store_reader_database(const struct store_reader *reader);

/*
 * Whether the inverted files are a part of the generation that nothing stands in for: then there is always one, and the database has none of the terms
 * that they have (schema_is_in_invfile()).
 */
bool store_reader_is_lean(const struct store_reader *reader);

/*
 * The documents of an inverted file, by their numbers there, of which it says nothing true, since they were changed or deleted after it was made: those
 * whose bit is set (number n: bit n % 64 of words[n / 64]).  All from `first` on, which it has not, count as such too.
 */
struct store_touched {
	const uint64_t *words;
	uint32_t n_words;
	uint32_t n_set; /* how many bits are set */
	uint32_t first; /* the file's last number + 1 */
};

/* Whether a document is one of them. */
static inline bool
store_touched_has(const struct store_touched *touched, uint32_t number)
{
	return number >= touched->first ||
	       (number / 64 < touched->n_words && (touched->words[number / 64] >> number % 64 & 1) != 0);
}

/*
 * A layer: an inverted file, and the documents of it, by their numbers there (invfile_docid()), that were changed or deleted since it was made.
 * The first layer is that of the full build, each other one has what later runs put.  A document that the index has is untouched in
 * just one of them, and a document that is untouched in one is in the index.
 */
struct store_layer {
	const struct invfile *file;
	struct store_touched touched;
};

/* The layers, oldest first; *ret_n is 0 where Xapian is asked for everything.  Borrowed until the next refresh or close. */
const struct store_layer *store_reader_layers(const struct store_reader *reader, uint32_t *ret_n);

/* The layer that has a document, and its number there; NULL where none has. */
const struct store_layer *store_reader_layer_of(
    const struct store_reader *reader, uint32_t docid, uint32_t *ret_number);

/* What was counted in the layers (counts.h); forgotten when the reader moves to another state.  Borrowed until it is closed. */
struct counts *store_reader_counts(const struct store_reader *reader);

/* Whether the index has words without stems (SCHEMA_MARK_UNSTEMMED): documents that are not in French. */
bool store_reader_has_unstemmed(const struct store_reader *reader);

/*
 * What the reader sees, as one word such as "gen-000003.41": the generation and the revision of its
 * last commit.  Equal stamps mean equal answers.  Borrowed until the next refresh or close.
 */
struct str store_reader_stamp(const struct store_reader *reader);

/*
 * How often a refresh has moved to another state, in this process.  Unlike the stamp it also tells apart a generation
 * that somebody has put in the place of another with the same name and revision.
 */
uint64_t store_reader_changes(const struct store_reader *reader);

/* Reads a document; its strings live in `arena`.  STATUS_NOT_FOUND, STATUS_STALE, STATUS_CORRUPT. */
enum status store_reader_document(const struct store_reader *reader, uint32_t docid, struct arena *arena,
    struct store_document *ret_document, struct error *reterr) MUST_CHECK;

/* The id of a document, in `arena`, without reading the rest of it; fails like store_reader_document(). */
enum status store_reader_id(const struct store_reader *reader, uint32_t docid, struct arena *arena, struct str *ret_id,
    struct error *reterr) MUST_CHECK;

/* The docid of a document id.  STATUS_NOT_FOUND. */
enum status store_reader_find(
    const struct store_reader *reader, struct str id, uint32_t *ret_docid, struct error *reterr) MUST_CHECK;

struct store_stats {
	uint32_t documents;
	uint64_t words; /* positions of all bodies and titles */
	struct str generation; /* "gen-000003" */
	uint64_t revision;
	bool is_lean;
	bool invfile_is_used;
	uint32_t invfile_layers; /* inverted files, that of the full build among them */
	uint64_t invfile_bytes; /* of all; 0: there is none */
	uint32_t invfile_put; /* documents that later runs put, and that stand in files of their own */
	uint32_t
	    invfile_touched; /* documents that were changed or deleted since the file was made that they stand in */
	struct str invfile_why; /* why those that should be there are not used, or empty */
	struct str refused_generation; /* a newer one that could not be opened, or empty */
	struct str refused_why;
};

/*
 * The name of the state that `current` names and the reader cannot serve, or empty, and why.  Borrowed until the next
 * refresh, doubt or close.
 */
struct str store_reader_refused(const struct store_reader *reader, struct str *ret_why);

/* Borrowed until the next refresh or close. */
enum status store_reader_stats(
    const struct store_reader *reader, struct store_stats *ret_stats, struct error *reterr) MUST_CHECK;

#endif
