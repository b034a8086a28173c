/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * agree: whether an inverted file and its database say the same of every document that is not touched.
 *
 * The plain way: each list of one is walked beside that of the other, with lengths, frequencies and positions.
 */
#ifndef VOISIN_TESTS_STORE_AGREE_H
#define VOISIN_TESTS_STORE_AGREE_H

#include "store/reader.h"

struct agreement {
	uint32_t documents; /* that were compared: untouched ones */
	uint64_t postings;
	uint64_t positions;
};

/* Ends the program, and says why, where they differ.  The reader has a file. */
struct agreement agree_or_die(const struct store_reader *reader);

/* Whether the reader is to ask Xapian for the document. */
bool agree_is_touched(const struct store_reader *reader, uint32_t docid);

#endif
