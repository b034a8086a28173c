/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * words: a command line -> its words, without a shell.
 *
 * Blanks part words.  'Single quotes' keep everything between them; "double quotes" too, but in them, as outside of
 * quotes, a backslash keeps the character behind it.  There are no variables, no wildcards, no pipes.
 *
 *	catdoc -d utf-8 "a b" c\ d      catdoc, -d, utf-8, "a b", "c d"
 */
#ifndef VOISIN_INDEXER_SOURCES_WORDS_H
#define VOISIN_INDEXER_SOURCES_WORDS_H

#include "base/error.h"

/*
 * *ret_words is malloc'd in one piece, strings and all, and ends with NULL: free() it.  STATUS_INVALID: no word, or an
 * open quote; STATUS_LIMIT: more than LIMIT_FILTER_WORDS.
 */
enum status words_split(const char *command, char ***ret_words, struct error *reterr) MUST_CHECK;

#endif
