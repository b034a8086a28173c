/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * schema: names that are on disk.  docs/index-format.md is the reference and carries the version.
 *
 * Terms follow Omega's conventions, so that xapian-delve and friends can read an index:
 *
 *	Q<id>             the document's id
 *	Z<stem>           a stem of a word of title or body, with positions
 *	ZS<stem>          the same of the title alone, with the same positions
 *	Z=<folded> ZS=<folded>  in their place, of a document that is not in French
 *	<folded>          a folded surface form of title or body, without positions
 *	ZXB<stem>         a stem of a line of the body that is set aside (store/aside.h), with positions
 *	XB<folded>        a folded surface form of such a line, without positions
 *	XSENT XPARA       every document, at the positions where a sentence or a paragraph starts;
 *	                  the title is a paragraph of its own
 *	XREST             in a lean database, which has none of the terms that inverted files have (schema_is_in_invfile()): in their place, with
 *	                  the wdf of all of them, which is the document's length
 *	D20161207 M201612 Y2016    the date
 *	H<host>           the host of the URL
 *	L<language>       the language, where it is known
 *	XSRC<folded>      each folded word of the source's name, and the whole name joined by blanks
 *	XL<hash>          a short line of the body, with its source (store/lines.h)
 *	XF<hash>          the file that the document came from (128-bit hash of its path, hex)
 *	XD<band>          a band of the text's signature: texts that are much alike have one in common
 *
 * Positions: the title's words are 1..t; the body begins at t + SCHEMA_TITLE_GAP + 1, farther than
 * any distance that a query may ask for, so that nothing is near across that border.  Words that are
 * set aside stand behind the body's, as far away again.
 */
#ifndef VOISIN_STORE_SCHEMA_H
#define VOISIN_STORE_SCHEMA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

#define SCHEMA_VERSION "8"

#define SCHEMA_PREFIX_ID "Q"
#define SCHEMA_PREFIX_STEM "Z"
#define SCHEMA_PREFIX_TITLE_STEM "ZS"
#define SCHEMA_MARK_UNSTEMMED "=" /* behind a prefix of stems; begins no stem */
#define SCHEMA_PREFIX_ASIDE_STEM "ZXB"
#define SCHEMA_PREFIX_ASIDE "XB"
#define SCHEMA_TERM_SENTENCE "XSENT"
#define SCHEMA_TERM_PARAGRAPH "XPARA"
#define SCHEMA_TERM_REST "XREST"
#define SCHEMA_PREFIX_DAY "D"
#define SCHEMA_PREFIX_MONTH "M"
#define SCHEMA_PREFIX_YEAR "Y"
#define SCHEMA_PREFIX_HOST "H"
#define SCHEMA_PREFIX_LANGUAGE "L"
#define SCHEMA_PREFIX_SOURCE "XSRC"
#define SCHEMA_PREFIX_LINE "XL"
#define SCHEMA_PREFIX_FILE "XF"
#define SCHEMA_PREFIX_BAND "XD" /* then signature_band_text() */

enum {
	SCHEMA_VALUE_DATE = 0, /* "yyyymmdd", absent where unknown */
	SCHEMA_VALUE_COLLAPSE = 1, /* hash of the text: exact reprints share it */
	SCHEMA_VALUE_TIE = 2, /* 8 bytes, hash of the id: breaks equal scores the same on every shard */
	SCHEMA_VALUE_CONTENT = 3, /* 16 bytes, hash of all fields: says whether a document changed */
	SCHEMA_VALUE_WORDS = 4, /* decimal, words of title and body */
	SCHEMA_VALUE_ID = 5, /* the id, to be had without the stored text */
	SCHEMA_VALUE_SIGNATURE = 6, /* signature_write() of the text; absent where it is too short for one */

	SCHEMA_TITLE_GAP = 1000
};

/* The position of the body's first word, behind a title of so many words. */
static inline uint32_t
schema_body_first_pos(uint32_t title_words)
{
	return title_words + SCHEMA_TITLE_GAP + 1;
}

/* The same from the n positions of SCHEMA_TERM_PARAGRAPH; 0 for a document without a body. */
static inline uint32_t
schema_body_of_paragraphs(const uint32_t *starts, uint32_t n)
{
	uint32_t titles = n > 0 && starts[0] == 1 ? 1 : 0;

	return n > titles ? starts[titles] : 0;
}

/*
 * Whether a term has positions in a database that is not lean.  Those of surface forms are in the inverted files alone: a database takes ten
 * bytes for what takes one or two there, and without them the text itself decides.
 */
static inline bool
schema_has_positions(struct str term)
{
	return str_has_prefix(term, STR(SCHEMA_PREFIX_STEM)) || str_eq(term, STR(SCHEMA_TERM_SENTENCE)) ||
	       str_eq(term, STR(SCHEMA_TERM_PARAGRAPH));
}

/*
 * Whether the postings of a term are in the generation's inverted files, where there are any, and of a lean one in them alone: surface forms,
 * stems, where sentences and paragraphs start, and bands.  An entry of the database takes more than twice the bytes.
 */
static inline bool
schema_is_in_invfile(struct str term)
{
	bool is_capital = term.len > 0 && term.p[0] >= 'A' && term.p[0] <= 'Z';

	return (term.len > 0 && !is_capital) || str_has_prefix(term, STR(SCHEMA_PREFIX_STEM)) ||
	       str_has_prefix(term, STR(SCHEMA_PREFIX_ASIDE)) || str_eq(term, STR(SCHEMA_TERM_SENTENCE)) ||
	       str_eq(term, STR(SCHEMA_TERM_PARAGRAPH)) || str_has_prefix(term, STR(SCHEMA_PREFIX_BAND));
}

/* The files' names, in the generation's folder: that of the full build, and those of the documents that later runs put. */
#define SCHEMA_INVFILE "inverted"
#define SCHEMA_INVFILE_LAYER "inverted." /* then the layer's number, from 1 on, in decimal */

/* Metadata keys; nothing that a query needs is here alone. */
#define SCHEMA_META_VERSION "voisin.schema"
#define SCHEMA_META_ANALYSIS "voisin.analysis"
#define SCHEMA_META_WORDS "voisin.words" /* decimal: SCHEMA_VALUE_WORDS of all documents */
#define SCHEMA_META_TOUCHED "voisin.touched" /* where there is an inverted file: what it has wrong (touched.h) */
#define SCHEMA_META_LAYER "voisin.layer." /* then the layer's number: the same of that file */
#define SCHEMA_META_LAYERS "voisin.layers" /* decimal: the highest number that a layer ever had; none is given twice */
#define SCHEMA_META_DICTIONARY "voisin.dictionary" /* of stored texts (texts.h): its hash, and it */
#define SCHEMA_META_FILE "voisin.file." /* then the file's hash: its path, size, mtime, content hash */

#endif
