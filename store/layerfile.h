/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * layerfile: one inverted file of a generation, and what it has wrong.
 */
#ifndef VOISIN_STORE_LAYERFILE_H
#define VOISIN_STORE_LAYERFILE_H

#include <stdint.h>

#include "base/error.h"
#include "invfile/file.h"
#include "store/touched.h"

struct layerfile {
	uint32_t number; /* layername.h */
	struct invfile *file; /* or NULL: it is not open */
	struct touched touched;
};

/*
 * Opens the file of that number in `folder`, which has as many documents as the set was made for.  STATUS_CORRUPT, which names the file: it is missing,
 * damaged, or another.
 */
enum status layerfile_open(struct layerfile *layer, const char *folder, struct error *reterr) MUST_CHECK;

/* Closes the file and frees the set; all zero then, which is accepted too. */
void layerfile_close(struct layerfile *layer);

#endif
