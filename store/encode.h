/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * encode: a document as bytes, and what makes one fit for the index.
 *
 * Xapian throws away a whole batch when one document in it fails, so that whatever can be wrong with
 * a document is found here, before Xapian sees it.
 *
 * The stored form, which texts.h packs, is lines of Omega's kind, always these nine, then an empty line and the text as
 * it is, to the end:
 *
 *	id=syrie/0412.txt
 *	title=Alep : le cessez-le-feu tient
 *	date=2016-12-15
 *	source=AFP
 *	url=https://exemple.example/syrie/0412
 *	author=Jeanne Martin
 *	dated=metadata
 *	language=fr
 *	aside=0+14
 *
 *	Le cessez-le-feu conclu mardi...
 */
#ifndef VOISIN_STORE_ENCODE_H
#define VOISIN_STORE_ENCODE_H

#include "base/buf.h"
#include "base/error.h"
#include "store/document.h"
#include "store/hash.h"

/*
 * STATUS_OK, or STATUS_INVALID or STATUS_LIMIT and a message that names the field and what is wrong:
 * no id, control characters, invalid UTF-8, NUL bytes, no such day, nothing to read, too long.
 */
enum status document_check(const struct store_document *document, struct error *reterr) MUST_CHECK;

/* Fingerprint of all fields, of the text by its hash. */
struct hash document_hash(const struct store_document *document);

/* The same where the text's hash is known. */
struct hash document_hash_by(const struct store_document *document, const struct hash *text);

/* Appends the stored form. */
enum status document_encode(const struct store_document *document, struct buf *out) MUST_CHECK;

/*
 * Reads the stored form; the strings of *ret_document point into `data`.  STATUS_CORRUPT where
 * `data` is no stored form.
 */
enum status document_decode(struct str data, struct store_document *ret_document, struct error *reterr) MUST_CHECK;

#endif
