/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two passes over the lines of a document: what each one is by the rules and by how often it was
 * seen; then what it is beside its neighbours.  Counts are kept by a hash of source and line in one
 * table of bounded size.
 */
#include "indexer/boilerplate.h"

#include <stdlib.h>

#include "base/limits.h"
#include "indexer/boilerplate-rules.h"
#include "store/aside.h"
#include "store/lines.h"

enum {
	TABLE_FIRST = 1 << 12,
	TABLE_MAX = 1 << 21, /* slots; when three quarters are taken, lines that are new are not counted */
	TAGS_LINES = 20, /* labels that a list of tags may have */
	/* A line recurs where it stands in so many documents, and so large a share of its source's. */
	FEW = 5,
	SHARE_OF_FEW = 5, /* one in five */
	MANY = 100,
	SHARE_OF_MANY = 50 /* one in fifty */
};

struct count {
	uint64_t key; /* 0: free */
	uint32_t documents;
	uint32_t last; /* the document that was counted last */
};

struct line {
	struct text_span span;
	enum line_kind kind;
};

struct boilerplate {
	boilerplate_frequency_cb *frequency_cb;
	void *arg;
	struct analyzer *analyzer;
	struct count *table;
	size_t n_slots;
	size_t n_taken;
	uint32_t document; /* the number of the last one */
	struct line *lines; /* of one document, those that are not blank */
	size_t n_lines;
	size_t cap_lines;
	struct buf aside;
	uint64_t total_lines;
	uint64_t total_aside;
};

static enum status
no_memory(struct error *reterr)
{
	return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
}

enum status
boilerplate_new(
    boilerplate_frequency_cb *frequency_cb, void *arg, struct boilerplate **ret_boilerplate, struct error *reterr)
{
	struct boilerplate *made = calloc(1, sizeof(*made));
	enum status status;

	if (made == NULL)
		return no_memory(reterr);
	made->frequency_cb = frequency_cb;
	made->arg = arg;
	made->n_slots = TABLE_FIRST;
	made->table = calloc(made->n_slots, sizeof(*made->table));
	buf_init(&made->aside, LIMIT_DOCUMENT_BYTES);
	status = made->table != NULL ? analyzer_new(&made->analyzer, reterr) : no_memory(reterr);
	if (status != STATUS_OK) {
		boilerplate_free(made);
		return status;
	}
	*ret_boilerplate = made;
	return STATUS_OK;
}

void
boilerplate_free(struct boilerplate *boilerplate)
{
	if (boilerplate == NULL)
		return;
	analyzer_free(boilerplate->analyzer);
	buf_done(&boilerplate->aside);
	free(boilerplate->lines);
	free(boilerplate->table);
	free(boilerplate);
}

/* ---- How often a line was seen --------------------------------------------------------------- */

/* The slot of a key, or the free one where it belongs. */
static struct count *
find_slot(struct count *table, size_t n_slots, uint64_t key)
{
	size_t i = (size_t)key & (n_slots - 1);

	while (table[i].key != 0 && table[i].key != key)
		i = (i + 1) & (n_slots - 1);
	return &table[i];
}

static enum status
grow_table(struct boilerplate *boilerplate, struct error *reterr)
{
	size_t n_slots = boilerplate->n_slots * 2;
	struct count *table = calloc(n_slots, sizeof(*table));

	if (table == NULL)
		return no_memory(reterr);
	for (size_t i = 0; i < boilerplate->n_slots; i++) {
		if (boilerplate->table[i].key != 0)
			*find_slot(table, n_slots, boilerplate->table[i].key) = boilerplate->table[i];
	}
	free(boilerplate->table);
	boilerplate->table = table;
	boilerplate->n_slots = n_slots;
	return STATUS_OK;
}

/* The digits of a term as a number that is not 0. */
static uint64_t
key_of(struct str term)
{
	uint64_t key = 0;

	for (size_t i = term.len - 16; i < term.len; i++)
		key = key << 4 | (uint64_t)(term.p[i] <= '9' ? term.p[i] - '0' : term.p[i] - 'a' + 10);
	return key != 0 ? key : 1;
}

static bool
is_full(const struct boilerplate *boilerplate)
{
	return boilerplate->n_taken * 4 >= boilerplate->n_slots * 3;
}

/* A slot for a line that was not met yet in this run; what the index knows of it is where it starts. */
static enum status
take_slot(
    struct boilerplate *boilerplate, struct str term, uint64_t key, struct count **ret_count, struct error *reterr)
{
	uint32_t known = 0;
	enum status status = STATUS_OK;

	*ret_count = NULL;
	if (is_full(boilerplate) && boilerplate->n_slots < TABLE_MAX)
		status = grow_table(boilerplate, reterr);
	if (status == STATUS_OK && !is_full(boilerplate) && boilerplate->frequency_cb != NULL)
		status = boilerplate->frequency_cb(boilerplate->arg, term, &known, reterr);
	if (status != STATUS_OK || is_full(boilerplate))
		return status;
	*ret_count = find_slot(boilerplate->table, boilerplate->n_slots, key);
	**ret_count = (struct count) { .key = key, .documents = known };
	boilerplate->n_taken++;
	return STATUS_OK;
}

/* In how many documents the line stands, the present one included; an empty line is the source. */
static enum status
count_line(
    struct boilerplate *boilerplate, struct str source, struct str line, uint32_t *ret_documents, struct error *reterr)
{
	char space[LINES_TERM_BYTES + 1];
	struct str term = lines_term(source, line, space);
	uint64_t key = key_of(term);
	struct count *count = find_slot(boilerplate->table, boilerplate->n_slots, key);

	*ret_documents = 0;
	if (count->key == 0) {
		enum status status = take_slot(boilerplate, term, key, &count, reterr);

		if (status != STATUS_OK || count == NULL)
			return status;
	}
	count->documents += count->last != boilerplate->document;
	count->last = boilerplate->document;
	*ret_documents = count->documents;
	return STATUS_OK;
}

static bool
recurs(uint32_t documents, uint32_t of)
{
	return (documents >= FEW && (uint64_t)documents * SHARE_OF_FEW >= of) ||
	       (documents >= MANY && (uint64_t)documents * SHARE_OF_MANY >= of);
}

/* ---- The lines of a document ----------------------------------------------------------------- */

static enum status
add_line(struct boilerplate *boilerplate, struct text_span span, enum line_kind kind, struct error *reterr)
{
	if (boilerplate->n_lines == boilerplate->cap_lines) {
		size_t cap = boilerplate->cap_lines > 0 ? boilerplate->cap_lines * 2 : 256;
		struct line *lines = realloc(boilerplate->lines, cap * sizeof(*lines));

		if (lines == NULL)
			return no_memory(reterr);
		boilerplate->lines = lines;
		boilerplate->cap_lines = cap;
	}
	boilerplate->lines[boilerplate->n_lines++] = (struct line) { span, kind };
	return STATUS_OK;
}

/* What a line is, by the rules and by its number. */
static enum status
judge(struct boilerplate *boilerplate, struct str source, uint32_t of, struct str line, enum line_kind *ret_kind,
    struct error *reterr)
{
	uint32_t documents = 0;
	enum status status = boilerplate_line_kind(boilerplate->analyzer, line, ret_kind, reterr);

	if (status != STATUS_OK || !lines_is_short(line))
		return status;
	status = count_line(boilerplate, source, line, &documents, reterr);
	if (status == STATUS_OK && *ret_kind != LINE_TAGS && recurs(documents, of))
		*ret_kind = LINE_ASIDE;
	return status;
}

static enum status
judge_lines(struct boilerplate *boilerplate, const struct store_document *document, struct error *reterr)
{
	struct str line;
	size_t off = 0;
	uint32_t of;
	enum status status;

	boilerplate->document++;
	boilerplate->n_lines = 0;
	status = count_line(boilerplate, document->source, (struct str) { "", 0 }, &of, reterr);
	while (status == STATUS_OK && lines_next(document->text, &off, &line)) {
		const struct text_span span = { (uint32_t)(line.p - document->text.p), (uint32_t)line.len };
		enum line_kind kind;

		if (line.len == 0)
			continue;
		status = judge(boilerplate, document->source, of, line, &kind, reterr);
		if (status == STATUS_OK)
			status = add_line(boilerplate, span, kind, reterr);
	}
	return status;
}

/* The labels behind a heading of tags. */
static void
take_tags(struct line *lines, size_t n)
{
	size_t left = 0;

	for (size_t i = 0; i < n; i++) {
		if (lines[i].kind == LINE_TAGS)
			left = TAGS_LINES + 1;
		else if (lines[i].kind == LINE_TEXT)
			left = 0;
		if (left == 0)
			continue;
		lines[i].kind = LINE_ASIDE;
		left--;
	}
}

/* Rows of networks, one a line: the name of one alone can be a heading of the text. */
static void
take_networks(struct line *lines, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool before = i > 0 && lines[i - 1].kind == LINE_ASIDE;
		bool after = i + 1 < n && (lines[i + 1].kind == LINE_ASIDE || lines[i + 1].kind == LINE_SHARE);

		if (lines[i].kind == LINE_SHARE && (before || after))
			lines[i].kind = LINE_ASIDE;
	}
}

/* How many lines from `from` on are set aside. */
static size_t
run_of_aside(const struct boilerplate *boilerplate, size_t from)
{
	size_t n = 0;

	while (from + n < boilerplate->n_lines && boilerplate->lines[from + n].kind == LINE_ASIDE)
		n++;
	return n;
}

/* Writes the spans of lines set aside, those that follow one another as one; none where no text would be left. */
static enum status
write_aside(struct boilerplate *boilerplate, struct error *reterr)
{
	const struct line *lines = boilerplate->lines;
	size_t n_spans = 0, n;

	buf_reset(&boilerplate->aside);
	if (run_of_aside(boilerplate, 0) == boilerplate->n_lines)
		return STATUS_OK;
	for (size_t i = 0; i < boilerplate->n_lines && n_spans < LIMIT_ASIDE_SPANS; i += n + 1) {
		n = run_of_aside(boilerplate, i);
		if (n == 0)
			continue;
		n_spans++;
		boilerplate->total_aside += n;
		if (aside_append(&boilerplate->aside,
			(struct text_span) { lines[i].span.off,
			    lines[i + n - 1].span.off + lines[i + n - 1].span.len - lines[i].span.off }) != STATUS_OK)
			return no_memory(reterr);
	}
	return STATUS_OK;
}

enum status
boilerplate_note(struct boilerplate *boilerplate, const struct store_document *document, struct error *reterr)
{
	return judge_lines(boilerplate, document, reterr);
}

enum status
boilerplate_mark(struct boilerplate *boilerplate, struct store_document *document, struct error *reterr)
{
	enum status status = judge_lines(boilerplate, document, reterr);

	if (status != STATUS_OK)
		return status;
	take_tags(boilerplate->lines, boilerplate->n_lines);
	take_networks(boilerplate->lines, boilerplate->n_lines);
	boilerplate->total_lines += boilerplate->n_lines;
	status = write_aside(boilerplate, reterr);
	if (status == STATUS_OK)
		document->aside = buf_str(&boilerplate->aside);
	return status;
}

bool
boilerplate_has(struct boilerplate *boilerplate, struct str line)
{
	enum line_kind kind = LINE_TEXT;

	if (line.len > 0 && boilerplate_line_kind(boilerplate->analyzer, line, &kind, NULL) != STATUS_OK)
		return false;
	return kind == LINE_ASIDE || kind == LINE_TAGS;
}

void
boilerplate_counts(const struct boilerplate *boilerplate, uint64_t *ret_lines, uint64_t *ret_aside)
{
	*ret_lines = boilerplate->total_lines;
	*ret_aside = boilerplate->total_aside;
}
