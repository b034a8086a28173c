/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of variants, and what it makes of queries: tables in tests/data/variants-*.txt. */
#include "query/language/variants.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "query/language/expand.h"
#include "tests/base/cmocka_first.h"
#include "tests/query/table.h"

enum { TEXT_BYTES = 1 << 16 };

static struct variants *
open_variants(const char *path)
{
	struct variants *variants;
	struct error error;

	assert_int_equal(variants_new(&variants, &error), STATUS_OK);
	if (variants_add_file(variants, test_analyzer, path, &error) != STATUS_OK)
		fail_msg("%s", error.message);
	return variants;
}

static struct variants *
make_variants(const char *text)
{
	struct variants *variants;

	assert_int_equal(variants_new(&variants, NULL), STATUS_OK);
	assert_int_equal(variants_add(variants, test_analyzer, str_of(text), "f", NULL), STATUS_OK);
	return variants;
}

/* Parses and expands; the typed query must stay as it was. */
static struct query
expand(const struct variants *variants, struct str text, struct expansions *expansions)
{
	const struct parser_options options = { .any = false };
	struct query typed, again, expanded;
	struct error error;

	arena_reset(test_arena);
	if (query_parse(test_arena, test_analyzer, text, &options, &typed, &error) != STATUS_OK)
		fail_msg("%.*s: %s", STR_FMT(text), error.message);
	if (expand_query(variants, test_analyzer, ACCENTS_TYPED, test_arena, text, &typed, &expanded, expansions,
		&error) != STATUS_OK)
		fail_msg("%.*s: %s", STR_FMT(text), error.message);
	assert_int_equal(query_parse(test_arena, test_analyzer, text, &options, &again, &error), STATUS_OK);
	assert_true(node_equal(typed.root, again.root));
	for (uint32_t i = 0; i < typed.n_leaves; i++)
		assert_int_equal(typed.leaves[i]->leaf, i);
	return expanded;
}

/* ---- A tree as the tables write it ---- */

static void
print(const struct node *node, struct buf *out)
{
	bool is_word = node->kind == NODE_WORD || node->kind == NODE_PREFIX;
	bool is_phrase = node->kind == NODE_PHRASE;

	if (node->field == FIELD_TITLE)
		buf_append_str(out, STR("t:"));
	if (is_word)
		buf_printf(out, "%s%.*s%s", node->form == FORM_EXACT ? "=" : "", STR_FMT(node->text),
		    node->kind == NODE_PREFIX ? "*" : "");
	else if (node->kind == NODE_ANY)
		buf_append_char(out, '*');
	if (is_word || node->kind == NODE_ANY)
		return;
	if (is_phrase)
		buf_append_char(out, '"');
	else if (node->kind == NODE_OR && node->variants)
		buf_append_char(out, '<');
	else
		buf_printf(out, "(%s", node_kind_name(node->kind));
	if (!is_phrase && node->distance > 0)
		buf_printf(out, "/%u", node->distance);
	for (uint32_t i = 0; i < node->n_children; i++) {
		if (i > 0 || (!is_phrase && !node->variants))
			buf_append_char(out, ' ');
		print(node->children[i], out);
	}
	buf_append_char(out, is_phrase ? '"' : node->variants ? '>' : ')');
	if (is_phrase && node->distance > 0)
		buf_printf(out, "~%u", node->distance);
}

static void
print_expansions(const struct expansions *expansions, struct buf *out)
{
	for (uint32_t i = 0; i < expansions->n; i++) {
		const struct expansion *expansion = &expansions->v[i];

		buf_printf(out, "%s%.*s: ", i > 0 ? "; " : "", STR_FMT(expansion->from));
		for (uint32_t k = 0; k < expansion->n_to; k++)
			buf_printf(out, "%s%.*s", k > 0 ? ", " : "", STR_FMT(expansion->to[k]));
	}
}

static bool
agrees(const char *what, struct str query, struct str expected, const struct buf *got)
{
	if (buf_status(got) == STATUS_OK && str_eq(table_trim(expected), table_trim(buf_str(got))))
		return true;
	print_error("query     %.*s\n%s\nexpected  %.*s\ngot       %.*s\n", STR_FMT(query), what, STR_FMT(expected),
	    STR_FMT(buf_str(got)));
	return false;
}

static void
check_leaves(const struct query *query)
{
	for (uint32_t i = 0; i < query->n_leaves; i++) {
		assert_int_equal(query->leaves[i]->leaf, i);
		for (uint32_t k = 0; k < i; k++)
			assert_ptr_not_equal(query->leaves[i], query->leaves[k]);
	}
}

static bool
row_agrees(const struct variants *variants, struct str text, struct str tree, struct str told)
{
	struct expansions expansions;
	struct query query = expand(variants, text, &expansions);
	struct buf out;
	bool good;

	check_leaves(&query);
	buf_init(&out, TEXT_BYTES);
	print(query.root, &out);
	good = agrees("tree", text, tree, &out);
	buf_reset(&out);
	print_expansions(&expansions, &out);
	good = agrees("told", text, told, &out) && good;
	buf_done(&out);
	return good;
}

static void
test_expansions(void **state)
{
	struct variants *variants = open_variants(TEST_DATA_DIR "/variants-names.txt");
	unsigned rows = 0, wrong = 0;
	struct str rest, line;
	struct buf text;

	(void)state;
	table_read(TEST_DATA_DIR "/variants-expand.txt", &text);
	for (rest = buf_str(&text); table_line(&rest, &line);) {
		struct str query, tree;

		if (line.len == 0 || line.p[0] == '#')
			continue;
		query = table_cell(&line);
		tree = table_cell(&line);
		if (tree.len > 2 && str_eq((struct str) { tree.p + tree.len - 2, 2 }, STR(" |")))
			tree.len -= 2;
		wrong += !row_agrees(variants, query, tree, line);
		rows++;
	}
	buf_done(&text);
	variants_free(variants);
	assert_true(rows > 30);
	assert_int_equal(wrong, 0);
}

/* ---- Files ---- */

static int
hex(char c)
{
	return c >= 'a' ? c - 'a' + 10 : c - '0';
}

static struct str
unescape(struct str cell, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < cell.len; i++) {
		if (cell.p[i] != '\\' || i + 1 == cell.len) {
			out[n++] = cell.p[i];
		} else if (cell.p[i + 1] == 'x') {
			out[n++] = (char)(hex(cell.p[i + 2]) * 16 + hex(cell.p[i + 3]));
			i += 3;
		} else {
			out[n++] = cell.p[++i] == 'n' ? '\n' : cell.p[i] == 'r' ? '\r' : cell.p[i];
		}
	}
	return (struct str) { out, n };
}

static void
test_files(void **state)
{
	static char bytes[4096], outcome[512];
	unsigned rows = 0, wrong = 0;
	struct str rest, line;
	struct buf text;

	(void)state;
	table_read(TEST_DATA_DIR "/variants-malformed.txt", &text);
	for (rest = buf_str(&text); table_line(&rest, &line);) {
		struct str file, expected;
		struct variants *variants;
		struct error error;

		if (line.len == 0 || str_has_prefix(line, STR("# What")) || str_has_prefix(line, STR("# well")))
			continue;
		file = unescape(table_cell(&line), bytes);
		expected = table_cell(&line);
		assert_int_equal(variants_new(&variants, &error), STATUS_OK);
		if (variants_add(variants, test_analyzer, file, "f", &error) == STATUS_OK)
			(void)snprintf(outcome, sizeof(outcome), "%u", variants_n_groups(variants));
		else
			(void)snprintf(outcome, sizeof(outcome), "! %s", error.message);
		variants_free(variants);
		if (!str_eq(expected, str_of(outcome))) {
			print_error("expected  %.*s\ngot       %s\n", STR_FMT(expected), outcome);
			wrong++;
		}
		rows++;
	}
	buf_done(&text);
	assert_true(rows > 20);
	assert_int_equal(wrong, 0);
}

static void
test_no_file(void **state)
{
	struct variants *variants;
	struct error error;

	(void)state;
	assert_int_equal(variants_new(&variants, &error), STATUS_OK);
	assert_int_not_equal(variants_add_file(variants, test_analyzer, "/nonexistent/names.txt", &error), STATUS_OK);
	assert_non_null(strstr(error.message, "/nonexistent/names.txt"));
	assert_int_not_equal(variants_add_file(variants, test_analyzer, "/dev/null", &error), STATUS_OK);
	variants_free(variants);
	variants_free(NULL);
}

/* The list that is shipped is well formed, and each of its alternatives finds the others. */
static void
test_shipped(void **state)
{
	struct variants *variants = open_variants(SHIPPED_VARIANTS);
	struct variant found[4];

	(void)state;
	assert_true(variants_n_groups(variants) >= 150);
	assert_int_equal(variants_find(variants, STR("alep"), found, 4), 1);
	assert_true(str_eq(found[0].key, STR("halab")));
	assert_int_equal(variants_find(variants, STR("nations unies"), found, 4), 1);
	assert_true(str_eq(found[0].text, STR("ONU")));
	assert_int_equal(variants_find(variants, STR("halabi"), found, 4), 0);
	/* ordinary words must stand for nothing else */
	for (const char *const *word = (const char *const[]) { "eau", "riad", "treves", "ira", "tigre", "canton", "on",
		 "as", "rue", "sa", "pas", "modem", "ars", "has", NULL };
	     *word != NULL; word++)
		assert_int_equal(variants_find(variants, str_of(*word), found, 4), 0);
	variants_free(variants);
}

/* Many groups: every one is found, whatever the order of hashes. */
static void
test_many(void **state)
{
	struct variants *variants;
	struct buf text;
	char key[32];

	(void)state;
	buf_init(&text, 1 << 20);
	for (int i = 0; i < 5000; i++)
		buf_printf(&text, "nom%d, name%d, nome %d\n", i, i, i);
	assert_int_equal(buf_status(&text), STATUS_OK);
	variants = make_variants(text.data);
	buf_done(&text);
	assert_int_equal(variants_n_groups(variants), 5000);
	for (int i = 0; i < 5000; i++) {
		struct variant found[4];

		(void)snprintf(key, sizeof(key), "nome %d", i);
		assert_int_equal(variants_find(variants, str_of(key), found, 4), 2);
		(void)snprintf(key, sizeof(key), "nom%d", i);
		assert_true(str_eq(found[0].text, str_of(key)));
	}
	variants_free(variants);
}

/* A legal query stays one: names that would take it past a limit are left alone, and told. */
static void
test_limits(void **state)
{
	struct variants *variants = make_variants("aaa, bbb, ccc, ddd\neee, fff");
	struct expansions expansions;
	struct query query;
	struct buf text;

	(void)state;
	buf_init(&text, LIMIT_QUERY_BYTES);
	for (int i = 0; i < LIMIT_QUERY_WORDS - 2; i++)
		buf_printf(&text, "mot%c%c ", 'a' + i / 26, 'a' + i % 26);
	buf_append_str(&text, STR("aaa eee"));
	query = expand(variants, buf_str(&text), &expansions);
	assert_int_equal(query.n_leaves, LIMIT_QUERY_WORDS);
	assert_int_equal(expansions.n, 2);
	assert_int_equal(expansions.v[0].n_to, 0);
	assert_int_equal(expansions.v[1].n_to, 0);

	/* room for one name more */
	buf_reset(&text);
	for (int i = 0; i < LIMIT_QUERY_WORDS - 3; i++)
		buf_printf(&text, "mot%c%c ", 'a' + i / 26, 'a' + i % 26);
	buf_append_str(&text, STR("aaa eee"));
	query = expand(variants, buf_str(&text), &expansions);
	assert_int_equal(query.n_leaves, LIMIT_QUERY_WORDS);
	assert_int_equal(expansions.v[0].n_to, 0);
	assert_int_equal(expansions.v[1].n_to, 1);
	buf_done(&text);
	variants_free(variants);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expansions),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_no_file),
		cmocka_unit_test(test_shipped),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, table_setup, table_teardown);
}
