/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stemmer/language.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/ascii.h"
#include "base/utf8.h"

enum {
	FR = 1 << 0,
	EN = 1 << 1,
	DE = 1 << 2,
	ES = 1 << 3,
	IT = 1 << 4,
	NL = 1 << 5,
	PT = 1 << 6,
	CA = 1 << 7,
	LANGUAGES = 8,
	WORD_BYTES = 16, /* of the longest that is counted, and one more */
	/* in per cent of all words */
	FRENCH_MIN = 12, /* of a text that is said to be French */
	OTHER_MIN = 18, /* of one in another language: in running text it is 30 to 45 */
	FRENCH_ABSENT = 5, /* and of one that is in no known language, if it has FOREIGN_WORDS */
	FOREIGN_WORDS = 80
};

static const char *const codes[LANGUAGES] = { "fr", "en", "de", "es", "it", "nl", "pt", "ca" };

/* Words without a meaning of their own, sorted by bytes, with the languages that have them.  An apostrophe ends a word. */
static const struct function_word {
	char word[WORD_BYTES];
	unsigned languages;
} function_words[] = {
	{ "a", FR | EN | ES | IT | PT | CA },
	{ "aan", NL },
	{ "aber", DE },
	{ "about", EN },
	{ "after", EN },
	{ "ai", IT },
	{ "ainsi", FR },
	{ "al", ES | IT | NL | CA },
	{ "all", EN | IT },
	{ "alla", IT },
	{ "alors", FR },
	{ "als", DE | NL | CA },
	{ "also", EN },
	{ "am", DE },
	{ "amb", CA },
	{ "an", EN | DE },
	{ "anche", IT },
	{ "ancora", IT },
	{ "and", EN },
	{ "ante", ES },
	{ "ao", PT },
	{ "aos", PT },
	{ "après", FR },
	{ "aquest", CA },
	{ "aquesta", CA },
	{ "are", EN },
	{ "as", EN | PT },
	{ "at", EN },
	{ "até", PT },
	{ "au", FR },
	{ "auch", DE },
	{ "auf", DE },
	{ "aus", DE },
	{ "aussi", FR },
	{ "aux", FR },
	{ "avaient", FR },
	{ "avait", FR },
	{ "avant", FR },
	{ "avec", FR },
	{ "años", ES },
	{ "be", EN },
	{ "been", EN },
	{ "bei", DE },
	{ "bij", NL },
	{ "bis", DE },
	{ "but", EN },
	{ "by", EN },
	{ "c", FR | IT },
	{ "can", EN },
	{ "car", FR },
	{ "ce", FR },
	{ "cela", FR },
	{ "celle", FR },
	{ "celui", FR },
	{ "ces", FR },
	{ "cet", FR },
	{ "cette", FR },
	{ "ceux", FR },
	{ "che", IT },
	{ "chez", FR },
	{ "ci", IT },
	{ "com", PT | CA },
	{ "come", IT },
	{ "comme", FR },
	{ "como", ES | PT },
	{ "con", ES | IT },
	{ "contra", ES },
	{ "contre", FR },
	{ "could", EN },
	{ "cuando", ES },
	{ "cui", IT },
	{ "d", FR | IT | CA },
	{ "da", IT | PT },
	{ "dal", IT },
	{ "dalla", IT },
	{ "dan", NL },
	{ "dans", FR },
	{ "das", DE | PT },
	{ "dass", DE },
	{ "dat", NL },
	{ "de", FR | ES | NL | PT | CA },
	{ "degli", IT },
	{ "dei", IT },
	{ "del", ES | IT | CA },
	{ "dell", IT },
	{ "della", IT },
	{ "delle", IT },
	{ "dels", CA },
	{ "dem", DE },
	{ "den", DE },
	{ "depois", PT },
	{ "depuis", FR },
	{ "der", DE },
	{ "des", FR | DE },
	{ "desde", ES },
	{ "després", CA },
	{ "deux", FR },
	{ "deze", NL },
	{ "di", IT },
	{ "did", EN },
	{ "die", DE | NL },
	{ "dit", NL },
	{ "do", EN | PT },
	{ "doit", FR },
	{ "donc", FR },
	{ "dont", FR },
	{ "door", NL },
	{ "dopo", IT },
	{ "dos", ES | PT | CA },
	{ "du", FR },
	{ "durante", ES },
	{ "durch", DE },
	{ "déjà", FR },
	{ "e", IT | PT },
	{ "een", NL },
	{ "ein", DE },
	{ "eine", DE },
	{ "einem", DE },
	{ "einen", DE },
	{ "einer", DE },
	{ "el", ES | CA },
	{ "ela", PT },
	{ "ele", PT },
	{ "eles", PT },
	{ "elle", FR },
	{ "elles", FR },
	{ "ellos", ES },
	{ "els", CA },
	{ "em", PT },
	{ "en", FR | ES | NL | CA },
	{ "encore", FR },
	{ "entre", FR | ES | PT | CA },
	{ "er", DE | NL },
	{ "era", ES | IT | PT },
	{ "es", DE | ES | CA },
	{ "ese", ES },
	{ "eso", ES },
	{ "essa", PT },
	{ "esse", PT },
	{ "essere", IT },
	{ "est", FR },
	{ "esta", ES },
	{ "este", ES },
	{ "está", ES | PT },
	{ "estão", PT },
	{ "et", FR },
	{ "eu", PT },
	{ "fait", FR },
	{ "fins", CA },
	{ "first", EN },
	{ "foi", PT },
	{ "for", EN },
	{ "foram", PT },
	{ "from", EN },
	{ "fue", ES },
	{ "für", DE },
	{ "geen", NL },
	{ "gegen", DE },
	{ "gli", IT },
	{ "ha", ES | IT | CA },
	{ "haar", NL },
	{ "haben", DE },
	{ "había", ES },
	{ "had", EN },
	{ "han", ES | CA },
	{ "hanno", IT },
	{ "has", EN },
	{ "hasta", ES },
	{ "hat", DE },
	{ "have", EN },
	{ "havia", CA },
	{ "hay", ES },
	{ "he", EN },
	{ "hebben", NL },
	{ "heeft", NL },
	{ "her", EN },
	{ "het", NL },
	{ "hi", CA },
	{ "hij", NL },
	{ "him", EN },
	{ "his", EN },
	{ "ho", CA },
	{ "how", EN },
	{ "hun", NL },
	{ "há", PT },
	{ "i", CA },
	{ "ich", DE },
	{ "if", EN },
	{ "ihr", DE },
	{ "ik", NL },
	{ "il", FR | IT },
	{ "ils", FR },
	{ "im", DE },
	{ "in", EN | DE | IT | NL },
	{ "into", EN },
	{ "io", IT },
	{ "is", EN | NL },
	{ "isso", PT },
	{ "ist", DE },
	{ "it", EN },
	{ "its", EN },
	{ "j", FR },
	{ "je", FR | NL },
	{ "jusqu", FR },
	{ "já", PT },
	{ "kan", NL },
	{ "kann", DE },
	{ "kunnen", NL },
	{ "l", FR | IT | CA },
	{ "la", FR | ES | IT | CA },
	{ "las", ES },
	{ "le", FR | ES | IT },
	{ "les", FR | ES | CA },
	{ "leur", FR },
	{ "leurs", FR },
	{ "lo", ES | IT },
	{ "loro", IT },
	{ "lors", FR },
	{ "lorsqu", FR },
	{ "los", ES },
	{ "lui", FR },
	{ "ma", FR | IT },
	{ "maar", NL },
	{ "mais", FR | PT },
	{ "man", DE },
	{ "mas", PT },
	{ "me", EN | ES | PT },
	{ "meer", NL },
	{ "mehr", DE },
	{ "men", NL },
	{ "mes", FR },
	{ "mesmo", PT },
	{ "met", NL },
	{ "mi", ES | IT },
	{ "mit", DE },
	{ "moet", NL },
	{ "moi", FR },
	{ "moins", FR },
	{ "molt", CA },
	{ "molto", IT },
	{ "mon", FR },
	{ "more", EN },
	{ "muito", PT },
	{ "muy", ES },
	{ "my", EN },
	{ "más", ES },
	{ "més", CA },
	{ "même", FR },
	{ "n", FR | CA },
	{ "na", NL | PT },
	{ "naar", NL },
	{ "nach", DE },
	{ "nas", PT },
	{ "ne", FR },
	{ "nel", IT },
	{ "nell", IT },
	{ "nella", IT },
	{ "nem", PT },
	{ "ni", ES },
	{ "nicht", DE },
	{ "niet", NL },
	{ "no", EN | ES | PT | CA },
	{ "noch", DE },
	{ "nog", NL },
	{ "non", IT },
	{ "nos", FR | ES | PT },
	{ "not", EN },
	{ "notre", FR },
	{ "nous", FR },
	{ "num", PT },
	{ "nur", DE },
	{ "não", PT },
	{ "o", ES | IT | PT | CA },
	{ "oder", DE },
	{ "of", EN | NL },
	{ "om", NL },
	{ "on", FR | EN | CA },
	{ "onder", NL },
	{ "only", EN },
	{ "ont", FR },
	{ "ook", NL },
	{ "op", NL },
	{ "or", EN },
	{ "os", PT },
	{ "otros", ES },
	{ "ou", FR | PT },
	{ "our", EN },
	{ "out", EN },
	{ "over", EN | NL },
	{ "où", FR },
	{ "par", FR },
	{ "para", ES | PT },
	{ "pas", FR },
	{ "pel", CA },
	{ "pela", PT },
	{ "pelo", PT },
	{ "pendant", FR },
	{ "per", IT | CA },
	{ "perché", IT },
	{ "pero", ES },
	{ "perquè", CA },
	{ "però", CA },
	{ "peut", FR },
	{ "più", IT },
	{ "plus", FR },
	{ "por", ES | PT },
	{ "porque", ES },
	{ "pour", FR },
	{ "puis", FR },
	{ "qu", FR },
	{ "quan", CA },
	{ "quand", FR },
	{ "quando", IT | PT },
	{ "que", FR | ES | PT | CA },
	{ "quem", PT },
	{ "questa", IT },
	{ "questo", IT },
	{ "qui", FR },
	{ "què", CA },
	{ "qué", ES },
	{ "s", CA },
	{ "sa", FR },
	{ "said", EN },
	{ "sans", FR },
	{ "schon", DE },
	{ "se", FR | ES | IT | PT },
	{ "sei", DE },
	{ "sein", DE },
	{ "seine", DE },
	{ "selon", FR },
	{ "sem", PT },
	{ "senza", IT },
	{ "ser", ES | PT | CA },
	{ "ses", FR },
	{ "seu", PT | CA },
	{ "seus", PT },
	{ "seva", CA },
	{ "she", EN },
	{ "si", FR | ES | IT | CA },
	{ "sich", DE },
	{ "sie", DE },
	{ "sin", ES },
	{ "sind", DE },
	{ "so", EN | DE },
	{ "sobre", ES | CA },
	{ "solo", IT },
	{ "some", EN },
	{ "son", FR | ES },
	{ "sono", IT },
	{ "sont", FR },
	{ "sous", FR },
	{ "stato", IT },
	{ "su", ES },
	{ "sua", IT | PT },
	{ "suas", PT },
	{ "sul", IT },
	{ "suo", IT },
	{ "sur", FR },
	{ "sus", ES },
	{ "são", PT },
	{ "só", PT },
	{ "sólo", ES },
	{ "són", CA },
	{ "también", ES },
	{ "també", CA },
	{ "também", PT },
	{ "te", NL },
	{ "tegen", NL },
	{ "tem", PT },
	{ "ter", PT },
	{ "than", EN },
	{ "that", EN },
	{ "the", EN },
	{ "their", EN },
	{ "them", EN },
	{ "there", EN },
	{ "these", EN },
	{ "they", EN },
	{ "this", EN },
	{ "ti", IT },
	{ "tinha", PT },
	{ "to", EN },
	{ "todo", ES },
	{ "todos", ES },
	{ "tot", NL | CA },
	{ "tous", FR },
	{ "tout", FR },
	{ "toute", FR },
	{ "toutes", FR },
	{ "tra", IT },
	{ "très", FR },
	{ "tutti", IT },
	{ "uit", NL },
	{ "um", DE | PT },
	{ "uma", PT },
	{ "un", FR | ES | IT | CA },
	{ "una", ES | IT | CA },
	{ "und", DE },
	{ "une", FR },
	{ "uno", ES },
	{ "unter", DE },
	{ "up", EN },
	{ "va", CA },
	{ "van", NL },
	{ "veel", NL },
	{ "vers", FR },
	{ "você", PT },
	{ "vom", DE },
	{ "von", DE },
	{ "voor", NL },
	{ "vor", DE },
	{ "vos", FR },
	{ "votre", FR },
	{ "vous", FR },
	{ "war", DE },
	{ "was", EN | NL },
	{ "wat", NL },
	{ "we", EN | NL },
	{ "wel", NL },
	{ "wenn", DE },
	{ "werd", NL },
	{ "werden", DE },
	{ "were", EN },
	{ "what", EN },
	{ "when", EN },
	{ "which", EN },
	{ "who", EN },
	{ "wie", DE },
	{ "will", EN },
	{ "wir", DE },
	{ "wird", DE },
	{ "with", EN },
	{ "worden", NL },
	{ "wordt", NL },
	{ "would", EN },
	{ "wurde", DE },
	{ "y", FR | ES },
	{ "ya", ES },
	{ "yo", ES },
	{ "you", EN },
	{ "your", EN },
	{ "ze", NL },
	{ "zich", NL },
	{ "zij", NL },
	{ "zijn", NL },
	{ "zo", NL },
	{ "zu", DE },
	{ "zum", DE },
	{ "zur", DE },
	{ "à", FR | PT },
	{ "è", IT },
	{ "é", PT },
	{ "és", CA },
	{ "étaient", FR },
	{ "était", FR },
	{ "été", FR },
	{ "être", FR },
	{ "über", DE },
};

/* Letters and words of a text, by language. */
struct counts {
	uint32_t words;
	uint32_t letters;
	uint32_t other_letters; /* of no alphabet that these languages are written in */
	uint32_t of[LANGUAGES];
	uint64_t recent; /* of the last words: a byte for each language */
	unsigned n_recent;
};

/* A word that is being read; one of WORD_BYTES or more is none of ours. */
struct reading {
	uint64_t first; /* its bytes as str_load() gives them, zeros behind */
	uint64_t rest;
	size_t len;
};

/* By hash: which row of the function words, and one more; 0 where there is none. */
enum { SLOT_BITS = 11 };
static uint16_t slots[1 << SLOT_BITS];
static uint64_t bytes_of[1 << LANGUAGES]; /* by a word's languages: 1 in the byte of each */
static pthread_once_t slots_once = PTHREAD_ONCE_INIT;

static struct reading
reading_of(const struct function_word *row)
{
	return (struct reading) { str_load((struct str) { row->word, sizeof(uint64_t) }),
		str_load((struct str) { row->word + sizeof(uint64_t), WORD_BYTES - sizeof(uint64_t) }), WORD_BYTES };
}

/* The slot that has the word, or the empty one where it belongs. */
static uint16_t *
slot_of(const struct reading *word)
{
	size_t i = ((word->first ^ word->rest * 31) * 0x9E3779B97F4A7C15u) >> (64 - SLOT_BITS);

	for (; slots[i] != 0; i = (i + 1) & ((1 << SLOT_BITS) - 1)) {
		struct reading row = reading_of(&function_words[slots[i] - 1]);

		if (row.first == word->first && row.rest == word->rest)
			break;
	}
	return &slots[i];
}

static void
fill_slots(void)
{
	for (size_t i = 0; i < sizeof(function_words) / sizeof(function_words[0]); i++) {
		struct reading word = reading_of(&function_words[i]);

		*slot_of(&word) = (uint16_t)(i + 1);
	}
	for (size_t i = 0; i < sizeof(bytes_of) / sizeof(bytes_of[0]); i++)
		for (unsigned language = 0; language < LANGUAGES; language++)
			bytes_of[i] |= (uint64_t)(i >> language & 1) << 8 * language;
}

static void
add_recent(struct counts *counts)
{
	for (unsigned i = 0; i < LANGUAGES; i++)
		counts->of[i] += (uint32_t)(counts->recent >> 8 * i & 0xFF);
	counts->recent = 0;
	counts->n_recent = 0;
}

/* Counts a word and begins the next one. */
static void
end_word(struct counts *counts, struct reading *word)
{
	size_t row;

	if (word->len == 0)
		return;
	counts->words++;
	row = word->len < WORD_BYTES ? *slot_of(word) : 0;
	if (row != 0)
		counts->recent += bytes_of[function_words[row - 1].languages];
	if (row != 0 && ++counts->n_recent == UINT8_MAX)
		add_recent(counts);
	*word = (struct reading) { 0, 0, 0 };
}

/* Of Latin, which is all that the languages above need, without ASCII: whether `c` is a letter, and the small one of it. */
static bool
is_latin(uint32_t c, uint32_t *ret_small)
{
	bool capital = c >= 0xC0 && c <= 0xDE && c != 0xD7;

	*ret_small = capital ? c + 0x20 : c;
	return capital || (c >= 0xDF && c <= 0x24F && c != 0xF7);
}

/* Greek and what is behind it, without the punctuation, symbols and forms that any text may have. */
static bool
is_other_letter(uint32_t c)
{
	return (c >= 0x370 && c < 0x2000) || (c >= 0x2C00 && c < 0x2E00) || (c >= 0x3040 && c < 0xE000) ||
	       (c >= 0xF900 && c < 0xFE00);
}

/* Adds n bytes, at most eight, zeros behind them. */
static void
add_bytes(struct reading *word, uint64_t bytes, size_t n)
{
	const size_t half = sizeof(bytes);

	if (word->len < half)
		word->first |= bytes << 8 * word->len;
	if (word->len > 0 && word->len <= half)
		word->rest |= bytes >> 8 * (half - word->len);
	else if (word->len > half && word->len < WORD_BYTES)
		word->rest |= bytes << 8 * (word->len - half);
	word->len += n;
}

/* A word that is too long stays too long. */
static void
add_letter(struct reading *word, uint32_t small)
{
	char bytes[sizeof(uint64_t)];
	size_t n = utf8_encode(small, bytes);

	if (word->len < WORD_BYTES)
		add_bytes(word, str_load((struct str) { bytes, n }), n);
}

/* Takes the ASCII letters at `off` into the word; returns what is behind them. */
static size_t
take_ascii(struct str text, size_t off, struct reading *word)
{
	unsigned n;

	do {
		uint64_t bytes = str_load((struct str) { text.p + off, text.len - off });

		n = ascii_letters(bytes);
		if (n > 0 && word->len < WORD_BYTES)
			add_bytes(word, ASCII_SMALL(bytes) & UINT64_MAX >> 8 * (sizeof(bytes) - n), n);
		off += n;
	} while (n == sizeof(uint64_t));
	return off;
}

/* Takes the character at *off, which is not ASCII. */
static void
take_wide(struct str text, size_t *off, struct reading *word, struct counts *counts)
{
	uint32_t c = utf8_next(text, off, NULL);
	uint32_t small;
	bool other;

	if (is_latin(c, &small)) {
		counts->letters++;
		add_letter(word, small);
		return;
	}
	end_word(counts, word);
	other = is_other_letter(c);
	counts->letters += other;
	counts->other_letters += other;
}

static void
count(struct str text, struct counts *counts)
{
	struct reading word = { 0, 0, 0 };

	for (size_t off = 0; off < text.len;) {
		size_t behind = take_ascii(text, off, &word);

		counts->letters += (uint32_t)(behind - off);
		off = behind;
		if (off == text.len)
			break;
		if ((unsigned char)text.p[off] >= 0x80) {
			take_wide(text, &off, &word, counts);
			continue;
		}
		end_word(counts, &word);
		off++;
	}
	end_word(counts, &word);
	add_recent(counts);
}

struct str
language_of(struct str text)
{
	struct counts counts = { 0 };
	uint32_t best = 0;

	(void)pthread_once(&slots_once, fill_slots);
	if (text.len > LANGUAGE_SAMPLE_BYTES)
		text.len = LANGUAGE_SAMPLE_BYTES;
	count(text, &counts);
	if (counts.letters > LANGUAGE_WORDS_MIN && counts.other_letters > counts.letters / 2)
		return STR("und");
	if (counts.words < LANGUAGE_WORDS_MIN)
		return STR("");
	for (uint32_t i = 1; i < LANGUAGES; i++) {
		if (counts.of[i] > counts.of[best])
			best = i;
	}
	if (best != 0 && counts.of[best] * 100 >= counts.words * OTHER_MIN && counts.of[best] * 2 >= counts.of[0] * 3)
		return str_of(codes[best]);
	if (counts.of[0] * 100 >= counts.words * FRENCH_MIN)
		return STR("fr");
	if (counts.words >= FOREIGN_WORDS && counts.of[0] * 100 < counts.words * FRENCH_ABSENT)
		return STR("und");
	return STR("");
}
