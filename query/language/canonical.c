/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one spelling of a tree.  Brackets stand only where the precedence asks for them, so that a
 * canonical text is never nested deeper than the query that it came from.
 */
#include <stdio.h>

#include "query/language/canonical.h"
#include "query/language/date.h"
#include "query/language/lexer.h"

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

/* Whether a word that stands alone would read as an operator: atleast3. */
static bool
needs_quotes(const struct node *leaf)
{
	return leaf->kind == NODE_WORD && str_has_prefix(leaf->text, STR("atleast")) && leaf->text.len > 7 &&
	       lexer_is_digit(leaf->text.p[7]);
}

/* A word or prefix, without its mark. */
static void
print_text(const struct node *leaf, struct buf *out)
{
	buf_append_str(out, leaf->text);
	if (leaf->kind == NODE_PREFIX)
		buf_append_char(out, '*');
}

/* The mark of a part of a phrase, or of a leaf, that is not under the mark of a whole phrase. */
static struct str
mark_of(const struct node *node)
{
	if (node->kind != NODE_WORD)
		return STR("");
	if (node->form == FORM_EXACT)
		return STR("=");
	switch (node->accents) {
	case WORD_ACCENTS_LOOSE: return STR("~~");
	case WORD_ACCENTS_STRICT: return STR("~=");
	default: return STR("");
	}
}

static void
print_leaf(const struct node *leaf, struct buf *out)
{
	bool quotes = needs_quotes(leaf);

	buf_append_str(out, mark_of(leaf));
	if (quotes)
		buf_append_char(out, '"');
	print_text(leaf, out);
	if (quotes)
		buf_append_char(out, '"');
}

/* Whether "300 000", printed with a blank between, would read as one number. */
static bool
are_numbers(const struct node *left, const struct node *right)
{
	return left->kind == NODE_WORD && right->kind != NODE_ANY && left->text.len > 0 && right->text.len > 0 &&
	       lexer_is_digit(left->text.p[left->text.len - 1]) && lexer_is_digit(right->text.p[0]);
}

/* What stands between two parts of a phrase, and the mark of the second. */
static void
print_separator(const struct node *left, const struct node *right, bool all_exact, struct buf *out)
{
	struct str left_mark = all_exact ? STR("") : mark_of(left), right_mark = all_exact ? STR("") : mark_of(right);

	if (right_mark.len > 0)
		buf_printf(out, " %.*s", STR_FMT(right_mark));
	else if (!are_numbers(left, right))
		buf_append_char(out, ' ');
	else
		/* A hyphen would put the second under the mark of the first. */
		buf_append_str(out, left_mark.len > 0 ? STR(" ~") : STR("-"));
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
	const struct node *first = node->children[0];

	buf_append_str(out, all_exact ? STR("=\"") : STR("\""));
	if (!all_exact)
		buf_append_str(out, mark_of(first));
	for (uint32_t i = 0; i < node->n_children; i++) {
		const struct node *child = node->children[i];

		if (i > 0)
			print_separator(node->children[i - 1], child, all_exact, out);
		if (child->kind == NODE_ANY)
			buf_append_char(out, '*');
		else
			print_text(child, out);
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

/* In quotes but for one plain word. */
static void
print_source(struct str name, struct buf *out)
{
	bool bare = true;

	for (size_t i = 0; i < name.len; i++)
		bare = bare && (lexer_is_digit(name.p[i]) || (name.p[i] >= 'a' && name.p[i] <= 'z'));
	buf_append_str(out, bare ? STR("source:") : STR("source:\""));
	buf_append_str(out, name);
	if (!bare)
		buf_append_char(out, '"');
}

static void
print_weight(double boost, struct buf *out)
{
	long thousandths = (long)(boost * 1000 + 0.5);
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
	case NODE_PREFIX: print_leaf(node, printer->out); break;
	case NODE_ANY: buf_append_char(printer->out, '*'); break;
	case NODE_SOURCE: print_source(node->text, printer->out); break;
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
