/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/e2e/articles.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/schema.h"

enum { VOCABULARY_SLOTS = 1 << 21 };

void *
checked(void *p)
{
	if (p == NULL) {
		fputs("out of memory\n", stderr);
		exit(2);
	}
	return p;
}

uint32_t
random_below(uint64_t *state, uint32_t n)
{
	/* splitmix64 (Steele, Lea and Flood 2014) */
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (uint32_t)((z ^ z >> 31) % n);
}

static char *
copy(struct str s)
{
	char *c = checked(malloc(s.len + 1));

	memcpy(c, s.p, s.len);
	c[s.len] = '\0';
	return c;
}

static uint64_t
hash_of(struct str s)
{
	uint64_t h = 1469598103934665603u;

	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.p[i]) * 1099511628211u;
	return h;
}

static uint32_t
entry_of(struct articles *articles, const struct word *word)
{
	uint64_t at = hash_of(word->lower) % VOCABULARY_SLOTS;
	struct entry *e;

	for (; articles->slots[at] != 0; at = (at + 1) % VOCABULARY_SLOTS) {
		if (str_eq(str_of(articles->entries[articles->slots[at] - 1].lower), word->lower))
			return articles->slots[at] - 1;
	}
	articles->entries = checked(realloc(articles->entries, (articles->n_entries + 1) * sizeof(*articles->entries)));
	e = &articles->entries[articles->n_entries];
	*e = (struct entry) { .lower = copy(word->lower), .folded = copy(word->folded) };
	for (uint32_t i = 0; i < word->n_stems && i < ARTICLES_STEMS; i++)
		e->stems[e->n_stems++] = copy(word->stems[i]);
	articles->slots[at] = ++articles->n_entries;
	return articles->n_entries - 1;
}

static void
post(struct articles *articles, struct doc *doc, const struct token *tokens, size_t n)
{
	doc->places = checked(realloc(doc->places, (doc->n + n + 1) * sizeof(*doc->places)));
	for (size_t i = 0; i < n; i++) {
		uint32_t at = entry_of(articles, tokens[i].word);
		struct entry *e = &articles->entries[at];

		doc->places[doc->n++] = (struct place) { at, tokens[i].pos, tokens[i].off, tokens[i].len,
			i == 0 || tokens[i].sentence != tokens[i - 1].sentence,
			i == 0 || tokens[i].paragraph != tokens[i - 1].paragraph };
		e->occurrences++;
		if (e->n_docs > 0 && e->docs[e->n_docs - 1] == articles->n_docs)
			continue;
		e->docs = checked(realloc(e->docs, (e->n_docs + 1) * sizeof(*e->docs)));
		e->docs[e->n_docs++] = articles->n_docs;
	}
}

static struct str
text_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return (struct str) { json_is_string(value) ? json_string_value(value) : "",
		json_is_string(value) ? json_string_length(value) : 0 };
}

/* A title as voisin-index keeps it: without blanks at its ends. */
static struct str
trimmed(struct str s)
{
	while (s.len > 0 && strchr(" \t\r\n", s.p[0]) != NULL) {
		s.p++;
		s.len--;
	}
	while (s.len > 0 && strchr(" \t\r\n", s.p[s.len - 1]) != NULL)
		s.len--;
	return s;
}

static void
read_doc(struct articles *articles, struct analyzer *analyzer, const char *line)
{
	json_t *object = checked(json_loads(line, 0, NULL));
	const struct token *tokens;
	struct doc *doc;
	size_t n;

	articles->docs = checked(realloc(articles->docs, (articles->n_docs + 1) * sizeof(*articles->docs)));
	doc = &articles->docs[articles->n_docs];
	*doc = (struct doc) { .id = copy(text_of(object, "id")) };
	if (analyzer_run(analyzer, trimmed(text_of(object, "title")), 1, &tokens, &n, NULL) != STATUS_OK)
		exit(2);
	post(articles, doc, tokens, n);
	doc->n_title = doc->n;
	if (analyzer_run(analyzer, text_of(object, "text"), schema_body_first_pos(doc->n_title), &tokens, &n, NULL) !=
	    STATUS_OK)
		exit(2);
	post(articles, doc, tokens, n);
	articles->n_docs++;
	json_decref(object);
}

static int
compare_ids(const void *x, const void *y, void *docs)
{
	const struct doc *d = docs;

	return strcmp(d[*(const uint32_t *)x].id, d[*(const uint32_t *)y].id);
}

void
articles_read(struct articles *articles, struct analyzer *analyzer, const char *path)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t size = 0;

	if (file == NULL) {
		perror(path);
		exit(2);
	}
	*articles = (struct articles) { .slots = checked(calloc(VOCABULARY_SLOTS, sizeof(uint32_t))) };
	while (getline(&line, &size, file) > 0)
		read_doc(articles, analyzer, line);
	free(line);
	fclose(file);
	articles->by_id = checked(calloc(articles->n_docs + 1, sizeof(uint32_t)));
	for (uint32_t d = 0; d < articles->n_docs; d++)
		articles->by_id[d] = d;
	qsort_r(articles->by_id, articles->n_docs, sizeof(uint32_t), compare_ids, articles->docs);
}

void
articles_free(struct articles *articles)
{
	for (uint32_t e = 0; e < articles->n_entries; e++) {
		for (uint32_t i = 0; i < articles->entries[e].n_stems; i++)
			free(articles->entries[e].stems[i]);
		free(articles->entries[e].lower);
		free(articles->entries[e].folded);
		free(articles->entries[e].docs);
	}
	for (uint32_t d = 0; d < articles->n_docs; d++) {
		free(articles->docs[d].id);
		free(articles->docs[d].places);
	}
	free(articles->entries);
	free(articles->docs);
	free(articles->slots);
	free(articles->by_id);
}

uint32_t
articles_find(const struct articles *articles, struct str id)
{
	uint32_t low = 0, high = articles->n_docs;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = str_cmp(str_of(articles->docs[articles->by_id[middle]].id), id);

		if (order == 0)
			return articles->by_id[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return UINT32_MAX;
}
