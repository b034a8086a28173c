/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * answer: results as JSON, after docs/protocol.md.
 *
 * Every writer appends one JSON value to a buffer that has a maximum; its failure sticks there.
 */
#ifndef VOISIN_DAEMON_ANSWER_H
#define VOISIN_DAEMON_ANSWER_H

#include "base/buf.h"
#include "protocol/request.h"
#include "query/reprints/reprints.h"
#include "query/search.h"

/* The result of search. */
void answer_search(struct buf *out, const struct request_search *request, const struct search_result *result,
    struct str generation, double ms);

/*
 * How much of a result of search stands before its last member, ms; and that member with the end of the result, so that a
 * result which is sent again tells its own time.
 */
size_t answer_before_ms(struct str result);
void answer_ms(struct buf *out, double ms);

/* The result of explain. */
void answer_explain(struct buf *out, const struct search_explanation *explanation, struct str generation);

/* The result of suggest. */
void answer_suggest(struct buf *out, const struct suggest_completions *completions, struct str generation, double ms);

/*
 * The result of document: `length` bytes of its text from `offset`, or fewer so that the reply stays
 * within LIMIT_REPLY_BYTES; both ends are moved to where a character begins.
 */
void answer_document(struct buf *out, const struct store_document *document, const struct search_reprints *reprints,
    uint64_t offset, uint32_t length, struct str generation);

/* The result of reprints; the text of a passage is cut at ANSWER_PASSAGE_BYTES. */
enum { ANSWER_PASSAGE_BYTES = 1000 };
void answer_reprints(struct buf *out, const struct reprints_result *result, struct str generation, double ms);

/* What a worker knows of the files of names. */
struct answer_variants {
	uint32_t groups; /* that are used */
	struct str refused; /* why the files as they are now are not; empty where they are */
};

/* The members of the result of stats that are about the index and its names, without braces. */
void answer_index_stats(
    struct buf *out, const struct store_stats *stats, const struct answer_variants *variants, struct str generation);

#endif
