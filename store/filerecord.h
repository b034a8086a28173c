/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filerecord: what the index knows of a file that documents came from.
 *
 * Kept in the database's metadata, under a key made of the path's hash, so that it is committed with
 * the documents: either both are there after a crash, or neither.
 */
#ifndef VOISIN_STORE_FILERECORD_H
#define VOISIN_STORE_FILERECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "store/hash.h"
#include "store/schema.h"
#include "xapian-c/xapian-c.h"

/* The mtime of a record that must not be trusted: the file is to be read again. */
#define STORE_MTIME_UNSURE INT64_MIN

struct store_file {
	struct str path; /* absolute */
	size_t name_len; /* the last so many bytes of path: its name below the folder that was indexed */
	uint64_t size;
	int64_t mtime_ns; /* or STORE_MTIME_UNSURE */
	uint32_t documents;
	struct hash content; /* of the file's bytes */
};

enum { FILERECORD_KEY_BYTES = sizeof(SCHEMA_META_FILE) - 1 + HASH_HEX_BYTES };

/* The metadata key of a path, NUL-terminated. */
void filerecord_key(const struct hash *path_hash, char ret_key[FILERECORD_KEY_BYTES + 1]);

/* The hash of the path that a metadata key is made of; false for another kind of key. */
bool filerecord_hash_of_key(struct str key, struct hash *ret_hash);

/* Appends the record as metadata: "1 SIZE MTIME DOCUMENTS CONTENT NAME_LEN\nPATH". */
enum status filerecord_encode(const struct store_file *file, struct buf *out) MUST_CHECK;

/* Reads it back; ret_file->path points into `data`.  STATUS_CORRUPT. */
enum status filerecord_decode(struct str data, struct store_file *ret_file, struct error *reterr) MUST_CHECK;

/* Calls `visit` with each record of a database, whose path is valid during the call; ends where that fails. */
enum status filerecord_each(struct xc_database *db, enum status (*visit)(void *arg, const struct store_file *file),
    void *arg, struct error *reterr) MUST_CHECK;

#endif
