/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jsonline: one JSON object a line on standard output, for programs that read along.
 */
#ifndef VOISIN_INDEXER_JSONLINE_H
#define VOISIN_INDEXER_JSONLINE_H

#include <jansson.h>
#include <stdbool.h>

/* Writes `object`, which may be NULL for want of memory, and takes it.  False where that fails. */
bool jsonline_write(json_t *object);

#endif
