/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * utf8: decoding that cannot be misled (The Unicode Standard 15, section 3.9, table 3-7).
 */
#ifndef VOISIN_BASE_UTF8_H
#define VOISIN_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

#define UTF8_REPLACEMENT 0xFFFDu

/*
 * Decodes one character at s[*off] and moves *off behind it.  An ill-formed sequence gives
 * UTF8_REPLACEMENT and moves *off over the maximal ill-formed subpart (at least one byte), as
 * Unicode recommends; *ret_valid, which may be NULL, tells the two apart.  *off < s.len.
 */
uint32_t utf8_next(struct str s, size_t *off, bool *ret_valid);

/* The offset of the first byte that is not well-formed UTF-8, or s.len where all is. */
size_t utf8_valid_prefix(struct str s);

/* Writes `c` (a scalar value) to out[4]; returns the number of bytes, 0 for what is no scalar value. */
size_t utf8_encode(uint32_t c, char out[4]);

#endif
