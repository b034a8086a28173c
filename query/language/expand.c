/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tree is copied from the root; a leaf's copy is made for each place in which it comes to stand,
 * and all are numbered at the end.
 *
 * A phrase is cut into segments: words that are no name, and names.  Of a name of one word, the
 * alternatives of one word become an OR in its place; every other alternative makes the phrase stand
 * once more.  So phrases hold nothing but words and ORs of words, which Xapian's operator can do.
 */
#include "query/language/expand.h"

#include "base/bounds.h"
#include "base/limits.h"
#include "query/language/words.h"

enum { ARTICLE_NAME_BYTES = 3 /* of the shortest name behind an Arabic article */ };

struct expander {
	const struct variants *variants;
	struct analyzer *analyzer;
	enum accents accents;
	struct arena *arena;
	struct str text;
	uint32_t n_leaves; /* of the query as it is by now */
	uint32_t n_terms;
	struct expansion *report;
	uint32_t n_report;
	uint32_t cap_report;
	struct error *reterr;
};

/* A part of a phrase: one word or star, or a name. */
struct segment {
	struct node *const *nodes;
	uint32_t n;
	struct variant *variants; /* NULL where it is no name */
	uint32_t n_variants;
	uint32_t n_choices; /* 1, and the variants that do not stand in its place as an OR */
};

struct size {
	uint32_t leaves;
	uint32_t terms;
};

static enum status
no_memory(struct expander *expander)
{
	return error_set(expander->reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory for the query's variants");
}

static struct size
size_of(const struct node *node)
{
	struct size size = { .leaves = node_is_leaf(node), .terms = node->n_stems };

	if (node_is_leaf(node) && node->n_stems == 0)
		size.terms = 1;
	for (uint32_t i = 0; i < node->n_children; i++) {
		struct size child = size_of(node->children[i]);

		size.leaves += child.leaves;
		size.terms += child.terms;
	}
	return size;
}

/* Puts `grown` in the place of `node` in the sums; false where a limit forbids it. */
static bool
has_room(struct expander *expander, const struct node *node, const struct node *grown)
{
	struct size before = size_of(node), after = size_of(grown);

	if (expander->n_leaves - before.leaves + after.leaves > bound_get(BOUND_QUERY_WORDS) ||
	    expander->n_terms - before.terms + after.terms > bound_get(BOUND_QUERY_TERMS))
		return false;
	expander->n_leaves += after.leaves - before.leaves;
	expander->n_terms += after.terms - before.terms;
	return true;
}

static enum status
copy_node(struct expander *expander, const struct node *node, struct node **ret_copy)
{
	struct node *copy = arena_alloc(expander->arena, sizeof(*copy));

	if (copy == NULL)
		return no_memory(expander);
	*copy = *node;
	*ret_copy = copy;
	return STATUS_OK;
}

/* ---- What is told of it ---- */

static struct str
typed(const struct expander *expander, const struct segment *segment)
{
	const struct node *last = segment->nodes[segment->n - 1];
	size_t from = segment->nodes[0]->off, to = last->off + last->len;

	return (struct str) { expander->text.p + from, to - from };
}

static struct expansion *
report_row(struct expander *expander)
{
	if (expander->n_report == expander->cap_report) {
		uint32_t cap = expander->cap_report > 0 ? expander->cap_report * 2 : 4;
		struct expansion *rows = arena_calloc(expander->arena, cap, sizeof(*rows));

		if (rows == NULL)
			return NULL;
		if (expander->n_report > 0)
			memcpy(rows, expander->report, expander->n_report * sizeof(*rows));
		expander->report = rows;
		expander->cap_report = cap;
	}
	return &expander->report[expander->n_report++];
}

/* Tells of a name, the first time that it is met so spelled. */
static enum status
report(struct expander *expander, const struct segment *segment, bool done)
{
	struct expansion row = { .from = typed(expander, segment) };
	struct expansion *place;
	struct str *to;

	for (uint32_t i = 0; i < expander->n_report; i++) {
		if (str_eq(expander->report[i].from, row.from) && (expander->report[i].n_to > 0) == done)
			return STATUS_OK;
	}
	row.n_to = done ? segment->n_variants : 0;
	to = arena_calloc(expander->arena, segment->n_variants, sizeof(*to));
	row.from = arena_str(expander->arena, row.from);
	if (to == NULL || row.from.p == NULL)
		return no_memory(expander);
	for (uint32_t i = 0; i < row.n_to; i++) {
		to[i] = arena_str(expander->arena, segment->variants[i].text);
		if (to[i].p == NULL)
			return no_memory(expander);
	}
	row.to = to;
	place = report_row(expander);
	if (place == NULL)
		return no_memory(expander);
	*place = row;
	return STATUS_OK;
}

/* ---- Names ---- */

static bool
may_be_named(const struct node *node)
{
	return node->kind == NODE_WORD && node->form == FORM_STEM;
}

/* The folded words of `n` nodes, joined by blanks, in the arena. */
static enum status
key_of(struct expander *expander, struct node *const *nodes, uint32_t n, struct str *ret_key)
{
	size_t len = n - 1, at = 0;
	char *key;

	for (uint32_t i = 0; i < n; i++)
		len += nodes[i]->folded.len;
	key = arena_alloc(expander->arena, len);
	if (key == NULL)
		return no_memory(expander);
	for (uint32_t i = 0; i < n; i++) {
		if (i > 0)
			key[at++] = ' ';
		memcpy(key + at, nodes[i]->folded.p, nodes[i]->folded.len);
		at += nodes[i]->folded.len;
	}
	*ret_key = (struct str) { key, len };
	return STATUS_OK;
}

/* Whether the words of `inner` stand, as whole words, in `outer`. */
static bool
holds_words(struct str outer, struct str inner)
{
	for (size_t i = 0; i + inner.len <= outer.len; i++) {
		bool starts = i == 0 || outer.p[i - 1] == ' ';
		bool ends = i + inner.len == outer.len || outer.p[i + inner.len] == ' ';

		if (starts && ends && memcmp(outer.p + i, inner.p, inner.len) == 0)
			return true;
	}
	return false;
}

/* Leaves out what is found anyway, since it holds the name or another variant: "el Assad" beside Assad. */
static void
drop_longer(struct segment *segment, struct str key)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < segment->n_variants; i++) {
		struct variant variant = segment->variants[i];
		bool longer = holds_words(variant.key, key);

		for (uint32_t k = 0; k < segment->n_variants && !longer; k++)
			longer = variant.n_words > segment->variants[k].n_words &&
				 holds_words(variant.key, segment->variants[k].key);
		/* Places that are left behind hold a variant still, which does no harm: it was in the list. */
		if (!longer)
			segment->variants[kept++] = variant;
	}
	segment->n_variants = kept;
}

/*
 * The Arabic article, which is el or al as the dialect has it: el-Assir is al-Assir.  Docs of the rule
 * and of what it finds wrongly: docs/query-language.md, "Names".
 */
static enum status
find_article(struct expander *expander, struct node *const *nodes, uint32_t n, struct segment *segment)
{
	struct str article = nodes[0]->folded, other = str_eq(article, STR("el")) ? STR("al") : STR("el");
	struct str name = { expander->text.p + nodes[n > 1]->off, nodes[n > 1]->len };
	struct buf text, key;
	struct variant *variant;

	if (n < 2 || nodes[1]->folded.len < ARTICLE_NAME_BYTES ||
	    !(str_eq(article, STR("el")) || str_eq(article, STR("al"))))
		return STATUS_OK;
	buf_init(&text, LIMIT_QUERY_BYTES + 8);
	buf_init(&key, LIMIT_QUERY_BYTES + 8);
	buf_printf(&text, "%.*s-%.*s", STR_FMT(other), STR_FMT(name));
	buf_printf(&key, "%.*s %.*s", STR_FMT(other), STR_FMT(nodes[1]->folded));
	variant = arena_alloc(expander->arena, sizeof(*variant));
	if (variant != NULL && buf_status(&text) == STATUS_OK && buf_status(&key) == STATUS_OK)
		*variant = (struct variant) { arena_str(expander->arena, buf_str(&text)),
			arena_str(expander->arena, buf_str(&key)), 2 };
	buf_done(&text);
	buf_done(&key);
	if (variant == NULL || variant->text.p == NULL || variant->key.p == NULL)
		return no_memory(expander);
	segment->variants = variant;
	segment->n_variants = 1;
	segment->n = 2;
	return STATUS_OK;
}

/* The longest name that begins at nodes[0]; *ret_segment is one plain node where there is none. */
static enum status
find_name(struct expander *expander, struct node *const *nodes, uint32_t n, struct segment *ret_segment)
{
	uint32_t longest = variants_longest(expander->variants), run = 0, longest_run;
	struct variant found[EXPAND_ALTERNATIVES];

	*ret_segment = (struct segment) { .nodes = nodes, .n = 1, .n_choices = 1 };
	longest = longest > 2 ? longest : 2; /* for the article */
	while (run < n && run < longest && may_be_named(nodes[run]) && nodes[run]->field == nodes[0]->field)
		run++;
	for (longest_run = run; run > 0; run--) {
		struct str key;
		enum status status = key_of(expander, nodes, run, &key);
		uint32_t n_found;

		if (status != STATUS_OK)
			return status;
		n_found = variants_find(expander->variants, key, found, EXPAND_ALTERNATIVES);
		if (n_found == 0)
			continue;
		ret_segment->variants = arena_calloc(expander->arena, n_found, sizeof(found[0]));
		if (ret_segment->variants == NULL)
			return no_memory(expander);
		memcpy(ret_segment->variants, found, n_found * sizeof(found[0]));
		ret_segment->n_variants = n_found;
		ret_segment->n = run;
		return STATUS_OK;
	}
	return find_article(expander, nodes, longest_run, ret_segment);
}

/* ---- Nodes of a variant ---- */

static enum status
copy_stems(struct expander *expander, const struct word *word, struct node *node)
{
	const struct str *stems;
	struct str *copies;
	size_t n;
	enum status status = analyzer_query_stems(expander->analyzer, word, expander->accents, &stems, &n);

	if (status != STATUS_OK)
		return no_memory(expander);
	copies = arena_calloc(expander->arena, n, sizeof(*copies));
	if (copies == NULL)
		return no_memory(expander);
	for (size_t i = 0; i < n; i++) {
		copies[i] = arena_str(expander->arena, stems[i]);
		if (copies[i].p == NULL)
			return no_memory(expander);
	}
	node->stems = copies;
	node->n_stems = (uint32_t)n;
	return STATUS_OK;
}

/* The words of a variant, which stand where `segment` does. */
static enum status
add_words(
    struct expander *expander, const struct segment *segment, const struct variant *variant, struct node_list *list)
{
	const struct node *first = segment->nodes[0];
	size_t len = typed(expander, segment).len;
	const struct token *tokens;
	size_t n;
	enum status status = analyzer_run(expander->analyzer, variant->text, 1, &tokens, &n, expander->reterr);

	if (status != STATUS_OK)
		return status;
	for (size_t i = 0; i < n; i++) {
		struct node *node = node_make(expander->arena, NODE_WORD, first->off, len);

		if (node == NULL)
			return no_memory(expander);
		node->field = first->field;
		node->text = arena_str(expander->arena, tokens[i].word->lower);
		node->folded = arena_str(expander->arena, tokens[i].word->folded);
		if (node->text.p == NULL || node->folded.p == NULL)
			return no_memory(expander);
		status = copy_stems(expander, tokens[i].word, node);
		if (status != STATUS_OK)
			return status;
		if (node_list_add(list, expander->arena, node) != STATUS_OK)
			return no_memory(expander);
	}
	return STATUS_OK;
}

/* A word, or the phrase of several, with the distance of the phrase that it stands for. */
static enum status
join_words(struct expander *expander, struct node_list words, const struct node *like, struct node **ret_node)
{
	struct node *phrase;

	if (words.n == 1) {
		*ret_node = words.v[0];
		return STATUS_OK;
	}
	phrase = node_make(expander->arena, NODE_PHRASE, like->off, like->len);
	if (phrase == NULL)
		return no_memory(expander);
	phrase->children = words.v;
	phrase->n_children = words.n;
	phrase->distance = like->kind == NODE_PHRASE ? like->distance : 0;
	*ret_node = phrase;
	return STATUS_OK;
}

static enum status
join_or(struct expander *expander, struct node_list list, const struct node *like, struct node **ret_node)
{
	struct node *node;

	if (list.n == 1) {
		*ret_node = list.v[0];
		return STATUS_OK;
	}
	node = node_make(expander->arena, NODE_OR, like->off, like->len);
	if (node == NULL)
		return no_memory(expander);
	node->children = list.v;
	node->n_children = list.n;
	node->variants = true;
	*ret_node = node;
	return STATUS_OK;
}

static enum status
add_copy(struct expander *expander, const struct node *node, struct node_list *list)
{
	struct node *copy = NULL; /* gcc does not see that copy_node() sets it */
	enum status status = copy_node(expander, node, &copy);

	if (status != STATUS_OK)
		return status;
	return node_list_add(list, expander->arena, copy) == STATUS_OK ? STATUS_OK : no_memory(expander);
}

/* ---- A name that stands for itself ---- */

/* `node`, a word or a phrase that is a name as a whole, or one of the variants. */
static enum status
expand_whole(struct expander *expander, const struct node *node, struct segment *segment, struct node **ret_node)
{
	struct node_list list = { 0 };
	struct str key;
	enum status status = key_of(expander, segment->nodes, segment->n, &key);

	if (status != STATUS_OK)
		return status;
	drop_longer(segment, key);
	if (segment->n_variants == 0)
		return copy_node(expander, node, ret_node);
	status = add_copy(expander, node, &list);
	for (uint32_t i = 0; i < segment->n_variants && status == STATUS_OK; i++) {
		struct node_list words = { 0 };
		struct node *other = NULL;

		status = add_words(expander, segment, &segment->variants[i], &words);
		if (status == STATUS_OK)
			status = join_words(expander, words, node, &other);
		if (status == STATUS_OK && node_list_add(&list, expander->arena, other) != STATUS_OK)
			status = no_memory(expander);
	}
	if (status == STATUS_OK)
		status = join_or(expander, list, node, ret_node);
	if (status != STATUS_OK)
		return status;
	if (has_room(expander, node, *ret_node))
		return report(expander, segment, true);
	status = report(expander, segment, false);
	return status == STATUS_OK ? copy_node(expander, node, ret_node) : status;
}

/* ---- Names within a phrase ---- */

/* Whether a variant stands in an OR with the word that it is a variant of. */
static bool
is_in_place(const struct segment *segment, const struct variant *variant)
{
	return segment->n == 1 && variant->n_words == 1;
}

static uint32_t
count_choices(const struct segment *segment)
{
	uint32_t n = 1;

	for (uint32_t i = 0; i < segment->n_variants; i++)
		n += !is_in_place(segment, &segment->variants[i]);
	return n;
}

static enum status
cut_phrase(struct expander *expander, const struct node *phrase, struct segment *segments, uint32_t *ret_n)
{
	uint32_t n = 0, choices = 1;

	for (uint32_t i = 0; i < phrase->n_children; i += segments[n++].n) {
		struct segment *segment = &segments[n];
		enum status status = find_name(expander, phrase->children + i, phrase->n_children - i, segment);

		if (status != STATUS_OK)
			return status;
		segment->n_choices = count_choices(segment);
		if (choices * segment->n_choices <= EXPAND_CHOICES) {
			choices *= segment->n_choices;
			continue;
		}
		status = report(expander, segment, false);
		if (status != STATUS_OK)
			return status;
		segment->n_variants = 0;
		segment->n_choices = 1;
	}
	*ret_n = n;
	return STATUS_OK;
}

/* The segment as it was typed, and the variants that stand in its place. */
static enum status
add_in_place(struct expander *expander, const struct segment *segment, struct node_list *list)
{
	struct node_list either = { 0 };
	struct node *node = NULL;
	enum status status = STATUS_OK;

	if (segment->n > 1) {
		for (uint32_t i = 0; i < segment->n && status == STATUS_OK; i++)
			status = add_copy(expander, segment->nodes[i], list);
		return status;
	}
	status = add_copy(expander, segment->nodes[0], &either);
	for (uint32_t i = 0; i < segment->n_variants && status == STATUS_OK; i++) {
		if (is_in_place(segment, &segment->variants[i]))
			status = add_words(expander, segment, &segment->variants[i], &either);
	}
	if (status == STATUS_OK)
		status = join_or(expander, either, segment->nodes[0], &node);
	if (status != STATUS_OK)
		return status;
	return node_list_add(list, expander->arena, node) == STATUS_OK ? STATUS_OK : no_memory(expander);
}

/* The words that the `choice`-th choice of a segment puts into the phrase. */
static enum status
add_choice(struct expander *expander, const struct segment *segment, uint32_t choice, struct node_list *list)
{
	if (choice == 0)
		return add_in_place(expander, segment, list);
	for (uint32_t i = 0; i < segment->n_variants; i++) {
		if (!is_in_place(segment, &segment->variants[i]) && --choice == 0)
			return add_words(expander, segment, &segment->variants[i], list);
	}
	return STATUS_OK;
}

/* The `number`-th phrase, whose digits in the system of the segments' choices are the choices. */
static enum status
make_phrase(struct expander *expander, const struct node *phrase, const struct segment *segments, uint32_t n,
    uint32_t number, struct node **ret_node)
{
	struct node_list words = { 0 };

	for (uint32_t i = 0; i < n; i++) {
		enum status status = add_choice(expander, &segments[i], number % segments[i].n_choices, &words);

		if (status != STATUS_OK)
			return status;
		number /= segments[i].n_choices;
	}
	return join_words(expander, words, phrase, ret_node);
}

static enum status
report_all(struct expander *expander, const struct segment *segments, uint32_t n, bool done)
{
	enum status status = STATUS_OK;

	for (uint32_t i = 0; i < n && status == STATUS_OK; i++) {
		if (segments[i].n_variants > 0)
			status = report(expander, &segments[i], done);
	}
	return status;
}

static enum status
expand_segments(struct expander *expander, const struct node *phrase, const struct segment *segments, uint32_t n,
    struct node **ret_node)
{
	struct node_list list = { 0 };
	uint32_t choices = 1;
	enum status status = STATUS_OK;

	for (uint32_t i = 0; i < n; i++)
		choices *= segments[i].n_choices;
	for (uint32_t i = 0; i < choices && status == STATUS_OK; i++) {
		struct node *node = NULL;

		status = make_phrase(expander, phrase, segments, n, i, &node);
		if (status == STATUS_OK && node_list_add(&list, expander->arena, node) != STATUS_OK)
			status = no_memory(expander);
	}
	if (status == STATUS_OK)
		status = join_or(expander, list, phrase, ret_node);
	if (status != STATUS_OK)
		return status;
	if (has_room(expander, phrase, *ret_node))
		return report_all(expander, segments, n, true);
	*ret_node = NULL;
	return report_all(expander, segments, n, false);
}

/* A copy of a phrase that stays as it is. */
static enum status
copy_phrase(struct expander *expander, const struct node *phrase, struct node **ret_node)
{
	struct node_list words = { 0 };
	struct node *copy = NULL;
	enum status status = copy_node(expander, phrase, &copy);

	for (uint32_t i = 0; i < phrase->n_children && status == STATUS_OK; i++)
		status = add_copy(expander, phrase->children[i], &words);
	if (status != STATUS_OK)
		return status;
	copy->children = words.v;
	*ret_node = copy;
	return STATUS_OK;
}

static enum status
expand_phrase(struct expander *expander, const struct node *phrase, struct node **ret_node)
{
	struct segment *segments = arena_calloc(expander->arena, phrase->n_children, sizeof(*segments));
	enum status status;
	bool named = false;
	uint32_t n;

	if (segments == NULL)
		return no_memory(expander);
	*ret_node = NULL;
	status = cut_phrase(expander, phrase, segments, &n);
	if (status != STATUS_OK)
		return status;
	if (n == 1 && segments[0].n_variants > 0) {
		struct node *copy = NULL; /* gcc does not see that copy_phrase() sets it */

		status = copy_phrase(expander, phrase, &copy);
		return status == STATUS_OK ? expand_whole(expander, copy, &segments[0], ret_node) : status;
	}
	for (uint32_t i = 0; i < n; i++)
		named = named || segments[i].n_variants > 0;
	if (named)
		status = expand_segments(expander, phrase, segments, n, ret_node);
	if (status != STATUS_OK || *ret_node != NULL)
		return status;
	return copy_phrase(expander, phrase, ret_node);
}

/* ---- The tree ---- */

static enum status
expand_word(struct expander *expander, const struct node *node, struct node **ret_node)
{
	struct node **nodes = arena_calloc(expander->arena, 1, sizeof(struct node *));
	struct segment segment;
	enum status status;

	if (nodes == NULL)
		return no_memory(expander);
	status = copy_node(expander, node, &nodes[0]);
	if (status == STATUS_OK)
		status = find_name(expander, nodes, 1, &segment);
	if (status != STATUS_OK)
		return status;
	if (segment.n_variants > 0)
		return expand_whole(expander, node, &segment, ret_node);
	*ret_node = nodes[0];
	return STATUS_OK;
}

/* Depth is bounded by LIMIT_QUERY_DEPTH. */
static enum status
expand_node(struct expander *expander, const struct node *node, struct node **ret_node)
{
	struct node **children;
	enum status status;

	if (may_be_named(node))
		return expand_word(expander, node, ret_node);
	if (node->kind == NODE_PHRASE)
		return expand_phrase(expander, node, ret_node);
	status = copy_node(expander, node, ret_node);
	if (status != STATUS_OK || node->n_children == 0)
		return status;
	children = arena_calloc(expander->arena, node->n_children, sizeof(struct node *));
	if (children == NULL)
		return no_memory(expander);
	for (uint32_t i = 0; i < node->n_children && status == STATUS_OK; i++)
		status = expand_node(expander, node->children[i], &children[i]);
	(*ret_node)->children = children;
	return status;
}

static enum status
number_leaves(struct expander *expander, struct node *node, struct node_list *leaves)
{
	enum status status = STATUS_OK;

	if (node_is_leaf(node)) {
		node->leaf = leaves->n;
		return node_list_add(leaves, expander->arena, node) == STATUS_OK ? STATUS_OK : no_memory(expander);
	}
	for (uint32_t i = 0; i < node->n_children && status == STATUS_OK; i++)
		status = number_leaves(expander, node->children[i], leaves);
	return status;
}

enum status
expand_query(const struct variants *variants, struct analyzer *analyzer, enum accents accents, struct arena *arena,
    struct str text, const struct query *query, struct query *ret_query, struct expansions *ret_expansions,
    struct error *reterr)
{
	struct expander expander = { .variants = variants,
		.analyzer = analyzer,
		.accents = accents,
		.arena = arena,
		.text = text,
		.reterr = reterr };
	struct size size = size_of(query->root);
	struct node_list leaves = { 0 };
	struct node *root;
	enum status status;

	expander.n_leaves = size.leaves;
	expander.n_terms = size.terms;
	status = expand_node(&expander, query->root, &root);
	if (status == STATUS_OK)
		status = number_leaves(&expander, root, &leaves);
	if (status != STATUS_OK)
		return status;
	*ret_query = (struct query) { .root = root, .leaves = leaves.v, .n_leaves = leaves.n, .aside = query->aside };
	*ret_expansions = (struct expansions) { expander.report, expander.n_report };
	return STATUS_OK;
}
