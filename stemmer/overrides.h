/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * overrides: the words that rules get wrong.
 *
 *	yeux          ->  oeil            a stem, instead of libstemmer's (exceptions.txt)
 *	weekend       ->  week | end      a solid writing, which is read as its parts (solid.txt)
 *
 * Both tables are text, one line a group of words with the reason behind it, and part of the program.
 */
#ifndef VOISIN_STEMMER_OVERRIDES_H
#define VOISIN_STEMMER_OVERRIDES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* The stem of a form in lower case (accents kept, ligatures spelled out); false where the table has none. */
bool override_stem(struct str form, struct str *ret_stem);

/* The bytes of the first part of a folded word that is written solid; 0 where it is no such word. */
size_t override_split(struct str folded);

/* The n-th row in order, for walks over a table; false behind the last. */
bool override_stem_row(size_t n, struct str *ret_form, struct str *ret_stem);
bool override_split_row(size_t n, struct str *ret_word, struct str *ret_first);

/* Of both tables. */
uint32_t override_hash(void);

#endif
