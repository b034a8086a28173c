/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The main text of pages: tests/data/pages/NAME.html and NAME.txt, the text that a reader would call the article, a
 * paragraph between empty lines.  Each page says how much of that is found (recall) and how much of what is found is
 * that (precision), in words; and what a page says of itself, by a table.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/limits.h"
#include "tests/indexer/hear.h"

enum { PAGES_MIN = 12, WORDS_MAX = 4096, PATH_BYTES = 4096, NAME_BYTES = 256 };

#define PAGES TEST_DATA_DIR "/pages/"

static struct buf
load(const char *name, const char *ending)
{
	char path[PATH_BYTES];
	struct buf bytes;

	(void)snprintf(path, sizeof(path), PAGES "%s%s", name, ending);
	buf_init(&bytes, LIMIT_SOURCE_BYTES);
	assert_int_equal(file_read(path, &bytes, NULL), STATUS_OK);
	return bytes;
}

/* Cuts a copy of the text at white space. */
static size_t
words_of(struct str text, char **ret_copy, char *words[WORDS_MAX])
{
	char *rest = strndup(text.p, text.len);
	size_t n = 0;

	*ret_copy = rest;
	for (char *word = strsep(&rest, " \n\t"); word != NULL; word = strsep(&rest, " \n\t")) {
		assert_true(n < WORDS_MAX);
		if (*word != '\0')
			words[n++] = word;
	}
	return n;
}

/* The length of the longest common subsequence of words (Hunt and McIlroy 1976, the plain way). */
static size_t
common(char *const *a, size_t n_a, char *const *b, size_t n_b)
{
	static size_t row[WORDS_MAX + 1];

	memset(row, 0, sizeof(row));
	for (size_t i = 0; i < n_a; i++) {
		size_t diagonal = 0;

		for (size_t j = 0; j < n_b; j++) {
			size_t above = row[j + 1];

			if (strcmp(a[i], b[j]) == 0)
				row[j + 1] = diagonal + 1;
			else if (row[j] > above)
				row[j + 1] = row[j];
			diagonal = above;
		}
	}
	return row[n_b];
}

struct score {
	size_t found, expected, right;
};

static struct score
score_page(const char *name)
{
	static char *found[WORDS_MAX], *expected[WORDS_MAX];
	struct buf html = load(name, ".html"), text = load(name, ".txt");
	char *found_copy, *expected_copy;
	struct score score;

	(void)hear("page.html", buf_str(&html));
	score.found = words_of(heard_text(), &found_copy, found);
	score.expected = words_of(buf_str(&text), &expected_copy, expected);
	score.right = common(found, score.found, expected, score.expected);
	free(found_copy);
	free(expected_copy);
	buf_done(&html);
	buf_done(&text);
	return score;
}

static void
test_main_text(void **state)
{
	DIR *folder = opendir(PAGES);
	const struct dirent *entry;
	struct score all = { 0, 0, 0 };
	unsigned n = 0;

	(void)state;
	assert_non_null(folder);
	while ((entry = readdir(folder)) != NULL) {
		const char *dot = strstr(entry->d_name, ".html");
		char name[NAME_BYTES];
		struct score score;

		if (dot == NULL)
			continue;
		(void)snprintf(name, sizeof(name), "%.*s", (int)(dot - entry->d_name), entry->d_name);
		score = score_page(name);
		printf("%-12s recall %.3f precision %.3f\n", name, (double)score.right / (double)score.expected,
		    (double)score.right / (double)score.found);
		/* Nothing of an article may be lost, and little else be in it. */
		assert_int_equal(score.right, score.expected);
		all.found += score.found;
		all.expected += score.expected;
		all.right += score.right;
		n++;
	}
	(void)closedir(folder);
	printf("%-12s recall %.3f precision %.3f, %u pages\n", "all", (double)all.right / (double)all.expected,
	    (double)all.right / (double)all.found, n);
	assert_true(n >= PAGES_MIN);
	assert_true(all.right * 100 >= all.found * 97);
}

#define BODY "<p>Le texte de l'article, assez long pour en être un, avec une phrase et puis une autre.</p>"
#define TEXT "Le texte de l'article, assez long pour en être un, avec une phrase et puis une autre.\n"

static void
test_meta(void **state)
{
	static const struct {
		const char *page, *heard;
	} cases[] = {
		{ "<title>Titre</title>" BODY, "0 p.html|Titre||||" TEXT },
		{ "<title>Titre | Le Journal</title><meta property=og:site_name content='Le Journal'>" BODY,
		    "0 p.html|Titre||Le Journal||" TEXT },
		{ "<title>x</title><h1>Le vrai titre</h1>" BODY, "0 p.html|Le vrai titre||||" TEXT },
		{ "<meta name=date content='07/12/2016'><meta name=author content='Jeanne'>" BODY,
		    "0 p.html||2016-12-07 metadata|||" TEXT "  author=Jeanne\n" },
		{ "<time datetime='2016-12-07T10:00'>mercredi</time>" BODY,
		    "0 p.html||2016-12-07 metadata|||mercredi\n\n" TEXT },
		{ "<link rel=canonical href='https://www.exemple.example/a?b=1&amp;c=2'>" BODY,
		    "0 p.html|||exemple.example|https://www.exemple.example/a?b=1&c=2|" TEXT },
		{ "<link rel=canonical href='/relatif'><link rel=canonical href='javascript:x'>" BODY,
		    "0 p.html|||||" TEXT },
		{ "<script "
		  "type='application/ld+json'>{\"@graph\":[{\"@type\":\"WebPage\",\"name\":\"page\"},{\"@type\":["
		  "\"NewsArticle\"],\"headline\":\"A\\u0027B\",\"datePublished\":\"2016-12-07\",\"author\":[{\"name\":"
		  "\"Un\"},{\"name\":\"Deux\"}],\"publisher\":{\"name\":\"AFP\"},\"mainEntityOfPage\":{\"@id\":"
		  "\"https://a.example/1\"}}]}</script>" BODY,
		    "0 p.html|A'B|2016-12-07 metadata|AFP|https://a.example/1|" TEXT "  author=Un, Deux\n" },
		{ "<script type='application/ld+json'>{\"@type\":</script><title>T</title>" BODY,
		    "0 p.html|T||||" TEXT },
		{ "<meta charset=iso-8859-1><title>\xE9t\xE9</title>" BODY,
		    "~converted\n~repaired\n0 p.html|\xC3\xA9t\xC3\xA9||||" TEXT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(hear("p.html", str_of(cases[i].page)), cases[i].heard);
}

static void
repeat(struct buf *out, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		(void)buf_append_str(out, str_of(text));
}

/* Elements in each other, elements without end: refused, or read, and never a crash. */
static void
test_hostile_pages(void **state)
{
	static const struct {
		const char *piece;
		size_t times;
	} cases[] = { { "<div>", 100000 }, { "<b><i>", 100000 }, { "<table><tr><td>", 50000 }, { "<br>", 100000 },
		{ "<a href=x>", 100000 }, { "<", 100000 }, { "&", 100000 }, { "<p id=\"", 50000 }, { "<!--", 50000 },
		{ "</div>", 100000 }, { "<script>", 50000 }, { "<ul><li>", 50000 } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf page;
		const char *heard;

		buf_init(&page, LIMIT_SOURCE_BYTES);
		(void)buf_append_str(&page, STR(BODY));
		repeat(&page, cases[i].piece, cases[i].times);
		heard = hear("p.html", buf_str(&page));
		if (strstr(heard, "Le texte de l'article") == NULL && strstr(heard, "LIMIT_SOURCE_DEPTH") == NULL)
			fail_msg("%s: %.200s", cases[i].piece, heard);
		buf_done(&page);
	}
	assert_string_equal(hear("p.html", STR("")), "0 !the text is empty\n");
	assert_string_equal(
	    hear("p.html", STR("<!DOCTYPE html [<!ENTITY a 'b'>]><p>&a;</p>")), "0 p.html|||||]>\n\n&a;\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_main_text),
		cmocka_unit_test(test_meta),
		cmocka_unit_test(test_hostile_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
