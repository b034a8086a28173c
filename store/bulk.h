/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bulk: a new generation, built by the bulk loader (glass/loader.h).
 *
 * The counterpart of batch.h for builds.  Documents are analysed and inverted in worker processes, one a core; what
 * they leave is merged at the end.  Nothing is in the index before, so that ids are remembered here (claims.h).
 */
#ifndef VOISIN_STORE_BULK_H
#define VOISIN_STORE_BULK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "store/document.h"
#include "store/hash.h"

struct bulk;

/*
 * Whether the installed Xapian writes the format that the loader writes: makes an empty database in dir/gen-probe.tmp,
 * looks at it, and removes it.  STATUS_VERSION where it does not.
 */
enum status bulk_probe(const char *dir, struct error *reterr) MUST_CHECK;

/*
 * Begins a generation in the folder `path`, which must not exist, with so many workers (0: one a core).  `lean`: what the inverted file
 * has the database lacks; or else it is whole without the file.
 */
enum status bulk_open(
    const char *path, unsigned workers, bool lean, struct bulk **ret_bulk, struct error *reterr) MUST_CHECK;

/* Ends all processes.  The folder stays.  NULL is accepted. */
void bulk_close(struct bulk *bulk);

/* From here on documents are of that file. */
enum status bulk_begin_file(struct bulk *bulk, struct str path, struct error *reterr) MUST_CHECK;

/*
 * Puts a document (copied) that document_check() accepts.  STATUS_INVALID: its id is taken; STATUS_LIMIT: too many
 * words.  Any other failure is the end of the build, and may be about a document put before.
 */
enum status bulk_put(struct bulk *bulk, const struct store_document *document, struct error *reterr) MUST_CHECK;

enum status bulk_set_metadata(struct bulk *bulk, struct str key, struct str value, struct error *reterr) MUST_CHECK;

/*
 * Writes the database.  `stop_cb` (or NULL) is asked again and again whether to give up: STATUS_CANCELLED then.
 * *ret_documents: how many it holds.
 */
enum status bulk_finish(
    struct bulk *bulk, bool (*stop_cb)(void *arg), void *arg, uint32_t *ret_documents, struct error *reterr) MUST_CHECK;

#endif
