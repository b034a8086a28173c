/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/i18n.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/catalog.h"

/* How a language writes; a new one is a row here and a file in po/. */
static const struct {
	const char *name;
	char decimal;
	char thousands;
} languages[] = {
	[LANGUAGE_EN] = { "en", '.', ',' },
	[LANGUAGE_FR] = { "fr", ',', ' ' },
};

enum { LANGUAGES = sizeof(languages) / sizeof(languages[0]) };

static enum language current = LANGUAGE_EN;
static struct catalog *catalogs[LANGUAGES];
static bool was_sought[LANGUAGES];

const char *
i18n_name(unsigned language)
{
	return language < LANGUAGES ? languages[language].name : NULL;
}

/* ---- Which language -------------------------------------------------------------------------- */

/* The language of a locale's name such as fr_CA.UTF-8@euro; false where it is none of ours. */
static bool
find_language(const char *locale, size_t len, enum language *ret_language)
{
	struct str code = { locale, 0 };

	while (code.len < len && strchr("_.@", locale[code.len]) == NULL)
		code.len++;
	for (unsigned i = 0; i < LANGUAGES; i++) {
		if (str_eq(code, str_of(languages[i].name))) {
			*ret_language = (enum language)i;
			return true;
		}
	}
	return false;
}

/* The first language of a list such as "de:fr:en" that is one of ours; English where none is. */
static enum language
first_language(const char *list)
{
	enum language language = LANGUAGE_EN;

	for (;;) {
		size_t len = strcspn(list, ":");

		if (find_language(list, len, &language) || list[len] == '\0')
			return language;
		list += len + 1;
	}
}

static enum language
environment_language(void)
{
	static const char *const variables[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
	const char *locale = "", *list = getenv("LANGUAGE");

	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]) && locale[0] == '\0'; i++) {
		const char *value = getenv(variables[i]);

		locale = value != NULL ? value : "";
	}
	if (strcmp(locale, "C") == 0 || strcmp(locale, "POSIX") == 0)
		return LANGUAGE_EN;
	return first_language(list != NULL && list[0] != '\0' ? list : locale);
}

/* ---- Catalogs -------------------------------------------------------------------------------- */

/* The folder of the running program, without its last slash; false where it cannot be known. */
static bool
program_folder(char path[PATH_MAX])
{
	ssize_t len = readlink("/proc/self/exe", path, PATH_MAX - 1);

	if (len <= 0)
		return false;
	path[len] = '\0';
	*strrchr(path, '/') = '\0';
	return true;
}

static void
read_catalog(const char *prefix, const char *folder, enum language language)
{
	char path[PATH_MAX + 64];
	int n = snprintf(path, sizeof(path), "%s%s/%s/LC_MESSAGES/voisin.mo", prefix, folder, languages[language].name);

	if (n < (int)sizeof(path) && catalog_open(path, &catalogs[language], NULL) != STATUS_OK)
		catalogs[language] = NULL;
}

/*
 * Beside the program, which is right for a build tree and for an installation that was moved; else where it
 * was meant to be installed.  Where there is none the messages are English, and that needs no message.
 */
static void
seek_catalog(enum language language)
{
	char folder[PATH_MAX];

	if (language == LANGUAGE_EN || was_sought[language])
		return;
	was_sought[language] = true;
	if (program_folder(folder))
		read_catalog(folder, "/../share/locale", language);
	if (catalogs[language] == NULL)
		read_catalog("", VOISIN_LOCALEDIR, language);
}

void
i18n_init(void)
{
	(void)i18n_use(environment_language());
}

enum language
i18n_language(void)
{
	return current;
}

enum language
i18n_use(enum language language)
{
	enum language before = current;

	current = LANGUAGE_EN;
	seek_catalog(language);
	current = language;
	return before;
}

void
i18n_read_all(void)
{
	for (unsigned i = 0; i < LANGUAGES; i++)
		seek_catalog((enum language)i);
}

/* ---- Messages -------------------------------------------------------------------------------- */

const char *
tr(const char *message)
{
	struct str found = STR("");

	/* The empty message is the catalog's own description. */
	if (catalogs[current] != NULL && message[0] != '\0')
		found = catalog_find(catalogs[current], message);
	return found.len > 0 ? found.p : message;
}

const char *
tr_plural(const char *one, const char *many, unsigned long long n)
{
	struct str found = STR("");
	size_t first;

	if (catalogs[current] != NULL)
		found = catalog_find(catalogs[current], one);
	if (found.len == 0)
		return n == 1 ? one : many;
	first = strlen(found.p);
	/* French, the only one that is translated to, has the singular for 0 too. */
	if (n <= 1 || first >= found.len)
		return found.p;
	return found.p + first + 1;
}

struct decimal
i18n_decimal(double number, int digits)
{
	struct decimal decimal;
	char *point;

	(void)snprintf(decimal.text, sizeof(decimal.text), "%.*f", digits, number);
	point = strchr(decimal.text, '.');
	if (point != NULL)
		*point = languages[current].decimal;
	return decimal;
}

char
i18n_thousands(void)
{
	return languages[current].thousands;
}
