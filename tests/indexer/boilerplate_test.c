/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is set aside, and above all what is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "indexer/boilerplate-rules.h"
#include "indexer/boilerplate.h"
#include "store/aside.h"

static const struct {
	const char *line;
	enum line_kind kind;
} lines[] = {
	{ "Partager :", LINE_ASIDE },
	{ "PARTAGER:", LINE_ASIDE },
	{ "Partager : Facebook Twitter Imprimer", LINE_ASIDE },
	{ "Partager sur Facebook", LINE_ASIDE },
	{ "Partager sur X", LINE_SHARE },
	{ "Facebook", LINE_SHARE },
	{ "Facebook Twitter WhatsApp E-mail", LINE_ASIDE },
	{ "Facebook supprime mille emplois", LINE_LABEL },
	{ "Facebook et Twitter répondent devant les députés.", LINE_TEXT },
	{ "Tags:", LINE_TAGS },
	{ "Étiquettes", LINE_TAGS },
	{ "ETIQUETTES :", LINE_TAGS },
	{ "Tags : Syrie, diplomatie, Genève", LINE_ASIDE },
	{ "Mots-clés : budget", LINE_ASIDE },
	{ "Leave a Comment", LINE_ASIDE },
	{ "Laisser un commentaire", LINE_ASIDE },
	{ "3 commentaires", LINE_ASIDE },
	{ "Les commentaires du ministre ont surpris.", LINE_TEXT },
	{ "Your email address will not be published. Required fields are marked *", LINE_ASIDE },
	{ "Votre adresse e-mail ne sera pas publiée.", LINE_ASIDE },
	{ "A lire: Le pont fermé pour l'hiver", LINE_ASIDE },
	{ "À lire aussi : Le pont fermé pour l’hiver", LINE_ASIDE },
	{ "Lire aussi", LINE_ASIDE },
	{ "A lire la presse du matin, tout va bien.", LINE_TEXT },
	{ "Lire : un plaisir qui se perd, disent les libraires réunis à Nantes pour leur congrès annuel, qui a duré "
	  "trois "
	  "jours et rassemblé plus de deux mille personnes venues de toute la France et de Belgique pour parler du "
	  "livre et "
	  "de son prix.",
	    LINE_TEXT },
	{ "(L'article date d'avant les inondations)", LINE_ASIDE },
	{ "L'article date d'avant les inondations", LINE_TEXT },
	{ "(Mis à jour à 18 h 30)", LINE_ASIDE },
	{ "(Les noms ont été changés)", LINE_TEXT },
	{ "https://exemple.example/images/pont.jpg", LINE_ASIDE },
	{ "www.exemple.example", LINE_ASIDE },
	{ "https://exemple.example montre le pont", LINE_TEXT },
	{ "510578 01 03 1481125894 56", LINE_ASIDE },
	{ "12 34 56", LINE_LABEL },
	{ "300 000", LINE_LABEL },
	{ "© Agence du Nord", LINE_ASIDE },
	{ "Tous droits réservés.", LINE_ASIDE },
	{ "Publicité", LINE_ASIDE },
	{ "La publicité change.", LINE_TEXT },
	{ "l'accueil.", LINE_TEXT },
	{ ",", LINE_LABEL },
	{ "Alep", LINE_LABEL },
	{ "Le trafic reprend.", LINE_TEXT },
};

static void
test_lines(void **state)
{
	struct analyzer *analyzer;

	(void)state;
	assert_int_equal(analyzer_new(&analyzer, NULL), STATUS_OK);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		enum line_kind kind;

		assert_int_equal(boilerplate_line_kind(analyzer, str_of(lines[i].line), &kind, NULL), STATUS_OK);
		if (kind != lines[i].kind)
			fail_msg("\"%s\" is of kind %d, not %d", lines[i].line, (int)kind, (int)lines[i].kind);
	}
	analyzer_free(analyzer);
}

/* What is set aside of a text, its spans joined by bars; static. */
static const char *
aside_of(struct boilerplate *boilerplate, const char *source, const char *text)
{
	static char joined[1024];
	struct store_document document = { .text = str_of(text), .source = str_of(source) };
	struct text_span span;
	struct str rest;
	size_t used = 0;

	joined[0] = '\0';
	assert_int_equal(boilerplate_mark(boilerplate, &document, NULL), STATUS_OK);
	assert_int_equal(aside_check(&document, NULL), STATUS_OK);
	rest = document.aside;
	while (aside_next(&rest, &span))
		used += (size_t)snprintf(joined + used, sizeof(joined) - used, "%s%.*s", used > 0 ? "|" : "",
		    (int)span.len, text + span.off);
	return joined;
}

static const struct {
	const char *text;
	const char *aside;
} texts[] = {
	{ "Le pont rouvre.\n\nPartager :\n", "Partager :" },
	{ "Étiquettes\n\n,\n\nAFP\n\nhttps://exemple.example/a.jpg\n\nLe pont de la rivière a rouvert mardi.",
	    "Étiquettes\n\n,\n\nAFP\n\nhttps://exemple.example/a.jpg" },
	{ "Tags : pont, rivière\nLe pont\nLe pont de la rivière a rouvert.", "Tags : pont, rivière" },
	{ "Le pont rouvre.\nFacebook\nTwitter\nImprimer", "Facebook\nTwitter\nImprimer" },
	{ "Ce que veut le réseau.\nFacebook\nLe réseau social veut des ponts.", "" },
	{ "Le pont rouvre.\r\n\r\nA lire: Le pont\r\n", "A lire: Le pont" },
	/* Where nothing would be left, nothing is set aside. */
	{ "Partager :", "" },
	{ "", "" },
	{ "\n\n \n", "" },
};

static void
test_texts(void **state)
{
	struct boilerplate *boilerplate;

	(void)state;
	assert_int_equal(boilerplate_new(NULL, NULL, &boilerplate, NULL), STATUS_OK);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *aside = aside_of(boilerplate, "", texts[i].text);

		if (strcmp(aside, texts[i].aside) != 0)
			fail_msg("case %zu: [%s] is set aside, not [%s]", i, aside, texts[i].aside);
	}
	boilerplate_free(boilerplate);
}

/* A line that recurs in one source is set aside there and not elsewhere; text that differs is not. */
static void
test_recurring(void **state)
{
	struct boilerplate *boilerplate;
	char text[128];

	(void)state;
	assert_int_equal(boilerplate_new(NULL, NULL, &boilerplate, NULL), STATUS_OK);
	for (int i = 0; i < 30; i++) {
		const char *expected = i < 4 ? "" : "La lettre du fleuve, chaque matin";

		(void)snprintf(text, sizeof(text), "La crue monte de %d cm.\nLa lettre du fleuve, chaque matin", i);
		assert_string_equal(aside_of(boilerplate, "Le Fleuve", text), expected);
	}
	assert_string_equal(aside_of(boilerplate, "La Côte", "La mer monte.\nLa lettre du fleuve, chaque matin"), "");
	boilerplate_free(boilerplate);
}

/* Twice in a document is once; and one in a hundred documents is not often. */
static void
test_rare(void **state)
{
	struct boilerplate *boilerplate;
	char text[128];

	(void)state;
	assert_int_equal(boilerplate_new(NULL, NULL, &boilerplate, NULL), STATUS_OK);
	assert_string_equal(
	    aside_of(boilerplate, "", "Le calme\nLe calme\nLe calme\nLe calme\nLe calme\nLe calme\nLa crue."), "");
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(text, sizeof(text), "La crue monte de %d cm.\n%s", i, i % 100 == 0 ? "Le calme" : "");
		assert_string_equal(aside_of(boilerplate, "", text), "");
	}
	boilerplate_free(boilerplate);
}

/* An index that has each line in so many documents. */
struct known {
	uint32_t documents;
	size_t asked;
};

static enum status
known_cb(void *arg, struct str term, uint32_t *ret_documents, struct error *reterr)
{
	struct known *known = arg;

	(void)term;
	(void)reterr;
	known->asked++;
	*ret_documents = known->documents;
	return STATUS_OK;
}

/* What the index knows counts, and is asked for once a line. */
static void
test_known(void **state)
{
	struct boilerplate *boilerplate;
	struct known known = { .documents = 10 };

	(void)state;
	assert_int_equal(boilerplate_new(known_cb, &known, &boilerplate, NULL), STATUS_OK);
	assert_string_equal(aside_of(boilerplate, "",
				"Une longue phrase qui ne tient pas dans une ligne courte, parce "
				"qu'elle dit tout ce qu'il faut savoir du pont de la rivière.\nLe matin"),
	    "Le matin");
	assert_int_equal(known.asked, 2);
	(void)aside_of(boilerplate, "", "Le matin");
	assert_int_equal(known.asked, 2);
	boilerplate_free(boilerplate);
}

/* However many other lines come between, a line's number goes on where it was, and none is asked for again. */
static void
test_many_lines(void **state)
{
	enum { LINES = 20000, LINE = 16 };
	static char many[LINES * LINE + 1];
	struct boilerplate *boilerplate;
	struct store_document document = { .text = { many, LINES * LINE } };
	struct known known = { .documents = 0 };

	(void)state;
	for (unsigned i = 0; i < LINES; i++)
		(void)snprintf(many + (size_t)LINE * i, LINE + 1, "Rubrique %06u\n", i);
	assert_int_equal(boilerplate_new(known_cb, &known, &boilerplate, NULL), STATUS_OK);
	for (unsigned i = 0; i < 6; i++) {
		char text[64];

		(void)snprintf(text, sizeof(text), "La lettre du fleuve\nLa crue monte de %u cm.", i);
		assert_string_equal(aside_of(boilerplate, "Le Fleuve", text), i < 4 ? "" : "La lettre du fleuve");
		assert_int_equal(boilerplate_note(boilerplate, &document, NULL), STATUS_OK);
		/* Two sources, the line that recurs and those that do not, and all of the other source. */
		assert_int_equal(known.asked, 2 + 1 + (i + 1) + LINES);
	}
	boilerplate_free(boilerplate);
}

static const struct {
	const char *aside;
	enum status status;
} spans[] = {
	{ "", STATUS_OK },
	{ "0+10", STATUS_OK },
	{ "0+1 1+9", STATUS_OK },
	{ "3+2 9+1", STATUS_OK },
	{ "0+11", STATUS_INVALID },
	{ "0+0", STATUS_INVALID },
	{ "4+2 3+1", STATUS_INVALID },
	{ "0+2 1+2", STATUS_INVALID },
	{ "4294967295+4294967295", STATUS_INVALID },
	{ "4294967296+1", STATUS_INVALID },
	{ "1", STATUS_INVALID },
	{ "1+", STATUS_INVALID },
	{ "+1", STATUS_INVALID },
	{ "-1+1", STATUS_INVALID },
	{ "0+1,2+1", STATUS_INVALID },
	{ "0+1 ", STATUS_INVALID },
};

static void
test_spans(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
		struct store_document document = { .text = STR("0123456789"), .aside = str_of(spans[i].aside) };

		if (aside_check(&document, NULL) != spans[i].status)
			fail_msg("\"%s\" is not answered by %s", spans[i].aside, status_name(spans[i].status));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_recurring),
		cmocka_unit_test(test_rare),
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_many_lines),
		cmocka_unit_test(test_spans),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
