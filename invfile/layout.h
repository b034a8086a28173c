/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * layout: the first bytes of an inverted file, for those who write and read it (docs/inverted-file.md, section 2).
 */
#ifndef VOISIN_INVFILE_LAYOUT_H
#define VOISIN_INVFILE_LAYOUT_H

#include "base/error.h"
#include "invfile/bm25.h"
#include "invfile/bytes.h"

#define LAYOUT_MAGIC "VoisinIF"

enum { LAYOUT_VERSION = 4, LAYOUT_BYTES = 192 /* of the header */ };

/* What the header says. */
struct layout {
	uint32_t version;
	uint32_t documents;
	uint32_t last_docid;
	uint64_t total_length;
	struct bm25 bm25;
	double average_length; /* for which all bounds hold */
	uint64_t docids_off; /* of the table of docids, which stands behind the lengths, or 0: numbers are docids */
	uint64_t lists_off; /* lengths and docids stand between the header and this */
	uint64_t lists_bytes;
	uint64_t dictionary_off;
	uint64_t dictionary_bytes;
	uint64_t terms;
	uint64_t groups_off; /* of the dictionary */
	uint64_t groups;
	uint64_t file_bytes;
	uint64_t checksum; /* of all behind the header */
};

/*
 * Carries a checksum on over `len` bytes, a multiple of eight.  Each step is one to one in the checksum and in the eight
 * bytes, so that a change in eight of them is never missed.
 */
uint64_t layout_checksum(uint64_t checksum, const unsigned char *bytes, size_t len);

/* The same over `len` zeros. */
uint64_t layout_checksum_zeros(uint64_t checksum, uint64_t len);

#define LAYOUT_CHECKSUM_START UINT64_C(0xcbf29ce484222325)

/* STATUS_VERSION on a machine that keeps the highest byte of a number first: there is no such file there. */
enum status layout_check_machine(struct error *reterr) MUST_CHECK;

/* Where the table of docids would begin: four bytes for each number from 0 on, as lengths have. */
static inline uint64_t
layout_docids_off(const struct layout *layout)
{
	return LAYOUT_BYTES + ((uint64_t)layout->last_docid + 1) * 4;
}

void layout_put(unsigned char to[LAYOUT_BYTES], const struct layout *layout);

/* Fills *ret_layout.  STATUS_VERSION, STATUS_CORRUPT: it is no header, or is damaged. */
enum status layout_get(const unsigned char from[LAYOUT_BYTES], struct layout *ret_layout) MUST_CHECK;

/* What a bound is kept as: parts of 255, rounded up; and what it is then. */
static inline unsigned char
layout_bound(double part)
{
	double scaled = ceil(part * 255);

	if (scaled / 255 < part)
		scaled++;
	return scaled < 255 ? (unsigned char)scaled : 255;
}

static inline double
layout_bound_value(unsigned char bound)
{
	return bound / 255.0;
}

/* Behind the blocks of a list of more than one: their last docids, where they start (4 bytes each), and their bounds (1 byte). */
enum { LAYOUT_ENTRY_BYTES = 9 };

#endif
