/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * holders: the documents that hold a term, of all layers, or of Xapian where it alone has the term.
 */
#ifndef VOISIN_QUERY_PLAN_HOLDERS_H
#define VOISIN_QUERY_PLAN_HOLDERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "store/reader.h"

struct holders {
	uint32_t *docids; /* room for `most`, the caller's */
	uint32_t most;
	uint32_t n;
	bool more; /* than `most` */
};

/* Finds the first holders->most documents of `term`; their docids ascend.  STATUS_CORRUPT and what else Xapian fails with. */
enum status holders_find(
    const struct store_reader *reader, struct str term, struct holders *holders, struct error *reterr) MUST_CHECK;

#endif
