/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/i18n.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "tests/base/cmocka_first.h"

static void
test_language_by_the_environment(void **state)
{
	static const struct {
		const char *lc_all, *lc_messages, *lang, *language;
		enum language expected;
	} cases[] = {
		{ NULL, NULL, NULL, NULL, LANGUAGE_EN },
		{ NULL, NULL, "fr_FR.UTF-8", NULL, LANGUAGE_FR },
		{ NULL, NULL, "fr", NULL, LANGUAGE_FR },
		{ NULL, NULL, "fr_BE@euro", NULL, LANGUAGE_FR },
		{ NULL, NULL, "fra", NULL, LANGUAGE_EN }, /* not a code of two letters */
		{ NULL, NULL, "de_DE.UTF-8", NULL, LANGUAGE_EN },
		{ NULL, NULL, "C.UTF-8", NULL, LANGUAGE_EN },
		{ NULL, "fr_FR", "en_US", NULL, LANGUAGE_FR },
		{ "en_GB", "fr_FR", "fr_FR", NULL, LANGUAGE_EN },
		{ "", "", "fr_FR", "", LANGUAGE_FR }, /* empty is unset */
		{ NULL, NULL, "en_US", "fr:en", LANGUAGE_FR },
		{ NULL, NULL, "fr_FR", "en:fr", LANGUAGE_EN },
		{ NULL, NULL, NULL, "fr", LANGUAGE_FR },
		{ NULL, NULL, "C.UTF-8", "fr", LANGUAGE_FR },
		{ NULL, NULL, "de_DE", "de:br:fr_CA:en", LANGUAGE_FR },
		{ NULL, NULL, "fr_FR", "de", LANGUAGE_EN },
		{ NULL, NULL, "fr_FR", ":::", LANGUAGE_EN },
		{ "C", NULL, "fr_FR", "fr", LANGUAGE_EN },
		{ NULL, NULL, "POSIX", "fr", LANGUAGE_EN },
	};
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE" };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *const values[] = { cases[i].lc_all, cases[i].lc_messages, cases[i].lang,
			cases[i].language };

		for (size_t k = 0; k < 4; k++) {
			(void)unsetenv(names[k]);
			if (values[k] != NULL)
				(void)setenv(names[k], values[k], 1);
		}
		i18n_init();
		if (i18n_language() != cases[i].expected)
			fail_msg("row %zu: %s", i, i18n_name(i18n_language()));
	}
	(void)i18n_use(LANGUAGE_EN);
}

static void
test_names(void **state)
{
	(void)state;
	assert_string_equal(i18n_name(LANGUAGE_EN), "en");
	assert_string_equal(i18n_name(LANGUAGE_FR), "fr");
	assert_null(i18n_name(2));
}

static void
test_english(void **state)
{
	(void)state;
	(void)i18n_use(LANGUAGE_EN);
	assert_string_equal(tr("out of memory"), "out of memory");
	assert_string_equal(tr_plural("%u result", "%u results", 0), "%u results");
	assert_string_equal(tr_plural("%u result", "%u results", 1), "%u result");
	assert_string_equal(tr_plural("%u result", "%u results", 2), "%u results");
	assert_string_equal(i18n_decimal(1.25, 1).text, "1.2");
	assert_int_equal(i18n_thousands(), ',');
}

static void
test_french(void **state)
{
	struct error error;

	(void)state;
	assert_int_equal(i18n_use(LANGUAGE_FR), LANGUAGE_EN);
	assert_string_equal(i18n_decimal(-0.75, 2).text, "-0,75");
	assert_int_equal(i18n_thousands(), ' ');
	assert_string_equal(tr("a message that is nowhere"), "a message that is nowhere");
	assert_string_equal(tr_plural("%d such", "%d suches", 2), "%d suches");
	assert_string_equal(tr(""), "");
	if (strcmp(tr("out of memory"), "out of memory") == 0) {
		assert_int_equal(i18n_use(LANGUAGE_EN), LANGUAGE_FR);
		print_message("skipped: this build has no catalog of French messages\n");
		skip();
	}
	assert_string_equal(tr("out of memory"), "mémoire insuffisante");
	(void)error_errno(&error, STATUS_NOT_FOUND, ENOENT, "cannot open %s", "x");
	assert_string_equal(error.message, "impossible d'ouvrir x\u00a0: Aucun fichier ou dossier de ce nom");
	assert_string_equal(status_text(STATUS_TIMEOUT), "le temps imparti est écoulé");
	assert_string_equal(tr_plural("%llu result for ", "%llu results for ", 0), "%llu résultat pour ");
	assert_string_equal(tr_plural("%llu result for ", "%llu results for ", 1), "%llu résultat pour ");
	assert_string_equal(tr_plural("%llu result for ", "%llu results for ", 2), "%llu résultats pour ");
	assert_int_equal(i18n_use(LANGUAGE_EN), LANGUAGE_FR);
	assert_string_equal(tr("out of memory"), "out of memory");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_language_by_the_environment),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_english),
		cmocka_unit_test(test_french),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
