/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * known: what an index knows of its files and of the records in them, so that a run reads no more than changed.
 *
 * Two flat tables (flat.h), which are copies and may be deleted at any time:
 *
 *	DIR/known-files      all file records (filerecord.h): a run in which nothing changed reads no more
 *	DIR/known-records    which record of a file, by its bytes, gave which document: a run in which a file of many
 *	                     records changed reads those that did
 */
#ifndef VOISIN_STORE_KNOWN_H
#define VOISIN_STORE_KNOWN_H

#include "store/flat.h"

/* 56 bytes: this is what is on the disk. */
struct known_file {
	struct hash path;
	struct hash content;
	uint64_t size;
	int64_t mtime_ns;
	uint32_t documents;
	uint32_t name_len;
};

/* 20 bytes. */
struct known_record {
	struct hash record; /* of its bytes, under the hash of its file's path */
	uint32_t docid;
};

const struct flat_kind *known_files(void);
const struct flat_kind *known_records(void);

#endif
