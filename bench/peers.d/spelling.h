/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spelling: a word as every peer reads it in one piece.
 *
 * Words of the letters a-z, of Latin-1 and Latin Extended-A (U+00DF to U+017F), and of digits are left as they are; any other
 * ("10,5", "o'brien", Greek) becomes "zq" and its bytes in hexadecimal; one of more than 40 bytes (Sphinx takes 42)
 * becomes "zr" and a hash.  So a peer needs no rules of its own, and none can differ.
 */
#ifndef VOISIN_BENCH_SPELLING_H
#define VOISIN_BENCH_SPELLING_H

#include "base/str.h"

enum { SPELLING_MAX = 40, SPELLING_BYTES = SPELLING_MAX + 1 };

/* Writes it to `spelled`, which it returns. */
const char *spelling_of(struct str word, char spelled[SPELLING_BYTES]);

#endif
