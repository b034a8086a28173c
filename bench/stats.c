/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/stats.h"

#include <err.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double
stats_quantile(double *values, size_t n, double share)
{
	size_t rank = (size_t)ceil(share * (double)n);

	if (n == 0)
		return NAN;
	qsort(values, n, sizeof(*values), ascending);
	return values[rank > 0 ? rank - 1 : 0];
}

double
stats_sum(const double *values, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += values[i];
	return sum;
}

struct table {
	size_t n_columns;
	char **cells;
	size_t n, room;
};

struct table *
table_new(size_t n_columns)
{
	struct table *table = calloc(1, sizeof(*table));

	if (table == NULL)
		err(1, "out of memory");
	table->n_columns = n_columns;
	return table;
}

void
table_free(struct table *table)
{
	for (size_t i = 0; i < table->n; i++)
		free(table->cells[i]);
	free(table->cells);
	free(table);
}

void
table_cell(struct table *table, const char *format, ...)
{
	va_list arguments;

	if (table->n == table->room) {
		table->room = table->room == 0 ? 64 : table->room * 2;
		table->cells = reallocarray(table->cells, table->room, sizeof(*table->cells));
		if (table->cells == NULL)
			err(1, "out of memory");
	}
	va_start(arguments, format);
	if (vasprintf(&table->cells[table->n], format, arguments) < 0)
		err(1, "out of memory");
	va_end(arguments);
	table->n++;
}

/* The longest cell of a column (cells are ASCII). */
static int
width_of(const struct table *table, size_t column)
{
	size_t width = 3;

	for (size_t i = column; i < table->n; i += table->n_columns) {
		size_t len = strlen(table->cells[i]);

		width = len > width ? len : width;
	}
	return (int)width;
}

/* The line under the heading: |------|-----:|-----:| */
static void
print_rule(const struct table *table)
{
	for (size_t column = 0; column < table->n_columns; column++) {
		putchar('|');
		for (int i = width_of(table, column) + 1; i > 0; i--)
			putchar('-');
		putchar(column == 0 ? '-' : ':');
	}
	puts("|");
}

void
table_print(const struct table *table)
{
	for (size_t i = 0; i < table->n; i++) {
		size_t column = i % table->n_columns;
		int width = width_of(table, column);

		printf(column == 0 ? "| %-*s" : " | %*s", width, table->cells[i]);
		if (column + 1 < table->n_columns)
			continue;
		puts(" |");
		if (i + 1 == table->n_columns)
			print_rule(table);
	}
}
