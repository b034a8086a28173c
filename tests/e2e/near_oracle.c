/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * near_oracle: do random NEAR queries find what a plain scan finds?
 *
 *	near_oracle DB DOCS.jsonl QUERIES SEED
 *
 * Draws two-word NEAR queries from the documents, scans the documents for the answer with two loops
 * over positions, and compares with search_run() on the index DB of the same documents.  Shares the
 * analysis with Voisin, and nothing of query/.  A disagreement is printed and ends with status 1.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "query/search.h"
#include "stemmer/analyzer.h"
#include "store/reader.h"
#include "store/schema.h"

enum { VOCABULARY_SLOTS = 1 << 21, MAX_STEMS = 8, ARENA_BYTES = 256 << 20 };

struct entry { /* one distinct lower-case spelling */
	char *lower;
	char *stems[MAX_STEMS];
	uint32_t n_stems;
	uint32_t *docs; /* ascending */
	uint32_t n_docs;
	bool wanted_a, wanted_b; /* does it answer the query's first, second word? */
};

struct place {
	uint32_t entry;
	uint32_t pos;
};

struct doc {
	char *id;
	struct place *places;
	uint32_t n;
};

static struct entry *entries;
static uint32_t n_entries;
static uint32_t *slots; /* entry + 1 */
static struct doc *docs;
static uint32_t n_docs;

static void *
checked(void *p)
{
	if (p == NULL) {
		fputs("near_oracle: out of memory\n", stderr);
		exit(2);
	}
	return p;
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
entry_of(const struct word *word)
{
	uint64_t at = hash_of(word->lower) % VOCABULARY_SLOTS;
	struct entry *e;

	for (; slots[at] != 0; at = (at + 1) % VOCABULARY_SLOTS) {
		if (str_eq(str_of(entries[slots[at] - 1].lower), word->lower))
			return slots[at] - 1;
	}
	entries = checked(realloc(entries, (n_entries + 1) * sizeof(*entries)));
	e = &entries[n_entries];
	memset(e, 0, sizeof(*e));
	e->lower = copy(word->lower);
	for (uint32_t i = 0; i < word->n_stems && i < MAX_STEMS; i++)
		e->stems[e->n_stems++] = copy(word->stems[i]);
	slots[at] = ++n_entries;
	return n_entries - 1;
}

static void
post(struct doc *doc, uint32_t number, const struct token *tokens, size_t n)
{
	doc->places = checked(realloc(doc->places, (doc->n + n + 1) * sizeof(*doc->places)));
	for (size_t i = 0; i < n; i++) {
		uint32_t at = entry_of(tokens[i].word);
		struct entry *e = &entries[at];

		doc->places[doc->n++] = (struct place) { at, tokens[i].pos };
		if (e->n_docs > 0 && e->docs[e->n_docs - 1] == number)
			continue;
		e->docs = checked(realloc(e->docs, (e->n_docs + 1) * sizeof(*e->docs)));
		e->docs[e->n_docs++] = number;
	}
}

static struct str
text_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return (struct str) { json_is_string(value) ? json_string_value(value) : "",
		json_is_string(value) ? json_string_length(value) : 0 };
}

static void
read_doc(struct analyzer *analyzer, const char *line)
{
	json_t *object = checked(json_loads(line, 0, NULL));
	const struct token *tokens;
	struct doc *doc;
	size_t n;

	docs = checked(realloc(docs, (n_docs + 1) * sizeof(*docs)));
	doc = &docs[n_docs];
	*doc = (struct doc) { .id = copy(text_of(object, "id")) };
	if (analyzer_run(analyzer, text_of(object, "title"), 1, &tokens, &n, NULL) != STATUS_OK)
		exit(2);
	post(doc, n_docs, tokens, n);
	if (analyzer_run(analyzer, text_of(object, "text"), schema_body_first_pos((uint32_t)n), &tokens, &n, NULL) !=
	    STATUS_OK)
		exit(2);
	post(doc, n_docs, tokens, n);
	n_docs++;
	json_decref(object);
}

static void
read_docs(struct analyzer *analyzer, const char *path)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t size = 0;

	if (file == NULL) {
		perror(path);
		exit(2);
	}
	while (getline(&line, &size, file) > 0)
		read_doc(analyzer, line);
	free(line);
	fclose(file);
}

static uint64_t random_state;

static uint32_t
random_below(uint32_t n)
{
	/* splitmix64 (Steele, Lea and Flood 2014) */
	uint64_t z = random_state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (uint32_t)((z ^ z >> 31) % n);
}

/* The stems of a word typed alone; false where it is not one word. */
static bool
typed_stems(struct analyzer *analyzer, const char *typed, char *stems[MAX_STEMS], uint32_t *ret_n)
{
	const struct token *tokens;
	size_t n;

	if (analyzer_run(analyzer, str_of(typed), 1, &tokens, &n, NULL) != STATUS_OK || n != 1)
		return false;
	*ret_n = 0;
	for (uint32_t i = 0; i < tokens[0].word->n_stems && i < MAX_STEMS; i++)
		stems[(*ret_n)++] = copy(tokens[0].word->stems[i]);
	return true;
}

static bool
meets(const struct entry *e, char *const stems[MAX_STEMS], uint32_t n)
{
	for (uint32_t i = 0; i < e->n_stems; i++) {
		for (uint32_t j = 0; j < n; j++) {
			if (strcmp(e->stems[i], stems[j]) == 0)
				return true;
		}
	}
	return false;
}

static bool
scan(const struct doc *doc, uint32_t distance)
{
	for (uint32_t i = 0; i < doc->n; i++) {
		if (!entries[doc->places[i].entry].wanted_a)
			continue;
		for (uint32_t j = 0; j < doc->n; j++) {
			uint32_t p = doc->places[i].pos, q = doc->places[j].pos;

			if (p != q && entries[doc->places[j].entry].wanted_b && (p > q ? p - q : q - p) - 1 <= distance)
				return true;
		}
	}
	return false;
}

/* Marks in `right` the documents that the query should find; returns how many. */
static uint32_t
expected(struct analyzer *analyzer, const char *a, const char *b, uint32_t distance, bool *right)
{
	char *stems_a[MAX_STEMS], *stems_b[MAX_STEMS];
	uint32_t n_a = 0, n_b = 0, found = 0;
	bool *has_a = checked(calloc(n_docs, 1));

	if (!typed_stems(analyzer, a, stems_a, &n_a) || !typed_stems(analyzer, b, stems_b, &n_b))
		exit(2);
	for (uint32_t e = 0; e < n_entries; e++) {
		entries[e].wanted_a = meets(&entries[e], stems_a, n_a);
		entries[e].wanted_b = meets(&entries[e], stems_b, n_b);
		for (uint32_t d = 0; entries[e].wanted_a && d < entries[e].n_docs; d++)
			has_a[entries[e].docs[d]] = true;
	}
	for (uint32_t d = 0; d < n_docs; d++) {
		right[d] = has_a[d] && scan(&docs[d], distance);
		found += right[d];
	}
	for (uint32_t i = 0; i < n_a; i++)
		free(stems_a[i]);
	for (uint32_t i = 0; i < n_b; i++)
		free(stems_b[i]);
	free(has_a);
	return found;
}

static uint32_t *by_id; /* documents, sorted by id */

static int
compare_ids(const void *x, const void *y)
{
	return strcmp(docs[*(const uint32_t *)x].id, docs[*(const uint32_t *)y].id);
}

static void
sort_ids(void)
{
	by_id = checked(calloc(n_docs + 1, sizeof(*by_id)));
	for (uint32_t d = 0; d < n_docs; d++)
		by_id[d] = d;
	qsort(by_id, n_docs, sizeof(*by_id), compare_ids);
}

static uint32_t
number_of(struct str id)
{
	uint32_t low = 0, high = n_docs;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = str_cmp(str_of(docs[by_id[middle]].id), id);

		if (order == 0)
			return by_id[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return UINT32_MAX;
}

/* Walks all hits; returns how many of them are right, or UINT32_MAX where one is wrong. */
static uint32_t
compare(struct store_reader *reader, struct analyzer *analyzer, struct arena *arena, const char *q, const bool *right)
{
	struct search_params params = { .q = str_of(q), .limit = LIMIT_IDS, .all = true, .ids_only = true };
	uint32_t found = 0;

	do {
		struct search_result result;
		struct error error;

		if (search_run(reader, analyzer, &params, arena, &result, &error) != STATUS_OK) {
			fprintf(stderr, "%s: %s\n", q, error.message);
			return UINT32_MAX;
		}
		for (uint32_t i = 0; i < result.n_hits; i++) {
			uint32_t d = number_of(result.hits[i].document.id);

			if (d == UINT32_MAX || !right[d]) {
				fprintf(
				    stderr, "%s: finds %.*s, which is wrong\n", q, STR_FMT(result.hits[i].document.id));
				return UINT32_MAX;
			}
			found++;
		}
		params.cursor = result.cursor;
	} while (params.cursor.len > 0);
	return found;
}

/* Draws two words that stand near each other in some document. */
static bool
draw(struct analyzer *analyzer, const char **ret_a, const char **ret_b)
{
	const struct doc *doc = &docs[random_below(n_docs)];
	uint32_t i, j;
	const struct token *tokens;
	size_t n;

	if (doc->n < 2)
		return false;
	i = random_below(doc->n);
	j = i + 1 + random_below(12);
	if (j >= doc->n)
		return false;
	*ret_a = entries[doc->places[i].entry].lower;
	*ret_b = entries[doc->places[j].entry].lower;
	if (analyzer_run(analyzer, str_of(*ret_a), 1, &tokens, &n, NULL) != STATUS_OK || n != 1)
		return false;
	return analyzer_run(analyzer, str_of(*ret_b), 1, &tokens, &n, NULL) == STATUS_OK && n == 1;
}

static bool
ask(struct store_reader *reader, struct analyzer *analyzer, struct arena *arena)
{
	bool *right = checked(calloc(n_docs + 1, 1));
	const char *a, *b;
	char q[256];
	uint32_t distance = random_below(21), n_right, found;
	bool agrees;

	while (!draw(analyzer, &a, &b))
		continue;
	(void)snprintf(q, sizeof(q), "%s NEAR/%" PRIu32 " %s", a, distance, b);
	n_right = expected(analyzer, a, b, distance, right);
	found = compare(reader, analyzer, arena, q, right);
	agrees = found == n_right;
	if (!agrees)
		fprintf(stderr, "%s: a scan finds %" PRIu32 " documents, the index %" PRId32 "\n", q, n_right,
		    (int32_t)found);
	free(right);
	arena_reset(arena);
	return agrees;
}

static void
free_all(void)
{
	for (uint32_t e = 0; e < n_entries; e++) {
		for (uint32_t i = 0; i < entries[e].n_stems; i++)
			free(entries[e].stems[i]);
		free(entries[e].lower);
		free(entries[e].docs);
	}
	for (uint32_t d = 0; d < n_docs; d++) {
		free(docs[d].id);
		free(docs[d].places);
	}
	free(entries);
	free(docs);
	free(slots);
	free(by_id);
}

int
main(int argc, char **argv)
{
	struct analyzer *analyzer = NULL;
	struct store_reader *reader = NULL;
	struct arena *arena = NULL;
	struct error error;
	unsigned long n, wrong = 0;

	if (argc != 5) {
		fputs("usage: near_oracle DB DOCS.jsonl QUERIES SEED\n", stderr);
		return 2;
	}
	n = strtoul(argv[3], NULL, 10);
	random_state = strtoull(argv[4], NULL, 10);
	slots = checked(calloc(VOCABULARY_SLOTS, sizeof(*slots)));
	if (analyzer_new(&analyzer, &error) != STATUS_OK || store_reader_open(argv[1], &reader, &error) != STATUS_OK ||
	    arena_new(ARENA_BYTES, &arena) != STATUS_OK) {
		fprintf(stderr, "near_oracle: %s\n", error.message);
		return 2;
	}
	read_docs(analyzer, argv[2]);
	sort_ids();
	for (unsigned long i = 0; i < n && wrong < 10; i++)
		wrong += !ask(reader, analyzer, arena);
	printf("%lu queries on %" PRIu32 " documents, seed %s: %lu disagreements\n", n, n_docs, argv[4], wrong);
	free_all();
	arena_free(arena);
	store_reader_close(reader);
	analyzer_free(analyzer);
	return wrong != 0;
}
