/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * page-mark: which elements of a page are not its article.
 *
 * Three kinds.  Hidden ones are no text at all (scripts, forms' buttons, display:none).  Furniture is what HTML's own
 * elements, ARIA roles or the words of class and id call navigation, a banner, a share bar, a newsletter.  Talk is
 * what readers wrote below.  The names lie now and then ("has-sidebar" on the whole page), so furniture is only what
 * holds no headline and less than two fifths of the page's prose.
 */
#ifndef VOISIN_INDEXER_SOURCES_PAGE_MARK_H
#define VOISIN_INDEXER_SOURCES_PAGE_MARK_H

#include <libxml/tree.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/* What is known of an element; its node points to it by _private. */
struct mark {
	size_t prose; /* bytes of blocks of running text in it */
	bool has_headline; /* an h1, or the body of the article as microdata name it */
};

enum role {
	ROLE_TEXT,
	ROLE_HIDDEN,
	ROLE_FURNITURE,
	ROLE_TALK,
	ROLE_BYLINE /* who and when: of no use in the text where it is short */
};

/* The mark of a node, made where there is none; NULL without memory. */
struct mark *mark_of(xmlNodePtr node, struct arena *arena);

/* Whether an element and all in it is not seen. */
bool mark_is_hidden(const xmlNode *node);

/* What an element is by its name, role, class and id. */
enum role mark_role(const xmlNode *node);

#endif
