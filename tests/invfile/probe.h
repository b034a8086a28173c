/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probe: everything that can be asked of an inverted file, of which no byte need be right.
 *
 * Whatever the bytes are, every docid is one of the file's, docids and positions ascend, and lists end: abort() is
 * called otherwise.
 */
#ifndef VOISIN_TESTS_INVFILE_PROBE_H
#define VOISIN_TESTS_INVFILE_PROBE_H

#include "invfile/file.h"

/* Walks, seeks, verifies and matches.  `seed` chooses where to. */
void probe_file(const struct invfile *file, uint64_t seed);

/* Makes checksums and size right again after a change of the `len` bytes of a file, so that the change is believed. */
void probe_mend(unsigned char *bytes, size_t len);

#endif
