/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * chars: what a character is to the tokenizer.
 *
 * ASCII and the letters of Latin-1 are told by their bytes; the rest is decoded and looked up in
 * utf8proc's properties, after a short list of the signs that French typography uses as something
 * else than Unicode says (U+2019 as apostrophe, U+00B0 and U+00BA after n).
 *
 * Not for: what a character is written as in a word; that is normalize.h.
 */
#ifndef VOISIN_STEMMER_CHARS_H
#define VOISIN_STEMMER_CHARS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum char_class {
	CHAR_OTHER, /* separates words and says nothing: symbols, controls, what is not UTF-8 */
	CHAR_LETTER,
	CHAR_DIGIT,
	CHAR_EXTEND, /* goes on with a word, begins none: combining marks, soft hyphen, joiners */
	CHAR_SUPERSCRIPT, /* a small digit: part of a word behind a letter (m², CO₂), nothing behind a digit */
	CHAR_APOSTROPHE, /* also the prime, the grave and the acute that stand for it */
	CHAR_HYPHEN, /* also dashes */
	CHAR_SPACE,
	CHAR_NEWLINE,
	CHAR_PARAGRAPH, /* form feed, U+2029 */
	CHAR_STOP, /* . ! ? and the ellipsis */
	CHAR_COMMA, /* , ; */
	CHAR_QUOTE /* quotation marks and brackets, opening or closing */
};

/* The class of a code point. */
enum char_class char_class_of(uint32_t c);

/* The class of the character at text.p[off] (off < text.len) that is not ASCII, and its bytes. */
enum char_class char_class_decoded(struct str text, size_t off, size_t *ret_len);

/* In the header, so that the commonest characters cost no call. */
#define O CHAR_OTHER
#define L CHAR_LETTER
#define D CHAR_DIGIT
#define A CHAR_APOSTROPHE
#define H CHAR_HYPHEN
#define S CHAR_SPACE
#define N CHAR_NEWLINE
#define P CHAR_PARAGRAPH
#define T CHAR_STOP
#define C CHAR_COMMA
#define Q CHAR_QUOTE
/* clang-format off */
static const unsigned char char_class_ascii[128] = {
	O, O, O, O, O, O, O, O, O, S, N, N, P, N, O, O, /* 00: tab, line feed, vertical tab, form feed, return */
	O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, /* 10 */
	S, T, Q, O, O, O, O, A, Q, Q, O, O, C, H, T, O, /* 20:   ! " # $ % & ' ( ) * + , - . / */
	D, D, D, D, D, D, D, D, D, D, O, C, O, O, O, T, /* 30: 0-9 : ; < = > ? */
	O, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, /* 40: @ A-O */
	L, L, L, L, L, L, L, L, L, L, L, Q, O, Q, O, O, /* 50: P-Z [ \ ] ^ _ */
	A, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, /* 60: ` a-o */
	L, L, L, L, L, L, L, L, L, L, L, Q, O, Q, O, O, /* 70: p-z { | } ~ */
};
/* clang-format on */
#undef O
#undef L
#undef D
#undef A
#undef H
#undef S
#undef N
#undef P
#undef T
#undef C
#undef Q

/* The class of the character at text.p[off] (off < text.len), and how many bytes it takes. */
static inline enum char_class
char_class_at(struct str text, size_t off, size_t *ret_len)
{
	unsigned char byte = (unsigned char)text.p[off];

	if (byte < 0x80) {
		*ret_len = 1;
		return (enum char_class)char_class_ascii[byte];
	}
	return char_class_decoded(text, off, ret_len);
}

/* The class of the character at `off`, CHAR_OTHER at the end of the text. */
static inline enum char_class
char_class_peek(struct str text, size_t off)
{
	size_t len;

	return off < text.len ? char_class_at(text, off, &len) : CHAR_OTHER;
}

/* Whether a word may begin with this class. */
static inline bool char_class_is_word(enum char_class class)
{
	return class == CHAR_LETTER || class == CHAR_DIGIT;
}

/* Whether the letter is a capital; false for scripts that have none. */
bool char_is_upper(uint32_t c);
bool char_is_lower(uint32_t c);

/*
 * The lower-case ASCII letter or digit that a character is without accents ('e' for U+00C9),
 * 0 where there is none.  For the tables of French spellings, which are written in ASCII.
 */
char char_to_ascii(uint32_t c);

#endif
