/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * same: whether a list that was just written stands in the file already.
 *
 * A name has one form, and so the postings of its stem and of its form are the same to the last byte: a third of all terms of French
 * articles, a tenth of the bytes of their lists.  The dictionary lets two terms have one list.  Found by a hash, and compared byte by byte.
 */
#ifndef VOISIN_INVFILE_SAME_H
#define VOISIN_INVFILE_SAME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "invfile/output.h"

struct same;

/*
 * For the lists of so many documents.  Takes 1 KiB for each, 64 KiB at least and 16 MiB at most, however many lists there are: the first four that fall on a place
 * of its table stay.  STATUS_NOMEM.
 */
enum status same_new(uint32_t documents, struct same **ret_same, struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void same_free(struct same *same);

/*
 * The list that was put last, from `off` to the end of `output`.  Where an earlier one has the same bytes: *ret_off is where, and the output is
 * as it was before the list.  Or else *ret_off is `off`, and it is remembered.  A list of which some has left the
 * output's buffer is not looked for.  STATUS_IO.
 */
enum status same_find(
    struct same *same, struct output *output, uint64_t off, uint64_t *ret_off, struct error *reterr) MUST_CHECK;

#endif
