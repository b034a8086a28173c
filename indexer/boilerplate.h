/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * boilerplate: which lines of a text belong to the page and not to the article?
 *
 * Share buttons, lists of tags, calls to other articles, comment forms, addresses on lines of their
 * own; and lines that recur across the documents of one source.  They are set aside (store/aside.h): shown,
 * but not matched unless asked for.
 *
 *	Partager :
 *	A lire : Le pont fermé pour l'hiver
 *	(L'article date d'avant les élections)
 *
 * A line that is wrongly set aside is text lost to the reader, so the rules take whole short lines of known words only.
 * What they are, and how well they do, is in docs/boilerplate.md.
 */
#ifndef VOISIN_INDEXER_BOILERPLATE_H
#define VOISIN_INDEXER_BOILERPLATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "store/document.h"

/* In how many documents of the index stands this term (store/lines.h)?  Zero where nobody knows. */
typedef enum status boilerplate_frequency_cb(void *arg, struct str term, uint32_t *ret_documents, struct error *reterr);

struct boilerplate;

/* `frequency_cb` is asked once for each line; it may be NULL.  STATUS_NOMEM or STATUS_OK. */
enum status boilerplate_new(boilerplate_frequency_cb *frequency_cb, void *arg, struct boilerplate **ret_boilerplate,
    struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void boilerplate_free(struct boilerplate *boilerplate);

/* Counts the lines of a document that is looked at and not indexed now. */
enum status boilerplate_note(
    struct boilerplate *boilerplate, const struct store_document *document, struct error *reterr) MUST_CHECK;

/*
 * Counts the lines of a document, and sets document->aside to those that are boilerplate, by the rules
 * and by what was counted up to now; borrowed until the next call.
 */
enum status boilerplate_mark(
    struct boilerplate *boilerplate, struct store_document *document, struct error *reterr) MUST_CHECK;

/* Whether a line is boilerplate by what it says, wherever it stands. */
bool boilerplate_has(struct boilerplate *boilerplate, struct str line);

/* Of all that was marked: lines that are not blank, and those of them that were set aside. */
void boilerplate_counts(const struct boilerplate *boilerplate, uint64_t *ret_lines, uint64_t *ret_aside);

#endif
