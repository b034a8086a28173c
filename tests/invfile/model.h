/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * model: a plain inverted index in memory, which an inverted file is made from and compared with.
 */
#ifndef VOISIN_TESTS_INVFILE_MODEL_H
#define VOISIN_TESTS_INVFILE_MODEL_H

#include "invfile/writer.h"

/* How the postings of a list are drawn. */
enum model_kind {
	MODEL_WORDS, /* as many positions as the wdf says */
	MODEL_FORMS, /* no positions */
	MODEL_MARKS, /* positions, and a wdf of 0 */
	MODEL_MIXED, /* any wdf, any positions, or none */
	MODEL_KINDS
};

/* What a list has of its host's. */
enum model_part {
	MODEL_ALL, /* everything: it is the same list */
	MODEL_SOME, /* of most postings all positions, of some a few, and some postings not at all */
	MODEL_STRAYS /* the same, and here and there a position that the host does not have */
};

struct model_posting {
	uint32_t docid;
	uint32_t wdf;
	uint32_t *positions;
	uint32_t n;
};

struct model_list {
	char *term;
	const char *host; /* the term of an earlier list, or NULL */
	struct model_posting *postings; /* ascending */
	uint32_t n;
	uint64_t occurrences;
};

struct model {
	uint64_t seed; /* of what is drawn next */
	uint32_t *lengths; /* of documents 1 to last_docid; 0: there is none */
	uint32_t *docids; /* of the same, or NULL: they are the numbers */
	uint32_t last_docid;
	uint32_t documents;
	uint64_t total_length;
	struct model_list *lists; /* ascending by term */
	size_t n;
};

/* A model of documents with ids up to `last_docid`, of which one in `gaps` is left out (0: none).  Never fails: memory is there. */
void model_init(struct model *model, uint64_t seed, uint32_t last_docid, uint32_t gaps);
void model_done(struct model *model);

/* Gives the documents, of which none may be left out, docids that ascend by 1 to `gap` each. */
void model_number(struct model *model, uint32_t gap);

/* A number below n (> 0). */
uint32_t model_draw(struct model *model, uint32_t n);

/* Appends the list of a term that follows all there are, in `documents` of the documents, at most all of them. */
struct model_list *model_add(struct model *model, const char *term, enum model_kind kind, uint32_t documents);

/* Appends a list that is a part of that of `host`, an earlier term, and says so to the writer. */
struct model_list *model_add_part(struct model *model, const char *term, const char *host, enum model_part part);

/* Writes a list, all of whose documents have a length. */
enum status model_write_list(const struct model_list *list, struct invfile_writer *writer, struct error *reterr);

/* Writes it all.  Fails the test where that fails. */
void model_write(const struct model *model, const struct bm25 *bm25, const char *path);

#endif
