/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * charset: bytes in whatever encoding -> UTF-8.
 *
 * In this order: a byte order mark; what is UTF-8 already; UTF-16 by its NULs; UTF-8 with a few stray bytes of
 * Windows-1252; what the source declares; and else the one of uchardet's guess, Windows-1252, ISO 8859-15 and
 * Mac OS Roman that gives the most likely French letters.  ISO 8859-1 is always read as Windows-1252, of
 * which it is a part where it is text at all (WHATWG Encoding Standard, "windows-1252").
 *
 * Two mishaps of files that are UTF-8 by now are mended: Windows-1252 that was taken for Latin-1 (U+0092 for an
 * apostrophe), and UTF-8 that was taken for Windows-1252 and encoded once more (U+00C3 U+00A9 for an e acute).  The
 * second only where the bytes that the characters stand for are again a letter or a sign of French.
 */
#ifndef VOISIN_INDEXER_SOURCES_CHARSET_H
#define VOISIN_INDEXER_SOURCES_CHARSET_H

#include <stdbool.h>

#include "base/buf.h"

struct charset_result {
	bool converted; /* it was not UTF-8 */
	size_t repaired; /* characters that were mended */
	size_t replaced; /* places that could not be read: U+FFFD */
	char name[32]; /* the encoding, for the report */
};

/*
 * Appends `bytes` as UTF-8, without a byte order mark.  `declared` is an encoding that the source names, or NULL.
 * STATUS_NOMEM, or STATUS_LIMIT where `out` may not hold it.  *ret_result may be partly filled then.
 */
enum status charset_to_utf8(
    struct str bytes, const char *declared, struct buf *out, struct charset_result *ret_result) MUST_CHECK;

/* Whether bytes are no text in any encoding: they begin like a known binary format, or hold NULs and are not UTF-16. */
bool charset_is_binary(struct str bytes);

/* Mends the two mishaps in UTF-8; returns how many characters.  Appends to `out`. */
size_t charset_repair(struct str text, struct buf *out);

#endif
