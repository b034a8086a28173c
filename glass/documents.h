/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * documents: the two tables by document: stored data, and term lists with the slots that have values.
 *
 * Collectors leave the entries ready for them, in files by kind:
 *
 *	terms-N.tmp   docid   tag of the terms   tag of the slots
 *	data-N.tmp    docid   tag of the data, of documents that have some
 *
 * where a tag is its length * 2 + whether it is compressed, and its bytes.
 */
#ifndef VOISIN_GLASS_DOCUMENTS_H
#define VOISIN_GLASS_DOCUMENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "glass/btree.h"

enum { DOCUMENTS_NAME_BYTES = 32 };

/* Where data come from that no collector was given. */
struct documents_later {
	void *arg;
	/*
	 * The next one's docid, which ascends, its data (borrowed until the next call), and whether these are packed and not to be
	 * compressed again; STATUS_END.
	 */
	enum status (*next_cb)(
	    void *arg, uint32_t *ret_docid, struct str *ret_data, bool *ret_is_packed, struct error *reterr);
};

/* "terms-3.tmp" */
void documents_name(const char *kind, unsigned collector, char ret_name[DOCUMENTS_NAME_BYTES]);

/* Writes dir/termlist.glass and dir/docdata.glass from the files of n_collectors collectors, and of `later`, which may be NULL. */
enum status documents_write_terms(
    const char *dir, unsigned n_collectors, struct btree_root *ret_root, struct error *reterr) MUST_CHECK;
enum status documents_write_data(const char *dir, unsigned n_collectors, const struct documents_later *later,
    struct btree_root *ret_root, struct error *reterr) MUST_CHECK;

#endif
