/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ordinal: one stem for the many ways to write an ordinal number in figures.
 *
 *	1er 1ers 1re 1ère 1ères          ->  1er
 *	20e 20es 20è 20ème 20ième        ->  20e
 *	XXIe XXIes XXIème                ->  xxie      (not 21e: a century, not a rank)
 *
 * libstemmer would take the last letter off and make the Louis XVI of the XVIe siècle.
 */
#ifndef VOISIN_STEMMER_ORDINAL_H
#define VOISIN_STEMMER_ORDINAL_H

#include "base/limits.h"
#include "base/str.h"

/* The stem of a folded word, written to `out`; 0 where it is no ordinal, and its bytes otherwise. */
size_t ordinal_stem(struct str folded, char out[LIMIT_WORD_BYTES]);

#endif
