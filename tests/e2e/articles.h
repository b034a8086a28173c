/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * articles: real documents in memory, word by word, for tests that compare an answer with a scan.
 *
 * Shares the analysis with Voisin, and nothing of query/ or store/ but where a body's positions begin.
 * Ends the program when it cannot go on.
 */
#ifndef VOISIN_TESTS_E2E_ARTICLES_H
#define VOISIN_TESTS_E2E_ARTICLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stemmer/analyzer.h"

enum { ARTICLES_STEMS = 8 };

/* One distinct lower-case spelling. */
struct entry {
	char *lower;
	char *folded;
	char *stems[ARTICLES_STEMS];
	uint32_t n_stems;
	uint32_t *docs; /* ascending */
	uint32_t n_docs;
	uint32_t occurrences;
	bool wanted_a, wanted_b; /* marks of a test */
};

/* One occurrence of a word. */
struct place {
	uint32_t entry;
	uint32_t pos;
	uint32_t off; /* bytes into title or text */
	uint32_t len;
	bool starts_sentence;
	bool starts_paragraph;
};

struct doc {
	char *id;
	struct place *places; /* the title's, then the body's */
	uint32_t n;
	uint32_t n_title;
};

struct articles {
	struct entry *entries;
	uint32_t n_entries;
	uint32_t *slots; /* hash table of entries: number + 1 */
	struct doc *docs;
	uint32_t n_docs;
	uint32_t *by_id; /* docs in the order of their ids */
};

/* Reads JSON lines of id, title and text; articles_free() gives all back. */
void articles_read(struct articles *articles, struct analyzer *analyzer, const char *path);
void articles_free(struct articles *articles);

/* The number of the document with that id, or UINT32_MAX. */
uint32_t articles_find(const struct articles *articles, struct str id);

/* malloc() results that are never NULL, and random numbers below n (splitmix64). */
void *checked(void *p);
uint32_t random_below(uint64_t *state, uint32_t n);

#endif
