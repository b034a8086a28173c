/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * writer-internal: what writer.c, writer-files.c, writer-documents.c and sweep.c share.
 */
#ifndef VOISIN_STORE_WRITER_INTERNAL_H
#define VOISIN_STORE_WRITER_INTERNAL_H

#include <limits.h>

#include "base/buf.h"
#include "base/limits.h"
#include "store/batch.h"
#include "store/bulk.h"
#include "store/generation.h"
#include "store/known.h"
#include "store/manifest.h"
#include "store/postings.h"
#include "store/seen.h"
#include "store/writer.h"
#include "xapian-c/xapian-c.h"

/* A growing list of docids. */
struct docids {
	uint32_t *ids;
	size_t n;
	size_t capacity;
};

/* A list of paths, owned. */
struct paths {
	struct str *paths; /* each NUL-terminated */
	size_t n;
	size_t capacity;
};

/* A known file that this run did not meet: it may be there under another name. */
struct vanished {
	struct hash path;
	struct hash content;
	uint64_t size;
	bool taken;
};

struct vanished_list {
	bool is_made;
	struct vanished *v; /* by size */
	size_t n;
	size_t capacity;
};

/* What store_writer_add_source() began. */
struct source {
	struct paths scope;
	struct store_sweep sweep;
	uint64_t built; /* documents of a build */
};

/* The file between begin and end. */
struct open_file {
	bool is_open;
	struct hash hash;
	struct buf path;
	struct store_file record;
	struct docids before; /* what it held when it was begun, ascending */
	bool *met; /* of each, whether it was put again */
	uint32_t documents; /* put so far */
	struct str expected[STORE_RECORDS_EXPECTED]; /* records, borrowed: only their places count */
	struct hash expected_hashes[STORE_RECORDS_EXPECTED];
	size_t n_expected;
	size_t next_expected;
	struct hash asked; /* the record of the last store_writer_record_look() */
	uint32_t put; /* docid of the last document that was put, 0 for none */
};

/* Which records gave which documents: as it was, what this run adds to it, and what is no longer so. */
struct records {
	struct flat *known; /* (known.h), or NULL */
	struct hash manifest; /* of the state that it is of */
	struct known_record *v; /* of this run */
	size_t n;
	size_t capacity;
	struct docids stale; /* documents that this run wrote or deleted */
	bool is_lost; /* a document that was accepted failed to be written, or memory did not suffice */
	bool is_made; /* `v` is the next table */
};

struct store_writer {
	char dir[PATH_MAX];
	char path[PATH_MAX]; /* of the database */
	struct store_writer_options options;
	struct generation generation;
	bool is_build;
	bool was_killed; /* the last run that changed the generation: what it left is to be swept */
	bool unsealed; /* the manifest says open */
	struct manifest_base *base; /* what it sealed before, or NULL */
	struct error invfile_fault; /* what is wrong with the inverted file; code STATUS_OK for nothing */
	uint32_t many_touched; /* of touched_of documents, where that is many; else 0 of 0 */
	uint32_t touched_of;
	int lock_fd; /* -1 in a dry run */
	struct batch *batch; /* NULL in a dry run, and where there is `bulk` */
	struct bulk *bulk; /* of a build that the bulk loader makes, or NULL */
	struct error fallback; /* why the bulk loader does not make this build; code STATUS_OK for no reason */
	struct xc_database *old; /* in a dry run, the published generation, or NULL where there is none */
	struct postings_builder *builder; /* in a dry run */
	struct seen seen; /* files of this run, but for those kept by `known` */
	struct flat *known; /* files (known.h), or NULL */
	struct records records;
	unsigned char *kept; /* of the entries of `known`, by place: whether this run kept the file */
	struct seen touched; /* files whose records this run changed, by the hash of their path */
	struct vanished_list vanished;
	struct seen dry_moved; /* in a dry run, files that would have given their documents to others */
	struct seen dry_ids; /* in a dry run, the ids that would have been added or changed, by hash */
	struct open_file file;
	struct source *sources;
	size_t n_sources;
	uint64_t known_documents; /* that files of this run held before */
	struct paths spared;
	struct buf metadata; /* of the last store_writer_file_get() */
	struct docids doomed; /* by the sweep */
	struct buf doomed_records; /* metadata keys of the files that vanished, each with a NUL behind it */
	uint32_t added;
	uint32_t deleted;
};

/* Sets metadata, whoever makes the build. */
enum status writer_put_metadata(
    struct store_writer *writer, struct str key, struct str value, struct error *reterr) MUST_CHECK;

/* The database as it is now, or NULL where there is none (a dry run on nothing, a build by the bulk loader). */
struct xc_database *writer_database(const struct store_writer *writer);

enum status docids_add(struct docids *docids, uint32_t docid, struct error *reterr) MUST_CHECK;
enum status paths_add(struct paths *paths, struct str path, struct error *reterr) MUST_CHECK;
/* Whether `path` is one of them or below one. */
bool paths_cover(const struct paths *paths, struct str path);
void paths_done(struct paths *paths);

/* Whether `hash` is a file that was kept without a look into the index. */
bool writer_is_kept(const struct store_writer *writer, const struct hash *hash);

/* Tells `visit` of each file record in scope that this run has not met.  `file` is valid during the call. */
typedef enum status writer_visit(struct store_writer *writer, struct str key, const struct hash *hash,
    const struct store_file *file, struct error *reterr);
enum status writer_for_each_unmet(struct store_writer *writer, writer_visit *visit, struct error *reterr) MUST_CHECK;

/* Marks a file's record as changed in this run. */
enum status writer_touch(struct store_writer *writer, const struct hash *hash, struct error *reterr) MUST_CHECK;

/* Writes the table of known files anew where the index or the table is not what it was.  It may be done without. */
void writer_note_known(struct store_writer *writer);

/* Notes that a document is not what a record gave it before.  Out of memory, the next run reads all records. */
void writer_note_stale(struct store_writer *writer, uint32_t docid);

/* Makes the table that writer_note_records() writes: before the last commit, while documents are still being analysed. */
void writer_make_records(struct store_writer *writer);

/* Writes the table of known records anew where the index or the table is not what it was.  It may be done without. */
void writer_note_records(struct store_writer *writer);
void writer_records_done(struct store_writer *writer);

/* Whether the open file held that document before and has not put it yet; notes that it did. */
bool writer_meet(struct store_writer *writer, uint32_t docid);

/* Sets the record of a file. */
enum status writer_set_record(
    struct store_writer *writer, const struct store_file *file, struct error *reterr) MUST_CHECK;

/* Notes the state of a file in this run. */
enum status writer_see(struct store_writer *writer, const struct hash *hash, enum seen_state state,
    struct seen_file **ret_seen, struct error *reterr) MUST_CHECK;

/* Counts documents that a file held before. */
void writer_count_known(struct store_writer *writer, struct str path, uint64_t documents);

/* The docid of an id; STATUS_NOT_FOUND. */
enum status writer_find_id(
    struct store_writer *writer, struct str id, uint32_t *ret_docid, struct error *reterr) MUST_CHECK;

/* The source that a path is in, or NULL. */
struct source *writer_source_of(const struct store_writer *writer, struct str path);

/* All documents of a file, ascending, appended to *ret_docids. */
enum status writer_documents_of(
    struct store_writer *writer, const struct hash *file, struct docids *ret_docids, struct error *reterr) MUST_CHECK;

/* The record of a file by the hash of its path; ret_file->path is borrowed until the next call. */
enum status writer_get_record(
    struct store_writer *writer, const struct hash *file, struct store_file *ret_file, struct error *reterr) MUST_CHECK;

/* To be called before every change: marks a published generation as open, once. */
enum status writer_unseal(struct store_writer *writer, struct error *reterr) MUST_CHECK;

/* The id of a document that is in the index, in `space`. */
enum status writer_id_of(struct store_writer *writer, uint32_t docid, char space[LIMIT_ID_BYTES], struct str *ret_id,
    struct error *reterr) MUST_CHECK;

/* The words of a document that is in the index. */
enum status writer_words_of(
    struct store_writer *writer, uint32_t docid, uint32_t *ret_words, struct error *reterr) MUST_CHECK;

#endif
