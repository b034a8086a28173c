/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line is compared by its folded words, as the analyzer cuts them: without accents, capitals,
 * punctuation and elided particles, so that "À lire :", "A LIRE:" and "L'article date..." need one
 * row each ("a lire", "article date").
 */
#include "indexer/boilerplate-rules.h"

#include <ctype.h>
#include <stdbool.h>

enum {
	LINE_BYTES = 240, /* a longer line is text, whatever it begins with */
	LINE_WORDS = 40,
	KEY_BYTES = 512, /* of the folded words of such a line */
	LABEL_WORDS = 4,
	TRACKER_DIGITS = 8 /* in one run: longer than dates and most sums */
};

enum where {
	ALONE, /* the whole line, which ends as no sentence does, but for a number before it: "3 commentaires" */
	BEFORE_COLON, /* what stands before the line's first colon */
	AT_START, /* the line begins so */
	IN_BRACKETS, /* the line begins so, and stands in brackets */
	OF_TAGS /* the whole line, and labels follow; or what stands before its first colon, and they are behind it */
};

struct rule {
	const char *words;
	enum where where;
};

static const struct rule rules[] = {
	{ "tags", OF_TAGS },
	{ "tag", OF_TAGS },
	{ "etiquettes", OF_TAGS },
	{ "etiquette", OF_TAGS },
	{ "mots cles", OF_TAGS },
	{ "mot cle", OF_TAGS },
	{ "mots clefs", OF_TAGS },
	{ "a lire", BEFORE_COLON },
	{ "a lire aussi", BEFORE_COLON },
	{ "a lire egalement", BEFORE_COLON },
	{ "a relire", BEFORE_COLON },
	{ "a voir", BEFORE_COLON },
	{ "a voir aussi", BEFORE_COLON },
	{ "a ecouter", BEFORE_COLON },
	{ "a ecouter aussi", BEFORE_COLON },
	{ "lire", BEFORE_COLON },
	{ "lire aussi", BEFORE_COLON },
	{ "lire egalement", BEFORE_COLON },
	{ "lire notre dossier", BEFORE_COLON },
	{ "lisez aussi", BEFORE_COLON },
	{ "lisez egalement", BEFORE_COLON },
	{ "lire la suite", BEFORE_COLON },
	{ "voir aussi", BEFORE_COLON },
	{ "voir egalement", BEFORE_COLON },
	{ "ecouter aussi", BEFORE_COLON },
	{ "sur le meme sujet", BEFORE_COLON },
	{ "sur le meme theme", BEFORE_COLON },
	{ "articles lies", BEFORE_COLON },
	{ "article lie", BEFORE_COLON },
	{ "articles similaires", BEFORE_COLON },
	{ "suivez nous", BEFORE_COLON },
	{ "partager", BEFORE_COLON },
	{ "partagez", BEFORE_COLON },
	{ "partager cet article", BEFORE_COLON },
	{ "partagez cet article", BEFORE_COLON },
	{ "partager ceci", BEFORE_COLON },
	{ "partager article", BEFORE_COLON },
	{ "share this", BEFORE_COLON },
	{ "credit photo", BEFORE_COLON },
	{ "credits photo", BEFORE_COLON },
	{ "a lire aussi", ALONE },
	{ "lire aussi", ALONE },
	{ "a lire egalement", ALONE },
	{ "lire la suite", ALONE },
	{ "sur le meme sujet", ALONE },
	{ "articles similaires", ALONE },
	{ "articles lies", ALONE },
	{ "dans la meme rubrique", ALONE },
	{ "les plus lus", ALONE },
	{ "publicite", ALONE },
	{ "la suite apres cette publicite", ALONE },
	{ "la suite apres la publicite", ALONE },
	{ "la suite de article apres la publicite", ALONE },
	{ "commentaire", ALONE },
	{ "commentaires", ALONE },
	{ "reagir", ALONE },
	{ "reagir a cet article", ALONE },
	{ "ajouter un commentaire", ALONE },
	{ "ecrire un commentaire", ALONE },
	{ "laisser un commentaire", ALONE },
	{ "laissez un commentaire", ALONE },
	{ "laisser une reponse", ALONE },
	{ "poster un commentaire", ALONE },
	{ "publier un commentaire", ALONE },
	{ "leave a comment", ALONE },
	{ "leave a reply", ALONE },
	{ "post a comment", ALONE },
	{ "aucun commentaire", ALONE },
	{ "no comments", ALONE },
	{ "annuler la reponse", ALONE },
	{ "cancel reply", ALONE },
	{ "haut de page", ALONE },
	{ "retour en haut", ALONE },
	{ "retour a accueil", ALONE },
	{ "accueil", ALONE },
	{ "imprimer cet article", ALONE },
	{ "envoyer a un ami", ALONE },
	{ "envoyer cet article", ALONE },
	{ "article precedent", ALONE },
	{ "article suivant", ALONE },
	{ "previous article", ALONE },
	{ "next article", ALONE },
	{ "read more", ALONE },
	{ "en savoir plus", ALONE },
	{ "your e mail address will not be published", AT_START },
	{ "required fields are marked", AT_START },
	{ "votre adresse e mail ne sera pas publiee", AT_START },
	{ "votre adresse de messagerie ne sera pas publiee", AT_START },
	{ "champs obligatoires sont indiques", AT_START },
	{ "les champs obligatoires sont indiques", AT_START },
	{ "vous devez etre connecte pour", AT_START },
	{ "connectez vous pour commenter", AT_START },
	{ "cliquez ici pour", AT_START },
	{ "cliquez pour", AT_START },
	{ "click to share", AT_START },
	{ "click here to", AT_START },
	{ "inscrivez vous a notre newsletter", AT_START },
	{ "inscrivez vous a la newsletter", AT_START },
	{ "inscrivez vous a notre lettre", AT_START },
	{ "abonnez vous a notre", AT_START },
	{ "abonnez vous a la newsletter", AT_START },
	{ "recevez notre newsletter", AT_START },
	{ "recevez la newsletter", AT_START },
	{ "suivez nous sur", AT_START },
	{ "retrouvez nous sur", AT_START },
	{ "rejoignez nous sur", AT_START },
	{ "telechargez notre application", AT_START },
	{ "ce site utilise des cookies", AT_START },
	{ "ce site utilise akismet", AT_START },
	{ "en poursuivant votre navigation", AT_START },
	{ "en continuant a naviguer", AT_START },
	{ "nous utilisons des cookies", AT_START },
	{ "copyright", AT_START },
	{ "tous droits reserves", AT_START },
	{ "tous droits de reproduction", AT_START },
	{ "reproduction interdite", AT_START },
	{ "article date", IN_BRACKETS },
	{ "article publie", IN_BRACKETS },
	{ "article a ete publie", IN_BRACKETS },
	{ "article mis a jour", IN_BRACKETS },
	{ "cet article", IN_BRACKETS },
	{ "mis a jour", IN_BRACKETS },
	{ "mise a jour", IN_BRACKETS },
	{ "derniere mise a jour", IN_BRACKETS },
};

/* Where a line holds nothing but these, networks and verbs of sharing, it is a row of buttons. */
static const char *const share_words[] = { "partager", "partagez", "partage", "tweeter", "tweet", "retweeter", "aimer",
	"aime", "imprimer", "envoyer", "envoyez", "enregistrer", "share", "print", "like", "epingler", "copier",
	"facebook", "twitter", "whatsapp", "linkedin", "pinterest", "telegram", "messenger", "instagram", "google",
	"flipboard", "reddit", "tumblr", "youtube", "email", "courriel", "pocket", "viber", "skype", "mastodon",
	"bluesky", NULL };
static const char *const share_joints[] = { "sur", "par", "on", "via", "by", "e", "mail", "le", "lien", "link", "plus",
	"et", "and", "cet", "article", "cela", "ceci", "j", "x", "this", NULL };

/* A line as it is compared. */
struct key {
	char words[KEY_BYTES]; /* "a lire aussi", with a blank behind each word */
	size_t len;
	size_t n;
	size_t n_before_colon; /* bytes of `words`; 0 where the line has no colon behind a word */
	size_t number_len; /* bytes of the words that are numbers, at the start */
	bool all_share; /* networks, verbs, and what joins them */
	size_t n_networks; /* how many of the words are networks or verbs */
};

static bool
is_among(struct str word, const char *const *words)
{
	for (size_t i = 0; words[i] != NULL; i++) {
		if (str_eq(word, str_of(words[i])))
			return true;
	}
	return false;
}

static bool
is_number(struct str word)
{
	for (size_t i = 0; i < word.len; i++) {
		if (!isdigit((unsigned char)word.p[i]))
			return false;
	}
	return word.len > 0;
}

static void
add_word(struct key *key, struct str word)
{
	bool network = is_among(word, share_words);

	if (is_number(word) && key->number_len == key->len)
		key->number_len = key->len + word.len + 1;
	key->all_share = key->all_share && (network || is_among(word, share_joints));
	key->n_networks += network;
	memcpy(key->words + key->len, word.p, word.len);
	key->words[key->len + word.len] = ' ';
	key->len += word.len + 1;
	key->n++;
}

/* False for a line that is too long, or too odd, to be boilerplate. */
static enum status
make_key(struct analyzer *analyzer, struct str line, struct key *ret_key, bool *ret_made, struct error *reterr)
{
	const char *colon = memchr(line.p, ':', line.len);
	const size_t colon_off = colon != NULL ? (size_t)(colon - line.p) : 0;
	struct key key = { .all_share = true };
	const struct token *tokens;
	size_t n;
	enum status status;

	*ret_made = false;
	if (line.len > LINE_BYTES)
		return STATUS_OK;
	status = analyzer_run(analyzer, line, 1, &tokens, &n, reterr);
	if (status != STATUS_OK || n > LINE_WORDS)
		return status;
	for (size_t i = 0; i < n; i++) {
		struct str word = tokens[i].word->folded;

		if (key.len + word.len + 1 > sizeof(key.words))
			return STATUS_OK;
		add_word(&key, word);
		if (tokens[i].off < colon_off)
			key.n_before_colon = key.len;
	}
	*ret_key = key;
	*ret_made = true;
	return STATUS_OK;
}

static bool
begins(struct str words, const char *rule)
{
	struct str wanted = str_of(rule);

	return str_has_prefix(words, wanted) && words.p[wanted.len] == ' ';
}

static bool
is_all(struct str words, const char *rule)
{
	return begins(words, rule) && words.len == str_of(rule).len + 1;
}

static bool
in_brackets(struct str line)
{
	return line.len > 2 &&
	       ((line.p[0] == '(' && line.p[line.len - 1] == ')') || (line.p[0] == '[' && line.p[line.len - 1] == ']'));
}

/* Whether a line ends as a sentence does. */
static bool
is_sentence(struct str line)
{
	const size_t wide = sizeof("…") - 1;

	if (memchr(".!?", line.p[line.len - 1], 3) != NULL)
		return true;
	return line.len > wide && memcmp(line.p + line.len - wide, "…", wide) == 0;
}

static bool
obeys(const struct rule *rule, const struct key *key, struct str line)
{
	const struct str all = { key->words, key->len };
	const struct str unnumbered = { key->words + key->number_len, key->len - key->number_len };
	const struct str before = { key->words, key->n_before_colon };

	switch (rule->where) {
	case ALONE: return !is_sentence(line) && (is_all(all, rule->words) || is_all(unnumbered, rule->words));
	case BEFORE_COLON: return is_all(before, rule->words);
	case AT_START: return begins(all, rule->words);
	case IN_BRACKETS: return in_brackets(line) && begins(all, rule->words);
	case OF_TAGS: return is_all(all, rule->words) || is_all(before, rule->words);
	}
	return false;
}

static bool
is_url(struct str line)
{
	if (!str_has_prefix(line, STR("http://")) && !str_has_prefix(line, STR("https://")) &&
	    !str_has_prefix(line, STR("www.")))
		return false;
	for (size_t i = 0; i < line.len; i++) {
		if (isspace((unsigned char)line.p[i]))
			return false;
	}
	return true;
}

/* Digits and blanks alone, with a run of digits that is no date and no sum: "510578 01 03 1481125894 56". */
static bool
is_tracker(struct str line)
{
	size_t run = 0, longest = 0;

	for (size_t i = 0; i < line.len; i++) {
		if (!isdigit((unsigned char)line.p[i]) && line.p[i] != ' ')
			return false;
		run = line.p[i] == ' ' ? 0 : run + 1;
		longest = run > longest ? run : longest;
	}
	return longest >= TRACKER_DIGITS;
}

enum status
boilerplate_line_kind(struct analyzer *analyzer, struct str line, enum line_kind *ret_kind, struct error *reterr)
{
	struct key key;
	bool made;
	enum status status;

	*ret_kind = LINE_ASIDE;
	if (is_url(line) || is_tracker(line) || str_has_prefix(line, STR("©")))
		return STATUS_OK;
	*ret_kind = LINE_TEXT;
	status = make_key(analyzer, line, &key, &made, reterr);
	if (status != STATUS_OK || !made)
		return status;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (obeys(&rules[i], &key, line)) {
			*ret_kind =
			    rules[i].where == OF_TAGS && is_all((struct str) { key.words, key.len }, rules[i].words)
				? LINE_TAGS
				: LINE_ASIDE;
			return STATUS_OK;
		}
	}
	if (key.n > 0 && key.all_share && key.n_networks > 0)
		*ret_kind = key.n_networks > 1 ? LINE_ASIDE : LINE_SHARE;
	else if (key.n <= LABEL_WORDS && !is_sentence(line))
		*ret_kind = LINE_LABEL;
	return STATUS_OK;
}
