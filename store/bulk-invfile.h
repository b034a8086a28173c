/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bulk-invfile: the inverted file of a generation, written while the bulk loader writes the tables.
 *
 * Joins glass/tee.h and invfile/writer.h, says which terms the file holds (schema_is_in_invfile()), and of which stem's list that of a surface
 * form is a part.
 */
#ifndef VOISIN_STORE_BULK_INVFILE_H
#define VOISIN_STORE_BULK_INVFILE_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "glass/tee.h"

struct analyzer;
struct invfile_writer;

struct bulk_invfile {
	char path[PATH_MAX];
	bool lean; /* the database has nothing of what the file has */
	uint32_t documents; /* that were told of */
	struct invfile_writer *writer; /* in the process that writes */
	struct analyzer *analyzer; /* there too */
};

/* For the generation in folder `dir`, lean or whole.  *ret_tee borrows *invfile.  Nothing is opened before the tee's start. */
enum status bulk_invfile_tee(
    struct bulk_invfile *invfile, const char *dir, bool lean, struct tee *ret_tee, struct error *reterr) MUST_CHECK;

#endif
