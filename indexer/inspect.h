/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inspect: voisin-index --stats and --verify.
 */
#ifndef VOISIN_INDEXER_INSPECT_H
#define VOISIN_INDEXER_INSPECT_H

#include "base/error.h"
#include "indexer/settings.h"

/*
 * Writes to standard output what is in the index: documents by source, language and year, bytes by table.  With
 * --json, one JSON object.
 */
enum status inspect_stats(const struct settings *settings, struct error *reterr) MUST_CHECK;

/*
 * Compares the index with its manifest, byte by byte, and has Xapian check it in a child process, which may crash.
 * Writes what was found to standard output.  STATUS_CORRUPT where anything was; STATUS_BUSY where a job is at work.
 */
enum status inspect_verify(const struct settings *settings, struct error *reterr) MUST_CHECK;

#endif
