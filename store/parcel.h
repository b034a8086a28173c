/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parcel: a document as bytes in memory that two processes share: what a writer hands to one that analyses.
 *
 * Written and read by the same program, so that what it says is believed.
 */
#ifndef VOISIN_STORE_PARCEL_H
#define VOISIN_STORE_PARCEL_H

#include <stddef.h>
#include <stdint.h>

#include "store/document.h"
#include "store/hash.h"

struct parcel {
	uint32_t docid;
	uint32_t what; /* is to be done: an agreement of those who write and read it */
	struct hash file; /* of the path that it came from */
	struct store_document document;
};

/* How many bytes it takes. */
size_t parcel_bytes(const struct store_document *document);

/* Writes a copy at `to`, where there is room for it; returns the place behind. */
unsigned char *parcel_write(unsigned char *to, const struct parcel *parcel);

/* Reads the one at `from`, from which its strings are borrowed; returns the place behind. */
const unsigned char *parcel_read(const unsigned char *from, struct parcel *ret_parcel);

#endif
