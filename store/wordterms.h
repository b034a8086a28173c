/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wordterms: the terms that words are posted as, by number, from one document to the next.
 *
 * A text's words are few, and the analyzer knows each by a number (struct word).  What a word's terms are is worked out
 * when it is first met, so that of all its other occurrences nobody reads the bytes: a document's postings are gathered by
 * counting (entry.h), and the bulk loader finds their lists by these numbers (glass_term.name).
 */
#ifndef VOISIN_STORE_WORDTERMS_H
#define VOISIN_STORE_WORDTERMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "stemmer/analyzer.h"

/* What of a word is posted under which prefix (schema.h). */
enum wordterms_kind {
	WORDTERMS_STEMS, /* Z */
	WORDTERMS_TITLE_STEMS,
	WORDTERMS_ASIDE_STEMS,
	WORDTERMS_FORMS, /* Z=: the folded form, in place of stems, of what is not stemmed */
	WORDTERMS_TITLE_FORMS,
	WORDTERMS_ASIDE_FORMS,
	WORDTERMS_SURFACE, /* the folded form, and the whole of a word that is written solid */
	WORDTERMS_ASIDE_SURFACE,
	WORDTERMS_KINDS
};

struct wordterms_term {
	struct str bytes;
	bool has_positions; /* schema_has_positions() */
	bool in_invfile; /* schema_is_in_invfile() */
};

struct wordterms;

enum status wordterms_new(struct wordterms **ret_wordterms, struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void wordterms_free(struct wordterms *wordterms);

/* Forgets all terms when they have become many, so that memory is bounded; numbers begin anew.  How often it has, from 1. */
void wordterms_trim(struct wordterms *wordterms);
uint32_t wordterms_numbering(const struct wordterms *wordterms);

/* Tells it which words are meant from here on: analyzer_numbering() after the run that gave them. */
void wordterms_expect(struct wordterms *wordterms, uint32_t words_numbering);

/* The numbers, from 1, of the terms of a word; there may be none.  Borrowed until the next call.  STATUS_NOMEM. */
enum status wordterms_find(struct wordterms *wordterms, enum wordterms_kind kind, const struct word *word,
    const uint32_t **ret_numbers, size_t *ret_n, struct error *reterr) MUST_CHECK;

/* Says that a word, whose turn is near, will be looked for: what is known of it comes while others are worked on. */
void wordterms_await(const struct wordterms *wordterms, enum wordterms_kind kind, const struct word *word);

/* What a number stands for; its bytes are borrowed until wordterms_trim(). */
const struct wordterms_term *wordterms_term(const struct wordterms *wordterms, uint32_t number);

#endif
