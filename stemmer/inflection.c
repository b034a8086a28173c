/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stemmer/inflection.h"

#include <stdbool.h>

#include "stemmer/analyzer.h"
#include "stemmer/lexicon.h"

enum { BASE_BYTES_MIN = 3, STEPS_MAX = 3 };

struct rule {
	const char *ending;
	const char *base;
};

/* To the singular and the masculine, again and again, the first that fits: "actrices", "acteur". */
static const struct rule down[] = {
	{ "aux", "al" },
	{ "aux", "au" },
	{ "eux", "eu" },
	{ "oux", "ou" },
	{ "s", "" },
	{ "trice", "teur" },
	{ "ive", "if" },
	{ "euse", "eur" },
	{ "euse", "eux" },
};

/*
 * Then once to the form that libstemmer does not take for a verb's: it makes "passag" of
 * passager, "confl" of conflit, "mauv" of mauvais and "prom" of promis.
 */
static const struct rule up[] = {
	{ "er", "ère" },
	{ "it", "its" },
	{ "ais", "aise" },
	{ "is", "ise" },
};

/*
 * Or, where nothing of these fits, from a verb's "we" and "they" to its infinitive: libstemmer leaves
 * "affirmons" and "affirment" nearly whole.
 */
static const struct rule persons[] = {
	{ "eons", "er" },
	{ "çons", "cer" },
	{ "ons", "er" },
	{ "ent", "er" },
};

static bool
is_in_dictionary(struct str form)
{
	struct lexicon_form forms[LEXICON_FORMS_MAX];
	char folded[LIMIT_WORD_BYTES];
	size_t len = analyzer_fold(form, folded, sizeof(folded)), n;

	n = len != SIZE_MAX ? lexicon_find((struct str) { folded, len }, forms) : 0;
	for (size_t i = 0; i < n; i++) {
		if (str_eq((struct str) { forms[i].bytes, forms[i].len }, form))
			return true;
	}
	return false;
}

static bool
has_ending(struct str word, struct str ending)
{
	return word.len > ending.len && memcmp(word.p + word.len - ending.len, ending.p, ending.len) == 0;
}

/* Applies the first rule that leads to a form of the dictionary, in place. */
static bool
step(const struct rule *rules, size_t n_rules, char word[LIMIT_WORD_BYTES], size_t *len)
{
	for (size_t i = 0; i < n_rules; i++) {
		struct str ending = str_of(rules[i].ending), base = str_of(rules[i].base);
		char changed[LIMIT_WORD_BYTES];
		size_t kept = *len - ending.len;

		if (!has_ending((struct str) { word, *len }, ending) || kept + base.len < BASE_BYTES_MIN ||
		    kept + base.len > LIMIT_WORD_BYTES)
			continue;
		memcpy(changed, word, kept);
		memcpy(changed + kept, base.p, base.len);
		if (!is_in_dictionary((struct str) { changed, kept + base.len }))
			continue;
		*len = kept + base.len;
		memcpy(word, changed, *len);
		return true;
	}
	return false;
}

/* Whether a plural of the form is in the dictionary: "présidents" says that "président" is none of présider. */
static bool
has_plural(const char word[LIMIT_WORD_BYTES], size_t len)
{
	char plural[LIMIT_WORD_BYTES + 1];

	memcpy(plural, word, len);
	plural[len] = 's';
	return len < LIMIT_WORD_BYTES && is_in_dictionary((struct str) { plural, len + 1 });
}

/* Makes an infinitive of a verb's person. */
static void
to_infinitive(char word[LIMIT_WORD_BYTES], size_t *len)
{
	struct str form = { word, *len };

	if (!has_ending(form, STR("ons")) && (!has_ending(form, STR("ent")) || has_plural(word, *len)))
		return;
	(void)step(persons, sizeof(persons) / sizeof(persons[0]), word, len);
}

struct str
inflection_base(struct str form, char out[LIMIT_WORD_BYTES])
{
	size_t len = form.len;
	bool is_inflected = false;

	memcpy(out, form.p, len);
	for (int i = 0; i < STEPS_MAX && step(down, sizeof(down) / sizeof(down[0]), out, &len); i++)
		is_inflected = true;
	if (!step(up, sizeof(up) / sizeof(up[0]), out, &len) && !is_inflected)
		to_infinitive(out, &len);
	return (struct str) { out, len };
}
