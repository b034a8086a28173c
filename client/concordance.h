/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * concordance: the lines of --kwic, in the order of what stands beside the match.
 *
 * Words are compared from the match outwards, to the left or to the right, as French dictionaries
 * order them: neither case nor accents count, a ligature is its letters, and what is not a letter or a digit only parts words.
 * Lines that agree stay as they came.
 *
 * Not for the making of lines: show_kwic.c.
 */
#ifndef VOISIN_CLIENT_CONCORDANCE_H
#define VOISIN_CLIENT_CONCORDANCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* A sorted concordance holds so many lines at most, of so many bytes; what is beyond is not kept. */
enum { CONCORDANCE_LINES = 20000, CONCORDANCE_BYTES = 32 * 1024 * 1024, CONCORDANCE_KEY_BYTES = 192 };

struct concordance;

/* By the words to the left of the match, or else to its right.  NULL where memory runs out. */
struct concordance *concordance_new(bool by_left);

/* NULL is accepted. */
void concordance_free(struct concordance *concordance);

/*
 * Keeps a copy of `line`, which stands where its words say: `context` is the text right before the match (by the left) or right
 * behind it.  False where there is no room for it, and from then on.
 */
bool concordance_add(struct concordance *concordance, struct str context, struct str line);

/* Whether a line found no room. */
bool concordance_is_full(const struct concordance *concordance);

/* How many lines are kept. */
size_t concordance_count(const struct concordance *concordance);

/* Sorts them.  The i-th line in order, borrowed, is concordance_line(). */
void concordance_sort(struct concordance *concordance);
struct str concordance_line(const struct concordance *concordance, size_t i);

#endif
