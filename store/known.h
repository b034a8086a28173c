/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * known: all files that an index knows of, in one flat table, so that a run in which nothing changed reads no more.
 *
 * DIR/known-files is made of the file records (filerecord.h) of one sealed state of one generation, and names the
 * manifest of that state.  It is a copy: where it is missing, damaged, of another state or of another machine, the
 * records themselves are read, and the run ends with a new table.
 *
 * The entries are sorted by the hash of the path.  Hashes are uniform, so that an entry is near the place that its
 * first bytes say (interpolation search: Peterson 1957).
 */
#ifndef VOISIN_STORE_KNOWN_H
#define VOISIN_STORE_KNOWN_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/hash.h"

/* 56 bytes, without holes: this is what is on the disk. */
struct known_entry {
	struct hash path;
	struct hash content;
	uint64_t size;
	int64_t mtime_ns;
	uint32_t documents;
	uint32_t name_len;
};

struct known;

#define KNOWN_NONE ((size_t)-1)

/*
 * Opens the table of the index in `dir`, if it is that of the state which `manifest` (its own hash) fingerprints.
 * *ret_known is NULL where there is none.  STATUS_NOMEM, STATUS_IO.
 */
enum status known_open(
    const char *dir, const struct hash *manifest, struct known **ret_known, struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void known_close(struct known *known);

size_t known_count(const struct known *known);

/* The i-th entry, in the order of hashes.  Borrowed until known_close(). */
const struct known_entry *known_at(const struct known *known, size_t i);

/* The place of a path's entry, or KNOWN_NONE. */
size_t known_find(const struct known *known, const struct hash *path);

/* Sorts `entries` and writes them as the table of the state with that manifest. */
enum status known_write(const char *dir, const struct hash *manifest, struct known_entry *entries, size_t n,
    struct error *reterr) MUST_CHECK;

#endif
