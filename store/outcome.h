/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * outcome: what became of a document in the process that analysed it, as bytes for the one that asked.
 *
 * Either what Xapian's database gets of it, without its data, or why it was refused.  Written and read by the same program, so that what it
 * says is believed.
 */
#ifndef VOISIN_STORE_OUTCOME_H
#define VOISIN_STORE_OUTCOME_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "glass/collector.h"

/* Begins with all zero. */
struct outcome {
	struct error refused; /* code STATUS_OK: it was not */
	uint32_t words;
	struct glass_document document; /* terms, without those `for_tee`, and values */
	/* Memory of the above. */
	struct glass_term *terms;
	size_t terms_capacity;
	struct glass_value *values;
	size_t values_capacity;
};

/* Appends that of a document which has so many words, or of one that was refused.  STATUS_NOMEM. */
enum status outcome_write(
    struct buf *out, const struct glass_document *sealed, uint32_t words, struct error *reterr) MUST_CHECK;
enum status outcome_write_refused(struct buf *out, const struct error *why, struct error *reterr) MUST_CHECK;

/*
 * Reads the one at `from`, which is aligned as memory of malloc() is; it is borrowed from there.  *ret_behind is the next one's place.
 * STATUS_NOMEM.
 */
enum status outcome_read(
    const char *from, struct outcome *outcome, const char **ret_behind, struct error *reterr) MUST_CHECK;

/* Frees what it holds. */
void outcome_done(struct outcome *outcome);

#endif
