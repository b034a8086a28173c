/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/language/operators.h"

#include "base/bounds.h"
#include "base/limits.h"

enum number_rule {
	NUMBER_NEVER, /* ET/OU is prose */
	NUMBER_MAY, /* NEAR, NEAR/5 */
	NUMBER_MUST /* DEBUT/50; without a number it is a word */
};

struct operator_name {
	const char *name;
	enum lex_kind kind;
	enum number_rule number;
};

/* In upper case; PRÈS and DÉBUT in both of their Unicode spellings. */
static const struct operator_name names[] = {
	{ "AND", LEX_AND, NUMBER_NEVER },
	{ "ET", LEX_AND, NUMBER_NEVER },
	{ "OR", LEX_OR, NUMBER_NEVER },
	{ "OU", LEX_OR, NUMBER_NEVER },
	{ "NOT", LEX_NOT, NUMBER_NEVER },
	{ "SAUF", LEX_NOT, NUMBER_NEVER },
	{ "NEAR", LEX_NEAR, NUMBER_MAY },
	{ "PRES", LEX_NEAR, NUMBER_MAY },
	{ "PRÈS", LEX_NEAR, NUMBER_MAY },
	{ "PRE\u0300S", LEX_NEAR, NUMBER_MAY },
	{ "ADJ", LEX_ADJ, NUMBER_MAY },
	{ "AVANT", LEX_ADJ, NUMBER_MAY },
	{ "SENT", LEX_SENT, NUMBER_NEVER },
	{ "PHRASE", LEX_SENT, NUMBER_NEVER },
	{ "PARA", LEX_PARA, NUMBER_NEVER },
	{ "PARAGRAPHE", LEX_PARA, NUMBER_NEVER },
	{ "FIRST", LEX_FIRST, NUMBER_MUST },
	{ "DEBUT", LEX_FIRST, NUMBER_MUST },
	{ "DÉBUT", LEX_FIRST, NUMBER_MUST },
	{ "DE\u0301BUT", LEX_FIRST, NUMBER_MUST },
};

/* The press databases' spellings, in either case; a number follows where `number` says so. */
static const struct operator_name press_names[] = {
	{ "w/s", LEX_SENT, NUMBER_NEVER },
	{ "w/p", LEX_PARA, NUMBER_NEVER },
	{ "/s", LEX_SENT, NUMBER_NEVER },
	{ "/p", LEX_PARA, NUMBER_NEVER },
	{ "w/", LEX_NEAR, NUMBER_MUST },
	{ "pre/", LEX_ADJ, NUMBER_MUST },
	{ "atleast", LEX_MANY, NUMBER_MUST },
};

uint32_t
operator_number(struct str digits)
{
	uint64_t number = 0;

	for (size_t i = 0; i < digits.len && number <= UINT32_MAX; i++)
		number = number * 10 + (uint64_t)(digits.p[i] - '0');
	return number < UINT32_MAX ? (uint32_t)number : UINT32_MAX;
}

static bool
all_digits(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	}
	return s.len > 0;
}

static char
ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* Whether `s` begins with `prefix`; where `any_case`, upper and lower ASCII letters are the same. */
static bool
begins(struct str s, struct str prefix, bool any_case)
{
	if (!any_case || s.len < prefix.len)
		return str_has_prefix(s, prefix);
	for (size_t i = 0; i < prefix.len; i++) {
		if (ascii_lower(s.p[i]) != ascii_lower(prefix.p[i]))
			return false;
	}
	return true;
}

static struct str
behind(struct str s, size_t n)
{
	return (struct str) { s.p + n, s.len - n };
}

/* Sets the number, within the limit of the operator's kind. */
static enum status
set_number(struct str digits, size_t off, struct lexeme *lexeme, struct error *reterr)
{
	bool is_distance = lexeme->kind == LEX_NEAR || lexeme->kind == LEX_ADJ;

	lexeme->number = operator_number(digits);
	lexeme->has_number = true;
	if (is_distance && lexeme->number > bound_get(BOUND_DISTANCE))
		return error_set(reterr, STATUS_LIMIT, off, "the distance is over LIMIT_DISTANCE (%d words)",
		    bound_get(BOUND_DISTANCE));
	if (!is_distance && lexeme->number > LIMIT_DOCUMENT_WORDS)
		return error_set(
		    reterr, STATUS_LIMIT, off, "the number is over LIMIT_DOCUMENT_WORDS (%d)", LIMIT_DOCUMENT_WORDS);
	if (!is_distance && lexeme->number == 0)
		return error_set(reterr, STATUS_INVALID, off, "the number must be 1 or more");
	return STATUS_OK;
}

/* NEAR/ or NEAR10: what stands behind the name of an operator that has a number. */
static enum status
read_numbered(const struct operator_name *row, struct str rest, size_t off, struct lexeme *lexeme, struct error *reterr)
{
	size_t name_len = strlen(row->name);

	if (rest.p[0] != '/')
		return error_set(reterr, STATUS_INVALID, off,
		    "%s and its number are written with a slash, try: %s/%.*s", row->name, row->name,
		    (int)(rest.len < 20 ? rest.len : 20), rest.p);
	if (!all_digits(behind(rest, 1)))
		return error_set(reterr, STATUS_INVALID, off + name_len + 1,
		    "the number behind %s/ is not a whole number, try: %s/%d", row->name, row->name,
		    OPERATOR_DISTANCE_DEFAULT);
	lexeme->kind = row->kind;
	return set_number(behind(rest, 1), off + name_len + 1, lexeme, reterr);
}

/* near/5, Near/5: surely meant as an operator. */
static enum status
refuse_lower_case(struct str chunk, size_t off, struct error *reterr)
{
	static const struct {
		const char *typed;
		const char *name;
	} rows[] = { { "near/", "NEAR/" }, { "pres/", "PRES/" }, { "près/", "PRÈS/" }, { "adj/", "ADJ/" },
		{ "avant/", "AVANT/" }, { "first/", "FIRST/" }, { "debut/", "DEBUT/" }, { "début/", "DÉBUT/" } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str typed = str_of(rows[i].typed);

		if (begins(chunk, typed, true) && all_digits(behind(chunk, typed.len)))
			return error_set(reterr, STATUS_INVALID, off, "operators are written in capitals, try: %s%.*s",
			    rows[i].name, (int)(chunk.len - typed.len < 20 ? chunk.len - typed.len : 20),
			    chunk.p + typed.len);
	}
	return STATUS_OK;
}

static enum status
read_press(struct str chunk, size_t off, struct lexeme *lexeme, struct error *reterr)
{
	for (size_t i = 0; i < sizeof(press_names) / sizeof(press_names[0]); i++) {
		struct str name = str_of(press_names[i].name);

		if (!begins(chunk, name, true))
			continue;
		if (press_names[i].number == NUMBER_NEVER && chunk.len == name.len) {
			lexeme->kind = press_names[i].kind;
			return STATUS_OK;
		}
		if (press_names[i].number == NUMBER_MUST && all_digits(behind(chunk, name.len))) {
			lexeme->kind = press_names[i].kind;
			return set_number(behind(chunk, name.len), off + name.len, lexeme, reterr);
		}
	}
	return refuse_lower_case(chunk, off, reterr);
}

/* Whether what follows a name makes it an operator with a number, well written or not. */
static bool
has_number(const struct operator_name *row, struct str rest)
{
	if (row->number == NUMBER_NEVER)
		return false;
	if (rest.p[0] != '/')
		return all_digits(rest);
	/* AVANT/APRÈS is prose; NEAR/x is not. */
	return row->kind != LEX_ADJ || row->name[1] == 'D' || rest.len == 1 || rest.p[1] == '-' ||
	       (rest.p[1] >= '0' && rest.p[1] <= '9');
}

/* SENT/3: surely meant as an operator. */
static enum status
refuse_number(const struct operator_name *row, struct str rest, size_t off, struct error *reterr)
{
	if ((row->kind != LEX_SENT && row->kind != LEX_PARA) || rest.p[0] != '/' || !all_digits(behind(rest, 1)))
		return STATUS_OK;
	return error_set(reterr, STATUS_INVALID, off, "%s has no number, try: NEAR%.*s", row->name,
	    (int)(rest.len < 20 ? rest.len : 20), rest.p);
}

enum status
operator_read(struct str chunk, size_t off, struct lexeme *lexeme, struct error *reterr)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct str name = str_of(names[i].name);
		enum status status;

		if (!begins(chunk, name, false))
			continue;
		if (chunk.len > name.len) {
			if (has_number(&names[i], behind(chunk, name.len)))
				return read_numbered(&names[i], behind(chunk, name.len), off, lexeme, reterr);
			status = refuse_number(&names[i], behind(chunk, name.len), off, reterr);
			if (status != STATUS_OK)
				return status;
			continue;
		}
		if (names[i].number == NUMBER_MUST)
			break;
		lexeme->kind = names[i].kind;
		lexeme->number = OPERATOR_DISTANCE_DEFAULT;
		return STATUS_OK;
	}
	return read_press(chunk, off, lexeme, reterr);
}
