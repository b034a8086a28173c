/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * documents: the two tables by document: stored data, and term lists with the slots that have values.
 *
 * Collectors leave the entries ready for them, in files by kind:
 *
 *	terms-N.tmp   docid   tag of the terms   tag of the slots
 *	data-N.tmp    docid   tag of the data, of documents that have some
 *	later-N.tmp   the same, of documents whose data came apart from them
 *
 * where a tag is its length * 2 + whether it is compressed, and its bytes.
 */
#ifndef VOISIN_GLASS_DOCUMENTS_H
#define VOISIN_GLASS_DOCUMENTS_H

#include "base/error.h"
#include "glass/btree.h"

enum { DOCUMENTS_NAME_BYTES = 32 };

/* "terms-3.tmp" */
void documents_name(const char *kind, unsigned collector, char ret_name[DOCUMENTS_NAME_BYTES]);

/* Writes dir/termlist.glass and dir/docdata.glass from the files of n_collectors collectors. */
enum status documents_write_terms(
    const char *dir, unsigned n_collectors, struct btree_root *ret_root, struct error *reterr) MUST_CHECK;
enum status documents_write_data(
    const char *dir, unsigned n_collectors, struct btree_root *ret_root, struct error *reterr) MUST_CHECK;

#endif
