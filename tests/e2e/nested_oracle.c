/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nested_oracle: does a daemon find what plain enumeration finds, and show the same words?
 *
 *	nested_oracle SERVER DOCS.jsonl QUERIES SEED
 *
 * Draws nested queries from words that stand near each other in the documents, asks the daemon for
 * every hit with all its matches, and compares ids and byte spans with tests/query/oracle.h, which
 * enumerates assignments.  The tree comes from the parser; where its leaves stand is looked up here.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/voisin.h"
#include "query/language/parser.h"
#include "tests/e2e/articles.h"
#include "tests/e2e/presence.h"
#include "tests/query/oracle.h"

enum {
	ARENA_BYTES = 64 << 20,
	QUERY_BYTES = 512,
	NEIGHBOURHOOD = 14, /* words of a query stand in so many words of a text */
	MAX_PER_DOCUMENT = 4, /* mean occurrences of a word in the documents that hold it */
	TIMEOUT_MS = 10 * 60 * 1000, /* it is answers that are compared, on however busy a machine */
	MATCHES = 1000, /* that a hit may carry */
	MAX_WORK = 200000 /* assignments of one document; where there are more it is left out */
};

struct bench {
	struct articles articles;
	struct presence presence;
	struct analyzer *analyzer;
	struct voisin *voisin;
	struct arena *arena;
	uint64_t random;
	uint64_t hits, matches, enumerated, left_out;
};

/* The expected matches of one document. */
struct expected {
	struct oracle_set sets[4096];
	uint32_t n;
};

static struct oracle_sets scratch, unit_sets;
static struct expected expected;

/* ---- Drawing queries ---- */

static const char *
word_at(const struct bench *b, const struct doc *doc, uint32_t i)
{
	return b->articles.entries[doc->places[i].entry].lower;
}

/* Whether a word can be typed alone, and is not so frequent that enumeration would never end. */
static bool
is_usable(struct bench *b, const struct entry *e)
{
	const struct token *tokens;
	size_t n;

	return e->occurrences <= (uint64_t)e->n_docs * MAX_PER_DOCUMENT &&
	       analyzer_run(b->analyzer, str_of(e->lower), 1, &tokens, &n, NULL) == STATUS_OK && n == 1 &&
	       str_eq(tokens[0].word->lower, str_of(e->lower));
}

/* Four words of one neighbourhood, the first two of them side by side; false where the draw failed. */
static bool
draw_words(struct bench *b, const char *words[4])
{
	const struct doc *doc = &b->articles.docs[random_below(&b->random, b->articles.n_docs)];
	uint32_t at[4];

	if (doc->n < NEIGHBOURHOOD + 2)
		return false;
	at[0] = random_below(&b->random, doc->n - NEIGHBOURHOOD);
	at[1] = at[0] + 1;
	at[2] = at[0] + 2 + random_below(&b->random, NEIGHBOURHOOD - 2);
	at[3] = at[0] + 2 + random_below(&b->random, NEIGHBOURHOOD - 2);
	for (int i = 0; i < 4; i++) {
		if (!is_usable(b, &b->articles.entries[doc->places[at[i]].entry]))
			return false;
		words[i] = word_at(b, doc, at[i]);
	}
	return true;
}

static const char *const shapes[] = {
	"($1 NEAR/$n $3) NEAR/$f $4",
	"\"$1 $2\" NEAR/$n $3",
	"($3 OR \"$1 $2\") NEAR/$n $4",
	"(\"$1 $2\" NEAR/$n $3) ADJ/$f $4",
	"$1 ADJ/$n ($2 NEAR/$f $3)",
	"NEAR/$n($1, $3, $4)",
	"ADJ/$n($1, $2, $3)",
	"$1 SENT $3",
	"($1 NEAR/$n $2) SENT $3",
	"\"$1 $2\" PARA $4",
	"$1 NOT NEAR/$n $3",
	"($1 NEAR/$n $3) NOT NEAR/$f $4",
	"=$1 NEAR/$n $3",
	"=\"$1 $2\" NEAR/$n $3",
	"$1 NEAR/$n $1",
	"($1 OR $3) NEAR/$n ($2 OR $4 OR $1)",
	"\"$1 $2\"~$f SENT $3",
	"$1 NEAR/$n $3 AND NOT $4",
	"($1 NEAR/$n $3) OR \"$1 $2\"",
	"$1 NEAR/$n $3 DEBUT/60",
	"($1 OR $3)>=2 AND ($2 NEAR $4)",
	"\"$1 * $3\" OR $2 ADJ/$f $4",
};

/* Appends what `$x` of a shape stands for: a word, or a distance. */
static void
fill_in(char *q, char x, const char *const words[4], uint32_t near, uint32_t far)
{
	size_t used = strlen(q);

	if (x == 'n' || x == 'f')
		(void)snprintf(q + used, QUERY_BYTES - used, "%" PRIu32, x == 'n' ? near : far);
	else
		(void)snprintf(q + used, QUERY_BYTES - used, "%s", words[x - '1']);
}

static void
draw_query(struct bench *b, char q[QUERY_BYTES])
{
	const char *words[4];
	const char *shape = shapes[random_below(&b->random, sizeof(shapes) / sizeof(shapes[0]))];
	uint32_t near = random_below(&b->random, 16), far = random_below(&b->random, 6);

	while (!draw_words(b, words))
		continue;
	memset(q, 0, QUERY_BYTES);
	for (; *shape != '\0'; shape++) {
		if (*shape == '$')
			fill_in(q, *++shape, words, near, far);
		else
			q[strlen(q)] = *shape;
	}
}

/* ---- Where leaves stand ---- */

/* Fills the input for one document; false where there is more to enumerate than is sensible. */
static bool
look_up(struct bench *b, const struct query *query, const struct doc *doc, struct match_input *ret_input)
{
	struct positions *leaves = checked(arena_calloc(b->arena, query->n_leaves, sizeof(*leaves)));
	uint32_t *sentences = checked(arena_calloc(b->arena, doc->n, sizeof(uint32_t)));
	uint32_t *paragraphs = checked(arena_calloc(b->arena, doc->n, sizeof(uint32_t)));
	uint64_t work = 1;

	*ret_input = (struct match_input) { .leaves = leaves };
	for (uint32_t l = 0; l < query->n_leaves; l++) {
		uint32_t *v = checked(arena_calloc(b->arena, doc->n, sizeof(uint32_t)));

		leaves[l].v = v;
		for (uint32_t i = 0; i < doc->n; i++) {
			if ((query->leaves[l]->field != FIELD_TITLE || i < doc->n_title) &&
			    (b->presence.of_entries[doc->places[i].entry] >> l & 1) != 0)
				v[leaves[l].n++] = doc->places[i].pos;
		}
		work *= leaves[l].n > 0 ? leaves[l].n : 1;
	}
	for (uint32_t i = 0; i < doc->n; i++) {
		if (doc->places[i].starts_sentence)
			sentences[ret_input->sentences.n++] = doc->places[i].pos;
		if (doc->places[i].starts_paragraph)
			paragraphs[ret_input->paragraphs.n++] = doc->places[i].pos;
	}
	ret_input->sentences.v = sentences;
	ret_input->paragraphs.v = paragraphs;
	ret_input->body_first_pos = doc->n > doc->n_title ? doc->places[doc->n_title].pos : 0;
	return work <= MAX_WORK;
}

/* ---- Comparing ---- */

static bool
add_unit(const struct node *unit, const struct match_input *input)
{
	oracle_matches(unit, input, &unit_sets);
	if (unit_sets.overflow || expected.n + unit_sets.n > sizeof(expected.sets) / sizeof(expected.sets[0]))
		return false;
	memcpy(expected.sets + expected.n, unit_sets.v, unit_sets.n * sizeof(unit_sets.v[0]));
	expected.n += unit_sets.n;
	return true;
}

static bool
expect(const struct query *query, const struct match_input *input)
{
	const struct node *units[ORACLE_UNITS];
	uint32_t numbers[ORACLE_UNITS];
	uint32_t n = oracle_units(query->root, input, &scratch, units, numbers);

	expected.n = 0;
	for (uint32_t i = 0; i < n; i++) {
		if (!add_unit(units[i], input))
			return false;
	}
	return true;
}

static uint32_t
position_of(const struct doc *doc, const struct voisin_span *span)
{
	for (uint32_t i = 0; i < doc->n; i++) {
		bool in_title = i < doc->n_title;

		if (in_title == (span->zone == VOISIN_TITLE) && doc->places[i].off == span->offset &&
		    doc->places[i].len == span->length)
			return doc->places[i].pos;
	}
	return 0;
}

static int
cmp_u32(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Takes one match of the answer out of what is expected; false where it is not there. */
static bool
take_out(const struct doc *doc, const struct voisin_match *match)
{
	struct oracle_set set = { { 0 } };

	if (match->n_spans > ORACLE_LEAVES)
		return false;
	for (size_t i = 0; i < match->n_spans; i++)
		set.pos[i] = position_of(doc, &match->spans[i]);
	qsort(set.pos, match->n_spans, sizeof(set.pos[0]), cmp_u32);
	for (uint32_t i = 0; i < expected.n; i++) {
		if (memcmp(&expected.sets[i], &set, sizeof(set)) == 0) {
			expected.sets[i] = expected.sets[--expected.n];
			return true;
		}
	}
	return false;
}

static bool
compare_hit(struct bench *b, const char *q, const struct doc *doc, const struct voisin_hit *hit)
{
	if (hit->total_matches != expected.n) {
		fprintf(stderr, "%s: %s has %" PRIu64 " matches, not %" PRIu32 "\n", q, doc->id, hit->total_matches,
		    expected.n);
		return false;
	}
	b->matches += expected.n;
	for (size_t i = 0; i < hit->n_matches; i++) {
		if (!take_out(doc, &hit->matches[i])) {
			fprintf(stderr, "%s: match %zu of %s is none\n", q, i, doc->id);
			return false;
		}
	}
	return hit->n_matches == MATCHES || expected.n == 0;
}

/* Walks all hits; marks in `found` what was found and is right. */
static bool
compare_hits(struct bench *b, const char *q, const struct query *query, bool *found)
{
	struct voisin_search search;
	struct voisin_walk *walk;
	const struct voisin_hit *hit;
	struct voisin_error error;
	enum voisin_status status;
	bool right = true;

	voisin_search_init(&search, q);
	search.cursor = "";
	search.passages = 0;
	search.matches = MATCHES;
	if (voisin_walk_new(b->voisin, &search, &walk, &error) != VOISIN_OK)
		exit(2);
	while (right && (status = voisin_walk_next(walk, &hit, &error)) == VOISIN_OK) {
		uint32_t d = articles_find(&b->articles, (struct str) { hit->id.p, hit->id.len });
		struct match_input input;

		arena_reset(b->arena);
		if (d == UINT32_MAX)
			exit(2);
		found[d] = true;
		b->hits++;
		if (!look_up(b, query, &b->articles.docs[d], &input) || !expect(query, &input)) {
			b->left_out++;
			continue;
		}
		right = compare_hit(b, q, &b->articles.docs[d], hit);
	}
	if (right && status != VOISIN_END) {
		fprintf(stderr, "%s: %s\n", q, error.message);
		right = false;
	}
	voisin_walk_free(walk);
	return right;
}

/* Whether no document was missed. */
static bool
compare_misses(struct bench *b, const char *q, const struct query *query, const bool *found)
{
	for (uint32_t d = 0; d < b->articles.n_docs; d++) {
		struct match_input input;

		if (found[d] || !presence_may_satisfy(query->root, b->presence.of_docs[d]))
			continue;
		arena_reset(b->arena);
		if (!look_up(b, query, &b->articles.docs[d], &input)) {
			b->left_out++;
			continue;
		}
		b->enumerated++;
		if (oracle_satisfies(query->root, &input, &scratch)) {
			fprintf(stderr, "%s: misses %s\n", q, b->articles.docs[d].id);
			return false;
		}
	}
	return true;
}

static bool
ask(struct bench *b)
{
	const struct parser_options options = { .any = false };
	char q[QUERY_BYTES];
	struct arena *tree;
	struct query query;
	struct error error;
	bool *found = checked(calloc(b->articles.n_docs + 1, 1));
	bool right;

	draw_query(b, q);
	if (arena_new(ARENA_BYTES, &tree) != STATUS_OK)
		exit(2);
	if (query_parse(tree, b->analyzer, str_of(q), &options, &query, &error) != STATUS_OK) {
		fprintf(stderr, "%s: %s\n", q, error.message);
		right = false;
	} else {
		presence_find(&b->presence, &b->articles, &query);
		right = compare_hits(b, q, &query, found) && compare_misses(b, q, &query, found);
	}
	arena_free(tree);
	free(found);
	return right;
}

int
main(int argc, char **argv)
{
	struct bench b = { .random = 0 };
	struct voisin_error error;
	unsigned long n, wrong = 0;

	if (argc != 5) {
		fputs("usage: nested_oracle SERVER DOCS.jsonl QUERIES SEED\n", stderr);
		return 2;
	}
	n = strtoul(argv[3], NULL, 10);
	b.random = strtoull(argv[4], NULL, 10);
	if (analyzer_new(&b.analyzer, NULL) != STATUS_OK || arena_new(ARENA_BYTES, &b.arena) != STATUS_OK)
		return 2;
	if (voisin_open(argv[1], TIMEOUT_MS, &b.voisin, &error) != VOISIN_OK) {
		fprintf(stderr, "nested_oracle: %s\n", error.message);
		return 2;
	}
	articles_read(&b.articles, b.analyzer, argv[2]);
	presence_init(&b.presence, &b.articles);
	for (unsigned long i = 0; i < n && wrong < 10; i++)
		wrong += !ask(&b);
	printf("%lu nested queries on %" PRIu32 " documents, seed %s: %" PRIu64 " hits, %" PRIu64 " matches, %" PRIu64
	       " documents without a hit enumerated as well, %" PRIu64 " left out, %lu disagreements\n",
	    n, b.articles.n_docs, argv[4], b.hits, b.matches, b.enumerated, b.left_out, wrong);
	presence_done(&b.presence);
	articles_free(&b.articles);
	voisin_close(b.voisin);
	arena_free(b.arena);
	analyzer_free(b.analyzer);
	return wrong != 0;
}
