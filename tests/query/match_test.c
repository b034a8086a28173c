/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tests/data/query-match.txt: documents under a ruler of positions, queries, and their matches.
 */
#include <stdio.h>
#include <stdlib.h>

#include "query/intervals/match.h"
#include "tests/base/cmocka_first.h"
#include "tests/query/table.h"

enum { WORDS = 256, LEAVES = 16, TITLE_GAP = 1000 };

static const struct match_limits LIMITS = { .max_steps = 1000 * 1000, .max_matches = 1000 };

/* One word of the document. */
struct placed {
	uint32_t pos;
	uint32_t off;
	bool in_title;
	bool starts_sentence;
	bool starts_paragraph;
	char folded[64];
	char stems[4][64];
	uint32_t n_stems;
};

struct document {
	struct placed words[WORDS];
	size_t n;
	size_t title;
};

static struct document document;

static void
copy(char to[64], struct str from)
{
	assert_true(from.len < 64);
	memcpy(to, from.p, from.len);
	to[from.len] = '\0';
}

static void
add_text(struct str text, bool in_title)
{
	uint32_t gap = !in_title && document.n > 0 && document.n == document.title ? TITLE_GAP : 0;
	uint32_t first = document.n > 0 ? document.words[document.n - 1].pos + gap + 1 : 1;
	const struct token *tokens;
	size_t n;

	assert_int_equal(analyzer_run(test_analyzer, text, first, &tokens, &n, NULL), STATUS_OK);
	assert_true(document.n + n <= WORDS);
	for (size_t i = 0; i < n; i++) {
		struct placed *word = &document.words[document.n++];

		*word = (struct placed) { .pos = tokens[i].pos, .off = tokens[i].off, .in_title = in_title };
		word->starts_sentence = i == 0 || tokens[i].sentence != tokens[i - 1].sentence;
		word->starts_paragraph = i == 0 || tokens[i].paragraph != tokens[i - 1].paragraph;
		copy(word->folded, tokens[i].word->folded);
		for (uint32_t k = 0; k < tokens[i].word->n_stems && k < 4; k++)
			copy(word->stems[word->n_stems++], tokens[i].word->stems[k]);
	}
	if (in_title)
		document.title = n;
}

/* Every number of the ruler stands above the word of that position. */
static void
check_ruler(struct str ruler, struct str text)
{
	for (size_t i = 1; i < ruler.len; i++) {
		bool found = false;
		long pos;

		if (ruler.p[i] == ' ' || ruler.p[i - 1] != ' ')
			continue;
		pos = strtol(ruler.p + i, NULL, 10);
		for (size_t k = 0; k < document.n; k++) {
			const struct placed *word = &document.words[k];

			if (!word->in_title && word->pos == (uint32_t)pos)
				found = query_column(text, word->off) == query_column(ruler, i) - 2;
		}
		if (!found)
			fail_msg("the ruler's %ld is in the wrong place: %.*s", pos, STR_FMT(text));
	}
}

static bool
agrees(const struct node *leaf, const struct placed *word)
{
	if (leaf->field == FIELD_TITLE && !word->in_title)
		return false;
	if (leaf->kind == NODE_PREFIX)
		return str_has_prefix(str_of(word->folded), leaf->folded);
	if (leaf->form == FORM_EXACT)
		return str_eq(str_of(word->folded), leaf->folded);
	for (uint32_t i = 0; i < leaf->n_stems; i++) {
		for (uint32_t k = 0; k < word->n_stems; k++) {
			if (str_eq(leaf->stems[i], str_of(word->stems[k])))
				return true;
		}
	}
	return false;
}

static struct match_set
find(const struct query *query)
{
	static uint32_t places[LEAVES][WORDS], sentences[WORDS], paragraphs[WORDS];
	struct positions leaves[LEAVES];
	struct match_input input = { .leaves = leaves, .sentences = { sentences, 0 }, .paragraphs = { paragraphs, 0 } };
	struct match_set set;
	bool satisfied;

	assert_true(query->n_leaves <= LEAVES);
	for (uint32_t leaf = 0; leaf < query->n_leaves; leaf++)
		leaves[leaf] = (struct positions) { places[leaf], 0 };
	for (size_t i = 0; i < document.n; i++) {
		const struct placed *word = &document.words[i];

		for (uint32_t leaf = 0; leaf < query->n_leaves; leaf++) {
			if (agrees(query->leaves[leaf], word))
				places[leaf][leaves[leaf].n++] = word->pos;
		}
		if (word->starts_sentence)
			sentences[input.sentences.n++] = word->pos;
		if (word->starts_paragraph)
			paragraphs[input.paragraphs.n++] = word->pos;
	}
	input.body_first_pos = (uint32_t)document.title + (document.title > 0 ? TITLE_GAP : 0) + 1;
	assert_int_equal(match_find(query, &input, &LIMITS, test_arena, &set, NULL), STATUS_OK);
	assert_int_equal(match_exists(query, &input, &LIMITS, test_arena, &satisfied, NULL), STATUS_OK);
	assert_int_equal(satisfied, set.total > 0);
	return set;
}

/* "2,3,4,6/1 10": the positions and the distance of each match, the closest first. */
static void
print_set(const struct match_set *set, struct buf *out)
{
	if (set->n == 0)
		buf_append_str(out, STR("none"));
	for (size_t i = 0; i < set->n; i++) {
		if (i > 0)
			buf_append_char(out, ' ');
		for (uint32_t k = 0; k < set->v[i].n; k++)
			buf_printf(out, "%s%u", k > 0 ? "," : "", set->v[i].pos[k]);
		if (set->v[i].distance > 0)
			buf_printf(out, "/%u", set->v[i].distance);
	}
}

static bool
row_agrees(struct str text, struct str expected)
{
	static const struct parser_options options = { .any = false };
	struct query query;
	struct error error;
	struct match_set set;
	struct buf got;
	bool same;

	arena_reset(test_arena);
	if (query_parse(test_arena, test_analyzer, text, &options, &query, &error) != STATUS_OK)
		fail_msg("%.*s: %s", STR_FMT(text), error.message);
	set = find(&query);
	buf_init(&got, 1 << 16);
	print_set(&set, &got);
	same = str_eq(buf_str(&got), expected);
	if (!same)
		print_error(
		    "query     %.*s\nexpected  %.*s\ngot       %s\n", STR_FMT(text), STR_FMT(expected), got.data);
	buf_done(&got);
	return same;
}

static struct str
behind_sign(struct str line)
{
	return (struct str) { line.p + 2, line.len - 2 };
}

static void
test_table(void **state)
{
	struct buf text;
	struct str rest, line, ruler = { NULL, 0 };
	unsigned rows = 0, wrong = 0;

	(void)state;
	table_read(TEST_DATA_DIR "/query-match.txt", &text);
	for (rest = buf_str(&text); table_line(&rest, &line);) {
		if (line.len == 0) {
			document = (struct document) { .n = 0 };
		} else if (str_has_prefix(line, STR("^ "))) {
			add_text(behind_sign(line), true);
		} else if (str_has_prefix(line, STR("= "))) {
			ruler = line;
		} else if (str_has_prefix(line, STR("+ "))) {
			add_text(behind_sign(line), false);
			check_ruler(ruler, behind_sign(line));
		} else if (str_has_prefix(line, STR("? "))) {
			struct str cells = behind_sign(line);
			struct str query = table_cell(&cells), expected = table_cell(&cells);

			wrong += row_agrees(query, expected) ? 0 : 1;
			rows++;
		}
	}
	buf_done(&text);
	assert_true(rows > 60);
	assert_int_equal(wrong, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, table_setup, table_teardown);
}
