/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table: reads the tables of tests/data/ that a linguist may extend.
 *
 * A row is a line of fields between " | ", a comment begins with '#'.  In fields, \n \t \r \\ and \|
 * stand for the characters, \xHH for a byte and \u{H...} for a code point.
 */
#ifndef VOISIN_TESTS_STEMMER_TABLE_H
#define VOISIN_TESTS_STEMMER_TABLE_H

#include <stddef.h>

#include "base/str.h"

enum { TABLE_FIELDS_MAX = 6 };

struct row {
	const char *file;
	int line;
	size_t n;
	struct str fields[TABLE_FIELDS_MAX]; /* trimmed, escapes resolved */
};

/*
 * Calls `check` for each row of tests/data/NAME.  After the last one, the test fails where a row did,
 * or where there are fewer than `least`.
 */
void table_each(const char *name, size_t least, void (*check)(const struct row *row, void *context), void *context);

/* Prints `file:line: message` and goes on with the next row; what `check` holds is lost. */
void row_fail(const struct row *row, const char *format, ...) __attribute__((format(printf, 2, 3), noreturn));

#endif
