/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inflection: the singular, masculine or infinitive of a word form, by the dictionary.
 *
 *	vidéos -> vidéo     jeux -> jeu     actrices -> acteur     sportive -> sportif
 *	affirment -> affirmer    président -> président
 *	étranger -> étrangère   conflits -> conflits                 nous -> nous
 *
 * libstemmer sees the letters alone and parts some 370 frequent pairs of these (vidéo: vidéo,
 * vidéos: vidéos; conflit: confl, conflits: conflit).  Here an ending is taken off only where what is
 * left is a form of the dictionary, and the result is the one of its forms that libstemmer does not take
 * for a verb's; words that only look so (fois, foi) are rows of exceptions.txt,
 * which is asked first.
 */
#ifndef VOISIN_STEMMER_INFLECTION_H
#define VOISIN_STEMMER_INFLECTION_H

#include "base/limits.h"
#include "base/str.h"

/*
 * The base of a form of the dictionary in lower case, written to `out`: the form itself where there is
 * none.  Cost: some searches in the dictionary.
 */
struct str inflection_base(struct str form, char out[LIMIT_WORD_BYTES]);

#endif
