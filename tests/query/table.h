/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table: the lines of a text file, for tests that are tables; and what every test of queries needs.
 */
#ifndef VOISIN_TESTS_QUERY_TABLE_H
#define VOISIN_TESTS_QUERY_TABLE_H

#include "query/language/parser.h"

/* The whole of a file; the caller frees `ret_text` with buf_done().  Fails the test where it cannot be read. */
void table_read(const char *path, struct buf *ret_text);

/* Cuts the next line off *rest; false at the end. */
bool table_line(struct str *rest, struct str *ret_line);

/* Cuts the cell before the next " | " off *line, spaces trimmed; the last cell is what remains. */
struct str table_cell(struct str *line);

/* Without the spaces at its ends. */
struct str table_trim(struct str s);

/* An arena and an analyzer for the tests of a program; made by setup, freed by teardown. */
extern struct arena *test_arena;
extern struct analyzer *test_analyzer;
int table_setup(void **state);
int table_teardown(void **state);

#endif
