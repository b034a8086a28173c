/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * entry: a document as the index will have it, in memory: terms with their positions, values, data.
 *
 * Filled in any order, as a Xapian document is, and then sealed: what was added to one term joined, and terms sorted where their order
 * matters.
 * Either writer takes it from there: as a Xapian document, or as it is for the bulk loader.
 */
#ifndef VOISIN_STORE_ENTRY_H
#define VOISIN_STORE_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "glass/collector.h"
#include "store/wordterms.h"
#include "xapian-c/xapian-c.h"

struct entry;

/*
 * `wordterms` (borrowed) knows the words that are added.  `lean`: for a lean database, which has none of the terms that inverted files
 * have (glass_term.for_tee), and SCHEMA_TERM_REST in their place for the document's length.
 */
enum status entry_new(
    bool lean, struct wordterms *wordterms, struct entry **ret_entry, struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void entry_free(struct entry *entry);

/* Empties it and keeps its memory. */
void entry_reset(struct entry *entry);

/*
 * Adds pos[0..n), strictly ascending and above what the term has so far, each with wdf_inc; a term without
 * positions; one with a wdf of 0.  All is copied.  STATUS_NOMEM; what is too long is refused by entry_seal().
 */
enum status entry_add_postings(struct entry *entry, struct str term, const uint32_t *pos, size_t n, uint32_t wdf_inc,
    struct error *reterr) MUST_CHECK;
enum status entry_add_term(struct entry *entry, struct str term, uint32_t wdf_inc, struct error *reterr) MUST_CHECK;
enum status entry_add_boolean_term(struct entry *entry, struct str term, struct error *reterr) MUST_CHECK;

/*
 * Adds, for each token, the terms of its word (wordterms.h, which expects these words) at its position, each with wdf_inc.  From call to
 * call positions ascend.  None of these terms may be added by its bytes too.  Cost: no more than counting.
 */
enum status entry_add_words(struct entry *entry, enum wordterms_kind kind, const struct token *tokens, size_t n,
    uint32_t wdf_inc, struct error *reterr) MUST_CHECK;

/* Sets the value of a slot, once (copied); an empty one is none.  Sets the data (borrowed). */
enum status entry_set_value(struct entry *entry, uint32_t slot, struct str value, struct error *reterr) MUST_CHECK;
void entry_set_data(struct entry *entry, struct str data, bool packed);

/*
 * Gives the whole with docid 0, terms in the order that glass_document asks for; borrowed until the next call.  STATUS_LIMIT where Xapian would refuse
 * it: too many positions, or too many bytes of terms.
 */
enum status entry_seal(struct entry *entry, struct glass_document *ret_document, struct error *reterr) MUST_CHECK;

/* Adds the terms to a Xapian document, but for those of inverted files alone, and sets its values and data. */
enum status entry_add_to(const struct glass_document *sealed, struct xc_document *doc, struct error *reterr) MUST_CHECK;

/* What was sealed as a Xapian document, the caller's to free. */
enum status entry_to_xapian(
    const struct glass_document *sealed, struct xc_document **ret_doc, struct error *reterr) MUST_CHECK;

#endif
