/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a page says of itself: JSON-LD (schema.org's Article and its kin), Open Graph, the names of <meta> that
 * content systems and Dublin Core use, microdata, and last the page's own elements.  Each place has a rank, and for
 * each field the best one counts.
 */
#include <jansson.h>
#include <stdlib.h>
#include <strings.h>

#include "base/limits.h"
#include "indexer/sources/page.h"

enum { FIELD_TITLE, FIELD_DATE, FIELD_AUTHOR, FIELD_SOURCE, FIELD_URL, FIELD_LANGUAGE, FIELDS };
enum { RANK_LD = 90, LD_DEPTH = 6 /* of objects in each other that are looked into */ };

/* Names of <meta name|property|itemprop content>. */
static const struct {
	const char *name;
	int field;
	int rank;
} names[] = {
	{ "og:title", FIELD_TITLE, 80 },
	{ "twitter:title", FIELD_TITLE, 70 },
	{ "dc.title", FIELD_TITLE, 60 },
	{ "headline", FIELD_TITLE, 75 },
	{ "article:published_time", FIELD_DATE, 80 },
	{ "datepublished", FIELD_DATE, 75 },
	{ "og:published_time", FIELD_DATE, 70 },
	{ "date", FIELD_DATE, 60 },
	{ "pubdate", FIELD_DATE, 60 },
	{ "publish-date", FIELD_DATE, 60 },
	{ "publication_date", FIELD_DATE, 60 },
	{ "parsely-pub-date", FIELD_DATE, 60 },
	{ "sailthru.date", FIELD_DATE, 55 },
	{ "dc.date.issued", FIELD_DATE, 58 },
	{ "dcterms.created", FIELD_DATE, 50 },
	{ "dc.date", FIELD_DATE, 50 },
	{ "creationdate", FIELD_DATE, 40 },
	{ "author", FIELD_AUTHOR, 70 },
	{ "article:author", FIELD_AUTHOR, 60 },
	{ "dc.creator", FIELD_AUTHOR, 60 },
	{ "parsely-author", FIELD_AUTHOR, 60 },
	{ "sailthru.author", FIELD_AUTHOR, 55 },
	{ "og:site_name", FIELD_SOURCE, 80 },
	{ "dc.publisher", FIELD_SOURCE, 60 },
	{ "application-name", FIELD_SOURCE, 50 },
	{ "publisher", FIELD_SOURCE, 50 },
	{ "og:url", FIELD_URL, 70 },
	{ "twitter:url", FIELD_URL, 50 },
	{ "og:locale", FIELD_LANGUAGE, 60 },
	{ "content-language", FIELD_LANGUAGE, 50 },
};

/* Types of JSON-LD whose fields are those of the page. */
static const char *const article_types[] = { "Article", "NewsArticle", "ReportageNewsArticle", "AnalysisNewsArticle",
	"OpinionNewsArticle", "BlogPosting", "LiveBlogPosting", "Report", "WebPage", "ScholarlyArticle",
	"SocialMediaPosting", "TechArticle", "PodcastEpisode" };

struct finder {
	struct arena *arena;
	struct str values[FIELDS];
	int ranks[FIELDS];
	enum status status;
};

static void
propose(struct finder *finder, int field, int rank, struct str value)
{
	size_t start = 0;

	while (start < value.len && (unsigned char)value.p[start] <= ' ')
		start++;
	while (value.len > start && (unsigned char)value.p[value.len - 1] <= ' ')
		value.len--;
	value = (struct str) { value.p + start, value.len - start };
	if (value.len == 0 || value.len > LIMIT_TITLE_BYTES || rank <= finder->ranks[field])
		return;
	if (field == FIELD_URL && !str_has_prefix(value, STR("http://")) && !str_has_prefix(value, STR("https://")))
		return;
	/* A profile's address is no name. */
	if (field == FIELD_AUTHOR && (str_has_prefix(value, STR("http://")) || str_has_prefix(value, STR("https://"))))
		return;
	finder->values[field] = arena_str(finder->arena, value);
	finder->ranks[field] = rank;
	if (finder->values[field].p == NULL)
		finder->status = STATUS_NOMEM;
}

/* ---- JSON-LD --------------------------------------------------------------------------------- */

static struct str
string_of(const json_t *value)
{
	if (!json_is_string(value))
		return (struct str) { "", 0 };
	return (struct str) { json_string_value(value), json_string_length(value) };
}

/* The name of a thing, or of the first of several: "AFP", {"name":"AFP"}, [{"name":"AFP"}]. */
static struct str
name_of(const json_t *value)
{
	if (json_is_array(value))
		value = json_array_get(value, 0);
	if (json_is_object(value)) {
		const json_t *name = json_object_get(value, "name");

		return string_of(json_is_array(name) ? json_array_get(name, 0) : name);
	}
	return string_of(value);
}

/* The names of several people, joined. */
static struct str
names_of(struct finder *finder, const json_t *value)
{
	struct buf joined;
	struct str all;

	if (!json_is_array(value) || json_array_size(value) < 2)
		return name_of(value);
	buf_init(&joined, LIMIT_TITLE_BYTES);
	for (size_t i = 0; i < json_array_size(value); i++) {
		struct str name = name_of(json_array_get(value, i));

		if (name.len == 0)
			continue;
		(void)buf_append_str(&joined, joined.len > 0 ? STR(", ") : STR(""));
		(void)buf_append_str(&joined, name);
	}
	all = arena_str(finder->arena, buf_str(&joined));
	buf_done(&joined);
	return all.p != NULL ? all : (struct str) { "", 0 };
}

static bool
is_article_type(const json_t *type)
{
	struct str name = string_of(json_is_array(type) ? json_array_get(type, 0) : type);

	for (size_t i = 0; i < sizeof(article_types) / sizeof(article_types[0]); i++) {
		if (str_eq(name, str_of(article_types[i])))
			return true;
	}
	return false;
}

static void
take_thing(struct finder *finder, const json_t *thing)
{
	const json_t *page = json_object_get(thing, "mainEntityOfPage");
	/* What is said of the page around the article counts less than what is said of the article. */
	int rank = str_eq(string_of(json_object_get(thing, "@type")), STR("WebPage")) ? RANK_LD - 50 : RANK_LD;

	propose(finder, FIELD_TITLE, rank, string_of(json_object_get(thing, "headline")));
	propose(finder, FIELD_TITLE, rank - 1, string_of(json_object_get(thing, "name")));
	propose(finder, FIELD_DATE, rank, string_of(json_object_get(thing, "datePublished")));
	propose(finder, FIELD_DATE, rank - 1, string_of(json_object_get(thing, "dateCreated")));
	propose(finder, FIELD_AUTHOR, rank, names_of(finder, json_object_get(thing, "author")));
	propose(finder, FIELD_SOURCE, rank, name_of(json_object_get(thing, "publisher")));
	propose(finder, FIELD_URL, rank, string_of(json_object_get(thing, "url")));
	propose(finder, FIELD_URL, rank - 1, string_of(json_is_object(page) ? json_object_get(page, "@id") : page));
	propose(finder, FIELD_LANGUAGE, rank, string_of(json_object_get(thing, "inLanguage")));
}

/* Depth is bounded by LD_DEPTH. */
static void
take_ld(struct finder *finder, const json_t *value, int depth)
{
	const json_t *graph = json_object_get(value, "@graph");

	if (depth > LD_DEPTH)
		return;
	for (size_t i = 0; json_is_array(value) && i < json_array_size(value); i++)
		take_ld(finder, json_array_get(value, i), depth + 1);
	if (graph != NULL)
		take_ld(finder, graph, depth + 1);
	if (json_is_object(value) && is_article_type(json_object_get(value, "@type")))
		take_thing(finder, value);
}

static void
take_script(struct finder *finder, const xmlNode *node)
{
	const xmlNode *text = node->children;
	json_t *value;

	if (strcasecmp(page_attribute(node, "type").p, "application/ld+json") != 0 || text == NULL ||
	    text->content == NULL)
		return;
	value = json_loads((const char *)text->content, 0, NULL);
	if (value != NULL)
		take_ld(finder, value, 0);
	json_decref(value);
}

/* ---- Elements -------------------------------------------------------------------------------- */

static void
take_meta(struct finder *finder, const xmlNode *node)
{
	static const char *const keys[] = { "property", "name", "itemprop", "http-equiv" };
	struct str content = page_attribute(node, "content");

	for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
		struct str key = page_attribute(node, keys[k]);

		for (size_t i = 0; key.len > 0 && i < sizeof(names) / sizeof(names[0]); i++) {
			if (strcasecmp(key.p, names[i].name) == 0)
				propose(finder, names[i].field, names[i].rank, content);
		}
	}
}

/* The text of an element; empty where it is long. */
static void
propose_text(struct finder *finder, int field, int rank, xmlNodePtr node)
{
	struct buf text;

	buf_init(&text, LIMIT_TITLE_BYTES);
	for (xmlNodePtr at = node; at != NULL; at = page_next(at, node, false)) {
		if (at->type == XML_TEXT_NODE && at->content != NULL)
			(void)buf_append_str(&text, str_of((const char *)at->content));
	}
	if (buf_status(&text) == STATUS_OK)
		propose(finder, field, rank, buf_str(&text));
	buf_done(&text);
}

/* Elements that mean what microdata or HTML itself says they mean. */
static void
take_element(struct finder *finder, xmlNodePtr node)
{
	struct str property = page_attribute(node, "itemprop");
	struct str datetime = page_attribute(node, "datetime");

	if (strcasecmp(property.p, "datePublished") == 0)
		propose(finder, FIELD_DATE, 72, datetime);
	if (strcasecmp(property.p, "headline") == 0)
		propose_text(finder, FIELD_TITLE, 65, node);
	if (strcasecmp(property.p, "author") == 0 || strcasecmp(page_attribute(node, "rel").p, "author") == 0)
		propose_text(finder, FIELD_AUTHOR, 30, node);
	if (page_is(node, "time"))
		propose(finder, FIELD_DATE, strcasecmp(property.p, "dateModified") == 0 ? 10 : 30, datetime);
	if (page_is(node, "h1"))
		propose_text(finder, FIELD_TITLE, 40, node);
	if (page_is(node, "title"))
		propose_text(finder, FIELD_TITLE, 20, node);
	if (page_is(node, "html"))
		propose(finder, FIELD_LANGUAGE, 70, page_attribute(node, "lang"));
	if (page_is(node, "link") && strcasecmp(page_attribute(node, "rel").p, "canonical") == 0)
		propose(finder, FIELD_URL, 80, page_attribute(node, "href"));
}

static void
take_node(struct finder *finder, xmlNodePtr node)
{
	if (page_is(node, "meta"))
		take_meta(finder, node);
	else if (page_is(node, "script"))
		take_script(finder, node);
	else
		take_element(finder, node);
}

/* "Un titre | Le Journal" is "Un titre", where the journal is known by another way. */
static void
cut_site_name(struct finder *finder)
{
	struct str *title = &finder->values[FIELD_TITLE];
	struct str site = finder->values[FIELD_SOURCE];
	size_t end;

	if (site.len == 0 || title->len <= site.len + 3 ||
	    memcmp(title->p + title->len - site.len, site.p, site.len) != 0)
		return;
	end = title->len - site.len;
	while (end > 0 && title->p[end - 1] == ' ')
		end--;
	if (end >= 3 && memcmp(title->p + end - 3, "–", 3) == 0)
		end -= 3;
	else if (end >= 1 && (title->p[end - 1] == '|' || title->p[end - 1] == '-'))
		end -= 1;
	else
		return;
	while (end > 0 && title->p[end - 1] == ' ')
		end--;
	if (end > 0)
		title->len = end;
}

struct str
page_host(struct str url)
{
	size_t start = str_has_prefix(url, STR("https://")) ? 8 : 7, end;

	if (url.len < start)
		return (struct str) { "", 0 };
	for (end = start; end < url.len && strchr("/?#:", url.p[end]) == NULL;)
		end++;
	if (end - start > 4 && memcmp(url.p + start, "www.", 4) == 0)
		start += 4;
	return (struct str) { url.p + start, end - start };
}

enum status
page_meta(const struct page *page, struct arena *arena, struct page_meta *ret_meta)
{
	struct finder finder = { .arena = arena, .status = STATUS_OK };
	xmlNodePtr root = page->document != NULL ? xmlDocGetRootElement(page->document) : NULL;

	for (int i = 0; i < FIELDS; i++)
		finder.values[i] = STR("");
	for (xmlNodePtr node = root; node != NULL; node = page_next(node, root, false)) {
		if (node->type == XML_ELEMENT_NODE)
			take_node(&finder, node);
	}
	cut_site_name(&finder);
	*ret_meta = (struct page_meta) { .title = finder.values[FIELD_TITLE],
		.date = finder.values[FIELD_DATE],
		.author = finder.values[FIELD_AUTHOR],
		.source = finder.values[FIELD_SOURCE],
		.url = finder.values[FIELD_URL],
		.language = finder.values[FIELD_LANGUAGE] };
	return finder.status;
}
