/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * random: texts and queries by chance, of few words that stand near each other often.
 */
#ifndef VOISIN_TESTS_SEARCH_RANDOM_H
#define VOISIN_TESTS_SEARCH_RANDOM_H

#include <stdint.h>

enum { RANDOM_TEXT_BYTES = 1024, RANDOM_QUERY_BYTES = 512 };

/* Names of one word, of two and of three, some of which are parts of others: a table of variants. */
extern const char random_names[];

/* Not 0. */
void random_seed(uint64_t seed);
unsigned random_below(unsigned n);

/* n words; `out` has RANDOM_TEXT_BYTES. */
void random_text(char *out, unsigned n);

/* Appends a query that nests so deep; `out` has RANDOM_QUERY_BYTES.  The wide one has prefixes, fields, dates and weights too. */
void random_query(char *out, int depth);
void random_wide_query(char *out, int depth);

#endif
