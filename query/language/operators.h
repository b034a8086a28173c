/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * operators: the names of operators, in English, in French and in the press databases' spelling.
 *
 * A name counts only as a whole chunk and in upper case; `w/5 pre/5 /s /p atleast3` are recognised in
 * lower case too, for no prose is written so.
 */
#ifndef VOISIN_QUERY_LANGUAGE_OPERATORS_H
#define VOISIN_QUERY_LANGUAGE_OPERATORS_H

#include <stdbool.h>

#include "query/language/lexer.h"

/* The words between the operands of NEAR and ADJ where no number is given. */
enum { OPERATOR_DISTANCE_DEFAULT = 10 };

/*
 * Looks a chunk up.  Sets kind, number and has_number of *lexeme where it is an operator, and leaves
 * it alone where it is not.  What looks like an operator and is written wrongly (NEAR/0x, near/5,
 * NEAR10) is refused.
 */
enum status operator_read(struct str chunk, size_t off, struct lexeme *lexeme, struct error *reterr) MUST_CHECK;

/* Reads `digits`, all of them ASCII digits; what is past UINT32_MAX gives UINT32_MAX. */
uint32_t operator_number(struct str digits);

#endif
