/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * histogram: how often each of many durations came, in little room and with a bounded error.
 *
 * Log-linear, after the idea of Tene's HdrHistogram: each power of two is cut into 128 equal parts, so that a value is known to
 * within 0.8 % wherever it lies between a nanosecond and a century.
 */
#ifndef VOISIN_BENCH_HISTOGRAM_H
#define VOISIN_BENCH_HISTOGRAM_H

#include <stdint.h>

enum { HISTOGRAM_PART_BITS = 7, HISTOGRAM_PARTS = 1 << HISTOGRAM_PART_BITS };
enum { HISTOGRAM_BUCKETS = (64 - HISTOGRAM_PART_BITS + 1) * HISTOGRAM_PARTS };

/* To be filled with zeros at first. */
struct histogram {
	uint64_t n;
	uint64_t max;
	uint64_t counts[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *histogram, uint64_t value);

/* The value that a share of all values does not pass, 0.5 the median; the upper end of its bucket, or 0 where n is 0. */
uint64_t histogram_quantile(const struct histogram *histogram, double share);

#endif
