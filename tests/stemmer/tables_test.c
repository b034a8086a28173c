/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables of tests/data/analysis-*.txt: tokens, ways of writing that meet, accents, sentences.
 */
#include "stemmer/analyzer.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "tests/base/cmocka_first.h"
#include "tests/stemmer/table.h"

enum { ROW_BYTES_MAX = 4096 };

static int
make_analyzer(void **state)
{
	struct analyzer *analyzer = NULL;

	if (analyzer_new(&analyzer, NULL) != STATUS_OK)
		return -1;
	*state = analyzer;
	return 0;
}

static int
free_analyzer(void **state)
{
	analyzer_free(*state);
	return 0;
}

static size_t
run(struct analyzer *analyzer, const struct row *row, struct str text, const struct token **ret_tokens)
{
	struct error error = { 0 };
	size_t n = 0;

	if (analyzer_run(analyzer, text, 1, ret_tokens, &n, &error) != STATUS_OK)
		row_fail(row, "%s", error.message);
	return n;
}

static void
append_stems(struct buf *out, const struct str *stems, size_t n)
{
	for (size_t i = 0; i < n; i++)
		(void)buf_printf(out, "/%.*s", STR_FMT(stems[i]));
}

/* The next token of the expected ones; empty at the end. */
static struct str
next_word(struct str *rest)
{
	struct str word;

	while (rest->len > 0 && rest->p[0] == ' ')
		*rest = (struct str) { rest->p + 1, rest->len - 1 };
	word = (struct str) { rest->p, 0 };
	while (word.len < rest->len && word.p[word.len] != ' ')
		word.len++;
	*rest = (struct str) { rest->p + word.len, rest->len - word.len };
	return word;
}

/* Writes the tokens as the row has them: the i-th with its stems where the row's has. */
static void
write_tokens(struct buf *out, const struct token *tokens, size_t n, struct str expected)
{
	for (size_t i = 0; i < n; i++) {
		struct str word = next_word(&expected);

		(void)buf_printf(out, "%s%u:%.*s", i > 0 ? " " : "", tokens[i].pos, STR_FMT(tokens[i].word->surface));
		if (memchr(word.p, '/', word.len) != NULL)
			append_stems(out, tokens[i].word->stems, tokens[i].word->n_stems);
	}
}

static void
check_tokens(const struct row *row, void *context)
{
	const struct token *tokens;
	struct buf got;
	size_t n = run(context, row, row->fields[0], &tokens);

	buf_init(&got, ROW_BYTES_MAX);
	if (row->n < 2)
		row_fail(row, "wants: text | tokens");
	write_tokens(&got, tokens, n, row->fields[1]);
	if (n == 0)
		(void)buf_append_char(&got, '-');
	if (!str_eq(buf_str(&got), row->fields[1]))
		row_fail(row, "got %.*s", STR_FMT(buf_str(&got)));
	buf_done(&got);
}

static void
test_tokens(void **state)
{
	table_each("analysis-tokens.txt", 100, check_tokens, *state);
}

/* The stems of each word of a text, one word a line, kept over the next analysis. */
static void
write_stems(struct analyzer *analyzer, const struct row *row, struct str text, struct buf *out)
{
	const struct token *tokens;
	size_t n = run(analyzer, row, text, &tokens);

	buf_init(out, ROW_BYTES_MAX);
	for (size_t i = 0; i < n; i++) {
		append_stems(out, tokens[i].word->stems, tokens[i].word->n_stems);
		(void)buf_append_str(out, STR("/\n"));
	}
	if (n == 0)
		row_fail(row, "no word in \"%.*s\"", STR_FMT(text));
}

/* Takes a line off; false at the end. */
static bool
next_line(struct str *rest, struct str *ret_line)
{
	const char *end = rest->len > 0 ? memchr(rest->p, '\n', rest->len) : NULL;

	if (end == NULL)
		return false;
	*ret_line = (struct str) { rest->p, (size_t)(end - rest->p) };
	*rest = (struct str) { end + 1, rest->len - ret_line->len - 1 };
	return true;
}

/* Whether "/a/b/" and "/b/c/" have a stem in common. */
static bool
have_common(struct str a, struct str b)
{
	for (size_t i = 0; i + 1 < a.len; i++) {
		const char *end = memchr(a.p + i + 1, '/', a.len - i - 1);

		if (a.p[i] == '/' && memmem(b.p, b.len, a.p + i, (size_t)(end - (a.p + i)) + 1) != NULL)
			return true;
	}
	return false;
}

static bool
do_meet(struct str a, struct str b)
{
	struct str word_a, word_b;

	while (next_line(&a, &word_a)) {
		if (!next_line(&b, &word_b) || !have_common(word_a, word_b))
			return false;
	}
	return !next_line(&b, &word_b);
}

static void
check_meet(const struct row *row, void *context)
{
	struct str field = row->fields[0];
	const char *apart = memmem(field.p, field.len, " != ", 4), *equal = memmem(field.p, field.len, " = ", 3);
	const char *sign = apart != NULL ? apart : equal;
	size_t sign_len = apart != NULL ? 4 : 3;
	struct buf a, b;

	if (sign == NULL)
		row_fail(row, "wants: a = b, or a != b");
	write_stems(context, row, (struct str) { field.p, (size_t)(sign - field.p) }, &a);
	write_stems(
	    context, row, (struct str) { sign + sign_len, field.len - (size_t)(sign - field.p) - sign_len }, &b);
	if (do_meet(buf_str(&a), buf_str(&b)) == (apart != NULL))
		row_fail(row, "%s: %s and %s", apart != NULL ? "meet" : "do not meet", a.data, b.data);
	buf_done(&a);
	buf_done(&b);
}

static void
test_meet(void **state)
{
	table_each("analysis-meet.txt", 50, check_meet, *state);
}

static void
check_accents(const struct row *row, void *context)
{
	static const enum accents columns[] = { ACCENTS_TYPED, ACCENTS_LOOSE, ACCENTS_STRICT };
	const struct token *tokens;
	struct buf got;

	if (row->n < 4 || run(context, row, row->fields[0], &tokens) != 1)
		row_fail(row, "wants: one word | typed | loose | strict");
	buf_init(&got, ROW_BYTES_MAX);
	for (size_t i = 0; i < 3; i++) {
		const struct str *stems;
		size_t n;

		buf_reset(&got);
		assert_int_equal(analyzer_query_stems(context, tokens[0].word, columns[i], &stems, &n), STATUS_OK);
		append_stems(&got, stems, n);
		if (got.len == 0 || !str_eq((struct str) { got.data + 1, got.len - 1 }, row->fields[i + 1]))
			row_fail(row, "column %zu: got %s", i + 2, got.len > 0 ? got.data + 1 : "");
	}
	buf_done(&got);
}

static void
test_accents(void **state)
{
	table_each("analysis-accents.txt", 8, check_accents, *state);
}

/* A pair of accent-pairs.txt: "one / other | apart or together | why". */
static void
check_pair(const struct row *row, void *context)
{
	struct str pair = row->fields[0], verdict;
	const char *slash = memchr(pair.p, '/', pair.len);
	struct buf one, other;
	bool meet;

	if (row->n < 3 || slash == NULL)
		row_fail(row, "wants: one / other | apart or together | why");
	verdict = row->fields[1];
	write_stems(context, row, (struct str) { pair.p, (size_t)(slash - pair.p) }, &one);
	write_stems(context, row, (struct str) { slash + 1, pair.len - (size_t)(slash - pair.p) - 1 }, &other);
	meet = have_common((struct str) { one.data, one.len - 1 }, (struct str) { other.data, other.len - 1 });
	buf_done(&one);
	buf_done(&other);
	if (!str_eq(verdict, STR("apart")) && !str_eq(verdict, STR("together")))
		row_fail(row, "neither apart nor together: \"%.*s\"", STR_FMT(verdict));
	if (meet != str_eq(verdict, STR("together")))
		row_fail(row, "the pair is %s", meet ? "together" : "apart");
}

static void
test_accent_pairs(void **state)
{
	table_each("accent-pairs.txt", 300, check_pair, *state);
}

/* Takes the marks out of the text; *sentences and *paragraphs tell where they were, as offsets. */
struct marks {
	char text[ROW_BYTES_MAX];
	size_t len;
	size_t off[64];
	bool is_paragraph[64];
	size_t n;
};

static void
take_marks(const struct row *row, struct marks *marks)
{
	struct str field = row->fields[0];

	marks->len = marks->n = 0;
	for (size_t i = 0; i < field.len; i++) {
		struct str rest = { field.p + i, field.len - i };
		bool is_paragraph = str_has_prefix(rest, STR("¶"));

		if (!is_paragraph && !str_has_prefix(rest, STR("‖"))) {
			marks->text[marks->len++] = field.p[i];
			continue;
		}
		if (marks->n == 64)
			row_fail(row, "too many marks");
		marks->off[marks->n] = marks->len;
		marks->is_paragraph[marks->n++] = is_paragraph;
		i += is_paragraph ? strlen("¶") - 1 : strlen("‖") - 1;
	}
}

static void
check_sentences(const struct row *row, void *context)
{
	static struct marks marks;
	const struct token *tokens;
	size_t n, mark = 0;
	uint32_t sentence = 0, paragraph = 0;

	take_marks(row, &marks);
	n = run(context, row, (struct str) { marks.text, marks.len }, &tokens);
	for (size_t i = 0; i < n; i++) {
		for (; mark < marks.n && marks.off[mark] <= tokens[i].off; mark++) {
			sentence++;
			paragraph += marks.is_paragraph[mark];
		}
		if (tokens[i].sentence != sentence || tokens[i].paragraph != paragraph)
			row_fail(row, "\"%.*s\" is in sentence %u, paragraph %u; wanted %u, %u",
			    STR_FMT(tokens[i].word->surface), tokens[i].sentence, tokens[i].paragraph, sentence,
			    paragraph);
	}
}

static void
test_sentences(void **state)
{
	table_each("analysis-sentences.txt", 30, check_sentences, *state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_meet),
		cmocka_unit_test(test_accents),
		cmocka_unit_test(test_accent_pairs),
		cmocka_unit_test(test_sentences),
	};

	return cmocka_run_group_tests_name("analysis tables", tests, make_analyzer, free_analyzer);
}
