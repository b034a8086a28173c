/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lexicon: the word forms of French, by what they are without accents.
 *
 *	lexicon_find("armee")  ->  "armée"
 *	lexicon_find("cotes")  ->  "cotes" "cotés" "côtes" "côtés"
 *	lexicon_find("Alep")   ->  nothing
 *
 * The forms are those of Debian's wfrench (C. Pythoud, Français-GUTenberg), lower-cased, ligatures
 * spelled out; those with an apostrophe, a hyphen or a full stop are left out, as no token has one.
 * The table is part of the program.
 */
#ifndef VOISIN_STEMMER_LEXICON_H
#define VOISIN_STEMMER_LEXICON_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "stemmer/lexicon-format.h"

struct lexicon_form {
	char bytes[LEXICON_FORM_BYTES];
	size_t len;
};

/*
 * All forms that fold to `folded` (see normalize.h), sorted by their bytes; returns their number,
 * 0 where there is none.  Cost: a binary search, some 400 ns.
 */
size_t lexicon_find(struct str folded, struct lexicon_form ret_forms[LEXICON_FORMS_MAX]);

/* The n-th key in order (n < lexicon_n_keys()); for walks over all of it.  Returns its length. */
size_t lexicon_key(uint32_t n, char ret_key[LEXICON_FORM_BYTES]);

uint32_t lexicon_n_keys(void);
uint32_t lexicon_n_forms(void);

/* Of the forms; changes when the word list does. */
uint32_t lexicon_hash(void);

#endif
