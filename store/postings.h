/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * postings: a document -> the terms, positions, values and data of store/schema.h.
 *
 * Works in memory alone: what is refused here has not touched the index.  Positions are gathered
 * by term first, so that each distinct term is handed to Xapian once.
 */
#ifndef VOISIN_STORE_POSTINGS_H
#define VOISIN_STORE_POSTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "glass/collector.h"
#include "store/document.h"
#include "store/hash.h"
#include "store/texts.h"
#include "xapian-c/xapian-c.h"

struct postings_builder;

/* `lean`: for a lean database, by postings_collect() alone.  STATUS_NOMEM or STATUS_OK. */
enum status postings_builder_new(bool lean, struct postings_builder **ret_builder, struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void postings_builder_free(struct postings_builder *builder);

/* From here on stored texts are packed and unpacked by `texts` (borrowed); before, and by NULL, they are stored as they are. */
void postings_pack_by(struct postings_builder *builder, struct texts *texts);

/*
 * Analyses a document that document_check() accepts.  `file` is the hash of the path it came from.
 * *ret_doc is the caller's to free; *ret_words is the number of positions in title and text.
 * STATUS_LIMIT: too many words or terms.
 */
enum status postings_build(struct postings_builder *builder, const struct store_document *document,
    const struct hash *file, struct xc_document **ret_doc, uint32_t *ret_words, struct error *reterr) MUST_CHECK;

/*
 * Gives a document that is in the index another id and another file, by the terms and values that say so alone.  The builder must
 * have been told what its text is packed by.
 * STATUS_CORRUPT: it has no file.
 */
enum status postings_move(struct postings_builder *builder, struct xc_writable *writable, xc_docid docid, struct str id,
    const struct hash *file, struct error *reterr) MUST_CHECK;

/* What is stored of a document's fields. */
struct postings_data {
	struct str bytes;
	bool packed;
	const struct hash *text; /* of the document's text, where the caller knows it, or NULL */
};

/* Gives them for a document; borrowed until the next call that is given the builder. */
enum status postings_store(struct postings_builder *builder, const struct store_document *document,
    struct postings_data *ret_data, struct error *reterr) MUST_CHECK;

/*
 * What postings_build() does for the bulk loader: *ret_sealed has no docid yet, and is borrowed until the next call that is given
 * the builder.  `data` is what postings_store() gave, or NULL.
 */
enum status postings_collect(struct postings_builder *builder, const struct store_document *document,
    const struct hash *file, const struct postings_data *data, struct glass_document *ret_sealed, uint32_t *ret_words,
    struct error *reterr) MUST_CHECK;

/* The term of all documents of a file: "XF" and 32 hexadecimal digits, NUL-terminated. */
enum { POSTINGS_FILE_TERM_BYTES = 2 + HASH_HEX_BYTES };
struct str postings_file_term(const struct hash *file, char space[POSTINGS_FILE_TERM_BYTES + 1]);

/* The term of a document id of at most LIMIT_ID_BYTES; the id is cut there. */
struct str postings_id_term(struct str id, char *space, size_t size);

#endif
