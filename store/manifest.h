/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * manifest: what a generation consists of, in a file of its own.
 *
 * A glass database carries no checksums: a damaged one may answer wrongly and say nothing.  The
 * manifest names the schema and analysis that a generation was made with, counts its documents
 * and lists its files with sizes and fingerprints.  docs/index-format.md has the syntax.
 *
 * A generation is `sealed` when the list holds, and `open` from before the first change in place
 * until the run that makes the changes ends: then there is no list.  A run that was killed leaves it open.
 */
#ifndef VOISIN_STORE_MANIFEST_H
#define VOISIN_STORE_MANIFEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "store/hash.h"
#include "xapian-c/xapian-c.h"

enum { MANIFEST_FILES = 64, MANIFEST_NAME_BYTES = 64, MANIFEST_VERSION_BYTES = 200 };

struct manifest_file {
	char name[MANIFEST_NAME_BYTES];
	uint64_t size;
	struct hash hash;
};

struct manifest {
	char schema[MANIFEST_VERSION_BYTES];
	char analysis[MANIFEST_VERSION_BYTES];
	bool sealed;
	uint32_t documents; /* where sealed */
	bool has_blocks; /* the hash of a table is that of its blocks' hashes (blocks.h) */
	uint64_t revision; /* where sealed, with blocks: the commit */
	size_t n_files; /* where sealed */
	struct manifest_file files[MANIFEST_FILES];
	struct hash self; /* of the manifest's own lines: tells one manifest from another */
};

#define MANIFEST_NAME "manifest"

/* The hashes of all blocks of the state that was sealed last. */
struct manifest_base;

/*
 * Reads them, before the manifest is unsealed.  *ret_base is NULL where there are none, or they are not those of the
 * manifest: then sealing reads everything.  STATUS_NOMEM.
 */
enum status manifest_base_read(const char *path, struct manifest_base **ret_base, struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void manifest_base_free(struct manifest_base *base);

/*
 * Syncs all files of the generation at `path`, and lists them in a sealed manifest: of inverted files those that the database names.  With a base,
 * reads of blocks that no commit since has written only their first bytes, and nothing of the inverted files that it has.
 */
enum status manifest_seal(const char *path, const char *analysis, uint32_t documents, const struct manifest_base *base,
    struct error *reterr) MUST_CHECK;

/* Writes it as it is. */
enum status manifest_write(const char *path, const struct manifest *manifest, struct error *reterr) MUST_CHECK;

/* Writes an open manifest; must be on disk before the first change in place. */
enum status manifest_unseal(const char *path, const char *analysis, struct error *reterr) MUST_CHECK;

/* Reads the manifest.  STATUS_CORRUPT where it is missing or damaged. */
enum status manifest_read(const char *path, struct manifest *ret_manifest, struct error *reterr) MUST_CHECK;

/* STATUS_VERSION where this schema, or `analysis`, cannot read what the manifest describes. */
enum status manifest_check_version(
    const struct manifest *manifest, const char *analysis, struct error *reterr) MUST_CHECK;

/* Inverted files are asked for apart from all others: only a lean generation must have them. */
enum manifest_part { MANIFEST_DATABASE, MANIFEST_INVFILE };
enum manifest_part manifest_part_of(const char *name);

/*
 * Whether the files of that part are there with their sizes; STATUS_CORRUPT says which is not, also where the manifest lists no
 * inverted file.  OK for an open one.
 */
enum status manifest_check_sizes(
    const char *path, const struct manifest *manifest, enum manifest_part part, struct error *reterr) MUST_CHECK;

/* Whether the manifest lists every inverted file that `db` names; OK for an open one.  STATUS_CORRUPT, STATUS_STALE. */
enum status manifest_check_layers(
    const char *path, const struct manifest *manifest, struct xc_database *db, struct error *reterr) MUST_CHECK;

/* Reads the manifest and every file; STATUS_CORRUPT names the first that is not as it was sealed. */
enum status manifest_verify(const char *path, bool *ret_sealed, struct error *reterr) MUST_CHECK;

#endif
