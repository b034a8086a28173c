/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A recursive descent with one lexeme of look-ahead.
 *
 *	or    = and { OR and }
 *	and   = row { AND row }
 *	row   = item { item }                        side by side: AND, or OR where asked for
 *	item  = [ NOT | - ] para
 *	para  = sent { PARA sent }
 *	sent  = near { SENT near }
 *	near  = unary { (NEAR | ADJ | NOT NEAR) unary }
 *	unary = [ titre: ] primary { FIRST/n | ^x | >=n }  |  atleast-n unary
 *	primary = word | phrase | ( or ) | NEAR ( or , or ... ) | ADJ ( or , or ... )
 */
#include "query/language/parser.h"

#include "base/bounds.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "query/language/canonical.h"
#include "query/language/check.h"
#include "query/language/date.h"
#include "query/language/lexer.h"
#include "query/language/words.h"

struct parser {
	struct lexer lexer;
	struct lexeme next; /* looked at, not taken */
	struct words words;
	const struct parser_options *options;
	struct error *reterr;
	unsigned depth; /* of brackets and what nests like them */
	bool in_list; /* a comma ends the operand */
	bool in_title;
};

static enum status parse_or(struct parser *parser, const struct lexeme *before, struct node **ret_node);

static enum status
no_memory(struct parser *parser)
{
	return error_set(parser->reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory for the query");
}

/* Reads a lexeme, typography passed over: words without a letter, commas outside of a list. */
static enum status
read_lexeme(struct parser *parser, struct lexer *lexer, struct lexeme *ret_lexeme)
{
	for (;;) {
		enum status status = lexer_next(lexer, ret_lexeme, parser->reterr);
		bool empty = false;

		if (status != STATUS_OK)
			return status;
		if (ret_lexeme->kind == LEX_COMMA && !parser->in_list)
			continue;
		if (ret_lexeme->kind != LEX_WORD && ret_lexeme->kind != LEX_QUOTE)
			return STATUS_OK;
		status = words_is_empty(&parser->words, ret_lexeme, &empty, parser->reterr);
		if (status != STATUS_OK || !empty)
			return status;
		if (ret_lexeme->has_number)
			return error_set(
			    parser->reterr, STATUS_INVALID, ret_lexeme->off, "there is no word in this phrase");
	}
}

/* Takes parser->next.  Brackets with nothing in them, as in (...), are typography too. */
static enum status
advance(struct parser *parser)
{
	for (;;) {
		struct lexer ahead;
		struct lexeme lexeme;
		enum status status = read_lexeme(parser, &parser->lexer, &parser->next);

		if (status != STATUS_OK || parser->next.kind != LEX_OPEN)
			return status;
		ahead = parser->lexer;
		status = read_lexeme(parser, &ahead, &lexeme);
		if (status != STATUS_OK || lexeme.kind != LEX_CLOSE)
			return status;
		parser->lexer = ahead;
	}
}

/* The kind of the lexeme behind parser->next. */
static enum status
look_further(struct parser *parser, enum lex_kind *ret_kind)
{
	struct lexer ahead = parser->lexer;
	struct lexeme lexeme;
	enum status status = read_lexeme(parser, &ahead, &lexeme);

	if (status == STATUS_OK)
		*ret_kind = lexeme.kind;
	return status;
}

static enum status
enter(struct parser *parser, size_t off)
{
	if (++parser->depth > bound_get(BOUND_QUERY_DEPTH))
		return error_set(parser->reterr, STATUS_LIMIT, off,
		    "brackets nested deeper than LIMIT_QUERY_DEPTH (%d)", bound_get(BOUND_QUERY_DEPTH));
	return STATUS_OK;
}

/* Makes a node of children that were collected, from the first to the last of them. */
static enum status
make_parent(struct parser *parser, enum node_kind kind, struct node_list children, struct node **ret_node)
{
	const struct node *first = children.v[0], *last = children.v[children.n - 1];
	struct node *node = node_make(parser->words.arena, kind, first->off, last->off + last->len - first->off);

	if (node == NULL)
		return no_memory(parser);
	node->children = children.v;
	node->n_children = children.n;
	*ret_node = node;
	return STATUS_OK;
}

/* Adds a child, or its children where it is of the same, associative, kind. */
static enum status
add_flat(struct parser *parser, struct node_list *list, enum node_kind kind, struct node *child)
{
	if (child->kind != kind)
		return node_list_add(list, parser->words.arena, child) == STATUS_OK ? STATUS_OK : no_memory(parser);
	for (uint32_t i = 0; i < child->n_children; i++) {
		if (node_list_add(list, parser->words.arena, child->children[i]) != STATUS_OK)
			return no_memory(parser);
	}
	return STATUS_OK;
}

static enum status
make_wrapper(struct parser *parser, enum node_kind kind, struct node *child, uint32_t number, struct node **ret_node)
{
	struct node_list children = { 0 };
	enum status status;

	if (node_list_add(&children, parser->words.arena, child) != STATUS_OK)
		return no_memory(parser);
	status = make_parent(parser, kind, children, ret_node);
	if (status != STATUS_OK)
		return status;
	(*ret_node)->distance = number;
	return STATUS_OK;
}

/* How a lexeme is called in a message. */
static struct str
typed(const struct parser *parser, const struct lexeme *lexeme)
{
	struct str text = { parser->lexer.text.p + lexeme->off, lexeme->len };

	if (text.len > 40)
		text.len = 40;
	return text;
}

/* No operand where one must stand; `before` is the operator or bracket that it belongs to, or LEX_END. */
static enum status
refuse_missing(struct parser *parser, const struct lexeme *before)
{
	const struct lexeme *next = &parser->next;

	switch (next->kind) {
	case LEX_END:
	case LEX_CLOSE:
	case LEX_COMMA:
		if (before->kind == LEX_OPEN)
			return error_set(parser->reterr, STATUS_INVALID, before->off,
			    next->kind == LEX_END ? N_("this bracket is never closed")
						  : N_("there is nothing between these brackets"));
		if (before->kind == LEX_COMMA)
			return error_set(
			    parser->reterr, STATUS_INVALID, before->off, "nothing stands behind this comma");
		if (before->kind != LEX_END)
			return error_set(parser->reterr, STATUS_INVALID, before->off, "%.*s has nothing on its right",
			    STR_FMT(typed(parser, before)));
		if (next->kind == LEX_CLOSE)
			return error_set(
			    parser->reterr, STATUS_INVALID, next->off, "this closing bracket was never opened");
		return error_set(parser->reterr, STATUS_INVALID, 0, "there is no word in the query");
	case LEX_NOT:
	case LEX_MINUS:
		if (before->kind == LEX_NOT || before->kind == LEX_MINUS)
			return error_set(
			    parser->reterr, STATUS_INVALID, next->off, "two NOT in a row cancel out, leave both away");
		return error_set(parser->reterr, STATUS_INVALID, next->off,
		    "NOT cannot stand inside %.*s, try: a NOT NEAR/10 b", STR_FMT(typed(parser, before)));
	default:
		return error_set(parser->reterr, STATUS_INVALID, next->off, "%.*s has nothing on its left",
		    STR_FMT(typed(parser, next)));
	}
}

/* The closing bracket of what `open` opened. */
static enum status
expect_close(struct parser *parser, const struct lexeme *open, bool outer_in_list)
{
	if (parser->next.kind != LEX_CLOSE)
		return error_set(parser->reterr, STATUS_INVALID, open->off, "this bracket is never closed");
	parser->in_list = outer_in_list;
	parser->depth--;
	return advance(parser);
}

static enum status
parse_group(struct parser *parser, struct node **ret_node)
{
	struct lexeme open = parser->next;
	bool outer_in_list = parser->in_list;
	enum status status = enter(parser, open.off);

	if (status != STATUS_OK)
		return status;
	parser->in_list = false;
	status = advance(parser);
	if (status == STATUS_OK)
		status = parse_or(parser, &open, ret_node);
	return status == STATUS_OK ? expect_close(parser, &open, outer_in_list) : status;
}

/* The operands of NEAR(a, b, c); parser->next is the opening bracket. */
static enum status
parse_list(struct parser *parser, struct node_list *list)
{
	struct lexeme open = parser->next, before = open;
	bool outer_in_list = parser->in_list;
	enum status status = enter(parser, open.off);

	if (status != STATUS_OK)
		return status;
	parser->in_list = true;
	do {
		struct node *operand;

		status = advance(parser);
		if (status == STATUS_OK)
			status = parse_or(parser, &before, &operand);
		if (status != STATUS_OK)
			return status;
		if (node_list_add(list, parser->words.arena, operand) != STATUS_OK)
			return no_memory(parser);
		before = parser->next;
	} while (parser->next.kind == LEX_COMMA);
	return expect_close(parser, &open, outer_in_list);
}

/* NEAR/10(a, b, c) */
static enum status
parse_function(struct parser *parser, struct node **ret_node)
{
	struct lexeme name = parser->next;
	struct node_list operands = { 0 };
	enum status status = advance(parser);

	if (status == STATUS_OK)
		status = parse_list(parser, &operands);
	if (status != STATUS_OK)
		return status;
	if (operands.n < 2)
		return error_set(parser->reterr, STATUS_INVALID, name.off,
		    "%.*s( ) needs two operands or more, try: NEAR/10(a, b, c)", STR_FMT(typed(parser, &name)));
	status = make_parent(parser, name.kind == LEX_NEAR ? NODE_NEAR : NODE_ADJ, operands, ret_node);
	if (status != STATUS_OK)
		return status;
	(*ret_node)->distance = name.number;
	return check_operands(*ret_node, parser->reterr);
}

static enum status
parse_source(struct parser *parser, struct node **ret_node)
{
	struct lexeme lexeme = parser->next;
	enum status status = words_make_source(&parser->words, &lexeme, ret_node, parser->reterr);

	return status == STATUS_OK ? advance(parser) : status;
}

static enum status
parse_date(struct parser *parser, struct node **ret_node)
{
	struct lexeme lexeme = parser->next;
	struct node *node = node_make(parser->words.arena, NODE_DATE, lexeme.off, lexeme.len);
	struct date_range range;
	enum status status;

	if (node == NULL)
		return no_memory(parser);
	status = date_range_parse(lexeme.body, lexeme.body_off, &range, parser->reterr);
	if (status != STATUS_OK)
		return status;
	node->first_day = range.first;
	node->last_day = range.last;
	*ret_node = node;
	return advance(parser);
}

static enum status
parse_word(struct parser *parser, struct node **ret_node)
{
	struct lexeme lexeme = parser->next;
	enum status status = words_make(&parser->words, &lexeme, ret_node, parser->reterr);

	return status == STATUS_OK ? advance(parser) : status;
}

static enum status
parse_primary(struct parser *parser, const struct lexeme *before, struct node **ret_node)
{
	enum lex_kind further;
	enum status status;

	switch (parser->next.kind) {
	case LEX_WORD:
	case LEX_QUOTE: return parse_word(parser, ret_node);
	case LEX_OPEN: return parse_group(parser, ret_node);
	case LEX_SOURCE: return parse_source(parser, ret_node);
	case LEX_DATE: return parse_date(parser, ret_node);
	case LEX_NEAR:
	case LEX_ADJ:
		status = look_further(parser, &further);
		if (status != STATUS_OK)
			return status;
		return further == LEX_OPEN ? parse_function(parser, ret_node) : refuse_missing(parser, before);
	default: return refuse_missing(parser, before);
	}
}

static void
mark_title(struct node *node)
{
	node->field = node_is_leaf(node) ? FIELD_TITLE : node->field;
	for (uint32_t i = 0; i < node->n_children; i++)
		mark_title(node->children[i]);
}

/* titre: and its operand; titre: inside titre: says nothing new. */
static enum status
parse_title(struct parser *parser, struct node **ret_node)
{
	struct lexeme field = parser->next;
	bool outer_in_title = parser->in_title;
	struct node *child;
	enum status status = enter(parser, field.off);

	if (status == STATUS_OK)
		status = advance(parser);
	if (status != STATUS_OK)
		return status;
	/* What was passed over as typography was its operand. */
	if (parser->next.off != field.off + field.len)
		return error_set(parser->reterr, STATUS_INVALID, field.off,
		    "%.*s has no word behind it, try: titre:alep", STR_FMT(typed(parser, &field)));
	parser->in_title = true;
	if (parser->next.kind == LEX_TITLE)
		status = parse_title(parser, &child);
	else
		status = parse_primary(parser, &field, &child);
	if (status != STATUS_OK)
		return status;
	parser->in_title = outer_in_title;
	parser->depth--;
	status = check_field(child, parser->reterr);
	if (status != STATUS_OK)
		return status;
	if (outer_in_title) {
		*ret_node = child;
		return STATUS_OK;
	}
	mark_title(child);
	status = make_wrapper(parser, NODE_FIELD, child, 0, ret_node);
	if (status != STATUS_OK)
		return status;
	(*ret_node)->len += (*ret_node)->off - (uint32_t)field.off;
	(*ret_node)->off = (uint32_t)field.off;
	return STATUS_OK;
}

static enum status
make_postfix(struct parser *parser, const struct lexeme *lexeme, struct node *child, struct node **ret_node)
{
	enum node_kind kind = lexeme->kind == LEX_BOOST   ? NODE_BOOST
			      : lexeme->kind == LEX_FIRST ? NODE_FIRST
							  : NODE_AT_LEAST;
	enum status status = make_wrapper(parser, kind, child, kind == NODE_BOOST ? 0 : lexeme->number, ret_node);

	if (status != STATUS_OK)
		return status;
	if (lexeme->kind != LEX_MANY)
		(*ret_node)->len = (uint32_t)(lexeme->off + lexeme->len) - (*ret_node)->off;
	if (kind == NODE_BOOST) {
		(*ret_node)->boost = lexeme->number / 1000.0;
		return STATUS_OK;
	}
	return check_operands(*ret_node, parser->reterr);
}

/* What stands behind an operand: FIRST/50, ^2, >=3. */
static enum status
parse_postfixes(struct parser *parser, struct node **node)
{
	unsigned depth = parser->depth;

	while (parser->next.kind >= LEX_FIRST && parser->next.kind <= LEX_AT_LEAST) {
		enum status status = enter(parser, parser->next.off);

		if (status == STATUS_OK)
			status = make_postfix(parser, &parser->next, *node, node);
		if (status == STATUS_OK)
			status = advance(parser);
		if (status != STATUS_OK)
			return status;
	}
	parser->depth = depth;
	return STATUS_OK;
}

static enum status
parse_unary(struct parser *parser, const struct lexeme *before, struct node **ret_node)
{
	struct lexeme start = parser->next;
	enum status status;

	if (start.kind == LEX_MANY) {
		status = enter(parser, start.off);
		if (status == STATUS_OK)
			status = advance(parser);
		if (status == STATUS_OK)
			status = parse_unary(parser, &start, ret_node);
		if (status != STATUS_OK)
			return status;
		parser->depth--;
		return make_postfix(parser, &start, *ret_node, ret_node);
	}
	if (start.kind == LEX_TITLE)
		status = parse_title(parser, ret_node);
	else
		status = parse_primary(parser, before, ret_node);
	return status == STATUS_OK ? parse_postfixes(parser, ret_node) : status;
}

/* Which operator between two close operands stands next, if any; NOT only where NEAR follows. */
static enum status
near_operator(struct parser *parser, bool *ret_found, enum node_kind *ret_kind)
{
	enum lex_kind further;
	enum status status;

	*ret_found = parser->next.kind == LEX_NEAR || parser->next.kind == LEX_ADJ;
	*ret_kind = parser->next.kind == LEX_NEAR ? NODE_NEAR : NODE_ADJ;
	if (parser->next.kind != LEX_NOT)
		return STATUS_OK;
	status = look_further(parser, &further);
	if (status != STATUS_OK)
		return status;
	if (further == LEX_ADJ)
		return error_set(parser->reterr, STATUS_INVALID, parser->next.off,
		    "there is no NOT ADJ, try: alep NOT NEAR/5 syrie");
	*ret_found = further == LEX_NEAR;
	*ret_kind = NODE_NOT_NEAR;
	return STATUS_OK;
}

/* What stands on the right of `sign`.  A NOT there is read on, so that the refusal can name what it is of. */
static enum status
parse_right(struct parser *parser, const struct lexeme *sign, struct node **ret_node)
{
	struct lexeme not = parser->next;
	enum status status;

	if (not .kind != LEX_NOT && not .kind != LEX_MINUS)
		return parse_unary(parser, sign, ret_node);
	status = advance(parser);
	if (status == STATUS_OK)
		status = parse_unary(parser, &not, ret_node);
	if (status == STATUS_OK)
		status = make_wrapper(parser, NODE_NOT, *ret_node, 0, ret_node);
	if (status == STATUS_OK)
		(*ret_node)->off = (uint32_t) not .off;
	return status;
}

static enum status
parse_near(struct parser *parser, const struct lexeme *before, struct node **ret_node)
{
	enum status status = parse_unary(parser, before, ret_node);

	while (status == STATUS_OK) {
		struct node_list pair = { 0 };
		enum node_kind kind;
		struct lexeme sign;
		struct node *right;
		bool found;

		status = near_operator(parser, &found, &kind);
		if (status != STATUS_OK || !found)
			return status;
		if (kind == NODE_NOT_NEAR)
			status = advance(parser);
		sign = parser->next;
		if (status == STATUS_OK)
			status = advance(parser);
		if (status == STATUS_OK)
			status = parse_right(parser, &sign, &right);
		if (status != STATUS_OK)
			return status;
		if (node_list_add(&pair, parser->words.arena, *ret_node) != STATUS_OK ||
		    node_list_add(&pair, parser->words.arena, right) != STATUS_OK)
			return no_memory(parser);
		status = make_parent(parser, kind, pair, ret_node);
		if (status != STATUS_OK)
			return status;
		(*ret_node)->distance = sign.number;
		status = check_operands(*ret_node, parser->reterr);
	}
	return status;
}

/* The levels that are rows of one associative operator, the tighter below. */
struct level {
	enum lex_kind sign;
	enum node_kind kind;
	enum status (*parse_operand)(struct parser *parser, const struct lexeme *before, struct node **ret_node);
	bool close; /* operands need places in the text */
};

static enum status
parse_level(struct parser *parser, const struct level *level, const struct lexeme *before, struct node **ret_node)
{
	struct node_list operands = { 0 };
	struct node *operand;
	enum status status = level->parse_operand(parser, before, &operand);

	if (status != STATUS_OK || parser->next.kind != level->sign) {
		if (status == STATUS_OK)
			*ret_node = operand;
		return status;
	}
	status = add_flat(parser, &operands, level->kind, operand);
	while (status == STATUS_OK && parser->next.kind == level->sign) {
		struct lexeme sign = parser->next;

		status = advance(parser);
		if (status == STATUS_OK)
			status = level->parse_operand(parser, &sign, &operand);
		if (status == STATUS_OK)
			status = add_flat(parser, &operands, level->kind, operand);
	}
	if (status == STATUS_OK)
		status = make_parent(parser, level->kind, operands, ret_node);
	return status == STATUS_OK && level->close ? check_operands(*ret_node, parser->reterr) : status;
}

static enum status
parse_sent(struct parser *parser, const struct lexeme *before, struct node **ret_node)
{
	static const struct level level = { LEX_SENT, NODE_SENT, parse_near, true };

	return parse_level(parser, &level, before, ret_node);
}

static enum status
parse_para(struct parser *parser, const struct lexeme *before, struct node **ret_node)
{
	static const struct level level = { LEX_PARA, NODE_PARA, parse_sent, true };

	return parse_level(parser, &level, before, ret_node);
}

static enum status
parse_item(struct parser *parser, const struct lexeme *before, struct node **ret_node)
{
	struct lexeme not = parser->next;
	struct node *child;
	enum status status;

	if (not .kind != LEX_NOT && not .kind != LEX_MINUS)
		return parse_para(parser, before, ret_node);
	status = advance(parser);
	if (status == STATUS_OK)
		status = parse_para(parser, &not, &child);
	if (status == STATUS_OK)
		status = make_wrapper(parser, NODE_NOT, child, 0, ret_node);
	if (status != STATUS_OK)
		return status;
	(*ret_node)->len += (*ret_node)->off - (uint32_t) not .off;
	(*ret_node)->off = (uint32_t) not .off;
	if (child->kind == NODE_NOT)
		return error_set(
		    parser->reterr, STATUS_INVALID, child->off, "two NOT in a row cancel out, leave both away");
	return STATUS_OK;
}

static bool
starts_item(enum lex_kind kind)
{
	return kind != LEX_END && kind != LEX_CLOSE && kind != LEX_COMMA && kind != LEX_AND && kind != LEX_OR;
}

/* Words side by side where they mean OR: (a OR b) AND NOT c. */
static enum status
join_any(struct parser *parser, struct node_list wanted, struct node_list unwanted, struct node **ret_node)
{
	struct node_list all = { 0 };
	enum status status = STATUS_OK;

	if (wanted.n > 1)
		status = make_parent(parser, NODE_OR, wanted, ret_node);
	else if (wanted.n == 1)
		*ret_node = wanted.v[0];
	if (status != STATUS_OK || unwanted.n == 0)
		return status;
	if (wanted.n > 0)
		status = add_flat(parser, &all, NODE_AND, *ret_node);
	for (uint32_t i = 0; i < unwanted.n && status == STATUS_OK; i++)
		status = add_flat(parser, &all, NODE_AND, unwanted.v[i]);
	if (status != STATUS_OK)
		return status;
	if (all.n == 1) {
		*ret_node = all.v[0];
		return STATUS_OK;
	}
	return make_parent(parser, NODE_AND, all, ret_node);
}

static enum status
parse_row(struct parser *parser, const struct lexeme *before, struct node **ret_node)
{
	struct node_list wanted = { 0 }, unwanted = { 0 };
	bool any = parser->options->any;

	do {
		struct node *item;
		bool is_not;
		enum status status = parse_item(parser, before, &item);

		if (status != STATUS_OK)
			return status;
		is_not = any && item->kind == NODE_NOT;
		status = add_flat(parser, is_not ? &unwanted : &wanted, any ? NODE_OR : NODE_AND, item);
		if (status != STATUS_OK)
			return status;
	} while (starts_item(parser->next.kind));
	if (any)
		return join_any(parser, wanted, unwanted, ret_node);
	if (wanted.n == 1) {
		*ret_node = wanted.v[0];
		return STATUS_OK;
	}
	return make_parent(parser, NODE_AND, wanted, ret_node);
}

static enum status
parse_and(struct parser *parser, const struct lexeme *before, struct node **ret_node)
{
	static const struct level level = { LEX_AND, NODE_AND, parse_row, false };

	return parse_level(parser, &level, before, ret_node);
}

static enum status
parse_or(struct parser *parser, const struct lexeme *before, struct node **ret_node)
{
	static const struct level level = { LEX_OR, NODE_OR, parse_and, false };

	return parse_level(parser, &level, before, ret_node);
}

static enum status
check_text(struct str text, struct error *reterr)
{
	size_t valid;

	if (text.len > bound_get(BOUND_QUERY_BYTES))
		return error_set(reterr, STATUS_LIMIT, bound_get(BOUND_QUERY_BYTES),
		    "the query is longer than LIMIT_QUERY_BYTES (%d)", bound_get(BOUND_QUERY_BYTES));
	valid = utf8_valid_prefix(text);
	if (valid < text.len)
		return error_set(reterr, STATUS_INVALID, valid, "the query is not UTF-8 from here on");
	return STATUS_OK;
}

/* What was understood must be a legal query itself, whatever brackets and operators it takes to write it. */
static enum status
check_canonical(const struct node *root, struct error *reterr)
{
	struct buf text;
	unsigned depth;
	enum status status;

	buf_init(&text, LIMIT_QUERY_BYTES);
	status = canonical_print(root, &text, &depth);
	buf_done(&text);
	if (status == STATUS_LIMIT)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
		    "the query, written in full, is longer than LIMIT_QUERY_BYTES (%d)", LIMIT_QUERY_BYTES);
	if (status == STATUS_OK && depth > bound_get(BOUND_QUERY_DEPTH))
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
		    "the query, written in full, is nested deeper than LIMIT_QUERY_DEPTH (%d)",
		    bound_get(BOUND_QUERY_DEPTH));
	return status;
}

enum status
query_parse(struct arena *arena, struct analyzer *analyzer, struct str text, const struct parser_options *options,
    struct query *ret_query, struct error *reterr)
{
	struct parser parser = { .options = options, .reterr = reterr };
	struct lexeme start = { .kind = LEX_END };
	struct node *root = NULL;
	enum status status = check_text(text, reterr);

	if (status != STATUS_OK)
		return status;
	parser.words = (struct words) { .arena = arena, .analyzer = analyzer, .accents = options->accents };
	lexer_init(&parser.lexer, text);
	status = advance(&parser);
	if (status == STATUS_OK)
		status = parse_or(&parser, &start, &root);
	if (status != STATUS_OK)
		return status;
	if (parser.next.kind == LEX_CLOSE)
		return error_set(reterr, STATUS_INVALID, parser.next.off, "this closing bracket was never opened");
	status = check_tree(root, reterr);
	if (status == STATUS_OK)
		status = words_settle(&parser.words, text, reterr);
	if (status == STATUS_OK)
		status = check_canonical(root, reterr);
	if (status != STATUS_OK)
		return status;
	*ret_query =
	    (struct query) { .root = root, .leaves = parser.words.leaves.v, .n_leaves = parser.words.leaves.n };
	return STATUS_OK;
}

uint32_t
query_column(struct str text, size_t off)
{
	uint32_t column = 1;

	for (size_t at = 0; at < off && at < text.len; column++)
		(void)utf8_next(text, &at, NULL);
	return column;
}
