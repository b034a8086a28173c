/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * copies: which documents have passages in common with this one?
 *
 * No fingerprints of passages are kept: the positions that phrases are searched by serve. The document is cut into
 * blocks of COPIES_BLOCK words, and each is searched as a phrase; a passage of twice as many words less one holds a whole
 * block, wherever it begins in the other document.  What is found is compared text with text (reprints/passages.h).
 */
#ifndef VOISIN_QUERY_REPRINTS_COPIES_H
#define VOISIN_QUERY_REPRINTS_COPIES_H

#include "base/error.h"
#include "stemmer/analyzer.h"
#include "store/reader.h"

enum { COPIES_BLOCK = 6, COPIES_PASSAGES = 20 /* that are told of one document */ };

/* All borrowed. */
struct copies_request {
	const struct store_reader *reader;
	struct analyzer *analyzer; /* its last tokens are lost */
	struct arena *arena;
	uint32_t docid;
	const struct store_document *document;
	const uint32_t *passed_over; /* docids, ascending, that are not looked at */
	uint32_t n_passed_over;
	int64_t deadline_ns; /* past it no more blocks are searched; 0 for none */
};

struct copied_passage {
	uint32_t words; /* that are the same */
	uint32_t off, len; /* bytes of the document's text */
	uint32_t other_off, other_len; /* of the other one's */
};

struct copied {
	uint32_t docid;
	struct str id; /* the rest of it is store_reader_document()'s to tell */
	uint32_t words; /* of all passages */
	double share; /* these, of all words of the document that is asked about */
	const struct copied_passage *passages; /* in the order of the document that is asked about */
	uint32_t n_passages; /* at most COPIES_PASSAGES */
};

struct copies {
	const struct copied *v; /* those with the most words first, then by id */
	uint32_t n;
	bool more; /* there may be others: a limit or the deadline was reached */
};

/* Everything in *ret_copies lives in the arena.  Fails like store_reader_document(). */
enum status copies_find(
    const struct copies_request *request, struct copies *ret_copies, struct error *reterr) MUST_CHECK;

#endif
