/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * layers: the inverted files of an opened generation, and of which documents each may be believed.
 *
 * A lean index (store_reader_is_lean()) is nothing without them: any fault of one is a fault of the generation.  Any other is whole without
 * them, and they only make searches faster: where one is missing, damaged, of another version, or made for other weights, none is used, and
 * `why` says so.
 */
#ifndef VOISIN_STORE_LAYERS_H
#define VOISIN_STORE_LAYERS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/limits.h"
#include "store/hash.h"
#include "store/layerfile.h"
#include "store/reader.h"
#include "xapian-c/xapian-c.h"

struct layer {
	struct layerfile its; /* the file where it is used, and the set as of the commit that was read last */
	uint64_t bytes; /* of the file, used or not */
	dev_t dev; /* of the file that is open; nobody else has these while it is */
	ino_t ino;
	struct hash said; /* of what that commit says of them */
};

/* Begins with all zero but for `path`. */
struct layers {
	const char *path; /* of the generation's folder, borrowed */
	struct layer v[LIMIT_LAYERS]; /* that the commit names, ascending by number */
	struct store_layer views[LIMIT_LAYERS]; /* the same, for who reads */
	uint32_t n;
	bool lean;
	struct error why; /* code STATUS_OK where they are used, or there were never any */
};

/* All zero is accepted. */
void layers_done(struct layers *layers);

/*
 * Reads which layers the commit that `db` sees has, and opens their files where they are not open yet; to be called again after `db` was moved
 * to another commit.  A failure leaves everything as it was.
 *
 * STATUS_STALE where a file is missing, for a writer removes those that neither its last commit nor the one before it names: unless this is
 * known to be the `newest` commit, so that it should be there.  STATUS_CORRUPT names the file of a lean index that is no good.
 */
enum status layers_follow(struct layers *layers, struct xc_database *db, bool newest, struct error *reterr) MUST_CHECK;

/* Uses the files no more, where the index is whole without them. */
void layers_give_up(struct layers *layers, const struct error *why);

/* How many are in use: none, or all. */
static inline uint32_t
layers_in_use(const struct layers *layers)
{
	return layers->why.code == STATUS_OK ? layers->n : 0;
}

/* Whether `db` is that of a lean generation. */
enum status layers_are_lean(struct xc_database *db, bool *ret_lean, struct error *reterr) MUST_CHECK;

#endif
