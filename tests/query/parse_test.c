/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "tests/base/cmocka_first.h"
#include "tests/query/table.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { TEXTS = 10000 };
#else
enum { TEXTS = 100000 };
#endif

static const struct parser_options ALL = { .any = false }, ANY = { .any = true };

static enum status
parse(struct str text, const struct parser_options *options, struct query *query, struct error *error)
{
	return query_parse(test_arena, test_analyzer, text, options, query, error);
}

/* What became of a query: its canonical text, or "! column: message". */
static struct str
outcome(struct str text, const struct parser_options *options, struct buf *out)
{
	struct query query;
	struct error error;

	buf_reset(out);
	if (parse(text, options, &query, &error) == STATUS_OK) {
		assert_int_equal(node_canonical(query.root, out), STATUS_OK);
	} else {
		assert_true(error.code == STATUS_INVALID || error.code == STATUS_LIMIT);
		assert_int_not_equal(error.off, ERROR_NO_OFFSET);
		buf_printf(out, "! %u: %s", query_column(text, error.off), error.message);
	}
	return buf_str(out);
}

/* A row agrees where the outcome is the expected one, or for a refusal begins so. */
static bool
row_agrees(struct str query, struct str expected, const struct parser_options *options)
{
	struct buf out;
	struct str got;
	bool agrees;

	buf_init(&out, 1 << 16);
	arena_reset(test_arena);
	got = outcome(query, options, &out);
	agrees = expected.len > 0 && expected.p[0] == '!' ? str_has_prefix(got, expected) : str_eq(got, expected);
	if (!agrees)
		print_error("query     %.*s\nexpected  %.*s\ngot       %.*s\n", STR_FMT(query), STR_FMT(expected),
		    STR_FMT(got));
	buf_done(&out);
	return agrees;
}

static void
test_table(void **state)
{
	struct parser_options options = ALL;
	struct buf text;
	struct str rest, line;
	unsigned rows = 0, wrong = 0;

	(void)state;
	table_read(TEST_DATA_DIR "/query-parse.txt", &text);
	for (rest = buf_str(&text); table_line(&rest, &line);) {
		struct str query, expected;

		if (line.len == 0 || line.p[0] == '#')
			continue;
		if (line.p[0] == '@') {
			options.any = str_eq(line, STR("@any"));
			continue;
		}
		query = table_cell(&line);
		expected = table_cell(&line);
		wrong += row_agrees(query, expected, &options) ? 0 : 1;
		rows++;
	}
	buf_done(&text);
	assert_true(rows > 100);
	assert_int_equal(wrong, 0);
}

/* `code` cells of the reference; a | in one is written \|. */
static struct str
code_of(struct str cell, char *out)
{
	size_t n = 0;

	for (size_t i = 1; i + 1 < cell.len; i++) {
		if (cell.p[i] == '\\' && cell.p[i + 1] == '|')
			continue;
		out[n++] = cell.p[i];
	}
	return (struct str) { out, n };
}

static bool
is_code(struct str cell)
{
	return cell.len > 2 && cell.p[0] == '`' && cell.p[cell.len - 1] == '`';
}

/* The rows between <!-- query-table --> and <!-- end --> of the reference say what is true. */
static void
test_reference(void **state)
{
	static char query_bytes[1024], expected_bytes[1024];
	struct buf text;
	struct str rest, line;
	unsigned rows = 0, wrong = 0;
	bool inside = false;

	(void)state;
	table_read(QUERY_REFERENCE, &text);
	for (rest = buf_str(&text); table_line(&rest, &line);) {
		struct str query, expected;

		if (str_has_prefix(line, STR("<!--")))
			inside = str_eq(line, STR("<!-- query-table -->"));
		if (!inside || !str_has_prefix(line, STR("| `")) || line.len > sizeof(query_bytes))
			continue;
		line.p += 2;
		line.len -= str_has_prefix((struct str) { line.p + line.len - 4, 2 }, STR(" |")) ? 4 : 2;
		query = table_cell(&line);
		expected = table_cell(&line);
		assert_true(is_code(query) && is_code(expected));
		wrong += row_agrees(code_of(query, query_bytes), code_of(expected, expected_bytes), &ALL) ? 0 : 1;
		rows++;
	}
	buf_done(&text);
	assert_true(rows > 40);
	assert_int_equal(wrong, 0);
}

/* Pieces of queries, legal and not; together they reach every rule of the grammar. */
static const char *const pieces[] = { "alep", "syrie", "cessez-le-feu", "l'OTAN", "d’Alep", "300 000", "2023-2027",
	"10,5", "ÉTAT", "œuvre", "O.N.U.", "aujourd'hui", "bombard*", "l'arm*", "=rebelle", "~trêves", "~~cote",
	"~=publie", "~~\"le feu\"", "=cessez-le-feu", "\"cessez le feu\"", "\"a * b\"", "=\"le feu\"", "\"le =feu\"~3",
	"« la trêve »", "“Alep”", "\"300-000\"", "\"atleast3\"", "AND", "ET", "OR", "OU", "NOT", "SAUF", "-", "NEAR",
	"NEAR/3", "PRÈS/0", "ADJ/2", "AVANT", "SENT", "PHRASE", "PARA", "w/5", "pre/2", "/s", "/p", "NOT NEAR/4",
	"SAUF PRES", "NEAR/5(", "ADJ(", "(", "(", "(", ")", ")", ")", ",", ",", "titre:", "title:(", "source:afp",
	"source:\"Le Monde\"", "date:2016", "date:2016-11..2016-12-08", "date:..2017", "DEBUT/50", "FIRST/3", "^2",
	"^0,125", ">=3", "atleast2", ">1", "~2", "*", "!", "—", "...", "http://a.fr/b?c=d", "x@y.fr", "Q:1", "😀", "\"",
	"»", "et", "near", "-alep", "e\u0301te\u0301", "\u00a0", "中文", "=", "~" };

/* xorshift64* */
static uint32_t
draw(uint64_t *state, uint32_t n)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (uint32_t)((*state * 0x2545F4914F6CDD1DULL) >> 33) % n;
}

static void
draw_text(uint64_t *rng, struct buf *out)
{
	uint32_t n = 1 + draw(rng, 14);

	buf_reset(out);
	for (uint32_t i = 0; i < n; i++) {
		buf_append_str(out, str_of(pieces[draw(rng, sizeof(pieces) / sizeof(pieces[0]))]));
		if (draw(rng, 6) != 0)
			buf_append_char(out, ' ');
	}
}

/* Draws a sentence of the grammar, so that most are legal and deep. */
static void
draw_query(uint64_t *rng, struct buf *out, unsigned depth)
{
	static const char *const joins[] = { " ", " ", " AND ", " OR ", " NOT ", " NEAR/3 ", " NEAR ", " ADJ/2 ",
		" NOT NEAR/2 ", " SENT ", " PARA ", " OU ", " ET ", " SAUF ", " w/4 ", " /s " };
	static const char *const before[] = { "titre:(", "(", "(", "NEAR/4(", "ADJ/2(", "atleast2 (", "-(" };
	static const char *const after[] = { ")", ")", ")^2", ")>=2", ") DEBUT/9", ")^0.5 FIRST/3" };

	if (depth == 0 || draw(rng, 3) == 0) {
		buf_append_str(out, str_of(pieces[draw(rng, 24)]));
		return;
	}
	if (draw(rng, 3) == 0) {
		buf_append_str(out, str_of(before[draw(rng, 7)]));
		draw_query(rng, out, depth - 1);
		if (draw(rng, 2) == 0) {
			buf_append_str(out, STR(", "));
			draw_query(rng, out, depth - 1);
		}
		buf_append_str(out, str_of(after[draw(rng, 6)]));
		return;
	}
	draw_query(rng, out, depth - 1);
	buf_append_str(out, str_of(joins[draw(rng, 16)]));
	draw_query(rng, out, depth - 1);
}

/* parse(canonical(tree)) == tree, under both meanings of words side by side. */
static bool
comes_back(struct str text, const struct parser_options *options, bool *ret_legal)
{
	struct query query, again;
	struct error error;
	struct buf first, second;
	bool same = false;

	arena_reset(test_arena);
	*ret_legal = parse(text, options, &query, &error) == STATUS_OK;
	if (!*ret_legal)
		return (error.code == STATUS_INVALID || error.code == STATUS_LIMIT) && error.message[0] != '\0';
	buf_init(&first, 1 << 16);
	buf_init(&second, 1 << 16);
	assert_int_equal(node_canonical(query.root, &first), STATUS_OK);
	for (int any = 0; any < 2; any++) {
		buf_reset(&second);
		same = parse(buf_str(&first), any ? &ANY : &ALL, &again, &error) == STATUS_OK &&
		       node_equal(query.root, again.root) && node_canonical(again.root, &second) == STATUS_OK &&
		       str_eq(buf_str(&first), buf_str(&second));
		if (!same)
			break;
	}
	if (!same)
		print_error("query      %.*s\ncanonical  %.*s\n", STR_FMT(text), STR_FMT(buf_str(&first)));
	buf_done(&first);
	buf_done(&second);
	return same;
}

static void
test_canonical_text_comes_back(void **state)
{
	uint64_t rng = 7117;
	unsigned legal = 0;
	struct buf text;

	(void)state;
	buf_init(&text, 1 << 16);
	for (unsigned i = 0; i < TEXTS; i++) {
		bool is_legal;

		if (i % 2 == 0) {
			draw_text(&rng, &text);
		} else {
			buf_reset(&text);
			draw_query(&rng, &text, 1 + draw(&rng, 5));
		}
		assert_true(comes_back(buf_str(&text), i % 4 < 2 ? &ALL : &ANY, &is_legal));
		legal += is_legal ? 1 : 0;
	}
	buf_done(&text);
	print_message("%u of %d texts were queries\n", legal, TEXTS);
	assert_true(legal > TEXTS / 5);
}

/* Any bytes are a query or refused at a place within them. */
static void
test_any_bytes(void **state)
{
	uint64_t rng = 42;
	char bytes[64];

	(void)state;
	for (unsigned i = 0; i < TEXTS / 4; i++) {
		struct str text = { bytes, draw(&rng, sizeof(bytes)) };
		bool is_legal;

		for (size_t k = 0; k < text.len; k++)
			bytes[k] = draw(&rng, 3) == 0 ? (char)draw(&rng, 256) : " ()\"=~*-:/,^>aNOT3.'"[draw(&rng, 20)];
		assert_true(comes_back(text, &ALL, &is_legal));
	}
}

static void
repeat(struct buf *out, const char *piece, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		buf_append_str(out, str_of(piece));
}

/* `before` n times, `middle`, `after` n times. */
static enum status
parse_nested(const char *before, unsigned n, const char *middle, const char *after, struct error *error)
{
	struct query query;
	struct buf text;
	enum status status;

	buf_init(&text, 1 << 20);
	repeat(&text, before, n);
	buf_append_str(&text, str_of(middle));
	repeat(&text, after, n);
	arena_reset(test_arena);
	status = parse(buf_str(&text), &ALL, &query, error);
	buf_done(&text);
	return status;
}

static void
test_limits_name_themselves(void **state)
{
	static const struct {
		const char *before, *middle, *after, *limit;
		unsigned most;
	} rows[] = {
		{ "", "a", " b", "LIMIT_QUERY_WORDS (64)", LIMIT_QUERY_WORDS - 1 },
		{ "(", "alep", ")", "LIMIT_QUERY_DEPTH (16)", LIMIT_QUERY_DEPTH },
		{ "", "alep", "^2", "LIMIT_QUERY_DEPTH (16)", LIMIT_QUERY_DEPTH },
		{ "titre:", "alep", "", "LIMIT_QUERY_DEPTH (16)", LIMIT_QUERY_DEPTH },
		{ "a NEAR (", "alep", ")", "LIMIT_QUERY_DEPTH (16)", LIMIT_QUERY_DEPTH },
		{ "\"a b\" ", "alep", "", "LIMIT_QUERY_PHRASES (16)", LIMIT_QUERY_PHRASES },
		{ "", "a", "-b", "LIMIT_PHRASE_WORDS (32)", LIMIT_PHRASE_WORDS - 1 },
		{ "abc* ", "alep", "", "LIMIT_PREFIXES (4)", LIMIT_PREFIXES },
		{ "", "alep", " ", "LIMIT_QUERY_BYTES (4096)", LIMIT_QUERY_BYTES - 4 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct error error;
		unsigned many[] = { rows[i].most + 1, rows[i].most * 2 + 1, 2000 };

		assert_int_equal(
		    parse_nested(rows[i].before, rows[i].most, rows[i].middle, rows[i].after, &error), STATUS_OK);
		for (size_t k = 0; k < 3; k++) {
			if (parse_nested(rows[i].before, many[k], rows[i].middle, rows[i].after, &error) == STATUS_OK) {
				/* Only blanks may be more than 2000. */
				assert_int_equal(rows[i].most, LIMIT_QUERY_BYTES - 4);
				continue;
			}
			assert_int_equal(error.code, STATUS_LIMIT);
			if (strstr(error.message, rows[i].limit) == NULL &&
			    strstr(error.message, "LIMIT_QUERY_BYTES") == NULL)
				fail_msg("%s", error.message);
		}
	}
}

/* The canonical text may take more brackets and bytes than were typed, and must be legal itself. */
static void
test_limits_of_the_canonical_text(void **state)
{
	struct error error;
	struct buf text;
	struct query query;

	(void)state;
	arena_reset(test_arena);
	buf_init(&text, 1 << 16);
	repeat(&text, "(a NEAR ", LIMIT_QUERY_DEPTH - 1);
	buf_append_str(&text, STR("NEAR(b, c OR d)"));
	repeat(&text, ")", LIMIT_QUERY_DEPTH - 1);
	assert_int_equal(parse(buf_str(&text), &ALL, &query, &error), STATUS_OK);
	/* Now the outermost brackets are needed, and those of OR are too many. */
	buf_reset(&text);
	buf_append_str(&text, STR("z NEAR "));
	repeat(&text, "(a NEAR ", LIMIT_QUERY_DEPTH - 1);
	buf_append_str(&text, STR("NEAR(b, c OR d)"));
	repeat(&text, ")", LIMIT_QUERY_DEPTH - 1);
	assert_int_equal(parse(buf_str(&text), &ALL, &query, &error), STATUS_LIMIT);
	assert_non_null(strstr(error.message, "LIMIT_QUERY_DEPTH"));

	buf_reset(&text);
	for (unsigned i = 0; i < LIMIT_QUERY_WORDS; i++) {
		repeat(&text, "a", 60);
		buf_append_char(&text, ' ');
	}
	assert_true(text.len < LIMIT_QUERY_BYTES);
	assert_int_equal(parse(buf_str(&text), &ALL, &query, &error), STATUS_LIMIT);
	assert_non_null(strstr(error.message, "LIMIT_QUERY_BYTES"));
	buf_done(&text);
}

static void
test_stems_follow_the_accents(void **state)
{
	struct parser_options loose = { .accents = ACCENTS_LOOSE };
	struct query typed, strict;
	struct error error;

	(void)state;
	arena_reset(test_arena);
	assert_int_equal(parse(STR("marche"), &ALL, &typed, &error), STATUS_OK);
	assert_int_equal(parse(STR("marche"), &loose, &strict, &error), STATUS_OK);
	assert_true(strict.leaves[0]->n_stems > typed.leaves[0]->n_stems);
	assert_false(node_equal(typed.root, strict.root));
	assert_int_equal(parse(STR("=marche"), &ALL, &typed, &error), STATUS_OK);
	assert_int_equal(typed.leaves[0]->n_stems, 0);
	assert_int_equal(typed.leaves[0]->form, FORM_EXACT);
}

static void
test_unlike_trees(void **state)
{
	static const char *const unlike[][2] = { { "a", "b" }, { "a", "=a" }, { "a", "a b" }, { "a NEAR b", "a ADJ b" },
		{ "a NEAR/2 b", "a NEAR/3 b" }, { "a NEAR b", "b NEAR a" }, { "a^2", "a^3" }, { "a^3", "a^2" },
		{ "abc*", "abc" }, { "titre:a", "a" }, { "date:2016", "date:2017" }, { "date:2016..", "date:2016" },
		{ "source:a", "source:b" }, { "a SENT b", "a SENT b SENT c" } };

	(void)state;
	arena_reset(test_arena);
	for (size_t i = 0; i < sizeof(unlike) / sizeof(unlike[0]); i++) {
		struct query left, right;

		assert_int_equal(parse(str_of(unlike[i][0]), &ALL, &left, NULL), STATUS_OK);
		assert_int_equal(parse(str_of(unlike[i][1]), &ALL, &right, NULL), STATUS_OK);
		assert_false(node_equal(left.root, right.root));
		assert_true(node_equal(left.root, left.root));
	}
}

static void
test_kinds(void **state)
{
	struct node node = { .kind = NODE_FIRST };

	(void)state;
	assert_true(node_is_proximity(&node));
	assert_false(node_is_leaf(&node));
	node.kind = NODE_PREFIX;
	assert_true(node_is_leaf(&node));
	assert_false(node_is_proximity(&node));
	node.kind = NODE_OR;
	assert_false(node_is_proximity(&node));
	assert_string_equal(node_kind_name(NODE_NOT_NEAR), "not_near");
	for (int kind = 0; kind <= NODE_BOOST; kind++)
		assert_non_null(node_kind_name((enum node_kind)kind));
}

static void
test_places_and_leaves(void **state)
{
	struct str text = STR("é titre:(alep NEAR/3 \"cessez * feu\") -=Été");
	struct query query;
	struct error error;

	(void)state;
	arena_reset(test_arena);
	assert_int_equal(parse(text, &ALL, &query, &error), STATUS_OK);
	assert_int_equal(query.n_leaves, 5);
	for (uint32_t i = 0; i < query.n_leaves; i++)
		assert_int_equal(query.leaves[i]->leaf, i);
	assert_int_equal(query.root->kind, NODE_AND);
	assert_int_equal(query.root->children[1]->kind, NODE_FIELD);
	assert_int_equal(query.root->children[1]->off, 3);
	assert_int_equal(query.leaves[1]->field, FIELD_TITLE);
	assert_int_equal(query.leaves[4]->field, FIELD_ANY);
	assert_str(query.leaves[4]->folded, "ete");
	assert_str(query.leaves[4]->text, "été");
	assert_int_equal(query_column(text, query.leaves[1]->off), 10);
	assert_memory_equal(text.p + query.leaves[3]->off, "feu", query.leaves[3]->len);
}

/* An arena that ends anywhere is a failure, and no more. */
static void
test_memory_runs_out(void **state)
{
	struct str text =
	    STR("titre:(\"a =b\" NEAR/3 bombard*)^2 -(c d) date:2016 source:afp atleast3 e OU NEAR(x, y, z OU l'ONU)");
	struct query query;
	struct error error;
	size_t max = 0;
	enum status status;

	(void)state;
	do {
		struct arena *arena;

		assert_int_equal(arena_new(max, &arena), STATUS_OK);
		status = query_parse(arena, test_analyzer, text, &ALL, &query, &error);
		arena_free(arena);
		assert_true(status == STATUS_OK || status == STATUS_NOMEM);
		assert_int_equal(status, status == STATUS_OK ? STATUS_OK : error.code);
		max += 8;
	} while (status != STATUS_OK && max < 1 << 20);
	assert_int_equal(status, STATUS_OK);
	assert_true(max > 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_reference),
		cmocka_unit_test(test_canonical_text_comes_back),
		cmocka_unit_test(test_any_bytes),
		cmocka_unit_test(test_limits_name_themselves),
		cmocka_unit_test(test_limits_of_the_canonical_text),
		cmocka_unit_test(test_stems_follow_the_accents),
		cmocka_unit_test(test_places_and_leaves),
		cmocka_unit_test(test_memory_runs_out),
		cmocka_unit_test(test_unlike_trees),
		cmocka_unit_test(test_kinds),
	};

	return cmocka_run_group_tests(tests, table_setup, table_teardown);
}
