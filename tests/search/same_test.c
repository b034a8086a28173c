/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One answer of every kind of index: lean, whole with an inverted file, and whole without one, of the same documents, are asked the
 * same random queries, and give the same documents in the same order with the same scores and counts; as they are built, and
 * after documents were changed, deleted and added.  VOISIN_TEST_SEED sets the seed.
 */
#include "tests/search/corpus.h"
#include "tests/search/random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "query/plan/frequency.h"
#include "query/plan/holders.h"
#include "query/plan/terms.h"

enum { DOCUMENTS = 240, MOST = 300, QUERIES = 90, ROUNDS = 3, DEPTH = 3, KINDS = 3 };

static const char *const kinds[KINDS] = { "lean", "whole", "xapian" };

/* The articles, which random_change() changes. */
struct articles {
	char texts[MOST][RANDOM_TEXT_BYTES];
	char titles[MOST][RANDOM_TEXT_BYTES];
	char ids[MOST][16];
	struct store_document v[MOST];
	size_t n;
	unsigned next_id;
};

/* A word of its own, which no document holds any more when this one is changed. */
static void
add_own_word(char *text, unsigned number)
{
	size_t used = strlen(text);

	(void)snprintf(text + used, RANDOM_TEXT_BYTES - used, " reb%c%c%c%s", 'a' + number % 26, 'a' + number / 26 % 26,
	    'a' + number / 676 % 26, number % 2 == 0 ? "" : "s");
}

static void
write_article(struct articles *articles, size_t i)
{
	static const char *const dates[] = { "", "2015-03-01", "2016-12-13", "2016-12-14" };
	struct store_document *article = &articles->v[i];

	(void)snprintf(articles->ids[i], sizeof(articles->ids[i]), "d%03u", articles->next_id++);
	random_text(articles->titles[i], random_below(4));
	for (char *c = articles->titles[i]; *c != '\0'; c++)
		*c = *c == '\n' ? ' ' : *c;
	random_text(articles->texts[i], 3 + random_below(40));
	add_own_word(articles->texts[i], articles->next_id);
	*article = doc(articles->ids[i], articles->titles[i], articles->texts[i]);
	article->language = random_below(4) == 0 ? STR("en") : STR("");
	article->date = str_of(dates[random_below(4)]);
	article->source = random_below(3) == 0 ? STR("AFP") : STR("");
	/* The last words of a text are set aside, or all, which is none. */
	if (random_below(3) == 0 && strstr(articles->texts[i], "\n\n") != NULL) {
		static char spans[MOST][32];
		const char *end = strstr(articles->texts[i], "\n\n") + 2;

		(void)snprintf(spans[i], sizeof(spans[i]), "%zu+%zu", (size_t)(end - articles->texts[i]), strlen(end));
		article->aside = *end != '\0' ? str_of(spans[i]) : STR("");
	}
}

/* One in `share` of them, or with 0 one alone, is changed, or taken away, and some are added. */
static void
change_articles(struct articles *articles, unsigned share)
{
	for (size_t i = 0; i < articles->n; i++) {
		struct str id = articles->v[i].id;
		char same[16];

		if (share > 0 ? random_below(share) > 0 : i != articles->n / 2)
			continue;
		(void)snprintf(same, sizeof(same), "%.*s", STR_FMT(id));
		write_article(articles, i);
		/* A new id where the old one was is a deletion. */
		if (random_below(3) > 0)
			(void)snprintf(articles->ids[i], sizeof(articles->ids[i]), "%s", same);
		articles->v[i].id = str_of(articles->ids[i]);
	}
	for (unsigned more = random_below(8); more > 0 && articles->n < MOST; more--)
		write_article(articles, articles->n++);
}

/* ---- Answers --------------------------------------------------------------------------------- */

static bool
is_same_score(double a, double b)
{
	return fabs(a - b) <= 1e-12 * fmax(1.0, fmax(fabs(a), fabs(b)));
}

/* Whether a hit stands in the other answer at a place of the same score. */
static bool
stands_among_equals(const struct search_result *answer, const struct search_hit *hit)
{
	for (uint32_t i = 0; i < answer->n_hits; i++) {
		if (str_eq(answer->hits[i].document.id, hit->document.id))
			return is_same_score(answer->hits[i].score, hit->score);
	}
	return false;
}

/* Spellings of a name are one too where a phrase among them is not what one operator answers (query/plan/translate.c). */
static bool
has_an_or(const char *query, const struct search_params *params)
{
	return params->any || strstr(query, " OR ") != NULL ||
	       (params->variants != NULL && strpbrk(query, "=*~\"-'") != NULL);
}

static int
compare_docids(const void *a, const void *b)
{
	const struct search_hit *x = a, *y = b;

	return (x->docid > y->docid) - (x->docid < y->docid);
}

/* The same documents, in whichever order. */
static void
check_same_documents(
    const char *query, const char *kind, const struct search_result *one, const struct search_result *other)
{
	struct search_hit a[MOST], b[MOST];

	if (one->n_hits == 0)
		return;
	memcpy(a, one->hits, one->n_hits * sizeof(*a));
	memcpy(b, other->hits, other->n_hits * sizeof(*b));
	qsort(a, one->n_hits, sizeof(*a), compare_docids);
	qsort(b, other->n_hits, sizeof(*b), compare_docids);
	for (uint32_t i = 0; i < one->n_hits; i++) {
		if (a[i].docid != b[i].docid)
			fail_msg("%s: %.*s, and %.*s of the index that is %s", query, STR_FMT(a[i].document.id),
			    STR_FMT(b[i].document.id), kind);
	}
}

/* Scores that differ in their last bit may stand either way round, and one of them behind the page's end. */
static void
check_same(const char *query, const char *kind, bool by_score, const struct search_result *one,
    const struct search_result *other)
{
	double last = one->n_hits > 0 ? one->hits[one->n_hits - 1].score : 0.0;

	if (one->n_hits != other->n_hits)
		fail_msg("%s: %u hits, and %u of the index that is %s", query, one->n_hits, other->n_hits, kind);
	if (one->relation == SEARCH_TOTAL_EXACT && other->relation == SEARCH_TOTAL_EXACT && one->total != other->total)
		fail_msg("%s: %u in all, and %u of the index that is %s", query, (unsigned)one->total,
		    (unsigned)other->total, kind);
	for (uint32_t i = 0; by_score && i < one->n_hits; i++) {
		const struct search_hit *a = &one->hits[i], *b = &other->hits[i];

		if (!is_same_score(a->score, b->score))
			fail_msg("%s: hit %u is %.*s with %.17g, and %.*s with %.17g of the index that is %s", query, i,
			    STR_FMT(a->document.id), a->score, STR_FMT(b->document.id), b->score, kind);
		if (!str_eq(a->document.id, b->document.id) && !is_same_score(a->score, last) &&
		    !stands_among_equals(other, a))
			fail_msg("%s: hit %u is %.*s, and %.*s of the index that is %s", query, i,
			    STR_FMT(a->document.id), STR_FMT(b->document.id), kind);
	}
}

static struct search_result
answer(struct corpus *corpus, const struct search_params *params, struct arena *arena, char *error, size_t size)
{
	struct search_result result = { 0 };
	enum status status =
	    search_run(corpus->reader, corpus->analyzer, params, arena, &result, &corpus->fixture->error);

	(void)snprintf(error, size, "%s", status == STATUS_OK ? "" : corpus->fixture->error.message);
	return result;
}

static void
ask_all(struct corpus *corpora, const struct search_params *params, const char *query)
{
	bool has_or = has_an_or(query, params);
	struct search_result results[KINDS];
	char errors[KINDS][256];

	for (int k = 0; k < KINDS; k++) {
		arena_reset(corpora[k].arena);
		results[k] = answer(&corpora[k], params, corpora[k].arena, errors[k], sizeof(errors[k]));
	}
	for (int k = 1; k < KINDS; k++) {
		/*
		 * Xapian may count the weight of a phrase under an OR where it does not match (docs/matching.md, section 5), and where any word is
		 * enough, sums in another order may put another document into the window of rank.h.
		 */
		bool by_score = k == 1 || !has_or;

		if (strcmp(errors[0], errors[k]) != 0)
			fail_msg("%s: \"%s\" of a lean index, \"%s\" of one that is %s", query, errors[0], errors[k],
			    kinds[k]);
		check_same(query, kinds[k], by_score, &results[0], &results[k]);
		if (params->limit == MOST || params->all)
			check_same_documents(query, kinds[k], &results[0], &results[k]);
	}
}

/* Asks for the best, all, by date, by closeness, with lines that are set aside, any word. */
static void
ask_ways(struct corpus *corpora, const char *query, const struct variants *variants)
{
	struct search_params params = { .q = str_of(query),
		.variants = random_below(2) == 0 ? variants : NULL,
		.limit = 1 + random_below(30),
		.boilerplate = random_below(4) == 0,
		.any = random_below(3) == 0,
		.passages = 2,
		.matches = 5 };

	ask_all(corpora, &params, query);
	params.exact_total = true;
	params.limit = MOST;
	params.ids_only = true;
	ask_all(corpora, &params, query);
	params.sort = random_below(2) == 0 ? SEARCH_SORT_DATE : SEARCH_SORT_CLOSENESS;
	ask_all(corpora, &params, query);
	params.sort = SEARCH_SORT_RELEVANCE;
	params.exact_total = false;
	params.all = true;
	ask_all(corpora, &params, query);
}

/* Words side by side, some of which no document has, so that kin and the order of the best are asked for. */
static void
loose_query(char *out)
{
	static const char *const words[] = { "alep", "armées", "rebellion", "publiera", "trêves", "feux", "qui", "de",
		"cessez-le-feu", "arm*", "=la" };

	for (unsigned n = 1 + random_below(4); n > 0; n--)
		(void)snprintf(out + strlen(out), RANDOM_QUERY_BYTES - strlen(out), "%s ", words[random_below(11)]);
}

/* ---- Terms ----------------------------------------------------------------------------------- */

/* Both find the same documents of a term, and as many as there is room for. */
static void
check_holders(struct corpus *one, struct corpus *other, struct str term, uint32_t documents)
{
	uint32_t a[MOST], b[MOST], most = 1 + random_below(MOST);
	struct holders of_one = { .docids = a, .most = most }, of_other = { .docids = b, .most = most };

	check_ok(one->fixture, holders_find(one->reader, term, &of_one, &one->fixture->error));
	check_ok(other->fixture, holders_find(other->reader, term, &of_other, &other->fixture->error));
	assert_int_equal(of_one.n, documents < most ? documents : most);
	assert_int_equal(of_one.more, documents > most);
	assert_int_equal(of_one.n, of_other.n);
	assert_int_equal(of_one.more, of_other.more);
	assert_memory_equal(a, b, of_one.n * sizeof(*a));
	for (uint32_t i = 1; i < of_one.n; i++)
		assert_true(a[i - 1] < a[i]);
}

/* Both indexes have the same terms with that beginning, each in as many documents. */
static void
check_terms(struct corpus *one, struct corpus *other, const char *prefix, const char *from)
{
	struct terms *a, *b;
	enum status status, of_other;

	check_ok(one->fixture, terms_new(one->reader, str_of(prefix), str_of(from), &a, &one->fixture->error));
	check_ok(other->fixture, terms_new(other->reader, str_of(prefix), str_of(from), &b, &other->fixture->error));
	do {
		struct str term, same;
		uint32_t n = 0, m = 0;

		status = terms_next(a, &term, &one->fixture->error);
		of_other = terms_next(b, &same, &other->fixture->error);
		assert_int_equal(status, of_other);
		if (status != STATUS_OK)
			break;
		check_ok(one->fixture, terms_documents(a, &n, &one->fixture->error));
		check_ok(other->fixture, terms_documents(b, &m, &other->fixture->error));
		if (!str_eq(term, same) || n != m || n == 0)
			fail_msg("%.*s of %u, and %.*s of %u", STR_FMT(term), n, STR_FMT(same), m);
		check_ok(one->fixture, frequency_of(one->reader, term, &m, &one->fixture->error));
		assert_int_equal(n, m);
		check_holders(one, other, term, n);
	} while (true);
	assert_int_equal(status, STATUS_END);
	terms_free(a);
	terms_free(b);
}

static void
check_all_terms(struct corpus *corpora)
{
	static const char *const ranges[][2] = { { "", "a" }, { "", "r" }, { "reb", "reb" }, { "reb", "rebm" },
		{ "Z", "Z" }, { "XB", "XB" }, { "zz", "zz" }, { "Zreb", "Zreb" }, { "XD", "XD" } };

	for (int k = 0; k < KINDS; k++)
		check_ok(corpora[k].fixture, store_reader_refresh(corpora[k].reader, NULL, &corpora[k].fixture->error));
	for (unsigned i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		for (int k = 1; k < KINDS; k++)
			check_terms(&corpora[0], &corpora[k], ranges[i][0], ranges[i][1]);
}

/* ---- Rounds ---------------------------------------------------------------------------------- */

static void
ask_many(struct corpus *corpora, const struct variants *variants)
{
	check_all_terms(corpora);
	for (int i = 0; i < QUERIES; i++) {
		char query[RANDOM_QUERY_BYTES] = "";

		if (i % 3 == 0)
			random_query(query, DEPTH);
		else if (i % 3 == 1)
			random_wide_query(query, 1 + (int)random_below(DEPTH));
		else
			loose_query(query);
		ask_ways(corpora, query, variants);
	}
}

static void
test_same(void **state)
{
	static const unsigned shares[ROUNDS] = { 0, 20, 2 };
	static struct articles articles;
	struct corpus corpora[KINDS];
	void *fixtures[KINDS] = { NULL };
	struct variants *variants;

	(void)state;
	while (articles.n < DOCUMENTS)
		write_article(&articles, articles.n++);
	for (int k = 0; k < KINDS; k++) {
		assert_int_equal(fixture_setup(&fixtures[k]), 0);
		corpora[k] = corpus_open_kind(fixtures[k], kinds[k], articles.v, articles.n);
		assert_int_equal(store_reader_is_lean(corpora[k].reader), strcmp(kinds[k], "lean") == 0);
	}
	assert_int_equal(variants_new(&variants, NULL), STATUS_OK);
	assert_int_equal(variants_add(variants, corpora[0].analyzer, str_of(random_names), "names", NULL), STATUS_OK);
	for (unsigned round = 0; round < ROUNDS; round++) {
		ask_many(corpora, variants);
		change_articles(&articles, shares[round]);
		for (int k = 0; k < KINDS; k++)
			corpus_update(&corpora[k], articles.v, articles.n);
	}
	ask_many(corpora, variants);
	variants_free(variants);
	for (int k = 0; k < KINDS; k++) {
		corpus_close(&corpora[k]);
		assert_int_equal(fixture_teardown(&fixtures[k]), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_same) };
	const char *seed = getenv("VOISIN_TEST_SEED");
	uint64_t number = seed != NULL ? strtoull(seed, NULL, 10) : 20161213;

	random_seed(number);
	printf("seed %llu\n", (unsigned long long)number);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
