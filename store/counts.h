/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * counts: how many documents hold a term, of terms for which that took long to find out.
 *
 * Of a list of an inverted file some documents were changed or deleted since; which of them are in it, only a walk through the list tells: 40
 * microseconds for a common word of 100,000 articles, as long as many a search takes.  Queries are made of the same common words
 * again and again, so that what was counted is kept, in a table of a fixed size: of two terms that fall on one place the later one stays.
 *
 * What is kept is of one state of the index: counts_forget() when that changes.
 */
#ifndef VOISIN_STORE_COUNTS_H
#define VOISIN_STORE_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "base/str.h"

struct counts;

/* Takes 128 KiB.  STATUS_NOMEM. */
enum status counts_new(struct counts **ret_counts) MUST_CHECK;

/* NULL is accepted. */
void counts_free(struct counts *counts);

void counts_forget(struct counts *counts);

/* False where the term is not known. */
bool counts_get(const struct counts *counts, struct str term, uint32_t *ret_documents);

/* Keeps what was counted, but not of terms of more than some 20 bytes: long ones are rare, and soon counted. */
void counts_put(struct counts *counts, struct str term, uint32_t documents);

#endif
