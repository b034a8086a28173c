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
 * Indexes the documents and opens the result; corpus_close() gives it all back.  VOISIN_TEST_INDEX says on what kind of index:
 *
 *	lean           the inverted file is a part of it; where nothing is said
 *	changed        the same, and some documents have changed since it was built
 *	whole          the database is whole, and the file beside it
 *	whole_changed
 *	xapian         the database alone
 */
struct corpus corpus_open(struct fixture *fixture, const struct store_document *documents, size_t n);

/* The same on an index of that kind. */
struct corpus corpus_open_kind(
    struct fixture *fixture, const char *kind, const struct store_document *documents, size_t n);

/* Makes these the documents of the index by an update. */
void corpus_update(struct corpus *corpus, const struct store_document *documents, size_t n);

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
