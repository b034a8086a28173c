/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * agree: whether the inverted files of an index have every document once, and say of each what its database says.
 *
 * The plain way.  Of a whole index each posting of each file is looked for in the database, which must not have others; a lean one must have none of
 * these terms, and the length of each document instead.  `sum` is the same for indexes of the same documents, in whatever order
 * and in however many files they came there: of all postings, with their positions, under the ids of their documents.
 */
#ifndef VOISIN_TESTS_STORE_AGREE_H
#define VOISIN_TESTS_STORE_AGREE_H

#include "store/reader.h"

struct agreement {
	uint32_t layers;
	uint32_t documents;
	uint64_t postings;
	uint64_t positions;
	uint64_t sum;
};

/* Ends the program, and says why, where they differ.  The reader has layers. */
struct agreement agree_or_die(const struct store_reader *reader);

#endif
