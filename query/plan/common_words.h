/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * common_words: words that say little of what a question is about.
 *
 * The closed classes of French grammar: articles, pronouns, interrogatives, prepositions, conjunctions; the forms of
 * the verbs that serve as auxiliaries (être, avoir, faire, pouvoir, devoir); the nouns "fois" and "chose".  Written
 * for this project from the classes themselves; four published lists (Snowball's, Savoy's, stopwords-iso, Alir3z4's)
 * were tried in its place (docs/relevance.md).
 *
 * They are searched like any other word, and weigh less: what a query finds does not depend on this list.
 */
#ifndef VOISIN_QUERY_PLAN_COMMON_WORDS_H
#define VOISIN_QUERY_PLAN_COMMON_WORDS_H

#include <stdbool.h>

#include "base/str.h"

/* Whether a folded form is in the list. */
bool common_words_has(struct str folded);

#endif
