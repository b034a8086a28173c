/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spelling: a word as every peer reads it in one piece.
 *
 * The letters a-z, those of Latin-1 and Latin Extended-A (U+00DF to U+017F) and digits are left as they are; each other byte becomes
 * "zq" and two hexadecimal digits ("10,5" is "10zq2c5", "quelqu'un" still begins with "quelqu"); a word that then has more than 40
 * bytes (Sphinx takes 42) becomes "zr" and a hash.  So a peer needs no rules of its own, and none can differ.
 */
#ifndef VOISIN_BENCH_SPELLING_H
#define VOISIN_BENCH_SPELLING_H

#include "base/str.h"

/* SPELLING_VERSION changes with how words are spelled, or taken from the analysis (cut.c). */
enum { SPELLING_VERSION = 1, SPELLING_MAX = 40, SPELLING_BYTES = SPELLING_MAX + 1 };

/* Writes it to `spelled`, which it returns. */
const char *spelling_of(struct str word, char spelled[SPELLING_BYTES]);

#endif
