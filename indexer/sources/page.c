/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "indexer/sources/page.h"

#include <libxml/HTMLparser.h>
#include <limits.h>
#include <stdbool.h>
#include <strings.h>

#include "base/limits.h"

enum {
	OPTIONS = HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET |
		  HTML_PARSE_COMPACT | HTML_PARSE_NODEFDTD
};

xmlNodePtr
page_next(xmlNodePtr node, const xmlNode *root, bool skip)
{
	if (!skip && node->type == XML_ELEMENT_NODE && node->children != NULL)
		return node->children;
	while (node != NULL && node != root && node->next == NULL)
		node = node->parent;
	return node != NULL && node != root ? node->next : NULL;
}

bool
page_is(const xmlNode *node, const char *name)
{
	return node != NULL && node->type == XML_ELEMENT_NODE && strcasecmp((const char *)node->name, name) == 0;
}

struct str
page_attribute(const xmlNode *node, const char *name)
{
	for (const xmlAttr *a = node->properties; a != NULL; a = a->next) {
		if (strcasecmp((const char *)a->name, name) != 0)
			continue;
		if (a->children == NULL || a->children->next != NULL || a->children->content == NULL)
			break;
		return str_of((const char *)a->children->content);
	}
	return (struct str) { "", 0 };
}

/* Depth and number of nodes; the tree is walked without recursion everywhere, but time is bounded too. */
static enum status
check_size(const xmlDoc *document, struct error *reterr)
{
	xmlNodePtr root = xmlDocGetRootElement(document);
	size_t nodes = 0;

	for (xmlNodePtr node = root; node != NULL; node = page_next(node, root, false)) {
		size_t depth = 0;

		if (++nodes > LIMIT_SOURCE_NODES)
			return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
			    "the page has more than %d elements (LIMIT_SOURCE_NODES)", LIMIT_SOURCE_NODES);
		if (node->prev != NULL || node->type != XML_ELEMENT_NODE)
			continue;
		/* Above the root stands the document, which is no element. */
		for (const xmlNode *up = node; up->type == XML_ELEMENT_NODE && depth <= LIMIT_SOURCE_DEPTH;
		     up = up->parent)
			depth++;
		if (depth > LIMIT_SOURCE_DEPTH)
			return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
			    "the page has more than %d elements in each other (LIMIT_SOURCE_DEPTH)",
			    LIMIT_SOURCE_DEPTH);
	}
	return STATUS_OK;
}

static xmlNodePtr
find_body(const xmlDoc *document)
{
	xmlNodePtr root = xmlDocGetRootElement(document);

	for (xmlNodePtr node = root; node != NULL; node = page_next(node, root, false)) {
		if (page_is(node, "body"))
			return node;
	}
	return root;
}

enum status
page_parse(struct str utf8, struct page *ret_page, struct error *reterr)
{
	htmlParserCtxtPtr parser = utf8.len <= INT_MAX ? htmlNewParserCtxt() : NULL;
	enum status status = STATUS_OK;

	*ret_page = (struct page) { NULL, NULL };
	if (parser == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	if (utf8.len > 0)
		ret_page->document = htmlCtxtReadMemory(parser, utf8.p, (int)utf8.len, NULL, "UTF-8", OPTIONS);
	if (parser->lastError.code == XML_ERR_NO_MEMORY)
		status = error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	htmlFreeParserCtxt(parser);
	if (status == STATUS_OK && ret_page->document != NULL) {
		status = check_size(ret_page->document, reterr);
		ret_page->body = find_body(ret_page->document);
	}
	return status;
}

void
page_free(struct page *page)
{
	if (page->document != NULL)
		xmlFreeDoc(page->document);
	*page = (struct page) { NULL, NULL };
}
