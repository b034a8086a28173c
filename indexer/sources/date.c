/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A cursor runs over lower-case words and numbers; what is between them is punctuation.  Each notation is a
 * function that reads from the cursor, and leaves it alone where it does not apply.
 */
#include "indexer/sources/date.h"

#include <stdio.h>
#include <time.h>

#include "base/utf8.h"

enum {
	WORD_BYTES = 24,
	HEAD_LINES = 8, /* that a text's date is looked for in */
	HEAD_BYTES = 200, /* of the longest such line */
	YEAR_MIN = 1600,
	YEAR_MAX = 2200
};

struct cursor {
	struct str text;
	size_t off;
};

struct day {
	unsigned year, month, day;
};

/* Beginnings of the names of months, without accents.  Those of both languages, longer ones first where one begins another. */
static const struct {
	const char *name;
	unsigned month;
} months[] = { { "janvier", 1 }, { "january", 1 }, { "janv", 1 }, { "jan", 1 }, { "fevrier", 2 }, { "february", 2 },
	{ "fevr", 2 }, { "fev", 2 }, { "feb", 2 }, { "mars", 3 }, { "march", 3 }, { "mar", 3 }, { "avril", 4 },
	{ "april", 4 }, { "avr", 4 }, { "apr", 4 }, { "mai", 5 }, { "may", 5 }, { "juin", 6 }, { "june", 6 },
	{ "jun", 6 }, { "juillet", 7 }, { "july", 7 }, { "juil", 7 }, { "jul", 7 }, { "aout", 8 }, { "august", 8 },
	{ "aug", 8 }, { "septembre", 9 }, { "september", 9 }, { "sept", 9 }, { "sep", 9 }, { "octobre", 10 },
	{ "october", 10 }, { "oct", 10 }, { "novembre", 11 }, { "november", 11 }, { "nov", 11 }, { "decembre", 12 },
	{ "december", 12 }, { "dec", 12 } };

static const char *const weekdays[] = { "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche", "mon",
	"tue", "wed", "thu", "fri", "sat", "sun", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
	"sunday" };

/* Participles behind which the day of publication stands. */
static const char *const verbs[] = { "publie", "publiee", "paru", "parue", "poste", "postee", "mis", "mise", "cree",
	"diffuse", "redige", "ecrit", "published", "posted", "publication", "date", "parution" };

static bool
is_known_day(struct day day)
{
	static const unsigned char lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (day.year % 4 == 0 && day.year % 100 != 0) || day.year % 400 == 0;

	return day.year >= YEAR_MIN && day.year <= YEAR_MAX && day.month >= 1 && day.month <= 12 && day.day >= 1 &&
	       day.day <= lengths[day.month - 1] + (unsigned)(leap && day.month == 2);
}

static bool
write_day(struct day day, char ret_date[DATE_BYTES])
{
	char text[32];

	if (!is_known_day(day))
		return false;
	(void)snprintf(text, sizeof(text), "%04u-%02u-%02u", day.year, day.month, day.day);
	memcpy(ret_date, text, DATE_BYTES);
	return true;
}

/* ---- The cursor ------------------------------------------------------------------------------ */

/* The small letter without accent that a letter of French is, or 0 for what is no letter. */
static char
plain_letter(uint32_t c)
{
	static const char latin[] = "aaaaaaaceeeeiiiidnooooo.ouuuuy.s";

	if (c >= 'A' && c <= 'Z')
		return (char)(c + 0x20);
	if (c >= 'a' && c <= 'z')
		return (char)c;
	if (c >= 0xC0 && c <= 0xFF && latin[(c - 0xC0) % 32] != '.')
		return latin[(c - 0xC0) % 32];
	return '\0';
}

static void
skip_signs(struct cursor *cursor)
{
	while (cursor->off < cursor->text.len) {
		size_t next = cursor->off;
		uint32_t c = utf8_next(cursor->text, &next, NULL);

		if ((c >= '0' && c <= '9') || plain_letter(c) != '\0')
			return;
		cursor->off = next;
	}
}

/* The word at the cursor, without accents; false where there is a number, or the end. */
static bool
take_word(struct cursor *cursor, char word[WORD_BYTES])
{
	size_t len = 0;

	skip_signs(cursor);
	while (cursor->off < cursor->text.len) {
		size_t next = cursor->off;
		char letter = plain_letter(utf8_next(cursor->text, &next, NULL));

		if (letter == '\0')
			break;
		if (len + 1 < WORD_BYTES)
			word[len++] = letter;
		cursor->off = next;
	}
	word[len] = '\0';
	return len > 0;
}

/* The number at the cursor, and how many digits it has; 0 for none, or for more than 14. */
static unsigned
take_number(struct cursor *cursor, uint64_t *ret_number)
{
	unsigned digits = 0;

	*ret_number = 0;
	skip_signs(cursor);
	while (cursor->off < cursor->text.len && cursor->text.p[cursor->off] >= '0' &&
	       cursor->text.p[cursor->off] <= '9') {
		if (digits < 14)
			*ret_number = *ret_number * 10 + (uint64_t)(cursor->text.p[cursor->off] - '0');
		digits++;
		cursor->off++;
	}
	return digits <= 14 ? digits : 0;
}

/* Most words differ in their first letter, which is asked far sooner than strcmp(). */
static inline bool
is_same(const char *word, const char *other)
{
	return word[0] == other[0] && strcmp(word, other) == 0;
}

static bool
is_one_of(const char *word, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (is_same(word, list[i]))
			return true;
	}
	return false;
}

static bool
is_weekday(const char *word)
{
	return is_one_of(word, weekdays, sizeof(weekdays) / sizeof(weekdays[0]));
}

static unsigned
month_of(const char *word)
{
	for (size_t i = 0; i < sizeof(months) / sizeof(months[0]); i++) {
		if (is_same(word, months[i].name))
			return months[i].month;
	}
	return 0;
}

/* ---- Notations ------------------------------------------------------------------------------- */

/* 2016-12-07, 2016/12/07, 20161207 and what may stand behind each. */
static bool
take_year_first(struct cursor *cursor, struct day *ret_day)
{
	struct cursor at = *cursor;
	uint64_t first, month, day;
	unsigned digits = take_number(&at, &first);

	if (digits == 8 || digits == 12 || digits == 14) {
		while (digits > 8) {
			first /= 10;
			digits--;
		}
		*ret_day =
		    (struct day) { (unsigned)(first / 10000), (unsigned)(first / 100 % 100), (unsigned)(first % 100) };
		*cursor = at;
		return true;
	}
	if (digits != 4 || take_number(&at, &month) > 2 || month == 0)
		return false;
	if (take_number(&at, &day) > 2 || day == 0)
		return false;
	*ret_day = (struct day) { (unsigned)first, (unsigned)month, (unsigned)day };
	*cursor = at;
	return true;
}

/* 07/12/2016, 7.12.16: the day comes first, as in all of Europe; and in figures only with one sign between them. */
static bool
take_figures(struct cursor *cursor, struct day *ret_day)
{
	struct cursor at = *cursor;
	uint64_t day, month, year;
	unsigned digits;
	char sign;

	digits = take_number(&at, &day);
	if (digits == 0 || digits > 2 || at.off >= at.text.len)
		return false;
	sign = at.text.p[at.off++];
	if (sign != '/' && sign != '.' && sign != '-')
		return false;
	digits = take_number(&at, &month);
	if (digits == 0 || digits > 2 || at.off >= at.text.len || at.text.p[at.off++] != sign)
		return false;
	digits = take_number(&at, &year);
	if (digits != 4 && digits != 2)
		return false;
	if (digits == 2)
		year += year < 70 ? 2000 : 1900;
	*ret_day = (struct day) { (unsigned)year, (unsigned)month, (unsigned)day };
	*cursor = at;
	return true;
}

/* [mercredi] 7 décembre 2016, 1er janvier 2017, Wed, 07 Dec 2016. */
static bool
take_named_month(struct cursor *cursor, struct day *ret_day)
{
	struct cursor at = *cursor;
	struct cursor behind;
	char word[WORD_BYTES];
	uint64_t day, year;
	unsigned digits, month;

	behind = at;
	if (take_word(&behind, word) && is_weekday(word))
		at = behind;
	digits = take_number(&at, &day);
	if (digits == 0 || digits > 2 || !take_word(&at, word))
		return false;
	if (strcmp(word, "er") == 0 && !take_word(&at, word))
		return false;
	month = month_of(word);
	if (month == 0 || take_number(&at, &year) != 4)
		return false;
	*ret_day = (struct day) { (unsigned)year, month, (unsigned)day };
	*cursor = at;
	return true;
}

/* December 7, 2016. */
static bool
take_month_first(struct cursor *cursor, struct day *ret_day)
{
	struct cursor at = *cursor;
	char word[WORD_BYTES];
	uint64_t day, year;
	unsigned digits, month;

	if (!take_word(&at, word))
		return false;
	month = month_of(word);
	digits = take_number(&at, &day);
	if (month == 0 || digits == 0 || digits > 2 || take_number(&at, &year) != 4)
		return false;
	*ret_day = (struct day) { (unsigned)year, month, (unsigned)day };
	*cursor = at;
	return true;
}

static bool
take_day(struct cursor *cursor, struct day *ret_day)
{
	static bool (*const notations[])(
	    struct cursor *, struct day *) = { take_year_first, take_figures, take_named_month, take_month_first };

	for (size_t i = 0; i < sizeof(notations) / sizeof(notations[0]); i++) {
		struct cursor at = *cursor;

		if (notations[i](&at, ret_day) && is_known_day(*ret_day)) {
			*cursor = at;
			return true;
		}
	}
	return false;
}

bool
date_parse(struct str value, char ret_date[DATE_BYTES])
{
	struct cursor cursor = { value, 0 };
	struct day day;

	if (str_has_prefix(value, STR("D:")))
		cursor.off = 2;
	skip_signs(&cursor);
	return take_day(&cursor, &day) && write_day(day, ret_date);
}

/* ---- In a text ------------------------------------------------------------------------------- */

/* Moves over a word, which is written to `word`, or a number, for which that is empty. */
static void
step(struct cursor *cursor, char word[WORD_BYTES])
{
	uint64_t number;

	if (!take_word(cursor, word))
		(void)take_number(cursor, &number);
	skip_signs(cursor);
}

static bool
is_blank(struct str line)
{
	struct cursor cursor = { line, 0 };

	skip_signs(&cursor);
	return cursor.off == line.len;
}

/*
 * Whether the line is little but a date: "Paris, le mercredi 7 décembre 2016 à 10h30" has one word besides.  A
 * byline is, however long the names: "Par Jeanne Martin, 07/12/2016".
 */
static bool
is_bare(struct str line)
{
	static const char *const fillers[] = { "le", "du", "a", "h", "min", "et", "mis", "jour", "er" };
	struct cursor cursor = { line, 0 };
	char word[WORD_BYTES];
	unsigned others = 0, pieces = 0;

	skip_signs(&cursor);
	while (cursor.off < line.len) {
		step(&cursor, word);
		if (pieces++ == 0 && (strcmp(word, "par") == 0 || strcmp(word, "by") == 0))
			return true;
		others += word[0] != '\0' && !is_weekday(word) && month_of(word) == 0 &&
			  !is_one_of(word, fillers, sizeof(fillers) / sizeof(fillers[0]));
	}
	return others <= 1;
}

/* Every notation has figures. */
static bool
has_figure(struct str line)
{
	for (size_t i = 0; i < line.len; i++) {
		if (line.p[i] >= '0' && line.p[i] <= '9')
			return true;
	}
	return false;
}

/* "Le 11 septembre 2001, des avions" is the event's date: neither bare, nor behind one of the verbs. */
static bool
find_in_line(struct str line, struct day *ret_day)
{
	struct cursor cursor = { line, 0 };
	bool wanted = is_bare(line);
	char word[WORD_BYTES];

	skip_signs(&cursor);
	while (cursor.off < line.len) {
		struct cursor at = cursor;

		if (wanted && take_day(&at, ret_day))
			return true;
		step(&cursor, word);
		wanted = wanted || is_one_of(word, verbs, sizeof(verbs) / sizeof(verbs[0]));
	}
	return false;
}

bool
date_find(struct str text, char ret_date[DATE_BYTES])
{
	struct day day;

	for (unsigned lines = 0; lines < HEAD_LINES && text.len > 0;) {
		const char *newline = memchr(text.p, '\n', text.len);
		struct str line = { text.p, newline != NULL ? (size_t)(newline - text.p) : text.len };

		text.p += line.len + (newline != NULL);
		text.len -= line.len + (newline != NULL);
		if (is_blank(line))
			continue;
		if (line.len <= HEAD_BYTES && has_figure(line) && find_in_line(line, &day))
			return write_day(day, ret_date);
		lines++;
	}
	return false;
}

bool
date_of_time(int64_t seconds, char ret_date[DATE_BYTES])
{
	time_t t = (time_t)seconds;
	struct tm tm;

	if (seconds <= 0 || gmtime_r(&t, &tm) == NULL)
		return false;
	return write_day(
	    (struct day) { (unsigned)tm.tm_year + 1900, (unsigned)tm.tm_mon + 1, (unsigned)tm.tm_mday }, ret_date);
}
