/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * writer: documents in, a published generation out.
 *
 * The one way into an index.  A writer holds the lock of the index folder.  STORE_UPDATE changes the
 * published generation in place, in commits that readers see one after another; where there is no
 * index yet, and with STORE_REBUILD, it builds a new generation aside that nobody sees until
 * store_writer_finish() publishes it.
 *
 *	store_writer_open(dir, &options, &writer, &error)
 *	store_writer_add_source(writer)
 *	  store_writer_add_scope(writer, folder)         what this run covers
 *	  store_writer_file_get / _keep / _expect        for each file that is there
 *	  store_writer_file_begin, put..., file_end      for each file that has to be read
 *	store_writer_sweep_plan, store_writer_sweep      what vanished
 *	store_writer_finish, store_writer_close
 *
 * Every document belongs to the file that it came from.  What a file held before and was not put
 * again between begin and end, and the documents of files that vanished, are deleted by the sweep
 * and not before, so that a document that moved from one file to another is never absent.
 */
#ifndef VOISIN_STORE_WRITER_H
#define VOISIN_STORE_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "store/document.h"
#include "store/filerecord.h"

struct store_writer;

/*
 * Sets what ends the process where the library under a writer cannot go on, nor say so by a status (xc_on_terminate()): for instance where a
 * write fails while a failed commit is being undone.  It must not return.  What was committed before is kept.
 */
void store_writer_on_terminate(void (*terminate_cb)(void));

enum store_mode { STORE_UPDATE, STORE_REBUILD };

/* What became of a document. */
enum store_put { STORE_ADDED, STORE_CHANGED, STORE_UNCHANGED };

struct store_writer_options {
	enum store_mode mode;
	bool dry_run; /* answer as if, take no lock, write nothing */
	/*
	 * Told of a document that was accepted by store_writer_put() and then failed to be written;
	 * `was` is what put had answered.  `id` is valid during the call.  May be NULL.
	 */
	void (*refused_cb)(void *arg, struct str id, enum store_put was, const struct error *why);
	void *arg;
	/* Asked, with `arg`, whether to give up, while store_writer_finish() writes a build.  May be NULL. */
	bool (*stop_cb)(void *arg);
	/* How a build is made: by the bulk loader in so many processes (0: one a core), or by Xapian. */
	bool without_bulk;
	unsigned processes;
	bool lean; /* what the loader's inverted file has the database lacks */
};

/*
 * Opens the index in `dir` for writing, making the folder where it is missing (not its parents), and
 * clears away what killed runs left.  STATUS_BUSY names the process that writes it; STATUS_VERSION:
 * made by another version, only STORE_REBUILD will do; STATUS_CORRUPT, STATUS_IO.
 */
enum status store_writer_open(const char *dir, const struct store_writer_options *options,
    struct store_writer **ret_writer, struct error *reterr) MUST_CHECK;

/* Gives up what was not committed (all of a build that was not finished) and the lock.  NULL is accepted. */
void store_writer_close(struct store_writer *writer);

/* Whether a new generation is being built: nothing is visible before store_writer_finish(). */
bool store_writer_is_build(const struct store_writer *writer);

/*
 * Why a build is made by Xapian itself and not by the bulk loader, which is faster; NULL where the loader makes it,
 * where nothing is built, or where options.without_bulk asked for it.  Borrowed until close.
 */
const char *store_writer_fallback(const struct store_writer *writer);

/* ---- Files ----------------------------------------------------------------------------------- */

/*
 * From here on store_writer_add_scope() is about another source.  What would be deleted is counted for each:
 * one that has gone missing must not hide behind those that have not.  The first scope begins the first source by itself.
 */
enum status store_writer_add_source(struct store_writer *writer, struct error *reterr) MUST_CHECK;

/* `path` (absolute) and all below it is what this run looks at; a known file there that it does not meet has vanished. */
enum status store_writer_add_scope(struct store_writer *writer, struct str path, struct error *reterr) MUST_CHECK;

/* `path` and all below it could not be looked at: whatever is known there stays. */
enum status store_writer_spare(struct store_writer *writer, struct str path, struct error *reterr) MUST_CHECK;

/* What is known of a file.  STATUS_NOT_FOUND.  ret_file->path is borrowed until the next call. */
enum status store_writer_file_get(
    struct store_writer *writer, struct str path, struct store_file *ret_file, struct error *reterr) MUST_CHECK;

/*
 * The file is as it was: its documents stay, and nobody else may have their ids.  Notes the record
 * where it differs from the known one (an mtime that moved).
 */
enum status store_writer_file_keep(
    struct store_writer *writer, const struct store_file *file, struct error *reterr) MUST_CHECK;

enum store_look {
	STORE_FILE_NEW, /* not known */
	STORE_FILE_CHANGED, /* known, with another size or mtime */
	STORE_FILE_SAME, /* kept, as by store_writer_file_keep() */
	STORE_FILE_SEEN /* this run has met it already */
};

/*
 * A file that is there, with its size and mtime: keeps it where it is as it was, and expects it to be read where it is not.
 * *ret_known is what is known of one that is kept or changed; its path is `path`.  Reads nothing of the index
 * where the table of known files (known.h) holds.
 */
enum status store_writer_file_look(struct store_writer *writer, struct str path, uint64_t size, int64_t mtime_ns,
    struct store_file *ret_known, enum store_look *ret_look, struct error *reterr) MUST_CHECK;

/* The file is there and will be read later in this run; until then its documents may move to another file. */
enum status store_writer_file_expect(struct store_writer *writer, struct str path, struct error *reterr) MUST_CHECK;

/* Whether keep, expect or begin has named this file in this run. */
bool store_writer_file_is_seen(const struct store_writer *writer, struct str path);

/* Begins a file; `file` is copied, its documents and content fields are not used. */
enum status store_writer_file_begin(
    struct store_writer *writer, const struct store_file *file, struct error *reterr) MUST_CHECK;

/*
 * Ends it.  `complete`: all of it was read and nothing in it was refused, so that what it held before and
 * was not put again is doomed, and the file need not be read again while it stays as it is.
 */
enum status store_writer_file_end(
    struct store_writer *writer, const struct hash *content, bool complete, struct error *reterr) MUST_CHECK;

/*
 * Renames.  A known file that this run did not meet may be one that it met under another name, with the same bytes.
 * To be asked when all files of the run were looked at: whether a vanished file of that size is known.
 */
enum status store_writer_has_vanished(
    struct store_writer *writer, uint64_t size, bool *ret_has, struct error *reterr) MUST_CHECK;

/* A vanished file of that size and content, once; ret_from->path is borrowed until the next call.  STATUS_NOT_FOUND. */
enum status store_writer_take_vanished(struct store_writer *writer, uint64_t size, const struct hash *content,
    struct store_file *ret_from, struct error *reterr) MUST_CHECK;

/*
 * Makes the documents of `from` those of `to`, without analysing them again, and settles `to`.  The document whose id
 * is old_id gets new_id; all others keep theirs.  STATUS_INVALID where another document has new_id: nothing
 * is changed then.
 */
enum status store_writer_file_move(struct store_writer *writer, const struct store_file *from,
    const struct store_file *to, struct str old_id, struct str new_id, struct error *reterr) MUST_CHECK;

/* ---- Documents ------------------------------------------------------------------------------- */

/*
 * Puts a document (copied) of the file that was begun.  STATUS_INVALID or STATUS_LIMIT refuses it,
 * with the reason, and changes nothing: not fit for the index, or its id belongs to another document of this run.
 * Any other failure is the end of the run.
 */
enum status store_writer_put(struct store_writer *writer, const struct store_document *document,
    enum store_put *ret_put, struct error *reterr) MUST_CHECK;

/*
 * Of a file of many records: those that store_writer_record_look() will be asked for next, where nothing else comes between; they are hashed
 * side by side, in half the time.  At most STORE_RECORDS_EXPECTED, borrowed until they were asked for; the next call takes the place of the one before.
 */
enum { STORE_RECORDS_EXPECTED = 64 };
void store_writer_records_expect(struct store_writer *writer, const struct str *records, size_t n);

/*
 * A file of many records, each a document: whether a record of the file that was begun is, byte for byte, one that gave a document
 * before; then that document stays as it is, as if it had been put and were unchanged.  Costs a hash of the record.  Never so
 * in a dry run.
 */
enum status store_writer_record_look(
    struct store_writer *writer, struct str record, bool *ret_same, struct error *reterr) MUST_CHECK;

/*
 * Notes that the record which was looked at last gives the document that was put since, whatever else becomes of the
 * file.  Past LIMIT_KNOWN_RECORDS, or without memory, nothing is noted, and the record is read again next time.
 */
void store_writer_record_keep(struct store_writer *writer);

/* How many documents of an index that is updated hold a term (store/lines.h); of a build, 0. */
enum status store_writer_frequency(
    struct store_writer *writer, struct str term, uint32_t *ret_documents, struct error *reterr) MUST_CHECK;

/* Deletes the document of that id.  STATUS_NOT_FOUND. */
enum status store_writer_delete(struct store_writer *writer, struct str id, struct error *reterr) MUST_CHECK;

/* ---- The end --------------------------------------------------------------------------------- */

struct store_sweep {
	uint64_t known; /* documents that the files in scope held before this run, or hold in what is served */
	uint64_t doomed; /* of them, those that store_writer_sweep() would delete; of a build, how many fewer it has */
};

/*
 * Finds what is to be deleted.  To be called when all files are kept or ended.  *ret_sweep counts all sources; of a
 * build, all that is served, also where this run does not look.
 */
enum status store_writer_sweep_plan(
    struct store_writer *writer, struct store_sweep *ret_sweep, struct error *reterr) MUST_CHECK;

/* The same of the n-th source, after the plan. */
struct store_sweep store_writer_sweep_of(const struct store_writer *writer, size_t n);

/* Deletes it. */
enum status store_writer_sweep(struct store_writer *writer, struct error *reterr) MUST_CHECK;

/*
 * Commits, seals, and publishes a build.  STATUS_OK means that all of it is on the disk.  The
 * generation built holds exactly the documents that were accepted, or is not published.
 */
enum status store_writer_finish(struct store_writer *writer, struct error *reterr) MUST_CHECK;

/*
 * After it: whether so many documents of the inverted file were changed since it was made (touched_is_many()) that a new one is worth its
 * while, and how many, of how many.
 */
bool store_writer_many_touched(const struct store_writer *writer, uint32_t *ret_touched, uint32_t *ret_of);

#endif
