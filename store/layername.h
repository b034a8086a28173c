/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * layername: which inverted files a commit of an index names, and what they are called.
 *
 * A layer has a number: 0 is that of the full build, each other one of what later runs put; the higher, the newer.  A commit names a layer by
 * the metadata key under which it has the set of the documents that are touched there (touched.h, docs/index-format.md, section 6):
 *
 *	0     voisin.touched     inverted
 *	12    voisin.layer.12    inverted.12
 */
#ifndef VOISIN_STORE_LAYERNAME_H
#define VOISIN_STORE_LAYERNAME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/limits.h"
#include "xapian-c/xapian-c.h"

enum { LAYERNAME_BYTES = 32 };

/* The name of a layer's file in the generation's folder, in `space`. */
const char *layername_file(uint32_t number, char space[LAYERNAME_BYTES]);

/* The metadata key of its set, in `space`. */
struct str layername_key(uint32_t number, char space[LAYERNAME_BYTES]);

/* Whether that is the name of a layer's file, and of which layer.  ret_number may be NULL. */
bool layername_is_file(const char *name, uint32_t *ret_number);

/*
 * The layers that the commit which `db` sees names, ascending; of an index without inverted files none.  STATUS_CORRUPT where their names
 * contradict each other, STATUS_STALE.
 */
enum status layername_read(
    struct xc_database *db, uint32_t ret_numbers[LIMIT_LAYERS], uint32_t *ret_n, struct error *reterr) MUST_CHECK;

/* The highest number that was ever given to a layer; 0: none was.  Fails in the same ways. */
enum status layername_highest(struct xc_database *db, uint32_t *ret_highest, struct error *reterr) MUST_CHECK;

/* Says that what a commit says of its layers contradicts itself: STATUS_CORRUPT. */
enum status layername_damaged(struct error *reterr);

#endif
