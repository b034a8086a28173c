/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table-build: makes the rows of overrides.c out of a text file; runs at build time.
 *
 *	table-build stems exceptions.txt exceptions.inc		{ "yeux", "oeil" },
 *	table-build solid solid.txt solid.inc			{ "weekend", "week" },
 *
 * A line is `left: right right ... # why`.  Of stems, each right is a form in lower case and left its
 * stem; of solid writings, each right goes behind left, and the key is what both are without accents.
 * Rows are sorted by their keys.  A key that stands twice, a line without its reason and a word that
 * the analysis would write otherwise stop the build.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "stemmer/normalize.h"

enum { FILE_BYTES_MAX = 4 * 1024 * 1024, ROWS_MAX = 64 * 1024, KEY_MAX = LIMIT_WORD_BYTES };

struct row {
	char key[KEY_MAX + 1];
	char value[KEY_MAX + 1];
};

struct builder {
	const char *path;
	int line;
	bool is_solid;
	struct row *rows;
	size_t n;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Takes the next word of a line; empty at its end. */
static struct str
take_word(struct str *rest)
{
	size_t start = 0, end;

	while (start < rest->len && is_blank(rest->p[start]))
		start++;
	for (end = start; end < rest->len && !is_blank(rest->p[end]); end++)
		;
	*rest = (struct str) { rest->p + end, rest->len - end };
	return (struct str) { rest->p - (end - start), end - start };
}

/* Appends the word as the analysis spells it: in lower case, or folded where keys are. */
static void
append_spelled(const struct builder *builder, struct str word, char out[KEY_MAX + 1])
{
	struct spelling spelling;
	size_t used = strlen(out), len;
	bool valid;

	normalize_word(word, TOKEN_WORD, &spelling, &valid);
	len = builder->is_solid ? spelling.folded_len : spelling.lower_len;
	if (!valid || spelling.is_cut || used + len > KEY_MAX)
		fatalx("%s:%d: \"%.*s\" is no word", builder->path, builder->line, STR_FMT(word));
	if (!str_eq((struct str) { spelling.lower, spelling.lower_len }, word))
		fatalx("%s:%d: \"%.*s\" is spelled \"%.*s\"", builder->path, builder->line, STR_FMT(word),
		    (int)spelling.lower_len, spelling.lower);
	memcpy(out + used, builder->is_solid ? spelling.folded : spelling.lower, len);
	out[used + len] = '\0';
}

static void
add_row(struct builder *builder, struct str left, struct str right)
{
	struct row *row = &builder->rows[builder->n];

	if (builder->n == ROWS_MAX)
		fatalx("%s: more than %d words", builder->path, ROWS_MAX);
	builder->n++;
	row->key[0] = row->value[0] = '\0';
	append_spelled(builder, left, row->value);
	if (builder->is_solid)
		append_spelled(builder, left, row->key);
	append_spelled(builder, right, row->key);
}

static void
read_line(struct builder *builder, struct str line)
{
	const char *comment = line.len > 0 ? memchr(line.p, '#', line.len) : NULL;
	struct str rest = { line.p, comment != NULL ? (size_t)(comment - line.p) : line.len };
	struct str left = take_word(&rest), right = take_word(&rest);

	if (left.len == 0)
		return;
	if (left.len < 2 || left.p[left.len - 1] != ':' || right.len == 0)
		fatalx("%s:%d: a line is \"left: right ... # why\"", builder->path, builder->line);
	if (comment == NULL || comment + 2 >= line.p + line.len)
		fatalx("%s:%d: the reason is missing", builder->path, builder->line);
	left.len--;
	for (; right.len > 0; right = take_word(&rest))
		add_row(builder, left, right);
}

static int
compare_rows(const void *a, const void *b)
{
	return strcmp(((const struct row *)a)->key, ((const struct row *)b)->key);
}

static void
read_file(struct builder *builder)
{
	struct buf bytes;
	struct error error;
	size_t start = 0;

	buf_init(&bytes, FILE_BYTES_MAX);
	if (file_read(builder->path, &bytes, &error) != STATUS_OK)
		fatalx("%s", error.message);
	for (size_t i = 0; i <= bytes.len; i++) {
		if (i < bytes.len && bytes.data[i] != '\n')
			continue;
		builder->line++;
		read_line(builder, (struct str) { bytes.data + start, i - start });
		start = i + 1;
	}
	buf_done(&bytes);
	qsort(builder->rows, builder->n, sizeof(*builder->rows), compare_rows);
	for (size_t i = 1; i < builder->n; i++) {
		if (compare_rows(&builder->rows[i - 1], &builder->rows[i]) == 0)
			fatalx("%s: \"%s\" stands there twice", builder->path, builder->rows[i].key);
	}
}

int
main(int argc, char **argv)
{
	struct builder builder = { 0 };
	struct buf out;
	struct error error;

	log_init("table-build", LOG_LEVEL_WARN);
	if (argc != 4 || (strcmp(argv[1], "stems") != 0 && strcmp(argv[1], "solid") != 0))
		fatalx("usage: table-build stems|solid TEXT ROWS");
	builder.path = argv[2];
	builder.is_solid = strcmp(argv[1], "solid") == 0;
	builder.rows = calloc(ROWS_MAX, sizeof(*builder.rows));
	if (builder.rows == NULL)
		fatal("out of memory");
	read_file(&builder);
	buf_init(&out, FILE_BYTES_MAX);
	(void)buf_printf(&out, "/* Made by table-build. */\n");
	for (size_t i = 0; i < builder.n; i++)
		(void)buf_printf(&out, "{ 0x%016llx, \"%s\", \"%s\" },\n",
		    (unsigned long long)str_start(str_of(builder.rows[i].key)), builder.rows[i].key,
		    builder.rows[i].value);
	if (buf_status(&out) != STATUS_OK)
		fatalx("%s", status_text(buf_status(&out)));
	if (file_write_atomic(argv[3], buf_str(&out), &error) != STATUS_OK)
		fatalx("%s", error.message);
	buf_done(&out);
	free(builder.rows);
	return 0;
}
