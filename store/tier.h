/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tier: the inverted file of an opened generation, and of which documents it may be believed.
 *
 * A lean index (store_reader_is_lean()) is nothing without its file: any fault of it is one of the generation.  Any other is whole without it,
 * and the file only makes searches faster: one that is missing, damaged, of another version, or made for other weights is not used, and
 * `why` says so.
 */
#ifndef VOISIN_STORE_TIER_H
#define VOISIN_STORE_TIER_H

#include <stdbool.h>

#include "base/error.h"
#include "store/hash.h"
#include "store/reader.h"
#include "store/touched.h"
#include "xapian-c/xapian-c.h"

struct tier {
	struct invfile *file; /* or NULL: Xapian is asked for everything */
	uint64_t bytes; /* of the file, in use or not */
	struct touched touched; /* as of the commit that was read last */
	struct hash said; /* of what that commit says of them */
	struct store_touched view;
	struct store_layer layer;
	struct error why; /* code STATUS_OK where the file is used, or there was never one */
};

/*
 * Opens the file of the generation in folder `path`, if `db` says that it has one.  Fails where the database does; STATUS_CORRUPT names the
 * file of a lean one that is no good.
 */
enum status tier_open(const char *path, struct xc_database *db, struct tier *ret_tier, struct error *reterr) MUST_CHECK;

/* All zero is accepted. */
void tier_done(struct tier *tier);

/* To be called after `db` was moved to another commit.  Reads the set where that is another. */
enum status tier_follow(struct tier *tier, struct xc_database *db, struct error *reterr) MUST_CHECK;

/* Whether `db` is that of a lean generation. */
enum status tier_is_lean(struct xc_database *db, bool *ret_lean, struct error *reterr) MUST_CHECK;

/* Uses the file no more, where the index is whole without it. */
void tier_give_up(struct tier *tier, const struct error *why);

#endif
