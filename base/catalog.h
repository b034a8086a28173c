/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * catalog: the messages of one language, as GNU msgfmt writes them (a .mo file).
 *
 * The format is that of the GNU gettext manual, "The Format of GNU MO Files": a sorted table of
 * messages and one of their translations.  Messages whose format depends on the machine (PRIu64) stand
 * in a part of the file that is not read; the check of po/ keeps them out.
 */
#ifndef VOISIN_BASE_CATALOG_H
#define VOISIN_BASE_CATALOG_H

#include "base/error.h"
#include "base/str.h"

struct catalog;

/*
 * Reads a catalog; the caller frees it with catalog_free().  STATUS_IO or STATUS_NOT_FOUND where the file
 * cannot be read, STATUS_INVALID or STATUS_LIMIT where it is no catalog that makes sense.
 */
enum status catalog_open(const char *path, struct catalog **ret_catalog, struct error *reterr) MUST_CHECK;

void catalog_free(struct catalog *catalog);

/*
 * The translation of `message`, or an empty string where there is none.  Of a message that has a plural,
 * `message` is the singular, and the forms of the translation follow each other, each with its NUL.
 * Borrowed until catalog_free().  Cost: a binary search.
 */
struct str catalog_find(const struct catalog *catalog, const char *message);

#endif
