/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flat: a table in a file of the index folder, that holds for one sealed state of one generation and can be done without.
 *
 * It names the manifest of that state.  Where it is missing, damaged, of another state or of another machine, there is none, and
 * whoever uses it does what takes longer.
 *
 * Entries of one length, each with a hash at its beginning by which they are sorted.  Hashes are uniform, so that an
 * entry is near the place that its first bytes say (interpolation search: Peterson 1957).
 */
#ifndef VOISIN_STORE_FLAT_H
#define VOISIN_STORE_FLAT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/hash.h"

enum { FLAT_MAGIC_BYTES = 16 };

struct flat_kind {
	const char *name; /* of the file */
	char magic[FLAT_MAGIC_BYTES];
	size_t entry_bytes; /* of the struct that an entry is: without holes */
};

struct flat;

#define FLAT_NONE ((size_t)-1)

/*
 * Opens the table of the index in `dir`, if it is that of the state which `manifest` (its own hash) fingerprints.
 * *ret_flat is NULL where there is none.  STATUS_NOMEM, STATUS_IO.
 */
enum status flat_open(const char *dir, const struct flat_kind *kind, const struct hash *manifest,
    struct flat **ret_flat, struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void flat_close(struct flat *flat);

size_t flat_count(const struct flat *flat);

/* The i-th entry, in the order of hashes.  Borrowed until flat_close(). */
const void *flat_at(const struct flat *flat, size_t i);

/* The place of an entry with that hash, or FLAT_NONE. */
size_t flat_find(const struct flat *flat, const struct hash *key);

/* The order of entries, for qsort(). */
int flat_compare(const void *a, const void *b);

/* Sorts `entries`, where they are not, and writes them as the table of the state with that manifest. */
enum status flat_write(const char *dir, const struct flat_kind *kind, const struct hash *manifest, void *entries,
    size_t n, struct error *reterr) MUST_CHECK;

#endif
