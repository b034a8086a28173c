/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * claims: the ids of a build, and the file that each came from.
 *
 * A build by the bulk loader has no index yet that could be asked.  The ids are kept as hashes, 20 bytes each in a
 * table that is at most three quarters full; of the files the paths, as far as a few megabytes go: they are there to be
 * named in a refusal.
 */
#ifndef VOISIN_STORE_CLAIMS_H
#define VOISIN_STORE_CLAIMS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "store/hash.h"

struct claims;

enum status claims_new(struct claims **ret_claims, struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void claims_free(struct claims *claims);

/* From here on ids are claimed for that file (copied). */
enum status claims_begin_file(struct claims *claims, struct str path, struct error *reterr) MUST_CHECK;

/* STATUS_INVALID where the id is taken, and by which file. */
enum status claims_check(const struct claims *claims, const struct hash *id, struct error *reterr) MUST_CHECK;

/* Takes an id that is free. */
enum status claims_take(struct claims *claims, const struct hash *id, struct error *reterr) MUST_CHECK;

#endif
