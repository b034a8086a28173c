/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/histogram.h"

/*
 * The first 128 values have a bucket each; then the bucket is the power of two and the seven bits below the highest:
 *
 *	value 1 0110101 1010...   shifted until eight bits are left: bucket = shift * 128 + those eight
 */
static uint32_t
bucket_of(uint64_t value)
{
	uint32_t shift = 0;

	if (value >= 2 * HISTOGRAM_PARTS)
		shift = 63 - (uint32_t)__builtin_clzll(value) - HISTOGRAM_PART_BITS;
	return shift * HISTOGRAM_PARTS + (uint32_t)(value >> shift);
}

/* The largest value of a bucket. */
static uint64_t
top_of(uint32_t bucket)
{
	uint32_t shift = bucket < 2 * HISTOGRAM_PARTS ? 0 : bucket / HISTOGRAM_PARTS - 1;

	return ((uint64_t)(bucket - shift * HISTOGRAM_PARTS) + 1) * (UINT64_C(1) << shift) - 1;
}

void
histogram_add(struct histogram *histogram, uint64_t value)
{
	histogram->counts[bucket_of(value)]++;
	histogram->n++;
	if (value > histogram->max)
		histogram->max = value;
}

uint64_t
histogram_quantile(const struct histogram *histogram, double share)
{
	uint64_t wanted = (uint64_t)(share * (double)histogram->n + 0.5), seen = 0;

	if (wanted < 1)
		wanted = 1;
	for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += histogram->counts[i];
		if (seen >= wanted)
			return top_of(i) < histogram->max ? top_of(i) : histogram->max;
	}
	return 0;
}
