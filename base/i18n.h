/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * i18n: messages in the language of whoever reads them.
 *
 * The messages in the source are English and are the keys: xgettext collects them, po/fr.po translates
 * them, msgfmt makes of it the catalog that is read here.  It is not read through gettext(3), for two
 * reasons.  That knows only languages whose locale is installed: with LANG=fr_FR.UTF-8 on a Debian that has
 * no such locale (any container) it answers in English; and it has no way but the environment to give one
 * request to the daemon another language than the next.  Nothing here calls setlocale(), so that numbers
 * are read and written in the C locale everywhere.
 *
 *	complain(tr("there is no query"));
 *
 * error_set() and error_errno() translate their own format, so that a library's messages need nothing more.
 * The language is the process's: only a program may choose it, and a program that does not is in English.
 */
#ifndef VOISIN_BASE_I18N_H
#define VOISIN_BASE_I18N_H

#include "base/str.h"

enum language { LANGUAGE_EN, LANGUAGE_FR };

/*
 * Chooses the language by the environment, as gettext does: LC_ALL, LC_MESSAGES or LANG, the first that is
 * set, names the locale; unless that is C or POSIX, LANGUAGE ("fr:en") goes before it.  The locale need not
 * be installed, and LANGUAGE alone is enough.
 */
void i18n_init(void);

enum language i18n_language(void);

/* Changes the language; returns the one before.  Where there is no catalog, messages are in English. */
enum language i18n_use(enum language language);

/* Reads the catalogs of all languages, for a process that will not be able to open files. */
void i18n_read_all(void);

/* The name of a language over the wire, "fr"; NULL past the last, so that a list can be walked.  Static. */
const char *i18n_name(unsigned language);

/* The translation of a message.  Static: a catalog that was read once stays. */
const char *tr(const char *message) __attribute__((format_arg(1)));

/* The same for a message with a count: tr_plural("%u word", "%u words", n). */
const char *tr_plural(const char *one, const char *many, unsigned long long n)
    __attribute__((format_arg(1), format_arg(2)));

/* Marks a message for xgettext where it stands in a table; tr() translates it later. */
#define N_(message) message

/* A number with `digits` behind its decimal sign, as the language writes it: 1.5 or 1,5. */
struct decimal {
	char text[48];
};
struct decimal i18n_decimal(double number, int digits);

/* What parts thousands: "," or, in French, a space (not the narrow no-break one, so that columns are bytes). */
char i18n_thousands(void);

#endif
