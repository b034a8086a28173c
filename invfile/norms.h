/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * norms: what BM25 makes of documents' lengths, in a byte each, for who looks at so many documents that their lengths would be too many bytes.
 *
 * The denominator of bm25_part() is wdf + K, where K grows with the length from bm25_shortest() on; a document's norm is NORM_MOST * bm25_shortest() / K,
 * rounded up.  Of all documents with the same quotient wdf / K those have the same score; so one cannot have a score unless wdf * norm is
 * large enough.  (Lucene's norms are bytes of the lengths themselves, and scores are made of them; here nothing but a first look is.)
 */
#ifndef VOISIN_INVFILE_NORMS_H
#define VOISIN_INVFILE_NORMS_H

#include "invfile/bm25.h"

enum { NORM_MOST = UINT8_MAX, NORMS_SLACK = 64 /* bytes that may be read behind the last norm */ };

/*
 * Of documents 1 to `last_docid`, by the average length in words: norms[docid], to be freed with free(); NORMS_SLACK behind are there, and 0.  NULL where memory
 * is out.
 */
uint8_t *norms_new(const struct bm25 *bm25, const uint32_t *lengths, uint32_t last_docid, double average_length);

#endif
