/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * synonyms: the documents of any of several words and phrases, which weigh as one term.
 *
 * What Xapian's OP_SYNONYM and invfile/matcher.h's SYNONYM are over terms, for spellings of a name, phrases among them, in the layers of an
 * index.
 *
 * Scores are Xapian's: a phrase occurs as often as the rarest of its words, in a quarter (a third, where there is room in it; NEAR: half) of the
 * documents that have all of them by chance.
 */
#ifndef VOISIN_QUERY_PLAN_SYNONYMS_H
#define VOISIN_QUERY_PLAN_SYNONYMS_H

#include "query/plan/layered.h"
#include "query/plan/lookup.h"
#include "query/plan/operators.h"

struct synonyms;

/* What is asked, and of what; borrowed until synonyms_done(). */
struct synonyms_request {
	const struct layered_request *layered;
	struct lookups *lookups;
	bool is_weighted;
};

/* Whether an operator is a SYNONYM that stands over terms of the layers, ORs of them, and phrases and NEAR of these. */
bool synonyms_can_answer(const struct plan_op *op);

/* Opens an operator's documents, which have their weights multiplied by `factor`.  STATUS_NOMEM, STATUS_CORRUPT, STATUS_LIMIT. */
enum status synonyms_new(const struct synonyms_request *request, const struct plan_op *op, double factor,
    struct synonyms **ret_synonyms, struct error *reterr) MUST_CHECK;

/* NULL is accepted.  The memory is the arena's. */
void synonyms_done(struct synonyms *synonyms);

/* Back before the first document. */
enum status synonyms_rewind(struct synonyms *synonyms, struct error *reterr) MUST_CHECK;

/* To the first document from `docid` on, which is behind the current one; CURSOR_END at the end.  STATUS_CORRUPT, STATUS_TIMEOUT. */
enum status synonyms_seek(
    struct synonyms *synonyms, uint32_t docid, uint32_t *ret_docid, struct error *reterr) MUST_CHECK;

/* The score of the document at which they stand, and what none is above. */
double synonyms_weight(const struct synonyms *synonyms);
double synonyms_weight_max(const struct synonyms *synonyms);

/* How many documents there are, as matcher_count() has it. */
struct matcher_count synonyms_count(const struct synonyms *synonyms);

#endif
