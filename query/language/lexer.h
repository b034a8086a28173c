/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lexer: query text -> lexemes, by hand, one at a time.
 *
 *	="cessez le feu"~2   NEAR/5   ( l'OTAN   OU   bombard* ) ^2   date:2016
 *	QUOTE =, slop 2      NEAR 5   ( WORD     OR   WORD     ) BOOST DATE
 *
 * A word is a chunk: it ends at a space, a bracket, a quote, a comma that is not within a number, and
 * at what the language gives a meaning (^2, >=3).  All other signs stay inside, so that a hyphen, an
 * apostrophe, a URL, an e-mail address or 2023-2027 is never an operator; what words a chunk holds is
 * the analyzer's to say (words.h).
 *
 * Lexemes borrow the query text.
 */
#ifndef VOISIN_QUERY_LANGUAGE_LEXER_H
#define VOISIN_QUERY_LANGUAGE_LEXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

enum lex_kind {
	LEX_END,
	LEX_WORD, /* body: the chunk without its mark */
	LEX_QUOTE, /* body: what stands between the quotes; number: the slop */
	LEX_OPEN,
	LEX_CLOSE,
	LEX_COMMA,
	LEX_MINUS, /* the hyphen of -word */

	/* operators, in the order of precedence */
	LEX_NEAR, /* number */
	LEX_ADJ, /* number */
	LEX_SENT,
	LEX_PARA,
	LEX_NOT,
	LEX_AND,
	LEX_OR,
	LEX_MANY, /* atleast3: number */

	/* behind an operand */
	LEX_FIRST, /* DEBUT/50: number */
	LEX_BOOST, /* ^2: number, in thousandths */
	LEX_AT_LEAST, /* >=3: number */

	/* before an operand */
	LEX_TITLE, /* titre: */
	LEX_SOURCE, /* source:x  body: x */
	LEX_DATE /* date:x  body: x */
};

/* What stands right before a word or phrase. */
enum lex_mark {
	LEX_MARK_NONE,
	LEX_MARK_EXACT, /* = */
	LEX_MARK_STEM, /* ~ */
	LEX_MARK_LOOSE, /* ~~ */
	LEX_MARK_STRICT /* ~= */
};

struct lexeme {
	enum lex_kind kind;
	size_t off;
	size_t len;
	struct str body;
	bool url; /* LEX_WORD: its signs are no operators, stars neither */
	size_t body_off;
	enum lex_mark mark;
	uint32_t number;
	bool has_number;
};

/* To be copied for looking ahead. */
struct lexer {
	struct str text;
	size_t off;
	enum lex_kind before; /* kind of the last lexeme */
};

/* `text` is valid UTF-8 and borrowed. */
void lexer_init(struct lexer *lexer, struct str text);

/* Reads the next lexeme; LEX_END at the end, again and again. */
enum status lexer_next(struct lexer *lexer, struct lexeme *ret_lexeme, struct error *reterr) MUST_CHECK;

/* The mark at `off`, and in *ret_len its bytes. */
enum lex_mark lexer_mark_at(struct str text, size_t off, size_t *ret_len);

/* Whether a character is a space of any kind, or a control character. */
bool lexer_is_space(uint32_t c);

/* Whether a byte is an ASCII digit. */
bool lexer_is_digit(char c);

/* Whether a character may be a letter or digit: ASCII's, and beyond it all that is no common sign. */
bool lexer_is_letter(uint32_t c);

/* The character at `off`, or 0 at the end; and the one that ends before `off`, or 0 at the start. */
uint32_t lexer_char_at(struct str text, size_t off);
uint32_t lexer_char_before(struct str text, size_t off);

#endif
