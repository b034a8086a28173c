/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bm25: the weight of a word in a document, with the very arithmetic of Xapian's BM25Weight.
 *
 * Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009; Xapian 1.4's variant of it (k2 = 0, k3 = 1,
 * a query frequency of 1): the inverse document frequency is kept positive, and a length below min_normlen
 * times the average counts as that.  The operations stand in Xapian's order, so that a document has the same
 * score, to the last bit, whichever of the two weighs it.
 */
#ifndef VOISIN_INVFILE_BM25_H
#define VOISIN_INVFILE_BM25_H

#include <math.h>
#include <stdint.h>

/* The constants of all queries, and of the bounds in a file; they can be set when the project is built (VOISIN_RANKING). */
#ifndef BM25_K1
#define BM25_K1 0.9
#endif
#ifndef BM25_B
#define BM25_B 0.75
#endif
#define BM25_MIN_NORMLEN 0.5

struct bm25 {
	double k1;
	double b;
	double min_normlen;
};

/* Of the whole index, documents that are not in the file included. */
struct bm25_collection {
	uint32_t documents;
	double average_length;
};

/* What a term is worth in one document at most: its idf, with (k1 + 1) and `factor` in it. */
static inline double
bm25_term_weight(const struct bm25 *bm25, uint32_t documents, uint32_t documents_with_term, double factor)
{
	double odds = (documents - documents_with_term + 0.5) / (documents_with_term + 0.5);

	if (odds < 2)
		odds = odds * 0.5 + 1;
	return log(odds) * factor * (bm25->k1 + 1);
}

/* What stands beside wdf in the denominator below, of documents that are `normlen` times as long as the average. */
static inline double
bm25_beside_wdf(const struct bm25 *bm25, double normlen)
{
	if (normlen < bm25->min_normlen)
		normlen = bm25->min_normlen;
	return bm25->k1 * (normlen * bm25->b + (1 - bm25->b));
}

/* The same of the shortest documents. */
static inline double
bm25_shortest(const struct bm25 *bm25)
{
	return bm25_beside_wdf(bm25, 0);
}

/* The part of that weight which a document with `wdf` occurrences in `length` words has: in [0, 1). */
static inline double
bm25_part(const struct bm25 *bm25, double length_factor, uint32_t wdf, uint32_t length)
{
	return wdf / (bm25_beside_wdf(bm25, length * length_factor) + wdf);
}

#endif
