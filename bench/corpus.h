/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * corpus: the articles that a benchmark runs on, one JSON object a line (id, title, text).
 */
#ifndef VOISIN_BENCH_CORPUS_H
#define VOISIN_BENCH_CORPUS_H

#ifdef __cplusplus
extern "C" {
#endif

#include "base/error.h"
#include "base/str.h"

struct corpus;

struct corpus_document {
	struct str id;
	struct str title;
	struct str text;
};

enum status corpus_open(const char *path, struct corpus **ret_corpus, struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void corpus_close(struct corpus *corpus);

/*
 * The next document, borrowed until the next call; STATUS_END behind the last one.  STATUS_INVALID names
 * the line that is no object with an id and a text (the title may be missing).
 */
enum status corpus_next(struct corpus *corpus, struct corpus_document *ret_document, struct error *reterr) MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
