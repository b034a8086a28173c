/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * likeness: are two documents of the index reprints of one another?
 *
 * They are where their signatures have a band in common and the Jaccard coefficient of their texts' shingles is
 * REPRINT_LIKENESS or more.  Both are of the two texts alone, so that the answer is the same whoever asks, in whichever order.
 * The coefficient is that of the stored texts, never an estimate: signatures only spare reading texts that cannot be alike.
 */
#ifndef VOISIN_QUERY_REPRINTS_LIKENESS_H
#define VOISIN_QUERY_REPRINTS_LIKENESS_H

#include "base/error.h"
#include "reprints/signature.h"
#include "store/hash.h"
#include "store/reader.h"

#define REPRINT_LIKENESS 0.5

/* What the index keeps of a text for this. */
struct fingerprint {
	uint32_t docid;
	bool has_signature; /* the text is long enough */
	struct signature signature;
	struct hash text; /* of all its bytes */
};

struct likeness;

/* Makes one for `reader`, which is borrowed until likeness_free(), as it is now.  STATUS_NOMEM or STATUS_OK. */
enum status likeness_new(
    const struct store_reader *reader, struct likeness **ret_likeness, struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void likeness_free(struct likeness *likeness);

const struct store_reader *likeness_reader(const struct likeness *likeness);

/* Fails like store_reader_document(). */
enum status fingerprint_read(const struct store_reader *reader, uint32_t docid, struct fingerprint *ret_fingerprint,
    struct error *reterr) MUST_CHECK;

/* Those of n documents, by docid, ascending: cheaper than one by one where they are many. */
enum status fingerprints_read(const struct store_reader *reader, const uint32_t *docids, uint32_t n,
    struct fingerprint *ret_fingerprints, struct error *reterr) MUST_CHECK;

/*
 * The coefficient of two documents that have signatures; one below REPRINT_LIKENESS may be given as 0, unread.  The texts
 * last read are kept, so that comparing one document with many reads it once.  Fails like store_reader_document().
 */
enum status likeness_find(struct likeness *likeness, const struct fingerprint *a, const struct fingerprint *b,
    double *ret_likeness, struct error *reterr) MUST_CHECK;

/*
 * Whether two documents that have signatures are reprints, without reading texts where the signatures leave no doubt: the estimate of a
 * likeness below 0.5 is 31 bins of 36 or more once in a million.
 */
enum status likeness_is_enough(struct likeness *likeness, const struct fingerprint *a, const struct fingerprint *b,
    bool *ret_enough, struct error *reterr) MUST_CHECK;

#endif
