/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inspect: what is in an index, and whether it is whole.  Not for searching: these calls walk over all there is.
 */
#ifndef VOISIN_STORE_INSPECT_H
#define VOISIN_STORE_INSPECT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "store/filerecord.h"
#include "store/reader.h"

/* Calls `visit` with each known file, in the order of their hashes; ends early where it does not return STATUS_OK. */
enum status store_inspect_files(const struct store_reader *reader,
    enum status (*visit)(void *arg, const struct store_file *file), void *arg, struct error *reterr) MUST_CHECK;

/*
 * Calls `visit` with each document, in the order of their numbers: the first bytes of the hash of its id, and those of the
 * hash of all that it says.  STATUS_STALE where the index was changed meanwhile.
 */
enum status store_inspect_versions(const struct store_reader *reader,
    enum status (*visit)(void *arg, uint32_t docid, uint64_t id, uint64_t content), void *arg,
    struct error *reterr) MUST_CHECK;

enum store_term_kind { STORE_TERM_YEAR, STORE_TERM_LANGUAGE };

/* Calls `visit` with each year or language that documents have, in order, and how many have it. */
enum status store_inspect_terms(const struct store_reader *reader, enum store_term_kind kind,
    enum status (*visit)(void *arg, struct str value, uint32_t documents), void *arg, struct error *reterr) MUST_CHECK;

/* Calls `visit` with each file of the generation that is read, and its size. */
enum status store_inspect_tables(const char *dir, const struct store_reader *reader,
    enum status (*visit)(void *arg, const char *name, uint64_t bytes), void *arg, struct error *reterr) MUST_CHECK;

/*
 * Compares every byte of the generation that `current` names with the hashes of its manifest.  *ret_sealed is false
 * where there are none, since the last run did not end.  STATUS_CORRUPT names the file.
 */
enum status store_inspect_hashes(const char *dir, bool *ret_sealed, struct error *reterr) MUST_CHECK;

/*
 * Xapian's own check of that generation, one of every list of its inverted files, of each document's place in one of them, and of every
 * stored text.  A damaged index may make the former crash: to
 * be called in a process that may.  STATUS_CORRUPT with the number of errors and the first of them.
 */
enum status store_inspect_structure(const char *dir, struct error *reterr) MUST_CHECK;

#endif
