/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loader: a glass database (Xapian 1.4), written from its first block to its last.
 *
 * Xapian's own way to build an index inserts each posting into B-trees.  This one sorts them and writes each table
 * in one pass (Heinz and Zobel, "Efficient Single-Pass Index Construction for Text Databases", JASIST 54, 2003):
 * collectors (collector.h), in as many processes as there are cores, leave sorted runs; the loader merges these.
 * What comes out is a database like any other, to be searched, changed, compacted and replicated by the library;
 * docs/glass-format.md says what of the format is relied on.  Spellings and synonyms it does not write.
 *
 *	loader_check(empty)                        is this the library whose format we know?
 *	collector_open(dir, 0, ...), collector_add(...), collector_finish()     in each process
 *	loader_write(dir, n, NULL, NULL, NULL, &documents, &error)
 */
#ifndef VOISIN_GLASS_LOADER_H
#define VOISIN_GLASS_LOADER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "glass/documents.h"
#include "glass/tee.h"

/*
 * Looks at an empty database that the library has just made in `dir`.  STATUS_VERSION: it has a format that is not
 * known here, and only the library itself can write it.
 */
enum status loader_check(const char *dir, struct error *reterr) MUST_CHECK;

/* Asked again and again whether to stop; may be NULL. */
struct loader_stop {
	bool (*stop_cb)(void *arg);
	void *arg;
};

/*
 * Makes a database in `dir` of what collectors 0 to n_collectors - 1 left there and of the data of `later` (or NULL), tells `tee` (or NULL) of it, removes their files and syncs all;
 * its version file is written last, so that there is a database, or none.  Runs in two processes, and a third one for the tee.
 * STATUS_CANCELLED: stop_cb answered true.  STATUS_LIMIT, STATUS_IO; then the folder is to be thrown away.
 */
enum status loader_write(const char *dir, unsigned n_collectors, const struct documents_later *later,
    const struct tee *tee, const struct loader_stop *stop, uint32_t *ret_documents, struct error *reterr) MUST_CHECK;

#endif
