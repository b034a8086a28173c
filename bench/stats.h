/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stats: what many timings come down to, and a Markdown table to show it in.
 */
#ifndef VOISIN_BENCH_STATS_H
#define VOISIN_BENCH_STATS_H

#include <stddef.h>

/*
 * The value below which a share of the values lies, by nearest rank: 0.5 the median (of an even number the
 * lower of the two in the middle), 0.95.  Sorts the values.  NAN where n is 0.
 */
double stats_quantile(double *values, size_t n, double share);

double stats_sum(const double *values, size_t n);

struct table;

/* An empty table; ends the program where memory runs out, as table_cell() does. */
struct table *table_new(size_t n_columns);
void table_free(struct table *table);

/* The next cell, from left to right and then a row down; the first row is the heading. */
void table_cell(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Writes it to standard output, columns aligned: the first to the left, the others to the right. */
void table_print(const struct table *table);

#endif
