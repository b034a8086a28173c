/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one spelling of a tree.  Brackets stand only where the precedence asks for them, so that a
 * canonical text is never nested deeper than the query that it came from.
 */
#include <math.h>
#include <stdio.h>

#include "query/language/canonical.h"
#include "query/language/date.h"

/* How tightly a printed node holds together; a higher one needs no brackets inside a lower one. */
enum level {
	LEVEL_OR,
	LEVEL_AND,
	LEVEL_NOT,
	LEVEL_PARA,
	LEVEL_SENT,
	LEVEL_NEAR,
	LEVEL_POSTFIX,
	LEVEL_FIELD,
	LEVEL_WORD
};

/* Where the text goes, and how deep its brackets are, counted as the parser does. */
struct printer {
	struct buf *out;
	unsigned depth;
	unsigned deepest;
};

static void print(struct printer *printer, const struct node *node);

static void
go_in(struct printer *printer)
{
	if (++printer->depth > printer->deepest)
		printer->deepest = printer->depth;
}

static bool
is_list(const struct node *node)
{
	return (node->kind == NODE_NEAR || node->kind == NODE_ADJ) && node->n_children > 2;
}

static enum level
level_of(const struct node *node)
{
	if (is_list(node))
		return LEVEL_WORD;
	switch (node->kind) {
	case NODE_OR: return LEVEL_OR;
	case NODE_AND: return LEVEL_AND;
	case NODE_NOT: return LEVEL_NOT;
	case NODE_PARA: return LEVEL_PARA;
	case NODE_SENT: return LEVEL_SENT;
	case NODE_NEAR:
	case NODE_ADJ:
	case NODE_NOT_NEAR: return LEVEL_NEAR;
	case NODE_FIRST:
	case NODE_AT_LEAST:
	case NODE_BOOST: return LEVEL_POSTFIX;
	case NODE_FIELD: return LEVEL_FIELD;
	default: return LEVEL_WORD;
	}
}

/* Prints a child of which at least `least` is asked, in brackets where it holds together less. */
static void
print_at(struct printer *printer, const struct node *node, enum level least)
{
	if (level_of(node) >= least) {
		print(printer, node);
		return;
	}
	buf_append_char(printer->out, '(');
	go_in(printer);
	print(printer, node);
	printer->depth--;
	buf_append_char(printer->out, ')');
}

static void
print_joined(struct printer *printer, const struct node *node, const char *between, enum level least)
{
	for (uint32_t i = 0; i < node->n_children; i++) {
		if (i > 0)
			buf_append_str(printer->out, str_of(between));
		print_at(printer, node->children[i], least);
	}
}

/* Whether a word that stands alone would read as something else: atleast3. */
static bool
needs_quotes(struct str text)
{
	return str_has_prefix(text, STR("atleast")) && text.len > 7 && text.p[7] >= '0' && text.p[7] <= '9';
}

static void
print_leaf(const struct node *node, bool all_exact, struct buf *out)
{
	bool quotes = needs_quotes(node->text) && node->kind == NODE_WORD;

	if (node->kind == NODE_WORD && node->form == FORM_EXACT && !all_exact)
		buf_append_char(out, '=');
	if (quotes)
		buf_append_char(out, '"');
	buf_append_str(out, node->text);
	if (quotes)
		buf_append_char(out, '"');
	if (node->kind == NODE_PREFIX)
		buf_append_char(out, '*');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Between two numbers stands a hyphen, lest "300 000" become one. */
static char
separator(const struct node *left, const struct node *right)
{
	if (left->kind != NODE_WORD || !(right->kind == NODE_WORD || right->kind == NODE_PREFIX))
		return ' ';
	if (right->form == FORM_EXACT || left->text.len == 0 || right->text.len == 0)
		return ' ';
	return is_digit(left->text.p[left->text.len - 1]) && is_digit(right->text.p[0]) ? '-' : ' ';
}

static bool
all_words_exact(const struct node *phrase)
{
	uint32_t exact = 0;

	for (uint32_t i = 0; i < phrase->n_children; i++) {
		const struct node *child = phrase->children[i];

		if (child->kind != NODE_WORD)
			continue;
		if (child->form != FORM_EXACT)
			return false;
		exact++;
	}
	return exact > 0;
}

static void
print_phrase(const struct node *node, struct buf *out)
{
	bool all_exact = all_words_exact(node);

	buf_append_str(out, all_exact ? STR("=\"") : STR("\""));
	for (uint32_t i = 0; i < node->n_children; i++) {
		const struct node *child = node->children[i];

		if (i > 0)
			buf_append_char(out, separator(node->children[i - 1], child));
		if (child->kind == NODE_ANY)
			buf_append_char(out, '*');
		else
			print_leaf(child, all_exact, out);
	}
	buf_append_char(out, '"');
	if (node->distance > 0)
		buf_printf(out, "~%u", node->distance);
}

/* NEAR and ADJ: between two operands the sign stands in the middle, for more it is a list. */
static void
print_near(struct printer *printer, const struct node *node, const char *name)
{
	if (is_list(node)) {
		buf_printf(printer->out, "%s/%u(", name, node->distance);
		go_in(printer);
		print_joined(printer, node, ", ", LEVEL_OR);
		printer->depth--;
		buf_append_char(printer->out, ')');
		return;
	}
	print_at(printer, node->children[0], LEVEL_NEAR);
	buf_printf(printer->out, " %s/%u ", name, node->distance);
	print_at(printer, node->children[1], LEVEL_POSTFIX);
}

/* Every source is printed in quotes but for plain words. */
static void
print_source(const struct node *node, struct buf *out)
{
	bool bare = true;

	for (size_t i = 0; i < node->folded.len; i++) {
		char c = node->folded.p[i];

		bare = bare && (is_digit(c) || (c >= 'a' && c <= 'z'));
	}
	buf_append_str(out, bare ? STR("source:") : STR("source:\""));
	buf_append_str(out, node->folded);
	if (!bare)
		buf_append_char(out, '"');
}

static void
print_weight(double boost, struct buf *out)
{
	long thousandths = lround(boost * 1000);
	char fraction[8];
	int len;

	buf_printf(out, "^%ld", thousandths / 1000);
	if (thousandths % 1000 == 0)
		return;
	len = snprintf(fraction, sizeof(fraction), ".%03ld", thousandths % 1000);
	while (len > 0 && fraction[len - 1] == '0')
		len--;
	buf_append(out, fraction, (size_t)len);
}

/* What stands behind its operand; the parser counts a row of these as nested. */
static void
print_postfix(struct printer *printer, const struct node *node)
{
	unsigned row = 0;

	for (const struct node *inner = node; level_of(inner) == LEVEL_POSTFIX; inner = inner->children[0])
		row++;
	if (printer->depth + row > printer->deepest)
		printer->deepest = printer->depth + row;
	print_at(printer, node->children[0], LEVEL_POSTFIX);
	if (node->kind == NODE_BOOST)
		print_weight(node->boost, printer->out);
	else
		buf_printf(printer->out, node->kind == NODE_FIRST ? " FIRST/%u" : ">=%u", node->distance);
}

static void
print_field(struct printer *printer, const struct node *node)
{
	buf_append_str(printer->out, STR("titre:"));
	go_in(printer);
	print_at(printer, node->children[0], LEVEL_WORD);
	printer->depth--;
}

static void
print_date(const struct node *node, struct buf *out)
{
	buf_append_str(out, STR("date:"));
	date_range_print((struct date_range) { node->first_day, node->last_day }, out);
}

static void
print(struct printer *printer, const struct node *node)
{
	switch (node->kind) {
	case NODE_WORD:
	case NODE_PREFIX: print_leaf(node, false, printer->out); break;
	case NODE_ANY: buf_append_char(printer->out, '*'); break;
	case NODE_SOURCE: print_source(node, printer->out); break;
	case NODE_DATE: print_date(node, printer->out); break;
	case NODE_PHRASE: print_phrase(node, printer->out); break;
	case NODE_NEAR: print_near(printer, node, "NEAR"); break;
	case NODE_ADJ: print_near(printer, node, "ADJ"); break;
	case NODE_NOT_NEAR: print_near(printer, node, "NOT NEAR"); break;
	case NODE_SENT: print_joined(printer, node, " SENT ", LEVEL_NEAR); break;
	case NODE_PARA: print_joined(printer, node, " PARA ", LEVEL_SENT); break;
	case NODE_AND: print_joined(printer, node, " AND ", LEVEL_NOT); break;
	case NODE_OR: print_joined(printer, node, " OR ", LEVEL_AND); break;
	case NODE_NOT:
		buf_append_str(printer->out, STR("NOT "));
		print_at(printer, node->children[0], LEVEL_PARA);
		break;
	case NODE_FIELD: print_field(printer, node); break;
	case NODE_FIRST:
	case NODE_AT_LEAST:
	case NODE_BOOST: print_postfix(printer, node); break;
	}
}

enum status
canonical_print(const struct node *node, struct buf *out, unsigned *ret_depth)
{
	struct printer printer = { .out = out };

	print(&printer, node);
	*ret_depth = printer.deepest;
	return buf_status(out);
}

enum status
node_canonical(const struct node *node, struct buf *out)
{
	unsigned depth;

	return canonical_print(node, out, &depth);
}
