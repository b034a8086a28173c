/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * corpus: an index of a few documents, and questions to it.
 */
#ifndef VOISIN_TESTS_SEARCH_CORPUS_H
#define VOISIN_TESTS_SEARCH_CORPUS_H

#include "tests/store/fixture.h"

#include "query/search.h"

struct corpus {
	struct fixture *fixture;
	struct store_reader *reader;
	struct analyzer *analyzer;
	struct arena *arena; /* of the last question */
	const struct variants *variants; /* of ask_text() and ids_of(); none at first */
	bool boilerplate; /* of the same: lines that are set aside match too */
};

/*
 * Indexes the documents and opens the result; corpus_close() gives it all back.  With VOISIN_TEST_INDEX=xapian the index
 * has no inverted file, with "changed" documents have changed since it was made.
 */
struct corpus corpus_open(struct fixture *fixture, const struct store_document *documents, size_t n);
void corpus_close(struct corpus *corpus);

/* Asks; the answer lives until the next question.  Fails the test on any error. */
struct search_result ask(struct corpus *corpus, const struct search_params *params);

/* Asks a query in the plain way, ten hits with two passages. */
struct search_result ask_text(struct corpus *corpus, const char *q);

/* The ids of all hits of a query, sorted and joined by blanks, by the walk; static. */
const char *ids_of(struct corpus *corpus, const char *q, bool force_check);

/* Those of the page of the `limit` best hits, sorted and joined the same way. */
const char *ids_of_page(struct corpus *corpus, const char *q, uint32_t limit);

/* Asks what must be refused; the message must hold `words`.  Returns the place. */
size_t refuse(struct corpus *corpus, const struct search_params *params, enum status expected, const char *words);

/* The text of a passage with its marks in brackets and an ellipsis where it was cut; static. */
const char *shown(const struct search_passage *passage);

#endif
