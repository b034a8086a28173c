/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * feed: RSS 2.0 and 0.9x, RSS 1.0 (RDF) and Atom (RFC 4287): one document an entry.
 *
 * Elements go by their local names, so that whatever prefix a feed chose is right.  The parser asks no network and
 * expands no entities of the file's own: a file that declares some is refused, as that is how a small file
 * becomes a large one (CVE-2003-1564).
 */
#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <limits.h>
#include <strings.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "indexer/sources/html.h"

enum {
	OPTIONS = XML_PARSE_RECOVER | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NONET | XML_PARSE_NOCDATA |
		  XML_PARSE_COMPACT,
	ENTITY_BYTES = 12 /* of the longest name of HTML's */
};

/* The fields of an entry, and the elements that may hold each, the best first. */
static const struct {
	size_t offset;
	const char *elements[6];
} fields[] = {
	{ offsetof(struct article, title), { "title" } },
	{ offsetof(struct article, text), { "encoded", "content", "description", "summary" } },
	{ offsetof(struct article, date), { "pubDate", "published", "date", "issued", "created", "updated" } },
	{ offsetof(struct article, author), { "creator", "author" } },
};

struct feed {
	struct reading *reading;
	struct str source; /* the name of the feed */
	struct str language;
	size_t number; /* of the entry */
};

/* ---- Bytes ----------------------------------------------------------------------------------- */

static bool
declares_entities(struct str xml)
{
	const char *entity = memmem(xml.p, xml.len, "<!ENTITY", 8);

	return entity != NULL;
}

/* The character that "&name;" at `at` stands for in HTML and not in XML, and its end; 0 for none. */
static unsigned
html_entity(struct str s, size_t at, size_t *ret_end)
{
	static const char *const xml[] = { "amp", "lt", "gt", "quot", "apos" };
	char name[ENTITY_BYTES];
	const htmlEntityDesc *found;
	size_t len = 0;

	for (at++; at < s.len && len + 1 < sizeof(name) && s.p[at] != ';'; at++) {
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", s.p[at]) == NULL)
			return 0;
		name[len++] = s.p[at];
	}
	name[len] = '\0';
	for (size_t i = 0; i < sizeof(xml) / sizeof(xml[0]); i++) {
		if (strcmp(name, xml[i]) == 0)
			return 0;
	}
	found = at < s.len && s.p[at] == ';' ? htmlEntityLookup((const xmlChar *)name) : NULL;
	*ret_end = at + 1;
	return found != NULL ? found->value : 0;
}

/* Many feeds write &eacute; although XML does not know it, and its parser would drop it. */
static enum status
replace_entities(struct str s, struct buf *out)
{
	for (size_t off = 0; off < s.len;) {
		const char *sign = memchr(s.p + off, '&', s.len - off);
		size_t at = sign != NULL ? (size_t)(sign - s.p) : s.len, end = at + 1;
		unsigned c = at < s.len ? html_entity(s, at, &end) : 0;
		char bytes[4];

		(void)buf_append(out, s.p + off, at - off);
		if (c != 0)
			(void)buf_append(out, bytes, utf8_encode(c, bytes));
		else if (at < s.len) {
			end = at + 1;
			(void)buf_append_char(out, '&');
		}
		off = at < s.len ? end : s.len;
	}
	return buf_status(out);
}

/* ---- Elements -------------------------------------------------------------------------------- */

static bool
is(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE && strcasecmp((const char *)node->name, name) == 0;
}

static const xmlNode *
child(const xmlNode *parent, const char *name)
{
	for (const xmlNode *node = parent->children; node != NULL; node = node->next) {
		if (is(node, name))
			return node;
	}
	return NULL;
}

static struct str
take_xml(struct arena *arena, xmlChar *text)
{
	struct str kept = arena_str(arena, str_of((const char *)text));

	xmlFree(text);
	return kept.p != NULL ? text_trim(kept) : (struct str) { "", 0 };
}

static struct str
attribute(struct arena *arena, const xmlNode *node, const char *name)
{
	xmlChar *value = xmlGetProp(node, (const xmlChar *)name);

	return value != NULL ? take_xml(arena, value) : (struct str) { "", 0 };
}

/* The children of an Atom element of type xhtml, as HTML again. */
static struct str
inner_html(struct arena *arena, const xmlNode *node)
{
	xmlBufferPtr buffer = xmlBufferCreate();
	struct str html = { "", 0 };

	for (xmlNodePtr at = node->children; buffer != NULL && at != NULL; at = at->next)
		(void)xmlNodeDump(buffer, node->doc, at, 0, 0);
	if (buffer != NULL)
		html = arena_str(arena, str_of((const char *)xmlBufferContent(buffer)));
	xmlBufferFree(buffer);
	return html.p != NULL ? html : (struct str) { "", 0 };
}

/* What an element holds; of Atom's authors the name. */
static struct str
content(struct arena *arena, const xmlNode *node)
{
	const xmlNode *name = is(node, "author") ? child(node, "name") : NULL;

	if (name != NULL)
		node = name;
	if (str_eq(attribute(arena, node, "type"), STR("xhtml")))
		return inner_html(arena, node);
	return take_xml(arena, xmlNodeGetContent(node));
}

static struct str
child_content(struct arena *arena, const xmlNode *parent, const char *name)
{
	const xmlNode *node = child(parent, name);

	return node != NULL ? content(arena, node) : (struct str) { "", 0 };
}

/* Where an entry leads: RSS writes it as text, Atom as an attribute of one of several links. */
static struct str
find_link(struct arena *arena, const xmlNode *entry)
{
	struct str link = { "", 0 };

	for (const xmlNode *node = entry->children; node != NULL; node = node->next) {
		struct str rel, href;

		if (!is(node, "link"))
			continue;
		href = attribute(arena, node, "href");
		rel = attribute(arena, node, "rel");
		if (href.len == 0)
			href = content(arena, node);
		if (rel.len == 0 || str_eq(rel, STR("alternate")))
			return href;
		if (link.len == 0 && !str_eq(rel, STR("self")))
			link = href;
	}
	return link;
}

/* ---- Entries --------------------------------------------------------------------------------- */

/* HTML as text; what has no marks of HTML is text already. */
static enum status
plain(struct str field, struct buf *out, struct error *reterr)
{
	if (html_has_marks(field))
		return html_to_text(field, out, reterr);
	if (buf_append_str(out, field) != STATUS_OK)
		return error_set(reterr, buf_status(out), ERROR_NO_OFFSET, "%s", status_text(buf_status(out)));
	return STATUS_OK;
}

/*
 * The id: what the entry calls its own, made unique by the file's name where it is no URI; else its address; else the
 * file and a hash of what it says.
 */
static struct str
entry_id(struct feed *feed, const xmlNode *entry, const struct article *article)
{
	struct arena *arena = feed->reading->arena;
	struct str name = feed->reading->file->name;
	struct str id = child_content(arena, entry, "guid");
	struct hash_state state;
	struct hash hash;
	char hex[HASH_HEX_BYTES + 1];
	struct buf joined;
	struct str made;

	if (id.len == 0)
		id = child_content(arena, entry, "id");
	if (id.len == 0)
		id = article->url;
	if (id.len > 0 && memchr(id.p, ':', id.len) != NULL)
		return reading_id(feed->reading, id);
	if (id.len == 0) {
		hash_init(&state);
		hash_field(&state, article->title);
		hash_field(&state, article->text);
		hash_final(&state, &hash);
		hash_to_hex(&hash, hex);
		id = str_of(hex);
	}
	buf_init(&joined, name.len + id.len + 1);
	(void)buf_append_str(&joined, name);
	(void)buf_append_char(&joined, '#');
	(void)buf_append_str(&joined, id);
	made = reading_id(feed->reading, buf_str(&joined));
	buf_done(&joined);
	return made;
}

static void
take_fields(struct feed *feed, const xmlNode *entry, struct article *article)
{
	for (size_t f = 0; f < sizeof(fields) / sizeof(fields[0]); f++) {
		struct str *field = (struct str *)(void *)((char *)article + fields[f].offset);

		*field = STR("");
		for (size_t e = 0; e < 6 && fields[f].elements[e] != NULL && field->len == 0; e++)
			*field = child_content(feed->reading->arena, entry, fields[f].elements[e]);
	}
}

static enum status
give_entry(struct feed *feed, const xmlNode *entry, struct error *reterr)
{
	struct article article = { .number = ++feed->number, .source = feed->source, .language = feed->language };
	struct buf title, text;
	struct error why;
	enum status status;

	take_fields(feed, entry, &article);
	article.url = find_link(feed->reading->arena, entry);
	article.id = entry_id(feed, entry, &article);
	buf_init(&title, LIMIT_SOURCE_BYTES);
	buf_init(&text, LIMIT_SOURCE_BYTES);
	status = article.id.p != NULL ? plain(article.title, &title, &why) : STATUS_NOMEM;
	if (status == STATUS_OK)
		status = plain(article.text, &text, &why);
	article.title = buf_str(&title);
	/* A feed of headlines has no more to say. */
	article.text = text.len > 0 ? buf_str(&text) : article.title;
	why.code = status;
	status = status == STATUS_OK ? article_give(feed->reading, &article, reterr)
				     : reading_refuse(feed->reading, feed->number, &why, reterr);
	buf_done(&title);
	buf_done(&text);
	return status;
}

static enum status
give_entries(struct feed *feed, const xmlNode *parent, const char *name, struct error *reterr)
{
	enum status status = STATUS_OK;

	for (const xmlNode *node = parent->children; status == STATUS_OK && node != NULL; node = node->next) {
		if (is(node, name))
			status = give_entry(feed, node, reterr);
	}
	return status;
}

static enum status
give_feed(struct reading *reading, const xmlNode *root, struct error *reterr)
{
	const xmlNode *channel = is(root, "feed") ? root : child(root, "channel");
	struct feed feed = { .reading = reading };
	struct buf source, language;
	enum status status = STATUS_OK;

	/* Kept over the entries, at the end of each of which the arena is emptied. */
	buf_init(&source, LIMIT_SOURCE_BYTES);
	buf_init(&language, LIMIT_SOURCE_BYTES);
	if (channel != NULL) {
		(void)buf_append_str(&source, child_content(reading->arena, channel, "title"));
		(void)buf_append_str(&language, child_content(reading->arena, channel, "language"));
		if (language.len == 0)
			(void)buf_append_str(&language, attribute(reading->arena, channel, "lang"));
	}
	feed.source = buf_str(&source);
	feed.language = buf_str(&language);
	arena_reset(reading->arena);
	if (is(root, "feed"))
		status = give_entries(&feed, root, "entry", reterr);
	else if (channel != NULL)
		status = give_entries(&feed, channel, "item", reterr);
	/* RSS 1.0 has the items beside the channel. */
	if (status == STATUS_OK && is(root, "RDF"))
		status = give_entries(&feed, root, "item", reterr);
	buf_done(&source);
	buf_done(&language);
	return status;
}

/* ---- The file -------------------------------------------------------------------------------- */

static enum status
parse(struct str xml, xmlDocPtr *ret_document, struct error *reterr)
{
	struct buf whole;
	enum status status;

	if (declares_entities(xml))
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "it declares XML entities of its own, which are not expanded");
	buf_init(&whole, 2 * (size_t)LIMIT_SOURCE_BYTES);
	status = replace_entities(xml, &whole);
	if (status == STATUS_OK && whole.len > 0 && whole.len <= INT_MAX)
		*ret_document = xmlReadMemory(whole.data, (int)whole.len, NULL, "UTF-8", OPTIONS);
	buf_done(&whole);
	if (status != STATUS_OK)
		return error_set(reterr, status, ERROR_NO_OFFSET, "%s", status_text(status));
	if (*ret_document == NULL || xmlDocGetRootElement(*ret_document) == NULL)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "it is no XML");
	return STATUS_OK;
}

static enum status
give(struct reading *reading, struct str xml, struct error *reterr)
{
	xmlDocPtr document = NULL;
	const xmlNode *root;
	struct error why;
	enum status status = parse(xml, &document, &why);

	if (status == STATUS_OK) {
		root = xmlDocGetRootElement(document);
		if (!is(root, "feed") && !is(root, "rss") && !is(root, "RDF"))
			status = error_set(&why, STATUS_INVALID, ERROR_NO_OFFSET,
			    "neither RSS nor Atom: its outermost element is <%.60s>", (const char *)root->name);
	}
	if (status == STATUS_OK)
		status = give_feed(reading, root, reterr);
	else
		status = reading_refuse(reading, 0, &why, reterr);
	if (document != NULL)
		xmlFreeDoc(document);
	return status;
}

enum status
feed_read(struct reading *reading, struct error *reterr)
{
	struct error why;
	struct buf bytes, xml;
	bool whole;
	enum status status;

	buf_init(&bytes, LIMIT_SOURCE_BYTES);
	buf_init(&xml, 2 * (size_t)LIMIT_SOURCE_BYTES);
	status = reading_all(reading, &bytes, &whole, reterr);
	if (status == STATUS_OK && whole) {
		status = html_decode(reading, buf_str(&bytes), NULL, &xml, &why);
		status = status == STATUS_OK ? give(reading, buf_str(&xml), reterr)
					     : reading_refuse(reading, 0, &why, reterr);
	}
	buf_done(&bytes);
	buf_done(&xml);
	return status;
}
