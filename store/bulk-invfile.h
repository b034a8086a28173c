/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bulk-invfile: the inverted file of a generation, written while the bulk loader writes the tables.
 *
 * Joins glass/tee.h and invfile/writer.h, and says which terms the file holds (schema_is_in_invfile()).
 */
#ifndef VOISIN_STORE_BULK_INVFILE_H
#define VOISIN_STORE_BULK_INVFILE_H

#include <limits.h>
#include <stdbool.h>

#include "base/error.h"
#include "glass/tee.h"

struct invfile_writer;

struct bulk_invfile {
	char path[PATH_MAX];
	bool lean; /* the database has nothing of what the file has */
	struct invfile_writer *writer; /* in the process that writes */
};

/* For the generation in folder `dir`, lean or whole.  *ret_tee borrows *invfile.  Nothing is opened before the tee's start. */
enum status bulk_invfile_tee(
    struct bulk_invfile *invfile, const char *dir, bool lean, struct tee *ret_tee, struct error *reterr) MUST_CHECK;

#endif
