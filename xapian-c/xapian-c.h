/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xapian-c: Xapian 1.4 from C.
 *
 * The public face of the library, with source.h for documents from outside.  Functions are named after the Xapian class and method that
 * they stand for; what Xapian does with a call is in Xapian's own reference, and here is what the
 * binding adds: ownership, errors, limits, and the traps that it refuses to let one fall into.  It
 * does not analyse text, parse queries, read configuration or log.
 *
 *     struct error error;
 *     struct xc_database *db = NULL;
 *     struct xc_query *query = NULL;
 *     ...
 *     if (xc_database_open(STR("/var/lib/news"), 0, &db, &error) != STATUS_OK)
 *             errx(1, "%s", error.message);
 *     if (xc_query_term(STR("alep"), 1, 0, &query, &error) != STATUS_OK || ...
 *     xc_query_free(query);
 *     xc_database_close(db);
 *
 * RULES THAT HOLD FOR EVERY FUNCTION
 *
 * Errors.  A fallible function returns enum status; outputs (ret_...) are set on STATUS_OK only and
 * are untouched otherwise; *reterr (NULL accepted) is then filled: code, message.  No C++ exception
 * leaves the library.  What Xapian throws becomes
 *
 *     DatabaseModifiedError                            STALE      reopen, and do the whole query again
 *     DatabaseLockError                                BUSY       another writer holds the lock
 *     DatabaseNotFoundError, DocNotFoundError          NOT_FOUND
 *     DatabaseVersionError                             VERSION
 *     DatabaseCorruptError                             CORRUPT
 *     DatabaseOpeningError                             IO where the system said why, else CORRUPT
 *     DatabaseCreateError                              IO where the system said why, else INVALID
 *     DatabaseClosedError, InvalidArgumentError, InvalidOperationError, UnimplementedError,
 *     FeatureUnavailableError, QueryParserError, RangeError, SerialisationError      INVALID
 *     NetworkTimeoutError, the deadline of xc_query_deadline()                       TIMEOUT
 *     WildcardError, std::length_error                 LIMIT
 *     other DatabaseError, NetworkError                IO
 *     std::bad_alloc                                   NOMEM
 *     AssertionError, InternalError, all else          INTERNAL
 *
 * and what this library refuses by itself is INVALID or LIMIT, before Xapian has seen it.  Out of memory
 * is NOMEM, but Xapian 1.4.22 itself ends the process at some points of a commit and of building a NEAR.
 *
 * Ownership.  Every object is made by a function with a ret_ parameter and given back with its
 * _free() or _close(), which accept NULL.  Arguments are copied or counted, never kept: a query may
 * be freed when the larger query made of it, or the enquire that was given it, is still in use; a
 * document, iterator, enquire or match set stays valid after its database was closed with
 * xc_database_close() (and keeps the files open until it is freed).  After xc_writable_close() they
 * may be freed but answer INVALID to whatever they have not yet read.
 *
 * Strings.  A struct str that is handed out is borrowed from the object it was asked of (the first
 * argument) and valid until the next call that gets a string from that object, or the object's end.
 * Strings handed in may hold any bytes, NUL included, except paths, where NUL is refused.
 *
 * Iterators.  xc_X_next() gives the first item on the first call, and answers STATUS_OK,
 * STATUS_END, or a failure; after a failure it goes on answering that failure.
 *
 * Threads.  A database and all that was made from it belong to one thread at a time: sharing one
 * crashes Xapian.  Separate databases are independent.
 *
 * Children.  A child forked while a writable database is open keeps its lock alive.
 */
#ifndef XAPIAN_C_H
#define XAPIAN_C_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
#define XC_NOEXCEPT noexcept
#define XC_ENUM : unsigned /* any number may arrive from C, and is refused */
/* Two functions share their names with structs, as stat() does; g++ -Wshadow objects. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
extern "C" {
#else
#define XC_NOEXCEPT
#define XC_ENUM
#endif

#include "base/error.h"
#include "base/str.h"

#define XC_API __attribute__((visibility("default")))
#define XC_CALL XC_API MUST_CHECK

/* Xapian::docid, doccount, termcount, termpos, valueno, as Debian builds Xapian. */
typedef uint32_t xc_docid; /* from 1; 0 is no document */
typedef uint32_t xc_doccount;
typedef uint32_t xc_termcount;
typedef uint32_t xc_termpos;
typedef uint32_t xc_valueno;

#define XC_NO_VALUENO 0xFFFFFFFFu /* Xapian::BAD_VALUENO */

/* Limits; each refusal names the limit.  They keep every failure before the database is touched. */
enum {
	XC_TERM_BYTES = 245, /* a term, metadata key, word or synonym; a NUL byte counts twice */
	XC_DATA_BYTES = 24 << 20, /* document data, one value */
	XC_METADATA_BYTES = 8 << 20, /* the value of one metadata key */
	XC_TERMLIST_BYTES = 16 << 20, /* all the terms of a document together */
	XC_DOCUMENT_POSTINGS = 4 << 20, /* positions added to one document */
	XC_QUERY_DEPTH = 64, /* nesting of a query: Xapian's recursion overflows the stack */
	XC_WILDCARD_EXPANSION = 200, /* terms of a wildcard when 0 is asked for */
	XC_WILDCARD_EXPANSION_MAX = 10000,
	XC_SERIALISED_BYTES = 4096, /* a serialised query: its reader recurses once a byte */
	XC_SORTABLE_BYTES = 9 /* output of xc_sortable_serialise() */
};

struct xc_database;
struct xc_writable;
struct xc_document;
struct xc_query;
struct xc_enquire;
struct xc_mset;
struct xc_terms;
struct xc_postings;
struct xc_positions;
struct xc_values;

/* ---- The library ---------------------------------------------------------------------------- */

/* The version of Xapian that is running, as "1.4.22", and the one that was compiled with.  Static. */
XC_API const char *xc_version(void) XC_NOEXCEPT;
XC_API const char *xc_version_compiled(void) XC_NOEXCEPT;

/* status_name() and status_text() of base/status.h, for programs that link nothing else of ours. */
XC_API const char *xc_status_name(enum status status) XC_NOEXCEPT;
XC_API const char *xc_status_text(enum status status) XC_NOEXCEPT;

/* A string that sorts as the number does (Xapian::sortable_serialise), for values; returns its length. */
XC_API size_t xc_sortable_serialise(double value, char ret_bytes[XC_SORTABLE_BYTES]) XC_NOEXCEPT;

/* The number back.  Bytes that xc_sortable_serialise() never wrote give some number. */
XC_API double xc_sortable_unserialise(struct str bytes) XC_NOEXCEPT;

/* ---- Databases (Xapian::Database) ----------------------------------------------------------- */

/* Flags of xc_database_open(). */
enum {
	XC_BACKEND_GLASS = 0x100, /* nothing but a glass database */
	XC_BACKEND_STUB = 0x300, /* nothing but a stub file */
};

/*
 * Opens the database at `path` for reading: a directory, a single file, or a stub file that names
 * several.  Flags: 0 for whatever is there, or one backend.
 * NOT_FOUND: there is nothing there.  STALE can happen while a writer commits: try again.
 */
XC_CALL enum status xc_database_open(
    struct str path, unsigned flags, struct xc_database **ret_db, struct error *reterr) XC_NOEXCEPT;

/*
 * Opens a database served by xapian-tcpsrv (Xapian::Remote::open).  Timeouts in milliseconds, 0
 * for none: of one operation, and of the connection; past them TIMEOUT.
 */
XC_CALL enum status xc_database_open_remote(const char *host, unsigned port, unsigned timeout_ms,
    unsigned connect_timeout_ms, struct xc_database **ret_db, struct error *reterr) XC_NOEXCEPT;

/* A database without documents, to which others are added. */
XC_CALL enum status xc_database_new(struct xc_database **ret_db, struct error *reterr) XC_NOEXCEPT;

/*
 * Adds all of `other` as further shards (Database::add_database); `other` may then be closed.
 * Of n shards, document d of shard i (both from 0 and 1) gets the id (d - 1) * n + i + 1.
 */
XC_CALL enum status xc_database_add(
    struct xc_database *db, const struct xc_database *other, struct error *reterr) XC_NOEXCEPT;

/* The number of shards (Database::size). */
XC_API size_t xc_database_shards(const struct xc_database *db) XC_NOEXCEPT;

/* Gives a database back; NULL accepted. */
XC_API void xc_database_close(struct xc_database *db) XC_NOEXCEPT;

/*
 * Moves to the newest committed state.  *ret_changed (NULL accepted): whether it may differ from
 * the one before.  Never use it where another database was put at the same path: equal revision
 * numbers make Xapian mix the two.  Iterators and match sets from before may then answer STALE.
 */
XC_CALL enum status xc_database_reopen(struct xc_database *db, bool *ret_changed, struct error *reterr) XC_NOEXCEPT;

/* Keeps a remote database from timing out (Database::keep_alive). */
XC_CALL enum status xc_database_keep_alive(struct xc_database *db, struct error *reterr) XC_NOEXCEPT;

/* Whether a writer holds the lock (Database::locked). */
XC_CALL enum status xc_database_is_locked(struct xc_database *db, bool *ret_locked, struct error *reterr) XC_NOEXCEPT;

/* The UUIDs of the shards, in text, one after the other (Database::get_uuid). */
XC_CALL enum status xc_database_uuid(struct xc_database *db, struct str *ret_uuid, struct error *reterr) XC_NOEXCEPT;

/* The number of the commit that is seen (Database::get_revision); INVALID for several shards. */
XC_CALL enum status xc_database_revision(
    struct xc_database *db, uint64_t *ret_revision, struct error *reterr) XC_NOEXCEPT;

/* Documents in the database (Database::get_doccount). */
XC_CALL enum status xc_database_doccount(
    struct xc_database *db, xc_doccount *ret_count, struct error *reterr) XC_NOEXCEPT;

/* The highest document id ever used (Database::get_lastdocid). */
XC_CALL enum status xc_database_lastdocid(
    struct xc_database *db, xc_docid *ret_docid, struct error *reterr) XC_NOEXCEPT;

/* Mean length of a document, in terms (Database::get_avlength). */
XC_CALL enum status xc_database_avlength(struct xc_database *db, double *ret_length, struct error *reterr) XC_NOEXCEPT;

/* Sum of the lengths of all documents (Database::get_total_length). */
XC_CALL enum status xc_database_total_length(
    struct xc_database *db, uint64_t *ret_length, struct error *reterr) XC_NOEXCEPT;

/* Whether any position is stored (Database::has_positions). */
XC_CALL enum status xc_database_has_positions(struct xc_database *db, bool *ret_has, struct error *reterr) XC_NOEXCEPT;

/* Length of one document (Database::get_doclength); NOT_FOUND. */
XC_CALL enum status xc_database_doclength(
    struct xc_database *db, xc_docid docid, xc_termcount *ret_length, struct error *reterr) XC_NOEXCEPT;

/* Distinct terms of one document (Database::get_unique_terms); NOT_FOUND. */
XC_CALL enum status xc_database_unique_terms(
    struct xc_database *db, xc_docid docid, xc_termcount *ret_count, struct error *reterr) XC_NOEXCEPT;

/* Bounds of the document lengths, empty documents apart (get_doclength_lower_bound, _upper_). */
XC_CALL enum status xc_database_doclength_bounds(
    struct xc_database *db, xc_termcount *ret_lower, xc_termcount *ret_upper, struct error *reterr) XC_NOEXCEPT;

/* Documents that hold `term` (Database::get_termfreq); 0 where it is unknown. */
XC_CALL enum status xc_database_termfreq(
    struct xc_database *db, struct str term, xc_doccount *ret_freq, struct error *reterr) XC_NOEXCEPT;

/* Occurrences of `term` in all documents (Database::get_collection_freq). */
XC_CALL enum status xc_database_collfreq(
    struct xc_database *db, struct str term, xc_termcount *ret_freq, struct error *reterr) XC_NOEXCEPT;

/* Whether some document holds `term` (Database::term_exists). */
XC_CALL enum status xc_database_term_exists(
    struct xc_database *db, struct str term, bool *ret_exists, struct error *reterr) XC_NOEXCEPT;

/* No document has a higher wdf of `term` (Database::get_wdf_upper_bound). */
XC_CALL enum status xc_database_wdf_upper_bound(
    struct xc_database *db, struct str term, xc_termcount *ret_bound, struct error *reterr) XC_NOEXCEPT;

/* Documents with a value in `slot` (Database::get_value_freq). */
XC_CALL enum status xc_database_value_freq(
    struct xc_database *db, xc_valueno slot, xc_doccount *ret_freq, struct error *reterr) XC_NOEXCEPT;

/* No value in `slot` sorts before, or after, this; empty where there is none. */
XC_CALL enum status xc_database_value_lower_bound(
    struct xc_database *db, xc_valueno slot, struct str *ret_bound, struct error *reterr) XC_NOEXCEPT;
XC_CALL enum status xc_database_value_upper_bound(
    struct xc_database *db, xc_valueno slot, struct str *ret_bound, struct error *reterr) XC_NOEXCEPT;

/* The metadata under `key` (of the first shard alone); empty where there is none. */
XC_CALL enum status xc_database_metadata(
    struct xc_database *db, struct str key, struct str *ret_value, struct error *reterr) XC_NOEXCEPT;

/* The best spelling for `word` within `max_edits` edits (get_spelling_suggestion); empty for none. */
XC_CALL enum status xc_database_suggest(struct xc_database *db, struct str word, unsigned max_edits,
    struct str *ret_word, struct error *reterr) XC_NOEXCEPT;

/* The document `docid`, whose parts are read when asked for (Database::get_document); NOT_FOUND. */
XC_CALL enum status xc_database_document(
    struct xc_database *db, xc_docid docid, struct xc_document **ret_doc, struct error *reterr) XC_NOEXCEPT;

/*
 * A compacted copy of `db`, all shards merged, at the path `dest` (Database::compact).  Its UUID is
 * new, its revision starts again.  INVALID: `dest` is one of the sources.  block_size: 0, or a
 * power of two in 2048..65536.
 */
enum {
	XC_COMPACT_STANDARD = 0,
	XC_COMPACT_FULL = 1, /* as small as a later update allows */
	XC_COMPACT_FULLER = 2, /* smaller; not for a database that will be written to */
	XC_COMPACT_NO_RENUMBER = 4,
	XC_COMPACT_MULTIPASS = 8,
	XC_COMPACT_SINGLE_FILE = 16,
};
XC_CALL enum status xc_database_compact(
    struct xc_database *db, struct str dest, unsigned flags, unsigned block_size, struct error *reterr) XC_NOEXCEPT;

/*
 * Checks the structure of the database or table at `path` (Database::check) and sets *ret_errors to
 * the number of faults found; STATUS_OK with faults is the usual answer for a damaged one.  The
 * report goes to report[0..report_size), NUL-terminated, cut where it does not fit (NULL, 0: none).
 * XAPIAN ITSELF CAN CRASH on a damaged table (Xapian 1.4.22): call it in a child process.  And
 * silence proves nothing: glass has no checksums.
 */
enum {
	XC_CHECK_SHORT_TREE = 1,
	XC_CHECK_FULL_TREE = 2,
	XC_CHECK_SHOW_FREELIST = 4,
	XC_CHECK_SHOW_STATS = 8,
};
XC_CALL enum status xc_database_check(struct str path, unsigned flags, char *report, size_t report_size,
    size_t *ret_errors, struct error *reterr) XC_NOEXCEPT;

/* ---- Writable databases (Xapian::WritableDatabase) ------------------------------------------- */

/* One action, with any of the flags, and XC_BACKEND_GLASS at will. */
enum {
	XC_DB_CREATE_OR_OPEN = 0x00,
	XC_DB_CREATE_OR_OVERWRITE = 0x01,
	XC_DB_CREATE = 0x02, /* INVALID where a database exists */
	XC_DB_OPEN = 0x03, /* NOT_FOUND where none does */
	XC_DB_NO_SYNC = 0x04,
	XC_DB_FULL_SYNC = 0x08,
	XC_DB_DANGEROUS = 0x10, /* overwrite in place: no readers, and lost unless the last act is a commit */
	XC_DB_NO_TERMLIST = 0x20,
	XC_DB_RETRY_LOCK = 0x40, /* wait for the lock, without any time limit */
};

/*
 * Opens for writing.  block_size: 0 (8192), or a power of two in 2048..65536, for a new database.
 * BUSY: another writer holds the lock.
 *
 * A FAILED WRITE POISONS THE HANDLE.  When Xapian throws in the midst of a write it silently drops
 * everything since the last commit, and its next commit() succeeds with nothing in it.  So here
 * every later write, commits included, fails with the first failure's code until the handle is
 * closed; then open again and replay.  What is refused before Xapian is touched (a term too long, a
 * docid of 0, STATUS_NOT_FOUND from a delete...) poisons nothing.
 *
 * Xapian commits by itself after every 10,000 changed documents (XAPIAN_FLUSH_THRESHOLD in the
 * environment when the database is opened); inside a transaction it does not.
 */
XC_CALL enum status xc_writable_open(struct str path, unsigned flags, unsigned block_size,
    struct xc_writable **ret_writable, struct error *reterr) XC_NOEXCEPT;

/*
 * Gives the handle and the lock back; NULL accepted.  Unlike Xapian's close() it DISCARDS what was
 * not committed: a way out that cannot report an error does not commit.
 */
XC_API void xc_writable_close(struct xc_writable *writable) XC_NOEXCEPT;

/*
 * The same database for every function that takes a struct xc_database: it sees uncommitted
 * changes too.  Borrowed; valid until xc_writable_close(); never pass it to xc_database_close().
 */
XC_API struct xc_database *xc_writable_database(struct xc_writable *writable) XC_NOEXCEPT;

/* The first failure of a write on this handle, STATUS_OK while there was none. */
XC_API enum status xc_writable_poisoned(const struct xc_writable *writable) XC_NOEXCEPT;

/*
 * Makes all changes so far durable and visible to readers (WritableDatabase::commit); INVALID in a
 * transaction.  Xapian does not fsync the directory: after a power cut the state may be an older
 * one, or none, unless the caller does.
 */
XC_CALL enum status xc_writable_commit(struct xc_writable *writable, struct error *reterr) XC_NOEXCEPT;

/*
 * A transaction: all of what follows, or nothing.  `flushed`: commit what is pending before it, and
 * itself at its end.  Not flushed: it is committed with the next commit.  INVALID when there is
 * one already, or none to end.
 */
XC_CALL enum status xc_writable_begin_transaction(
    struct xc_writable *writable, bool flushed, struct error *reterr) XC_NOEXCEPT;
XC_CALL enum status xc_writable_commit_transaction(struct xc_writable *writable, struct error *reterr) XC_NOEXCEPT;
XC_CALL enum status xc_writable_cancel_transaction(struct xc_writable *writable, struct error *reterr) XC_NOEXCEPT;

/* Adds a document under the next id; *ret_docid (NULL accepted).  LIMIT: out of ids. */
XC_CALL enum status xc_writable_add_document(
    struct xc_writable *writable, const struct xc_document *doc, xc_docid *ret_docid, struct error *reterr) XC_NOEXCEPT;

/* Puts a document under `docid`, whether there was one or not. */
XC_CALL enum status xc_writable_replace_document(
    struct xc_writable *writable, xc_docid docid, const struct xc_document *doc, struct error *reterr) XC_NOEXCEPT;

/*
 * Replaces the first document that holds `term` and deletes the others; adds where there is none.
 * The document is expected to hold `term` itself.
 */
XC_CALL enum status xc_writable_replace_document_by_term(struct xc_writable *writable, struct str term,
    const struct xc_document *doc, xc_docid *ret_docid, struct error *reterr) XC_NOEXCEPT;

/* Deletes one document; NOT_FOUND (which leaves all else as it was). */
XC_CALL enum status xc_writable_delete_document(
    struct xc_writable *writable, xc_docid docid, struct error *reterr) XC_NOEXCEPT;

/* Deletes every document that holds `term`; OK where there is none. */
XC_CALL enum status xc_writable_delete_document_by_term(
    struct xc_writable *writable, struct str term, struct error *reterr) XC_NOEXCEPT;

/* Sets the metadata under a key that is not empty; an empty value removes it. */
XC_CALL enum status xc_writable_set_metadata(
    struct xc_writable *writable, struct str key, struct str value, struct error *reterr) XC_NOEXCEPT;

/* Adds to, or takes from, the frequency of a word of the spelling dictionary. */
XC_CALL enum status xc_writable_add_spelling(
    struct xc_writable *writable, struct str word, xc_termcount freq, struct error *reterr) XC_NOEXCEPT;
XC_CALL enum status xc_writable_remove_spelling(
    struct xc_writable *writable, struct str word, xc_termcount freq, struct error *reterr) XC_NOEXCEPT;

/* Adds or removes one synonym of `term`, or removes all. */
XC_CALL enum status xc_writable_add_synonym(
    struct xc_writable *writable, struct str term, struct str synonym, struct error *reterr) XC_NOEXCEPT;
XC_CALL enum status xc_writable_remove_synonym(
    struct xc_writable *writable, struct str term, struct str synonym, struct error *reterr) XC_NOEXCEPT;
XC_CALL enum status xc_writable_clear_synonyms(
    struct xc_writable *writable, struct str term, struct error *reterr) XC_NOEXCEPT;

/* ---- Documents (Xapian::Document) ------------------------------------------------------------ */

/* A new, empty document. */
XC_CALL enum status xc_document_new(struct xc_document **ret_doc, struct error *reterr) XC_NOEXCEPT;
XC_API void xc_document_free(struct xc_document *doc) XC_NOEXCEPT;

/* The id that it has in its (single) database, 0 for one that came from none. */
XC_CALL enum status xc_document_docid(struct xc_document *doc, xc_docid *ret_docid, struct error *reterr) XC_NOEXCEPT;

/* The stored text, any bytes; LIMIT past XC_DATA_BYTES. */
XC_CALL enum status xc_document_set_data(struct xc_document *doc, struct str data, struct error *reterr) XC_NOEXCEPT;
XC_CALL enum status xc_document_data(struct xc_document *doc, struct str *ret_data, struct error *reterr) XC_NOEXCEPT;

/*
 * Terms.  INVALID: an empty term; LIMIT: one past XC_TERM_BYTES, or more than
 * XC_DOCUMENT_POSTINGS positions.  wdf_inc is added to the term's within-document frequency.
 */
XC_CALL enum status xc_document_add_term(
    struct xc_document *doc, struct str term, xc_termcount wdf_inc, struct error *reterr) XC_NOEXCEPT;

/* add_term with a wdf of 0: for filters. */
XC_CALL enum status xc_document_add_boolean_term(
    struct xc_document *doc, struct str term, struct error *reterr) XC_NOEXCEPT;

XC_CALL enum status xc_document_add_posting(
    struct xc_document *doc, struct str term, xc_termpos pos, xc_termcount wdf_inc, struct error *reterr) XC_NOEXCEPT;

/*
 * Adds all of pos[0..n), which are strictly ascending (else INVALID, and nothing is added), each
 * with wdf_inc: the same as n calls of xc_document_add_posting().
 */
XC_CALL enum status xc_document_add_postings(struct xc_document *doc, struct str term, const xc_termpos *pos, size_t n,
    xc_termcount wdf_inc, struct error *reterr) XC_NOEXCEPT;

/* Removes a term with its positions; INVALID where the document has it not. */
XC_CALL enum status xc_document_remove_term(struct xc_document *doc, struct str term, struct error *reterr) XC_NOEXCEPT;
XC_CALL enum status xc_document_clear_terms(struct xc_document *doc, struct error *reterr) XC_NOEXCEPT;

/* The number of distinct terms (Document::termlist_count). */
XC_CALL enum status xc_document_termlist_count(
    struct xc_document *doc, xc_termcount *ret_count, struct error *reterr) XC_NOEXCEPT;

/* Values.  An empty value is none.  XC_NO_VALUENO is INVALID; removing what is not there too. */
XC_CALL enum status xc_document_set_value(
    struct xc_document *doc, xc_valueno slot, struct str value, struct error *reterr) XC_NOEXCEPT;
XC_CALL enum status xc_document_value(
    struct xc_document *doc, xc_valueno slot, struct str *ret_value, struct error *reterr) XC_NOEXCEPT;
XC_CALL enum status xc_document_remove_value(
    struct xc_document *doc, xc_valueno slot, struct error *reterr) XC_NOEXCEPT;
XC_CALL enum status xc_document_clear_values(struct xc_document *doc, struct error *reterr) XC_NOEXCEPT;

/* ---- Term iterators (Xapian::TermIterator) --------------------------------------------------- */

/* The terms of a document of the database, in byte order; NOT_FOUND. */
XC_CALL enum status xc_database_termlist(
    struct xc_database *db, xc_docid docid, struct xc_terms **ret_terms, struct error *reterr) XC_NOEXCEPT;

/* All terms that begin with `prefix`, in byte order. */
XC_CALL enum status xc_database_allterms(
    struct xc_database *db, struct str prefix, struct xc_terms **ret_terms, struct error *reterr) XC_NOEXCEPT;

/* The metadata keys that begin with `prefix` (of the first shard alone). */
XC_CALL enum status xc_database_metadata_keys(
    struct xc_database *db, struct str prefix, struct xc_terms **ret_keys, struct error *reterr) XC_NOEXCEPT;

/* The words of the spelling dictionary; a word's frequency is its termfreq. */
XC_CALL enum status xc_database_spellings(
    struct xc_database *db, struct xc_terms **ret_words, struct error *reterr) XC_NOEXCEPT;

/* The synonyms of `term`, and the terms beginning with `prefix` that have some. */
XC_CALL enum status xc_database_synonyms(
    struct xc_database *db, struct str term, struct xc_terms **ret_terms, struct error *reterr) XC_NOEXCEPT;
XC_CALL enum status xc_database_synonym_keys(
    struct xc_database *db, struct str prefix, struct xc_terms **ret_terms, struct error *reterr) XC_NOEXCEPT;

/* The terms of a document in memory; changing the document ends what may be asked of it. */
XC_CALL enum status xc_document_termlist(
    struct xc_document *doc, struct xc_terms **ret_terms, struct error *reterr) XC_NOEXCEPT;

/* The distinct terms of a query, by their position in it (Query::get_unique_terms_begin). */
XC_CALL enum status xc_query_terms(
    const struct xc_query *query, struct xc_terms **ret_terms, struct error *reterr) XC_NOEXCEPT;

/* The terms of the enquire's query that document `docid` holds; NOT_FOUND. */
XC_CALL enum status xc_enquire_matching_terms(
    struct xc_enquire *enquire, xc_docid docid, struct xc_terms **ret_terms, struct error *reterr) XC_NOEXCEPT;

/* The next term: OK, END or a failure. */
XC_CALL enum status xc_terms_next(struct xc_terms *terms, struct str *ret_term, struct error *reterr) XC_NOEXCEPT;

/* The first term >= `term`, not before the current one.  Not for xc_query_terms, xc_enquire_matching_terms. */
XC_CALL enum status xc_terms_skip_to(
    struct xc_terms *terms, struct str term, struct str *ret_term, struct error *reterr) XC_NOEXCEPT;

/* Of the current term: its wdf in the document, its document frequency in the database.  INVALID
 * where the kind of list has no such number, and where there is no current term. */
XC_CALL enum status xc_terms_wdf(struct xc_terms *terms, xc_termcount *ret_wdf, struct error *reterr) XC_NOEXCEPT;
XC_CALL enum status xc_terms_termfreq(struct xc_terms *terms, xc_doccount *ret_freq, struct error *reterr) XC_NOEXCEPT;

XC_API void xc_terms_free(struct xc_terms *terms) XC_NOEXCEPT;

/* ---- Posting and position iterators ---------------------------------------------------------- */

/* The documents that hold `term`, ascending; all documents for the empty term. */
XC_CALL enum status xc_database_postlist(
    struct xc_database *db, struct str term, struct xc_postings **ret_postings, struct error *reterr) XC_NOEXCEPT;

/* The next document: OK, END or a failure; or the first one >= docid that is not before the current one. */
XC_CALL enum status xc_postings_next(
    struct xc_postings *postings, xc_docid *ret_docid, struct error *reterr) XC_NOEXCEPT;
XC_CALL enum status xc_postings_skip_to(
    struct xc_postings *postings, xc_docid docid, xc_docid *ret_docid, struct error *reterr) XC_NOEXCEPT;

/* Of the current document: the term's wdf, the document's length.  INVALID where there is none. */
XC_CALL enum status xc_postings_wdf(
    struct xc_postings *postings, xc_termcount *ret_wdf, struct error *reterr) XC_NOEXCEPT;
XC_CALL enum status xc_postings_doclength(
    struct xc_postings *postings, xc_termcount *ret_length, struct error *reterr) XC_NOEXCEPT;

/* The positions of the term in the current document. */
XC_CALL enum status xc_postings_positions(
    struct xc_postings *postings, struct xc_positions **ret_positions, struct error *reterr) XC_NOEXCEPT;

XC_API void xc_postings_free(struct xc_postings *postings) XC_NOEXCEPT;

/* The positions of `term` in document `docid`, ascending; none where either is unknown. */
XC_CALL enum status xc_database_positions(struct xc_database *db, xc_docid docid, struct str term,
    struct xc_positions **ret_positions, struct error *reterr) XC_NOEXCEPT;
XC_CALL enum status xc_positions_next(
    struct xc_positions *positions, xc_termpos *ret_pos, struct error *reterr) XC_NOEXCEPT;
XC_CALL enum status xc_positions_skip_to(
    struct xc_positions *positions, xc_termpos pos, xc_termpos *ret_pos, struct error *reterr) XC_NOEXCEPT;
XC_API void xc_positions_free(struct xc_positions *positions) XC_NOEXCEPT;

/*
 * All the positions at once.  Begin with { NULL, 0, 0 }, use one for many reads, and end with
 * xc_poslist_done().  The fields are free to read; the memory is the list's.
 */
struct xc_poslist {
	xc_termpos *pos;
	size_t n;
	size_t capacity;
};

/* Replaces the content of *list by the positions of `term` in `docid`; n = 0 where there are none. */
XC_CALL enum status xc_positions_read(
    struct xc_database *db, xc_docid docid, struct str term, struct xc_poslist *list, struct error *reterr) XC_NOEXCEPT;

/* Frees the memory and leaves an empty list. */
XC_API void xc_poslist_done(struct xc_poslist *list) XC_NOEXCEPT;

/* ---- Value iterators (Xapian::ValueIterator) ------------------------------------------------- */

/* The values of `slot`, document by document: the key of an item is its document's id. */
XC_CALL enum status xc_database_valuestream(
    struct xc_database *db, xc_valueno slot, struct xc_values **ret_values, struct error *reterr) XC_NOEXCEPT;

/* The values of a document, slot by slot: the key of an item is its slot. */
XC_CALL enum status xc_document_values(
    struct xc_document *doc, struct xc_values **ret_values, struct error *reterr) XC_NOEXCEPT;

/* The next item: OK, END or a failure; or the first one with a key >= key, not before the current one. */
XC_CALL enum status xc_values_next(
    struct xc_values *values, uint32_t *ret_key, struct str *ret_value, struct error *reterr) XC_NOEXCEPT;
XC_CALL enum status xc_values_skip_to(
    struct xc_values *values, uint32_t key, uint32_t *ret_key, struct str *ret_value, struct error *reterr) XC_NOEXCEPT;
XC_API void xc_values_free(struct xc_values *values) XC_NOEXCEPT;

/* ---- Queries (Xapian::Query) ----------------------------------------------------------------- */

/* The operators of xc_query_combine(), as Xapian numbers them. */
enum xc_op XC_ENUM {
	XC_OP_AND = 0,
	XC_OP_OR = 1,
	XC_OP_AND_NOT = 2, /* the first and none of the others */
	XC_OP_XOR = 3,
	XC_OP_AND_MAYBE = 4,
	XC_OP_FILTER = 5, /* AND, weighted by the first alone */
	XC_OP_NEAR = 6,
	XC_OP_PHRASE = 7,
	XC_OP_ELITE_SET = 10,
	XC_OP_SYNONYM = 13,
	XC_OP_MAX = 14,
};

/* A term with its within-query frequency and its place in the query.  INVALID: empty. */
XC_CALL enum status xc_query_term(
    struct str term, xc_termcount wqf, xc_termpos pos, struct xc_query **ret_query, struct error *reterr) XC_NOEXCEPT;
XC_CALL enum status xc_query_match_all(struct xc_query **ret_query, struct error *reterr) XC_NOEXCEPT;
XC_CALL enum status xc_query_match_nothing(struct xc_query **ret_query, struct error *reterr) XC_NOEXCEPT;

/*
 * Combines n queries, which stay the caller's.  n = 0 gives match_nothing.  `parameter` is the
 * window of NEAR and PHRASE (positions from first to last, 0 for n; less than n is INVALID), or the
 * number of subqueries that ELITE_SET keeps (0: 10); it is 0 for all else.
 *
 * NEAR and PHRASE take terms, and ORs of these to any depth: anything else is INVALID here.  Xapian
 * accepts a PHRASE inside an OR inside a NEAR, and answers wrongly.  INVALID too are operands of a NEAR that
 * share a term and are not equal, as in (a OR b) NEAR (b OR c): Xapian misses some matches.
 * LIMIT: deeper than XC_QUERY_DEPTH.  The cost of a match grows with the square of n for thousands of terms.
 */
XC_CALL enum status xc_query_combine(enum xc_op op, const struct xc_query *const *queries, size_t n,
    xc_termcount parameter, struct xc_query **ret_query, struct error *reterr) XC_NOEXCEPT;

/* The query with its weight multiplied; INVALID: a factor below 0 or not finite, or a source (xc_query_source()) in it. */
XC_CALL enum status xc_query_scale_weight(
    const struct xc_query *query, double factor, struct xc_query **ret_query, struct error *reterr) XC_NOEXCEPT;

/* Documents whose value in `slot` is in lower..upper, >= limit, <= limit, as bytes.  No weight. */
XC_CALL enum status xc_query_value_range(
    xc_valueno slot, struct str lower, struct str upper, struct xc_query **ret_query, struct error *reterr) XC_NOEXCEPT;
XC_CALL enum status xc_query_value_ge(
    xc_valueno slot, struct str limit, struct xc_query **ret_query, struct error *reterr) XC_NOEXCEPT;
XC_CALL enum status xc_query_value_le(
    xc_valueno slot, struct str limit, struct xc_query **ret_query, struct error *reterr) XC_NOEXCEPT;

/* What a wildcard does when more terms than its limit begin with the prefix. */
enum xc_wildcard XC_ENUM {
	XC_WILDCARD_ERROR = 0, /* the match fails: LIMIT */
	XC_WILDCARD_FIRST = 1, /* the first in byte order */
	XC_WILDCARD_MOST_FREQUENT = 2,
};

/*
 * Any term that begins with `prefix` (not empty), combined by XC_OP_SYNONYM, XC_OP_OR or XC_OP_MAX.
 * max_terms: 0 for XC_WILDCARD_EXPANSION; LIMIT past XC_WILDCARD_EXPANSION_MAX.  Expanded for each
 * shard apart.
 */
XC_CALL enum status xc_query_wildcard(struct str prefix, xc_termcount max_terms, enum xc_wildcard mode,
    enum xc_op combiner, struct xc_query **ret_query, struct error *reterr) XC_NOEXCEPT;

/*
 * The documents of `db` from `docid` on, without weight: to go on where a former match ended,
 * as the second operand of XC_OP_FILTER.  The others are skipped, not read.  For a match on `db`
 * or on an enquire made of it (else INVALID when it runs); not on remote shards; not serialisable.
 */
XC_CALL enum status xc_query_docid_from(
    struct xc_database *db, xc_docid docid, struct xc_query **ret_query, struct error *reterr) XC_NOEXCEPT;

/*
 * All documents, without weight, until CLOCK_MONOTONIC reaches `deadline_ns`; then the match fails
 * with TIMEOUT.  To be given as the second operand of XC_OP_FILTER.  The clock is read at the start and
 * once in a few dozen candidates, also inside a phrase that nothing matches; not while a wildcard is
 * expanded, nor where no candidate arises, so it is a soft limit.  (Enquire::set_time_limit is not
 * offered: it stops nothing.)  Not on remote shards; not serialisable.
 */
XC_CALL enum status xc_query_deadline(
    uint64_t deadline_ns, struct xc_query **ret_query, struct error *reterr) XC_NOEXCEPT;

/* Another handle on the same query; cheap. */
XC_CALL enum status xc_query_copy(
    const struct xc_query *query, struct xc_query **ret_query, struct error *reterr) XC_NOEXCEPT;
XC_API void xc_query_free(struct xc_query *query) XC_NOEXCEPT;

/* Levels of nesting: 0 for match_nothing, 1 for a term. */
XC_API unsigned xc_query_depth(const struct xc_query *query) XC_NOEXCEPT;

/* "Query((alep AND syrie))", for logs and tests (Query::get_description). */
XC_CALL enum status xc_query_description(
    struct xc_query *query, struct str *ret_text, struct error *reterr) XC_NOEXCEPT;

/* Bytes that xc_query_unserialise() of the same Xapian turns into an equal query; LIMIT past XC_SERIALISED_BYTES. */
XC_CALL enum status xc_query_serialise(struct xc_query *query, struct str *ret_bytes, struct error *reterr) XC_NOEXCEPT;

/* INVALID: no such bytes, or a NEAR or PHRASE that xc_query_combine() refuses.  LIMIT: past
 * XC_SERIALISED_BYTES, or too deep. */
XC_CALL enum status xc_query_unserialise(
    struct str bytes, struct xc_query **ret_query, struct error *reterr) XC_NOEXCEPT;

/* ---- Running a query (Xapian::Enquire) ------------------------------------------------------- */

/* A search over `db`; INVALID where it has no shards. */
XC_CALL enum status xc_enquire_new(
    struct xc_database *db, struct xc_enquire **ret_enquire, struct error *reterr) XC_NOEXCEPT;
XC_API void xc_enquire_free(struct xc_enquire *enquire) XC_NOEXCEPT;

/* Sets the query; qlen is the query length for weighting, 0 for the sum of wqf. */
XC_CALL enum status xc_enquire_set_query(
    struct xc_enquire *enquire, const struct xc_query *query, xc_termcount qlen, struct error *reterr) XC_NOEXCEPT;

/* BM25 (Xapian's defaults: 1, 0, 1, 0.5, 0.5).  INVALID: negative or not finite, b above 1. */
struct xc_bm25 {
	double k1, k2, k3, b, min_normlen;
};
XC_CALL enum status xc_enquire_set_bm25(
    struct xc_enquire *enquire, const struct xc_bm25 *parameters, struct error *reterr) XC_NOEXCEPT;

/* Every weight is 0 (Xapian::BoolWeight). */
XC_CALL enum status xc_enquire_set_bool_weight(struct xc_enquire *enquire, struct error *reterr) XC_NOEXCEPT;

enum xc_sort XC_ENUM {
	XC_SORT_RELEVANCE,
	XC_SORT_VALUE,
	XC_SORT_VALUE_THEN_RELEVANCE,
	XC_SORT_RELEVANCE_THEN_VALUE,
};

/* The order of hits.  `slot` and `reverse` (greatest value first) are of the value. */
XC_CALL enum status xc_enquire_set_sort(
    struct xc_enquire *enquire, enum xc_sort sort, xc_valueno slot, bool reverse, struct error *reterr) XC_NOEXCEPT;

enum xc_docid_order XC_ENUM {
	XC_DOCID_DESCENDING = 0,
	XC_DOCID_ASCENDING = 1, /* what a new enquire has */
	XC_DOCID_DONT_CARE = 2,
};

/* The order of hits that are equal otherwise. */
XC_CALL enum status xc_enquire_set_docid_order(
    struct xc_enquire *enquire, enum xc_docid_order order, struct error *reterr) XC_NOEXCEPT;

/* At most `max` hits of one value in `slot`; XC_NO_VALUENO: no collapsing. */
XC_CALL enum status xc_enquire_set_collapse_key(
    struct xc_enquire *enquire, xc_valueno slot, xc_doccount max, struct error *reterr) XC_NOEXCEPT;

/* Drops hits under a percentage (0..100) and under a weight. */
XC_CALL enum status xc_enquire_set_cutoff(
    struct xc_enquire *enquire, unsigned percent, double weight, struct error *reterr) XC_NOEXCEPT;

/* What a decider says of a candidate. */
enum xc_decision XC_ENUM {
	XC_REJECT = 0,
	XC_ACCEPT = 1,
	XC_ABORT = 2, /* the match ends with STATUS_CANCELLED; the reason is the decider's to keep */
};

/*
 * Asked of candidates that match the query, in the order of the match and not of rank
 * (Xapian::MatchDecider); not of all of them: candidates that cannot reach the page are not shown, unless
 * checkatleast says so.  `docid` is the one that the match set will show.  It must return: no
 * longjmp, no exception; it may read the database.
 */
typedef enum xc_decision (*xc_decider)(void *ctx, xc_docid docid);

/* Sets the decider of later matches; NULL for none.  Not for remote shards. */
XC_API void xc_enquire_set_decider(struct xc_enquire *enquire, xc_decider decider, void *ctx) XC_NOEXCEPT;

/*
 * Runs the query: the hits first..first+maxitems-1 (Enquire::get_mset).  The bounds of the number of matches
 * are exact when checkatleast is at least that number.
 */
XC_CALL enum status xc_enquire_mset(struct xc_enquire *enquire, xc_doccount first, xc_doccount maxitems,
    xc_doccount checkatleast, struct xc_mset **ret_mset, struct error *reterr) XC_NOEXCEPT;

/* ---- Match sets (Xapian::MSet) --------------------------------------------------------------- */

/* Bounds, not counts: exact where lower equals upper. */
struct xc_mset_stats {
	xc_doccount size; /* hits in this match set */
	xc_doccount first; /* rank of the first */
	xc_doccount lower, estimated, upper;
	xc_doccount uncollapsed_lower, uncollapsed_estimated, uncollapsed_upper;
	double max_attained, max_possible; /* weights */
};

struct xc_mset_item {
	xc_docid docid;
	xc_doccount rank; /* from 0, over all pages */
	double weight;
	int percent;
	xc_doccount collapse_count; /* a lower bound of the hits that this one stands for */
};

XC_API void xc_mset_free(struct xc_mset *mset) XC_NOEXCEPT;

/* The number of hits in the match set. */
XC_API xc_doccount xc_mset_size(const struct xc_mset *mset) XC_NOEXCEPT;

XC_CALL enum status xc_mset_stats(
    const struct xc_mset *mset, struct xc_mset_stats *ret_stats, struct error *reterr) XC_NOEXCEPT;

/* Hit i, from 0; INVALID past the end (so for all that follow). */
XC_CALL enum status xc_mset_item(
    const struct xc_mset *mset, xc_doccount i, struct xc_mset_item *ret_item, struct error *reterr) XC_NOEXCEPT;

/* The key by which hit i was sorted, and collapsed; empty where there is none. */
XC_CALL enum status xc_mset_sort_key(
    struct xc_mset *mset, xc_doccount i, struct str *ret_key, struct error *reterr) XC_NOEXCEPT;
XC_CALL enum status xc_mset_collapse_key(
    struct xc_mset *mset, xc_doccount i, struct str *ret_key, struct error *reterr) XC_NOEXCEPT;

/* The document of hit i, or its data alone. */
XC_CALL enum status xc_mset_document(
    struct xc_mset *mset, xc_doccount i, struct xc_document **ret_doc, struct error *reterr) XC_NOEXCEPT;
XC_CALL enum status xc_mset_data(
    struct xc_mset *mset, xc_doccount i, struct str *ret_data, struct error *reterr) XC_NOEXCEPT;

/* Asks remote shards for all the documents at once (MSet::fetch); does so for a first page alone. */
XC_CALL enum status xc_mset_fetch(struct xc_mset *mset, struct error *reterr) XC_NOEXCEPT;

/* Document frequency and weight of a term of the query; INVALID for a term that is not in it. */
XC_CALL enum status xc_mset_term(const struct xc_mset *mset, struct str term, xc_doccount *ret_freq, double *ret_weight,
    struct error *reterr) XC_NOEXCEPT;

#ifdef __cplusplus
}
#pragma GCC diagnostic pop
#endif

#endif
