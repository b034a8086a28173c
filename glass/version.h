/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * version: the file iamglass, which makes a folder of tables a database.
 */
#ifndef VOISIN_GLASS_VERSION_H
#define VOISIN_GLASS_VERSION_H

#include "base/error.h"
#include "glass/btree.h"
#include "glass/inverted.h"

/* In the order in which the file lists them. */
enum version_table {
	VERSION_POSTLIST,
	VERSION_DOCDATA,
	VERSION_TERMLIST,
	VERSION_POSITION,
	VERSION_SPELLING,
	VERSION_SYNONYM,
	VERSION_TABLES
};

struct version {
	unsigned char uuid[16];
	uint32_t revision;
	struct btree_root roots[VERSION_TABLES];
	struct inverted_stats stats;
};

/* Writes dir/iamglass, with a new UUID, and syncs it. */
enum status version_write(const char *dir, struct version *version, struct error *reterr) MUST_CHECK;

/*
 * Whether the database in `dir`, made by the library and empty, is byte for byte what version_write() would have
 * written: format, block size, thresholds, statistics.  STATUS_VERSION where it is not.
 */
enum status version_check_empty(const char *dir, struct error *reterr) MUST_CHECK;

#endif
