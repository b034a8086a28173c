/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stem: libstemmer's French, and nothing else.
 *
 * The dictionary, accents, numbers and names are words.h's; this is the algorithm by M. F. Porter
 * (snowballstem.org/algorithms/french) on accented, lower-cased text.
 */
#ifndef VOISIN_STEMMER_STEM_H
#define VOISIN_STEMMER_STEM_H

#include <stdint.h>

#include "base/status.h"
#include "base/str.h"

struct stemmer;

/* STATUS_OK, or STATUS_NOMEM. */
enum status stemmer_new(struct stemmer **ret_stemmer) MUST_CHECK;

/* NULL is accepted. */
void stemmer_free(struct stemmer *stemmer);

/*
 * The stem of a word in lower case; the word itself where libstemmer leaves nothing of it.  Borrowed
 * until the next call.  STATUS_NOMEM or STATUS_OK; STATUS_LIMIT for a word longer than INT_MAX.
 */
enum status stemmer_stem(struct stemmer *stemmer, struct str word, struct str *ret_stem) MUST_CHECK;

#endif
