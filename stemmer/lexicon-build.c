/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lexicon-build: makes the dictionary's table out of a word list; runs at build time.
 *
 *	lexicon-build /usr/share/dict/french lexicon.bin
 *
 * The list has one form a line, in UTF-8.  lexicon-format.h draws the table.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "base/utf8.h"
#include "stemmer/lexicon-format.h"
#include "stemmer/normalize.h"

enum { LIST_BYTES_MAX = 64 * 1024 * 1024, FORMS_MAX = 4 * 1000 * 1000 };

struct form {
	struct str key; /* folded */
	struct str lower;
};

struct list {
	struct form *forms;
	size_t n;
};

static struct str
copy(const char *bytes, size_t len)
{
	char *p = malloc(len + 1);

	if (p == NULL)
		fatal("out of memory");
	memcpy(p, bytes, len);
	return (struct str) { p, len };
}

/* Whether the table can say `lower` as accents over `folded`: letter for letter, Latin-1 over ASCII. */
static bool
is_encodable(const struct spelling *spelling)
{
	struct str lower = { spelling->lower, spelling->lower_len };
	size_t off = 0, i = 0;

	for (; off < lower.len; i++) {
		uint32_t c = utf8_next(lower, &off, NULL);

		if (i >= spelling->folded_len || (unsigned char)spelling->folded[i] >= 0x80)
			return false;
		if (c < 0x80 ? c != (uint32_t)spelling->folded[i] : c < 0xC0 || c > 0xFF)
			return false;
	}
	return i == spelling->folded_len;
}

/*
 * Forms that no token ever is are left out: with an apostrophe, hyphen or full stop; also those with
 * U+00FA, which no French word has and which stands for an apostrophe in wfrench 1.2.7 ("quelqúun").
 */
static bool
is_token(struct str line)
{
	for (size_t i = 0; i < line.len; i++) {
		if (i + 1 < line.len && memcmp(line.p + i, "ú", 2) == 0)
			return false;
		if (line.p[i] == '\'' || line.p[i] == '-' || line.p[i] == '.' || line.p[i] == ' ')
			return false;
	}
	return line.len > 0;
}

static void
add_line(struct list *list, struct str line)
{
	struct spelling spelling;
	bool valid;

	if (!is_token(line))
		return;
	normalize_word(line, TOKEN_WORD, &spelling, &valid);
	if (!valid || spelling.is_cut || !is_encodable(&spelling)) {
		log_warnx("left out=\"%.*s\"", STR_FMT(line));
		return;
	}
	if (list->n == FORMS_MAX)
		fatalx("more than %d forms", FORMS_MAX);
	list->forms[list->n++] = (struct form) {
		copy(spelling.folded, spelling.folded_len),
		copy(spelling.lower, spelling.lower_len),
	};
}

static int
compare_forms(const void *a, const void *b)
{
	const struct form *x = a, *y = b;
	int order = str_cmp(x->key, y->key);

	return order != 0 ? order : str_cmp(x->lower, y->lower);
}

/* Reads, sorts, and drops forms that occur twice (Oeuvre, œuvre). */
static void
read_list(const char *path, struct list *list)
{
	struct buf bytes;
	struct error error;
	size_t start = 0, kept = 0;

	buf_init(&bytes, LIST_BYTES_MAX);
	if (file_read(path, &bytes, &error) != STATUS_OK)
		fatalx("%s", error.message);
	list->forms = calloc(FORMS_MAX, sizeof(*list->forms));
	if (list->forms == NULL)
		fatal("out of memory");
	for (size_t i = 0; i <= bytes.len; i++) {
		if (i < bytes.len && bytes.data[i] != '\n')
			continue;
		add_line(list, (struct str) { bytes.data + start, i - start });
		start = i + 1;
	}
	buf_done(&bytes);
	if (list->n == 0)
		fatalx("no word in %s", path);
	qsort(list->forms, list->n, sizeof(*list->forms), compare_forms);
	for (size_t i = 0; i < list->n; i++) {
		if (kept == 0 || compare_forms(&list->forms[kept - 1], &list->forms[i]) != 0)
			list->forms[kept++] = list->forms[i];
	}
	list->n = kept;
}

static uint32_t
hash_forms(const struct list *list)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < list->n; i++) {
		for (size_t j = 0; j < list->forms[i].lower.len; j++)
			hash = (hash ^ (unsigned char)list->forms[i].lower.p[j]) * 16777619u;
		hash = (hash ^ '\n') * 16777619u;
	}
	return hash;
}

static size_t
shared_bytes(struct str a, struct str b)
{
	size_t n = 0;

	while (n < a.len && n < b.len && a.p[n] == b.p[n])
		n++;
	return n;
}

static void
append_byte(struct buf *out, size_t byte)
{
	if (byte > 255)
		fatalx("a byte of the table is %zu", byte);
	(void)buf_append_char(out, (char)(unsigned char)byte);
}

static void
append_form(struct buf *out, const struct form *form)
{
	size_t accents = form->lower.len - form->key.len; /* each takes one byte more than its letter */
	size_t off = 0;

	append_byte(out, accents);
	for (size_t i = 0; off < form->lower.len; i++) {
		uint32_t c = utf8_next(form->lower, &off, NULL);

		if (c >= 0x80) {
			append_byte(out, i);
			append_byte(out, c);
		}
	}
}

/* Appends the key of forms[from..to), of which `before` is the one before in the block. */
static void
append_key(struct buf *out, const struct list *list, size_t from, size_t to, struct str before)
{
	struct str key = list->forms[from].key;
	size_t shared = shared_bytes(before, key);

	append_byte(out, shared);
	append_byte(out, key.len - shared);
	(void)buf_append(out, key.p + shared, key.len - shared);
	if (to - from > LEXICON_FORMS_MAX)
		fatalx("%zu forms of \"%.*s\"", to - from, STR_FMT(key));
	if (to - from == 1 && list->forms[from].lower.len == key.len) {
		append_byte(out, 0);
		return;
	}
	append_byte(out, to - from);
	for (size_t i = from; i < to; i++)
		append_form(out, &list->forms[i]);
}

static size_t
count_keys(const struct list *list)
{
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++)
		n += i == 0 || !str_eq(list->forms[i - 1].key, list->forms[i].key);
	return n;
}

static void
build(const struct list *list, struct buf *out)
{
	size_t n_keys = count_keys(list), n_blocks = (n_keys + LEXICON_BLOCK_KEYS - 1) / LEXICON_BLOCK_KEYS;
	uint64_t *starts = calloc(n_blocks, sizeof(*starts));
	uint32_t *offsets = calloc(n_blocks, sizeof(*offsets));
	struct lexicon_header header = { LEXICON_MAGIC, (uint32_t)list->n, (uint32_t)n_keys, (uint32_t)n_blocks,
		hash_forms(list), 0 };
	struct str before = { "", 0 };
	size_t key = 0, to;

	if (starts == NULL || offsets == NULL)
		fatal("out of memory");
	(void)buf_append(out, &header, sizeof(header));
	(void)buf_append(out, starts, n_blocks * sizeof(*starts));
	(void)buf_append(out, offsets, n_blocks * sizeof(*offsets));
	for (size_t from = 0; from < list->n; from = to, key++) {
		for (to = from + 1; to < list->n && str_eq(list->forms[from].key, list->forms[to].key); to++)
			;
		if (key % LEXICON_BLOCK_KEYS == 0) {
			starts[key / LEXICON_BLOCK_KEYS] = str_start(list->forms[from].key);
			offsets[key / LEXICON_BLOCK_KEYS] = (uint32_t)out->len;
			before = (struct str) { "", 0 };
		}
		append_key(out, list, from, to, before);
		before = list->forms[from].key;
	}
	if (buf_status(out) != STATUS_OK)
		fatalx("%s", status_text(buf_status(out)));
	header.n_bytes = (uint32_t)out->len;
	memcpy(out->data, &header, sizeof(header));
	memcpy(out->data + sizeof(header), starts, n_blocks * sizeof(*starts));
	memcpy(out->data + sizeof(header) + n_blocks * sizeof(*starts), offsets, n_blocks * sizeof(*offsets));
	free(starts);
	free(offsets);
}

int
main(int argc, char **argv)
{
	struct list list = { 0 };
	struct buf table;
	struct error error;

	log_init("lexicon-build", LOG_LEVEL_WARN);
	if (argc != 3)
		fatalx("usage: lexicon-build WORD-LIST TABLE");
	buf_init(&table, LIST_BYTES_MAX);
	read_list(argv[1], &list);
	build(&list, &table);
	if (file_write_atomic(argv[2], buf_str(&table), &error) != STATUS_OK)
		fatalx("%s", error.message);
	for (size_t i = 0; i < list.n; i++) {
		free((void *)(uintptr_t)list.forms[i].key.p);
		free((void *)(uintptr_t)list.forms[i].lower.p);
	}
	free(list.forms);
	buf_done(&table);
	return 0;
}
