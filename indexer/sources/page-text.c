/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of a page, in three steps.
 *
 *	1. cut it into blocks: runs of text that no block element, and no empty line, interrupts
 *	2. find the element that holds the article: <article> or <main> where it holds most of the prose, else
 *	   the smallest element that holds nearly all of it
 *	3. give its blocks, without those in furniture and talk, links standing alone, and headings of nothing
 *
 * What a block is, and that few words with many links are no prose, is from Kohlschuetter, Fankhauser and Nejdl
 * (2010), "Boilerplate Detection using Shallow Text Features"; the weight of an element by what its blocks hold, from
 * the idea of Arc90's Readability.  The rule above all is to lose nothing: where little is left, all is given.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <strings.h>

#include "base/limits.h"
#include "indexer/sources/page-mark.h"
#include "indexer/sources/page.h"
#include "indexer/sources/reading.h"

enum {
	ARENA_BYTES = 128 * 1024 * 1024,
	PROSE_BYTES = 60, /* of a block without its links: a sentence */
	BYLINE_BYTES = 160,
	LONG_LINK_BYTES = 150, /* a paragraph that is one link and so long is text */
	LITTLE_BYTES = 200, /* of text: so much is left where something was taken for furniture that was not */
	/* in per cent */
	FURNITURE_MAX = 40,
	ARTICLE_MIN = 60,
	DESCENT_MIN = 90,
	LINKS_MAX = 60
};

struct block {
	xmlNodePtr node; /* the innermost block element around it */
	size_t off; /* in the text of all blocks */
	size_t len;
	size_t link_bytes;
};

struct cutter {
	struct arena *arena;
	struct buf text;
	struct block *blocks;
	size_t n;
	size_t capacity;
	size_t start; /* of the block that is being made */
	size_t link_bytes;
	xmlNodePtr node; /* its element */
	bool pending_space;
	bool in_pre;
	enum status status;
};

static const char *const inline_elements[] = { "a", "abbr", "acronym", "b", "bdi", "bdo", "br", "big", "cite", "code",
	"data", "del", "dfn", "em", "font", "i", "img", "ins", "kbd", "label", "mark", "nobr", "picture", "q", "rp",
	"rt", "ruby", "s", "samp", "small", "source", "span", "strike", "strong", "sub", "sup", "time", "tt", "u",
	"var", "wbr", "o:p" };

/* Labels of buttons and boxes, which pages write as paragraphs of their own. */
static const char *const labels[] = { "publicité", "partager", "partager :", "imprimer", "lire aussi",
	"lire aussi :", "à lire aussi", "à lire aussi :", "commenter", "réagir", "copier le lien", "s'abonner",
	"je m'abonne", "suivre", "retour en haut", "la suite après la publicité", "la suite après cette publicité",
	"advertisement", "leave a comment", "laisser un commentaire" };

/* ---- 1. Blocks ------------------------------------------------------------------------------- */

static bool
is_inline(const xmlNode *node)
{
	for (size_t i = 0; i < sizeof(inline_elements) / sizeof(inline_elements[0]); i++) {
		if (page_is(node, inline_elements[i]))
			return true;
	}
	return false;
}

static xmlNodePtr
block_around(xmlNodePtr node)
{
	while (node->parent != NULL && node->parent->type == XML_ELEMENT_NODE &&
	       (node->type != XML_ELEMENT_NODE || is_inline(node)))
		node = node->parent;
	return node;
}

static bool
is_inside(const xmlNode *node, const char *name, const xmlNode *limit)
{
	for (; node != NULL && node != limit; node = node->parent) {
		if (page_is(node, name))
			return true;
	}
	return false;
}

static bool
grow(struct cutter *cutter)
{
	size_t capacity = cutter->capacity > 0 ? cutter->capacity * 2 : 256;
	struct block *blocks = realloc(cutter->blocks, capacity * sizeof(*blocks));

	if (blocks == NULL)
		return false;
	cutter->blocks = blocks;
	cutter->capacity = capacity;
	return true;
}

/* Ends the block; one without text is none. */
static void
end_block(struct cutter *cutter)
{
	struct block *block;

	while (cutter->text.len > cutter->start && strchr(" \n\r\t", cutter->text.data[cutter->text.len - 1]) != NULL)
		cutter->text.len--;
	cutter->pending_space = false;
	if (cutter->text.len == cutter->start) {
		cutter->link_bytes = 0;
		return;
	}
	if (cutter->n == cutter->capacity && !grow(cutter)) {
		cutter->status = STATUS_NOMEM;
		return;
	}
	block = &cutter->blocks[cutter->n++];
	*block = (struct block) { cutter->node, cutter->start, cutter->text.len - cutter->start, cutter->link_bytes };
	cutter->start = cutter->text.len;
	cutter->link_bytes = 0;
}

static void
add_text(struct cutter *cutter, xmlNodePtr node)
{
	const char *p = (const char *)node->content;
	size_t before = cutter->text.len;

	if (cutter->text.len == cutter->start)
		cutter->node = block_around(node);
	for (; p != NULL && *p != '\0'; p++) {
		bool space = strchr(" \t\r\n\f", *p) != NULL;

		if (cutter->in_pre) {
			if (!space || cutter->text.len > cutter->start)
				(void)buf_append_char(&cutter->text, *p);
			continue;
		}
		if (!space && cutter->pending_space && cutter->text.len > cutter->start &&
		    cutter->text.data[cutter->text.len - 1] != '\n')
			(void)buf_append_char(&cutter->text, ' ');
		cutter->pending_space = space;
		if (!space)
			(void)buf_append_char(&cutter->text, *p);
	}
	if (is_inside(node, "a", cutter->node))
		cutter->link_bytes += cutter->text.len - before;
}

/* A second <br> with nothing between ends a block, as people write paragraphs so. */
static void
add_break(struct cutter *cutter)
{
	if (cutter->text.len > cutter->start && cutter->text.data[cutter->text.len - 1] == '\n')
		end_block(cutter);
	else if (cutter->text.len > cutter->start)
		(void)buf_append_char(&cutter->text, '\n');
	cutter->pending_space = false;
}

/* What stands at the border of an element: cells are parted by a blank, blocks by their end. */
static void
at_border(struct cutter *cutter, const xmlNode *node)
{
	if (page_is(node, "td") || page_is(node, "th"))
		cutter->pending_space = true;
	else if (!is_inline(node))
		end_block(cutter);
	cutter->in_pre = is_inside(node, "pre", NULL);
}

/* Leaves `node`, and all around it that ends with it. */
static void
leave(struct cutter *cutter, const xmlNode *node, const xmlNode *root)
{
	for (;; node = node->parent) {
		if (node->type == XML_ELEMENT_NODE) {
			at_border(cutter, node);
			cutter->in_pre = is_inside(node->parent, "pre", NULL);
		}
		if (node == root || node->next != NULL)
			break;
	}
}

static void
cut(struct cutter *cutter, xmlNodePtr root)
{
	for (xmlNodePtr node = root, next; node != NULL && cutter->status == STATUS_OK; node = next) {
		bool element = node->type == XML_ELEMENT_NODE;
		bool skip = !element || mark_is_hidden(node);

		if (element && !skip && page_is(node, "br"))
			add_break(cutter);
		else if (element && !skip)
			at_border(cutter, node);
		else if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE)
			add_text(cutter, node);
		next = page_next(node, root, skip);
		if (skip || node->children == NULL)
			leave(cutter, node, root);
	}
	end_block(cutter);
	if (buf_status(&cutter->text) != STATUS_OK)
		cutter->status = buf_status(&cutter->text);
}

/* ---- 2. The element that holds the article ---------------------------------------------------- */

static size_t
prose_of(const struct block *block)
{
	size_t bytes = block->len - (block->link_bytes < block->len ? block->link_bytes : block->len);

	return bytes >= PROSE_BYTES ? bytes : 0;
}

static size_t
prose_in(const xmlNode *node)
{
	return node->_private != NULL ? ((const struct mark *)node->_private)->prose : 0;
}

/* Adds up prose and headlines along the ancestors of each block. */
static enum status
weigh(struct cutter *cutter, xmlNodePtr root)
{
	for (size_t i = 0; i < cutter->n; i++) {
		const struct block *block = &cutter->blocks[i];
		bool headline = page_is(block->node, "h1");

		for (xmlNodePtr node = block->node; node != NULL && node->type == XML_ELEMENT_NODE;
		     node = node->parent) {
			struct mark *mark = mark_of(node, cutter->arena);

			if (mark == NULL)
				return STATUS_NOMEM;
			headline = headline || strcasecmp(page_attribute(node, "itemprop").p, "articleBody") == 0;
			mark->prose += prose_of(block);
			mark->has_headline = mark->has_headline || headline;
			if (node == root)
				break;
		}
	}
	return STATUS_OK;
}

/* Whether an element is not part of the article; `all` is the prose of the page without the readers' talk. */
static bool
is_left_out(const xmlNode *node, size_t all)
{
	const struct mark *mark = node->_private;
	enum role role = mark_role(node);

	if (mark == NULL || (role != ROLE_FURNITURE && role != ROLE_TALK) || mark->has_headline)
		return false;
	return role == ROLE_TALK || mark->prose * 100 < all * FURNITURE_MAX;
}

/* The prose outside of what readers wrote. */
static size_t
prose_without_talk(xmlNodePtr root)
{
	size_t all = prose_in(root);

	for (xmlNodePtr node = root, next; node != NULL; node = next) {
		bool talk = node->type == XML_ELEMENT_NODE && is_left_out(node, 0);

		if (talk && node != root)
			all -= prose_in(node) < all ? prose_in(node) : all;
		next = page_next(node, root, talk);
	}
	return all;
}

/* The element of that name with the most prose, unless something around it is left out; NULL for none. */
static xmlNodePtr
richest(xmlNodePtr root, const char *name, size_t all)
{
	xmlNodePtr best = NULL;

	for (xmlNodePtr node = root, next; node != NULL; node = next) {
		bool element = node->type == XML_ELEMENT_NODE;
		bool skip = element && is_left_out(node, all);

		if (element && !skip &&
		    (page_is(node, name) || strcasecmp(page_attribute(node, "role").p, name) == 0) &&
		    (best == NULL || prose_in(node) > prose_in(best)))
			best = node;
		next = page_next(node, root, skip);
	}
	return best;
}

static xmlNodePtr
descend(xmlNodePtr node)
{
	for (;;) {
		xmlNodePtr heir = NULL;

		for (xmlNodePtr child = node->children; child != NULL; child = child->next) {
			if (child->type == XML_ELEMENT_NODE && prose_in(child) * 100 >= prose_in(node) * DESCENT_MIN)
				heir = child;
		}
		if (heir == NULL || prose_in(heir) == 0 || page_is(heir, "p"))
			return node;
		node = heir;
	}
}

static xmlNodePtr
find_article(xmlNodePtr root, size_t all)
{
	static const char *const names[] = { "article", "main" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		xmlNodePtr found = richest(root, names[i], all);

		if (found != NULL && all > 0 && prose_in(found) * 100 >= all * ARTICLE_MIN)
			return found;
	}
	return descend(root);
}

/* ---- 3. The blocks that are given ------------------------------------------------------------- */

static bool
is_label(struct str text)
{
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		if (text.len == strlen(labels[i]) && strncasecmp(text.p, labels[i], text.len) == 0)
			return true;
	}
	return false;
}

static int
heading_level(const xmlNode *node)
{
	const char *name = (const char *)node->name;

	return (name[0] == 'h' || name[0] == 'H') && name[1] >= '1' && name[1] <= '6' && name[2] == '\0' ? name[1] - '0'
													 : 0;
}

struct choice {
	const struct cutter *cutter;
	xmlNodePtr article;
	struct str title;
	size_t all;
	bool everything; /* furniture too: too little was left without it */
};

static bool
is_links(const struct block *block)
{
	if (block->link_bytes * 100 <= block->len * LINKS_MAX)
		return false;
	return !page_is(block->node, "p") || block->len < LONG_LINK_BYTES;
}

static bool
is_given(const struct choice *choice, const struct block *block)
{
	struct str text = { choice->cutter->text.data + block->off, block->len };
	bool inside = false;

	for (const xmlNode *node = block->node; node != NULL && node->type == XML_ELEMENT_NODE; node = node->parent) {
		if (!choice->everything && is_left_out(node, choice->all))
			return false;
		if (!choice->everything && !inside && block->len < BYLINE_BYTES && mark_role(node) == ROLE_BYLINE &&
		    prose_in(node) * 100 < choice->all * FURNITURE_MAX)
			return false;
		if (node == choice->article)
			inside = true;
	}
	return inside && !is_links(block) && !is_label(text) &&
	       !(heading_level(block->node) > 0 && str_eq(text, choice->title));
}

/* Whether something is given between a heading and the next one that is not below it. */
static bool
heads_something(const struct choice *choice, size_t heading)
{
	const struct cutter *cutter = choice->cutter;
	int level = heading_level(cutter->blocks[heading].node);

	for (size_t i = heading + 1; i < cutter->n; i++) {
		int other = heading_level(cutter->blocks[i].node);

		if (other > 0 && other <= level)
			return false;
		if (other == 0 && is_given(choice, &cutter->blocks[i]))
			return true;
	}
	return false;
}

static void
append_block(struct buf *out, struct str text)
{
	if (out->len > 0)
		(void)buf_append_str(out, STR("\n\n"));
	(void)buf_append_str(out, text);
}

static void
give(const struct choice *choice, struct buf *out)
{
	const struct cutter *cutter = choice->cutter;

	for (size_t i = 0; i < cutter->n; i++) {
		const struct block *block = &cutter->blocks[i];

		if (!is_given(choice, block) || (heading_level(block->node) > 0 && !heads_something(choice, i)))
			continue;
		append_block(out, (struct str) { cutter->text.data + block->off, block->len });
	}
}

static enum status
give_main(struct cutter *cutter, xmlNodePtr root, struct str title, struct buf *out)
{
	struct choice choice = { .cutter = cutter, .title = title };
	size_t before = out->len;
	enum status status = weigh(cutter, root);

	if (status != STATUS_OK)
		return status;
	choice.all = prose_without_talk(root);
	choice.article = find_article(root, choice.all);
	give(&choice, out);
	if (out->len - before >= LITTLE_BYTES || cutter->text.len < 3 * (out->len - before))
		return buf_status(out);
	/* Hardly anything: what was taken for furniture may be the text, and is given rather than lost. */
	out->len = before;
	choice.article = root;
	choice.everything = true;
	give(&choice, out);
	return buf_status(out);
}

enum status
page_text(const struct page *page, enum page_part part, struct str title, struct buf *out)
{
	struct cutter cutter = { .status = STATUS_OK };

	if (page->body == NULL)
		return STATUS_OK;
	if (arena_new(ARENA_BYTES, &cutter.arena) != STATUS_OK)
		return STATUS_NOMEM;
	buf_init(&cutter.text, out->max);
	cut(&cutter, page->body);
	for (size_t i = 0; cutter.status == STATUS_OK && part == PAGE_ALL && i < cutter.n; i++)
		append_block(out, (struct str) { cutter.text.data + cutter.blocks[i].off, cutter.blocks[i].len });
	if (cutter.status == STATUS_OK && part == PAGE_MAIN)
		cutter.status = give_main(&cutter, page->body, title, out);
	if (cutter.status == STATUS_OK)
		cutter.status = buf_status(out);
	free(cutter.blocks);
	buf_done(&cutter.text);
	arena_free(cutter.arena);
	return cutter.status;
}
