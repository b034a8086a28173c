/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes in whatever encoding; and the dates and languages that texts tell of. */
#include <iconv.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "indexer/sources/charset.h"
#include "indexer/sources/date.h"
#include "stemmer/language.h"

static const char french[] = "L’été dernier, à Alep, l’armée a cessé le feu : « c’est un cœur qui bat », dit-elle "
			     "près de là. Où étaient les garçons de Noël ? À l’hôtel, sûrement, même s’il gèle.\n";

static struct buf
decode(struct str bytes, const char *declared, struct charset_result *ret_result)
{
	struct buf out;

	buf_init(&out, 1 << 20);
	assert_int_equal(charset_to_utf8(bytes, declared, &out, ret_result), STATUS_OK);
	assert_int_equal(utf8_valid_prefix(buf_str(&out)), out.len);
	return out;
}

static size_t
encode(const char *text, const char *charset, char *out, size_t size)
{
	iconv_t cd = iconv_open(charset, "UTF-8");
	char *from = (char *)(uintptr_t)text, *to = out;
	size_t left = strlen(text), room = size;

	assert_true(cd != (iconv_t)-1);
	if (iconv(cd, &from, &left, &to, &room) == (size_t)-1)
		fail_msg("%s cannot hold \"%s\"", charset, from);
	(void)iconv_close(cd);
	return size - room;
}

/* French text comes back from each encoding that it was ever written in, without being told which. */
static void
test_round_trips(void **state)
{
	static const struct {
		const char *charset;
		bool converted;
	} cases[] = { { "UTF-8", false }, { "UTF-16", true }, { "UTF-16LE", true }, { "UTF-16BE", true },
		{ "UTF-32", true }, { "WINDOWS-1252", true }, { "MACINTOSH", true } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char bytes[2048];
		size_t n = encode(french, cases[i].charset, bytes, sizeof(bytes));
		struct charset_result result;
		struct buf out = decode((struct str) { bytes, n }, NULL, &result);

		if (strcmp(out.data, french) != 0)
			fail_msg("%s (%s): %s", cases[i].charset, result.name, out.data);
		assert_int_equal(result.converted, cases[i].converted);
		assert_int_equal(result.replaced, 0);
		buf_done(&out);
	}
}

static void
test_cases(void **state)
{
	static const struct {
		struct str bytes;
		const char *declared, *text;
		size_t repaired, replaced;
	} cases[] = {
		{ STR("\xEF\xBB\xBF\xC3\xA9"), NULL, "é", 0, 0 },
		{ STR(""), NULL, "", 0, 0 },
		{ STR("\xEF\xBB\xBF"), NULL, "", 0, 0 },
		{ STR("caf\xE9"), NULL, "café", 0, 0 },
		{ STR("caf\xE9 \x80 c\x9Cur l\x92oeil \x85"), "iso-8859-1", "café € cœur l’oeil …", 0, 0 },
		{ STR("le c\xBDur de l'\xE9t\xE9, la s\xBDur, la main d'\xBDuvre"), NULL,
		    "le cœur de l'été, la sœur, la main d'œuvre", 0, 0 },
		{ STR("\xE9t\xE9 \xE0 No\xEBl"), "koi8-r", "ИtИ Ю NoКl", 0, 0 },
		{ STR("caf\xE9"), "no-such-charset", "café", 0, 0 },
		/* A name that iconv takes for UTF-8, and six bytes that it takes for a character. */
		{ STR("caf\xE9 \xFC\xA1\xA1\xA1\xA1\xA1."), "utf@8", "caf\uFFFD \uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD.",
		    0, 7 },
		/* UTF-8 with one line of Windows-1252, and cut at the end. */
		{ STR("l'été à Alep, où l'armée\nun caf\xE9\n"), NULL, "l'été à Alep, où l'armée\nun café\n", 1, 0 },
		{ STR("Un ét\xC3"), NULL, "Un ét\xEF\xBF\xBD", 0, 1 },
		/* Windows-1252 that was taken for Latin-1. */
		{ STR("l\xC2\x92\xC3\xA9t\xC3\xA9 \xC2\x80"), NULL, "l’été €", 2, 0 },
		/* UTF-8 that was taken for Windows-1252. */
		{ STR("lâ€™Ã©tÃ© Ã  lâ€™hÃ´tel Â« ici Â»"), NULL, "l’été Ã  l’hôtel « ici »", 7, 0 },
		{ STR("cÅ“ur, 10 â‚¬, â€¦"), NULL, "cœur, 10 €, …", 3, 0 },
		/* What only looks like it. */
		{ STR("Ça va, ÎLE-DE-FRANCE, « É », l’Â. Señor, Łódź; à‑Â"), NULL,
		    "Ça va, ÎLE-DE-FRANCE, « É », l’Â. Señor, Łódź; à‑Â", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct charset_result result;
		struct buf out = decode(cases[i].bytes, cases[i].declared, &result);

		if (strcmp(out.data != NULL ? out.data : "", cases[i].text) != 0 ||
		    result.repaired != cases[i].repaired || result.replaced != cases[i].replaced)
			fail_msg("case %zu (%s): \"%s\", %zu repaired, %zu replaced", i, result.name,
			    out.data != NULL ? out.data : "", result.repaired, result.replaced);
		buf_done(&out);
	}
}

/* Whatever the bytes, what comes out is UTF-8, and ends. */
static void
test_random_bytes(void **state)
{
	uint64_t seed = 20161213;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		char bytes[64];
		struct charset_result result;
		struct buf out;
		size_t n = 0;

		for (; n < sizeof(bytes); n++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			bytes[n] = (char)(seed >> 56 & (i % 3 == 0 ? 0xFF : i % 3 == 1 ? 0xC7 : 0x7F));
		}
		out = decode((struct str) { bytes, n - (size_t)(i % 7) }, i % 5 == 0 ? "utf-16" : NULL, &result);
		buf_done(&out);
	}
}

static void
test_dates(void **state)
{
	static const struct {
		const char *value, *date;
	} cases[] = { { "2016-12-07", "2016-12-07" }, { "2016-12-07T09:30:00+01:00", "2016-12-07" },
		{ "20161207", "2016-12-07" }, { "20161207093000", "2016-12-07" },
		{ "D:20161207093000+01'00'", "2016-12-07" }, { "2016/12/07 10:00", "2016-12-07" },
		{ "Wed, 07 Dec 2016 09:30:00 +0100", "2016-12-07" }, { "7 Dec 2016", "2016-12-07" },
		{ "mercredi 7 décembre 2016", "2016-12-07" }, { "MERCREDI 7 DÉCEMBRE 2016", "2016-12-07" },
		{ "1er janvier 2017", "2017-01-01" }, { "7 déc. 2016", "2016-12-07" }, { "15 août 2016", "2016-08-15" },
		{ "15 aout 2016", "2016-08-15" }, { "07/12/2016", "2016-12-07" }, { "7.12.16", "2016-12-07" },
		{ "7-12-2016 à 10h", "2016-12-07" }, { "December 7, 2016", "2016-12-07" },
		{ "29/02/2016", "2016-02-29" }, { "29/02/2015", NULL }, { "31 avril 2016", NULL }, { "2016", NULL },
		{ "hier", NULL }, { "", NULL }, { "07/12", NULL }, { "99999999999999999999", NULL },
		{ "7 foo 2016", NULL }, { "12/25/2016", NULL } };
	char date[DATE_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool found = date_parse(str_of(cases[i].value), date);

		if (found != (cases[i].date != NULL) || (found && strcmp(date, cases[i].date) != 0))
			fail_msg("\"%s\" is \"%s\"", cases[i].value, found ? date : "no date");
	}
	assert_true(date_of_time(1481104800, date));
	assert_string_equal(date, "2016-12-07");
	assert_false(date_of_time(-5, date));
	assert_false(date_of_time(INT64_MAX, date));
}

static void
test_dates_in_text(void **state)
{
	static const struct {
		const char *text, *date;
	} cases[] = { { "Publié le 7 décembre 2016 à 10h30\nLe texte.", "2016-12-07" },
		{ "Par Jeanne Martin, 07/12/2016\n\nLe texte.", "2016-12-07" },
		{ "Paris, le mercredi 7 décembre 2016\nLe texte.", "2016-12-07" },
		{ "\n\n7 décembre 2016\n\nLe texte.", "2016-12-07" },
		{ "Mis en ligne par la rédaction de la Gazette, dans la rubrique Monde, le 07/12/2016", "2016-12-07" },
		{ "Le 11 septembre 2001, des avions ont frappé deux tours.", NULL },
		{ "Les attentats du 11 septembre 2001\nLe texte.", NULL },
		{ "a\nb\nc\nd\ne\nf\ng\nh\n7 décembre 2016\n", NULL }, { "", NULL }, { "Sans date.", NULL } };
	char date[DATE_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool found = date_find(str_of(cases[i].text), date);

		if (found != (cases[i].date != NULL) || (found && strcmp(date, cases[i].date) != 0))
			fail_msg("\"%s\": %s", cases[i].text, found ? date : "no date");
	}
}

static void
test_languages(void **state)
{
	static const struct {
		const char *text, *language;
	} cases[] = {
		{ "Le convoi est parti à l'aube vers la ville, où les habitants l'attendaient depuis des semaines sans "
		  "beaucoup y croire.",
		    "fr" },
		{ "LE CONVOI EST PARTI A L'AUBE VERS LA VILLE, OU LES HABITANTS L'ATTENDAIENT DEPUIS DES SEMAINES SANS "
		  "Y "
		  "CROIRE",
		    "fr" },
		{ "The convoy left for the city at dawn, where the people who live there had been waiting for it for "
		  "weeks "
		  "and did not believe it.",
		    "en" },
		{ "Der Konvoi ist am Morgen in die Stadt gefahren, wo die Leute schon seit Wochen auf ihn gewartet "
		  "haben und "
		  "nicht mehr an ihn glaubten.",
		    "de" },
		{ "El convoy salió al amanecer hacia la ciudad, donde los vecinos lo esperaban desde hacía semanas sin "
		  "creer "
		  "en él, y se paró en la plaza.",
		    "es" },
		{ "Il convoglio è partito all'alba per la città, dove gli abitanti lo aspettavano da settimane senza "
		  "crederci "
		  "più, e si è fermato nella piazza.",
		    "it" },
		{ "Het konvooi is bij zonsopgang naar de stad vertrokken, waar de mensen er al weken op wachtten en er "
		  "niet "
		  "meer in geloofden.",
		    "nl" },
		{ "O comboio partiu de madrugada para a cidade, onde os habitantes o esperavam há semanas e já não "
		  "acreditavam que ele ainda viesse.",
		    "pt" },
		{ "Конвой вышел на рассвете в город, где жители ждали его уже несколько недель.", "und" },
		{ "Lens 2-1 Lille, Nantes 0-0 Nice, Metz 1-3 Lyon", "" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str found = language_of(str_of(cases[i].text));

		if (!str_eq(found, str_of(cases[i].language)))
			fail_msg("%.40s: \"%.*s\"", cases[i].text, STR_FMT(found));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trips),
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_random_bytes),
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_dates_in_text),
		cmocka_unit_test(test_languages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
