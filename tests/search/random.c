/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/search/random.h"

#include <stdio.h>
#include <string.h>

static const char *const words[] = { "alep", "armée", "armee", "arme", "rebelle", "rebelles", "feu", "de", "la",
	"cessez-le-feu", "trêve", "treve", "publie", "publié", "l'armée", "Alep-Est" };
static const char *const marks[] = { " ", " ", " ", " ", ", ", ". ", ".\n\n" };

/* Names of one word, of two and of three, some of which are parts of others. */
const char random_names[] = "alep, trêve, cessez-le-feu\n"
			    "rebelle, de la, feu\n"
			    "armée, la armée\n"
			    "publie, Alep-Est, arme\n";

static uint64_t state64;

void
random_seed(uint64_t seed)
{
	state64 = seed;
}

unsigned
random_below(unsigned n)
{
	/* xorshift64 (Marsaglia 2003) */
	state64 ^= state64 << 13;
	state64 ^= state64 >> 7;
	state64 ^= state64 << 17;
	return (unsigned)(state64 % n);
}

static const char *
word(void)
{
	return words[random_below(sizeof(words) / sizeof(words[0]))];
}

static void
add(char *out, size_t size, const char *text)
{
	size_t used = strlen(out);

	(void)snprintf(out + used, size - used, "%s", text);
}

void
random_text(char *out, unsigned n)
{
	out[0] = '\0';
	for (unsigned i = 0; i < n; i++) {
		add(out, RANDOM_TEXT_BYTES, i == 0 ? "" : marks[random_below(sizeof(marks) / sizeof(marks[0]))]);
		add(out, RANDOM_TEXT_BYTES, word());
	}
}

static void operand(char *out, int depth);

static void
near(char *out, int depth)
{
	static const char *const operators[] = { "NEAR/0", "NEAR/2", "NEAR", "ADJ/1", "ADJ/5", "NOT NEAR/2", "SENT",
		"PARA" };

	add(out, RANDOM_QUERY_BYTES, "(");
	operand(out, depth - 1);
	add(out, RANDOM_QUERY_BYTES, " ");
	add(out, RANDOM_QUERY_BYTES, operators[random_below(sizeof(operators) / sizeof(operators[0]))]);
	add(out, RANDOM_QUERY_BYTES, " ");
	operand(out, depth - 1);
	add(out, RANDOM_QUERY_BYTES, ")");
}

static void
random_phrase(char *out)
{
	unsigned n = 2 + random_below(2);

	add(out, RANDOM_QUERY_BYTES, "\"");
	for (unsigned i = 0; i < n; i++) {
		add(out, RANDOM_QUERY_BYTES, i > 0 ? " " : "");
		add(out, RANDOM_QUERY_BYTES, word());
	}
	add(out, RANDOM_QUERY_BYTES, random_below(2) == 0 ? "\"" : "\"~1");
}

/* What may stand on a side of NEAR. */
static void
operand(char *out, int depth)
{
	switch (depth > 0 ? random_below(8) : random_below(5)) {
	case 0:
		add(out, RANDOM_QUERY_BYTES, "=");
		add(out, RANDOM_QUERY_BYTES, word());
		break;
	case 1: add(out, RANDOM_QUERY_BYTES, "\"de la\""); break;
	case 2: add(out, RANDOM_QUERY_BYTES, "\"la * feu\"~1"); break;
	case 3: random_phrase(out); break;
	case 4: add(out, RANDOM_QUERY_BYTES, word()); break;
	case 5:
		add(out, RANDOM_QUERY_BYTES, "(");
		operand(out, depth - 1);
		add(out, RANDOM_QUERY_BYTES, " OR ");
		operand(out, depth - 1);
		add(out, RANDOM_QUERY_BYTES, ")");
		break;
	default: near(out, depth); break;
	}
}

void
random_query(char *out, int depth)
{
	static const char *const joins[] = { " AND ", " OR ", " AND NOT " };

	if (depth == 0 || random_below(3) == 0) {
		operand(out, depth);
		return;
	}
	add(out, RANDOM_QUERY_BYTES, "(");
	random_query(out, depth - 1);
	add(out, RANDOM_QUERY_BYTES, joins[random_below(3)]);
	random_query(out, depth - 1);
	add(out, RANDOM_QUERY_BYTES, ")");
}

/* What only random_wide_query() has: prefixes, more of exact forms, spellings with them, and one word. */
static void
wide_unit(char *out)
{
	static const char *const units[] = { "reb*", "pub*", "arm*", "tre*", "ale*", "=feu", "=treve", "~alep",
		"~~armee", "\"alep =rebelle\"", "\"la armé*\"", "=\"de la\"", "\"=armée alep\"~2", "alep*", "zzzz",
		"=zzzz", "zzz*" };

	add(out, RANDOM_QUERY_BYTES, units[random_below(sizeof(units) / sizeof(units[0]))]);
}

void
random_wide_query(char *out, int depth)
{
	static const char *const joins[] = { " AND ", " OR ", " AND NOT ", " NEAR/3 ", " ADJ/4 ", " SENT ", " PARA ",
		" NOT NEAR/2 " };
	static const char *const wholes[] = { " AND date:2016", " AND source:afp", " AND date:2015..2016",
		" AND NOT source:afp", " OR source:afp", " AND NOT date:2015" };
	unsigned join = random_below(depth > 1 ? 3 : sizeof(joins) / sizeof(joins[0]));

	if (depth == 0) {
		if (random_below(6) == 0)
			add(out, RANDOM_QUERY_BYTES, "titre:");
		if (random_below(2) == 0)
			wide_unit(out);
		else
			add(out, RANDOM_QUERY_BYTES, word());
		return;
	}
	add(out, RANDOM_QUERY_BYTES, "(");
	random_wide_query(out, depth - 1);
	add(out, RANDOM_QUERY_BYTES, joins[join]);
	random_wide_query(out, depth - 1);
	/* Of the whole article, so not under NEAR and its like. */
	if (depth > 1 && random_below(4) == 0)
		add(out, RANDOM_QUERY_BYTES, wholes[random_below(sizeof(wholes) / sizeof(wholes[0]))]);
	add(out, RANDOM_QUERY_BYTES, ")");
	if (random_below(4) == 0)
		add(out, RANDOM_QUERY_BYTES, random_below(2) == 0 ? "^2,5" : "^0,3");
	if (join > 2 && random_below(5) == 0)
		add(out, RANDOM_QUERY_BYTES, " FIRST/20");
}
