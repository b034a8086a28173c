/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "indexer/sources/page-mark.h"

#include <string.h>
#include <strings.h>

#include "indexer/sources/page.h"

enum { NAMES_BYTES = 256 /* of class and id together; the rest is not looked at */ };

static const char *const hidden_elements[] = { "script", "style", "noscript", "template", "svg", "iframe", "object",
	"embed", "canvas", "audio", "video", "button", "select", "textarea", "input", "head", "map", "dialog",
	"datalist" };

static const char *const furniture_elements[] = { "nav", "aside", "footer", "header", "menu" };

static const char *const furniture_roles[] = { "navigation", "banner", "contentinfo", "complementary", "search",
	"dialog", "alertdialog", "menu", "menubar", "toolbar" };

/* Words of class and id, as they stand there between hyphens, underscores and capitals. */
static const struct {
	const char *words;
	enum role role;
} known_names[] = {
	{ "nav", ROLE_FURNITURE },
	{ "navbar", ROLE_FURNITURE },
	{ "navigation", ROLE_FURNITURE },
	{ "menu", ROLE_FURNITURE },
	{ "menus", ROLE_FURNITURE },
	{ "breadcrumb", ROLE_FURNITURE },
	{ "breadcrumbs", ROLE_FURNITURE },
	{ "ariane", ROLE_FURNITURE },
	{ "share", ROLE_FURNITURE },
	{ "sharing", ROLE_FURNITURE },
	{ "sharedaddy", ROLE_FURNITURE },
	{ "partage", ROLE_FURNITURE },
	{ "partager", ROLE_FURNITURE },
	{ "social", ROLE_FURNITURE },
	{ "socials", ROLE_FURNITURE },
	{ "cookie", ROLE_FURNITURE },
	{ "cookies", ROLE_FURNITURE },
	{ "consent", ROLE_FURNITURE },
	{ "gdpr", ROLE_FURNITURE },
	{ "rgpd", ROLE_FURNITURE },
	{ "tarteaucitron", ROLE_FURNITURE },
	{ "didomi", ROLE_FURNITURE },
	{ "axeptio", ROLE_FURNITURE },
	{ "newsletter", ROLE_FURNITURE },
	{ "subscribe", ROLE_FURNITURE },
	{ "subscription", ROLE_FURNITURE },
	{ "paywall", ROLE_FURNITURE },
	{ "promo", ROLE_FURNITURE },
	{ "ad", ROLE_FURNITURE },
	{ "ads", ROLE_FURNITURE },
	{ "advert", ROLE_FURNITURE },
	{ "advertisement", ROLE_FURNITURE },
	{ "publicite", ROLE_FURNITURE },
	{ "pub", ROLE_FURNITURE },
	{ "sponsor", ROLE_FURNITURE },
	{ "sponsored", ROLE_FURNITURE },
	{ "outbrain", ROLE_FURNITURE },
	{ "taboola", ROLE_FURNITURE },
	{ "related", ROLE_FURNITURE },
	{ "lire aussi", ROLE_FURNITURE },
	{ "read also", ROLE_FURNITURE },
	{ "plus lus", ROLE_FURNITURE },
	{ "most read", ROLE_FURNITURE },
	{ "trending", ROLE_FURNITURE },
	{ "popular", ROLE_FURNITURE },
	{ "recommended", ROLE_FURNITURE },
	{ "recommendations", ROLE_FURNITURE },
	{ "recirculation", ROLE_FURNITURE },
	{ "sidebar", ROLE_FURNITURE },
	{ "aside", ROLE_FURNITURE },
	{ "footer", ROLE_FURNITURE },
	{ "masthead", ROLE_FURNITURE },
	{ "popup", ROLE_FURNITURE },
	{ "popin", ROLE_FURNITURE },
	{ "modal", ROLE_FURNITURE },
	{ "overlay", ROLE_FURNITURE },
	{ "toolbar", ROLE_FURNITURE },
	{ "tags", ROLE_FURNITURE },
	{ "pagination", ROLE_FURNITURE },
	{ "pager", ROLE_FURNITURE },
	{ "login", ROLE_FURNITURE },
	{ "search", ROLE_FURNITURE },
	{ "recherche", ROLE_FURNITURE },
	{ "widget", ROLE_FURNITURE },
	{ "skip", ROLE_FURNITURE },
	{ "comment", ROLE_TALK },
	{ "comments", ROLE_TALK },
	{ "commentaire", ROLE_TALK },
	{ "commentaires", ROLE_TALK },
	{ "disqus", ROLE_TALK },
	{ "respond", ROLE_TALK },
	{ "reactions", ROLE_TALK },
	{ "byline", ROLE_BYLINE },
	{ "dateline", ROLE_BYLINE },
	{ "meta", ROLE_BYLINE },
	{ "author", ROLE_BYLINE },
	{ "auteur", ROLE_BYLINE },
	{ "date", ROLE_BYLINE },
	{ "published", ROLE_BYLINE },
	{ "timestamp", ROLE_BYLINE },
};

/* Names of states of the page or the article, which hold words of the above: "comments-open", "has-sidebar". */
static const char *const states[] = { "comments open", "comments closed", "comment status", "has sidebar",
	"with sidebar", "no sidebar", "right sidebar", "left sidebar", "comment count", "no comments", "has ads",
	"with ads", "no ads", "has comments", "with comments", "commentable" };

static bool
is_one_of(const char *name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strcasecmp(name, list[i]) == 0)
			return true;
	}
	return false;
}

struct mark *
mark_of(xmlNodePtr node, struct arena *arena)
{
	if (node->_private == NULL)
		node->_private = arena_alloc(arena, sizeof(struct mark));
	return node->_private;
}

/* Whether a style has "display:none" or "visibility:hidden", blanks aside. */
static bool
hides(struct str style)
{
	char plain[NAMES_BYTES];
	size_t len = 0;

	for (size_t i = 0; i < style.len && len + 1 < sizeof(plain); i++) {
		if (style.p[i] != ' ')
			plain[len++] = style.p[i];
	}
	plain[len] = '\0';
	return strcasestr(plain, "display:none") != NULL || strcasestr(plain, "visibility:hidden") != NULL;
}

bool
mark_is_hidden(const xmlNode *node)
{
	const char *name = (const char *)node->name;

	if (is_one_of(name, hidden_elements, sizeof(hidden_elements) / sizeof(hidden_elements[0])))
		return true;
	for (const xmlAttr *a = node->properties; a != NULL; a = a->next) {
		if (strcasecmp((const char *)a->name, "hidden") == 0)
			return true;
	}
	return strcasecmp(page_attribute(node, "aria-hidden").p, "true") == 0 || hides(page_attribute(node, "style"));
}

/* " article body article text ": the words of a class, in small letters, each between blanks. */
static void
add_words(struct str name, char words[NAMES_BYTES], size_t *len)
{
	for (size_t i = 0; i < name.len && *len + 3 < NAMES_BYTES; i++) {
		char c = name.p[i];
		bool capital = c >= 'A' && c <= 'Z';
		bool letter = capital || (c >= 'a' && c <= 'z');

		if ((!letter || (capital && i > 0 && name.p[i - 1] >= 'a' && name.p[i - 1] <= 'z')) &&
		    words[*len - 1] != ' ')
			words[(*len)++] = ' ';
		if (letter)
			words[(*len)++] = (char)(capital ? c + 0x20 : c);
	}
	if (words[*len - 1] != ' ')
		words[(*len)++] = ' ';
	words[*len] = '\0';
}

static bool
has_words(const char *words, const char *wanted)
{
	size_t len = strlen(wanted);

	for (const char *p = strstr(words, wanted); p != NULL; p = strstr(p + 1, wanted)) {
		if (p[-1] == ' ' && p[len] == ' ')
			return true;
	}
	return false;
}

static enum role
role_of_names(const xmlNode *node)
{
	char words[NAMES_BYTES] = " ";
	size_t len = 1;

	add_words(page_attribute(node, "class"), words, &len);
	add_words(page_attribute(node, "id"), words, &len);
	if (len <= 1)
		return ROLE_TEXT;
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (has_words(words, states[i]))
			return ROLE_TEXT;
	}
	for (size_t i = 0; i < sizeof(known_names) / sizeof(known_names[0]); i++) {
		if (has_words(words, known_names[i].words))
			return known_names[i].role;
	}
	return ROLE_TEXT;
}

enum role
mark_role(const xmlNode *node)
{
	const char *name = (const char *)node->name;

	if (is_one_of(name, (const char *const[]) { "html", "body", "main" }, 3))
		return ROLE_TEXT;
	if (is_one_of(name, furniture_elements, sizeof(furniture_elements) / sizeof(furniture_elements[0])) ||
	    is_one_of(
		page_attribute(node, "role").p, furniture_roles, sizeof(furniture_roles) / sizeof(furniture_roles[0])))
		return ROLE_FURNITURE;
	if (strcasecmp(name, "time") == 0 || strcasecmp(name, "address") == 0)
		return ROLE_BYLINE;
	return role_of_names(node);
}
