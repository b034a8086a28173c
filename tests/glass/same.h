/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * same: two databases that must hold the same, and one that must be whole; a test fails where they do not.
 */
#ifndef VOISIN_TESTS_GLASS_SAME_H
#define VOISIN_TESTS_GLASS_SAME_H

#include "tests/glass/compare.h"

/* Compares the databases at two paths (compare.h); what was compared is returned. */
struct compare_counts assert_same(const char *one, const char *other);

/* The library's own check of the database at a path finds nothing. */
void assert_clean(const char *path);

#endif
