/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "invfile/norms.h"

#include <stdlib.h>

static uint8_t
norm_of(const struct bm25 *bm25, double shortest, double length_factor, uint32_t length)
{
	/* Not a number where a constant is 0. */
	double quotient = shortest / bm25_beside_wdf(bm25, length * length_factor);

	return quotient < 1 ? (uint8_t)ceil(NORM_MOST * quotient) : NORM_MOST;
}

uint8_t *
norms_new(const struct bm25 *bm25, const uint32_t *lengths, uint32_t last_docid, double average_length)
{
	const double length_factor = average_length > 0 ? 1 / average_length : 0;
	const double shortest = bm25_shortest(bm25);
	uint8_t *norms = calloc((size_t)last_docid + 1 + NORMS_SLACK, 1);

	for (uint32_t docid = 1; norms != NULL && docid <= last_docid; docid++)
		norms[docid] = norm_of(bm25, shortest, length_factor, lengths[docid]);
	return norms;
}
