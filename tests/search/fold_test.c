/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Folded pages, walks and counts of an index in which half of the articles are reprints, held against the
 * definition: every match is shown, or stands under the first shown hit that it is a reprint of.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "query/reprints/likeness.h"
#include "tests/search/corpus.h"

enum {
	ARTICLES = 90,
	WORDS = 60,
	TEXT = WORDS * 8,
	ID_BYTES = 8,
	CHANCE = 100,
	VOCABULARY = 90000,
	SEEN = 2 * ARTICLES
};

static unsigned words[ARTICLES][WORDS];
static char texts[ARTICLES][TEXT];
static char ids[ARTICLES][ID_BYTES];
static struct shingle_set sets[ARTICLES];
static uint64_t seed = 7;

static unsigned
draw(unsigned below)
{
	seed += 0x9e3779b97f4a7c15u;
	return (unsigned)(hash_mix(seed) % below);
}

/* One of 90,000 words, or in one case of six "alep" or "syrie". */
static unsigned
draw_word(void)
{
	return draw(6) == 0 ? draw(2) : 2 + draw(VOCABULARY);
}

/* New words, or in two cases of three those of one of the last three articles with up to 40 in a hundred changed. */
static void
draw_article(unsigned i)
{
	static const unsigned changes[] = { 0, 3, 10, 25, 40 };
	unsigned changed = i > 2 && draw(3) > 0 ? changes[draw(5)] : CHANCE, from = i > 2 ? i - 1 - draw(3) : 0;
	size_t used = 0;

	for (int w = 0; w < WORDS; w++) {
		words[i][w] = draw(CHANCE) < changed ? draw_word() : words[from][w];
		if (words[i][w] < 2)
			used +=
			    (size_t)snprintf(texts[i] + used, TEXT - used, "%s ", words[i][w] == 0 ? "alep" : "syrie");
		else
			used += (size_t)snprintf(texts[i] + used, TEXT - used, "m%u ", words[i][w]);
	}
	(void)snprintf(ids[i], ID_BYTES, "%u", i);
}

static void
fill_set(unsigned i)
{
	struct word_list list = { 0 };

	assert_int_equal(word_list_read(&list, str_of(texts[i])), STATUS_OK);
	assert_int_equal(shingle_set_fill(&sets[i], &list), STATUS_OK);
	word_list_done(&list);
}

static bool
are_reprints(unsigned a, unsigned b)
{
	return shingle_sets_likeness(&sets[a], &sets[b]) >= REPRINT_LIKENESS;
}

static struct corpus
open_articles(void **state)
{
	struct store_document documents[ARTICLES];

	for (unsigned i = 0; i < ARTICLES; i++) {
		draw_article(i);
		fill_set(i);
		documents[i] = doc(ids[i], "", texts[i]);
	}
	return corpus_open(*state, documents, ARTICLES);
}

static void
close_articles(struct corpus *corpus)
{
	corpus_close(corpus);
	for (unsigned i = 0; i < ARTICLES; i++)
		shingle_set_done(&sets[i]);
}

/* ---- What a folded list said ---- */

struct told {
	unsigned shown[SEEN]; /* in order */
	unsigned n_shown;
	int head[ARTICLES]; /* whom it was told with, -1 for nobody */
	unsigned n_told;
};

static unsigned
number_of(struct str id)
{
	char text[ID_BYTES] = "";

	assert_true(id.len < ID_BYTES);
	memcpy(text, id.p, id.len);
	return (unsigned)strtoul(text, NULL, 10);
}

static void
tell(struct told *told, unsigned article, unsigned head)
{
	assert_int_equal(told->head[article], -1); /* nobody is told twice */
	told->head[article] = (int)head;
	told->n_told++;
}

static void
add_hits(struct told *told, const struct search_result *result)
{
	for (uint32_t i = 0; i < result->n_hits; i++) {
		const struct search_reprints *reprints = &result->hits[i].reprints;
		unsigned head = number_of(result->hits[i].document.id);

		assert_true(told->n_shown < SEEN);
		told->shown[told->n_shown++] = head;
		tell(told, head, head);
		assert_false(reprints->more);
		assert_int_equal(reprints->n_ids, reprints->count);
		for (uint32_t r = 0; r < reprints->n_ids; r++)
			tell(told, number_of(reprints->ids[r]), head);
	}
}

static struct told
told_nothing(void)
{
	struct told told = { .n_shown = 0 };

	for (unsigned i = 0; i < ARTICLES; i++)
		told.head[i] = -1;
	return told;
}

static struct told
read_pages(struct corpus *corpus, const char *q, enum search_sort sort, uint32_t limit)
{
	struct told told = told_nothing();
	struct search_params params = { .q = str_of(q), .sort = sort, .limit = limit, .fold = true };
	uint32_t n;

	do {
		struct search_result result = ask(corpus, &params);

		n = result.n_hits;
		add_hits(&told, &result);
		params.offset += n;
	} while (n == limit);
	return told;
}

static struct told
read_walk(struct corpus *corpus, const char *q, uint32_t limit)
{
	struct told told = told_nothing();
	char cursor[128] = "";
	struct search_params params = {
		.q = str_of(q), .limit = limit, .all = true, .ids_only = true, .fold = true, .cursor = str_of(cursor)
	};

	do {
		struct search_result result = ask(corpus, &params);

		assert_true(result.n_hits > 0 || result.cursor.len == 0);
		add_hits(&told, &result);
		(void)snprintf(cursor, sizeof(cursor), "%.*s", STR_FMT(result.cursor));
		params.cursor = str_of(cursor);
	} while (cursor[0] != '\0');
	return told;
}

/* All that match, folded or not: by the walk that folds nothing. */
static unsigned
count_matches(struct corpus *corpus, const char *q)
{
	struct search_params params = { .q = str_of(q), .limit = ARTICLES, .ids_only = true };

	return ask(corpus, &params).n_hits;
}

/* Each match stands once, under the first shown hit that it is a reprint of; those that are shown are of none. */
static void
check_told(const struct told *told, unsigned matches)
{
	assert_int_equal(told->n_told, matches);
	for (unsigned i = 0; i < ARTICLES; i++) {
		unsigned first = 0;

		if (told->head[i] < 0)
			continue;
		while (told->shown[first] != i && !are_reprints(told->shown[first], i))
			first++;
		assert_int_equal(told->head[i], told->shown[first]);
	}
}

static const char *const queries[] = {
	"alep",
	"alep OR syrie",
	"alep syrie",
	"alep NEAR/3 syrie",
	"(alep OR syrie) NEAR/2 (alep NEAR/4 syrie)", /* each candidate is checked */
	"\"alep alep\"",
	"m1234567",
};

static void
test_pages(void **state)
{
	static const uint32_t limits[] = { 1, 3, 10, 100 };
	struct corpus corpus = open_articles(state);

	for (size_t q = 0; q < sizeof(queries) / sizeof(queries[0]); q++) {
		for (enum search_sort sort = SEARCH_SORT_RELEVANCE; sort <= SEARCH_SORT_CLOSENESS; sort++) {
			for (size_t l = 0; l < sizeof(limits) / sizeof(limits[0]); l++) {
				struct told told = read_pages(&corpus, queries[q], sort, limits[l]);

				check_told(&told, count_matches(&corpus, queries[q]));
			}
		}
	}
	close_articles(&corpus);
}

/* The parts of the test's own index that make it worth anything. */
static void
test_there_is_something_to_fold(void **state)
{
	struct corpus corpus = open_articles(state);
	struct told told = read_pages(&corpus, "alep OR syrie", SEARCH_SORT_RELEVANCE, 10);
	unsigned broken = 0;

	assert_int_equal(told.n_told, ARTICLES);
	assert_true(told.n_shown > ARTICLES / 4 && told.n_shown < 3 * ARTICLES / 4);
	/* chains: two reprints of one article that are no reprints of each other */
	for (unsigned a = 0; a < ARTICLES; a++) {
		for (unsigned b = 0; b < a; b++)
			broken += told.head[a] == told.head[b] && !are_reprints(a, b);
	}
	assert_true(broken > 0);
	close_articles(&corpus);
}

static void
test_walks_and_counts(void **state)
{
	static const uint32_t limits[] = { 1, 4, 17, 1000 };
	struct corpus corpus = open_articles(state);

	for (size_t q = 0; q < sizeof(queries) / sizeof(queries[0]); q++) {
		struct search_params count = { .q = str_of(queries[q]), .exact_total = true, .fold = true };
		struct search_result counted;

		for (size_t l = 0; l < sizeof(limits) / sizeof(limits[0]); l++) {
			struct told told = read_walk(&corpus, queries[q], limits[l]);
			struct told whole = read_walk(&corpus, queries[q], LIMIT_IDS);

			check_told(&told, count_matches(&corpus, queries[q]));
			assert_int_equal(told.n_shown, whole.n_shown);
			assert_memory_equal(told.shown, whole.shown, told.n_shown * sizeof(told.shown[0]));
			counted = ask(&corpus, &count);
			assert_true(counted.has_articles);
			assert_int_equal(counted.articles, told.n_shown);
			assert_int_equal(counted.total, told.n_told);
		}
	}
	close_articles(&corpus);
}

/* Without fold nothing is folded and nothing told. */
static void
test_unfolded(void **state)
{
	struct corpus corpus = open_articles(state);
	struct search_params params = { .q = STR("alep OR syrie"), .limit = 100 };
	struct search_result result = ask(&corpus, &params);

	assert_int_equal(result.n_hits, ARTICLES);
	assert_false(result.has_articles);
	for (uint32_t i = 0; i < result.n_hits; i++)
		assert_int_equal(result.hits[i].reprints.count, 0);
	close_articles(&corpus);
}

/* ---- Updates: a signature is of its text alone, so that nothing else has to change ---- */

#define DISPATCH "Le convoi est parti à l'aube de la gare et personne n'a dit où il allait ni quand il reviendrait."
#define OTHER "Une autre histoire, qui parle du prix du pain et de rien d'autre, tient pourtant en deux lignes ici."

static const char *
folded_ids(struct corpus *corpus, const char *q)
{
	static char joined[256];
	struct search_params params = { .q = str_of(q), .limit = 10, .all = true, .fold = true };
	struct search_result result = ask(corpus, &params);
	size_t used = 0;

	joined[0] = '\0';
	for (uint32_t i = 0; i < result.n_hits; i++) {
		used += (size_t)snprintf(joined + used, sizeof(joined) - used, "%s%.*s", i > 0 ? " " : "",
		    STR_FMT(result.hits[i].document.id));
		for (uint32_t r = 0; r < result.hits[i].reprints.n_ids; r++)
			used += (size_t)snprintf(
			    joined + used, sizeof(joined) - used, "+%.*s", STR_FMT(result.hits[i].reprints.ids[r]));
	}
	return joined;
}

/* Puts a document, or deletes it where there is no text. */
static void
change(struct corpus *corpus, const char *id, const char *text)
{
	struct store_writer *writer = open_writer(corpus->fixture, STORE_UPDATE);

	if (text != NULL) {
		begin(corpus->fixture, writer, "/f/b.jsonl");
		(void)put(corpus->fixture, writer, id, "", text);
		end(corpus->fixture, writer);
	} else
		check_ok(corpus->fixture, store_writer_delete(writer, str_of(id), &corpus->fixture->error));
	finish(corpus->fixture, writer);
}

static void
test_updates(void **state)
{
	struct fixture *fixture = *state;
	const struct store_document documents[] = { doc("a", "", DISPATCH), doc("b", "", "Alep. " DISPATCH),
		doc("c", "", DISPATCH " Alep."), doc("d", "", OTHER " convoi") };
	struct corpus corpus = corpus_open(fixture, documents, 4);

	assert_string_equal(folded_ids(&corpus, "convoi"), "a+b+c d");
	assert_string_equal(folded_ids(&corpus, "alep"), "b+c"); /* a does not match */
	change(&corpus, "a", NULL); /* the one that was shown */
	assert_string_equal(folded_ids(&corpus, "convoi"), "b+c d");
	change(&corpus, "e", "Dernière minute. " DISPATCH); /* one more */
	assert_string_equal(folded_ids(&corpus, "convoi"), "b+c+e d");
	change(&corpus, "e", OTHER " convoi"); /* becomes another article's */
	assert_string_equal(folded_ids(&corpus, "convoi"), "b+c d+e");
	change(&corpus, "e", NULL);
	assert_string_equal(folded_ids(&corpus, "convoi"), "b+c d");
	corpus_close(&corpus);
}

/* What is too short to be compared is shown, however often it is there. */
static void
test_short_texts(void **state)
{
	const struct store_document documents[] = { doc("a", "", "Voir la vidéo d'Alep"),
		doc("b", "", "Voir la vidéo d'Alep"), doc("c", "", "Alep") };
	struct corpus corpus = corpus_open(*state, documents, 3);

	assert_string_equal(folded_ids(&corpus, "alep"), "a b c");
	corpus_close(&corpus);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(test_pages),
		WITH_FIXTURE(test_there_is_something_to_fold),
		WITH_FIXTURE(test_walks_and_counts),
		WITH_FIXTURE(test_unfolded),
		WITH_FIXTURE(test_updates),
		WITH_FIXTURE(test_short_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
